//! Runs on columns that go on from earlier ones.

mod support;

use std::collections::BTreeMap;

use burnish::domain::features::network::{Combiner, NetworkOptions};
use burnish::domain::features::{FeatureSource, TableExamples, TablePlan};
use burnish::domain::recipe::{DataProfile, Recipe};
use burnish::domain::report::Prediction;
use burnish::domain::search::Search;
use burnish::domain::start::{Carried, Measured, Start};
use burnish::domain::table::{Column, ColumnBuilder, Table};
use burnish::engine::checkpoint::Checkpoint;
use burnish::engine::device::cpu;
use burnish::engine::features::FeatureStore;
use burnish::engine::search::{Ground, Turn, try_next};
use burnish::engine::tabular::EarlierTable;
use burnish::engine::tabular::model::TunedTable;
use burnish::engine::tabular::run::{TableOutcome, tune_table_from};
use burnish::engine::train::rng_for;
use futures::executor::block_on;
use rand::Rng;
use support::Silent;

/// Rows of a number, two categories and a yes and no, of which a price and a grade follow. `names` are
/// those of the columns in that order, then of the price and the grade; `shift` is added to prices.
fn table(seed: u64, rows: usize, names: [&str; 6], shift: f64) -> Table {
    let mut rng = rng_for(seed as u32, 0);
    let mut columns = names.map(ColumnBuilder::new);
    for _ in 0..rows {
        let size: f64 = rng.random_range(-2.0..2.0);
        let colour = rng.random_range(0..3_usize);
        let shape = rng.random_range(0..4_usize);
        let is_sold = rng.random::<bool>();
        let price = (3.0 * size).sin() * 4.0
            + [0.0, 2.0, 5.0][colour]
            + [0.0, 4.0, 1.0, -3.0][shape] * if is_sold { 1.0 } else { -1.0 };
        let grade = match price {
            ..0.0 => "low",
            0.0..4.0 => "middle",
            _ => "high",
        };
        let cells = [
            format!("{size:.3}"),
            ["red", "green", "blue"][colour].to_owned(),
            ["round", "square", "long", "flat"][shape].to_owned(),
            ["yes", "no"][usize::from(is_sold)].to_owned(),
            format!("{:.3}", price + shift),
            grade.to_owned(),
        ];
        for (column, cell) in columns.iter_mut().zip(&cells) {
            column.push(cell);
        }
    }
    Table::new("t.csv", columns.map(ColumnBuilder::finish).into())
}

const NAMES: [&str; 6] = ["size", "colour", "shape", "sold", "price", "grade"];

fn recipe(task: &str, target: &str, columns: &[&str]) -> Recipe {
    let mut recipe = Recipe::suggest(Vec::new(), target.to_owned(), &DataProfile::empty());
    recipe.task = task.to_owned();
    let source = |&column: &&str| FeatureSource {
        column: column.to_owned(),
        kind: None,
    };
    let sources = columns.iter().map(source).collect();
    let mut plan = TablePlan::suggest(sources, Combiner::TabM, 400);
    plan.network = NetworkOptions {
        members: 8,
        width: 32,
        folds: 1,
        epochs: 30,
        ..plan.network
    };
    recipe.table = Some(Box::new(plan));
    recipe
}

/// The same from an earlier run, for so many epochs at this rate.
fn from_somewhere(mut recipe: Recipe, epochs: u32, rate: f64) -> Recipe {
    recipe.start = Some(Start {
        model: "earlier".to_owned(),
        name: "the first run".to_owned(),
    });
    let network = &mut recipe.table.as_mut().unwrap().network;
    network.epochs = epochs;
    network.learning_rate = rate;
    recipe
}

fn run(table: &Table, recipe: &Recipe) -> TableOutcome {
    let mut examples = TableExamples::read(table, recipe).unwrap();
    block_on(tune_table_from(
        None,
        &mut examples,
        recipe,
        None,
        &cpu(),
        &mut Silent,
    ))
    .unwrap()
}

/// A run that goes on from another one, whose table is at hand.
fn on_from(
    earlier: (&TunedTable, &Recipe, &Table),
    table: &Table,
    recipe: &Recipe,
) -> TableOutcome {
    let mut rows = TableExamples::read(earlier.2, earlier.1).unwrap();
    let mut examples = TableExamples::read(table, recipe).unwrap();
    let earlier = EarlierTable {
        tuned: earlier.0,
        recipe: earlier.1,
        name: "the first run",
        rows: Some(&mut rows),
    };
    let outcome = block_on(tune_table_from(
        Some(earlier),
        &mut examples,
        recipe,
        None,
        &cpu(),
        &mut Silent,
    ))
    .unwrap();
    assert_eq!(examples.split.test.looks(), 1, "the seal was opened once");
    outcome
}

