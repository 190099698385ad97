//! The columns of one row.

use std::collections::BTreeMap;

use burn::tensor::Device;
use futures::future::LocalBoxFuture;

use super::{Breath, PathPoint, Subject, breathe};
use crate::domain::explanation::Output;
use crate::domain::features::{FeatureRows, Span, row_texts, texts};
use crate::domain::metric::most_probable;
use crate::domain::recipe::Recipe;
use crate::domain::table::{RowId, Table};
use crate::domain::task::{self, AnswerKind};
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::run::Base;
use crate::engine::tabular::input::TableInput;
use crate::engine::tabular::model::TunedTable;
use crate::engine::tabular::texts::vectors_by;
use crate::engine::train::{Control, Notice, Watcher};

/// Rows predicted between two breaths.
const ROWS_AT_ONCE: usize = 256;

/// Background rows of an explanation: what a column is when it is not the row's own. More cost as
/// many predictions more for each coalition.
pub const BACKGROUND_ROWS: usize = 16;

/// Cells by the names of their columns, prepared as the training rows were.
pub type Cells = BTreeMap<String, String>;

/// Encoded rows with the vectors of their texts.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadRows {
    rows: FeatureRows,
    /// Shape `[rows, width]`.
    vectors: Vec<f32>,
    width: usize,
}

impl ReadRows {
    /// The same rows with other numbers at the end of what is read of each one's texts, row-major.
    ///
    /// # Panics
    /// When they are more than there are, or not as many of each row.
    #[must_use]
    pub fn with_told(mut self, told: &[f32]) -> Self {
        let own = told.len() / self.count().max(1);
        assert_eq!(told.len(), own * self.count(), "as many of each row");
        if own > 0 {
            let rows = self.vectors.chunks_exact_mut(self.width);
            for (row, told) in rows.zip(told.chunks_exact(own)) {
                row[self.width - own..].copy_from_slice(told);
            }
        }
        self
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.rows.rows
    }

    /// Some of the rows, in this order, each as often as it is named.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let vectors = rows.iter().flat_map(|&row| self.vector(row));
        Self {
            rows: self.rows.select(rows),
            vectors: vectors.copied().collect(),
            width: self.width,
        }
    }

    /// The scaled number of a column in a row; `None` where the column holds none.
    pub fn number(&self, row: usize, span: &Span) -> Option<f32> {
        let own = self.rows.numbers.len() / self.rows.rows.max(1);
        let at = span[0].clone().next()?;
        Some(self.rows.numbers[row * own + at])
    }

    fn vector(&self, row: usize) -> &[f32] {
        &self.vectors[row * self.width..][..self.width]
    }

    fn put(&mut self, row: usize, from: &Self, from_row: usize, part: &Part) {
        match part {
            Part::Column(span) => self.rows.put(row, &from.rows, from_row, span),
            Part::Text => {
                let at = row * self.width;
                self.vectors[at..at + self.width].copy_from_slice(from.vector(from_row));
            }
        }
    }

    fn extend(&mut self, other: &Self) {
        self.rows.extend(&other.rows);
        self.vectors.extend(&other.vectors);
    }
}

/// What a part of a row is.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// A column, by where its entries lie.
    Column(Span),
    /// All text columns: they are read as one text.
    Text,
}

/// A model of a table's columns, laid open for explanations.
pub struct ColumnModel<'a> {
    tuned: &'a TunedTable,
    base: Option<&'a Base>,
    recipe: &'a Recipe,
    device: Device,
    /// Names of the parts: the plan's columns, and the text columns together behind them.
    pub names: Vec<String>,
    parts: Vec<Part>,
}

impl<'a> ColumnModel<'a> {
    /// Lays a tuned model open. `base` reads its texts, where the recipe has some.
    ///
    /// # Panics
    /// When there are texts and nobody to read them.
    pub fn new(
        tuned: &'a TunedTable,
        base: Option<&'a Base>,
        recipe: &'a Recipe,
        device: &Device,
    ) -> Self {
        let features = &tuned.plan().features;
        let mut names: Vec<String> = features.iter().map(|own| own.column.clone()).collect();
        let mut parts: Vec<Part> = tuned.plan().spans().into_iter().map(Part::Column).collect();
        if !recipe.text.is_empty() {
            assert!(base.is_some(), "texts need an encoder");
            names.push(recipe.text.join(", "));
            parts.push(Part::Text);
        }
        Self {
            tuned,
            base,
            recipe,
            device: device.clone(),
            names,
            parts,
        }
    }

    /// The columns of the plan.
    pub fn tuned(&self) -> &TunedTable {
        self.tuned
    }

