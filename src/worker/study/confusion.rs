//! What is taken for what.

use super::{Drawn, Scene, Study, labels_of};
use crate::view::confusion::{self, Order};

/// The confusion matrix.
pub(super) struct Confusion;

impl Study for Confusion {
    fn id(&self) -> &'static str {
        "confusion"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let order = Order::find(scene.knob("order").unwrap_or_default());
            let are_rates = scene.knob("show") == Some("rates");
            Ok(confusion::confusion(labels_of(scene)?, order, are_rates))
        })
    }
}
