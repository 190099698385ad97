//! Loss and accuracy over a run, while it is under way and after.

use crate::ui::lean::{memo, now};
use leptos::prelude::*;
use reactive_stores::Field;

use crate::domain::report::{EpochReport, rivals};
use crate::ui::scale::{Axis, path};
use crate::ui::state::{RunView, RunViewStoreFields};
use crate::ui::words;

/// Steps from the first to the last that is planned; to the last that was taken, after the end.
fn steps(run: Field<RunView>) -> Memo<Axis> {
    memo(move || {
        let last = run.epochs().read().last().map_or(0, |epoch| epoch.step);
        let planned = match &*run.status().read() {
            status if status.is_active() => {
                run.progress().read().map_or(0, |progress| progress.steps)
            }
            _ => 0,
        };
        let seen = run
            .losses()
            .read()
            .points()
            .last()
            .map_or(0, |(step, _)| *step as u32);
        Axis::whole(0, last.max(planned).max(seen), 5)
    })
}

fn best(epochs: &[EpochReport]) -> Option<&EpochReport> {
    epochs.iter().rev().find(|epoch| epoch.is_best)
}

/// Training and validation loss.
#[component]
pub fn LossChart(
    /// The run.
    run: Field<RunView>,
) -> impl IntoView {
    let x = steps(run);
    let y = memo(move || {
        let losses = run.losses().read();
        let epochs = run.epochs().read();
        let all = losses
            .points()
            .iter()
            .map(|(_, loss)| *loss)
            .chain(
                epochs
                    .iter()
                    .flat_map(|epoch| [epoch.train_loss, epoch.valid_loss]),
            )
            .filter(|loss| loss.is_finite());
        Axis::around(0.0, all.fold(0.0, f32::max).into(), 4)
    });
    let train = memo(move || {
        let (x, y) = (x.read(), y.read());
        let losses = run.losses().read();
        if losses.points().is_empty() {
            // A run that reports whole epochs only.
            let epochs = run.epochs().read();
            return path(
                epochs
                    .iter()
                    .map(|e| (x.place(e.step.into()), y.place(e.train_loss.into()))),
            );
        }
        path(
            losses
                .points()
                .iter()
                .map(|&(step, loss)| (x.place(step.into()), y.place(loss.into()))),
        )
    });
    let valid = move |epoch: &EpochReport| f64::from(epoch.valid_loss);
    let last_train = move || {
        let epochs = run.epochs().read();
        let losses = run.losses().read();
        let last = epochs
            .last()
            .map(|epoch| epoch.train_loss)
            .or(losses.points().last().map(|point| point.1));
        last.map_or_else(|| "–".to_owned(), |loss| words::figure(loss.into()))
    };
    let last_valid = move || {
        let epochs = run.epochs().read();
        epochs.last().map_or_else(
            || "–".to_owned(),
            |epoch| words::figure(epoch.valid_loss.into()),
        )
    };
    let summary = move || {
        format!(
            "Loss by step. Training {}, validation {}.",
            last_train(),
            last_valid()
        )
    };
    view! {
        <figure class="chart" data-testid="chart-loss">
            <figcaption>
                <span class="chart-title">"Loss"</span>
                <span class="legend legend-train">"training" <b>{last_train}</b></span>
                <span class="legend legend-valid">"validation" <b>{last_valid}</b></span>
            </figcaption>
            {plot(x, y, run, valid, train, summary, None)}
        </figure>
    }
    .into_any()
}

/// Accuracy on the validation rows, with the baselines to beat.
#[component]
pub fn AccuracyChart(
    /// The run.
    run: Field<RunView>,
) -> impl IntoView {
    let x = steps(run);
    let rivals = memo(move || {
        let method = run.recipe().read().tuning.method;
        let baselines = run.baselines().read();
        rivals(&baselines, method)
            .into_iter()
            .map(|(id, share)| (id.to_owned(), share))
            .collect::<Vec<_>>()
    });
    let y = memo(move || {
        let epochs = run.epochs().read();
        let curve: Vec<f64> = epochs
            .iter()
            .flat_map(|epoch| [epoch.train_accuracy, epoch.valid_accuracy])
            .map(f64::from)
            .collect();
        let rivals: Vec<f64> = rivals.read().iter().map(|rival| rival.1).collect();
        Axis::shares(&curve, &rivals)
    });
    let train = memo(move || {
        let (x, y) = (x.read(), y.read());
        let epochs = run.epochs().read();
        path(
            epochs
                .iter()
                .map(|e| (x.place(e.step.into()), y.place(e.train_accuracy.into()))),
        )
    });
    let valid = move |epoch: &EpochReport| f64::from(epoch.valid_accuracy);
    let last = move |read: fn(&EpochReport) -> f32| {
        move || {
            let epochs = run.epochs().read();
            let share = epochs
                .last()
                .map(|epoch| words::percent(read(epoch).into()));
            share.unwrap_or_else(|| "–".to_owned())
        }
    };
    let (last_train, last_valid) = (
        last(|epoch| epoch.train_accuracy),
        last(|epoch| epoch.valid_accuracy),
    );
    let summary = move || {
        format!(
            "Share of rows that are right. Training {}, validation {}.",
            last_train(),
            last_valid()
        )
    };
    view! {
        <figure class="chart" data-testid="chart-accuracy">
            <figcaption>
                <span class="chart-title">"Accuracy"</span>
                <span class="legend legend-train">"training" <b>{last_train}</b></span>
                <span class="legend legend-valid">"validation" <b>{last_valid}</b></span>
            </figcaption>
            {plot(x, y, run, valid, train, summary, Some(rivals))}
        </figure>
    }
    .into_any()
}

fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

fn plot(
    x: Memo<Axis>,
    y: Memo<Axis>,
    run: Field<RunView>,
    valid: impl Fn(&EpochReport) -> f64 + Copy + Send + Sync + 'static,
    train: Memo<String>,
    summary: impl Fn() -> String + Send + Sync + 'static,
    rivals: Option<Memo<Vec<(String, f64)>>>,
) -> AnyView {
    // Every epoch of a quick run has a point, so there may be sixty.
    let points = memo(move || {
        let (x, y) = (x.read(), y.read());
        let epochs = run.epochs().read();
        epochs
            .iter()
            .map(|epoch| (x.place(epoch.step.into()), y.place(valid(epoch))))
            .collect::<Vec<_>>()
    });
    let curve = move || path(points.get());
    let marked = memo(move || {
        let (x, y) = (x.read(), y.read());
        let epochs = run.epochs().read();
        let epoch = best(&epochs)?;
        Some((
            x.place(epoch.step.into()),
            y.place(valid(epoch)),
            epoch.epoch,
        ))
    });
    let y_ticks = move || {
        let y = y.read();
        y.ticks
            .iter()
            .map(|&tick| {
                view! {
                    <span class="tick-y" style:bottom=percent(y.place(tick))>
                        {y.label(tick)}
                    </span>
                }
            })
            .map(IntoAny::into_any)
            .collect_view()
    };
    let grid = move || {
        let y = y.read();
        y.ticks
            .iter()
            .map(|&tick| view! { <span class="grid-line" style:bottom=percent(y.place(tick))></span> })
            .map(IntoAny::into_any).collect_view()
    };
    let x_ticks = move || {
        let x = x.read();
        x.ticks
            .iter()
            .map(|&tick| {
                view! {
                    <span class="tick-x" style:left=percent(x.place(tick))>
                        {words::count(tick as u64)}
                    </span>
                }
            })
            .map(IntoAny::into_any)
            .collect_view()
    };
    let dots = move || {
        let points = points.get();
        // A crowd of dots hides the curve.
        let is_crowd = points.len() > 24;
        points
            .into_iter()
            .filter(|_| !is_crowd)
            .map(|(x, y)| view! { <span class="dot" style:left=percent(x) style:bottom=percent(y)></span> })
            .map(IntoAny::into_any).collect_view()
    };
    let flag = move || {
        marked.get().map(|(x, y, epoch)| {
            // Beside the line, on the side that has room; below a curve that rises.
            let side = if x > 0.6 { "is-left" } else { "" };
            let level = if rivals.is_some() { "is-low" } else { "" };
            let side = format!("best-word {side} {level}");
            view! {
                <span class="best-line" style:left=percent(x)></span>
                <span class="best-dot" style:left=percent(x) style:bottom=percent(y)></span>
                <span class=side style:left=percent(x)>{format!("best: epoch {epoch}")}</span>
            }
        })
    };
    let lines = move || {
        let y = y.read();
        rivals.map(|rivals| {
            rivals
                .get()
                .into_iter()
                .map(|(id, share)| {
                    let name = match id.as_str() {
                        "majority" => "most frequent label",
                        _ => "frozen model",
                    };
                    if share < y.low {
                        let below = format!("{name}: {} ↓", words::percent(share));
                        return view! { <span class="rival-below">{below}</span> }.into_any();
                    }
                    view! {
                        <span class="rival-line" style:bottom=percent(y.place(share))>
                            <span class="rival-word">{name}</span>
                        </span>
                    }
                    .into_any()
                })
                .map(IntoAny::into_any)
                .collect_view()
        })
    };
    view! {
        <div class="plot" role="img" aria-label=summary>
            <div class="plot-y" aria-hidden="true">{y_ticks}</div>
            <div class="plot-area" aria-hidden="true">
                {grid}
                {lines}
                <svg viewBox="0 0 1000 1000" preserveAspectRatio="none">
                    <path class="curve-train" d=now(move || train.get())></path>
                    <path class="curve-valid" d=curve></path>
                </svg>
                {dots}
                {flag}
            </div>
            <div class="plot-x" aria-hidden="true">{x_ticks}</div>
        </div>
    }
    .into_any()
}
