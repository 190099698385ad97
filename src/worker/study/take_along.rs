//! What can be taken along from a finished model.

use super::files::own_encoder;
use super::{Drawn, Scene, Study, one_page};
use crate::domain::encoder::OwnEncoder;
use crate::domain::words;
use crate::engine::export::{self, MOST_INSIDE_BYTES};
use crate::view::take_along::{Offer, take_along};

/// The list of exports.
pub(super) struct TakeAlong;

/// Why a folder with the weights of a large encoder is not made.
const TOO_LARGE: &str = "Your encoder's files are larger than 512 MB, more than a tab can put together here. Save the model as Burnish's own file.";

/// How many bytes of an encoder that a person brought go along with what was learned, of which there are
/// about so many, and a sentence on it.
fn along(own: &OwnEncoder, learned: u64) -> (u64, String) {
    let bytes = own.bytes();
    match export::goes_along(bytes, learned) {
        true => (bytes, format!(" Your encoder {} is inside.", own.name)),
        false => {
            let size = words::bytes(bytes);
            let told = format!(
                " Your encoder {} ({size}) is too large to be inside: whoever opens the file needs its files as well.",
                own.name
            );
            (0, told)
        }
    }
}

impl Study for TakeAlong {
    fn id(&self) -> &'static str {
        "take_along"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let count = scene.run.report.parameters;
            let recipe = &scene.run.recipe;
            let own = own_encoder(scene).await;
            let is_too_large = (own.as_ref()).is_some_and(|own| own.bytes() > MOST_INSIDE_BYTES);
            let too_large = is_too_large.then_some(TOO_LARGE);
            let mut offers: Vec<Offer> = export::ALL
                .iter()
                .map(|exporter| {
                    let size = exporter.size(count);
                    let of_own = own.as_ref().filter(|_| exporter.id() == "burnish");
                    let (beside, told) = of_own.map_or((0, String::new()), |own| along(own, size));
                    Offer {
                        file: exporter.id().to_owned(),
                        name: exporter.name().to_owned(),
                        about: exporter.about().to_owned() + &told,
                        size: format!("about {}", words::bytes(size + beside)),
                        refusal: export::refusal(*exporter, recipe)
                            .or(too_large.filter(|_| exporter.id() == "hugging_face"))
                            .map(str::to_owned),
                    }
                })
                .collect();
            let after_the_first = 1.min(offers.len());
            offers.insert(after_the_first, one_page::offer(scene, own.as_ref()));
            Ok(take_along(&offers, scene.run.from_file.is_none()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoder_that_is_too_large_is_told_before_the_file_is_made() {
        let own = |bytes: u64| OwnEncoder {
            id: String::new(),
            name: "bge".to_owned(),
            about: String::new(),
            parts: vec![("model.safetensors".to_owned(), bytes)],
        };
        let (bytes, told) = along(&own(400 << 20), 100 << 20);
        assert_eq!(
            (bytes, told.as_str()),
            (400 << 20, " Your encoder bge is inside.")
        );
        // What was learned counts as well.
        let (bytes, told) = along(&own(400 << 20), 200 << 20);
        assert!(
            bytes == 0 && told.contains("too large to be inside"),
            "{told}"
        );
    }
}
