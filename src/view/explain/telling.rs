//! Words that speak for each label over many rows.

use super::signed;
use crate::domain::explanation::TellingWord;
use crate::domain::words::rows;
use crate::view::markup::{Markup, element, tag, text};

/// The words of each label, with how many rows were explained.
pub fn telling(labels: &[(String, Vec<TellingWord>)], explained: usize) -> Markup {
    let blocks = labels.iter().map(|(label, words)| {
        let items = words.iter().map(|word| {
            element("li")
                .attr(
                    "title",
                    format_args!(
                        "{} on average, in {}",
                        signed(word.share),
                        rows(u64::from(word.rows))
                    ),
                )
                .child(text("span", "telling-word", &word.word))
                .child(text(
                    "span",
                    "telling-share",
                    format_args!(" {}", signed(word.share)),
                ))
        });
        let none = words.is_empty().then(|| {
            text(
                "p",
                "fine",
                "No word comes back in several rows and speaks for it.",
            )
        });
        tag("div", "telling-label")
            .child(text("h4", "", label))
            .child(tag("ol", "telling-words").children(items))
            .child(none)
    });
    element("div")
        .test_id("telling")
        .child(tag("div", "telling").children(blocks))
        .child(text(
            "p",
            "fine",
            format_args!(
                "What each word adds to the log-odds of the answer, averaged over {} validation rows that were explained for it.",
                explained
            ),
        ))
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_with_what_they_add() {
        let word = TellingWord {
            word: "prize".to_owned(),
            share: 1.5,
            rows: 3,
        };
        let labels = [
            ("spam".to_owned(), vec![word]),
            ("ham".to_owned(), Vec::new()),
        ];
        let made = telling(&labels, 20).into_string();
        assert!(made.contains("prize") && made.contains("+1.50"), "{made}");
        assert!(made.contains("No word comes back"));
    }
}
