//! Looking at the rows and at single columns of a table that is larger than a screen.

use std::collections::BTreeMap;

use reactive_graph::traits::{ReadUntracked, Set, Update};
use reactive_stores::Store;

use super::plan::decided;
use super::{
    AppState, AppStateStoreFields, Asked, TableViewStoreFields, fresh, has_table, with_table,
};
use crate::domain::column::ColumnDetail;
use crate::domain::query::RowQuery;
use crate::domain::table::RowId;
use crate::protocol::{Answer, Command, Failure, Question, RequestId, TableId};

/// Cells that are asked for at a time: few enough for a message, enough for some screens.
const PAGE_CELLS: u32 = 20_000;

/// Pages that are kept around the one that is looked at.
const PAGES_KEPT: u32 = 8;

/// A row with its place in the table.
pub type Row = (RowId, Vec<String>);

/// The rows that a person looks at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowsView {
    /// Which, and in which order.
    pub query: RowQuery,
    /// Whether they are shown as the steps leave them.
    pub is_prepared: bool,
    /// How many fit; none before the first answer.
    pub total: Option<u32>,
    /// Names of the columns as answered; none before the first answer.
    pub columns: Vec<String>,
    /// Rows that are here, by the number of their page.
    pub pages: BTreeMap<u32, Vec<Row>>,
    /// Rows of a page.
    pub page_rows: u32,
    /// Pages that are on their way.
    pub asked: Vec<(RequestId, u32)>,
    /// Whether the pages are of an older query: they stay until others come.
    pub is_stale: bool,
    /// First and last row in sight.
    pub window: [u32; 2],
    /// Why the last question was not answered.
    pub failure: Option<Failure>,
}

impl RowsView {
    /// A row by its place among those that fit.
    pub fn row(&self, at: u32) -> Option<&Row> {
        let size = self.page_rows.max(1);
        self.pages.get(&(at / size))?.get((at % size) as usize)
    }

    /// Whether any condition leaves rows out.
    pub fn is_filtered(&self) -> bool {
        !self.query.search.is_empty() || !self.query.filters.is_empty()
    }
}

/// One column, looked at closely.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailView {
    /// Its name.
    pub column: String,
    /// What is known of it.
    pub asked: Asked<ColumnAnswer>,
}

/// What the worker says of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnAnswer {
    /// Its figures.
    pub detail: ColumnDetail,
    /// Length of its texts in tokens: median, 95th percentile, longest.
    pub tokens: Option<[u32; 3]>,
    /// Rows with a text that is longer than the base model reads by default.
    pub cut: u32,
}

/// What a person looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum LookAction {
    /// These rows are in sight, the first and the last.
    Window([u32; 2]),
    /// Look at these rows.
    Query(RowQuery),
    /// Look at them as the steps leave them, or as they were read.
    Prepared(bool),
    /// Look at a column closely, or no longer.
    Column(Option<String>),
}

/// Looks elsewhere, and asks for what is not here.
pub fn look(state: Store<AppState>, action: LookAction) -> Vec<Command> {
    let mut commands = Vec::new();
    with_table(state, |id| {
        let view = state.tables().at_key(id);
        match action {
            LookAction::Window(window) => {
                if view.rows().read_untracked().window != window {
                    view.rows().update(|rows| rows.window = window);
                }
                commands = ask_rows(state, id);
            }
            LookAction::Query(query) => {
                if view.rows().read_untracked().query != query {
                    view.rows().update(|rows| rows.query = query);
                    commands = outdate(state, id);
                }
            }
            LookAction::Prepared(is_prepared) => {
                view.rows().update(|rows| rows.is_prepared = is_prepared);
                commands = outdate(state, id);
            }
            LookAction::Column(None) => view.detail().set(None),
            LookAction::Column(Some(column)) => {
                view.detail().set(Some(DetailView {
                    column,
                    asked: Asked::default(),
                }));
                commands = ask_detail(state, id);
            }
        }
    });
    commands
}

/// What is shown was said about other data: asks anew.
pub(super) fn refresh(state: Store<AppState>, id: TableId) -> Vec<Command> {
    let mut commands = outdate(state, id);
    commands.extend(ask_detail(state, id));
    commands
}

fn outdate(state: Store<AppState>, id: TableId) -> Vec<Command> {
    let view = state.tables().at_key(id);
    view.rows().update(|rows| {
        rows.is_stale = true;
        rows.asked.clear();
        rows.window = [0, 0];
    });
    ask_rows(state, id)
}

