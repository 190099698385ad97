//! A model's file that a link leads to. Nothing is fetched before a person asks for it.

use sha2::{Digest, Sha256};

use super::Scene;
use super::opened::page;
use crate::domain::share::{BUNDLE, Bundle};
use crate::engine::export::MOST_FILE_BYTES;
use crate::protocol::{Event, Failure, FailureKind, Knobs, RequestId, RunAnswer, RunId};
use crate::view::bundle::cover;
use crate::worker::session::{Session, asset_failure};

/// The page of such a link; `None` when the link is another one.
pub(super) async fn draw(
    session: &Session,
    (run, request): (RunId, RequestId),
    knobs: &Knobs,
) -> Option<Result<RunAnswer, Failure>> {
    let link = knobs.get("link").filter(|link| link.starts_with(BUNDLE))?;
    Some(follow(session, (run, request), link, knobs).await)
}

async fn follow(
    session: &Session,
    (run, request): (RunId, RequestId),
    link: &str,
    knobs: &Knobs,
) -> Result<RunAnswer, Failure> {
    let refused = |why: &dyn std::fmt::Display, fix: &str| Failure {
        kind: FailureKind::Input,
        what: format!("This link cannot be followed: {why}."),
        fix: fix.to_owned(),
    };
    let bundle = Bundle::read(link).map_err(|why| {
        let fix = "Ask whoever made it for the whole link, or for the file itself: dropped on this page, it opens.";
        refused(&why, fix)
    })?;
    if !knobs.contains_key("start") {
        return Ok(RunAnswer::View {
            markup: cover(&bundle).into_string(),
        });
    }
    let fetching = |received: u64, total: u64| {
        session.sender.send(&Event::Working {
            request,
            what: "Fetching the model".to_owned(),
            share: Some(received as f32 / total.max(1) as f32),
        });
    };
    let bytes = session
        .assets
        .fetch_up_to(&bundle.address(), MOST_FILE_BYTES, fetching)
        .await
        .map_err(|error| Failure {
            kind: FailureKind::Input,
            fix: "Ask whoever made the link whether the file is still there.".to_owned(),
            ..asset_failure(&error)
        })?;
    let hash = Sha256::digest(&bytes);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    if hash != bundle.sha256 {
        return Err(refused(
            &"the file there is not the one that it was made for",
            "Ask whoever made it for another one.",
        ));
    }
    let name = bundle.name();
    let known = session.open_bytes(run, request, name, &bytes).await?;
    let scene = Scene::new(session, run, &known, request, knobs);
    page(&scene, None).await
}
