//! One cell taken apart: what stands before the digits, the digits, and what stands after them.
//!
//! People dress numbers: `$1,200`, `(12.50)`, `60 kg`, `10,000+`, `−3 %`. The dress is taken off
//! first, and only then is it asked which mark is the decimal one, which one cell alone cannot
//! always say.

/// Longer cells hold no number that anybody wrote. `f64::MAX` has 309 digits.
const LONGEST_BYTES: usize = 400;

/// Longer words after a number are no unit.
const LONGEST_UNIT: usize = 16;

/// What a cell is made of, if it looks like a number at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written<'a> {
    /// A minus before or after, or accounting brackets around.
    pub is_negative: bool,
    /// Whether the minus is written as brackets.
    pub has_brackets: bool,
    /// A currency sign or code before the digits.
    pub before: &'a str,
    /// ASCII digits with the marks between them.
    pub digits: &'a str,
    /// The power of ten after an `e`, as it is written.
    pub exponent: &'a str,
    /// A currency, `%` or unit after the digits, magnitudes such as `k` included.
    pub after: &'a str,
}

/// Currencies as they are written, long ones before their beginnings.
const CURRENCIES: [&str; 52] = [
    "US$", "AU$", "CA$", "NZ$", "HK$", "A$", "C$", "R$", "$", "€", "£", "¥", "￥", "₹", "₽", "₩",
    "₺", "₫", "₪", "฿", "₴", "₦", "₱", "₿", "¢", "USD", "EUR", "GBP", "JPY", "CHF", "CNY", "RMB",
    "INR", "KRW", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "BRL", "AUD", "CAD", "MXN", "RUB",
    "TRY", "ZAR", "zł", "Kč", "kr.", "kr", "Rs.",
];

/// Currencies that are words of letters and stand only after or before a space or digit.
const MORE_CURRENCIES: [&str; 6] = ["Rs", "Fr.", "Ft", "元", "円", "원"];

/// Whether a text is a currency's sign or code.
pub(super) fn is_currency(text: &str) -> bool {
    CURRENCIES.contains(&text) || MORE_CURRENCIES.contains(&text)
}

/// Spaces that stand between groups of digits.
pub(super) fn is_group_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}')
}

fn is_mark(c: char) -> bool {
    matches!(c, '.' | ',' | '\'' | '’' | '_') || is_group_space(c)
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '−' | '–')
}

fn currency_at_start(text: &str) -> Option<&str> {
    CURRENCIES
        .iter()
        .chain(&MORE_CURRENCIES)
        .find(|sign| text.starts_with(**sign))
        .map(|sign| &text[..sign.len()])
}

impl<'a> Written<'a> {
    /// Takes a cell apart; `None` when it does not look like one number.
    pub fn of(cell: &'a str) -> Option<Self> {
        if cell.len() > LONGEST_BYTES {
            return None;
        }
        let mut rest = trimmed(cell);
        let mut written = Self {
            is_negative: false,
            has_brackets: false,
            before: "",
            digits: "",
            exponent: "",
            after: "",
        };
        let mut has_sign = false;
        loop {
            let first = rest.chars().next()?;
            if first.is_ascii_digit() || is_mark(first) {
                break;
            }
            if (is_minus(first) || first == '+') && !has_sign {
                has_sign = true;
                written.is_negative = first != '+';
                rest = &rest[first.len_utf8()..];
            } else if first == '(' && !written.has_brackets && !has_sign {
                written.has_brackets = true;
                rest = &rest[1..];
            } else if written.before.is_empty() {
                written.before = match first {
                    '%' => &rest[..1],
                    _ => currency_at_start(rest)?,
                };
                rest = &rest[written.before.len()..];
            } else {
                return None;
            }
            rest = rest.trim_start();
        }
        (written.digits, rest) = digits_at_start(rest)?;
        (written.exponent, rest) = exponent_at_start(rest);
        if written.has_brackets {
            // The closing bracket may stand before or after a unit: `(5) kg`, `(5 €)`.
            let rest_end = rest.trim_end();
            rest = match rest_end.strip_suffix(')') {
                Some(inside) => inside,
                None => rest.trim_start().strip_prefix(')')?,
            };
            written.is_negative = true;
        }
        rest = rest.trim();
        // `10,000+` is at least so much, and `5-` is how some ledgers write -5.
        match rest.chars().next() {
            Some('+') => rest = &rest[1..],
            Some(sign) if is_minus(sign) && !has_sign && !written.has_brackets => {
                let after = rest[sign.len_utf8()..].trim_start();
                if !after.is_empty() && !is_currency(after) && after != "%" {
                    return None;
                }
                written.is_negative = true;
                rest = after;
            }
            _ => {}
        }
        written.after = rest.trim().trim_end_matches('+').trim_end();
        (is_dress(written.after)).then_some(written)
    }
}

