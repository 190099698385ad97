//! Plain data and plain maths: no burn, no browser, no leptos.

pub mod base_model;
pub mod baseline;
pub mod clean;
pub mod column;
pub mod cross_validation;
pub mod csv;
pub mod evaluation;
pub mod examples;
pub mod explanation;
pub mod features;
pub mod hue;
pub mod issue;
pub mod leak;
pub mod metric;
pub mod missing;
pub mod options;
pub mod query;
pub mod read;
pub mod recipe;
pub mod report;
pub mod split;
pub mod suggest;
pub mod table;
pub mod task;
pub mod text;
pub mod words;
