//! Opens mutated links until one goes wrong: `cargo run --release --example fuzz_links -- RUNS SEED`.
//!
//! An execution goes wrong by a panic; then its number is printed, and `-- 1 SEED NUMBER` runs it
//! alone.

use std::error::Error;

#[path = "../tests/support/fuzz_loop.rs"]
mod fuzz_loop;

#[path = "../tests/support/link_mutations.rs"]
mod link_mutations;

use link_mutations::{case, execute};

fn main() -> Result<(), Box<dyn Error>> {
    fuzz_loop::run(case, |link| execute(link))
}
