//! Looks for leaks in tables of an index, as they are, without the columns that are known to leak,
//! and with planted ones.
//!
//! ```text
//! cargo run --release --example leaks -- INDEX.json [NAME...]
//! ```
//!
//! The index is an object of tables by name, each with `file` (beside the index), `task`
//! (`classification` or `regression`), `target`, `text` (names of text columns) and `drop` (names of
//! columns that leak or name rows).

use std::path::Path;

use burnish::domain::csv::CsvReader;
use burnish::domain::leak::{LeakKind, Suspect, suspects};
use burnish::domain::recipe::{DataProfile, Recipe};
use burnish::domain::split::{Basis, SplitKind, alike, split, together};
use burnish::domain::table::{Column, RowId, Table};
use burnish::domain::task;
use serde_json::Value;

/// Multiplies rows into an order without pattern; prime.
const STRIDE: usize = 7919;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let index = arguments
        .next()
        .expect("the first argument is an index of tables");
    let chosen: Vec<String> = arguments.collect();
    let read = std::fs::read_to_string(&index).expect("the index can be read");
    let sets: Value = serde_json::from_str(&read).expect("the index is JSON");
    let folder = Path::new(&index).parent().unwrap_or(Path::new("."));
    let mut planted: Vec<(&str, usize, usize)> = Vec::new();
    let (mut clean, mut alarms) = (0, 0);
    for (name, set) in sets.as_object().expect("the index is an object") {
        if !chosen.is_empty() && !chosen.contains(name) {
            continue;
        }
        let path = folder.join(set["file"].as_str().unwrap_or_default());
        let Some(set) = Set::read(&path, set) else {
            continue;
        };
        let without = set.table.without(&set.drop);
        let found = set.suspects(&without, |_| {});
        clean += 1;
        alarms += usize::from(!found.is_empty());
        println!("{name}: {} rows, {} alarms", set.table.rows(), found.len());
        print(&found);
        set.tell_alike();
        if !set.drop.is_empty() {
            let found = set.suspects(&set.table, |_| {});
            let named = |column: &&String| found.iter().any(|s| s.columns.contains(column));
            let missed: Vec<&String> = set.drop.iter().filter(|c| !named(c)).collect();
            println!("  with {:?}: not named {missed:?}", set.drop);
            print(&found);
        }
        for (sort, is_found) in set.plant(&without) {
            match planted.iter_mut().find(|(other, ..)| *other == sort) {
                Some((_, found, all)) => {
                    *found += usize::from(is_found);
                    *all += 1;
                }
                None => planted.push((sort, usize::from(is_found), 1)),
            }
            if !is_found {
                println!("  planted and not found: {sort}");
            }
        }
    }
    println!("{clean} clean tables, {alarms} with an alarm");
    for (sort, found, all) in planted {
        println!("planted {sort}: {found} of {all} found");
    }
}

fn print(found: &[Suspect]) {
    for suspect in found {
        println!(
            "    {:?} {:.2}: {}",
            suspect.kind, suspect.strength, suspect.what
        );
    }
}

struct Set {
    table: Table,
    task: &'static str,
    target: String,
    text: Vec<String>,
    drop: Vec<String>,
}

