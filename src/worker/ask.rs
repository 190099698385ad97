//! Answers to what the page asks about an open table.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::clock;
use super::open::column_summary;
use super::session::Session;
use crate::domain::base_model;
use crate::domain::clean::{Offer, Preview, offers, preview};
use crate::domain::column::{self, Schema};
use crate::domain::examples::{Examples, too_many_rows};
use crate::domain::features::TableExamples;
use crate::domain::issue::Issue;
use crate::domain::leak;
use crate::domain::query::RowQuery;
use crate::domain::recipe::Recipe;
use crate::domain::split::Split;
use crate::domain::table::{RowId, Table};
use crate::domain::task::{Labels, Target};
use crate::protocol::{
    Answer, ColumnSummary, Event, Failure, FailureKind, Guess, Question, RequestId, TableId,
};

/// Different texts whose tokens are counted: enough for the quantiles, and soon done.
const TOKENIZED_TEXTS: usize = 4096;

/// Tokenized at a time, before others may run.
const TEXTS_A_TURN: usize = 256;

/// What the last questions were about. The page asks for the rows of one view window by window,
/// and preparing or sorting a large table for each of them would make it stutter.
///
/// A table is known by being the same one in memory: the id stays when test rows are appended.
#[derive(Default)]
pub(super) struct LastLook {
    prepared: Option<(Rc<Table>, Recipe, Rc<Preview>)>,
    selected: Option<Selected>,
}

struct Selected {
    table: Rc<Table>,
    recipe: Option<Recipe>,
    query: RowQuery,
    rows: Rc<Vec<RowId>>,
}

impl Session {
    /// Answers a question.
    pub(super) async fn ask(&self, table: TableId, request: RequestId, question: Question) {
        let answer = match self.table(table) {
            Ok(data) => self.find_out(&data, question).await,
            Err(failure) => Err(failure),
        };
        self.sender.send(&Event::Answered {
            table,
            request,
            answer,
        });
    }

    async fn find_out(&self, data: &Rc<Table>, question: Question) -> Result<Answer, Failure> {
        match question {
            Question::Rows {
                recipe,
                query,
                offset,
                limit,
            } => Ok(self.rows(data, recipe.map(|recipe| *recipe), query, offset, limit)),
            Question::Column { column, schema } => self.column(data, &column, &schema).await,
            Question::Columns { schema, target } => {
                let (columns, guess) = columns(data, &schema, target.as_deref());
                Ok(Answer::Columns { columns, guess })
            }
            Question::Preparation { recipe } => {
                if let Some(issue) = too_many_rows(data) {
                    return Err(Failure {
                        kind: FailureKind::Input,
                        what: issue.what,
                        fix: issue.fix,
                    });
                }
                let prepared = self.prepared(data, &recipe);
                // Offers try every step on the table; whoever typed meanwhile goes first.
                clock::yield_now().await;
                let offers = offers(data, &recipe);
                clock::yield_now().await;
                Ok(preparation(data, &recipe, &prepared, offers))
            }
        }
    }

    /// A table as a recipe prepares it; the last one is remembered.
    fn prepared(&self, data: &Rc<Table>, recipe: &Recipe) -> Rc<Preview> {
        let mut look = self.last_look.borrow_mut();
        if let Some((table, known, prepared)) = &look.prepared
            && Rc::ptr_eq(table, data)
            && known == recipe
        {
            return Rc::clone(prepared);
        }
        let prepared = Rc::new(preview(data, recipe));
        look.prepared = Some((Rc::clone(data), recipe.clone(), Rc::clone(&prepared)));
        prepared
    }

    fn rows(
        &self,
        data: &Rc<Table>,
        recipe: Option<Recipe>,
        query: RowQuery,
        offset: u32,
        limit: u32,
    ) -> Answer {
        // A table of too many rows to prepare is shown as it was read.
        let recipe = recipe.filter(|_| too_many_rows(data).is_none());
        let prepared = recipe.as_ref().map(|recipe| self.prepared(data, recipe));
        let shown = prepared
            .as_ref()
            .map_or(&**data, |prepared| &prepared.table);
        let known = self.last_look.borrow().selected.as_ref().and_then(|last| {
            let is_same =
                Rc::ptr_eq(&last.table, data) && last.recipe == recipe && last.query == query;
            is_same.then(|| Rc::clone(&last.rows))
        });
        let selected = known.unwrap_or_else(|| {
            let kept = prepared.as_ref().map(|prepared| &*prepared.kept);
            let schema = recipe
                .as_ref()
                .map_or_else(Schema::default, |recipe| recipe.schema.clone());
            let rows = Rc::new(query.select(shown, kept, &schema));
            self.last_look.borrow_mut().selected = Some(Selected {
                table: Rc::clone(data),
                recipe,
                query,
                rows: Rc::clone(&rows),
            });
            rows
        });
        let window = selected.iter().skip(offset as usize).take(limit as usize);
        Answer::Rows {
            total: selected.len() as u32,
            columns: names(shown),
            rows: window.map(|&row| (row, shown.row(row))).collect(),
        }
    }

