//! Predicting every row of a table that is open, or of a file that goes through row by row.

use std::rc::Rc;

use super::abstain::bound;
use super::explain::{Reasons, Row};
use super::{Drawn, Scene, Study, number};
use crate::domain::csv::CsvWriter;
use crate::domain::metric::most_probable;
use crate::domain::report::{Judged, Prediction};
use crate::domain::table::{Column, RowId, Table};
use crate::domain::words;
use crate::engine::features::FeatureStore;
use crate::engine::train::{Control, Notice, Watcher};
use crate::protocol::{Failure, FailureKind, TableId};
use crate::view::batch::{Fit, OpenTable, Pace, Panel, Why, batch, unreadable};
use crate::view::markup::Markup;
use crate::worker::clock;
use crate::worker::port::Parts;
use crate::worker::run::{Model, Run};
use crate::worker::session::engine_failure;

/// Rows that are read, scored and written at a time.
const ROWS_A_TURN: usize = 1_024;

/// Rows whose reasons are found to see how long it takes, at the most, and seconds for it.
const PACE_ROWS: usize = 8;
const PACE_SECONDS: f64 = 1.0;

/// A part of the file is put away when it has so many bytes.
const PART_BYTES: usize = 4 << 20;

/// The panel that chooses a table.
pub(super) struct Batch;

impl Study for Batch {
    fn id(&self) -> &'static str {
        "batch"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            // A file that was chosen a moment ago is still being read.
            while scene
                .session
                .openings
                .borrow()
                .contains_key(&TableId::BESIDE)
            {
                scene.breathe("Reading the file", None).await?;
                clock::yield_now().await;
            }
            panel(scene).await
        })
    }
}

async fn panel(scene: &Scene<'_>) -> Result<Markup, Failure> {
    // The last one that was opened is what a person has just dropped.
    let wanted = number(scene.knobs, "table").map(TableId);
    let chosen = {
        let tables = scene.session.tables.borrow();
        if wanted == Some(TableId::BESIDE) && !tables.contains_key(&TableId::BESIDE) {
            return Ok(unreadable());
        }
        let id = wanted.filter(|id| tables.contains_key(id));
        let id = id.or_else(|| tables.keys().next_back().copied());
        id.map(|id| (id, Rc::clone(&tables[&id])))
    };
    let fit = chosen
        .as_ref()
        .map(|(id, table)| (id.0, fit(scene.run, table)));
    let usable = chosen.filter(|_| fit.as_ref().is_some_and(|(_, fit)| !fit.found.is_empty()));
    let is_wanted = scene.knob("reasons") == Some("true");
    let pace = match usable.filter(|_| is_wanted) {
        Some((_, table)) => Some(pace(scene, &table).await?),
        None => None,
    };
    Ok(batch(&Panel {
        tables: &open_tables(scene),
        chosen: fit.as_ref().map(|(id, fit)| (*id, fit)),
        bound: bound(scene),
        why: Why {
            is_wanted,
            is_of_words: scene.run.model.text().is_some(),
            pace,
        },
        is_raw: scene.knob("raw") == Some("true"),
    }))
}

fn open_tables(scene: &Scene<'_>) -> Vec<OpenTable> {
    let tables = scene.session.tables.borrow();
    let beside = scene.session.beside.borrow();
    let open = tables.iter().map(|(id, table)| OpenTable {
        id: id.0,
        name: table.name().to_owned(),
        extent: match (&*beside, *id == TableId::BESIDE) {
            (Some(file), true) => words::bytes(file.size()),
            _ => words::rows(table.rows() as u64),
        },
    });
    open.collect()
}

/// How long reasons take: measured on the first rows of the table that is to be predicted. Where there
/// can be none, why.
///
/// # Errors
/// When it is no longer wanted.
async fn pace(scene: &Scene<'_>, table: &Table) -> Result<Result<Pace, String>, Failure> {
    let measured = measure(scene, table).await;
    scene.breathe("Explaining rows", None).await?;
    Ok(measured.map_err(|why| format!("{} {}", why.what, why.fix)))
}

async fn measure(scene: &Scene<'_>, table: &Table) -> Result<Pace, Failure> {
    let reasons = Reasons::of(scene).await?;
    let count = table.rows().min(PACE_ROWS) as u32;
    let rows: Vec<Row> = (0..count).map(|row| typed(table, RowId(row))).collect();
    if rows.is_empty() {
        return Ok(Pace::default());
    }
    let said = said(scene, rows.clone(), 0.0).await?;
    let (mut first, mut done) = (None, 0);
    let began = clock::now();
    while done < rows.len() && clock::now() - began < PACE_SECONDS {
        let one = done..done + 1;
        let way = [done, done + 1].map(|at| at as f32 / rows.len() as f32);
        let mut cells = reasons.cells(&rows[one.clone()], &said[one], way).await?;
        first = first.or(cells.pop());
        done += 1;
    }
    Ok(Pace {
        rows_a_second: done as f64 / (clock::now() - began).max(1e-3),
        first: first.unwrap_or_default(),
    })
}

