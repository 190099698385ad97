//! Parts that something outside decides: a column, a date, a second file.

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::apportion::apportion;
use super::units::{Units, fill};
use super::{Basis, Groups, Part, Split, SplitPlan, Strata, block, rows_are};
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::table::RowId;

/// Rows of each part, ascending.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) train: Vec<RowId>,
    pub(super) valid: Vec<RowId>,
    pub(super) test: Vec<RowId>,
}

/// Given parts whose alike rows are on one side, and what that cost.
pub(super) struct Apart {
    given: Given,
    left_out: usize,
}

impl Given {
    /// Leaves out of training what is alike to a row that is held out, and out of validation what
    /// is alike to a test row. The test stays as it was given, so that its figures can be compared
    /// with those of others.
    pub(super) fn apart(mut self, alike: Option<&Groups>) -> Apart {
        let before = self.train.len() + self.valid.len();
        if let Some(groups) = alike {
            let mut is_held_out = vec![false; groups.rows()];
            for row in &self.test {
                is_held_out[groups.of(*row).index()] = true;
            }
            self.valid
                .retain(|row| !is_held_out[groups.of(*row).index()]);
            for row in &self.valid {
                is_held_out[groups.of(*row).index()] = true;
            }
            self.train
                .retain(|row| !is_held_out[groups.of(*row).index()]);
        }
        let left_out = before - self.train.len() - self.valid.len();
        Apart {
            given: self,
            left_out,
        }
    }
}

impl Apart {
    /// The first row of every class that no training row has, in order.
    pub(super) fn untrained(&self, strata: &Strata) -> Vec<RowId> {
        if !strata.are_classes() {
            return Vec::new();
        }
        let mut has_row = taught(strata, &self.given.train);
        let mut held_out: Vec<RowId> = [&*self.given.valid, &*self.given.test].concat();
        held_out.sort_unstable();
        held_out.retain(|row| {
            let stratum = strata
                .of(row.index())
                .expect("rows of a part have a stratum");
            !std::mem::replace(&mut has_row[stratum as usize], true)
        });
        held_out
    }

    /// Leaves rows out of validation and test whose class no training row has, and says so: a
    /// model cannot name what it never saw.
    pub(super) fn without_untrained(
        mut self,
        strata: &Strata,
        at: Position,
    ) -> (Self, Option<Issue>) {
        let labels = self.untrained(strata).len();
        if labels == 0 {
            return (self, None);
        }
        let has_row = taught(strata, &self.given.train);
        let mut left_out = 0;
        for part in [&mut self.given.valid, &mut self.given.test] {
            let before = part.len();
            part.retain(|row| {
                strata
                    .of(row.index())
                    .is_some_and(|stratum| has_row[stratum as usize])
            });
            left_out += before - part.len();
        }
        let issue = Issue::new(
            "split_new_labels",
            Severity::Warning,
            at,
            format!(
                "{} of {} no training row has; {} left out.",
                rows_are(left_out),
                match labels {
                    1 => "a label that".to_owned(),
                    several => format!("{several} labels that"),
                },
                if left_out == 1 { "it is" } else { "they are" },
            ),
            "Know that the model cannot name these labels, or give each of them a training row.",
        );
        (self, Some(issue))
    }

    /// The split; validation rows are drawn from those of training where none are given.
    ///
    /// # Errors
    /// A blocking issue when a part is empty.
    pub(super) fn split(
        self,
        plan: &SplitPlan,
        basis: Basis,
        at: Position,
        rng: &mut ChaCha8Rng,
    ) -> Result<Split, Vec<Issue>> {
        let Self {
            given:
                Given {
                    mut train,
                    mut valid,
                    test,
                },
            left_out,
        } = self;
        if valid.is_empty() {
            (train, valid) = draw_valid(plan, basis, &train, rng);
        }
        if train.is_empty() || valid.is_empty() {
            return Err(vec![block(
                "too_few_rows",
                at,
                "The training rows are too few to spare one for validation.".to_owned(),
                "Add training rows, or name some of the rows \"valid\".",
            )]);
        }
        let mut split = Split::sorted(train, valid, test);
        if left_out > 0 {
            split.issues.push(Issue::new(
                "alike_left_out",
                Severity::Note,
                Position::Table,
                format!(
                    "{} alike to one that is held out, and so left out of training.",
                    rows_are(left_out)
                ),
                "Nothing to do: otherwise the model would be judged by what it has learned by heart.",
            ));
        }
        Ok(split)
    }
}

/// Whether a training row has each stratum.
fn taught(strata: &Strata, train: &[RowId]) -> Vec<bool> {
    let mut has_row = vec![false; strata.count()];
    for row in train {
        if let Some(stratum) = strata.of(row.index()) {
            has_row[stratum as usize] = true;
        }
    }
    has_row
}

/// Training rows and those of them that become validation rows, with every stratum in proportion.
fn draw_valid(
    plan: &SplitPlan,
    basis: Basis,
    train: &[RowId],
    rng: &mut ChaCha8Rng,
) -> (Vec<RowId>, Vec<RowId>) {
    let mut is_train = vec![false; basis.strata.rows().len()];
    for row in train {
        is_train[row.index()] = true;
    }
    let units = Units::of(basis.strata, basis.alike, |row| is_train[row]);
    let mut classes = units.by_stratum(basis.strata);
    let counts: Vec<usize> = classes.iter().map(|class| units.total(class)).collect();
    let spare: Vec<usize> = counts.iter().map(|count| count.saturating_sub(1)).collect();
    let valids = apportion(&counts, plan.valid, &vec![0; counts.len()], &spare);
    let mut parts = vec![Part::Train; units.len()];
    for (class, &valids) in classes.iter_mut().zip(&valids) {
        class.shuffle(rng);
        fill(&units, class, [0, valids], &mut parts);
    }
    let rows_of = |part| {
        (0..units.len())
            .filter(|&unit| parts[unit] == part)
            .flat_map(|unit| units.rows(unit))
            .copied()
            .collect()
    };
    (rows_of(Part::Train), rows_of(Part::Valid))
}
