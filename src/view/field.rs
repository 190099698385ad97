//! Fields that a person sets: each is a knob of the part that it stands in, and is named by both.

use super::markup::{Element, Markup, element, tag, text};

/// A choice of one of some values with their words.
pub fn choice(
    (part, knob): (&str, &str),
    label: &str,
    choices: &[(String, String)],
    chosen: &str,
) -> Markup {
    let options = choices.iter().map(|(value, words)| {
        element("option")
            .attr("value", value)
            .flag("selected", value == chosen)
            .text(words)
    });
    let select = element("select")
        .attr("id", format_args!("{part}-{knob}"))
        .test_id(format_args!("{part}-{knob}"))
        .attr("data-knob", knob)
        .attr("aria-label", label)
        .children(options);
    dressed(label, select)
}

/// A select with its label, as all of them look.
pub fn dressed(label: &str, select: Element) -> Markup {
    labelled(label, tag("span", "select").child(select).done())
}

/// A number.
pub fn number(
    (part, knob): (&str, &str),
    label: &str,
    value: f64,
    [low, high]: [f64; 2],
    step: f64,
) -> Markup {
    labelled(
        label,
        tag("input", "field field-short")
            .attr("type", "number")
            .attr("id", format_args!("{part}-{knob}"))
            .test_id(format_args!("{part}-{knob}"))
            .attr("data-knob", knob)
            .attr("aria-label", label)
            .attr("min", low)
            .attr("max", high)
            .attr("step", step)
            .attr("value", value)
            .done(),
    )
}

/// A line of text.
pub fn line((part, knob): (&str, &str), label: &str, value: &str) -> Markup {
    labelled(
        label,
        tag("input", "field")
            .attr("type", "text")
            .attr("id", format_args!("{part}-{knob}"))
            .test_id(format_args!("{part}-{knob}"))
            .attr("data-knob", knob)
            .attr("maxlength", 200)
            .attr("value", value)
            .done(),
    )
}

/// Several lines of text.
pub fn lines((part, knob): (&str, &str), label: &str, value: &str) -> Markup {
    labelled(
        label,
        tag("textarea", "field")
            .attr("id", format_args!("{part}-{knob}"))
            .test_id(format_args!("{part}-{knob}"))
            .attr("data-knob", knob)
            .attr("rows", 3)
            .text(value)
            .done(),
    )
}

/// Fields beside each other.
pub fn fields(fields: impl IntoIterator<Item = Markup>) -> Markup {
    tag("div", "knobs").children(fields).done()
}

fn labelled(label: &str, field: Markup) -> Markup {
    tag("label", "stacked")
        .child(text("span", "stacked-name", label))
        .child(field)
        .done()
}
