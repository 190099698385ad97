//! The words that speak for each label.

use super::super::{Drawn, Scene, Study, number};
use super::rows::{prepared, text_of};
use super::{breath, failed, labels, opened};
use crate::domain::explanation::TellingWords;
use crate::engine::explain::text::WordSubject;
use crate::engine::explain::{Explainer, IntegratedGradients};
use crate::protocol::Failure;
use crate::view::explain::telling::telling;
use crate::view::markup::Markup;

/// Rows that are explained: enough for words to come back, and done in seconds.
const EXPLAINED: usize = 80;

/// Words of a label that are shown.
const SHOWN: usize = 10;

/// Few looks: over many rows the misses of single ones level out.
const QUICK: IntegratedGradients = IntegratedGradients {
    steps: 8,
    most_steps: 8,
};

/// The words that speak for each label.
pub(in crate::worker::study) struct Telling;

impl Study for Telling {
    fn id(&self) -> &'static str {
        "telling"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(collect(scene))
    }
}

async fn collect(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let model = opened(scene).await?;
    let all = &scene.run.scores.valid.rows;
    let count = all
        .len()
        .min(number(scene.knobs, "count").unwrap_or(EXPLAINED));
    let breathe = breath(scene, "Explaining validation rows");
    let mut words = TellingWords::default();
    let mut explained = 0;
    for at in 0..count {
        let share = at as f32 / count as f32;
        scene
            .breathe("Explaining validation rows", Some(share))
            .await?;
        let Some(typed) = text_of(scene, all[at * all.len() / count]) else {
            continue;
        };
        let read = prepared(scene, &typed);
        let subject = WordSubject::new(&model, &read, None, &breathe)
            .await
            .map_err(failed)?;
        if subject.words().is_empty() {
            continue;
        }
        let found = QUICK.explain(&subject).await.map_err(failed)?;
        let shares = subject.words().iter().zip(&found.shares);
        let shares = shares.map(|(word, &share)| (&read[word.bytes.clone()], share));
        words.add(subject.label(), shares);
        explained += 1;
    }
    let named = labels(scene).into_iter().enumerate();
    let labels: Vec<_> = named
        .map(|(at, label)| (label, words.of(at, SHOWN)))
        .collect();
    Ok(telling(&labels, explained))
}
