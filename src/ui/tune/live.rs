//! A run: what it is doing, how far it is, and its curves.

use crate::ui::lean::{live, memo, now, show};
use leptos::prelude::*;
use reactive_stores::Field;

use crate::domain::report::Phase;
use crate::ui::chart::curves::{AccuracyChart, LossChart};
use crate::ui::client::Page;
use crate::ui::icon::{self, icon};
use crate::ui::part::{Notice, bar};
use crate::ui::state::{Action, RunStatus, RunView, RunViewStoreFields};
use crate::ui::words;

/// A run.
#[component]
pub fn Live(
    /// The run.
    run: Field<RunView>,
) -> impl IntoView {
    let page = Page::here();
    let id = run.id().get_untracked();
    let failure = memo(move || match run.status().get() {
        RunStatus::Failed(failure) => Some(failure),
        _ => None,
    });
    let has_trained =
        memo(move || !run.losses().read().points().is_empty() || !run.epochs().read().is_empty());
    view! {
        {live(move || {
            failure
                .get()
                .map(|failure| {
                    view! {
                        <Notice failure>
                            <button
                                class="button"
                                data-testid="retry"
                                on:click=move |_| page.act(Action::StartAgain(id))
                            >
                                {icon(icon::ROTATE_CCW)}
                                "Try again"
                            </button>
                        </Notice>
                    }
                })
        })}
        <Headline run />
        <Phases run />
        <Figures run />
        {show(
            move || has_trained.get(),
            move || {
                view! {
                    <div class="charts">
                        <LossChart run />
                        <AccuracyChart run />
                    </div>
                }
                .into_any()
            },
        )}
        {show(
            move || !has_trained.get() && run.status().read().is_active(),
            || view! { <div class="skeleton skeleton-chart" aria-hidden="true"></div> }.into_any(),
        )}
        <Baselines run />
        <Counts run />
    }
    .into_any()
}

/// What it is doing, in words.
#[component]
fn Headline(run: Field<RunView>) -> impl IntoView {
    let words = memo(move || match run.status().get() {
        RunStatus::Paused => "Paused".to_owned(),
        RunStatus::Pausing => "Pausing after this step".to_owned(),
        RunStatus::Stopping => {
            "Stopping: the best checkpoint so far is restored and judged".to_owned()
        }
        RunStatus::Cancelled => "Stopped before anything was learned".to_owned(),
        RunStatus::Failed(_) => String::new(),
        RunStatus::Finished => run
            .summary()
            .read()
            .as_ref()
            .map_or_else(String::new, |summary| {
                words::ending(&summary.epochs, summary.best_epoch, summary.ended)
            }),
        RunStatus::Running => match (run.phase().get(), run.progress().get()) {
            (None, _) => "Waiting for the worker".to_owned(),
            (Some(Phase::Train), Some(progress)) => words::progress(&progress),
            (Some(phase), _) => words::phase(&phase, run.is_judging().get()),
        },
    });
    let share = memo(move || {
        let status = run.status().get();
        if !status.is_active() {
            return None;
        }
        match (run.phase().get(), run.progress().get()) {
            (Some(Phase::Train), Some(progress)) if progress.steps > 0 => {
                Some(f64::from(progress.step) / f64::from(progress.steps))
            }
            (Some(phase), _) => words::phase_place(&phase, run.is_judging().get()).1,
            (None, _) => None,
        }
    });
    let is_active = memo(move || run.status().read().is_active());
    view! {
            <p
                class="phase"
                data-testid=now(move || if is_active.get() { "phase" } else { "run-ending" })
            >
                {now(move || words.get())}
            </p>
            {show(
    move || is_active.get(),
    move || view! {
    <div
                    class="progress"
                    class:is-unknown=now(move || share.get().is_none())
                    role="progressbar"
                    aria-label="How far this part has come"
                    aria-valuemin="0"
                    aria-valuemax="100"
                    aria-valuenow=now(move || share.get().map(|share| format!("{:.0}", share * 100.0)))
                >
                    <span style:width=now(move || format!("{:.2}%", share.get().unwrap_or(0.0) * 100.0))></span>
                </div>
    }.into_any(),
    )}
        }
}

/// The parts of a run in order, and which one it is in.
#[component]
fn Phases(run: Field<RunView>) -> impl IntoView {
    let place = memo(move || match run.status().get() {
        RunStatus::Finished => Some(words::PHASES.len()),
        _ => run
            .phase()
            .get()
            .map(|phase| words::phase_place(&phase, run.is_judging().get()).0),
    });
    let seconds = memo(move || {
        run.summary().read().as_ref().map(|summary| {
            let spent = summary.seconds;
            [
                spent.load,
                spent.tokenize,
                spent.embed,
                spent.probe,
                spent.train,
                spent.evaluate,
            ]
        })
    });
    view! {
        <ol class="phases">
            {words::PHASES
                .into_iter()
                .enumerate()
                .map(|(at, name)| {
                    view! {
                        <li
                            class:is-done=now(move || place.get().is_some_and(|place| at < place))
                            class:is-now=now(move || place.get() == Some(at))
                            aria-current=now(move || (place.get() == Some(at)).then_some("step"))
                        >
                            <span class="phase-name">{name}</span>
                            <span class="phase-seconds">
                                {now(move || seconds.get().map(|seconds| words::seconds(seconds[at])))}
                            </span>
                        </li>
                    }
                })
                .map(IntoAny::into_any).collect_view()}
        </ol>
    }
}

