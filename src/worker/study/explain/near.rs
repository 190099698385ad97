//! The training rows that are most alike.

use super::super::{Drawn, Scene, Study};
use super::rows::seen;
use super::{breath, failed, labels, opened, subject};
use crate::domain::explanation::nearest;
use crate::domain::metric::most_probable;
use crate::protocol::Failure;
use crate::view::explain::near::{NearRow, near};
use crate::view::markup::Markup;

/// Rows that are shown.
const SHOWN: usize = 8;

/// The training rows that the tuned model sees as most alike.
pub(in crate::worker::study) struct Near;

impl Study for Near {
    fn id(&self) -> &'static str {
        "near"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(look(scene))
    }
}

async fn look(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let seen = seen(scene, "train").await?;
    let breathe = breath(scene, "Comparing with the training rows");
    let names = labels(scene);
    let model = opened(scene).await?;
    let (subject, words) = subject(scene, &model, &breathe).await?;
    let (own, _) = model.embed(&[&words], &breathe).await.map_err(failed)?;
    let label = names.get(most_probable(&subject.answer) as usize);
    let rows: Vec<NearRow> = nearest(&own, &seen.vectors, SHOWN)
        .into_iter()
        .map(|found| {
            let at = found.at as usize;
            NearRow {
                row: seen.rows[at].0,
                text: seen.texts[at].clone(),
                truth: seen.truths[at].clone(),
                likeness: found.likeness,
            }
        })
        .collect();
    Ok(near(&rows, label.map(String::as_str)))
}
