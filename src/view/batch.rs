//! Predicting every row of another table.

use super::costs::section;
use super::field;
use super::icon::{self, icon};
use super::markup::{Markup, element, tag, text};

/// A table that is open.
pub struct OpenTable {
    /// Its number, as the page counts tables.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// How large it is, in words.
    pub extent: String,
}

/// How a table's columns fit a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fit {
    /// Columns that the model reads and the table has.
    pub found: Vec<String>,
    /// Columns that the model reads and the table has not: they count as empty.
    pub missing: Vec<String>,
    /// Columns that the table has besides: they are carried along.
    pub new: Vec<String>,
}

/// The panel.
pub fn batch(tables: &[OpenTable], chosen: Option<(u32, &Fit)>, is_raw: bool) -> Markup {
    let choices: Vec<(String, String)> = tables
        .iter()
        .map(|table| {
            let name = format!("{}, {}", table.name, table.extent);
            (table.id.to_string(), name)
        })
        .collect();
    let chosen_id = chosen.map_or_else(String::new, |(id, _)| id.to_string());
    let part = section("batch", "Predict a whole table").child(text(
        "p",
        "fine",
        "Choose a file of any length. Its rows come back with the prediction as added columns: with \
         every label's probability, or with the range of a number.",
    ));
    let part = part.child(pick());
    let Some((_, fit)) = chosen else {
        return part.done();
    };
    let usable = !fit.found.is_empty();
    part.child(tag("div", "knobs").child(field::choice(
        ("batch", "table"),
        "Table",
        &choices,
        &chosen_id,
    )))
    .child(columns("batch-found", "Read by the model", &fit.found))
    .child(columns(
        "batch-missing",
        "Read by the model, but not in this table; they count as empty",
        &fit.missing,
    ))
    .child(columns("batch-new", "Carried along", &fit.new))
    .child(
        tag("label", "tick")
            .child(
                tag("input", "")
                    .attr("type", "checkbox")
                    .attr("id", "batch-raw")
                    .test_id("batch-raw")
                    .attr("data-knob", "raw")
                    .flag("checked", is_raw),
            )
            .text(
                " Leave cells as they are. Otherwise a cell that a spreadsheet would run as a \
                     formula gets a ' before it.",
            ),
    )
    .child(usable.then(|| {
        tag("button", "button")
            .attr("type", "button")
            .test_id("batch-save")
            .attr("data-save", "batch")
            .child(icon(icon::DOWNLOAD))
            .text("Predict and save as CSV")
    }))
    .done()
}

/// What is said of a file that could not be read.
pub fn unreadable() -> Markup {
    section("batch", "Predict a whole table")
        .child(text("p", "", "This file could not be read as a table."))
        .child(pick())
        .done()
}

/// Where a file is chosen.
fn pick() -> Markup {
    let input = tag("input", "sr-only")
        .attr("type", "file")
        .attr("id", "batch-file")
        .test_id("batch-file")
        .attr("data-knob", "file")
        .attr("data-knob-table", u32::MAX)
        .flag("data-file", true);
    tag("p", "row")
        .child(
            tag("label", "button file-button")
                .child(icon(icon::FILE_TEXT))
                .text("Choose a file")
                .child(input),
        )
        .done()
}

fn columns(id: &str, what: &str, names: &[String]) -> Option<Markup> {
    (!names.is_empty()).then(|| {
        element("p")
            .test_id(id)
            .child(text("strong", "", what))
            .text(format_args!(": {}", names.join(", ")))
            .done()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_without_any_of_the_columns_cannot_be_predicted() {
        let tables = [OpenTable {
            id: 3,
            name: "<new>.csv".to_owned(),
            extent: "12 rows".to_owned(),
        }];
        let fit = Fit {
            found: vec!["text".to_owned()],
            missing: vec!["title".to_owned()],
            new: vec!["id".to_owned()],
        };
        let made = batch(&tables, Some((3, &fit)), false).into_string();
        assert!(made.contains("&lt;new&gt;.csv, 12 rows"));
        assert!(made.contains("data-save=\"batch\"") && made.contains("title"));
        let none = Fit {
            found: Vec::new(),
            ..fit
        };
        let made = batch(&tables, Some((3, &none)), false).into_string();
        assert!(!made.contains("data-save"));
        let made = batch(&[], None, false).into_string();
        assert!(made.contains("data-file"));
    }
}
