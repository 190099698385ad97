//! Why a run on columns answers as it does, through the worker: what the page shows adds up, follows
//! edits, finds the planted column, and tells noise from it.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use burnish::domain::recipe::{DataProfile, Recipe};
use burnish::domain::report::{Prediction, RunReport};
use burnish::protocol::{Command, Event, RunId, TableId};
use burnish::worker::Disk;
use burnish::worker::assets::Assets;
use burnish::worker::port::Page;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::{finish, next, open_file, predict, view};

const TABLE: TableId = TableId(1);
const RUN: RunId = RunId(1);
const COLUMNS: [&str; 4] = ["noise_a", "planted", "colour", "noise_b"];

fn with_worker<F: AsyncFnOnce(Page)>(page: F) {
    let disk = Disk {
        interval: f64::INFINITY,
        ..Disk::default()
    };
    let folder = support::models();
    let folder = folder.parent().expect("models have a parent");
    support::with_worker(Assets::new(folder.to_owned()), disk, page);
}

/// `y` is three times `planted` and something for the colour; `kind` says whether that is much.
fn planted(rows: usize) -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut csv = "noise_a,planted,colour,noise_b,y,kind\n".to_owned();
    for _ in 0..rows {
        let planted: f64 = rng.random_range(-2.0..2.0);
        let colour = rng.random_range(0..3_usize);
        let y = 3.0 * planted + colour as f64 + rng.random_range(-0.3..0.3);
        writeln!(
            csv,
            "{:.3},{planted:.3},{},{},{y:.3},{}",
            rng.random_range(-1.0..1.0),
            ["red", "green", "blue"][colour],
            ["x", "y", "z"][rng.random_range(0..3_usize)],
            if y > 1.0 { "much" } else { "little" },
        )
        .unwrap();
    }
    csv
}

async fn tuned(page: &mut Page, target: &str, task: &str) -> RunReport {
    open_file(page, TABLE, "planted.csv", planted(360)).await;
    let mut decided = Recipe::suggest(Vec::new(), String::new(), &DataProfile::empty());
    decided.task = task.to_owned();
    let command = Command::Suggest {
        table: TABLE,
        text: Vec::new(),
        columns: COLUMNS.map(str::to_owned).into(),
        target: target.to_owned(),
        decided: Some(Box::new(decided)),
        task: None,
    };
    page.send(command, Vec::new());
    let mut recipe = next(page, |event| match event {
        Event::Suggested { recipe, .. } => recipe,
        _ => None,
    })
    .await;
    let network = &mut recipe.table.as_mut().expect("a table is learned").network;
    network.members = network.members.min(8);
    network.width = 32;
    network.folds = 3;
    network.epochs = 60;
    let command = Command::Train {
        run: RUN,
        table: TABLE,
        recipe,
    };
    page.send(command, Vec::new());
    finish(page).await
}

/// What stands in the elements of a class, without markup.
fn texts(markup: &str, class: &str) -> Vec<String> {
    let open = format!("class=\"{class}\"");
    let mut found = Vec::new();
    for (at, _) in markup.match_indices(&open) {
        let from = at + markup[at..].find('>').unwrap() + 1;
        let mut words = String::new();
        let mut is_tag = false;
        for letter in markup[from..].split("</t").next().unwrap().chars() {
            match letter {
                '<' => is_tag = true,
                '>' => is_tag = false,
                letter if !is_tag => words.push(letter),
                _ => {}
            }
        }
        found.push(words);
    }
    found
}

fn number(words: &str) -> f64 {
    let figure = words.split(" ±").next().unwrap();
    let figure = figure.replace('−', "-").replace(',', "");
    figure.trim_start_matches('+').parse().unwrap()
}

/// The cells of a row as its fields hold them.
fn cells(screen: &str) -> BTreeMap<String, String> {
    let part = &screen[screen.find("data-part=\"explanation\"").unwrap()..];
    let part = &part[..part.find('>').unwrap()];
    (0..COLUMNS.len())
        .map(|at| {
            let name = format!("cell{at}");
            let from = part.find(&format!("data-knob-{name}=\"")).unwrap() + name.len() + 12;
            let cell = part[from..].split('"').next().unwrap();
            (name, cell.to_owned())
        })
        .collect()
}

