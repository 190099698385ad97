//! Explanations against what they promise: sums, slopes, fair shares, planted columns, flips.

mod support;

use burn::tensor::Tensor;
use burnish::domain::base_model::BertShape;
use burnish::domain::evaluation::{self, Bootstrap};
use burnish::domain::explanation::Explanation;
use burnish::domain::features::network::Combiner;
use burnish::domain::features::{FeatureSource, TableExamples, TablePlan};
use burnish::domain::metric::{Numbers, Rmse, Scored, most_probable};
use burnish::domain::recipe::{DataProfile, Method, Recipe};
use burnish::domain::table::{ColumnBuilder, RowId, Table};
use burnish::domain::task::Target;
use burnish::domain::text::Tokenizer;
use burnish::engine::classifier::Classifier;
use burnish::engine::device::cpu;
use burnish::engine::encoder::{BertEncoderConfig, Weights};
use burnish::engine::explain::row::{Cells, ColumnModel, ColumnSubject};
use burnish::engine::explain::smallest_change::{alternatives, smallest_change};
use burnish::engine::explain::text::{TextModel, WordSubject};
use burnish::engine::explain::{
    self, Breathe, Breathless, Explainer, IntegratedGradients, KernelShap, Occlusion,
    PermutationShap, Subject, effects, fewest_words::fewest_words, fitting,
};
use burnish::engine::features::FeatureStore;
use burnish::engine::head::HeadConfig;
use burnish::engine::tabular::run::{TableOutcome, tune_table};
use burnish::engine::train::{Control, learning, rng_for};
use burnish::engine::tuning::{freeze_others, prepare};
use futures::executor::block_on;
use futures::future::LocalBoxFuture;
use rand::Rng;
use support::{Silent, fixture, slopes};

const TINY: BertShape = BertShape {
    vocab_size: 64,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 32,
    max_position_embeddings: 32,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
};

/// The tiny encoder with LoRA and a head of three labels, all that moves filled at random: a model
/// that trained, as far as explanations can tell. Its dropout would show in every figure.
fn tiny(method: Method) -> TextModel {
    biased(method, [0.0; 3])
}

/// The tiny model with something added to the logits of its three labels.
fn biased(method: Method, shift: [f32; 3]) -> TextModel {
    let nothing = DataProfile::empty();
    let mut recipe =
        Recipe::suggest(Vec::new(), String::new(), &nothing).with_method(method, &nothing);
    recipe.training.dropout = 0.4;
    recipe.tuning.lora.dropout = 0.4;
    let device = learning(&cpu());
    let checkpoint = fixture("tiny_bert/model.safetensors");
    let encoder = BertEncoderConfig::new(TINY)
        .load(&Weights::open(&checkpoint).unwrap(), &device)
        .unwrap();
    let head = HeadConfig {
        hidden: 16,
        classes: 3,
        dropout: 0.0,
    }
    .init(&device);
    let mut rng = rng_for(1, 0);
    let (model, groups) = prepare(
        encoder,
        head,
        &recipe.tuning,
        &recipe.training,
        &mut rng,
        &device,
    );
    let Classifier { encoder, mut head } =
        slopes::filled(freeze_others(model, &groups), rng_for(2, 0));
    let shift = Tensor::<1>::from_floats(shift, &device);
    head.linear.bias = head
        .linear
        .bias
        .map(|bias| bias.map(|bias| bias + shift.clone()));
    let classifier = Classifier {
        encoder: encoder.without_dropout(),
        head: head.with_dropout(0.0),
    };
    let tokenizer = Tokenizer::from_bytes(&fixture("tiny_tokenizer.json")).unwrap();
    TextModel::new(classifier, tokenizer, 32)
}

const TEXT: &str = "The film was not very good, call now!";

fn subject<'a>(model: &'a TextModel, text: &str) -> WordSubject<'a> {
    block_on(WordSubject::new(model, text, None, &Breathless)).unwrap()
}

fn shared(explainer: &dyn Explainer, subject: &dyn Subject) -> Explanation {
    block_on(explainer.explain(subject)).unwrap()
}

