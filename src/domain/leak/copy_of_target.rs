//! Columns that repeat the target in other words.

use std::collections::HashMap;

use super::look::{Look, LookedAt, Truth, percent};
use super::{LeakFix, LeakKind, Suspect};

/// Fewer training rows prove nothing.
const LEAST_ROWS: usize = 20;

/// So many rows of a hundred may break the rule that makes a copy: there are typing errors.
const PURE: f64 = 0.99;

/// A column with one cell in nearly every row is none that follows the label.
const LARGEST_CELL: f64 = 0.95;

/// Squared correlation with the target from which a number is the target with some noise.
const CORRELATED: f64 = 0.98;

/// The same for the correlation of ranks: a bent function keeps the order. Honest columns reach
/// 0.93 (a diamond's weight and its price).
const SAME_ORDER: f64 = 0.96;

/// Share of cells that hold their own row's label from which a text names it.
const NAMED: f64 = 0.8;

/// Shorter labels are found in texts by chance.
const LEAST_LETTERS: usize = 3;

pub(super) fn find(look: &Look) -> Vec<Suspect> {
    if look.rows.len() < LEAST_ROWS {
        return Vec::new();
    }
    look.columns
        .iter()
        .filter_map(|looked| {
            let (what, strength) = match &look.truth {
                Truth::Classes(truth, names) => recoded(look, looked, truth, names.len())
                    .or_else(|| named(look, looked, truth, names))?,
                Truth::Numbers(truth) => noisy(look, looked, truth)?,
                Truth::Other => return None,
            };
            Some(Suspect {
                kind: LeakKind::CopyOfTarget,
                columns: vec![looked.name().to_owned()],
                what,
                why: "It holds the answer itself. Where the answer is not known yet, this column is not either.".to_owned(),
                strength,
                rows: look.rows.iter().take(3).copied().collect(),
                fixes: vec![LeakFix::DropColumns(vec![looked.name().to_owned()])],
            })
        })
        .collect()
}

/// A column whose cells go with the labels: one to one, or several labels to a cell.
fn recoded(look: &Look, looked: &LookedAt, truth: &[u32], labels: usize) -> Option<(String, f64)> {
    let (cells, count) = look.categories(looked);
    if count > 2 * labels + 1 {
        return None;
    }
    let mut table: HashMap<(u32, u32), usize> = HashMap::new();
    let mut of_cell = vec![0; count];
    let mut of_label = vec![0; labels];
    for (&cell, &label) in cells.iter().zip(truth) {
        *table.entry((cell, label)).or_default() += 1;
        of_cell[cell as usize] += 1;
        of_label[label as usize] += 1;
    }
    let rows = cells.len() as f64;
    let largest = |counts: &[usize]| counts.iter().copied().max().unwrap_or(0) as f64 / rows;
    if largest(&of_cell) > LARGEST_CELL || largest(&of_label) > LARGEST_CELL {
        return None;
    }
    let (mut best_of_cell, mut best_of_label) = (vec![0; count], vec![0; labels]);
    for (&(cell, label), &rows) in &table {
        let (of_cell, of_label) = (
            &mut best_of_cell[cell as usize],
            &mut best_of_label[label as usize],
        );
        *of_cell = rows.max(*of_cell);
        *of_label = rows.max(*of_label);
    }
    let label_by_cell = best_of_cell.iter().sum::<usize>() as f64 / rows;
    let cell_by_label = best_of_label.iter().sum::<usize>() as f64 / rows;
    let (name, target) = (looked.name(), &look.recipe.target);
    let used = of_cell.iter().filter(|rows| **rows > 0).count();
    let known = of_label.iter().filter(|rows| **rows > 0).count();
    if label_by_cell >= PURE && cell_by_label >= PURE {
        return Some((
            format!(
                "Column \"{name}\" says the same as \"{target}\" in other words: each goes with one of the other in {} of the training rows.",
                percent(label_by_cell.min(cell_by_label))
            ),
            label_by_cell.min(cell_by_label),
        ));
    }
    // By chance alone, many labels would not all keep to one cell each.
    let is_coarser = known >= LEAST_LABELS && used >= 3 && rows >= 5.0 * known as f64;
    (is_coarser && cell_by_label >= PURE).then(|| {
        (
            format!(
                "Column \"{name}\" is \"{target}\" told more coarsely: each of its {known} labels has one of {used} values in {} of the training rows.",
                percent(cell_by_label)
            ),
            cell_by_label * 0.9,
        )
    })
}

/// So many labels with one value each are no accident.
const LEAST_LABELS: usize = 8;

