//! Pretrained text encoders.

mod bert;
mod gelu;
mod pool;
mod projection;
mod random;
mod weights;

pub use bert::{BertEncoder, BertEncoderConfig};
pub use gelu::gelu;
pub use pool::{first_token, max_pool, mean_pool, to_sphere};
pub use projection::{LowRank, Projected};
pub use random::random_checkpoint;
pub use weights::{Weights, WeightsError};
