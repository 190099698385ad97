//! Drawings: values to SVG. Colours and strokes are classes of the style sheet, so that a drawing is
//! legible in both themes and on paper.

mod bar;
mod plot;

pub use bar::{bar, span, split_bar, whisker};
pub use plot::{Axis, Plot, figure, legend};
