//! Whether the explanation is true to the model.

use super::super::{Drawn, Scene, Study};
use super::{breath, chosen, failed, opened, subject};
use crate::engine::explain::Subject;
use crate::engine::explain::faithfulness::faithfulness;
use crate::protocol::Failure;
use crate::view::explain::curves::curves;
use crate::view::markup::Markup;

/// Seeds the random orders: the same row, the same comparison.
const SEED: u64 = 1;

/// Deletion and insertion curves of the explanation that is shown.
pub(in crate::worker::study) struct Faithful;

impl Study for Faithful {
    fn id(&self) -> &'static str {
        "faithfulness"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(check(scene))
    }
}

async fn check(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let method = chosen(scene)?;
    let breathe = breath(scene, "Taking parts away and putting them back");
    let model = opened(scene).await?;
    let (subject, _) = subject(scene, &model, &breathe).await?;
    let explanation = method.explain(&subject).await.map_err(failed)?;
    let found = faithfulness(&subject, &explanation, SEED)
        .await
        .map_err(failed)?;
    Ok(curves(&found, subject.output(), "words"))
}
