//! How a column writes its numbers, read from the column as a whole.
//!
//! `1,234` is twelve hundred in one country and a little more than one in another. A single cell
//! cannot say which; a column nearly always can, by some cell that only one reading explains.

use serde::{Deserialize, Serialize};

use super::affix::Affix;
use super::units;
use super::written::{Written, is_currency, is_group_space};

/// The mark before the fraction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// `1.5`
    #[default]
    Point,
    /// `1,5`
    Comma,
}

impl Decimal {
    /// The mark itself.
    pub fn mark(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}

/// How a column writes its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NumberFormat {
    /// The mark before the fraction.
    pub decimal: Decimal,
    /// The mark between groups of digits, if any cell has one.
    pub grouping: Option<char>,
    /// Currency before most of the numbers; empty for none.
    pub before: Affix,
    /// Currency, `%` or unit after most of them. Cells in another unit of the same quantity are
    /// converted to this one.
    pub after: Affix,
    /// Whether brackets stand for a minus somewhere.
    pub has_brackets: bool,
    /// Whether some numbers have a magnitude, as `12k`.
    pub has_magnitudes: bool,
    /// Whether several currencies are mixed; they are not converted.
    pub has_several_currencies: bool,
    /// Whether the cells settle which mark is the decimal one.
    pub is_sure: bool,
}

impl Default for NumberFormat {
    fn default() -> Self {
        Self {
            decimal: Decimal::Point,
            grouping: None,
            before: Affix::default(),
            after: Affix::default(),
            has_brackets: false,
            has_magnitudes: false,
            has_several_currencies: false,
            is_sure: true,
        }
    }
}

/// A unit that fewer of the cells with a unit have than this is not the column's.
const LEAST_SHARE_OF_UNIT: f64 = 0.5;

/// So many different cells are looked at; more say nothing new.
const MOST_CELLS: usize = 2_000;

/// So many cells with three digits after the point, and none with fewer, beside whole numbers:
/// then the point stands between thousands.
const MANY_GROUPED: u32 = 5;

/// What the marks of the cells speak for.
#[derive(Debug, Default)]
struct Evidence {
    point_is_decimal: u32,
    comma_is_decimal: u32,
    /// Cells as `1.234`, which either explains, and as `1,234`.
    either_point: u32,
    either_comma: u32,
    /// Whole numbers of at most three digits and without a mark.
    short_whole: u32,
    /// Whole numbers of more digits without a mark.
    long_whole: u32,
    /// The mark between groups where a cell leaves no doubt.
    grouping: Option<char>,
    befores: Vec<(String, u32)>,
    afters: Vec<(String, u32)>,
    has_brackets: bool,
    has_magnitudes: bool,
}

impl NumberFormat {
    /// The format of these cells. Cells that are no numbers do not count; without any the format
    /// is the default.
    pub fn detect<'a, I>(cells: I) -> Self
    where
        I: IntoIterator<Item = &'a str>,
        I::IntoIter: ExactSizeIterator,
    {
        let cells = cells.into_iter();
        let step = cells.len().div_ceil(MOST_CELLS).max(1);
        let mut evidence = Evidence::default();
        for cell in cells.step_by(step) {
            if let Some(written) = Written::of(cell) {
                evidence.see(&written);
            }
        }
        evidence.decide()
    }

    /// The same with a decimal mark that a person has chosen, if one was.
    #[must_use]
    pub fn with_decimal(self, chosen: Option<Decimal>) -> Self {
        let Some(decimal) = chosen else { return self };
        let grouping = match self.grouping {
            Some(mark) if mark == decimal.mark() => None,
            other => other,
        };
        Self {
            decimal,
            grouping,
            is_sure: true,
            ..self
        }
    }

    /// How the numbers are written, for people: `1.234,56 €`.
    pub fn describe(&self) -> String {
        let point = self.decimal.mark();
        let mut text = match self.grouping {
            Some(mark) => format!("1{mark}234{point}56"),
            None => format!("1234{point}56"),
        };
        let before = self.before.as_str();
        if before.chars().all(char::is_alphanumeric) && !before.is_empty() {
            text.insert(0, ' ');
        }
        text.insert_str(0, before);
        let after = self.after.as_str();
        if !after.is_empty() {
            if after != "%" {
                text.push(' ');
            }
            text.push_str(after);
        }
        for (holds, what) in [
            (self.has_brackets, "(1) is -1"),
            (self.has_magnitudes, "1k is 1000"),
            (
                self.has_several_currencies,
                "several currencies, as they are",
            ),
            (
                !self.is_sure,
                "the cells do not settle which mark is the decimal one",
            ),
        ] {
            if holds {
                text.push_str("; ");
                text.push_str(what);
            }
        }
        text
    }
}

