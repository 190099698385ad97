//! A search for better settings: every trial learns from the training rows and is judged on the
//! validation rows; the test rows stay sealed.

use super::{Base, Quiet, Seen, fit_probe, tune_head, tune_whole};
use crate::domain::examples::Examples;
use crate::domain::recipe::{Method, Recipe};
use crate::domain::report::Ended;
use crate::domain::search::{Search, TrialResult};
use crate::engine::classifier::Features;
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::train::{Control, Path, Watcher};

/// Tries settings until the budget is spent or the watcher stops it; `told` hears of the search after
/// every trial, to keep it.
///
/// A search that is continued by another call goes on where it was.
///
/// # Errors
/// When the recipe does not fit, or the device fails. A trial that diverges is no error.
pub async fn search<W: Watcher>(
    base: &Base,
    examples: &Examples,
    search: &mut Search,
    store: &mut FeatureStore,
    watcher: &mut W,
    mut told: impl FnMut(&Search),
) -> Result<(), EngineError> {
    let issues = search.recipe.check();
    if !issues.is_empty() {
        return Err(EngineError::Input(issues));
    }
    let seen = Seen::read(base, examples, &search.recipe);
    let texts: Vec<&[u32]> = seen.tokens.iter().map(Vec::as_slice).collect();
    let frozen = base.frozen(store, &texts, watcher).await?;
    while let Some(job) = search.next() {
        if watcher.breathe().await == Control::Stop {
            return Ok(());
        }
        let began = watcher.now();
        let mut quiet = Quiet(watcher);
        let tried = attempt(base, examples, &seen, &frozen, &job.recipe, &mut quiet).await;
        let path = match tried {
            Ok(path) if path.ended == Ended::Stopped => return Ok(()),
            Ok(path) => Some(path),
            Err(EngineError::Stopped) => return Ok(()),
            Err(EngineError::Diverged { .. } | EngineError::Scores(_)) => None,
            Err(error) => return Err(error),
        };
        let seconds = watcher.now() - began;
        let result = path.and_then(|path| kept(&path, seconds));
        search.told(&job, result, seconds);
        told(search);
    }
    Ok(())
}

/// Trains by one recipe.
async fn attempt<W: Watcher>(
    base: &Base,
    examples: &Examples,
    seen: &Seen,
    frozen: &Features,
    recipe: &Recipe,
    watcher: &mut W,
) -> Result<Path, EngineError> {
    if recipe.tuning.method == Method::Head {
        let (_, path, _) = tune_head(base, seen, frozen, recipe, watcher).await?;
        return Ok(path);
    }
    let probe = fit_probe(base, examples, seen, frozen, recipe, watcher).await?;
    let (_, path, _) = tune_whole(base, examples, seen, probe, recipe, watcher).await?;
    Ok(path)
}

/// How the epoch that was kept does on the validation rows; `None` when its loss is no number.
fn kept(path: &Path, seconds: f64) -> Option<TrialResult> {
    let epoch = path.epochs.get(path.best_epoch.checked_sub(1)? as usize)?;
    epoch.valid_loss.is_finite().then(|| TrialResult {
        epochs: path.epochs.len() as u32,
        valid_loss: f64::from(epoch.valid_loss),
        valid_accuracy: f64::from(epoch.valid_accuracy),
        seconds,
    })
}
