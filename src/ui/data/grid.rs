//! All rows of the table, of which those in sight are drawn.

use crate::ui::state::Field;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::domain::query::{Condition, Filter, RowQuery, Sort};
use crate::protocol::ColumnSummary;
use crate::ui::client::Page;
use crate::ui::icon::{self, icon};
use crate::ui::lean::{Memo, live, memo, show};
use crate::ui::state::{Action, LookAction, TableView, TableViewStoreFields};
use crate::ui::tag::{block, button, tag, words};
use crate::ui::window::{Scroll, columns_in_sight};
use crate::ui::words::{self as say, data};

use super::chart::small_bars;
use super::detail::{close_detail, open_detail};
use super::glyph;

/// Heights in pixels, as the style sheet has them.
const ROW: f64 = 46.0;
const HEAD: f64 = 88.0;
/// The tallest the box gets.
const TALL: f64 = 410.0;

/// Below this width columns are narrower, in pixels.
const NARROW: f64 = 600.0;

/// Characters of a cell that are drawn: two lines of the widest column hold fewer.
const CELL_CHARS: usize = 280;

/// Characters of a cell that are read whole: more would make the page slow.
const WHOLE_CHARS: usize = 20_000;

/// Id of the scrolled box.
const BOX: &str = "rows-box";

/// A place in the grid: a row, none for the headings, and a column.
type Place = (Option<u32>, usize);

/// What the grid draws from.
#[derive(Clone, Copy)]
struct Grid {
    page: Page,
    table: Field<TableView>,
    columns: Memo<Vec<ColumnSummary>>,
    widths: Memo<Vec<f64>>,
    total: Memo<u32>,
    /// Where it is scrolled to, from the left and the top, and how large it is.
    at: RwSignal<[f64; 4]>,
    active: RwSignal<Option<Place>>,
}

/// The rows with what one can do to them.
pub fn rows(table: Field<TableView>) -> AnyView {
    let page = Page::here();
    let at = RwSignal::new([0.0, 0.0, 900.0, TALL - HEAD]);
    let columns = memo(move || {
        let summary = table.summary().read();
        let known = summary
            .as_ref()
            .map_or(&[][..], |summary| &summary.columns[..]);
        let rows = table.rows().read();
        if rows.columns.is_empty() {
            return known.to_vec();
        }
        // Steps leave columns out and add others.
        let of = |name: &String| {
            let found = known.iter().find(|column| column.name == *name);
            found.cloned().unwrap_or_else(|| ColumnSummary {
                name: name.clone(),
                kind: String::new(),
                kind_name: "made by a step".to_owned(),
                missing: 0,
                distinct: 0,
                mean_chars: 0.0,
                top: Vec::new(),
            })
        };
        if rows.columns.len() == known.len() {
            return known.to_vec();
        }
        rows.columns.iter().map(of).collect()
    });
    let is_narrow = memo(move || at.get()[2] < NARROW);
    let widths = memo(move || {
        let [text, other] = if is_narrow.get() {
            [240.0, 132.0]
        } else {
            [360.0, 156.0]
        };
        let width = |column: &ColumnSummary| {
            if column.kind == "text" && column.mean_chars > 18.0 {
                text
            } else {
                other
            }
        };
        let mut widths: Vec<f64> = columns.read().iter().map(width).collect();
        // What is left over goes to the texts, or to all.
        let spare = at.get()[2] - widths.iter().sum::<f64>();
        let is_wide = |width: &f64| *width == text;
        let texts = widths.iter().filter(|width| is_wide(width)).count();
        let takers = if texts == 0 { widths.len() } else { texts };
        if spare > 0.0 && takers > 0 {
            for width in &mut widths {
                if texts == 0 || is_wide(width) {
                    *width += spare / takers as f64;
                }
            }
        }
        widths
    });
    let total = memo(move || {
        let known = table.summary().read().as_ref().map_or(0, |s| s.rows);
        table.rows().read().total.unwrap_or(known)
    });
    let grid = Grid {
        page,
        table,
        columns,
        widths,
        total,
        at,
        active: RwSignal::new(None),
    };
    request_animation_frame(move || measure(grid));
    let resized = window_event_listener(leptos::ev::resize, move |_| measure(grid));
    on_cleanup(move || resized.remove());
    // Rows in sight are asked for as they come into it.
    Effect::new(move |_| {
        let (first, last, _) = window_of(grid);
        page.act(Action::Look(LookAction::Window([first, last])));
    });
    block("rows")
        .child(tools(grid))
        .child(scrolled(grid))
        .child(whole_cell(grid))
        .child(super::detail::detail(table))
        .view()
}

