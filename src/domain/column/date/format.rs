//! How a column writes its dates, read from the column as a whole: `3/4/2021` is a day in March
//! or in April, and only other cells of the column can say which.

use serde::{Deserialize, Serialize};

use super::read;
use super::written::{Day, Written};

/// The shape of most of a column's dates.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// `2024-01-31`
    #[default]
    YearFirst,
    /// `31/01/2024`, `01/31/2024`
    Numbers,
    /// `January 31, 2024`
    NameFirst,
    /// `31-Jan-24`
    NameSecond,
    /// `20240131`
    Compact,
    /// `2024-01`, `Jan 2024`
    Month,
    /// `18:30`, `18.30.00`
    TimeOnly,
}

/// How a column writes its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DateFormat {
    /// The shape of most. Others are read as well, but bare digits and bare times only where
    /// they are the column's shape.
    pub shape: Shape,
    /// What stands between day, month and year in most.
    pub mark: char,
    /// Whether the day stands before the month where both are numbers and the year comes last.
    pub is_day_first: bool,
    /// Whether most have a time of day.
    pub has_time: bool,
    /// Whether the cells settle which of day and month comes first.
    pub is_sure: bool,
}

impl Default for DateFormat {
    fn default() -> Self {
        Self {
            shape: Shape::YearFirst,
            mark: '-',
            is_day_first: false,
            has_time: false,
            is_sure: true,
        }
    }
}

/// So many different cells are looked at.
const MOST_CELLS: usize = 2_000;

/// Where fewer than one cell in so many contradicts the others, it is a mistake.
const CONTRADICTION: u32 = 20;

impl DateFormat {
    /// The format of these cells. Cells that are no dates do not count; without any the format is
    /// the default.
    pub fn detect<'a, I>(cells: I) -> Self
    where
        I: IntoIterator<Item = &'a str>,
        I::IntoIter: ExactSizeIterator,
    {
        let cells = cells.into_iter();
        let step = cells.len().div_ceil(MOST_CELLS).max(1);
        let mut shapes: Vec<((Shape, char), u32)> = Vec::new();
        let (mut timed, mut total) = (0, 0);
        let (mut day_first, mut month_first) = (0, 0);
        let mut seen_a = [false; 13];
        let mut seen_b = [false; 13];
        for cell in cells.step_by(step) {
            let Some(written) = Written::of(cell) else {
                continue;
            };
            let Some(shape) = shape_of(&written) else {
                continue;
            };
            total += 1;
            timed += u32::from(written.time.is_some());
            if let (Day::Numbers { a, b, .. }, (Shape::Numbers, _)) = (written.day, shape) {
                day_first += u32::from(a > 12 && b <= 12);
                month_first += u32::from(b > 12 && a <= 12);
                if a <= 12 && b <= 12 {
                    seen_a[a as usize] = true;
                    seen_b[b as usize] = true;
                }
            }
            match shapes.iter_mut().find(|(seen, _)| *seen == shape) {
                Some((_, rows)) => *rows += 1,
                None => shapes.push((shape, 1)),
            }
        }
        // The first of equals.
        let Some(((shape, mark), _)) = shapes.into_iter().rev().max_by_key(|(_, rows)| *rows)
        else {
            return Self::default();
        };
        let days = |seen: &[bool; 13]| seen.iter().filter(|seen| **seen).count();
        let (is_day_first, is_sure) = if day_first != month_first {
            let contradicting = day_first.min(month_first);
            (
                day_first > month_first,
                contradicting * CONTRADICTION < day_first + month_first,
            )
        } else {
            // Days vary more than months; where they do not, slashes are American.
            let is_day_first = match days(&seen_a).cmp(&days(&seen_b)) {
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Equal => mark != '/',
            };
            (is_day_first, days(&seen_a) == 0 && day_first == 0)
        };
        Self {
            shape,
            mark,
            is_day_first,
            has_time: timed * 2 > total,
            is_sure,
        }
    }

    /// How the dates are written, for people: `day/month/year hour:minute`.
    pub fn describe(&self) -> String {
        let mark = self.mark;
        let mut text = match self.shape {
            Shape::YearFirst => format!("year{mark}month{mark}day"),
            Shape::Numbers if self.is_day_first => format!("day{mark}month{mark}year"),
            Shape::Numbers => format!("month{mark}day{mark}year"),
            Shape::NameFirst => "month name, day, year".to_owned(),
            Shape::NameSecond => format!("day{mark}month name{mark}year"),
            Shape::Compact => "yearmonthday".to_owned(),
            Shape::Month => "year and month".to_owned(),
            Shape::TimeOnly => return format!("hour{mark}minute, without a day"),
        };
        if self.has_time {
            text.push_str(" hour:minute");
        }
        if !self.is_sure {
            text.push_str("; the cells do not settle whether the day or the month comes first");
        }
        text
    }
}

/// The shape of a date that some order makes valid; `None` for none.
fn shape_of(written: &Written) -> Option<(Shape, char)> {
    let (shape, mark) = match written.day {
        Day::YearFirst { mark, .. } => (Shape::YearFirst, mark),
        Day::Numbers { mark, .. } => {
            let is_date = [true, false].iter().any(|&is_day_first| {
                let format = DateFormat {
                    shape: Shape::Numbers,
                    is_day_first,
                    ..DateFormat::default()
                };
                read::seconds(written, format).is_some()
            });
            match is_date {
                true => (Shape::Numbers, mark),
                false => {
                    written.dotted_time?;
                    (Shape::TimeOnly, '.')
                }
            }
        }
        Day::Named { day_first, .. } if day_first => (Shape::NameSecond, ' '),
        Day::Named { .. } => (Shape::NameFirst, ' '),
        Day::Compact { .. } => (Shape::Compact, ' '),
        Day::Month { .. } => (Shape::Month, '-'),
        Day::None => (Shape::TimeOnly, ':'),
    };
    let format = DateFormat {
        shape,
        mark,
        ..DateFormat::default()
    };
    if shape != Shape::Numbers {
        read::seconds(written, format)?;
    }
    Some((shape, mark))
}