/// A row of a table, by the names of its columns.
fn typed(table: &Table, row: RowId) -> Row {
    let cells = table.columns().iter();
    cells
        .map(|column| (column.name().to_owned(), column.cell(row).to_owned()))
        .collect()
}

fn fit(run: &Run, table: &Table) -> Fit {
    let names = inputs(run);
    let (found, missing) = names
        .iter()
        .cloned()
        .partition(|name| table.column(name).is_some());
    let new = table
        .columns()
        .iter()
        .map(|column| column.name().to_owned())
        .filter(|name| !names.contains(name))
        .collect();
    Fit {
        found,
        missing,
        new,
    }
}

/// Columns of a file that the model reads, those among them that steps make others of.
fn inputs(run: &Run) -> Vec<String> {
    let asked = &run.report.inputs;
    if asked.is_empty() {
        return run.recipe.inputs().into_iter().map(str::to_owned).collect();
    }
    asked.iter().map(|input| input.column.clone()).collect()
}

/// Writes the file: the table's own columns, then the prediction with its probabilities or its
/// range, and where that is wanted whether the model abstains and what counted most. A file that was
/// chosen for it goes through row by row and is never held.
pub(super) async fn predicted(scene: &Scene<'_>, parts: &mut Parts) -> Result<(), Failure> {
    let chosen = number(scene.knobs, "table").map(TableId);
    let mut sheet = Sheet::new(scene, parts).await?;
    if chosen == Some(TableId::BESIDE) {
        let file = scene.session.beside.borrow().clone();
        let file = file.ok_or_else(closed)?;
        let mut before = 0.0;
        file.stream(async |rows, share| {
            let (from, all) = (before, rows.rows().max(1) as f32);
            before = share;
            sheet
                .add(&rows, |row| from + (share - from) * row as f32 / all)
                .await
        })
        .await?;
    } else {
        let table = chosen.and_then(|id| scene.session.tables.borrow().get(&id).map(Rc::clone));
        let table = table.ok_or_else(closed)?;
        let all = table.rows().max(1) as f32;
        sheet.add(&table, |row| row as f32 / all).await?;
    }
    sheet.end().await
}

fn closed() -> Failure {
    Failure {
        kind: FailureKind::Input,
        what: "This table is no longer open.".to_owned(),
        fix: "Open the file again and choose it.".to_owned(),
    }
}

/// The file that is being written.
struct Sheet<'a> {
    scene: &'a Scene<'a>,
    writer: CsvWriter,
    /// Columns of the table, as the header names them; none before the first rows.
    names: Vec<String>,
    /// Rows that are not predicted yet: always as many at once, however a file came in pieces, so
    /// that the last digit is the same.
    waiting: Vec<Vec<String>>,
    text: String,
    parts: &'a mut Parts,
    /// From which confidence on a row is answered, where that is to be told.
    bound: Option<f64>,
    /// What finds reasons, where they are to be told.
    reasons: Option<Reasons<'a>>,
    /// How far the work had come when the last rows were written, 0 to 1.
    done: f32,
}

impl<'a> Sheet<'a> {
    async fn new(scene: &'a Scene<'a>, parts: &'a mut Parts) -> Result<Self, Failure> {
        let bound = bound(scene).filter(|bound| bound.is_wanted);
        let reasons = match scene.knob("reasons") {
            Some("true") => Some(Reasons::of(scene).await?),
            _ => None,
        };
        Ok(Self {
            scene,
            writer: CsvWriter {
                is_formula_safe: scene.knob("raw") != Some("true"),
                ..CsvWriter::default()
            },
            names: Vec::new(),
            waiting: Vec::new(),
            text: String::new(),
            parts,
            bound: bound.map(|bound| bound.least),
            reasons,
            done: 0.0,
        })
    }

    /// Takes the next rows. `share` says how far the work has come at one of them.
    async fn add(&mut self, table: &Table, share: impl Fn(usize) -> f32) -> Result<(), Failure> {
        if self.names.is_empty() {
            self.begin(table);
        }
        let columns: Vec<Option<&Column>> =
            self.names.iter().map(|name| table.column(name)).collect();
        for row in 0..table.rows() {
            let cell = |column: &Option<&Column>| {
                column.map_or_else(String::new, |column| {
                    column.cell(RowId(row as u32)).to_owned()
                })
            };
            self.waiting.push(columns.iter().map(cell).collect());
            if self.waiting.len() == ROWS_A_TURN {
                self.turn(share(row)).await?;
            }
        }
        Ok(())
    }

