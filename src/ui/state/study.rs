//! Answers about runs on their way from the worker to the place on the page that asked.

use reactive_graph::traits::{ReadUntracked, Set, Update};

use super::{AppState, AppStateStoreFields, Store, fresh};
use crate::protocol::{Command, Failure, RequestId, RunAnswer, RunId, RunQuestion};

/// Replies that are remembered.
const MOST_REPLIES: usize = 32;

/// What came to a question about a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It is being worked on: how far, in words.
    Working(String),
    /// A part of a screen.
    Markup(String),
    /// A file to take away.
    File {
        /// Its name.
        name: String,
        /// Its media type.
        kind: String,
        /// What is in it; none when it is saved already.
        text: Option<String>,
    },
    /// There is no answer.
    Failed(Failure),
}

/// A number for the next question.
pub fn next_request(state: Store<AppState>) -> RequestId {
    RequestId(fresh(state))
}

/// Asks, and notes that an answer is awaited.
pub(super) fn ask_run(
    state: Store<AppState>,
    run: RunId,
    request: RequestId,
    question: RunQuestion,
) -> Vec<Command> {
    state.awaited().update(|awaited| awaited.push(request));
    vec![Command::AskRun {
        run,
        request,
        question,
    }]
}

/// An answer is no longer wanted.
pub(super) fn cancel(state: Store<AppState>, request: RequestId) -> Vec<Command> {
    state
        .awaited()
        .update(|awaited| awaited.retain(|other| *other != request));
    vec![Command::Cancel { request }]
}

/// Takes in how far the work on an answer has come.
pub(super) fn working(
    state: Store<AppState>,
    request: RequestId,
    what: String,
    share: Option<f32>,
) {
    let words = match share {
        Some(share) => format!("{what}: {:.0} %", share * 100.0),
        None => what,
    };
    if state.awaited().read_untracked().contains(&request) {
        push(state, request, Reply::Working(words));
    }
}

/// Takes in an answer.
pub(super) fn answered(
    state: Store<AppState>,
    request: RequestId,
    answer: Result<RunAnswer, Failure>,
) {
    let reply = match answer {
        Ok(RunAnswer::View { markup }) => Reply::Markup(markup),
        Ok(RunAnswer::File {
            name,
            kind,
            text,
            is_attached,
        }) => Reply::File {
            name,
            kind,
            text: (!is_attached).then_some(text),
        },
        Ok(RunAnswer::Predicted { .. }) => return,
        Err(failure) => Reply::Failed(failure),
    };
    if !state.awaited().read_untracked().contains(&request) {
        return;
    }
    state
        .awaited()
        .update(|awaited| awaited.retain(|other| *other != request));
    push(state, request, reply);
}

/// Whoever asked looks at all of them and knows its own; old ones were taken long ago.
fn push(state: Store<AppState>, request: RequestId, reply: Reply) {
    state.replies().update(|replies| {
        if replies.len() >= MOST_REPLIES {
            replies.remove(0);
        }
        replies.push((request, reply));
    });
}

/// The worker that was asked is gone.
pub(super) fn lose(state: Store<AppState>, why: &Failure) {
    let awaited = state.awaited().read_untracked().clone();
    state.awaited().set(Vec::new());
    for request in awaited {
        push(state, request, Reply::Failed(why.clone()));
    }
}

#[cfg(test)]
mod tests {
    use reactive_graph::traits::Get;

    use super::super::fixture::*;
    use super::super::{Action, act, apply, failure};
    use super::*;
    use crate::protocol::{Event, FailureKind, Knobs};

    fn ask(state: Store<AppState>, run: RunId) -> RequestId {
        let request = next_request(state);
        let question = RunQuestion::View {
            view: "evaluate".into(),
            knobs: Knobs::new(),
        };
        let action = Action::AskRun {
            run,
            request,
            question: question.clone(),
        };
        let commands = act(state, action);
        assert_eq!(
            commands,
            [Command::AskRun {
                run,
                request,
                question
            }]
        );
        request
    }

    fn answer(state: Store<AppState>, run: RunId, request: RequestId) {
        let answer = Ok(RunAnswer::View {
            markup: "<p>Good.</p>".into(),
        });
        apply(
            state,
            Event::RunAnswered {
                run,
                request,
                answer,
            },
        );
    }

    #[test]
    fn an_answer_reaches_whoever_asked() {
        let state = fresh_state();
        let run = finished_run(state);
        let request = ask(state, run);
        apply(
            state,
            Event::Working {
                request,
                what: "Reading rows".into(),
                share: Some(0.5),
            },
        );
        answer(state, run, request);
        let expected = [
            (request, Reply::Working("Reading rows: 50 %".into())),
            (request, Reply::Markup("<p>Good.</p>".into())),
        ];
        assert_eq!(state.replies().get(), expected);
    }

    #[test]
    fn an_answer_that_is_no_longer_wanted_is_dropped() {
        let state = fresh_state();
        let run = finished_run(state);
        let request = ask(state, run);
        assert_eq!(
            act(state, Action::Cancel(request)),
            [Command::Cancel { request }]
        );
        answer(state, run, request);
        assert!(state.replies().get().is_empty());
    }

    /// The worker crashed while it drew a screen, and the screen waited for ever.
    #[test]
    fn whoever_waits_hears_that_the_worker_is_gone() {
        let state = fresh_state();
        let run = finished_run(state);
        let request = ask(state, run);
        let why = failure(FailureKind::Device, "It crashed.", "Ask again.");
        super::super::lose(state, &why);
        assert_eq!(state.replies().get(), [(request, Reply::Failed(why))]);
    }
}
