//! Opens mutated model files until one goes wrong:
//! `cargo run --release --example fuzz_models -- RUNS SEED`.
//!
//! Seeds take turns: they change a model of texts, one of columns, and one on an encoder that is inside.
//! An execution goes wrong by a panic; then its number is printed, and `-- 1 SEED NUMBER` runs it alone.

use std::error::Error;

#[path = "../tests/support/fuzz_loop.rs"]
mod fuzz_loop;

#[path = "../tests/support/model_mutations.rs"]
mod model_mutations;

use model_mutations::{case, execute, sound};

fn main() -> Result<(), Box<dyn Error>> {
    let files = [sound(0), sound(1), sound(2)];
    fuzz_loop::run(
        |seed, number| case(&files[(seed % 3) as usize], seed, number),
        execute,
    )
}
