//! A link to a model's file that lies beside the page, for models that are too large for a link.
//!
//! It is `#bundle=`, the file's place as an address has it, `&sha256=` and the hash of its bytes. The
//! page may fetch from its own host alone, and so the place is relative to the page: where its maker
//! hosts both, the link works; elsewhere it is refused before anything is fetched.

/// How such links begin.
pub const BUNDLE: &str = "#bundle=";

/// Between the place and the hash.
const HASH: &str = "&sha256=";

/// Longer links are not read.
const LONGEST: usize = 2048;

/// A link to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Where the file lies, relative to the page.
    pub place: String,
    /// SHA-256 of its bytes in lower-case hexadecimal.
    pub sha256: String,
}

/// Why a link to a file cannot be followed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BundleError {
    /// It is cut, mistyped or of another kind.
    #[error("it is cut or mistyped: {0}")]
    Damaged(&'static str),
    /// It leads away from the host.
    #[error(
        "the file lies on another host, \"{0}\", and this page fetches from its own host alone"
    )]
    Elsewhere(String),
}

impl Bundle {
    /// Reads a link.
    ///
    /// # Errors
    /// When it is none, or leads to another host.
    pub fn read(link: &str) -> Result<Self, BundleError> {
        use BundleError::Damaged;
        if link.len() > LONGEST {
            return Err(Damaged("it is too long"));
        }
        let rest = link
            .strip_prefix(BUNDLE)
            .ok_or(Damaged("it names no file"))?;
        let (place, sha256) = rest.split_once(HASH).ok_or(Damaged("it names no hash"))?;
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hash {
            return Err(Damaged("its hash is no SHA-256"));
        }
        let place = decoded(place).ok_or(Damaged("its place is not written as addresses are"))?;
        if place.is_empty() || place.chars().any(char::is_control) {
            return Err(Damaged("it names no file"));
        }
        // `a:b`, `//host` and, as browsers read it, `\\host` lead elsewhere.
        let first = place.split('/').next().unwrap_or_default();
        if first.contains(':') || place.starts_with("//") || place.contains('\\') {
            return Err(BundleError::Elsewhere(place));
        }
        Ok(Self {
            place,
            sha256: sha256.to_ascii_lowercase(),
        })
    }

    /// The link.
    pub fn link(&self) -> String {
        format!("{BUNDLE}{}{HASH}{}", self.address(), self.sha256)
    }

    /// The place as an address has it.
    pub fn address(&self) -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        let mut address = String::new();
        for byte in self.place.bytes() {
            if plain(byte) {
                address.push(char::from(byte));
            } else {
                address.push_str(&format!("%{byte:02X}"));
            }
        }
        address
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        self.place.rsplit('/').next().unwrap_or_default()
    }
}

/// A text in which bytes may be written as `%` and two digits.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok()?;
        let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        bytes.push(
            u8::from_str_radix(digits, 16)
                .ok()
                .filter(|_| is_hexadecimal)?,
        );
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_back_to_its_file() {
        let bundle = Bundle {
            place: "models/what they want & why?.burnish".to_owned(),
            sha256: "0f".repeat(32),
        };
        let link = bundle.link();
        assert!(
            link.starts_with("#bundle=models/what%20they%20want%20%26%20why%3F.burnish&sha256=0f")
        );
        assert_eq!(Bundle::read(&link), Ok(bundle.clone()));
        assert_eq!(bundle.name(), "what they want & why?.burnish");
    }

    #[test]
    fn what_leads_elsewhere_or_nowhere_is_refused() {
        let hash = "0f".repeat(32);
        for place in [
            "https://evil.example/x",
            "//evil.example/x",
            "%2F%2Fevil.example/x",
            "\\\\evil.example\\x",
            "javascript:alert(1)",
            "https%3A//evil.example",
            "blob:x",
        ] {
            let read = Bundle::read(&format!("#bundle={place}&sha256={hash}"));
            assert!(
                matches!(read, Err(BundleError::Elsewhere(_))),
                "{place}: {read:?}"
            );
        }
        for link in [
            String::new(),
            "#b1.abc".to_owned(),
            "#bundle=x.burnish".to_owned(),
            format!("#bundle=&sha256={hash}"),
            "#bundle=x&sha256=12".to_owned(),
            format!("#bundle=x&sha256={}", "g".repeat(64)),
            format!("#bundle=%2&sha256={hash}"),
            format!("#bundle=%zz&sha256={hash}"),
            format!("#bundle=%+1&sha256={hash}"),
            format!("#bundle=%ff&sha256={hash}"),
            format!("#bundle=a%00b&sha256={hash}"),
            format!("#bundle={}&sha256={hash}", "x".repeat(4000)),
        ] {
            let read = Bundle::read(&link);
            assert!(
                matches!(read, Err(BundleError::Damaged(_))),
                "{link}: {read:?}"
            );
        }
    }
}
