//! From a judged run to the next one: labels in doubt, rows to label, tuning again, comparing.

use super::costs::section;
use super::markup::{Element, Markup, element, tag, text};
use super::search::SEARCH;
use crate::domain::start::Origin;

/// Where labels in doubt are shown.
pub const SUSPECTS: &str = "suspects";
/// Where rows are labelled.
pub const TO_LABEL: &str = "to-label";
/// Where two runs are compared.
pub const ROUNDS: &str = "rounds";

/// What can be done next.
pub struct NextRound<'a> {
    /// The run that was judged, to go on from.
    pub start: &'a Origin,
    /// Whether its labels can be looked through: it learned from texts alone.
    pub has_doubts: bool,
    /// What it took over itself, a sentence each.
    pub carried: &'a [String],
    /// Rows without a label.
    pub unlabeled: usize,
    /// Whether there is a run to compare with.
    pub has_rival: bool,
}

/// The section.
pub fn next_round(next: &NextRound) -> Markup {
    let ask = |view: &str, words: &str| {
        tag("button", "button")
            .attr("type", "button")
            .attr("id", format_args!("ask-{view}"))
            .test_id(format_args!("ask-{view}"))
            .attr("data-view", view)
            .attr("data-into", view)
            .text(words)
    };
    let carried = (!next.carried.is_empty()).then(|| {
        tag("ul", "carried")
            .test_id("carried")
            .children(next.carried.iter().map(|told| text("li", "", told)))
    });
    let label = (next.has_doubts && next.unlabeled > 0).then(|| ask(TO_LABEL, "Label more rows"));
    let compare = next
        .has_rival
        .then(|| ask(ROUNDS, "Compare with another run"));
    section("next", "The next round")
        .child(carried)
        .child(text(
            "p",
            "fine",
            format!(
                "Mend {} or bring more rows, then tune again from this model. Rows stay in their parts, so both runs are judged by rows that neither has learned from.",
                if next.has_doubts { "labels" } else { "cells" }
            ),
        ))
        .child(
            tag("div", "row")
                .child((next.has_doubts).then(|| ask(SUSPECTS, "Find labels in doubt")))
                .child(label)
                .child(compare)
                .child(ask(SEARCH, "Search better settings"))
                .child(again(next.start)),
        )
        .child(element("div").attr("id", SUSPECTS))
        .child(element("div").attr("id", TO_LABEL))
        .child(element("div").attr("id", ROUNDS))
        .child(element("div").attr("id", SEARCH).attr("aria-live", "polite"))
        .done()
}

/// The button that goes on from a run.
pub fn again(start: &Origin) -> Element {
    tag("button", "button")
        .attr("type", "button")
        .test_id("tune-again")
        .attr("data-start", json(start))
        .text("Tune again from this model")
}

/// Plain data as an attribute has it.
pub fn json(data: &impl serde::Serialize) -> String {
    serde_json::to_string(data).expect("plain data")
}

/// A run on texts that is called so.
#[cfg(test)]
pub(super) fn an_origin(name: &str) -> Origin {
    use crate::domain::recipe::{DataProfile, Recipe};
    use crate::domain::start::Start;

    let start = Start {
        model: "k".to_owned(),
        name: name.to_owned(),
    };
    let text = vec!["text".to_owned()];
    let recipe = Recipe::suggest(text, "label".to_owned(), &DataProfile::empty());
    Origin::new(start, &recipe, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_done_is_not_offered() {
        let start = an_origin("LoRA \"1\"");
        let next = NextRound {
            start: &start,
            has_doubts: true,
            carried: &["It went on from <b>.".to_owned()],
            unlabeled: 0,
            has_rival: false,
        };
        let of_columns = NextRound {
            has_doubts: false,
            carried: &[],
            ..next
        };
        let of_columns = next_round(&of_columns).into_string();
        assert!(of_columns.contains("data-view=\"search\""));
        assert!(!of_columns.contains("data-view=\"suspects\""));
        assert!(of_columns.contains("data-start="));
        let made = next_round(&next).into_string();
        assert!(made.contains("data-view=\"suspects\""));
        assert!(!made.contains("data-view=\"to-label\"") && !made.contains("data-view=\"rounds\""));
        assert!(made.contains("It went on from &lt;b&gt;."));
        assert!(made.contains(
            "{&quot;model&quot;:&quot;k&quot;,&quot;name&quot;:&quot;LoRA \\&quot;1\\&quot;&quot;}"
        ));
    }
}
