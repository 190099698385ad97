//! What a split moves: rows that go into one part together.

use super::{Groups, Part, Split, Strata, too_few_rows};
use crate::domain::issue::Issue;
use crate::domain::table::RowId;

/// Rows that go into one part together, by their first row. Without groups every row is a unit,
/// and the unit's number is the row's place among those that have a part.
#[derive(Debug)]
pub(super) struct Units {
    rows: Vec<RowId>,
    /// Where each unit begins in `rows`, and the end of the last one.
    starts: Vec<u32>,
    /// The stratum that most of the unit's rows have; of several, the first.
    stratum: Vec<u32>,
}

impl Units {
    /// The units of the rows that have a stratum and pass a test.
    pub(super) fn of(
        strata: &Strata,
        groups: Option<&Groups>,
        keep: impl Fn(usize) -> bool,
    ) -> Self {
        let kept = |&row: &usize| strata.of(row).is_some() && keep(row);
        let all = strata.rows().len();
        let group_of =
            |row: usize| groups.map_or(row, |groups| groups.of(RowId(row as u32)).index());
        let mut unit_of_group = vec![u32::MAX; all];
        let mut sizes: Vec<u32> = Vec::new();
        for row in (0..all).filter(kept) {
            let unit = &mut unit_of_group[group_of(row)];
            if *unit == u32::MAX {
                *unit = sizes.len() as u32;
                sizes.push(0);
            }
            sizes[*unit as usize] += 1;
        }
        let mut starts = vec![0; sizes.len() + 1];
        for (unit, size) in sizes.iter().enumerate() {
            starts[unit + 1] = starts[unit] + size;
        }
        let mut next = starts.clone();
        let mut rows = vec![RowId(0); starts[sizes.len()] as usize];
        for row in (0..all).filter(kept) {
            let place = &mut next[unit_of_group[group_of(row)] as usize];
            rows[*place as usize] = RowId(row as u32);
            *place += 1;
        }
        let mut units = Self {
            rows,
            starts,
            stratum: Vec::new(),
        };
        units.stratum = (0..units.len())
            .map(|unit| {
                let mut counts = units.counts(unit, strata);
                counts.sort_by_key(|&(stratum, rows)| (std::cmp::Reverse(rows), stratum));
                counts[0].0
            })
            .collect();
        units
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Rows of all units.
    pub(super) fn all_rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn rows(&self, unit: usize) -> &[RowId] {
        &self.rows[self.starts[unit] as usize..self.starts[unit + 1] as usize]
    }

    pub(super) fn size(&self, unit: usize) -> usize {
        self.rows(unit).len()
    }

    /// The size of the largest unit.
    pub(super) fn largest(&self) -> usize {
        (0..self.len())
            .map(|unit| self.size(unit))
            .max()
            .unwrap_or(0)
    }

    /// Strata of a unit with their rows, in order of their first row.
    pub(super) fn counts(&self, unit: usize, strata: &Strata) -> Vec<(u32, u32)> {
        let mut counts: Vec<(u32, u32)> = Vec::with_capacity(1);
        for row in self.rows(unit) {
            let stratum = strata.of(row.index()).expect("units have strata");
            match counts.iter_mut().find(|(other, _)| *other == stratum) {
                Some((_, rows)) => *rows += 1,
                None => counts.push((stratum, 1)),
            }
        }
        counts
    }

    /// The units of every stratum, by stratum, in order of their first row.
    pub(super) fn by_stratum(&self, strata: &Strata) -> Vec<Vec<u32>> {
        let mut units = vec![Vec::new(); strata.count()];
        for (unit, &stratum) in self.stratum.iter().enumerate() {
            units[stratum as usize].push(unit as u32);
        }
        units
    }

    /// The rows of a list of units.
    pub(super) fn total(&self, units: &[u32]) -> usize {
        units.iter().map(|&unit| self.size(unit as usize)).sum()
    }

    /// A split by the part of every unit, after giving every class a row to learn from.
    ///
    /// # Errors
    /// A blocking issue when a part is empty.
    pub(super) fn split(&self, strata: &Strata, mut parts: Vec<Part>) -> Result<Split, Vec<Issue>> {
        if strata.are_classes() {
            self.teach_every_class(strata, &mut parts);
        }
        let rows_of = |part| -> Vec<RowId> {
            (0..self.len())
                .filter(|&unit| parts[unit] == part)
                .flat_map(|unit| self.rows(unit))
                .copied()
                .collect()
        };
        let [train, valid, test] = [Part::Train, Part::Valid, Part::Test].map(rows_of);
        if train.is_empty() || valid.is_empty() || test.is_empty() {
            return Err(vec![too_few_rows(self.all_rows(), self.len())]);
        }
        Ok(Split::sorted(train, valid, test))
    }

    /// Moves the smallest unit of a class to training where no row of the class is there.
    fn teach_every_class(&self, strata: &Strata, parts: &mut [Part]) {
        let mut is_taught = vec![false; strata.count()];
        let teach = |unit: usize, is_taught: &mut [bool]| {
            for (stratum, _) in self.counts(unit, strata) {
                is_taught[stratum as usize] = true;
            }
        };
        for unit in (0..self.len()).filter(|&unit| parts[unit] == Part::Train) {
            teach(unit, &mut is_taught);
        }
        let mut held_out: Vec<usize> = (0..self.len())
            .filter(|&unit| parts[unit] != Part::Train)
            .collect();
        held_out.sort_by_key(|&unit| self.size(unit));
        for unit in held_out {
            let counts = self.counts(unit, strata);
            if counts
                .iter()
                .any(|&(stratum, _)| !is_taught[stratum as usize])
            {
                parts[unit] = Part::Train;
                teach(unit, &mut is_taught);
            }
        }
    }
}

/// Fills the test and then the validation with units in the given order, up to a number of rows
/// each; what does not fit there is learned from.
///
/// Of units of one row each, the first ones are the test and the next ones the validation.
pub(super) fn fill(units: &Units, order: &[u32], quotas: [usize; 2], parts: &mut [Part]) {
    let [mut for_test, mut for_valid] = quotas;
    let is_wanted = for_test > 0;
    for &unit in order {
        let size = units.size(unit as usize);
        parts[unit as usize] = if size <= for_test {
            for_test -= size;
            Part::Test
        } else if size <= for_valid {
            for_valid -= size;
            Part::Valid
        } else {
            Part::Train
        };
    }
    // Where every unit is larger than what the test should get, the smallest one is closest to it.
    let in_part = |part, parts: &[Part]| {
        order
            .iter()
            .filter(|&&unit| parts[unit as usize] == part)
            .count()
    };
    if is_wanted && in_part(Part::Test, parts) == 0 && in_part(Part::Train, parts) > 1 {
        let smallest = order
            .iter()
            .filter(|&&unit| parts[unit as usize] == Part::Train)
            .min_by_key(|&&unit| units.size(unit as usize));
        if let Some(&unit) = smallest {
            parts[unit as usize] = Part::Test;
        }
    }
}

/// Moves the smallest unit that a class can spare to validation where none is there, which
/// happens when every unit is larger than its class's share of it.
pub(super) fn some_valid(units: &Units, classes: &[Vec<u32>], parts: &mut [Part]) {
    if parts.contains(&Part::Valid) {
        return;
    }
    let spare = classes
        .iter()
        .flat_map(|class| {
            let mut learned: Vec<usize> = class
                .iter()
                .map(|&unit| unit as usize)
                .filter(|&unit| parts[unit] == Part::Train)
                .collect();
            learned.pop();
            learned
        })
        .min_by_key(|&unit| units.size(unit));
    if let Some(unit) = spare {
        parts[unit] = Part::Valid;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::table::Column;

    fn groups(cells: &[&str]) -> Groups {
        let column = Column::of("group", cells);
        Groups::of_column(&column)
    }

    #[test]
    fn rows_of_a_group_are_a_unit_of_their_most_frequent_class() {
        let strata = Strata::classes(&[Some(1), Some(0), None, Some(0), Some(1)]);
        let units = Units::of(&strata, Some(&groups(&["a", "b", "a", "a", "a"])), |_| true);
        assert_eq!(units.len(), 2);
        assert_eq!(units.rows(0), [RowId(0), RowId(3), RowId(4)]);
        assert_eq!(units.rows(1), [RowId(1)]);
        assert_eq!(units.by_stratum(&strata), [[1], [0]]);
    }

    #[test]
    fn a_class_that_only_held_out_units_have_is_learned_from() {
        let strata = Strata::classes(&[Some(0), Some(0), Some(1), Some(1), Some(1), Some(0)]);
        let units = Units::of(&strata, Some(&groups(&["", "", "x", "x", "", ""])), |_| {
            true
        });
        let parts = [Part::Train, Part::Valid, Part::Test, Part::Test, Part::Test];
        let split = units.split(&strata, parts.to_vec()).unwrap();
        assert_eq!(split.train, [RowId(0), RowId(4)], "the smaller unit moves");
    }

    #[test]
    fn units_larger_than_the_quota_are_still_tested() {
        let strata = Strata::classes(&[Some(0); 9]);
        let units = Units::of(
            &strata,
            Some(&groups(&["a", "a", "a", "a", "b", "b", "b", "c", "c"])),
            |_| true,
        );
        let mut parts = vec![Part::Train; 3];
        fill(&units, &[0, 1, 2], [1, 1], &mut parts);
        assert_eq!(parts, [Part::Train, Part::Train, Part::Test]);
    }
}
