//! A currency or a unit as a value that is copied with its format.

use serde::{Deserialize, Serialize};

/// So many bytes of a currency or unit are kept.
const AFFIX_BYTES: usize = 23;

/// A short text that is copied with the format: a currency or a unit.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Affix {
    length: u8,
    bytes: [u8; AFFIX_BYTES],
}

impl Affix {
    /// Nothing.
    pub const NONE: Self = Self {
        length: 0,
        bytes: [0; AFFIX_BYTES],
    };

    /// Of a text; a longer one than fits is none at all.
    pub fn new(text: &str) -> Self {
        let mut affix = Self::default();
        if text.len() <= AFFIX_BYTES {
            affix.bytes[..text.len()].copy_from_slice(text.as_bytes());
            affix.length = text.len() as u8;
        }
        affix
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or("")
    }
}

impl std::fmt::Debug for Affix {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_str().fmt(formatter)
    }
}

impl TryFrom<String> for Affix {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.len() > AFFIX_BYTES {
            return Err(format!(
                "\"{text}\" is longer than a unit can be ({AFFIX_BYTES} bytes)."
            ));
        }
        Ok(Self::new(&text))
    }
}

impl From<Affix> for String {
    fn from(affix: Affix) -> Self {
        affix.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out_or_refused() {
        assert_eq!(Affix::new("kg").as_str(), "kg");
        assert_eq!(Affix::new(&"x".repeat(99)).as_str(), "");
        assert!(serde_json::from_str::<Affix>(&format!("{:?}", "x".repeat(99))).is_err());
        assert_eq!(serde_json::to_string(&Affix::new("€")).unwrap(), "\"€\"");
    }
}