fn carried(outcome: &TableOutcome) -> &Carried {
    outcome.report.carried.as_ref().unwrap()
}

/// What a model says of typed rows.
fn says(tuned: &TunedTable, recipe: &Recipe, rows: &[&[(&str, &str)]]) -> Vec<f64> {
    let owned = |row: &&[(&str, &str)]| -> Vec<(String, String)> {
        let pairs = row.iter();
        pairs
            .map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned()))
            .collect()
    };
    let rows = rows.iter().map(owned).collect();
    let mut store = FeatureStore::default();
    let mut watcher = Silent;
    let found = tuned.answer_all(recipe, &[], None, rows, &mut store, &mut watcher);
    let number = |found: Prediction| match found {
        Prediction::Number { value, .. } => vec![value],
        Prediction::Labels(shares) | Prediction::LabelSet(shares) => {
            shares.into_iter().map(f64::from).collect()
        }
    };
    block_on(found)
        .unwrap()
        .into_iter()
        .flat_map(number)
        .collect()
}

fn parameters(tuned: &TunedTable, recipe: &Recipe) -> BTreeMap<String, Vec<f32>> {
    let learned: Checkpoint = block_on(tuned.learned(recipe)).unwrap();
    let all = learned.parameters();
    all.map(|(path, own)| (path.to_owned(), own.values.clone()))
        .collect()
}

