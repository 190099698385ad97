//! Small parts that several screens share.

use leptos::prelude::*;

use super::icon::{self, icon};
use super::tag::{block, paragraph, tag};
pub use crate::domain::hue::palette;
use crate::protocol::Failure;

/// What happened and what to do, in the place where it matters, and what can be done about it.
pub fn notice(failure: &Failure, actions: Vec<AnyView>) -> AnyView {
    block("notice")
        .attr("role", "alert")
        .id("failure")
        .child(icon(icon::OCTAGON_X))
        .child(
            block("notice-text")
                .child(paragraph("notice-what", failure.what.clone()))
                .child(paragraph("", failure.fix.clone()))
                .view(),
        )
        .child(block("notice-actions").children(actions).view())
        .view()
}

/// The heading of a step, which takes the focus when the step is shown.
pub fn heading(title: impl IntoAny, below: impl IntoAny) -> AnyView {
    tag("header", "step-head")
        .child(
            tag("h1", "")
                .attr("id", "step-title")
                .attr("tabindex", "-1")
                .child(title.into_any())
                .view(),
        )
        .child(tag("p", "step-below").child(below.into_any()).view())
        .view()
}

/// A bar from 0 to `share`, in the colour of a class.
pub fn bar(share: f64, class: String) -> AnyView {
    let bar = tag("span", "bar").attr("aria-hidden", "true");
    if share <= 0.0 {
        return bar.view();
    }
    let fill = tag("span", "")
        .attr("class", format!("bar-fill {class}"))
        .style("width", format!("{:.2}%", share.min(1.0) * 100.0));
    bar.child(fill.view()).view()
}
