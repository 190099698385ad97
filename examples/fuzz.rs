//! Reads mutated files until one goes wrong: `cargo run --release --example fuzz -- RUNS SEED`; with
//! `cells RUNS SEED` columns of a few mutated cells, as numbers, dates and lists.
//!
//! Every execution reads a file twice in chunks of other lengths, detects its dialect and looks at
//! its columns. It goes wrong by a panic, by taking longer than some seconds, or by holding more
//! memory than a multiple of the file; then its number is printed, and `-- 1 SEED NUMBER` runs it
//! alone.

use std::alloc::{GlobalAlloc, Layout, System};
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

#[path = "../tests/support/csv_mutations.rs"]
mod csv_mutations;

#[path = "../tests/support/cell_mutations.rs"]
mod cell_mutations;

use csv_mutations::{Outcome, case, cpu_time, execute};

/// Counts the bytes that are held, and the most that ever were.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A file may take so many times its bytes, and so many bytes besides: a row of empty cells makes a
/// column of each of its bytes, and a column is some hundred bytes.
const MOST_TIMES: usize = 4000;
const MOST_BESIDES: usize = 4 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1).peekable();
    let is_of_cells = args.next_if(|what| what == "cells").is_some();
    let runs: u64 = args.next().map_or(Ok(10_000), |runs| runs.parse())?;
    let seed: u64 = args.next().map_or(Ok(0), |seed| seed.parse())?;
    let first: u64 = args.next().map_or(Ok(0), |first| first.parse())?;
    let started = Instant::now();
    if is_of_cells {
        return read_cells(runs, seed, first);
    }
    let (mut tables, mut bytes, mut most, mut slowest) = (0_u64, 0, (0, 0), (0.0, 0));
    for number in first..first + runs {
        let case = case(seed, number);
        bytes += case.bytes.len();
        let before = HELD.load(Ordering::Relaxed);
        MOST.store(before, Ordering::Relaxed);
        let begun = cpu_time();
        let result = std::panic::catch_unwind(|| execute(&case));
        let seconds = (cpu_time() - begun).as_secs_f64();
        let held = MOST.load(Ordering::Relaxed) - before;
        match result {
            Ok(Outcome::Table(..)) => tables += 1,
            Ok(Outcome::Refused(_)) => {}
            Err(_) => return Err(format!("execution {number} of seed {seed} went wrong").into()),
        }
        if held > MOST_BESIDES + MOST_TIMES * case.bytes.len() {
            return Err(format!("execution {number} of seed {seed} held {held} bytes").into());
        }
        most = most.max((held, number));
        if seconds > slowest.0 {
            slowest = (seconds, number);
        }
        if (number + 1) % 100_000 == 0 {
            eprintln!(
                "{} executions, {:.0} s",
                number + 1,
                started.elapsed().as_secs_f64()
            );
        }
    }
    println!(
        "{runs} executions of seed {seed}, {bytes} bytes, {tables} tables, {:.0} s; most memory {} bytes (execution {}), slowest {:.3} s (execution {})",
        started.elapsed().as_secs_f64(),
        most.0,
        most.1,
        slowest.0,
        slowest.1,
    );
    Ok(())
}

fn read_cells(runs: u64, seed: u64, first: u64) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let (mut all, mut read, mut slowest) = (0, 0, (0.0, 0));
    for number in first..first + runs {
        let cells = cell_mutations::cells(seed, number);
        let begun = cpu_time();
        all += cells.len();
        read += std::panic::catch_unwind(|| cell_mutations::execute(&cells))
            .map_err(|_| format!("execution {number} of seed {seed} went wrong: {cells:?}"))?;
        let seconds = (cpu_time() - begun).as_secs_f64();
        if seconds > slowest.0 {
            slowest = (seconds, number);
        }
    }
    println!(
        "{runs} executions of seed {seed}: {all} cells, of which {read} are a number, a date or missing, {:.0} s; slowest {:.3} s (execution {})",
        started.elapsed().as_secs_f64(),
        slowest.0,
        slowest.1,
    );
    Ok(())
}
