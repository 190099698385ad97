//! Opens mutated model files until one goes wrong:
//! `cargo run --release --example fuzz_models -- RUNS SEED`.
//!
//! An execution goes wrong by a panic; then its number is printed, and `-- 1 SEED NUMBER` runs it
//! alone.

use std::error::Error;
use std::time::Instant;

#[path = "../tests/support/model_mutations.rs"]
mod model_mutations;

use model_mutations::{case, execute, sound};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let runs: u64 = args.next().map_or(Ok(10_000), |runs| runs.parse())?;
    let seed: u64 = args.next().map_or(Ok(0), |seed| seed.parse())?;
    let first: u64 = args.next().map_or(Ok(0), |first| first.parse())?;
    let files = sound();
    let started = Instant::now();
    let (mut opened, mut slowest) = (0_u64, (0.0, 0));
    for number in first..first + runs {
        let case = case(&files, seed, number);
        let begun = Instant::now();
        let result = std::panic::catch_unwind(|| execute(&case));
        let seconds = begun.elapsed().as_secs_f64();
        match result {
            Ok(is_open) => opened += u64::from(is_open),
            Err(_) => return Err(format!("execution {number} of seed {seed} went wrong").into()),
        }
        if seconds > slowest.0 {
            slowest = (seconds, number);
        }
    }
    println!(
        "{runs} executions of seed {seed}, {opened} opened, {:.0} s, slowest {:.3} s (execution {})",
        started.elapsed().as_secs_f64(),
        slowest.0,
        slowest.1,
    );
    Ok(())
}
