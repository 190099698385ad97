//! What columns do over many rows.

use super::{largest, signed_beside};
use crate::domain::evaluation::{AccumulatedEffects, ColumnImportance, Dependence};
use crate::domain::explanation::Output;
use crate::domain::metric::Metric;
use crate::domain::words::{count, percent, rows as row_count, short_number};
use crate::view::chart::{Axis, Plot, figure, legend, span, whisker};
use crate::view::markup::{Element, Markup, element, tag, text};

/// Names in a sentence at the most.
const MOST_NAMES: usize = 8;

/// A column that is worth less than this share of the most important one is said to be worth next to
/// nothing, however certain that is.
const LITTLE: f64 = 0.01;

/// From this strength on a pair is said to act together: H of columns that add up is not quite 0
/// either.
const TOGETHER: f64 = 0.1;

/// Rows of single values that are left out at both ends, to show where most of them are.
const TAIL: f64 = 0.1;

/// What each column is worth, with its interval, the largest first; which of them cannot be told from
/// nothing is said in words.
pub fn importance(found: &[ColumnImportance], metric: &dyn Metric, rows: usize) -> Markup {
    let scale = if metric.counts_in_points() {
        100.0
    } else {
        1.0
    };
    let ends = |one: &ColumnImportance| one.interval.map(|ends| ends.map(|end| end * scale));
    let all: Vec<f64> = found
        .iter()
        .flat_map(|one| [Some([one.loss * scale; 2]), ends(one)])
        .flatten()
        .flatten()
        .collect();
    let (low, high) = all.iter().fold((0.0_f64, 0.0_f64), |(low, high), &x| {
        (low.min(x), high.max(x))
    });
    // Digits enough for the ends of an interval near 0.
    let most = largest(&all) / 100.0;
    let drawn = found.iter().map(|one| {
        let class = if is_sure(one) { "bar-own" } else { "bar-other" };
        let interval = ends(one).map_or_else(String::new, |[low, high]| {
            format!(
                "{} to {}",
                signed_beside(low, most),
                signed_beside(high, most)
            )
        });
        element("tr")
            .child(
                element("th")
                    .attr("scope", "row")
                    .class("share-name")
                    .text(&one.column),
            )
            .child(tag("td", "share-amount").text(signed_beside(one.loss * scale, most)))
            .child(tag("td", "share-amount share-doubt").text(interval))
            .child(tag("td", "share-bar").child(span(
                [0.0, one.loss * scale],
                ends(one),
                [low, high],
                class,
            )))
    });
    let unit = if metric.counts_in_points() {
        ", points"
    } else {
        ""
    };
    let moved = if metric.is_higher_better() {
        format!("{} falls by{unit}", metric.name())
    } else {
        format!("{} rises by{unit}", metric.name())
    };
    element("div")
        .test_id("importance")
        .child(verdict(found))
        .child(table(&["Column", &moved, "95 % interval"], drawn))
        .child(text(
            "p",
            "fine",
            format_args!(
                "Each column's cells are shuffled over {} that the answering network did not learn from, three times. Of columns that tell the same, each looks worth little. Test rows are not among them.",
                row_count(rows as u64)
            ),
        ))
        .done()
}

/// Whether a column is worth something for certain.
fn is_sure(one: &ColumnImportance) -> bool {
    one.interval.is_some_and(|[low, _]| low > 0.0)
}

fn verdict(found: &[ColumnImportance]) -> Markup {
    let names = |of: &dyn Fn(&ColumnImportance) -> bool| -> Vec<&str> {
        let own = found.iter().filter(|one| of(one));
        own.map(|one| one.column.as_str()).collect()
    };
    let most = found.iter().fold(0.0, |most: f64, one| most.max(one.loss));
    let is_much = |one: &ColumnImportance| one.loss >= LITTLE * most;
    let much = names(&|one| is_sure(one) && is_much(one));
    let little = names(&|one| is_sure(one) && !is_much(one));
    let noise = names(&|one| !is_sure(one));
    let mut said = match much[..] {
        [] => "No column alone is worth anything for certain.".to_owned(),
        _ => format!("The model relies on {}.", listed(&much)),
    };
    if !little.is_empty() {
        said += &format!(" Next to nothing hangs on {}.", listed(&little));
    }
    said += &match noise[..] {
        [] => String::new(),
        [one] => format!(" {one} is not distinguishable from noise."),
        _ => format!(" Not distinguishable from noise: {}.", listed(&noise)),
    };
    text("p", "lead", said)
}

