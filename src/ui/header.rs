//! What is always visible: the table, what trains, that nothing leaves, dark or light.

use std::time::Duration;

use crate::ui::lean::{live, memo, now, show};
use leptos::prelude::*;

use super::browser::requests::{self, Request};
use super::browser::theme::Theme;
use super::client::Page;
use super::icon::{self, icon};
use super::state::{Action, AppStateStoreFields, TableRole, WorkerView};
use super::words;
use crate::protocol::{DeviceInfo, DeviceKind, TableId};

/// How often the record of requests is read again.
const RECORD_INTERVAL: Duration = Duration::from_secs(2);

/// The bar on top of the page.
#[component]
pub fn Header() -> impl IntoView {
    view! {
        <header class="top">
            <div class="brand">
                <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
                    <path class="mark-ember" d="M12 2.5c.6 3.4 2.2 5 4 7 1.7 1.9 2.9 3.7 2.9 6.100A6.900 6.900 0 0 1 12 21.500a6.900 6.900 0 0 1-6.900-6.900c0-2.500 1.300-4.300 2.900-5.900.2 1.500.8 2.500 1.900 3.200-.5-3.700.3-6.900 2.100-9.400z"></path>
                    <path class="mark-core" d="M12 21.500a3.600 3.600 0 0 1-3.600-3.700c0-1.900 1.500-3.100 3.600-5.500 2.100 2.400 3.600 3.600 3.600 5.500a3.600 3.600 0 0 1-3.600 3.700z"></path>
                </svg>
                <span>"Burnish"</span>
            </div>
            <TableMenu />
            <div class="top-end">
                <DeviceBadge />
                <PrivacyBadge />
                <ThemeToggle />
            </div>
        </header>
    }
}

