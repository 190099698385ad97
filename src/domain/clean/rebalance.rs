//! Classes of very different size.
//!
//! Only the list of training rows changes: validation and test keep the proportions that the model
//! will meet.

use std::collections::BTreeMap;

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
        let labels = labels_of(work)?;
        let read = work.train()?.to_vec();
        let classes = classes(&labels, &read);
        if classes.len() < 2 {
            return Err("There is a single class, so nothing to bring closer.".to_owned());
        }
        let size = self.size(&classes);
        let mut rng = ChaCha8Rng::seed_from_u64(u64::from(work.recipe.seed));
        rng.set_stream(RANDOM_STREAM);
        let mut even = |rows: &[RowId]| {
            let classes = self::classes(&labels, rows);
            let size = self.size(&classes);
            let drawn = classes
                .into_iter()
                .flat_map(|rows| drawn(rows, size, &mut rng));
            let mut even: Vec<RowId> = drawn.collect();
            even.sort_unstable();
            even
        };
        let train = even(&read);
        for (train, _) in &mut work.folds {
            *train = even(train);
        }
        let (before, after) = (read.len(), train.len());
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

impl EvenClasses {
    /// Rows that every class is to have.
    fn size(&self, classes: &[Vec<RowId>]) -> usize {
        let sizes = classes.iter().map(Vec::len);
        let size = match self.how {
            Rebalance::Oversample => sizes.max(),
            Rebalance::Undersample => sizes.min(),
        };
        size.unwrap_or(0)
    }
}

/// So many of these rows: each as often as any other, give or take one.
fn drawn(mut rows: Vec<RowId>, size: usize, rng: &mut ChaCha8Rng) -> Vec<RowId> {
    rows.shuffle(rng);
    rows.iter().copied().cycle().take(size).collect()
}

/// The label index of every row.
fn labels_of(work: &Work) -> Result<Vec<Option<u32>>, String> {
    let target = work.column(&work.recipe.target)?;
    let task = task::find(&work.recipe.task).ok_or("There is no such task.")?;
    let labels = task.labels(target);
    if labels.names.is_empty() {
        return Err("Nothing here is learned by classes.".to_owned());
    }
    Ok(labels.of_row)
}

/// The rows of each class that has some.
fn classes(labels: &[Option<u32>], rows: &[RowId]) -> Vec<Vec<RowId>> {
    let mut classes: BTreeMap<u32, Vec<RowId>> = BTreeMap::new();
    for row in rows {
        if let Some(label) = labels[row.index()] {
            classes.entry(label).or_default().push(*row);
        }
    }
    classes.into_values().collect()
}

/// Above this ratio of the largest to the smallest class a hint is given.
const STRONG: usize = 20;

/// A hint where classes are far apart and not weighted: weights do the same without repeating.
pub(super) fn offers(work: &Work) -> Vec<Proposal> {
    let is_weighted = work.recipe.training.class_weights == ClassWeights::Balanced;
    let (Ok(labels), Ok(train), false) = (labels_of(work), work.train(), is_weighted) else {
        return Vec::new();
    };
    let classes = classes(&labels, train);
    let sizes = || classes.iter().map(Vec::len);
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
