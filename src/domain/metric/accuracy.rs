//! The share of rows that are right: the figure everybody asks for first.

use super::{Confusion, Metric, Prepared, Scored, Shape, Undefined, ratio};

/// Share of the rows whose most probable label is the true one.
#[derive(Debug, Clone, Copy)]
pub struct Accuracy;

impl Metric for Accuracy {
    fn id(&self) -> &'static str {
        "accuracy"
    }

    fn name(&self) -> &'static str {
        "Accuracy"
    }

    fn about(&self) -> &'static str {
        "Share of the rows that are right."
    }

    fn is_higher_better(&self) -> bool {
        true
    }

    fn judges(&self) -> Shape {
        Shape::Classes
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        figure(&Confusion::of(scored.classes()?))
    }

    fn prepared<'a>(&self, scored: &Scored<'a>) -> Option<Prepared<'a>> {
        Confusion::prepared(scored, figure)
    }
}

fn figure(confusion: &Confusion) -> Result<f64, Undefined> {
    Ok(ratio(confusion.all_right(), confusion.whole()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn three_of_four() {
        let (yes, no): (&[f32], &[f32]) = (&[0.1, 0.9], &[0.6, 0.4]);
        check(&Accuracy, &[1, 0, 0, 1], &[yes, no, yes, yes], 0.75);
    }
}
