//! Kernel SHAP over parts.

use futures::future::LocalBoxFuture;

use super::permutation_shap::shared_out;
use super::{Explainer, Subject, check_parts};
use crate::domain::evaluation;
use crate::domain::explanation::Explanation;
use crate::engine::error::EngineError;

/// Fits a weighted linear model to coalitions of parts. Exact where all of them fit into the
/// budget.
#[derive(Debug, Clone, Copy)]
pub struct KernelShap {
    /// Coalitions at the most, beyond twice the number of parts.
    pub budget: usize,
    /// The same seed, the same coalitions.
    pub seed: u64,
}

impl KernelShap {
    /// A quarter of what the `shap` package asks: in a browser a coalition costs milliseconds.
    pub const DEFAULT: Self = Self {
        budget: 512,
        seed: 0,
    };
}

impl Explainer for KernelShap {
    fn id(&self) -> &'static str {
        "kernel_shap"
    }

    fn name(&self) -> &'static str {
        "Kernel SHAP"
    }

    fn about(&self) -> &'static str {
        "Tries hundreds of combinations of the parts and fits what each adds. Slow and thorough."
    }

    fn explain<'a>(
        &'a self,
        subject: &'a dyn Subject,
    ) -> LocalBoxFuture<'a, Result<Explanation, EngineError>> {
        Box::pin(async move {
            let parts = check_parts(subject)?;
            let plan = evaluation::KernelShap::new(parts, self.budget + 2 * parts, self.seed)?;
            let values = subject.values(plan.masks()).await?;
            let asked = values.len() as u32;
            Ok(shared_out(
                self.id(),
                plan.solve(&values)?,
                values[1],
                asked,
            ))
        })
    }
}
