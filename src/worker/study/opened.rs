//! A model that was opened from a file: what it is, and a place to try it.

use super::files::own_encoder;
use super::next_round::origin;
use super::{Drawn, Scene, Study};
use crate::domain::base_model;
use crate::domain::metric::most_probable;
use crate::domain::report::{Input, Prediction};
use crate::domain::share::Bundle;
use crate::domain::words::{self, short_number};
use crate::protocol::{Failure, RunAnswer, TableId};
use crate::view::demo::answer as labels_table;
use crate::view::explain::cells::CellField;
use crate::view::markup::{Markup, text};
use crate::view::opened::{Opened, Tuning, answered, opened};

/// The page of a model that has just been opened; `table` is the one that the page shows.
pub(super) async fn page(scene: &Scene<'_>, table: Option<TableId>) -> Result<RunAnswer, Failure> {
    let run = scene.run;
    let file = run.from_file.as_ref().expect("it came from a file");
    let usual = usual_row(scene);
    let is_empty = usual.iter().all(|(_, cell)| cell.trim().is_empty());
    let answer = if is_empty {
        None
    } else {
        Some(say(scene, usual.clone()).await?)
    };
    let inputs = run.report.inputs.iter().cloned();
    let fields: Vec<CellField> = inputs
        .zip(&usual)
        .map(|(input, (_, cell))| CellField {
            input,
            cell: cell.clone(),
        })
        .collect();
    let own = own_encoder(scene).await;
    let start = origin(scene);
    let tables = scene.session.tables.borrow();
    let table = table.and_then(|id| tables.get(&id));
    let bundle = Bundle {
        place: file.name.clone(),
        sha256: run.key.run.clone(),
    };
    let link = format!("{}{}", scene.session.assets.page(), bundle.link());
    let base = base_model::find(&run.recipe.base_model).filter(|_| run.base.is_some());
    let base = base.map(|base| base.name);
    let markup = opened(&Opened {
        name: &file.name,
        recipe: &run.recipe,
        made_by: &words::run_name(&run.recipe),
        base: base.or(own.as_ref().map(|own| own.name.as_str())),
        keeps_encoder: own.is_some(),
        labels: run.report.evaluation.names(),
        metrics: &file.facts.metrics,
        accuracy_interval: file.facts.accuracy_interval,
        parts: file.facts.parts,
        data: &file.facts.data,
        card: &file.card,
        fields: &fields,
        answer,
        link: (&bundle, &link),
        tuning: Tuning {
            start: &start,
            table: table.map(|table| table.name()),
        },
    });
    Ok(RunAnswer::View {
        markup: markup.into_string(),
    })
}

/// The answer to what was typed.
pub(super) struct OpenedAnswer;

impl Study for OpenedAnswer {
    fn id(&self) -> &'static str {
        "opened_answer"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let row = row_of(scene);
            if row.iter().all(|(_, cell)| cell.trim().is_empty()) {
                return Ok(Markup::default());
            }
            say(scene, row).await
        })
    }
}

/// What was typed for each column: a knob `cell` with its place.
pub(super) fn row_of(scene: &Scene) -> Vec<(String, String)> {
    let inputs = scene.run.report.inputs.iter().enumerate();
    inputs
        .map(|(at, input)| {
            let cell = scene.knob(&format!("cell{at}")).unwrap_or_default();
            (input.column.clone(), cell.to_owned())
        })
        .collect()
}

/// A usual cell for each column.
pub(super) fn usual_row(scene: &Scene) -> Vec<(String, String)> {
    let usual = |input: &Input| (input.column.clone(), input.example.clone());
    scene.run.report.inputs.iter().map(usual).collect()
}

async fn say(scene: &Scene<'_>, row: Vec<(String, String)>) -> Result<Markup, Failure> {
    let RunAnswer::Predicted {
        prediction, is_cut, ..
    } = scene.run.predict(row).await?
    else {
        return Ok(Markup::default());
    };
    let names = scene.run.report.evaluation.names();
    let said = match &prediction {
        Prediction::Labels(shares) => {
            let best = names.get(most_probable(shares) as usize);
            let best = best.map_or("", String::as_str);
            text("p", "explained-answer", best).then(labels_table(names, shares))
        }
        Prediction::LabelSet(shares) => labels_table(names, shares),
        Prediction::Number { value, range } => {
            let range = range.map_or_else(String::new, |ends| {
                let [low, high] = ends.map(short_number);
                format!(", between {low} and {high}")
            });
            text(
                "p",
                "explained-answer",
                format_args!(
                    "{} {}{range}",
                    scene.run.recipe.target,
                    short_number(*value)
                ),
            )
        }
    };
    Ok(answered(said, is_cut))
}
