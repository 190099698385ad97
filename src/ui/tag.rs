//! Elements whose type does not tell what is in them.
//!
//! `view!` makes a type of every element, with its attributes and children, and the code that
//! draws it once a type. The panels of the Data step are many small elements of one kind; made
//! here they share one type and its code, and a panel more is a few hundred bytes.

use js_sys::Reflect;
use leptos::html::{Custom, custom};
use leptos::prelude::*;
use leptos::tachys::html::attribute::any_attribute::{AnyAttribute, IntoAnyAttribute};
use leptos::tachys::html::attribute::custom::custom_attribute;
use leptos::tachys::html::class::class;
use leptos::tachys::html::element::{HtmlElement, inner_html};
use leptos::tachys::html::event::{self, on};
use leptos::tachys::html::property::prop;
use leptos::tachys::html::style::style;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, KeyboardEvent};

use super::lean::now;

/// An element that is being made.
pub struct Tag {
    name: &'static str,
    attributes: Vec<AnyAttribute>,
    children: Vec<AnyView>,
}

/// An element with a class.
pub fn tag(name: &'static str, class: &'static str) -> Tag {
    let tag = Tag {
        name,
        attributes: Vec::new(),
        children: Vec::new(),
    };
    if class.is_empty() {
        tag
    } else {
        tag.attr("class", class)
    }
}

/// A `div` with a class.
pub fn block(class: &'static str) -> Tag {
    tag("div", class)
}

/// A `span` with a class and a text.
pub fn words(class: &'static str, text: impl Into<String>) -> AnyView {
    tag("span", class).text(text).view()
}

/// A `p` with a class and a text.
pub fn paragraph(class: &'static str, text: impl Into<String>) -> AnyView {
    tag("p", class).text(text).view()
}

/// A button of some class that does something.
pub fn button(
    class: &'static str,
    id: impl Into<String>,
    text: impl Into<String>,
    press: impl FnMut() + 'static,
) -> Tag {
    tag("button", class)
        .attr("type", "button")
        .id(id)
        .text(text)
        .press(press)
}

impl Tag {
    /// Sets an attribute.
    pub fn attr(self, name: &'static str, value: impl Into<String>) -> Self {
        self.with_attribute(name, value.into())
    }

    fn with_attribute(mut self, name: &'static str, value: String) -> Self {
        self.attributes
            .push(custom_attribute(name, value).into_any_attr());
        self
    }

    /// Sets an attribute that may change, or be there or not.
    pub fn attr_now<V: Into<Option<String>>>(
        mut self,
        name: &'static str,
        mut value: impl FnMut() -> V + Send + 'static,
    ) -> Self {
        let value = now(move || -> Option<String> { value().into() });
        self.attributes
            .push(custom_attribute(name, value).into_any_attr());
        self
    }

    /// Has one more class while something holds.
    pub fn class_now(
        mut self,
        name: &'static str,
        holds: impl FnMut() -> bool + Send + 'static,
    ) -> Self {
        self.attributes
            .push(class((name, now(holds))).into_any_attr());
        self
    }

    /// The element is there for tests by this name.
    pub fn id(self, id: impl Into<String>) -> Self {
        self.with_attribute("data-testid", id.into())
    }

    /// Switches it off.
    pub fn disabled(mut self, value: impl FnMut() -> bool + Send + 'static) -> Self {
        self.attributes
            .push(custom_attribute("disabled", now(value)).into_any_attr());
        self
    }

