//! Recipes for some columns of a table: which ways there are to learn from them, with defaults
//! chosen from the data.
//!
//! The page, the worker and the command line all take their defaults from here.

use super::features::network::Combiner;
use super::features::{FeatureSource, TablePlan};
use super::recipe::{DataProfile, Method, Recipe, Way};
use super::split::SplitKind;

/// From so many columns beside the texts on, learning from columns and texts is suggested; with
/// fewer the texts are most of what there is to know, and an encoder that is tuned to them does
/// more than a frozen one with a column beside it.
const LEAST_COLUMNS_BESIDE_TEXTS: usize = 2;

/// A recipe for these columns with general defaults, to count rows by.
///
/// `columns` are learned from besides the texts. Of `decided` the task, the schema, the steps, the
/// split and the seed are taken over. What is predicted or held apart by is not learned from.
pub fn draft(
    text: Vec<String>,
    columns: Vec<String>,
    target: String,
    decided: Option<&Recipe>,
) -> Recipe {
    let mut recipe = Recipe::suggest(text, target, &DataProfile::empty());
    if let Some(decided) = decided {
        recipe = recipe.with_data_of(decided);
    }
    with_columns(recipe, columns)
}

/// A recipe of which no more is decided than its task.
pub fn of_task(task: String) -> Box<Recipe> {
    Box::new(Recipe {
        task,
        ..Recipe::suggest(Vec::new(), String::new(), &DataProfile::empty())
    })
}

/// The same recipe with general defaults for learning from these columns as well; from texts alone
/// where there are none and labels are to be told.
#[must_use]
pub fn with_columns(mut recipe: Recipe, columns: Vec<String>) -> Recipe {
    let apart = match &recipe.split.kind {
        SplitKind::Group { column } | SplitKind::Column { column } => Some(column),
        _ => None,
    };
    let is_free = |name: &String| {
        *name != recipe.target && !recipe.text.contains(name) && Some(name) != apart
    };
    let source = |column| FeatureSource { column, kind: None };
    let sources: Vec<FeatureSource> = columns.into_iter().filter(is_free).map(source).collect();
    let is_for_texts = sources.is_empty() && !recipe.text.is_empty() && is_labelling(&recipe);
    recipe.table =
        (!is_for_texts).then(|| Box::new(TablePlan::suggest(sources, Combiner::TabM, 0)));
    recipe
}

/// Whether one label out of several is told, which is what an encoder can be tuned to.
fn is_labelling(recipe: &Recipe) -> bool {
    recipe.task == "classify"
}

/// The ways in which a recipe's columns can be learned from, the suggested one first.
pub fn ways(draft: &Recipe) -> Vec<Way> {
    let table = [Combiner::TabM, Combiner::Mlp, Combiner::Linear].map(Way::Table);
    let text = [
        Method::Lora,
        Method::Head,
        Method::Full,
        Method::Contrastive,
    ]
    .map(Way::Text);
    let Some(plan) = &draft.table else {
        return text.into();
    };
    if draft.text.is_empty() || !is_labelling(draft) {
        return table.into();
    }
    if plan.columns.len() < LEAST_COLUMNS_BESIDE_TEXTS {
        [text.as_slice(), &table].concat()
    } else {
        [table.as_slice(), &text].concat()
    }
}

/// A recipe for each of the [`ways`], with defaults chosen from the data.
pub fn recipes(draft: &Recipe, profile: &DataProfile) -> Vec<Recipe> {
    let of_data = Recipe::suggest(draft.text.clone(), draft.target.clone(), profile);
    let of_data = of_data.with_data_of(draft);
    let recipe = |way: Way| match (way, &draft.table) {
        (Way::Text(method), _) => of_data.clone().with_method(method, profile),
        (Way::Table(combiner), Some(plan)) => {
            let [rows, ..] = profile.parts;
            let plan = TablePlan::suggest(plan.columns.clone(), combiner, rows);
            Recipe {
                table: Some(Box::new(plan)),
                ..of_data.clone()
            }
        }
        (Way::Table(_), None) => unreachable!("only offered where columns are learned from"),
    };
    ways(draft).into_iter().map(recipe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn ids(text: &[&str], columns: &[&str], task: &str) -> Vec<&'static str> {
        let mut decided = Recipe::suggest(Vec::new(), String::new(), &DataProfile::empty());
        decided.task = task.to_owned();
        let draft = draft(names(text), names(columns), "y".to_owned(), Some(&decided));
        ways(&draft).into_iter().map(Way::id).collect()
    }

    #[test]
    fn the_ways_follow_from_the_columns() {
        let text = ["lora", "head", "full", "contrastive"].as_slice();
        let table = ["tabm", "mlp", "linear"].as_slice();
        assert_eq!(ids(&["t"], &[], "classify"), text);
        assert_eq!(ids(&[], &["a", "b"], "classify"), table);
        assert_eq!(ids(&["t"], &["a", "b"], "classify"), [table, text].concat());
        assert_eq!(ids(&["t"], &["a"], "classify"), [text, table].concat());
        assert_eq!(ids(&["t"], &[], "regress"), table);
        assert_eq!(ids(&["t"], &["a"], "label_sets"), table);
        assert_eq!(ids(&[], &[], "classify"), table);
    }

    #[test]
    fn what_is_predicted_or_held_apart_by_is_not_learned_from() {
        let mut decided = Recipe::suggest(Vec::new(), String::new(), &DataProfile::empty());
        decided.split.kind = SplitKind::Group {
            column: "who".to_owned(),
        };
        let columns = names(&["who", "y", "t", "age"]);
        let draft = draft(names(&["t"]), columns, "y".to_owned(), Some(&decided));
        assert_eq!(draft.inputs(), ["t", "age"]);
    }

    #[test]
    fn defaults_follow_the_number_of_training_rows() {
        let draft = draft(Vec::new(), names(&["a", "b"]), "y".to_owned(), None);
        let profile = DataProfile {
            parts: [5_000, 10, 10],
            ..DataProfile::empty()
        };
        let recipes = recipes(&draft, &profile);
        let batch_sizes: Vec<u32> = recipes
            .iter()
            .map(|recipe| recipe.table.as_ref().unwrap().network.batch_size)
            .collect();
        assert_eq!(batch_sizes, [128; 3]);
        assert!(recipes.iter().all(|recipe| recipe.check().is_empty()));
    }
}
