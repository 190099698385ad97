//! What would tell the model the answer in training and not in use.

use crate::ui::state::Field;
use leptos::prelude::*;

use crate::domain::clean::StepPlan;
use crate::domain::leak::{LeakFix, Suspect};
use crate::ui::client::Page;
use crate::ui::lean::{Memo, live, memo};
use crate::ui::state::{Action, Plan, PlanAction, TableView, TableViewStoreFields};
use crate::ui::tag::{block, button, paragraph, tag, words};
use crate::ui::words::data;

use super::fold::Summary;

/// Suspects that are not mended yet, and whether they were kept.
fn left(suspects: &[Suspect], plan: &Plan) -> Vec<(Suspect, bool)> {
    let is_mended = |suspect: &Suspect| {
        suspect.fixes.iter().any(|fix| match fix {
            LeakFix::DropColumns(columns) => plan.steps.contains(&StepPlan::DropColumns {
                columns: columns.clone(),
            }),
            _ => false,
        })
    };
    suspects
        .iter()
        .filter(|suspect| !is_mended(suspect))
        .map(|suspect| (suspect.clone(), plan.kept.contains(&suspect.what)))
        .collect()
}

/// The panel's line.
pub fn summary(table: Field<TableView>) -> Memo<Summary> {
    memo(move || {
        let asked = table.preparation().read();
        let Some(known) = &asked.value else {
            let text = match (&asked.failure, asked.is_waiting()) {
                (Some(_), _) => "Could not be checked",
                (None, true) => "Checking",
                (None, false) => "Checked once the columns fit",
            };
            return Summary {
                text: text.to_owned(),
                mark: None,
            };
        };
        let plan = table.plan().read();
        let left = left(&known.suspects, &plan);
        let open = left.iter().filter(|(_, is_kept)| !is_kept).count();
        Summary {
            text: match (open, left.is_empty()) {
                (0, true) => "Nothing found that tells the answer".to_owned(),
                (0, false) => "All looked at".to_owned(),
                (1, _) => "1 suspect".to_owned(),
                _ => format!("{open} suspects"),
            },
            mark: (open > 0).then(|| "look at it".to_owned()),
        }
    })
}

/// The suspects.
pub fn suspects(table: Field<TableView>) -> AnyView {
    let page = Page::here();
    live(move || {
        let asked = table.preparation().read();
        if let Some(failure) = &asked.failure {
            return block("")
                .child(paragraph("", failure.what.clone()))
                .child(paragraph("muted", failure.fix.clone()))
                .view();
        }
        let Some(known) = &asked.value else {
            return tag("p", "muted")
                .attr("role", "status")
                .text(summary(table).get().text)
                .view();
        };
        let plan = table.plan().read();
        let left = left(&known.suspects, &plan);
        if left.is_empty() {
            return paragraph(
                "muted",
                "No column names the rows or tells the answer alone, and no row stands on both sides of the split. What is known only after the fact can still be in the table: you know best.",
            );
        }
        let cards = left
            .iter()
            .map(|(suspect, is_kept)| card(page, suspect, !is_kept));
        tag("ul", "offers")
            .children(cards.collect::<Vec<_>>())
            .view()
    })
}

fn card(page: Page, suspect: &Suspect, is_open: bool) -> AnyView {
    let what = suspect.what.clone();
    let fixes = suspect.fixes.iter().enumerate().map(|(at, fix)| {
        let own = fix.clone();
        button("button", format!("fix-{at}"), data::fix(fix), move || {
            page.act(Action::Plan(PlanAction::Fix(own.clone())));
        })
        .view()
    });
    let keep = button(
        "quiet",
        "suspect-keep",
        if is_open {
            "It is fine"
        } else {
            "Look at it again"
        },
        move || page.act(Action::Plan(PlanAction::Keep(what.clone()))),
    );
    let actions = if is_open {
        fixes.collect::<Vec<_>>()
    } else {
        vec![words("muted", "Kept")]
    };
    tag("li", "offer")
        .id("suspect")
        .child(
            block("offer-text")
                .child(paragraph("step-title", data::leak(suspect.kind)))
                .child(paragraph("", suspect.what.clone()))
                .child(paragraph("fine", suspect.why.clone()))
                .view(),
        )
        .child(
            block("offer-actions")
                .children(actions)
                .child(keep.view())
                .view(),
        )
        .view()
}
