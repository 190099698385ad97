//! Whether predictions rise with the truth in proportion, whatever their unit.

use super::{Metric, Scored, Shape, Undefined, correlation};

/// Product-moment correlation, -1 to 1.
///
/// At least two rows; refused where the true or the predicted values are all the same.
#[derive(Debug, Clone, Copy)]
pub struct Pearson;

impl Metric for Pearson {
    fn id(&self) -> &'static str {
        "pearson"
    }

    fn name(&self) -> &'static str {
        "Pearson correlation"
    }

    fn about(&self) -> &'static str {
        "How well a straight line through predictions and truth fits: 1 is perfect, 0 is no relation."
    }

    fn is_higher_better(&self) -> bool {
        true
    }

    fn counts_in_points(&self) -> bool {
        false
    }

    fn judges(&self) -> Shape {
        Shape::Numbers
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        let numbers = scored.numbers()?.unweighted()?;
        correlation(numbers.truth(), numbers.predicted())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Numbers, tests::check_numbers};
    use super::*;

    #[test]
    fn the_unit_does_not_matter() {
        check_numbers(&Pearson, &[1.0, 2.0, 3.0], &[10.0, 30.0, 50.0], 1.0);
        check_numbers(&Pearson, &[1.0, 2.0, 3.0], &[-1.0, -2.0, -3.0], -1.0);
        check_numbers(&Pearson, &[0.0, 1.0, 2.0], &[1.0, 0.0, 1.0], 0.0);
    }

    #[test]
    fn what_does_not_vary_is_refused() {
        let scored = Numbers::new(&[0.1; 3], &[1.0, 2.0, 4.0]).unwrap().into();
        let of = "true values".to_owned();
        assert_eq!(Pearson.of(&scored), Err(Undefined::NoSpread { of }));
        let scored = Numbers::new(&[1.0, 2.0, 4.0], &[0.1; 3]).unwrap().into();
        let of = "predictions".to_owned();
        assert_eq!(Pearson.of(&scored), Err(Undefined::NoSpread { of }));
    }
}