    /// Predicts the rows that wait and writes them down.
    async fn turn(&mut self, share: f32) -> Result<(), Failure> {
        let rows = std::mem::take(&mut self.waiting);
        let typed = |cells: &Vec<String>| self.names.iter().cloned().zip(cells.clone()).collect();
        let typed: Vec<Row> = rows.iter().map(typed).collect();
        let asked = self.reasons.as_ref().map(|_| typed.clone());
        let found = said(self.scene, typed, self.done).await?;
        let reasons = match (&self.reasons, asked) {
            (Some(reasons), Some(asked)) => {
                reasons.cells(&asked, &found, [self.done, share]).await?
            }
            _ => Vec::new(),
        };
        self.done = share;
        let labels = self.scene.run.report.evaluation.names();
        let mut reasons = reasons.into_iter();
        for (mut cells, prediction) in rows.into_iter().zip(&found) {
            cells.extend(told(prediction, labels));
            let sure = self.bound.zip(prediction.confidence());
            cells.extend(sure.map(|(least, sure)| yes_or_no(sure < least)));
            cells.extend(reasons.next());
            write(&mut self.text, &self.writer, &cells);
        }
        if self.text.len() >= PART_BYTES {
            self.parts.push(std::mem::take(&mut self.text).into_bytes());
        }
        Ok(())
    }

    /// Writes the header.
    fn begin(&mut self, table: &Table) {
        let columns = table.columns().iter();
        self.names = columns.map(|column| column.name().to_owned()).collect();
        let names = &self.names;
        let mut header = names.clone();
        header.push(free_name("prediction", names));
        match &self.scene.run.report.evaluation {
            Judged::Numbers(_) => {
                header.extend(["low", "high"].map(|name| free_name(name, names)));
            }
            judged @ (Judged::Labels(_) | Judged::LabelSets(_)) => {
                header.extend(judged.names().iter().map(|label| format!("p_{label}")));
            }
        }
        header.extend(self.bound.map(|_| free_name("abstains", names)));
        header.extend(self.reasons.as_ref().map(|_| free_name("reasons", names)));
        write(&mut self.text, &self.writer, &header);
    }

    async fn end(mut self) -> Result<(), Failure> {
        if !self.waiting.is_empty() {
            self.turn(1.0).await?;
        }
        self.parts.push(self.text.into_bytes());
        Ok(())
    }
}

/// What the model says of rows; `done` is how far the work has come. What it read is not kept: it is not
/// asked again, and a million vectors would not fit.
async fn said(scene: &Scene<'_>, rows: Vec<Row>, done: f32) -> Result<Vec<Prediction>, Failure> {
    let run = scene.run;
    let mut store = FeatureStore::default();
    let base = run.base.as_deref();
    let watcher = &mut Turns { scene, done };
    watcher.go_on().await?;
    let found = match &run.model {
        Model::Text(tuned) => {
            let base = base.expect("a run on texts has an encoder");
            let most = run.recipe.max_tokens as usize;
            let encode = |row| base.tokenizer().encode(&run.read(row), most).ids;
            let tokens: Vec<Vec<u32>> = rows.into_iter().map(encode).collect();
            let outputs = tuned.score(base, &tokens, &mut store, watcher).await;
            outputs.map(|outputs| {
                let shares = outputs.chunks_exact(tuned.labels.len());
                shares.map(|own| Prediction::Labels(own.to_vec())).collect()
            })
        }
        Model::Table(tuned) => {
            let (recipe, fitted) = (&run.recipe, &run.fitted);
            tuned
                .answer_all(recipe, fitted, base, rows, &mut store, watcher)
                .await
        }
    };
    found.map_err(|error| engine_failure(&error))
}

/// The cells of a prediction: the answer, then its probabilities or its range.
fn told(prediction: &Prediction, labels: &[String]) -> Vec<String> {
    let (answer, shares) = match prediction {
        Prediction::Labels(shares) => (labels[most_probable(shares) as usize].clone(), shares),
        Prediction::LabelSet(shares) => {
            let own = labels
                .iter()
                .zip(shares)
                .filter(|(_, share)| **share >= 0.5);
            let own: Vec<&str> = own.map(|(label, _)| label.as_str()).collect();
            (own.join(";"), shares)
        }
        Prediction::Number { value, range } => {
            let ends = range.map(|ends| ends.map(|end| end.to_string()));
            let [low, high] = ends.unwrap_or_default();
            return vec![value.to_string(), low, high];
        }
    };
    let shares = shares.iter().map(|share| format!("{share:.6}"));
    std::iter::once(answer).chain(shares).collect()
}

fn write(text: &mut String, writer: &CsvWriter, cells: &[String]) {
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    writer.write_row(text, &cells);
}

/// A name that no column has yet.
fn free_name(name: &str, taken: &[String]) -> String {
    let mut free = name.to_owned();
    while taken.contains(&free) {
        free.insert(0, '_');
    }
    free
}

fn yes_or_no(is_so: bool) -> String {
    if is_so { "yes" } else { "no" }.to_owned()
}

/// Lets others take their turn while rows are scored, and hears when the file is not wanted any more.
struct Turns<'a> {
    scene: &'a Scene<'a>,
    /// How far the work has come, 0 to 1.
    done: f32,
}

impl Turns<'_> {
    async fn go_on(&self) -> Result<(), Failure> {
        self.scene.breathe("Predicting rows", Some(self.done)).await
    }
}

impl Watcher for Turns<'_> {
    fn now(&self) -> f64 {
        clock::now()
    }

    fn notice(&mut self, _notice: Notice) {}

    async fn breathe(&mut self) -> Control {
        match self.go_on().await {
            Ok(()) => Control::Go,
            Err(_) => Control::Stop,
        }
    }
}
