//! The text itself, with what each word adds.

use super::{largest, signed, strength};
use crate::domain::explanation::Word;
use crate::view::markup::{Markup, element, tag};

/// A text whose words are marked by what they add to an answer. What the model did not read (spaces,
/// and words behind the cut) stands between them unmarked.
pub fn words(text: &str, words: &[Word], shares: &[f64], removed: &[usize]) -> Markup {
    let most = largest(shares);
    let mut made = tag("p", "explained-text")
        .test_id("explained-text")
        .attr("lang", "");
    let mut at = 0;
    for (place, (word, &share)) in words.iter().zip(shares).enumerate() {
        let (start, end) = (word.bytes.start.max(at), word.bytes.end);
        let (Some(before), Some(own)) = (text.get(at..start), text.get(start..end)) else {
            continue;
        };
        let name = if removed.contains(&place) {
            "del"
        } else {
            "span"
        };
        made = made.text(before).child(
            tag(name, &format!("word {}", strength(share, most)))
                .attr("title", format_args!("{own}: {}", signed(share)))
                .text(own),
        );
        at = end;
    }
    let rest = text.get(at..).unwrap_or_default();
    let is_cut = !rest.trim().is_empty();
    made = if is_cut {
        made.child(
            tag("span", "word-cut")
                .attr("title", "Behind the cut: the model did not read this")
                .text(rest),
        )
    } else {
        made.text(rest)
    };
    made.done()
}

/// What the colours and lines mean.
pub fn legend(label: &str) -> Markup {
    let entry = |class: &str, words: String| {
        element("span")
            .class("legend-entry")
            .child(tag("span", &format!("word {class}")).text("word"))
            .text(format_args!(" {words}"))
    };
    tag("p", "fine explained-legend")
        .child(entry("for-3", format!("speaks for {label}")))
        .child(entry("against-3", "speaks against it".to_owned()))
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(start: usize, end: usize) -> Word {
        Word {
            bytes: start..end,
            tokens: 0..1,
        }
    }

    #[test]
    fn the_text_stays_as_it_is() {
        let text = "Free <b>prize</b> é, now";
        let cut = [word(0, 4), word(8, 13)];
        let made = words(text, &cut, &[2.0, -1.0], &[1]).into_string();
        assert!(made.contains("class=\"word for-4\""), "{made}");
        assert!(made.contains("<del class=\"word against-2\""), "{made}");
        assert!(made.contains("title=\"prize: −1.00\""));
        assert!(made.contains("did not read"));
        // Without tags and entities the text is what it was.
        let mut plain = String::new();
        let mut is_tag = false;
        for c in made.chars() {
            match c {
                '<' => is_tag = true,
                '>' => is_tag = false,
                c if !is_tag => plain.push(c),
                _ => {}
            }
        }
        let plain = plain.replace("&lt;", "<").replace("&gt;", ">");
        assert_eq!(plain, text);
    }

    #[test]
    fn words_that_do_not_fit_the_text_are_left_out() {
        let made = words("é", &[word(1, 2), word(0, 2)], &[1.0, 1.0], &[]);
        assert_eq!(made.as_str().matches("word for").count(), 1);
    }
}
