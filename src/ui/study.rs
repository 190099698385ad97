//! A place for markup that the worker draws: shows it, and passes on what is pressed and changed.
//!
//! One place holds a whole screen. It asks for a view, shows the answer and listens to everything in
//! it; which element does what stands in attributes that [`crate::view`] lists.

use std::time::Duration;

use js_sys::Array;
use leptos::html::Div;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, EventTarget, HtmlElement, KeyboardEvent};

use super::browser::files;
use super::client::Page;
use super::lean::{Memo, memo};
use super::state::{
    Action, AppStateStoreFields, Field, PlanAction, Reply, RunView, RunViewStoreFields, Step,
    next_request, next_run, toast,
};
use super::try_out::absent;
use crate::protocol::{Attachment, Knobs, RequestId, RunId, RunQuestion};

/// A field that is asked about as one types waits so long for the next stroke.
const PAUSE: Duration = Duration::from_millis(150);

/// A question under way and the element that its answer is for: for a file, the button that asked.
type Pending = (RequestId, Option<Element>);

#[derive(Clone, Copy)]
struct Host {
    page: Page,
    run: RunId,
    view: &'static str,
    pending: StoredValue<Vec<Pending>, LocalStorage>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

/// A place for a view about a run, and what is said while the run is not there.
pub fn study(page: Page, run: Field<RunView>, view: &'static str) -> AnyView {
    vec![absent(page, run), part(page, run, view)].into_any()
}

/// A place for a view about a run.
pub fn part(page: Page, run: Field<RunView>, view: &'static str) -> AnyView {
    let host = Host {
        page,
        run: run.id().get_untracked(),
        view,
        pending: StoredValue::new_local(Vec::new()),
        timer: StoredValue::new(None),
    };
    let is_loaded = memo(move || run.is_loaded().get());
    place(host, is_loaded, Knobs::new())
}

/// A place for a demo that was opened by a link. It is no run of this page: its number is that of none.
pub fn demo(page: Page, link: String, is_framed: bool) -> AnyView {
    let host = Host {
        page,
        run: RunId(u32::MAX),
        view: "demo",
        pending: StoredValue::new_local(Vec::new()),
        timer: StoredValue::new(None),
    };
    let mut knobs = Knobs::from([("link".to_owned(), link)]);
    if is_framed {
        knobs.insert("framed".to_owned(), "1".to_owned());
    }
    place(host, memo(|| true), knobs)
}

/// A place for a model that was opened from a file: a run of its own, of no table.
pub fn model(page: Page, name: String) -> AnyView {
    let host = Host {
        page,
        run: next_run(page.state),
        view: OPEN,
        pending: StoredValue::new_local(Vec::new()),
        timer: StoredValue::new(None),
    };
    place(host, memo(|| true), Knobs::from([(OPEN.to_owned(), name)]))
}

/// Stands for the view of a model that is still in its file.
const OPEN: &str = "open";

/// The element that shows a host's view, once it may be asked for.
fn place(host: Host, may_ask: Memo<bool>, knobs: Knobs) -> AnyView {
    let Host { page, view, .. } = host;
    let place = NodeRef::<Div>::new();
    Effect::new(move |_| {
        if let Some(place) = place.get()
            && may_ask.get()
            && place.child_element_count() == 0
        {
            if let (OPEN, Some(name)) = (view, knobs.get(OPEN)) {
                let question = RunQuestion::Open {
                    name: name.clone(),
                    model: Attachment(0),
                    table: page.state.table().get_untracked(),
                };
                return host.send(Some(place.unchecked_into()), question);
            }
            host.ask(&place, view, knobs.clone());
        }
    });
    Effect::new(move |_| {
        let replies = page.state.replies().get();
        for (request, reply) in replies {
            host.take(request, reply);
        }
    });
    on_cleanup(move || {
        for (request, _) in host.pending.get_value() {
            page.act(Action::Cancel(request));
        }
    });
    view! {
        <div
            class="study"
            node_ref=place
            on:click=move |event| host.pressed(event.target())
            on:change=move |event| host.changed(event.target(), false)
            on:input=move |event| host.changed(event.target(), true)
            on:keydown=move |event| host.key(&event)
        ></div>
    }
    .into_any()
}

impl Host {
    /// Asks for a view, to be shown in an element. What was asked for it before is no longer wanted.
    fn ask(self, into: &Element, view: &str, knobs: Knobs) {
        for (name, value) in &knobs {
            // Fails only for names that are no attribute names.
            let _ = into.set_attribute(&format!("data-knob-{name}"), value);
        }
        self.cancel(into);
        let _ = into.set_attribute("aria-busy", "true");
        let view = view.to_owned();
        self.send(Some(into.clone()), RunQuestion::View { view, knobs });
    }

