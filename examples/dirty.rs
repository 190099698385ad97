//! Opens the files of a folder and holds them against its `expect.json`: an object by file name with
//! whatever is known of a file (`rows`, `cols`, `sep`, `encoding`, `header`, `quote`, `escape`,
//! `same_as`, `numeric`, `ids`, `ragged_lines`, `duplicates`, `classes_after_merge`, `leaks`, `target`,
//! `refuse`).
//!
//! `cargo run --release --example dirty -- FOLDER`

use std::error::Error;
use std::path::Path;

use burnish::domain::clean::{StepPlan, offers};
use burnish::domain::column::{Schema, propose, summarize};
use burnish::domain::csv::{Delimiter, Mark};
use burnish::domain::examples::Examples;
use burnish::domain::leak::suspects;
use burnish::domain::missing::Spellings;
use burnish::domain::read::{ReadOptions, ReadRefusal, ReadTable, TableReader};
use burnish::domain::recipe::{DataProfile, Recipe};
use burnish::domain::split::alike;
use burnish::domain::table::{Column, RowId, Table};
use serde_json::Value;

/// A file is read in pieces of so many bytes, as in the browser.
const CHUNK_BYTES: usize = 1 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("the argument is a folder")?;
    let folder = Path::new(&folder);
    let expected = std::fs::read_to_string(folder.join("expect.json"))?;
    let expected: Value = serde_json::from_str(&expected)?;
    let (mut all, mut right) = (0, 0);
    for (name, wanted) in expected.as_object().ok_or("expect.json is no object")? {
        let wrong = differences(folder, name, wanted)?;
        all += 1;
        right += u32::from(wrong.is_empty());
        for what in wrong {
            println!("{name}: {what}");
        }
    }
    println!("{right} of {all} files open or are refused as expected");
    Ok(())
}

fn open(path: &Path) -> Result<Result<ReadTable, ReadRefusal>, std::io::Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut reader = TableReader::new(name, ReadOptions::default());
    for chunk in std::fs::read(path)?.chunks(CHUNK_BYTES) {
        reader.feed(chunk);
    }
    Ok(reader.finish())
}

