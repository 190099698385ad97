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

/// What a trial came to on the validation rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrialResult {
    /// Epochs at the most.
    pub epochs: u32,
    /// Lowest loss on the validation rows over the epochs.
    pub valid_loss: f64,
    /// Share of the validation rows that were right then.
    pub valid_accuracy: f64,
    /// Seconds that it took.
    pub seconds: f64,
}

/// One choice of settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Settings by their JSON pointers into the recipe; none for the recipe as it is.
    pub settings: Vec<(String, Value)>,
    /// What it came to on each rung so far, the lowest first; `None` where it diverged.
    pub results: Vec<Option<TrialResult>>,
}

impl Trial {
    /// Its loss on a rung: infinite where it diverged, `None` where it was not tried.
    fn loss(&self, rung: usize) -> Option<f64> {
        let result = self.results.get(rung)?;
        Some(result.map_or(f64::INFINITY, |result| result.valid_loss))
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
    pub budget: f64,
    /// Seconds that it has taken.
    pub spent: f64,
    /// Every trial, in the order in which it was drawn.
    pub trials: Vec<Trial>,
}

impl Search {
    /// A search around a recipe.
    pub fn new(recipe: Recipe, budget: f64) -> Self {
        Self {
            recipe,
            budget,
            spent: 0.0,
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
        let settings = match self.trials.len() {
            0 => Vec::new(),
            drawn => self.draw(drawn),
        };
        Some(Job {
            trial: self.trials.len(),
            recipe: self.with(&settings, rungs[0]),
        })
    }

    /// Takes in what a job came to; `None` when it diverged.
    pub fn told(&mut self, job: &Job, result: Option<TrialResult>, seconds: f64) {
        self.spent += seconds;
        if job.trial == self.trials.len() {
            let settings = match job.trial {
                0 => Vec::new(),
                drawn => self.draw(drawn),
            };
            self.trials.push(Trial {
                settings,
                results: Vec::new(),
            });
        }
        self.trials[job.trial].results.push(result);
    }

    /// The trial with the lowest loss among those that got furthest; `None` before the first one.
    ///
    /// Losses after few epochs are not compared with losses after many.
    pub fn best(&self) -> Option<&Trial> {
        (0..self.rungs().len()).rev().find_map(|rung| {
            let tried = self.trials.iter().filter_map(|trial| {
                let loss = trial.loss(rung).filter(|loss| loss.is_finite())?;
                Some((loss, trial))
            });
            tried
                .min_by(|(one, _), (other, _)| one.total_cmp(other))
                .map(|(_, trial)| trial)
        })
    }

    /// The recipe of the best trial; the first one where no trial came to anything.
    pub fn best_recipe(&self) -> Recipe {
        match self.best() {
            Some(trial) => self.with(&trial.settings, epochs(&self.recipe)),
            None => self.recipe.clone(),
        }
    }

    /// The best trial of the rung below that is among its better third and was not tried on this one.
    fn to_promote(&self, rung: usize) -> Option<usize> {
        let mut below: Vec<(f64, usize)> = self
            .trials
            .iter()
            .enumerate()
            .filter_map(|(at, trial)| Some((trial.loss(rung - 1)?, at)))
            .collect();
        below.sort_by(|one, other| one.0.total_cmp(&other.0));
        below
            .iter()
            .take(below.len() / ETA as usize)
            .find(|(loss, at)| loss.is_finite() && self.trials[*at].results.len() == rung)
            .map(|&(_, at)| at)
    }

    /// Whether so many epochs fit into what is left, as far as the trials so far tell.
    fn fits(&self, epochs: u32) -> bool {
        let results = self
            .trials
            .iter()
            .flat_map(|trial| &trial.results)
            .flatten();
        let (seconds, all) = results.fold((0.0, 0.0), |(seconds, all), result| {
            (seconds + result.seconds, all + f64::from(result.epochs))
        });
        // Before the first trial nothing is known: it is the recipe as it is, and always done.
        let expected = if all > 0.0 {
            seconds / all * f64::from(epochs)
        } else {
            0.0
        };
        self.trials.is_empty() || self.spent + expected <= self.budget
    }

    /// Settings of a trial, which its place decides.
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
    use crate::domain::recipe::DataProfile;

    fn recipe(method: Method) -> Recipe {
        let profile = DataProfile {
            parts: [100, 10, 20],
            ..DataProfile::empty()
        };
        Recipe::suggest(vec!["text".into()], "label".into(), &profile).with_method(method, &profile)
    }

    /// A loss that a trial of these settings would have: lower near a rate of 1e-3, and with more
    /// epochs.
    fn pretend(recipe: &Recipe) -> TrialResult {
        let off = (recipe.training.learning_rate / 1e-3).ln().abs();
        TrialResult {
            epochs: recipe.training.epochs,
            valid_loss: off + 1.0 / f64::from(recipe.training.epochs),
            valid_accuracy: 0.5,
            seconds: f64::from(recipe.training.epochs),
        }
    }

    fn go_on(search: &mut Search, jobs: usize) {
        for _ in 0..jobs {
            let Some(job) = search.next() else { return };
            let result = pretend(&job.recipe);
            search.told(&job, Some(result), result.seconds);
        }
    }

    #[test]
    fn the_recipe_itself_comes_first_and_every_recipe_can_be_followed() {
        for method in Method::ALL {
            let recipe = recipe(method);
            let mut search = Search::new(recipe.clone(), 1e4);
            let first = search.next().unwrap();
            let same = Recipe {
                training: crate::domain::recipe::Training {
                    epochs: search.rungs()[0],
                    ..recipe.training.clone()
                },
                ..recipe
            };
            assert_eq!(first.recipe, same);
            for _ in 0..40 {
                let job = search.next().unwrap();
                assert_eq!(job.recipe.check(), [], "{:?}", job.recipe);
                search.told(&job, Some(pretend(&job.recipe)), 1.0);
            }
        }
    }

    #[test]
    fn the_better_third_goes_up_and_the_budget_holds() {
        let recipe = recipe(Method::Lora);
        assert_eq!(recipe.training.epochs, 8);
        let mut search = Search::new(recipe, 120.0);
        assert_eq!(search.rungs(), [2, 8]);
        go_on(&mut search, 1000);
        assert!(search.spent <= 120.0, "{}", search.spent);
        assert!(search.spent > 110.0, "{}", search.spent);
        let losses = |rung| -> Vec<f64> {
            search
                .trials
                .iter()
                .filter_map(|trial| trial.loss(rung))
                .collect()
        };
        let (low, high) = (losses(0), losses(1));
        assert!(high.len() >= low.len() / 3 - 1 && high.len() <= low.len() / 3);
        // Whoever went up had one of the lower losses below.
        let mut sorted = low.clone();
        sorted.sort_by(f64::total_cmp);
        let best = search.best().unwrap();
        assert_eq!(best.results.len(), 2);
        assert_eq!(best.loss(0), Some(sorted[0]));
        let found = search.best_recipe();
        assert_eq!(found.training.epochs, 8);
        assert!((found.training.learning_rate / 1e-3).ln().abs() < 0.5);
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
        let mut search = Search::new(recipe(Method::Full), 1e3);
        for at in 0..6 {
            let job = search.next().unwrap();
            let result = (at == 4).then(|| pretend(&job.recipe));
            search.told(&job, result, 1.0);
        }
        let best = search.best().unwrap();
        assert!(best.results.iter().all(Option::is_some));
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
