//! What a person decides about the data before anything is learned: what the columns hold, which
//! steps prepare them, how the rows are held apart. All of it goes into every recipe of the table.

use reactive_graph::traits::{ReadUntracked, Set, Update};

use super::act::suggest_again;
use super::look::refresh;
use super::start::take_over;
use super::{
    AppState, AppStateStoreFields, Store, TableViewStoreFields, fresh, has_table, with_table,
};
use crate::domain::clean::{Offer, StepPlan, StepReport, add_step};
use crate::domain::column::Schema;
use crate::domain::issue::Issue;
use crate::domain::leak::{LeakFix, Suspect};
use crate::domain::recipe::{DataProfile, Recipe};
use crate::domain::split::{SplitKind, SplitPlan};
use crate::domain::start::Origin;
use crate::domain::suggest::with_columns;
use crate::protocol::{Answer, Command, Failure, Question, RequestId, TableId};

/// What a person decides about the data. What is not decided is as suggested.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// What is read in the columns.
    pub schema: Schema,
    /// How the table is prepared, in this order.
    pub steps: Vec<StepPlan>,
    /// How the rows are held apart.
    pub split: Option<SplitPlan>,
    /// Seeds the split and all that is random in a run.
    pub seed: Option<u32>,
    /// Id of the task.
    pub task: Option<String>,
    /// Id of the base model.
    pub base_model: Option<String>,
    /// The earlier run that the next one goes on from.
    pub start: Option<Origin>,
    /// What was looked at and is no leak, by what was said of it.
    pub kept: Vec<String>,
}

impl Plan {
    /// A recipe with what was decided.
    #[must_use]
    pub fn onto(&self, mut recipe: Recipe) -> Recipe {
        recipe.schema = self.schema.clone();
        recipe.steps.clone_from(&self.steps);
        if let Some(split) = &self.split {
            recipe.split = split.clone();
        }
        if let Some(seed) = self.seed {
            recipe.seed = seed;
        }
        if let Some(task) = &self.task {
            recipe.task.clone_from(task);
        }
        if let Some(base_model) = &self.base_model {
            recipe.base_model.clone_from(base_model);
        }
        recipe.start = self.start.as_ref().map(|origin| origin.start.clone());
        recipe
    }
}

/// What preparing a table comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Preparation {
    /// What it was asked about.
    pub recipe: Recipe,
    /// What each step does.
    pub steps: Vec<StepReport>,
    /// Steps that would do good.
    pub offers: Vec<Offer>,
    /// What may leak.
    pub suspects: Vec<Suspect>,
    /// Rows for training, validation and test, and rows that belong to none.
    pub parts: [u32; 4],
    /// Rows of each label in training, validation and test.
    pub labels: Vec<(String, [u32; 3])>,
    /// What was noticed.
    pub issues: Vec<Issue>,
}

/// What a person changes about the data.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanAction {
    /// A column holds this; none lets the kind be inferred.
    Kind {
        /// Its name.
        column: String,
        /// Id of the kind.
        kind: Option<String>,
    },
    /// These spell a missing value; none means the usual ones.
    Missing(Option<Vec<String>>),
    /// Ranks of a column have this order, the lowest first.
    Order {
        /// Its name.
        column: String,
        /// The ranks.
        ranks: Vec<String>,
    },
    /// Do a step after the others.
    AddStep(StepPlan),
    /// Undo a step, by its place.
    RemoveStep(usize),
    /// Hold the rows apart so.
    Split(SplitPlan),
    /// Draw with this seed.
    Seed(u32),
    /// Mend a leak.
    Fix(LeakFix),
    /// It is no leak, or is looked at again.
    Keep(String),
    /// Learn this task, by its id; none takes the proposed one.
    Task(Option<String>),
    /// Go on from an earlier run; none starts from the base model alone.
    Start(Option<Origin>),
}