#[component]
fn TableMenu() -> impl IntoView {
    let page = Page::here();
    // Name and rows of every open table.
    let tables = memo(move || {
        let of = |table: &super::state::TableView| {
            let rows = table
                .summary
                .as_ref()
                .map(|summary| words::rows(summary.rows.into()));
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
        let id = page.state.table().get()?;
        tables
            .get()
            .into_iter()
            .find(|table| table.0 == id)
            .map(|table| table.1)
    };
    let close = || {
        let menu = document().get_element_by_id("tables-panel");
        // Hiding fails for a menu that is hidden already.
        let hide = menu.and_then(|menu| {
            use wasm_bindgen::JsCast;
            menu.dyn_into::<web_sys::HtmlElement>().ok()
        });
        if let Some(menu) = hide {
            let _ = menu.hide_popover();
        }
    };
    view! {
            {show(
    move || !tables.read().is_empty(),
    move || view! {
    <button class="table-menu" data-testid="table-menu" popovertarget="tables-panel">
                    {icon(icon::FILE_TEXT)}
                    <span class="table-menu-name">
                        {now(move || shown().unwrap_or_else(|| "Open tables".to_owned()))}
                    </span>
                    {icon(icon::CHEVRON_DOWN)}
                </button>
                <div id="tables-panel" class="panel panel-start" popover="auto" aria-label="Open tables">
                    <ul class="menu">
                        <For each=move || tables.get() key=|table| table.clone() let((id, name, rows))>
                            <li class="menu-row">
                                <button
                                    class="menu-item"
                                    data-testid=format!("table-{}", id.0)
                                    aria-current=now(move || (page.state.table().get() == Some(id)).then_some("true"))
                                    on:click=move |_| {
                                        close();
                                        page.act(Action::ShowTable(id));
                                    }
                                >
                                    <span class="menu-name">{name.clone()}</span>
                                    <span class="menu-note">{rows}</span>
                                </button>
                                <button
                                    class="icon-button"
                                    aria-label=format!("Close {name} and its runs")
                                    title="Close this table and its runs"
                                    on:click=move |_| page.act(Action::CloseTable(id))
                                >
                                    {icon(icon::X)}
                                </button>
                            </li>
                        </For>
                    </ul>
                    <button
                        class="menu-item menu-last"
                        data-testid="new-table"
                        on:click=move |_| {
                            close();
                            page.act(Action::Leave);
                        }
                    >
                        {icon(icon::PLUS)}
                        "Open another table"
                    </button>
                </div>
    }.into_any(),
    )}
        }
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

#[component]
fn DeviceBadge() -> impl IntoView {
    let page = Page::here();
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
    let glyph = move || match device.get().map(|info| info.kind) {
        Some(DeviceKind::WebGpu) => icon(icon::ZAP),
        _ => icon(icon::CPU),
    };
    let reason = move || {
        device.get().map_or_else(
            || "It is on its way: a few megabytes, once.".to_owned(),
            |info| info.reason,
        )
    };
    let switch = move |kind: DeviceKind, id: &'static str, label: &'static str| {
        let is_used = move || device.get().is_some_and(|info| info.kind == kind);
        view! {
            <button
                class="button"
                data-testid=id
                disabled=is_used
                on:click=move |_| page.client().restart(Some(kind))
            >
                {label}
            </button>
        }
    };
    view! {
        <button class="badge" data-testid="device-badge" popovertarget="device-panel" title="What trains here">
            {glyph}
            <span class="badge-text">{label}</span>
        </button>
        <div id="device-panel" class="panel" popover="auto" data-testid="device-panel" aria-label="What trains here">
            <h2>"What trains here"</h2>
            <p class="panel-lead">{label}</p>
            <p data-testid="device-reason">{reason}</p>
            <div class="row">
                {switch(DeviceKind::Cpu, "use-cpu", "Use the CPU")}
                {switch(DeviceKind::WebGpu, "use-gpu", "Use WebGPU")}
            </div>
            <p class="fine">
                "A change takes effect at once and is remembered. It ends a run that is under way, and finished runs have to be tuned again to be used; tables and results stay."
            </p>
        </div>
    }
}

#[component]
fn PrivacyBadge() -> impl IntoView {
    let page = Page::here();
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
    let more = move || if foreign.get() == 0 { " this tab" } else { "" };
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
            words::count(all.len() as u64),
            words::bytes(received)
        )
    };
    view! {
        <button
            class="badge"
            class:is-alarming=now(move || foreign.get() != 0)
            data-testid="privacy-badge"
            popovertarget="privacy-panel"
            on:click=move |_| look()
        >
            {live(move || icon(if foreign.get() == 0 { icon::SHIELD_CHECK } else { icon::SHIELD_ALERT }))}
            <span class="badge-text">{label}<span class="badge-more">{more}</span></span>
        </button>
        <div
            id="privacy-panel"
            class="panel panel-wide"
            popover="auto"
            data-testid="privacy-panel"
            aria-label="What this page has fetched"
        >
            <h2>"What this page has fetched"</h2>
            <p>
                "Your table is read, and the model tuned, in this tab. Below is the browser's own record of every address that this page asked for; you can hold it against the network view of the browser's developer tools, or switch the network off and go on."
            </p>
            <p class="panel-lead" data-testid="privacy-summary">{summary}</p>
            <div class="requests" tabindex="0" role="region" aria-label="Requests">
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">"Address"</th>
                            <th scope="col">"By"</th>
                            <th scope="col" class="num">"Received"</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || all.get().into_iter().enumerate() key=|(at, _)| *at let((_, (request, is_worker)))>
                            <tr data-testid="request" class:is-alarming=!request.is_own>
                                <td class="address">{request.address}</td>
                                <td>{if is_worker { "worker" } else { "page" }}</td>
                                <td class="num">
                                    {if request.received == 0 && request.body > 0 {
                                        "cache".to_owned()
                                    } else {
                                        words::bytes(request.received)
                                    }}
                                </td>
                            </tr>
                        </For>
                    </tbody>
                </table>
            </div>
        </div>
    }
}

#[component]
fn ThemeToggle() -> impl IntoView {
    let theme = RwSignal::new(Theme::current());
    let next = move || match theme.get().other() {
        Theme::Dark => "Dark",
        Theme::Light => "Light",
    };
    view! {
        <button
            class="badge"
            data-testid="theme-toggle"
            aria-label=now(move || format!("Switch to {}", next().to_lowercase()))
            on:click=move |_| {
                let other = theme.get_untracked().other();
                other.choose();
                theme.set(other);
            }
        >
            {live(move || icon(if theme.get() == Theme::Dark { icon::SUN } else { icon::MOON }))}
            <span class="badge-text theme-word">{next}</span>
        </button>
    }
}
