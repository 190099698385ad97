//! Packed bytes become plain ones, piece by piece.
//!
//! A small archive can hold more than any machine has (a "zip bomb"). What comes out is read as
//! it comes, so memory is safe; a bound on how much more comes out than goes in saves the hours.

use std::io::Write;

use flate2::write::{DeflateDecoder, MultiGzDecoder};

use super::refusal::ReadRefusal;

/// Bytes that are unpacked at once: deflate makes at most 1,032 of one (Deutsch 1996, RFC 1951),
/// so at most 17 MB come of them.
const PIECE_BYTES: usize = 16 * 1024;

/// An archive that makes more than so many bytes of one is refused once it has made
/// [`MOST_BEFORE_RATIO`]. Exports make 5 to 50; only files made to harm make hundreds in the long
/// run.
const MOST_RATIO: u64 = 300;
const MOST_BEFORE_RATIO: u64 = 1 << 30;

/// Bytes that gzip files begin with (Deutsch 1996, RFC 1952).
pub(super) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How bytes are packed.
enum Packing {
    None,
    Gzip(MultiGzDecoder<Vec<u8>>),
    Deflate(DeflateDecoder<Vec<u8>>),
}

/// Unpacks bytes that arrive in chunks.
pub(super) struct Unpacker {
    packing: Packing,
    taken: u64,
    made: u64,
    /// The ratio counts once so many bytes were made.
    most_before_ratio: u64,
    /// Why unpacking ended before the bytes did.
    damage: Option<String>,
}

impl std::fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacker")
            .field("taken", &self.taken)
            .field("made", &self.made)
            .finish_non_exhaustive()
    }
}

impl Unpacker {
    fn new(packing: Packing) -> Self {
        Self {
            packing,
            taken: 0,
            made: 0,
            most_before_ratio: MOST_BEFORE_RATIO,
            damage: None,
        }
    }

    /// Bytes that are not packed.
    pub(super) fn none() -> Self {
        Self::new(Packing::None)
    }

    /// One or more gzip members.
    pub(super) fn gzip() -> Self {
        Self::new(Packing::Gzip(MultiGzDecoder::new(Vec::new())))
    }

    /// A raw deflate stream.
    pub(super) fn deflate() -> Self {
        Self::new(Packing::Deflate(DeflateDecoder::new(Vec::new())))
    }

    /// Unpacks a chunk and passes on what comes of it, until `plain` says that it has enough.
    ///
    /// # Errors
    /// When more comes of the bytes than of any honest file.
    pub(super) fn feed(
        &mut self,
        chunk: &[u8],
        mut plain: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), ReadRefusal> {
        if self.damage.is_some() {
            return Ok(());
        }
        if matches!(self.packing, Packing::None) {
            plain(chunk);
            return Ok(());
        }
        for piece in chunk.chunks(PIECE_BYTES) {
            let written = match &mut self.packing {
                Packing::None => Ok(()),
                Packing::Gzip(decoder) => decoder.write_all(piece),
                Packing::Deflate(decoder) => decoder.write_all(piece),
            };
            if !self.pass_on(piece.len(), written, &mut plain)? {
                break;
            }
        }
        Ok(())
    }

    /// Ends the bytes.
    ///
    /// # Errors
    /// As [`Unpacker::feed`].
    pub(super) fn finish(
        &mut self,
        mut plain: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), ReadRefusal> {
        let ended = match &mut self.packing {
            Packing::None => return Ok(()),
            Packing::Gzip(decoder) => decoder.try_finish(),
            Packing::Deflate(decoder) => decoder.try_finish(),
        };
        self.pass_on(0, ended, &mut plain).map(drop)
    }

    /// Why not all could be unpacked, if so.
    pub(super) fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// Whether it goes on.
    fn pass_on(
        &mut self,
        taken: usize,
        written: std::io::Result<()>,
        plain: &mut impl FnMut(&[u8]) -> bool,
    ) -> Result<bool, ReadRefusal> {
        let made = match &mut self.packing {
            Packing::None => return Ok(true),
            Packing::Gzip(decoder) => decoder.get_mut(),
            Packing::Deflate(decoder) => decoder.get_mut(),
        };
        self.taken += taken as u64;
        self.made += made.len() as u64;
        let goes_on = made.is_empty() || plain(made);
        made.clear();
        // After the end of a deflate stream its writer takes nothing more.
        if let Err(error) = written
            && error.kind() != std::io::ErrorKind::WriteZero
        {
            self.damage.get_or_insert_with(|| error.to_string());
            return Ok(false);
        }
        if self.made > self.most_before_ratio && self.made / self.taken.max(1) > MOST_RATIO {
            return Err(ReadRefusal::Bomb);
        }
        Ok(goes_on)
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder};

    use super::*;

    pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpack(mut unpacker: Unpacker, packed: &[u8], length: usize) -> (Vec<u8>, Option<String>) {
        let mut plain = Vec::new();
        for chunk in packed.chunks(length) {
            let keep = |bytes: &[u8]| {
                plain.extend(bytes);
                true
            };
            unpacker.feed(chunk, keep).unwrap();
        }
        let keep = |bytes: &[u8]| {
            plain.extend(bytes);
            true
        };
        unpacker.finish(keep).unwrap();
        (plain, unpacker.damage)
    }

    #[test]
    fn chunks_of_every_length_come_to_the_same() {
        let text: Vec<u8> = (0..5000_u32)
            .flat_map(|n| format!("{n},row\n").into_bytes())
            .collect();
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
        deflate.write_all(&text).unwrap();
        let deflated = deflate.finish().unwrap();
        let two = [gzip(&text[..100]), gzip(&text[100..])].concat();
        for length in [1, 7, 1000, 1 << 20] {
            assert_eq!(
                unpack(Unpacker::none(), &text, length),
                (text.clone(), None)
            );
            assert_eq!(
                unpack(Unpacker::gzip(), &gzip(&text), length),
                (text.clone(), None)
            );
            assert_eq!(unpack(Unpacker::gzip(), &two, length), (text.clone(), None));
            assert_eq!(
                unpack(Unpacker::deflate(), &deflated, length),
                (text.clone(), None)
            );
        }
    }

    #[test]
    fn damage_keeps_what_came_before() {
        let text = "a,b\n1,2\n".repeat(100_000).into_bytes();
        let packed = gzip(&text);
        let (plain, damage) = unpack(Unpacker::gzip(), &packed[..packed.len() / 2], 1000);
        assert!(damage.is_some() && !plain.is_empty() && text.starts_with(&plain));

        let mut wrong_sum = packed.clone();
        let at = packed.len() - 6;
        wrong_sum[at] ^= 1;
        let (plain, damage) = unpack(Unpacker::gzip(), &wrong_sum, 1000);
        assert!(damage.is_some() && plain == text);
    }

    #[test]
    fn a_bomb_is_refused() {
        let member = gzip(&vec![b'0'; 8 << 20]);
        let mut unpacker = Unpacker::gzip();
        unpacker.most_before_ratio = 32 << 20;
        let mut made = 0;
        let refused = (0..100).find_map(|_| {
            let count = |bytes: &[u8]| {
                made += bytes.len();
                true
            };
            unpacker.feed(&member, count).err()
        });
        assert_eq!(refused, Some(ReadRefusal::Bomb));
        assert!(made < 64 << 20, "{made}");
    }
}
