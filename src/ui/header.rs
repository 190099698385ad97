//! What is always visible: the table, what trains, that nothing leaves, dark or light.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::browser::requests::{self, Request};
use super::browser::theme::Theme;
use super::client::Page;
use super::icon::{self, icon};
use super::lean::{line, list, live, memo, show};
use super::state::{Action, AppStateStoreFields, TableRole, TableView, WorkerView};
use super::tag::{Tag, block, button, paragraph, tag, words};
use super::words as say;
use crate::protocol::{DeviceInfo, DeviceKind, TableId};

/// How often the record of requests is read again.
const RECORD_INTERVAL: Duration = Duration::from_secs(2);

/// The mark of the page: an ember.
const MARK: &str = r#"<svg class="mark" viewBox="0 0 24 24"><path class="mark-ember" d="M12 2.5c.6 3.4 2.2 5 4 7 1.7 1.9 2.9 3.7 2.9 6.1A6.9 6.9 0 0 1 12 21.5a6.9 6.9 0 0 1-6.9-6.9c0-2.5 1.3-4.3 2.9-5.9.2 1.5.8 2.5 1.9 3.2-.5-3.7.3-6.9 2.1-9.4z"/><path class="mark-core" d="M12 21.5a3.6 3.6 0 0 1-3.6-3.7c0-1.9 1.5-3.1 3.6-5.5 2.1 2.4 3.6 3.6 3.6 5.5a3.6 3.6 0 0 1-3.6 3.7z"/></svg>"#;

/// The bar on top of the page.
pub fn header(page: Page) -> AnyView {
    tag("header", "top")
        .child(
            block("brand")
                .child(
                    tag("i", "")
                        .attr("aria-hidden", "true")
                        .drawing(MARK.to_owned())
                        .view(),
                )
                .child(words("", "Burnish"))
                .view(),
        )
        .child(table_menu(page))
        .child(
            block("top-end")
                .child(device_badge(page))
                .child(privacy_badge(page))
                .child(theme_toggle())
                .view(),
        )
        .view()
}

/// Hides the menu of tables.
fn close_menu() {
    let menu = document().get_element_by_id("tables-panel");
    // Hiding fails for a menu that is hidden already.
    if let Some(menu) = menu.and_then(|menu| menu.dyn_into::<HtmlElement>().ok()) {
        let _ = menu.hide_popover();
    }
}

fn table_menu(page: Page) -> AnyView {
    // Name and rows of every open table.
    let tables = memo(move || {
        let of = |table: &TableView| {
            let rows = table
                .summary
                .as_ref()
                .map(|summary| say::rows(summary.rows.into()));
            (table.id, table.name.clone(), rows.unwrap_or_default())
        };
        page.state
            .tables()
            .read()
            .iter()
            .filter(|table| !table.is_gone && table.role == TableRole::Own)
            .map(of)
            .collect::<Vec<(TableId, String, String)>>()
    });
    let shown = move || {
        let id = page.state.table().get();
        let tables = tables.read();
        let shown = tables.iter().find(|table| Some(table.0) == id);
        shown.map_or_else(|| "Open tables".to_owned(), |table| table.1.clone())
    };
    let lines = move || {
        let tables = tables.get().into_iter();
        tables
            .map(|(id, name, rows)| {
                line(format!("{} {name} {rows}", id.0), move || {
                    table_line(page, id, name, rows)
                })
            })
            .collect()
    };
    show(
        move || !tables.read().is_empty(),
        move || {
            let menu = tag("button", "table-menu")
                .id("table-menu")
                .attr("popovertarget", "tables-panel")
                .child(icon(icon::FILE_TEXT))
                .child(tag("span", "table-menu-name").text_now(shown).view())
                .child(icon(icon::CHEVRON_DOWN));
            let leave = tag("button", "menu-item menu-last")
                .id("new-table")
                .press(move || {
                    close_menu();
                    page.act(Action::Leave);
                })
                .child(icon(icon::PLUS))
                .text("Open another table");
            let panel = panel("tables-panel", "panel panel-start", "Open tables")
                .child(tag("ul", "menu").child(list(lines)).view())
                .child(leave.view());
            vec![menu.view(), panel.view()].into_any()
        },
    )
}

