//! How good a model is, in the words of its task.

use super::{NBSP, percent, short_number};
use crate::domain::report::Judged;

/// How good a model is: a sentence without a full stop, and what there is to add.
pub fn verdict(judged: &Judged) -> (String, String) {
    let rows = super::rows(judged.rows().len() as u64);
    match judged {
        Judged::Numbers(found) => {
            let off = judged.metric("mae").unwrap_or(f64::NAN);
            let headline = format!(
                "Off by {} on average on {rows} it never saw",
                short_number(off)
            );
            let mean = found.baselines.first().and_then(|baseline| {
                let metric = baseline.metrics.iter().find(|metric| metric.id == "mae")?;
                Some(format!(
                    "Always the mean is off by {}.",
                    short_number(metric.value)
                ))
            });
            let held = found.ranges.map(|ranges| {
                format!(
                    " Its ranges hold {} of the true numbers, where {} were promised; they are {} wide on average.",
                    percent(ranges.held),
                    percent(ranges.promised),
                    short_number(ranges.mean_width)
                )
            });
            let detail = mean.unwrap_or_default() + &held.unwrap_or_default();
            (headline, detail)
        }
        Judged::Labels(_) => {
            let right = judged.metric("accuracy").unwrap_or(0.0);
            let headline = format!("{} right on {rows} it never saw", percent(right));
            (headline, String::new())
        }
        Judged::LabelSets(_) => {
            let all = judged.metric("subset_accuracy").unwrap_or(0.0);
            let headline = format!(
                "All labels right on {} of {rows} it never saw",
                percent(all)
            );
            (headline, String::new())
        }
    }
}

/// How good a model is, in a word: `97.5 %`, `R² 0.93`.
pub fn figure(judged: &Judged) -> String {
    let of = |id| judged.metric(id).unwrap_or(f64::NAN);
    match judged {
        Judged::Labels(_) => percent(of("accuracy")),
        Judged::Numbers(_) => format!("R²{NBSP}{:.2}", of("r2")),
        Judged::LabelSets(_) => format!("F1{NBSP}{:.2}", of("label_micro_f1")),
    }
}
