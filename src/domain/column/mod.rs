//! What a column holds: one file a kind, listed in `ALL`.
