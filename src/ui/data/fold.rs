//! A panel that is one line until somebody wants more.

use leptos::prelude::*;

use crate::ui::icon::{self, icon};
use crate::ui::lean::{Memo, live, show};
use crate::ui::tag::{block, tag, words};

/// What stands beside a panel's title.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// What is in it, in a line.
    pub text: String,
    /// What wants attention, in two or three words.
    pub mark: Option<String>,
}

/// A panel with a title and a line; the rest is drawn once it is opened.
pub fn fold(
    id: &'static str,
    title: &'static str,
    summary: Memo<Summary>,
    mut inside: impl FnMut() -> AnyView + Send + 'static,
) -> AnyView {
    let is_open = RwSignal::new(false);
    let mark = live(move || {
        summary
            .get()
            .mark
            .map(|mark| words("fold-mark", mark))
            .into_any()
    });
    let head = tag("button", "fold-head")
        .attr("type", "button")
        .id(format!("fold-{id}"))
        .attr("id", format!("fold-{id}"))
        .attr_now("aria-expanded", move || is_open.get().to_string())
        .press(move || is_open.update(|open| *open = !*open))
        .child(
            tag("span", "fold-chevron")
                .child(icon(icon::CHEVRON_RIGHT))
                .view(),
        )
        .child(words("fold-title", title))
        .child(
            tag("span", "fold-line")
                .text_now(move || summary.get().text)
                .view(),
        )
        .child(mark);
    tag("section", "fold")
        .child(tag("h2", "fold-heading").child(head.view()).view())
        .child(show(
            move || is_open.get(),
            move || block("fold-body").child(inside()).view(),
        ))
        .view()
}
