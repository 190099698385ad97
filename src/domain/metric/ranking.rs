//! Rows in the order of a score, cut at every distinct one: the areas and curves come from here.

use super::{Classes, Undefined, ratio};

/// What is found when all rows from a score on are called positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// Rows of this score and above are called positive.
    pub threshold: f64,
    /// Weight of the positive rows among them.
    pub hits: f64,
    /// Weight of the negative rows among them.
    pub false_alarms: f64,
}

/// Every cut that makes a difference, from the highest score down.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    cuts: Vec<Cut>,
}

impl Ranking {
    /// Sorts rows of score and truth; without weights each counts 1. Scores must not be NaN.
    pub fn of(rows: impl Iterator<Item = (f64, bool)>, weights: Option<&[f64]>) -> Self {
        let mut rows: Vec<(f64, bool, f64)> = rows
            .enumerate()
            .map(|(row, (score, truth))| {
                // 0.0 + turns -0 into 0, so that the two tie.
                (
                    0.0 + score,
                    truth,
                    weights.map_or(1.0, |weights| weights[row]),
                )
            })
            .collect();
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut cuts: Vec<Cut> = Vec::new();
        let (mut hits, mut false_alarms) = (0.0, 0.0);
        for (threshold, truth, weight) in rows {
            if truth {
                hits += weight;
            } else {
                false_alarms += weight;
            }
            let cut = Cut {
                threshold,
                hits,
                false_alarms,
            };
            match cuts.last_mut() {
                Some(last) if last.threshold == threshold => *last = cut,
                _ => cuts.push(cut),
            }
        }
        Self { cuts }
    }

    /// The cuts, from the highest score down.
    pub fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    /// Weight of the positive rows.
    pub fn positives(&self) -> f64 {
        self.cuts.last().map_or(0.0, |cut| cut.hits)
    }

    /// Weight of the negative rows.
    pub fn negatives(&self) -> f64 {
        self.cuts.last().map_or(0.0, |cut| cut.false_alarms)
    }

    /// Area under the ROC curve by trapezoids, so that a tie counts half; `None` without positive
    /// or without negative rows.
    pub fn roc_area(&self) -> Option<f64> {
        let whole = self.positives() * self.negatives();
        if whole == 0.0 {
            return None;
        }
        let (mut area, mut before) = (0.0, (0.0, 0.0));
        for cut in &self.cuts {
            area += 0.5 * (cut.false_alarms - before.1) * (cut.hits + before.0);
            before = (cut.hits, cut.false_alarms);
        }
        Some(area / whole)
    }

    /// The sum of the recalls gained at each cut times the precision there; 0 without positive rows.
    pub fn average_precision(&self) -> f64 {
        let (mut sum, mut before) = (0.0, 0.0);
        for cut in &self.cuts {
            sum += (cut.hits - before) * ratio(cut.hits, cut.hits + cut.false_alarms);
            before = cut.hits;
        }
        ratio(sum, self.positives())
    }
}

/// The ranking of each label that occurs against the rest, by index.
///
/// # Errors
/// When fewer than two labels occur.
pub fn one_against_rest(classes: &Classes) -> Result<Vec<Ranking>, Undefined> {
    let mut rows_of = vec![0.0; classes.classes()];
    for (row, &label) in classes.truth().iter().enumerate() {
        rows_of[label as usize] += classes.weights().map_or(1.0, |weights| weights[row]);
    }
    let occurring: Vec<usize> = (0..rows_of.len())
        .filter(|&label| rows_of[label] > 0.0)
        .collect();
    if occurring.len() < 2 {
        return Err(Undefined::OneLabel);
    }
    Ok(occurring
        .into_iter()
        .map(|label| {
            let rows = classes.rows().map(|(truth, probabilities)| {
                (f64::from(probabilities[label]), truth as usize == label)
            });
            Ranking::of(rows, classes.weights())
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_are_one_cut() {
        let rows = [
            (0.5, true),
            (0.9, true),
            (0.5, false),
            (-0.0, false),
            (0.0, true),
        ];
        let ranking = Ranking::of(rows.into_iter(), None);
        let seen: Vec<(f64, f64, f64)> = ranking
            .cuts()
            .iter()
            .map(|cut| (cut.threshold, cut.hits, cut.false_alarms))
            .collect();
        assert_eq!(seen, [(0.9, 1.0, 0.0), (0.5, 2.0, 1.0), (0.0, 3.0, 2.0)]);
    }

    #[test]
    fn without_both_sorts_of_rows_there_is_no_area() {
        assert_eq!(
            Ranking::of([(0.5, true)].into_iter(), None).roc_area(),
            None
        );
        assert_eq!(Ranking::of(std::iter::empty(), None).roc_area(), None);
        assert_eq!(
            Ranking::of(std::iter::empty(), None).average_precision(),
            0.0
        );
    }
}
