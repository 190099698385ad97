//! The files that a person takes away from a run.

use super::explain::told;
use super::next_round::start;
use super::{Scene, batch, one_page, report, unknown};
use crate::domain::base_model;
use crate::domain::csv::write_row;
use crate::domain::encoder::OwnEncoder;
use crate::domain::report::Judged;
use crate::domain::words;
use crate::engine::export::{
    self, BroughtEncoder, Exporter, Facts, MOST_INSIDE_BYTES, Model as Exported,
};
use crate::protocol::{Failure, FailureKind, RunAnswer};
use crate::worker::port::Parts;
use crate::worker::run::Model;
use crate::worker::session::engine_failure;

/// Makes a file by its id.
///
/// # Errors
/// When there is no such file.
pub(super) async fn make(
    scene: &Scene<'_>,
    file: &str,
    parts: &mut Parts,
) -> Result<RunAnswer, Failure> {
    // The recipe is a text, which needs no attachment.
    if let Some(exporter) = export::find(file).filter(|own| own.id() != "recipe") {
        return exported(scene, exporter, parts).await;
    }
    if file == one_page::ID {
        one_page::write(scene, parts).await?;
        return Ok(answer(scene, "model.html", "text/html", None));
    }
    if file == "batch" {
        batch::predicted(scene, parts).await?;
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
        // For programs: what the page shows as markup.
        "summary" => ("summary.json", "application/json", summary(scene)),
        "explanation" => (
            "explanation.json",
            "application/json",
            told(scene).await?.to_string(),
        ),
        other => return Err(unknown("file", other)),
    };
    Ok(answer(scene, ending, kind, Some(text)))
}

/// A file's answer; without a text its bytes are attached.
fn answer(scene: &Scene<'_>, ending: &str, kind: &str, text: Option<String>) -> RunAnswer {
    let stem = words::file_stem(&data_name(scene));
    RunAnswer::File {
        name: format!("{stem}-{}-{ending}", scene.run.recipe.way().id()),
        kind: kind.to_owned(),
        is_attached: text.is_none(),
        text: text.unwrap_or_default(),
    }
}

/// Name of the file that a model was learned from.
fn data_name(scene: &Scene<'_>) -> String {
    if let Some(file) = &scene.run.from_file {
        return file.facts.data.clone();
    }
    let table = scene.table();
    table.map_or_else(|| "table".to_owned(), |table| table.name().to_owned())
}

/// What there is to tell of a model.
pub(super) fn facts(scene: &Scene<'_>) -> Facts {
    let run = scene.run;
    if let Some(file) = &run.from_file {
        return file.facts.clone();
    }
    let learned: u32 = match &run.model {
        Model::Text(_) => run.scores.train_rows.iter().sum(),
        // A row may count for several labels or for none, and several networks stop by other rows.
        Model::Table(_) => 0,
    };
    let counts = [
        learned,
        run.scores.valid.len() as u32,
        run.scores.test.len() as u32,
    ];
    Facts::of_run(&data_name(scene), counts, &run.report)
}

/// A model in short, as data.
fn summary(scene: &Scene<'_>) -> String {
    let run = scene.run;
    let told = serde_json::json!({
        "recipe": run.recipe,
        "labels": run.report.evaluation.names(),
        "facts": facts(scene),
        "start": start(scene),
    });
    told.to_string()
}

/// The model, read off its device.
pub(super) async fn model_of(scene: &Scene<'_>) -> Result<Exported, Failure> {
    let run = scene.run;
    scene.breathe("Reading the model", None).await?;
    let facts = facts(scene);
    let base = run.base.as_deref();
    let model = match &run.model {
        Model::Text(tuned) => {
            let base = base.expect("a run on texts has an encoder");
            Exported::of_text(tuned, base, &run.recipe, &run.fitted, facts).await
        }
        Model::Table(tuned) => {
            let names = run.report.evaluation.names();
            Exported::of_table(tuned, base, names, &run.recipe, &run.fitted, facts).await
        }
    };
    let mut model = model.map_err(|error| engine_failure(&error))?;
    let encoder = own_encoder(scene).await;
    model.own = encoder.map(|encoder| BroughtEncoder {
        encoder,
        files: None,
    });
    Ok(model)
}

