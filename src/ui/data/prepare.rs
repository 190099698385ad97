//! Steps that clean and prepare the table: offered, done, undone.

use crate::ui::state::Field;
use leptos::prelude::*;

use crate::domain::clean::{Change, Fill, Offer, Outliers, Rebalance, StepPlan, StepReport};
use crate::ui::client::Page;
use crate::ui::icon::{self, icon};
use crate::ui::lean::{Memo, live, memo};
use crate::ui::state::{Action, PlanAction, TableView, TableViewStoreFields};
use crate::ui::tag::{block, button, paragraph, select, tag, words};
use crate::ui::words::{self as say, data};

use super::fold::Summary;

/// Offers that are shown at first, and changes of each.
const OFFERS: usize = 5;
const CHANGES: usize = 3;

/// Characters of a cell in an example.
const CELL_CHARS: usize = 60;

/// The panel's line.
pub fn summary(table: Field<TableView>) -> Memo<Summary> {
    memo(move || {
        let done = table.plan().read().steps.len();
        let asked = table.preparation().read();
        let offers = asked.value.as_ref().map(|p| p.offers.len());
        let text = match done {
            0 => "No step yet".to_owned(),
            1 => "1 step".to_owned(),
            _ => format!("{done} steps"),
        };
        Summary {
            text,
            mark: match offers {
                None | Some(0) => None,
                Some(1) => Some("1 offer".to_owned()),
                Some(some) => Some(format!("{some} offers")),
            },
        }
    })
}

/// Steps that are done, steps that would do good, and all others.
pub fn steps(table: Field<TableView>) -> AnyView {
    let page = Page::here();
    block("prepare")
        .child(live(move || done(page, table)))
        .child(live(move || offers(page, table)))
        .child(manual(page, table))
        .view()
}

fn done(page: Page, table: Field<TableView>) -> AnyView {
    let plan = table.plan().read().steps.clone();
    if plan.is_empty() {
        return ().into_any();
    }
    let asked = table.preparation().read();
    // Reports of an older list of steps say nothing of this one.
    let reports = asked
        .value
        .as_ref()
        .filter(|known| known.recipe.steps == plan)
        .map(|known| known.steps.clone())
        .unwrap_or_default();
    let rows = plan.into_iter().enumerate().map(|(at, step)| {
        let title = data::step(&step);
        let report = reports.get(at);
        let note = match report {
            None => "Counting".to_owned(),
            Some(report) => report
                .refused
                .clone()
                .unwrap_or_else(|| data::step_counts(report)),
        };
        let is_refused = report.is_some_and(|report| report.refused.is_some());
        let mut about = vec![
            paragraph("step-title", title.clone()),
            paragraph(if is_refused { "setting-error" } else { "fine" }, note),
        ];
        if step == StepPlan::DropMissingTarget {
            about.push(paragraph(
                "fine",
                "These rows are not lost: the finished model can predict them.",
            ));
        }
        if let Some(report) = report {
            about.push(examples(report, true));
        }
        tag("li", "done-step")
            .id("done-step")
            .child(block("").children(about).view())
            .child(
                button("button", format!("undo-{at}"), "Undo", move || {
                    page.act(Action::Plan(PlanAction::RemoveStep(at)));
                })
                .attr("aria-label", format!("Undo: {title}"))
                .child(icon(icon::ROTATE_CCW))
                .view(),
            )
            .view()
    });
    block("")
        .child(tag("h3", "").text("Done, in this order").view())
        .child(
            tag("ol", "done-steps")
                .children(rows.collect::<Vec<_>>())
                .view(),
        )
        .view()
}

