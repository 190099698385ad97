//! What training itself minimises, so it moves when accuracy does not yet.

use super::{Metric, Prepared, Scored, Shape, Undefined};

/// Mean of the negative logarithm of the true label's probability, in nats.
#[derive(Debug, Clone, Copy)]
pub struct LogLoss;

impl Metric for LogLoss {
    fn id(&self) -> &'static str {
        "log_loss"
    }

    fn name(&self) -> &'static str {
        "Log loss"
    }

    fn about(&self) -> &'static str {
        "How surprised the model is by the truth; being sure and wrong costs most."
    }

    fn is_higher_better(&self) -> bool {
        false
    }

    fn counts_in_points(&self) -> bool {
        false
    }

    fn judges(&self) -> Shape {
        Shape::Classes
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        Ok(scored.classes()?.mean(surprise))
    }

    fn prepared<'a>(&self, scored: &Scored<'a>) -> Option<Prepared<'a>> {
        Some(scored.classes().ok()?.prepared_mean(surprise))
    }
}

fn surprise((truth, probabilities): (u32, &[f32])) -> f64 {
    let probability = f64::from(probabilities[truth as usize]);
    -probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn a_fair_coin_costs_the_logarithm_of_two() {
        let coin: &[f32] = &[0.5, 0.5];
        check(&LogLoss, &[0, 1], &[coin; 2], std::f64::consts::LN_2);
    }

    #[test]
    fn being_sure_and_wrong_costs_much_but_not_everything() {
        check(&LogLoss, &[0], &[&[0.0, 1.0]], 36.043_653_389);
    }
}
