//! One column, looked at closely, at the edge of the page.

use crate::ui::state::Field;
use leptos::prelude::*;

use crate::domain::query::Condition;
use crate::ui::browser::focus;
use crate::ui::client::Page;
use crate::ui::icon::{self, icon};
use crate::ui::lean::{live, memo};
use crate::ui::state::{
    Action, AppStateStoreFields, ColumnAnswer, LookAction, PlanAction, TableView,
    TableViewStoreFields, WorkerView,
};
use crate::ui::tag::{block, button, field, paragraph, select, tag, words};
use crate::ui::words::{self as say, data};

use super::chart::histogram;
use super::grid::filter_by;

/// Bars that are listed with their words.
const LISTED: usize = 12;

/// Characters of an example.
const EXAMPLE_CHARS: usize = 240;

/// Shows a column; the focus comes back to `from` afterwards.
pub fn open_detail(page: Page, column: String, from: &'static str) {
    OPENER.with(|opener| opener.set(from));
    page.act(Action::Look(LookAction::Column(Some(column))));
    focus("column-title");
}

thread_local! {
    /// Id of what the focus goes back to.
    static OPENER: std::cell::Cell<&'static str> = const { std::cell::Cell::new("step-title") };
}

/// Shows it no longer; the focus goes back to where it came from.
pub fn close_detail(page: Page) {
    page.act(Action::Look(LookAction::Column(None)));
    focus(OPENER.with(std::cell::Cell::get));
}

/// The panel about the chosen column.
pub fn detail(table: Field<TableView>) -> AnyView {
    let page = Page::here();
    let name = memo(move || table.detail().read().as_ref().map(|d| d.column.clone()));
    live(move || match name.get() {
        Some(name) => drawer(page, table, name),
        None => ().into_any(),
    })
}

fn drawer(page: Page, table: Field<TableView>, name: String) -> AnyView {
    let inside = live(move || {
        let detail = table.detail().read();
        let Some(detail) = detail.as_ref() else {
            return ().into_any();
        };
        match (&detail.asked.value, &detail.asked.failure) {
            (Some(answer), _) => figures(page, table, answer),
            (None, Some(failure)) => block("")
                .child(paragraph("", failure.what.clone()))
                .child(paragraph("muted", failure.fix.clone()))
                .view(),
            (None, None) => block("")
                .attr("aria-hidden", "true")
                .child(block("skeleton skeleton-line").view())
                .child(block("skeleton skeleton-bar").view())
                .child(block("skeleton skeleton-line").view())
                .view(),
        }
    });
    tag("aside", "drawer")
        .id("column-detail")
        .attr("aria-labelledby", "column-title")
        .keys(move |key, _| {
            let is_escape = key == "Escape";
            if is_escape {
                close_detail(page);
            }
            is_escape
        })
        .child(
            block("drawer-head")
                .child(
                    tag("h2", "")
                        .attr("id", "column-title")
                        .attr("tabindex", "-1")
                        .text(name.clone())
                        .view(),
                )
                .child(
                    button("icon-button", "column-close", "", move || {
                        close_detail(page)
                    })
                    .attr("aria-label", "Close")
                    .child(icon(icon::X))
                    .view(),
                )
                .view(),
        )
        .child(kind_select(page, table, name, "detail-kind".to_owned()))
        .child(inside)
        .view()
}

