//! The step in which a model answers as one types: a form made from the columns that it learned.

use std::time::Duration;

use crate::ui::state::Field;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::client::Page;
use super::icon::{self, icon};
use super::lean::{live, memo, show};
use super::part::{bar, heading, palette};
use super::state::{Action, Answer, AppStateStoreFields, RunView, RunViewStoreFields, Step};
use super::study::part;
use super::tag::{block, button, paragraph, select, tag, words};
use super::words as say;
use crate::domain::recipe::Recipe;
use crate::domain::report::{Input, InputKind, Prediction};
use crate::protocol::RunId;

/// A question is asked when nobody has typed for so long.
const PAUSE: Duration = Duration::from_millis(120);

/// Labels up to which each keeps its place; more are sorted by probability.
const FIXED_LABELS: usize = 8;

/// Cells of a row that are shown where it can be taken over.
const TRIAL_CELLS: usize = 5;

/// What stands in the form.
#[derive(Clone, Copy)]
struct Form {
    page: Page,
    inputs: StoredValue<Vec<Input>>,
    cells: RwSignal<Vec<String>>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Form {
    fn new(page: Page, inputs: Vec<Input>) -> Self {
        // A usual row: what one changes in it shows what it does.
        let cells = inputs.iter().map(|input| input.example.clone()).collect();
        Self {
            page,
            inputs: StoredValue::new(inputs),
            cells: RwSignal::new(cells),
            timer: StoredValue::new(None),
        }
    }

    /// Asks when nobody has typed for a moment.
    fn ask_later(self) {
        if let Some(waiting) = self.timer.get_value() {
            waiting.clear();
        }
        let ask = move || {
            if let Some(cells) = self.cells.try_get_untracked() {
                let names = self.inputs.with_value(|inputs| names(inputs));
                self.page
                    .act(Action::Ask(names.into_iter().zip(cells).collect()));
            }
        };
        self.timer
            .set_value(set_timeout_with_handle(ask, PAUSE).ok());
    }

    fn set(self, at: usize, cell: String) {
        self.cells.update(|cells| cells[at] = cell);
        self.ask_later();
    }

    fn cell(self, at: usize) -> String {
        self.cells.read()[at].clone()
    }
}

fn names(inputs: &[Input]) -> Vec<String> {
    inputs.iter().map(|input| input.column.clone()).collect()
}

/// Try a run.
#[component]
pub fn UseStep(
    /// The run.
    run: Field<RunView>,
) -> impl IntoView {
    let page = Page::here();
    let recipe = run.recipe().get_untracked();
    let (labels, inputs) = run
        .summary()
        .read_untracked()
        .as_ref()
        .map_or_else(Default::default, |summary| {
            (summary.labels.clone(), summary.inputs.clone())
        });
    let form = Form::new(page, inputs);
    let below = format!("{} answers as you type", say::run_name(&recipe));
    let is_loaded = memo(move || run.is_loaded().get());
    // A form that is filled already has its answer at once, or as soon as the model is there.
    let first = live(move || {
        if is_loaded.get() {
            form.ask_later();
        }
    });
    view! {
        {heading("Use", below)}
        {first}
        {absent(page, run)}
        <div class="use">
            <section class="use-ask" aria-label="Your row">
                {fields(form)}
                {trials(form, &recipe)}
            </section>
            {answers(page, labels, &recipe)}
        </div>
        {part(page, run, "take_along")}
        <div class="action-bar">
            <p class="action-note"></p>
            <button class="button" data-testid="tune-another" on:click=move |_| page.act(Action::Go(Step::Tune))>
                {icon(icon::SLIDERS_HORIZONTAL)}
                "Tune another way"
            </button>
        </div>
    }
    .into_any()
}

/// What is said while the worker does not hold a run: that it is reading it, or how to have it again.
pub fn absent(page: Page, run: Field<RunView>) -> AnyView {
    let is_coming = memo(move || run.is_coming().get());
    let is_gone = memo(move || !run.is_loaded().get() && !run.is_coming().get());
    let id = run.id().get_untracked();
    let coming = || paragraph("fine", "Reading what was learned from this device…");
    vec![
        show(move || is_coming.get(), coming),
        show(move || is_gone.get(), move || gone(page, id)),
    ]
    .into_any()
}

/// A run that the worker does not hold can be had again.
fn gone(page: Page, run: RunId) -> AnyView {
    let again = button(
        "button button-primary",
        "tune-again",
        "Tune again",
        move || {
            page.act(Action::StartAgain(run));
        },
    );
    block("notice")
        .child(icon(icon::INFO).into_any())
        .child(
            block("notice-text")
                .child(paragraph(
                    "notice-what",
                    "This model is not in memory, and could not be read from this device.",
                ))
                .child(paragraph(
                    "",
                    "Tuning again with the same recipe gives it back: on the CPU, the very same.",
                ))
                .view(),
        )
        .child(block("notice-actions").child(again.view()).view())
        .view()
}

/// One field a column, the texts first.
fn fields(form: Form) -> AnyView {
    let inputs = form.inputs.get_value();
    let texts = inputs.iter().filter(|input| input.kind == InputKind::Text);
    let is_alone = texts.count() == 1 && inputs.len() == 1;
    let fields = inputs
        .into_iter()
        .enumerate()
        .map(|(at, input)| field(form, at, input, is_alone));
    block("use-form")
        .children(fields.collect::<Vec<_>>())
        .view()
}

fn field(form: Form, at: usize, input: Input, is_alone: bool) -> AnyView {
    let name = input.column.clone();
    let id = match input.kind {
        InputKind::Text if at == 0 => "use-text".to_owned(),
        InputKind::Text => format!("use-text-{name}"),
        _ => format!("use-{name}"),
    };
    let field = match input.kind {
        InputKind::Text => tag("textarea", "")
            .attr("rows", if is_alone { "5" } else { "3" })
            .attr("placeholder", "Type or paste a text"),
        InputKind::Choice => {
            let unknown = (String::new(), "not known".to_owned());
            let values = input.values.into_iter().map(|value| (value.clone(), value));
            let choices = std::iter::once(unknown).chain(values).collect();
            let control = select(
                id,
                name.clone(),
                choices,
                move || form.cell(at),
                move |cell| form.set(at, cell),
            );
            return block("use-field")
                .child(words("use-name", name))
                .child(control)
                .view();
        }
        InputKind::Number | InputKind::Date | InputKind::List => {
            let field = tag("input", "field")
                .attr("type", "text")
                .attr("autocomplete", "off")
                .attr("placeholder", input.example);
            match input.kind {
                InputKind::Number => field.attr("inputmode", "decimal"),
                _ => field,
            }
        }
    };
    let control = field
        .id(id)
        .value(move || form.cell(at))
        .typed(move |cell| form.set(at, cell));
    let class = match input.kind {
        InputKind::Text => "use-field is-wide",
        _ => "use-field",
    };
    tag("label", class)
        .child(words("use-name", name))
        .child(control.view())
        .view()
}

/// Rows that the run never saw.
fn trials(form: Form, recipe: &Recipe) -> AnyView {
    let page = form.page;
    let columns: Vec<String> = page.state.tables().with_untracked(|tables| {
        let shown = page.state.table().get_untracked();
        let table = tables.iter().find(|table| Some(table.id) == shown);
        let summary = table.and_then(|table| table.summary.as_ref());
        summary.map_or_else(Vec::new, |summary| {
            let columns = summary.columns.iter();
            columns.map(|column| column.name.clone()).collect()
        })
    });
    let place = |name: &String| columns.iter().position(|column| column == name);
    let places: Vec<Option<usize>> = form
        .inputs
        .with_value(|inputs| inputs.iter().map(|input| place(&input.column)).collect());
    let target = place(&recipe.target);
    let trial = move |cells: &[String]| {
        let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).cloned().unwrap_or_default();
        let row: Vec<String> = places.iter().map(|at| cell(*at)).collect();
        let shown: Vec<&str> = row
            .iter()
            .map(String::as_str)
            .filter(|cell| !cell.is_empty())
            .take(TRIAL_CELLS)
            .collect();
        let said = shown.join(" · ");
        let truth = cell(target);
        let take = move || {
            form.cells.set(row.clone());
            form.ask_later();
        };
        let pick = tag("button", "trial")
            .attr("type", "button")
            .id("trial")
            .child(words("trial-text", said))
            .children((!truth.is_empty()).then(|| words("tag", truth)))
            .press(take);
        tag("li", "").child(pick.view()).view()
    };
    live(move || {
        let rows = page.state.trials().read();
        let rows = rows.as_ref().map_or(&[][..], |trials| &trials.rows);
        let list = rows.iter().map(|(_, cells)| trial(cells));
        let list: Vec<AnyView> = list.collect();
        let title = (!list.is_empty()).then(|| {
            tag("h2", "trials-title").text("Rows it never saw, with what is true of them")
        });
        block("")
            .children(title.map(super::tag::Tag::view))
            .child(tag("ul", "trials").children(list).view())
            .view()
    })
}

