//! Opens files as the page does and prints which steps are offered for them, what each would do,
//! and what the table comes to with all of them: one JSON object a line.
//!
//! `cargo run --release --example prepare -- FILE TARGET [TEXT...]`. Without text columns all
//! others are learned from as they are, and a column of numbers is learned as a number.

use std::error::Error;
use std::time::Instant;

use burnish::domain::clean::{StepPlan, offers, preview};
use burnish::domain::column::{ColumnKind, Number, Schema, summarize_with};
use burnish::domain::csv::CsvReader;
use burnish::domain::features::network::Combiner;
use burnish::domain::features::{FeatureSource, TablePlan};
use burnish::domain::recipe::{DataProfile, Recipe};
use burnish::domain::table::Table;
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: prepare FILE TARGET [TEXT...]";
    let (path, target) = (
        arguments.next().ok_or(usage)?,
        arguments.next().ok_or(usage)?,
    );
    let text: Vec<String> = arguments.collect();
    let mut reader = CsvReader::new(path.clone());
    reader.feed(&std::fs::read(&path)?);
    let (table, _) = reader.finish()?;
    let mut recipe = recipe(&table, target, text);

    let began = Instant::now();
    let offers = offers(&table, &recipe);
    let offering = began.elapsed().as_secs_f64();
    for offer in &offers {
        let examples: Vec<_> = offer.report.examples.iter().take(2).collect();
        println!(
            "{}",
            json!({
                "why": offer.why,
                "step": shortened(&offer.step),
                "what": offer.report.what,
                "examples": examples,
            })
        );
    }
    recipe.steps = offers.into_iter().map(|offer| offer.step).collect();
    let began = Instant::now();
    let prepared = preview(&table, &recipe);
    let preparing = began.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({
            "file": path,
            "rows": table.rows(),
            "kept": prepared.kept.iter().filter(|kept| **kept).count(),
            "unlabeled": prepared.unlabeled.len(),
            "columns": prepared.table.columns().len(),
            "parts": prepared.split.as_ref().ok().map(|split| {
                [split.train.len(), split.valid.len(), split.test.len()]
            }),
            "issues": prepared.split.err(),
            "refused": prepared.reports.iter().filter_map(|report| report.refused.as_ref()).collect::<Vec<_>>(),
            "offering_secs": offering,
            "preparing_secs": preparing,
        })
    );
    Ok(())
}

fn recipe(table: &Table, target: String, text: Vec<String>) -> Recipe {
    let profile = DataProfile {
        rows: table.rows() as u32,
        parts: [table.rows() as u32, 0, 0],
        classes: Vec::new(),
        tokens: [0; 4],
    };
    let mut recipe = Recipe::suggest(text.clone(), target.clone(), &profile);
    if text.is_empty() {
        let is_number = table
            .column(&target)
            .is_some_and(|column| summarize_with(column, &Schema::default()).kind == Number.id());
        recipe.task = if is_number { "regress" } else { "classify" }.to_owned();
        let columns = table
            .columns()
            .iter()
            .map(|column| column.name().to_owned());
        let sources = columns
            .filter(|name| *name != target)
            .map(|column| FeatureSource { column, kind: None });
        let plan = TablePlan::suggest(sources.collect(), Combiner::TabM, profile.rows);
        recipe.table = Some(Box::new(plan));
    }
    recipe
}

/// A step whose list of spellings is cut, as it can be as long as the table.
fn shortened(step: &StepPlan) -> StepPlan {
    let mut step = step.clone();
    if let StepPlan::UnifySpellings { into, .. } = &mut step {
        into.truncate(4);
    }
    step
}
