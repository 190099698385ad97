//! A link to a model's file: what it leads to, before anything is fetched, and how such a link is made.

use super::costs::section;
use super::icon::{self, icon};
use super::markup::{Markup, element, tag, text};
use crate::domain::share::Bundle;

/// What a link leads to.
pub fn cover(bundle: &Bundle) -> Markup {
    tag("section", "demo")
        .test_id("bundle")
        .child(text("h1", "", "A model in a file"))
        .child(text(
            "p",
            "",
            format_args!(
                "This link opens {} from the host of this page. It was made for one file and opens no other.",
                bundle.place
            ),
        ))
        .child(
            tag("p", "row")
                .child(
                    tag("button", "button button-primary")
                        .attr("type", "button")
                        .test_id("bundle-start")
                        .attr("data-view", "demo")
                        .attr("data-knob-start", 1)
                        .text("Fetch and open it"),
                )
                .child(text(
                    "span",
                    "fine",
                    "Nothing is fetched before. What you type stays in this tab.",
                )),
        )
        .done()
}

/// The link to a model that is open from a file, to be put beside the page.
pub fn hosted(bundle: &Bundle, link: &str) -> Markup {
    section("opened-link", "Share it by a link to the file")
        .child(text(
            "p",
            "fine",
            format_args!(
                "Where you host this page yourself, put {} beside its index.html: this link then opens it, and no other file.",
                bundle.place
            ),
        ))
        .child(
            element("textarea")
                .class("field share-link")
                .attr("id", "bundle-link")
                .test_id("bundle-link")
                .attr("rows", 3)
                .attr("aria-label", "The link")
                .flag("readonly", true)
                .text(link),
        )
        .child(
            tag("p", "row").child(
                tag("button", "button")
                    .attr("type", "button")
                    .test_id("bundle-copy")
                    .attr("data-copy", "bundle-link")
                    .child(icon(icon::COPY))
                    .text("Copy the link"),
            ),
        )
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_as_text() {
        let bundle = Bundle {
            place: "<script>.burnish".to_owned(),
            sha256: "0f".repeat(32),
        };
        let made = cover(&bundle).into_string();
        assert!(made.contains("&lt;script&gt;.burnish") && made.contains("bundle-start"));
        let made = hosted(&bundle, "https://host.example/#bundle=x").into_string();
        assert!(made.contains("&lt;script&gt;.burnish") && made.contains("data-copy"));
    }
}