fn element() -> Option<HtmlElement> {
    document()
        .get_element_by_id(BOX)
        .and_then(|element| element.dyn_into().ok())
}

fn measure(grid: Grid) {
    if let Some(element) = element() {
        let next = [
            f64::from(element.scroll_left()),
            f64::from(element.scroll_top()),
            f64::from(element.client_width()),
            (f64::from(element.client_height()) - HEAD).max(ROW),
        ];
        if grid.at.get_untracked() != next {
            grid.at.set(next);
        }
    }
}

fn scroll(grid: Grid) -> Scroll {
    Scroll {
        rows: grid.total.get(),
        row_height: ROW,
        view_height: grid.at.get()[3],
    }
}

fn window_of(grid: Grid) -> (u32, u32, f64) {
    scroll(grid).window(grid.at.get()[1])
}

/// Search, filters, and how many rows fit.
fn tools(grid: Grid) -> AnyView {
    let Grid { page, table, .. } = grid;
    let query = move || table.rows().read_untracked().query.clone();
    let ask = move |query: RowQuery| {
        to_top();
        page.act(Action::Look(LookAction::Query(query)));
    };
    let search = tag("input", "field search")
        .id("rows-search")
        .attr("type", "search")
        .attr("placeholder", "Search all cells")
        .attr("aria-label", "Search all cells")
        .attr("autocomplete", "off")
        .typed(move |text| {
            ask(RowQuery {
                search: text,
                ..query()
            });
        });
    let filters = live(move || {
        let filters = table.rows().read().query.filters.clone();
        let chips = filters.into_iter().enumerate().map(|(at, filter)| {
            let text = filter_words(&filter);
            button("chip", "rows-filter", text, move || {
                let mut next = query();
                next.filters.remove(at);
                ask(next);
            })
            .attr("title", "No longer filter by this")
            .child(icon(icon::X))
            .view()
        });
        chips.collect::<Vec<_>>()
    });
    let said = memo(move || {
        let of = table.summary().read().as_ref().map_or(0, |s| s.rows);
        let rows = table.rows().read();
        match (&rows.failure, rows.total) {
            (Some(failure), _) => failure.what.clone(),
            (None, Some(total)) if rows.is_filtered() || rows.is_prepared => {
                format!("{} of {}", say::count(total.into()), say::rows(of.into()))
            }
            _ => say::rows(of.into()),
        }
    });
    let prepared = show(
        move || !table.plan().read().steps.is_empty(),
        move || {
            let side = move |is_prepared: bool, id: &'static str, text: &'static str| {
                button("side", id, text, move || {
                    page.act(Action::Look(LookAction::Prepared(is_prepared)));
                })
                .attr_now("aria-pressed", move || {
                    (table.rows().read().is_prepared == is_prepared).to_string()
                })
                .view()
            };
            block("sides")
                .attr("role", "group")
                .attr("aria-label", "Which cells are shown")
                .child(side(false, "rows-as-read", "As read"))
                .child(side(true, "rows-as-prepared", "As prepared"))
                .view()
        },
    );
    block("rows-tools")
        .child(search.view())
        .child(filters)
        .child(
            tag("span", "rows-said")
                .id("rows-said")
                .attr("role", "status")
                .text_now(move || said.get())
                .view(),
        )
        .child(prepared)
        .view()
}

fn filter_words(filter: &Filter) -> String {
    let column = &filter.column;
    match &filter.condition {
        Condition::Is(cell) => format!("{column} is “{}”", data::cut(cell, 24).0),
        Condition::Contains(text) => format!("{column} holds “{}”", data::cut(text, 24).0),
        Condition::Missing => format!("{column} is missing"),
        Condition::Present => format!("{column} is not missing"),
        Condition::Between(from, to) => {
            format!(
                "{column} from {} to {}",
                data::quantity(*from),
                data::quantity(*to)
            )
        }
    }
}

/// Shows only rows that meet a condition, beside the conditions that hold already.
pub fn filter_by(page: Page, table: Field<TableView>, column: String, condition: Condition) {
    let mut query = table.rows().read_untracked().query.clone();
    query.filters.retain(|filter| filter.column != column);
    query.filters.push(Filter { column, condition });
    page.act(Action::Look(LookAction::Query(query)));
}

