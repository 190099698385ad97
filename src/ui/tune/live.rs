//! A run: what it is doing, how far it is, and its curves.

use leptos::prelude::*;

use crate::domain::evaluation::{FitScore, FitVerdict, read_fit};
use crate::domain::report::{Baseline, Phase, Progress};
use crate::domain::task::answer;
use crate::ui::chart::curves::{accuracy_chart, loss_chart};
use crate::ui::client::Page;
use crate::ui::icon::{self, icon};
use crate::ui::lean::{live, memo, show};
use crate::ui::part::{bar, notice};
use crate::ui::state::{Action, Field, RunStatus, RunView, RunViewStoreFields};
use crate::ui::tag::{block, tag};
use crate::ui::words;

/// A run.
pub fn live_run(page: Page, run: Field<RunView>) -> AnyView {
    let id = run.id().get_untracked();
    let failure = live(move || {
        let status = run.status().read();
        let RunStatus::Failed(failure) = &*status else {
            return None;
        };
        let again = tag("button", "button")
            .id("retry")
            .press(move || page.act(Action::StartAgain(id)))
            .child(icon(icon::ROTATE_CCW))
            .text("Try again");
        Some(notice(failure, vec![again.view()]))
    });
    let has_trained =
        memo(move || !run.losses().read().points().is_empty() || !run.epochs().read().is_empty());
    let charts = show(
        move || has_trained.get(),
        move || {
            untrack(|| {
                block("live-charts")
                    .child(loss_chart(run))
                    .child(accuracy_chart(run))
                    .view()
            })
        },
    );
    let gap = show(
        move || !has_trained.get() && run.status().read().is_active(),
        || {
            block("skeleton skeleton-chart")
                .attr("aria-hidden", "true")
                .view()
        },
    );
    vec![
        failure,
        headline(run),
        phases(run),
        figures(run),
        charts,
        parting(run),
        gap,
        baselines(run),
        counts(run),
    ]
    .into_any()
}

/// What it is doing, in words.
fn headline(run: Field<RunView>) -> AnyView {
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
    let line = tag("p", "phase")
        .attr_now("data-testid", move || {
            if is_active.get() {
                "phase"
            } else {
                "run-ending"
            }
            .to_owned()
        })
        .text_now(move || words.get());
    let bar = show(
        move || is_active.get(),
        move || {
            let filled = tag("span", "").style_now("width", move || {
                format!("{:.2}%", share.get().unwrap_or(0.0) * 100.0)
            });
            block("progress")
                .class_now("is-unknown", move || share.get().is_none())
                .attr("role", "progressbar")
                .attr("aria-label", "How far this part has come")
                .attr("aria-valuemin", "0")
                .attr("aria-valuemax", "100")
                .attr_now("aria-valuenow", move || {
                    share.get().map(|share| format!("{:.0}", share * 100.0))
                })
                .child(filled.view())
                .view()
        },
    );
    vec![line.view(), bar].into_any()
}

/// The parts of a run in order, and which one it is in.
fn phases(run: Field<RunView>) -> AnyView {
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
                spent.train + spent.cross_validate,
                spent.evaluate,
            ]
        })
    });
    let phases = words::phases_of(&run.recipe().read_untracked());
    let parts = phases.iter().map(|&at| {
        let spent = move || {
            let seconds = seconds.get();
            seconds.map_or_else(String::new, |seconds| words::seconds(seconds[at]))
        };
        tag("li", "")
            .class_now("is-done", move || {
                place.get().is_some_and(|place| at < place)
            })
            .class_now("is-now", move || place.get() == Some(at))
            .attr_now("aria-current", move || {
                (place.get() == Some(at)).then(|| "step".to_owned())
            })
            .child(tag("span", "phase-name").text(words::PHASES[at]).view())
            .child(tag("span", "phase-seconds").text_now(spent).view())
            .view()
    });
    tag("ol", "phases")
        .children(parts.collect::<Vec<_>>())
        .view()
}

/// Where training is, in figures.
fn figures(run: Field<RunView>) -> AnyView {
    let is_training =
        memo(move || run.status().read().is_active() && run.progress().read().is_some());
    let figure = move |name: &'static str, id: &'static str, read: fn(&Progress) -> String| {
        let shown = move || {
            let progress = run.progress().read();
            progress.as_ref().map_or_else(String::new, read)
        };
        tagged(name, id, shown)
    };
    let left = move || {
        if *run.status().read() == RunStatus::Paused {
            return "paused".to_owned();
        }
        run.progress().read().map_or_else(String::new, |progress| {
            words::time_left(progress.seconds_left.into())
        })
    };
    show(
        move || is_training.get(),
        move || {
            tag("dl", "figures")
                .child(figure("Epoch", "progress-epoch", |p| {
                    format!("{} / {}", p.epoch, p.epochs)
                }))
                .child(figure("Step", "progress-step", |p| {
                    let [step, steps] = [p.step, p.steps].map(|steps| words::count(steps.into()));
                    format!("{step} / {steps}")
                }))
                .child(figure("Rows a second", "progress-speed", |p| {
                    if p.rows_per_second < 9.95 {
                        format!("{:.1}", p.rows_per_second)
                    } else {
                        words::count(p.rows_per_second.round() as u64)
                    }
                }))
                .child(tagged("Time left", "progress-left", left))
                .view()
        },
    )
}

