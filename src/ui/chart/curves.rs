//! Loss and accuracy over a run, while it is under way and after.

use leptos::prelude::*;

use crate::domain::report::{EpochReport, rivals};
use crate::ui::lean::{Memo, live, memo, now};
use crate::ui::scale::{Axis, path};
use crate::ui::state::{Field, RunView, RunViewStoreFields};
use crate::ui::tag::{block, tag, words as text};
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
pub fn loss_chart(run: Field<RunView>) -> AnyView {
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
    let valid = |epoch: &EpochReport| f64::from(epoch.valid_loss);
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
    let plot = plot(x, y, run, valid, train, summary, None);
    figure("chart-loss", "Loss", last_train, last_valid, plot)
}

/// Accuracy on the validation rows, with the baselines to beat.
pub fn accuracy_chart(run: Field<RunView>) -> AnyView {
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
    let valid = |epoch: &EpochReport| f64::from(epoch.valid_accuracy);
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
    let title = words::table::share_name(&run.recipe().read_untracked().task);
    let summary = move || {
        format!(
            "{title}. Training {}, validation {}.",
            last_train(),
            last_valid()
        )
    };
    let plot = plot(x, y, run, valid, train, summary, Some(rivals));
    figure("chart-accuracy", title, last_train, last_valid, plot)
}

fn figure(
    id: &'static str,
    title: &'static str,
    last_train: impl FnMut() -> String + Send + 'static,
    last_valid: impl FnMut() -> String + Send + 'static,
    plot: AnyView,
) -> AnyView {
    let train = tag("b", "").text_now(last_train).view();
    let valid = tag("b", "").text_now(last_valid).view();
    let caption = tag("figcaption", "")
        .child(text("live-title", title))
        .child(
            tag("span", "legend legend-train")
                .text("training ")
                .child(train)
                .view(),
        )
        .child(
            tag("span", "legend legend-valid")
                .text("validation ")
                .child(valid)
                .view(),
        );
    tag("figure", "live-chart")
        .id(id)
        .child(caption.view())
        .child(plot)
        .view()
}

fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

fn plot(
    x: Memo<Axis>,
    y: Memo<Axis>,
    run: Field<RunView>,
    valid: fn(&EpochReport) -> f64,
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
    let curve = move || path(points.read().iter().copied());
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
    let y_ticks = live(move || {
        let y = y.read();
        let tick = |&tick: &f64| {
            tag("span", "tick-y")
                .style("bottom", percent(y.place(tick)))
                .text(y.label(tick))
                .view()
        };
        y.ticks.iter().map(tick).collect::<Vec<_>>()
    });
    let grid = live(move || {
        let y = y.read();
        let line = |&tick: &f64| {
            tag("span", "grid-line")
                .style("bottom", percent(y.place(tick)))
                .view()
        };
        y.ticks.iter().map(line).collect::<Vec<_>>()
    });
    let x_ticks = live(move || {
        let x = x.read();
        let tick = |&tick: &f64| {
            tag("span", "tick-x")
                .style("left", percent(x.place(tick)))
                .text(words::count(tick as u64))
                .view()
        };
        x.ticks.iter().map(tick).collect::<Vec<_>>()
    });
    let dots = live(move || {
        let points = points.read();
        // A crowd of dots hides the curve.
        let is_crowd = points.len() > 24;
        let shown = points.iter().filter(|_| !is_crowd);
        shown.map(|&(x, y)| dot("dot", x, y)).collect::<Vec<_>>()
    });
    let flag = live(move || {
        let marked = *marked.read();
        let flag = marked.map(|(x, y, epoch)| {
            // Beside the line, on the side that has room; below a curve that rises.
            let side = if x > 0.6 { "is-left" } else { "" };
            let level = if rivals.is_some() { "is-low" } else { "" };
            let word = tag("span", "")
                .attr("class", format!("best-word {side} {level}"))
                .style("left", percent(x))
                .text(format!("best: epoch {epoch}"));
            let line = tag("span", "best-line").style("left", percent(x));
            [line.view(), dot("best-dot", x, y), word.view()]
        });
        flag.into_iter().flatten().collect::<Vec<_>>()
    });
    let lines = live(move || {
        let y = y.read();
        let rivals = rivals.map(|rivals| rivals.read());
        let rivals = rivals.iter().flat_map(|rivals| rivals.iter());
        rivals
            .map(|(id, share)| rival(id, *share, &y))
            .collect::<Vec<_>>()
    });
    let drawing = view! {
        <svg viewBox="0 0 1000 1000" preserveAspectRatio="none">
            <path class="curve-train" d=now(move || train.get())></path>
            <path class="curve-valid" d=now(curve)></path>
        </svg>
    };
    let hidden = |class: &'static str| block(class).attr("aria-hidden", "true");
    block("live-plot")
        .attr("role", "img")
        .attr_now("aria-label", summary)
        .child(hidden("plot-y").child(y_ticks).view())
        .child(
            hidden("plot-area")
                .child(grid)
                .child(lines)
                .child(drawing.into_any())
                .child(dots)
                .child(flag)
                .view(),
        )
        .child(hidden("plot-x").child(x_ticks).view())
        .view()
}

fn dot(class: &'static str, x: f64, y: f64) -> AnyView {
    tag("span", class)
        .style("left", percent(x))
        .style("bottom", percent(y))
        .view()
}

/// A baseline to beat, or that it is below what the chart shows.
fn rival(id: &str, share: f64, y: &Axis) -> AnyView {
    let name = match id {
        "majority" => "most frequent label",
        _ => "frozen model",
    };
    if share < y.low {
        let below = format!("{name}: {} ↓", words::percent(share));
        return text("rival-below", below);
    }
    tag("span", "rival-line")
        .style("bottom", percent(y.place(share)))
        .child(text("rival-word", name))
        .view()
}
