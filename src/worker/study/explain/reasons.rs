//! The reasons of many rows, one row after the other, as cells of a table. What the model is asked about
//! each is as little as still beats a random order (BENCHMARKS.md), and nothing of a row is kept.

use super::super::Scene;
use super::columns::{Background, laid_open, prepared, table_model};
use super::{breath, failed, labels, opened};
use crate::domain::explanation::{Output, column_part, reasons, word_part};
use crate::domain::metric::most_probable;
use crate::domain::report::Prediction;
use crate::engine::explain::row::{Cells, ColumnModel, ColumnSubject, ReadRows};
use crate::engine::explain::text::{TextModel, WordSubject};
use crate::engine::explain::{Breath, Explainer, Occlusion, PermutationShap, Subject};
use crate::engine::features::FeatureStore;
use crate::protocol::Failure;

/// One order of the columns and its reverse: exact wherever no more than two columns act together.
const BY_COLUMNS: PermutationShap = PermutationShap { orders: 1, seed: 0 };

/// Columns of a file with a row's cells.
pub(in crate::worker::study) type Row = Vec<(String, String)>;

/// What explains rows of one model.
pub(in crate::worker::study) struct Reasons<'a> {
    scene: &'a Scene<'a>,
    model: Opened<'a>,
}

#[allow(
    clippy::large_enum_variant,
    reason = "there is one, and it is never copied"
)]
enum Opened<'a> {
    Words(TextModel),
    Columns(ColumnModel<'a>, Background),
}

impl<'a> Reasons<'a> {
    /// Lays the scene's model open.
    ///
    /// # Errors
    /// When the table of a run on columns is closed, or the device fails.
    pub(in crate::worker::study) async fn of(scene: &'a Scene<'a>) -> Result<Self, Failure> {
        let model = if table_model(scene).is_some() {
            let model = laid_open(scene)?;
            let background = Background::of(scene, &model).await?;
            Opened::Columns(model, background)
        } else {
            Opened::Words(opened(scene).await?)
        };
        Ok(Self { scene, model })
    }

    /// A cell for each row: the words or columns that count most, for what is said of it. `way` is how
    /// far the work has come before these rows and after them, 0 to 1.
    ///
    /// # Errors
    /// When it is no longer wanted, or the device fails.
    pub(in crate::worker::study) async fn cells(
        &self,
        rows: &[Row],
        said: &[Prediction],
        way: [f32; 2],
    ) -> Result<Vec<String>, Failure> {
        let breath = breath(self.scene, "Explaining rows");
        breath.share.set(Some(way[0]));
        let read = match &self.model {
            Opened::Words(_) => None,
            Opened::Columns(model, _) => {
                let cells: Vec<Cells> = rows.iter().map(|row| prepared(self.scene, row)).collect();
                let mut store = FeatureStore::default();
                let read = model.read_cells(&cells, &mut store, &breath).await;
                Some((cells, read.map_err(failed)?))
            }
        };
        let mut cells = Vec::with_capacity(rows.len());
        for (at, (row, said)) in rows.iter().zip(said).enumerate() {
            let done = at as f32 / rows.len() as f32;
            breath.share.set(Some(way[0] + (way[1] - way[0]) * done));
            let label = label_of(said);
            cells.push(match (&self.model, &read) {
                (Opened::Columns(model, background), Some((cells, read))) => {
                    let own = read.select(&[at]);
                    let row = (row, &cells[at]);
                    self.by_columns((model, background), own, row, label, &breath)
                        .await?
                }
                (Opened::Words(model), _) => self.by_words(model, row, label, &breath).await?,
                (Opened::Columns(..), None) => unreachable!("rows of columns were read"),
            });
        }
        Ok(cells)
    }

    async fn by_words(
        &self,
        model: &TextModel,
        row: &Row,
        label: Option<usize>,
        breath: Breath<'_>,
    ) -> Result<String, Failure> {
        let text = self.scene.run.read(row.clone());
        let subject = WordSubject::new(model, &text, label, breath).await;
        let subject = subject.map_err(failed)?;
        if subject.words().is_empty() {
            return Ok(String::new());
        }
        let found = Occlusion.explain(&subject).await.map_err(failed)?;
        let words = subject.words().iter();
        let names: Vec<String> = words
            .map(|word| word_part(&text[word.bytes.clone()]))
            .collect();
        Ok(reasons(&names, &found.shares, subject.output()))
    }

    async fn by_columns(
        &self,
        (model, background): (&ColumnModel<'_>, &Background),
        own: ReadRows,
        (row, prepared): (&Row, &Cells),
        label: Option<usize>,
        breath: Breath<'_>,
    ) -> Result<String, Failure> {
        let subject = ColumnSubject::new(model, own, background.rows(), label, breath).await;
        let subject = subject.map_err(failed)?;
        let found = BY_COLUMNS.explain(&subject).await.map_err(failed)?;
        let texts = &self.scene.run.recipe.text;
        let names: Vec<String> = (model.names.iter())
            .map(|name| part(name, (row, prepared), texts))
            .collect();
        let told = reasons(&names, &found.shares, subject.output());
        Ok(match subject.output() {
            // Any number of labels may be said of the row: which one is meant has to be told.
            Output::Has(label) if !told.is_empty() => {
                format!("{}: {told}", labels(self.scene)[label])
            }
            _ => told,
        })
    }
}

/// The label that is explained: the most probable one.
fn label_of(said: &Prediction) -> Option<usize> {
    match said {
        Prediction::Labels(shares) | Prediction::LabelSet(shares) => {
            Some(most_probable(shares) as usize)
        }
        Prediction::Number { .. } => None,
    }
}

/// A column, or the texts together, with what the row has there: in the file, or as steps made it.
fn part(name: &str, (row, prepared): (&Row, &Cells), texts: &[String]) -> String {
    let cell = |name: &str| {
        let found = row.iter().find(|(column, _)| column == name);
        let found = found.map(|(_, cell)| cell).or(prepared.get(name));
        found.map_or("", String::as_str)
    };
    if !texts.is_empty() && texts.join(", ") == name {
        let cells = texts.iter().map(|name| cell(name));
        let cells: Vec<&str> = cells.filter(|cell| !cell.trim().is_empty()).collect();
        return column_part(name, &cells.join(" · "), true);
    }
    column_part(name, cell(name), false)
}
