//! Parts of screens as markup: plain functions from what is known to HTML and SVG.
//!
//! The worker draws and the page shows, so that a screen costs the page's own module nothing and
//! the same markup makes the report that a person saves. What an element does when it is pressed
//! stands in its attributes; the page's `ui/study.rs` reads them:
//!
//! | attribute | on | what happens |
//! |---|---|---|
//! | `data-view="rows"` | a button | the view `rows` is asked for, and shown in the part around the button |
//! | `data-into="cell-rows"` | the same | it is shown in the element with this id instead |
//! | `data-knob-row="12"` | the same | the view is asked with the knob `row` set to `12`, besides the knobs of the part |
//! | `data-knob="threshold"` | a field | when it changes, its part is asked again with all knobs in it |
//! | `data-part="curves"` | a `div` | it is a part: what is pressed or changed in it, changes it; an empty one, and one with `data-ask`, asks for its view at once |
//! | `data-close="cell-rows"` | a button | the element with this id is emptied |
//! | `data-step='{...}'` | a button | this cleaning step (JSON of a `StepPlan`) is added to the table's plan; with `data-view`, that is asked for after it |
//! | `data-key="r"` | the same | this key presses it, wherever in the place the focus is |
//! | `data-start='{...}'` | a button | the next run goes on from this one (JSON of a `Start`) |
//! | `data-fork='{...}'` | a field of files | the file that is chosen is opened as a table, whose next run goes on from this one |
//! | `data-base="..."` | beside either of them | that run is on this base model |
//! | `data-settings='{...}'` | a button | the next run takes the settings of this recipe (JSON of a `Recipe`) |
//! | `data-save="report"` | a button | the file `report` is asked for and saved |
//! | `data-file` | a field of files | the file that is chosen is opened beside the tables, and its part is asked again |
//! | `data-copy="share-link"` | a button | what stands in the field with this id is copied |
//! | `data-arrows` | a `table` | arrow keys move the focus between its cells' buttons |
//!
//! The page's Content-Security-Policy forbids attributes of style: what has a size or a place that
//! depends on data is SVG, and shades are classes.

pub mod abstain;
pub mod baselines;
pub mod batch;
pub mod bundle;
pub mod calibration;
pub mod chart;
pub mod classes;
pub mod confusion;
pub mod costs;
pub mod curves;
pub mod demo;
pub mod explain;
pub mod field;
pub mod figures;
pub mod fit;
pub mod folds;
pub mod icon;
pub mod learning;
pub mod looks;
pub mod markup;
pub mod mistakes;
pub mod next_round;
pub mod numbers;
pub mod opened;
pub mod report;
pub mod rounds;
pub mod rows;
pub mod search;
pub mod share;
pub mod slices;
pub mod suspects;
pub mod take_along;
pub mod threshold;
pub mod to_label;
pub mod verdict;

#[cfg(test)]
mod tests;