fn offers(page: Page, table: Field<TableView>) -> AnyView {
    let asked = table.preparation().read();
    if let Some(failure) = &asked.failure {
        return block("")
            .child(paragraph("", failure.what.clone()))
            .child(paragraph("muted", failure.fix.clone()))
            .view();
    }
    let Some(known) = &asked.value else {
        let text = if asked.is_waiting() {
            "Looking for what could be mended"
        } else {
            "Choose what the model should tell first."
        };
        return tag("p", "muted").attr("role", "status").text(text).view();
    };
    // What is done already is no offer, even before the next answer.
    let plan = table.plan().read();
    let open: Vec<Offer> = known
        .offers
        .iter()
        .filter(|offer| !plan.steps.contains(&offer.step))
        .cloned()
        .collect();
    if open.is_empty() {
        return paragraph("muted", "Nothing that has to be mended was found.");
    }
    let is_whole = RwSignal::new(false);
    let more = open.len().saturating_sub(OFFERS);
    let cards = live(move || {
        let number = if is_whole.get() { open.len() } else { OFFERS };
        let cards = open.iter().take(number).enumerate();
        cards
            .map(|(at, offer)| card(page, at, offer))
            .collect::<Vec<_>>()
    });
    block("")
        .child(tag("h3", "").text("Would do good").view())
        .child(tag("ul", "offers").child(cards).view())
        .children((more > 0).then(|| {
            live(move || {
                if is_whole.get() {
                    return ().into_any();
                }
                button(
                    "quiet",
                    "more-offers",
                    format!("Show {more} more"),
                    move || {
                        is_whole.set(true);
                    },
                )
                .view()
            })
        }))
        .view()
}

fn card(page: Page, at: usize, offer: &Offer) -> AnyView {
    let step = offer.step.clone();
    let title = data::step(&offer.step);
    tag("li", "offer")
        .id("offer")
        .child(
            block("offer-text")
                .child(paragraph("step-title", title.clone()))
                .child(paragraph("", offer.why.clone()))
                .child(paragraph("fine", data::step_counts(&offer.report)))
                .child(examples(&offer.report, false))
                .view(),
        )
        .child(
            button("button", format!("do-{at}"), "Do it", move || {
                page.act(Action::Plan(PlanAction::AddStep(step.clone())));
            })
            .attr("aria-label", format!("Do it: {title}"))
            .view(),
        )
        .view()
}

/// Some cells before and after.
fn examples(report: &StepReport, is_folded: bool) -> AnyView {
    if report.examples.is_empty() {
        return ().into_any();
    }
    let line = |change: &Change| {
        let place = format!(
            "Row {}, {}",
            say::count(u64::from(change.row.0) + 1),
            change.column
        );
        let before = data::cut(&change.before, CELL_CHARS).0;
        let after = match &change.after {
            None => words("after is-gone", "left out"),
            Some(after) if after.is_empty() => words("after is-gone", "(empty)"),
            Some(after) => words("after", visible(&data::cut(after, CELL_CHARS).0)),
        };
        tag("li", "change")
            .child(words("fine", place))
            .child(words(
                "before",
                if before.is_empty() {
                    "(empty)".to_owned()
                } else {
                    visible(&before)
                },
            ))
            .child(icon(icon::ARROW_RIGHT))
            .child(after)
            .view()
    };
    let number = if is_folded { 8 } else { CHANGES };
    let list = report.examples.iter().take(number).map(line);
    let list = tag("ul", "changes")
        .children(list.collect::<Vec<_>>())
        .view();
    if !is_folded {
        return list;
    }
    tag("details", "more")
        .child(tag("summary", "").text("Examples").view())
        .child(list)
        .view()
}

/// Spaces at the ends and in runs, made visible.
fn visible(cell: &str) -> String {
    let inner = cell.trim();
    let lead = cell.len() - cell.trim_start().len();
    let tail = cell.len() - cell.trim_end().len();
    if inner.is_empty() {
        return "␣".repeat(cell.chars().count());
    }
    format!(
        "{}{}{}",
        "␣".repeat(cell[..lead].chars().count()),
        inner.replace("  ", " ␣"),
        "␣".repeat(cell[cell.len() - tail..].chars().count())
    )
}

