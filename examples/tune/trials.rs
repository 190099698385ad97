//! The search for better settings before a run.

use burnish::domain::examples::Examples;
use burnish::domain::recipe::Recipe;
use burnish::domain::search::{Search, Trial};
use burnish::engine::features::FeatureStore;
use burnish::engine::run::{Base, search};

use super::{Arguments, Terminal};

/// Searches, tells every trial on standard error, and gives the best recipe.
pub fn run(
    arguments: &Arguments,
    base: &Base,
    examples: &Examples,
    recipe: Recipe,
    store: &mut FeatureStore,
    watcher: &mut Terminal,
) -> Result<Recipe, String> {
    let budget = arguments.search.expect("called when there is one");
    let kept = arguments.trials.as_ref().filter(|path| path.exists());
    let mut found = match kept {
        Some(path) => {
            let text =
                std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
            let kept: Search = serde_json::from_slice(&text)
                .map_err(|error| format!("{} holds no search: {error}", path.display()))?;
            if kept.recipe != recipe {
                return Err(format!(
                    "{} holds the search of another recipe; name another file with --trials",
                    path.display()
                ));
            }
            Search { budget, ..kept }
        }
        None => Search::new(recipe, budget),
    };
    let is_loud = watcher.is_loud;
    let told = |search: &Search| {
        if let Some(path) = &arguments.trials {
            let text = serde_json::to_vec_pretty(search).expect("a search is plain data");
            if let Err(error) = std::fs::write(path, text) {
                eprintln!("{}: {error}", path.display());
            }
        }
        if is_loud && let Some(trial) = search.trials.last() {
            eprintln!(
                "{:7.1} s  {}",
                search.spent,
                line(search.trials.len(), trial)
            );
        }
    };
    futures::executor::block_on(search(base, examples, &mut found, store, watcher, told))
        .map_err(|error| error.to_string())?;
    if is_loud {
        for (at, trial) in found.trials.iter().enumerate() {
            eprintln!("{}", line(at + 1, trial));
        }
        let best = found
            .trials
            .iter()
            .position(|trial| Some(trial) == found.best());
        if let Some(best) = best {
            eprintln!("trial {} is the best on the validation rows", best + 1);
        }
    }
    Ok(found.best_recipe())
}

fn line(number: usize, trial: &Trial) -> String {
    let results: Vec<String> = trial
        .results
        .iter()
        .map(|result| match result {
            Some(result) => format!(
                "{:.4} ({:.1} %) after {}",
                result.valid_loss,
                result.valid_accuracy * 100.0,
                result.epochs
            ),
            None => "diverged".to_owned(),
        })
        .collect();
    let settings: Vec<String> = trial
        .settings
        .iter()
        .map(|(pointer, value)| {
            let name = pointer.rsplit('/').next().unwrap_or_default();
            match value.as_f64() {
                Some(number) if value.is_f64() => format!("{name} {number:.2e}"),
                _ => format!("{name} {value}"),
            }
        })
        .collect();
    let settings = match settings.is_empty() {
        true => "as given".to_owned(),
        false => settings.join(", "),
    };
    format!("trial {number}: {}; {settings}", results.join(", "))
}