fn scrolled(grid: Grid) -> AnyView {
    let height = memo(move || {
        let content = HEAD + f64::from(grid.total.get().max(2)) * ROW + 14.0;
        content.min(TALL)
    });
    let width = memo(move || grid.widths.read().iter().sum::<f64>());
    let sight = memo(move || {
        let [left, _, view, _] = grid.at.get();
        columns_in_sight(&grid.widths.read(), left, view)
    });
    let head = live(move || heading(grid, sight.get()));
    let body = live(move || body(grid, sight.get()));
    let rows = block("grid-rows")
        .attr("role", "rowgroup")
        .style_now("transform", move || {
            format!("translateY({:.1}px)", window_of(grid).2)
        })
        .child(body);
    let content = block("grid-content")
        .attr("role", "presentation")
        .style_now("width", move || format!("{:.2}px", width.get()))
        .style_now("height", move || {
            format!("{:.0}px", HEAD + scroll(grid).height())
        })
        .child(
            block("grid-head")
                .attr("role", "rowgroup")
                .child(head)
                .view(),
        )
        .child(rows.view());
    block("grid-box")
        .id("preview")
        .attr("id", BOX)
        .attr("role", "grid")
        .attr("tabindex", "0")
        .attr("aria-label", "All rows")
        .attr("aria-describedby", "rows-keys")
        .attr_now("aria-rowcount", move || (grid.total.get() + 1).to_string())
        .attr_now("aria-colcount", move || {
            grid.columns.read().len().to_string()
        })
        .attr_now("aria-activedescendant", move || {
            grid.active.get().map_or_else(String::new, place_id)
        })
        .style_now("height", move || format!("{:.0}px", height.get()))
        .on("scroll", move |_| measure(grid))
        .on("click", move |event| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok());
            if let Some(place) = target.and_then(|element| place_of(&element)) {
                press(grid, place);
            }
        })
        .keys(move |key, is_far| steer(grid, key, is_far))
        .child(content.view())
        .view()
}

/// What pressing a place does: a heading says what it is for, a cell shows itself.
fn press(grid: Grid, (place, part): (Place, Part)) {
    grid.active.set(Some(place));
    match part {
        Part::Name => sort(grid, place.1),
        Part::Kind => about(grid, place.1),
        Part::Cell => {}
    }
}

enum Part {
    Name,
    Kind,
    Cell,
}

fn place_id((row, column): Place) -> String {
    match row {
        Some(row) => format!("cell-{row}-{column}"),
        None => format!("head-{column}"),
    }
}

fn place_of(element: &Element) -> Option<(Place, Part)> {
    let part = match element.closest("[data-part]").ok().flatten() {
        Some(found) if found.get_attribute("data-part")? == "kind" => Part::Kind,
        Some(_) => Part::Name,
        None => Part::Cell,
    };
    let id = element.closest("[data-place]").ok().flatten()?.id();
    let mut words = id.split('-');
    let place = match words.next()? {
        "cell" => {
            let row = words.next()?.parse().ok()?;
            (Some(row), words.next()?.parse().ok()?)
        }
        _ => (None, words.next()?.parse().ok()?),
    };
    Some((place, part))
}

fn sort(grid: Grid, column: usize) {
    let Some(name) = grid
        .columns
        .read_untracked()
        .get(column)
        .map(|column| column.name.clone())
    else {
        return;
    };
    let mut query = grid.table.rows().read_untracked().query.clone();
    // Up, down, and back to the order of the file.
    query.sort = match query.sort {
        Some(sort) if sort.column == name && sort.descending => None,
        Some(sort) if sort.column == name => Some(Sort {
            column: name,
            descending: true,
        }),
        _ => Some(Sort {
            column: name,
            descending: false,
        }),
    };
    to_top();
    grid.page.act(Action::Look(LookAction::Query(query)));
}

/// In another order one begins at the first row.
fn to_top() {
    if let Some(element) = element() {
        element.set_scroll_top(0);
    }
}

fn about(grid: Grid, column: usize) {
    let name = grid
        .columns
        .read_untracked()
        .get(column)
        .map(|column| column.name.clone());
    if let Some(name) = name {
        open_detail(grid.page, name, BOX);
    }
}