#[test]
fn slopes_along_the_path_are_the_measured_ones() {
    // Too large and the curve bends, too small and f32 rounds.
    const STEP: f64 = 0.02;
    for method in [Method::Lora, Method::Full] {
        let model = tiny(method);
        let subject = subject(&model, TEXT);
        assert_eq!(subject.words().len(), 10);
        let at = |place: f64| {
            let places = [place];
            let points = subject.path(&places).unwrap();
            block_on(points).unwrap().remove(0)
        };
        for place in [0.1, 0.4, 0.8] {
            let near = at(place + STEP).value - at(place - STEP).value;
            let far = at(place + 2.0 * STEP).value - at(place - 2.0 * STEP).value;
            let measured = (8.0 * near - far) / (12.0 * STEP);
            let computed: f64 = at(place).slopes.iter().sum();
            let scale = at(place)
                .slopes
                .iter()
                .map(|slope| slope.abs())
                .sum::<f64>();
            assert!(
                (measured - computed).abs() < 5e-3 * scale.max(0.1),
                "{method:?} at {place}: computed {computed}, measured {measured}"
            );
        }
    }
}

#[test]
fn shares_of_integrated_gradients_sum_to_the_difference() {
    for method in [Method::Lora, Method::Full] {
        let model = tiny(method);
        for text in [
            TEXT,
            "good",
            "playing badly: free prize?",
            "日本 is the world",
        ] {
            let subject = subject(&model, text);
            let found = shared(&IntegratedGradients::DEFAULT, &subject);
            let error = found.completeness_error().unwrap();
            assert!(error < 0.01, "{method:?} {text}: {error}");
            // The end of the way is the text itself, and its answer that of the plain model.
            let whole = vec![vec![true; subject.parts()]];
            let plain = block_on(subject.values(&whole)).unwrap()[0];
            assert!((found.value - plain).abs() < 1e-4, "{text}");
        }
    }
}

#[test]
fn a_word_that_is_left_out_is_worth_what_the_answer_loses() {
    let model = tiny(Method::Full);
    let long = subject(&model, TEXT);
    let found = shared(&Occlusion, &long);
    for (at, gone) in [
        "The film was not very , call now!",
        "The film was not very good call now!",
    ]
    .iter()
    .enumerate()
    {
        let without = block_on(WordSubject::new(
            &model,
            gone,
            Some(long.label()),
            &Breathless,
        ));
        let without = without.unwrap();
        let value = without.output().of(&without.answer);
        let share = found.shares[5 + at];
        assert!((found.value - value - share).abs() < 1e-4, "{gone}");
    }
}

#[test]
fn fair_shares_of_words_sum_to_the_whole() {
    let model = tiny(Method::Full);
    let long = subject(&model, TEXT);
    let kernel = KernelShap {
        budget: 1 << 10,
        seed: 0,
    };
    let exact = shared(&kernel, &long);
    assert_eq!(exact.asked, 1 << 10, "all coalitions");
    let drawn = shared(
        &PermutationShap {
            orders: 60,
            seed: 1,
        },
        &long,
    );
    for found in [&exact, &drawn] {
        assert!(found.completeness_error().unwrap() < 1e-6);
    }
    let doubts = drawn.half_widths.unwrap();
    let largest = exact
        .shares
        .iter()
        .fold(0.0_f64, |largest, x| largest.max(x.abs()));
    for ((a, b), doubt) in exact.shares.iter().zip(&drawn.shares).zip(doubts) {
        assert!(
            (a - b).abs() < 2.0 * doubt + 0.02 * largest,
            "{a} {b} {doubt}"
        );
    }
}

#[test]
fn nothing_is_said_of_no_words() {
    let model = tiny(Method::Full);
    let empty = subject(&model, "  ");
    for explainer in explain::ALL {
        let refused = block_on(explainer.explain(&empty)).unwrap_err();
        assert!(
            refused.to_string().contains("no word"),
            "{}",
            explainer.id()
        );
    }
    assert!(block_on(fewest_words(&empty)).is_err());
}