    /// Reads rows of a table that was prepared as the training rows were.
    ///
    /// # Errors
    /// When the device fails, or it was stopped.
    pub async fn read(
        &self,
        table: &Table,
        rows: &[RowId],
        store: &mut FeatureStore,
        breath: Breath<'_>,
    ) -> Result<ReadRows, EngineError> {
        let encoded = self.tuned.plan().encode(table, rows);
        let read = texts(table, self.recipe, rows);
        self.with_texts(encoded, &read, store, breath).await
    }

    /// Reads rows of typed cells; a column that is not there reads as empty.
    ///
    /// # Errors
    /// When the device fails, or it was stopped.
    pub async fn read_cells(
        &self,
        rows: &[Cells],
        store: &mut FeatureStore,
        breath: Breath<'_>,
    ) -> Result<ReadRows, EngineError> {
        let cell = |row: &'_ Cells, name: &str| row.get(name).cloned().unwrap_or_default();
        let mut encoded = FeatureRows::default();
        for row in rows {
            let plan = self.tuned.plan();
            encoded.extend(&plan.encode_cells(|name| row.get(name).map_or("", String::as_str)));
        }
        let read: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let cells: Vec<String> = self
                    .recipe
                    .text
                    .iter()
                    .map(|name| cell(row, name))
                    .collect();
                row_texts(self.recipe, cells.iter().map(String::as_str))
            })
            .collect();
        self.with_texts(encoded, &read, store, breath).await
    }

    async fn with_texts(
        &self,
        rows: FeatureRows,
        texts: &[Vec<String>],
        store: &mut FeatureStore,
        breath: Breath<'_>,
    ) -> Result<ReadRows, EngineError> {
        let (mut vectors, mut width) = (Vec::new(), 0);
        if let (Some(base), false) = (self.base, self.recipe.text.is_empty()) {
            let watcher = &mut Breather(breath);
            let reader = self.tuned.reader();
            let read = vectors_by(reader, Some((base, store)), self.recipe, texts, watcher).await?;
            (vectors, width) = self.tuned.text_inputs(read);
        }
        Ok(ReadRows {
            rows,
            vectors,
            width,
        })
    }

    /// Answers to rows: a probability a label, or the number in its own unit.
    ///
    /// # Errors
    /// When the device fails, or it was stopped.
    pub async fn answers(
        &self,
        rows: &ReadRows,
        breath: Breath<'_>,
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let mut found = Vec::with_capacity(rows.count());
        let all: Vec<usize> = (0..rows.count()).collect();
        for chunk in all.chunks(ROWS_AT_ONCE) {
            breathe(breath).await?;
            let input = self.input(&rows.select(chunk));
            found.extend(self.tuned.answers(&input, &mut Breather(breath)).await?);
        }
        Ok(found)
    }

    /// Answers to rows, each by one network alone: `networks` names the one of each row.
    ///
    /// # Errors
    /// When the device fails, or it was stopped.
    pub async fn answers_apart(
        &self,
        rows: &ReadRows,
        networks: &[usize],
        breath: Breath<'_>,
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let mut found = vec![Vec::new(); rows.count()];
        let mut of_network: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (row, &network) in networks.iter().enumerate() {
            of_network.entry(network).or_default().push(row);
        }
        for (network, own) in of_network {
            for chunk in own.chunks(ROWS_AT_ONCE) {
                breathe(breath).await?;
                let input = self.input(&rows.select(chunk));
                let mut breather = Breather(breath);
                let answers = self
                    .tuned
                    .answers_of(network, &input, &mut breather)
                    .await?;
                for (&row, answer) in chunk.iter().zip(answers) {
                    found[row] = answer;
                }
            }
        }
        Ok(found)
    }

    /// Vectors of rows before the outputs, row-major, and their width.
    ///
    /// # Errors
    /// When the device fails, or it was stopped.
    pub async fn embed(
        &self,
        rows: &ReadRows,
        breath: Breath<'_>,
    ) -> Result<(Vec<f32>, usize), EngineError> {
        breathe(breath).await?;
        self.tuned
            .embed(&self.input(rows), &mut Breather(breath))
            .await
    }

    fn input(&self, rows: &ReadRows) -> TableInput {
        let input = TableInput::new(&rows.rows, self.tuned.plan(), &self.device);
        if rows.width == 0 {
            return input;
        }
        input.with_flags(rows.vectors.clone(), rows.width)
    }

    /// What is explained of an answer: the number, or a label, the most probable one by default.
    pub fn output(&self, answer: &[f32], label: Option<usize>) -> Output {
        let label = label.filter(|&label| label < answer.len());
        let label = label.unwrap_or_else(|| most_probable(answer) as usize);
        match task::answer(&self.recipe.task) {
            AnswerKind::Number => Output::Number,
            AnswerKind::Labels => Output::Has(label),
            AnswerKind::Label | AnswerKind::Rank => Output::Label(label),
        }
    }

    /// Rows of `onto`, `count` times over, of which the `at`-th time has part `part` of row
    /// `from(at, row)` of `source`.
    pub(super) fn swapped(
        &self,
        onto: &ReadRows,
        source: &ReadRows,
        part: usize,
        count: usize,
        from: impl Fn(usize, usize) -> usize,
    ) -> ReadRows {
        let rows = onto.count();
        let repeated: Vec<usize> = (0..count).flat_map(|_| 0..rows).collect();
        let mut mixed = onto.select(&repeated);
        for at in 0..count {
            for row in 0..rows {
                mixed.put(at * rows + row, source, from(at, row), &self.parts[part]);
            }
        }
        mixed
    }

    /// Where the numbers of a part are; `None` for texts.
    pub(super) fn span(&self, part: usize) -> Option<&Span> {
        match &self.parts[part] {
            Part::Column(span) => Some(span),
            Part::Text => None,
        }
    }
}

