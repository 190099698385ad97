//! What a person decides about the data before anything is learned: what the columns hold, which
//! steps prepare them, how the rows are held apart. All of it goes into every recipe of the table.

use reactive_graph::traits::{ReadUntracked, Set, Update};
use reactive_stores::Store;

use super::act::suggest_again;
use super::look::refresh;
use super::{
    AppState, AppStateStoreFields, TableViewStoreFields, WorkerView, fresh, has_table, with_table,
};
use crate::domain::clean::{Offer, StepPlan, StepReport};
use crate::domain::column::Schema;
use crate::domain::issue::Issue;
use crate::domain::leak::{LeakFix, Suspect};
use crate::domain::recipe::{DataProfile, Recipe};
use crate::domain::split::{SplitKind, SplitPlan};
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
}

/// Changes what was decided, and asks what comes of it.
pub fn change(state: Store<AppState>, action: PlanAction) -> Vec<Command> {
    let mut commands = Vec::new();
    with_table(state, |id| {
        let view = state.tables().at_key(id);
        let before = view.plan().read_untracked().clone();
        let mut plan = before.clone();
        let split = current_split(state, id);
        decide(&mut plan, split, action);
        if let Some(StepPlan::DropColumns { columns }) = plan.steps.last()
            && plan.steps.len() > before.steps.len()
        {
            view.text()
                .update(|text| text.retain(|name| !columns.contains(name)));
        }
        view.plan().set(plan.clone());
        if plan.schema != before.schema {
            commands.extend(ask_columns(state, id));
        }
        commands.extend(replan(state, id, &before));
    });
    commands
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
        PlanAction::AddStep(step) => {
            if !plan.steps.contains(&step) {
                plan.steps.push(step);
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
    let mut recipe = Recipe::suggest(text, target, &DataProfile::empty());
    if let Some(task) = proposed_task(state, id) {
        recipe.task = task;
    }
    Some(view.plan().read_untracked().onto(recipe))
}

/// The task that follows from the data, where the worker can do it.
fn proposed_task(state: Store<AppState>, id: TableId) -> Option<String> {
    let view = state.tables().at_key(id);
    let task = view
        .summary()
        .read_untracked()
        .as_ref()
        .map(|summary| summary.guess.task.clone())?;
    match &*state.worker().read_untracked() {
        WorkerView::Ready(capabilities) => capabilities
            .tasks
            .iter()
            .any(|(known, _)| *known == task)
            .then_some(task),
        _ => None,
    }
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
    view.preparation()
        .update(|asked| may_ask = asked.may_ask());
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
