//! What can be taken along from a finished model.

use super::{Drawn, Scene, Study, one_page};
use crate::domain::words;
use crate::engine::export;
use crate::view::take_along::{Offer, take_along};

/// The list of exports.
pub(super) struct TakeAlong;

impl Study for TakeAlong {
    fn id(&self) -> &'static str {
        "take_along"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let count = scene.run.report.parameters;
            let recipe = &scene.run.recipe;
            let mut offers: Vec<Offer> = export::ALL
                .iter()
                .map(|exporter| Offer {
                    file: exporter.id().to_owned(),
                    name: exporter.name().to_owned(),
                    about: exporter.about().to_owned(),
                    size: format!("about {}", words::bytes(exporter.size(count))),
                    refusal: export::refusal(*exporter, recipe).map(str::to_owned),
                })
                .collect();
            let after_the_first = 1.min(offers.len());
            offers.insert(after_the_first, one_page::offer(scene.run));
            Ok(take_along(&offers, scene.run.from_file.is_none()))
        })
    }
}