/// Whether a key was for the grid.
fn steer(grid: Grid, key: &str, is_far: bool) -> bool {
    let (rows, columns) = (
        grid.total.get_untracked(),
        grid.columns.read_untracked().len(),
    );
    // The panel about a column may not have the focus yet.
    if key == "Escape" && grid.table.detail().read_untracked().is_some() {
        close_detail(grid.page);
        return true;
    }
    if columns == 0 {
        return false;
    }
    let Some((row, column)) = grid.active.get_untracked() else {
        // The first key shows where one is.
        if !key.starts_with("Arrow") {
            return false;
        }
        move_to(grid, (rows.checked_sub(1).map(|_| 0), 0));
        return true;
    };
    let screen = (grid.at.get_untracked()[3] / ROW).floor().max(1.0) as u32;
    let last = rows.checked_sub(1);
    let down = |by: u32| match row {
        Some(row) => last.map(|last| (row + by).min(last)),
        None => last.map(|_| 0),
    };
    let up = |by: u32| row.and_then(|row| row.checked_sub(by));
    let next = match key {
        "ArrowDown" => (down(1), column),
        "ArrowUp" => (up(1), column),
        "PageDown" => (down(screen), column),
        "PageUp" => (Some(up(screen).unwrap_or(0)), column),
        "ArrowRight" => (row, (column + 1).min(columns - 1)),
        "ArrowLeft" => (row, column.saturating_sub(1)),
        "Home" if is_far => (last.map(|_| 0), 0),
        "End" if is_far => (last, columns - 1),
        "Home" => (row, 0),
        "End" => (row, columns - 1),
        "Enter" if row.is_none() => {
            sort(grid, column);
            return true;
        }
        " " if row.is_none() => {
            about(grid, column);
            return true;
        }
        "Escape" => {
            grid.active.set(None);
            return true;
        }
        _ => return false,
    };
    move_to(grid, next);
    true
}

fn move_to(grid: Grid, place: Place) {
    grid.active.set(Some(place));
    let Some(element) = element() else {
        return;
    };
    let [left, top, view, height] = grid.at.get_untracked();
    if let Some(row) = place.0 {
        let scroll = Scroll {
            rows: grid.total.get_untracked(),
            row_height: ROW,
            view_height: height,
        };
        element.set_scroll_top(scroll.reveal(row, top).round() as i32);
    }
    let widths = grid.widths.read_untracked();
    let from: f64 = widths.iter().take(place.1).sum();
    let to = from + widths.get(place.1).copied().unwrap_or(0.0);
    if from < left {
        element.set_scroll_left(from as i32);
    } else if to > left + view {
        element.set_scroll_left((to - view) as i32);
    }
}

fn role_class(table: Field<TableView>, name: &str) -> &'static str {
    if table.target().read().as_deref() == Some(name) {
        " is-label"
    } else if table.text().read().iter().any(|text| text == name) {
        " is-text"
    } else {
        ""
    }
}

fn heading(grid: Grid, (from, to, offset): (usize, usize, f64)) -> AnyView {
    let columns = grid.columns.read();
    let widths = grid.widths.read();
    let sort = grid.table.rows().read().query.sort.clone();
    let rows = grid.table.summary().read().as_ref().map_or(0, |s| s.rows);
    let active = grid.active.get();
    let cells = columns.iter().enumerate().take(to).skip(from);
    let cells = cells.map(|(at, column)| {
        let role = role_class(grid.table, &column.name);
        let order = sort.as_ref().filter(|sort| sort.column == column.name);
        let (mark, sorted) = match order {
            Some(sort) if sort.descending => (Some(icon::ARROW_DOWN), "descending"),
            Some(_) => (Some(icon::ARROW_UP), "ascending"),
            None => (None, "none"),
        };
        let is_active = active == Some((None, at));
        let missing = f64::from(column.missing) / f64::from(rows.max(1));
        let facts = if column.kind.is_empty() {
            String::new()
        } else if column.missing == 0 {
            format!("{} distinct", say::count(column.distinct.into()))
        } else {
            format!("{} missing", say::percent(missing))
        };
        let name = tag("button", "column-name")
            .attr("type", "button")
            .attr("tabindex", "-1")
            .attr("data-part", "name")
            .attr("title", "Sort by this column")
            .child(words("column-word", column.name.clone()))
            .children(mark.map(icon))
            .children(match role {
                " is-label" => Some(words("tag tag-ember", "label")),
                " is-text" => Some(words("tag tag-ember", "text")),
                _ => None,
            });
        let kind = tag("button", "column-kind")
            .attr("type", "button")
            .attr("tabindex", "-1")
            .attr("data-part", "kind")
            .attr("title", "About this column")
            .child(icon(glyph(&column.kind)))
            .text(column.kind_name.clone());
        tag("div", "")
            .attr(
                "class",
                format!(
                    "head-cell{role}{}",
                    if is_active { " is-active" } else { "" }
                ),
            )
            .attr("role", "columnheader")
            .attr("aria-sort", sorted)
            .attr("aria-colindex", (at + 1).to_string())
            .attr("id", place_id((None, at)))
            .attr("data-place", "")
            .id(format!("column-{}", column.name))
            .style("width", format!("{:.2}px", widths[at]))
            .child(name.view())
            .child(kind.view())
            .child(
                block("head-facts")
                    .child(words("", facts))
                    .child(small_bars(column, rows))
                    .view(),
            )
            .view()
    });
    block("grid-row")
        .attr("role", "row")
        .attr("aria-rowindex", "1")
        .style("padding-left", format!("{offset:.0}px"))
        .children(cells.collect::<Vec<_>>())
        .view()
}

