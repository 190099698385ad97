//! What would have to be different for another answer.

use super::controls::ONE_ROW;
use super::words::words as marked;
use crate::domain::explanation::Word;
use crate::view::markup::{Markup, element, tag, text};

/// Words without which the answer is another one, struck out in the text.
pub fn without_words(
    text_of_row: &str,
    words: &[Word],
    removed: &[usize],
    before: &str,
    after: &str,
) -> Markup {
    let count = match removed.len() {
        1 => "this word".to_owned(),
        more => format!("these {more} words"),
    };
    let shares: Vec<f64> = (0..words.len())
        .map(|word| f64::from(u8::from(removed.contains(&word))))
        .collect();
    let rest: String = {
        let mut rest = String::new();
        let mut at = 0;
        for &word in removed {
            let bytes = &words[word].bytes;
            rest.push_str(text_of_row.get(at..bytes.start).unwrap_or_default());
            at = bytes.end;
        }
        rest.push_str(text_of_row.get(at..).unwrap_or_default());
        rest
    };
    tag("div", "change-found")
        .test_id("counterfactual")
        .child(
            element("p")
                .text("Without ")
                .child(text("b", "", count))
                .text(format_args!(" the answer is {after} instead of {before}:")),
        )
        .child(marked(text_of_row, words, &shares, removed))
        .child(
            tag("p", "fine").text(
                "Each of them is needed. A word that is taken away leaves no gap; the search follows the most promising words and may miss a smaller set.",
            ),
        )
        .child(text("p", "change-rest", rest.trim()))
        .done()
}

/// A cell that would be another one.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedCell {
    /// Its column.
    pub column: String,
    /// The place of its field among those of the row; none where it cannot be typed.
    pub field: Option<usize>,
    /// What it is.
    pub from: String,
    /// What it would be.
    pub to: String,
}

/// Cells with which the answer is another one, and a button that puts them into the row.
pub fn with_cells(changed: &[ChangedCell], before: &str, after: &str) -> Markup {
    let shown = |cell: &str| {
        if cell.is_empty() {
            "–".to_owned()
        } else {
            cell.to_owned()
        }
    };
    let rows = changed.iter().map(|cell| {
        element("tr")
            .child(element("th").attr("scope", "row").text(&cell.column))
            .child(element("td").child(text("del", "", shown(&cell.from))))
            .child(element("td").child(text("ins", "", shown(&cell.to))))
    });
    let head = |words: &str| element("th").attr("scope", "col").text(words);
    let put = tag("button", "button button-small")
        .attr("type", "button")
        .test_id("put-change")
        .attr("data-view", "one_row")
        .attr("data-into", ONE_ROW)
        .attr("data-knob-keep", 1);
    let put = changed.iter().fold(put, |put, cell| match cell.field {
        Some(field) => put.attr(&format!("data-knob-set{field}"), &cell.to),
        None => put,
    });
    let count = if changed.len() == 1 {
        "this change"
    } else {
        "these changes"
    };
    tag("div", "change-found")
        .test_id("counterfactual")
        .child(
            element("p")
                .text("With ")
                .child(text("b", "", count))
                .text(format_args!(" the answer is {after} instead of {before}:")),
        )
        .child(
            tag("table", "change-cells")
                .child(
                    element("thead").child(
                        element("tr")
                            .child(head("Column"))
                            .child(head("Is"))
                            .child(head("Would be")),
                    ),
                )
                .child(element("tbody").children(rows)),
        )
        .child(tag("p", "row").child(put.text("Put it into the row")))
        .child(text(
            "p",
            "fine",
            "Cells are taken from rows that the model learned from. The search may miss a smaller change, and what changes an answer need not change the world.",
        ))
        .done()
}

/// Nothing small flips the answer.
pub fn none(what: &str) -> Markup {
    tag("p", "change-found")
        .test_id("counterfactual")
        .text(format_args!(
            "No small change was found that gives another answer: {what}."
        ))
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removed_words_are_struck_out_and_the_rest_is_read() {
        let word = |start, end| Word {
            bytes: start..end,
            tokens: 0..1,
        };
        let words = [word(0, 4), word(5, 10), word(11, 14)];
        let made = without_words("free prize now", &words, &[0, 1], "spam", "ham").into_string();
        assert!(
            made.contains("<b>these 2 words</b> the answer is ham instead of spam"),
            "{made}"
        );
        assert_eq!(made.matches("<del").count(), 2);
        assert!(made.contains("<p class=\"change-rest\">now</p>"), "{made}");
    }

    #[test]
    fn changed_cells_are_listed() {
        let changed = [ChangedCell {
            column: "Age".to_owned(),
            field: Some(3),
            from: String::new(),
            to: "41".to_owned(),
        }];
        let made = with_cells(&changed, "no", "yes").into_string();
        assert!(made.contains("data-knob-set3=\"41\""), "{made}");
        assert!(
            made.contains("<del>–</del>") && made.contains("<ins>41</ins>"),
            "{made}"
        );
        assert!(made.contains("this change"));
    }
}
