//! Cross-validation: every row that is not sealed validates once.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::by_group::units;
use super::by_time::{in_time, instants};
use super::deal::deal;
use super::units::Units;
use super::{Basis, Groups, Split, SplitKind, SplitPlan, block};
use crate::domain::issue::{Issue, Position};
use crate::domain::table::RowId;

/// Apart from the stream of [`super::split`], so that the number of folds does not change the
/// sealed rows.
const FOLDS_STREAM: u64 = 0x666f_6c64;

/// Training and validation rows of one fold, ascending.
pub type Fold = (Vec<RowId>, Vec<RowId>);

/// Training and validation rows of each of `plan.folds` folds over the rows of `split` that are
/// not sealed; none when `plan.folds` is 0.
///
/// Folds follow the plan as the split does: alike rows and rows of a group are in one fold, and
/// strata have their share in each. In time the window expands: the rows are cut into one block
/// more than there are folds, and each block after the first validates what the blocks before it
/// teach, so that the first block never validates.
///
/// # Errors
/// A blocking issue when the rows, groups or dates are too few for so many folds.
pub fn folds(
    plan: &SplitPlan,
    basis: Basis,
    split: &Split,
    seed: u32,
) -> Result<Vec<Fold>, Vec<Issue>> {
    let count = plan.folds as usize;
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(seed));
    rng.set_stream(FOLDS_STREAM);
    let mut is_free = vec![false; basis.strata.rows().len()];
    for row in split.train.iter().chain(&split.valid) {
        is_free[row.index()] = true;
    }
    let keep = |row: usize| is_free[row];
    let (units, hands) = match (&plan.kind, basis.column) {
        (SplitKind::Time { .. }, Some(column)) => {
            return in_windows(basis, &instants(column), &is_free, count);
        }
        (SplitKind::Group { .. }, Some(column)) => {
            let units = units(basis, &Groups::of_column(column), keep);
            let hands = deal(
                &units,
                basis.strata,
                &vec![1.0 / count as f64; count],
                &mut rng,
            );
            (units, hands)
        }
        (kind, _) => {
            let units = Units::of(basis.strata, basis.alike, keep);
            let lists = match kind {
                SplitKind::Random => vec![(0..units.len() as u32).collect()],
                _ => units.by_stratum(basis.strata),
            };
            let hands = in_turn(&units, lists, count, &mut rng);
            (units, hands)
        }
    };
    let mut folds: Vec<Fold> = vec![(Vec::new(), Vec::new()); count];
    for (unit, &hand) in hands.iter().enumerate() {
        for (at, (train, valid)) in folds.iter_mut().enumerate() {
            let part = if at == hand { valid } else { train };
            part.extend_from_slice(units.rows(unit));
        }
    }
    if folds
        .iter()
        .any(|(train, valid)| train.is_empty() || valid.is_empty())
    {
        return Err(vec![too_few(count, "rows or groups")]);
    }
    for (train, valid) in &mut folds {
        train.sort_unstable();
        valid.sort_unstable();
    }
    Ok(folds)
}

