//! States to test with.

use reactive_graph::traits::Get;

use super::{Action, AppState, AppStateStoreFields, Store, act, apply};
use crate::domain::read::{Format, ReadReport};
use crate::domain::recipe::{DataProfile, Method, Recipe};
use crate::domain::report::{Ended, Input, ParameterCount, RunSummary, Seconds};
use crate::domain::table::RowId;
use crate::protocol::{
    Capabilities, ColumnSummary, Command, DeviceInfo, DeviceKind, Event, Guess, PROTOCOL, RunEvent,
    RunId, TableId, TableSource, TableSummary,
};

/// A page whose worker listens.
pub fn fresh_state() -> Store<AppState> {
    let state = Store::new(AppState::default());
    apply(
        state,
        Event::Ready {
            capabilities: capabilities(),
        },
    );
    state
}

/// A table on its way.
pub fn open(state: Store<AppState>) -> TableId {
    let source = TableSource::Sample {
        path: "samples/sms.csv".into(),
    };
    act(
        state,
        Action::Open {
            name: "sms.csv".into(),
            source,
        },
    );
    state
        .table()
        .get()
        .expect("a table that is opened is shown")
}

/// An open table whose defaults were asked for.
pub fn opened_table(state: Store<AppState>) -> TableId {
    let table = open(state);
    apply(
        state,
        Event::TableOpened {
            table,
            summary: summary(),
        },
    );
    table
}

/// An open table with its defaults.
pub fn suggested_table(state: Store<AppState>) -> TableId {
    let table = opened_table(state);
    suggested(state, table, 100);
    table
}

/// The worker's defaults for so many rows of a table, and the commands that follow.
pub fn suggested(state: Store<AppState>, table: TableId, rows: u32) -> Vec<Command> {
    apply(
        state,
        Event::Suggested {
            table,
            profile: Some(profile(rows)),
            recipe: Some(recipe()),
            others: others(),
            issues: Vec::new(),
        },
    )
}

/// A run under way.
pub fn started_run(state: Store<AppState>) -> RunId {
    suggested_table(state);
    match act(state, Action::Start)[..] {
        [Command::Train { run, .. }] => run,
        ref other => panic!("instead of a run: {other:?}"),
    }
}

/// A run with its report.
pub fn finished_run(state: Store<AppState>) -> RunId {
    let run = started_run(state);
    apply(
        state,
        Event::Run {
            run,
            event: RunEvent::Finished {
                summary: Box::new(summary_of_run()),
            },
        },
    );
    run
}

pub fn capabilities() -> Capabilities {
    Capabilities {
        protocol: PROTOCOL,
        device: DeviceInfo {
            kind: DeviceKind::Cpu,
            name: String::new(),
            reason: "You chose the CPU.".into(),
        },
        base_models: Vec::new(),
        tasks: Vec::new(),
        kinds: Vec::new(),
    }
}

pub fn summary() -> TableSummary {
    let column = |name: &str, kind: &str| ColumnSummary {
        name: name.into(),
        kind: kind.into(),
        kind_name: kind.into(),
        missing: 0,
        distinct: 2,
        mean_chars: 10.0,
        top: Vec::new(),
    };
    TableSummary {
        name: "sms.csv".into(),
        rows: 100,
        columns: vec![
            column("text", "text"),
            column("label", "category"),
            column("other", "text"),
        ],
        preview: Vec::new(),
        guess: Guess {
            text: vec!["text".into()],
            columns: Vec::new(),
            target: Some("label".into()),
            task: "classify".into(),
            reason: String::new(),
        },
        reading: ReadReport {
            format: Format::Delimited,
            packed: None,
            entries: Vec::new(),
            encoding: "UTF-8".into(),
            encoding_is_sure: true,
            dialect: None,
            bytes: 1000,
            rows_seen: 100,
            rows_kept: 100,
        },
        test_from: None,
        issues: Vec::new(),
    }
}

pub fn profile(rows: u32) -> DataProfile {
    DataProfile {
        rows,
        parts: [70, 10, 20],
        classes: vec![("ham".into(), 60), ("spam".into(), 40)],
        tokens: [8, 20, 25, 40],
    }
}

/// Recipes of the ways that are not suggested.
pub fn others() -> Vec<Recipe> {
    [Method::Head, Method::Full, Method::Contrastive]
        .map(|method| recipe().with_method(method, &profile(100)))
        .into()
}

pub fn recipe() -> Recipe {
    Recipe::suggest(vec!["text".into()], "label".into(), &profile(100))
}

/// A finished run in short.
pub fn summary_of_run() -> RunSummary {
    RunSummary {
        parameters: ParameterCount {
            trainable: 770,
            total: 22_713_986,
        },
        epochs: Vec::new(),
        best_epoch: 1,
        ended: Ended::Complete,
        inputs: Input::texts(&["text".to_owned()]),
        seconds: Seconds::default(),
        headline: "60.0 % right on 5 rows it never saw".into(),
        figure: "60.0 %".into(),
        labels: vec!["ham".into(), "spam".into()],
        trials: [3, 7, 9, 12, 20].map(RowId).to_vec(),
    }
}