    fn send(self, into: Option<Element>, question: RunQuestion) {
        let request = next_request(self.page.state);
        self.pending
            .update_value(|pending| pending.push((request, into)));
        self.page.act(Action::AskRun {
            run: self.run,
            request,
            question,
        });
    }

    /// Takes what came to a question of this place.
    fn take(self, request: RequestId, reply: Reply) {
        let pending = self.pending.get_value();
        let Some((_, into)) = pending.into_iter().find(|(own, _)| *own == request) else {
            return;
        };
        if let Reply::Working(what) = &reply {
            if let Some(into) = &into {
                let _ = into.set_attribute("data-working", what);
            }
            return;
        }
        self.pending
            .update_value(|pending| pending.retain(|(own, _)| *own != request));
        if let Some(into) = &into {
            let _ = into.remove_attribute("data-working");
            let _ = into.remove_attribute("aria-busy");
        }
        match (reply, into) {
            (
                Reply::File {
                    name,
                    kind,
                    text: Some(text),
                },
                _,
            ) => {
                files::save(&name, &kind, &Array::of1(&JsValue::from_str(&text)));
            }
            (Reply::Markup(markup), Some(into)) => self.show(&into, &markup),
            (Reply::Failed(failure), Some(button)) if button.has_attribute("data-save") => {
                toast(self.page.state, failure);
            }
            (Reply::Failed(failure), Some(into)) => {
                into.set_text_content(Some(&format!("{} {}", failure.what, failure.fix)));
                let _ = into.set_attribute("role", "alert");
            }
            // A file has no place of its own to fail in.
            (Reply::Failed(failure), None) => toast(self.page.state, failure),
            _ => {}
        }
    }

    /// Shows markup, keeps the focus on the element of the same id, and asks for empty parts.
    fn show(self, into: &Element, markup: &str) {
        let focused = document()
            .active_element()
            .filter(|element| into.contains(Some(element)))
            .map(|element| element.id());
        into.set_inner_html(markup);
        let again = focused.filter(|id| !id.is_empty());
        focus(again.and_then(|id| document().get_element_by_id(&id)));
        for part in all(into, "[data-part]:empty, [data-ask]") {
            if let Some(view) = part.get_attribute("data-part") {
                self.ask(&part, &view, own_knobs(&part));
            }
        }
    }

    fn pressed(self, target: Option<EventTarget>) {
        const PRESSABLE: &str = "[data-view]:not([data-knob]), [data-save], [data-close], [data-step], [data-start], [data-settings], [data-copy], [data-stop]";
        let Some(source) = closest(target, PRESSABLE) else {
            return;
        };
        if let Some(file) = source.get_attribute("data-save") {
            let knobs = knobs(&self.part(&source), &source);
            let _ = source.set_attribute("aria-busy", "true");
            self.send(Some(source), RunQuestion::File { file, knobs });
        } else if source.has_attribute("data-stop") {
            self.stop(source.previous_element_sibling());
        } else if let Some(id) = source.get_attribute("data-close") {
            if let Some(element) = document().get_element_by_id(&id) {
                element.set_inner_html("");
            }
        } else if let Some(id) = source.get_attribute("data-copy") {
            let field = document().get_element_by_id(&id);
            let value = field.and_then(|field| {
                let value = js_sys::Reflect::get(&field, &JsValue::from_str("value"));
                value.ok()?.as_string()
            });
            let clipboard = window().navigator().clipboard();
            // A browser that forbids it leaves the field to copy from by hand.
            let _ = clipboard.write_text(&value.unwrap_or_default());
        } else if let Some(step) = source.get_attribute("data-step") {
            // A key that comes before the next row would decide about the last one again.
            if closest(Some(source.clone().into()), "[aria-busy]").is_some() {
                return;
            }
            if let Some(step) = plain(&step) {
                self.page.act(Action::Plan(PlanAction::AddStep(step)));
            }
            if source.has_attribute("data-view") {
                self.trigger(&source);
            }
        } else if let Some(start) = source.get_attribute("data-start") {
            self.page
                .act(Action::Plan(PlanAction::Start(plain(&start))));
            self.page.act(Action::Go(Step::Tune));
            self.page.client().close_model();
        } else if let Some(settings) = source.get_attribute("data-settings") {
            if let Some(recipe) = plain(&settings) {
                self.page.act(Action::TakeSettings(recipe));
            }
        } else {
            self.trigger(&source);
        }
    }

