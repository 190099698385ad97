//! Looking at the rows and at single columns of a table that is larger than a screen.

use std::collections::BTreeMap;

use reactive_graph::traits::{ReadUntracked, Set, Update};

use super::plan::decided;
use super::{
    AppState, AppStateStoreFields, Asked, Store, TableViewStoreFields, fresh, has_table, with_table,
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
            view.rows().update(|rows| rows.asked.push((request, page)));
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
                detail: *detail,
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

#[cfg(test)]
mod tests {
    use reactive_graph::traits::Get;

    use super::super::fixture::*;
    use super::super::{Action, act, apply, lose};
    use super::*;
    use crate::domain::query::Sort;
    use crate::protocol::{Event, FailureKind};
    use crate::ui::state::failure;

    fn look(state: Store<AppState>, action: LookAction) -> Vec<Command> {
        act(state, Action::Look(action))
    }

    /// The questions about rows among some commands: request, offset, limit.
    fn asked(commands: &[Command]) -> Vec<(RequestId, u32, u32)> {
        commands
            .iter()
            .filter_map(|command| match command {
                Command::Ask {
                    request,
                    question: Question::Rows { offset, limit, .. },
                    ..
                } => Some((*request, *offset, *limit)),
                _ => None,
            })
            .collect()
    }

    fn answer(state: Store<AppState>, request: RequestId, offset: u32, limit: u32, total: u32) {
        let rows = (offset..(offset + limit).min(total))
            .map(|row| (RowId(row), vec![format!("cell {row}")]))
            .collect();
        let table = state.table().get().unwrap();
        apply(
            state,
            Event::Answered {
                table,
                request,
                answer: Ok(Answer::Rows {
                    total,
                    columns: vec!["text".into()],
                    rows,
                }),
            },
        );
    }

    #[test]
    fn rows_are_asked_for_when_they_come_into_sight_and_once() {
        let state = fresh_state();
        let id = opened_table(state);
        let first = asked(&look(state, LookAction::Window([0, 20])));
        let [(request, 0, 100)] = first[..] else {
            panic!("the first page: {first:?}")
        };
        assert!(look(state, LookAction::Window([0, 25])).is_empty());
        answer(state, request, 0, 100, 1000);
        let later = asked(&look(state, LookAction::Window([390, 410])));
        let offsets: Vec<u32> = later.iter().map(|(_, offset, _)| *offset).collect();
        assert_eq!(offsets, [300, 400]);
        answer(state, later[0].0, 300, 100, 1000);
        let rows = state.tables().at_key(id).rows().get();
        assert_eq!(rows.row(399).unwrap().1, ["cell 399"]);
        assert_eq!(rows.row(400), None);
    }

    #[test]
    fn rows_of_an_old_query_stay_until_others_come_and_no_longer() {
        let state = fresh_state();
        let id = opened_table(state);
        let first = asked(&look(state, LookAction::Window([0, 20])));
        let query = RowQuery {
            search: "free".into(),
            sort: Some(Sort {
                column: "text".into(),
                descending: true,
            }),
            ..RowQuery::default()
        };
        let second = asked(&look(state, LookAction::Query(query)));
        answer(state, first[0].0, 0, 100, 1000);
        let rows = || state.tables().at_key(id).rows().get();
        assert_eq!(rows().total, None, "that was an answer to the old question");
        answer(state, second[0].0, 0, 100, 3);
        assert_eq!(rows().total, Some(3));
        assert!(rows().is_filtered());
    }

    /// Sorted while one looked at row 1,000: the rows there have to come anew, not the first ones.
    #[test]
    fn another_order_is_asked_for_where_one_looks() {
        let state = fresh_state();
        opened_table(state);
        let first = asked(&look(state, LookAction::Window([0, 20])));
        answer(state, first[0].0, 0, 100, 5000);
        look(state, LookAction::Window([1000, 1020]));
        let query = RowQuery {
            sort: Some(Sort {
                column: "text".into(),
                descending: false,
            }),
            ..RowQuery::default()
        };
        let again = asked(&look(state, LookAction::Query(query)));
        assert_eq!(again[0].1, 1000);
        // Fewer rows fit than one had scrolled past.
        answer(state, again[0].0, 1000, 100, 3);
    }

    #[test]
    fn prepared_rows_are_asked_with_the_recipe() {
        let state = fresh_state();
        suggested_table(state);
        let commands = look(state, LookAction::Prepared(true));
        let has_recipe = |command: &Command| {
            matches!(
                command,
                Command::Ask {
                    question: Question::Rows {
                        recipe: Some(_),
                        ..
                    },
                    ..
                }
            )
        };
        assert!(commands.iter().any(has_recipe));
    }

    /// A table of 5,000 columns: a page of a hundred rows would be half a million cells.
    #[test]
    fn wide_tables_come_in_smaller_pages() {
        let state = fresh_state();
        let id = open(state);
        let mut wide = summary();
        let column = wide.columns[0].clone();
        wide.columns = vec![column; 5000];
        apply(
            state,
            Event::TableOpened {
                table: id,
                summary: wide,
            },
        );
        let first = asked(&look(state, LookAction::Window([0, 9])));
        assert_eq!(first[0].2, 10);
    }

    #[test]
    fn an_answer_about_a_column_that_was_closed_is_dropped() {
        let state = fresh_state();
        let id = opened_table(state);
        let commands = look(state, LookAction::Column(Some("label".into())));
        let [Command::Ask { request, .. }] = commands[..] else {
            panic!("one question")
        };
        look(state, LookAction::Column(None));
        let why = failure(FailureKind::Input, "No.", "");
        apply(
            state,
            Event::Answered {
                table: id,
                request,
                answer: Err(why),
            },
        );
        assert_eq!(state.tables().at_key(id).detail().get(), None);
    }

    #[test]
    fn a_new_worker_is_asked_anew() {
        let state = fresh_state();
        opened_table(state);
        look(state, LookAction::Window([0, 20]));
        lose(state, &failure(FailureKind::Device, "Gone.", ""));
        let again = asked(&look(state, LookAction::Window([0, 20])));
        assert_eq!(again.len(), 1);
    }
}