#[test]
fn a_number_is_explained_by_its_columns() {
    with_worker(async |mut page| {
        let report = tuned(&mut page, "y", "regress").await;
        assert!(report.evaluation.metric("r2").unwrap() > 0.9);
        let screen = view(&mut page, RUN, "explain", &[]).await;
        assert_eq!(screen.matches("data-view=\"explanation\"").count(), 4 + 1);
        let own = cells(&screen);
        let mut knobs: Vec<(&str, &str)> = vec![("at", "0")];
        knobs.extend(
            own.iter()
                .map(|(name, cell)| (name.as_str(), cell.as_str())),
        );

        // Every method that promises a sum keeps it, and the sum is what the model says.
        let typed = |own: &BTreeMap<String, String>| -> Vec<(String, String)> {
            let names = COLUMNS.iter().enumerate();
            names
                .map(|(at, name)| ((*name).to_owned(), own[&format!("cell{at}")].clone()))
                .collect()
        };
        let Prediction::Number { value, .. } = predict(&mut page, RUN, typed(&own)).await else {
            panic!("a number was asked for")
        };
        for method in ["permutation_shap", "kernel_shap"] {
            let knobs = [&knobs[..], &[("method", method)]].concat();
            let made = view(&mut page, RUN, "explanation", &knobs).await;
            assert!(made.contains("They add up"), "{made}");
            let figures = texts(&made, "share-amount");
            assert_eq!(figures.len(), 1 + 4 + 1, "{figures:?}");
            let figures: Vec<f64> = figures.iter().map(|words| number(words)).collect();
            let sum: f64 = figures[..5].iter().sum();
            assert!((sum - figures[5]).abs() < 0.04, "{method}: {figures:?}");
            assert!((figures[5] - value).abs() < 0.01, "{value}: {figures:?}");
            assert!(!made.contains("explain-edited"));
        }
        // A column that says nothing of the planted table has nearly no share.
        let made = view(&mut page, RUN, "explanation", &knobs).await;
        let names = texts(&made, "share-name");
        assert!(
            ["planted", "colour"].contains(&names[0].as_str()),
            "{names:?}"
        );

        // Another cell, another answer; what the row itself gets is said beside it.
        let mut edited = own.clone();
        let far = if number(&own["cell1"]) > 0.0 {
            "-1.9"
        } else {
            "1.9"
        };
        edited.insert("cell1".to_owned(), far.to_owned());
        let Prediction::Number { value: other, .. } = predict(&mut page, RUN, typed(&edited)).await
        else {
            panic!("a number was asked for")
        };
        assert!((other - value).abs() > 1.0);
        let mut changed: Vec<(&str, &str)> = vec![("at", "0")];
        changed.extend(
            edited
                .iter()
                .map(|(name, cell)| (name.as_str(), cell.as_str())),
        );
        let made = view(&mut page, RUN, "explanation", &changed).await;
        let last = texts(&made, "share-amount").pop().unwrap();
        assert!((number(&last) - other).abs() < 0.01, "{last} and {other}");
        assert!(made.contains("1 cell is not the row&#39;s own"), "{made}");

        // The planted column counts most, and noise is called noise.
        let made = view(&mut page, RUN, "importance", &[]).await;
        assert_eq!(texts(&made, "share-name")[0], "planted", "{made}");
        let noise = made
            .split("Not distinguishable from noise: ")
            .nth(1)
            .expect(&made);
        let noise = noise.split('.').next().unwrap();
        assert!(
            noise.contains("noise_a") && noise.contains("noise_b"),
            "{noise}"
        );
        assert!(
            made.contains("The model relies on planted and colour."),
            "{made}"
        );
        let ends = texts(&made, "share-amount share-doubt");
        for (name, ends) in texts(&made, "share-name").iter().zip(ends) {
            let (low, high) = ends.split_once(" to ").unwrap();
            let [low, high] = [low, high].map(number);
            if name.starts_with("noise") {
                assert!(low <= 0.0 && high.abs() < 0.05, "{name}: {low} to {high}");
            } else {
                assert!(low > 0.5, "{name}: {low} to {high}");
            }
        }

        // Its curve rises, and it is the first that is followed.
        let made = view(&mut page, RUN, "dependence", &[]).await;
        let ends = made.split("y by planted: from ").nth(1).expect(&made);
        let (from, to) = ends
            .split(" on average")
            .next()
            .unwrap()
            .split_once(" to ")
            .unwrap();
        let rise = to.parse::<f64>().unwrap() - from.parse::<f64>().unwrap();
        // Twelve by the truth; a small network overshoots where rows are few.
        assert!(rise > 9.0 && rise < 16.0, "{from} to {to}");
        assert!(
            made.contains("line-row") && made.contains("line-other"),
            "{made}"
        );
        let made = view(&mut page, RUN, "dependence", &[("column", "2")]).await;
        let order = texts(&made, "share-name");
        assert_eq!(order, ["blue", "green", "red"], "the highest first");

        let made = view(&mut page, RUN, "interactions", &[]).await;
        assert_eq!(texts(&made, "share-name").len(), 6, "pairs of four: {made}");

        for (name, words) in [
            ("faithfulness", "random order"),
            ("near", "most alike"),
            ("map", "map-dot"),
        ] {
            let made = view(&mut page, RUN, name, &knobs).await;
            assert!(made.contains(words), "{name}: {made}");
        }
        let near = view(&mut page, RUN, "near", &knobs).await;
        assert!(
            near.contains("planted ") && near.contains(" · colour "),
            "{near}"
        );
    });
}

