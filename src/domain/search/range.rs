//! Ranges that a search draws settings from.

use rand::Rng;
use serde_json::Value;

use crate::domain::features::network::Combiner;
use crate::domain::options::{self, L2_SP, OptionKind};
use crate::domain::recipe::{Method, Recipe};

/// Which values are as likely as which others.
#[derive(Debug, Clone, PartialEq)]
enum Spread {
    /// Evenly between two numbers.
    Even(f64, f64),
    /// Evenly between the logarithms of two numbers, for settings of which the size matters.
    Log(f64, f64),
    /// One of some whole numbers.
    OneOf(Vec<u32>),
}

/// A setting with the values to draw from.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// JSON pointer into the recipe.
    pub pointer: &'static str,
    /// Name as people read it.
    pub label: &'static str,
    spread: Spread,
}

impl Range {
    /// One value. Of numbers that are not whole two digits are drawn: more would not matter, and
    /// these can be read out and typed again.
    pub fn draw(&self, rng: &mut impl Rng) -> Value {
        match &self.spread {
            Spread::Even(low, high) => two_digits(rng.random_range(*low..*high)).into(),
            Spread::Log(low, high) => {
                two_digits(rng.random_range(low.ln()..high.ln()).exp()).into()
            }
            Spread::OneOf(values) => values[rng.random_range(0..values.len())].into(),
        }
    }

    /// Where a value lies in the range, 0 to 1, for a plot.
    pub fn place(&self, value: &Value) -> Option<f64> {
        let number = value.as_f64()?;
        // Rounding may have moved a value over an end.
        Some(match &self.spread {
            Spread::Even(low, high) => ((number - low) / (high - low)).clamp(0.0, 1.0),
            Spread::Log(low, high) => ((number / low).ln() / (high / low).ln()).clamp(0.0, 1.0),
            Spread::OneOf(values) => {
                let at = values
                    .iter()
                    .position(|&value| f64::from(value) == number)?;
                at as f64 / (values.len() - 1).max(1) as f64
            }
        })
    }

    /// The smallest and the largest value.
    pub fn ends(&self) -> [f64; 2] {
        match &self.spread {
            Spread::Even(low, high) | Spread::Log(low, high) => [*low, *high],
            Spread::OneOf(values) => {
                let ends = [values.iter().min(), values.iter().max()];
                ends.map(|end| end.copied().map_or(0.0, f64::from))
            }
        }
    }
}

/// As many digits as matter where a value is tried, and can be typed again.
pub(in crate::domain) fn two_digits(number: f64) -> f64 {
    format!("{number:.1e}")
        .parse()
        .expect("a number that was just written")
}

/// How far around the recipe's own learning rate a search looks, either way.
const RATE_FACTOR: f64 = 8.0;

/// How strongly weights are held where an earlier run left them: from hardly to hardly moving.
const PULLS: Spread = Spread::Log(1e-3, 10.0);

/// What is searched for a recipe's method. Whatever is not listed stays as the recipe has it.
///
/// Where an earlier run goes on, its shape does: with another width most of what it learned would be lost, and
/// with another rank its updates would stand below new ones. How strongly it is held on to is searched in
/// their place; of a head that is C, unless it is held by the pull.
pub fn ranges(recipe: &Recipe) -> Vec<Range> {
    let mut found = of_method(recipe);
    if recipe.start.is_none() {
        return found;
    }
    found.retain(|range| !SHAPE.contains(&range.pointer));
    if options::acts(L2_SP, recipe) {
        // What the pull takes the place of does nothing in any trial.
        let mut held = recipe.clone();
        held.training.transfer.l2_sp = 1.0;
        found.retain(|range| options::acts(range.pointer, &held));
        found.push(Range {
            pointer: L2_SP,
            label: "Pull to the start",
            spread: PULLS,
        });
    }
    found
}

/// Settings that say how many numbers a model has.
const SHAPE: [&str; 3] = [
    "/table/network/width",
    "/table/network/blocks",
    "/tuning/lora/rank",
];

const RATE: &str = "/training/learning_rate";
const TABLE_RATE: &str = "/table/network/learning_rate";

/// Around a recipe's own rate, as far as the setting goes.
fn around(pointer: &str, rate: f64) -> Spread {
    let ends = match options::find(pointer).map(|spec| &spec.kind) {
        Some(OptionKind::Float { min, max }) => [*min, *max],
        _ => [0.0, f64::INFINITY],
    };
    let [low, high] =
        [rate / RATE_FACTOR, rate * RATE_FACTOR].map(|end| end.clamp(ends[0], ends[1]));
    Spread::Log(low, high)
}

