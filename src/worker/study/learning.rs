//! Whether more rows would help.

use super::{Drawn, Scene, Study, refused};
use crate::domain::evaluation::LearningCurve;
use crate::domain::examples::Examples;
use crate::domain::recipe::Recipe;
use crate::domain::report::Phase;
use crate::engine::error::EngineError;
use crate::engine::run::learning_curve;
use crate::engine::train::{Control, Notice, Watcher};
use crate::protocol::Failure;
use crate::view::learning;
use crate::view::markup::Markup;
use crate::worker::clock;
use crate::worker::session::engine_failure;

/// What is measured, as a sentence.
const ABOUT: &str = "Measured with the quick method, a new layer on the frozen model, learned from parts of the training rows and judged on the validation rows. What longer tuning makes of more rows is not measured.";

/// What it takes, as a sentence.
const OFFER: &str = "Learns from growing parts of the training rows, with the quick method, and shows how the error falls. Takes seconds when the texts were read before.";

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
                return Ok(learning::offer(OFFER));
            }
            measure(scene).await
        })
    }
}

async fn measure(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let run = scene.run;
    let Some(base) = run.base.as_ref().filter(|_| run.recipe.table.is_none()) else {
        return Ok(learning::offer("Measured for runs on texts alone so far."));
    };
    let Some(table) = scene.table() else {
        return Ok(learning::offer("The table is closed: open the file again."));
    };
    let recipe = Recipe {
        split: crate::domain::split::SplitPlan {
            folds: 0,
            ..run.recipe.split.clone()
        },
        ..run.recipe.clone()
    };
    let input = |issues| engine_failure(&EngineError::Input(issues));
    let examples = Examples::read(&table, &recipe).map_err(input)?;
    let mut store = scene.session.take_features(&recipe.base_model);
    let mut watcher = SceneWatcher::new(scene, "Learning from parts of the rows");
    let points = learning_curve(base, &examples, &recipe, &mut store, &mut watcher).await;
    scene.session.return_features(&recipe.base_model, store);
    let points = points.map_err(|error| engine_failure(&error))?;
    Ok(match LearningCurve::fit(&points) {
        Ok(curve) => learning::learning(&curve, ABOUT),
        Err(error) => refused(&error),
    })
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
