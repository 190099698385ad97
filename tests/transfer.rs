//! Runs that go on from earlier ones.

mod support;

use burn::tensor::Tensor;
use burnish::domain::base_model::BertShape;
use burnish::domain::examples::Examples;
use burnish::domain::recipe::{DataProfile, Method, Projection, Recipe};
use burnish::domain::search::Search;
use burnish::domain::start::Start;
use burnish::domain::table::{Column, RowId, Table};
use burnish::domain::text::Tokenizer;
use burnish::engine::anchor::Anchor;
use burnish::engine::checkpoint::Checkpoint;
use burnish::engine::device::cpu;
use burnish::engine::encoder::random_checkpoint;
use burnish::engine::features::FeatureStore;
use burnish::engine::run::{Base, Earlier, Outcome, Tuned, tune_from};
use burnish::engine::search::{Ground, Turn, try_next};
use burnish::engine::train::learning;
use futures::executor::block_on;
use support::Silent;

/// A BERT of random weights with the real vocabulary.
const TINY: BertShape = BertShape {
    vocab_size: 30_522,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 32,
    max_position_embeddings: 32,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
};

fn base() -> Base {
    let tokenizer = Tokenizer::from_bytes(&support::model_file("tokenizer.json")).unwrap();
    Base::load(TINY, &random_checkpoint(TINY, 0.3, 5), tokenizer, &cpu()).unwrap()
}

/// Words of each label.
const WORDS: [[&str; 5]; 3] = [
    ["soup", "bread", "curry", "salad", "pasta"],
    ["engine", "brake", "tyre", "clutch", "wheel"],
    ["river", "forest", "meadow", "valley", "lake"],
];

/// Sixty rows of three labels.
fn table(labels: [&str; 3]) -> Table {
    rows_of(labels, 60, 5)
}

/// Rows of three labels, of so many words each.
fn rows_of(labels: [&str; 3], count: usize, words: usize) -> Table {
    let rows = (0..count).map(|row| (row, row % 3));
    let text = |(row, label): (usize, usize)| {
        let word = WORDS[label][row / 3 % words];
        format!("number {row} is about the {word}")
    };
    let texts: Vec<String> = rows.clone().map(text).collect();
    let of_row: Vec<&str> = rows.map(|(_, label)| labels[label]).collect();
    Table::new(
        "t.csv",
        vec![Column::of("text", texts), Column::of("label", of_row)],
    )
}

const LABELS: [&str; 3] = ["food", "car", "land"];

fn recipe(method: Method, epochs: u32) -> Recipe {
    let profile = DataProfile::empty();
    let text = vec!["text".to_owned()];
    let mut recipe =
        Recipe::suggest(text, "label".to_owned(), &profile).with_method(method, &profile);
    recipe.training.epochs = epochs;
    recipe.tuning.lora.rank = 2;
    recipe
}

fn from_somewhere(mut recipe: Recipe) -> Recipe {
    recipe.start = Some(Start {
        model: "earlier".to_owned(),
        name: "the first run".to_owned(),
    });
    recipe
}

/// A run, from an earlier one where there is one.
fn run(base: &Base, table: &Table, recipe: &Recipe, earlier: Option<Earlier<'_>>) -> Outcome {
    let mut examples = Examples::read(table, recipe).unwrap();
    let mut store = FeatureStore::default();
    let mut watcher = Silent;
    let tuned = tune_from(
        base,
        earlier,
        &mut examples,
        recipe,
        &mut store,
        &mut watcher,
    );
    block_on(tuned).unwrap()
}

fn from(tuned: &Tuned) -> Option<Earlier<'_>> {
    Some(Earlier {
        tuned,
        name: "the first run",
        rows: None,
    })
}

fn answers(base: &Base, tuned: &Tuned) -> Vec<f32> {
    let texts = ["a curry for two", "the brake of a car", "lake and forest"];
    let answer = |text: &&str| block_on(tuned.predict(base, text)).unwrap().0;
    texts.iter().flat_map(answer).collect()
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

#[track_caller]
fn assert_near(found: &[f32], expected: &[f32]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5, "{found} is not {expected}");
    }
}

