//! Columns that predict the target nearly alone.
//!
//! A predictor that knows one column, by category or by range, is learned on four fifths of the
//! training rows and judged on the fifth, five times. What it explains of the target's uncertainty
//! (log loss) or of its variance is the column's share: 0 is what guessing reaches, 1 is everything.
//! For classes the mistakes that it saves count as well: where one label is rare or rows are few, a
//! handful of wrong cells is much of the uncertainty and hardly any of the mistakes.

use super::look::{Look, LookedAt, Truth, percent};
use super::{LeakFix, LeakKind, Suspect};

/// From this share on a column is a suspect. Honest columns reach up to 0.91 on public tables (the
/// odour of a mushroom tells whether it is poisonous).
const SUSPICIOUS: f64 = 0.92;

/// No fold may be below, so that a small table with a lucky column raises no alarm.
const SUSPICIOUS_FOLD: f64 = 0.85;

/// The same for the share of mistakes that the column saves. The odour of a mushroom saves 0.97.
const SAVES_MISTAKES: f64 = 0.975;
const SAVES_MISTAKES_FOLD: f64 = 0.85;

/// Fewer training rows prove nothing.
const LEAST_ROWS: usize = 40;

/// A column that is among those that tell most, explains this much, and is called like something
/// that is known afterwards is asked about.
const LATE_SHARE: f64 = 0.15;
const LATE_AMONG: usize = 3;

/// Names of what is known once the outcome is: a call that ended in a sale was a long one.
const LATE_NAMES: [&str; 12] = [
    "duration",
    "outcome",
    "result",
    "resolution",
    "resolved",
    "closed",
    "ended",
    "final",
    "actual",
    "cancelled",
    "refund",
    "refunded",
];

const FOLDS: usize = 5;

/// Weight of the prior in rows (additive smoothing).
const PRIOR: f64 = 1.0;

pub(super) fn find(look: &Look) -> Vec<Suspect> {
    if look.rows.len() < LEAST_ROWS {
        return Vec::new();
    }
    let mut scored: Vec<(Score, &LookedAt)> = look
        .columns
        .iter()
        .filter_map(|looked| Some((score(look, looked)?, looked)))
        .collect();
    scored.sort_by(|a, b| b.0.mean.total_cmp(&a.0.mean));
    let (suspects, others): (Vec<_>, Vec<_>) = scored
        .into_iter()
        .partition(|(score, _)| score.is_suspicious());
    let of = match look.truth {
        Truth::Numbers(_) => "variance",
        _ => "uncertainty",
    };
    let target = &look.recipe.target;
    let late = others.iter().take(LATE_AMONG).find(|(score, looked)| {
        let name = looked.name().to_lowercase();
        let mut words = name.split(|c: char| !c.is_alphabetic());
        score.mean >= LATE_SHARE && words.any(|word| LATE_NAMES.contains(&word))
    });
    let drop = |looked: &LookedAt| vec![LeakFix::DropColumns(vec![looked.name().to_owned()])];
    let explains = |score: &Score| {
        let share = percent(score.mean);
        match score.saved {
            Some([saved, _]) if score.mean < SUSPICIOUS => format!(
                "saves {} of the mistakes in guessing \"{target}\"",
                percent(saved)
            ),
            _ => format!("explains {share} of the {of} of \"{target}\""),
        }
    };
    let suspects = suspects.iter().map(|(score, looked)| Suspect {
        kind: LeakKind::PredictsTarget,
        columns: vec![looked.name().to_owned()],
        what: format!(
            "Column \"{}\" alone {}, on training rows that the guess was not made from.",
            looked.name(),
            explains(score)
        ),
        why: "What predicts so well is often known only after the fact, or made from the answer; with new rows it will be missing.".to_owned(),
        strength: score.mean.max(score.saved.map_or(0.0, |saved| saved[0])),
        rows: Vec::new(),
        fixes: drop(looked),
    });
    let late = late.iter().map(|(score, looked)| Suspect {
        kind: LeakKind::PredictsTarget,
        columns: vec![looked.name().to_owned()],
        what: format!(
            "Column \"{}\" explains {} of the {of} of \"{target}\", as only few do, and is called like something that is known afterwards.",
            looked.name(),
            percent(score.mean)
        ),
        why: "If it is written down only when the answer is known, it cannot help where the answer is wanted.".to_owned(),
        strength: 0.5,
        rows: Vec::new(),
        fixes: drop(looked),
    });
    suspects.chain(late).collect()
}

/// What a column explains: the mean of the folds, and the least.
pub(super) struct Score {
    pub mean: f64,
    pub least: f64,
    /// The mistakes that it saves, for classes.
    pub saved: Option<[f64; 2]>,
}

