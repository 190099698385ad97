//! Better settings: what was tried, as a table and a plot, and what can be done with it.

use serde_json::Value;

use super::chart::{Level, Thread, figure, legend, parallel};
use super::markup::{Element, Markup, element, tag, text};
use super::next_round::json;
use crate::domain::search::{Range, Search, Trial, TrialResult, ranges};
use crate::domain::words;

/// Where they are shown.
pub const SEARCH: &str = "search";

/// What it does, as a sentence.
const ABOUT: &str = "Settings are drawn at random and tried for a few passes; the better third goes on for three times as many. The validation rows decide; the test rows stay sealed.";

/// The same of a run that went on from another, in a sentence more.
const GOES_ON: &str = " Each choice goes on from what this run went on from.";

/// Minutes that can be asked for.
const MINUTES: [u32; 4] = [1, 5, 20, 60];

/// Trials of the table, which the plot shows in colour.
const LISTED: usize = 10;

/// Lines of the plot: more would be a surface.
const DRAWN: usize = 120;

/// Why there is nothing to search.
pub fn refusal(why: &str) -> Markup {
    text("p", "lead", why)
}

/// The search as far as it got; `unkept` says why it is not on the disk.
pub fn found(search: &Search, unkept: Option<&str>) -> Markup {
    let about = match search.recipe.start {
        Some(_) => format!("{ABOUT}{GOES_ON}"),
        None => ABOUT.to_owned(),
    };
    let ranked = ranked(search);
    let best = search.best();
    let lead = match best.and_then(|at| search.trials[at].result()) {
        None if search.trials.is_empty() => about.clone(),
        None => format!("Every one of {} settings diverged.", search.trials.len()),
        Some(result) => said(search, best == Some(0), result),
    };
    let unkept = unkept.map(|why| {
        text(
            "p",
            "fine",
            format_args!("It lasts as long as this tab: {why}."),
        )
    });
    let take = best.filter(|at| *at > 0).map(|_| {
        tag("button", "button button-primary button-small")
            .attr("type", "button")
            .test_id("take-settings")
            .attr("data-settings", json(&search.best_recipe()))
            .text("Use the best settings")
    });
    tag("div", "settings-search")
        .test_id("settings-search")
        .attr("role", "region")
        .attr("aria-label", "Better settings")
        .child(text("p", "lead", lead))
        .child(unkept)
        .child(controls(search.trials.is_empty(), take))
        .child((!ranked.is_empty()).then(|| {
            table(search, &ranked)
                .then(plot(search, &ranked))
                .then(text("p", "fine", about))
        }))
        .done()
}

/// Trials that came to something, the best first, by their places.
fn ranked(search: &Search) -> Vec<(usize, TrialResult)> {
    let trials = search.trials.iter().enumerate();
    let mut ranked: Vec<(usize, TrialResult)> = trials
        .filter_map(|(at, trial)| Some((at, trial.result()?)))
        .collect();
    let rung = |at: usize| search.trials[at].attempts.len();
    // Losses after few passes are not compared with losses after many.
    ranked.sort_by(|(one, a), (other, b)| {
        let further = rung(*other).cmp(&rung(*one));
        further.then(a.valid_loss.total_cmp(&b.valid_loss))
    });
    ranked
}

fn said(search: &Search, is_own_best: bool, best: TrialResult) -> String {
    let tried = match search.trials.len() {
        1 => "1 choice of settings".to_owned(),
        several => format!("{} choices of settings", words::count(several as u64)),
    };
    let spent = words::seconds(f64::from(search.spent()));
    let reached = |trial: Option<&Trial>, loss: f32| {
        let passes = trial.and_then(|trial| trial.attempts.last());
        format!(
            "a validation loss of {} after {}",
            words::figure(f64::from(loss)),
            match passes.map_or(0, |one| one.epochs) {
                1 => "1 pass".to_owned(),
                passes => format!("{passes} passes"),
            }
        )
    };
    let own = search.trials.first();
    let found = search.best().map(|at| &search.trials[at]);
    let best_reached = reached(found, best.valid_loss);
    let verdict = match own.and_then(Trial::result) {
        _ if is_own_best => "None was better than the run's own.".to_owned(),
        Some(result) => format!(
            "The best came to {best_reached}, the run's own to {}.",
            reached(own, result.valid_loss)
        ),
        None => format!("The best came to {best_reached}; the run's own diverged."),
    };
    format!("{tried} tried in {spent}. {verdict}")
}

fn controls(is_first: bool, take: Option<Element>) -> Markup {
    let ask = |id: String, minutes: String, words: String| {
        tag("button", "button button-small")
            .attr("type", "button")
            .attr("id", &id)
            .test_id(&id)
            .attr("data-view", SEARCH)
            .attr("data-into", SEARCH)
            .attr("data-knob-minutes", minutes)
            .text(words)
    };
    let verb = if is_first { "Search" } else { "Go on" };
    let offers = MINUTES.map(|minutes| {
        ask(
            format!("search-{minutes}"),
            minutes.to_string(),
            format!("{verb} for {minutes} min"),
        )
        .done()
    });
    // Asking for what was found ends what is under way.
    let stop = ask(
        "search-stop".to_owned(),
        String::new(),
        "Stop and show".to_owned(),
    );
    tag("div", "row")
        .child(take)
        .child(tag("div", "row only-idle").child(offers.into_iter().collect::<Markup>()))
        .child(tag("div", "row only-busy").child(stop))
        .done()
}