    async fn column(&self, data: &Table, name: &str, schema: &Schema) -> Result<Answer, Failure> {
        let column = data.column(name).ok_or_else(|| Failure {
            kind: FailureKind::Input,
            what: format!("The table has no column called \"{name}\"."),
            fix: "Choose another column.".to_owned(),
        })?;
        let detail = column::detail(column, schema);
        let (mut tokens, mut cut) = (None, 0);
        if detail.kind == "text" {
            let model = &base_model::ALL[0];
            let tokenizer = self.tokenizer(model).await?;
            let counts = column.counts();
            // Spread over the table, so that a sorted file does not show its short texts only.
            let step = counts.len().div_ceil(TOKENIZED_TEXTS).max(1);
            let mut lengths = Vec::new();
            for (at, code) in (0..counts.len()).step_by(step).enumerate() {
                let length = tokenizer
                    .encode(&column.distinct()[code], usize::MAX)
                    .ids
                    .len();
                lengths.push((length as u32, counts[code]));
                if at % TEXTS_A_TURN == TEXTS_A_TURN - 1 {
                    clock::yield_now().await;
                }
            }
            lengths.sort_unstable();
            let rows: u32 = lengths.iter().map(|(_, rows)| rows).sum();
            let quantile = |share: f64| {
                let mut left = (share * f64::from(rows.saturating_sub(1))).round() as u32;
                let at = lengths.iter().find(|(_, rows)| {
                    let is_it = left < *rows;
                    left = left.saturating_sub(*rows);
                    is_it
                });
                at.map_or(0, |(length, _)| *length)
            };
            tokens = Some([quantile(0.5), quantile(0.95), quantile(1.0)]);
            let longest = model.max_tokens as u32;
            let too_long = lengths.iter().filter(|(length, _)| *length > longest);
            cut = too_long.map(|(_, rows)| rows).sum::<u32>() * step as u32;
        }
        Ok(Answer::Column {
            detail: Box::new(detail),
            tokens,
            cut,
        })
    }
}

/// What the columns are, and which of them the worker would take.
fn columns(data: &Table, schema: &Schema, target: Option<&str>) -> (Vec<ColumnSummary>, Guess) {
    let profiles: Vec<_> = data
        .columns()
        .iter()
        .map(|column| column::summarize_with(column, schema))
        .collect();
    let guess = column::propose(&profiles, data.rows(), target);
    let guess = guessed(guess);
    let columns = profiles.into_iter().map(column_summary).collect();
    (columns, guess)
}

/// A guess as the page shows it.
pub(super) fn guessed(guess: column::Guess) -> Guess {
    let features = guess.roles.into_iter();
    let features = features
        .filter(|(name, role)| *role == column::Role::Feature && !guess.text.contains(name));
    Guess {
        columns: features.map(|(name, _)| name).collect(),
        text: guess.text,
        target: guess.target,
        task: guess.task,
        reason: guess.reason,
    }
}

fn names(table: &Table) -> Vec<String> {
    let names = table
        .columns()
        .iter()
        .map(|column| column.name().to_owned());
    names.collect()
}

fn preparation(data: &Table, recipe: &Recipe, prepared: &Preview, offers: Vec<Offer>) -> Answer {
    let (mut labels, mut issues, mut parts) = (Vec::new(), Vec::new(), [0; 4]);
    let mut suspects = Vec::new();
    if let Ok(split) = &prepared.split {
        parts = count_parts(data, split);
        suspects = leak::suspects(&prepared.table, recipe, split);
    }
    let examples = if recipe.table.is_some() {
        TableExamples::of(prepared.clone(), recipe).map(|found| {
            let labels = count_labels(&found.target, &found.split);
            (labels, found.issues)
        })
    } else {
        Examples::of(prepared.clone(), recipe).map(|found| {
            let target = Target::Labels(Labels {
                names: found.labels,
                of_row: found.label_of,
            });
            (count_labels(&target, &found.split), found.issues)
        })
    };
    match examples {
        Ok(found) => (labels, issues) = found,
        Err(found) => issues.extend(found),
    }
    if let Err(found) = &prepared.split {
        add_new(&mut issues, found);
    }
    Answer::Preparation {
        steps: prepared.reports.clone(),
        offers,
        suspects,
        parts,
        labels,
        issues,
    }
}

fn add_new(issues: &mut Vec<Issue>, found: &[Issue]) {
    for issue in found {
        if !issues.contains(issue) {
            issues.push(issue.clone());
        }
    }
}

/// Rows of each part, and rows of none. The seal is copied: how many there are is no secret.
fn count_parts(data: &Table, split: &Split) -> [u32; 4] {
    let parts = [split.train.len(), split.valid.len(), split.test.len()];
    // A row that is drawn again to balance the labels is in training several times.
    let drawn: BTreeSet<RowId> = split.train.iter().copied().collect();
    let none = data.rows() - drawn.len() - parts[1] - parts[2];
    [parts[0], parts[1], parts[2], none].map(|rows| rows as u32)
}

/// Rows of each label by part, most frequent first; none where numbers are learned. Opens a copy of
/// the seal, and nobody learns more from it than that the parts are fair.
fn count_labels(target: &Target, split: &Split) -> Vec<(String, [u32; 3])> {
    let mut counts = vec![[0; 3]; target.names().len()];
    let mut sealed = split.test.clone();
    let Split { train, valid, .. } = split;
    for (part, rows) in [train, valid, sealed.open()].into_iter().enumerate() {
        for row in rows {
            for &label in target.of_row(row.index()) {
                counts[label as usize][part] += 1;
            }
        }
    }
    let mut labels: Vec<_> = target.names().iter().cloned().zip(counts).collect();
    labels.sort_by_key(|(_, parts)| std::cmp::Reverse(parts.iter().sum::<u32>()));
    labels
}
