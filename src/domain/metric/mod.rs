//! Figures of merit over plain slices: one file each, listed in [`ALL`].

/// True labels beside predicted probabilities.
#[derive(Debug, Clone, Copy)]
pub struct Scored<'a> {
    /// Number of labels.
    pub classes: usize,
    /// Index of the true label of each row, shape `[rows]`.
    pub truth: &'a [u32],
    /// Probabilities, row-major, shape `[rows, classes]`.
    pub probabilities: &'a [f32],
}
