//! A form for any recipe, drawn from the settings' own descriptions.

use crate::ui::lean::{Memo, live, memo, now};
use crate::ui::state::Field;
use leptos::prelude::*;

use super::browser::number;
use super::client::Page;
use super::state::{Action, TableView, TableViewStoreFields, setting};
use crate::domain::options::{self, FLAG, Group, OptionKind, OptionSpec, OptionValue, in_words};
use crate::domain::recipe::Recipe;

/// Every setting that matters to the chosen way.
#[component]
pub fn RecipeForm(
    /// The table whose next run it is about.
    table: Field<TableView>,
) -> impl IntoView {
    let page = Page::here();
    // Another way, task or choice of texts has other settings; a changed value has the same.
    let pointers = memo(move || {
        let way = table.way().get();
        let drafts = table.drafts().read();
        let draft = drafts.iter().find(|draft| draft.way() == way);
        let specs = options::ALL.iter();
        specs
            .filter(|spec| spec.pointer != TEXTS)
            .filter(|spec| spec.pointer != options::REHEARSAL || table.plan().read().has_old_rows())
            .filter(|spec| draft.is_some_and(|draft| options::matters(spec, draft)))
            .map(|spec| spec.pointer)
            .collect::<Vec<_>>()
    });
    let is_changed = memo(move || table.drafts().get() != table.defaults().get());
    view! {
        <div class="form">
            {live(move || {
                let pointers = pointers.get();
                Group::ALL
                    .into_iter()
                    .filter_map(|own| {
                        let specs: Vec<_> = of_group(own, &pointers).collect();
                        (!specs.is_empty()).then(|| group(page, table, own.title(), specs))
                    })
                    .map(IntoAny::into_any).collect_view()
            })}
            <button
                class="quiet"
                data-testid="reset-options"
                disabled=now(move || !is_changed.get())
                on:click=move |_| page.act(Action::ResetOptions)
            >
                "Take the suggested settings"
            </button>
        </div>
    }
    .into_any()
}

/// The setting that stands beside the ways to learn, and not among all others.
const TEXTS: &str = "/table/texts";

/// What of the text encoder moves; nothing where that is not to be chosen.
pub fn texts(page: Page, table: Field<TableView>) -> AnyView {
    let spec = options::find(TEXTS).expect("it is a setting");
    let is_asked = memo(move || {
        let way = table.way().get();
        let drafts = table.drafts().read();
        let draft = drafts.iter().find(|draft| draft.way() == way);
        draft.is_some_and(|draft| options::matters(spec, draft))
    });
    live(move || is_asked.get().then(|| setting(page, table, spec))).into_any()
}

