//! Which settings to try next, within a time budget and on validation rows only.
//!
//! Settings are drawn at random and tried with few epochs; of all that were tried, the better third
//! goes on with three times as many, and so on up to the recipe's own number. A trial goes up as soon
//! as it is among the better third, so there is never a round to wait for and the search can end at
//! any moment.
//!
//! Sources: Bergstra and Bengio 2012, "Random Search for Hyper-Parameter Optimization"; Jamieson and
//! Talwalkar 2016, "Non-stochastic Best Arm Identification" (successive halving); Li et al. 2020, "A
//! System for Massively Parallel Hyperparameter Tuning", algorithm 2 (going up without rounds).
//!
//! A [`Search`] is plain data: kept after every trial, it goes on where it was. What is drawn depends
//! on the seed and on the trials so far, and on nothing else but how fast the trials were.

mod range;

pub(in crate::domain) use range::two_digits;
pub use range::{Range, ranges};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::recipe::{Method, Recipe};

/// One of so many trials goes up, with so many times the epochs.
const ETA: u32 = 3;

/// Rungs at the most: a first look that costs less than a ninth tells too little.
const MOST_RUNGS: u32 = 3;

/// What a trial came to on the validation rows, in the epoch that was kept, or as it began where that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrialResult {
    /// The loss.
    pub valid_loss: f32,
    /// The figure that the run's curves show beside it: the share that was right, or R².
    pub valid_score: f32,
}

/// A trial on one rung.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Epochs at the most.
    pub epochs: u32,
    /// Seconds that it took.
    pub seconds: f32,
    /// What it came to; `None` where it diverged.
    pub result: Option<TrialResult>,
}

/// One choice of settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Settings by their JSON pointers into the recipe; none for the recipe as it is.
    pub settings: Vec<(String, Value)>,
    /// What was tried, on the lowest rung first.
    pub attempts: Vec<Attempt>,
}

impl Trial {
    /// Its loss on a rung: infinite where it diverged, `None` where it was not tried.
    fn loss(&self, rung: usize) -> Option<f32> {
        let result = self.attempts.get(rung)?.result;
        Some(result.map_or(f32::INFINITY, |result| result.valid_loss))
    }

    /// What it came to where it got furthest; `None` where it diverged.
    pub fn result(&self) -> Option<TrialResult> {
        self.attempts.last()?.result
    }
}

/// What to try next.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Which trial, by its place.
    pub trial: usize,
    /// The recipe to tune by, with its number of epochs.
    pub recipe: Recipe,
}

/// A search as far as it got.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// The recipe that it began with, which is the first trial.
    pub recipe: Recipe,
    /// Seconds that it may take, over all times that it goes on.
    pub budget: f32,
    /// Every trial, in the order in which it was drawn.
    pub trials: Vec<Trial>,
}

impl Search {
    /// A search around a recipe.
    pub fn new(recipe: Recipe, budget: f32) -> Self {
        Self {
            recipe,
            budget,
            trials: Vec::new(),
        }
    }

    /// Numbers of epochs of the rungs, the lowest first.
    ///
    /// A head that is solved to its optimum has one rung: less than the optimum says nothing.
    pub fn rungs(&self) -> Vec<u32> {
        let most = epochs(&self.recipe);
        if self.recipe.tuning.method == Method::Head && self.recipe.table.is_none() {
            return vec![most];
        }
        let mut rungs: Vec<u32> = (0..MOST_RUNGS)
            .rev()
            .map(|rung| most / ETA.pow(rung))
            .filter(|&epochs| epochs > 0)
            .collect();
        rungs.dedup();
        rungs
    }

    /// What to try next; `None` when nothing more fits into the budget.
    pub fn next(&self) -> Option<Job> {
        let rungs = self.rungs();
        for rung in (1..rungs.len()).rev() {
            if let Some(trial) = self.to_promote(rung)
                && self.fits(rungs[rung])
            {
                let recipe = self.with(&self.trials[trial].settings, rungs[rung]);
                return Some(Job { trial, recipe });
            }
        }
        if !self.fits(rungs[0]) {
            return None;
        }
        let trial = self.trials.len();
        Some(Job {
            trial,
            recipe: self.with(&self.settings(trial), rungs[0]),
        })
    }

    /// The value of a setting in a trial: what was drawn, or what the recipe has.
    pub fn value(&self, trial: &Trial, range: &Range) -> Value {
        let drawn = trial
            .settings
            .iter()
            .find(|(pointer, _)| pointer == range.pointer);
        match drawn {
            Some((_, value)) => value.clone(),
            None => {
                let recipe = serde_json::to_value(&self.recipe).expect("a recipe is plain data");
                recipe.pointer(range.pointer).cloned().unwrap_or_default()
            }
        }
    }

    /// Seconds that it has taken.
    pub fn spent(&self) -> f32 {
        let attempts = self.trials.iter().flat_map(|trial| &trial.attempts);
        attempts.map(|attempt| attempt.seconds).sum()
    }