/// `a, b and c`, `a, b and 7 more`.
fn listed(names: &[&str]) -> String {
    let (shown, rest) = names.split_at(names.len().min(MOST_NAMES));
    match (shown, rest.len()) {
        ([one], 0) => (*one).to_owned(),
        ([all @ .., last], 0) => format!("{} and {last}", all.join(", ")),
        (shown, rest) => format!("{} and {} more", shown.join(", "), count(rest as u64)),
    }
}

/// A place that a column's cells are set to.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Where it lies on the column's axis; none where cells have no order.
    pub place: Option<f64>,
    /// What stands there.
    pub words: String,
}

/// A column whose cells are set to each of some values.
pub struct Followed<'a> {
    /// Its name.
    pub column: &'a str,
    /// What the answer is called: "Probability of spam", or the number's name.
    pub answer: &'a str,
    /// What is told of the answer.
    pub output: Output,
    /// The cells, ascending where they have an order.
    pub cells: &'a [Cell],
    /// Whether the places are moments, which the axis names by their cells.
    pub is_date: bool,
    /// The answers.
    pub found: &'a Dependence,
    /// The mean answer to the rows as they are.
    pub middle: f64,
    /// What moves rows that are there, where cells have an order.
    pub local: Option<&'a AccumulatedEffects>,
    /// Places of rows that are there.
    pub rows: &'a [f64],
}

/// How the answer moves with a column: single rows, their mean, and what it does where rows are.
pub fn dependence(followed: &Followed) -> Markup {
    let is_ordered = followed.cells.iter().all(|cell| cell.place.is_some());
    let drawn = if is_ordered && followed.cells.len() > 1 {
        curves(followed)
    } else {
        by_cell(followed)
    };
    element("div").test_id("dependence").child(drawn).done()
}

fn curves(followed: &Followed) -> Markup {
    let Followed {
        column,
        answer,
        output,
        cells,
        found,
        local,
        ..
    } = followed;
    let x: Vec<f64> = cells.iter().filter_map(|cell| cell.place).collect();
    let points = |values: &[f64]| -> Vec<(f64, f64)> {
        x.iter().copied().zip(values.iter().copied()).collect()
    };
    // Effects have a mean of 0 over the rows; around the mean answer they share the curve's axis.
    let effects: Vec<(f64, f64)> = local.map_or_else(Vec::new, |local| {
        let places = local.grid.iter().zip(&local.effects);
        places
            .map(|(&x, &effect)| (x, effect + followed.middle))
            .collect()
    });
    let values = || {
        let curves = found.curves.iter().flatten().copied();
        curves.chain(effects.iter().map(|point| point.1))
    };
    let (low, high) = (
        values().fold(f64::INFINITY, f64::min),
        values().fold(f64::NEG_INFINITY, f64::max),
    );
    let y = match output {
        Output::Number => Axis::number(answer, low, high),
        Output::Label(_) | Output::Has(_) => {
            Axis::share_between(&format!("{answer} (%)"), 0.0, high)
        }
    };
    let axis = if followed.is_date {
        let last = cells.len() - 1;
        let mut ticks: Vec<usize> = vec![0, last / 2, last];
        ticks.dedup();
        let words = |at: usize| (x[at], cells[at].words.clone());
        Axis::named(column, ticks.into_iter().map(words).collect())
    } else {
        Axis::number(column, x[0], x[x.len() - 1])
    };
    let label = format!(
        "{answer} by {column}: from {} to {} on average",
        said(*output, found.mean[0]),
        said(*output, found.mean[found.mean.len() - 1])
    );
    let mut plot = Plot::new(&label, axis, y);
    for curve in &found.curves {
        plot = plot.line(points(curve), "line-row");
    }
    plot = plot.rug(followed.rows.iter().copied());
    if !effects.is_empty() {
        plot = plot.line(effects.iter().copied(), "line-other");
    }
    plot = plot.line(points(&found.mean), "line-own");
    let mut keys = vec![
        ("line-own", "mean of all rows (partial dependence)"),
        ("line-row", "single rows (ICE)"),
    ];
    if local.is_some() {
        keys.push(("line-other", "where rows are (accumulated local effects)"));
    }
    let below = legend(&keys).then(text(
        "p",
        "fine",
        "Strokes above the axis are rows. Where the two thick lines part, the mean asks for rows that do not exist.",
    ));
    tag("div", "dependence")
        .child(figure(&format!("{answer} by {column}"), plot.done(), below))
        .done()
}

