//! Work from before the page was loaded: go on with it, or remove it from this device.

use leptos::prelude::*;

use super::client::Page;
use super::icon::{self, icon};
use super::lean::live;
use super::state::{Action, AppStateStoreFields};
use super::words;
use crate::protocol::KeptTable;

/// Tables and runs that are kept on this device. Nothing where there are none.
#[component]
pub fn Kept() -> impl IntoView {
    let page = Page::here();
    live(move || {
        let tables = page.state.kept().get();
        if tables.is_empty() {
            return None;
        }
        let list: Vec<AnyView> = tables.into_iter().map(|table| card(page, table)).collect();
        Some(view! {
            <section class="kept" aria-labelledby="kept-title" data-testid="kept">
                <h2 id="kept-title">"Go on where you were"</h2>
                <ul>{list}</ul>
                <p class="fine">
                    "Kept in this browser on this device, and nowhere else. On a shared computer, remove it when you are done."
                </p>
            </section>
        })
    })
}

fn card(page: Page, table: KeptTable) -> AnyView {
    let KeptTable { key, name, .. } = &table;
    let (open, forget) = (key.clone(), key.clone());
    let about = words::kept(&table);
    let label = format!("Remove {name} from this device");
    view! {
        <li class="kept-table" data-testid="kept-table">
            <span class="kept-name">{name.clone()}</span>
            <span class="kept-about">{about}</span>
            <span class="row">
                <button
                    class="button button-primary"
                    data-testid="kept-open"
                    on:click=move |_| page.act(Action::GoOn(open.clone()))
                >
                    "Go on"
                </button>
                <button
                    class="button"
                    data-testid="kept-forget"
                    aria-label=label
                    on:click=move |_| page.act(Action::ForgetKept(Some(forget.clone())))
                >
                    {icon(icon::X)}
                    "Remove"
                </button>
            </span>
        </li>
    }
    .into_any()
}
