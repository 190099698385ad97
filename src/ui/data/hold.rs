//! How the rows are held apart.

use crate::ui::state::Field;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::domain::split::{SplitKind, SplitPlan};
use crate::ui::browser::files;
use crate::ui::browser::number;
use crate::ui::client::Page;
use crate::ui::lean::{Memo, live, memo, show};
use crate::ui::part::palette;
use crate::ui::state::{
    Action, AppStateStoreFields, PlanAction, ReadAction, TableView, TableViewStoreFields,
};
use crate::ui::tag::{block, button, field, paragraph, select, tag, tick, words};
use crate::ui::words::{self as say, data};

use super::fold::Summary;

/// Labels whose parts are drawn.
const LABELS: usize = 12;

fn plan(table: Field<TableView>) -> SplitPlan {
    let decided = table.plan().read().split.clone();
    decided.unwrap_or_default()
}

/// The panel's line.
pub fn summary(table: Field<TableView>) -> Memo<Summary> {
    memo(move || {
        let plan = plan(table);
        let asked = table.preparation().read();
        let left = asked.value.as_ref().map_or(0, |known| known.parts[3]);
        Summary {
            text: data::split(&plan),
            mark: (left > 0).then(|| format!("{} in no part", say::rows(left.into()))),
        }
    })
}

fn change(page: Page, table: Field<TableView>, edit: impl FnOnce(&mut SplitPlan)) {
    let decided = table.plan().read_untracked().split.clone();
    let mut next = decided.unwrap_or_default();
    edit(&mut next);
    page.act(Action::Plan(PlanAction::Split(next)));
}

fn named(name: &'static str, control: AnyView) -> AnyView {
    tag("div", "stacked")
        .child(words("stacked-name", name))
        .child(control)
        .view()
}

/// The choice of a split and what comes of it.
pub fn form(table: Field<TableView>) -> AnyView {
    let page = Page::here();
    let kind = memo(move || data::split_value(&plan(table).kind));
    let about = memo(move || {
        let kind = kind.get();
        let known = data::SPLITS.iter().find(|(value, ..)| *value == kind);
        known.map_or("", |(_, _, about)| about)
    });
    let choices = data::SPLITS
        .iter()
        .map(|(value, name, _)| ((*value).to_owned(), (*name).to_owned()))
        .collect();
    let choice = select(
        "split-kind",
        "How rows are held apart",
        choices,
        move || kind.get().to_owned(),
        move |value| {
            let column = likely_column(table, &value);
            change(page, table, |plan| {
                plan.kind = data::split_of(&value, column)
            });
        },
    );
    let column = live(move || by_column(page, table, kind.get()));
    let shares = live(move || shares(page, table, kind.get()));
    block("hold")
        .child(
            block("reading-form")
                .child(named("Which rows go where", choice))
                .child(column)
                .child(shares)
                .view(),
        )
        .child(
            tag("p", "fine")
                .text_now(move || about.get().to_owned())
                .view(),
        )
        .child(show(
            move || kind.get() == "second_file",
            move || second_file(page, table),
        ))
        .child(together(page, table))
        .child(live(move || label_parts(table)))
        .view()
}

/// The column that a split would most likely go by, so that choosing the kind does something.
fn likely_column(table: Field<TableView>, kind: &str) -> String {
    let before = table.plan().read_untracked().split.clone();
    if let Some(column) = before.as_ref().and_then(|plan| plan.kind.column()) {
        return column.to_owned();
    }
    let summary = table.summary().read_untracked();
    let target = table.target().read_untracked().clone();
    let Some(summary) = summary.as_ref() else {
        return String::new();
    };
    let rows = summary.rows;
    let name_has = |name: &str, words: &[&str]| {
        let name = name.to_ascii_lowercase();
        words.iter().any(|word| name.contains(word))
    };
    let others = || {
        summary
            .columns
            .iter()
            .filter(|column| Some(&column.name) != target.as_ref())
    };
    let found = match kind {
        "time" => others().find(|column| column.kind == "date"),
        "column" => others().find(|column| name_has(&column.name, &["split", "part", "fold"])),
        _ => others()
            .find(|column| {
                name_has(
                    &column.name,
                    &["group", "customer", "user", "patient", "id"],
                ) && column.distinct < rows
            })
            .or_else(|| others().find(|column| column.distinct > 2 && column.distinct < rows)),
    };
    found
        .or_else(|| others().next())
        .map_or_else(String::new, |column| column.name.clone())
}

fn by_column(page: Page, table: Field<TableView>, kind: &'static str) -> AnyView {
    if !matches!(kind, "group" | "time" | "column") {
        return ().into_any();
    }
    let summary = table.summary().read_untracked();
    let columns = summary.iter().flat_map(|summary| &summary.columns);
    let choices = columns
        .map(|column| (column.name.clone(), column.name.clone()))
        .collect();
    named(
        "By this column",
        select(
            "split-column",
            "By this column",
            choices,
            move || plan(table).kind.column().unwrap_or_default().to_owned(),
            move |column| change(page, table, |plan| plan.kind = data::split_of(kind, column)),
        ),
    )
}

