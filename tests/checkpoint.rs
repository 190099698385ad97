//! A run that is cut off and goes on from its last checkpoint ends in the same bits.

mod support;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use burnish::domain::base_model::BertShape;
use burnish::domain::features::network::{Combiner, NetworkOptions};
use burnish::domain::features::{FeatureSource, TableExamples, TablePlan};
use burnish::domain::recipe::{
    ClassWeights, ContrastiveOptions, DataProfile, LoraOptions, Method, Projection, Recipe,
    Schedule, Training, Transfer, Tuning,
};
use burnish::domain::report::Ended;
use burnish::domain::table::{ColumnBuilder, Table};
use burnish::engine::checkpoint::Checkpoint;
use burnish::engine::classifier::Classifier;
use burnish::engine::device::cpu;
use burnish::engine::encoder::{BertEncoderConfig, Weights, random_checkpoint};
use burnish::engine::error::EngineError;
use burnish::engine::head::HeadConfig;
use burnish::engine::tabular::run::{TableOutcome, tune_table};
use burnish::engine::train::{Control, Lesson, Notice, Path, Watcher, fit, learning, rng_for};
use burnish::engine::tuning::prepare;
use futures::executor::block_on;

const TINY: BertShape = BertShape {
    vocab_size: 30,
    hidden_size: 16,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 32,
    max_position_embeddings: 12,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
};

const EPOCHS: u32 = 3;
const BATCH: u32 = 4;
const TRAIN: usize = 18; // five steps an epoch, the last of two rows

/// Keeps a checkpoint as bytes after the given step, and stops some steps later.
struct Crashing {
    due_after: u32,
    crash_after: u32,
    steps: u32,
    kept: Option<Vec<u8>>,
    resume: Option<Checkpoint>,
    epochs: Vec<u32>,
}

impl Crashing {
    fn new(due_after: u32, crash_after: u32) -> Self {
        Self {
            due_after,
            crash_after,
            steps: 0,
            kept: None,
            resume: None,
            epochs: Vec::new(),
        }
    }
}

impl Watcher for Crashing {
    fn now(&self) -> f64 {
        0.0
    }

    fn notice(&mut self, notice: Notice) {
        if let Notice::Epoch(epoch) = notice {
            self.epochs.push(epoch.epoch);
        }
    }

    async fn breathe(&mut self) -> Control {
        if self.steps >= self.crash_after {
            return Control::Stop;
        }
        self.steps += 1;
        Control::Go
    }

    fn resume(&mut self) -> Option<Checkpoint> {
        self.resume.take()
    }

    fn is_checkpoint_due(&self) -> bool {
        self.kept.is_none() && self.steps >= self.due_after
    }

    async fn keep(&mut self, checkpoint: Checkpoint) {
        self.kept = Some(checkpoint.to_bytes());
    }
}

fn training() -> Training {
    Training {
        epochs: EPOCHS,
        batch_size: BATCH,
        learning_rate: 1e-3,
        head_learning_rate: 1e-2,
        head_c: 10.0,
        schedule: Schedule::Linear,
        warmup: 0.1,
        weight_decay: 0.01,
        clip_norm: 1.0,
        dropout: 0.1,
        label_smoothing: 0.1,
        class_weights: ClassWeights::Balanced,
        patience: 0,
        transfer: Transfer::default(),
    }
}

/// Trains a tiny random classifier.
fn run(method: Method, watcher: &mut Crashing) -> (Classifier, Path) {
    let device = learning(&cpu());
    let weights = random_checkpoint(TINY, 0.5, 7);
    let encoder = BertEncoderConfig::new(TINY)
        .load(&Weights::open(&weights).unwrap(), &device)
        .unwrap();
    let head = HeadConfig {
        hidden: TINY.hidden_size,
        classes: 3,
        dropout: 0.0,
    }
    .init(&device);
    let tuning = Tuning {
        method,
        contrastive: ContrastiveOptions::default(),
        lora: LoraOptions {
            rank: 2,
            alpha: 4.0,
            dropout: 0.1,
            targets: vec![Projection::Query, Projection::Value],
        },
    };
    let mut rng = rng_for(7, 2);
    let (model, groups) = prepare(encoder, head, &tuning, &training(), &mut rng, &device);
    let rows = TRAIN + 6;
    let texts: Vec<Vec<u32>> = (0..rows as u32)
        .map(|row| (0..3 + row % 5).map(|at| (row * 7 + at * 3) % 30).collect())
        .collect();
    let labels: Vec<u32> = (0..rows as u32).map(|row| row % 3).collect();
    let train: Vec<usize> = (0..TRAIN).collect();
    let valid: Vec<usize> = (TRAIN..rows).collect();
    let lesson = Lesson {
        data: texts.as_slice(),
        labels: &labels,
        train: &train,
        valid: &valid,
        classes: 3,
    };
    block_on(fit(model, groups, &training(), &lesson, 7, watcher))
        .unwrap()
        .split()
}

fn bits(model: &Classifier) -> Vec<u32> {
    struct Bits(Vec<u32>);
    impl ModuleVisitor for Bits {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let numbers = support::read(param.val());
            self.0.extend(numbers.into_iter().map(f32::to_bits));
        }
    }
    let mut bits = Bits(Vec::new());
    model.visit(&mut bits);
    bits.0
}