#[test]
fn the_fewest_words_flip_the_answer_and_none_of_them_is_spare() {
    let texts = [
        TEXT,
        "hello world",
        "win a free prize now!",
        "this movie is bad",
        "play, order, refund",
    ];
    // Random weights answer every text alike. Between two labels that the texts find equally likely
    // in the middle, words decide.
    let plain = tiny(Method::Full);
    let mut leads = texts.map(|text| {
        let answer = subject(&plain, text).answer;
        (answer[0] / answer[1]).ln()
    });
    leads.sort_by(f32::total_cmp);
    let model = biased(Method::Full, [0.0, leads[2], -100.0]);
    let mut flips = 0;
    for text in texts {
        let subject = subject(&model, text);
        let Some(found) = block_on(fewest_words(&subject)).unwrap() else {
            continue;
        };
        flips += 1;
        let before = most_probable(&subject.answer);
        assert_ne!(most_probable(&found.answer), before, "{text}");
        let mask = |removed: &[usize]| -> Vec<bool> {
            (0..subject.parts())
                .map(|word| !removed.contains(&word))
                .collect()
        };
        let again = block_on(subject.answers(&[mask(&found.removed)])).unwrap();
        assert_eq!(most_probable(&again[0]), most_probable(&found.answer));
        for spare in &found.removed {
            let fewer: Vec<usize> = found
                .removed
                .iter()
                .copied()
                .filter(|word| word != spare)
                .collect();
            let answer = block_on(subject.answers(&[mask(&fewer)])).unwrap();
            assert_eq!(most_probable(&answer[0]), before, "{text} without {spare}");
        }
    }
    assert!(flips >= 2, "the test has a point");
}

struct Stopping;

impl Breathe for Stopping {
    fn breathe(&self) -> LocalBoxFuture<'_, Control> {
        Box::pin(std::future::ready(Control::Stop))
    }
}

#[test]
fn an_explanation_that_nobody_wants_any_longer_stops() {
    let model = tiny(Method::Full);
    let stopped = block_on(WordSubject::new(&model, TEXT, None, &Stopping));
    assert!(stopped.is_err());
}

/// The target follows `planted` and `colour`; the others are noise.
fn table(rows: usize) -> Table {
    let mut rng = rng_for(11, 0);
    let mut columns =
        ["planted", "noise a", "colour", "noise b", "y", "kind"].map(ColumnBuilder::new);
    for _ in 0..rows {
        let planted: f64 = rng.random_range(-2.0..2.0);
        let colour = rng.random_range(0..3_usize);
        let (a, b): (f64, f64) = (rng.random_range(-1.0..1.0), rng.random_range(0.0..9.0));
        let noise: f64 = rng.random_range(-0.5..0.5);
        let y = 3.0 * planted + [0.0, 1.0, 2.0][colour] + noise;
        let cells = [
            format!("{planted:.4}"),
            format!("{a:.4}"),
            ["red", "green", "blue"][colour].to_owned(),
            format!("{b:.1}"),
            format!("{y:.4}"),
            if y > 1.0 { "large" } else { "small" }.to_owned(),
        ];
        for (column, cell) in columns.iter_mut().zip(&cells) {
            column.push(cell);
        }
    }
    Table::new("t.csv", columns.map(ColumnBuilder::finish).into())
}

const SOURCES: [&str; 4] = ["planted", "noise a", "colour", "noise b"];

fn table_recipe(task: &str, target: &str, combiner: Combiner) -> Recipe {
    let mut recipe = Recipe::suggest(Vec::new(), target.to_owned(), &DataProfile::empty());
    recipe.task = task.to_owned();
    let sources = SOURCES.map(|column| FeatureSource {
        column: column.to_owned(),
        kind: None,
    });
    let mut plan = TablePlan::suggest(sources.into(), combiner, 300);
    plan.network.members = plan.network.members.min(4);
    plan.network.width = 32;
    plan.network.folds = 1;
    plan.network.epochs = 30;
    recipe.table = Some(Box::new(plan));
    recipe
}