/// The answer at each cell of a column whose cells have no order, the highest first.
fn by_cell(followed: &Followed) -> Markup {
    let Followed {
        column,
        answer,
        output,
        cells,
        found,
        ..
    } = followed;
    let values = found.curves.iter().flatten().copied();
    let (low, high) = match output {
        Output::Number => values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
            (low.min(x), high.max(x))
        }),
        Output::Label(_) | Output::Has(_) => (0.0, 1.0),
    };
    let share = |value: f64| (value - low) / (high - low).max(f64::MIN_POSITIVE);
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by(|&a, &b| found.mean[b].total_cmp(&found.mean[a]));
    let drawn = order.into_iter().map(|at| {
        let mut own: Vec<f64> = found.curves.iter().map(|curve| curve[at]).collect();
        own.sort_by(f64::total_cmp);
        let at_share = |share: f64| own[(share * (own.len() - 1) as f64).round() as usize];
        let ends = [at_share(TAIL), at_share(1.0 - TAIL)];
        element("tr")
            .child(
                element("th")
                    .attr("scope", "row")
                    .class("share-name")
                    .text(&cells[at].words),
            )
            .child(tag("td", "share-amount").text(said(*output, found.mean[at])))
            .child(tag("td", "share-amount share-doubt").text(format_args!(
                "{} to {}",
                said(*output, ends[0]),
                said(*output, ends[1])
            )))
            .child(tag("td", "share-bar").child(whisker(
                share(found.mean[at]),
                Some(ends.map(share)),
                "bar-own",
            )))
    });
    table(&[*column, *answer, "8 of 10 rows"], drawn)
        .then(text(
            "p",
            "fine",
            "The mean over all rows when the cell is set to each value (partial dependence), and where single rows lie.",
        ))
}

/// A table whose rows end with a bar, which has no heading.
fn table(heads: &[&str], rows: impl IntoIterator<Item = Element>) -> Markup {
    let heads = heads
        .iter()
        .map(|words| element("th").attr("scope", "col").text(words));
    let head = element("tr").children(heads).child(element("td"));
    tag("table", "shares")
        .child(element("thead").child(head))
        .child(element("tbody").children(rows))
        .done()
}

fn said(output: Output, value: f64) -> String {
    match output {
        Output::Number => short_number(value),
        Output::Label(_) | Output::Has(_) => percent(value),
    }
}

