//! Rows of columns and texts: linear models beside the frozen encoder, and an encoder that learns along.

mod support;

use std::collections::BTreeMap;

use burnish::domain::features::network::{Combiner, NetworkOptions};
use burnish::domain::features::{FeatureSource, TableExamples, TablePlan, TextTuning};
use burnish::domain::recipe::{DataProfile, Recipe};
use burnish::domain::report::{Ended, EpochReport, Phase, Prediction};
use burnish::domain::split::SplitKind;
use burnish::domain::start::Start;
use burnish::domain::table::{ColumnBuilder, Table};
use burnish::engine::checkpoint::Checkpoint;
use burnish::engine::device::cpu;
use burnish::engine::error::EngineError;
use burnish::engine::features::FeatureStore;
use burnish::engine::run::Base;
use burnish::engine::tabular::EarlierTable;
use burnish::engine::tabular::model::TunedTable;
use burnish::engine::tabular::run::{TableOutcome, TextReader, tune_table_from};
use burnish::engine::train::{Control, Notice, Watcher, rng_for};
use futures::executor::block_on;
use rand::Rng;
use support::Silent;

fn base() -> Base {
    support::random_base(2, 16, 11)
}

/// A size and two texts. The price follows from the size and from one word of the first text; whether
/// the texts agree, from that word in both.
fn table(seed: u32, rows: usize) -> Table {
    let mut rng = rng_for(seed, 0);
    let names = ["size", "about", "other", "price", "grade", "agree", "shop"];
    let mut columns = names.map(ColumnBuilder::new);
    let words = ["the", "film", "was", "very", "play"];
    for row in 0..rows {
        let size: f64 = rng.random_range(-2.0..2.0);
        let [one, other] = [(); 2].map(|()| rng.random::<bool>());
        let mut text = |is_good: bool| {
            let mut word = || words[rng.random_range(0..words.len())];
            let verdict = if is_good { "good" } else { "bad" };
            format!("{} {} {verdict} {}", word(), word(), word())
        };
        let (about, beside) = (text(one), text(other));
        let price = 2.0 * size + if one { 3.0 } else { -3.0 } * (1.0 + size.abs());
        let cells = [
            format!("{size:.3}"),
            about,
            beside,
            format!("{price:.3}"),
            if price > 0.0 { "dear" } else { "cheap" }.to_owned(),
            if one == other { "yes" } else { "no" }.to_owned(),
            format!("shop {}", row % 12),
        ];
        for (column, cell) in columns.iter_mut().zip(&cells) {
            column.push(cell);
        }
    }
    Table::new("t.csv", columns.map(ColumnBuilder::finish).into())
}

fn recipe(task: &str, target: &str, texts: TextTuning) -> Recipe {
    let names = match task {
        "pairs" => vec!["about".to_owned(), "other".to_owned()],
        _ => vec!["about".to_owned()],
    };
    let mut recipe = Recipe::suggest(names, target.to_owned(), &DataProfile::empty());
    recipe.task = task.to_owned();
    recipe.max_tokens = 12;
    let size = FeatureSource {
        column: "size".to_owned(),
        kind: None,
    };
    let mut plan = TablePlan::suggest(vec![size], Combiner::TabM, 200);
    plan.texts = texts;
    plan.network = NetworkOptions {
        members: 4,
        width: 16,
        folds: 2,
        epochs: 12,
        learning_rate: 5e-3,
        ..plan.network
    };
    recipe.table = Some(Box::new(plan));
    recipe
}

fn run_with<W: Watcher>(
    base: &Base,
    table: &Table,
    recipe: &Recipe,
    earlier: Option<EarlierTable<'_>>,
    watcher: &mut W,
) -> Result<TableOutcome, EngineError> {
    let mut examples = TableExamples::read(table, recipe).unwrap();
    let mut store = FeatureStore::default();
    let text = TextReader {
        base,
        store: &mut store,
    };
    let (text, device) = (Some(text), cpu());
    let outcome = tune_table_from(earlier, &mut examples, recipe, text, &device, watcher);
    let outcome = block_on(outcome)?;
    assert_eq!(examples.split.test.looks(), 1, "the seal was opened once");
    Ok(outcome)
}

fn run(base: &Base, table: &Table, recipe: &Recipe) -> TableOutcome {
    run_with(base, table, recipe, None, &mut Silent).unwrap()
}

fn learned(tuned: &TunedTable, recipe: &Recipe) -> Checkpoint {
    let bytes = block_on(tuned.learned(recipe)).unwrap().to_bytes();
    Checkpoint::from_bytes(&bytes).unwrap()
}

