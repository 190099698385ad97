//! Columns of numbers, however they are dressed: `$1,200`, `1.234,56 €`, `12 %`, `60 kg`, `3.4M`.

mod affix;
mod format;
mod units;
mod written;

pub use affix::Affix;
pub use format::{Decimal, NumberFormat};

use super::{ColumnKind, ColumnStats, percent};
use format::is_grouped;
use written::{Written, is_currency};

/// Numbers.
#[derive(Debug, Clone, Copy)]
pub struct Number;

/// Where this share of the whole numbers begins with a needless zero, they are codes.
const MOST_LEADING_ZEROS: f32 = 0.02;

/// So few different cells that are no numbers do not make a category of a column that has
/// [`MANY_NUMBERS`].
const FEW_WORDS: u32 = 3;

/// See [`FEW_WORDS`].
const MANY_NUMBERS: u32 = 20;

impl ColumnKind for Number {
    fn id(&self) -> &'static str {
        "number"
    }

    fn name(&self) -> &'static str {
        "Number"
    }

    fn about(&self) -> &'static str {
        "Numbers, which can be compared and added."
    }

    fn score(&self, stats: &ColumnStats) -> f32 {
        if stats.leading_zeros > MOST_LEADING_ZEROS {
            return 0.0;
        }
        // `Varies with device` among sizes is one more way to say that there is no number.
        let has_few_words = stats.numbers > 0.5
            && stats.wordy <= FEW_WORDS
            && stats.distinct - stats.wordy >= MANY_NUMBERS;
        0.9 * match stats.numbers {
            _ if has_few_words => 1.0,
            // Lot numbers, of which some happen to be digits alone, are no numbers.
            few @ ..0.5 => few * few,
            most => most,
        }
    }

    fn reason(&self, stats: &ColumnStats) -> String {
        format!("{} of the cells are numbers.", percent(stats.numbers))
    }
}

/// Reads a cell as a column's format says. Percent stay percent (`12 %` is 12), magnitudes are
/// multiplied out, and units are converted to the column's.
///
/// `None` when the cell is no number, is in a unit of another quantity, or is too large for an
/// `f64`: what this returns is finite.
pub fn read(cell: &str, format: NumberFormat) -> Option<f64> {
    if let Some(number) = plain(cell, format.decimal) {
        return number.is_finite().then_some(number);
    }
    let written = Written::of(cell)?;
    let magnitude = factor(written.after, format.after.as_str())?;
    let number = magnitude * value(written.digits, written.exponent, format.decimal)?;
    let signed = if written.is_negative { -number } else { number };
    number.is_finite().then_some(signed)
}

/// Reads a number in the most usual format: a decimal point, commas between thousands.
pub fn parse_number(cell: &str) -> Option<f64> {
    read(cell, NumberFormat::default())
}

/// The quick way for cells that hold nothing but digits, a sign, a point and an exponent.
fn plain(cell: &str, decimal: Decimal) -> Option<f64> {
    let bytes = cell.as_bytes();
    let digits_at = usize::from(bytes.first() == Some(&b'-'));
    let is_plain = bytes.get(digits_at)?.is_ascii_digit()
        && bytes[digits_at..]
            .iter()
            .all(|byte| byte.is_ascii_digit() || (*byte == b'.' && decimal == Decimal::Point));
    if is_plain { cell.parse().ok() } else { None }
}

/// What the word after a number multiplies it by.
fn factor(after: &str, standard: &str) -> Option<f64> {
    let is_neutral =
        |text: &str| text.is_empty() || text == "%" || text == "‰" || is_currency(text);
    if is_neutral(after) || after == standard {
        return Some(1.0);
    }
    let (word, rest) = match after.split_once(' ') {
        Some((word, rest)) => (word, rest.trim()),
        // `3.4M€`
        None => match after.char_indices().last() {
            Some((at, _)) if at > 0 && is_currency(&after[at..]) => after.split_at(at),
            _ => (after, ""),
        },
    };
    if let Some(factor) = units::magnitude(word)
        && (is_neutral(rest) || units::base(rest) == units::base(standard))
    {
        return Some(factor);
    }
    units::factor_between(after, standard)
}

/// The number that digits with marks stand for, without a sign.
fn value(digits: &str, exponent: &str, decimal: Decimal) -> Option<f64> {
    let (whole, fraction) = match digits.rsplit_once(decimal.mark()) {
        Some((whole, fraction)) => (whole, fraction),
        None => (digits, ""),
    };
    let mut text = String::with_capacity(digits.len() + exponent.len() + 2);
    match whole.chars().find(|c| !c.is_ascii_digit()) {
        None => text.push_str(whole),
        Some(mark) if mark != decimal.mark() && is_grouped(whole, mark) => {
            text.extend(whole.chars().filter(char::is_ascii_digit));
        }
        // Two decimal marks are fine only where they group: `1,234,567` in a column of points
        // is covered above, everything else is no number.
        Some(_) => return None,
    }
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    if !exponent.is_empty() {
        text.push('e');
        text.push_str(exponent);
    }
    text.parse().ok()
}

