//! Whether the explanation is true to the model.

use super::super::{Drawn, Scene, Study};
use super::columns::{Background, TypedRow, column_subject, laid_open, table_model};
use super::{breath, chosen, failed, opened, subject};
use crate::engine::explain::faithfulness::faithfulness;
use crate::engine::explain::{Explainer, Subject};
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
    if table_model(scene).is_some() {
        let model = laid_open(scene)?;
        let background = Background::of(scene, &model).await?;
        let row = TypedRow::of(scene)?;
        let (subject, _) = column_subject(scene, &model, &background, &row, &breathe).await?;
        return compared(method, &subject, "columns").await;
    }
    let model = opened(scene).await?;
    let (subject, _) = subject(scene, &model, &breathe).await?;
    compared(method, &subject, "words").await
}

async fn compared(
    method: &dyn Explainer,
    subject: &dyn Subject,
    parts: &str,
) -> Result<Markup, Failure> {
    let explanation = method.explain(subject).await.map_err(failed)?;
    let found = faithfulness(subject, &explanation, SEED)
        .await
        .map_err(failed)?;
    Ok(curves(&found, subject.output(), parts))
}
