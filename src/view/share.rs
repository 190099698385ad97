//! A demo link: what is said with it, how much of the model goes in, what exactly is inside, and
//! the link.

use super::costs::section;
use super::field;
use super::icon::{self, icon};
use super::markup::{Element, Markup, element, tag, text};
use crate::domain::share::{Demo, EVERYWHERE, LONGEST_LINK};
use crate::domain::words;

/// One way to pack the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Its place among all packings.
    pub id: usize,
    /// What it is, in words.
    pub name: String,
    /// Characters of its link; `None` where it is too long for one.
    pub characters: Option<usize>,
}

/// What packing does to the answers on the validation rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loss {
    /// Share that the whole model gets right.
    pub whole: f64,
    /// Share that the model in the link gets right.
    pub packed: f64,
    /// How many rows there are.
    pub rows: usize,
}

/// What a link is made of and what comes of it.
pub struct Shared<'a> {
    /// Every packing.
    pub choices: &'a [Choice],
    /// The one that is chosen.
    pub chosen: usize,
    /// What is in the link.
    pub demo: &'a Demo,
    /// The whole address.
    pub link: &'a str,
    /// The address of the page that may stand inside other pages.
    pub framed: &'a str,
    /// What packing costs.
    pub loss: Loss,
    /// The link as a picture, where it is short enough: `true` is dark, row by row.
    pub code: Option<&'a [Vec<bool>]>,
}

/// The panel.
pub fn share(shared: &Shared<'_>) -> Markup {
    let Shared {
        choices,
        chosen,
        demo,
        link,
        framed,
        loss,
        code,
    } = shared;
    let choices: Vec<(String, String)> = choices
        .iter()
        .filter_map(|choice| Some((choice, choice.characters?)))
        .map(|(choice, characters)| {
            let words = format!("{}: {}", choice.name, tier(characters));
            (choice.id.to_string(), words)
        })
        .collect();
    let by_hand = [
        ("title", "Title", demo.title.as_str()),
        ("about", "What it does", &demo.about),
        ("by", "By whom", &demo.by),
    ];
    let fields = by_hand
        .into_iter()
        .map(|(knob, label, value)| field::line(("share", knob), label, value))
        .chain([field::choice(
            ("share", "packing"),
            "How much of the model",
            &choices,
            &chosen.to_string(),
        )]);
    let examples: Vec<&str> = demo.examples.iter().flatten().map(String::as_str).collect();
    section("share", "Share a demo by a link")
        .child(text(
            "p",
            "fine",
            "The link is the model: it stands after the # of an address, which browsers do not send. \
             Whoever opens it sees a page that answers, and needs nothing from you but the link.",
        ))
        .child(tag("div", "knobs").children(fields))
        .child(field::lines(
            ("share", "examples"),
            "Texts to try, one a line. Only these are in the link.",
            &examples.join("\n"),
        ))
        .child(
            tag("p", "share-loss")
                .test_id("share-loss")
                .text(loss_words(*loss)),
        )
        .child(to_copy("share-link", "The link", link))
        .child(copying(
            ("share-copy", "share-link"),
            "Copy the link",
            &tier(link.len()),
        ))
        .child(code.map(picture))
        .child(to_copy(
            "share-frame",
            "The same inside a page of yours",
            frame(&demo.title, framed).as_str(),
        ))
        .child(copying(
            ("share-frame-copy", "share-frame"),
            "Copy the frame",
            "Shows the demo and nothing else; it starts when somebody clicks.",
        ))
        .child(inside(demo))
        .done()
}

/// A text to be copied.
fn to_copy(id: &str, name: &str, content: &str) -> Element {
    tag("label", "stacked")
        .child(text("span", "stacked-name", name))
        .child(
            tag("textarea", "field share-link")
                .attr("id", id)
                .test_id(id)
                .attr("rows", 3)
                .flag("readonly", true)
                .text(content),
        )
}

/// The button that copies such a text.
fn copying((id, from): (&str, &str), words: &str, about: &str) -> Element {
    let button = tag("button", "button")
        .attr("type", "button")
        .test_id(id)
        .attr("data-copy", from)
        .child(icon(icon::COPY))
        .text(words);
    tag("p", "row")
        .child(button)
        .child(text("span", "fine", about))
}

