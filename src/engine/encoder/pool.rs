//! From one vector a token to one vector a text.

use burn::tensor::Tensor;

/// Keeps the division finite for a text of zero length, which never has weight.
const SMALLEST_NORM: f64 = 1e-12;

/// Subtracted from the hidden states of padding, so that no maximum is there.
const BELOW_ANY_VALUE: f64 = 1e9;

/// Mean of the hidden states over the tokens that are not padding.
///
/// Source: Reimers and Gurevych 2019, "Sentence-BERT", section 3 (MEAN strategy).
///
/// # Shapes
/// - hidden: `[batch, tokens, hidden]`
/// - mask: `[batch, tokens]`, 1 for a token and 0 for padding
/// - output: `[batch, hidden]`
pub fn mean_pool(hidden: Tensor<3>, mask: Tensor<2>) -> Tensor<2> {
    let tokens = mask.clone().sum_dim(1).clamp_min(1.0); // [batch, 1]
    let share = (mask / tokens).unsqueeze_dim::<3>(1); // [batch, 1, tokens]
    share.matmul(hidden).squeeze_dim::<2>(1) // [batch, hidden]
}

/// The first token's hidden state, BERT's `[CLS]`.
///
/// # Shapes
/// - hidden: `[batch, tokens, hidden]`
/// - output: `[batch, hidden]`
pub fn first_token(hidden: Tensor<3>) -> Tensor<2> {
    hidden.narrow(1, 0, 1).squeeze_dim::<2>(1)
}

/// The largest value of every entry over the tokens that are not padding.
///
/// # Shapes
/// - hidden: `[batch, tokens, hidden]`
/// - mask: `[batch, tokens]`, 1 for a token and 0 for padding
/// - output: `[batch, hidden]`
pub fn max_pool(hidden: Tensor<3>, mask: Tensor<2>) -> Tensor<2> {
    let beyond = (mask - 1.0) * BELOW_ANY_VALUE; // 0 for a token
    (hidden + beyond.unsqueeze_dim::<3>(2))
        .max_dim(1)
        .squeeze_dim::<2>(1)
}

/// Scales every row to length `sqrt(hidden)`, so that its entries are of size 1 whatever the
/// text's length was.
///
/// # Shapes
/// - input, output: `[batch, hidden]`
pub fn to_sphere(pooled: Tensor<2>) -> Tensor<2> {
    let [_, hidden] = pooled.dims();
    let squares = pooled.clone() * pooled.clone();
    let norm = squares.sum_dim(1).sqrt().clamp_min(SMALLEST_NORM); // [batch, 1]
    pooled / norm * (hidden as f64).sqrt()
}