/// What the run says.
fn answers(page: Page, labels: Vec<String>, recipe: &Recipe) -> AnyView {
    let answer = memo(move || page.state.ask().get().answer);
    let promised = recipe.table.as_ref().map_or(0.0, |plan| plan.coverage);
    let names = labels.clone();
    let top = move || match answer.get() {
        None => words("muted", "The answer appears as you type"),
        Some(answer) => headline(&answer, &names, promised),
    };
    let hues = palette(&labels);
    let is_fixed = labels.len() <= FIXED_LABELS;
    let lines = move || {
        let answer = answer.get();
        let shares = answer.as_ref().map_or(&[][..], shares);
        let best = match answer.as_ref().map(|answer| &answer.prediction) {
            Some(Prediction::Labels(_)) => most_probable(shares),
            _ => None,
        };
        let share = |at: usize| shares.get(at).copied().map(f64::from);
        let mut order: Vec<usize> = (0..labels.len()).collect();
        if !is_fixed && answer.is_some() {
            order.sort_by(|&a, &b| share(b).unwrap_or(0.0).total_cmp(&share(a).unwrap_or(0.0)));
        }
        let line = |at: usize| {
            let value = share(at);
            let is_set = matches!(
                answer.as_ref().map(|answer| &answer.prediction),
                Some(Prediction::LabelSet(_))
            );
            let is_best = best == Some(at) || (is_set && value >= Some(0.5));
            tag("tr", if is_best { "is-best" } else { "" })
                .id(format!("prob-{}", labels[at]))
                .attr(
                    "data-value",
                    value.map_or_else(String::new, |value| format!("{value:.6}")),
                )
                .child(
                    tag("th", "")
                        .attr("scope", "row")
                        .attr("title", labels[at].clone())
                        .text(labels[at].clone())
                        .view(),
                )
                .child(
                    tag("td", "counts-bar")
                        .child(bar(value.unwrap_or(0.0), hues[at].clone()))
                        .view(),
                )
                .child(
                    tag("td", "num")
                        .text(value.map_or_else(|| "–".to_owned(), say::percent))
                        .view(),
                )
                .view()
        };
        order.into_iter().map(line).collect::<Vec<_>>()
    };
    let tokens = move || match answer.read().as_ref().map(|answer| answer.tokens) {
        None | Some(0) => String::new(),
        Some(1) => "1 token".to_owned(),
        Some(count) => format!("{count} tokens"),
    };
    let is_cut = memo(move || answer.read().as_ref().is_some_and(|answer| answer.is_cut));
    let cut = move || {
        tag("span", "use-cut")
            .id("use-cut")
            .text("Longer than the model reads: the end was cut off.")
            .view()
    };
    tag("section", "use-answer")
        .attr("aria-label", "The answer")
        .child(
            tag("p", "use-top")
                .id("use-top")
                .attr("aria-live", "polite")
                .child(live(top))
                .view(),
        )
        .child(
            tag("table", "counts probabilities")
                .child(tag("tbody", "").child(live(lines)).view())
                .view(),
        )
        .child(
            tag("p", "fine use-tokens")
                .child(tag("span", "").id("use-tokens").text_now(tokens).view())
                .child(show(move || is_cut.get(), cut))
                .view(),
        )
        .view()
}