impl Evidence {
    fn see(&mut self, written: &Written<'_>) {
        self.has_brackets |= written.has_brackets;
        count(&mut self.befores, written.before);
        let after = written.after;
        match units::magnitude(after.split_whitespace().next().unwrap_or("")) {
            Some(_) => self.has_magnitudes = true,
            None => count(&mut self.afters, after),
        }

        let digits = written.digits;
        let points = digits.matches('.').count();
        let commas = digits.matches(',').count();
        let others = digits
            .chars()
            .find(|c| is_group_space(*c) || matches!(c, '\'' | '’' | '_'));
        if others.is_some() {
            self.grouping = others;
        }
        match (points, commas) {
            (0, 0) if others.is_none() => {
                if digits.len() <= 3 {
                    self.short_whole += 1;
                } else {
                    self.long_whole += 1;
                }
            }
            (0, 0) => {}
            // The mark farther right is the decimal one.
            (1.., 1..) => {
                let is_point = digits.rfind('.') > digits.rfind(',');
                self.point_is_decimal += u32::from(is_point);
                self.comma_is_decimal += u32::from(!is_point);
                self.grouping = Some(if is_point { ',' } else { '.' });
            }
            (1, 0) => match is_either(digits, '.') {
                true => self.either_point += 1,
                false => self.point_is_decimal += 1,
            },
            (0, 1) => match is_either(digits, ',') {
                true => self.either_comma += 1,
                false => self.comma_is_decimal += 1,
            },
            // Twice in a number, so it stands between groups.
            (_, 0) if is_grouped(digits, '.') => {
                self.comma_is_decimal += 1;
                self.grouping = Some('.');
            }
            (0, _) if is_grouped(digits, ',') => {
                self.point_is_decimal += 1;
                self.grouping = Some(',');
            }
            _ => {}
        }
    }

    fn decide(self) -> NumberFormat {
        let seen_point = self.point_is_decimal + self.either_point;
        let (decimal, is_sure) = if self.point_is_decimal != self.comma_is_decimal {
            let has_comma = self.comma_is_decimal > self.point_is_decimal;
            let contradicts = self.point_is_decimal.min(self.comma_is_decimal);
            let decimal = if has_comma {
                Decimal::Comma
            } else {
                Decimal::Point
            };
            // A few contradicting cells are mistakes; as many as a tenth are another format.
            let total = self.point_is_decimal + self.comma_is_decimal;
            (decimal, contradicts * 10 < total)
        } else if self.either_comma > 0 && self.either_point == 0 {
            // `1,234` and nothing that says more: between thousands, as most exports have it.
            // Short whole numbers beside them agree, long ones without a comma do not.
            (Decimal::Point, self.short_whole > 0 && self.long_whole == 0)
        } else if self.either_point > 0 && self.either_comma == 0 {
            // Decimals of random digits end in a zero now and then and lose it.
            let is_grouping =
                self.either_point >= MANY_GROUPED && self.short_whole > 0 && self.long_whole == 0;
            match is_grouping {
                true => (Decimal::Comma, false),
                false => (Decimal::Point, self.short_whole == 0 || self.long_whole > 0),
            }
        } else {
            (Decimal::Point, seen_point == 0)
        };
        let grouping = match decimal {
            _ if self.grouping.is_some_and(|mark| mark != decimal.mark()) => self.grouping,
            Decimal::Point if self.either_comma > 0 => Some(','),
            Decimal::Comma if self.either_point > 0 => Some('.'),
            _ => None,
        };
        let (before, _) = most(&self.befores);
        let (after, after_share) = most(&self.afters);
        let currencies = self
            .befores
            .iter()
            .chain(&self.afters)
            .filter(|(affix, _)| is_currency(affix))
            .map(|(affix, _)| affix)
            .collect::<std::collections::BTreeSet<_>>()
            .len();
        NumberFormat {
            decimal,
            grouping,
            before: Affix::new(before),
            after: Affix::new(if after_share >= LEAST_SHARE_OF_UNIT {
                after
            } else {
                ""
            }),
            has_brackets: self.has_brackets,
            has_magnitudes: self.has_magnitudes,
            has_several_currencies: currencies > 1,
            is_sure,
        }
    }
}

fn count(tally: &mut Vec<(String, u32)>, affix: &str) {
    /// More different words after numbers are not units.
    const MOST: usize = 40;
    if affix.is_empty() {
        return;
    }
    let is_full = tally.len() >= MOST;
    match tally.iter_mut().find(|(seen, _)| seen == affix) {
        Some((_, rows)) => *rows += 1,
        None if !is_full => tally.push((affix.to_owned(), 1)),
        None => {}
    }
}