/// A choice of what a column holds.
pub fn kind_select(page: Page, table: Field<TableView>, name: String, id: String) -> AnyView {
    let inferred = {
        let name = name.clone();
        memo(move || {
            let is_chosen = table.plan().read().schema.kinds.contains_key(&name);
            let summary = table.summary().read();
            let kind = summary
                .iter()
                .flat_map(|summary| &summary.columns)
                .find(|column| column.name == name)
                .map_or_else(String::new, |column| column.kind_name.clone());
            (is_chosen, kind)
        })
    };
    let chosen = {
        let name = name.clone();
        move || {
            let plan = table.plan().read();
            plan.schema.kinds.get(&name).cloned().unwrap_or_default()
        }
    };
    // The words of the first option depend on what was inferred.
    live(move || {
        let (is_chosen, kind) = inferred.get();
        let first = if is_chosen {
            "as found in the cells".to_owned()
        } else {
            format!("{kind} (found)")
        };
        let kinds = match &*page.state.worker().read() {
            WorkerView::Ready(capabilities) => capabilities.kinds.clone(),
            WorkerView::Starting | WorkerView::Down(_) => Vec::new(),
        };
        let choices = std::iter::once((String::new(), first))
            .chain(kinds)
            .collect();
        let column = name.clone();
        select(
            id.clone(),
            format!("What “{name}” holds"),
            choices,
            chosen.clone(),
            move |kind| {
                page.act(Action::Plan(PlanAction::Kind {
                    column: column.clone(),
                    kind: (!kind.is_empty()).then_some(kind),
                }));
            },
        )
    })
}

fn fact(name: &'static str, value: String) -> AnyView {
    block("fact")
        .child(tag("dt", "").text(name).view())
        .child(tag("dd", "").text(value).view())
        .view()
}

fn figures(page: Page, table: Field<TableView>, answer: &ColumnAnswer) -> AnyView {
    let detail = &answer.detail;
    let rows = table
        .summary()
        .read_untracked()
        .as_ref()
        .map_or(0, |s| s.rows);
    let mut facts = vec![
        fact(
            "Missing",
            if detail.missing == 0 {
                "none".to_owned()
            } else {
                format!(
                    "{} ({})",
                    say::count(detail.missing.into()),
                    say::percent(f64::from(detail.missing) / f64::from(rows.max(1)))
                )
            },
        ),
        fact("Distinct", say::count(detail.distinct.into())),
    ];
    if let Some(format) = &detail.format {
        facts.push(fact("Written as", format.clone()));
    }
    if let Some(numbers) = &detail.numbers
        && detail.kind != "date"
    {
        let [least, low, median, high, most] = numbers.quantiles.map(data::quantity);
        facts.push(fact("Smallest, largest", format!("{least} to {most}")));
        facts.push(fact("Median", median));
        facts.push(fact("Middle half", format!("{low} to {high}")));
        facts.push(fact(
            "Mean ± deviation",
            format!(
                "{} ± {}",
                data::quantity(numbers.mean),
                data::quantity(numbers.deviation)
            ),
        ));
    }
    if detail.numbers.is_none() {
        let [least, median, _, most] = detail.chars;
        facts.push(fact(
            "Characters",
            format!(
                "{least} to {}, half up to {median}",
                say::count(most.into())
            ),
        ));
    }
    if let Some([median, most, longest]) = answer.tokens {
        facts.push(fact(
            "Tokens",
            format!("half up to {median}, 95 of 100 up to {most}, longest {longest}"),
        ));
        facts.push(fact(
            "Would be cut",
            if answer.cut == 0 {
                "none".to_owned()
            } else {
                say::rows(answer.cut.into())
            },
        ));
    }
    let mut parts = vec![
        paragraph("fine", detail.reason.clone()),
        tag("dl", "facts").children(facts).view(),
    ];
    if !detail.bars.is_empty() {
        parts.push(bars(page, table, answer));
    }
    if !detail.unread.is_empty() {
        parts.push(cells(
            page,
            table,
            &detail.name,
            "Could not be read as this kind",
            &detail.unread,
        ));
    }
    parts.push(spellings(page, table, answer));
    if !detail.examples.is_empty() {
        parts.push(tag("h3", "").text("Examples").view());
        let examples = detail.examples.iter().map(|example| {
            tag("li", "")
                .text(data::cut(example, EXAMPLE_CHARS).0)
                .view()
        });
        parts.push(
            tag("ul", "examples")
                .children(examples.collect::<Vec<_>>())
                .view(),
        );
    }
    block("drawer-body").children(parts).view()
}

