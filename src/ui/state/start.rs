//! Going on from an earlier run: what the next one takes over from it, and why it cannot.

use reactive_graph::traits::{ReadUntracked, Set};

use super::{
    AppState, AppStateStoreFields, Plan, Store, TableView, TableViewStoreFields, WorkerView,
};
use crate::domain::base_model;
use crate::domain::recipe::{Recipe, Way};
use crate::domain::start::{Misfit, Origin};
use crate::protocol::{BaseModelInfo, KeptTable, TableId};

impl Plan {
    /// Starts from an earlier run, whose texts are read as it read them, or from the base model.
    pub(super) fn start_from(&mut self, origin: Option<Origin>) {
        if let Some(origin) = &origin
            && !origin.recipe.text.is_empty()
        {
            self.base_model = Some(origin.recipe.base_model.clone());
        }
        for (column, ranks) in origin
            .iter()
            .flat_map(|origin| &origin.recipe.schema.orders)
        {
            let known = self.schema.orders.entry(column.clone());
            known.or_insert_with(|| ranks.clone());
        }
        self.start = origin;
    }

    /// Whether rows of an earlier run can be learned from again.
    pub fn has_old_rows(&self) -> bool {
        self.start.as_ref().is_some_and(|origin| origin.has_rows)
    }
}

/// Takes over how the earlier run learned, where that is offered or not known yet.
pub(super) fn take_over(state: Store<AppState>, id: TableId) {
    let view = state.tables().at_key(id);
    let way = match &view.plan().read_untracked().start {
        Some(origin) => origin.recipe.way(),
        None => return,
    };
    let is_offered = {
        let drafts = view.drafts().read_untracked();
        drafts.is_empty() || offers(&drafts, way)
    };
    if is_offered {
        view.way().set(way);
        view.is_way_chosen().set(true);
    }
}

/// Takes the way that a person chose, or else that of the earlier run, or else the suggested one.
pub(super) fn take_way(state: Store<AppState>, id: TableId, suggested: Way, offered: &[Recipe]) {
    let view = state.tables().at_key(id);
    let chosen = Some(*view.way().read_untracked());
    let chosen = chosen.filter(|_| *view.is_way_chosen().read_untracked());
    let plan = view.plan().read_untracked().clone();
    let of_start = plan.start.map(|origin| origin.recipe.way());
    let mut wanted = chosen.into_iter().chain(of_start);
    let way = wanted.find(|way| offers(offered, *way));
    let way = way.unwrap_or(suggested);
    view.way().set(way);
    view.is_way_chosen().set(chosen == Some(way));
}

fn offers(recipes: &[Recipe], way: Way) -> bool {
    recipes.iter().any(|recipe| recipe.way() == way)
}

/// Why the next run cannot start from what it should start from, and what to do, as sentences.
pub(super) fn why_not(table: &TableView, draft: &Recipe, worker: &WorkerView) -> Option<String> {
    let WorkerView::Ready(capabilities) = worker else {
        return None;
    };
    let known = &capabilities.base_models;
    if let Some(Origin { start, recipe, .. }) = &table.plan.start
        && let Some(misfit) = Misfit::of(recipe, draft)
    {
        let fix = fix(misfit, table, recipe, known);
        let (name, what) = (&start.name, misfit.what());
        return Some(format!("{name} {what} {fix}, {}", Misfit::OR));
    }
    let is_gone = !draft.text.is_empty()
        && draft.base_model.starts_with(base_model::OWN)
        && name(known, &draft.base_model).is_none();
    is_gone.then(|| {
        "The encoder to start from is not on this device. Bring its folder under \"Base model\", or choose another one there."
            .to_owned()
    })
}

fn name<'a>(known: &'a [BaseModelInfo], id: &str) -> Option<&'a str> {
    let model = known.iter().find(|model| model.id == id)?;
    Some(&model.name)
}

/// What makes a run fit the earlier one, as the first half of a sentence.
fn fix(misfit: Misfit, table: &TableView, earlier: &Recipe, known: &[BaseModelInfo]) -> String {
    let is_offered = |is_table: bool| {
        let mut drafts = table.drafts.iter();
        drafts.any(|draft| draft.table.is_some() == is_table)
    };
    match misfit {
        Misfit::OfColumns if !is_offered(true) => "Choose columns to learn from on \"Data\"",
        Misfit::OfTexts if !is_offered(false) && table.text.is_empty() => {
            "Choose a column of texts on \"Data\""
        }
        Misfit::OfTexts if !is_offered(false) => {
            "Choose on \"Data\" to tell one label out of several"
        }
        Misfit::OtherBase => match name(known, &earlier.base_model) {
            Some(name) => return format!("Choose {name} under \"Base model\""),
            None => "Bring its encoder\u{2019}s folder under \"Base model\"",
        },
        _ => misfit.fix(),
    }
    .to_owned()
}