/// The most frequent affix and its share of those there are, other spellings of it included.
fn most(tally: &[(String, u32)]) -> (&str, f64) {
    let total: u32 = tally.iter().map(|(_, rows)| rows).sum();
    let mut best = ("", 0, 0);
    for (affix, rows) in tally {
        let family: u32 = tally
            .iter()
            .filter(|(other, _)| units::factor_between(other, affix).is_some())
            .map(|(_, rows)| rows)
            .sum();
        if (family, *rows) > (best.1, best.2) {
            best = (affix, family, *rows);
        }
    }
    (best.0, f64::from(best.1) / f64::from(total.max(1)))
}

/// Whether the one mark of these digits could be either: one to three digits, not just zero,
/// before it, and three after it.
fn is_either(digits: &str, mark: char) -> bool {
    let Some((whole, fraction)) = digits.rsplit_once(mark) else {
        return false;
    };
    fraction.len() == 3
        && (1..=3).contains(&whole.len())
        && !whole.starts_with('0')
        && whole.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether digits are grouped by a mark as people do: threes, or twos before a last three, as in
/// India.
pub(super) fn is_grouped(digits: &str, mark: char) -> bool {
    let mut groups = digits.split(mark);
    let first = groups.next().unwrap_or("");
    let rest: Vec<&str> = groups.collect();
    let all_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let Some((last, middle)) = rest.split_last() else {
        return false;
    };
    let is_number = !first.starts_with('0');
    let are_threes = (1..=3).contains(&first.len()) && middle.iter().all(|g| g.len() == 3);
    let are_twos = mark == ','
        && (1..=2).contains(&first.len())
        && !middle.is_empty()
        && middle.iter().all(|g| g.len() == 2);
    last.len() == 3
        && is_number
        && (are_threes || are_twos)
        && all_digits(first)
        && rest.iter().all(|group| all_digits(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cells: &[&str], described: &str) {
        let format = NumberFormat::detect(cells.iter().copied());
        assert_eq!(format.describe(), described, "{cells:?}");
    }

    const UNSURE: &str = "; the cells do not settle which mark is the decimal one";

    #[test]
    fn the_column_settles_what_a_cell_leaves_open() {
        check(&["1.5", "2"], "1234.56");
        check(&["1,5", "2", "1,234"], "1234,56");
        check(&["1.234", "0,5"], "1.234,56");
        check(&["1,234", "0.5"], "1,234.56");
        check(&["1,234", "1,234,567"], "1,234.56");
        check(&["1.234.567", "1.234"], "1.234,56");
        check(&["1.045,25 €", "923,85 €"], "1.234,56 €");
        check(&["1,234", "999"], "1,234.56");
        check(&["1,234", "5,678"], &format!("1,234.56{UNSURE}"));
        check(&["1,234", "5678"], &format!("1,234.56{UNSURE}"));
        check(&["1.234", "5.678"], "1234.56");
        check(
            &["1.234", "5.678", "9.876", "4.321", "1.111", "999", "12"],
            &format!("1.234,56{UNSURE}"),
        );
        check(&["0.123", "1.234", "12"], "1234.56");
        check(&["1 234,5", "12 345,75"], "1 234,56");
        check(&["1'234.50", "12"], "1'234.56");
        check(&["12,34,567", "1,00,000"], "1,234.56");
        check(&["nothing", "here"], "1234.56");
    }

    #[test]
    fn currencies_units_and_magnitudes_are_told() {
        check(&["$5", "$1,250.50"], "$1,234.56");
        check(&["USD 5"], "USD 1234.56");
        check(&["60 kg", "2 lbs", "70 kg"], "1234.56 kg");
        check(&["12%", "3%"], "1234.56%");
        check(&["12k", "3.4M"], "1234.56; 1k is 1000");
        check(&["(5)", "6"], "1234.56; (1) is -1");
        check(
            &["$5", "€6", "$7"],
            "$1234.56; several currencies, as they are",
        );
        check(
            &["1 Season", "2 Seasons", "90 min", "3 Seasons"],
            "1234.56 Seasons",
        );
    }

    #[test]
    fn a_format_survives_a_recipe() {
        let format = NumberFormat::detect(["1.045,25 €", "923,85 €"]);
        let text = serde_json::to_string(&format).unwrap();
        assert_eq!(serde_json::from_str::<NumberFormat>(&text).unwrap(), format);
    }
}
