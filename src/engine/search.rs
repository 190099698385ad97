//! A search for better settings: every trial learns from the training rows and is judged on the
//! validation rows; the test rows stay sealed.

use burn::tensor::Device;

use super::error::EngineError;
use super::features::FeatureStore;
use super::run::{Base, Earlier, Quiet, try_texts};
use super::tabular::EarlierTable;
use super::tabular::run::{TextReader, try_table};
use super::train::{Control, Path, Watcher};
use crate::domain::examples::Examples;
use crate::domain::features::TableExamples;
use crate::domain::recipe::Recipe;
use crate::domain::report::Ended;
use crate::domain::search::{Search, TrialResult};

/// What trials learn from.
pub enum Ground<'a> {
    /// Texts alone.
    Texts {
        /// What reads them.
        base: &'a Base,
        /// The run that every trial goes on from; none where they start from the base model.
        earlier: Option<Earlier<'a>>,
        /// The rows.
        examples: &'a Examples,
        /// What was read before.
        store: &'a mut FeatureStore,
        /// What the earlier run's encoder has read.
        own: &'a mut FeatureStore,
    },
    /// Columns, with texts where there are some.
    Table {
        /// The rows.
        examples: &'a TableExamples,
        /// The run that every trial goes on from; none where they start from nothing.
        earlier: Option<EarlierTable<'a>>,
        /// What reads the texts.
        text: Option<TextReader<'a>>,
        /// Where networks learn.
        device: &'a Device,
    },
}

/// What a step of a search came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// One more was tried.
    Tried,
    /// Nothing more fits into the budget.
    Over,
    /// The watcher wants no more; the trial that was under way is not counted.
    Stopped,
}

/// Makes the next trial of a search.
///
/// # Errors
/// When the recipe does not fit, or the device fails. A trial that diverges is no error.
pub async fn try_next<W: Watcher>(
    search: &mut Search,
    ground: &mut Ground<'_>,
    watcher: &mut W,
) -> Result<Turn, EngineError> {
    let Some(job) = search.next() else {
        return Ok(Turn::Over);
    };
    let issues = job.recipe.check();
    if !issues.is_empty() {
        return Err(EngineError::Input(issues));
    }
    if watcher.breathe().await == Control::Stop {
        return Ok(Turn::Stopped);
    }
    let began = watcher.now();
    let path = match attempt(ground, &job.recipe, watcher).await {
        Ok(path) if path.ended == Ended::Stopped => return Ok(Turn::Stopped),
        Ok(path) => Some(path),
        Err(EngineError::Stopped) => return Ok(Turn::Stopped),
        Err(EngineError::Diverged { .. } | EngineError::Scores(_)) => None,
        Err(error) => return Err(error),
    };
    let seconds = (watcher.now() - began) as f32;
    search.told(&job, path.as_ref().and_then(kept), seconds);
    Ok(Turn::Tried)
}

async fn attempt<W: Watcher>(
    ground: &mut Ground<'_>,
    recipe: &Recipe,
    watcher: &mut W,
) -> Result<Path, EngineError> {
    match ground {
        Ground::Texts {
            base,
            earlier,
            examples,
            store,
            own,
        } => {
            let (earlier, stores) = (earlier.as_ref(), [&mut **store, &mut **own]);
            try_texts(base, earlier, examples, recipe, stores, watcher).await
        }
        Ground::Table {
            earlier,
            examples,
            text,
            device,
        } => {
            let (earlier, watcher) = (earlier.as_mut(), &mut Quiet(watcher));
            try_table(earlier, examples, recipe, text, device, watcher).await
        }
    }
}

/// How what was kept does on the validation rows.
fn kept(path: &Path) -> Option<TrialResult> {
    let [valid_loss, valid_score] = path.kept()?;
    Some(TrialResult {
        valid_loss,
        valid_score,
    })
}