    /// Ends what a button has asked for.
    fn stop(self, button: Option<Element>) {
        let Some(button) = button else {
            return;
        };
        self.cancel(&button);
        let _ = button.remove_attribute("data-working");
        let _ = button.remove_attribute("aria-busy");
    }

    /// What was asked for an element is no longer wanted.
    fn cancel(self, into: &Element) {
        let mut earlier = Vec::new();
        self.pending.update_value(|pending| {
            pending.retain(|(request, element)| {
                let is_other = element.as_ref() != Some(into);
                if !is_other {
                    earlier.push(*request);
                }
                is_other
            });
        });
        for request in earlier {
            self.page.act(Action::Cancel(request));
        }
    }

    /// A field has another value, or is about to have one where `is_input`.
    fn changed(self, target: Option<EventTarget>, is_input: bool) {
        let Some(source) = closest(target, "[data-knob]") else {
            return;
        };
        if source.has_attribute("data-file") {
            if !is_input && let Some(file) = files::picked(source.unchecked_ref()) {
                self.page.client().open_beside(file);
                self.trigger(&source);
            }
            return;
        }
        if let Some(start) = source.get_attribute("data-fork") {
            if !is_input && let Some(file) = files::picked(source.unchecked_ref()) {
                self.page.client().open_file(file);
                self.page
                    .act(Action::Plan(PlanAction::Start(plain(&start))));
            }
            return;
        }
        let is_live = source.has_attribute("data-live");
        if is_live != is_input {
            return;
        }
        if let Some(waiting) = self.timer.get_value() {
            waiting.clear();
        }
        if is_live {
            let ask = move || self.trigger(&source);
            self.timer
                .set_value(set_timeout_with_handle(ask, PAUSE).ok());
        } else {
            self.trigger(&source);
        }
    }

    /// Asks what an element asks for.
    fn trigger(self, source: &Element) {
        let part = self.part(source);
        let named = |name: &str| {
            source
                .get_attribute(name)
                .or_else(|| part.get_attribute(name))
        };
        let view = source
            .get_attribute("data-view")
            .or_else(|| part.get_attribute("data-part"))
            .unwrap_or_else(|| self.view.to_owned());
        let into = named("data-into").and_then(|id| document().get_element_by_id(&id));
        let knobs = knobs(&part, source);
        if let Some(id) = source.get_attribute("data-into") {
            // Which of several is shown there.
            let root = source
                .closest(".study")
                .ok()
                .flatten()
                .unwrap_or_else(|| part.clone());
            for other in all(&root, &format!("[data-into=\"{id}\"][aria-current]")) {
                let _ = other.remove_attribute("aria-current");
            }
            let _ = source.set_attribute("aria-current", "true");
        }
        self.ask(into.as_ref().unwrap_or(&part), &view, knobs);
    }

    /// The part that an element stands in, or the whole place.
    fn part(self, source: &Element) -> Element {
        let found = source.closest("[data-part], .study").ok().flatten();
        found.unwrap_or_else(|| source.clone())
    }