/// Asks for the pages in sight that are neither here nor on their way.
fn ask_rows(state: Store<AppState>, id: TableId) -> Vec<Command> {
    let view = state.tables().at_key(id);
    let Some(columns) = view
        .summary()
        .read_untracked()
        .as_ref()
        .map(|summary| summary.columns.len() as u32)
    else {
        return Vec::new();
    };
    let size = (PAGE_CELLS / columns.max(1)).clamp(10, 100);
    let recipe = view
        .rows()
        .read_untracked()
        .is_prepared
        .then(|| decided(state, id).map(Box::new))
        .flatten();
    let mut wanted = Vec::new();
    view.rows().update(|rows| {
        rows.page_rows = size;
        let last_row = rows.total.map_or(0, |total| total.saturating_sub(1));
        let last = rows.window[1].min(last_row);
        for page in (rows.window[0].min(last) / size)..=(last / size) {
            let is_here = !rows.is_stale && rows.pages.contains_key(&page);
            if !is_here && !rows.asked.iter().any(|(_, asked)| *asked == page) {
                wanted.push(page);
            }
        }
    });
    wanted
        .into_iter()
        .map(|page| {
            let request = RequestId(fresh(state));
            view.rows()
                .update(|rows| rows.asked.push((request, page)));
            Command::Ask {
                table: id,
                request,
                question: Question::Rows {
                    recipe: recipe.clone(),
                    query: view.rows().read_untracked().query.clone(),
                    offset: page * size,
                    limit: size,
                },
            }
        })
        .collect()
}

fn ask_detail(state: Store<AppState>, id: TableId) -> Vec<Command> {
    let view = state.tables().at_key(id);
    let Some(column) = view
        .detail()
        .read_untracked()
        .as_ref()
        .map(|detail| detail.column.clone())
    else {
        return Vec::new();
    };
    let request = RequestId(fresh(state));
    view.detail().update(|detail| {
        if let Some(detail) = detail {
            detail.asked.asked(request);
        }
    });
    vec![Command::Ask {
        table: id,
        request,
        question: Question::Column {
            column,
            schema: view.plan().read_untracked().schema.clone(),
        },
    }]
}

/// Takes in rows or a column; none if the answer was to another question.
pub(super) fn answered(
    state: Store<AppState>,
    id: TableId,
    request: RequestId,
    answer: Result<Answer, Failure>,
) -> Option<Vec<Command>> {
    let view = state.tables().at_key(id);
    let page = view
        .rows()
        .read_untracked()
        .asked
        .iter()
        .find(|(asked, _)| *asked == request)
        .map(|(_, page)| *page);
    if let Some(page) = page {
        view.rows().update(|rows| {
            rows.asked.retain(|(asked, _)| *asked != request);
            match answer {
                Ok(Answer::Rows {
                    total,
                    columns,
                    rows: found,
                }) => {
                    if std::mem::take(&mut rows.is_stale) {
                        rows.pages.clear();
                    }
                    rows.failure = None;
                    rows.total = Some(total);
                    rows.columns = columns;
                    rows.pages.insert(page, found);
                    rows.pages
                        .retain(|kept, _| kept.abs_diff(page) <= PAGES_KEPT);
                }
                Ok(_) => {}
                Err(failure) => rows.failure = Some(failure),
            }
        });
        return Some(ask_rows_in_sight(state, id));
    }
    let is_detail = view
        .detail()
        .read_untracked()
        .as_ref()
        .is_some_and(|detail| detail.asked.wanted == Some(request));
    if is_detail {
        let answer = match answer {
            Ok(Answer::Column {
                detail,
                tokens,
                cut,
            }) => Ok(ColumnAnswer {
                detail,
                tokens,
                cut,
            }),
            Ok(_) => return None,
            Err(failure) => Err(failure),
        };
        view.detail().update(|detail| {
            if let Some(detail) = detail {
                detail.asked.settle(request, answer);
            }
        });
        return Some(Vec::new());
    }
    None
}

/// What has come into sight since the question was asked.
fn ask_rows_in_sight(state: Store<AppState>, id: TableId) -> Vec<Command> {
    let has_failed = state
        .tables()
        .at_key(id)
        .rows()
        .read_untracked()
        .failure
        .is_some();
    if has_failed || !has_table(state, id) {
        return Vec::new();
    }
    ask_rows(state, id)
}
