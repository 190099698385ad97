//! What pairs of columns do only together.

use super::super::{Drawn, Scene, Study};
use super::columns::{laid_open, output_of_many, seen_columns};
use super::importance::{metric, worth};
use super::{breath, failed, labels};
use crate::domain::explanation::Output;
use crate::engine::explain::effects::{self, INTERACTION_ROWS};
use crate::protocol::Failure;
use crate::view::explain::effects::interactions;
use crate::view::markup::{Markup, text};

/// Columns whose pairs are looked at: those that are worth most.
const COLUMNS: usize = 4;

/// Pairs of columns by what they do only together.
pub(in crate::worker::study) struct Interactions;

impl Study for Interactions {
    fn id(&self) -> &'static str {
        "interactions"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(draw(scene))
    }
}

async fn draw(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let model = laid_open(scene)?;
    let seen = seen_columns(scene, &model).await?;
    let worth = worth(scene, &model, &seen, metric(scene)?).await?;
    let parts: Vec<usize> = worth
        .iter()
        .take(COLUMNS)
        .filter_map(|one| model.names.iter().position(|name| *name == one.column))
        .collect();
    if parts.len() < 2 {
        return Ok(text("p", "fine", "It takes two columns to act together."));
    }
    let breathe = breath(scene, "Asking for pairs of cells");
    let count = seen.read.count();
    let few = count.min(INTERACTION_ROWS);
    let few: Vec<usize> = (0..few).map(|at| at * count / few).collect();
    let rows = seen.read.select(&few);
    let output = output_of_many(scene, &model);
    let pairs = effects::interactions(&model, &rows, &parts, output, &breathe).await;
    let named: Vec<(String, String, f64)> = pairs
        .map_err(failed)?
        .into_iter()
        .map(|(first, second, strength)| {
            let [first, second] = [first, second].map(|part| model.names[part].clone());
            (first, second, strength)
        })
        .collect();
    let about = match output {
        Output::Number => scene.run.recipe.target.clone(),
        Output::Label(label) | Output::Has(label) => {
            format!("the log-odds of {}", labels(scene)[label])
        }
    };
    Ok(interactions(&named, &about))
}
