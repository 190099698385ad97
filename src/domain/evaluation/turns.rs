//! Which settings to turn when the curves say that a run learned rows by heart, or too little.
//!
//! Only settings that the run has are named, each with a value to try next. Nothing here promises that
//! it helps: the next run shows that.

use super::overfitting::{FitReading, FitVerdict};
use crate::domain::features::network::{Combiner, NetworkOptions};
use crate::domain::options::{self, L2_SP, OptionKind, OptionSpec, OptionValue};
use crate::domain::recipe::{DataProfile, Method, Recipe, Schedule, Training, Way};
use crate::domain::report::Ended;
use crate::domain::search::two_digits;
use crate::domain::words::run_name;

/// More than this nobody tries one after the other.
const MOST_TURNS: usize = 5;

/// A setting with a value to try next.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// JSON pointer into the recipe.
    pub pointer: &'static str,
    /// Its name as people read it.
    pub label: &'static str,
    /// One sentence on what it does.
    pub help: &'static str,
    /// Its value in the run, as one reads it.
    pub from: String,
    /// The value to try.
    pub to: String,
    /// The run's recipe with this one setting turned.
    pub recipe: Recipe,
}

/// What to do about the curves of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// In a sentence.
    pub sentence: &'static str,
    /// Settings to turn, the first one first to try.
    pub turns: Vec<Turn>,
}

/// What to do about the curves of a run by this recipe, on so many training rows.
pub fn advise(reading: &FitReading, recipe: &Recipe, ended: Ended, rows: u32) -> Advice {
    let is_stopped = ended == Ended::Stopped;
    let mut turns = match reading.verdict {
        FitVerdict::TooShort => longer(reading, recipe),
        FitVerdict::Overfits => [sooner(reading, recipe), hold(recipe)].concat(),
        FitVerdict::Memorises => hold(recipe),
        FitVerdict::Unfinished if is_stopped => Vec::new(),
        FitVerdict::Unfinished => [longer(reading, recipe), all(FASTER, recipe)].concat(),
        FitVerdict::Underfits => loosen(recipe, rows),
        FitVerdict::Sound => Vec::new(),
    };
    turns.truncate(MOST_TURNS);
    let can_turn = !turns.is_empty();
    let sentence = match reading.verdict {
        FitVerdict::TooShort => "Train for at least two epochs to see a curve.",
        FitVerdict::Overfits | FitVerdict::Memorises if can_turn => {
            "Hold it back by one of these, or bring more rows."
        }
        FitVerdict::Overfits | FitVerdict::Memorises => "Bring more rows.",
        FitVerdict::Unfinished if is_stopped => {
            "It was stopped on its way: tune again and let it go on to the end."
        }
        FitVerdict::Unfinished if can_turn => "Train for more epochs.",
        FitVerdict::Unfinished => "It came to its optimum: there is nothing left to train.",
        FitVerdict::Underfits if can_turn => {
            "Let it learn more freely by one of these, and check the labels."
        }
        FitVerdict::Underfits => "Check the labels, and whether the columns can tell them.",
        FitVerdict::Sound => "Nothing to turn: the curves look sound.",
    };
    Advice { sentence, turns }
}

/// A number that is turned by steps.
struct Knob {
    pointer: &'static str,
    by: Step,
    /// It is not turned further than this.
    end: f64,
}

/// How far a number is turned at a time.
enum Step {
    /// So much is added.
    Plus(f64),
    /// It is taken times so much.
    Times(f64),
    /// The same, and 0 becomes the first of the two.
    FromOff(f64, f64),
}

impl Knob {
    const fn new(pointer: &'static str, by: Step, end: f64) -> Self {
        Self { pointer, by, end }
    }

    /// The value after this one; `None` at the end or beyond.
    fn next(&self, value: f64) -> Option<f64> {
        let turned = match self.by {
            Step::Plus(more) => value + more,
            Step::FromOff(first, _) if value == 0.0 => first,
            Step::Times(factor) | Step::FromOff(_, factor) => value * factor,
        };
        let next = if turned > value {
            turned.min(self.end).max(value)
        } else {
            turned.max(self.end).min(value)
        };
        (next != value).then_some(next)
    }
}