fn table_line(page: Page, id: TableId, name: String, rows: String) -> AnyView {
    let label = format!("Close {name} and its runs");
    let choose = tag("button", "menu-item")
        .id(format!("table-{}", id.0))
        .attr_now("aria-current", move || {
            (page.state.table().get() == Some(id)).then(|| "true".to_owned())
        })
        .press(move || {
            close_menu();
            page.act(Action::ShowTable(id));
        })
        .child(words("menu-name", name))
        .child(words("menu-note", rows));
    let close = tag("button", "icon-button")
        .attr("aria-label", label)
        .attr("title", "Close this table and its runs")
        .press(move || page.act(Action::CloseTable(id)))
        .child(icon(icon::X));
    tag("li", "menu-row")
        .child(choose.view())
        .child(close.view())
        .view()
}

/// A panel that a button opens.
fn panel(id: &'static str, class: &'static str, label: &'static str) -> Tag {
    block(class)
        .attr("id", id)
        .attr("popover", "auto")
        .attr("aria-label", label)
}

/// What trains, short enough for a badge.
fn device_name(info: &DeviceInfo, adapter: &str) -> String {
    let name = if info.name.is_empty() {
        adapter
    } else {
        &info.name
    };
    match info.kind {
        DeviceKind::Cpu => "CPU".to_owned(),
        DeviceKind::WebGpu if name.is_empty() => "WebGPU".to_owned(),
        DeviceKind::WebGpu => format!("WebGPU · {name}"),
    }
}

fn device_badge(page: Page) -> AnyView {
    let adapter = page.client().adapter();
    let device = memo(move || match page.state.worker().get() {
        WorkerView::Ready(capabilities) => Some(capabilities.device),
        WorkerView::Starting | WorkerView::Down(_) => None,
    });
    let label = move || match device.get() {
        Some(info) => device_name(&info, &adapter.get()),
        None if matches!(*page.state.worker().read(), WorkerView::Starting) => {
            "Starting".to_owned()
        }
        None => "Not running".to_owned(),
    };
    let glyph = live(move || match device.get().map(|info| info.kind) {
        Some(DeviceKind::WebGpu) => icon(icon::ZAP),
        _ => icon(icon::CPU),
    });
    let reason = move || {
        device.get().map_or_else(
            || "It is on its way: a few megabytes, once.".to_owned(),
            |info| info.reason,
        )
    };
    let switch = move |kind: DeviceKind, id: &'static str, label: &'static str| {
        button("button", id, label, move || {
            page.client().restart(Some(kind));
        })
        .disabled(move || device.get().is_some_and(|info| info.kind == kind))
        .view()
    };
    let badge = tag("button", "badge")
        .id("device-badge")
        .attr("popovertarget", "device-panel")
        .attr("title", "What trains here")
        .child(glyph)
        .child(tag("span", "badge-text").text_now(label).view());
    let panel = panel("device-panel", "panel", "What trains here")
        .id("device-panel")
        .child(tag("h2", "").text("What trains here").view())
        .child(tag("p", "panel-lead").text_now(label).view())
        .child(tag("p", "").id("device-reason").text_now(reason).view())
        .child(
            block("row")
                .child(switch(DeviceKind::Cpu, "use-cpu", "Use the CPU"))
                .child(switch(DeviceKind::WebGpu, "use-gpu", "Use WebGPU"))
                .view(),
        )
        .child(paragraph(
            "fine",
            "A change takes effect at once and is remembered. It ends a run that is under way, and finished runs have to be tuned again to be used; tables and results stay.",
        ));
    vec![badge.view(), panel.view()].into_any()
}

