//! Whether one model is better than another on the same rows, or only looks so.

use serde::{Deserialize, Serialize};

use super::bootstrap::{Bootstrap, Resampled, interval};
use crate::domain::metric::{Metric, Scored, Undefined};

/// What the rows say about two models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The interval of the difference is above 0.
    Better,
    /// It is below 0.
    Worse,
    /// It holds 0, or there is none.
    NotDistinguishable,
}

/// The difference of two models' figures on the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Stable id of the metric.
    pub id: String,
    /// By how much the figure is better, in its own unit; below 0 it is worse.
    pub gain: f64,
    /// 95 % interval of the gain, by resampling rows for both models alike.
    pub interval: Option<[f64; 2]>,
    /// What follows.
    pub verdict: Verdict,
    /// The same in words, such as "better by 2.1 points (0.8 to 3.5)".
    pub sentence: String,
}

/// Compares a model with another one, called `other` in the sentence ("the baseline").
///
/// # Errors
/// When the metric has no value for one of them.
///
/// # Panics
/// When the two do not have the same number of rows: they must be the same rows.
pub fn compare(
    metric: &dyn Metric,
    model: &Scored,
    baseline: &Scored,
    other: &str,
    plan: &Bootstrap,
) -> Result<Comparison, Undefined> {
    assert_eq!(model.len(), baseline.len(), "both judge the same rows");
    let sign = if metric.is_higher_better() { 1.0 } else { -1.0 };
    let gain = sign * (metric.of(model)? - metric.of(baseline)?);
    let mut ours = Resampled::new(&[metric], model);
    let mut theirs = Resampled::new(&[metric], baseline);
    let interval = interval(model.len(), gain, plan, |rows| {
        Some(sign * (ours.figures(rows)[0]? - theirs.figures(rows)[0]?))
    });
    let verdict = match interval {
        Some([low, _]) if low > 0.0 => Verdict::Better,
        Some([_, high]) if high < 0.0 => Verdict::Worse,
        _ => Verdict::NotDistinguishable,
    };
    Ok(Comparison {
        id: metric.id().to_owned(),
        gain,
        interval,
        verdict,
        sentence: sentence(verdict, gain, interval, other, metric.counts_in_points()),
    })
}

fn sentence(
    verdict: Verdict,
    gain: f64,
    interval: Option<[f64; 2]>,
    other: &str,
    in_points: bool,
) -> String {
    let (word, sign) = match verdict {
        Verdict::Better => ("better", 1.0),
        Verdict::Worse => ("worse", -1.0),
        Verdict::NotDistinguishable => return format!("not distinguishable from {other}"),
    };
    let amount = |value: f64| {
        if in_points {
            format!("{:.1}", 100.0 * value)
        } else {
            three_digits(value)
        }
    };
    let unit = if in_points { " points" } else { "" };
    let by = amount(sign * gain);
    let mut ends = interval.unwrap_or([gain; 2]).map(|end| sign * end);
    ends.sort_by(f64::total_cmp);
    let [low, high] = ends.map(amount);
    format!("{word} by {by}{unit} ({low} to {high})")
}

/// A number with three digits that count: "0.0123", "4.57", "1230".
fn three_digits(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    // Written with three digits first: 99.99 is then 1.00e2, and has no decimals.
    let rounded: f64 = format!("{value:.2e}").parse().expect("it was a number");
    let magnitude = rounded.abs().log10().floor();
    let decimals = (2.0 - magnitude).clamp(0.0, 12.0) as usize;
    format!("{rounded:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::{Accuracy, Classes, Mae, Numbers};

    #[test]
    fn sentences_are_as_people_speak() {
        let table = [
            (
                Verdict::Better,
                0.021,
                [0.008, 0.035],
                true,
                "better by 2.1 points (0.8 to 3.5)",
            ),
            (
                Verdict::Worse,
                -0.012,
                [-0.022, -0.003],
                true,
                "worse by 1.2 points (0.3 to 2.2)",
            ),
            (
                Verdict::Better,
                1_234.5,
                [99.97, 2_000.0],
                false,
                "better by 1230 (100 to 2000)",
            ),
            (
                Verdict::Worse,
                -0.012_34,
                [-0.02, -0.001],
                false,
                "worse by 0.0123 (0.00100 to 0.0200)",
            ),
            (
                Verdict::NotDistinguishable,
                0.01,
                [-0.01, 0.03],
                true,
                "not distinguishable from the baseline",
            ),
        ];
        for (verdict, gain, interval, in_points, expected) in table {
            let found = sentence(verdict, gain, Some(interval), "the baseline", in_points);
            assert_eq!(found, expected);
        }
    }

    /// 200 rows of two labels, of which `wrong` are wrong.
    fn answers(wrong: impl Fn(usize) -> bool) -> Vec<f32> {
        (0..200)
            .flat_map(|row| if wrong(row) { [0.2, 0.8] } else { [0.8, 0.2] })
            .collect()
    }

    #[test]
    fn the_same_rows_tell_models_apart_that_their_own_intervals_do_not() {
        let truth = [0; 200];
        let ours = answers(|row| row % 10 == 0);
        let theirs = answers(|row| row % 10 == 0 || row % 20 == 1);
        let ours = Scored::from(Classes::new(2, &truth, &ours).unwrap());
        let theirs = Scored::from(Classes::new(2, &truth, &theirs).unwrap());
        let plan = Bootstrap::new(3);
        let better = compare(&Accuracy, &ours, &theirs, "the baseline", &plan).unwrap();
        assert!((better.gain - 0.05).abs() < 1e-12);
        assert_eq!(better.verdict, Verdict::Better);
        assert!(
            better.sentence.starts_with("better by 5.0 points ("),
            "{}",
            better.sentence
        );
        let worse = compare(&Accuracy, &theirs, &ours, "it", &plan).unwrap();
        assert_eq!(worse.verdict, Verdict::Worse);
        let same = compare(&Accuracy, &ours, &ours, "the run before", &plan).unwrap();
        assert_eq!(same.sentence, "not distinguishable from the run before");
    }

    #[test]
    fn less_of_an_error_is_better() {
        let truth: Vec<f64> = (0..50).map(f64::from).collect();
        let near: Vec<f64> = truth.iter().map(|value| value + 1.0).collect();
        let far: Vec<f64> = truth.iter().map(|value| value - 3.0).collect();
        let near = Scored::from(Numbers::new(&truth, &near).unwrap());
        let far = Scored::from(Numbers::new(&truth, &far).unwrap());
        let found = compare(&Mae, &near, &far, "the mean", &Bootstrap::new(1)).unwrap();
        assert_eq!(found.sentence, "better by 2.00 (2.00 to 2.00)");
    }
}