impl Score {
    fn is_suspicious(&self) -> bool {
        (self.mean >= SUSPICIOUS && self.least >= SUSPICIOUS_FOLD)
            || self
                .saved
                .is_some_and(|[mean, least]| mean >= SAVES_MISTAKES && least >= SAVES_MISTAKES_FOLD)
    }
}

pub(super) fn score(look: &Look, looked: &LookedAt) -> Option<Score> {
    let (categories, count) = look.categories(looked);
    let (mut shares, mut saved) = (Vec::new(), Vec::new());
    for fold in 0..FOLDS {
        match &look.truth {
            Truth::Classes(truth, names) => {
                let [share, mistakes] = classes(&categories, count, truth, names.len(), fold);
                shares.extend(share);
                saved.extend(mistakes);
            }
            Truth::Numbers(truth) => shares.extend(numbers(&categories, count, truth, fold)),
            Truth::Other => {}
        }
    }
    let of = |folds: &[f64]| {
        let least = folds.iter().copied().min_by(f64::total_cmp)?;
        Some([folds.iter().sum::<f64>() / folds.len() as f64, least])
    };
    let [mean, least] = of(&shares)?;
    Some(Score {
        mean,
        least,
        saved: of(&saved),
    })
}

/// The shares of the log loss of guessing by the labels' frequencies, and of the mistakes of
/// guessing the most frequent one, that one column saves.
fn classes(
    categories: &[u32],
    count: usize,
    truth: &[u32],
    labels: usize,
    fold: usize,
) -> [Option<f64>; 2] {
    let is_judged = |row: usize| row % FOLDS == fold;
    let mut prior = vec![0.5; labels];
    // Few cells of this table are filled when a column has many values.
    let mut rows: std::collections::HashMap<(u32, u32), f64> = std::collections::HashMap::new();
    let mut of_category = vec![0.0; count];
    for (row, (&category, &label)) in categories.iter().zip(truth).enumerate() {
        if !is_judged(row) {
            prior[label as usize] += 1.0;
            *rows.entry((category, label)).or_default() += 1.0;
            of_category[category as usize] += 1.0;
        }
    }
    let all: f64 = prior.iter().sum();
    let usual = (0..labels).max_by(|&a, &b| prior[a].total_cmp(&prior[b]));
    let mut best: Vec<Option<(f64, u32)>> = vec![None; count];
    for (&(category, label), &rows) in &rows {
        let best = &mut best[category as usize];
        // The same choice however the map is ordered.
        let is_better = best.is_none_or(|(most, known)| (rows, known) > (most, label));
        if is_better {
            *best = Some((rows, label));
        }
    }
    let (mut with, mut without) = (0.0, 0.0);
    let (mut mistakes, mut usual_mistakes) = (0_u32, 0_u32);
    for (row, (&category, &label)) in categories.iter().zip(truth).enumerate() {
        if is_judged(row) {
            let share = prior[label as usize] / all;
            let seen = rows.get(&(category, label)).copied().unwrap_or(0.0);
            with -= ((seen + PRIOR * share) / (of_category[category as usize] + PRIOR)).ln();
            without -= share.ln();
            let guess = best[category as usize].map_or(usual, |(_, label)| Some(label as usize));
            mistakes += u32::from(guess != Some(label as usize));
            usual_mistakes += u32::from(usual != Some(label as usize));
        }
    }
    [
        (without > 0.0).then(|| 1.0 - with / without),
        (usual_mistakes > 0).then(|| 1.0 - f64::from(mistakes) / f64::from(usual_mistakes)),
    ]
}

/// The share of the variance that one column explains.
fn numbers(categories: &[u32], count: usize, truth: &[f64], fold: usize) -> Option<f64> {
    let is_judged = |row: usize| row % FOLDS == fold;
    let (mut sums, mut rows) = (vec![0.0; count], vec![0.0; count]);
    for (row, (&category, &value)) in categories.iter().zip(truth).enumerate() {
        if !is_judged(row) {
            sums[category as usize] += value;
            rows[category as usize] += 1.0;
        }
    }
    let mean = sums.iter().sum::<f64>() / rows.iter().sum::<f64>().max(1.0);
    let (mut with, mut without) = (0.0, 0.0);
    for (row, (&category, &value)) in categories.iter().zip(truth).enumerate() {
        if is_judged(row) {
            let at = category as usize;
            let guess = (sums[at] + PRIOR * mean) / (rows[at] + PRIOR);
            with += (value - guess).powi(2);
            without += (value - mean).powi(2);
        }
    }
    (without > 0.0).then(|| 1.0 - with / without)
}
