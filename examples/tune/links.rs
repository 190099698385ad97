//! What is lost when a model is packed into a link.

use burnish::domain::csv::write_row;
use burnish::domain::examples::Examples;
use burnish::domain::metric::most_probable;
use burnish::domain::share;
use burnish::domain::table::RowId;
use burnish::engine::export::{Learned, Model};
use burnish::engine::features::FeatureStore;
use burnish::engine::run::Base;
use burnish::engine::share::{Packing, Source, Words, open};

use super::Terminal;

/// A CSV of every packing: characters of the link, shares of validation and test rows that the
/// model in the link gets right.
pub fn table(
    model: &Model,
    base: &Base,
    examples: &mut Examples,
    store: &mut FeatureStore,
    watcher: &mut Terminal,
) -> Result<String, String> {
    let valid = examples.split.valid.clone();
    let test = examples.split.test.open().to_vec();
    let mut out = String::new();
    write_row(
        &mut out,
        &["packing", "characters", "valid", "test", "link"],
    );
    let Learned::Text(weights) = &model.learned else {
        return Err("links hold models on texts".to_owned());
    };
    let source = Source {
        recipe: &model.recipe,
        labels: &model.labels,
        fitted: &model.fitted,
        weights,
        accuracy: None,
    };
    for packing in Packing::all(weights) {
        let demo = packing
            .demo(&source, &Words::default())
            .map_err(|error| error.to_string())?;
        let link = match demo.link() {
            Ok(link) => link,
            Err(why) => {
                write_row(&mut out, &[&packing.name(), "", "", "", &why.to_string()]);
                continue;
            }
        };
        let read = share::read(&link).map_err(|error| error.to_string())?;
        let (tuned, recipe) = open(&read, base).map_err(|error| error.to_string())?;
        let mut right = |rows: &[RowId]| -> Result<String, String> {
            let tokens: Vec<Vec<u32>> = rows
                .iter()
                .map(|row| {
                    let text = &examples.texts[row.index()];
                    base.tokenizer()
                        .encode(text, recipe.max_tokens as usize)
                        .ids
                })
                .collect();
            let scored = tuned.score(base, &tokens, store, watcher);
            let shares = futures::executor::block_on(scored).map_err(|error| error.to_string())?;
            let right = rows
                .iter()
                .zip(shares.chunks_exact(tuned.labels.len()))
                .filter(|(row, shares)| most_probable(shares) == examples.label(**row))
                .count();
            Ok(format!("{:.4}", right as f64 / rows.len().max(1) as f64))
        };
        let [valid, test] = [right(&valid)?, right(&test)?];
        let characters = link.len().to_string();
        write_row(
            &mut out,
            &[&packing.name(), &characters, &valid, &test, &link],
        );
    }
    Ok(out)
}
