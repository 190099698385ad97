//! What would give another answer.

use super::super::{Drawn, Scene, Study, number};
use super::columns::{TypedRow, laid_open, prepared, seen_columns, table_model, with_texts};
use super::rows::said;
use super::{breath, failed, labels, opened, subject};
use crate::domain::features::TableExamples;
use crate::domain::metric::most_probable;
use crate::domain::task::Target;
use crate::domain::words::short_number;
use crate::engine::explain::fewest_words::fewest_words;
use crate::engine::explain::smallest_change::{alternatives, smallest_change};
use crate::engine::explain::text::WordSubject;
use crate::protocol::Failure;
use crate::view::explain::change::{self, ChangedCell};
use crate::view::markup::{Markup, text};

/// The fewest words, or the smallest change of columns, with which the answer is another one.
pub(in crate::worker::study) struct Counterfactual;

impl Study for Counterfactual {
    fn id(&self) -> &'static str {
        "counterfactual"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            if table_model(scene).is_some() {
                of_columns(scene).await
            } else {
                of_words(scene).await
            }
        })
    }
}

async fn of_columns(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let model = laid_open(scene)?;
    let seen = seen_columns(scene, &model).await?;
    let breathe = breath(scene, "Looking for a small change");
    let typed = TypedRow::of(scene)?;
    let row = prepared(scene, &typed.typed);
    let others = alternatives(&model, &seen.examples.table, &seen.examples.split.train);
    if others.is_empty() {
        return Ok(change::none(
            "this model reads texts, which have no other cells",
        ));
    }
    let band = band(&seen.examples);
    let label = number(scene.knobs, "label");
    let (found, before) = with_texts(scene, async |store| {
        let width = band.unwrap_or_default();
        let found = smallest_change(&model, &row, &others, (label, width), store, &breathe);
        let found = found.await?;
        let own = model.read_cells(std::slice::from_ref(&row), store, &breathe);
        let before = model.answers(&own.await?, &breathe).await?;
        Ok((found, before.concat()))
    })
    .await?;
    let names = labels(scene);
    let about_number = band.map(|band| {
        format!(
            "Another answer is one that is more than {} away: half of how far the training rows usually lie from their mean.",
            short_number(band)
        )
    });
    let Some(found) = found else {
        let none = change::none("no change of up to 4 columns does it");
        return Ok(none.then(about_number.map(|words| text("p", "fine", words))));
    };
    let inputs = &scene.run.report.inputs;
    let changed: Vec<ChangedCell> = found
        .changed
        .into_iter()
        .map(|(column, to)| {
            let own = typed.typed.iter().find(|(name, _)| *name == column);
            ChangedCell {
                field: inputs.iter().position(|input| input.column == column),
                from: own.map_or_else(String::new, |(_, cell)| cell.clone()),
                to,
                column,
            }
        })
        .collect();
    let (before, after) = (
        said(scene, &names, &before),
        said(scene, &names, &found.answer),
    );
    let made = change::with_cells(&changed, &before, &after);
    Ok(made.then(about_number.map(|words| text("p", "fine", words))))
}

/// How far a number has to move to be another answer: half the deviation of the training rows; none
/// of labels.
fn band(examples: &TableExamples) -> Option<f64> {
    let Target::Numbers(numbers) = &examples.target else {
        return None;
    };
    let train = examples.split.train.iter();
    let seen: Vec<f64> = train.filter_map(|row| numbers[row.index()]).collect();
    let count = seen.len().max(1) as f64;
    let mean = seen.iter().sum::<f64>() / count;
    let square = seen.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    Some(square.sqrt() / 2.0)
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