impl Set {
    fn read(path: &Path, set: &Value) -> Option<Self> {
        let bytes = std::fs::read(path).ok()?;
        let mut reader = CsvReader::new(path.display().to_string());
        reader.feed(&bytes);
        let (table, _) = reader.finish().ok()?;
        let names = |key: &str| -> Vec<String> {
            let list = set[key].as_array().into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Some(Self {
            table,
            task: match set["task"].as_str()? {
                "regression" => "regress",
                _ => "classify",
            },
            target: set["target"].as_str()?.to_owned(),
            text: names("text"),
            drop: names("drop"),
        })
    }

    /// How many texts are alike, and how many pairs of those have different labels.
    fn tell_alike(&self) {
        let texts: Vec<&Column> = self
            .text
            .iter()
            .filter_map(|name| self.table.column(name))
            .collect();
        let (false, "classify", Some(target)) =
            (texts.is_empty(), self.task, self.table.column(&self.target))
        else {
            return;
        };
        for near in [false, true] {
            let start = std::time::Instant::now();
            let groups = alike(&texts, near);
            let secs = start.elapsed().as_secs_f64();
            let (mut pairs, mut apart) = (0, 0);
            for group in groups.several() {
                for (at, a) in group.iter().enumerate() {
                    for b in &group[at + 1..] {
                        pairs += 1;
                        apart += u32::from(target.cell(*a).trim() != target.cell(*b).trim());
                    }
                }
            }
            println!(
                "    alike{}: {} rows repeat another, {apart} of {pairs} pairs with different labels, {secs:.2} s",
                if near { " or nearly" } else { "" },
                groups.repeated(),
            );
        }
    }

    /// What is suspected in a table that is split at random, or as the change to the recipe says.
    fn suspects(&self, table: &Table, change: impl Fn(&mut Recipe)) -> Vec<Suspect> {
        let profile = DataProfile {
            rows: table.rows() as u32,
            parts: [1, 1, 1],
            classes: Vec::new(),
            tokens: [8, 8, 8, 8],
        };
        let text = match &self.text[..] {
            // Without a text every column is learned from.
            [] => table
                .columns()
                .iter()
                .map(|column| column.name().to_owned())
                .filter(|name| *name != self.target)
                .collect(),
            text => text.to_vec(),
        };
        let mut recipe = Recipe::suggest(text, self.target.clone(), &profile);
        recipe.task = self.task.to_owned();
        change(&mut recipe);
        let target = table
            .column(&self.target)
            .expect("the index names the target");
        let strata = task::find(self.task)
            .expect("a known task")
            .target(target)
            .strata();
        let inputs: Vec<&Column> = recipe
            .inputs()
            .iter()
            .filter_map(|name| table.column(name))
            .collect();
        let (alike, _) = together(&recipe.split, &inputs, &strata);
        let basis = Basis {
            alike: alike.as_ref(),
            column: recipe
                .split
                .kind
                .column()
                .and_then(|name| table.column(name)),
            ..Basis::of(&strata)
        };
        match split(&recipe.split, basis, recipe.seed) {
            Ok(split) => suspects(table, &recipe, &split),
            Err(issues) => {
                println!("  not split: {}", issues[0].what);
                Vec::new()
            }
        }
    }

    /// Plants a leak of each sort, and tells which are found.
    fn plant(&self, table: &Table) -> Vec<(&'static str, bool)> {
        let target = table
            .column(&self.target)
            .expect("the index names the target");
        let rows = table.rows();
        let cell = |row: usize| target.cell(RowId(row as u32));
        let has = |found: &[Suspect], kind: LeakKind, column: &str| {
            found
                .iter()
                .any(|s| s.kind == kind && s.columns.iter().any(|c| c == column))
        };
        let with = |cells: Vec<String>| {
            let mut columns = table.columns().to_vec();
            columns.push(Column::of("planted", cells));
            table.with_columns(columns)
        };
        let noise = |row: usize| (row * STRIDE % 1009) as f64 / 1009.0 - 0.5;
        let mut found = Vec::new();

        let ids = with(
            (0..rows)
                .map(|row| format!("K{:07}", row * STRIDE % 9_999_991))
                .collect(),
        );
        let of = self.suspects(&ids, |_| {});
        found.push(("an identifier", has(&of, LeakKind::Identifier, "planted")));

        if self.task == "regress" {
            let number = |row: usize| cell(row).trim().parse::<f64>().ok();
            let numbers: Vec<f64> = (0..rows).filter_map(number).collect();
            let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
            let spread = (numbers.iter().map(|n| (n - mean).powi(2)).sum::<f64>()
                / numbers.len() as f64)
                .sqrt();
            let of = |make: &dyn Fn(usize, f64) -> f64| {
                with(
                    (0..rows)
                        .map(|row| number(row).map_or(String::new(), |n| make(row, n).to_string()))
                        .collect(),
                )
            };
            let noisy = of(&|row, n| n * 2.5 + 7.0 + noise(row) * spread * 0.2);
            let of_noisy = self.suspects(&noisy, |_| {});
            found.push((
                "the target with noise",
                has(&of_noisy, LeakKind::CopyOfTarget, "planted"),
            ));
            let bent = of(&|row, n| ((n - mean) / spread).tanh() + noise(row) * 0.1);
            let of_bent = self.suspects(&bent, |_| {});
            found.push((
                "a bent function of the target",
                of_bent.iter().any(|s| s.columns == ["planted"]),
            ));
            let mut columns = noisy.columns().to_vec();
            let half = |row: usize| number(row).map(|n| n * (0.5 + noise(row) * 0.9));
            columns.pop();
            columns.push(Column::of(
                "part_a",
                (0..rows).map(|row| half(row).map_or(String::new(), |n| n.to_string())),
            ));
            columns.push(Column::of(
                "part_b",
                (0..rows).map(|row| {
                    half(row)
                        .zip(number(row))
                        .map_or(String::new(), |(a, n)| (n - a).to_string())
                }),
            ));
            let of_parts = self.suspects(&table.with_columns(columns), |_| {});
            found.push((
                "two parts of the target",
                has(&of_parts, LeakKind::CopyOfTarget, "part_a")
                    && has(&of_parts, LeakKind::CopyOfTarget, "part_b"),
            ));
        } else {
            let code_of = |row: usize| target.codes()[row];
            let recoded = with(
                (0..rows)
                    .map(|row| format!("code {}", code_of(row) * 3 + 11))
                    .collect(),
            );
            let of = self.suspects(&recoded, |_| {});
            found.push((
                "the target recoded",
                has(&of, LeakKind::CopyOfTarget, "planted"),
            ));
            // One cell in fifty is wrong, and every label has several cells.
            let loose = with(
                (0..rows)
                    .map(|row| {
                        let from = if (row * STRIDE).is_multiple_of(50) {
                            row * 31 % rows
                        } else {
                            row
                        };
                        format!("{}-{}", code_of(from), row % 3)
                    })
                    .collect(),
            );
            let of = self.suspects(&loose, |_| {});
            found.push((
                "a column that predicts the target",
                has(&of, LeakKind::PredictsTarget, "planted"),
            ));
            let is_word = target
                .distinct()
                .iter()
                .all(|cell| cell.chars().filter(|c| c.is_alphabetic()).count() >= 3);
            if is_word {
                let texts = with(
                    (0..rows)
                        .map(|row| {
                            format!(
                                "ticket {row} was closed by the desk as {} on request",
                                cell(row)
                            )
                        })
                        .collect(),
                );
                let of = self.suspects(&texts, |_| {});
                found.push((
                    "a text that names the target",
                    has(&of, LeakKind::CopyOfTarget, "planted"),
                ));
            }
        }

        // Every tenth row once more at the end.
        let order = || (0..rows).chain((0..rows).step_by(10));
        let again = |column: &Column| {
            Column::of(
                column.name(),
                order().map(|row| column.cell(RowId(row as u32))),
            )
        };
        let repeated = Table::new("repeated", table.columns().iter().map(again).collect());
        let of = self.suspects(&repeated, |recipe| recipe.split.keep_together = false);
        found.push((
            "rows repeated across the split",
            of.iter().any(|s| s.kind == LeakKind::RepeatedRows),
        ));
        let of = self.suspects(&repeated, |_| {});
        let before = self.suspects(table, |_| {});
        let is_silent = before.len() == of.len();
        found.push(("no alarm when they are kept together", is_silent));

        // Ten rows of neighbouring targets belong to one customer.
        let mut sorted: Vec<usize> = (0..rows).collect();
        sorted.sort_by(
            |&a, &b| match (cell(a).parse::<f64>(), cell(b).parse::<f64>()) {
                (Ok(a), Ok(b)) => a.total_cmp(&b),
                _ => cell(a).cmp(cell(b)),
            },
        );
        let mut customers = vec![0; rows];
        for (place, row) in sorted.into_iter().enumerate() {
            customers[row] = place / 10;
        }
        let name = "customer";
        let mut columns = table.columns().to_vec();
        columns.push(Column::of(
            name,
            customers.iter().map(|c| format!("{}", c * STRIDE % 99_991)),
        ));
        let grouped = table.with_columns(columns);
        let of = self.suspects(&grouped, |_| {});
        found.push((
            "groups on both sides",
            has(&of, LeakKind::SharedGroup, name),
        ));

        let day = |days: usize| {
            format!(
                "{:04}-{:02}-{:02}",
                2015 + days / 336,
                days / 28 % 12 + 1,
                days % 28 + 1
            )
        };
        let mut columns = table.columns().to_vec();
        columns.push(Column::of(
            "opened",
            (0..rows).map(|row| day(row * STRIDE % 2000)),
        ));
        columns.push(Column::of(
            "planted",
            (0..rows).map(|row| day(row * STRIDE % 2000 + 1 + row % 30)),
        ));
        let dated = table.with_columns(columns);
        let of = self.suspects(&dated, |recipe| {
            recipe.split.kind = SplitKind::Time {
                column: "opened".to_owned(),
            };
        });
        found.push((
            "dates after the one that splits",
            has(&of, LeakKind::FutureDates, "planted"),
        ));
        let far = with(
            (0..rows)
                .map(|row| {
                    if row % 211 == 5 {
                        "9999-12-31".to_owned()
                    } else {
                        day(row * STRIDE % 700)
                    }
                })
                .collect(),
        );
        let of = self.suspects(&far, |_| {});
        found.push((
            "dates that stand for never",
            has(&of, LeakKind::FutureDates, "planted"),
        ));
        found
    }
}
