//! Holds the inference of column kinds and tasks against the hand-made truth of
//! `tests/fixtures/columns/truth.txt` on a folder with the data sets.
//!
//! ```text
//! cargo run --release --example kinds -- FOLDER [--wrong]
//! ```

use std::path::Path;
use std::process::ExitCode;

use burnish::domain::csv::CsvReader;

#[path = "../tests/support/truth.rs"]
mod truth;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("usage: kinds FOLDER [--wrong]");
        return ExitCode::FAILURE;
    };
    let tells_wrong = arguments.any(|argument| argument == "--wrong");
    let mut all = truth::Score::default();
    for group in ["sample/", "dev/", "dirty/"] {
        let mut score = truth::Score::default();
        let mut files = 0;
        for truth in truth::truth()
            .iter()
            .filter(|truth| truth.file.starts_with(group))
        {
            let bytes = match std::fs::read(Path::new(&folder).join(&truth.file)) {
                Ok(bytes) => bytes,
                Err(error) => {
                    eprintln!("{}: {error}", truth.file);
                    return ExitCode::FAILURE;
                }
            };
            let mut reader = CsvReader::new(truth.file.clone());
            reader.feed(&bytes);
            let table = match reader.finish() {
                Ok((table, _)) => table,
                Err(refusal) => {
                    eprintln!("{}: {refusal}", truth.file);
                    return ExitCode::FAILURE;
                }
            };
            let (found, wrong) = truth::score(truth, &table);
            score.add(found);
            files += 1;
            if tells_wrong {
                wrong.iter().for_each(|line| println!("  {line}"));
            }
        }
        println!("{group:8} {files:3} files: {}", told(&score));
        all.add(score);
    }
    println!("all                 {}", told(&all));
    ExitCode::SUCCESS
}

fn told(score: &truth::Score) -> String {
    format!(
        "{} of {} columns right ({:.1} %; {} of the first kind), {} of {} tasks, {} of {} targets",
        score.right,
        score.columns,
        score.share() * 100.0,
        score.first,
        score.right_tasks,
        score.tasks,
        score.right_targets,
        score.tasks,
    )
}
