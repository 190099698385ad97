//! The parts of a row that count most, as one cell of a table.

use super::Output;
use crate::domain::words::short_number;

/// Parts that are named.
const MOST_PARTS: usize = 3;

/// Letters of a cell that are shown.
const MOST_LETTERS: usize = 40;

/// The parts that count most, for or against, with what each adds: `age=11 +0.31; make=Fiat -0.12`. Parts
/// that add nothing are not named.
///
/// `names` and `shares` hold one entry a part; `output` says in what unit the shares are.
pub fn reasons(names: &[String], shares: &[f64], output: Output) -> String {
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|&a, &b| shares[b].abs().total_cmp(&shares[a].abs()));
    let told = order.into_iter().map(|at| (at, figure(shares[at], output)));
    let told = told.filter(|(_, figure)| figure.contains(|digit| matches!(digit, '1'..='9')));
    let told = told.map(|(at, figure)| format!("{} {figure}", names[at]));
    told.take(MOST_PARTS).collect::<Vec<_>>().join("; ")
}

/// What a part adds, with its sign.
fn figure(share: f64, output: Output) -> String {
    match output {
        Output::Number if share > 0.0 => format!("+{}", short_number(share)),
        Output::Number => short_number(share),
        Output::Label(_) | Output::Has(_) => format!("{share:+.2}"),
    }
}

/// A word as a part of a reason: `"engine"`.
pub fn word_part(word: &str) -> String {
    format!("\"{}\"", shortened(word))
}

/// A column with its cell: `make=Fiat`; with a text: `remarks: "rusty"`.
pub fn column_part(column: &str, cell: &str, is_text: bool) -> String {
    match shortened(cell) {
        cell if cell.is_empty() => format!("{column}=(empty)"),
        cell if is_text => format!("{column}: \"{cell}\""),
        cell => format!("{column}={cell}"),
    }
}

/// The start of a cell, on one line.
fn shortened(cell: &str) -> String {
    let line = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST_LETTERS {
        return line;
    }
    let start: String = line.chars().take(MOST_LETTERS - 1).collect();
    format!("{}…", start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_shares_are_told_first() {
        let names = ["a", "b", "c", "d", "e"].map(str::to_owned);
        let shares = [0.004, -0.5, 0.31, 0.0, 0.12];
        let told = |output| reasons(&names, &shares, output);
        assert_eq!(told(Output::Label(0)), "b -0.50; c +0.31; e +0.12");
        assert_eq!(told(Output::Number), "b -0.500; c +0.310; e +0.120");
        assert_eq!(
            reasons(&names[..2], &[1_292.0, -2_000.4], Output::Number),
            "b -2,000; a +1,292"
        );
        assert_eq!(reasons(&names[..1], &[-0.001], Output::Has(0)), "");
        assert_eq!(reasons(&[], &[], Output::Number), "");
    }

    #[test]
    fn parts_stay_on_one_line() {
        assert_eq!(word_part("engine"), "\"engine\"");
        assert_eq!(column_part("area", "North", false), "area=North");
        assert_eq!(column_part("area", " ", false), "area=(empty)");
        assert_eq!(column_part("note", "a\n b", true), "note: \"a b\"");
        let long = column_part("note", &"word ".repeat(20), true);
        assert_eq!(long, "note: \"word word word word word word word word…\"");
    }
}
