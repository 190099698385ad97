//! Kinds and tasks inferred on slices of the data sets that may be shipped, against a truth made
//! by hand. `cargo run --example kinds -- FOLDER` does the same on whole folders.

use std::path::Path;

use burnish::domain::csv::CsvReader;

#[path = "support/truth.rs"]
mod truth;

/// Less than this share of the columns right is a step back.
const LEAST_SHARE: f64 = 0.95;

#[test]
fn columns_and_tasks_are_what_people_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/columns");
    let mut all = truth::Score::default();
    let mut all_wrong = Vec::new();
    for truth in truth::truth() {
        let Some(name) = truth.file.strip_prefix("sample/") else {
            continue;
        };
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let mut reader = CsvReader::new(name);
        reader.feed(&bytes);
        let (table, _) = reader.finish().unwrap();
        let (score, wrong) = truth::score(&truth, &table);
        all.add(score);
        all_wrong.extend(wrong);
    }
    println!(
        "{} of {} columns, {} of {} tasks, {} targets; wrong: {all_wrong:#?}",
        all.right, all.columns, all.right_tasks, all.tasks, all.right_targets
    );
    assert!(all.columns > 150 && all.tasks == 16);
    assert!(all.share() >= LEAST_SHARE, "{:.3}", all.share());
    assert_eq!(all.right_tasks, all.tasks);
}