/// Pairs of columns by what they do only together, 0 to 1, the strongest first.
pub fn interactions(pairs: &[(String, String, f64)], about: &str) -> Markup {
    let drawn = pairs.iter().map(|(first, second, strength)| {
        element("tr")
            .child(
                element("th")
                    .attr("scope", "row")
                    .class("share-name")
                    .text(format_args!("{first} with {second}")),
            )
            .child(tag("td", "share-amount").text(percent(*strength)))
            .child(tag("td", "share-bar").child(whisker(*strength, None, "bar-own")))
    });
    let said = match pairs.first() {
        Some((first, second, strength)) if *strength >= TOGETHER => format!(
            "{first} and {second} act together most: {} of what the two do, neither does alone.",
            percent(*strength)
        ),
        _ => "What these columns do adds up: none of them needs another one.".to_owned(),
    };
    element("div")
        .test_id("interactions")
        .child(text("p", "lead", said))
        .child(table(&["Columns", "Only together"], drawn))
        .child(text(
            "p",
            "fine",
            format_args!(
                "Friedman's H for {about}: 0 % where the effects of two columns add up, 100 % where neither does anything alone."
            ),
        ))
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::{Accuracy, Rmse};
    use crate::domain::words::NBSP;

    fn column(name: &str, loss: f64, interval: [f64; 2]) -> ColumnImportance {
        ColumnImportance {
            column: name.to_owned(),
            loss,
            interval: Some(interval),
        }
    }

    #[test]
    fn columns_that_cannot_be_told_from_noise_are_named() {
        let found = [
            column("Age", 0.4, [0.3, 0.5]),
            column("Hat", 0.003, [0.001, 0.005]),
            column("Noise", 0.01, [-0.02, 0.04]),
            // It was learned from, and is worth less than nothing.
            column("Hurts", -0.1, [-0.2, -0.05]),
        ];
        let made = importance(&found, &Accuracy, 80)
            .into_string()
            .replace(NBSP, " ");
        assert!(
            made.contains(
                "The model relies on Age. Next to nothing hangs on Hat. Not distinguishable from noise: Noise and Hurts."
            ),
            "{made}"
        );
        assert!(made.contains("falls by, points") && made.contains("+40.00"));
        assert!(made.contains("−2.00 to +4.00") && made.contains("80 rows"));
        let made = importance(&found[2..3], &Rmse, 80).into_string();
        assert!(
            made.contains("No column alone") && made.contains("rises by<"),
            "{made}"
        );
    }

    #[test]
    fn names_are_listed_and_the_rest_is_counted() {
        assert_eq!(listed(&["a"]), "a");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
        assert_eq!(listed(&["a"; 10]), "a, a, a, a, a, a, a, a and 2 more");
    }

    fn found() -> Dependence {
        Dependence {
            mean: vec![0.2, 0.6],
            curves: vec![vec![0.1, 0.5], vec![0.3, 0.7]],
            rows: vec![0, 1],
        }
    }

    fn cells(places: [Option<f64>; 2]) -> Vec<Cell> {
        let words = ["red", "green"].into_iter().zip(places);
        words
            .map(|(words, place)| Cell {
                place,
                words: words.to_owned(),
            })
            .collect()
    }

    #[test]
    fn an_ordered_column_is_three_kinds_of_lines_in_one_chart() {
        let local = AccumulatedEffects {
            grid: vec![1.0, 2.0],
            effects: vec![-0.1, 0.1],
            rows: vec![4],
        };
        let made = dependence(&Followed {
            column: "Age",
            answer: "Probability of yes",
            output: Output::Label(0),
            cells: &cells([Some(1.0), Some(2.0)]),
            is_date: false,
            found: &found(),
            middle: 0.4,
            local: Some(&local),
            rows: &[1.0, 1.5, 2.0],
        });
        let made = made.into_string();
        assert_eq!(made.matches("<svg class=\"plot\"").count(), 1);
        assert_eq!(
            made.matches("<path class=\"line-row\"").count(),
            2 + 1,
            "and its key"
        );
        assert_eq!(made.matches("<path class=\"line-other\"").count(), 2);
        assert_eq!(made.matches("v-6").count(), 3, "a stroke a row");
        assert!(
            made.contains("from 20.0\u{a0}% to 60.0\u{a0}% on average"),
            "{made}"
        );
    }

    #[test]
    fn cells_without_an_order_are_bars_the_highest_first() {
        let made = dependence(&Followed {
            column: "Colour",
            answer: "Price",
            output: Output::Number,
            cells: &cells([None, None]),
            is_date: false,
            found: &found(),
            middle: 0.4,
            local: None,
            rows: &[],
        });
        let made = made.into_string();
        assert!(made.find("green") < made.find("red"), "{made}");
        assert!(made.contains("0.600") && made.contains("0.500 to 0.700"));
        assert!(!made.contains("plot"));
    }

    #[test]
    fn pairs_that_add_up_are_said_to() {
        let pair = |strength| vec![("Age".to_owned(), "Sex".to_owned(), strength)];
        let made = interactions(&pair(0.5), "yes").into_string();
        assert!(made.contains("Age and Sex act together most"), "{made}");
        assert!(
            interactions(&pair(0.05), "yes")
                .as_str()
                .contains("adds up")
        );
    }
}
