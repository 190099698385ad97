//! Permutation SHAP over parts.

use futures::future::LocalBoxFuture;

use super::{Explainer, Subject, check_parts};
use crate::domain::evaluation::{self, Attribution};
use crate::domain::explanation::Explanation;
use crate::engine::error::EngineError;

/// Lets parts join in random orders, forwards and backwards, and averages what each adds.
#[derive(Debug, Clone, Copy)]
pub struct PermutationShap {
    /// Orders; each is taken with its reverse.
    pub orders: usize,
    /// The same seed, the same orders.
    pub seed: u64,
}

impl PermutationShap {
    /// Few enough to answer while somebody types; the doubt that is left is told.
    pub const DEFAULT: Self = Self { orders: 4, seed: 0 };
}

impl Explainer for PermutationShap {
    fn id(&self) -> &'static str {
        "permutation_shap"
    }

    fn name(&self) -> &'static str {
        "Shapley values"
    }

    fn about(&self) -> &'static str {
        "Lets the parts join one after the other, in several orders, and shares the answer out fairly."
    }

    fn explain<'a>(
        &'a self,
        subject: &'a dyn Subject,
    ) -> LocalBoxFuture<'a, Result<Explanation, EngineError>> {
        Box::pin(async move {
            let parts = check_parts(subject)?;
            let plan = evaluation::PermutationShap::new(parts, self.orders, self.seed)?;
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

/// An attribution as an explanation.
pub(super) fn shared_out(id: &str, found: Attribution, value: f64, asked: u32) -> Explanation {
    Explanation {
        method: id.to_owned(),
        shares: found.values,
        half_widths: found.half_widths,
        value,
        base: Some(found.base),
        asked,
    }
}