/// Without white space and invisible characters around it.
fn trimmed(cell: &str) -> &str {
    cell.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
    })
}

/// Digits and the marks between them. A mark counts only before a digit, so that a unit or a full
/// stop after the number stays outside.
fn digits_at_start(text: &str) -> Option<(&str, &str)> {
    let mut end = 0;
    let mut has_digit = false;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c.is_ascii_digit() {
            has_digit = true;
            end = at + 1;
        } else if is_mark(c) {
            match chars.peek() {
                Some((_, next)) if next.is_ascii_digit() => {}
                _ => break,
            }
        } else {
            break;
        }
    }
    if !has_digit {
        return None;
    }
    let (digits, mut rest) = text.split_at(end);
    // `5.` and `5,` are numbers at the end of a cell.
    if let Some(after) = rest.strip_prefix('.')
        && after.trim().is_empty()
    {
        rest = after;
    }
    Some((digits, rest))
}

fn exponent_at_start(text: &str) -> (&str, &str) {
    let Some(after) = text.strip_prefix(['e', 'E']) else {
        return ("", text);
    };
    let sign = usize::from(after.starts_with(['+', '-']));
    let digits = after[sign..].bytes().take_while(u8::is_ascii_digit).count();
    let goes_on = after[sign + digits..]
        .chars()
        .next()
        .is_some_and(char::is_alphanumeric);
    if digits == 0 || goes_on {
        ("", text)
    } else {
        after.split_at(sign + digits)
    }
}

/// Whether a text can stand after a number and leave it one: nothing, a currency, `%`, a unit.
fn is_dress(after: &str) -> bool {
    if after.is_empty() || matches!(after, "%" | "‰" | "\"" | "'") || is_currency(after) {
        return true;
    }
    let mut chars = after.chars();
    let starts_well = chars
        .next()
        .is_some_and(|c| c.is_alphabetic() || matches!(c, '°' | 'µ'));
    let is_unit_part = |c: char| {
        c.is_alphabetic() || matches!(c, '°' | '²' | '³' | '/' | '.' | ' ' | '$' | '€' | '£')
    };
    // `4.1 and up` says more than a number in a unit.
    let joins = |word: &str| matches!(word, "and" | "or" | "to" | "of" | "up");
    starts_well
        && !after.split(' ').any(joins)
        && after.chars().count() <= LONGEST_UNIT
        && chars.all(is_unit_part)
        && after.matches(' ').count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &str, is_negative: bool, parts: [&str; 4]) {
        let written = Written::of(cell).unwrap_or_else(|| panic!("{cell:?} is a number"));
        let found = [
            written.before,
            written.digits,
            written.exponent,
            written.after,
        ];
        assert_eq!(found, parts, "{cell:?}");
        assert_eq!(written.is_negative, is_negative, "{cell:?}");
    }

    #[test]
    fn the_dress_is_taken_off() {
        check("12", false, ["", "12", "", ""]);
        check(" 1.234,56 € ", false, ["", "1.234,56", "", "€"]);
        check("$1,200", false, ["$", "1,200", "", ""]);
        check("-$5", true, ["$", "5", "", ""]);
        check("$-5", true, ["$", "5", "", ""]);
        check("($5.25)", true, ["$", "5.25", "", ""]);
        check("$(5.25)", true, ["$", "5.25", "", ""]);
        check("(12.50)", true, ["", "12.50", "", ""]);
        check("(5 %)", true, ["", "5", "", "%"]);
        check("\u{2212}3 %", true, ["", "3", "", "%"]);
        check("5-", true, ["", "5", "", ""]);
        check("+.5", false, ["", ".5", "", ""]);
        check("10,000+", false, ["", "10,000", "", ""]);
        check("10+ years", false, ["", "10", "", "years"]);
        check("1e5", false, ["", "1", "5", ""]);
        check("1.5E-3 kg", false, ["", "1.5", "-3", "kg"]);
        check("12 eur", false, ["", "12", "", "eur"]);
        check("US$ 3.4M", false, ["US$", "3.4", "", "M"]);
        check("25 km/h", false, ["", "25", "", "km/h"]);
        check("1\u{202f}234 kr", false, ["", "1\u{202f}234", "", "kr"]);
        check("7.", false, ["", "7", "", ""]);
        check("\u{feff}7", false, ["", "7", "", ""]);
    }

    #[test]
    fn other_things_do_not_look_like_numbers() {
        for cell in [
            "",
            " ",
            "-",
            "+",
            ".",
            "(",
            "()",
            "$",
            "--5",
            "((5))",
            "(5",
            "abc",
            "inf",
            "nan",
            "2021-01-05",
            "12:30",
            "1/2",
            "2-10",
            "0x10",
            "call 5",
            "5 big red apples",
            "<5",
            "€€5",
            "4.1 and up",
            "5th-6th",
            "١٢",
        ] {
            assert_eq!(Written::of(cell), None, "{cell:?}");
        }
    }
}
