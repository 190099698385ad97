//! Why a trained model answers as it does.
//!
//! A [`Subject`] is one answer of one model, with a row taken apart: [`text::WordSubject`] into the
//! words of a text, [`row::ColumnSubject`] into the columns of a row. An [`Explainer`] asks it and
//! shares the answer out. What is asked is known before (see [`crate::domain::evaluation`]), so the
//! model answers in batches.

pub mod effects;
pub mod faithfulness;
pub mod fewest_words;
mod integrated_gradients;
mod kernel_shap;
mod occlusion;
mod permutation_shap;
mod random_order;
pub mod row;
pub mod smallest_change;
pub mod text;

pub use integrated_gradients::IntegratedGradients;
pub use kernel_shap::KernelShap;
pub use occlusion::Occlusion;
pub use permutation_shap::PermutationShap;
pub use random_order::RandomOrder;

use futures::future::LocalBoxFuture;

use super::error::EngineError;
use super::train::Control;
use crate::domain::explanation::{Explanation, Output};

/// What work takes a breath by.
pub trait Breathe {
    /// Called between batches: yields to whatever else wants to run, and says whether to go on.
    fn breathe(&self) -> LocalBoxFuture<'_, Control>;
}

/// What work takes a breath by, borrowed.
pub type Breath<'a> = &'a dyn Breathe;

/// Goes on without a pause: for tests and the command line.
#[derive(Debug, Clone, Copy)]
pub struct Breathless;

impl Breathe for Breathless {
    fn breathe(&self) -> LocalBoxFuture<'_, Control> {
        Box::pin(std::future::ready(Control::Go))
    }
}

/// Breathes, and ends what is under way where nobody wants it any longer.
async fn breathe(breath: Breath<'_>) -> Result<(), EngineError> {
    match breath.breathe().await {
        Control::Go => Ok(()),
        Control::Stop => Err(EngineError::Stopped),
    }
}

/// One answer of one model, on a row taken apart.
pub trait Subject {
    /// How many parts the row has.
    fn parts(&self) -> usize;

    /// What is explained.
    fn output(&self) -> Output;

    /// The figure for rows in which only the parts of a mask are there, in the unit of
    /// [`Output::of`]; one a mask.
    fn values<'a>(
        &'a self,
        masks: &'a [Vec<bool>],
    ) -> LocalBoxFuture<'a, Result<Vec<f64>, EngineError>>;

    /// Places on the straight way from a row that says nothing, 0, to the row as it is, 1. `None`
    /// where there is nothing between two rows, as between two categories.
    fn path<'a>(
        &'a self,
        places: &'a [f64],
    ) -> Option<LocalBoxFuture<'a, Result<Vec<PathPoint>, EngineError>>>;
}

/// The model at one place of the way from nothing to a row.
#[derive(Debug, Clone, PartialEq)]
pub struct PathPoint {
    /// The figure there.
    pub value: f64,
    /// For each part the slope of the figure, times the part's whole way.
    pub slopes: Vec<f64>,
}

/// Shares one answer out among the parts of its row.
pub trait Explainer {
    /// Stable id.
    fn id(&self) -> &'static str;

    /// Its name as people know it.
    fn name(&self) -> &'static str;

    /// What it does, in a sentence.
    fn about(&self) -> &'static str;

    /// Whether it needs a way between rows, see [`Subject::path`].
    fn needs_path(&self) -> bool {
        false
    }

    /// Shares the answer out.
    ///
    /// # Errors
    /// When the device fails, when it was stopped, or when the subject has no part.
    fn explain<'a>(
        &'a self,
        subject: &'a dyn Subject,
    ) -> LocalBoxFuture<'a, Result<Explanation, EngineError>>;
}

/// Every explainer that asks for nothing but a subject; the first one that fits a subject is its
/// default.
pub const ALL: &[&dyn Explainer] = &[
    &IntegratedGradients::DEFAULT,
    &PermutationShap::DEFAULT,
    &KernelShap::DEFAULT,
    &Occlusion,
    &RandomOrder,
];

/// An explainer by its id.
pub fn find(id: &str) -> Option<&'static dyn Explainer> {
    ALL.iter().copied().find(|explainer| explainer.id() == id)
}

/// The explainers that can explain a subject, its default first.
pub fn fitting(has_path: bool) -> impl Iterator<Item = &'static dyn Explainer> {
    let fits = move |explainer: &&dyn Explainer| has_path || !explainer.needs_path();
    ALL.iter().copied().filter(fits)
}

/// Refuses a row without parts.
fn check_parts(subject: &dyn Subject) -> Result<usize, EngineError> {
    match subject.parts() {
        0 => Err(EngineError::NothingToExplain),
        parts => Ok(parts),
    }
}
