//! What can be taken along from a finished model, with sizes and what is inside.

use super::costs::section;
use super::icon::{self, icon};
use super::markup::{Markup, element, tag, text};

/// One form in which a model can be taken along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Id of the file.
    pub file: String,
    /// Name as people read it.
    pub name: String,
    /// What it is good for and what is inside.
    pub about: String,
    /// How large it will be, in words.
    pub size: String,
    /// Why this model cannot be taken along so; `None` when it can.
    pub refusal: Option<String>,
}

/// The list of all of them. A link is measured on validation rows, so `can_share` is false where there
/// are none.
pub fn take_along(offers: &[Offer], can_share: bool) -> Markup {
    let rows = offers.iter().map(|offer| {
        let what = element("div")
            .child(text("p", "take-name", &offer.name))
            .child(text("p", "fine", &offer.about));
        let row = tag("li", "take-item").test_id(format_args!("offer-{}", offer.file));
        match &offer.refusal {
            Some(why) => row.child(what.child(text("p", "fine", why))),
            None => row.child(what).child(
                tag("button", "button")
                    .attr("type", "button")
                    .test_id(format_args!("export-{}", offer.file))
                    .attr("data-save", &offer.file)
                    .attr("aria-label", format_args!("Save {}", offer.name))
                    .child(icon(icon::DOWNLOAD))
                    .text(&offer.size),
            ),
        }
    });
    section("take-along", "Take it with you")
        .child(text(
            "p",
            "fine",
            "Files are made in this tab. None of them holds a row of your data; those with labels or \
             preparation steps hold the labels and the values that the steps name.",
        ))
        .child(tag("ul", "take-list").children(rows))
        .child(for_programs())
        .done()
        .then(can_share.then(|| {
            element("div").attr("data-part", "share").child(
                section("share", "Share a demo by a link")
                    .child(text(
                        "p",
                        "fine",
                        "A link can be the model itself. Before you give it away you see what is inside \
                         and what packing costs.",
                    ))
                    .child(
                        tag("button", "button")
                            .attr("type", "button")
                            .test_id("share-make")
                            .attr("data-view", "share")
                            .text("Make a demo link"),
                    ),
            )
        }))
        .then(can_share.then(|| element("div").attr("data-part", "batch")))
}

/// Where programmers go on.
fn for_programs() -> Markup {
    let link = |to: &str, words: &str| {
        tag("a", "")
            .attr("href", to)
            .attr("target", "_blank")
            .attr("rel", "noopener")
            .text(words)
    };
    tag("p", "fine")
        .test_id("for-programs")
        .text("For programs: ")
        .child(link("burnish.js", "burnish.js"))
        .text(", a module without dependencies, opens a table or a .burnish file on any page, trains, predicts, explains and exports. ")
        .child(link("example.html", "An example page"))
        .text(" does all of it.")
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_had_says_why_and_has_no_button() {
        let offer = |refusal: Option<&str>| Offer {
            file: "onnx".to_owned(),
            name: "ONNX".to_owned(),
            about: "For <everyone>.".to_owned(),
            size: "about 91 MB".to_owned(),
            refusal: refusal.map(str::to_owned),
        };
        let made = take_along(&[offer(None)], true).into_string();
        assert!(made.contains("data-save=\"onnx\"") && made.contains("about 91 MB"));
        assert!(made.contains("For &lt;everyone&gt;."));
        let made = take_along(&[offer(Some("It is no text."))], false).into_string();
        assert!(!made.contains("data-save") && made.contains("It is no text."));
        assert!(!made.contains("share-make"));
    }
}
