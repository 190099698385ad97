//! Occlusion: the answer without each part.

use futures::future::LocalBoxFuture;

use super::{Explainer, Subject, check_parts};
use crate::domain::explanation::Explanation;
use crate::engine::error::EngineError;

/// What the answer loses when one part is gone and all others are there.
///
/// Source: Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks", section
/// 4.2; for words Li, Monroe and Jurafsky 2016, "Understanding Neural Networks through Representation
/// Erasure". A word that another one repeats looks worth nothing.
#[derive(Debug, Clone, Copy)]
pub struct Occlusion;

impl Explainer for Occlusion {
    fn id(&self) -> &'static str {
        "occlusion"
    }

    fn name(&self) -> &'static str {
        "Leave one out"
    }

    fn about(&self) -> &'static str {
        "Takes one part away at a time and looks at what the answer loses."
    }

    fn explain<'a>(
        &'a self,
        subject: &'a dyn Subject,
    ) -> LocalBoxFuture<'a, Result<Explanation, EngineError>> {
        Box::pin(async move {
            let parts = check_parts(subject)?;
            let mut masks = vec![vec![true; parts]];
            masks.extend((0..parts).map(|gone| (0..parts).map(|part| part != gone).collect()));
            let values = subject.values(&masks).await?;
            let value = values[0];
            Ok(Explanation {
                method: self.id().to_owned(),
                shares: values[1..].iter().map(|without| value - without).collect(),
                half_widths: None,
                value,
                base: None,
                asked: masks.len() as u32,
            })
        })
    }
}
