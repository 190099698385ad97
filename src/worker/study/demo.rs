//! A demo that somebody opened by a link. Nothing is fetched or run before they ask for it, and
//! nothing of theirs is touched: once it was started, a demo is a run without rows that is kept nowhere,
//! and that a run on a table of theirs can go on from.

use std::rc::Rc;

use super::explain::{Reasons, Row};
use super::next_round;
use super::{Scene, bundle};
use crate::domain::base_model::BaseModel;
use crate::domain::recipe::Recipe;
use crate::domain::report::{Input, MetricValue, Prediction};
use crate::domain::share::{self, BUNDLE, Demo};
use crate::engine::export::Facts;
use crate::engine::run::{Base, Tuned};
use crate::engine::share::{base_of, open};
use crate::protocol::{Event, Failure, FailureKind, Knobs, RequestId, RunAnswer, RunId};
use crate::view::demo::{answer, at_work, cover, reason};
use crate::view::markup::Markup;
use crate::view::opened::Tuning;
use crate::worker::keeper::no_scores;
use crate::worker::opened::{NO_TABLE, key_of};
use crate::worker::run::{FromFile, Made, Model, Run};
use crate::worker::session::Session;

/// The demo that was opened last.
pub(in crate::worker) struct OpenDemo {
    link: String,
    demo: Demo,
    known: &'static BaseModel,
    /// The model, once it was started.
    ready: Option<Rc<Run>>,
}

/// The views of a demo; `None` when the view is another one.
pub(super) async fn view(
    session: &Session,
    (run, request): (RunId, RequestId),
    view: &str,
    knobs: &Knobs,
) -> Option<Result<RunAnswer, Failure>> {
    if view == "demo"
        && is_framed(knobs)
        && knobs
            .get("link")
            .is_some_and(|link| link.starts_with(BUNDLE))
    {
        return Some(Err(Failure {
            kind: FailureKind::Input,
            what: "This link leads to a file, which is not opened inside another page.".to_owned(),
            fix: "Open it in a page of its own.".to_owned(),
        }));
    }
    if view == "demo"
        && let Some(drawn) = bundle::draw(session, (run, request), knobs).await
    {
        return Some(drawn);
    }
    let drawn = match view {
        "demo" => draw(session, (run, request), knobs).await,
        "demo_answer" => answered(session, (run, request), knobs).await,
        _ => return None,
    };
    Some(drawn.map(|markup| RunAnswer::View {
        markup: markup.into_string(),
    }))
}

/// Whether the page stands inside another one, where nothing but the demo is shown.
fn is_framed(knobs: &Knobs) -> bool {
    knobs.contains_key("framed")
}

async fn draw(
    session: &Session,
    (run, request): (RunId, RequestId),
    knobs: &Knobs,
) -> Result<Markup, Failure> {
    let opened = read(session, knobs)?;
    let (demo, known) = (&opened.demo, opened.known);
    if !knobs.contains_key("start") {
        let bytes = known.weights.bytes + known.tokenizer.bytes;
        let is_here = opened.ready.is_some();
        return Ok(cover(demo, bytes, is_here));
    }
    let ready = match &opened.ready {
        Some(ready) => Rc::clone(ready),
        None => start(session, (run, request), &opened).await?,
    };
    let example = knobs.get("example").and_then(|at| at.parse::<usize>().ok());
    let cells = demo.examples.get(example.unwrap_or(0)).cloned();
    let cells = cells.unwrap_or_else(|| vec![String::new(); demo.text.len()]);
    let scene = Scene::new(session, run, &ready, request, knobs);
    let answer = if cells.iter().all(|cell| cell.trim().is_empty()) {
        None
    } else {
        Some(predict(&scene, demo, &cells).await?)
    };
    let start = next_round::start(&scene);
    let tuning = (!is_framed(knobs)).then_some(Tuning {
        start: &start,
        base: None,
        table: None,
    });
    Ok(at_work(demo, &cells, answer, tuning.as_ref()))
}

