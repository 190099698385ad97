//! Some thousands of mutated links. `examples/fuzz_links.rs` runs a million.

#[path = "support/link_mutations.rs"]
mod link_mutations;

use link_mutations::{case, execute};

const RUNS: u64 = 4_000;

#[test]
fn mutated_links_are_opened_or_refused() {
    let opened = (0..RUNS)
        .filter(|&number| execute(&case(1, number)))
        .count();
    // Mutations that leave nothing to open, or change nothing, would test nothing.
    assert!((RUNS / 100..RUNS).contains(&(opened as u64)), "{opened}");
}
