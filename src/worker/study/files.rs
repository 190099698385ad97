//! The files that a person takes away from a run.

use super::{Scene, report, unknown};
use crate::domain::csv::write_row;
use crate::domain::report::Judged;
use crate::domain::words;
use crate::protocol::{Failure, RunAnswer};

/// Makes a file by its id.
///
/// # Errors
/// When there is no such file.
pub(super) async fn make(scene: &Scene<'_>, file: &str) -> Result<RunAnswer, Failure> {
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
    let table = scene.table();
    let stem = words::file_stem(table.as_ref().map_or("table", |table| table.name()));
    Ok(RunAnswer::File {
        name: format!("{stem}-{}-{ending}", scene.run.recipe.way().id()),
        kind: kind.to_owned(),
        text,
    })
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
