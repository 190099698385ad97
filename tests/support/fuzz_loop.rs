//! The loop of a fuzz target: executions by number until one panics, and which was the slowest.

use std::error::Error;
use std::time::Instant;

/// Runs what the arguments ask for, `RUNS SEED FIRST`, each with a default. `case` makes a
/// case of the seed and a number, outside the time that is measured; `execute` says whether it opened.
///
/// # Errors
/// When an argument is no number, or an execution panicked; the error names it.
pub fn run<T>(
    case: impl Fn(u64, u64) -> T,
    execute: impl Fn(&T) -> bool + std::panic::RefUnwindSafe,
) -> Result<(), Box<dyn Error>>
where
    T: std::panic::RefUnwindSafe,
{
    let mut args = std::env::args().skip(1);
    let runs: u64 = args.next().map_or(Ok(10_000), |runs| runs.parse())?;
    let seed: u64 = args.next().map_or(Ok(0), |seed| seed.parse())?;
    let first: u64 = args.next().map_or(Ok(0), |first| first.parse())?;
    let started = Instant::now();
    let (mut opened, mut slowest) = (0_u64, (0.0, 0));
    for number in first..first + runs {
        let case = case(seed, number);
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
