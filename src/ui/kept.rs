//! Work from before the page was loaded: go on with it, or remove it from this device.

use leptos::prelude::*;

use super::client::Page;
use super::icon::{self, icon};
use super::lean::live;
use super::state::{Action, AppStateStoreFields};
use super::tag::{button, paragraph, tag, words as text};
use super::words;
use crate::protocol::KeptTable;

/// Tables and runs that are kept on this device. Nothing where there are none.
pub fn kept(page: Page) -> AnyView {
    live(move || {
        let tables = page.state.kept().read();
        if tables.is_empty() {
            return None;
        }
        let cards: Vec<AnyView> = tables.iter().map(|table| card(page, table)).collect();
        Some(
            tag("section", "kept")
                .attr("aria-labelledby", "kept-title")
                .id("kept")
                .child(
                    tag("h2", "")
                        .attr("id", "kept-title")
                        .text("Go on where you were")
                        .view(),
                )
                .child(tag("ul", "").children(cards).view())
                .child(paragraph(
                    "fine",
                    "Kept in this browser on this device, and nowhere else. On a shared computer, remove it when you are done.",
                ))
                .view(),
        )
    })
}

fn card(page: Page, table: &KeptTable) -> AnyView {
    let (open, forget) = (table.key.clone(), table.key.clone());
    let go_on = button("button button-primary", "kept-open", "Go on", move || {
        page.act(Action::GoOn(open.clone()));
    });
    let remove = tag("button", "button")
        .id("kept-forget")
        .attr(
            "aria-label",
            format!("Remove {} from this device", table.name),
        )
        .press(move || page.act(Action::ForgetKept(Some(forget.clone()))))
        .child(icon(icon::X))
        .text("Remove");
    tag("li", "kept-table")
        .id("kept-table")
        .child(text("kept-name", table.name.clone()))
        .child(text("kept-about", words::kept(table)))
        .child(
            tag("span", "row")
                .child(go_on.view())
                .child(remove.view())
                .view(),
        )
        .view()
}