fn tagged(
    name: &'static str,
    id: &'static str,
    shown: impl FnMut() -> String + Send + 'static,
) -> AnyView {
    block("")
        .child(tag("dt", "").text(name).view())
        .child(tag("dd", "").id(id).text_now(shown).view())
        .view()
}

/// Says so while it happens where the model learns its training rows by heart.
fn parting(run: Field<RunView>) -> AnyView {
    let score = FitScore::of(answer(&run.recipe().read_untracked().task));
    let words = memo(move || {
        let status = run.status().read();
        let next = match &*status {
            RunStatus::Finished => " Evaluate names what to turn.",
            _ if status.is_active() => "",
            _ => return None,
        };
        let epochs = run.epochs().read();
        let best = epochs.iter().rev().find(|epoch| epoch.is_best);
        let reading = read_fit(&epochs, best.map_or(0, |epoch| epoch.epoch), score);
        let reason = match reading.verdict {
            FitVerdict::Overfits => format!(
                "Since epoch {} the validation loss rose by {} while the training loss fell on.",
                reading.lowest,
                words::percent(reading.rise)
            ),
            FitVerdict::Memorises => reading.reason,
            _ => return None,
        };
        Some(format!(
            "The curves part: it learns the training rows by heart. {reason}{next}"
        ))
    });
    live(move || {
        let words = words.get()?;
        Some(tag("p", "fine").id("curves-part").text(words).view())
    })
}

/// How many rows and numbers are at work.
fn counts(run: Field<RunView>) -> AnyView {
    let parameters = move || {
        run.parameters().get().map_or_else(String::new, |count| {
            let share = count.trainable as f64 / count.total.max(1) as f64;
            format!(
                "{} of {} numbers move ({}).",
                words::count(count.trainable),
                words::count(count.total),
                words::small_percent(share)
            )
        })
    };
    let rows = move || {
        run.parts().get().map_or_else(String::new, |parts| {
            let [train, valid, test] = parts.map(|rows| words::count(rows.into()));
            format!("{train} rows to learn from, {valid} to choose by, {test} sealed. ")
        })
    };
    tag("p", "fine")
        .id("parameters")
        .text_now(rows)
        .text_now(parameters)
        .view()
}

/// What simple models reach, as soon as it is known.
fn baselines(run: Field<RunView>) -> AnyView {
    let lines = memo(move || {
        let baselines = run.baselines().read();
        let of = |baseline: &Baseline| {
            let wanted = words::table::share_metric(&run.recipe().read().task);
            let metric = baseline.metrics.iter().find(|metric| metric.id == wanted)?;
            Some((
                baseline.id.clone(),
                words::table::baseline_name(&baseline.id, &baseline.name),
                metric.value,
            ))
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
    let line = |class: &'static str, name: String, bar: AnyView| {
        tag("tr", class)
            .child(tag("th", "").attr("scope", "row").text(name).view())
            .child(tag("td", "counts-bar").child(bar).view())
    };
    // What the share in an epoch's report is called in this run.
    let share = words::table::share_name(&run.recipe().read_untracked().task);
    let heading = format!("{share} on the validation rows");
    show(
        move || !lines.read().is_empty(),
        move || {
            let others = live(move || {
                let lines = lines.get().into_iter();
                let of = |(id, name, accuracy): (String, String, f64)| {
                    line("", name, bar(accuracy, "hue-none".to_owned()))
                        .id(format!("baseline-{id}"))
                        .child(tag("td", "num").text(words::percent(accuracy)).view())
                        .view()
                };
                lines.map(of).collect::<Vec<_>>()
            });
            let own = live(move || bar(best.get().unwrap_or(0.0), "hue-ember".to_owned()));
            let own = line("is-own", "This run, best epoch".to_owned(), own).child(
                tag("td", "num")
                    .text_now(move || best.get().map_or_else(|| "–".to_owned(), words::percent))
                    .view(),
            );
            let table = tag("tbody", "").child(others).child(own.view());
            tag("section", "baselines")
                .attr("aria-label", "Baselines")
                .child(tag("h3", "").text(heading.clone()).view())
                .child(tag("table", "counts").child(table.view()).view())
                .view()
        },
    )
}