fn closeness(one: &[f64], other: &[f64]) -> f64 {
    let pairs = one.iter().zip(other);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Rows with the names of the first table, and of the second one.
const ROWS: [&[(&str, &str)]; 3] = [
    &[
        ("size", "0.5"),
        ("colour", "red"),
        ("shape", "flat"),
        ("sold", "yes"),
    ],
    &[
        ("size", "-1.7"),
        ("colour", "blue"),
        ("shape", "long"),
        ("sold", "no"),
    ],
    &[("size", "1.2"), ("colour", "green"), ("shape", "round")],
];
const RENAMED: [&[(&str, &str)]; 3] = [
    &[
        ("Size", "0.5"),
        ("COLOUR", "red"),
        ("shape", "flat"),
        ("Sold?", "yes"),
    ],
    &[
        ("Size", "-1.7"),
        ("COLOUR", "blue"),
        ("shape", "long"),
        ("Sold?", "no"),
    ],
    &[("Size", "1.2"), ("COLOUR", "green"), ("shape", "round")],
];

#[test]
fn it_begins_where_the_earlier_one_ended_whatever_columns_are_called_and_prices_lie() {
    let then = table(1, 300, NAMES, 0.0);
    let first = recipe("regress", "price", &["size", "colour", "shape", "sold"]);
    let earlier = run(&then, &first);
    let before = says(&earlier.tuned, &first, &ROWS);

    // Other names, another order, other prices, and a rate at which next to nothing moves.
    let names = ["Size", "COLOUR", "shape", "Sold?", "cost", "grade"];
    let now = table(2, 120, names, 100.0);
    let columns = ["shape", "Sold?", "COLOUR", "Size"];
    let second = from_somewhere(recipe("regress", "cost", &columns), 1, 1e-6);
    let again = on_from((&earlier.tuned, &first, &then), &now, &second);
    let after = says(&again.tuned, &second, &RENAMED);
    // Prices are 100 higher here, which two numbers fitted on the new rows take away.
    let expected: Vec<f64> = before.iter().map(|price| price + 100.0).collect();
    assert!(closeness(&expected, &after) < 1.5, "{before:?} {after:?}");

    let told = carried(&again);
    let columns = told.columns.as_ref().unwrap();
    assert!(columns.names.fresh.is_empty() && columns.names.dropped.is_empty());
    assert_eq!(columns.names.respelled.len(), 3);
    let forgetting = told.forgetting.as_ref().unwrap();
    assert_eq!(forgetting.measured, Measured::Error);
    let levels = forgetting.after - forgetting.before;
    assert!(
        (90.0..110.0).contains(&levels),
        "{levels}: the old rows lie 100 lower"
    );
}

#[test]
fn labels_and_columns_come_and_go_and_all_of_it_is_told() {
    let then = table(3, 300, NAMES, 0.0);
    let first = recipe("classify", "grade", &["size", "colour", "sold"]);
    let earlier = run(&then, &first);

    // Of the new rows some have a new grade, and "middle" is gone.
    let mut now = table(4, 150, NAMES, 0.0);
    let grade = now.column("grade").unwrap().clone();
    let mut row = 0;
    let cells: Vec<String> = grade
        .cells()
        .map(|cell| {
            row += 1;
            match cell {
                "middle" if row % 2 == 0 => "unknown".to_owned(),
                "middle" => "high".to_owned(),
                cell => cell.to_owned(),
            }
        })
        .collect();
    now = now.replace("grade", burnish::domain::table::Column::of("grade", cells));
    let mut second = from_somewhere(
        recipe("classify", "grade", &["size", "shape", "sold"]),
        3,
        1e-3,
    );
    second.training.transfer.rehearsal = 0.5;
    let again = on_from((&earlier.tuned, &first, &then), &now, &second);
    let told = carried(&again);
    assert_eq!(told.labels.fresh, ["unknown"]);
    assert_eq!(told.labels.dropped, ["middle"]);
    let columns = told.columns.as_ref().unwrap();
    assert_eq!(columns.names.fresh, ["shape"]);
    assert_eq!(columns.names.dropped, ["colour"]);
    let train = TableExamples::read(&now, &second)
        .unwrap()
        .split
        .train
        .len();
    assert_eq!(told.rehearsed as usize, train.div_ceil(2));
    assert_eq!(told.known_test_rows, 0);
    let forgetting = told.forgetting.as_ref().unwrap();
    assert_eq!(forgetting.measured, Measured::Right);
    assert!(forgetting.rows > 10 && forgetting.rows < 60);
    let sentences = told.sentences().join(" ");
    for part in [
        "New columns, which start fresh: “shape”",
        "learned from again",
        "New: “unknown”",
    ] {
        assert!(sentences.contains(part), "{sentences}");
    }

    // On the rows that it learned from itself, it knows that it did.
    let same = from_somewhere(first.clone(), 1, 1e-3);
    let mut other_parts = same.clone();
    other_parts.seed = 9;
    let again = on_from((&earlier.tuned, &first, &then), &then, &other_parts);
    assert!(carried(&again).known_test_rows > 20);
    let again = on_from((&earlier.tuned, &first, &then), &then, &same);
    assert_eq!(
        carried(&again).known_test_rows,
        0,
        "rows stay in their parts"
    );
}

#[test]
fn few_rows_are_learned_better_from_an_earlier_run() {
    let then = table(5, 1200, NAMES, 0.0);
    let columns = ["size", "colour", "shape", "sold"];
    let mut first = recipe("regress", "price", &columns);
    first.table.as_mut().unwrap().network.epochs = 80;
    let earlier = run(&then, &first);
    let now = table(6, 100, NAMES, 30.0);
    let alone = run(&now, &first);
    let second = from_somewhere(first.clone(), 80, 1e-3);
    let again = on_from((&earlier.tuned, &first, &then), &now, &second);
    let error = |outcome: &TableOutcome| {
        let metrics = outcome.report.evaluation.metrics();
        metrics.iter().find(|own| own.id == "rmse").unwrap().value
    };
    assert!(
        error(&again) < 0.7 * error(&alone),
        "{} from the earlier run, which has {}; {} alone",
        error(&again),
        error(&earlier),
        error(&alone)
    );
}

/// An earlier run that learned other rows' prices misleads; networks that know nothing of it stand beside.
#[test]
fn rows_held_out_say_whether_an_earlier_run_helps() {
    let columns = ["size", "colour", "shape", "sold"];
    let helpful = table(5, 600, NAMES, 0.0);
    let prices = helpful.column("price").unwrap();
    let mut others: Vec<&str> = prices.cells().collect();
    others.reverse();
    let misleading = helpful.replace("price", Column::of("price", others));
    let now = table(6, 120, NAMES, 0.0);
    let mut first = recipe("regress", "price", &columns);
    first.table.as_mut().unwrap().network.epochs = 60;
    let mut second = from_somewhere(first.clone(), 25, 1e-3);
    second.table.as_mut().unwrap().network.folds = 3;
    let error = |outcome: &TableOutcome| outcome.report.evaluation.metric("rmse").unwrap();
    let mut alone = second.clone();
    alone.start = None;
    let alone = error(&run(&now, &alone));
    let from = |then: &Table| {
        let earlier = run(then, &first);
        let again = on_from((&earlier.tuned, &first, then), &now, &second);
        let facts = again.tuned.facts();
        (
            error(&again),
            facts.networks,
            carried(&again).encoder.clone(),
        )
    };
    // What misleads is brought to the mean first, so that little speaks against asking both.
    let (off, networks, told) = from(&misleading);
    assert!(
        off < 1.05 * alone,
        "{off} after being misled, {alone} alone"
    );
    assert!(!told.contains("rows held out need none"), "{told}");
    assert!(told.contains("alone predict") || networks == 6, "{told}");
    let (off, _, told) = from(&helpful);
    assert!(
        off < 0.8 * alone,
        "{off} from the earlier run, {alone} alone"
    );
    assert!(!told.contains("alone predict"), "{told}");
}

#[test]
fn what_was_learned_before_can_be_held() {
    let then = table(7, 200, NAMES, 0.0);
    let columns = ["size", "colour", "shape", "sold"];
    let first = recipe("classify", "grade", &columns);
    let earlier = run(&then, &first);
    let before = parameters(&earlier.tuned, &first);
    let now = table(8, 100, NAMES, 0.0);
    let start = |change: &dyn Fn(&mut Recipe)| {
        let mut second = from_somewhere(recipe("classify", "grade", &columns), 4, 2e-3);
        change(&mut second);
        let again = on_from((&earlier.tuned, &first, &then), &now, &second);
        parameters(&again.tuned, &second)
    };
    let away = |after: &BTreeMap<String, Vec<f32>>, part: &str| -> f64 {
        let all = before.iter().filter(|(path, _)| path.contains(part));
        let squares = all.flat_map(|(path, own)| {
            own.iter()
                .zip(&after[path])
                .map(|(a, b)| f64::from(a - b).powi(2))
        });
        squares.sum::<f64>()
    };
    let free = start(&|_| {});
    assert!(away(&free, "") > 0.0 && away(&free, "categories") > 0.0);

    let held = start(&|recipe| recipe.training.transfer.l2_sp = 10.0);
    assert!(away(&held, "") < 0.5 * away(&free, ""));

    // The last layer alone moves, as no other one's time comes.
    let top = start(&|recipe| recipe.training.transfer.unfreeze_epochs = 100);
    assert_eq!(
        away(&top, "blocks") + away(&top, "categories") + away(&top, "numbers"),
        0.0
    );
    assert!(away(&top, "heads") > 0.0);

    let slower = start(&|recipe| recipe.training.transfer.layer_decay = 0.1);
    assert!(away(&slower, "categories") < 0.1 * away(&free, "categories"));
}

#[test]
fn another_shape_and_another_answer_are_told() {
    let then = table(9, 200, NAMES, 0.0);
    let columns = ["size", "colour", "shape", "sold"];
    let first = recipe("regress", "price", &columns);
    let earlier = run(&then, &first);
    let now = table(10, 120, NAMES, 0.0);

    let mut wider = from_somewhere(recipe("regress", "price", &columns), 2, 2e-3);
    wider.table.as_mut().unwrap().network.width = 48;
    let again = on_from((&earlier.tuned, &first, &then), &now, &wider);
    assert!(carried(&again).encoder.contains("another shape"));

    let other = from_somewhere(recipe("classify", "grade", &columns), 2, 2e-3);
    let again = on_from((&earlier.tuned, &first, &then), &now, &other);
    assert!(carried(&again).encoder.contains("another kind"));
    assert!(carried(&again).forgetting.is_none());
}

/// The first trial of a search around a run that went on is that run. Where every epoch is worse than what
/// was learned before (a rate of 0.5), that is kept, and a trial is worth what it is.
#[test]
fn settings_are_searched_around_a_run_that_went_on() {
    let table = table(1, 200, NAMES, 0.0);
    let first = recipe("regress", "price", &NAMES[..4]);
    let one = run(&table, &first);
    for (rate, keeps) in [(1e-3, false), (0.5, true)] {
        let mut again = from_somewhere(first.clone(), 1, rate);
        again.training.transfer.rehearsal = 0.5;
        let few = self::table(2, 60, NAMES, 1.0);
        let two = on_from((&one.tuned, &first, &table), &few, &again);
        assert_eq!(two.report.best_epoch == 0, keeps, "{:?}", two.report.epochs);

        let mut rows = TableExamples::read(&table, &first).unwrap();
        let examples = TableExamples::read(&few, &again).unwrap();
        let mut ground = Ground::Table {
            earlier: Some(EarlierTable {
                tuned: &one.tuned,
                recipe: &first,
                name: "the first run",
                rows: Some(&mut rows),
            }),
            examples: &examples,
            text: None,
            device: &cpu(),
        };
        let mut search = Search::new(again, 1e6);
        for _ in 0..2 {
            let turn = block_on(try_next(&mut search, &mut ground, &mut Silent));
            assert_eq!(turn.unwrap(), Turn::Tried);
        }
        let [own, other] = [0, 1].map(|at| search.trials[at].result().unwrap().valid_loss);
        assert_eq!(own, two.valid_loss as f32);
        assert!(keeps || other != own);
    }
}
