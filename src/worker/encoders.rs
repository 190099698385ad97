//! Encoders that a person brought: read from their files, kept on the disk, built again when a run
//! needs them. A recipe names them by the SHA-256 of their files.

use std::rc::Rc;

use super::port::Attached;
use super::session::{Session, engine_failure};
use crate::domain::base_model;
use crate::domain::encoder::{self, EncoderFiles, OwnEncoder};
use crate::engine::error::EngineError;
use crate::engine::run::Base;
use crate::protocol::{Attachment, BaseModelInfo, Event, Failure, FailureKind, RequestId};

/// Files of an encoder together: a browser tab holds them once as they are and once in f32.
const MOST_BYTES: u64 = 1 << 30;

/// An encoder out of a model's file, before anything of it is kept.
pub(super) struct UnpackedEncoder {
    pub base: Rc<Base>,
    own: OwnEncoder,
    /// Its files, one after the other.
    joined: Vec<u8>,
}

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
        let own = self.own_encoder(id).await.ok_or_else(gone)?;
        let bytes = self.own_files(&own).await.ok_or_else(gone)?;
        let files = own.files(&bytes).ok_or_else(gone)?;
        self.build(&files, id)
    }

    /// An encoder that a person brought, by what recipes call it; `None` when its files are not on this
    /// device.
    pub(super) async fn own_encoder(&self, id: &str) -> Option<OwnEncoder> {
        if let Some((own, _)) = self.unkept_encoders.borrow().get(id) {
            return Some(own.clone());
        }
        let kept = self.keeper.encoders().await;
        kept.into_iter().find(|own| own.id == id)
    }

    /// Its files, one after the other.
    pub(super) async fn own_files(&self, own: &OwnEncoder) -> Option<Vec<u8>> {
        if let Some((_, files)) = self.unkept_encoders.borrow().get(&own.id) {
            return Some(files.clone());
        }
        self.keeper.encoder_files(own).await
    }

    /// Builds an encoder that came in a model's file, of its own files one after the other.
    ///
    /// # Errors
    /// When they are no encoder.
    pub(super) fn unpack_encoder(
        &self,
        own: &OwnEncoder,
        joined: Vec<u8>,
    ) -> Result<UnpackedEncoder, EngineError> {
        let files = own.files(&joined).expect("they are as long as it says");
        let config = encoder::read(&files)?;
        let base = Rc::new(Base::from_files(&files, self.device())?);
        // Its name is a person's word; what it is, its files say.
        let own = OwnEncoder {
            name: own.name.clone(),
            ..OwnEncoder::of(own.id.clone(), &files, &config)
        };
        Ok(UnpackedEncoder { base, own, joined })
    }

    /// Takes in an encoder from a model's file as if it had been brought: a run that goes on from the
    /// model is on it, and has to be there after a reload.
    pub(super) async fn take_in_encoder(&self, unpacked: UnpackedEncoder) {
        let UnpackedEncoder { base, own, joined } = unpacked;
        self.own_bases.borrow_mut().insert(own.id.clone(), base);
        self.keep_encoder(own, joined).await;
    }

    /// Tells the page that recipes can name an encoder.
    pub(super) async fn tell_encoder(&self, id: &str) {
        if let Some(own) = self.own_encoder(id).await {
            let encoders = vec![info(&own)];
            self.sender.send(&Event::Encoders { encoders });
        }
    }

    /// Keeps an encoder on the disk; where that does not take it, until the tab is closed.
    async fn keep_encoder(&self, own: OwnEncoder, joined: Vec<u8>) {
        if self.keeper.keep_encoder(&own, &joined).await.is_err() {
            let mut unkept = self.unkept_encoders.borrow_mut();
            unkept.insert(own.id.clone(), (own, joined));
        }
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
        self.build(&files, &id)?;
        let config = encoder::read(&files).expect("it was built from them");
        let own = OwnEncoder::of(id, &files, &config);
        let told = info(&own);
        let parts = files.parts().into_iter();
        let joined = parts.map(|(_, bytes)| bytes).collect::<Vec<_>>().concat();
        self.keep_encoder(own, joined).await;
        Ok(told)
    }

    /// Builds an encoder and holds it for later runs.
    fn build(&self, files: &EncoderFiles<'_>, id: &str) -> Result<Rc<Base>, Failure> {
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

fn info(own: &OwnEncoder) -> BaseModelInfo {
    BaseModelInfo {
        id: own.id.clone(),
        name: own.name.clone(),
        about: own.about.clone(),
        licence: String::new(),
        // Nothing is fetched.
        bytes: 0,
    }
}
