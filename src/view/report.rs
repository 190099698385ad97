//! The report that a person saves: one file that holds everything and asks for nothing.

use super::markup::{Markup, element, tag, text};

/// The page's own style sheet: what is saved looks as it was shown.
const STYLE: &str = include_str!("../ui/style.css");

/// What differs on paper: nothing can be pressed or chosen, and nothing is cut in the middle.
const PAPER: &str = "
body { max-width: 1040px; margin: 0 auto; padding: 32px 24px; }
.knobs, .icon, .study-only { display: none; }
button { pointer-events: none; }
.classes { max-height: none; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/1.5 var(--mono); }
@media print {
  .table-scroll, .confusion-scroll { overflow: visible; }
  body { padding: 0; }
  .section, .chart, tr { break-inside: avoid; }
}
";

/// Nothing may be loaded from anywhere, whatever somebody's cells hold.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// A whole document.
pub fn report(title: &str, below: &str, body: Markup) -> String {
    let head = element("head")
        .child(element("meta").attr("charset", "utf-8"))
        .child(
            element("meta")
                .attr("http-equiv", "Content-Security-Policy")
                .attr("content", POLICY),
        )
        .child(
            element("meta")
                .attr("name", "viewport")
                .attr("content", "width=device-width, initial-scale=1"),
        )
        .child(element("title").text(title));
    let main = element("main")
        .child(
            tag("header", "step-head")
                .child(text("h1", "", title))
                .child(text("p", "step-below", below)),
        )
        .child(body)
        .done();
    let head = head.done().into_string();
    // The style sheet is this program's own, and a `style` element takes no escapes.
    let head = head.replace(
        "</head>",
        &format!("<style>{}{PAPER}</style></head>", style()),
    );
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\" data-theme=\"light\">{head}<body>{}</body></html>\n",
        main.as_str()
    )
}

/// The style sheet without the font, which is a file of its own.
fn style() -> String {
    let Some((before, rest)) = STYLE.split_once("@font-face") else {
        return STYLE.to_owned();
    };
    let (_, after) = rest.split_once('}').unwrap_or_default();
    format!("{before}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_it_is_asked_for() {
        let cell = "<script src=https://evil.example/x.js></script>";
        let made = report(cell, "LoRA r8", text("p", "", cell));
        assert!(!made.contains("<script") && !made.contains("url("));
        assert!(!made.contains("@import") && !made.contains("@font-face"));
        assert!(made.contains("default-src &#39;none&#39;"));
        assert!(made.contains("--ember:"), "it has its colours");
    }
}
