//! The files that a person takes away from a run.

use super::{Scene, batch, report, unknown};
use crate::domain::csv::write_row;
use crate::domain::report::Evaluation;
use crate::domain::words;
use crate::engine::export::{self, Exporter, Facts, Model};
use crate::protocol::{Failure, FailureKind, RunAnswer};
use crate::worker::session::engine_failure;

/// Makes a file by its id.
///
/// # Errors
/// When there is no such file.
pub(super) async fn make(
    scene: &Scene<'_>,
    file: &str,
    parts: &mut Vec<Vec<u8>>,
) -> Result<RunAnswer, Failure> {
    // The recipe is a text, which needs no attachment.
    if let Some(exporter) = export::find(file).filter(|own| own.id() != "recipe") {
        return exported(scene, exporter, parts).await;
    }
    if file == "batch" {
        let predicted = batch::predicted(scene).await?;
        parts.extend(predicted.into_iter().map(String::into_bytes));
        return Ok(answer(scene, "predicted.csv", "text/csv", None));
    }
    let (ending, kind, text) = match file {
        "recipe" => (
            "recipe.json",
            "application/json",
            serde_json::to_string_pretty(&scene.run.recipe).expect("a recipe is plain data"),
        ),
        "predictions" => (
            "predictions.csv",
            "text/csv",
            predictions(&scene.run.report.evaluation),
        ),
        "figures" => (
            "figures.json",
            "application/json",
            serde_json::to_string(&scene.run.report).expect("a report is plain data"),
        ),
        "report" => ("report.html", "text/html", report::make(scene).await?),
        other => return Err(unknown("file", other)),
    };
    Ok(answer(scene, ending, kind, Some(text)))
}

/// A file's answer; without a text its bytes are attached.
fn answer(scene: &Scene<'_>, ending: &str, kind: &str, text: Option<String>) -> RunAnswer {
    let table = scene.table();
    let stem = words::file_stem(table.as_ref().map_or("table", |table| table.name()));
    RunAnswer::File {
        name: format!("{stem}-{}-{ending}", scene.run.recipe.tuning.method.id()),
        kind: kind.to_owned(),
        is_attached: text.is_none(),
        text: text.unwrap_or_default(),
    }
}

/// The model in another form.
async fn exported(
    scene: &Scene<'_>,
    exporter: &dyn Exporter,
    parts: &mut Vec<Vec<u8>>,
) -> Result<RunAnswer, Failure> {
    let run = scene.run;
    if let Some(why) = exporter.refusal(&run.recipe) {
        return Err(Failure {
            kind: FailureKind::Input,
            what: why.to_owned(),
            fix: "Choose another form.".to_owned(),
        });
    }
    scene.breathe("Reading the model", None).await?;
    let table = scene.table();
    let name = table.as_ref().map_or("table", |table| table.name());
    let learned: u32 = run.scores.train_rows.iter().sum();
    let counts = [
        learned,
        run.scores.valid.len() as u32,
        run.scores.test.len() as u32,
    ];
    let facts = Facts::of_run(name, counts, &run.report);
    let model = Model::of_text(&run.tuned, &run.base, &run.recipe, &run.fitted, facts).await;
    let model = model.map_err(|error| engine_failure(&error))?;
    scene.breathe("Writing the file", None).await?;
    let bytes = exporter.export(&model).map_err(|error| Failure {
        kind: FailureKind::Input,
        what: format!("The file cannot be written: {error}."),
        fix: "Choose another form.".to_owned(),
    })?;
    parts.push(bytes);
    let kind = "application/octet-stream";
    Ok(answer(scene, exporter.ending(), kind, None))
}

/// The predictions on the test rows. `row` counts the table's rows from 0, without the header, as
/// the command line does.
fn predictions(evaluation: &Evaluation) -> String {
    let mut csv = String::new();
    write_row(&mut csv, &["row", "truth", "prediction", "probability"]);
    let label = |index: u32| evaluation.labels[index as usize].as_str();
    for row in &evaluation.rows {
        let cells = [
            &row.row.0.to_string(),
            label(row.truth),
            label(row.predicted),
            &row.probability.to_string(),
        ];
        write_row(&mut csv, &cells);
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::RowPrediction;
    use crate::domain::split::Part;
    use crate::domain::table::RowId;

    #[test]
    fn labels_with_commas_and_quotes_survive() {
        let evaluation = Evaluation {
            part: Part::Test,
            labels: vec!["a, b".into(), "say \"c\"".into()],
            metrics: Vec::new(),
            accuracy_interval: [0.0, 1.0],
            classes: Vec::new(),
            confusion: Vec::new(),
            rows: vec![RowPrediction {
                row: RowId(4),
                truth: 0,
                predicted: 1,
                probability: 0.75,
            }],
            baselines: Vec::new(),
        };
        assert_eq!(
            predictions(&evaluation),
            "row,truth,prediction,probability\r\n4,\"a, b\",\"say \"\"c\"\"\",0.75\r\n"
        );
    }
}