fn body(grid: Grid, (from, to, offset): (usize, usize, f64)) -> AnyView {
    let (first, last, _) = window_of(grid);
    if grid.total.get() == 0 {
        return words("grid-empty", "No row fits.");
    }
    let widths = grid.widths.read();
    let active = grid.active.get();
    let columns = grid.columns.read();
    let classes: Vec<&'static str> = columns
        .iter()
        .map(|column| role_class(grid.table, &column.name))
        .collect();
    let view = grid.table.rows().read();
    let summary = grid.table.summary().read();
    let preview = summary.as_ref().map_or(&[][..], |s| &s.preview[..]);
    let is_first_look = view.total.is_none() && !view.is_filtered();
    let rows = (first..=last).map(|row| {
        let known = view.row(row).map(|(_, cells)| cells.as_slice());
        let cells = match known {
            None if is_first_look => preview.get(row as usize).map(Vec::as_slice),
            known => known,
        };
        let drawn = (from..to).map(|at| {
            let cell = cells.and_then(|cells| cells.get(at));
            let is_active = active == Some((Some(row), at));
            let base = if cells.is_none() {
                "cell is-awaited"
            } else {
                "cell"
            };
            let class = format!(
                "{base}{}{}",
                classes.get(at).copied().unwrap_or_default(),
                if is_active { " is-active" } else { "" }
            );
            let text = cell.map_or_else(String::new, |cell| data::cut(cell, CELL_CHARS).0);
            tag("div", "")
                .attr("class", class)
                .attr("role", "gridcell")
                .attr("aria-colindex", (at + 1).to_string())
                .attr("id", place_id((Some(row), at)))
                .attr("data-place", "")
                .style("width", format!("{:.2}px", widths[at]))
                .child(words("cell-text", text))
                .view()
        });
        block("grid-row")
            .attr("role", "row")
            .attr("aria-rowindex", (u64::from(row) + 2).to_string())
            .style("padding-left", format!("{offset:.0}px"))
            .children(drawn.collect::<Vec<_>>())
            .view()
    });
    rows.collect::<Vec<_>>().into_any()
}

/// The cell that one has gone to, all of it.
fn whole_cell(grid: Grid) -> AnyView {
    let Grid { page, table, .. } = grid;
    let chosen = memo(move || {
        let (row, column) = grid.active.get()?;
        let row = row?;
        let name = grid.columns.read().get(column)?.name.clone();
        let rows = table.rows().read();
        let (id, cells) = rows.row(row)?;
        Some((id.0, name, cells.get(column)?.clone()))
    });
    let hint = tag("p", "rows-keys fine")
        .attr("id", "rows-keys")
        .text("Arrow keys go from cell to cell. On a heading, Enter sorts and Space tells about the column.")
        .view();
    let whole = live(move || {
        let Some((row, column, cell)) = chosen.get() else {
            return ().into_any();
        };
        let chars = cell.chars().count();
        let (text, is_cut) = data::cut(&cell, WHOLE_CHARS);
        let mut about = format!("{column}, row {}", say::count(u64::from(row) + 1));
        if chars > 80 {
            about = format!("{about}, {} characters", say::count(chars as u64));
        }
        if is_cut {
            about = format!(
                "{about}, the first {} shown",
                say::count(WHOLE_CHARS as u64)
            );
        }
        let condition = if cell.trim().is_empty() {
            Condition::Missing
        } else {
            Condition::Is(cell)
        };
        let only = button("quiet", "cell-filter", "Only rows with this", move || {
            filter_by(page, table, column.clone(), condition.clone());
        });
        block("whole-cell")
            .id("whole-cell")
            .child(
                block("whole-head")
                    .child(words("muted", about))
                    .child(only.view())
                    .view(),
            )
            .child(
                block("whole-text")
                    .attr("tabindex", "0")
                    .attr("role", "region")
                    .attr("aria-label", "The whole cell")
                    .text(if text.is_empty() {
                        "(empty)".to_owned()
                    } else {
                        text
                    })
                    .view(),
            )
            .view()
    });
    block("rows-below").child(hint).child(whole).view()
}
