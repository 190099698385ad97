//! What a person sets: the row, its text or its cells, the label, the method.

use crate::domain::words::count;
use crate::view::icon::{self, icon};
use crate::view::markup::{Markup, element, tag, text};

/// The part that everything set here asks again.
pub const EXPLAINED: &str = "explained";

/// The element that holds the row, its fields and its explanation.
pub const ONE_ROW: &str = "one-row";

/// Something to choose from.
pub struct Choice<'a> {
    /// Name of the knob.
    pub knob: &'a str,
    /// What is chosen.
    pub label: &'a str,
    /// Values and what they are called.
    pub options: Vec<(String, String)>,
    /// The value that is chosen.
    pub chosen: String,
}

/// A field to choose by; another choice asks for `view` again, into the explained part.
pub fn choice(choice: &Choice, view: &str) -> Markup {
    choice_into(choice, view, EXPLAINED)
}

/// The same into another element.
pub fn choice_into(choice: &Choice, view: &str, into: &str) -> Markup {
    let options = choice.options.iter().map(|(value, name)| {
        element("option")
            .attr("value", value)
            .flag("selected", *value == choice.chosen)
            .text(name)
    });
    let field = tag("span", "select").child(
        element("select")
            .attr("id", format_args!("explain-{}", choice.knob))
            .test_id(format_args!("explain-{}", choice.knob))
            .attr("data-knob", choice.knob)
            .attr("data-view", view)
            .attr("data-into", into)
            .children(options),
    );
    tag("label", "stacked")
        .child(text("span", "stacked-name", choice.label))
        .child(field)
        .done()
}

/// Where the explained row is among those that can be gone through.
pub struct Place {
    /// Its place, from 0.
    pub at: usize,
    /// How many there are.
    pub all: usize,
    /// Which they are.
    pub which: &'static str,
}

/// Buttons to the row before and after, which draw the row anew and remember which one it is.
pub fn steps(place: &Place) -> Markup {
    let step = |id: &str, words: &str, to: Option<usize>, path| {
        let button = tag("button", "button button-small")
            .attr("type", "button")
            .attr("id", id)
            .test_id(id)
            .attr("data-view", "one_row")
            .attr("data-into", ONE_ROW);
        match to {
            Some(to) => button
                .attr("data-knob-at", to)
                .child(icon(path))
                .text(words),
            None => button.flag("disabled", true).child(icon(path)).text(words),
        }
    };
    let next = (place.at + 1 < place.all).then_some(place.at + 1);
    let own = element("input")
        .attr("type", "hidden")
        .attr("data-knob", "at")
        .attr("value", place.at);
    tag("div", "row explain-steps")
        .child(own)
        .child(step(
            "explain-before",
            "Before",
            place.at.checked_sub(1),
            icon::CHEVRON_LEFT,
        ))
        .child(step("explain-next", "Next", next, icon::CHEVRON_RIGHT))
        .child(text(
            "p",
            "fine",
            format_args!(
                "{} of {} {}",
                count(place.at as u64 + 1),
                count(place.all as u64),
                place.which
            ),
        ))
        .done()
}

/// The text, to be edited: the explanation follows.
pub fn text_field(words: &str) -> Markup {
    tag("label", "stacked explain-edit")
        .child(text(
            "span",
            "stacked-name",
            "The text. Edit it, and the explanation follows",
        ))
        .child(
            tag("textarea", "textarea")
                .attr("id", "explain-text")
                .test_id("explain-text")
                .attr("rows", 3)
                .attr("spellcheck", "false")
                .attr("data-knob", "text")
                .flag("data-live", true)
                .attr("data-view", "explanation")
                .attr("data-into", EXPLAINED)
                // A line break right behind the tag is not part of the text.
                .text("\n")
                .text(words),
        )
        .done()
}

/// A button that fills the part below it on request: what takes seconds is not done unasked.
pub fn on_request(view: &str, words: &str, about: &str) -> Markup {
    let button = tag("button", "button button-small")
        .attr("type", "button")
        .attr("id", format_args!("ask-{view}"))
        .test_id(format_args!("ask-{view}"))
        .attr("data-view", view)
        .attr("data-into", format_args!("on-request-{view}"));
    tag("div", "on-request")
        .child(
            tag("div", "row")
                .child(button.text(words))
                .child(text("p", "fine", about)),
        )
        .child(
            element("div")
                .attr("id", format_args!("on-request-{view}"))
                .attr("aria-live", "polite"),
        )
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_inside_its_field() {
        let made = text_field("\n</textarea>").into_string();
        assert!(made.contains(">\n\n&lt;/textarea&gt;</textarea>"), "{made}");
    }

    #[test]
    fn the_first_row_has_none_before_it() {
        let place = Place {
            at: 0,
            all: 2,
            which: "test rows",
        };
        let made = steps(&place).into_string();
        assert_eq!(made.matches(" disabled").count(), 1);
        assert!(made.contains("data-knob-at=\"1\"") && made.contains("1 of 2 test rows"));
    }
}