fn of_group(group: Group, pointers: &[&'static str]) -> impl Iterator<Item = &'static OptionSpec> {
    let specs = pointers.iter().filter_map(|pointer| options::find(pointer));
    specs.filter(move |spec| spec.group == group)
}

fn group(
    page: Page,
    table: Field<TableView>,
    title: &'static str,
    specs: Vec<&'static OptionSpec>,
) -> AnyView {
    view! {
        <fieldset class="form-group">
            <legend>{title}</legend>
            {specs.into_iter().map(|spec| setting(page, table, spec)).map(IntoAny::into_any).collect_view()}
        </fieldset>
    }
    .into_any()
}

fn draft_value(
    table: Field<TableView>,
    spec: &OptionSpec,
    is_default: bool,
) -> Option<OptionValue> {
    let way = table.way().get();
    let read = |drafts: &Vec<Recipe>| {
        drafts
            .iter()
            .find(|draft| draft.way() == way)
            .map(|draft| setting::get(draft, spec))
    };
    if is_default {
        table.defaults().with(read)
    } else {
        table.drafts().with(read)
    }
}

fn setting(page: Page, table: Field<TableView>, spec: &'static OptionSpec) -> AnyView {
    let value = memo(move || draft_value(table, spec, false));
    let default = memo(move || draft_value(table, spec, true));
    let error = RwSignal::new(None::<String>);
    let id = format!("option{}", spec.pointer.replace('/', "-"));
    let change = move |next: OptionValue| {
        let refused = table.with_untracked(|view| match view.draft() {
            Some(draft) => setting::set(draft, spec, &next).err(),
            None => None,
        });
        if refused.is_none() {
            page.act(Action::SetOption {
                pointer: spec.pointer,
                value: next,
            });
        }
        error.set(refused);
    };
    let was = move || {
        let default = default.get()?;
        (value.get()? != default).then(|| format!("suggested: {}", in_words(spec, &default)))
    };
    let help_id = format!("{id}-help");
    let control = match spec.kind {
        OptionKind::Int { .. } => number_field(id.clone(), help_id.clone(), value, move |text| {
            match text.trim().parse() {
                Ok(number) => change(OptionValue::Int(number)),
                Err(_) => change(OptionValue::Int(i64::MIN)),
            }
        }),
        OptionKind::Float { .. } => number_field(id.clone(), help_id.clone(), value, move |text| {
            change(OptionValue::Float(number(&text).unwrap_or(f64::NAN)));
        }),
        OptionKind::Choice { choices } => {
            choice_field(id.clone(), help_id.clone(), choices, value, change)
        }
        OptionKind::Set { choices } => set_field(id.clone(), choices, value, change),
        OptionKind::Flag => choice_field(id.clone(), help_id.clone(), FLAG, value, move |value| {
            change(OptionValue::Flag(
                value == OptionValue::Choice(FLAG[1].0.to_owned()),
            ));
        }),
    };
    view! {
        <div class="setting" class:has-error=now(move || error.read().is_some())>
            <label class="setting-label" for=id>{spec.label}</label>
            <div class="setting-control">{control}</div>
            <p class="setting-help" id=help_id>
                {spec.help}
                {live(move || was().map(|was| view! { <span class="setting-was">{was}</span> }))}
            </p>
            {live(move || {
                error
                    .get()
                    .map(|error| {
                        view! { <p class="setting-error" role="alert" data-testid="option-error">{error}</p> }
                    })
            })}
        </div>
    }
    .into_any()
}

fn number_field(
    id: String,
    help: String,
    value: Memo<Option<OptionValue>>,
    change: impl Fn(String) + 'static,
) -> AnyView {
    let shown = move || match value.get() {
        Some(OptionValue::Int(number)) => number.to_string(),
        Some(OptionValue::Float(number)) => number.to_string(),
        _ => String::new(),
    };
    view! {
        <input
            id=id.clone()
            data-testid=id
            class="field num"
            type="text"
            inputmode="decimal"
            autocomplete="off"
            aria-describedby=help
            prop:value=shown
            on:change=move |event| change(event_target_value(&event))
        />
    }
    .into_any()
}

fn choice_field(
    id: String,
    help: String,
    choices: &'static [(&'static str, &'static str)],
    value: Memo<Option<OptionValue>>,
    change: impl Fn(OptionValue) + 'static,
) -> AnyView {
    let is_chosen = move |id: &str| match value.get() {
        Some(OptionValue::Choice(chosen)) => chosen == id,
        Some(OptionValue::Flag(is_on)) => FLAG[usize::from(is_on)].0 == id,
        _ => false,
    };
    view! {
        <span class="select">
            <select
                id=id.clone()
                data-testid=id
                aria-describedby=help
                on:change=move |event| change(OptionValue::Choice(event_target_value(&event)))
            >
                {choices
                    .iter()
                    .map(|(id, name)| {
                        view! { <option value=*id selected=now(move || is_chosen(id))>{*name}</option> }
                    })
                    .map(IntoAny::into_any).collect_view()}
            </select>
        </span>
    }
    .into_any()
}

fn set_field(
    id: String,
    choices: &'static [(&'static str, &'static str)],
    value: Memo<Option<OptionValue>>,
    change: impl Fn(OptionValue) + Copy + 'static,
) -> AnyView {
    let chosen = move || match value.get() {
        Some(OptionValue::Set(ids)) => ids,
        _ => Vec::new(),
    };
    let toggle = move |id: &'static str| {
        let now = chosen();
        let was_in = now.iter().any(|known| known == id);
        // In the order of the choices, so that the same choice is the same recipe.
        let next = choices
            .iter()
            .filter(|(known, _)| {
                if *known == id {
                    !was_in
                } else {
                    now.iter().any(|other| other == known)
                }
            })
            .map(|(known, _)| (*known).to_owned())
            .collect();
        change(OptionValue::Set(next));
    };
    view! {
        <div class="checks" id=id.clone() data-testid=id role="group">
            {choices
                .iter()
                .map(|(id, name)| {
                    view! {
                        <label class="check">
                            <input
                                type="checkbox"
                                prop:checked=now(move || chosen().iter().any(|known| known == id))
                                on:change=move |_| toggle(id)
                            />
                            <span>{*name}</span>
                        </label>
                    }
                })
                .map(IntoAny::into_any).collect_view()}
        </div>
    }
    .into_any()
}
