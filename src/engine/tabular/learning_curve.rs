//! How the error falls with the number of training rows, for runs on columns: one network after the
//! other learns from a growing part of them, and the validation rows stop and judge it.
//!
//! Texts are read by the frozen encoder, whatever the run itself moved: what is read once serves all
//! parts. The test rows stay sealed.

use burn::tensor::Device;

use super::run::{TextReader, try_table};
use crate::domain::evaluation::SizePoint;
use crate::domain::features::{FeaturePlan, TableExamples, TextTuning};
use crate::domain::recipe::Recipe;
use crate::domain::report::{Ended, Phase};
use crate::domain::table::RowId;
use crate::domain::task::Target;
use crate::engine::error::EngineError;
use crate::engine::run::{Quiet, share_of_each};
use crate::engine::train::{Notice, Path, Watcher, rng_for};

/// Parts of the training rows, the smallest first, and how often each is drawn: a small one, which costs
/// little, twice, so that one odd draw does not bend the curve.
const PARTS: [(f64, u32); 6] = [(0.1, 2), (0.2, 2), (0.35, 2), (0.5, 1), (0.7, 1), (1.0, 1)];

/// How often all training rows are gone through in all, counted in networks that learn from all.
pub const NETWORKS: f64 = 3.5;

/// Purpose of the random numbers, see [`rng_for`].
const PURPOSE_PARTS: u64 = 28;

/// Errors on the validation rows by the number of training rows: the share of rows that are told
/// wrong, or of a number's variance the share that is not explained, 1 at most.
///
/// # Errors
/// When the device fails, or the watcher stops it. A part on which training diverges is left out.
///
/// # Panics
/// When the recipe has no table plan, or has texts and there is nobody to read them.
pub async fn learning_curve<W: Watcher>(
    examples: &TableExamples,
    recipe: &Recipe,
    text: &mut Option<TextReader<'_>>,
    device: &Device,
    watcher: &mut W,
) -> Result<Vec<SizePoint>, EngineError> {
    let recipe = &alone(recipe);
    let total = PARTS.iter().map(|(_, draws)| draws).sum();
    let mut points = Vec::new();
    let mut done = 0;
    for (share, draws) in PARTS {
        for draw in 0..draws {
            watcher.notice(Notice::Phase(Phase::Fold { done, total }));
            let part = part(examples, recipe, share, recipe.seed.wrapping_add(draw));
            let tried = try_table(None, &part, recipe, text, device, &mut Quiet(watcher)).await;
            match tried {
                Ok(path) if path.ended == Ended::Stopped => return Err(EngineError::Stopped),
                Ok(path) => points.extend(error(&path).map(|error| SizePoint {
                    rows: part.split.train.len() as u32,
                    error,
                })),
                Err(EngineError::Diverged { .. } | EngineError::Scores(_)) => {}
                Err(error) => return Err(error),
            }
            done += 1;
        }
    }
    Ok(points)
}

/// The same recipe for networks that start from nothing, on texts as the base model reads them.
fn alone(recipe: &Recipe) -> Recipe {
    let mut recipe = recipe.clone();
    recipe.start = None;
    if let Some(plan) = &mut recipe.table {
        plan.texts = TextTuning::Frozen;
    }
    recipe
}

/// The error of the epoch that was kept; none where no epoch was better than nothing.
fn error(path: &Path) -> Option<f64> {
    let [_, score] = path.kept()?;
    Some((1.0 - f64::from(score)).clamp(0.0, 1.0))
}

/// The rows with a share of those to learn from, and what is fitted to these.
fn part(examples: &TableExamples, recipe: &Recipe, share: f64, seed: u32) -> TableExamples {
    let plan = recipe
        .table
        .as_ref()
        .expect("the recipe learns from columns");
    let mut part = examples.clone();
    part.split.train = drawn(&examples.target, &examples.split.train, share, seed);
    part.plan = FeaturePlan::fit(
        &part.table,
        &part.sources,
        &part.split.train,
        &plan.features,
    );
    part
}

/// A share of some rows; of each label's rows, one at the least, where a row has one label.
fn drawn(target: &Target, rows: &[RowId], share: f64, seed: u32) -> Vec<RowId> {
    let mut groups: Vec<Vec<RowId>> = vec![Vec::new(); target.names().len().max(1)];
    for &row in rows {
        let label = match target {
            Target::Labels(labels) | Target::Ranks(labels) => labels.of_row[row.index()],
            Target::LabelSets(_) | Target::Numbers(_) => None,
        };
        groups[label.unwrap_or(0) as usize].push(row);
    }
    share_of_each(groups, share, &mut rng_for(seed, PURPOSE_PARTS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::task::Labels;

    #[test]
    fn the_work_is_what_is_said_of_it() {
        let work: f64 = PARTS
            .iter()
            .map(|(share, draws)| share * f64::from(*draws))
            .sum();
        assert!((work - NETWORKS).abs() < 1e-9, "{work}");
    }

    #[test]
    fn a_part_knows_every_label() {
        let of_row = (0..100).map(|row| Some(u32::from(row == 40))).collect();
        let target = Target::Labels(Labels {
            names: vec!["usual".to_owned(), "rare".to_owned()],
            of_row,
        });
        let rows: Vec<RowId> = (20..100).map(RowId).collect();
        let part = drawn(&target, &rows, 0.1, 1);
        assert_eq!(part.len(), 9);
        assert!(part.contains(&RowId(40)));
        assert_ne!(part, drawn(&target, &rows, 0.1, 2));
        assert_eq!(drawn(&target, &rows, 1.0, 1), rows);
        let numbers = Target::Numbers(vec![Some(1.0); 100]);
        assert_eq!(drawn(&numbers, &rows, 0.5, 1).len(), 40);
    }
}
