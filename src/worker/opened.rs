//! A model that somebody opened from a file: a run without rows, to predict, to explain and to go on
//! from. It is kept nowhere, and nothing that is open or kept is touched.

use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::encoders::UnpackedEncoder;
use super::keeper::{RunKey, no_scores};
use super::port::Attached;
use super::run::{FromFile, Made, Model, Run};
use super::session::Session;
use crate::domain::encoder::OwnEncoder;
use crate::domain::words;
use crate::engine::export::{BurnishError, BurnishFile, MOST_FILE_BYTES, Restored, open_burnish};
use crate::engine::run::Base;
use crate::protocol::{Event, Failure, FailureKind, RequestId, RunId, TableId};

/// The table of a model from a file: none that could be open.
pub(super) const NO_TABLE: TableId = TableId(u32::MAX - 1);

/// What to do about a file that is none.
const AGAIN: &str = "Choose another file, or save this one again where it was made.";

/// Names a model by what it came in, so that the same one is the same again.
pub(super) fn key_of(bytes: &[u8]) -> RunKey {
    let hash = Sha256::digest(bytes);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    RunKey::of("", &hash)
}

fn refused(name: &str, why: &dyn std::fmt::Display, fix: &str) -> Failure {
    Failure {
        kind: FailureKind::Input,
        what: format!("\"{name}\" cannot be opened: {why}."),
        fix: fix.to_owned(),
    }
}

fn misread(name: &str, why: &BurnishError) -> Failure {
    let fix = match why {
        BurnishError::Newer(_) => "Reload this page, and open it again.",
        BurnishError::OtherBase(_) => "Open it on the page that it was made on.",
        BurnishError::Damaged(_) | BurnishError::TooLarge(_) => AGAIN,
    };
    refused(name, why, fix)
}

/// An encoder was too large to be in the file, and is not on this device.
fn without_encoder(name: &str, own: &OwnEncoder) -> Failure {
    let why = format!(
        "its encoder was too large to be inside ({}) and is not on this device: {}",
        words::bytes(own.bytes()),
        own.told()
    );
    let fix = "Open a table, choose these files under Base model in the Tune step, and open this file again.";
    refused(name, &why, fix)
}

impl Session {
    /// Opens a model's file as a run.
    ///
    /// # Errors
    /// When it is no such file, damaged, too new, or made on another base model.
    pub(super) async fn open_model(
        &self,
        run: RunId,
        request: RequestId,
        name: &str,
        file: Option<&Attached>,
    ) -> Result<Rc<Run>, Failure> {
        let file = file.ok_or_else(|| refused(name, &"no file came with it", AGAIN))?;
        if file.size() > MOST_FILE_BYTES {
            let why = format!(
                "it takes {}, and a model here takes up to {}",
                words::bytes(file.size()),
                words::bytes(MOST_FILE_BYTES)
            );
            return Err(refused(name, &why, AGAIN));
        }
        let bytes = file.read(0, file.size()).await.map_err(|what| Failure {
            kind: FailureKind::Input,
            what,
            fix: "Choose the file again.".to_owned(),
        })?;
        self.open_bytes(run, request, name, &bytes).await
    }

    /// The same of a file's bytes.
    ///
    /// # Errors
    /// As [`Session::open_model`].
    pub(super) async fn open_bytes(
        &self,
        run: RunId,
        request: RequestId,
        name: &str,
        bytes: &[u8],
    ) -> Result<Rc<Run>, Failure> {
        let misread = |why: BurnishError| misread(name, &why);
        let opened = open_burnish(bytes).map_err(misread)?;
        let (base, unpacked) = match opened.recipe.text.is_empty() {
            true => (None, None),
            false => self.base_of(request, name, &opened, bytes).await?,
        };
        let model = match opened.restore(base.as_deref(), self.device()) {
            Ok(Restored::Text(tuned)) => Model::Text(tuned),
            Ok(Restored::Table(tuned)) => Model::Table(tuned),
            Err(why) => return Err(misread(why)),
        };
        if let Some(unpacked) = unpacked {
            self.take_in_encoder(unpacked).await;
        }
        if let Some(own) = &opened.encoder {
            self.tell_encoder(&own.id).await;
        }
        let key = key_of(bytes);
        let made = Made {
            model,
            base,
            report: opened.report(),
            fitted: opened.fitted,
            scores: no_scores(),
        };
        let mut known = Run::new(made, opened.recipe, key, NO_TABLE, None);
        known.from_file = Some(FromFile {
            name: name.to_owned(),
            facts: opened.facts,
            card: opened.card,
        });
        let known = Rc::new(known);
        self.runs.borrow_mut().insert(run, Rc::clone(&known));
        Ok(known)
    }

    /// What reads a model's texts: the base model that its file names, or the encoder that a person
    /// brought. That is on this device, or it comes out of the file.
    async fn base_of(
        &self,
        request: RequestId,
        name: &str,
        opened: &BurnishFile,
        bytes: &[u8],
    ) -> Result<(Option<Rc<Base>>, Option<UnpackedEncoder>), Failure> {
        let fetching = |received: u64, total: u64| {
            self.sender.send(&Event::Working {
                request,
                what: "Fetching the base model".to_owned(),
                share: Some(received as f32 / total.max(1) as f32),
            });
        };
        let here = self.base_by_id(&opened.recipe.base_model, fetching).await;
        let (Err(_), Some(own)) = (&here, &opened.encoder) else {
            return Ok((Some(here?), None));
        };
        let files = opened.encoder_files(bytes);
        let files = files.map_err(|why| misread(name, &why))?;
        let files = files.ok_or_else(|| without_encoder(name, own))?;
        let unpacked = self.unpack_encoder(own, files).map_err(|why| {
            let why = format!("the encoder in it cannot be used: {why}");
            refused(name, &why, AGAIN)
        })?;
        Ok((Some(Rc::clone(&unpacked.base)), Some(unpacked)))
    }
}
