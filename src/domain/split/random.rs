//! At random, whatever the rows have to predict.

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::apportion::planned_rows;
use super::units::{Units, fill, some_valid};
use super::{Part, Split, SplitPlan, Strata};
use crate::domain::issue::Issue;

pub(super) fn random(
    plan: &SplitPlan,
    strata: &Strata,
    units: &Units,
    rng: &mut ChaCha8Rng,
) -> Result<Split, Vec<Issue>> {
    let mut order: Vec<u32> = (0..units.len() as u32).collect();
    order.shuffle(rng);
    let quotas = [plan.test, plan.valid].map(|share| planned_rows(units.all_rows(), share));
    let mut parts = vec![Part::Train; units.len()];
    fill(units, &order, quotas, &mut parts);
    some_valid(units, &[order], &mut parts);
    units.split(strata, parts)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn of(labels: &[Option<u32>]) -> Split {
        let strata = Strata::classes(labels);
        let units = Units::of(&strata, None, |_| true);
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        random(&SplitPlan::default(), &strata, &units, &mut rng).unwrap()
    }

    #[test]
    fn the_parts_have_their_planned_totals() {
        let labels: Vec<Option<u32>> = (0..1000).map(|row| Some(row % 3)).collect();
        let split = of(&labels);
        assert_eq!(
            (split.train.len(), split.valid.len(), split.test.len()),
            (700, 100, 200)
        );
    }

    #[test]
    fn a_rare_class_is_learned_from() {
        for rare in 0..40 {
            let labels: Vec<Option<u32>> =
                (0..40).map(|row| Some(u32::from(row == rare))).collect();
            let split = of(&labels);
            assert!(split.train.iter().any(|row| row.0 == rare), "{rare}");
        }
    }
}
