//! Shares drawn at random: what every other method has to beat.

use futures::future::LocalBoxFuture;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Explainer, Subject, check_parts};
use crate::domain::explanation::Explanation;
use crate::engine::error::EngineError;

/// Shares that know nothing of the model, by the number of parts alone.
#[derive(Debug, Clone, Copy)]
pub struct RandomOrder;

impl Explainer for RandomOrder {
    fn id(&self) -> &'static str {
        "random_order"
    }

    fn name(&self) -> &'static str {
        "Random"
    }

    fn about(&self) -> &'static str {
        "Knows nothing of the model: what the other methods have to beat."
    }

    fn explain<'a>(
        &'a self,
        subject: &'a dyn Subject,
    ) -> LocalBoxFuture<'a, Result<Explanation, EngineError>> {
        Box::pin(async move {
            let parts = check_parts(subject)?;
            let value = subject.values(&[vec![true; parts]]).await?[0];
            let mut rng = ChaCha8Rng::seed_from_u64(parts as u64);
            Ok(Explanation {
                method: self.id().to_owned(),
                shares: (0..parts).map(|_| rng.random_range(-1.0..1.0)).collect(),
                half_widths: None,
                value,
                base: None,
                asked: 1,
            })
        })
    }
}
