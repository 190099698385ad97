//! Some thousands of mutated files. `examples/fuzz.rs` runs a million.

#[path = "support/csv_mutations.rs"]
mod csv_mutations;

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