/// Whether an encoder that a person brought reads the model's texts.
fn is_on_own(scene: &Scene<'_>) -> bool {
    let run = scene.run;
    run.base.is_some() && base_model::find(&run.recipe.base_model).is_none()
}

/// The encoder that a person brought, where the model is on one and its files are on this device.
pub(super) async fn own_encoder(scene: &Scene<'_>) -> Option<OwnEncoder> {
    if !is_on_own(scene) {
        return None;
    }
    let id = &scene.run.recipe.base_model;
    scene.session.own_encoder(id).await
}

/// Lays the files of an encoder that a person brought beside the model, unless they are too large to go
/// along.
///
/// # Errors
/// When they are no longer on this device.
pub(super) async fn bring_encoder(scene: &Scene<'_>, model: &mut Exported) -> Result<(), Failure> {
    if !is_on_own(scene) {
        return Ok(());
    }
    let gone = || Failure {
        kind: FailureKind::Input,
        what: "The files of this model's encoder are no longer on this device.".to_owned(),
        fix: "Choose them again under Base model in the Tune step, then save the model.".to_owned(),
    };
    let own = model.own.as_mut().ok_or_else(gone)?;
    if own.encoder.bytes() <= MOST_INSIDE_BYTES {
        scene.breathe("Reading the encoder", None).await?;
        let files = scene.session.own_files(&own.encoder).await;
        own.files = Some(files.ok_or_else(gone)?);
    }
    Ok(())
}

/// The model in another form.
async fn exported(
    scene: &Scene<'_>,
    exporter: &dyn Exporter,
    parts: &mut Parts,
) -> Result<RunAnswer, Failure> {
    let run = scene.run;
    if let Some(why) = export::refusal(exporter, &run.recipe) {
        return Err(Failure {
            kind: FailureKind::Input,
            what: why.to_owned(),
            fix: "Choose another form.".to_owned(),
        });
    }
    let mut model = model_of(scene).await?;
    if ["burnish", "hugging_face"].contains(&exporter.id()) {
        bring_encoder(scene, &mut model).await?;
    }
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
fn predictions(judged: &Judged) -> String {
    let mut csv = String::new();
    let mut push = |cells: &[String]| {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        write_row(&mut csv, &cells);
    };
    let header = |more: &[&str]| -> Vec<String> {
        let names = ["row", "truth", "prediction"].iter().chain(more);
        names.map(|&name| name.to_owned()).collect()
    };
    let label = |index: u32| judged.names()[index as usize].clone();
    match judged {
        Judged::Labels(found) => {
            push(&header(&["probability"]));
            for row in &found.rows {
                let probability = row.probability.to_string();
                push(&[
                    row.row.0.to_string(),
                    label(row.truth),
                    label(row.predicted),
                    probability,
                ]);
            }
        }
        Judged::Numbers(found) => {
            push(&header(&["low", "high"]));
            for row in &found.rows {
                let ends = row.range.map(|ends| ends.map(|end| end.to_string()));
                let [low, high] = ends.unwrap_or_default();
                push(&[
                    row.row.0.to_string(),
                    row.truth.to_string(),
                    row.predicted.to_string(),
                    low,
                    high,
                ]);
            }
        }
        Judged::LabelSets(found) => {
            push(&header(&[]));
            let listed = |set: &[u32]| {
                let names: Vec<String> = set.iter().map(|&at| label(at)).collect();
                names.join(";")
            };
            for row in &found.rows {
                push(&[
                    row.row.0.to_string(),
                    listed(&row.truth),
                    listed(&row.predicted),
                ]);
            }
        }
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::{Evaluation, RowPrediction};
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
            predictions(&Judged::Labels(evaluation)),
            "row,truth,prediction,probability\r\n4,\"a, b\",\"say \"\"c\"\"\",0.75\r\n"
        );
    }
}
