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

/// Parts of one thing, not two things: these are read together.
const PARTS: [&str; 3] = ["address", "line", "street"];

/// The two of some columns that belong beside each other, in their order; none where they stand in a row of
/// more than two.
pub(super) fn twins<'a>(columns: &[&'a ColumnProfile]) -> Option<[&'a ColumnProfile; 2]> {
    let names: Vec<Vec<String>> = columns.iter().map(|column| spelled(&column.name)).collect();
    let [one, other] = places(&names)?;
    Some([columns[one], columns[other]])
}

fn places(names: &[Vec<String>]) -> Option<[usize; 2]> {
    let places = 0..names.len();
    let pairs = places.flat_map(|one| (one + 1..names.len()).map(move |other| [one, other]));
    let mut twins = pairs.filter(|&[one, other]| are_twins(&names[one], &names[other]));
    let found = twins.next()?;
    let has_more = names.iter().enumerate().any(|(at, name)| {
        !found.contains(&at) && found.iter().any(|&twin| are_of_a_row(&names[twin], name))
    });
    (!has_more).then_some(found)
}

fn is(pair: [&str; 2], one: &str, other: &str) -> bool {
    pair == [one, other] || pair == [other, one]
}

fn are_twins(one: &[String], other: &[String]) -> bool {
    let names = [one, other].map(|words| words.join(" "));
    if COUPLES.iter().any(|&pair| is(pair, &names[0], &names[1])) {
        return true;
    }
    let has_part = one.iter().any(|word| PARTS.contains(&word.as_str()));
    let mut marks = marks(one, other).into_iter().flatten();
    !has_part && marks.any(|(one, other)| MARKS.iter().any(|&pair| is(pair, one, other)))
}

/// Whether two names are alike but for a number or a letter, as those of a row of columns are.
fn are_of_a_row(one: &[String], other: &[String]) -> bool {
    let is_mark = |word: &str| {
        let is_number = word.chars().all(|letter| letter.is_ascii_digit());
        is_number || word.len() == 1 || MARKS.iter().flatten().any(|mark| *mark == word)
    };
    let mut marks = marks(one, other).into_iter().flatten();
    marks.any(|(one, other)| is_mark(one) && is_mark(other))
}

/// The first and the last words of two names that are the same but for these.
fn marks<'a>(one: &'a [String], other: &'a [String]) -> [Option<(&'a str, &'a str)>; 2] {
    let first = one.split_first().zip(other.split_first());
    let last = one.split_last().zip(other.split_last());
    [first, last].map(|ends| {
        let ((mark, rest), (own, own_rest)) = ends?;
        (!rest.is_empty() && rest == own_rest).then_some((mark.as_str(), own.as_str()))
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
    use super::*;

    fn found<const N: usize>(names: [&str; N]) -> Option<[usize; 2]> {
        places(&names.map(spelled))
    }

    #[test]
    fn names_tell_twins() {
        for names in [
            ["sentence1", "sentence2"],
            ["question_1", "question_2"],
            ["textA", "textB"],
            ["Text B", "Text A"],
            ["first_sentence", "second_sentence"],
            ["left title", "right title"],
            ["premise", "hypothesis"],
            ["query", "passage"],
            ["text", "text_pair"],
        ] {
            assert_eq!(found(names), Some([0, 1]), "{names:?}");
        }
        for names in [
            ["title", "body"],
            ["comment", "comment2"],
            ["1", "2"],
            ["a", "b"],
            ["text1", "note2"],
            ["sentence1", "sentence3"],
            ["premise", "premise"],
            ["address_line_1", "address_line_2"],
        ] {
            assert_eq!(found(names), None, "{names:?}");
        }
    }

    #[test]
    fn a_row_of_columns_is_no_pair() {
        assert_eq!(found(["q1", "q2", "q3"]), None);
        assert_eq!(found(["answer_a", "answer_b", "answer_c"]), None);
        assert_eq!(found(["note", "question1", "question2"]), Some([1, 2]));
    }
}
