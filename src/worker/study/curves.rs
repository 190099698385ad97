//! What a threshold does for one label against the rest.

use super::{Drawn, Scene, Study, classes_of, label_of, refused};
use crate::domain::evaluation::label_curves;
use crate::view::curves;

/// ROC, precision and recall, lift.
pub(super) struct Curves;

impl Study for Curves {
    fn id(&self) -> &'static str {
        "curves"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let label = label_of(scene);
            let found = label_curves(&classes_of(&scene.run.scores.test)?, label);
            let labels = scene.run.report.evaluation.names();
            match found {
                Ok(found) => Ok(curves::curves(labels, &found)),
                Err(error) => {
                    Ok(curves::label_choice("curves", labels, label).then(refused(&error)))
                }
            }
        })
    }
}