/// Changes what was decided, and asks what comes of it.
pub fn change(state: Store<AppState>, action: PlanAction) -> Vec<Command> {
    let mut commands = Vec::new();
    with_table(state, |id| {
        let view = state.tables().at_key(id);
        let before = view.plan().read_untracked().clone();
        let mut plan = before.clone();
        let split = current_split(state, id);
        let is_start = matches!(action, PlanAction::Start(_));
        decide(&mut plan, split, action);
        if let Some(StepPlan::DropColumns { columns }) = plan.steps.last()
            && plan.steps.len() > before.steps.len()
        {
            for list in [view.text(), view.features()] {
                list.update(|names| names.retain(|name| !columns.contains(name)));
            }
        }
        view.plan().set(plan.clone());
        if plan.schema != before.schema {
            move_by_kind(state, id, &before, &plan);
            commands.extend(ask_columns(state, id));
        }
        if is_start {
            take_over(state, id);
        }
        commands.extend(replan(state, id, &before));
    });
    commands
}

/// What a person calls a text is read as one, and what they call something else no longer is.
fn move_by_kind(state: Store<AppState>, id: TableId, before: &Plan, plan: &Plan) {
    let view = state.tables().at_key(id);
    let mut table = view.read_untracked().clone();
    for (column, kind) in &plan.schema.kinds {
        let is_in = table.inputs().any(|name| name == column);
        let is_text = table.text.contains(column);
        let is_new = before.schema.kinds.get(column) != Some(kind);
        if is_new && is_in && is_text != (kind == "text") {
            table.leave_out(column);
            let list = if kind == "text" {
                &mut table.text
            } else {
                &mut table.features
            };
            list.push(column.clone());
        }
    }
    view.text().set(table.text);
    view.features().set(table.features);
}

fn decide(plan: &mut Plan, split: SplitPlan, action: PlanAction) {
    match action {
        PlanAction::Kind { column, kind } => match kind {
            Some(kind) => {
                plan.schema.kinds.insert(column, kind);
            }
            None => {
                plan.schema.kinds.remove(&column);
            }
        },
        PlanAction::Missing(spellings) => plan.schema.missing = spellings,
        PlanAction::Order { column, ranks } => {
            plan.schema.orders.insert(column, ranks);
        }
        PlanAction::AddStep(step) => {
            if !plan.steps.contains(&step) {
                add_step(&mut plan.steps, step);
            }
        }
        PlanAction::RemoveStep(at) => {
            if at < plan.steps.len() {
                plan.steps.remove(at);
            }
        }
        PlanAction::Split(split) => plan.split = Some(split),
        PlanAction::Seed(seed) => plan.seed = Some(seed),
        PlanAction::Fix(LeakFix::DropColumns(columns)) => {
            plan.steps.push(StepPlan::DropColumns { columns });
        }
        PlanAction::Fix(LeakFix::DropDuplicates) => plan.steps.push(StepPlan::DropDuplicates {
            columns: Vec::new(),
            near: true,
        }),
        PlanAction::Fix(LeakFix::GroupBy(column)) => {
            plan.split = Some(SplitPlan {
                kind: SplitKind::Group { column },
                ..split
            });
        }
        PlanAction::Fix(LeakFix::KeepTogether) => {
            plan.split = Some(SplitPlan {
                keep_together: true,
                ..split
            });
        }
        PlanAction::Keep(what) => {
            if plan.kept.contains(&what) {
                plan.kept.retain(|kept| *kept != what);
            } else {
                plan.kept.push(what);
            }
        }
        PlanAction::Task(task) => plan.task = task,
        PlanAction::Start(origin) => plan.start_from(origin),
    }
}

/// How the rows of a table are held apart as things stand.
pub fn current_split(state: Store<AppState>, id: TableId) -> SplitPlan {
    let view = state.tables().at_key(id);
    let plan = view.plan().read_untracked();
    plan.split.clone().unwrap_or_default()
}