    /// Takes in what a job came to; `None` when it diverged.
    pub fn told(&mut self, job: &Job, result: Option<TrialResult>, seconds: f32) {
        if job.trial == self.trials.len() {
            self.trials.push(Trial {
                settings: self.settings(job.trial),
                attempts: Vec::new(),
            });
        }
        self.trials[job.trial].attempts.push(Attempt {
            epochs: epochs(&job.recipe),
            seconds,
            result: result.filter(|result| result.valid_loss.is_finite()),
        });
    }

    /// The place of the trial with the lowest loss among those that got furthest; `None` where none
    /// came to anything.
    ///
    /// Losses after few epochs are not compared with losses after many. Whoever diverged on the way
    /// is out, whatever came before.
    pub fn best(&self) -> Option<usize> {
        (0..self.rungs().len()).rev().find_map(|rung| {
            let trials = self.trials.iter().enumerate();
            let tried = trials.filter(|(_, trial)| trial.result().is_some());
            tried
                .filter_map(|(at, trial)| Some((trial.loss(rung)?, at)))
                .min_by(|(one, _), (other, _)| one.total_cmp(other))
                .map(|(_, at)| at)
        })
    }

    /// The recipe of the best trial; the first one where no trial came to anything.
    pub fn best_recipe(&self) -> Recipe {
        match self.best() {
            Some(at) => self.with(&self.trials[at].settings, epochs(&self.recipe)),
            None => self.recipe.clone(),
        }
    }

    /// The best trial of the rung below that is among its better third and was not tried on this one.
    fn to_promote(&self, rung: usize) -> Option<usize> {
        let mut below: Vec<(f32, usize)> = self
            .trials
            .iter()
            .enumerate()
            .filter_map(|(at, trial)| Some((trial.loss(rung - 1)?, at)))
            .collect();
        below.sort_by(|one, other| one.0.total_cmp(&other.0));
        below
            .iter()
            .take(below.len() / ETA as usize)
            .find(|(loss, at)| loss.is_finite() && self.trials[*at].attempts.len() == rung)
            .map(|&(_, at)| at)
    }

    /// Whether so many epochs fit into what is left, as far as the trials so far tell.
    fn fits(&self, epochs: u32) -> bool {
        let attempts = self.trials.iter().flat_map(|trial| &trial.attempts);
        let all: u32 = attempts.map(|attempt| attempt.epochs).sum();
        let spent = self.spent();
        let expected = spent / all.max(1) as f32 * epochs as f32;
        // Before the first trial nothing is known: it is the recipe as it is, and always done.
        self.trials.is_empty() || spent + expected <= self.budget
    }

    /// Settings of a trial, which its place decides; none of the first, which is the recipe as it is.
    fn settings(&self, trial: usize) -> Vec<(String, Value)> {
        match trial {
            0 => Vec::new(),
            drawn => self.draw(drawn),
        }
    }

    fn draw(&self, trial: usize) -> Vec<(String, Value)> {
        let mut rng = ChaCha8Rng::seed_from_u64(u64::from(self.recipe.seed));
        rng.set_stream(trial as u64);
        ranges(&self.recipe)
            .iter()
            .map(|range| (range.pointer.to_owned(), range.draw(&mut rng)))
            .collect()
    }

    /// The recipe with some settings, for so many epochs.
    fn with(&self, settings: &[(String, Value)], epochs: u32) -> Recipe {
        let mut json = serde_json::to_value(&self.recipe).expect("a recipe is plain data");
        let epochs = (epochs_pointer(&self.recipe).to_owned(), epochs.into());
        for (pointer, value) in settings.iter().chain([&epochs]) {
            let place = json.pointer_mut(pointer);
            *place.expect("ranges name fields of the recipe") = value.clone();
        }
        serde_json::from_value(json).expect("ranges draw values of their fields' kinds")
    }
}

fn epochs_pointer(recipe: &Recipe) -> &'static str {
    match recipe.table {
        Some(_) => "/table/network/epochs",
        None => "/training/epochs",
    }
}