const TEXTS: &str = "/table/texts";

/// What holds a model back, what costs the least first. Steps and ends are those by which one looks for
/// such settings on a grid; L2-SP begins with the strength that BENCHMARKS.md tried.
const HOLD: &[Knob] = &[
    Knob::new(L2_SP, Step::FromOff(0.1, 10.0), 10.0),
    Knob::new("/table/network/mixup", Step::Plus(0.2), 1.0),
    Knob::new("/table/network/dropout", Step::Plus(0.1), 0.5),
    Knob::new(
        "/table/network/weight_decay",
        Step::FromOff(1e-3, 10.0),
        0.1,
    ),
    Knob::new("/table/network/label_smoothing", Step::Plus(0.1), 0.3),
    Knob::new("/training/head_c", Step::Times(0.1), 1e-3),
    Knob::new("/tuning/contrastive/rounds", Step::Times(0.5), 1.0),
    Knob::new("/training/dropout", Step::Plus(0.1), 0.5),
    Knob::new("/training/label_smoothing", Step::Plus(0.1), 0.3),
    Knob::new("/training/weight_decay", Step::FromOff(0.01, 10.0), 0.3),
    Knob::new("/tuning/lora/rank", Step::Times(0.5), 1.0),
    Knob::new("/tuning/lora/dropout", Step::Plus(0.1), 0.5),
    Knob::new("/table/network/width", Step::Times(0.5), 16.0),
];

/// What somebody held a model back by, let go.
const LET_GO: &[Knob] = &[
    Knob::new(L2_SP, Step::Times(0.1), 0.0),
    Knob::new("/table/network/mixup", Step::Plus(-0.2), 0.0),
    Knob::new("/table/network/label_smoothing", Step::Plus(-0.1), 0.0),
    Knob::new("/training/label_smoothing", Step::Plus(-0.1), 0.0),
];

/// What lets a model learn more freely.
const LOOSEN: &[Knob] = &[
    Knob::new("/training/head_c", Step::Times(10.0), 1e5),
    Knob::new("/table/network/width", Step::Times(2.0), 512.0),
    Knob::new("/table/network/blocks", Step::Plus(1.0), 4.0),
    Knob::new("/tuning/lora/rank", Step::Times(2.0), 64.0),
    Knob::new("/tuning/contrastive/rounds", Step::Times(2.0), 160.0),
    Knob::new("/training/learning_rate", Step::Times(2.0), 0.01),
    Knob::new("/table/network/learning_rate", Step::Times(2.0), 0.02),
    Knob::new("/training/dropout", Step::Plus(-0.1), 0.0),
    Knob::new("/table/network/dropout", Step::Plus(-0.1), 0.0),
    Knob::new("/table/network/weight_decay", Step::Times(0.1), 1e-6),
];

/// What makes a run less eager.
const SLOWER: &[Knob] = &[Knob::new("/training/learning_rate", Step::Times(0.5), 1e-6)];

/// What makes more of each epoch.
const FASTER: &[Knob] = &[
    Knob::new("/training/learning_rate", Step::Times(2.0), 0.01),
    Knob::new("/table/network/learning_rate", Step::Times(2.0), 0.02),
];

/// The knobs that a run of this recipe has, turned.
fn all(knobs: &[Knob], recipe: &Recipe) -> Vec<Turn> {
    let turned = knobs.iter().filter_map(|knob| {
        let (spec, value) = setting(knob.pointer, recipe)?;
        let value = match value {
            OptionValue::Int(number) => number as f64,
            OptionValue::Float(number) => number,
            _ => return None,
        };
        turn(spec, recipe, &number(spec, knob.next(value)?))
    });
    turned.collect()
}

/// What holds a model back.
fn hold(recipe: &Recipe) -> Vec<Turn> {
    let less = match recipe.text_tuning().method {
        Method::Full => "lora",
        _ => "frozen",
    };
    let fewer = to_choice(TEXTS, recipe, less).into_iter();
    fewer.chain(all(HOLD, recipe)).collect()
}