/// What training left of the encoder, by path.
fn of_encoder(learned: &Checkpoint) -> BTreeMap<String, Vec<f32>> {
    let all = learned.parameters();
    all.filter_map(|(path, own)| Some((path.strip_prefix("text.")?.to_owned(), own.values.clone())))
        .collect()
}

const ROWS: [[&str; 3]; 4] = [
    ["0.5", "the film was good", "very good"],
    ["0.5", "the film was bad", "very good"],
    ["-1.2", "very good play", "bad the"],
    ["1.9", "", "the"],
];

fn says(tuned: &TunedTable, recipe: &Recipe, base: &Base) -> Vec<u32> {
    let rows = ROWS.map(|row| {
        let names = ["size", "about", "other"].into_iter();
        let cells = names.zip(row);
        cells
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    });
    let (mut store, mut watcher) = (FeatureStore::default(), Silent);
    let all = rows.to_vec();
    let found = tuned.answer_all(recipe, &[], Some(base), all, &mut store, &mut watcher);
    let found = block_on(found).unwrap();
    let bits = |said: &Prediction| -> Vec<u32> {
        match said {
            Prediction::Number { value, .. } => vec![(*value as f32).to_bits()],
            Prediction::Labels(shares) | Prediction::LabelSet(shares) => {
                shares.iter().map(|share| share.to_bits()).collect()
            }
        }
    };
    for (row, said) in rows.into_iter().zip(&found) {
        let alone = block_on(tuned.answer(recipe, &[], Some(base), row))
            .unwrap()
            .0;
        for (one, all) in bits(&alone).into_iter().zip(bits(said)) {
            let [one, all] = [one, all].map(f32::from_bits);
            assert!(
                (one - all).abs() < 1e-4 * all.abs().max(1.0),
                "{one} and {all}"
            );
        }
    }
    found.iter().flat_map(bits).collect()
}

#[test]
fn an_encoder_that_learns_along_tells_more() {
    let (base, table) = (base(), table(1, 200));
    for (task, target) in [
        ("regress", "price"),
        ("classify", "grade"),
        ("pairs", "agree"),
    ] {
        for texts in [TextTuning::Lora, TextTuning::Full] {
            let recipe = recipe(task, target, texts);
            let outcome = run(&base, &table, &recipe);
            let report = &outcome.report;
            let own = of_encoder(&learned(&outcome.tuned, &recipe));
            let updates = own.keys().filter(|path| path.contains(".update.")).count();
            match texts {
                TextTuning::Lora => assert_eq!((own.len(), updates), (2 * 4 * 2, 2 * 4 * 2)),
                _ => assert_eq!((own.len(), updates), (5 + 2 * 16, 0)),
            }
            let moved: usize = own.values().map(Vec::len).sum();
            assert!(report.parameters.trainable > moved as u64, "and a network");
            assert_eq!(outcome.tuned.facts().probe, 0);
            assert_eq!(outcome.tuned.facts().networks, 1);

            // The network learns alone first; then both, and only where that is better.
            let epochs: Vec<u32> = report.epochs.iter().map(|epoch| epoch.epoch).collect();
            assert_eq!(epochs, (1..=epochs.len() as u32).collect::<Vec<_>>());
            let steps: Vec<u32> = report.epochs.iter().map(|epoch| epoch.step).collect();
            assert!(steps.is_sorted());
            let of_alone = &report.epochs[..epochs.len().min(12)];
            let lowest = |epochs: &[EpochReport]| {
                let losses = epochs.iter().map(|epoch| epoch.valid_loss);
                losses.fold(f32::INFINITY, f32::min)
            };
            let (first, all) = (lowest(of_alone), lowest(&report.epochs));
            println!("{task} {texts:?}: {first} alone, {all} together");
            let [begun, .., ended] = &report.epochs[of_alone.len()..] else {
                panic!("both learn for several epochs")
            };
            // Two texts of random vectors are not told apart so soon, nor at the rate of all parameters.
            let is_hard = task == "pairs";
            let is_slow = is_hard && texts == TextTuning::Full;
            assert!(
                ended.train_loss < begun.train_loss || is_slow,
                "{task} {texts:?}"
            );
            assert!(
                all < first || is_hard,
                "{task} {texts:?}: {first} and {all}"
            );
            assert_eq!(outcome.valid_loss as f32, all);
        }
    }
}