/// Writes what was decided into the recipes, and asks what comes of it.
pub(super) fn replan(state: Store<AppState>, id: TableId, before: &Plan) -> Vec<Command> {
    let view = state.tables().at_key(id);
    let plan = view.plan().read_untracked().clone();
    view.drafts().update(|drafts| {
        for draft in drafts {
            *draft = plan.onto(draft.clone());
        }
    });
    let shared = Plan {
        split: None,
        seed: None,
        ..plan.clone()
    };
    view.defaults().update(|defaults| {
        for default in defaults {
            *default = shared.onto(default.clone());
        }
    });
    // Other rows or other labels: the texts are measured anew. How rows are held apart changes
    // neither, unless it was what stood in the way.
    let is_other_data =
        (&plan.schema, &plan.steps, &plan.task) != (&before.schema, &before.steps, &before.task);
    let is_blocked = view.drafts().read_untracked().is_empty();
    let mut commands = Vec::new();
    if is_other_data || is_blocked {
        commands.extend(suggest_again(state, id));
    }
    commands.extend(ask_preparation(state, id));
    if is_other_data {
        commands.extend(refresh(state, id));
    }
    commands
}

/// A recipe of the shown columns with what was decided, whatever the training settings. None
/// before both sides are chosen.
pub(super) fn decided(state: Store<AppState>, id: TableId) -> Option<Recipe> {
    let view = state.tables().at_key(id);
    let target = view.target().read_untracked().clone()?;
    let text = view.text().read_untracked().clone();
    let columns = view.features().read_untracked().clone();
    let mut recipe = Recipe::suggest(text, target, &DataProfile::empty());
    if let Some(task) = view.read_untracked().proposed_task() {
        task.clone_into(&mut recipe.task);
    }
    let recipe = view.plan().read_untracked().onto(recipe);
    Some(with_columns(recipe, columns))
}

/// Asks what preparing the table comes to, unless that is known.
pub(super) fn ask_preparation(state: Store<AppState>, id: TableId) -> Vec<Command> {
    if !has_table(state, id) {
        return Vec::new();
    }
    let view = state.tables().at_key(id);
    let Some(recipe) = decided(state, id) else {
        return Vec::new();
    };
    let is_known = view
        .preparation()
        .read_untracked()
        .value
        .as_ref()
        .is_some_and(|known| known.recipe == recipe);
    let is_asked = view.preparing().read_untracked().as_ref() == Some(&recipe);
    let is_waiting = view.preparation().read_untracked().is_waiting();
    if (is_waiting && is_asked) || (is_known && !is_waiting) {
        view.preparation().update(|asked| asked.is_stale = false);
        return Vec::new();
    }
    let mut may_ask = false;
    view.preparation().update(|asked| may_ask = asked.may_ask());
    if !may_ask {
        return Vec::new();
    }
    let request = RequestId(fresh(state));
    view.preparation().update(|asked| asked.asked(request));
    view.preparing().set(Some(recipe.clone()));
    vec![Command::Ask {
        table: id,
        request,
        question: Question::Preparation {
            recipe: Box::new(recipe),
        },
    }]
}

/// Asks what the columns are and which task follows.
pub(super) fn ask_columns(state: Store<AppState>, id: TableId) -> Vec<Command> {
    let view = state.tables().at_key(id);
    let mut may_ask = false;
    view.columns().update(|asked| may_ask = asked.may_ask());
    if !may_ask {
        return Vec::new();
    }
    let request = RequestId(fresh(state));
    view.columns().update(|asked| asked.asked(request));
    vec![Command::Ask {
        table: id,
        request,
        question: Question::Columns {
            schema: view.plan().read_untracked().schema.clone(),
            target: view.target().read_untracked().clone(),
        },
    }]
}

