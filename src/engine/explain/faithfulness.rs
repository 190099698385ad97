//! Whether an explanation is true to the model: asks for the curves of its order.

use super::{Subject, check_parts};
use crate::domain::explanation::{Explanation, Faithfulness, FaithfulnessPlan};
use crate::engine::error::EngineError;

/// Deletion and insertion curves of an explanation beside those of random orders, in probabilities
/// or in the number's own unit.
///
/// # Errors
/// When the device fails, when it was stopped, or when there are no parts.
pub async fn faithfulness(
    subject: &dyn Subject,
    explanation: &Explanation,
    seed: u64,
) -> Result<Faithfulness, EngineError> {
    check_parts(subject)?;
    let plan = FaithfulnessPlan::new(&explanation.order(), seed);
    let values = subject.values(plan.masks()).await?;
    let output = subject.output();
    let shown: Vec<f64> = values
        .into_iter()
        .map(|value| output.shown(value))
        .collect();
    Ok(plan.solve(&shown))
}
