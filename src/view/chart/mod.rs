//! Drawings: values to SVG. Colours and strokes are classes of the style sheet, so that a drawing is
//! legible in both themes and on paper.

mod bar;
mod parallel;
mod plot;

pub use bar::{bar, span, split_bar, whisker};
pub use parallel::{Level, Thread, parallel};
pub use plot::{Axis, Plot, figure, legend};