/// Makes a run of a demo, and remembers it.
async fn start(
    session: &Session,
    (run, request): (RunId, RequestId),
    opened: &OpenDemo,
) -> Result<Rc<Run>, Failure> {
    let OpenDemo { demo, known, .. } = opened;
    let base = session
        .base(known, |received, total| {
            session.sender.send(&Event::Working {
                request,
                what: "Fetching the base model".to_owned(),
                share: Some(received as f32 / total.max(1) as f32),
            });
        })
        .await?;
    let (tuned, recipe) = open(demo, &base).map_err(|why| Failure {
        kind: FailureKind::Input,
        what: format!("This link cannot be opened: {why}."),
        fix: "Ask whoever made it for another one.".to_owned(),
    })?;
    let ready = Rc::new(as_run(opened, base, tuned, recipe));
    session.runs.borrow_mut().insert(run, Rc::clone(&ready));
    *session.demo.borrow_mut() = Some(Rc::new(OpenDemo {
        link: opened.link.clone(),
        demo: demo.clone(),
        known,
        ready: Some(Rc::clone(&ready)),
    }));
    Ok(ready)
}

/// A demo as a run without rows.
fn as_run(opened: &OpenDemo, base: Rc<Base>, tuned: Tuned, recipe: Recipe) -> Run {
    let demo = &opened.demo;
    let accuracy = demo.accuracy.map(|(share, _)| MetricValue {
        id: "accuracy".to_owned(),
        name: "Accuracy".to_owned(),
        value: share.into(),
    });
    let facts = Facts {
        parts: [0, 0, demo.accuracy.map_or(0, |(_, rows)| rows)],
        metrics: accuracy.into_iter().collect(),
        inputs: Input::texts(&demo.text),
        ..Facts::default()
    };
    let made = Made {
        report: facts.report(&recipe.task, &demo.labels),
        model: Model::Text(tuned),
        base: Some(base),
        fitted: demo.fitted.clone(),
        scores: no_scores(),
    };
    let key = key_of(opened.link.as_bytes());
    let mut run = Run::new(made, recipe, key, NO_TABLE, None);
    run.from_file = Some(FromFile {
        name: format!("the demo \"{}\"", demo.title),
        facts,
        card: String::new(),
    });
    run
}

async fn answered(
    session: &Session,
    (run, request): (RunId, RequestId),
    knobs: &Knobs,
) -> Result<Markup, Failure> {
    let opened = read(session, knobs)?;
    let cells: Vec<String> = (0..opened.demo.text.len())
        .map(|at| knobs.get(&format!("text{at}")).cloned().unwrap_or_default())
        .collect();
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        return Ok(Markup::default());
    }
    match &opened.ready {
        Some(ready) => {
            let scene = Scene::new(session, run, ready, request, knobs);
            predict(&scene, &opened.demo, &cells).await
        }
        None => Ok(Markup::default()),
    }
}

/// What the model says of a cell for each text column, and which words count most for that.
async fn predict(scene: &Scene<'_>, demo: &Demo, cells: &[String]) -> Result<Markup, Failure> {
    let row: Row = demo
        .text
        .iter()
        .cloned()
        .zip(cells.iter().cloned())
        .collect();
    let RunAnswer::Predicted { prediction, .. } = scene.run.predict(row.clone()).await? else {
        return Ok(Markup::default());
    };
    let Prediction::Labels(shares) = &prediction else {
        return Ok(Markup::default());
    };
    let reasons = Reasons::of(scene).await?;
    let said = std::slice::from_ref(&prediction);
    let why = reasons.cells(&[row], said, [0.0, 1.0]).await?;
    Ok(answer(&demo.labels, shares).then(reason(&why.concat())))
}

/// The demo of the link among the knobs; the last one is remembered.
fn read(session: &Session, knobs: &Knobs) -> Result<Rc<OpenDemo>, Failure> {
    let link = knobs.get("link").map_or("", String::as_str);
    if let Some(opened) = &*session.demo.borrow()
        && opened.link == link
    {
        return Ok(Rc::clone(opened));
    }
    let refused = |why: &dyn std::fmt::Display| Failure {
        kind: FailureKind::Input,
        what: format!("This link cannot be opened: {why}."),
        fix: "Ask whoever made it for the whole link.".to_owned(),
    };
    let demo = share::read(link).map_err(|why| refused(&why))?;
    let known = base_of(&demo).map_err(|why| refused(&why))?;
    let opened = Rc::new(OpenDemo {
        link: link.to_owned(),
        demo,
        known,
        ready: None,
    });
    *session.demo.borrow_mut() = Some(Rc::clone(&opened));
    Ok(opened)
}
