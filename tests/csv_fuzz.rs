//! Some thousands of mutated files and cells. `examples/fuzz.rs` runs a million.

#[path = "support/csv_mutations.rs"]
mod csv_mutations;

#[path = "support/cell_mutations.rs"]
mod cell_mutations;

use csv_mutations::{Outcome, case, execute};

const RUNS: u64 = 4_000;

#[test]
fn mutated_files_are_read_or_refused() {
    let tables = (0..RUNS)
        .filter(|&number| matches!(execute(&case(1, number)), Outcome::Table(..)))
        .count();
    // Mutations that leave nothing to read would test nothing.
    assert!(tables as u64 > RUNS / 2, "{tables}");
}

#[test]
fn mutated_cells_are_read_or_not() {
    let read: usize = (0..10 * RUNS)
        .map(|number| cell_mutations::execute(&cell_mutations::cells(1, number)))
        .sum();
    // Cells that are nothing would test nothing.
    assert!(read as u64 > RUNS, "{read}");
}