#[track_caller]
fn check(method: Method, due_after: u32, crash_after: u32) {
    let (whole, path) = run(method, &mut Crashing::new(u32::MAX, u32::MAX));
    let mut first = Crashing::new(due_after, crash_after);
    run(method, &mut first);
    let kept = first.kept.expect("a checkpoint was due before the crash");
    let checkpoint = Checkpoint::from_bytes(&kept).unwrap();
    assert!(checkpoint.standing.step < EPOCHS * 5);

    let mut second = Crashing::new(u32::MAX, u32::MAX);
    second.resume = Some(checkpoint);
    let (resumed, again) = run(method, &mut second);
    assert_eq!(bits(&resumed), bits(&whole));
    assert_eq!(again.best_epoch, path.best_epoch);
    assert_eq!(second.epochs, [1, 2, 3], "the whole path is told");
    for (again, before) in again.epochs.iter().zip(&path.epochs) {
        assert_eq!(again.valid_loss.to_bits(), before.valid_loss.to_bits());
        assert!((again.train_loss - before.train_loss).abs() < 1e-5);
    }
}

/// Learns a small table by two networks.
fn run_table(watcher: &mut Crashing) -> Result<TableOutcome, EngineError> {
    let mut columns = ["size", "colour", "label"].map(ColumnBuilder::new);
    for row in 0..90_u32 {
        let (size, colour) = (row * 37 % 91, ["red", "green", "blue"][row as usize % 3]);
        let label = ["small", "large"][usize::from(size + row % 7 > 45)];
        for (column, cell) in columns.iter_mut().zip([&*size.to_string(), colour, label]) {
            column.push(cell);
        }
    }
    let table = Table::new("t.csv", columns.map(ColumnBuilder::finish).into());
    let sources = ["size", "colour"].map(|column| FeatureSource {
        column: column.to_owned(),
        kind: None,
    });
    let mut plan = TablePlan::suggest(sources.into(), Combiner::TabM, 60);
    plan.network = NetworkOptions {
        members: 4,
        width: 8,
        folds: 3,
        epochs: EPOCHS,
        batch_size: 16,
        dropout: 0.2,
        mixup: 0.2,
        ..plan.network
    };
    let mut recipe = Recipe::suggest(Vec::new(), "label".to_owned(), &DataProfile::empty());
    recipe.table = Some(Box::new(plan));
    let mut examples = TableExamples::read(&table, &recipe).unwrap();
    block_on(tune_table(&mut examples, &recipe, None, &cpu(), watcher))
}

/// A step in the first network, at the end of an epoch, in the second and in the last one.
#[test]
fn networks_of_a_table_go_on_where_they_were() {
    let whole = run_table(&mut Crashing::new(u32::MAX, u32::MAX)).unwrap();
    let mut networks = Vec::new();
    // A network's epoch is four steps, and three more breaths to judge it.
    for due_after in [2, 4, 10, 25, 27, 45, 50] {
        let mut first = Crashing::new(due_after, due_after + 2);
        let stopped = run_table(&mut first);
        assert!(stopped.is_err() || stopped.unwrap().report.ended == Ended::Stopped);
        let kept = first.kept.expect("a checkpoint was due before the crash");
        let checkpoint = Checkpoint::from_bytes(&kept).unwrap();
        networks.push(checkpoint.standing.networks.len());

        let mut second = Crashing::new(u32::MAX, u32::MAX);
        second.resume = Some(checkpoint);
        let resumed = run_table(&mut second).unwrap();
        let bits = |outcome: &TableOutcome| -> Vec<u32> {
            outcome.test_outputs.iter().map(|x| x.to_bits()).collect()
        };
        assert_eq!(bits(&resumed), bits(&whole), "after {due_after}");
        assert_eq!(second.epochs, [1, 2, 3], "the whole path is told");
        assert_eq!(resumed.scores, whole.scores, "after {due_after}");
    }
    networks.dedup();
    assert_eq!(networks, [0, 1, 2], "in every network");
}

macro_rules! crashes {
    ($($name:ident, $method:ident, $due:expr, $crash:expr;)*) => {
        $(#[test] fn $name() { check(Method::$method, $due, $crash); })*
    };
}

crashes! {
    lora_within_the_first_epoch, Lora, 3, 4;
    lora_at_the_end_of_an_epoch, Lora, 5, 7;
    lora_within_the_last_epoch, Lora, 12, 14;
    full_within_the_second_epoch, Full, 7, 9;
}

#[test]
fn bytes_that_are_no_checkpoint_are_refused() {
    for bytes in [&b""[..], b"{}", &[0; 64], &[255; 64]] {
        let error = Checkpoint::from_bytes(bytes).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the checkpoint cannot be read: ")
        );
    }
    let mut watcher = Crashing::new(2, 3);
    run(Method::Lora, &mut watcher);
    let kept = watcher.kept.unwrap();
    for length in (0..kept.len()).step_by(97) {
        assert!(Checkpoint::from_bytes(&kept[..length]).is_err());
    }
}
