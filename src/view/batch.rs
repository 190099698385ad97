//! Predicting every row of another table.

use super::costs::section;
use super::field;
use super::icon::{self, icon};
use super::markup::{Element, Markup, element, tag, text};
use crate::domain::evaluation::CoveragePoint;
use crate::domain::words;

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

/// From which confidence on rows are answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// Whether a column is to say it.
    pub is_wanted: bool,
    /// The least confidence that is answered, 0 to 1.
    pub least: f64,
    /// Where it is from.
    pub chosen_by: ChosenBy,
    /// Whether there are validation rows to judge it by.
    pub has_rows: bool,
    /// What it does to the validation rows; `None` where none is as sure.
    pub judged: Option<CoveragePoint>,
}

/// Where a bound is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    /// The person, in the Evaluate step.
    Evaluate,
    /// The validation rows.
    Validation,
    /// The person, in this panel.
    Hand,
    /// Nothing: it is a number like another.
    Nobody,
}

/// Whether reasons are told, and at what price.
pub struct Why {
    /// Whether a column is to tell them.
    pub is_wanted: bool,
    /// Whether they are words; else they are columns.
    pub is_of_words: bool,
    /// How long they take, once it was measured; else why there are none.
    pub pace: Option<Result<Pace, String>>,
}

/// How long reasons take.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pace {
    /// Rows a second; 0 where there was no row to measure by.
    pub rows_a_second: f64,
    /// The reasons of the first row.
    pub first: String,
}

/// What there is to choose.
pub struct Panel<'a> {
    /// Tables that are open.
    pub tables: &'a [OpenTable],
    /// The one that is chosen, and how it fits.
    pub chosen: Option<(u32, &'a Fit)>,
    /// None where the answer is a number.
    pub bound: Option<Bound>,
    /// The reasons.
    pub why: Why,
    /// Whether cells stay as they are.
    pub is_raw: bool,
}

/// The panel.
pub fn batch(panel: &Panel<'_>) -> Markup {
    let choices: Vec<(String, String)> = panel
        .tables
        .iter()
        .map(|table| {
            let name = format!("{}, {}", table.name, table.extent);
            (table.id.to_string(), name)
        })
        .collect();
    let part = section("batch", "Predict a whole table").child(text(
        "p",
        "fine",
        "Choose a file of any length. Its rows come back with the prediction as added columns: with \
         every label's probability, or with the range of a number.",
    ));
    let part = part.child(pick());
    let Some((chosen_id, fit)) = panel.chosen else {
        return part.done();
    };
    let part = part
        .child(tag("div", "knobs").child(field::choice(
            ("batch", "table"),
            "Table",
            &choices,
            &chosen_id.to_string(),
        )))
        .child(columns("batch-found", "Read by the model", &fit.found))
        .child(columns(
            "batch-missing",
            "Read by the model, but not in this table; they count as empty",
            &fit.missing,
        ))
        .child(columns("batch-new", "Carried along", &fit.new));
    if fit.found.is_empty() {
        return part.done();
    }
    part.child(panel.bound.as_ref().map(abstaining))
        .child(reasons(&panel.why, panel.bound.is_none()))
        .child(tick(
            "raw",
            panel.is_raw,
            "Leave cells as they are. Otherwise a cell that a spreadsheet would run as a formula gets a ' \
             before it.",
        ))
        .child(save())
        .done()
}

/// The button, and beside it one that ends the work while it is under way.
fn save() -> Element {
    let save = tag("button", "button")
        .attr("type", "button")
        .test_id("batch-save")
        .attr("data-save", "batch")
        .child(icon(icon::DOWNLOAD))
        .text("Predict and save as CSV");
    let stop = tag("button", "button while-saving")
        .attr("type", "button")
        .test_id("batch-stop")
        .flag("data-stop", true)
        .text("Stop");
    tag("p", "row").child(save).child(stop)
}

/// Whether a column says which rows are left to a person.
fn abstaining(bound: &Bound) -> Markup {
    let ticked = tick(
        "abstain",
        bound.is_wanted,
        "Say which rows the model leaves to a person: a column abstains with yes or no.",
    );
    if !bound.is_wanted {
        return ticked;
    }
    let field = field::number(
        ("batch", "sure"),
        "Answer from (% sure)",
        (bound.least * 1000.0).round() / 10.0,
        [0.0, 100.0],
        0.1,
    );
    let what = match bound.judged {
        Some(judged) => format!(
            "Of the validation rows {} are answered from there on, and {} of those are right.",
            words::percent(judged.coverage),
            words::percent(judged.accuracy)
        ),
        None if bound.has_rows => "No validation row is as sure.".to_owned(),
        None => "A model from a file has no validation rows to choose this by.".to_owned(),
    };
    let from = match bound.chosen_by {
        ChosenBy::Evaluate => " You chose this bound in the Evaluate step.",
        ChosenBy::Validation => " Chosen on those rows, so that half of the mistakes are left.",
        ChosenBy::Hand | ChosenBy::Nobody => "",
    };
    let told = tag("p", "fine").test_id("batch-bound");
    let told = told.text(format_args!("{what}{from}"));
    ticked.then(
        tag("div", "under-tick")
            .child(field::fields([field]))
            .child(told),
    )
}

