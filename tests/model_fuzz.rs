//! Some thousands of mutated model files. `examples/fuzz_models.rs` runs a million.

#[path = "support/model_mutations.rs"]
mod model_mutations;

use model_mutations::{case, execute, sound};

const RUNS: u64 = 4_000;

#[test]
fn mutated_models_are_opened_or_refused() {
    let files = sound();
    let opened = (0..RUNS)
        .filter(|&number| execute(&case(&files, 1, number)))
        .count();
    // Mutations that leave nothing to open, or change nothing, would test nothing.
    assert!((RUNS / 100..RUNS).contains(&(opened as u64)), "{opened}");
}

#[test]
fn a_model_of_form_1_opens_for_ever() {
    let sound = include_bytes!("fixtures/share/form_1.burnish");
    let file = burnish::engine::export::open_burnish(sound).unwrap();
    assert_eq!(file.labels, ["car", "food"]);
    assert_eq!(file.recipe.text, ["text"]);
}
