//! Whether a model learned the task or the training rows, read from the curves.

use serde::{Deserialize, Serialize};

use crate::domain::report::EpochReport;
use crate::domain::task::AnswerKind;

/// A validation loss that rose by this share of its lowest has turned: less is the noise of a small
/// validation part.
const RISE: f64 = 0.05;

/// A training loss that fell by this share since then still falls.
const FALL: f64 = 0.05;

/// The validation loss still falls when the last epoch took off this share of what all took off.
const STILL_FALLING: f64 = 0.1;

/// Training rows whose score is this much above that of validation rows were learned by heart, in
/// part: 10 points.
const GAP: f64 = 0.1;

/// What the accuracies of an [`EpochReport`] measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitScore {
    /// The share of the rows that are right.
    Accuracy,
    /// The share of the target's spread that is explained: R², where the target is a number.
    Explained,
}

impl FitScore {
    /// What they measure in a run whose task answers so.
    pub fn of(answer: AnswerKind) -> Self {
        match answer {
            AnswerKind::Number => Self::Explained,
            AnswerKind::Label | AnswerKind::Rank | AnswerKind::Labels => Self::Accuracy,
        }
    }

    /// The score on training rows below which a model that no longer learns has learned too little.
    fn little(self) -> f64 {
        match self {
            Self::Accuracy => 0.7,
            Self::Explained => 0.3,
        }
    }

    fn sentence(self, epoch: &EpochReport) -> String {
        let [train, valid] = [epoch.train_accuracy, epoch.valid_accuracy].map(|x| 100.0 * x);
        match self {
            Self::Accuracy => format!(
                "{train:.1} % of the training rows and {valid:.1} % of the validation rows were right"
            ),
            Self::Explained => format!(
                "{train:.1} % of the training rows' spread and {valid:.1} % of the validation rows' was explained"
            ),
        }
    }
}

/// What the curves say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitVerdict {
    /// One epoch or none: there is no curve to read.
    TooShort,
    /// The validation loss rose while the training loss fell on.
    Overfits,
    /// Training rows have a far better score than validation rows.
    Memorises,
    /// The validation loss still fell at the end.
    Unfinished,
    /// Neither part has a good score, and neither gets better.
    Underfits,
    /// None of these.
    Sound,
}

/// What the curves say, with the reason. What to do about it depends on the run, see
/// [`advise`](super::advise).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitReading {
    /// What the curves say.
    pub verdict: FitVerdict,
    /// Score of the training rows minus that of the validation rows at the epoch that was kept.
    pub gap: f64,
    /// Rise of the validation loss from its lowest to the end, as a share of the lowest.
    pub rise: f64,
    /// The epoch with the lowest validation loss, the first of equal ones; 0 where there is none.
    pub lowest: u32,
    /// Epochs that there were.
    pub epochs: u32,
    /// The reason, as a sentence with figures.
    pub reason: String,
}

/// Reads the curves of a finished run, epochs in order, of which one was kept; 0 where that was what
/// the run started from.
///
/// The training figures are means over an epoch, dropout and all, so they lag behind the validation
/// figures: a small gap below 0 is usual.
pub fn read_fit(epochs: &[EpochReport], kept: u32, score: FitScore) -> FitReading {
    let mut reading = FitReading {
        verdict: FitVerdict::TooShort,
        gap: 0.0,
        rise: 0.0,
        lowest: 0,
        epochs: epochs.len() as u32,
        reason: "There is no epoch to read.".to_owned(),
    };
    let Some((last, lowest)) = epochs.last().zip(lowest(epochs)) else {
        return reading;
    };
    let [lowest_loss, last_loss] = [lowest, last].map(|epoch| f64::from(epoch.valid_loss));
    if lowest_loss > 0.0 {
        reading.rise = last_loss / lowest_loss - 1.0;
    }
    // Figures of what a run started from are not told.
    let at = epochs.iter().find(|epoch| epoch.epoch == kept);
    let at = at.unwrap_or(lowest);
    reading.gap = f64::from(at.train_accuracy) - f64::from(at.valid_accuracy);
    reading.lowest = lowest.epoch;
    let [.., before, _] = epochs else {
        reading.reason = "One epoch makes no curve.".to_owned();
        return reading;
    };

    let train_fell = f64::from(last.train_loss) < (1.0 - FALL) * f64::from(lowest.train_loss);
    let scores = score.sentence(at);
    let in_all = f64::from(epochs[0].valid_loss) - last_loss;
    let at_last = f64::from(before.valid_loss) - last_loss;

    (reading.verdict, reading.reason) = if reading.rise > RISE && train_fell {
        let reason = format!(
            "After epoch {} the validation loss rose by {:.0} % while the training loss fell on; {} kept.",
            lowest.epoch,
            100.0 * reading.rise,
            match kept {
                0 => "what it started from was".to_owned(),
                kept => format!("the weights of epoch {kept} were"),
            }
        );
        (FitVerdict::Overfits, reason)
    } else if reading.gap > GAP {
        let reason = format!("At epoch {}, {scores}.", at.epoch);
        (FitVerdict::Memorises, reason)
    } else if lowest.epoch == last.epoch && at_last > STILL_FALLING * in_all && at_last > 0.0 {
        let reason = format!(
            "The last epoch still took the validation loss from {:.3} to {last_loss:.3}.",
            before.valid_loss
        );
        (FitVerdict::Unfinished, reason)
    } else if f64::from(at.train_accuracy) < score.little() {
        let reason = format!("The losses no longer fall, and only {scores}.");
        (FitVerdict::Underfits, reason)
    } else {
        let reason = format!("At epoch {}, {scores}.", at.epoch);
        (FitVerdict::Sound, reason)
    };
    reading
}

