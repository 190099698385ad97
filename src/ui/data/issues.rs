//! What was noticed about the data.

use crate::ui::state::Field;
use leptos::prelude::*;

use crate::domain::issue::{Issue, Severity};
use crate::ui::icon::{self, icon};
use crate::ui::lean::{live, memo, show};
use crate::ui::state::{TableView, TableViewStoreFields};
use crate::ui::tag::{block, button, paragraph, tag, words};
use crate::ui::words as say;

/// Issues that are shown at first.
const SHOWN: usize = 4;

/// The issues of a table, what blocks first.
pub fn issues(table: Field<TableView>) -> AnyView {
    let issues = memo(move || {
        table.issues().track();
        table.summary().track();
        table.preparation().track();
        table.with_untracked(TableView::all_issues)
    });
    show(
        move || !issues.read().is_empty(),
        move || {
            tag("section", "section")
                .attr("aria-labelledby", "issues-title")
                .child(
                    tag("h2", "")
                        .attr("id", "issues-title")
                        .text("Worth knowing")
                        .view(),
                )
                .child(live(move || issue_list(issues.get())))
                .view()
        },
    )
}

/// The first few, and the rest for whoever asks.
pub fn issue_list(issues: Vec<Issue>) -> AnyView {
    let more = issues.len().saturating_sub(SHOWN);
    let is_whole = RwSignal::new(false);
    let rest = issues.iter().skip(SHOWN).cloned().collect::<Vec<_>>();
    let first = issues.into_iter().take(SHOWN).map(row);
    let list = tag("ul", "issues")
        .children(first.collect::<Vec<_>>())
        .child(show(
            move || is_whole.get(),
            move || rest.iter().cloned().map(row).collect::<Vec<_>>().into_any(),
        ));
    let button = show(
        move || more > 0 && !is_whole.get(),
        move || {
            button(
                "quiet",
                "more-issues",
                format!("Show {more} more"),
                move || {
                    is_whole.set(true);
                },
            )
            .view()
        },
    );
    block("").child(list.view()).child(button).view()
}

fn row(issue: Issue) -> AnyView {
    let (kind, class, word, glyph) = match issue.severity {
        Severity::Blocks => (
            "blocks",
            "issue is-blocks",
            "Has to be settled",
            icon::OCTAGON_X,
        ),
        Severity::Warning => (
            "warning",
            "issue is-warning",
            "May cost quality",
            icon::TRIANGLE_ALERT,
        ),
        Severity::Note => ("note", "issue is-note", "Note", icon::INFO),
    };
    let place = say::position(&issue);
    tag("li", class)
        .id("issue")
        .attr("data-issue", issue.id)
        .attr("data-severity", kind)
        .child(icon(glyph))
        .child(
            block("")
                .child(
                    tag("p", "issue-what")
                        .child(words("sr-only", format!("{word}: ")))
                        .text(issue.what)
                        .view(),
                )
                .child(paragraph("issue-fix", issue.fix))
                .view(),
        )
        .children(place.map(|place| words("tag", place)))
        .view()
}
