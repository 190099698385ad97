//! Integrated gradients: the slope on the way from nothing to the row.

use futures::future::LocalBoxFuture;

use super::{Explainer, PathPoint, Subject, check_parts};
use crate::domain::explanation::{Explanation, gauss_legendre};
use crate::engine::error::EngineError;

/// Sums the slope of the answer on the straight way from a row that says nothing to the row.
///
/// Source: Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks", section 3.
/// The integral is taken by the Gauss-Legendre rule, which needs fewer looks than equal steps. The
/// way starts at the padding token's vector in place of every word, with the special tokens and all
/// positions kept.
#[derive(Debug, Clone, Copy)]
pub struct IntegratedGradients {
    /// Looks along the way.
    pub steps: usize,
    /// Looks are doubled up to this number while the shares miss their sum by more than
    /// 1 %.
    pub most_steps: usize,
}

/// Share of the difference that the shares may miss.
pub const GOOD_ENOUGH: f64 = 0.01;

impl IntegratedGradients {
    /// Few looks first; more where they miss the sum. Not yet measured on real rows.
    pub const DEFAULT: Self = Self {
        steps: 16,
        most_steps: 128,
    };
}

impl Explainer for IntegratedGradients {
    fn id(&self) -> &'static str {
        "integrated_gradients"
    }

    fn name(&self) -> &'static str {
        "Integrated gradients"
    }

    fn about(&self) -> &'static str {
        "Follows the answer from a text of blanks to your text and adds up what each word contributes."
    }

    fn needs_path(&self) -> bool {
        true
    }

    fn explain<'a>(
        &'a self,
        subject: &'a dyn Subject,
    ) -> LocalBoxFuture<'a, Result<Explanation, EngineError>> {
        Box::pin(async move {
            let parts = check_parts(subject)?;
            let mut asked = 0;
            let mut steps = self.steps;
            loop {
                let rule = gauss_legendre(steps);
                let mut places: Vec<f64> = rule.iter().map(|(place, _)| *place).collect();
                places.extend([0.0, 1.0]);
                asked += places.len() as u32;
                let points = subject.path(&places);
                let points = points.ok_or(EngineError::NothingToExplain)?.await?;
                let mut shares = vec![0.0; parts];
                for ((_, weight), PathPoint { slopes, .. }) in rule.iter().zip(&points) {
                    for (share, slope) in shares.iter_mut().zip(slopes) {
                        *share += weight * slope;
                    }
                }
                let explanation = Explanation {
                    method: self.id().to_owned(),
                    shares,
                    half_widths: None,
                    value: points[steps + 1].value,
                    base: Some(points[steps].value),
                    asked,
                };
                let error = explanation.completeness_error().unwrap_or_default();
                if error <= GOOD_ENOUGH || 2 * steps > self.most_steps {
                    return Ok(explanation);
                }
                steps *= 2;
            }
        })
    }
}
