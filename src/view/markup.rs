//! HTML and SVG that cannot be broken by what stands in somebody's cells: every text and every
//! value of an attribute goes through the escaper, and there is no other way in.

use std::fmt::{Display, Write as _};

/// Finished markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markup(String);

/// An element that is being made.
#[derive(Debug, Clone)]
pub struct Element {
    name: &'static str,
    attributes: String,
    content: String,
}

/// Elements that hold nothing and have no end tag.
const VOID: &[&str] = &["br", "col", "hr", "input", "meta"];

/// An element without attributes.
pub fn element(name: &'static str) -> Element {
    Element {
        name,
        attributes: String::new(),
        content: String::new(),
    }
}

/// An element with a class.
pub fn tag(name: &'static str, class: &str) -> Element {
    element(name).class(class)
}

/// An element with a class and a text.
pub fn text(name: &'static str, class: &str, words: impl Display) -> Markup {
    tag(name, class).text(words).done()
}

impl Markup {
    /// As a string.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a string.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text alone.
    pub fn text(words: impl Display) -> Self {
        let mut markup = Self::default();
        escape(&mut markup.0, &words.to_string());
        markup
    }

    /// This and then that.
    #[must_use]
    pub fn then(mut self, next: impl Into<Self>) -> Self {
        self.0.push_str(&next.into().0);
        self
    }
}

impl FromIterator<Markup> for Markup {
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }
}

impl From<Element> for Markup {
    fn from(element: Element) -> Self {
        element.done()
    }
}

impl<M: Into<Self>> From<Option<M>> for Markup {
    fn from(part: Option<M>) -> Self {
        part.map(Into::into).unwrap_or_default()
    }
}

impl Element {
    /// Sets an attribute. `name` is written as it is.
    ///
    /// # Panics
    /// When the name is `style` or one of an event: the page's policy forbids them.
    #[must_use]
    pub fn attr(mut self, name: &str, value: impl Display) -> Self {
        assert!(
            name != "style" && !name.starts_with("on"),
            "{name} is forbidden by the page's policy"
        );
        self.attributes.push(' ');
        self.attributes.push_str(name);
        self.attributes.push_str("=\"");
        escape(&mut self.attributes, &value.to_string());
        self.attributes.push('"');
        self
    }

    /// Sets an attribute that is there or not.
    #[must_use]
    pub fn flag(mut self, name: &str, is_set: bool) -> Self {
        if is_set {
            self.attributes.push(' ');
            self.attributes.push_str(name);
        }
        self
    }

    /// Sets the class; an empty one is left out.
    #[must_use]
    pub fn class(self, class: &str) -> Self {
        if class.is_empty() {
            self
        } else {
            self.attr("class", class)
        }
    }

    /// The element is there for tests by this name.
    #[must_use]
    pub fn test_id(self, id: impl Display) -> Self {
        self.attr("data-testid", id)
    }

    /// Sets a number of SVG, to a hundredth.
    #[must_use]
    pub fn number(mut self, name: &str, value: f64) -> Self {
        let _ = write!(self.attributes, " {name}=\"{}\"", short(value));
        self
    }

    /// A text inside.
    #[must_use]
    pub fn text(mut self, words: impl Display) -> Self {
        escape(&mut self.content, &words.to_string());
        self
    }

    /// Markup inside.
    #[must_use]
    pub fn child(mut self, child: impl Into<Markup>) -> Self {
        self.content.push_str(&child.into().0);
        self
    }

    /// Several inside.
    #[must_use]
    pub fn children<M: Into<Markup>>(mut self, children: impl IntoIterator<Item = M>) -> Self {
        for child in children {
            self.content.push_str(&child.into().0);
        }
        self
    }

    /// The markup.
    pub fn done(self) -> Markup {
        let Self {
            name,
            attributes,
            content,
        } = self;
        Markup(if VOID.contains(&name) {
            format!("<{name}{attributes}>")
        } else {
            format!("<{name}{attributes}>{content}</{name}>")
        })
    }
}

/// A number for SVG: a hundredth of a unit is finer than any screen.
pub fn short(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // Adding 0 turns -0 into 0.
    format!(
        "{}",
        if rounded.is_finite() {
            rounded + 0.0
        } else {
            0.0
        }
    )
}

/// Characters that mean something in HTML, and those that no document may hold.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\0' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_a_cell_becomes_markup() {
        let nasty = "<img src=x onerror=alert(1)>\"'&";
        let made = tag("p", nasty).attr("title", nasty).text(nasty).done();
        assert!(!made.as_str().contains("<img"));
        assert_eq!(made.as_str().matches('<').count(), 2);
        assert_eq!(
            made.as_str().matches('"').count(),
            4,
            "no value leaves its quotes"
        );
        assert_eq!(Markup::text("a & b").as_str(), "a &amp; b");
    }

    #[test]
    fn elements_nest_and_void_ones_do_not_end() {
        let made = element("p")
            .child(
                tag("input", "field")
                    .flag("checked", true)
                    .flag("disabled", false),
            )
            .children([text("b", "", 1), text("b", "", 2)])
            .child(None::<Element>)
            .done();
        assert_eq!(
            made.as_str(),
            "<p><input class=\"field\" checked><b>1</b><b>2</b></p>"
        );
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(1.0 / 3.0), "0.33");
        assert_eq!(short(-0.001), "0");
        assert_eq!(short(f64::NAN), "0");
    }

    #[test]
    #[should_panic = "policy"]
    fn style_is_refused() {
        let _ = element("p").attr("style", "color: red");
    }
}