/// What puts a demo into another page.
fn frame(title: &str, address: &str) -> Markup {
    element("iframe")
        .attr("src", address)
        .attr("title", title)
        .attr("width", "100%")
        .attr("height", 640)
        .attr("frameborder", 0)
        .attr("loading", "lazy")
        .done()
}

/// Where a link of so many characters goes.
fn tier(characters: usize) -> String {
    let length = format!("{} characters", words::count(characters as u64));
    if characters <= EVERYWHERE {
        format!("{length}, works everywhere")
    } else if characters <= LONGEST_LINK {
        format!("{length}, for desktop browsers; messengers may cut it")
    } else {
        format!("{length}, too long for a link")
    }
}

fn loss_words(loss: Loss) -> String {
    let Loss {
        whole,
        packed,
        rows,
    } = loss;
    let points = (whole - packed) * 100.0;
    let change = if points.abs() < 0.05 {
        "as many as the whole model".to_owned()
    } else if points > 0.0 {
        format!("{points:.1} points fewer than the whole model")
    } else {
        format!("{:.1} points more than the whole model", -points)
    };
    format!(
        "The model in this link gets {} of {rows} validation rows right, {change}.",
        words::percent(packed)
    )
}

/// All that is in a link, before it is given away.
pub fn inside(demo: &Demo) -> Markup {
    let list = |items: &[String]| items.join(", ");
    let mut rows = vec![
        ("Labels", list(&demo.labels)),
        ("Text columns", list(&demo.text)),
        ("Predicted column", demo.target.clone()),
        (
            "Weights",
            format!(
                "{} numbers of the head, {}",
                words::count((demo.weight.rows() * demo.weight.width()) as u64),
                demo.weight.bits().name()
            ),
        ),
    ];
    if let Some(lora) = &demo.lora {
        let count: usize = lora
            .pairs
            .iter()
            .flatten()
            .map(|part| part.rows() * part.width())
            .sum();
        let [first, _] = &lora.pairs[0];
        rows.push((
            "Changes to the base model",
            format!(
                "{} numbers, rank {}, {}",
                words::count(count as u64),
                first.rows(),
                first.bits().name()
            ),
        ));
    }
    if !demo.fitted.is_empty() {
        let steps = serde_json::to_string_pretty(&demo.fitted).unwrap_or_default();
        rows.push(("How cells are prepared, with the values named", steps));
    }
    let examples: Vec<String> = demo.examples.iter().flatten().cloned().collect();
    rows.push((
        "Rows of your data",
        if examples.is_empty() {
            "none".to_owned()
        } else {
            format!("none, but these texts of yours: {}", examples.join(" · "))
        },
    ));
    let rows = rows.into_iter().map(|(name, value)| {
        element("div")
            .child(text("dt", "", name))
            .child(text("dd", "", value))
    });
    element("details")
        .test_id("share-inside")
        .child(text("summary", "", "Exactly what is inside"))
        .child(text(
            "p",
            "fine",
            "Labels, names and weights are data: whoever has the link can read them, and weights can \
             tell something about the rows that they were learned from.",
        ))
        .child(tag("dl", "inside").children(rows))
        .done()
}

/// A QR code as SVG: dark modules in one path.
fn picture(code: &[Vec<bool>]) -> Markup {
    let size = code.len() + 8;
    let mut path = String::new();
    for (y, row) in code.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, is_dark)| **is_dark) {
            path.push_str(&format!("M{} {}h1v1h-1z", x + 4, y + 4));
        }
    }
    tag("svg", "share-code")
        .test_id("share-code")
        .attr("viewBox", format_args!("0 0 {size} {size}"))
        .attr("role", "img")
        .attr("aria-label", "The link as a QR code")
        .child(
            tag("rect", "share-code-paper")
                .attr("width", size)
                .attr("height", size),
        )
        .child(tag("path", "share-code-ink").attr("d", path))
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_leave_the_frame_that_is_copied() {
        let made = frame("\"><script>", "https://host.example/embed.html#b1.AA");
        let expected = "<iframe src=\"https://host.example/embed.html#b1.AA\" \
                        title=\"&quot;&gt;&lt;script&gt;\" width=\"100%\" height=\"640\" \
                        frameborder=\"0\" loading=\"lazy\"></iframe>";
        assert_eq!(made.as_str(), expected);
        let shown = to_copy("a", "b", made.as_str()).done().into_string();
        assert!(!shown.contains("<iframe"), "it is shown as text: {shown}");
    }
}