fn of_method(recipe: &Recipe) -> Vec<Range> {
    let range = |pointer, label, spread| Range {
        pointer,
        label,
        spread,
    };
    if let Some(table) = &recipe.table {
        let network = &table.network;
        let decay = Spread::Log(1e-5, 1e-1);
        let mut found = vec![
            range(
                TABLE_RATE,
                "Learning rate",
                around(TABLE_RATE, network.learning_rate),
            ),
            range("/table/network/weight_decay", "Weight decay", decay),
        ];
        if table.combiner != Combiner::Linear {
            let widths = Spread::OneOf(vec![64, 128, 256]);
            let blocks = Spread::OneOf(vec![1, 2, 3]);
            found.extend([
                range("/table/network/dropout", "Dropout", Spread::Even(0.0, 0.5)),
                range("/table/network/width", "Width", widths),
                range("/table/network/blocks", "Hidden layers", blocks),
            ]);
        }
        return found;
    }
    let smoothing = || {
        range(
            "/training/label_smoothing",
            "Label smoothing",
            Spread::Even(0.0, 0.2),
        )
    };
    let c = || range("/training/head_c", "C", Spread::Log(0.1, 1000.0));
    let rate = || {
        let rate = around(RATE, recipe.training.learning_rate);
        range(RATE, "Learning rate", rate)
    };
    let dropout = || range("/training/dropout", "Dropout", Spread::Even(0.0, 0.3));
    let batch = || {
        let sizes = Spread::OneOf(vec![8, 16, 32]);
        range("/training/batch_size", "Batch size", sizes)
    };
    let decay = || {
        range(
            "/training/weight_decay",
            "Weight decay",
            Spread::Log(1e-4, 0.3),
        )
    };
    let rank = || {
        let ranks = Spread::OneOf(vec![4, 8, 16, 32]);
        range("/tuning/lora/rank", "LoRA rank", ranks)
    };
    let rounds = || {
        range(
            "/tuning/contrastive/rounds",
            "Rounds of pairs",
            Spread::OneOf(vec![5, 10, 20, 40]),
        )
    };
    match recipe.tuning.method {
        Method::Head => vec![c(), smoothing()],
        Method::Lora => vec![rate(), rank(), batch(), decay(), dropout(), smoothing()],
        Method::Full => vec![rate(), batch(), decay(), dropout(), smoothing()],
        Method::Contrastive => vec![rate(), rounds(), c(), dropout()],
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::domain::features::TablePlan;
    use crate::domain::recipe::DataProfile;
    use crate::domain::start::Start;

    #[test]
    fn a_run_that_goes_on_keeps_its_shape() {
        let profile = DataProfile::empty();
        let mut recipe = Recipe::suggest(vec!["text".into()], "label".into(), &profile);
        recipe.start = Some(Start {
            model: "m".into(),
            name: "the first".into(),
        });
        let searched = |recipe: &Recipe| {
            let labels = ranges(recipe).into_iter().map(|range| range.label);
            labels.collect::<Vec<_>>()
        };
        let lora = recipe.clone().with_method(Method::Lora, &profile);
        assert_eq!(
            searched(&lora),
            [
                "Learning rate",
                "Batch size",
                "Dropout",
                "Label smoothing",
                "Pull to the start"
            ]
        );
        let head = recipe.clone().with_method(Method::Head, &profile);
        assert_eq!(searched(&head), ["C", "Label smoothing"]);
        let mut held = head.clone();
        held.training.transfer.l2_sp = 0.1;
        assert_eq!(searched(&held), ["Label smoothing", "Pull to the start"]);
        let plan = TablePlan::suggest(Vec::new(), Combiner::TabM, 100);
        recipe.table = Some(Box::new(plan));
        assert_eq!(
            searched(&recipe),
            ["Learning rate", "Dropout", "Pull to the start"]
        );
    }

    #[test]
    fn no_rate_is_drawn_that_the_setting_does_not_take() {
        let profile = DataProfile::empty();
        let mut recipe = Recipe::suggest(Vec::new(), "label".into(), &profile);
        let mut plan = TablePlan::suggest(Vec::new(), Combiner::TabM, 100);
        plan.network.learning_rate = 0.4;
        recipe.table = Some(Box::new(plan));
        let [_, highest] = ranges(&recipe)[0].ends();
        assert_eq!(highest, 0.5);
    }

    #[test]
    fn values_lie_in_their_range_and_use_all_of_it() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for spread in [
            Spread::Even(0.0, 0.3),
            Spread::Log(1e-5, 1e-1),
            Spread::OneOf(vec![8, 16, 32]),
        ] {
            let range = Range {
                pointer: "/x",
                label: "x",
                spread,
            };
            let places: Vec<f64> = (0..200)
                .map(|_| range.place(&range.draw(&mut rng)).unwrap())
                .collect();
            assert!(places.iter().all(|place| (0.0..=1.0).contains(place)));
            let low = places.iter().filter(|&&place| place < 0.4).count();
            assert!((50..=110).contains(&low), "{range:?}: {low}");
        }
    }
}