/// A trained model with the rows that it learned from and stopped by.
fn trained(table: &Table, recipe: &Recipe) -> (TableOutcome, TableExamples) {
    let mut examples = TableExamples::read(table, recipe).unwrap();
    let (device, mut watcher) = (cpu(), Silent);
    let tuned = tune_table(&mut examples, recipe, None, &device, &mut watcher);
    let outcome = block_on(tuned).unwrap();
    (outcome, examples)
}

#[test]
fn shares_of_a_linear_model_are_its_weights() {
    let table = table(300);
    let recipe = table_recipe("regress", "y", Combiner::Linear);
    let (outcome, examples) = trained(&table, &recipe);
    let model = ColumnModel::new(&outcome.tuned, None, &recipe, &cpu());
    let mut store = FeatureStore::default();
    let background =
        block_on(model.read(&table, &examples.split.train[..16], &mut store, &Breathless)).unwrap();
    let row = examples.split.valid[0];
    let own = block_on(model.read(&table, &[row], &mut store, &Breathless)).unwrap();
    let subject = block_on(ColumnSubject::new(
        &model,
        own.clone(),
        &background,
        None,
        &Breathless,
    ))
    .unwrap();
    assert!(subject.path(&[0.5]).is_none());

    // A model that adds its columns up is worth, by each, what changes when the cell is the
    // background's: the plan on the model's own answers.
    let plan = evaluation::KernelShap::new(4, 64, 0).unwrap();
    let values = block_on(subject.values(plan.masks())).unwrap();
    let exact = plan.solve(&values).unwrap();
    assert!((values[1] - f64::from(subject.answer[0])).abs() < 1e-4);
    for explainer in fitting(false).filter(|explainer| explainer.id() != "random_order") {
        let found = shared(explainer, &subject);
        for (share, exact) in found.shares.iter().zip(&exact.values) {
            assert!(
                (share - exact).abs() < 1e-3,
                "{}: {share} {exact}",
                explainer.id()
            );
        }
    }
    // The planted column carries the answer.
    let size = |at: usize| exact.values[at].abs();
    assert!(size(1) < 0.3 && size(3) < 0.3, "{exact:?}");
}