/// Puts what a kept run was told back onto its table, so that the next run begins where that one was.
/// `kept` is all that is kept on this device.
pub(super) fn resume(view: &mut TableView, recipe: &Recipe, kept: &[KeptTable]) {
    view.target = Some(recipe.target.clone());
    view.text.clone_from(&recipe.text);
    let columns = recipe.table.iter().flat_map(|plan| &plan.columns);
    view.features = columns.map(|source| source.column.clone()).collect();
    view.plan = Plan {
        schema: recipe.schema.clone(),
        steps: recipe.steps.clone(),
        split: Some(recipe.split.clone()),
        seed: Some(recipe.seed),
        task: Some(recipe.task.clone()),
        base_model: Some(recipe.base_model.clone()),
        start: origin_of(recipe, kept),
        kept: Vec::new(),
    };
    view.way = recipe.way();
    view.is_way_chosen = true;
    view.resumed = Some(recipe.clone());
}

/// What a recipe goes on from, where that is a run that is still kept.
pub(super) fn origin_of(recipe: &Recipe, kept: &[KeptTable]) -> Option<Origin> {
    let start = recipe.start.as_ref()?;
    let mut runs = kept.iter().flat_map(|table| &table.runs);
    let run = runs.find(|run| run.key == start.model && run.summary.is_some())?;
    Some(Origin::new(start.clone(), &run.recipe, true))
}

#[cfg(test)]
mod tests {
    use reactive_graph::traits::Get;

    use super::super::fixture::*;
    use super::super::{Action, PlanAction, act, apply, why_not_tune};
    use super::*;
    use crate::domain::features::network::Combiner;
    use crate::domain::recipe::{DataProfile, Method};
    use crate::domain::start::Start;
    use crate::domain::suggest::{draft, recipes};
    use crate::protocol::{Command, Event, TableSource};

    const LORA: Way = Way::Text(Method::Lora);
    const MLP: Way = Way::Table(Combiner::Mlp);

    fn origin(recipe: &Recipe) -> Origin {
        let start = Start {
            model: "k".into(),
            name: "the first run".into(),
        };
        Origin::new(start, recipe, true)
    }

    fn start_from(state: Store<AppState>, recipe: &Recipe) -> Vec<Command> {
        let start = PlanAction::Start(Some(origin(recipe)));
        act(state, Action::Plan(start))
    }

    /// A recipe of one of the ways that these columns offer.
    fn recipe_of(text: &[&str], columns: &[&str], way: Way) -> Recipe {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let draft = draft(names(text), names(columns), "label".into(), None);
        let all = recipes(&draft, &DataProfile::empty());
        all.into_iter().find(|recipe| recipe.way() == way).unwrap()
    }

    /// The worker offers all ways of learning from these columns.
    fn offer(state: Store<AppState>, table: TableId, text: &[&str], columns: &[&str]) {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let draft = draft(names(text), names(columns), "label".into(), None);
        let mut all = recipes(&draft, &profile(100)).into_iter();
        let view = state.tables().at_key(table);
        view.text().set(draft.text.clone());
        view.features().set(names(columns));
        view.suggests_pending().set(1);
        let event = Event::Suggested {
            table,
            profile: Some(profile(100)),
            recipe: all.next(),
            others: all.collect(),
            issues: Vec::new(),
        };
        apply(state, event);
    }

    fn own_encoder() -> BaseModelInfo {
        BaseModelInfo {
            id: format!("{}{}", base_model::OWN, "0".repeat(64)),
            name: "bert_cls".into(),
            about: String::new(),
            licence: String::new(),
            bytes: 0,
        }
    }

    fn knows(state: Store<AppState>, encoder: BaseModelInfo) {
        let encoders = vec![encoder];
        apply(state, Event::Encoders { encoders });
    }

    #[test]
    fn a_start_brings_its_way_and_its_encoder() {
        let state = fresh_state();
        let id = suggested_table(state);
        let mut earlier = recipe_of(&["text"], &[], Way::Text(Method::Full));
        earlier.base_model = own_encoder().id;
        start_from(state, &earlier);
        let draft = || state.tables().at_key(id).get().draft().unwrap().clone();
        assert_eq!(draft().way(), earlier.way());
        assert_eq!(draft().base_model, earlier.base_model);
        assert_eq!(draft().start.unwrap().name, "the first run");
        let why = why_not_tune(&state.get()).expect("nobody can read its texts");
        assert!(why.contains("not on this device") && why.contains("\"Base model\""));
        knows(state, own_encoder());
        assert_eq!(why_not_tune(&state.get()), None);

        // Other columns ask for new recipes, and "the suggested settings" are no other encoder.
        act(state, Action::ToggleColumn("other".into()));
        suggested(state, id, 100);
        assert_eq!(draft().base_model, earlier.base_model);
        act(state, Action::ResetOptions);
        assert_eq!(draft().base_model, earlier.base_model);
        act(state, Action::Plan(PlanAction::Start(None)));
        assert_eq!(
            (draft().start, draft().base_model),
            (None, earlier.base_model)
        );
    }