/// Everything in which a file is not as expected.
fn differences(folder: &Path, name: &str, wanted: &Value) -> Result<Vec<String>, Box<dyn Error>> {
    let mut wrong = Vec::new();
    let mut hold = |what: &str, is: String, should: String| {
        if is != should {
            wrong.push(format!("{what} is {is}, expected {should}"));
        }
    };
    let is_refused_wanted = wanted["refuse"] == true;
    let read = match open(&folder.join(name))? {
        Ok(read) => read,
        Err(refusal) => {
            hold(
                "refused",
                format!("true ({})", refusal.id()),
                format!("{is_refused_wanted} ({})", refusal.id()),
            );
            return Ok(wrong);
        }
    };
    let (table, issues) = (&read.table, &read.issues);
    for (key, is) in [("rows", table.rows()), ("cols", table.columns().len())] {
        if let Some(should) = wanted[key].as_u64() {
            hold(key, is.to_string(), should.to_string());
        }
    }
    if let Some(encoding) = wanted["encoding"].as_str() {
        hold(
            "encoding",
            read.report.encoding.clone(),
            encoding.to_owned(),
        );
    }
    if let Some(dialect) = &read.report.dialect {
        let character = |key: &str| wanted[key].as_str().and_then(|text| text.chars().next());
        if let Some(separator) = character("sep") {
            hold(
                "sep",
                format!("{:?}", dialect.delimiter),
                format!("{:?}", Delimiter::Character(separator)),
            );
        }
        if let Some(escape) = character("escape") {
            hold(
                "escape",
                format!("{:?}", dialect.escape),
                format!("{:?}", Mark::Character(escape)),
            );
        }
        if let (true, Some(separator)) = (
            wanted.get("quote").is_some_and(Value::is_null),
            character("sep"),
        ) {
            // Where quotes are text, the cells are what stands between the separators.
            let text = std::fs::read_to_string(folder.join(name))?;
            let cut = text.lines().map(|line| line.split(separator));
            let rows = (0..table.rows() as u32).map(|row| table.row(RowId(row)));
            let different = cut.zip(rows).filter(|(cut, row)| !cut.clone().eq(row));
            hold(
                "rows that differ",
                different.count().to_string(),
                "0".to_owned(),
            );
        }
        if let Some(header) = wanted["header"].as_bool() {
            hold("header", dialect.header.to_string(), header.to_string());
        }
    }
    for line in wanted["ragged_lines"].as_array().into_iter().flatten() {
        let is_told = issues
            .iter()
            .any(|issue| issue.what.contains(&format!("ine {line} ")));
        hold(
            &format!("line {line} told of"),
            is_told.to_string(),
            "true".to_owned(),
        );
    }
    if let Some(other) = wanted["same_as"].as_str() {
        let other = open(&folder.parent().unwrap_or(folder).join(other))??.table;
        hold(
            "cells that differ",
            different_cells(table, &other).to_string(),
            "0".to_owned(),
        );
    }
    let names = |key: &str| -> Vec<String> {
        let list = wanted[key].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    for (key, kind) in [("numeric", "number"), ("ids", "identifier")] {
        for name in names(key) {
            let is = table
                .column(&name)
                .map_or_else(String::new, |column| summarize(column).kind);
            hold(&format!("kind of {name}"), is, kind.to_owned());
        }
    }
    if let Some(should) = wanted["duplicates"].as_u64() {
        let columns: Vec<&Column> = table.columns().iter().collect();
        // Rows that repeat another in the original as well come on top.
        let repeated = alike(&columns, false).repeated() as u64;
        hold(
            "repeated rows are enough",
            (repeated >= should).to_string(),
            "true".to_owned(),
        );
    }
    let profiles: Vec<_> = table.columns().iter().map(summarize).collect();
    let target = wanted["target"].as_str();
    let guess = propose(&profiles, table.rows(), target);
    if let Some(target) = target {
        let recipe = recipe(table, &guess.text, target, &guess.task);
        let examples = Examples::read(table, &recipe);
        let is_blocked = examples.as_ref().is_err_and(|issues| {
            issues.iter().any(|issue| {
                // Tasks without a text are learned elsewhere.
                issue.blocks() && issue.id == "one_class"
            })
        });
        hold(
            "refused for its target",
            is_blocked.to_string(),
            is_refused_wanted.to_string(),
        );
        if let Some(classes) = wanted["classes_after_merge"].as_u64() {
            let merged = merged_classes(table, &recipe, target);
            hold(
                "classes after merging",
                merged.to_string(),
                classes.to_string(),
            );
        }
        if let (false, Ok(prepared)) = (
            names("leaks").is_empty(),
            burnish::domain::clean::prepare(table, &recipe),
        ) {
            let found = suspects(table, &recipe, &prepared.split);
            for leak in names("leaks") {
                let is_named = found.iter().any(|suspect| suspect.columns.contains(&leak));
                hold(
                    &format!("{leak} is suspected"),
                    is_named.to_string(),
                    "true".to_owned(),
                );
            }
        }
    } else {
        hold("refused", "false".to_owned(), is_refused_wanted.to_string());
    }
    Ok(wrong)
}

fn recipe(table: &Table, text: &[String], target: &str, task: &str) -> Recipe {
    let profile = DataProfile {
        rows: table.rows() as u32,
        parts: [1, 1, 1],
        classes: Vec::new(),
        tokens: [8, 8, 8, 8],
    };
    let mut text = text.to_vec();
    if text.is_empty() {
        let names = table
            .columns()
            .iter()
            .map(|column| column.name().to_owned());
        text = names.filter(|name| name != target).collect();
    }
    let mut recipe = Recipe::suggest(text, target.to_owned(), &profile);
    task.clone_into(&mut recipe.task);
    recipe
}

/// Labels that are left when every spelling that is offered to be unified is.
fn merged_classes(table: &Table, recipe: &Recipe, target: &str) -> usize {
    let mut recipe = recipe.clone();
    let steps = offers(table, &recipe).into_iter().map(|offer| offer.step);
    recipe.steps = steps
        .filter(|step| matches!(step, StepPlan::UnifySpellings { column, .. } if column == target))
        .collect();
    let prepared = burnish::domain::clean::preview(table, &recipe).table;
    let Some(column) = prepared.column(target) else {
        return 0;
    };
    column.counts().iter().filter(|rows| **rows > 0).count()
}

/// Cells that are not the same in two tables, column by column; missing ones are all the same.
fn different_cells(table: &Table, other: &Table) -> usize {
    let columns = table.columns().iter().zip(other.columns());
    let different = columns.map(|(column, other)| {
        let missing = |column: &Column| {
            let is_missing = Spellings::of_column(column, &Schema::default()).codes(column);
            column
                .codes()
                .iter()
                .map(|&code| is_missing[code as usize])
                .collect::<Vec<bool>>()
        };
        let gaps = missing(column).into_iter().zip(missing(other));
        let cells = column.cells().zip(other.cells());
        cells
            .zip(gaps)
            .filter(|((a, b), gaps)| *gaps != (true, true) && a != b)
            .count()
    });
    different.sum::<usize>() + table.rows().abs_diff(other.rows())
}