/// A text that names its own row's label.
fn named(look: &Look, looked: &LookedAt, truth: &[u32], names: &[String]) -> Option<(String, f64)> {
    if matches!(looked.kind.as_str(), "number" | "date") {
        return None;
    }
    let names: Vec<String> = names.iter().map(|name| words(name)).collect();
    let can_be_named = |label: u32| {
        names[label as usize]
            .chars()
            .filter(|c| c.is_alphabetic())
            .count()
            >= LEAST_LETTERS
    };
    let step = look.rows.len().div_ceil(SAMPLED).max(1);
    let (mut rows, mut own, mut other) = (0_u32, 0_u32, 0_u32);
    for at in (0..truth.len()).step_by(step) {
        let label = truth[at];
        if !can_be_named(label) {
            continue;
        }
        let cell = words(looked.column.cell(look.rows[at]));
        rows += 1;
        own += u32::from(cell.contains(&names[label as usize]));
        // A row far away that has another label: does it name this one all the same?
        let far = (1..=TRIES).map(|far| (at + far * STRIDE) % truth.len());
        let stranger = far.into_iter().find(|&far| truth[far] != label);
        other += u32::from(stranger.is_some_and(|far| {
            words(looked.column.cell(look.rows[far])).contains(&names[label as usize])
        }));
    }
    let (own, other) = (
        f64::from(own) / f64::from(rows.max(1)),
        f64::from(other) / f64::from(rows.max(1)),
    );
    (rows as usize >= LEAST_ROWS && own >= NAMED && other <= own / 2.0).then(|| {
        (
            format!(
                "Column \"{}\" holds the word for the row's own \"{}\" in {} of the training rows, and rows with another one hold it in {}.",
                looked.name(),
                look.recipe.target,
                percent(own),
                percent(other)
            ),
            own,
        )
    })
}

/// Rows that texts are searched in.
const SAMPLED: usize = 2_000;

/// Rows that are tried for another label, and how far they are from each other; prime.
const TRIES: usize = 20;
const STRIDE: usize = 7919;

/// Lower case with one space around every word.
fn words(cell: &str) -> String {
    let mut words = String::from(" ");
    for c in cell.chars() {
        if c.is_alphanumeric() {
            words.extend(c.to_lowercase());
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    if !words.ends_with(' ') {
        words.push(' ');
    }
    words
}

/// A number that is the target but for some noise, or a straight function of it.
fn noisy(look: &Look, looked: &LookedAt, truth: &[f64]) -> Option<(String, f64)> {
    let values = look.values(looked).or_else(|| {
        // Few different numbers can be the target rounded.
        (looked.kind == "number").then(|| {
            let all = super::look::values(looked.column);
            look.rows.iter().map(|row| all[row.index()]).collect()
        })
    })?;
    let pairs: Vec<(f64, f64)> = values
        .iter()
        .zip(truth)
        .filter_map(|(value, truth)| Some(((*value)?, *truth)))
        .collect();
    let r2 = squared_correlation(&pairs)?;
    if pairs.len() * 2 >= truth.len() && pairs.len() >= LEAST_ROWS && r2 < CORRELATED {
        let order = squared_correlation(&ranked(&pairs))?;
        return (order >= SAME_ORDER).then(|| {
            (
                format!(
                    "Column \"{}\" has the order of \"{}\": their correlation by rank is {:.4} on the training rows.",
                    looked.name(),
                    look.recipe.target,
                    order.sqrt()
                ),
                order,
            )
        });
    }
    (pairs.len() * 2 >= truth.len() && pairs.len() >= LEAST_ROWS && r2 >= CORRELATED).then(|| {
        (
            format!(
                "Column \"{}\" is \"{}\" but for some noise: their correlation is {:.4} on the training rows.",
                looked.name(),
                look.recipe.target,
                r2.sqrt()
            ),
            r2,
        )
    })
}

/// Pairs by their ranks; equal numbers share the mean of theirs.
fn ranked(pairs: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let ranks = |of: fn(&(f64, f64)) -> f64| {
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by(|&a, &b| of(&pairs[a]).total_cmp(&of(&pairs[b])));
        let (mut ranks, mut before) = (vec![0.0; pairs.len()], 0);
        for tied in order.chunk_by(|&a, &b| of(&pairs[a]) == of(&pairs[b])) {
            for &at in tied {
                ranks[at] = before as f64 + (tied.len() - 1) as f64 / 2.0;
            }
            before += tied.len();
        }
        ranks
    };
    let (x, y) = (ranks(|pair| pair.0), ranks(|pair| pair.1));
    x.into_iter().zip(y).collect()
}

/// Pearson's, squared; `None` where one of the two does not vary.
fn squared_correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let rows = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / rows;
    let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        pairs.iter().map(|pair| of(pair.0 - x, pair.1 - y)).sum()
    };
    let (xx, yy, xy) = (sum(&|x, _| x * x), sum(&|_, y| y * y), sum(&|x, y| x * y));
    (xx > 0.0 && yy > 0.0).then(|| xy * xy / (xx * yy))
}