    fn key(self, event: &KeyboardEvent) {
        let key = event.key();
        let step: Option<(i32, i32)> = match key.as_str() {
            "ArrowUp" => Some((-1, 0)),
            "ArrowDown" => Some((1, 0)),
            "ArrowLeft" => Some((0, -1)),
            "ArrowRight" => Some((0, 1)),
            _ => None,
        };
        if let Some(step) = step {
            if closest(event.target(), "[data-arrows]").is_some_and(|table| walk(&table, step)) {
                event.prevent_default();
            }
        } else if matches!(key.as_str(), "Enter" | " ")
            && closest(event.target(), "[data-view][tabindex]:not(button)").is_some()
        {
            event.prevent_default();
            self.pressed(event.target());
        } else if let Some(button) = pressed_by(event) {
            event.prevent_default();
            self.pressed(Some(button.into()));
        }
    }
}

/// The button of the place that a letter or digit alone presses, unless it is typed into a field.
fn pressed_by(event: &KeyboardEvent) -> Option<Element> {
    let key = event.key();
    let is_plain = key.len() == 1 && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_held = event.ctrl_key() || event.alt_key() || event.meta_key();
    if !is_plain || is_held || closest(event.target(), "input, select, textarea").is_some() {
        return None;
    }
    let place = closest(event.target(), ".study")?;
    let named = format!("[data-key=\"{}\"]", key.to_ascii_lowercase());
    place.query_selector(&named).ok().flatten()
}

/// Plain data out of an attribute.
fn plain<T: serde::de::DeserializeOwned>(json: &str) -> Option<T> {
    let read = js_sys::JSON::parse(json).and_then(|data| Ok(serde_wasm_bindgen::from_value(data)?));
    match read {
        Ok(data) => Some(data),
        Err(error) => {
            leptos::logging::error!("An attribute could not be read: {error:?}");
            None
        }
    }
}

/// Moves the focus to another cell of a table of buttons.
fn walk(table: &Element, (down, right): (i32, i32)) -> bool {
    let cells = all(table, "button");
    let wide = all(table, "tbody tr:first-child button").len() as i32;
    let active = document().active_element();
    let Some(at) = cells.iter().position(|cell| Some(cell) == active.as_ref()) else {
        return false;
    };
    let (row, column) = (
        at as i32 / wide.max(1) + down,
        at as i32 % wide.max(1) + right,
    );
    let next = row * wide + column;
    if row < 0 || column < 0 || column >= wide || next >= cells.len() as i32 {
        return true;
    }
    let next = &cells[next as usize];
    let _ = cells[at].set_attribute("tabindex", "-1");
    let _ = next.set_attribute("tabindex", "0");
    focus(Some(next.clone()));
    true
}

fn focus(element: Option<Element>) {
    if let Some(element) = element {
        // An SVG element takes the focus by the same method.
        let _ = element.unchecked_into::<HtmlElement>().focus();
    }
}

/// Elements below one that a selector fits, in their order.
fn all(root: &Element, selector: &str) -> Vec<Element> {
    let mut found = Vec::new();
    let mut next = root.first_element_child();
    while let Some(element) = next {
        if element.matches(selector) == Ok(true) {
            found.push(element.clone());
        }
        found.extend(all(&element, selector));
        next = element.next_element_sibling();
    }
    found
}

fn closest(target: Option<EventTarget>, selector: &str) -> Option<Element> {
    let target: Element = target?.dyn_into().ok()?;
    target.closest(selector).ok().flatten()
}

/// What a part remembers, what its fields hold, and what the element that was pressed says.
fn knobs(part: &Element, source: &Element) -> Knobs {
    let mut knobs = own_knobs(part);
    for field in all(part, "[data-knob]") {
        let is_own = field.closest("[data-part], .study").ok().flatten().as_ref() == Some(part);
        if let (true, Some(name)) = (is_own, field.get_attribute("data-knob")) {
            let of = |name: &str| js_sys::Reflect::get(&field, &JsValue::from_str(name)).ok();
            let kind = field.get_attribute("type").unwrap_or_default();
            let is_ticked = of("checked").and_then(|ticked| ticked.as_bool()) == Some(true);
            let value = match kind.as_str() {
                "checkbox" => is_ticked.to_string(),
                "radio" if !is_ticked => continue,
                _ => of("value")
                    .and_then(|value| value.as_string())
                    .unwrap_or_default(),
            };
            knobs.insert(name, value);
        }
    }
    knobs.extend(own_knobs(source));
    knobs
}

/// Knobs that stand in an element's own attributes.
fn own_knobs(element: &Element) -> Knobs {
    let names = element.get_attribute_names();
    names
        .iter()
        .filter_map(|name| name.as_string())
        .filter_map(|name| {
            let knob = name.strip_prefix("data-knob-")?.to_owned();
            Some((knob, element.get_attribute(&name)?))
        })
        .collect()
}
