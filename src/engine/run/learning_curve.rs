//! How the error falls with the number of training rows: heads on the frozen encoder's vectors,
//! learned from growing parts of the training rows.
//!
//! The head alone is what can be learned again and again in seconds. What longer tuning makes of more
//! rows is not measured.

use rand::Rng;
use rand::seq::SliceRandom;

use super::{Base, FeatureStore, Quiet, Seen, fresh_head};
use crate::domain::evaluation::SizePoint;
use crate::domain::examples::Examples;
use crate::domain::recipe::{DataProfile, Method, Recipe, Training};
use crate::domain::report::Ended;
use crate::engine::error::EngineError;
use crate::engine::head_solver::fit_head;
use crate::engine::train::{Lesson, Watcher, rng_for, score};

/// Parts of the training rows, the smallest first.
const SHARES: [f64; 6] = [0.1, 0.2, 0.35, 0.5, 0.7, 1.0];

/// Draws of each part, so that one odd draw does not bend the curve. All rows can be drawn once only.
const DRAWS: u32 = 3;

/// Purpose of the random numbers, see [`rng_for`].
const PURPOSE_PARTS: u64 = 11;

/// Errors on the validation rows by the number of training rows.
///
/// # Errors
/// When the device fails, or the watcher stops it.
pub async fn learning_curve<W: Watcher>(
    base: &Base,
    examples: &Examples,
    recipe: &Recipe,
    store: &mut FeatureStore,
    watcher: &mut W,
) -> Result<Vec<SizePoint>, EngineError> {
    let seen = Seen::read(base, examples, recipe);
    let texts: Vec<&[u32]> = seen.tokens.iter().map(Vec::as_slice).collect();
    let frozen = base.frozen(store, &texts, watcher).await?;
    let lengths: Vec<u32> = texts.iter().map(|tokens| tokens.len() as u32).collect();
    let training = Training::suggest(Method::Head, &DataProfile::of(examples, &lengths));
    let truth = seen.valid_truth();
    let mut points = Vec::new();
    for share in SHARES {
        for draw in 0..if share < 1.0 { DRAWS } else { 1 } {
            let train = part(&seen, share, recipe.seed.wrapping_add(draw));
            let lesson = Lesson {
                data: &frozen,
                labels: &seen.labels,
                train: &train,
                valid: &seen.valid,
                classes: seen.classes,
            };
            let head = fresh_head(base, &seen);
            let fitted = fit_head(head, &training, &lesson, &mut Quiet(watcher)).await?;
            let (head, path) = fitted.split();
            if path.ended == Ended::Stopped {
                return Err(EngineError::Stopped);
            }
            let found = score(&head, &frozen, &seen.valid, watcher).await?;
            points.push(SizePoint {
                rows: train.len() as u32,
                error: wrong(&truth, &found, seen.classes),
            });
        }
    }
    Ok(points)
}

fn wrong(truth: &[u32], found: &[f32], classes: usize) -> f64 {
    let rows = truth.iter().zip(found.chunks_exact(classes));
    let wrong = rows.filter(|(truth, row)| crate::domain::metric::most_probable(row) != **truth);
    wrong.count() as f64 / truth.len().max(1) as f64
}

/// A share of each label's training rows, one at the least, so that every label is known.
fn part(seen: &Seen, share: f64, seed: u32) -> Vec<usize> {
    let mut of_label: Vec<Vec<usize>> = vec![Vec::new(); seen.classes];
    for &row in &seen.train {
        of_label[seen.labels[row] as usize].push(row);
    }
    share_of_each(of_label, share, &mut rng_for(seed, PURPOSE_PARTS))
}

/// A share of each group's rows, drawn at random, one at the least; in order.
pub(in crate::engine) fn share_of_each<T: Ord>(
    groups: Vec<Vec<T>>,
    share: f64,
    rng: &mut impl Rng,
) -> Vec<T> {
    let mut part = Vec::new();
    for mut rows in groups {
        rows.shuffle(rng);
        rows.truncate((rows.len() as f64 * share).ceil() as usize);
        part.extend(rows);
    }
    part.sort_unstable();
    part
}