/// What ends a run sooner, or makes it less eager, where its last epochs made it worse.
fn sooner(reading: &FitReading, recipe: &Recipe) -> Vec<Turn> {
    let Way::Text(method) = recipe.way() else {
        // The rate does not fall, so fewer epochs would end where this run was best, which was kept.
        return Vec::new();
    };
    let training = &recipe.training;
    let is_solved = matches!(method, Method::Head | Method::Contrastive);
    let patience = (is_solved && training.patience == 0)
        .then(|| to_number("/training/patience", recipe, 2.0))
        .flatten();
    let falls = method != Method::Head && training.schedule != Schedule::Constant;
    let epochs = (falls && reading.lowest < training.epochs)
        .then(|| to_number("/training/epochs", recipe, reading.lowest.into()))
        .flatten();
    let own = patience.into_iter().chain(epochs);
    own.chain(all(SLOWER, recipe)).collect()
}

/// Twice the epochs, where all of them were needed.
fn longer(reading: &FitReading, recipe: &Recipe) -> Vec<Turn> {
    let (pointer, most) = match &recipe.table {
        Some(plan) => ("/table/network/epochs", plan.network.epochs),
        None => ("/training/epochs", recipe.training.epochs),
    };
    let twice = 2.0 * f64::from(most.max(1));
    let more = (reading.epochs >= most).then(|| to_number(pointer, recipe, twice));
    more.flatten().into_iter().collect()
}

/// What lets a model learn more freely: what holds it back is let go, then more of it moves.
fn loosen(recipe: &Recipe, rows: u32) -> Vec<Turn> {
    let (first, last) = match recipe.way() {
        Way::Text(Method::Head) => (Some(to_method(Method::Lora, recipe, rows)), None),
        Way::Text(Method::Lora) => (None, Some(to_method(Method::Full, recipe, rows))),
        Way::Table(Combiner::Linear) => (to_ensemble(recipe, rows), None),
        Way::Table(_) if recipe.moves_texts() => (None, None),
        Way::Table(_) => (None, to_choice(TEXTS, recipe, "lora")),
        Way::Text(Method::Full | Method::Contrastive) => (None, None),
    };
    let mut turns = all(LET_GO, recipe);
    turns.extend(first);
    turns.extend(all(LOOSEN, recipe));
    // It takes longest, so it is tried last, yet not for want of room.
    turns.truncate(MOST_TURNS - usize::from(last.is_some()));
    turns.extend(last);
    turns
}

/// A setting that a run of this recipe has, with its value.
fn setting(pointer: &str, recipe: &Recipe) -> Option<(&'static OptionSpec, OptionValue)> {
    let spec = options::find(pointer)?;
    let is_there = options::matters(spec, recipe) && options::acts(pointer, recipe);
    is_there.then(|| (spec, options::get(recipe, spec)))
}

/// The recipe with a setting at this value; `None` where that is what it is, or out of range.
fn turn(spec: &'static OptionSpec, recipe: &Recipe, value: &OptionValue) -> Option<Turn> {
    let before = options::get(recipe, spec);
    if before == *value {
        return None;
    }
    Some(Turn {
        pointer: spec.pointer,
        label: spec.label,
        help: spec.help,
        from: options::in_words(spec, &before),
        to: options::in_words(spec, value),
        recipe: options::set(recipe, spec, value).ok()?,
    })
}

/// A number as the setting takes it, within its range. Of fractions two digits are enough.
fn number(spec: &OptionSpec, value: f64) -> OptionValue {
    match spec.kind {
        OptionKind::Int { min, max } => OptionValue::Int((value.round() as i64).clamp(min, max)),
        OptionKind::Float { min, max } => OptionValue::Float(two_digits(value).clamp(min, max)),
        _ => unreachable!("only numbers are turned by steps"),
    }
}

fn to_number(pointer: &str, recipe: &Recipe, value: f64) -> Option<Turn> {
    let (spec, _) = setting(pointer, recipe)?;
    turn(spec, recipe, &number(spec, value))
}