#[test]
fn the_planted_column_is_found_and_noise_is_worth_nothing() {
    let table = table(500);
    let recipe = table_recipe("regress", "y", Combiner::TabM);
    let (outcome, examples) = trained(&table, &recipe);
    let model = ColumnModel::new(&outcome.tuned, None, &recipe, &cpu());
    let rows = &examples.split.valid;
    let mut store = FeatureStore::default();
    let read = block_on(model.read(&table, rows, &mut store, &Breathless)).unwrap();
    let Target::Numbers(numbers) = &examples.target else {
        panic!("numbers are learned")
    };
    let truth: Vec<f64> = rows
        .iter()
        .map(|row| numbers[row.index()].unwrap())
        .collect();
    let answers = block_on(model.answers(&read, &Breathless)).unwrap();
    let predicted: Vec<f64> = answers.iter().map(|one| f64::from(one[0])).collect();
    let scored = Scored::from(Numbers::new(&truth, &predicted).unwrap());
    let plan = Bootstrap {
        draws: 300,
        seed: 1,
    };
    let found = block_on(effects::importance(
        &model,
        &effects::JudgingRows {
            rows: &read,
            truth: &scored,
            networks: &vec![0; rows.len()],
        },
        &Rmse,
        5,
        &plan,
        &Breathless,
        |_| (),
    ))
    .unwrap();
    let interval = |at: usize| found[at].interval.unwrap();
    assert_eq!(found[0].column, "planted");
    assert!(interval(0)[0] > 1.0 && interval(2)[0] > 0.0, "{found:?}");
    for noise in [1, 3] {
        let [low, high] = interval(noise);
        assert!(low <= 0.0 && 0.0 <= high, "{:?}", found[noise]);
    }

    // Its dependence rises by about 3 a unit, the noise's stays flat.
    let grid: Vec<Cells> = ["-1.5", "0", "1.5"]
        .iter()
        .map(|cell| Cells::from([("planted".to_owned(), (*cell).to_owned())]))
        .collect();
    let grid = block_on(model.read_cells(&grid, &mut store, &Breathless)).unwrap();
    let output = model.output(&answers[0], None);
    let curve = effects::column_dependence(&model, &read, 0, &grid, output, &Breathless);
    let curve = block_on(curve).unwrap();
    let rise = (curve.mean[2] - curve.mean[0]) / 3.0;
    assert!((rise - 3.0).abs() < 0.5, "{:?}", curve.mean);
    let planted = |row: &RowId| table.column("planted").unwrap().cell(*row).parse().unwrap();
    let values: Vec<f64> = rows.iter().map(planted).collect();
    let encode = async |numbers: &[f64]| {
        let cell = |number: &f64| Cells::from([("planted".to_owned(), format!("{number:.4}"))]);
        let cells: Vec<Cells> = numbers.iter().map(cell).collect();
        model
            .read_cells(&cells, &mut FeatureStore::default(), &Breathless)
            .await
    };
    let local = effects::local_effects(&model, &read, 0, &values, 6, output, encode, &Breathless);
    let local = block_on(local).unwrap();
    let (first, last) = (local.effects[0], local.effects[local.effects.len() - 1]);
    let slope = (last - first) / (local.grid[local.grid.len() - 1] - local.grid[0]);
    assert!((slope - 3.0).abs() < 0.5, "{local:?}");

    let few = read.select(&(0..20).collect::<Vec<_>>());
    let pairs = effects::interactions(&model, &few, &[0, 1, 2], output, &Breathless);
    let pairs = block_on(pairs).unwrap();
    assert_eq!(pairs.len(), 3);
    let together = pairs
        .iter()
        .find(|pair| (pair.0, pair.1) == (0, 2))
        .unwrap();
    assert!(together.2 < 0.2, "planted and colour add up: {pairs:?}");
}

#[test]
fn the_smallest_change_of_columns_flips_the_answer() {
    let table = table(500);
    let recipe = table_recipe("classify", "kind", Combiner::TabM);
    let (outcome, examples) = trained(&table, &recipe);
    let model = ColumnModel::new(&outcome.tuned, None, &recipe, &cpu());
    let others = alternatives(&model, &table, &examples.split.train);
    assert_eq!(others.len(), 4);
    let mut store = FeatureStore::default();
    for &row in &examples.split.valid[..5] {
        let cells: Cells = SOURCES
            .iter()
            .map(|name| {
                let cell = table.column(name).unwrap().cell(row);
                ((*name).to_owned(), cell.to_owned())
            })
            .collect();
        let answer = |cells: &Cells| {
            let mut store = FeatureStore::default();
            let read = model.read_cells(std::slice::from_ref(cells), &mut store, &Breathless);
            let read = block_on(read).unwrap();
            most_probable(&block_on(model.answers(&read, &Breathless)).unwrap()[0])
        };
        let found = smallest_change(
            &model,
            &cells,
            &others,
            (None, 0.0),
            &mut store,
            &Breathless,
        );
        let found = block_on(found)
            .unwrap()
            .expect("the planted column flips it");
        let mut changed = cells.clone();
        changed.extend(found.changed.iter().cloned());
        assert_ne!(answer(&changed), answer(&cells), "{found:?}");
        assert_eq!(found.changed.len(), 1, "one column is enough: {found:?}");
        let (column, cell) = &found.changed[0];
        if column != "planted" {
            continue;
        }
        // One observed number nearer to the row's own does not flip it.
        let numbers = &others[0].cells;
        let number = |cell: &String| cell.parse::<f64>().unwrap();
        let at = numbers.iter().position(|other| other == cell).unwrap();
        let nearer = if number(cell) > number(&cells["planted"]) {
            at - 1
        } else {
            at + 1
        };
        changed.insert("planted".to_owned(), numbers[nearer].clone());
        assert_eq!(answer(&changed), answer(&cells), "{cell} could be nearer");
    }
}
