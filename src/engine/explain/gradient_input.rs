//! Gradient times input: one look at the row.

use futures::future::LocalBoxFuture;

use super::{Explainer, Subject, check_parts};
use crate::domain::explanation::Explanation;
use crate::engine::error::EngineError;

/// The slope at the row itself, times each part's way from nothing: integrated gradients in a
/// single look, which is quick and promises no sum.
///
/// Source: Shrikumar et al. 2016, "Not Just a Black Box", section 2.
#[derive(Debug, Clone, Copy)]
pub struct GradientInput;

impl Explainer for GradientInput {
    fn id(&self) -> &'static str {
        "gradient_input"
    }

    fn name(&self) -> &'static str {
        "Gradient × input"
    }

    fn about(&self) -> &'static str {
        "Looks once at how steeply the answer changes with each word. Quick and rough."
    }

    fn needs_path(&self) -> bool {
        true
    }

    fn explain<'a>(
        &'a self,
        subject: &'a dyn Subject,
    ) -> LocalBoxFuture<'a, Result<Explanation, EngineError>> {
        Box::pin(async move {
            check_parts(subject)?;
            let points = subject.path(&[1.0]);
            let mut points = points.ok_or(EngineError::NothingToExplain)?.await?;
            let point = points.pop().expect("one place, one point");
            Ok(Explanation {
                method: self.id().to_owned(),
                shares: point.slopes,
                half_widths: None,
                value: point.value,
                base: None,
                asked: 1,
            })
        })
    }
}
