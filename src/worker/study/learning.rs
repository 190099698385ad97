//! Whether more rows would help.

use super::{Drawn, Scene, Study, refused};
use crate::domain::evaluation::{LearningCurve, SizePoint};
use crate::domain::examples::Examples;
use crate::domain::features::TableExamples;
use crate::domain::recipe::Recipe;
use crate::domain::report::Phase;
use crate::domain::table::Table;
use crate::domain::task::{self, AnswerKind};
use crate::domain::words;
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::run::learning_curve;
use crate::engine::tabular::run::TextReader;
use crate::engine::tabular::{self, NETWORKS};
use crate::engine::train::{Control, Notice, Watcher};
use crate::protocol::Failure;
use crate::view::learning;
use crate::view::markup::Markup;
use crate::worker::clock;
use crate::worker::run::Run;
use crate::worker::session::engine_failure;

/// What is measured on texts alone, as a sentence.
const ABOUT: &str = "Measured with the quick method, a new layer on the frozen model, learned from parts of the training rows and judged on the validation rows. What longer tuning makes of more rows is not measured.";

/// What it takes on texts alone, as a sentence.
const OFFER: &str = "Learns from growing parts of the training rows, with the quick method, and shows how the error falls. Takes seconds when the texts were read before.";

/// What is measured on columns, as a sentence.
const ABOUT_COLUMNS: &str = "Measured with one network for each part of the training rows, which the validation rows stop and judge, so all of these errors flatter a little. Texts are read by the model as it comes.";

/// What it takes on columns, as a sentence. The run learned from and stopped by about so many rows.
fn offer_of_columns(run: &Run, rows: usize) -> String {
    let plan = run.recipe.table.as_ref();
    let folds = plan.map_or(1, |plan| plan.network.folds);
    // Where the encoder learns along there is one network, and most of the time is the encoder's.
    let is_double = run.recipe.tries_columns_alone() || run.recipe.begins_anew_too(rows);
    let networks = match (run.recipe.moves_texts(), is_double) {
        (true, _) => 1,
        (false, true) => 2 * folds,
        (false, false) => folds,
    };
    let trained = run.report.seconds.train;
    let takes = words::seconds((trained / f64::from(networks.max(1)) * NETWORKS).max(1.0));
    let about = if run.recipe.moves_texts() {
        "at most about"
    } else {
        "about"
    };
    format!(
        "Learns from growing parts of the training rows, one network each, and shows how the error falls. Takes {about} {takes}, going by what the run took."
    )
}

/// The learning curve.
pub(super) struct Learning;

impl Study for Learning {
    fn id(&self) -> &'static str {
        "learning"
    }

    fn lasts(&self) -> bool {
        true
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            if scene.knob("start").is_none() {
                let words = match scene.run.recipe.table {
                    Some(_) => {
                        let all = scene.table().map_or(0, |table| table.rows());
                        let rows = all.saturating_sub(scene.run.scores.test.len());
                        offer_of_columns(scene.run, rows)
                    }
                    None => OFFER.to_owned(),
                };
                return Ok(learning::offer(&words));
            }
            measure(scene).await
        })
    }
}

async fn measure(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let run = scene.run;
    let table = super::doubts::open_table(scene)?;
    let recipe = Recipe {
        split: crate::domain::split::SplitPlan {
            folds: 0,
            ..run.recipe.split.clone()
        },
        ..run.recipe.clone()
    };
    let mut store = scene.session.take_features(&recipe.base_model);
    let points = points(scene, &table, &recipe, &mut store).await;
    scene.session.return_features(&recipe.base_model, store);
    let points = points.map_err(|error| engine_failure(&error))?;
    let (error, about) = match (&recipe.table, task::answer(&recipe.task)) {
        (None, _) => (learning::Error::Wrong, ABOUT),
        (Some(_), AnswerKind::Number) => (learning::Error::Unexplained, ABOUT_COLUMNS),
        (Some(_), _) => (learning::Error::Wrong, ABOUT_COLUMNS),
    };
    Ok(match LearningCurve::fit(&points) {
        Ok(curve) => learning::learning(&curve, error, about),
        Err(error) => refused(&error),
    })
}

/// Errors by the number of training rows.
async fn points(
    scene: &Scene<'_>,
    table: &Table,
    recipe: &Recipe,
    store: &mut FeatureStore,
) -> Result<Vec<SizePoint>, EngineError> {
    let base = scene.run.base.as_deref();
    let mut watcher = SceneWatcher::new(scene, "Learning from parts of the rows");
    if recipe.table.is_some() {
        let examples = TableExamples::read(table, recipe).map_err(EngineError::Input)?;
        let mut text = base.map(|base| TextReader { base, store });
        let device = scene.session.device();
        return tabular::learning_curve(&examples, recipe, &mut text, device, &mut watcher).await;
    }
    let base = base.expect("a run on texts has an encoder");
    let examples = Examples::read(table, recipe).map_err(EngineError::Input)?;
    learning_curve(base, &examples, recipe, store, &mut watcher).await
}

/// Tells the page how far the engine has come, and the engine when nobody waits any more.
pub(super) struct SceneWatcher<'a, 'b> {
    scene: &'a Scene<'b>,
    about: &'static str,
    what: &'static str,
    share: Option<f32>,
}

impl<'a, 'b> SceneWatcher<'a, 'b> {
    /// For work that is called so.
    pub fn new(scene: &'a Scene<'b>, about: &'static str) -> Self {
        Self {
            scene,
            about,
            what: about,
            share: None,
        }
    }

    /// For work of which so much is done.
    pub fn at(self, share: f32) -> Self {
        Self {
            share: Some(share),
            ..self
        }
    }
}

impl Watcher for SceneWatcher<'_, '_> {
    fn now(&self) -> f64 {
        clock::now()
    }

    fn notice(&mut self, notice: Notice) {
        let (what, done, total) = match notice {
            Notice::Phase(Phase::Embed { done, total }) => ("Reading texts", done, total),
            Notice::Phase(Phase::Fold { done, total }) => (self.about, done, total),
            _ => return,
        };
        self.what = what;
        self.share = (total > 0).then(|| done as f32 / total as f32);
    }

    async fn breathe(&mut self) -> Control {
        match self.scene.breathe(self.what, self.share).await {
            Ok(()) => Control::Go,
            Err(_) => Control::Stop,
        }
    }
}