fn shares(page: Page, table: Field<TableView>, kind: &'static str) -> AnyView {
    let percent = |share: f64| format!("{}", (share * 1000.0).round() / 10.0);
    let read = |text: String| {
        let number = number(&text.replace('%', ""));
        number.map(|number| (number / 100.0).clamp(0.0, 0.8))
    };
    let valid = named(
        "Validation, %",
        field(
            "split-valid",
            "Share of the rows for validation, in percent",
            "field num",
            move || percent(plan(table).valid),
            move |text| {
                if let Some(share) = read(text) {
                    change(page, table, |plan| plan.valid = share);
                }
            },
        ),
    );
    let draws_test = data::split_of(kind, String::new()).draws_test();
    let test = named(
        "Test, %",
        field(
            "split-test",
            "Share of the rows for the test, in percent",
            "field num",
            move || percent(plan(table).test),
            move |text| {
                if let Some(share) = read(text) {
                    change(page, table, |plan| plan.test = share);
                }
            },
        ),
    );
    let seed = named(
        "Seed",
        field(
            "split-seed",
            "Seed of all that is drawn",
            "field num",
            move || table.plan().read().seed.unwrap_or(1).to_string(),
            move |text| {
                if let Ok(seed) = text.trim().parse() {
                    page.act(Action::Plan(PlanAction::Seed(seed)));
                }
            },
        ),
    );
    let mut fields = Vec::new();
    if draws_test {
        fields.push(test);
    }
    fields.extend([valid, seed]);
    fields.into_any()
}

fn together(page: Page, table: Field<TableView>) -> AnyView {
    let is_drawn = move || {
        let kind = plan(table).kind;
        !matches!(kind, SplitKind::Column { .. } | SplitKind::SecondFile)
    };
    show(is_drawn, move || {
        tick(
            "split-together",
            "Keep rows that are alike on one side, so that none is learned by heart and asked again",
            move || plan(table).keep_together,
            move || {
                change(page, table, |plan| plan.keep_together = !plan.keep_together);
            },
        )
    })
}

/// The second file, or a way to bring one.
fn second_file(page: Page, table: Field<TableView>) -> AnyView {
    let name = memo(move || {
        let test = table.test_file().get()?;
        let tables = page.state.tables().read();
        let found = tables.iter().find(|table| table.id == test)?;
        Some(found.name.clone())
    });
    live(move || match name.get() {
        Some(name) => {
            let is_in = table
                .summary()
                .read()
                .as_ref()
                .is_some_and(|summary| summary.test_from.is_some());
            let said = if is_in {
                format!("“{name}” is the test.")
            } else {
                format!("Reading “{name}”.")
            };
            block("row")
                .child(tag("p", "").attr("role", "status").text(said).view())
                .child(
                    button("quiet", "test-drop", "Take it away", move || {
                        page.act(Action::Read(ReadAction::DropTest));
                    })
                    .view(),
                )
                .view()
        }
        None => block("row")
            .child(
                tag("label", "button file-button")
                    .text("Choose the test file")
                    .child(
                        tag("input", "sr-only")
                            .id("test-file")
                            .attr("type", "file")
                            .on("change", move |event| {
                                let input = event
                                    .target()
                                    .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
                                if let Some(file) = input.and_then(|input| files::picked(&input)) {
                                    page.client().open_test_file(file);
                                }
                            })
                            .view(),
                    )
                    .view(),
            )
            .child(paragraph(
                "fine",
                "Or drop it anywhere on this page. It needs the same columns.",
            ))
            .view(),
    })
}

/// Rows of each label in the parts.
fn label_parts(table: Field<TableView>) -> AnyView {
    let asked = table.preparation().read();
    let Some(known) = &asked.value else {
        return ().into_any();
    };
    if known.labels.is_empty() {
        return ().into_any();
    }
    let names: Vec<String> = known.labels.iter().map(|(name, _)| name.clone()).collect();
    let hues = palette(&names);
    let most = known
        .labels
        .iter()
        .map(|(_, parts)| parts.iter().sum::<u32>())
        .max()
        .unwrap_or(1)
        .max(1);
    let head = ["Label", "", "Train", "Validation", "Test"];
    let head = head.into_iter().enumerate().map(|(at, word)| {
        tag("th", if at > 1 { "num" } else { "" })
            .attr("scope", "col")
            .text(word)
            .view()
    });
    let lines = known.labels.iter().zip(hues).take(LABELS);
    let lines = lines.map(|((name, parts), hue)| {
        let share = f64::from(parts.iter().sum::<u32>()) / f64::from(most) * 100.0;
        let numbers = parts.iter().enumerate().map(|(at, rows)| {
            // A label that is missing where it is learned or judged is worth a look.
            let class = if *rows == 0 && at != 1 {
                "num is-missing"
            } else {
                "num"
            };
            tag("td", class).text(say::count((*rows).into())).view()
        });
        tag("tr", "")
            .child(
                tag("th", "label-name")
                    .attr("scope", "row")
                    .text(data::cut(name, 60).0)
                    .view(),
            )
            .child(
                tag("td", "counts-bar")
                    .child(
                        tag("span", "bar")
                            .attr("aria-hidden", "true")
                            .child(
                                tag("span", "")
                                    .attr("class", format!("bar-fill {hue}"))
                                    .style("width", format!("{share:.1}%"))
                                    .view(),
                            )
                            .view(),
                    )
                    .view(),
            )
            .children(numbers.collect::<Vec<_>>())
            .view()
    });
    let more = known.labels.len().saturating_sub(LABELS);
    block("")
        .child(
            tag("table", "plain label-parts")
                .id("label-parts")
                .child(
                    tag("thead", "")
                        .child(tag("tr", "").children(head.collect::<Vec<_>>()).view())
                        .view(),
                )
                .child(tag("tbody", "").children(lines.collect::<Vec<_>>()).view())
                .view(),
        )
        .children((more > 0).then(|| paragraph("fine", format!("and {more} more labels"))))
        .view()
}