/// One answer of a model of columns, by the columns of its row.
pub struct ColumnSubject<'a> {
    model: &'a ColumnModel<'a>,
    own: ReadRows,
    background: &'a ReadRows,
    output: Output,
    breath: Breath<'a>,
    /// The answer on the row as it is.
    pub answer: Vec<f32>,
}

impl<'a> ColumnSubject<'a> {
    /// One row before a background of others, of which a column that is not there takes the cells
    /// of each in turn.
    ///
    /// # Errors
    /// When the device fails, or it was stopped.
    pub async fn new(
        model: &'a ColumnModel<'a>,
        own: ReadRows,
        background: &'a ReadRows,
        label: Option<usize>,
        breath: Breath<'a>,
    ) -> Result<Self, EngineError> {
        let answer = model.answers(&own, breath).await?;
        let answer = answer
            .into_iter()
            .next()
            .ok_or(EngineError::NothingToExplain)?;
        Ok(Self {
            output: model.output(&answer, label),
            model,
            own,
            background,
            breath,
            answer,
        })
    }

    async fn ask(&self, masks: &[Vec<bool>]) -> Result<Vec<f64>, EngineError> {
        let others = self.background.count();
        let mut values = Vec::with_capacity(masks.len());
        // Mixtures are made and forgotten chunk by chunk: all of them would be millions of numbers.
        for chunk in masks.chunks((ROWS_AT_ONCE / others.max(1)).max(1)) {
            let mut rows: Option<ReadRows> = None;
            for mask in chunk {
                let mut mixed = self.background.clone();
                let own = mask.iter().zip(&self.model.parts).filter(|(own, _)| **own);
                for (_, part) in own {
                    (0..others).for_each(|row| mixed.put(row, &self.own, 0, part));
                }
                match &mut rows {
                    Some(rows) => rows.extend(&mixed),
                    None => rows = Some(mixed),
                }
            }
            let rows = rows.expect("a chunk is not empty");
            let answers = self.model.answers(&rows, self.breath).await?;
            values.extend(answers.chunks_exact(others).map(|answers| {
                let sum: f64 = answers.iter().map(|answer| self.output.of(answer)).sum();
                sum / others as f64
            }));
        }
        Ok(values)
    }
}

impl Subject for ColumnSubject<'_> {
    fn parts(&self) -> usize {
        self.model.parts.len()
    }

    fn output(&self) -> Output {
        self.output
    }

    fn values<'a>(
        &'a self,
        masks: &'a [Vec<bool>],
    ) -> LocalBoxFuture<'a, Result<Vec<f64>, EngineError>> {
        Box::pin(self.ask(masks))
    }

    /// There is nothing between two categories.
    fn path<'a>(
        &'a self,
        _places: &'a [f64],
    ) -> Option<LocalBoxFuture<'a, Result<Vec<PathPoint>, EngineError>>> {
        None
    }
}

/// Lets an explanation breathe where training would.
pub(super) struct Breather<'a>(pub(super) Breath<'a>);

impl Watcher for Breather<'_> {
    fn now(&self) -> f64 {
        0.0
    }

    fn notice(&mut self, _notice: Notice) {}

    async fn breathe(&mut self) -> Control {
        self.0.breathe().await
    }
}
