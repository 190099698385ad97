//! What would give another answer.

use super::super::{Drawn, Scene, Study};
use super::{breath, failed, labels, opened, subject};
use crate::domain::metric::most_probable;
use crate::engine::explain::fewest_words::fewest_words;
use crate::engine::explain::text::WordSubject;
use crate::protocol::Failure;
use crate::view::explain::change;
use crate::view::markup::Markup;

/// The fewest words without which the answer is another one.
pub(in crate::worker::study) struct Counterfactual;

impl Study for Counterfactual {
    fn id(&self) -> &'static str {
        "counterfactual"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(of_words(scene))
    }
}

async fn of_words(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let model = opened(scene).await?;
    let breathe = breath(scene, "Looking for words that carry the answer");
    let (subject, read) = subject(scene, &model, &breathe).await?;
    // It is the answer that is to change, whichever label is explained.
    let best = most_probable(&subject.answer) as usize;
    let subject = WordSubject::new(&model, &read, Some(best), &breathe)
        .await
        .map_err(failed)?;
    let labels = labels(scene);
    let name = |answer: &[f32]| {
        let best = most_probable(answer) as usize;
        labels.get(best).cloned().unwrap_or_default()
    };
    Ok(match fewest_words(&subject).await.map_err(failed)? {
        Some(found) => change::without_words(
            &read,
            subject.words(),
            &found.removed,
            &name(&subject.answer),
            &name(&found.answer),
        ),
        None => change::none("no set of up to 12 words carries it alone"),
    })
}