fn bars(page: Page, table: Field<TableView>, answer: &ColumnAnswer) -> AnyView {
    let detail = &answer.detail;
    let is_histogram = detail.bars.iter().any(|bar| bar.range.is_some());
    let most = detail.bars.iter().map(|bar| bar.rows).max().unwrap_or(1);
    let listed = detail
        .bars
        .iter()
        .take(if is_histogram { 40 } else { LISTED });
    let list = listed.filter(|bar| bar.rows > 0).map(|bar| {
        let condition = match bar.range {
            Some([from, to]) => Condition::Between(from, to),
            None => Condition::Is(bar.label.clone()),
        };
        let column = detail.name.clone();
        let share = f64::from(bar.rows) / f64::from(most.max(1)) * 100.0;
        tag("li", "")
            .child(
                tag("button", "bar-row")
                    .attr("type", "button")
                    .id("bar-filter")
                    .attr("title", "Only these rows")
                    .press(move || filter_by(page, table, column.clone(), condition.clone()))
                    .child(words("bar-word", data::cut(&bar.label, 60).0))
                    .child(
                        tag("span", "bar")
                            .attr("aria-hidden", "true")
                            .child(
                                tag("span", "bar-fill hue-none")
                                    .style("width", format!("{share:.1}%"))
                                    .view(),
                            )
                            .view(),
                    )
                    .child(words("num", say::count(bar.rows.into())))
                    .view(),
            )
            .view()
    });
    // A histogram of lengths filters nothing: no row is found by the length of a cell.
    let can_filter = detail.kind != "text" || !is_histogram;
    let list = tag("ul", "bar-rows")
        .children(list.collect::<Vec<_>>())
        .view();
    if !is_histogram {
        return list;
    }
    let drawing = histogram(&detail.bars);
    if !can_filter {
        return block("")
            .child(drawing)
            .child(paragraph("fine", "Rows by the length of their text"))
            .view();
    }
    block("")
        .child(drawing)
        .child(
            tag("details", "more")
                .child(tag("summary", "").text("Rows in each bar").view())
                .child(list)
                .view(),
        )
        .view()
}

fn cells(
    page: Page,
    table: Field<TableView>,
    column: &str,
    title: &'static str,
    found: &[(String, u32)],
) -> AnyView {
    let list = found.iter().take(LISTED).map(|(cell, rows)| {
        let (column, own) = (column.to_owned(), cell.clone());
        button("chip", "cell-chip", data::cut(cell, 40).0, move || {
            filter_by(page, table, column.clone(), Condition::Is(own.clone()));
        })
        .attr("title", "Only these rows")
        .child(words("muted", say::count((*rows).into())))
        .view()
    });
    block("")
        .child(tag("h3", "").text(title).view())
        .child(block("chips").children(list.collect::<Vec<_>>()).view())
        .view()
}

/// How missing values are spelled, which a person may change for all columns.
fn spellings(page: Page, table: Field<TableView>, answer: &ColumnAnswer) -> AnyView {
    let detail = &answer.detail;
    let mut parts = Vec::new();
    if !detail.missing_spellings.is_empty() {
        parts.push(cells(
            page,
            table,
            &detail.name,
            "Read as missing",
            &detail
                .missing_spellings
                .iter()
                .map(|(cell, rows)| {
                    let word = if cell.is_empty() { "(empty)" } else { cell };
                    (word.to_owned(), *rows)
                })
                .collect::<Vec<_>>(),
        ));
    }
    let shown = move || {
        let plan = table.plan().read();
        plan.schema
            .missing
            .as_ref()
            .map_or_else(String::new, |list| {
                list.iter()
                    .filter(|word| !word.is_empty())
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", ")
            })
    };
    let change = move |text: String| {
        let words: Vec<String> = text
            .split(',')
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        page.act(Action::Plan(PlanAction::Missing(
            (!words.is_empty()).then(|| std::iter::once(String::new()).chain(words).collect()),
        )));
    };
    parts.push(
        tag("label", "stacked")
            .child(words("", "Spellings of a missing value, in all columns"))
            .child(field(
                "missing-spellings",
                "Spellings of a missing value, separated by commas",
                "field",
                shown,
                change,
            ))
            .child(words(
                "fine",
                "Separated by commas. Left empty: the usual ones, such as NA, null and -. An empty cell always counts.",
            ))
            .view(),
    );
    block("").children(parts).view()
}