/// The epoch of the lowest validation loss, the first of equal ones.
fn lowest(epochs: &[EpochReport]) -> Option<&EpochReport> {
    epochs.iter().reduce(|best, epoch| {
        if epoch.valid_loss < best.valid_loss {
            epoch
        } else {
            best
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Epochs of training loss, training accuracy, validation loss and validation accuracy.
    fn epochs(figures: &[[f32; 4]]) -> Vec<EpochReport> {
        let epochs = figures.iter().enumerate();
        epochs
            .map(
                |(at, &[train_loss, train_accuracy, valid_loss, valid_accuracy])| EpochReport {
                    epoch: at as u32 + 1,
                    step: 10 * (at as u32 + 1),
                    train_loss,
                    train_accuracy,
                    valid_loss,
                    valid_accuracy,
                    is_best: false,
                },
            )
            .collect()
    }

    #[track_caller]
    fn check(figures: &[[f32; 4]], verdict: FitVerdict, reason: &str) {
        let epochs = epochs(figures);
        let kept = lowest(&epochs).map_or(0, |epoch| epoch.epoch);
        let found = read_fit(&epochs, kept, FitScore::Accuracy);
        assert_eq!((found.verdict, found.reason.as_str()), (verdict, reason));
    }

    macro_rules! reads {
        ($($name:ident, $figures:expr, $verdict:ident, $reason:expr;)*) => {
            $(#[test] fn $name() { check(&$figures, FitVerdict::$verdict, $reason); })*
        };
    }

    reads! {
        nothing, [], TooShort, "There is no epoch to read.";
        one_epoch, [[0.6, 0.7, 0.5, 0.7]], TooShort, "One epoch makes no curve.";
        the_validation_loss_turned,
            [[0.6, 0.7, 0.5, 0.8], [0.3, 0.9, 0.4, 0.85], [0.1, 0.98, 0.5, 0.84]], Overfits,
            "After epoch 2 the validation loss rose by 25 % while the training loss fell on; the weights of epoch 2 were kept.";
        a_wide_gap,
            [[0.6, 0.7, 0.7, 0.6], [0.1, 0.99, 0.6, 0.7], [0.09, 0.99, 0.6, 0.7]], Memorises,
            "At epoch 2, 99.0 % of the training rows and 70.0 % of the validation rows were right.";
        still_on_its_way,
            [[0.9, 0.5, 0.9, 0.5], [0.7, 0.6, 0.7, 0.6], [0.5, 0.7, 0.5, 0.7]], Unfinished,
            "The last epoch still took the validation loss from 0.700 to 0.500.";
        stuck,
            [[0.69, 0.5, 0.69, 0.5], [0.68, 0.55, 0.69, 0.5], [0.68, 0.55, 0.69, 0.5]], Underfits,
            "The losses no longer fall, and only 50.0 % of the training rows and 50.0 % of the validation rows were right.";
        as_it_should_be,
            [[0.6, 0.7, 0.5, 0.8], [0.2, 0.95, 0.25, 0.93], [0.18, 0.96, 0.252, 0.93]], Sound,
            "At epoch 2, 95.0 % of the training rows and 93.0 % of the validation rows were right.";
        noise_after_the_lowest_is_no_turn,
            [[0.6, 0.7, 0.5, 0.8], [0.2, 0.95, 0.25, 0.93], [0.1, 0.97, 0.26, 0.93]], Sound,
            "At epoch 2, 95.0 % of the training rows and 93.0 % of the validation rows were right.";
    }

    #[test]
    fn numbers_are_spoken_of_as_explained() {
        let curve = [
            [0.6, 0.4, 0.5, 0.42],
            [0.5, 0.5, 0.4, 0.5],
            [0.5, 0.5, 0.4, 0.5],
        ];
        let found = read_fit(&epochs(&curve), 2, FitScore::Explained);
        assert_eq!(found.verdict, FitVerdict::Sound);
        assert_eq!(
            found.reason,
            "At epoch 2, 50.0 % of the training rows' spread and 50.0 % of the validation rows' was explained."
        );
    }

    #[test]
    fn figures_are_those_of_what_was_kept() {
        let curve = epochs(&[
            [0.6, 0.7, 0.5, 0.8],
            [0.3, 0.9, 0.4, 0.85],
            [0.1, 0.98, 0.5, 0.84],
        ]);
        // A head that is solved to its optimum keeps the last epoch, whatever the validation loss.
        let found = read_fit(&curve, 3, FitScore::Accuracy);
        assert!(found.reason.ends_with("the weights of epoch 3 were kept."));
        assert!((found.gap - 0.14).abs() < 1e-6 && found.lowest == 2 && found.epochs == 3);
        let found = read_fit(&curve, 0, FitScore::Accuracy);
        assert!(found.reason.ends_with("what it started from was kept."));
    }
}
