//! A demo that somebody opened by a link. Nothing is fetched or run before they ask for it, and
//! nothing of theirs is touched: a demo is no run and is kept nowhere.

use std::rc::Rc;

use super::bundle;
use crate::domain::base_model::BaseModel;
use crate::domain::clean::prepare_row;
use crate::domain::examples::join_texts;
use crate::domain::share::{self, Demo};
use crate::engine::run::{Base, Tuned};
use crate::engine::share::{base_of, open};
use crate::protocol::{Event, Failure, FailureKind, Knobs, RequestId, RunAnswer, RunId};
use crate::view::demo::{answer, at_work, cover};
use crate::view::markup::Markup;
use crate::worker::session::{Session, engine_failure};

/// The demo that was opened last.
pub(in crate::worker) struct OpenDemo {
    link: String,
    demo: Demo,
    known: &'static BaseModel,
    ready: Option<(Rc<Base>, Tuned)>,
}

/// The views of a demo; `None` when the view is another one.
pub(super) async fn view(
    session: &Session,
    (run, request): (RunId, RequestId),
    view: &str,
    knobs: &Knobs,
) -> Option<Result<RunAnswer, Failure>> {
    if view == "demo"
        && let Some(drawn) = bundle::draw(session, (run, request), knobs).await
    {
        return Some(drawn);
    }
    let drawn = match view {
        "demo" => draw(session, request, knobs).await,
        "demo_answer" => answered(session, knobs).await,
        _ => return None,
    };
    Some(drawn.map(|markup| RunAnswer::View {
        markup: markup.into_string(),
    }))
}

async fn draw(session: &Session, request: RequestId, knobs: &Knobs) -> Result<Markup, Failure> {
    let opened = read(session, knobs)?;
    let (demo, known) = (&opened.demo, opened.known);
    if !knobs.contains_key("start") {
        let bytes = known.weights.bytes + known.tokenizer.bytes;
        let is_here = opened.ready.is_some();
        return Ok(cover(demo, bytes, is_here));
    }
    if opened.ready.is_none() {
        let base = session
            .base(known, |received, total| {
                session.sender.send(&Event::Working {
                    request,
                    what: "Fetching the base model".to_owned(),
                    share: Some(received as f32 / total.max(1) as f32),
                });
            })
            .await?;
        let (tuned, _) = open(demo, &base).map_err(|why| Failure {
            kind: FailureKind::Input,
            what: format!("This link cannot be opened: {why}."),
            fix: "Ask whoever made it for another one.".to_owned(),
        })?;
        *session.demo.borrow_mut() = Some(Rc::new(OpenDemo {
            link: opened.link.clone(),
            demo: demo.clone(),
            known,
            ready: Some((base, tuned)),
        }));
    }
    let example = knobs.get("example").and_then(|at| at.parse::<usize>().ok());
    let cells = demo.examples.get(example.unwrap_or(0)).cloned();
    let cells = cells.unwrap_or_else(|| vec![String::new(); demo.text.len()]);
    let opened = read(session, knobs)?;
    let answer = if cells.iter().all(|cell| cell.trim().is_empty()) {
        None
    } else {
        Some(predict(&opened, &cells).await?)
    };
    Ok(at_work(demo, &cells, answer))
}

async fn answered(session: &Session, knobs: &Knobs) -> Result<Markup, Failure> {
    let opened = read(session, knobs)?;
    let cells: Vec<String> = (0..opened.demo.text.len())
        .map(|at| knobs.get(&format!("text{at}")).cloned().unwrap_or_default())
        .collect();
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        return Ok(Markup::default());
    }
    predict(&opened, &cells).await
}

async fn predict(opened: &OpenDemo, cells: &[String]) -> Result<Markup, Failure> {
    let Some((base, tuned)) = &opened.ready else {
        return Ok(Markup::default());
    };
    let demo = &opened.demo;
    let mut row: Vec<(String, String)> = demo
        .text
        .iter()
        .cloned()
        .zip(cells.iter().cloned())
        .collect();
    let columns = row.len();
    prepare_row(&demo.fitted, &mut row);
    let text = join_texts(row.iter().take(columns).map(|(_, cell)| cell.as_str()));
    let (shares, _) = tuned
        .predict(base, &text)
        .await
        .map_err(|error| engine_failure(&error))?;
    Ok(answer(&tuned.labels, &shares))
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