/// Where training is, in figures.
#[component]
fn Figures(run: Field<RunView>) -> impl IntoView {
    let is_training =
        memo(move || run.status().read().is_active() && run.progress().read().is_some());
    let of = move |read: fn(&crate::domain::report::Progress) -> String| {
        live(move || {
            run.progress()
                .read()
                .as_ref()
                .map_or_else(String::new, read)
        })
    };
    let left = move || {
        if *run.status().read() == RunStatus::Paused {
            return "paused".to_owned();
        }
        run.progress().read().map_or_else(String::new, |progress| {
            words::time_left(progress.seconds_left.into())
        })
    };
    view! {
            {show(
    move || is_training.get(),
    move || view! {
    <dl class="figures">
                    <div>
                        <dt>"Epoch"</dt>
                        <dd data-testid="progress-epoch">{of(|p| format!("{} / {}", p.epoch, p.epochs))}</dd>
                    </div>
                    <div>
                        <dt>"Step"</dt>
                        <dd data-testid="progress-step">
                            {of(|p| format!("{} / {}", words::count(p.step.into()), words::count(p.steps.into())))}
                        </dd>
                    </div>
                    <div>
                        <dt>"Rows a second"</dt>
                        <dd data-testid="progress-speed">
                            {of(|p| {
                                if p.rows_per_second < 9.95 {
                                    format!("{:.1}", p.rows_per_second)
                                } else {
                                    words::count(p.rows_per_second.round() as u64)
                                }
                            })}
                        </dd>
                    </div>
                    <div>
                        <dt>"Time left"</dt>
                        <dd data-testid="progress-left">{left}</dd>
                    </div>
                </dl>
    }.into_any(),
    )}
        }
}

/// How many rows and numbers are at work.
#[component]
fn Counts(run: Field<RunView>) -> impl IntoView {
    let parameters = memo(move || {
        run.parameters().get().map(|count| {
            let share = count.trainable as f64 / count.total.max(1) as f64;
            format!(
                "{} of {} numbers move ({}).",
                words::count(count.trainable),
                words::count(count.total),
                words::small_percent(share)
            )
        })
    });
    let rows = memo(move || {
        run.parts().get().map(|parts| {
            let [train, valid, test] = parts.map(|rows| words::count(rows.into()));
            format!("{train} rows to learn from, {valid} to choose by, {test} sealed.")
        })
    });
    view! {
        <p class="fine" data-testid="parameters">
            {now(move || rows.get())} " " {now(move || parameters.get())}
        </p>
    }
}

/// What simple models reach, as soon as it is known.
#[component]
fn Baselines(run: Field<RunView>) -> impl IntoView {
    let lines = memo(move || {
        let baselines = run.baselines().read();
        let of = |baseline: &crate::domain::report::Baseline| {
            let name = match baseline.id.as_str() {
                "majority" => "Always the most frequent label".to_owned(),
                "probe" => "The frozen model, new layer".to_owned(),
                _ => baseline.name.clone(),
            };
            Some((baseline.id.clone(), name, baseline.figure("accuracy")?))
        };
        baselines.iter().filter_map(of).collect::<Vec<_>>()
    });
    let best = memo(move || {
        run.epochs()
            .read()
            .iter()
            .rev()
            .find(|epoch| epoch.is_best)
            .map(|epoch| f64::from(epoch.valid_accuracy))
    });
    view! {
            {show(
    move || !lines.read().is_empty(),
    move || view! {
    <section class="baselines" aria-label="Baselines">
                    <h3>"Right on the validation rows"</h3>
                    <table class="counts">
                        <tbody>
                            {live(move || {
                                lines
                                    .get()
                                    .into_iter()
                                    .map(|(id, name, accuracy)| {
                                        view! {
                                            <tr data-testid=format!("baseline-{id}")>
                                                <th scope="row">{name}</th>
                                                <td class="counts-bar">{bar(accuracy, "hue-none".to_owned())}</td>
                                                <td class="num">{words::percent(accuracy)}</td>
                                            </tr>
                                        }
                                    })
                                    .map(IntoAny::into_any).collect_view()
                            })}
                            <tr class="is-own">
                                <th scope="row">"This run, best epoch"</th>
                                <td class="counts-bar">
                                    {live(move || bar(best.get().unwrap_or(0.0), "hue-ember".to_owned()))}
                                </td>
                                <td class="num">{now(move || best.get().map_or_else(|| "–".to_owned(), words::percent))}</td>
                            </tr>
                        </tbody>
                    </table>
                </section>
    }.into_any(),
    )}
        }
}