fn to_choice(pointer: &str, recipe: &Recipe, id: &str) -> Option<Turn> {
    let (spec, _) = setting(pointer, recipe)?;
    turn(spec, recipe, &OptionValue::Choice(id.to_owned()))
}

/// Another method, with the settings that are suggested for it.
fn to_method(method: Method, recipe: &Recipe, rows: u32) -> Turn {
    let profile = DataProfile {
        parts: [rows, 0, 0],
        ..DataProfile::empty()
    };
    let mut turned = recipe.clone().with_method(method, &profile);
    turned.training = Training {
        class_weights: recipe.training.class_weights,
        transfer: recipe.training.transfer,
        ..turned.training
    };
    to_way("/tuning/method", recipe, turned)
}

/// TabM in place of a weighted sum, with the settings that are suggested for it.
fn to_ensemble(recipe: &Recipe, rows: u32) -> Option<Turn> {
    let mut turned = recipe.clone();
    let plan = turned.table.as_mut()?;
    plan.combiner = Combiner::TabM;
    plan.network = NetworkOptions {
        folds: plan.network.folds,
        batch_size: plan.network.batch_size,
        ..NetworkOptions::suggest(Combiner::TabM, rows)
    };
    Some(to_way("/table/combiner", recipe, turned))
}

fn to_way(pointer: &'static str, recipe: &Recipe, turned: Recipe) -> Turn {
    Turn {
        pointer,
        label: "Way to learn",
        help: "Where more moves, more can be learned; it takes longer.",
        from: run_name(recipe),
        to: run_name(&turned),
        recipe: turned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::features::TextTuning;
    use crate::domain::start::Start;
    use crate::domain::suggest;

    /// A recipe of a way, from a text and two columns.
    fn recipe(way: &str) -> Recipe {
        let text = Recipe::suggest(vec!["text".into()], "label".into(), &DataProfile::empty());
        let table = suggest::with_columns(text, vec!["size".into(), "age".into()]);
        let mut recipes = suggest::recipes(&table, &DataProfile::empty()).into_iter();
        recipes.find(|recipe| recipe.way().id() == way).unwrap()
    }

    fn gone_on(way: &str) -> Recipe {
        let start = Start {
            model: "k".into(),
            name: "before".into(),
        };
        Recipe {
            start: Some(start),
            ..recipe(way)
        }
    }

    fn reading(verdict: FitVerdict) -> FitReading {
        FitReading {
            verdict,
            gap: 0.0,
            rise: 0.0,
            lowest: 2,
            epochs: 8,
            reason: String::new(),
        }
    }

    /// What is to be turned, as `dropout 0.1 → 0.2`.
    fn turns(verdict: FitVerdict, recipe: &Recipe) -> Vec<String> {
        let advice = advise(&reading(verdict), recipe, Ended::Complete, 400);
        let name = |turn: &Turn| turn.pointer.rsplit('/').next().unwrap().to_owned();
        (advice.turns.iter())
            .map(|turn| format!("{} {} → {}", name(turn), turn.from, turn.to))
            .collect()
    }

    #[track_caller]
    fn check(verdict: FitVerdict, recipe: &Recipe, expected: &[&str]) {
        assert_eq!(turns(verdict, recipe), expected);
    }

    macro_rules! advises {
        ($($name:ident, $verdict:ident, $recipe:expr, $expected:expr;)*) => {
            $(#[test] fn $name() { check(FitVerdict::$verdict, &$recipe, &$expected); })*
        };
    }

    advises! {
        a_head_is_held_by_its_penalty, Memorises, recipe("head"),
            ["head_c 10 → 1", "label_smoothing 0 → 0.1"];
        a_head_that_turned_stops_early, Overfits, recipe("head"),
            ["patience 0 → 2", "head_c 10 → 1", "label_smoothing 0 → 0.1"];
        updates_are_held_by_dropout_before_they_are_narrowed, Memorises, recipe("lora"),
            ["dropout 0.1 → 0.2", "label_smoothing 0 → 0.1", "weight_decay 0.01 → 0.1", "rank 8 → 4", "dropout 0 → 0.1"];
        updates_that_turned_end_sooner, Overfits, recipe("lora"),
            ["epochs 8 → 2", "learning_rate 0.001 → 0.0005", "dropout 0.1 → 0.2", "label_smoothing 0 → 0.1", "weight_decay 0.01 → 0.1"];
        all_weights_are_held_where_they_were, Memorises, recipe("full"),
            ["l2_sp 0 → 0.1", "dropout 0.1 → 0.2", "label_smoothing 0 → 0.1", "weight_decay 0.01 → 0.1"];
        fewer_pairs_hold_a_contrastive_run, Memorises, recipe("contrastive"),
            ["l2_sp 0 → 0.1", "head_c 10 → 1", "rounds 20 → 10", "dropout 0.1 → 0.2", "label_smoothing 0 → 0.1"];
        a_table_has_knobs_of_its_own, Memorises, recipe("tabm"),
            ["mixup 0 → 0.2", "dropout 0.1 → 0.2", "weight_decay 0.0003 → 0.003", "label_smoothing 0 → 0.1", "width 128 → 64"];
        a_table_keeps_its_best_epoch_anyway, Overfits, recipe("mlp"),
            ["mixup 0 → 0.2", "dropout 0.1 → 0.2", "weight_decay 0.0003 → 0.003", "label_smoothing 0 → 0.1", "width 128 → 64"];
        a_weighted_sum_has_few, Memorises, recipe("linear"),
            ["weight_decay 0.0003 → 0.003", "label_smoothing 0 → 0.1"];
        what_goes_on_is_held_where_it_started, Memorises, gone_on("linear"),
            ["l2_sp 0 → 0.1", "weight_decay 0.0003 → 0.003", "label_smoothing 0 → 0.1"];
        a_head_that_goes_on_is_held_already, Memorises, gone_on("head"),
            ["head_c 10 → 1", "label_smoothing 0 → 0.1"];
        too_little_of_a_head, Underfits, recipe("head"),
            ["method Head → LoRA r8", "head_c 10 → 100"];
        too_little_of_updates, Underfits, recipe("lora"),
            ["rank 8 → 16", "learning_rate 0.001 → 0.002", "dropout 0.1 → 0", "method LoRA r8 → Full"];
        too_little_of_a_sum, Underfits, recipe("linear"),
            ["combiner Linear + texts → TabM + texts", "learning_rate 0.002 → 0.004", "weight_decay 0.0003 → 0.00003"];
        too_little_of_a_table, Underfits, recipe("tabm"),
            ["width 128 → 256", "blocks 2 → 3", "learning_rate 0.002 → 0.004", "dropout 0.1 → 0", "texts Stays as it is → Learns by LoRA"];
        nothing_to_turn, Sound, recipe("lora"), [];
    }

    #[test]
    fn what_a_run_does_not_have_is_not_named() {
        let mut numbers = recipe("tabm");
        numbers.task = "regress".into();
        numbers.text.clear();
        let found = turns(FitVerdict::Memorises, &numbers);
        assert!(
            found
                .iter()
                .all(|turn| !turn.starts_with("label_smoothing"))
        );
        let found = turns(FitVerdict::Underfits, &numbers);
        assert!(found.iter().all(|turn| !turn.starts_with("texts")));

        // L2-SP takes the place of weight decay, and of a head's penalty.
        let mut held = gone_on("tabm");
        held.training.transfer.l2_sp = 0.1;
        let found = turns(FitVerdict::Memorises, &held);
        assert_eq!(found[0], "l2_sp 0.1 → 1");
        assert!(found.iter().all(|turn| !turn.starts_with("weight_decay")));
        assert_eq!(turns(FitVerdict::Underfits, &held)[0], "l2_sp 0.1 → 0.01");
        let mut held = gone_on("head");
        held.training.transfer.l2_sp = 0.1;
        let expected = ["l2_sp 0.1 → 1", "label_smoothing 0 → 0.1"];
        assert_eq!(turns(FitVerdict::Memorises, &held), expected);
    }

    #[test]
    fn an_encoder_that_learns_along_moves_less_first() {
        let mut along = recipe("tabm");
        let texts = |recipe: &mut Recipe, own| recipe.table.as_mut().unwrap().texts = own;
        texts(&mut along, TextTuning::Full);
        let found = turns(FitVerdict::Memorises, &along);
        assert_eq!(
            found[..2],
            ["texts All of it learns → Learns by LoRA", "l2_sp 0 → 0.1"]
        );
        texts(&mut along, TextTuning::Lora);
        let found = turns(FitVerdict::Memorises, &along);
        assert_eq!(found[0], "texts Learns by LoRA → Stays as it is");
        along.table.as_mut().unwrap().combiner = Combiner::Linear;
        let found = turns(FitVerdict::Memorises, &along);
        assert!(found.contains(&"rank 8 → 4".to_owned()), "{found:?}");
    }

    #[test]
    fn more_epochs_are_advised_where_all_were_needed() {
        let advice = |epochs, ended| {
            let reading = FitReading {
                epochs,
                ..reading(FitVerdict::Unfinished)
            };
            let advice = advise(&reading, &recipe("lora"), ended, 400);
            let turned = advice.turns.iter().map(|turn| turn.recipe.training.epochs);
            (advice.sentence, turned.collect::<Vec<_>>())
        };
        assert_eq!(
            advice(8, Ended::Complete),
            ("Train for more epochs.", vec![16, 8])
        );
        let (sentence, turned) = advice(3, Ended::Stopped);
        assert!(sentence.contains("stopped") && turned.is_empty());
    }

    #[test]
    fn a_run_that_made_no_curve_gets_two_epochs() {
        let mut short = recipe("lora");
        short.training.epochs = 1;
        let reading = FitReading {
            epochs: 1,
            ..reading(FitVerdict::TooShort)
        };
        let advice = advise(&reading, &short, Ended::Complete, 400);
        assert_eq!(advice.turns[0].recipe.training.epochs, 2);
    }

    #[test]
    fn values_end_where_they_make_no_sense_any_more() {
        let mut recipe = recipe("tabm");
        let mut before = Vec::new();
        // Whoever turns the first knob again and again comes to the next one.
        for _ in 0..60 {
            let advice = advise(
                &reading(FitVerdict::Memorises),
                &recipe,
                Ended::Complete,
                400,
            );
            let Some(first) = advice.turns.into_iter().next() else {
                let network = recipe.table.unwrap().network;
                assert_eq!(
                    (network.mixup, network.dropout, network.width),
                    (1.0, 0.5, 16)
                );
                assert_eq!((network.weight_decay, network.label_smoothing), (0.1, 0.3));
                return;
            };
            assert!(
                first.recipe.check().is_empty(),
                "{:?}",
                first.recipe.check()
            );
            recipe = first.recipe;
            assert!(!before.contains(&recipe));
            before.push(recipe.clone());
        }
        panic!("it goes on for ever");
    }

    #[test]
    fn each_turn_changes_its_setting_alone_and_can_be_followed() {
        for way in Way::ALL {
            for recipe in [recipe(way.id()), gone_on(way.id())] {
                for verdict in [
                    FitVerdict::Overfits,
                    FitVerdict::Memorises,
                    FitVerdict::Underfits,
                ] {
                    let advice = advise(&reading(verdict), &recipe, Ended::Complete, 400);
                    assert!(!advice.turns.is_empty(), "{way:?} {verdict:?}");
                    for turn in advice.turns {
                        assert!(turn.recipe.check().is_empty(), "{}", turn.pointer);
                        let Some(spec) = options::find(turn.pointer) else {
                            assert_ne!(turn.recipe.way(), way);
                            continue;
                        };
                        assert!(options::matters(spec, &recipe), "{}", turn.pointer);
                        let was = options::get(&recipe, spec);
                        assert_eq!(options::set(&turn.recipe, spec, &was), Ok(recipe.clone()));
                        assert_ne!(turn.recipe, recipe);
                    }
                }
            }
        }
    }
}
