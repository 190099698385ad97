//! The files that a person takes away from a run.

use super::{Scene, report, unknown};
use crate::domain::csv::write_row;
use crate::domain::report::Evaluation;
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
        name: format!("{stem}-{}-{ending}", scene.run.recipe.tuning.method.id()),
        kind: kind.to_owned(),
        text,
    })
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
