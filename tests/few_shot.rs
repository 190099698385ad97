//! Contrastive tuning and the label names' classifier, on a tiny random encoder.

mod support;

use burnish::domain::csv::CsvReader;
use burnish::domain::examples::Examples;
use burnish::domain::recipe::{DataProfile, Method, Moving, Recipe};
use burnish::domain::report::Ended;
use burnish::domain::table::Table;
use burnish::engine::checkpoint::Checkpoint;
use burnish::engine::features::FeatureStore;
use burnish::engine::run::{Base, Outcome, tune};
use burnish::engine::train::{Control, Notice, Watcher};
use futures::executor::block_on;

fn base() -> Base {
    support::random_base(1, 16, 11)
}

/// Texts that are good or bad by one word among others.
fn table() -> Table {
    let mut csv = "text,label\n".to_owned();
    let others = [
        "the film",
        "was very",
        "film the the",
        "very the",
        "was film",
        "the was film",
    ];
    for row in 0..60 {
        let word = if row % 2 == 0 { "good" } else { "bad" };
        let (before, after) = (others[row / 2 % 6], others[row / 12 % 5]);
        csv += &format!("{before} {word} {after},{word}\n");
    }
    let mut reader = CsvReader::new("films.csv");
    reader.feed(csv.as_bytes());
    reader.finish().unwrap().0
}

fn recipe(method: Method) -> Recipe {
    let mut recipe = Recipe::suggest(
        vec!["text".to_owned()],
        "label".to_owned(),
        &DataProfile::empty(),
    )
    .with_method(method, &DataProfile::empty());
    recipe.training.learning_rate = 3e-3;
    recipe.training.epochs = 2;
    recipe.tuning.contrastive.rounds = 4;
    recipe
}

/// Keeps a checkpoint after some steps, and stops after some.
#[derive(Default)]
struct Hand {
    steps: u32,
    /// Of which in training, solving the head included.
    in_training: u32,
    due_after: Option<u32>,
    stop_after: Option<u32>,
    stops_once_kept: bool,
    kept: Option<Checkpoint>,
    resume: Option<Checkpoint>,
    is_training: bool,
    baselines: Vec<String>,
}

impl Watcher for Hand {
    fn now(&self) -> f64 {
        f64::from(self.steps)
    }

    fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Phase(phase) => {
                self.is_training = phase == burnish::domain::report::Phase::Train;
            }
            Notice::Baselines(baselines) => {
                self.baselines = baselines.into_iter().map(|baseline| baseline.id).collect();
            }
            _ => {}
        }
    }

    async fn breathe(&mut self) -> Control {
        let is_over = self
            .stop_after
            .is_some_and(|after| self.in_training >= after);
        if is_over || self.stops_once_kept && self.kept.is_some() {
            return Control::Stop;
        }
        self.steps += 1;
        self.in_training += u32::from(self.is_training);
        Control::Go
    }

    fn resume(&mut self) -> Option<Checkpoint> {
        self.resume.take()
    }

    fn is_checkpoint_due(&self) -> bool {
        self.is_training
            && self.kept.is_none()
            && self
                .due_after
                .is_some_and(|after| self.in_training >= after)
    }

    async fn keep(&mut self, checkpoint: Checkpoint) {
        self.kept = Some(Checkpoint::from_bytes(&checkpoint.to_bytes()).unwrap());
    }
}

fn run(recipe: &Recipe, hand: &mut Hand) -> Outcome {
    let mut examples = Examples::read(&table(), recipe).unwrap();
    let mut store = FeatureStore::default();
    block_on(tune(&base(), &mut examples, recipe, &mut store, hand)).unwrap()
}

fn bits(outcome: &Outcome) -> Vec<u32> {
    outcome
        .scores
        .test
        .outputs
        .iter()
        .map(|p| p.to_bits())
        .collect()
}

#[test]
fn pairs_teach_the_encoder_what_the_probe_cannot_see() {
    let mut recipe = recipe(Method::Contrastive);
    recipe.training.epochs = 1;
    recipe.tuning.contrastive.rounds = 20;
    let mut hand = Hand::default();
    let outcome = run(&recipe, &mut hand);
    assert_eq!(hand.baselines, ["majority", "label_names", "probe"]);
    let evaluation = outcome
        .report
        .evaluation
        .labels()
        .expect("labels were told");
    let loss = |metrics: &[burnish::domain::report::MetricValue]| {
        metrics
            .iter()
            .find(|metric| metric.id == "log_loss")
            .unwrap()
            .value
    };
    let probe = evaluation
        .baselines
        .iter()
        .find(|baseline| baseline.id == "probe")
        .unwrap();
    assert!(
        loss(&evaluation.metrics) < 0.5 * loss(&probe.metrics),
        "tuned {}, probe {}",
        loss(&evaluation.metrics),
        loss(&probe.metrics)
    );
    assert_eq!(outcome.report.ended, Ended::Complete);
    assert_eq!(outcome.report.epochs.len(), 1);
    assert_eq!(
        outcome.report.parameters.trainable,
        outcome.report.parameters.total
    );
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    for moving in [Moving::Full, Moving::Lora] {
        let mut recipe = recipe(Method::Contrastive);
        recipe.tuning.contrastive.moving = moving;
        let first = bits(&run(&recipe, &mut Hand::default()));
        let second = bits(&run(&recipe, &mut Hand::default()));
        assert_eq!(first, second, "{moving:?}");
        // The split stays; what is drawn in training does not.
        recipe.tuning.contrastive.rounds += 1;
        assert_ne!(
            bits(&run(&recipe, &mut Hand::default())),
            first,
            "{moving:?}"
        );
    }
}

#[test]
fn a_run_that_is_cut_off_goes_on_to_the_same_bits() {
    for (patience, due_after) in [(0, 6), (0, 40), (2, 40)] {
        let mut recipe = recipe(Method::Contrastive);
        recipe.training.patience = patience;
        let whole = run(&recipe, &mut Hand::default());
        let mut first = Hand {
            due_after: Some(due_after),
            stops_once_kept: true,
            ..Hand::default()
        };
        run(&recipe, &mut first);
        let kept = first.kept.expect("a checkpoint was due");
        assert!(kept.standing.step > 0);
        let mut second = Hand {
            resume: Some(kept),
            ..Hand::default()
        };
        let resumed = run(&recipe, &mut second);
        assert_eq!(
            bits(&resumed),
            bits(&whole),
            "patience {patience}, after {due_after}"
        );
        assert_eq!(resumed.report.epochs.len(), whole.report.epochs.len());
    }
}

#[test]
fn a_run_that_is_stopped_keeps_what_it_learned() {
    let mut hand = Hand {
        stop_after: Some(12),
        ..Hand::default()
    };
    let outcome = run(&recipe(Method::Contrastive), &mut hand);
    assert_eq!(outcome.report.ended, Ended::Stopped);
    assert!(outcome.scores.test.outputs.iter().all(|p| p.is_finite()));
}