fn epochs(recipe: &Recipe) -> u32 {
    let table = recipe.table.as_deref();
    table.map_or(recipe.training.epochs, |table| table.network.epochs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::features::network::Combiner;
    use crate::domain::features::{FeatureSource, TablePlan};
    use crate::domain::recipe::DataProfile;

    fn recipe(method: Method) -> Recipe {
        let profile = DataProfile {
            parts: [100, 10, 20],
            ..DataProfile::empty()
        };
        Recipe::suggest(vec!["text".into()], "label".into(), &profile).with_method(method, &profile)
    }

    /// What a trial of these settings would come to: better near a rate of 1e-3, and with more
    /// epochs.
    fn pretend(recipe: &Recipe) -> TrialResult {
        let off = (recipe.training.learning_rate / 1e-3).ln().abs() as f32;
        TrialResult {
            valid_loss: off + 1.0 / recipe.training.epochs as f32,
            valid_score: 0.5,
        }
    }

    fn go_on(search: &mut Search, jobs: usize) {
        for _ in 0..jobs {
            let Some(job) = search.next() else { return };
            let seconds = job.recipe.training.epochs as f32;
            search.told(&job, Some(pretend(&job.recipe)), seconds);
        }
    }

    #[test]
    fn the_recipe_itself_comes_first_and_every_recipe_can_be_followed() {
        for method in Method::ALL {
            let recipe = recipe(method);
            let mut search = Search::new(recipe.clone(), 1e4);
            let first = search.next().unwrap();
            let mut same = recipe;
            same.training.epochs = search.rungs()[0];
            assert_eq!(first.recipe, same);
            for _ in 0..40 {
                let job = search.next().unwrap();
                assert_eq!(job.recipe.check(), [], "{:?}", job.recipe);
                search.told(&job, Some(pretend(&job.recipe)), 1.0);
            }
        }
    }

    #[test]
    fn a_table_is_searched_as_well() {
        let mut recipe = recipe(Method::Head);
        recipe.text.clear();
        recipe.table = Some(Box::new(TablePlan::suggest(
            vec![FeatureSource {
                column: "a".into(),
                kind: None,
            }],
            Combiner::TabM,
            100,
        )));
        let mut search = Search::new(recipe, 1e4);
        assert_eq!(search.rungs().len(), 3);
        for _ in 0..40 {
            let job = search.next().unwrap();
            assert_eq!(job.recipe.check(), [], "{:?}", job.recipe);
            let width = job.recipe.table.as_ref().unwrap().network.width;
            let result = TrialResult {
                valid_loss: (width as f32 - 128.0).abs(),
                valid_score: 0.5,
            };
            search.told(&job, Some(result), 1.0);
        }
        let best = search.best_recipe();
        assert_eq!(best.table.unwrap().network.width, 128);
    }

    #[test]
    fn the_better_third_goes_up_and_the_budget_holds() {
        let recipe = recipe(Method::Lora);
        assert_eq!(recipe.training.epochs, 8);
        let mut search = Search::new(recipe, 120.0);
        assert_eq!(search.rungs(), [2, 8]);
        go_on(&mut search, 1000);
        assert!(search.spent() <= 120.0, "{}", search.spent());
        assert!(search.spent() > 110.0, "{}", search.spent());
        let losses = |rung| -> Vec<f32> {
            let trials = search.trials.iter();
            trials.filter_map(|trial| trial.loss(rung)).collect()
        };
        let (low, high) = (losses(0), losses(1));
        assert!(high.len() >= low.len() / 3 - 1 && high.len() <= low.len() / 3);
        // Whoever went up had one of the lower losses below.
        let mut sorted = low.clone();
        sorted.sort_by(f32::total_cmp);
        let best = &search.trials[search.best().unwrap()];
        assert_eq!(best.attempts.len(), 2);
        assert_eq!(best.loss(0), Some(sorted[0]));
        let found = search.best_recipe();
        assert_eq!(found.training.epochs, 8);
        assert!((found.training.learning_rate / 1e-3).ln().abs() < 0.7);
    }

    #[test]
    fn what_was_kept_goes_on_as_if_nothing_had_happened() {
        let mut whole = Search::new(recipe(Method::Full), 1e3);
        go_on(&mut whole, 20);
        let mut first = Search::new(recipe(Method::Full), 1e3);
        go_on(&mut first, 9);
        let kept = serde_json::to_string(&first).unwrap();
        let mut second: Search = serde_json::from_str(&kept).unwrap();
        go_on(&mut second, 11);
        assert_eq!(second, whole);
    }

    #[test]
    fn a_trial_that_diverges_is_never_the_best() {
        let mut search = Search::new(recipe(Method::Lora), 1e3);
        // The first three are tried, and the best of them goes up and diverges there.
        for _ in 0..3 {
            let job = search.next().unwrap();
            search.told(&job, Some(pretend(&job.recipe)), 1.0);
        }
        let best = search.best().unwrap();
        let job = search.next().unwrap();
        assert_eq!(job.trial, best);
        let no_number = TrialResult {
            valid_loss: f32::NAN,
            valid_score: 0.5,
        };
        search.told(&job, Some(no_number), 1.0);
        assert_ne!(search.best(), Some(best));
        assert!(search.best().is_some());
        let nothing = Search::new(recipe(Method::Full), 1e3);
        assert_eq!(nothing.best(), None);
        assert_eq!(nothing.best_recipe(), nothing.recipe);
    }

    #[test]
    fn the_first_trial_is_done_whatever_the_budget() {
        let mut search = Search::new(recipe(Method::Head), 0.0);
        go_on(&mut search, 10);
        assert_eq!(search.trials.len(), 1);
    }
}
