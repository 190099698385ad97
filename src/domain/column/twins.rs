//! Two columns of which the names tell that each row holds two texts to be compared.

use super::ColumnProfile;
use super::stats::name_words;

/// Names of texts that stand beside each other in data sets that are often used, such as SNLI (Bowman et
/// al. 2015), MS MARCO (Nguyen et al. 2016) and QNLI (Wang et al. 2018).
const COUPLES: [[&str; 2]; 8] = [
    ["premise", "hypothesis"],
    ["query", "passage"],
    ["query", "document"],
    ["question", "passage"],
    ["question", "sentence"],
    ["claim", "evidence"],
    ["source", "translation"],
    ["text", "text pair"],
];

/// What tells two columns of one name apart.
const MARKS: [[&str; 2]; 6] = [
    ["1", "2"],
    ["0", "1"],
    ["a", "b"],
    ["first", "second"],
    ["one", "two"],
    ["left", "right"],
];

/// The first two of some columns that belong beside each other, in their order.
pub(super) fn twins<'a>(columns: &[&'a ColumnProfile]) -> Option<[&'a ColumnProfile; 2]> {
    let with_place = columns.iter().enumerate();
    let mut pairs =
        with_place.flat_map(|(at, &one)| columns[at + 1..].iter().map(move |&other| [one, other]));
    pairs.find(|[one, other]| are_twins(&one.name, &other.name))
}

fn are_twins(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(spelled);
    let is = |pair: [&str; 2], a: &str, b: &str| pair == [a, b] || pair == [b, a];
    let names = [one.join(" "), other.join(" ")];
    if COUPLES.iter().any(|&pair| is(pair, &names[0], &names[1])) {
        return true;
    }
    // But for one word, the first or the last, the names are the same.
    let split = |words: &[String], is_first: bool| {
        let (mark, rest) = if is_first {
            words.split_first()?
        } else {
            words.split_last()?
        };
        (!rest.is_empty()).then(|| (mark.clone(), rest.to_vec()))
    };
    [true, false].into_iter().any(|is_first| {
        let marks = split(&one, is_first).zip(split(&other, is_first));
        marks.is_some_and(|((a, rest), (b, other_rest))| {
            rest == other_rest && MARKS.iter().any(|&pair| is(pair, &a, &b))
        })
    })
}

/// A name's words; a number at the end of one is a word of its own.
fn spelled(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in name_words(name) {
        let letters = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let (letters, digits) = word.split_at(letters.len());
        let parts = [letters, digits]
            .into_iter()
            .filter(|part| !part.is_empty());
        words.extend(parts.map(str::to_owned));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::are_twins;

    #[test]
    fn names_tell_twins() {
        for (one, other) in [
            ("sentence1", "sentence2"),
            ("question_1", "question_2"),
            ("textA", "textB"),
            ("Text B", "Text A"),
            ("first_sentence", "second_sentence"),
            ("left title", "right title"),
            ("premise", "hypothesis"),
            ("query", "passage"),
            ("text", "text_pair"),
        ] {
            assert!(are_twins(one, other), "{one} and {other}");
        }
        for (one, other) in [
            ("title", "body"),
            ("comment", "comment2"),
            ("1", "2"),
            ("a", "b"),
            ("text1", "note2"),
            ("sentence1", "sentence3"),
            ("premise", "premise"),
        ] {
            assert!(!are_twins(one, other), "{one} and {other}");
        }
    }
}
