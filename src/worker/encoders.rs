//! Encoders that a person brought: read from their files, kept on the disk, built again when a run
//! needs them. A recipe names them by the SHA-256 of their files.

use std::rc::Rc;

use super::keeper::KeptEncoder;
use super::port::Attached;
use super::session::{Session, engine_failure};
use crate::domain::base_model;
use crate::domain::encoder::{self, EncoderConfig, EncoderFiles, Pooling};
use crate::engine::error::EngineError;
use crate::engine::run::Base;
use crate::protocol::{Attachment, BaseModelInfo, Event, Failure, FailureKind, RequestId};

/// Files of an encoder together: a browser tab holds them once as they are and once in f32.
const MOST_BYTES: u64 = 1 << 30;

impl Session {
    /// Takes in an encoder's files, and tells the page what it is.
    pub(super) async fn add_encoder(
        &self,
        request: RequestId,
        files: &[(String, Attachment)],
        attached: &[Attached],
    ) {
        let encoder = self.read_encoder(files, attached).await;
        self.sender.send(&Event::EncoderAdded { request, encoder });
    }

    /// Tells the page which encoders are kept.
    pub(super) async fn tell_encoders(&self) {
        let encoders = self.keeper.encoders().await;
        let encoders = encoders.iter().map(info).collect();
        self.sender.send(&Event::Encoders { encoders });
    }

    /// A base model by what a recipe calls it.
    pub(super) async fn base_by_id(
        &self,
        id: &str,
        progress: impl FnMut(u64, u64),
    ) -> Result<Rc<Base>, Failure> {
        if let Some(model) = base_model::find(id) {
            return self.base(model, progress).await;
        }
        if let Some(base) = self.own_bases.borrow().get(id) {
            return Ok(Rc::clone(base));
        }
        let gone = || Failure {
            kind: FailureKind::Model,
            what: "The encoder of this recipe is not on this device.".to_owned(),
            fix: "Choose its files again in the Tune step, or another base model.".to_owned(),
        };
        let kept = self.keeper.encoders().await;
        let kept = kept.iter().find(|kept| kept.id == id).ok_or_else(gone)?;
        let bytes = self.keeper.encoder_files(kept).await.ok_or_else(gone)?;
        let mut rest = bytes.as_slice();
        let mut files = Vec::new();
        for (path, length) in &kept.parts {
            let (file, after) = rest.split_at(*length as usize);
            files.push((path.as_str(), file));
            rest = after;
        }
        self.build(&files.into_iter().collect(), id).await
    }

    async fn read_encoder(
        &self,
        files: &[(String, Attachment)],
        attached: &[Attached],
    ) -> Result<BaseModelInfo, Failure> {
        let input = |what: String, fix: &str| Failure {
            kind: FailureKind::Input,
            what,
            fix: fix.to_owned(),
        };
        let found: Vec<(&str, &Attached)> = files
            .iter()
            .filter_map(|(path, at)| Some((path.as_str(), attached.get(usize::from(at.0))?)))
            .collect();
        let size: u64 = found.iter().map(|(_, file)| file.size()).sum();
        if size > MOST_BYTES {
            return Err(input(
                format!(
                    "These files take {} MB; a browser tab holds an encoder of up to {} MB.",
                    size >> 20,
                    MOST_BYTES >> 20
                ),
                "Choose a smaller encoder, or one in f16.",
            ));
        }
        let mut read = Vec::new();
        for (path, file) in found {
            let bytes = file.read(0, file.size()).await;
            let bytes = bytes.map_err(|what| input(what, "Choose the files again."))?;
            read.push((path, bytes));
        }
        let files: EncoderFiles<'_> = read
            .iter()
            .map(|(path, bytes)| (*path, bytes.as_slice()))
            .collect();
        let id = files.id();
        self.build(&files, &id).await?;
        let config = encoder::read(&files).expect("it was built from them");
        let parts = files.parts();
        let kept = KeptEncoder {
            name: named(read.iter().map(|(path, _)| *path), &config),
            about: about(&config),
            parts: parts
                .iter()
                .map(|(path, bytes)| ((*path).to_owned(), bytes.len() as u64))
                .collect(),
            id,
        };
        let told = info(&kept);
        // What cannot be kept works until the tab is closed.
        let joined = parts
            .into_iter()
            .map(|(_, bytes)| bytes)
            .collect::<Vec<_>>()
            .concat();
        let _ = self.keeper.keep_encoder(kept, &joined).await;
        Ok(told)
    }

    /// Builds an encoder and holds it for later runs.
    async fn build(&self, files: &EncoderFiles<'_>, id: &str) -> Result<Rc<Base>, Failure> {
        let base = Base::from_files(files, self.device()).map_err(|error| {
            let failure = engine_failure(&error);
            match error {
                EngineError::Weights(_) | EngineError::Tokenizer(_) => Failure {
                    kind: FailureKind::Input,
                    fix: "Choose the files of one and the same model, as they were published."
                        .to_owned(),
                    ..failure
                },
                _ => failure,
            }
        })?;
        let base = Rc::new(base);
        self.own_bases
            .borrow_mut()
            .insert(id.to_owned(), Rc::clone(&base));
        Ok(base)
    }
}

fn info(kept: &KeptEncoder) -> BaseModelInfo {
    BaseModelInfo {
        id: kept.id.clone(),
        name: kept.name.clone(),
        about: kept.about.clone(),
        licence: String::new(),
        // Nothing is fetched.
        bytes: 0,
    }
}

/// The folder's name, where the files are in one; else the architecture's.
fn named<'a>(mut paths: impl Iterator<Item = &'a str>, config: &EncoderConfig) -> String {
    let folder = paths.find_map(|path| {
        let folder = path.strip_suffix("/config.json")?;
        (!folder.is_empty() && !folder.contains('/')).then(|| folder.to_owned())
    });
    folder.unwrap_or_else(|| format!("Own {}", config.architecture.name))
}

fn about(config: &EncoderConfig) -> String {
    let pooling = match config.pooling {
        Pooling::Mean => "the mean of its tokens",
        Pooling::Cls => "its first token",
        Pooling::Max => "the largest values of its tokens",
    };
    let prefix = match config.prefix.as_str() {
        "" => String::new(),
        prefix => format!(", with \"{prefix}\" before it"),
    };
    format!(
        "{}, {} layers of width {}: a text is {pooling}{prefix}, up to {} tokens.",
        config.architecture.name,
        config.shape.num_hidden_layers,
        config.shape.hidden_size,
        config.max_tokens
    )
}
