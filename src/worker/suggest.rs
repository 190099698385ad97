//! Defaults for some columns, chosen from what the rows look like.

use super::clock;
use super::session::Session;
use crate::domain::base_model;
use crate::domain::examples::Examples;
use crate::domain::features::{TableExamples, texts};
use crate::domain::issue::Issue;
use crate::domain::recipe::{DataProfile, Recipe};
use crate::domain::split::Split;
use crate::domain::suggest::recipes;
use crate::domain::table::{RowId, Table};
use crate::domain::task::{Labels, Target};
use crate::protocol::{Event, Failure, TableId};

/// Texts that are measured at a time, before others may run.
const TEXTS_A_TURN: usize = 512;

/// Texts that are measured at most, spread over the rows: more would not move a percentile by a token.
const TEXTS_TO_MEASURE: usize = 20_000;

/// Rows as a draft sees them.
struct Look {
    target: Target,
    split: Split,
    /// Texts of rows that training may see, [`TEXTS_TO_MEASURE`] at most; the sealed ones stay
    /// sealed.
    texts: Vec<String>,
    issues: Vec<Issue>,
}

impl Session {
    /// Answers with a recipe for every way in which the draft's columns can be learned from.
    pub(super) async fn suggest(&self, table: TableId, draft: &Recipe) -> Result<(), Failure> {
        let data = self.table(table)?;
        let look = match look(&data, draft) {
            Ok(look) => look,
            Err(issues) => {
                self.sender.send(&Event::Suggested {
                    table,
                    profile: None,
                    recipe: None,
                    others: Vec::new(),
                    issues,
                });
                return Ok(());
            }
        };
        let mut lengths = Vec::new();
        if !look.texts.is_empty() {
            let model = &base_model::ALL[0];
            let tokenizer = self.tokenizer(model).await?;
            for some in look.texts.chunks(TEXTS_A_TURN) {
                // Uncut, as a person wants to know how long they are.
                let length = |text: &String| tokenizer.encode(text, usize::MAX).ids.len();
                lengths.extend(some.iter().map(|text| length(text) as u32));
                clock::yield_now().await;
            }
        }
        let profile = DataProfile::of_target(&look.target, &look.split, &lengths);
        let mut recipes = recipes(draft, &profile).into_iter();
        self.sender.send(&Event::Suggested {
            table,
            recipe: recipes.next(),
            others: recipes.collect(),
            profile: Some(profile),
            issues: look.issues,
        });
        Ok(())
    }
}

fn look(data: &Table, draft: &Recipe) -> Result<Look, Vec<Issue>> {
    let seen = |split: &Split| -> Vec<RowId> {
        let rows = split.train.len() + split.valid.len();
        let step = rows.div_ceil(TEXTS_TO_MEASURE).max(1);
        let rows = split.train.iter().chain(&split.valid).step_by(step);
        rows.copied().collect()
    };
    if draft.table.is_some() {
        let found = TableExamples::read(data, draft)?;
        let texts = match draft.text[..] {
            [] => Vec::new(),
            _ => texts(&found.table, draft, &seen(&found.split)).concat(),
        };
        return Ok(Look {
            target: found.target,
            split: found.split,
            texts,
            issues: found.issues,
        });
    }
    let found = Examples::read(data, draft)?;
    let text = |row: RowId| found.texts[row.index()].clone();
    Ok(Look {
        texts: seen(&found.split).into_iter().map(text).collect(),
        target: Target::Labels(Labels {
            names: found.labels,
            of_row: found.label_of,
        }),
        split: found.split,
        issues: found.issues,
    })
}