fn table(search: &Search, ranked: &[(usize, TrialResult)]) -> Markup {
    let ranges = ranges(&search.recipe);
    let names = ranges.iter().map(|range| range.label);
    let head = ["Trial"]
        .into_iter()
        .chain(names)
        .chain(["Passes", "Loss", "Score"])
        .map(|name| element("th").attr("scope", "col").text(name).done());
    let best = search.best();
    let lines = ranked.iter().take(LISTED).map(|(at, result)| {
        let trial = &search.trials[*at];
        let name = match at {
            0 => "as it was".to_owned(),
            at => format!("{}", at + 1),
        };
        let values = ranges
            .iter()
            .map(|range| text("td", "", shown(&search.value(trial, range))));
        element("tr")
            .class(if best == Some(*at) { "is-best" } else { "" })
            .child(element("th").attr("scope", "row").text(name))
            .children(values)
            .child(text(
                "td",
                "",
                trial.attempts.last().map_or(0, |one| one.epochs),
            ))
            .child(text("td", "", words::figure(f64::from(result.valid_loss))))
            .child(text("td", "", words::figure(f64::from(result.valid_score))))
    });
    let table = tag("table", "grid plain")
        .test_id("trials")
        .child(element("thead").child(element("tr").children(head)))
        .child(element("tbody").children(lines));
    let diverged = search.trials.len() - ranked.len();
    let beside = (diverged > 0).then(|| {
        text(
            "p",
            "fine",
            format_args!("{diverged} of {} diverged.", search.trials.len()),
        )
    });
    tag("div", "table-scroll")
        .attr("tabindex", 0)
        .child(table)
        .done()
        .then(beside)
}

fn plot(search: &Search, ranked: &[(usize, TrialResult)]) -> Markup {
    let ranges = ranges(&search.recipe);
    let losses = ranked
        .iter()
        .map(|(_, result)| f64::from(result.valid_loss));
    let (low, high) = losses.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), loss| {
        (low.min(loss), high.max(loss))
    });
    let mut levels: Vec<Level> = ranges
        .iter()
        .map(|range| Level {
            name: range.label.to_owned(),
            ends: range.ends().map(|end| shown(&end.into())),
        })
        .collect();
    levels.push(Level {
        name: "Validation loss".to_owned(),
        ends: [low, high].map(words::figure),
    });
    let best = search.best();
    // The best ones, and of the others as many as can be told apart, from all over.
    let step = ranked.len().saturating_sub(LISTED).div_ceil(DRAWN).max(1);
    let is_drawn = |rank: usize| rank < LISTED || rank.is_multiple_of(step);
    let threads: Vec<Thread> = ranked
        .iter()
        .enumerate()
        .filter(|(rank, _)| is_drawn(*rank))
        .rev()
        .map(|(rank, (at, result))| {
            let trial = &search.trials[*at];
            let place = |range: &Range| range.place(&search.value(trial, range));
            let loss = (f64::from(result.valid_loss) - low) / (high - low).max(f64::MIN_POSITIVE);
            Thread {
                places: ranges.iter().map(place).chain([Some(loss)]).collect(),
                class: match rank {
                    _ if best == Some(*at) => "line-own",
                    rank if rank < LISTED => "line-other",
                    _ => "line-faint",
                },
                words: format!(
                    "Trial {}: loss {}",
                    at + 1,
                    words::figure(f64::from(result.valid_loss))
                ),
            }
        })
        .collect();
    let key = legend(&[
        ("line-own", "best"),
        ("line-other", "next in the table"),
        ("line-faint", "others"),
    ]);
    let drawn = parallel("Settings and losses of all trials", &levels, &threads);
    tag("div", "charts")
        .child(figure("All trials", drawn, key))
        .done()
}

/// A setting as people read it.
fn shown(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 && number.abs() < 1e6 => format!("{number:.0}"),
        Some(number) => {
            let written = format!("{number:.1e}");
            let short: f64 = written.parse().unwrap_or(number);
            match short.abs() {
                1e-3..1e6 => short.to_string(),
                _ => written,
            }
        }
        None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recipe::{DataProfile, Method, Recipe};

    fn search() -> Search {
        let recipe = Recipe::suggest(vec!["text".into()], "label".into(), &DataProfile::empty())
            .with_method(Method::Lora, &DataProfile::empty());
        Search::new(recipe, 1e3)
    }

    #[test]
    fn before_the_first_trial_there_is_an_offer() {
        let made = found(&search(), None).into_string();
        assert!(made.contains("data-knob-minutes=\"5\"") && made.contains("Search for 5 min"));
        assert!(!made.contains("trials") && !made.contains("take-settings"));
    }

    #[test]
    fn the_best_can_be_taken_and_what_diverged_is_counted() {
        let mut search = search();
        for loss in [Some(0.5), Some(0.25), None, Some(0.75)] {
            let job = search.next().unwrap();
            let result = loss.map(|valid_loss| TrialResult {
                valid_loss,
                valid_score: 0.9,
            });
            search.told(&job, result, 2.0);
        }
        let made = found(&search, Some("the disk is full")).into_string();
        assert!(made.contains("data-settings="), "{made}");
        assert!(
            made.contains("1 of 4 diverged") || made.contains("1 of 3 diverged"),
            "{made}"
        );
        assert!(made.contains("as it was") && made.contains("line-own"));
        assert!(made.contains("the disk is full"));
    }

    #[test]
    fn settings_are_written_short() {
        assert_eq!(shown(&16.into()), "16");
        assert_eq!(shown(&0.00025.into()), "2.5e-4");
        assert_eq!(shown(&0.153.into()), "0.15");
    }
}
