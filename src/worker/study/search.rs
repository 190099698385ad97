//! A search for better settings around a run: begun and continued here, kept after every trial.

use super::learning::SceneWatcher;
use super::{Drawn, Scene, Study, number};
use crate::domain::examples::Examples;
use crate::domain::features::TableExamples;
use crate::domain::recipe::Recipe;
use crate::domain::search::Search;
use crate::domain::split::SplitPlan;
use crate::domain::table::Table;
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::search::{Ground, Turn, try_next};
use crate::engine::tabular::run::TextReader;
use crate::protocol::{Failure, FailureKind};
use crate::view::search::{SEARCH, found, refusal};
use crate::worker::earlier::EarlierRun;
use crate::worker::session::engine_failure;

/// Better settings.
pub(super) struct Settings;

impl Study for Settings {
    fn id(&self) -> &'static str {
        SEARCH
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            if let Some(why) = why_not(scene) {
                return Ok(refusal(why));
            }
            let mut search = known(scene).await;
            let mut unkept = None;
            if let Some(minutes) = number::<f32>(scene.knobs, "minutes") {
                let minutes = minutes.clamp(0.0, MOST_MINUTES);
                search.budget = search.spent() + minutes * 60.0;
                unkept = go_on(scene, &mut search).await?;
            }
            Ok(found(&search, unkept.as_deref()))
        })
    }
}

/// A search may be asked for so many minutes at a time.
const MOST_MINUTES: f32 = 600.0;

/// Why there is nothing to search, as a sentence.
fn why_not(scene: &Scene) -> Option<&'static str> {
    let is_open = scene.table().is_some();
    (!is_open).then_some("The table of this run is closed. Open the file again and tune once more.")
}

/// The search as far as it got, or a new one.
async fn known(scene: &Scene<'_>) -> Search {
    let run = scene.run;
    if let Some(search) = &*run.search.borrow() {
        return search.clone();
    }
    let recipe = Recipe {
        split: SplitPlan {
            folds: 0,
            ..run.recipe.split.clone()
        },
        ..run.recipe.clone()
    };
    let kept = scene.session.keeper.search(&run.key).await;
    // An older page may have kept one of a recipe that is written otherwise now.
    let kept = kept.filter(|kept| kept.recipe == recipe);
    kept.unwrap_or_else(|| Search::new(recipe, 0.0))
}

/// Tries settings until the time is over; why it cannot be kept, if it cannot.
async fn go_on(scene: &Scene<'_>, search: &mut Search) -> Result<Option<String>, Failure> {
    let session = scene.session;
    if session.is_training.replace(true) {
        return Err(Failure {
            kind: FailureKind::Protocol,
            what: "A run or another search is under way.".to_owned(),
            fix: "Wait for it, or stop it first.".to_owned(),
        });
    }
    let base_model = &scene.run.recipe.base_model;
    let mut store = session.take_features(base_model);
    let tried = try_all(scene, search, &mut store).await;
    session.return_features(base_model, store);
    session.is_training.set(false);
    tried
}

async fn try_all(
    scene: &Scene<'_>,
    search: &mut Search,
    store: &mut FeatureStore,
) -> Result<Option<String>, Failure> {
    let run = scene.run;
    let failed = |error: EngineError| engine_failure(&error);
    let table = super::doubts::open_table(scene)?;
    let base = run.base.as_deref();
    let mut earlier = match &search.recipe.start {
        Some(start) => Some(scene.session.earlier(start, &search.recipe, base).await?),
        None => None,
    };
    let rows = Rows::read(&table, &search.recipe).map_err(failed)?;
    let mut own = FeatureStore::default();
    let mut ground = match &rows {
        Rows::Texts(examples) => Ground::Texts {
            base: base.expect("a run on texts has an encoder"),
            earlier: earlier.as_mut().map(EarlierRun::as_earlier),
            examples,
            store,
            own: &mut own,
        },
        Rows::Table(examples) => Ground::Table {
            earlier: earlier.as_mut().map(EarlierRun::as_earlier_table),
            examples,
            text: base.map(|base| TextReader { base, store }),
            device: scene.session.device(),
        },
    };
    let before = search.spent();
    let mut unkept = None;
    loop {
        let share = (search.spent() - before) / (search.budget - before).max(1.0);
        let mut watcher = SceneWatcher::new(scene, "Trying settings").at(share.min(1.0));
        let turn = try_next(search, &mut ground, &mut watcher).await;
        match turn.map_err(failed)? {
            Turn::Tried => {
                let kept = scene.session.keeper.keep_search(&run.key, search).await;
                unkept = kept.err().map(|error| error.to_string());
                *run.search.borrow_mut() = Some(search.clone());
            }
            Turn::Over | Turn::Stopped => return Ok(unkept),
        }
    }
}

/// Rows of a run on texts or on columns.
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is never copied"
)]
enum Rows {
    Texts(Examples),
    Table(TableExamples),
}

impl Rows {
    fn read(table: &Table, recipe: &Recipe) -> Result<Self, EngineError> {
        let read = match recipe.table {
            None => Examples::read(table, recipe).map(Self::Texts),
            Some(_) => TableExamples::read(table, recipe).map(Self::Table),
        };
        read.map_err(EngineError::Input)
    }
}
