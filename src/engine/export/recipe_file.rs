//! The recipe as JSON: with the same table it gives the same model.

use super::model::Model;
use super::{A_TEXT, ExportError, Exporter};
use crate::domain::recipe::Recipe;
use crate::domain::report::ParameterCount;

/// The recipe.
#[derive(Debug, Clone, Copy)]
pub struct RecipeFile;

impl Exporter for RecipeFile {
    fn id(&self) -> &'static str {
        "recipe"
    }

    fn name(&self) -> &'static str {
        "Recipe"
    }

    fn about(&self) -> &'static str {
        "Every setting of the run as JSON, and no data: with the same table it gives the same model."
    }

    fn ending(&self) -> &'static str {
        "recipe.json"
    }

    fn refusal(&self, _recipe: &Recipe) -> Option<&'static str> {
        None
    }

    fn size(&self, _count: ParameterCount) -> u64 {
        A_TEXT
    }

    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError> {
        Ok(serde_json::to_vec_pretty(&model.recipe).expect("a recipe is plain data"))
    }
}
