//! Rows that must stay on one side of a split: those of one customer, or those that are alike.

use std::collections::HashMap;

use crate::domain::missing::is_missing;
use crate::domain::table::{Column, RowId};

/// A partition of a table's rows. A row that has nothing in common with others is a group alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// First row of the row's group.
    first: Vec<u32>,
}

impl Groups {
    /// Every row alone.
    pub fn alone(rows: usize) -> Self {
        Self {
            first: (0..rows as u32).collect(),
        }
    }

    /// Rows with the same cell, white space around it aside. Rows whose cell is missing stand
    /// alone: nobody knows whose they are.
    pub fn of_column(column: &Column) -> Self {
        let mut first_of: HashMap<&str, u32> = HashMap::new();
        let mut first_of_code: Vec<Option<u32>> = vec![None; column.distinct().len()];
        let first = column.codes().iter().zip(0..).map(|(&code, row)| {
            let cell = column.distinct()[code as usize].trim();
            if is_missing(cell) {
                return row;
            }
            *first_of_code[code as usize]
                .get_or_insert_with(|| *first_of.entry(cell).or_insert(row))
        });
        Self {
            first: first.collect(),
        }
    }

    /// The finest groups in which two rows are together when they are so here or there.
    ///
    /// # Panics
    /// When the two are of tables of different length.
    #[must_use]
    pub fn joined(&self, other: &Self) -> Self {
        assert_eq!(self.first.len(), other.first.len(), "groups of one table");
        let mut union = Union::new(self.first.len());
        for row in 0..self.first.len() {
            union.join(row as u32, self.first[row]);
            union.join(row as u32, other.first[row]);
        }
        union.groups()
    }

    /// The first row of a row's group, which names the group.
    pub fn of(&self, row: RowId) -> RowId {
        RowId(self.first[row.index()])
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.first.len()
    }

    /// Groups of two rows or more, each in ascending order, by their first row.
    pub fn several(&self) -> Vec<Vec<RowId>> {
        let mut sizes = vec![0_u32; self.first.len()];
        for &first in &self.first {
            sizes[first as usize] += 1;
        }
        let mut place = vec![u32::MAX; self.first.len()];
        let mut groups: Vec<Vec<RowId>> = Vec::new();
        for (row, &first) in self.first.iter().enumerate() {
            if sizes[first as usize] < 2 {
                continue;
            }
            let place = &mut place[first as usize];
            if *place == u32::MAX {
                *place = groups.len() as u32;
                groups.push(Vec::new());
            }
            groups[*place as usize].push(RowId(row as u32));
        }
        groups
    }

    /// Rows beyond the first one of each group.
    pub fn repeated(&self) -> usize {
        let is_repeated = |(row, &first): (usize, &u32)| row as u32 != first;
        self.first
            .iter()
            .enumerate()
            .filter(|at| is_repeated(*at))
            .count()
    }
}

/// Disjoint sets of rows that grow together (Tarjan 1975, "Efficiency of a good but not linear set
/// union algorithm"; by path halving). The smallest row of a set stands for it.
#[derive(Debug)]
pub(super) struct Union {
    parent: Vec<u32>,
}

impl Union {
    pub(super) fn new(rows: usize) -> Self {
        Self {
            parent: (0..rows as u32).collect(),
        }
    }

    pub(super) fn find(&mut self, mut row: u32) -> u32 {
        while self.parent[row as usize] != row {
            let above = self.parent[self.parent[row as usize] as usize];
            self.parent[row as usize] = above;
            row = above;
        }
        row
    }

    pub(super) fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }

    pub(super) fn groups(mut self) -> Groups {
        Groups {
            first: (0..self.parent.len() as u32)
                .map(|row| self.find(row))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str]) -> Column {
        Column::of("customer", cells)
    }

    #[test]
    fn rows_of_one_cell_are_together() {
        let groups = Groups::of_column(&column(&["a", "b", "a ", "", "b", ""]));
        assert_eq!(groups.first, [0, 1, 0, 3, 1, 5]);
        let ids = |rows: &[u32]| rows.iter().copied().map(RowId).collect::<Vec<_>>();
        assert_eq!(groups.several(), [ids(&[0, 2]), ids(&[1, 4])]);
        assert_eq!(groups.repeated(), 2);
    }

    #[test]
    fn joining_goes_through() {
        let a = Groups::of_column(&column(&["a", "a", "b", "c", "d"]));
        let b = Groups::of_column(&column(&["1", "2", "2", "3", "4"]));
        assert_eq!(a.joined(&b).first, [0, 0, 0, 3, 4]);
    }
}
