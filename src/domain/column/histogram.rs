//! Bars with round bounds, quantiles, mean and deviation of values with their numbers of rows.
//!
//! Values come sorted, as `(value, rows)`; numbers as large as `f64` holds stay finite throughout.

use super::date::{DAY_SECS, shown, shown_time};
use super::number::shown as shown_number;
use super::{Bar, NumberFigures, date};

/// Bars are so many at the most, whatever the step.
const MOST_BARS: usize = 24;

/// Steps are chosen to give about so many bars.
const USUAL_BARS: f64 = 16.0;

/// Whole numbers over a range this short have a bar each.
const SHORT_RANGE: f64 = 23.0;

/// The value that a share of the rows does not exceed, between neighbours by a straight line, as
/// NumPy's `quantile` has it. 0 without values.
pub(super) fn quantile(sorted: &[(f64, u32)], share: f64) -> f64 {
    let rows: u64 = sorted.iter().map(|(_, rows)| u64::from(*rows)).sum();
    if rows == 0 {
        return 0.0;
    }
    let at = share * (rows - 1) as f64;
    let value = |index: u64| {
        let mut seen = 0;
        for (value, rows) in sorted {
            seen += u64::from(*rows);
            if index < seen {
                return *value;
            }
        }
        sorted[sorted.len() - 1].0
    };
    let (below, above) = (value(at.floor() as u64), value(at.ceil() as u64));
    let weight = at.fract();
    below * (1.0 - weight) + above * weight
}

/// Quantiles, mean and standard deviation. The values are not empty.
pub(super) fn figures(sorted: &[(f64, u32)]) -> NumberFigures {
    let rows: f64 = sorted.iter().map(|(_, rows)| f64::from(*rows)).sum();
    // In units of the largest size, so that neither sums nor squares overflow.
    let scale = sorted[0].0.abs().max(sorted[sorted.len() - 1].0.abs());
    let scale = if scale > 0.0 { scale } else { 1.0 };
    let mean_of = |of: &dyn Fn(f64) -> f64| {
        sorted
            .iter()
            .map(|(value, n)| of(value / scale) * f64::from(*n))
            .sum::<f64>()
            / rows
    };
    let mean = mean_of(&|x| x);
    let variance = mean_of(&|x| (x - mean) * (x - mean));
    NumberFigures {
        quantiles: [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| quantile(sorted, share)),
        mean: mean * scale,
        deviation: variance.sqrt() * scale,
    }
}

/// Bars over numbers: one a value for few whole numbers, else with bounds that are 1, 2, 2.5 or 5
/// times a power of ten apart.
pub(super) fn of_numbers(sorted: &[(f64, u32)]) -> Vec<Bar> {
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return Vec::new();
    };
    let (low, high) = (first.0, last.0);
    let is_short = high - low <= SHORT_RANGE;
    if low == high || (is_short && sorted.iter().all(|(value, _)| value.fract() == 0.0)) {
        let mut bars: Vec<Bar> = Vec::new();
        for &(value, rows) in sorted {
            match bars.last_mut() {
                Some(bar) if bar.range == Some([value, value]) => bar.rows += rows,
                _ => bars.push(Bar {
                    label: shown_number(value),
                    range: Some([value, value]),
                    rows,
                }),
            }
        }
        return bars;
    }
    let step = round_step((high / USUAL_BARS - low / USUAL_BARS).max(f64::MIN_POSITIVE));
    // Far from zero or at the ends of `f64` no round bound may lie between; then one bar has all.
    let start = (low / step).floor();
    let end = (high / step).floor() + 1.0;
    let count = end - start;
    let bounds: Vec<f64> = if count.is_finite() && (1.0..=MOST_BARS as f64).contains(&count) {
        (0..=count as usize)
            .map(|at| (start + at as f64) * step)
            .collect()
    } else {
        vec![low, high]
    };
    bars_between(sorted, &bounds, |low, high| {
        format!("{} to {}", shown_number(low), shown_number(high))
    })
}

/// The least 1, 2, 2.5 or 5 times a power of ten that is not below.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * power >= step * (1.0 - 1e-9))
        .unwrap_or(10.0);
    factor * power
}

/// Bars between bounds, the upper one excluded except by the last bar.
fn bars_between(
    sorted: &[(f64, u32)],
    bounds: &[f64],
    label: impl Fn(f64, f64) -> String,
) -> Vec<Bar> {
    let mut bars: Vec<Bar> = bounds
        .windows(2)
        .map(|pair| Bar {
            label: label(pair[0], pair[1]),
            range: Some([pair[0], pair[1]]),
            rows: 0,
        })
        .collect();
    let last = bars.len() - 1;
    for &(value, rows) in sorted {
        let above = bounds.partition_point(|bound| *bound <= value);
        bars[above.saturating_sub(1).min(last)].rows += rows;
    }
    bars
}

/// Bars over times of a day, an hour each.
pub(super) fn of_times(sorted: &[(f64, u32)]) -> Vec<Bar> {
    if sorted.is_empty() {
        return Vec::new();
    }
    let bounds: Vec<f64> = (0..=24).map(|hour| f64::from(hour * 3_600)).collect();
    bars_between(sorted, &bounds, |low, _| shown_time(low as i64))
}

/// Lengths of bars over dates.
#[derive(Debug, Clone, Copy)]
enum Span {
    Hours(i64),
    Days(i64),
    Months(i64),
    Years(i64),
}