    /// Somebody chose another encoder than the earlier run had, and heard of it when the run failed.
    #[test]
    fn another_encoder_is_named_before_the_run() {
        let state = fresh_state();
        suggested_table(state);
        knows(state, own_encoder());
        let mut earlier = recipe_of(&["text"], &[], LORA);
        earlier.base_model = own_encoder().id;
        start_from(state, &earlier);
        let other = base_model::ALL[0].id.to_owned();
        act(state, Action::ChooseEncoder(other));
        assert_eq!(
            why_not_tune(&state.get()).as_deref(),
            Some(
                "the first run was tuned on another base model. Choose bert_cls under \"Base model\", or start from the base model instead."
            )
        );
        assert!(act(state, Action::Start).is_empty());
        act(state, Action::ChooseEncoder(earlier.base_model));
        assert_eq!(why_not_tune(&state.get()), None);
    }

    #[test]
    fn what_cannot_agree_is_said_with_the_next_step() {
        let columns = recipe_of(&[], &["a", "b"], MLP);
        let texts = recipe_of(&["text"], &[], LORA);
        let own = &["a", "b"];
        for (text, features, earlier, wanted) in [
            (
                &["text"][..],
                &[][..],
                &columns,
                "Choose columns to learn from on \"Data\", or",
            ),
            (&[], own, &texts, "Choose a column of texts on \"Data\", or"),
        ] {
            let state = fresh_state();
            let id = opened_table(state);
            offer(state, id, text, features);
            start_from(state, earlier);
            let why = why_not_tune(&state.get()).unwrap();
            assert!(why.contains(wanted), "{why}");
            assert!(act(state, Action::Start).is_empty());

            // As soon as both kinds are offered, the one that fits is chosen.
            offer(state, id, &["text"], own);
            let table = state.tables().at_key(id).get();
            assert_eq!(
                (table.way, why_not_tune(&state.get())),
                (earlier.way(), None)
            );
        }
    }

    #[test]
    fn a_way_of_the_other_kind_is_named_before_the_run() {
        for (earlier, other, wanted) in [
            (
                recipe_of(&["text"], &[], LORA),
                MLP,
                "the texts alone under \"How\", or",
            ),
            (
                recipe_of(&[], &["a"], MLP),
                LORA,
                "columns under \"How\", or",
            ),
        ] {
            let state = fresh_state();
            let id = opened_table(state);
            offer(state, id, &["text"], &["a", "b"]);
            start_from(state, &earlier);
            assert_eq!(state.tables().at_key(id).get().way, earlier.way());
            assert_eq!(why_not_tune(&state.get()), None);
            act(state, Action::ChooseWay(other));
            let why = why_not_tune(&state.get()).unwrap();
            assert!(why.contains(wanted), "{why}");
        }
    }

    /// A file was opened as a table to go on from a model: the start is chosen before there are columns.
    #[test]
    fn a_start_that_comes_before_the_table_is_taken_over_as_well() {
        let state = fresh_state();
        let source = TableSource::Text { text: "a".into() };
        let name = "t.csv".into();
        act(state, Action::Open { name, source });
        let id = state.table().get().unwrap();
        start_from(state, &recipe_of(&["text"], &[], Way::Text(Method::Head)));
        let summary = summary();
        apply(state, Event::TableOpened { table: id, summary });
        offer(state, id, &["text"], &["a", "b"]);
        let table = state.tables().at_key(id).get();
        assert_eq!(table.way, Way::Text(Method::Head));
        assert_eq!(table.draft().unwrap().start.as_ref().unwrap().model, "k");
    }

    #[test]
    fn old_rows_are_mixed_in_where_they_are_at_hand() {
        let mut plan = Plan::default();
        assert!(!plan.has_old_rows());
        let of_file = Origin {
            has_rows: false,
            ..origin(&recipe())
        };
        plan.start_from(Some(of_file));
        assert!(!plan.has_old_rows());
        plan.start_from(Some(origin(&recipe())));
        assert!(plan.has_old_rows());
    }
}
