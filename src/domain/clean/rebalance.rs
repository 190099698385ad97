//! Classes of very different size.
//!
//! Only the list of training rows changes: validation and test keep the proportions that the model
//! will meet.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::offer::Proposal;
use super::{Rebalance, Stage, Step, StepPlan, StepReport, Work, counted};
use crate::domain::recipe::ClassWeights;
use crate::domain::table::RowId;
use crate::domain::task;

pub(super) struct EvenClasses {
    pub how: Rebalance,
}

/// A stream of its own, so that the split stays the same with and without this step.
const RANDOM_STREAM: u64 = 20;

impl Step for EvenClasses {
    fn name(&self) -> &'static str {
        "Rebalance classes"
    }

    fn about(&self) -> &'static str {
        "Repeats training rows of rare classes, or leaves training rows of frequent ones out, until all classes have the same number."
    }

    fn stage(&self) -> Stage {
        Stage::TrainingRows
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        let classes = classes(work)?;
        let sizes: Vec<usize> = classes
            .iter()
            .map(Vec::len)
            .filter(|rows| *rows > 0)
            .collect();
        if sizes.len() < 2 {
            return Err("There is a single class, so nothing to bring closer.".to_owned());
        }
        let most = sizes.iter().copied().max().unwrap_or(0);
        let least = sizes.iter().copied().min().unwrap_or(0);
        let size = match self.how {
            Rebalance::Oversample => most,
            Rebalance::Undersample => least,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(u64::from(work.recipe.seed));
        rng.set_stream(RANDOM_STREAM);
        let before = work.train()?.len();
        let mut train: Vec<RowId> = classes
            .into_iter()
            .filter(|rows| !rows.is_empty())
            .flat_map(|rows| drawn(rows, size, &mut rng))
            .collect();
        train.sort_unstable();
        let after = train.len();
        if let Some(Ok(split)) = &mut work.split {
            split.train = train;
        }
        let (rows, dropped, verb) = match self.how {
            Rebalance::Oversample => (after - before, 0, "Repeats"),
            Rebalance::Undersample => (0, before - after, "Leaves out"),
        };
        Ok(StepReport {
            what: format!(
                "{verb} {}: every class has {} then.",
                counted(rows + dropped, "training row"),
                counted(size, "training row")
            ),
            rows: rows as u32,
            dropped_rows: dropped as u32,
            ..StepReport::default()
        })
    }
}

/// So many of these rows: each as often as any other, give or take one.
fn drawn(mut rows: Vec<RowId>, size: usize, rng: &mut ChaCha8Rng) -> Vec<RowId> {
    rows.shuffle(rng);
    rows.iter().copied().cycle().take(size).collect()
}

/// The training rows of each class.
fn classes(work: &Work) -> Result<Vec<Vec<RowId>>, String> {
    let target = work.column(&work.recipe.target)?;
    let task = task::find(&work.recipe.task).ok_or("There is no such task.")?;
    let labels = task.labels(target);
    let mut classes = vec![Vec::new(); labels.names.len()];
    for row in work.train()? {
        if let Some(label) = labels.of_row[row.index()] {
            classes[label as usize].push(*row);
        }
    }
    Ok(classes)
}

/// Above this ratio of the largest to the smallest class a hint is given.
const STRONG: usize = 20;

/// A hint where classes are far apart and not weighted: weights do the same without repeating.
pub(super) fn offers(work: &Work) -> Vec<Proposal> {
    let is_weighted = work.recipe.training.class_weights == ClassWeights::Balanced;
    let Some(classes) = classes(work).ok().filter(|_| !is_weighted) else {
        return Vec::new();
    };
    let sizes = || classes.iter().map(Vec::len).filter(|rows| *rows > 0);
    let (most, least) = (sizes().max().unwrap_or(0), sizes().min().unwrap_or(0));
    if most <= STRONG * least {
        return Vec::new();
    }
    vec![Proposal {
        why: format!(
            "The largest class has {} and the smallest {least}. Balanced class weights even that out at less cost; this is another way.",
            counted(most, "training row")
        ),
        step: StepPlan::Rebalance {
            how: Rebalance::Oversample,
        },
    }]
}