/// Takes in an answer to one of this module's questions; none if it was to another.
pub(super) fn answered(
    state: Store<AppState>,
    id: TableId,
    request: RequestId,
    answer: &Result<Answer, Failure>,
) -> Option<Vec<Command>> {
    let view = state.tables().at_key(id);
    if view.preparation().read_untracked().wanted == Some(request) {
        let recipe = view.preparing().read_untracked().clone()?;
        let answer = match answer {
            Ok(Answer::Preparation {
                steps,
                offers,
                suspects,
                parts,
                labels,
                issues,
            }) => Ok(Preparation {
                recipe,
                steps: steps.clone(),
                offers: offers.clone(),
                suspects: suspects.clone(),
                parts: *parts,
                labels: labels.clone(),
                issues: issues.clone(),
            }),
            Ok(_) => return None,
            Err(failure) => Err(failure.clone()),
        };
        let mut is_stale = false;
        view.preparation().update(|asked| {
            asked.settle(request, answer);
            is_stale = std::mem::take(&mut asked.is_stale);
        });
        return Some(if is_stale {
            ask_preparation(state, id)
        } else {
            Vec::new()
        });
    }
    if view.columns().read_untracked().wanted == Some(request) {
        let mut is_stale = false;
        let settled = match answer {
            Ok(_) => Ok(()),
            Err(failure) => Err(failure.clone()),
        };
        view.columns().update(|asked| {
            asked.settle(request, settled);
            is_stale = std::mem::take(&mut asked.is_stale);
        });
        if is_stale {
            return Some(ask_columns(state, id));
        }
        let Ok(Answer::Columns { columns, guess }) = answer else {
            return Some(Vec::new());
        };
        let is_same_task = view
            .summary()
            .read_untracked()
            .as_ref()
            .is_some_and(|summary| summary.guess.task == guess.task);
        view.summary().update(|summary| {
            if let Some(summary) = summary {
                summary.columns.clone_from(columns);
                summary.guess = guess.clone();
            }
        });
        // Another kind of target is another task.
        return Some(if is_same_task {
            Vec::new()
        } else {
            let mut commands = suggest_again(state, id);
            commands.extend(ask_preparation(state, id));
            commands
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use reactive_graph::traits::Get;

    use super::super::fixture::*;
    use super::super::{Action, act, apply, can_go, failure, why_not_learn};
    use super::*;
    use crate::domain::issue::{Position, Severity};
    use crate::domain::recipe::{Method, Way};
    use crate::protocol::{Event, FailureKind, Guess};
    use crate::ui::state::Step;

    fn trim() -> StepPlan {
        StepPlan::TrimSpace {
            columns: Vec::new(),
        }
    }

    fn unify() -> StepPlan {
        StepPlan::UnifySpellings {
            column: "label".into(),
            into: vec![("Ham".into(), "ham".into())],
        }
    }

    fn plan(state: Store<AppState>, action: PlanAction) -> Vec<Command> {
        act(state, Action::Plan(action))
    }

    /// The questions about the preparation among some commands, with their recipes.
    fn preparations(commands: &[Command]) -> Vec<(RequestId, Recipe)> {
        commands
            .iter()
            .filter_map(|command| match command {
                Command::Ask {
                    request,
                    question: Question::Preparation { recipe },
                    ..
                } => Some((*request, (**recipe).clone())),
                _ => None,
            })
            .collect()
    }

    fn prepared(parts: [u32; 4]) -> Answer {
        Answer::Preparation {
            steps: Vec::new(),
            offers: Vec::new(),
            suspects: Vec::new(),
            parts,
            labels: Vec::new(),
            issues: Vec::new(),
        }
    }

    fn answer(state: Store<AppState>, request: RequestId, answer: Answer) -> Vec<Command> {
        let table = state.table().get().unwrap();
        apply(
            state,
            Event::Answered {
                table,
                request,
                answer: Ok(answer),
            },
        )
    }

    /// A table whose preparation was asked for and answered.
    fn prepared_table(state: Store<AppState>) -> TableId {
        let id = opened_table(state);
        let commands = suggested(state, id, 100);
        let [(request, _)] = &preparations(&commands)[..] else {
            panic!("one question")
        };
        answer(state, *request, prepared([70, 10, 20, 0]));
        id
    }

    #[test]
    fn a_step_goes_into_every_recipe_and_leaves_it_again() {
        let state = fresh_state();
        let id = prepared_table(state);
        let commands = plan(state, PlanAction::AddStep(trim()));
        for method in Method::ALL {
            let table = state.tables().at_key(id).get();
            assert_eq!(table.draft_of(Way::Text(method)).unwrap().steps, [trim()]);
        }
        let [(_, asked)] = &preparations(&commands)[..] else {
            panic!("one question")
        };
        assert_eq!(asked.steps, [trim()]);
        let suggests = |command: &Command| matches!(command, Command::Suggest { decided: Some(decided), .. } if decided.steps == [trim()]);
        assert!(commands.iter().any(suggests), "texts are measured anew");
        plan(state, PlanAction::RemoveStep(0));
        let table = state.tables().at_key(id).get();
        assert!(table.draft().unwrap().steps.is_empty());
    }

    /// Somebody clicked three offers in a second: three questions of seconds each would have
    /// been answered one after the other, and two of the answers thrown away.
    #[test]
    fn fast_clicks_have_one_question_waiting() {
        let state = fresh_state();
        let id = prepared_table(state);
        let first = preparations(&plan(state, PlanAction::AddStep(trim())));
        let later = preparations(&plan(state, PlanAction::AddStep(unify())));
        assert!(later.is_empty());
        let [(request, _)] = first[..] else {
            panic!("one question")
        };
        let next = preparations(&answer(state, request, prepared([1, 1, 1, 97])));
        let [(request, recipe)] = &next[..] else {
            panic!("the newest is asked for")
        };
        assert_eq!(recipe.steps, [trim(), unify()]);
        let parts = || {
            let known = state.tables().at_key(id).preparation().get();
            known.value.unwrap().parts
        };
        assert_eq!(parts(), [70, 10, 20, 0], "the old answer is not shown");
        answer(state, *request, prepared([60, 10, 20, 10]));
        assert_eq!(parts(), [60, 10, 20, 10]);
        assert_eq!(state.tables().at_key(id).get().parts(), Some([60, 10, 20]));
    }

    #[test]
    fn a_split_is_the_same_in_the_settings_and_here() {
        let state = fresh_state();
        let id = prepared_table(state);
        let split = SplitPlan {
            kind: SplitKind::Group {
                column: "other".into(),
            },
            test: 0.3,
            ..SplitPlan::default()
        };
        let commands = plan(state, PlanAction::Split(split.clone()));
        assert_eq!(preparations(&commands).len(), 1);
        let suggests = |command: &Command| matches!(command, Command::Suggest { .. });
        assert!(!commands.iter().any(suggests), "the texts are the same");
        assert_eq!(
            state.tables().at_key(id).get().draft().unwrap().split,
            split
        );
        act(
            state,
            Action::SetOption {
                pointer: "/split/test",
                value: crate::domain::options::OptionValue::Float(0.25),
            },
        );
        let now = state.tables().at_key(id).plan().get().split.unwrap();
        assert_eq!((now.test, now.kind), (0.25, split.kind));
        act(state, Action::ResetOptions);
        let table = state.tables().at_key(id).get();
        assert_eq!(table.draft().unwrap().split, SplitPlan::default());
        assert_eq!(table.plan.split, None);
    }

    #[test]
    fn a_leak_is_mended_by_a_click() {
        let state = fresh_state();
        let id = prepared_table(state);
        act(state, Action::ToggleColumn("other".into()));
        let columns = vec!["other".to_owned()];
        plan(
            state,
            PlanAction::Fix(LeakFix::DropColumns(columns.clone())),
        );
        let table = state.tables().at_key(id).get();
        assert_eq!(table.plan.steps, [StepPlan::DropColumns { columns }]);
        assert_eq!(table.text, ["text"], "what is left out is not read");
        plan(state, PlanAction::Fix(LeakFix::GroupBy("other".into())));
        plan(state, PlanAction::Fix(LeakFix::KeepTogether));
        let split = state.tables().at_key(id).plan().get().split.unwrap();
        assert!(split.keep_together);
        assert_eq!(split.kind.column(), Some("other"));
        plan(state, PlanAction::Keep("it is odd".into()));
        assert_eq!(state.tables().at_key(id).plan().get().kept, ["it is odd"]);
        plan(state, PlanAction::Keep("it is odd".into()));
        assert!(state.tables().at_key(id).plan().get().kept.is_empty());
    }

    /// The labels had one row each, so nothing could be suggested; merging them mends it.
    #[test]
    fn a_step_can_settle_what_blocks() {
        let state = fresh_state();
        let id = opened_table(state);
        let blocked = Issue::new(
            "tiny",
            Severity::Blocks,
            Position::Table,
            "Too few.",
            "Merge.",
        );
        apply(
            state,
            Event::Suggested {
                table: id,
                profile: None,
                recipe: None,
                others: Vec::new(),
                issues: vec![blocked],
            },
        );
        assert!(!can_go(&state.get(), Step::Tune));
        plan(state, PlanAction::AddStep(unify()));
        suggested(state, id, 100);
        assert_eq!(why_not_learn(&state.get()), None);
        let table = state.tables().at_key(id).get();
        assert_eq!(table.draft().unwrap().steps, [unify()]);
    }

    #[test]
    fn a_setting_that_was_changed_outlives_a_step() {
        let state = fresh_state();
        let id = prepared_table(state);
        act(
            state,
            Action::SetOption {
                pointer: "/training/epochs",
                value: crate::domain::options::OptionValue::Int(7),
            },
        );
        plan(state, PlanAction::AddStep(trim()));
        suggested(state, id, 90);
        let table = state.tables().at_key(id).get();
        assert_eq!(table.draft().unwrap().training.epochs, 7);
        assert_eq!(table.draft().unwrap().steps, [trim()]);
    }

    #[test]
    fn another_kind_asks_what_the_columns_are_now() {
        let state = fresh_state();
        let id = prepared_table(state);
        let commands = plan(
            state,
            PlanAction::Kind {
                column: "label".into(),
                kind: Some("number".into()),
            },
        );
        let request = commands.iter().find_map(|command| match command {
            Command::Ask {
                request,
                question: Question::Columns { schema, .. },
                ..
            } => {
                assert_eq!(schema.kinds["label"], "number");
                Some(*request)
            }
            _ => None,
        });
        let mut columns = summary().columns;
        columns[1].kind = "number".into();
        answer(
            state,
            request.expect("it is asked"),
            Answer::Columns {
                columns,
                guess: Guess {
                    text: vec!["text".into()],
                    columns: Vec::new(),
                    target: Some("label".into()),
                    task: "regress".into(),
                    reason: "Numbers.".into(),
                },
            },
        );
        let summary = state.tables().at_key(id).summary().get().unwrap();
        assert_eq!(summary.columns[1].kind, "number");
        assert_eq!(summary.guess.task, "regress");
    }

    #[test]
    fn two_texts_are_compared_and_one_is_not() {
        let state = fresh_state();
        let id = prepared_table(state);
        let view = state.tables().at_key(id);
        view.summary().update(|summary| {
            let guess = &mut summary.as_mut().expect("it is open").guess;
            guess.task = "pairs".into();
            guess.text = vec!["text".into(), "other".into()];
        });
        let task = || decided(state, id).expect("columns are chosen").task;
        view.text().set(vec!["other".into(), "text".into()]);
        assert_eq!(task(), "pairs");
        for others in [vec!["text".into()], vec!["text".into(), "third".into()]] {
            view.text().set(others);
            assert_eq!(task(), "classify");
        }
        // What a person chose stays, and is said not to fit.
        view.plan()
            .update(|plan| plan.task = Some("similarity".into()));
        assert_eq!(task(), "similarity");
    }

    #[test]
    fn ranks_are_put_in_another_order() {
        let state = fresh_state();
        let id = prepared_table(state);
        let ranks = vec!["so-so".to_owned(), "fine".to_owned()];
        let commands = plan(
            state,
            PlanAction::Order {
                column: "label".into(),
                ranks: ranks.clone(),
            },
        );
        let suggests = |command: &Command| matches!(command, Command::Suggest { .. });
        assert!(commands.iter().any(suggests), "they are counted anew");
        let table = state.tables().at_key(id).get();
        assert_eq!(table.draft().unwrap().schema.orders["label"], ranks);
    }

    #[test]
    fn a_question_that_fails_says_so_and_keeps_what_was_known() {
        let state = fresh_state();
        let id = prepared_table(state);
        let commands = plan(state, PlanAction::AddStep(trim()));
        let request = preparations(&commands)[0].0;
        let why = failure(
            FailureKind::Input,
            "It cannot be prepared.",
            "Undo the step.",
        );
        apply(
            state,
            Event::Answered {
                table: id,
                request,
                answer: Err(why.clone()),
            },
        );
        let asked = state.tables().at_key(id).preparation().get();
        assert_eq!(asked.failure, Some(why));
        assert!(asked.value.is_some() && !asked.is_waiting());
    }
}
