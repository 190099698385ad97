//! CSV files as people really have them, read in chunks.
