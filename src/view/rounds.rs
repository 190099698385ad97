//! Two runs side by side: figures with their differences, and the rows whose answer turned.

use super::field::dressed;
use super::markup::{Markup, element, tag, text};
use super::next_round::ROUNDS;
use crate::domain::evaluation::{Flip, Rounds};
use crate::domain::words;

/// Rows that are listed of each kind.
const LISTED: usize = 30;

/// A comparison.
pub struct Compared<'a> {
    /// What is compared with what: names of the run before and after.
    pub names: [&'a str; 2],
    /// What was found.
    pub rounds: &'a Rounds,
    /// Whether the rows are test rows; validation rows else.
    pub is_test: bool,
    /// Other runs to compare with: id, name, whether it is this one.
    pub rivals: &'a [(u32, String, bool)],
    /// The text of a row.
    pub text: &'a dyn Fn(&Flip) -> String,
}

/// The comparison.
pub fn rounds(compared: &Compared) -> Markup {
    let Rounds {
        labels,
        rows,
        mended,
        figures,
        comparisons,
        fixed,
        broken,
        still_wrong,
    } = compared.rounds;
    let [before, after] = compared.names;
    let part = if compared.is_test {
        "test"
    } else {
        "validation"
    };
    let mended = match mended {
        0 => String::new(),
        1 => " The label of 1 of them was mended; the mended one counts for both.".to_owned(),
        several => {
            format!(" The labels of {several} of them were mended; the mended ones count for both.")
        }
    };
    let lead = match rows {
        0 => format!("No {part} row is held apart by both runs, so there is nothing to compare."),
        _ => format!(
            "{} that both runs hold apart.{mended}",
            words::count(u64::from(*rows)) + " " + part + if *rows == 1 { " row" } else { " rows" }
        ),
    };
    let head = ["", before, after, "Difference"].map(|cell| text("th", "", cell));
    let lines = figures
        .iter()
        .zip(comparisons)
        .map(|((name, was, is), found)| {
            element("tr")
                .child(text("th", "", name))
                .child(text("td", "", format!("{was:.3}")))
                .child(text("td", "", format!("{is:.3}")))
                .child(text("td", "", &found.sentence))
        });
    let list = |id: &str, title: String, flips: &[Flip]| {
        let items = flips.iter().take(LISTED).map(|flip| {
            let name = |label: u32| labels[label as usize].as_str();
            tag("li", "cell-row")
                .child(text("p", "cell-text", (compared.text)(flip)))
                .child(text(
                    "p",
                    "cell-facts",
                    format!(
                        "Row {}: is {}; was called {}, now {}, {} sure.",
                        words::count(u64::from(flip.row.0) + 1),
                        name(flip.truth),
                        name(flip.before),
                        name(flip.after),
                        words::percent(flip.probability.into())
                    ),
                ))
        });
        tag("div", "flips")
            .test_id(id)
            .child(text("h3", "", title))
            .child(tag("ul", "cell-list").children(items))
    };
    let asking = |knob: &str| {
        element("select")
            .attr("id", format_args!("rounds-{knob}"))
            .attr("data-knob", knob)
            .attr("data-view", ROUNDS)
            .attr("data-into", ROUNDS)
    };
    let rivals = (compared.rivals.len() > 1).then(|| {
        let options = compared.rivals.iter().map(|(id, name, is_chosen)| {
            element("option")
                .attr("value", id)
                .flag("selected", *is_chosen)
                .text(name)
        });
        dressed("Compare with", asking("with").children(options))
    });
    let parts = [("valid", "Validation rows"), ("test", "Test rows")].map(|(value, words)| {
        element("option")
            .attr("value", value)
            .flag("selected", compared.is_test == (value == "test"))
            .text(words)
    });
    let looked = compared.is_test.then(|| {
        text(
            "p",
            "fine",
            "This was a look at the test rows, and it is counted. Choose between runs by validation rows.",
        )
    });
    tag("div", "rounds")
        .test_id("rounds")
        .attr("role", "region")
        .attr("aria-label", "Two runs compared")
        .child(
            tag("div", "knobs")
                .child(rivals)
                .child(dressed("On", asking("part").children(parts))),
        )
        .child(text("p", "", lead))
        .child(looked)
        .child((*rows > 0).then(|| {
            tag("div", "table-scroll").child(
                tag("table", "grid plain")
                    .child(element("thead").child(element("tr").children(head)))
                    .child(element("tbody").children(lines)),
            )
        }))
        .child(list(
            "fixed",
            format!("Fixed: {}", words::rows(fixed.len() as u64)),
            fixed,
        ))
        .child(list(
            "broken",
            format!("Broken: {}", words::rows(broken.len() as u64)),
            broken,
        ))
        .child((*still_wrong > 0).then(|| {
            text(
                "p",
                "fine",
                format!(
                    "{} wrong both times, in another way.",
                    words::rows(u64::from(*still_wrong))
                ),
            )
        }))
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::table::RowId;

    #[test]
    fn flips_are_listed_with_what_was_said() {
        let flip = Flip {
            row: RowId(4),
            truth: 0,
            before: 1,
            after: 0,
            probability: 0.875,
        };
        let found = Rounds {
            labels: vec!["ham".to_owned(), "spam".to_owned()],
            rows: 12,
            mended: 1,
            figures: vec![("Accuracy".to_owned(), 0.5, 0.75)],
            comparisons: Vec::new(),
            fixed: vec![flip],
            broken: Vec::new(),
            still_wrong: 0,
        };
        let made = rounds(&Compared {
            names: ["before", "after"],
            rounds: &found,
            is_test: false,
            rivals: &[],
            text: &|flip| format!("text of {}", flip.row.0),
        })
        .into_string();
        assert!(made.contains("12 validation rows that both runs hold apart."));
        assert!(made.contains("text of 4"));
        assert!(made.contains("Row 5: is ham; was called spam, now ham"));
        assert!(made.contains("Fixed: 1"));
    }
}