#[test]
fn the_smallest_change_is_put_into_the_row_and_turns_the_answer() {
    with_worker(async |mut page| {
        tuned(&mut page, "kind", "classify").await;
        let screen = view(&mut page, RUN, "explain", &[("at", "5")]).await;
        let own = cells(&screen);
        let mut knobs: Vec<(&str, &str)> = vec![("at", "5")];
        knobs.extend(
            own.iter()
                .map(|(name, cell)| (name.as_str(), cell.as_str())),
        );
        let answer = |made: &str| {
            let from = made.find("data-testid=\"explained-answer\">").expect(made) + 31;
            made[from..].split(',').next().unwrap().to_owned()
        };
        let before = view(&mut page, RUN, "explanation", &knobs).await;
        assert!(before.contains("log-odds of"), "{before}");
        let found = view(&mut page, RUN, "counterfactual", &knobs).await;
        let set = found.split("data-knob-set").nth(1).expect(&found);
        let (place, rest) = set.split_once("=\"").unwrap();
        let cell = rest.split('"').next().unwrap();
        let name = format!("set{place}");
        let put = [&knobs[..], &[("keep", "1"), (&name, cell)]].concat();
        let screen = view(&mut page, RUN, "one_row", &put).await;
        let now = cells(&screen);
        assert_eq!(now[&format!("cell{place}")], cell);
        let differs = own.iter().filter(|(name, cell)| now[*name] != **cell);
        assert_eq!(differs.count(), found.matches("data-knob-set").count());
        let mut changed: Vec<(&str, &str)> = vec![("at", "5")];
        changed.extend(
            now.iter()
                .map(|(name, cell)| (name.as_str(), cell.as_str())),
        );
        let after = view(&mut page, RUN, "explanation", &changed).await;
        assert_ne!(answer(&after), answer(&before), "{found}");
        // The next row begins with its own cells, whatever was typed into this one.
        let next = [&changed[..], &[("at", "6")]].concat();
        let screen = view(&mut page, RUN, "one_row", &next).await;
        assert_ne!(cells(&screen), now);
        assert!(
            view(&mut page, RUN, "explanation", &[("at", "6")])
                .await
                .contains("add up")
        );
        // A label that is not the answer can be explained too.
        let other = [&knobs[..], &[("label", "0")]].concat();
        let shares = view(&mut page, RUN, "explanation", &other).await;
        assert!(shares.contains("log-odds of little"), "{shares}");
        let made = view(&mut page, RUN, "importance", &[("metric", "accuracy")]).await;
        assert!(made.contains("Accuracy falls by, points"), "{made}");
    });
}