/// The lengths that are tried, shortest first.
const SPANS: [Span; 13] = [
    Span::Hours(1),
    Span::Hours(6),
    Span::Days(1),
    Span::Days(7),
    Span::Months(1),
    Span::Months(3),
    Span::Years(1),
    Span::Years(2),
    Span::Years(5),
    Span::Years(10),
    Span::Years(25),
    Span::Years(50),
    Span::Years(100),
];

/// Bars over dates, in Unix seconds: hours, days, weeks from a Monday, months, quarters or years.
pub(super) fn of_dates(sorted: &[(f64, u32)]) -> Vec<Bar> {
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return Vec::new();
    };
    let (low, high) = (first.0 as i64, last.0 as i64);
    let (span, bounds) = SPANS
        .iter()
        .find_map(|span| Some((*span, bounds(*span, low, high)?)))
        .unwrap_or((Span::Hours(1), vec![low as f64, high as f64]));
    bars_between(sorted, &bounds, |low, _| {
        let day = shown(low as i64);
        match span {
            Span::Hours(_) | Span::Days(_) => day,
            Span::Months(_) => day[..7].to_owned(),
            Span::Years(_) => day[..4].to_owned(),
        }
    })
}

/// The bounds of such bars around a range; `None` when there are too many.
fn bounds(span: Span, low: i64, high: i64) -> Option<Vec<f64>> {
    let month_start = |months: i64| {
        date::start_of_month(months.div_euclid(12), (months.rem_euclid(12) + 1) as u32)
    };
    let start = match span {
        Span::Hours(hours) => low.div_euclid(hours * 3_600),
        // The first day of 1970 was a Thursday, so Mondays are 4 days off.
        Span::Days(7) => (low - 4 * DAY_SECS).div_euclid(7 * DAY_SECS),
        Span::Days(days) => low.div_euclid(days * DAY_SECS),
        Span::Months(months) => date::month_of(low).div_euclid(months),
        Span::Years(years) => date::month_of(low).div_euclid(12 * years),
    };
    let bound = |at: i64| match span {
        Span::Hours(hours) => at * hours * 3_600,
        Span::Days(7) => at * 7 * DAY_SECS + 4 * DAY_SECS,
        Span::Days(days) => at * days * DAY_SECS,
        Span::Months(months) => month_start(at * months),
        Span::Years(years) => month_start(at * years * 12),
    };
    let mut bounds = vec![bound(start) as f64];
    for at in 1..=MOST_BARS as i64 {
        let next = bound(start + at);
        bounds.push(next as f64);
        if next > high {
            return Some(bounds);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(bars: &[Bar]) -> Vec<&str> {
        bars.iter().map(|bar| bar.label.as_str()).collect()
    }

    #[test]
    fn figures_are_numpys() {
        // numpy: quantile([1, 2, 2, 4, 10], [0, .25, .5, .75, 1]), mean, std
        let figures = figures(&[(1.0, 1), (2.0, 2), (4.0, 1), (10.0, 1)]);
        assert_eq!(figures.quantiles, [1.0, 2.0, 2.0, 4.0, 10.0]);
        assert!((figures.mean - 3.8).abs() < 1e-12);
        assert!((figures.deviation - 3.249_615_361_854_384).abs() < 1e-12);
        assert!((quantile(&[(1.0, 1), (2.0, 1), (4.0, 1)], 0.8) - 3.2).abs() < 1e-12);
    }

    #[test]
    fn bounds_are_round() {
        let values: Vec<(f64, u32)> = (0..100).map(|at| (f64::from(at) * 0.37, 2)).collect();
        let bars = of_numbers(&values);
        assert_eq!(bars[0].label, "0 to 2.5");
        assert_eq!(bars.len(), 15);
        assert_eq!(bars.iter().map(|bar| bar.rows).sum::<u32>(), 200);
        let bars = of_numbers(&[(1.0, 5), (3.0, 2)]);
        assert_eq!(labels(&bars), ["1", "3"]);
    }

    #[test]
    fn extremes_stay_finite() {
        for values in [
            vec![(-1.7e308, 1), (0.5, 1), (1.7e308, 1)],
            vec![(5e-324, 1), (1e-320, 1)],
            vec![(1e300, 1), (1e300 * (1.0 + 1e-15), 3)],
            vec![(0.1, 1), (0.1 + 1e-17, 1), (0.100_000_000_000_000_02, 1)],
            vec![(-1e-300, 1), (1e300, 7)],
        ] {
            let bars = of_numbers(&values);
            let rows: u32 = values.iter().map(|(_, rows)| rows).sum();
            assert_eq!(
                bars.iter().map(|bar| bar.rows).sum::<u32>(),
                rows,
                "{values:?}"
            );
            assert!(bars.len() <= MOST_BARS + 1);
            let figures = figures(&values);
            assert!(
                figures.mean.is_finite() && figures.deviation.is_finite(),
                "{figures:?}"
            );
            assert!(figures.quantiles.iter().all(|q| q.is_finite()));
        }
    }

    #[test]
    fn spans_of_dates_fit_their_range() {
        let day = |days: i64| (days as f64 * DAY_SECS as f64, 1);
        let bars = of_dates(&[day(0), day(40)]);
        assert_eq!(bars[0].label, "1969-12-29", "a Monday");
        let bars = of_dates(&[day(0), day(365)]);
        assert_eq!(bars[0].label, "1970-01");
        assert_eq!(bars.len(), 13);
        let bars = of_dates(&[day(-40_000), day(20_000)]);
        assert_eq!(bars[0].label, "1860");
        let bars = of_dates(&[(0.0, 1), (7_200.0, 1)]);
        assert_eq!(
            labels(&bars),
            ["1970-01-01", "1970-01-01 01:00", "1970-01-01 02:00"]
        );
    }
}
