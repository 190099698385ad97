//! The files that a person takes away.

use crate::domain::recipe::Recipe;
use crate::domain::report::Evaluation;

/// The recipe as JSON, to run again here or on the command line.
pub fn recipe_json(recipe: &Recipe) -> String {
    serde_json::to_string_pretty(recipe).expect("a recipe is plain data")
}

/// The predictions on the test rows as CSV. `row` counts the table's rows from 0, without the
/// header, as the command line does.
pub fn predictions_csv(evaluation: &Evaluation) -> String {
    let mut out = String::from("row,truth,prediction,probability\r\n");
    let label = |index: u32| {
        evaluation
            .labels
            .get(index as usize)
            .map_or("", String::as_str)
    };
    for row in &evaluation.rows {
        out.push_str(&row.row.0.to_string());
        for cell in [
            label(row.truth),
            label(row.predicted),
            &row.probability.to_string(),
        ] {
            out.push(',');
            push_cell(&mut out, cell);
        }
        out.push_str("\r\n");
    }
    out
}

/// A cell as RFC 4180 quotes it.
fn push_cell(out: &mut String, cell: &str) {
    if cell.contains(['"', ',', '\n', '\r']) {
        out.push('"');
        out.push_str(&cell.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(cell);
    }
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
            predictions_csv(&evaluation),
            "row,truth,prediction,probability\r\n4,\"a, b\",\"say \"\"c\"\"\",0.75\r\n"
        );
    }
}