    /// A text inside.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        let text: String = text.into();
        self.children.push(text.into_any());
        self
    }

    /// A text inside that may change.
    pub fn text_now(mut self, text: impl FnMut() -> String + Send + 'static) -> Self {
        self.children.push(now(text).into_any());
        self
    }

    /// An element inside.
    pub fn child(mut self, child: AnyView) -> Self {
        self.children.push(child);
        self
    }

    /// Elements inside.
    pub fn children(mut self, children: impl IntoIterator<Item = AnyView>) -> Self {
        self.children.extend(children);
        self
    }

    /// Markup inside that this page has made itself, such as a drawing. The element must be of a
    /// name that no element with children here has: drawn anew as such it would lose them.
    pub fn drawing(mut self, markup: String) -> Self {
        self.attributes.push(inner_html(markup).into_any_attr());
        self
    }

    /// A property of style, which the Content-Security-Policy allows where it forbids the
    /// attribute.
    pub fn style(mut self, name: &'static str, value: String) -> Self {
        self.attributes.push(style((name, value)).into_any_attr());
        self
    }

    /// A property of style that may change.
    pub fn style_now(
        mut self,
        name: &'static str,
        value: impl FnMut() -> String + Send + 'static,
    ) -> Self {
        self.attributes
            .push(style((name, now(value))).into_any_attr());
        self
    }

    /// What a field holds.
    pub fn value(mut self, value: impl FnMut() -> String + Send + 'static) -> Self {
        self.attributes
            .push(prop("value", now(value)).into_any_attr());
        self
    }

    /// Whether a box is ticked.
    pub fn checked(mut self, value: impl FnMut() -> bool + Send + 'static) -> Self {
        self.attributes
            .push(prop("checked", now(value)).into_any_attr());
        self
    }

    /// Answers an event.
    pub fn on(mut self, name: &'static str, answer: impl FnMut(Event) + 'static) -> Self {
        let answer: Box<dyn FnMut(Event)> = Box::new(answer);
        self.attributes
            .push(on(event::Custom::<Event>::new(name), answer).into_any_attr());
        self
    }

    /// Answers a press.
    pub fn press(self, mut answer: impl FnMut() + 'static) -> Self {
        self.on("click", move |_| answer())
    }

    /// Answers a new value of a field, once it is left or Enter is pressed.
    pub fn changed(self, mut answer: impl FnMut(String) + 'static) -> Self {
        self.on("change", move |event| answer(value_of(&event)))
    }

    /// Answers every stroke in a field.
    pub fn typed(self, mut answer: impl FnMut(String) + 'static) -> Self {
        self.on("input", move |event| answer(value_of(&event)))
    }

    /// Answers a key, which then does nothing else when the answer is true.
    pub fn keys(self, mut answer: impl FnMut(&str, bool) -> bool + 'static) -> Self {
        self.on("keydown", move |event| {
            if let Some(key) = event.dyn_ref::<KeyboardEvent>()
                && answer(&key.key(), key.ctrl_key() || key.meta_key())
            {
                event.prevent_default();
            }
        })
    }

    /// The element as a part of the page.
    pub fn view(self) -> AnyView {
        // In capitals, as the browser tells the name of an element: Leptos keeps one that is drawn
        // anew, with the focus in it, only if it has the same name.
        let element: HtmlElement<Custom<String>, (), ()> = custom(self.name.to_ascii_uppercase());
        element
            .child(self.children)
            .add_any_attr(self.attributes)
            .into_any()
    }
}

/// What stands in the field that an event came from: a text, a choice or many lines.
pub fn value_of(event: &Event) -> String {
    event
        .target()
        .and_then(|field| Reflect::get(&field, &JsValue::from_str("value")).ok())
        .and_then(|value| value.as_string())
        .unwrap_or_default()
}

/// An entry of a choice.
pub fn option(
    value: impl Into<String>,
    text: impl Into<String>,
    is_chosen: impl FnMut() -> bool + Send + 'static,
) -> Tag {
    let mut option = tag("option", "").attr("value", value).text(text);
    option
        .attributes
        .push(prop("selected", now(is_chosen)).into_any_attr());
    option
}

/// A choice of one of some values, `(value, words)`, that calls back with the new one.
pub fn select(
    id: impl Into<String>,
    label: impl Into<String>,
    choices: Vec<(String, String)>,
    chosen: impl Fn() -> String + Send + Sync + Clone + 'static,
    change: impl FnMut(String) + 'static,
) -> AnyView {
    let options = choices.into_iter().map(|(value, text)| {
        let chosen = chosen.clone();
        let own = value.clone();
        option(value, text, move || chosen() == own).view()
    });
    tag("span", "select")
        .child(
            tag("select", "")
                .id(id)
                .attr("aria-label", label)
                .children(options.collect::<Vec<_>>())
                .changed(change)
                .view(),
        )
        .view()
}

/// A field for a short text or a number.
pub fn field(
    id: impl Into<String>,
    label: impl Into<String>,
    class: &'static str,
    value: impl FnMut() -> String + Send + 'static,
    change: impl FnMut(String) + 'static,
) -> AnyView {
    tag("input", class)
        .id(id)
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .attr("aria-label", label)
        .value(value)
        .changed(change)
        .view()
}

/// A box to tick, with its words.
pub fn tick(
    id: impl Into<String>,
    text: impl Into<String>,
    is_ticked: impl FnMut() -> bool + Send + 'static,
    mut change: impl FnMut() + 'static,
) -> AnyView {
    tag("label", "check")
        .child(
            tag("input", "")
                .id(id)
                .attr("type", "checkbox")
                .checked(is_ticked)
                .on("change", move |_| change())
                .view(),
        )
        .child(words("", text))
        .view()
}
