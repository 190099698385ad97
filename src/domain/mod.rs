//! Plain data and plain maths: no burn, no browser, no leptos.

pub mod base_model;
pub mod column;
pub mod csv;
pub mod examples;
pub mod features;
pub mod issue;
pub mod metric;
pub mod missing;
pub mod options;
pub mod recipe;
pub mod report;
pub mod split;
pub mod table;
pub mod task;
pub mod text;
