//! An encoder that a person brought, told apart from its bytes: what lists, model files and messages
//! say of it.

use serde::{Deserialize, Serialize};

use super::{EncoderConfig, EncoderFiles, Pooling};
use crate::domain::words::disguises;

/// A name or a description from somebody else's file is no longer than this, in characters.
const MOST_CHARACTERS: usize = 300;

/// No encoder has more files that are read.
const MOST_FILES: usize = 64;

/// Of a prompt so many characters are shown.
const MOST_SHOWN: usize = 80;

/// An encoder that a person brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnEncoder {
    /// What recipes call it.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// What it is, as a sentence.
    pub about: String,
    /// Paths and sizes of its files in bytes, in their order.
    pub parts: Vec<(String, u64)>,
}

impl OwnEncoder {
    /// The encoder that these files are. `id` is that of the files, `config` what they say.
    pub fn of(id: String, files: &EncoderFiles<'_>, config: &EncoderConfig) -> Self {
        let parts = files.parts().into_iter();
        Self {
            id,
            name: named(files, config),
            about: about(config),
            parts: parts
                .map(|(path, bytes)| (path.to_owned(), bytes.len() as u64))
                .collect(),
        }
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        let sizes = self.parts.iter().map(|(_, bytes)| *bytes);
        sizes.fold(0, u64::saturating_add)
    }

    /// The files, of their bytes one after the other; `None` when those are too few or too many.
    pub fn files<'a>(&'a self, joined: &'a [u8]) -> Option<EncoderFiles<'a>> {
        let mut rest = joined;
        let mut files = Vec::new();
        for (path, bytes) in &self.parts {
            let (file, after) = rest.split_at_checked(usize::try_from(*bytes).ok()?)?;
            files.push((path.as_str(), file));
            rest = after;
        }
        rest.is_empty().then(|| files.into_iter().collect())
    }

    /// What is wrong with a description that comes from somebody else, as the end of a sentence; `None`
    /// when it can be shown and its files looked for.
    pub fn flaw(&self) -> Option<&'static str> {
        let shows =
            |text: &str| text.chars().count() <= MOST_CHARACTERS && !text.chars().any(disguises);
        // A path becomes a name in archives that other programs unpack.
        let is_plain = |path: &str| {
            let plain = |c: char| {
                c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' ' | '(' | ')' | '+')
            };
            path.chars().all(plain) && !path.contains("..") && !path.starts_with('/')
        };
        let is_told = !self.name.is_empty() && shows(&self.name) && shows(&self.about);
        let are_plain = self.parts.len() <= MOST_FILES
            && (self.parts.iter()).all(|(path, _)| is_plain(path) && shows(path));
        match (is_told, are_plain && !self.parts.is_empty()) {
            (false, _) => Some("it does not say which encoder it was tuned on"),
            (_, false) => Some("it does not say which files its encoder has"),
            (true, true) => None,
        }
    }

    /// What has to be looked for where its files are missing, such as "bge (BERT, 2 layers ...; the files
    /// config.json, ...)".
    pub fn told(&self) -> String {
        let paths: Vec<&str> = self.parts.iter().map(|(path, _)| path.as_str()).collect();
        let about = self.about.trim_end_matches('.');
        format!("{} ({about}; the files {})", self.name, paths.join(", "))
    }
}

/// The folder's name, where the files are in one; else the architecture's.
fn named(files: &EncoderFiles<'_>, config: &EncoderConfig) -> String {
    let folder = files.paths().find_map(|path| {
        let folder = path.strip_suffix("/config.json")?;
        (!folder.is_empty() && !folder.contains('/')).then(|| folder.to_owned())
    });
    let folder = folder.map(|folder| folder.replace(disguises, ""));
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
        prefix => {
            let shown: String = prefix.escape_debug().take(MOST_SHOWN).collect();
            format!(", with \"{shown}\" before it")
        }
    };
    format!(
        "{}, {} layers of width {}: a text is {pooling}{prefix}, up to {} tokens.",
        config.architecture.name,
        config.shape.num_hidden_layers,
        config.shape.hidden_size,
        config.max_tokens
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[(&str, u64)]) -> OwnEncoder {
        let parts = parts.iter();
        OwnEncoder {
            id: "sha256:0".to_owned(),
            name: "bge".to_owned(),
            about: "BERT, 2 layers.".to_owned(),
            parts: parts
                .map(|&(path, bytes)| (path.to_owned(), bytes))
                .collect(),
        }
    }

    #[test]
    fn what_a_prompt_holds_can_be_shown() {
        let mut config = EncoderConfig::from(crate::domain::base_model::ALL[0].shape);
        config.prefix = "Instruct: find\nQuery: ".repeat(40);
        let told = OwnEncoder {
            about: about(&config),
            ..of(&[("my files (1)/config.json", 2)])
        };
        assert!(told.about.contains("Instruct: find\\nQuery"));
        assert_eq!(told.flaw(), None);
    }

    #[test]
    fn files_are_cut_where_they_end() {
        let own = of(&[("config.json", 2), ("tokenizer.json", 3)]);
        let files = own.files(b"{}abc").unwrap();
        assert_eq!(files.get("config.json"), Ok(&b"{}"[..]));
        assert_eq!(files.get("tokenizer.json"), Ok(&b"abc"[..]));
        assert!(own.files(b"{}ab").is_none() && own.files(b"{}abcd").is_none());
        assert!(
            of(&[("config.json", u64::MAX), ("x", 9)])
                .files(b"{}")
                .is_none()
        );
        assert_eq!(of(&[("a", u64::MAX), ("b", 9)]).bytes(), u64::MAX);
    }

    #[test]
    fn it_says_what_to_look_for() {
        let own = of(&[("config.json", 2), ("model.safetensors", 9)]);
        assert_eq!(
            own.told(),
            "bge (BERT, 2 layers; the files config.json, model.safetensors)"
        );
    }

    #[test]
    fn what_somebody_else_wrote_is_looked_at() {
        let sound = of(&[("1_Pooling/config.json", 2)]);
        assert_eq!(sound.flaw(), None);
        let which = Some("it does not say which encoder it was tuned on");
        let files = Some("it does not say which files its encoder has");
        let named = |name: &str| OwnEncoder {
            name: name.to_owned(),
            ..sound.clone()
        };
        for name in ["", "two\nlines", "turned\u{202e}round", &"x".repeat(301)] {
            assert_eq!(named(name).flaw(), which, "{name:?}");
        }
        for path in ["../config.json", "/config.json", "a\\b", "x\u{202e}y"] {
            assert_eq!(of(&[(path, 2)]).flaw(), files, "{path:?}");
        }
        assert_eq!(of(&[]).flaw(), files);
        assert_eq!(of(&[("a", 2); 65]).flaw(), files);
        assert_eq!(of(&[("my files (1)/config.json", 2)]).flaw(), None);
    }
}