/// Two rounds: what the second does without an epoch, and what is kept of it.
#[track_caller]
fn check(first: Method, second: Method, is_exact: bool) {
    let base = base();
    let table = table(LABELS);
    let one = run(&base, &table, &recipe(first, 2), None);
    let before = answers(&base, &one.tuned);
    let again = from_somewhere(recipe(second, 0));
    let two = run(&base, &table, &again, from(&one.tuned));
    let after = answers(&base, &two.tuned);
    if is_exact {
        assert_eq!(bits(&after), bits(&before), "{first:?} then {second:?}");
    } else {
        assert_near(&after, &before);
    }
    let learned = block_on(two.tuned.learned(&again)).unwrap();
    let learned = Checkpoint::from_bytes(&learned.to_bytes()).unwrap();
    let labels = two.tuned.labels.clone();
    let kept = Tuned::restore(&base, labels, &again, &learned);
    assert_eq!(
        bits(&answers(&base, &kept)),
        bits(&after),
        "kept and restored"
    );

    let third = from_somewhere(recipe(second, 1));
    let moved = run(&base, &table, &third, from(&two.tuned));
    assert_ne!(bits(&answers(&base, &moved.tuned)), bits(&after));
}

macro_rules! rounds {
    ($($name:ident, $first:ident, $second:ident, $is_exact:expr;)*) => {
        $(#[test] fn $name() { check(Method::$first, Method::$second, $is_exact); })*
    };
}

rounds! {
    a_head_goes_on, Head, Head, true;
    low_rank_updates_go_on, Lora, Lora, true;
    a_whole_encoder_goes_on, Full, Full, true;
    low_rank_updates_start_from_a_head, Head, Lora, true;
    low_rank_updates_start_from_a_whole_encoder, Full, Lora, true;
    a_head_learns_on_low_rank_updates, Lora, Head, true;
    a_head_learns_on_a_whole_encoder, Full, Head, true;
    low_rank_updates_are_added_for_full, Lora, Full, false;
}

#[test]
fn updates_of_another_form_are_added_to_the_weights() {
    let base = base();
    let table = table(LABELS);
    let one = run(&base, &table, &recipe(Method::Lora, 2), None);
    let mut again = from_somewhere(recipe(Method::Lora, 0));
    again.tuning.lora.rank = 3;
    again.tuning.lora.targets = vec![Projection::Down];
    let two = run(&base, &table, &again, from(&one.tuned));
    assert_near(&answers(&base, &two.tuned), &answers(&base, &one.tuned));
    let told = two.report.carried.unwrap().sentences();
    assert!(
        told[0].contains("added to the encoder's weights"),
        "{told:?}"
    );
}

#[test]
fn labels_are_carried_over_renamed_new_and_gone() {
    let base = base();
    let one = run(&base, &table(LABELS), &recipe(Method::Lora, 2), None);
    // "land" is gone, "Food" is spelled otherwise, "weather" is new.
    let now = table(["Food", "car", "weather"]);
    let again = from_somewhere(recipe(Method::Head, 0));
    let two = run(&base, &now, &again, from(&one.tuned));
    let carried = two.report.carried.unwrap();
    let place = |name: &str| two.tuned.labels.iter().position(|label| label == name);
    let [car, food, weather] = ["car", "Food", "weather"].map(|name| place(name).unwrap());
    assert_eq!(carried.labels.fresh, ["weather"]);
    assert_eq!(carried.labels.dropped, ["land"]);
    let (before, after) = (answers(&base, &one.tuned), answers(&base, &two.tuned));
    for (before, after) in before.chunks(3).zip(after.chunks(3)) {
        // Earlier labels: car, food, land. Odds between labels that stay are the same.
        let (then, now) = (before[0] / before[1], after[car] / after[food]);
        assert!((then / now - 1.0).abs() < 1e-4);
        assert!(after[weather] > 0.0);
    }

    // Where low-rank updates are to move, the new label's row of the head is solved first.
    let again = from_somewhere(recipe(Method::Lora, 1));
    let three = run(&base, &now, &again, from(&one.tuned));
    assert!(three.report.carried.unwrap().is_head_solved);
}

/// A head that goes on is held near the earlier one as it would be near zero: what the new rows say nothing
/// of, it still knows.
#[test]
fn an_earlier_head_is_the_prior_of_the_next() {
    let base = base();
    let mut recipe = recipe(Method::Head, 100);
    recipe.training.head_c = 1e3;
    let one = run(&base, &table(LABELS), &recipe, None);
    let few = rows_of(LABELS, 21, 1);
    let alone = run(&base, &few, &recipe, None);
    let again = run(&base, &few, &from_somewhere(recipe), from(&one.tuned));
    let sure = |tuned: &Tuned| -> f32 {
        let words = WORDS.iter().enumerate();
        let texts = words.flat_map(|(label, words)| words.map(|word| (label, word)));
        let share = |(label, word): (usize, &str)| {
            let text = format!("number 77 is about the {word}");
            let shares = block_on(tuned.predict(&base, &text)).unwrap().0;
            let at = tuned.labels.iter().position(|own| own == LABELS[label]);
            shares[at.unwrap()]
        };
        texts.map(share).sum::<f32>() / 15.0
    };
    let [one, alone, again] = [&one, &alone, &again].map(|made| sure(&made.tuned));
    println!("{one} at first, {alone} from few rows, {again} from both");
    assert!(
        again > alone + 0.05,
        "{alone} from few rows, {again} from both"
    );
}

/// Validation losses of the first three trials of a search around a run that goes on.
fn searched(base: &Base, table: &Table, recipe: &Recipe, earlier: Option<Earlier<'_>>) -> Vec<f32> {
    let examples = Examples::read(table, recipe).unwrap();
    let mut ground = Ground::Texts {
        base,
        earlier,
        examples: &examples,
        store: &mut FeatureStore::default(),
        own: &mut FeatureStore::default(),
    };
    let mut search = Search::new(recipe.clone(), 1e6);
    for _ in 0..3 {
        let turn = block_on(try_next(&mut search, &mut ground, &mut Silent));
        assert_eq!(turn.unwrap(), Turn::Tried);
    }
    let results = search.trials.iter().map(|trial| trial.result().unwrap());
    results.map(|result| result.valid_loss).collect()
}

/// The same table with other texts in a recipe's test rows.
fn with_other_test_rows(table: &Table, recipe: &Recipe) -> Table {
    let mut sealed = Examples::read(table, recipe).unwrap().split.test;
    let hidden = sealed.open().to_vec();
    let texts = table.column("text").unwrap();
    let cells = (0..60).map(RowId).map(|row| match hidden.contains(&row) {
        true => format!("nobody sees this, {}", row.0),
        false => texts.cell(row).to_owned(),
    });
    let label = table.column("label").unwrap().clone();
    Table::new("t.csv", vec![Column::of("text", cells), label])
}

/// The first trial of a search around a run that went on is that run; the others go on from the same. What is
/// in the test rows changes nothing.
#[test]
fn settings_are_searched_around_a_run_that_went_on() {
    let base = base();
    let table = table(LABELS);
    let first = recipe(Method::Lora, 2);
    let one = run(&base, &table, &first, None);
    for (method, epochs) in [(Method::Head, 20), (Method::Lora, 1), (Method::Full, 1)] {
        let again = from_somewhere(recipe(method, epochs));
        let two = run(&base, &table, &again, from(&one.tuned));
        let best = two.report.epochs[two.report.best_epoch as usize - 1];
        let losses = searched(&base, &table, &again, from(&one.tuned));
        assert_eq!(losses[0], best.valid_loss, "{method:?}: {losses:?}");
        assert!(losses[1..].iter().all(|loss| *loss != losses[0]));
        let other = with_other_test_rows(&table, &again);
        assert_eq!(searched(&base, &other, &again, from(&one.tuned)), losses);
    }

    // Rows of the earlier run are learned from again in each trial, too.
    let mut again = from_somewhere(recipe(Method::Lora, 1));
    again.training.transfer.rehearsal = 1.0;
    let few = rows_of(LABELS, 30, 2);
    let [mut theirs, mut same] = [(); 2].map(|()| Examples::read(&table, &first).unwrap());
    let with = |rows| Earlier {
        rows: Some(rows),
        ..from(&one.tuned).expect("it is there")
    };
    let two = run(&base, &few, &again, Some(with(&mut theirs)));
    assert!(two.report.carried.unwrap().rehearsed > 0);
    let losses = searched(&base, &few, &again, Some(with(&mut same)));
    assert_eq!(losses[0], two.report.epochs[0].valid_loss);
}

#[test]
fn the_same_rounds_give_the_same_bits() {
    let base = base();
    let table = table(LABELS);
    let one = run(&base, &table, &recipe(Method::Lora, 1), None);
    let mut again = from_somewhere(recipe(Method::Full, 3));
    again.training.transfer.layer_decay = 0.8;
    again.training.transfer.unfreeze_epochs = 1;
    again.training.transfer.l2_sp = 0.1;
    again.training.transfer.rehearsal = 0.5;
    let other = self::table(["food", "car", "sky"]);
    let runs = [(); 2].map(|()| {
        let mut old = Examples::read(&table, &recipe(Method::Lora, 1)).unwrap();
        let earlier = Earlier {
            tuned: &one.tuned,
            name: "the first run",
            rows: Some(&mut old),
        };
        let two = run(&base, &other, &again, Some(earlier));
        (bits(&answers(&base, &two.tuned)), two.report.carried)
    });
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn old_rows_are_mixed_in_and_old_test_rows_judged() {
    let base = base();
    let first = table(LABELS);
    let second = {
        let texts: Vec<String> = (0..40)
            .map(|row| format!("new text {row} on soup"))
            .collect();
        let labels: Vec<&str> = (0..40).map(|row| ["food", "sea"][row % 2]).collect();
        Table::new(
            "u.csv",
            vec![Column::of("text", texts), Column::of("label", labels)],
        )
    };
    let one = run(&base, &first, &recipe(Method::Head, 20), None);
    let mut again = from_somewhere(recipe(Method::Head, 20));
    again.training.transfer.rehearsal = 0.25;
    let mut old = Examples::read(&first, &recipe(Method::Head, 20)).unwrap();
    let new_rows = Examples::read(&second, &again).unwrap().split.train.len();
    let earlier = Earlier {
        tuned: &one.tuned,
        name: "the first run",
        rows: Some(&mut old),
    };
    let two = run(&base, &second, &again, Some(earlier));
    let carried = two.report.carried.unwrap();
    assert_eq!(carried.rehearsed as usize, new_rows.div_ceil(4));
    assert_eq!(carried.known_test_rows, 0);
    let forgetting = carried.forgetting.unwrap();
    assert_eq!(forgetting.rows, 4, "test rows called food");
    assert_eq!(old.split.test.looks(), 1, "a look that counts");

    // The same rows again: those that the first run learned from are told.
    let mut same = from_somewhere(recipe(Method::Head, 1));
    same.seed = 9;
    let mut old = Examples::read(&first, &recipe(Method::Head, 20)).unwrap();
    let earlier = Earlier {
        tuned: &one.tuned,
        name: "the first run",
        rows: Some(&mut old),
    };
    let three = run(&base, &first, &same, Some(earlier));
    assert!(three.report.carried.unwrap().known_test_rows > 0);
}

/// In the first epoch only the head moves: on the features of that encoder a head is solved as on
/// the base model's, to the bit.
#[test]
fn layers_that_wait_stay_where_they_are() {
    let base = base();
    let table = table(LABELS);
    let solved_on = |epochs: u32, unfreeze_epochs: u32| {
        let mut slow = recipe(Method::Full, epochs);
        slow.training.transfer.unfreeze_epochs = unfreeze_epochs;
        let one = run(&base, &table, &slow, None);
        let far = self::table(["x", "y", "z"]);
        let again = from_somewhere(recipe(Method::Head, 30));
        let two = run(&base, &far, &again, from(&one.tuned));
        bits(&answers(&base, &two.tuned))
    };
    let frozen = run(
        &base,
        &self::table(["x", "y", "z"]),
        &recipe(Method::Head, 30),
        None,
    );
    let frozen = bits(&answers(&base, &frozen.tuned));
    assert_eq!(solved_on(1, 1), frozen);
    assert_ne!(solved_on(1, 0), frozen);
}

#[test]
fn the_pull_to_the_start_is_the_slope_of_its_penalty() {
    use burnish::engine::head::HeadConfig;
    use burnish::engine::train::rng_for;
    use support::slopes;

    let device = learning(&cpu());
    let config = HeadConfig {
        hidden: 5,
        classes: 3,
        dropout: 0.0,
    };
    let start = slopes::filled(config.init(&device), rng_for(1, 0));
    let anchor = Anchor::of(&start, 0.7).unwrap();
    // The same parameters, elsewhere: `filled` keeps their names.
    let model = slopes::filled(start.clone(), rng_for(2, 0));
    let features = Tensor::<2>::from_data(
        [[0.3, -1.0, 0.5, 2.0, -0.2], [1.0, 0.1, -0.7, 0.4, 0.9]],
        &device,
    );
    let loss = |head: &burnish::engine::head::Head| {
        let scores = head.linear.forward(features.clone());
        (scores.clone() * scores).mean()
    };
    let mut gradients = loss(&model).backward();
    anchor.pull(&model, &mut gradients);
    let objective = |head: &burnish::engine::head::Head| {
        loss(head).inner() + anchor.penalty(head).expect("it holds what moves")
    };
    slopes::check_gradients(&model, &gradients, objective, 2, 5e-3);
    assert!(Anchor::of(&model, 0.0).is_none());
}