fn privacy_badge(page: Page) -> AnyView {
    let listed = RwSignal::new(requests::list());
    let look = move || {
        let found = requests::list();
        if found.len() != listed.read_untracked().len() {
            listed.set(found);
        }
    };
    // Lives as long as the page.
    let _ = set_interval_with_handle(look, RECORD_INTERVAL);
    let all = memo(move || {
        let of_worker = page.state.fetched().get().into_iter().map(|fetched| {
            let described = requests::describe(&fetched.url, fetched.received, fetched.body);
            (described, true)
        });
        listed
            .get()
            .into_iter()
            .map(|request| (request, false))
            .chain(of_worker)
            .collect::<Vec<(Request, bool)>>()
    });
    let foreign = memo(move || {
        all.read()
            .iter()
            .filter(|(request, _)| !request.is_own)
            .count()
    });
    // Short enough for a phone, whose style sheet leaves out the rest.
    let more = move || if foreign.get() == 0 { " this tab" } else { "" }.to_owned();
    let label = move || match foreign.get() {
        0 => "Nothing left".to_owned(),
        1 => "1 request elsewhere".to_owned(),
        more => format!("{more} requests elsewhere"),
    };
    let summary = move || {
        let all = all.read();
        let received: u64 = all.iter().map(|(request, _)| request.received).sum();
        let where_to = match foreign.get() {
            0 => "all to the host that this page came from".to_owned(),
            some => format!("{some} of them to other hosts"),
        };
        format!(
            "{} requests, {where_to}; {} received.",
            say::count(all.len() as u64),
            say::bytes(received)
        )
    };
    let lines = move || {
        let all = all.get().into_iter().enumerate();
        all.map(|(at, (request, is_worker))| {
            line(at.to_string(), move || request_line(&request, is_worker))
        })
        .collect()
    };
    let badge = tag("button", "badge")
        .class_now("is-alarming", move || foreign.get() != 0)
        .id("privacy-badge")
        .attr("popovertarget", "privacy-panel")
        .press(look)
        .child(live(move || {
            icon(if foreign.get() == 0 {
                icon::SHIELD_CHECK
            } else {
                icon::SHIELD_ALERT
            })
        }))
        .child(
            tag("span", "badge-text")
                .text_now(label)
                .child(tag("span", "badge-more").text_now(more).view())
                .view(),
        );
    let heading = |class: &'static str, text: &'static str| {
        tag("th", class).attr("scope", "col").text(text).view()
    };
    let table = tag("table", "plain")
        .child(
            tag("thead", "")
                .child(
                    tag("tr", "")
                        .child(heading("", "Address"))
                        .child(heading("", "By"))
                        .child(heading("num", "Received"))
                        .view(),
                )
                .view(),
        )
        .child(tag("tbody", "").child(list(lines)).view());
    let panel = panel(
        "privacy-panel",
        "panel panel-wide",
        "What this page has fetched",
    )
    .id("privacy-panel")
    .child(tag("h2", "").text("What this page has fetched").view())
    .child(paragraph(
        "",
        "Your table is read, and the model tuned, in this tab. Below is the browser's own record of every address that this page asked for; you can hold it against the network view of the browser's developer tools, or switch the network off and go on.",
    ))
    .child(
        tag("p", "panel-lead")
            .id("privacy-summary")
            .text_now(summary)
            .view(),
    )
    .child(
        block("requests")
            .attr("tabindex", "0")
            .attr("role", "region")
            .attr("aria-label", "Requests")
            .child(table.view())
            .view(),
    );
    vec![badge.view(), panel.view()].into_any()
}

fn request_line(request: &Request, is_worker: bool) -> AnyView {
    let received = if request.received == 0 && request.body > 0 {
        "cache".to_owned()
    } else {
        say::bytes(request.received)
    };
    let is_alarming = !request.is_own;
    tag("tr", if is_alarming { "is-alarming" } else { "" })
        .id("request")
        .child(tag("td", "address").text(request.address.clone()).view())
        .child(
            tag("td", "")
                .text(if is_worker { "worker" } else { "page" })
                .view(),
        )
        .child(tag("td", "num").text(received).view())
        .view()
}

fn theme_toggle() -> AnyView {
    let theme = RwSignal::new(Theme::current());
    let next = move || match theme.get().other() {
        Theme::Dark => "Dark",
        Theme::Light => "Light",
    };
    tag("button", "badge")
        .id("theme-toggle")
        .attr_now("aria-label", move || {
            format!("Switch to {}", next().to_ascii_lowercase())
        })
        .press(move || {
            let other = theme.get_untracked().other();
            other.choose();
            theme.set(other);
        })
        .child(live(move || {
            icon(if theme.get() == Theme::Dark {
                icon::SUN
            } else {
                icon::MOON
            })
        }))
        .child(
            tag("span", "badge-text theme-word")
                .text_now(move || next().to_owned())
                .view(),
        )
        .view()
}
