//! The confusion matrix: a row for each true label, a column for each prediction.

use super::field::{choice, fields};
use super::markup::{Markup, element, tag, text};
use crate::domain::report::Evaluation;
use crate::domain::words;

/// Labels up to which a matrix can be read.
const MOST_LABELS: usize = 24;

/// Labels up to which cells are large.
const FEW_LABELS: usize = 4;

/// Shades between nothing and all, by the classes `shade-0` to `shade-10`.
const SHADES: f64 = 10.0;

/// The part that shows the rows behind a cell.
pub const CELL_ROWS: &str = "cell-rows";

/// In which order labels stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By their names.
    Names,
    /// Those of most rows first.
    Rows,
    /// Those of most mistakes first.
    Mistakes,
}

impl Order {
    const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Names, "names", "Names"),
        (Self::Rows, "rows", "Most rows first"),
        (Self::Mistakes, "mistakes", "Most mistakes first"),
    ];

    /// An order by its id; by names otherwise.
    pub fn find(id: &str) -> Self {
        let known = Self::ALL.into_iter().find(|(_, known, _)| *known == id);
        known.map_or(Self::Names, |(order, _, _)| order)
    }

    fn of(self, counts: &[Vec<u32>]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..counts.len()).collect();
        let rows = |at: usize| counts[at].iter().sum::<u32>();
        match self {
            Self::Names => {}
            Self::Rows => order.sort_by_key(|&at| std::cmp::Reverse(rows(at))),
            Self::Mistakes => {
                order.sort_by_key(|&at| std::cmp::Reverse(rows(at) - counts[at][at]));
            }
        }
        order
    }
}

/// The matrix with its knobs; with too many labels for one, words.
pub fn confusion(evaluation: &Evaluation, order: Order, are_rates: bool) -> Markup {
    let (labels, counts) = (&evaluation.labels, &evaluation.confusion);
    if labels.len() > MOST_LABELS {
        return text(
            "p",
            "fine",
            format_args!(
                "A table of {} labels cannot be read; the mistakes can.",
                labels.len()
            ),
        );
    }
    let shows = [("counts", "Rows"), ("rates", "Share of the true label (%)")];
    let shows = shows.map(|(id, words)| (id.to_owned(), words.to_owned()));
    let orders = Order::ALL.map(|(_, id, words)| (id.to_owned(), words.to_owned()));
    let chosen = Order::ALL.iter().find(|(known, _, _)| *known == order);
    let chosen = chosen.map_or("names", |(_, id, _)| id);
    let shown = if are_rates { "rates" } else { "counts" };
    let mut knobs = vec![choice(("confusion", "show"), "Shown", &shows, shown)];
    if labels.len() > 2 {
        knobs.push(choice(("confusion", "order"), "Order", &orders, chosen));
    }
    fields(knobs).then(matrix(labels, counts, &order.of(counts), are_rates))
}

/// The matrix of `counts[truth][predicted]`. Its cells ask for the rows behind them.
fn matrix(labels: &[String], counts: &[Vec<u32>], order: &[usize], are_rates: bool) -> Markup {
    let small = if labels.len() <= FEW_LABELS {
        " is-small"
    } else {
        ""
    };
    let head = order.iter().map(|&at| {
        element("th")
            .attr("scope", "col")
            .attr("title", &labels[at])
            .child(text("span", "", &labels[at]))
    });
    let body = order.iter().enumerate().map(|(down, &truth)| {
        let row = &counts[truth];
        let rows = row.iter().sum::<u32>().max(1);
        let cells = order.iter().enumerate().map(|(across, &predicted)| {
            let count = row[predicted];
            let share = f64::from(count) / f64::from(rows);
            let shown = match (count, are_rates) {
                (0, _) => "·".to_owned(),
                (_, true) => format!("{:.0}", 100.0 * share),
                (_, false) => words::count(count.into()),
            };
            let is_first = down + across == 0;
            element("td").child(cell(
                labels,
                (truth, predicted),
                count,
                share,
                shown,
                is_first,
            ))
        });
        element("tr")
            .child(
                element("th")
                    .attr("scope", "row")
                    .attr("title", &labels[truth])
                    .child(text("span", "", &labels[truth])),
            )
            .children(cells)
    });
    let table = element("table")
        .attr(
            "aria-label",
            "Confusion matrix: true labels in rows, predictions in columns",
        )
        .flag("data-arrows", true)
        .child(element("thead").child(element("tr").child(element("td")).children(head)))
        .child(element("tbody").children(body));
    tag("div", &format!("confusion{small}"))
        .child(
            tag("p", "axis-name axis-predicted")
                .attr("aria-hidden", "true")
                .text("Predicted"),
        )
        .child(
            tag("p", "axis-name axis-true")
                .attr("aria-hidden", "true")
                .text("True"),
        )
        .child(tag("div", "confusion-scroll").child(table))
        .done()
}

fn cell(
    labels: &[String],
    (truth, predicted): (usize, usize),
    count: u32,
    share: f64,
    shown: String,
    is_first: bool,
) -> Markup {
    let (is, called) = (&labels[truth], &labels[predicted]);
    let words = if truth == predicted {
        format!("{is}: {count} rightly called so")
    } else {
        format!("{is}: {count} called {called}")
    };
    let kind = match (count, truth == predicted) {
        (0, _) => " is-zero",
        (_, true) => " is-right",
        (_, false) => "",
    };
    // Small shares are seen too: the root spreads them.
    let shade = (share.sqrt() * SHADES).round();
    tag("button", &format!("confusion-cell shade-{shade}{kind}"))
        .attr("type", "button")
        .attr("id", format_args!("cell-{truth}-{predicted}"))
        .test_id(format_args!("confusion-cell-{is}-{called}"))
        .attr("aria-label", &words)
        .attr("title", &words)
        .attr("tabindex", if is_first { "0" } else { "-1" })
        .attr("data-view", "rows")
        .attr("data-into", CELL_ROWS)
        .attr("data-knob-cell", format_args!("{truth}-{predicted}"))
        .text(shown)
        .done()
}
