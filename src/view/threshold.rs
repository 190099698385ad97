//! A threshold for what a person wants, chosen on validation rows and judged on test rows.

use super::curves::label_choice;
use super::field::{choice, fields, number};
use super::markup::{Markup, element, tag, text};
use crate::domain::words;

/// What a threshold is chosen for, as set by a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// Index of the label.
    pub label: u32,
    /// `"f1"`, `"precision"`, `"recall"` or `"cost"`.
    pub goal: String,
    /// The wanted precision or recall, 0 to 1.
    pub wanted: f64,
    /// What a false alarm and a missed row cost.
    pub costs: [f64; 2],
}

/// What a threshold does on rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Called {
    /// Rows that are so and are called so.
    pub hits: u32,
    /// Rows that are not so and are called so.
    pub false_alarms: u32,
    /// Rows that are so and are not called so.
    pub missed: u32,
}

impl Called {
    fn precision(self) -> f64 {
        f64::from(self.hits) / f64::from((self.hits + self.false_alarms).max(1))
    }

    fn recall(self) -> f64 {
        f64::from(self.hits) / f64::from((self.hits + self.missed).max(1))
    }
}

/// The wish, and what comes of it: the threshold with what it does on the test rows, or why there is
/// none; beside what the most probable label does.
pub fn threshold(
    labels: &[String],
    wish: &Wish,
    found: Result<(f64, Called), String>,
    usual: Called,
) -> Markup {
    let label = &labels[wish.label as usize];
    let goals = [
        ("f1", "The best balance (F1)"),
        ("precision", "Few false alarms (a wanted precision)"),
        ("recall", "Few missed (a wanted recall)"),
        ("cost", "The lowest cost"),
    ];
    let goals = goals.map(|(id, words)| (id.to_owned(), words.to_owned()));
    let mut knobs = vec![
        label_choice("threshold", labels, wish.label),
        choice(("threshold", "goal"), "What matters", &goals, &wish.goal),
    ];
    match wish.goal.as_str() {
        "precision" | "recall" => knobs.push(number(
            ("threshold", "wanted"),
            "At least (%)",
            (wish.wanted * 1000.0).round() / 10.0,
            [1.0, 100.0],
            0.5,
        )),
        "cost" => {
            let [alarm, miss] = wish.costs;
            knobs.push(number(
                ("threshold", "alarm"),
                "A false alarm costs",
                alarm,
                [0.0, 1e9],
                0.1,
            ));
            knobs.push(number(
                ("threshold", "miss"),
                "A missed row costs",
                miss,
                [0.0, 1e9],
                0.1,
            ));
        }
        _ => {}
    }
    let (lead, chosen) = match found {
        Ok((threshold, called)) => (
            format!("Call a row {label} from {} on.", words::percent(threshold)),
            Some((format!("From {} on", words::percent(threshold)), called)),
        ),
        Err(why) => (why, None),
    };
    let mut lines = vec![("The most probable label".to_owned(), usual)];
    lines.extend(chosen);
    let lines = lines.into_iter().map(|(name, called)| {
        let cost = f64::from(called.false_alarms) * wish.costs[0]
            + f64::from(called.missed) * wish.costs[1];
        let cost = (wish.goal == "cost").then(|| text("td", "num", words::short_number(cost)));
        element("tr")
            .child(element("th").attr("scope", "row").text(name))
            .child(text("td", "num", words::percent(called.precision())))
            .child(text("td", "num", words::percent(called.recall())))
            .child(text("td", "num", words::count(called.false_alarms.into())))
            .child(text("td", "num", words::count(called.missed.into())))
            .child(Markup::from(cost))
    });
    let mut heads = vec![
        "On the test rows",
        "Precision",
        "Recall",
        "False alarms",
        "Missed",
    ];
    if wish.goal == "cost" {
        heads.push("Cost");
    }
    let heads = heads.into_iter().enumerate().map(|(at, head)| {
        tag("th", if at == 0 { "" } else { "num" })
            .attr("scope", "col")
            .text(head)
    });
    fields(knobs)
        .then(tag("p", "lead").test_id("threshold").text(lead))
        .then(
            tag("div", "table-scroll").child(
                tag("table", "grid plain")
                    .child(element("thead").child(element("tr").children(heads)))
                    .child(element("tbody").children(lines)),
            ),
        )
        .then(text(
            "p",
            "fine",
            "The threshold is chosen on the validation rows and judged on the test rows: chosen where it is judged, it would flatter.",
        ))
}