/// Whether a whole number begins with a zero that says nothing, as codes do: `0042`.
pub(super) fn has_leading_zero(cell: &str) -> bool {
    let cell = cell.trim();
    cell.len() > 1 && cell.starts_with('0') && cell.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number as people write it: not more digits than `f64` means, and none for nothing.
pub(super) fn shown(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e15).contains(&size) {
        return format!("{number:e}");
    }
    // Six significant digits; Rust writes the shortest text that reads back the same.
    let digits = 5
        - (if size == 0.0 {
            0.0
        } else {
            size.log10().floor()
        }) as i32;
    let scale = 10_f64.powi(digits);
    let rounded = (number * scale).round() / scale;
    let rounded = if rounded.is_finite() && digits > 0 {
        rounded
    } else {
        number.round()
    };
    format!("{rounded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: NumberFormat = NumberFormat {
        decimal: Decimal::Comma,
        grouping: Some('.'),
        before: Affix::NONE,
        after: Affix::NONE,
        has_brackets: false,
        has_magnitudes: false,
        has_several_currencies: false,
        is_sure: true,
    };

    #[test]
    fn numbers_are_read() {
        for (cell, number) in [
            ("1", 1.0),
            ("-2.5", -2.5),
            ("+.5", 0.5),
            ("1e3", 1000.0),
            ("1,234", 1234.0),
            ("1,234,567.5", 1_234_567.5),
            ("12,34,567", 1_234_567.0),
            ("1 234 567", 1_234_567.0),
            ("1'234.5", 1234.5),
            ("$1,200", 1200.0),
            ("$2.39 ", 2.39),
            ("(12.50)", -12.5),
            ("12%", 12.0),
            ("12k", 12_000.0),
            ("3.4M", 3_400_000.0),
            ("$3.4M", 3_400_000.0),
            ("3.5 million", 3_500_000.0),
            ("10,000+", 10_000.0),
            ("1e308", 1e308),
            ("4.9e-324", 5e-324),
            ("5-", -5.0),
            ("\u{2212}5", -5.0),
            ("007", 7.0),
            ("-0", 0.0),
        ] {
            assert_eq!(parse_number(cell), Some(number), "{cell}");
        }
        for cell in [
            "",
            "-",
            "inf",
            "nan",
            "1,5",
            "2 lbs",
            "1.2.3",
            "0x10",
            "1e309",
            "1e308k",
            "1,2,3",
            "18.00.00",
            "1,23",
            "1234,567",
            "10.0.0.12",
        ] {
            assert_eq!(parse_number(cell), None, "{cell}");
        }
    }

    #[test]
    fn the_comma_can_be_decimal() {
        for (cell, number) in [
            ("1,5", 1.5),
            ("1.234,56 €", 1234.56),
            ("1.234", 1234.0),
            ("1 234,5", 1234.5),
            ("-0,25", -0.25),
            ("1.234.567", 1_234_567.0),
            ("2,5 Mio.", 2.5e6),
        ] {
            assert_eq!(read(cell, COMMA), Some(number), "{cell}");
        }
        for cell in ["1.5", "1,2,3", "0.123", "18.00.00"] {
            assert_eq!(read(cell, COMMA), None, "{cell}");
        }
    }

    #[test]
    fn units_are_the_columns() {
        let format = NumberFormat::detect(["60 kg", "70 kg", "2 lbs"]);
        assert_eq!(read("60 kg", format), Some(60.0));
        assert_eq!(read("2 lbs", format), Some(2.0 * 0.453_592_37));
        assert_eq!(read("5", format), Some(5.0));
        assert_eq!(read("5 m", format), None);
        let format = NumberFormat::detect(["1 Season", "2 Seasons"]);
        assert_eq!(read("1 Season", format), Some(1.0));
        assert_eq!(read("90 min", format), None);
    }

    #[test]
    fn numbers_are_shown_short() {
        for (number, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (-2.5, "-2.5"),
            (0.1 + 0.2, "0.3"),
            (1_234.567_8, "1234.57"),
            (123_456_789.0, "123456789"),
            (1e300, "1e300"),
            (5e-324, "5e-324"),
            (1e-3, "0.001"),
        ] {
            assert_eq!(shown(number), text);
        }
    }

    /// Any text at all: never a panic, never a number that is not finite.
    #[test]
    fn any_text_is_survived() {
        use rand::Rng;
        let mut rng = <rand_chacha::ChaCha8Rng as rand::SeedableRng>::seed_from_u64(7);
        const PIECES: [&str; 32] = [
            "1",
            "23",
            "000",
            "9",
            ".",
            ",",
            " ",
            "-",
            "+",
            "e",
            "E",
            "(",
            ")",
            "$",
            "€",
            "%",
            "k",
            "M",
            "kg",
            "\u{a0}",
            "'",
            "’",
            "é",
            "日",
            "\u{feff}",
            "−",
            "kr.",
            "US$",
            "/",
            "\0",
            "١",
            "99999999999999999999",
        ];
        for _ in 0..200_000 {
            let length = rng.random_range(0..9);
            let cell: String = (0..length)
                .map(|_| PIECES[rng.random_range(0..PIECES.len())])
                .collect();
            let format = NumberFormat::detect([cell.as_str()]);
            for format in [format, COMMA, NumberFormat::default()] {
                assert!(read(&cell, format).is_none_or(f64::is_finite), "{cell:?}");
            }
        }
    }
}