/// Deals every list out, one unit to the hand that has the fewest rows of it; of several such
/// hands, the one with the fewest rows in all.
fn in_turn(
    units: &Units,
    mut lists: Vec<Vec<u32>>,
    count: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<usize> {
    let mut hands = vec![0; units.len()];
    let mut all = vec![0; count];
    for list in &mut lists {
        list.shuffle(rng);
        let mut here = vec![0; count];
        for &unit in list.iter() {
            let hand = (0..count)
                .min_by_key(|&hand| (here[hand], all[hand]))
                .expect("there is a fold");
            hands[unit as usize] = hand;
            here[hand] += units.size(unit as usize);
            all[hand] += units.size(unit as usize);
        }
    }
    hands
}

/// Blocks in time, each of which validates what those before it teach.
fn in_windows(
    basis: Basis,
    instants: &[Option<f64>],
    is_free: &[bool],
    count: usize,
) -> Result<Vec<Fold>, Vec<Issue>> {
    let rows: Vec<RowId> = (0..is_free.len())
        .filter(|&row| is_free[row])
        .map(|row| RowId(row as u32))
        .collect();
    let dated = in_time(&rows, instants);
    let borders: Vec<usize> = (1..dated.len())
        .filter(|&at| dated[at - 1].0 < dated[at].0)
        .collect();
    let mut ends = Vec::with_capacity(count + 1);
    let mut from = 0;
    for block in 1..=count {
        let wanted = block * dated.len() / (count + 1);
        let Some(free) = borders.get(from..(borders.len() + block).saturating_sub(count)) else {
            return Err(vec![too_few(count, "dates")]);
        };
        let Some(nearest) = (0..free.len()).min_by_key(|&at| free[at].abs_diff(wanted)) else {
            return Err(vec![too_few(count, "dates")]);
        };
        ends.push(free[nearest]);
        from += nearest + 1;
    }
    ends.push(dated.len());
    let folds: Vec<Fold> = ends
        .windows(2)
        .map(|window| {
            let of = |range: std::ops::Range<usize>| {
                let mut rows: Vec<RowId> = dated[range].iter().map(|&(_, row)| row).collect();
                rows.sort_unstable();
                rows
            };
            let (mut train, valid) = (of(0..window[0]), of(window[0]..window[1]));
            if let Some(groups) = basis.alike {
                let mut is_held_out = vec![false; groups.rows()];
                for row in &valid {
                    is_held_out[groups.of(*row).index()] = true;
                }
                train.retain(|row| !is_held_out[groups.of(*row).index()]);
            }
            (train, valid)
        })
        .collect();
    if folds.iter().any(|(train, _)| train.is_empty()) {
        return Err(vec![too_few(count, "dates")]);
    }
    Ok(folds)
}

fn too_few(folds: usize, what: &str) -> Issue {
    block(
        "too_few_for_folds",
        Position::Table,
        format!("The {what} outside the test are too few for {folds} folds."),
        "Choose fewer folds, or none.",
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::labels;
    use super::super::{Strata, split};
    use super::*;
    use crate::domain::table::Column;

    fn plan(kind: SplitKind, folds: u32) -> SplitPlan {
        SplitPlan {
            kind,
            folds,
            ..SplitPlan::default()
        }
    }

    /// Every row outside the test validates once, and learns in all other folds.
    fn check_partition(folds: &[Fold], split: &Split) {
        let mut free: Vec<RowId> = [&*split.train, &*split.valid].concat();
        free.sort_unstable();
        let mut valid: Vec<RowId> = folds.iter().flat_map(|(_, valid)| valid).copied().collect();
        valid.sort_unstable();
        assert_eq!(valid, free);
        for (train, valid) in folds {
            let mut all = [&**train, &**valid].concat();
            all.sort_unstable();
            assert_eq!(all, free);
        }
    }

    #[test]
    fn every_row_validates_once_and_classes_keep_their_shares() {
        let labels = labels(&[100, 61, 5]);
        let strata = Strata::classes(&labels);
        let basis = Basis::of(&strata);
        let plan = plan(SplitKind::Stratified, 5);
        let split = split(&plan, basis, 1).unwrap();
        let folds = folds(&plan, basis, &split, 1).unwrap();
        check_partition(&folds, &split);
        for class in 0..3 {
            let counts: Vec<usize> = folds
                .iter()
                .map(|(_, valid)| {
                    valid
                        .iter()
                        .filter(|row| labels[row.index()] == Some(class))
                        .count()
                })
                .collect();
            let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
            assert!(most - least <= 1, "{counts:?}");
        }
        let sizes: Vec<usize> = folds.iter().map(|(_, valid)| valid.len()).collect();
        assert!(
            sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1,
            "{sizes:?}"
        );
    }

    #[test]
    fn the_seed_decides() {
        let labels = labels(&[60, 40]);
        let strata = Strata::classes(&labels);
        let basis = Basis::of(&strata);
        let plan = plan(SplitKind::Random, 4);
        let split = split(&plan, basis, 1).unwrap();
        let of = |seed| folds(&plan, basis, &split, seed).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        check_partition(&of(1), &split);
    }

    #[test]
    fn groups_are_in_one_fold() {
        let labels = labels(&[150, 150]);
        let strata = Strata::classes(&labels);
        let customers = Column::of("c", (0..300).map(|row| format!("{}", row % 47)));
        let basis = Basis {
            column: Some(&customers),
            ..Basis::of(&strata)
        };
        let plan = plan(SplitKind::Group { column: "c".into() }, 5);
        let split = split(&plan, basis, 1).unwrap();
        let folds = folds(&plan, basis, &split, 1).unwrap();
        check_partition(&folds, &split);
        for (train, valid) in &folds {
            assert!(valid.len() > 30, "{}", valid.len());
            for row in valid {
                assert!(train.iter().all(|other| other.0 % 47 != row.0 % 47));
            }
        }
    }

    #[test]
    fn the_window_expands_in_time() {
        let labels = labels(&[150, 150]);
        let strata = Strata::classes(&labels);
        let days = Column::of("c", (0..300).map(|row| format!("{}", row * 7 % 300)));
        let basis = Basis {
            column: Some(&days),
            ..Basis::of(&strata)
        };
        let plan = plan(SplitKind::Time { column: "c".into() }, 5);
        let split = split(&plan, basis, 1).unwrap();
        let folds = folds(&plan, basis, &split, 1).unwrap();
        assert_eq!(folds.len(), 5);
        let mut before = 0;
        for (train, valid) in &folds {
            let day = |row: &RowId| row.0 * 7 % 300;
            assert_eq!(valid.len(), 40);
            assert_eq!(train.len(), before + 40);
            before = train.len();
            assert!(train.iter().map(day).max() < valid.iter().map(day).min());
        }
    }

    #[test]
    fn more_folds_than_rows_are_refused() {
        let labels = labels(&[5, 5]);
        let strata = Strata::classes(&labels);
        let basis = Basis::of(&strata);
        let plan = plan(SplitKind::Stratified, 9);
        let split = split(&plan, basis, 1).unwrap();
        assert_eq!(
            folds(&plan, basis, &split, 1).unwrap_err()[0].id,
            "too_few_for_folds"
        );
    }
}