/// The answer in a line.
fn headline(answer: &Answer, labels: &[String], promised: f64) -> AnyView {
    let line = |strong: String, after: String| {
        tag("span", "")
            .child(tag("b", "").text(strong).view())
            .child(words("", format!(" {after}")))
            .view()
    };
    match &answer.prediction {
        Prediction::Labels(shares) => match most_probable(shares) {
            Some(at) => line(
                labels.get(at).cloned().unwrap_or_default(),
                say::percent(shares[at].into()),
            ),
            None => words("muted", ""),
        },
        Prediction::LabelSet(shares) => {
            let chosen = labels
                .iter()
                .zip(shares)
                .filter(|(_, share)| **share >= 0.5);
            let chosen: Vec<&str> = chosen.map(|(label, _)| label.as_str()).collect();
            match chosen[..] {
                [] => line("None of the labels".to_owned(), String::new()),
                _ => line(chosen.join(", "), String::new()),
            }
        }
        Prediction::Number { value, range } => line(
            say::short_number(*value),
            range.map_or_else(String::new, |ends| {
                let [low, high] = ends.map(say::short_number);
                format!(
                    "between {low} and {high} in {:.0} of 100 cases",
                    promised * 100.0
                )
            }),
        ),
    }
}

fn shares(answer: &Answer) -> &[f32] {
    match &answer.prediction {
        Prediction::Labels(shares) | Prediction::LabelSet(shares) => shares,
        Prediction::Number { .. } => &[],
    }
}

fn most_probable(shares: &[f32]) -> Option<usize> {
    let shares = shares.iter().enumerate();
    shares.max_by(|a, b| a.1.total_cmp(b.1)).map(|(at, _)| at)
}
