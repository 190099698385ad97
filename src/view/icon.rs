//! Icons from Lucide (<https://lucide.dev>, ISC License), as paths in a box of 24 by 24. Each stands
//! beside a word, or its button has a label; so none is read out.

use super::markup::{Markup, element, tag};

/// The path of an icon.
pub type Icon = &'static str;

/// An arrow upwards.
pub const ARROW_UP: Icon = "m5 12 7-7 7 7M12 19V5";
/// An arrow downwards.
pub const ARROW_DOWN: Icon = "M12 5v14M0 0m19 12-7 7-7-7";
/// Back to something.
pub const CHEVRON_LEFT: Icon = "m15 18-6-6 6-6";
/// On to something.
pub const CHEVRON_RIGHT: Icon = "m9 18 6-6-6-6";
/// Take away.
pub const DOWNLOAD: Icon = "M12 15V3M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4M0 0m7 10 5 5 5-5";
/// Copy.
pub const COPY: Icon = "M10 8h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2V10a2 2 0 0 1 2-2zM4 16a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2";
/// A file.
pub const FILE_TEXT: Icon = "M6 22a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h8a2.4 2.4 0 0 1 1.704.706l3.588 3.588A2.4 2.4 0 0 1 20 8v12a2 2 0 0 1-2 2zM14 2v5a1 1 0 0 0 1 1h5M10 9H8M16 13H8M16 17H8";
/// Close.
pub const X: Icon = "M18 6 6 18M0 0m6 6 12 12";

/// Draws an icon at the size of the text beside it.
pub fn icon(path: Icon) -> Markup {
    tag("svg", "icon")
        .attr("viewBox", "0 0 24 24")
        .attr("aria-hidden", "true")
        .child(element("path").attr("d", path))
        .done()
}
