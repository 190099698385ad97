//! The training rows that are most alike.

use super::super::{Drawn, Scene, Study};
use super::columns::{TypedRow, laid_open, prepared, table_model, with_texts};
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
    let (own, answer) = if table_model(scene).is_some() {
        let model = laid_open(scene)?;
        let row = [prepared(scene, &TypedRow::of(scene)?.typed)];
        let read = with_texts(scene, async |store| {
            model.read_cells(&row, store, &breathe).await
        });
        let read = read.await?;
        let (own, _) = model.embed(&read, &breathe).await.map_err(failed)?;
        let answer = model.answers(&read, &breathe).await.map_err(failed)?;
        (own, answer.concat())
    } else {
        let model = opened(scene).await?;
        let (subject, words) = subject(scene, &model, &breathe).await?;
        let (own, _) = model.embed(&[&words], &breathe).await.map_err(failed)?;
        (own, subject.answer)
    };
    let names = labels(scene);
    let is_one_label = scene.run.recipe.task != "label_sets";
    let label = names.get(most_probable(&answer) as usize);
    let label = label.filter(|_| is_one_label);
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
