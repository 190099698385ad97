//! How often each label was taken for each other one. Most metrics are sums over this table.

use super::{Classes, Metric, Prepared, Scored, Shape, Undefined, most_probable, ratio};

/// Rows by true and by predicted label: their number, and the sum of their weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Confusion {
    counts: Vec<Vec<u32>>,
    weights: Vec<Vec<f64>>,
}

impl Confusion {
    /// Counts. Without weights each row weighs 1.
    pub fn of(classes: &Classes) -> Self {
        let rows = classes.rows().enumerate();
        let counted = rows.map(|(row, (truth, probabilities))| {
            let predicted = most_probable(probabilities);
            (truth, predicted, 1, weight(classes, row))
        });
        Self::counted(classes.classes(), counted)
    }

    /// From true and predicted label, how many times it is there, and weight of each row.
    fn counted(labels: usize, rows: impl Iterator<Item = (u32, u32, u32, f64)>) -> Self {
        let mut counts = vec![vec![0; labels]; labels];
        let mut weights = vec![vec![0.0; labels]; labels];
        for (truth, predicted, times, weight) in rows {
            counts[truth as usize][predicted as usize] += times;
            weights[truth as usize][predicted as usize] += f64::from(times) * weight;
        }
        Self { counts, weights }
    }

    /// `counts[truth][predicted]`, whatever the weights.
    pub fn counts(&self) -> &[Vec<u32>] {
        &self.counts
    }

    /// The number of labels.
    pub fn classes(&self) -> usize {
        self.counts.len()
    }

    /// Rows that are of a class, whatever their weights.
    pub fn rows(&self, class: usize) -> u32 {
        self.counts[class].iter().sum()
    }

    /// Rows that are called what they are, whatever their weights.
    pub fn rows_right(&self) -> u32 {
        (0..self.classes())
            .map(|class| self.counts[class][class])
            .sum()
    }

    /// Weight of all rows.
    pub fn whole(&self) -> f64 {
        self.weights.iter().flatten().sum()
    }

    /// Weight of the rows that are of a class.
    pub fn support(&self, class: usize) -> f64 {
        self.weights[class].iter().sum()
    }

    /// Weight of the rows that are called so.
    pub fn called(&self, class: usize) -> f64 {
        self.weights.iter().map(|row| row[class]).sum()
    }

    /// Weight of the rows that are of a class and called so.
    pub fn right(&self, class: usize) -> f64 {
        self.weights[class][class]
    }

    /// Weight of the rows that are called what they are.
    pub fn all_right(&self) -> f64 {
        (0..self.classes()).map(|class| self.right(class)).sum()
    }

    /// True label, predicted label and weight of the rows that are so and called so, for each pair.
    pub(super) fn cells(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        let rows = self.weights.iter().enumerate();
        rows.flat_map(|(truth, row)| {
            let row = row.iter().enumerate();
            row.map(move |(called, &weight)| (truth, called, weight))
        })
    }

    /// Share of the rows called so that are so; 0 when none is called so.
    pub fn precision(&self, class: usize) -> f64 {
        ratio(self.right(class), self.called(class))
    }

    /// Share of the rows that are so that are called so; 0 when none is so.
    pub fn recall(&self, class: usize) -> f64 {
        ratio(self.right(class), self.support(class))
    }

    /// Harmonic mean of precision and recall; 0 when both are.
    pub fn f1(&self, class: usize) -> f64 {
        ratio(
            2.0 * self.right(class),
            self.called(class) + self.support(class),
        )
    }
}

/// A metric that needs no more than the table.
pub(super) trait OfConfusion: Copy + Sync + 'static {
    /// As [`Metric::id`].
    fn id(&self) -> &'static str;

    /// As [`Metric::name`].
    fn name(&self) -> &'static str;

    /// As [`Metric::about`].
    fn about(&self) -> &'static str;

    /// As [`Metric::is_higher_better`].
    fn is_higher_better(&self) -> bool {
        true
    }

    /// As [`Metric::counts_in_points`].
    fn counts_in_points(&self) -> bool {
        true
    }

    /// The figure.
    fn figure(&self, confusion: &Confusion) -> f64;
}

impl<T: OfConfusion> Metric for T {
    fn id(&self) -> &'static str {
        OfConfusion::id(self)
    }

    fn name(&self) -> &'static str {
        OfConfusion::name(self)
    }

    fn about(&self) -> &'static str {
        OfConfusion::about(self)
    }

    fn is_higher_better(&self) -> bool {
        OfConfusion::is_higher_better(self)
    }

    fn counts_in_points(&self) -> bool {
        OfConfusion::counts_in_points(self)
    }

    fn judges(&self) -> Shape {
        Shape::Classes
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        Ok(self.figure(&Confusion::of(scored.classes()?)))
    }

    /// Predictions are worked out once.
    fn prepared<'a>(&self, scored: &Scored<'a>) -> Option<Prepared<'a>> {
        let metric = *self;
        let classes = *scored.classes().ok()?;
        let pairs: Vec<(u32, u32)> = classes
            .rows()
            .map(|(truth, probabilities)| (truth, most_probable(probabilities)))
            .collect();
        Some(Box::new(move |times| {
            let rows = pairs.iter().zip(times).enumerate();
            let counted = rows.map(|(row, (&(truth, predicted), &times))| {
                (truth, predicted, times, weight(&classes, row))
            });
            Ok(metric.figure(&Confusion::counted(classes.classes(), counted)))
        }))
    }
}

/// What a row weighs: 1 without weights.
fn weight(classes: &Classes, row: usize) -> f64 {
    classes.weights().map_or(1.0, |of| of[row])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTH: &[u32] = &[0, 0, 0, 1];
    const PROBABILITIES: &[f32] = &[0.9, 0.1, 0.2, 0.8, 0.5, 0.5, 0.4, 0.6];

    #[test]
    fn truth_is_down_and_the_prediction_across() {
        let confusion = Confusion::of(&Classes::new(2, TRUTH, PROBABILITIES).unwrap());
        assert_eq!(confusion.counts(), [[2, 1], [0, 1]]);
        assert_eq!(confusion.support(0), 3.0);
        assert_eq!(confusion.called(1), 2.0);
        assert_eq!(confusion.all_right(), 3.0);
        assert_eq!(confusion.precision(1), 0.5);
        assert_eq!(confusion.recall(1), 1.0);
        assert_eq!(confusion.f1(0), 0.8);
    }

    #[test]
    fn weights_change_shares_and_no_counts() {
        let classes = Classes::new(2, TRUTH, PROBABILITIES).unwrap();
        let confusion = Confusion::of(&classes.weighted(&[1.0, 6.0, 1.0, 2.0]).unwrap());
        assert_eq!(confusion.counts(), [[2, 1], [0, 1]]);
        assert_eq!(confusion.rows(0), 3);
        assert_eq!(confusion.recall(0), 0.25);
        assert_eq!(confusion.precision(1), 0.25);
    }
}
