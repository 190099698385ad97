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

/// Rows in the order of a score, so that resamples of them need no sorting.
#[derive(Debug, Clone)]
pub struct Sorted<'a> {
    /// Score, truth and index of each row, the highest score first.
    rows: Vec<(f64, bool, u32)>,
    weights: Option<&'a [f64]>,
}

impl<'a> Sorted<'a> {
    /// Sorts rows of score and truth; without weights each counts 1. Scores must not be NaN.
    pub fn of(rows: impl Iterator<Item = (f64, bool)>, weights: Option<&'a [f64]>) -> Self {
        let rows = rows.enumerate();
        // 0.0 + turns -0 into 0, so that the two tie.
        let rows = rows.map(|(row, (score, truth))| (0.0 + score, truth, row as u32));
        let mut rows: Vec<(f64, bool, u32)> = rows.collect();
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        Self { rows, weights }
    }

    /// The ranking when each row occurs so many times, or once where nothing is said.
    pub fn ranking(&self, times: Option<&[u32]>) -> Ranking {
        let mut cuts: Vec<Cut> = Vec::new();
        let (mut hits, mut false_alarms) = (0.0, 0.0);
        for &(threshold, truth, row) in &self.rows {
            let times = times.map_or(1, |times| times[row as usize]);
            if times == 0 {
                continue;
            }
            let weight = self.weights.map_or(1.0, |weights| weights[row as usize]);
            if truth {
                hits += f64::from(times) * weight;
            } else {
                false_alarms += f64::from(times) * weight;
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
        Ranking { cuts }
    }
}

impl Ranking {
    /// Sorts rows of score and truth; without weights each counts 1. Scores must not be NaN.
    pub fn of(rows: impl Iterator<Item = (f64, bool)>, weights: Option<&[f64]>) -> Self {
        Sorted::of(rows, weights).ranking(None)
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

/// The rows in the order of each label's probability against the rest, by index.
pub(super) fn one_against_rest<'a>(classes: &Classes<'a>) -> Vec<Sorted<'a>> {
    (0..classes.classes())
        .map(|label| {
            let rows = classes.rows().map(|(truth, probabilities)| {
                (f64::from(probabilities[label]), truth as usize == label)
            });
            Sorted::of(rows, classes.weights())
        })
        .collect()
}

/// The rankings of the labels that occur, by index.
///
/// # Errors
/// When fewer than two labels occur.
pub(super) fn occurring(
    labels: &[Sorted],
    times: Option<&[u32]>,
) -> Result<Vec<Ranking>, Undefined> {
    let rankings = labels.iter().map(|label| label.ranking(times));
    let found: Vec<Ranking> = rankings
        .filter(|ranking| ranking.positives() > 0.0)
        .collect();
    if found.len() < 2 {
        return Err(Undefined::OneLabel);
    }
    Ok(found)
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
