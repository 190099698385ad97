//! Some thousands of mutated model files. `examples/fuzz_models.rs` runs a million.

#[path = "support/model_mutations.rs"]
mod model_mutations;

use burnish::engine::device::cpu;
use burnish::engine::run::Base;
use model_mutations::{case, execute, sound};

const RUNS: u64 = 4_000;

#[test]
fn mutated_models_are_opened_or_refused() {
    for seed in [0, 1, 2] {
        let files = sound(seed);
        let opened = (0..RUNS)
            .filter(|&number| execute(&case(&files, seed, number)))
            .count();
        // Mutations that leave nothing to open, or change nothing, would test nothing.
        assert!((RUNS / 200..RUNS).contains(&(opened as u64)), "{opened}");
    }
}

#[test]
fn a_model_of_form_1_opens_for_ever() {
    let sound = include_bytes!("fixtures/share/form_1.burnish");
    let file = burnish::engine::export::open_burnish(sound).unwrap();
    assert_eq!(file.labels, ["car", "food"]);
    assert_eq!(file.recipe.text, ["text"]);
}

#[test]
fn a_model_of_form_2_opens_for_ever() {
    let sound = include_bytes!("fixtures/share/form_2.burnish");
    let file = burnish::engine::export::open_burnish(sound).unwrap();
    assert_eq!(file.labels, ["Adelie", "Chinstrap", "Gentoo"]);
    assert!(file.recipe.table.is_some());
}

#[test]
fn a_model_of_form_3_opens_for_ever() {
    let sound = include_bytes!("fixtures/share/form_3.burnish");
    let file = burnish::engine::export::open_burnish(sound).unwrap();
    assert_eq!(file.labels, ["blame", "praise"]);
    assert_eq!(file.encoder.as_ref().unwrap().name, "bert_max");
    let joined = file.encoder_files(sound).unwrap().expect("it is inside");
    let files = file.encoder.as_ref().unwrap().files(&joined).unwrap();
    let base = Base::from_files(&files, &cpu()).unwrap();
    file.restore(Some(&base), &cpu()).map(|_| ()).unwrap();
}
