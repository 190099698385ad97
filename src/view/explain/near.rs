//! The training rows that the model sees as most alike.

use crate::domain::words::{count, percent};
use crate::view::markup::{Markup, element, tag, text};

/// A training row near the explained one.
#[derive(Debug, Clone, PartialEq)]
pub struct NearRow {
    /// Its number in the table, from 0.
    pub row: u32,
    /// What it reads like.
    pub text: String,
    /// What it should be.
    pub truth: String,
    /// Cosine of the angle, -1 to 1.
    pub likeness: f64,
}

/// Training rows near a row, nearest first. `answer` is the label that the model gives it, where it
/// gives one.
pub fn near(rows: &[NearRow], answer: Option<&str>) -> Markup {
    let is_other = |row: &NearRow| answer.is_some_and(|answer| row.truth != answer);
    let said = match answer {
        Some(answer) => {
            let same = rows.iter().filter(|row| row.truth == answer).count();
            format!(
                "{same} of the {} training rows that the tuned model sees as most alike are {answer} as well.",
                rows.len()
            )
        }
        None => "The training rows that the tuned model sees as most alike.".to_owned(),
    };
    let items = rows.iter().map(|row| {
        tag("li", "cell-row")
            .child(text("p", "cell-text", &row.text))
            .child(
                tag("p", "cell-facts")
                    .child(text(
                        "span",
                        "",
                        format_args!("Row {}", count(u64::from(row.row) + 1)),
                    ))
                    .child(text(
                        "span",
                        if is_other(row) { "is-wrong" } else { "" },
                        format_args!("is {}", row.truth),
                    ))
                    .child(text(
                        "span",
                        "",
                        format_args!("{} alike", percent(row.likeness.max(0.0))),
                    )),
            )
    });
    element("div")
        .test_id("neighbours")
        .child(text("p", "", said))
        .child(tag("ul", "cell-list").children(items))
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_another_label_stand_out() {
        let row = |truth: &str, likeness| NearRow {
            row: 4,
            text: "a <b>".to_owned(),
            truth: truth.to_owned(),
            likeness,
        };
        let made = near(&[row("spam", 0.9), row("ham", -0.2)], Some("spam")).into_string();
        assert!(made.contains("1 of the 2 training rows"), "{made}");
        assert_eq!(made.matches("is-wrong").count(), 1);
        assert!(made.contains("Row 5") && made.contains("a &lt;b&gt;"));
    }
}