/// Whether a column tells the reasons, and how long that takes. `is_number` says what the answer is.
fn reasons(why: &Why, is_number: bool) -> Markup {
    let (parts, one) = if why.is_of_words {
        ("words", "word")
    } else {
        ("columns", "column")
    };
    let ticked = tick(
        "reasons",
        why.is_wanted,
        &format!(
            "Say the reasons: the three {parts} of each row that count most, and what each adds. The \
             model is asked again for every {one}, so this takes far longer."
        ),
    );
    let told = match &why.pace {
        Some(Ok(pace)) => pace_words(pace, why.is_of_words, is_number),
        Some(Err(why)) => tag("p", "fine").test_id("batch-pace").text(why).done(),
        None => return ticked,
    };
    ticked.then(tag("div", "under-tick").child(told))
}

fn pace_words(pace: &Pace, is_of_words: bool, is_number: bool) -> Markup {
    let Pace {
        rows_a_second,
        first,
    } = pace;
    if *rows_a_second <= 0.0 {
        return Markup::default();
    }
    let method = if is_of_words {
        "Each word is left out once."
    } else {
        "Shapley values by one order of the columns and its reverse."
    };
    let unit = if is_number {
        "in the predicted number's own unit"
    } else {
        "in log-odds of the most probable label"
    };
    let told = format!(
        "About {} rows a second here, as the first ones showed: {} for 1,000 rows. {method} What each adds \
         is {unit}.",
        words::short_number(*rows_a_second),
        words::seconds(1000.0 / rows_a_second)
    );
    let first = (!first.is_empty()).then(|| {
        tag("p", "fine")
            .test_id("batch-first")
            .text("The first row: ")
            .child(text("code", "", first))
            .done()
    });
    let pace = tag("p", "fine").test_id("batch-pace").text(told).done();
    pace.then(first)
}

/// A choice of yes or no.
fn tick(knob: &str, is_ticked: bool, words: &str) -> Markup {
    tag("label", "tick")
        .child(
            tag("input", "")
                .attr("type", "checkbox")
                .attr("id", format_args!("batch-{knob}"))
                .test_id(format_args!("batch-{knob}"))
                .attr("data-knob", knob)
                .flag("checked", is_ticked),
        )
        .text(format_args!(" {words}"))
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

    fn drawn(fit: Option<&Fit>, bound: Option<Bound>, why: Why) -> String {
        let tables = [OpenTable {
            id: 3,
            name: "<new>.csv".to_owned(),
            extent: "12 rows".to_owned(),
        }];
        let panel = Panel {
            tables: &tables,
            chosen: fit.map(|fit| (3, fit)),
            bound,
            why,
            is_raw: false,
        };
        batch(&panel).into_string().replace('\u{a0}', " ")
    }

    fn no_reasons() -> Why {
        Why {
            is_wanted: false,
            is_of_words: true,
            pace: None,
        }
    }

    fn fit() -> Fit {
        Fit {
            found: vec!["text".to_owned()],
            missing: vec!["title".to_owned()],
            new: vec!["id".to_owned()],
        }
    }

    #[test]
    fn a_table_without_any_of_the_columns_cannot_be_predicted() {
        let made = drawn(Some(&fit()), None, no_reasons());
        assert!(made.contains("&lt;new&gt;.csv, 12 rows"));
        assert!(made.contains("data-save=\"batch\"") && made.contains("title"));
        let none = Fit {
            found: Vec::new(),
            ..fit()
        };
        let made = drawn(Some(&none), None, no_reasons());
        assert!(!made.contains("data-save") && !made.contains("data-knob=\"raw\""));
        let made = drawn(None, None, no_reasons());
        assert!(made.contains("data-file"));
    }

    #[test]
    fn a_bound_is_told_with_what_it_does_to_validation_rows() {
        let bound = |is_wanted, chosen_by, judged| Bound {
            is_wanted,
            least: 0.834,
            chosen_by,
            has_rows: true,
            judged,
        };
        let judged = CoveragePoint {
            confidence: 0.834,
            coverage: 0.92,
            accuracy: 0.97,
        };
        let chosen = bound(true, ChosenBy::Evaluate, Some(judged));
        let made = drawn(Some(&fit()), Some(chosen), no_reasons());
        assert!(made.contains("value=\"83.4\""), "{made}");
        assert!(made.contains("92.0 % are answered from there on, and 97.0 % of those are right"));
        assert!(made.contains("in the Evaluate step"));
        let unsure = bound(true, ChosenBy::Hand, None);
        let made = drawn(Some(&fit()), Some(unsure), no_reasons());
        assert!(made.contains("No validation row is as sure."));
        let unasked = bound(false, ChosenBy::Validation, Some(judged));
        let made = drawn(Some(&fit()), Some(unasked), no_reasons());
        assert!(made.contains("data-knob=\"abstain\"") && !made.contains("data-knob=\"sure\""));
        let number = drawn(Some(&fit()), None, no_reasons());
        assert!(!number.contains("data-knob=\"abstain\""));
    }

    #[test]
    fn the_price_of_reasons_is_told() {
        let asked = |pace| Why {
            is_wanted: true,
            is_of_words: false,
            pace: Some(pace),
        };
        let pace = Pace {
            rows_a_second: 4.0,
            first: "age=<11> +0.31".to_owned(),
        };
        let made = drawn(Some(&fit()), None, asked(Ok(pace)));
        assert!(made.contains("About 4.00 rows a second here"), "{made}");
        assert!(made.contains("4 min 10 s for 1,000 rows"), "{made}");
        assert!(made.contains("age=&lt;11&gt; +0.31"));
        assert!(made.contains("s own unit"), "{made}");
        let made = drawn(Some(&fit()), None, asked(Err("It is closed.".to_owned())));
        assert!(made.contains("It is closed."));
        let made = drawn(Some(&fit()), None, asked(Ok(Pace::default())));
        assert!(!made.contains("rows a second"));
    }
}