/// Steps that one can do by oneself, by the value of their option.
const MANUAL: [(&str, &str, bool); 16] = [
    ("trim", "Trim spaces", true),
    ("unicode", "Write characters one way", true),
    ("drop_column", "Leave out the column", true),
    ("median", "Fill missing with the median", true),
    (
        "frequent",
        "Fill missing with the most frequent value",
        true,
    ),
    ("category", "Treat missing as a value of its own", true),
    ("drop_missing", "Leave out rows with it missing", true),
    ("clip", "Bound numbers far from the others", true),
    ("flag", "Mark numbers far from the others", true),
    ("rare", "Merge values of few rows", true),
    ("repeated", "Leave out rows that repeat it", true),
    ("all_repeated", "Leave out repeated rows", false),
    ("near_repeated", "Leave out nearly repeated rows", false),
    (
        "no_target",
        "Leave out rows without a value to learn",
        false,
    ),
    ("over", "Draw rows of rare labels again", false),
    ("under", "Leave out rows of frequent labels", false),
];

/// Values with fewer rows than this are rare, unless a person says otherwise.
const RARE: u32 = 10;

fn manual_step(value: &str, column: String) -> Option<StepPlan> {
    let columns = vec![column.clone()];
    let fill = |with| StepPlan::FillMissing {
        column: column.clone(),
        with,
    };
    Some(match value {
        "trim" => StepPlan::TrimSpace { columns },
        "unicode" => StepPlan::NormalizeUnicode { columns },
        "drop_column" => StepPlan::DropColumns { columns },
        "median" => fill(Fill::Median),
        "frequent" => fill(Fill::MostFrequent),
        "category" => fill(Fill::Category),
        "drop_missing" => fill(Fill::DropRow),
        "clip" => StepPlan::Outliers {
            column,
            how: Outliers::Clip,
        },
        "flag" => StepPlan::Outliers {
            column,
            how: Outliers::Flag,
        },
        "rare" => StepPlan::MergeRare {
            column,
            least: RARE,
            into: "other".to_owned(),
        },
        "repeated" => StepPlan::DropDuplicates {
            columns,
            near: false,
        },
        "all_repeated" | "near_repeated" => StepPlan::DropDuplicates {
            columns: Vec::new(),
            near: value == "near_repeated",
        },
        "no_target" => StepPlan::DropMissingTarget,
        "over" => StepPlan::Rebalance {
            how: Rebalance::Oversample,
        },
        "under" => StepPlan::Rebalance {
            how: Rebalance::Undersample,
        },
        _ => return None,
    })
}

/// A step that nobody offered.
fn manual(page: Page, table: Field<TableView>) -> AnyView {
    let step = RwSignal::new(MANUAL[0].0.to_owned());
    let column = RwSignal::new(String::new());
    let names = memo(move || {
        let summary = table.summary().read();
        let columns = summary.iter().flat_map(|summary| &summary.columns);
        columns
            .map(|column| column.name.clone())
            .collect::<Vec<_>>()
    });
    let needs_column = memo(move || {
        let step = step.read();
        MANUAL
            .iter()
            .any(|(value, _, needs)| *needs && *value == step.as_str())
    });
    let steps = MANUAL
        .iter()
        .map(|(value, name, _)| ((*value).to_owned(), (*name).to_owned()))
        .collect();
    let columns = live(move || {
        if !needs_column.get() {
            return ().into_any();
        }
        let names = names.get();
        if column.read_untracked().is_empty()
            && let Some(first) = names.first()
        {
            column.set(first.clone());
        }
        let choices = names.into_iter().map(|name| (name.clone(), name)).collect();
        select(
            "step-column",
            "Of this column",
            choices,
            move || column.get(),
            move |name| column.set(name),
        )
    });
    tag("details", "more")
        .id("manual-step")
        .child(tag("summary", "").text("Add a step yourself").view())
        .child(
            block("row manual")
                .child(select(
                    "step-kind",
                    "What to do",
                    steps,
                    move || step.get(),
                    move |value| step.set(value),
                ))
                .child(columns)
                .child(
                    button("button", "step-add", "Do it", move || {
                        let made = manual_step(&step.read_untracked(), column.get_untracked());
                        if let Some(made) = made {
                            page.act(Action::Plan(PlanAction::AddStep(made)));
                        }
                    })
                    .view(),
                )
                .view(),
        )
        .view()
}
