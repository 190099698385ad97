//! A model in a link: all that a demo needs, in the part of an address that browsers never send.
//!
//! A link is `#b1.` and, in URL-safe base64, eight bytes of a SHA-256 and the deflated body that they
//! are of. The body is read by `body`, which trusts nothing: every count is checked before anything
//! of its size is allocated. A link of form 1 opens for ever; `tests/fixtures/share` holds some.

mod body;
mod bundle;
mod bytes;
mod packed;
mod reduce;
#[cfg(test)]
mod tests;

pub use bundle::{BUNDLE, Bundle, BundleError};
pub use packed::{Bits, Packed};
pub use reduce::reduced;

use std::io::{Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};

use super::clean::Fitted;
use super::recipe::Projection;

/// The form that is written.
const FORM: u32 = 1;

/// Longer links are not read: browsers and messengers cut them.
pub const LONGEST_LINK: usize = 32 * 1024;

/// Up to this length a link is offered as one for everywhere; above it for desktop browsers, as
/// messengers and mail programs cut long addresses.
pub const EVERYWHERE: usize = 8 * 1024;

/// A body that inflates to more is refused as soon as it does.
const LARGEST_BODY: u64 = 1 << 20;

/// Bytes of the checksum: links are cut and mistyped, not forged, as anybody can make one.
const CHECKSUM_BYTES: usize = 8;

/// What a link carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Demo {
    /// What it is called.
    pub title: String,
    /// What it does, in its maker's words.
    pub about: String,
    /// By whom, in their own words.
    pub by: String,
    /// SHA-256 of the base model's weights.
    pub base: [u8; 32],
    /// Name of the predicted column.
    pub target: String,
    /// Names of the text columns.
    pub text: Vec<String>,
    /// Texts are cut after so many tokens.
    pub max_tokens: u32,
    /// How cells are prepared.
    pub fitted: Vec<Fitted>,
    /// The labels, by index.
    pub labels: Vec<String>,
    /// Share of the test rows that the whole model gets right, and how many rows there are.
    pub accuracy: Option<(f32, u32)>,
    /// The head's matrix: one row a label, as wide as the encoder's vectors.
    pub weight: Packed,
    /// The head's bias, one a label.
    pub bias: Vec<f32>,
    /// The low-rank updates.
    pub lora: Option<Lora>,
    /// Texts to try, only those that the maker chose: one cell a text column.
    pub examples: Vec<Vec<String>>,
}

/// Low-rank updates beside the projections of every layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Lora {
    /// The product of each pair counts so much.
    pub scale: f32,
    /// The adapted projections, in ascending order, the same in every layer.
    pub targets: Vec<Projection>,
    /// For each layer and each target: `[rank, d_input]` and `[rank, d_output]`.
    pub pairs: Vec<[Packed; 2]>,
}

/// Why a link cannot be read or written.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum LinkError {
    /// Not one of ours.
    #[error("this address carries no model")]
    NoLink,
    /// A form that is not known here.
    #[error("a newer version of Burnish made this link (form {0}); this one reads form {own}", own = FORM)]
    Form(String),
    /// Too long.
    #[error("this link has {0} characters; {most} are the most that a link may have", most = LONGEST_LINK)]
    TooLong(usize),
    /// Cut, mistyped or never whole.
    #[error("this link is damaged: {0}")]
    Damaged(&'static str),
    /// It says something that no demo says.
    #[error("this link holds something that is not opened here: {0}")]
    Refused(String),
}

impl Demo {
    /// The link, from its `#` on.
    ///
    /// # Errors
    /// When the demo is none that [`read`] would open.
    pub fn link(&self) -> Result<String, LinkError> {
        body::check(self).map_err(LinkError::Refused)?;
        let link = wrapped(&body::write(self));
        if link.len() > LONGEST_LINK {
            return Err(LinkError::TooLong(link.len()));
        }
        Ok(link)
    }
}

/// A body as a link.
fn wrapped(body: &[u8]) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(body).and_then(|()| encoder.finish());
    let packed = packed.expect("writing to memory does not fail");
    let mut bytes = checksum(&packed).to_vec();
    bytes.extend(packed);
    format!("#b{FORM}.{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether an address's fragment looks like one of ours, of whatever form.
pub fn is_link(fragment: &str) -> bool {
    form_of(fragment).is_some()
}

/// Reads a link, from its `#` on.
///
/// # Errors
/// When it is none, damaged, of an unknown form, or holds what no demo holds.
pub fn read(link: &str) -> Result<Demo, LinkError> {
    let (form, rest) = form_of(link).ok_or(LinkError::NoLink)?;
    if form.parse() != Ok(FORM) {
        return Err(LinkError::Form(form.chars().take(8).collect()));
    }
    if link.len() > LONGEST_LINK {
        return Err(LinkError::TooLong(link.len()));
    }
    let bytes = URL_SAFE_NO_PAD.decode(rest).map_err(|_| {
        LinkError::Damaged("it holds characters that do not belong there, or its end is missing")
    })?;
    let (sum, packed) = bytes
        .split_first_chunk::<CHECKSUM_BYTES>()
        .ok_or(LinkError::Damaged("its end is missing"))?;
    if checksum(packed) != *sum {
        return Err(LinkError::Damaged("its checksum does not fit"));
    }
    let mut body = Vec::new();
    DeflateDecoder::new(packed)
        .take(LARGEST_BODY + 1)
        .read_to_end(&mut body)
        .map_err(|_| LinkError::Damaged("it cannot be unpacked"))?;
    if body.len() as u64 > LARGEST_BODY {
        return Err(LinkError::Refused(
            "it unpacks to more than a megabyte".to_owned(),
        ));
    }
    let demo = body::read(&body).map_err(LinkError::Damaged)?;
    body::check(&demo).map_err(LinkError::Refused)?;
    Ok(demo)
}

/// The digits after `#b`, and what follows the dot.
fn form_of(link: &str) -> Option<(&str, &str)> {
    let (form, rest) = link.strip_prefix("#b")?.split_once('.')?;
    (!form.is_empty() && form.bytes().all(|b| b.is_ascii_digit())).then_some((form, rest))
}

fn checksum(packed: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let sum = Sha256::digest(packed);
    std::array::from_fn(|at| sum[at])
}
