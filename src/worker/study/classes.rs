//! The table of labels in another order.

use super::{Drawn, Scene, Study};
use crate::view::classes::{self, DEFAULT_ORDER};

/// The table of labels.
pub(super) struct Classes;

impl Study for Classes {
    fn id(&self) -> &'static str {
        "classes"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let order = scene.knob("order").unwrap_or(DEFAULT_ORDER);
            let judged = &scene.run.report.evaluation;
            Ok(classes::classes(judged.names(), judged.classes(), order))
        })
    }
}
