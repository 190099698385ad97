//! One cell taken apart: which numbers may be the day, the month and the year, and the time of day.

/// Longer cells hold more than a date.
const LONGEST_BYTES: usize = 48;

/// More pieces than this are no date.
const MOST_TOKENS: usize = 24;

/// How the day is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Day {
    /// `2024-01-31`
    YearFirst {
        year: u32,
        month: u32,
        day: u32,
        mark: char,
    },
    /// `31/01/2024` or `01/31/2024`: two numbers, then the year.
    Numbers {
        a: u32,
        b: u32,
        year: u32,
        mark: char,
    },
    /// `January 31, 2024` or `31-Jan-24`.
    Named {
        year: u32,
        month: u32,
        day: u32,
        day_first: bool,
    },
    /// `20240131`
    Compact { year: u32, month: u32, day: u32 },
    /// `2024-01` or `Jan 2024`.
    Month { year: u32, month: u32 },
    /// No day: a time only.
    None,
}

/// A cell that looks like a date or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    /// How the day is written.
    pub day: Day,
    /// Seconds since midnight, the zone's offset taken off; `None` without a time.
    pub time: Option<i64>,
    /// The three numbers of `18.00.00` as a time, where they can be one.
    pub dotted_time: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Number(&'a str),
    Word(&'a str),
    Mark(char),
    Space,
}
use Token::{Mark, Number, Space, Word};

/// The months by how their names begin, in lower case: English, then German, French, Spanish,
/// Portuguese, Italian and Dutch where they begin otherwise.
const MONTHS: [&[&str]; 12] = [
    &["jan", "jän", "ene", "gen"],
    &["feb", "fév", "fev"],
    &["mar", "mär", "mrz", "maa"],
    &["apr", "avr", "abr"],
    &["may", "mai", "mag", "mei"],
    &["jun", "juin", "giu"],
    &["jul", "juil", "lug"],
    &["aug", "aoû", "aou", "ago"],
    &["sep", "set"],
    &["oct", "okt", "out", "ott"],
    &["nov"],
    &["dec", "dez", "déc", "dic"],
];

/// Full names of months that [`MONTHS`] begin, and their usual short forms; words that only begin
/// like a month (`Marching`, `Decent`) are none.
const MONTH_ENDINGS: [&str; 51] = [
    "", "uary", "ruary", "ch", "il", "e", "y", "ust", "t", "tember", "ober", "ember", "uar",
    "ruar", "ner", "z", "i", "o", "zember", "vier", "rier", "s", "let", "n", "tembre", "obre",
    "embre", "ro", "rero", "zo", "io", "sto", "tiembre", "ubre", "iembre", "naio", "braio", "ile",
    "gio", "gno", "lio", "eiro", "ereiro", "ço", "ho", "embro", "ubro", "uari", "ruari", "rt",
    "ustus",
];

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const WEEKDAY_ENDINGS: [&str; 10] = [
    "", "day", "s", "sday", "nesday", "r", "rs", "rsday", "urday", "ues",
];

/// Time zones by name, with their offset from UTC in hours.
const ZONES: [(&str, i64); 16] = [
    ("z", 0),
    ("utc", 0),
    ("gmt", 0),
    ("wet", 0),
    ("bst", 1),
    ("cet", 1),
    ("cest", 2),
    ("eet", 2),
    ("est", -5),
    ("edt", -4),
    ("cst", -6),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
];

impl Written {
    /// Takes a cell apart; `None` when it does not look like a date or a time.
    pub fn of(cell: &str) -> Option<Self> {
        let cell = cell.trim();
        if cell.len() > LONGEST_BYTES || !cell.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let tokens = tokens(cell)?;
        if let [Number(digits)] = tokens[..] {
            return compact(digits, None);
        }
        if let [Number(digits), Word("T" | "t"), Number(time), ref zone @ ..] = tokens[..]
            && digits.len() == 8
        {
            return compact(digits, Some(clock_digits(time)? - offset(zone)?));
        }
        let colon = tokens.iter().position(|token| *token == Mark(':'));
        let Some(colon) = colon else {
            return day(&tokens, None);
        };
        let hour_at = colon.checked_sub(1)?;
        let (time, used) = clock(&tokens[hour_at..])?;
        let before = &tokens[..hour_at];
        let before = match before {
            [start @ .., Word("T" | "t")] if !start.is_empty() => start,
            [start @ .., Word("at")] => start,
            _ => before,
        };
        let after = &tokens[hour_at + used..];
        // `Sat Jan 05 10:00:00 +0000 2019` has its year behind the time.
        let (zone, year) = match after {
            [zone @ .., Space, Number(year)] if year.len() == 4 && !before.is_empty() => {
                (zone, Some(*year))
            }
            _ => (after, None),
        };
        let time = time - offset(zone)?;
        match year {
            Some(year) => day(&[before, &[Space, Number(year)]].concat(), Some(time)),
            None => day(before, Some(time)),
        }
    }
}

fn tokens(cell: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::with_capacity(MOST_TOKENS);
    let mut rest = cell;
    while let Some(first) = rest.chars().next() {
        let run = |is_in: fn(&char) -> bool| {
            rest.char_indices()
                .find(|(_, c)| !is_in(c))
                .map_or(rest.len(), |(at, _)| at)
        };
        let (token, length) = if first.is_ascii_digit() {
            let length = run(char::is_ascii_digit);
            (Number(&rest[..length]), length)
        } else if first.is_alphabetic() {
            let length = run(|c| c.is_alphabetic());
            (Word(&rest[..length]), length)
        } else if first.is_whitespace() {
            (Space, run(|c| c.is_whitespace()))
        } else if matches!(first, '-' | '/' | '.' | ',' | ':' | '+') {
            (Mark(first), 1)
        } else {
            return None;
        };
        if tokens.len() == MOST_TOKENS {
            return None;
        }
        tokens.push(token);
        rest = &rest[length..];
    }
    Some(tokens)
}

fn small(digits: &str) -> Option<u32> {
    if digits.len() <= 4 {
        digits.parse().ok()
    } else {
        None
    }
}

fn clock_seconds(hour: u32, minute: u32, second: u32) -> Option<i64> {
    // A leap second is 60, and midnight at the end of a day is 24:00.
    let is_time = hour < 24 && minute < 60 && second <= 60;
    let is_midnight = (hour, minute, second) == (24, 0, 0);
    (is_time || is_midnight).then(|| i64::from(hour * 3_600 + minute * 60 + second))
}

/// `1030` or `103000`.
fn clock_digits(digits: &str) -> Option<i64> {
    let part = |at: usize| digits.get(at..at + 2)?.parse::<u32>().ok();
    match digits.len() {
        4 => clock_seconds(part(0)?, part(2)?, 0),
        6 => clock_seconds(part(0)?, part(2)?, part(4)?),
        _ => None,
    }
}

/// A time with colons at the start of the tokens: seconds since midnight, and how many tokens.
fn clock(tokens: &[Token<'_>]) -> Option<(i64, usize)> {
    let [Number(hour), Mark(':'), Number(minute), rest @ ..] = tokens else {
        return None;
    };
    if hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let (mut hour, minute) = (small(hour)?, small(minute)?);
    let mut used = 3;
    let mut second = 0;
    if let [Mark(':'), Number(digits), rest @ ..] = rest {
        if digits.len() != 2 {
            return None;
        }
        second = small(digits)?;
        used += 2;
        // Fractions of a second say nothing that a day would miss.
        if let [Mark('.' | ','), Number(_), ..] = rest {
            used += 2;
        }
    }
    let rest = &tokens[used..];
    let (half, half_used) = match rest {
        [Space, Word(half), ..] => (*half, 2),
        [Word(half), ..] => (*half, 1),
        _ => ("", 0),
    };
    let (is_pm, extra) = match (&*half.to_ascii_lowercase(), &rest[half_used..]) {
        ("am", _) => (Some(false), 0),
        ("pm", _) => (Some(true), 0),
        ("a", [Mark('.'), Word("m" | "M"), Mark('.'), ..]) => (Some(false), 3),
        ("p", [Mark('.'), Word("m" | "M"), Mark('.'), ..]) => (Some(true), 3),
        _ => (None, 0),
    };
    if let Some(is_pm) = is_pm {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if is_pm { 12 } else { 0 };
        used += half_used + extra;
    }
    Some((clock_seconds(hour, minute, second)?, used))
}

/// The offset of a zone from UTC in seconds: `Z`, ` UTC`, `+02:00`, ` -0530`, or nothing.
fn offset(tokens: &[Token<'_>]) -> Option<i64> {
    let tokens = match tokens {
        [Space, rest @ ..] => rest,
        _ => tokens,
    };
    let hours_and_minutes = |hours: &str, minutes: &str| {
        let (hours, minutes) = (small(hours)?, small(minutes)?);
        (hours <= 14 && minutes < 60).then_some(i64::from(hours * 3_600 + minutes * 60))
    };
    match *tokens {
        [] => Some(0),
        [Word(name)] => {
            let name = name.to_ascii_lowercase();
            let zone = ZONES.iter().find(|(zone, _)| *zone == name)?;
            Some(zone.1 * 3_600)
        }
        [Mark(sign @ ('+' | '-')), ref rest @ ..] => {
            let size = match *rest {
                [Number(digits)] if digits.len() == 4 => {
                    hours_and_minutes(&digits[..2], &digits[2..])?
                }
                [Number(hours)] if hours.len() == 2 => hours_and_minutes(hours, "0")?,
                [Number(hours), Mark(':'), Number(minutes)] => hours_and_minutes(hours, minutes)?,
                _ => return None,
            };
            Some(if sign == '-' { -size } else { size })
        }
        _ => None,
    }
}

fn compact(digits: &str, time: Option<i64>) -> Option<Written> {
    let (date, time) = match digits.len() {
        8 => (digits, time),
        12 | 14 => (&digits[..8], Some(clock_digits(&digits[8..])?)),
        _ => return None,
    };
    let year = year(&date[..4])?;
    let (month, day) = (small(&date[4..6])?, small(&date[6..])?);
    Some(Written {
        day: Day::Compact { year, month, day },
        time,
        dotted_time: None,
    })
}

/// Two digits of a year mean 1969 to 2068 (POSIX, `strptime`, `%y`).
fn year(digits: &str) -> Option<u32> {
    let number = small(digits)?;
    match digits.len() {
        2 => Some(number + if number < 69 { 2_000 } else { 1_900 }),
        4 => (1_000..3_000).contains(&number).then_some(number),
        _ => None,
    }
}

fn month(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    (1..).zip(MONTHS).find_map(|(month, starts)| {
        let is_this = starts.iter().any(|start| {
            word.strip_prefix(start)
                .is_some_and(|ending| MONTH_ENDINGS.contains(&ending))
        });
        is_this.then_some(month)
    })
}

fn is_weekday(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    WEEKDAYS.iter().any(|start| {
        word.strip_prefix(start)
            .is_some_and(|ending| WEEKDAY_ENDINGS.contains(&ending))
    })
}

/// The day that tokens without a time write.
fn day(tokens: &[Token<'_>], time: Option<i64>) -> Option<Written> {
    let mut parts: [Token<'_>; 3] = [Space; 3];
    let mut marks = [' '; 3];
    let mut found = 0;
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            Word(word) if is_weekday(word) && found == 0 => {}
            // `31st of January`, `31 de enero`
            Word("st" | "nd" | "rd" | "th")
                if matches!(tokens.get(at.wrapping_sub(1)), Some(Number(_))) => {}
            Word("of" | "de" | "den" | "the") => {}
            Number(_) | Word(_) => {
                if let Word(word) = token {
                    month(word)?;
                }
                *parts.get_mut(found)? = *token;
                found += 1;
            }
            Mark('+' | ':') => return None,
            Mark(mark) if found > 0 => marks[found - 1] = mark,
            Mark(',' | '.') | Space => {}
            Mark(_) => return None,
        }
    }
    let written = |day| {
        Some(Written {
            day,
            time,
            dotted_time: None,
        })
    };
    match (found, parts) {
        (0, _) if time.is_some() => written(Day::None),
        (3, [Number(a), Number(b), Number(c)]) if a.len() == 4 => {
            let (year, month, day) = (year(a)?, two(b)?, two(c)?);
            let mark = marks[0];
            written(Day::YearFirst {
                year,
                month,
                day,
                mark,
            })
        }
        (3, [Number(a), Number(b), Number(c)]) if marks[0] == marks[1] && marks[0] != ',' => {
            let (hour, minute) = (two(a)?, two(b)?);
            let dotted_time = (marks[0] == '.' && c.len() == 2 && b.len() == 2 && time.is_none())
                .then(|| clock_seconds(hour, minute, small(c)?))
                .flatten();
            // Two digits above 31 can only be a year: `99-12-31`.
            if hour > 31 && a.len() == 2 {
                let (year, month, day) = (year(a)?, minute, two(c)?);
                let mark = marks[0];
                return written(Day::YearFirst {
                    year,
                    month,
                    day,
                    mark,
                });
            }
            Some(Written {
                day: Day::Numbers {
                    a: hour,
                    b: minute,
                    year: year(c)?,
                    mark: marks[0],
                },
                time,
                dotted_time,
            })
        }
        (3, [Word(name), Number(day), Number(of)]) => {
            let (year, month, day) = (year(of)?, month(name)?, two(day)?);
            written(Day::Named {
                year,
                month,
                day,
                day_first: false,
            })
        }
        (3, [Number(first), Word(name), Number(last)]) => {
            let is_year_first = first.len() == 4;
            let (of, day) = if is_year_first {
                (first, last)
            } else {
                (last, first)
            };
            let (year, month, day) = (year(of)?, month(name)?, two(day)?);
            written(Day::Named {
                year,
                month,
                day,
                day_first: !is_year_first,
            })
        }
        (2, [Number(of), Number(month), _]) if of.len() == 4 && matches!(marks[0], '-' | '/') => {
            let month = (month.len() == 2).then(|| small(month)).flatten()?;
            written(Day::Month {
                year: year(of)?,
                month,
            })
        }
        (2, [Word(name), Number(of), _] | [Number(of), Word(name), _]) if of.len() == 4 => {
            let (year, month) = (year(of)?, month(name)?);
            written(Day::Month { year, month })
        }
        _ => None,
    }
}

/// A number of one or two digits.
fn two(digits: &str) -> Option<u32> {
    if digits.len() <= 2 {
        digits.parse().ok()
    } else {
        None
    }
}
