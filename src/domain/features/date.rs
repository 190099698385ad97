//! A moment as elapsed time and as its place in the year, the week and the day.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use super::encode::Cells;
use super::{FeatureOptions, Scale, Widths};
use crate::domain::column::DateFormat;
use crate::domain::column::date::read as read_date;
use crate::domain::table::Column;

/// How a column's dates are read, and which parts of them tell something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatePlan {
    /// How they are written.
    pub format: DateFormat,
    /// Whether training rows have gaps, which then are a flag of their own.
    pub has_gaps: bool,
    /// Unix seconds on the common scale.
    pub elapsed: Scale,
    /// Parts of which training rows have more than one.
    pub parts: Vec<(DatePart, Scale)>,
}

/// What comes round again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatePart {
    /// Place in the year.
    Year,
    /// Place in the week.
    Week,
    /// Place in the day.
    Day,
}

impl DatePart {
    const ALL: [Self; 3] = [Self::Year, Self::Week, Self::Day];

    /// The mean Gregorian year: a date is never more than a day off.
    pub const YEAR_SECONDS: f64 = 31_556_952.0;

    /// Share of the year, week or day that is over, 0 to 1. The week starts on a Thursday, as Unix
    /// time does.
    fn phase(self, seconds: i64) -> f64 {
        let day = 86_400;
        let seconds = match self {
            Self::Year => return (seconds as f64 / Self::YEAR_SECONDS).rem_euclid(1.0),
            Self::Week => (seconds.div_euclid(day).rem_euclid(7) as f64) / 7.0,
            Self::Day => seconds.rem_euclid(day) as f64 / day as f64,
        };
        seconds.rem_euclid(1.0)
    }
}

impl DatePlan {
    /// `None` without two different moments.
    pub(super) fn fit(column: &Column, options: &FeatureOptions) -> Option<Self> {
        let format = DateFormat::detect(column.distinct());
        let parsed: Vec<Option<i64>> = column
            .distinct()
            .iter()
            .map(|cell| read_date(cell.trim(), format))
            .collect();
        let codes = column.codes();
        let moments: Vec<i64> = codes
            .iter()
            .filter_map(|&code| parsed[code as usize])
            .collect();
        let parts = DatePart::ALL.into_iter().filter_map(|part| {
            let phases = moments.iter().map(|&moment| part.phase(moment)).collect();
            Some((part, Scale::fit(phases, options)?))
        });
        Some(Self {
            format,
            has_gaps: moments.len() < codes.len(),
            parts: parts.collect(),
            elapsed: Scale::fit(moments.iter().map(|&m| m as f64).collect(), options)?,
        })
    }

    /// For each part a number, and its sine and cosine, so that December is next to January.
    pub(super) fn widths(&self) -> Widths {
        Widths {
            numbers: 1 + self.parts.len(),
            flags: 2 * self.parts.len() + usize::from(self.has_gaps),
            ..Widths::default()
        }
    }

    /// The scales of the numbers, in their order.
    pub(super) fn scales(&self) -> impl Iterator<Item = &Scale> {
        std::iter::once(&self.elapsed).chain(self.parts.iter().map(|(_, scale)| scale))
    }

    pub(super) fn encode(&self, cell: &str, out: &mut Cells) {
        let moment = read_date(cell.trim(), self.format);
        let seconds = moment.unwrap_or(self.elapsed.median as i64);
        out.numbers.push(self.elapsed.of(seconds as f64));
        for (part, scale) in &self.parts {
            let phase = part.phase(seconds);
            out.numbers.push(scale.of(phase));
            let angle = TAU * phase;
            out.flags.extend([angle.sin() as f32, angle.cos() as f32]);
        }
        if self.has_gaps {
            out.flags.push(f32::from(moment.is_none()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(plan: &DatePlan, cell: &str) -> Cells {
        let mut out = Cells::default();
        plan.encode(cell, &mut out);
        out
    }

    #[test]
    fn december_is_next_to_january() {
        let cells = ["2020-01-01", "2021-06-30", "2022-12-31", ""];
        let column = Column::of("when", cells);
        let plan = DatePlan::fit(&column, &FeatureOptions::default()).unwrap();
        let parts: Vec<DatePart> = plan.parts.iter().map(|(part, _)| *part).collect();
        assert_eq!(parts, [DatePart::Year, DatePart::Week], "no time of day");
        assert_eq!(plan.widths().numbers, 3);
        assert_eq!(plan.widths().flags, 5);
        let [january, june, december] = [0, 1, 2].map(|at| encode(&plan, cells[at]));
        let apart = |a: &Cells, b: &Cells| {
            let [x, y] = [a.flags[0] - b.flags[0], a.flags[1] - b.flags[1]];
            x.hypot(y)
        };
        assert!(apart(&january, &december) < 0.05);
        assert!(apart(&january, &june) > 1.9);
        assert!(january.numbers[0] < june.numbers[0] && june.numbers[0] < december.numbers[0]);
        assert_eq!(encode(&plan, "").flags[4], 1.0);
        assert_eq!(january.flags[4], 0.0);
    }

    #[test]
    fn a_week_has_seven_days() {
        let monday = 4 * 86_400;
        for week in 0..4 {
            let phase = DatePart::Week.phase(monday + week * 7 * 86_400 + 3_600);
            assert!((phase - 4.0 / 7.0).abs() < 1e-12);
        }
        assert!((DatePart::Week.phase(-86_400) - 6.0 / 7.0).abs() < 1e-12);
        assert_eq!(DatePart::Day.phase(-21_600), 0.75);
    }
}