#[test]
fn the_same_recipe_leaves_the_same_bits_and_a_file_says_the_same() {
    let (base, table) = (base(), table(2, 160));
    for texts in [TextTuning::Frozen, TextTuning::Lora, TextTuning::Full] {
        let recipe = recipe("regress", "price", texts);
        let [one, other] = [(); 2].map(|()| run(&base, &table, &recipe));
        let kept = learned(&one.tuned, &recipe);
        assert_eq!(kept, learned(&other.tuned, &recipe), "{texts:?}");
        let said = says(&one.tuned, &recipe, &base);
        assert_eq!(said, says(&other.tuned, &recipe, &base));
        let facts = one.tuned.facts().clone();
        let restored = TunedTable::restore(&recipe, facts.clone(), &kept, Some(&base), &cpu());
        assert_eq!(said, says(&restored, &recipe, &base), "{texts:?}");
        let opened = TunedTable::open(&recipe, &facts, Some(&base), &kept, &cpu());
        let opened = opened.unwrap_or_else(|why| panic!("{texts:?}: {why}"));
        assert_eq!(said, says(&opened, &recipe, &base), "{texts:?}");
        // A word of the text changes the answer.
        assert_ne!(said[0], said[1]);
    }
}

#[test]
fn networks_of_both_kinds_go_on_where_they_were() {
    let (base, table) = (base(), table(7, 200));
    let mut recipe = recipe("regress", "price", TextTuning::Frozen);
    recipe.table.as_mut().unwrap().network.epochs = 3;
    let whole = run(&base, &table, &recipe);
    // A word tells half of the price.
    assert_eq!(whole.tuned.facts().of_columns, 0);
    let mut done = Vec::new();
    for due_after in [8, 30, 55, 80] {
        let (networks, resumed, _) = taken_up(&base, &table, &recipe, due_after);
        done.push(networks);
        let files = [&resumed, &whole].map(|outcome| learned(&outcome.tuned, &recipe));
        assert_eq!(files[0], files[1], "after {due_after}");
        assert_eq!(resumed.scores, whole.scores, "after {due_after}");
    }
    assert!(
        done.contains(&0) && done.iter().any(|&done| done >= 2),
        "{done:?}"
    );
}

#[test]
fn files_that_contradict_themselves_are_refused() {
    let (base, table) = (base(), table(2, 160));
    let recipe = recipe("regress", "price", TextTuning::Lora);
    let outcome = run(&base, &table, &recipe);
    let (kept, facts) = (
        learned(&outcome.tuned, &recipe),
        outcome.tuned.facts().clone(),
    );
    let refused = |change: &dyn Fn(&mut Checkpoint)| {
        let mut damaged = kept.clone();
        change(&mut damaged);
        let opened = TunedTable::open(&recipe, &facts, Some(&base), &damaged, &cpu());
        opened.err().expect("it is refused")
    };
    let why = refused(&|kept| {
        let state = kept.standing.encoder.as_mut().unwrap();
        state.updates.as_mut().unwrap().rank = 1 << 30;
    });
    assert_eq!(why, "it has no updates of rank 1073741824");
    let why = refused(&|kept| kept.standing.encoder = None);
    assert!(why.contains("which the model has not"), "{why}");

    let mut claims = facts.clone();
    claims.probe = 1;
    let opened = TunedTable::open(&recipe, &claims, Some(&base), &kept, &cpu());
    let why = opened.err().expect("it is refused");
    assert_eq!(why, "its linear probe of texts is of another shape");

    let recipe = self::recipe("regress", "price", TextTuning::Frozen);
    let outcome = run(&base, &table, &recipe);
    let (kept, facts) = (learned(&outcome.tuned, &recipe), outcome.tuned.facts());
    let refused = |change: &dyn Fn(&mut Vec<u32>)| {
        let mut claims = facts.clone();
        change(&mut claims.tokens);
        let opened = TunedTable::open(&recipe, &claims, Some(&base), &kept, &cpu());
        opened.err().expect("it is refused")
    };
    let why = "its linear model of tokens is of another shape";
    assert_eq!(refused(&|tokens| tokens.push(3)), why);
    assert_eq!(refused(&|tokens| tokens.clear()), why);
    let why = refused(&|tokens| tokens[0] = tokens[1]);
    assert_eq!(why, "it counts a token twice");
    // Where nothing would be counted, or nothing read, the networks would be fed less than they want.
    for (is_pair, wanted) in [
        (true, "it counts tokens where they tell nothing"),
        (false, "it tells of texts, and reads none"),
    ] {
        let mut other = recipe.clone();
        let mut claims = facts.clone();
        if is_pair {
            other.task = "pairs".to_owned();
            claims.text_width = 2 * facts.text_width + 1;
        } else {
            other.text = Vec::new();
            claims.text_width = 0;
        }
        let base = is_pair.then_some(&base);
        let opened = TunedTable::open(&other, &claims, base, &kept, &cpu());
        assert_eq!(opened.err().expect("it is refused"), wanted);
    }
}

