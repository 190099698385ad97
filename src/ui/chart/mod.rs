//! Charts: curves as paths that stretch with the page, words and numbers as text beside them.

pub mod curves;
