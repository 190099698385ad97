//! Customers, patients and machines with rows on both sides of the split.

use std::collections::BTreeMap;

use super::look::{Look, LookedAt, Truth, percent};
use super::{LeakFix, LeakKind, Suspect};
use crate::domain::missing::is_missing;
use crate::domain::split::{Groups, SplitKind};
use crate::domain::table::RowId;

/// Fewer groups are categories.
const LEAST_GROUPS: usize = 20;

/// Rows that a group has in the mean, at least and at most as a share of all.
const LEAST_MEAN: f64 = 2.0;
const LARGEST: f64 = 0.2;

/// How much more alike the targets within a group are than among all rows, 0 to 1, for the group to
/// matter.
const CONSISTENT: f64 = 0.2;

/// The last word of a column's name, in singular, that names somebody or something.
const ENTITIES: [&str; 22] = [
    "id",
    "uuid",
    "guid",
    "key",
    "customer",
    "client",
    "user",
    "patient",
    "subject",
    "session",
    "account",
    "device",
    "machine",
    "household",
    "author",
    "speaker",
    "person",
    "member",
    "visitor",
    "driver",
    "student",
    "sensor",
];

pub(super) fn find(look: &Look) -> Vec<Suspect> {
    let by = match &look.recipe.split.kind {
        SplitKind::Group { column } => Some(column.as_str()),
        _ => None,
    };
    look.columns
        .iter()
        .filter(|looked| Some(looked.name()) != by && names_entities(looked))
        .filter_map(|looked| straddling(look, looked))
        .collect()
}

/// Whether a column looks like names of somebody: by its own name, or as codes of letters and digits.
fn names_entities(looked: &LookedAt) -> bool {
    if matches!(looked.kind.as_str(), "date" | "boolean" | "text") {
        return false;
    }
    let name = looked.name();
    let mut last = String::new();
    for c in name.chars() {
        // A new word begins at a capital after a small letter: customerID, userName.
        let is_new = c.is_uppercase() && last.chars().next_back().is_some_and(char::is_lowercase);
        if is_new || !c.is_alphanumeric() {
            last.clear();
        }
        if c.is_alphanumeric() {
            last.push(c);
        }
    }
    let last = last.to_lowercase();
    if ENTITIES.contains(&&*last) || ENTITIES.contains(&last.trim_end_matches('s')) {
        return true;
    }
    let cells = looked
        .column
        .distinct()
        .iter()
        .filter(|cell| !is_missing(cell));
    let is_code = |cell: &str| {
        let cell = cell.trim();
        cell.chars().any(|c| c.is_ascii_digit())
            && cell.chars().any(char::is_alphabetic)
            && cell.chars().filter(char::is_ascii_digit).count() >= 2
            && cell
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '#'))
    };
    let (mut all, mut codes) = (0, 0);
    for cell in cells {
        all += 1;
        codes += usize::from(is_code(cell));
    }
    looked.kind != "number" && codes * 20 >= all * 19 && all > 0
}

fn straddling(look: &Look, looked: &LookedAt) -> Option<Suspect> {
    let groups = Groups::of_column(looked.column);
    let several = groups.several();
    let rows: usize = several.iter().map(Vec::len).sum();
    let largest = several.iter().map(Vec::len).max().unwrap_or(0);
    if several.len() < LEAST_GROUPS
        || (rows as f64) < LEAST_MEAN * several.len() as f64
        || rows * 2 < look.table.rows()
        || largest as f64 > LARGEST * rows as f64
    {
        return None;
    }
    let consistency = consistency(look, &groups)?;
    if consistency < CONSISTENT {
        return None;
    }
    let mut sides = vec![[None; 3]; look.table.rows()];
    let mut sealed = look.split.test.clone();
    let parts = [&*look.split.train, &*look.split.valid, sealed.open()];
    for (part, rows) in parts.into_iter().enumerate() {
        for row in rows {
            sides[groups.of(*row).index()][part].get_or_insert(*row);
        }
    }
    let split_up: Vec<&[Option<RowId>; 3]> = sides
        .iter()
        .filter(|sides| sides[0].is_some() && (sides[1].is_some() || sides[2].is_some()))
        .collect();
    let shown = split_up.first()?;
    Some(Suspect {
        kind: LeakKind::SharedGroup,
        columns: vec![looked.name().to_owned()],
        what: format!(
            "{} of the {} values that repeat in column \"{}\" have rows both in training and held out, and rows with the same value are {} more alike in \"{}\" than others.",
            split_up.len(),
            several.len(),
            looked.name(),
            percent(consistency),
            look.recipe.target
        ),
        why: "The model can recognise whose row it is instead of learning what it should; with new ones that does not help.".to_owned(),
        strength: (0.5 + consistency / 2.0).min(1.0),
        rows: shown.iter().flatten().copied().collect(),
        fixes: vec![LeakFix::GroupBy(looked.name().to_owned())],
    })
}

/// How much more alike the targets of a group's training rows are than those of all training rows:
/// 0 as much as any, 1 equal. For classes Cohen's kappa of pairs of rows, for numbers the
/// intraclass correlation of pairs.
fn consistency(look: &Look, groups: &Groups) -> Option<f64> {
    let mut of_group: BTreeMap<RowId, Vec<usize>> = BTreeMap::new();
    for (at, row) in look.rows.iter().enumerate() {
        of_group.entry(groups.of(*row)).or_default().push(at);
    }
    // Neighbours within a group stand for all its pairs, so that a large one counts by its rows.
    let pairs: Vec<(usize, usize)> = of_group
        .values()
        .flat_map(|rows| rows.windows(2).map(|pair| (pair[0], pair[1])))
        .collect();
    if pairs.len() < LEAST_GROUPS {
        return None;
    }
    let all = look.rows.len() as f64;
    match &look.truth {
        Truth::Classes(truth, names) => {
            let mut counts = vec![0.0; names.len()];
            for label in truth {
                counts[*label as usize] += 1.0;
            }
            let by_chance: f64 = counts.iter().map(|count| (count / all).powi(2)).sum();
            let same = pairs
                .iter()
                .filter(|pair| truth[pair.0] == truth[pair.1])
                .count() as f64;
            let same = same / pairs.len() as f64;
            // Three standard errors above chance.
            let error = (by_chance * (1.0 - by_chance) / pairs.len() as f64).sqrt();
            (same > by_chance + 3.0 * error).then(|| (same - by_chance) / (1.0 - by_chance))
        }
        Truth::Numbers(truth) => {
            let mean = truth.iter().sum::<f64>() / all;
            let variance = truth
                .iter()
                .map(|value| (value - mean).powi(2))
                .sum::<f64>()
                / all;
            let shared = pairs
                .iter()
                .map(|&(a, b)| (truth[a] - mean) * (truth[b] - mean))
                .sum::<f64>()
                / pairs.len() as f64;
            let share = shared / variance;
            (variance > 0.0 && share > 3.0 / (pairs.len() as f64).sqrt()).then_some(share)
        }
        Truth::Other => None,
    }
}