/// Stops some breaths after a checkpoint, or goes on from one.
#[derive(Default)]
struct Hand {
    breaths: u32,
    due_after: u32,
    stop_after: Option<u32>,
    kept: Option<Checkpoint>,
    resume: Option<Checkpoint>,
    epochs: Vec<u32>,
}

impl Watcher for Hand {
    fn now(&self) -> f64 {
        0.0
    }

    fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Epoch(epoch) => self.epochs.push(epoch.epoch),
            // Reading rows is over, of which there is no checkpoint.
            Notice::Phase(Phase::Train) => self.breaths = 0,
            _ => {}
        }
    }

    async fn breathe(&mut self) -> Control {
        self.breaths += 1;
        match self.stop_after.is_some_and(|last| self.breaths > last) {
            true => Control::Stop,
            false => Control::Go,
        }
    }

    fn resume(&mut self) -> Option<Checkpoint> {
        self.resume.take()
    }

    fn is_checkpoint_due(&self) -> bool {
        self.due_after > 0 && self.breaths >= self.due_after && self.kept.is_none()
    }

    async fn keep(&mut self, checkpoint: Checkpoint) {
        let bytes = checkpoint.to_bytes();
        self.kept = Some(Checkpoint::from_bytes(&bytes).unwrap());
        self.stop_after = Some(self.breaths + 2);
    }
}

/// A run that is stopped some breaths after a checkpoint and goes on from it: how many networks were done
/// there, what it leaves, and the epochs that it tells.
fn taken_up(
    base: &Base,
    table: &Table,
    recipe: &Recipe,
    due_after: u32,
) -> (usize, TableOutcome, Vec<u32>) {
    let mut first = Hand {
        due_after,
        ..Hand::default()
    };
    match run_with(base, table, recipe, None, &mut first) {
        Err(EngineError::Stopped) => {}
        Ok(stopped) => assert_eq!(stopped.report.ended, Ended::Stopped),
        Err(other) => panic!("{other}"),
    }
    let kept = first.kept.expect("a checkpoint was due");
    let networks = kept.standing.networks.len();
    let mut second = Hand {
        resume: Some(kept),
        ..Hand::default()
    };
    let resumed = run_with(base, table, recipe, None, &mut second).unwrap();
    (networks, resumed, second.epochs)
}

/// What was left half done reads less of a text than is read of it now, as an earlier version of the page
/// may have left it.
#[test]
fn a_run_that_was_read_otherwise_begins_anew() {
    let (base, table) = (base(), table(7, 200));
    for (texts, due_after, networks) in [(TextTuning::Frozen, 8, 0), (TextTuning::Lora, 50, 1)] {
        let mut recipe = recipe("regress", "price", texts);
        recipe.table.as_mut().unwrap().network.epochs = 3;
        let whole = run(&base, &table, &recipe);
        let mut before = recipe.clone();
        before.split.kind = SplitKind::Group {
            column: "size".to_owned(),
        };
        let mut first = Hand {
            due_after,
            ..Hand::default()
        };
        let _ = run_with(&base, &table, &before, None, &mut first);
        let kept = first.kept.expect("a checkpoint was due");
        assert_eq!(kept.standing.networks.len(), networks);
        let mut second = Hand {
            resume: Some(kept),
            ..Hand::default()
        };
        let outcome = run_with(&base, &table, &recipe, None, &mut second).unwrap();
        assert_eq!(outcome.scores, whole.scores, "{texts:?}");
    }
}

