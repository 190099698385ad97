//! A tuned model in the forms that other systems read: one file an exporter, listed in [`ALL`].
//!
//! A [`Model`] is read off its device once; everything after that is plain bytes. The tests run
//! each export with the program that it is meant for and compare what both predict.

mod archive;
mod burnish;
mod hugging_face;
mod ludwig;
mod model;
mod model_card;
pub(super) mod names;
mod onnx;
mod peft;
mod recipe_file;
mod safetensors_file;

pub use burnish::{
    BurnishError, BurnishFile, MOST_FILE_BYTES, MOST_INSIDE_BYTES, Restored, goes_along,
    open as open_burnish,
};
pub use model::{
    BroughtEncoder, EncoderWeights, Facts, Learned, Model, TableWeights, TextWeights, Update,
};

use crate::domain::base_model;
use crate::domain::encoder::Misfit;
use crate::domain::recipe::Recipe;
use crate::domain::report::ParameterCount;

/// Bytes of a tokenizer and other texts beside the weights of a model.
const BESIDE: u64 = 500_000;

/// Bytes of a text that somebody reads.
const A_TEXT: u64 = 4_000;

/// A form in which a model can be taken along.
pub trait Exporter: Sync {
    /// Stable id.
    fn id(&self) -> &'static str;

    /// Name as people read it.
    fn name(&self) -> &'static str;

    /// What it is good for and what is inside, as sentences.
    fn about(&self) -> &'static str;

    /// How the file's name ends, without the dot before it.
    fn ending(&self) -> &'static str;

    /// Why a model that such a recipe made cannot be taken along so, as a sentence; `None` when it
    /// can.
    fn refusal(&self, recipe: &Recipe) -> Option<&'static str>;

    /// About how many bytes it takes for a model of so many numbers.
    fn size(&self, count: ParameterCount) -> u64;

    /// The file.
    ///
    /// # Errors
    /// When the archive would be larger than its form allows.
    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError>;
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The archive could not be written.
    #[error("the archive cannot be written: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// The archive could not be written.
    #[error("the archive cannot be written: {0}")]
    Write(#[from] std::io::Error),
    /// The encoder that a person brought is not at hand, or too large to go along.
    #[error("the files of its encoder do not go along")]
    NoEncoder,
    /// The same is no longer what it was.
    #[error("the files of its encoder cannot be read: {0}")]
    Encoder(#[from] Misfit),
    /// Nobody could open it again.
    #[error("what was learned takes {0} bytes, more than is opened again")]
    TooLarge(u64),
}

/// Every exporter, in the order in which they are offered.
pub const ALL: &[&dyn Exporter] = &[
    &burnish::Burnish,
    &hugging_face::HuggingFace,
    &peft::Peft,
    &onnx::F32,
    &onnx::F16,
    &onnx::INT8,
    &model_card::ModelCard,
    &recipe_file::RecipeFile,
    &ludwig::Ludwig,
];

/// Why a model that such a recipe made cannot be taken along in a form, as a sentence; `None` when
/// it can.
///
/// Forms for other systems write what the bundled encoder computes: the mean of its tokens, positions
/// from 0. An encoder that a person brought may compute something else.
pub fn refusal(exporter: &dyn Exporter, recipe: &Recipe) -> Option<&'static str> {
    let is_own = !recipe.text.is_empty() && base_model::find(&recipe.base_model).is_none();
    if is_own && !OF_ANY_ENCODER.contains(&exporter.id()) {
        return Some("Models on an encoder of your own cannot be taken along in this form yet.");
    }
    exporter.refusal(recipe)
}

/// Forms that say nothing of what the encoder computes, or say it by its own files.
const OF_ANY_ENCODER: [&str; 4] = ["burnish", "hugging_face", "model_card", "recipe"];

/// An exporter by its id.
pub fn find(id: &str) -> Option<&'static dyn Exporter> {
    ALL.iter().copied().find(|exporter| exporter.id() == id)
}