#[test]
fn both_stages_go_on_where_they_were() {
    let (base, table) = (base(), table(3, 120));
    let mut recipe = recipe("regress", "price", TextTuning::Lora);
    recipe.table.as_mut().unwrap().network.epochs = 3;
    let mut undisturbed = Hand::default();
    let whole = run_with(&base, &table, &recipe, None, &mut undisturbed).unwrap();
    let mut stages = Vec::new();
    for due_after in [12, 20, 60, 75, 90] {
        let (networks, resumed, epochs) = taken_up(&base, &table, &recipe, due_after);
        stages.push(networks);
        assert_eq!(epochs, undisturbed.epochs, "the whole path is told");
        assert_eq!(
            resumed.test_outputs, whole.test_outputs,
            "after {due_after}"
        );
        assert_eq!(resumed.scores, whole.scores, "after {due_after}");
        assert_eq!(
            learned(&resumed.tuned, &recipe),
            learned(&whole.tuned, &recipe)
        );
    }
    stages.dedup();
    assert_eq!(stages, [0, 1], "in both stages");
}

#[test]
fn what_an_encoder_has_learned_goes_on() {
    let (base, first, second) = (base(), table(4, 240), table(5, 60));
    // Rows of one size are held together, so that no linear model tells the word from a few rows.
    let recipe = |texts: TextTuning| {
        let mut recipe = recipe("regress", "price", texts);
        recipe.split.kind = SplitKind::Group {
            column: "size".to_owned(),
        };
        recipe
    };
    let before = recipe(TextTuning::Lora);
    let earlier = run(&base, &first, &before);
    let kept = of_encoder(&learned(&earlier.tuned, &before));
    for texts in [TextTuning::Frozen, TextTuning::Lora, TextTuning::Full] {
        let mut recipe = recipe(texts);
        recipe.start = Some(Start {
            model: "earlier".to_owned(),
            name: "the first run".to_owned(),
        });
        let mut rows = TableExamples::read(&first, &before).unwrap();
        let from = EarlierTable {
            tuned: &earlier.tuned,
            recipe: &before,
            name: "the first run",
            rows: Some(&mut rows),
        };
        let outcome = run_with(&base, &second, &recipe, Some(from), &mut Silent).unwrap();
        let alone = run(&base, &second, &recipe);
        let now = of_encoder(&learned(&outcome.tuned, &recipe));
        match texts {
            TextTuning::Frozen => assert_eq!(now, kept, "it stays as it was"),
            TextTuning::Lora => assert_eq!(
                now.keys().collect::<Vec<_>>(),
                kept.keys().collect::<Vec<_>>(),
                "its updates go on"
            ),
            TextTuning::Full => {
                assert!(now.keys().all(|path| !path.contains(".update.")));
                assert_eq!(
                    now.len(),
                    5 + 2 * 16,
                    "its updates were added to the weights"
                );
            }
        }
        let loss = |outcome: &TableOutcome| outcome.valid_loss;
        assert!(
            loss(&outcome) < loss(&alone),
            "{texts:?}: {} from the earlier run, {} without",
            loss(&outcome),
            loss(&alone)
        );
        let carried = outcome.report.carried.as_ref().unwrap();
        assert!(
            carried.forgetting.is_some(),
            "the earlier test rows were judged"
        );
        // Kept and taken up again it says the same.
        let facts = outcome.tuned.facts().clone();
        let file = learned(&outcome.tuned, &recipe);
        let restored = TunedTable::restore(&recipe, facts, &file, Some(&base), &cpu());
        let said = says(&outcome.tuned, &recipe, &base);
        assert_eq!(said, says(&restored, &recipe, &base), "{texts:?}");
    }
}

#[test]
fn linear_models_join_the_frozen_vectors_unless_they_would_know_too_much() {
    let (base, table) = (base(), table(6, 240));
    let told = |recipe: &Recipe, table: &Table| run(&base, table, recipe).tuned.facts().told();
    let plain = recipe("regress", "price", TextTuning::Frozen);
    assert_eq!(told(&plain, &table), [1, 1]);
    let labels = recipe("classify", "grade", TextTuning::Frozen);
    assert_eq!(told(&labels, &table), [2, 2]);
    let pairs = recipe("pairs", "agree", TextTuning::Frozen);
    assert_eq!(
        told(&pairs, &table),
        [2, 0],
        "no token of one text tells it"
    );
    for texts in [TextTuning::Lora, TextTuning::Full] {
        let along = recipe("regress", "price", texts);
        assert_eq!(
            told(&along, &table),
            [0, 1],
            "vectors that move are not probed"
        );
    }
    let mut grouped = plain.clone();
    grouped.split.kind = SplitKind::Group {
        column: "shop".to_owned(),
    };
    assert_eq!(
        told(&grouped, &table),
        [0, 0],
        "rows of one group know each other"
    );
    assert_eq!(told(&plain, &self::table(6, 48)), [0, 0], "too few rows");
}
