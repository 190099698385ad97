//! From the files that come with an encoder's weights to its [`EncoderConfig`].
//!
//! `config.json` is that of Hugging Face's transformers. How texts are pooled, what stands before
//! them and where they are cut is in the files of sentence-transformers (`modules.json`,
//! `1_Pooling/config.json`, `config_sentence_transformers.json`, `sentence_bert_config.json`) where
//! the model comes with them; without, tokens are averaged. That a model scales its vectors to
//! length 1 (`2_Normalize`) changes nothing here: vectors are scaled in any case.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{Activation, EncoderConfig, Misfit, Pooling, find};
use crate::domain::base_model::{BertShape, OWN};

/// Files that matter, besides the `config.json` of each module.
const PARTS: [&str; 6] = [
    "config.json",
    "tokenizer.json",
    "model.safetensors",
    "modules.json",
    "config_sentence_transformers.json",
    "sentence_bert_config.json",
];

/// Files by their paths, in any folder.
#[derive(Debug, Clone, Default)]
pub struct EncoderFiles<'a> {
    files: Vec<(&'a str, &'a [u8])>,
}

impl<'a> FromIterator<(&'a str, &'a [u8])> for EncoderFiles<'a> {
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a [u8])>>(files: T) -> Self {
        Self {
            files: files.into_iter().collect(),
        }
    }
}

impl<'a> EncoderFiles<'a> {
    /// The file of this name that is nearest to the top.
    ///
    /// # Errors
    /// When there is none.
    pub fn get(&self, name: &str) -> Result<&'a [u8], Misfit> {
        self.find(name).ok_or_else(|| Misfit::NoFile {
            name: name.to_owned(),
        })
    }

    /// The files that matter, by their paths below the model's folder, in the order of these.
    pub fn parts(&self) -> Vec<(&'a str, &'a [u8])> {
        let configs = self.files.iter().map(|(path, _)| *path);
        let root = configs
            .filter_map(|path| path.strip_suffix("config.json"))
            .filter(|folder| folder.is_empty() || folder.ends_with('/'))
            .min_by_key(|folder| (folder.matches('/').count(), folder.len()))
            .unwrap_or_default();
        let matters = |path: &str| {
            let is_module = path.matches('/').count() == 1 && path.ends_with("/config.json");
            is_module || PARTS.contains(&path)
        };
        let mut parts: Vec<(&str, &[u8])> = self
            .files
            .iter()
            .filter_map(|&(path, bytes)| Some((path.strip_prefix(root)?, bytes)))
            .filter(|(path, _)| matters(path))
            .collect();
        parts.sort_unstable_by_key(|(path, _)| *path);
        parts
    }

    /// What a recipe calls this encoder: [`OWN`] and the SHA-256 of the files that matter, with their
    /// paths and sizes.
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        for (path, bytes) in self.parts() {
            hash.update(path);
            hash.update([0]);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
        let digest = hash.finalize();
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{OWN}{hex}")
    }

    /// The paths of all files, as they came.
    pub fn paths(&self) -> impl Iterator<Item = &'a str> {
        self.files.iter().map(|(path, _)| *path)
    }

    fn find(&self, name: &str) -> Option<&'a [u8]> {
        let is_it = |path: &str| {
            path == name
                || path
                    .strip_suffix(name)
                    .is_some_and(|folder| folder.ends_with('/'))
        };
        let named = self.files.iter().filter(|(path, _)| is_it(path));
        named
            .min_by_key(|(path, _)| (path.matches('/').count(), path.len()))
            .map(|&(_, bytes)| bytes)
    }
}

/// Entries of one JSON file.
struct Entries {
    name: String,
    map: Map<String, Value>,
}

impl Entries {
    fn open(name: &str, bytes: &[u8]) -> Result<Self, Misfit> {
        let map = serde_json::from_slice(bytes).map_err(|error| Misfit::NotJson {
            name: name.to_owned(),
            why: error.to_string(),
        })?;
        Ok(Self {
            name: name.to_owned(),
            map,
        })
    }

    fn wrong(&self, field: &str, why: impl Into<String>) -> Misfit {
        Misfit::Field {
            name: self.name.clone(),
            field: field.to_owned(),
            why: why.into(),
        }
    }

    /// A size: a whole number above 0.
    fn size(&self, field: &str) -> Result<usize, Misfit> {
        match self.map.get(field) {
            None => Err(self.wrong(field, "is missing")),
            Some(value) => value
                .as_u64()
                .filter(|size| (1..=u64::from(u32::MAX)).contains(size))
                .map(|size| size as usize)
                .ok_or_else(|| self.wrong(field, format!("is {value}, which is no size"))),
        }
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.map.get(field).and_then(Value::as_str)
    }
}

/// What an encoder is, by its files.
///
/// # Errors
/// Names the first thing that does not fit.
pub fn read(files: &EncoderFiles<'_>) -> Result<EncoderConfig, Misfit> {
    let config = Entries::open("config.json", files.get("config.json")?)?;
    let model_type = config.text("model_type").unwrap_or("unnamed");
    let architecture = find(model_type).ok_or_else(|| Misfit::ModelType {
        found: model_type.to_owned(),
    })?;
    let fields = architecture.fields;
    let shape = BertShape {
        vocab_size: config.size("vocab_size")?,
        hidden_size: config.size(fields.hidden_size)?,
        num_hidden_layers: config.size(fields.layers)?,
        num_attention_heads: config.size(fields.heads)?,
        intermediate_size: config.size(fields.intermediate_size)?,
        max_position_embeddings: config.size("max_position_embeddings")?,
        type_vocab_size: match architecture.has_segments {
            true => config.size("type_vocab_size")?,
            false => 0,
        },
        layer_norm_eps: config
            .map
            .get("layer_norm_eps")
            .and_then(Value::as_f64)
            .unwrap_or(architecture.layer_norm_eps),
    };
    if !shape.hidden_size.is_multiple_of(shape.num_attention_heads) {
        return Err(config.wrong(
            fields.heads,
            format!("does not divide the width of {}", shape.hidden_size),
        ));
    }
    if let Some(kind) = config.text("position_embedding_type")
        && kind != "absolute"
    {
        let why = format!("is \"{kind}\"; absolute positions are computed");
        return Err(config.wrong("position_embedding_type", why));
    }
    let named = config.text(fields.activation).unwrap_or("gelu");
    let activation = Activation::find(named).ok_or_else(|| {
        let why = format!("is \"{named}\"; gelu, its tanh form and relu are computed");
        config.wrong(fields.activation, why)
    })?;
    let first_position = match architecture.counts_from_padding {
        true => config.size("pad_token_id")? + 1,
        false => 0,
    };
    let positions = shape
        .max_position_embeddings
        .checked_sub(first_position)
        .filter(|&positions| positions > 2)
        .ok_or_else(|| config.wrong("max_position_embeddings", "leaves no position for a text"))?;
    Ok(EncoderConfig {
        architecture,
        shape,
        activation,
        first_position,
        pooling: pooling(files, shape.hidden_size)?,
        prefix: prefix(files)?,
        max_tokens: longest(files)?.map_or(positions, |longest| longest.min(positions)),
    })
}

/// What `modules.json` and the pooling's own file say; the mean where there is neither.
fn pooling(files: &EncoderFiles<'_>, hidden: usize) -> Result<Pooling, Misfit> {
    let mut folder = "1_Pooling".to_owned();
    let mut is_named = false;
    if let Some(bytes) = files.find("modules.json") {
        let modules: Vec<Map<String, Value>> =
            serde_json::from_slice(bytes).map_err(|error| Misfit::NotJson {
                name: "modules.json".to_owned(),
                why: error.to_string(),
            })?;
        for module in &modules {
            let text = |field: &str| {
                module
                    .get(field)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            let kind = text("type");
            match kind.rsplit('.').next().unwrap_or_default() {
                "Transformer" | "Normalize" => {}
                "Pooling" => {
                    folder = text("path").to_owned();
                    is_named = true;
                }
                other => {
                    return Err(Misfit::Module {
                        found: other.to_owned(),
                    });
                }
            }
        }
    }
    let name = format!("{folder}/config.json");
    let Some(bytes) = files.find(&name) else {
        return match is_named {
            true => Err(Misfit::NoFile { name }),
            false => Ok(Pooling::Mean),
        };
    };
    let entries = Entries::open(&name, bytes)?;
    for field in ["word_embedding_dimension", "embedding_dimension"] {
        if entries.map.contains_key(field) && entries.size(field)? != hidden {
            return Err(entries.wrong(field, format!("is not the model's width of {hidden}")));
        }
    }
    // Newer files name the ways, older ones have a flag for each.
    let named = match entries.map.get("pooling_mode") {
        Some(Value::String(mode)) => vec![mode.as_str()],
        Some(Value::Array(modes)) => modes.iter().filter_map(Value::as_str).collect(),
        _ => entries
            .map
            .iter()
            .filter(|(name, value)| name.starts_with("pooling_mode_") && **value == true)
            .map(|(name, _)| name.as_str())
            .collect(),
    };
    let [one] = named[..] else {
        let why = format!("names {} ways to pool; one is computed", named.len());
        return Err(entries.wrong("pooling_mode", why));
    };
    Pooling::find(one).ok_or_else(|| {
        let why = format!("is \"{one}\"; the mean, the first token and the maximum are computed");
        entries.wrong("pooling_mode", why)
    })
}

/// The prompt that stands before every text by default.
fn prefix(files: &EncoderFiles<'_>) -> Result<String, Misfit> {
    let name = "config_sentence_transformers.json";
    let Some(bytes) = files.find(name) else {
        return Ok(String::new());
    };
    let entries = Entries::open(name, bytes)?;
    let Some(default) = entries.text("default_prompt_name") else {
        return Ok(String::new());
    };
    entries
        .map
        .get("prompts")
        .and_then(|prompts| prompts.get(default))
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| {
            let why = format!("is \"{default}\", which is not among the prompts");
            entries.wrong("default_prompt_name", why)
        })
}

/// Where sentence-transformers cuts texts, in tokens.
fn longest(files: &EncoderFiles<'_>) -> Result<Option<usize>, Misfit> {
    let name = "sentence_bert_config.json";
    let Some(bytes) = files.find(name) else {
        return Ok(None);
    };
    let entries = Entries::open(name, bytes)?;
    match entries.map.get("max_seq_length") {
        None | Some(Value::Null) => Ok(None),
        Some(_) => entries.size("max_seq_length").map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERT: &str = r#"{"model_type": "bert", "vocab_size": 64, "hidden_size": 16,
        "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
        "hidden_act": "gelu", "max_position_embeddings": 32, "type_vocab_size": 2,
        "layer_norm_eps": 1e-12, "pad_token_id": 0}"#;

    fn of(files: &[(&str, &str)]) -> Result<EncoderConfig, Misfit> {
        let files = files.iter().map(|(path, text)| (*path, text.as_bytes()));
        read(&files.collect())
    }

    fn changed(from: &str, to: &str) -> String {
        assert!(BERT.contains(from), "{from}");
        BERT.replace(from, to)
    }

    #[test]
    fn a_bare_bert_averages_its_tokens() {
        let config = of(&[("config.json", BERT)]).unwrap();
        assert_eq!(config.architecture.id, "bert");
        assert_eq!(config.pooling, Pooling::Mean);
        assert_eq!((config.first_position, config.max_tokens), (0, 32));
        assert_eq!(config.shape.layer_norm_eps, 1e-12);
        assert_eq!(config.prefix, "");
    }

    #[test]
    fn the_files_of_sentence_transformers_say_how_to_pool_and_where_to_cut() {
        let config = of(&[
            ("bge/config.json", BERT),
            (
                "bge/modules.json",
                r#"[{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
                    {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                    {"idx": 2, "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]"#,
            ),
            (
                "bge/1_Pooling/config.json",
                r#"{"word_embedding_dimension": 16, "pooling_mode_cls_token": true,
                    "pooling_mode_mean_tokens": false, "include_prompt": true}"#,
            ),
            (
                "bge/config_sentence_transformers.json",
                r#"{"prompts": {"query": "query: ", "passage": "passage: "}, "default_prompt_name": "query"}"#,
            ),
            ("bge/sentence_bert_config.json", r#"{"max_seq_length": 24}"#),
        ])
        .unwrap();
        assert_eq!(config.pooling, Pooling::Cls);
        assert_eq!(config.prefix, "query: ");
        assert_eq!(config.max_tokens, 24);
        let newer = [
            ("config.json", BERT),
            (
                "1_Pooling/config.json",
                r#"{"embedding_dimension": 16, "pooling_mode": "max"}"#,
            ),
        ];
        assert_eq!(of(&newer).unwrap().pooling, Pooling::Max);
    }

    #[test]
    fn an_encoder_is_named_by_its_files_wherever_they_are() {
        let id = |files: &[(&'static str, &'static str)]| {
            let files = files.iter().map(|(path, text)| (*path, text.as_bytes()));
            files.collect::<EncoderFiles<'_>>().id()
        };
        let plain = id(&[("config.json", BERT), ("tokenizer.json", "{}")]);
        assert!(crate::domain::base_model::is_known(&plain), "{plain}");
        let below = id(&[
            ("e5/README.md", "# e5"),
            ("e5/tokenizer.json", "{}"),
            ("e5/config.json", BERT),
            ("e5/onnx/model.onnx", "ONNX"),
        ]);
        assert_eq!(below, plain);
        assert_ne!(
            id(&[("config.json", BERT), ("tokenizer.json", "{ }")]),
            plain
        );
        let pooled = [
            ("config.json", BERT),
            ("tokenizer.json", "{}"),
            ("1_Pooling/config.json", "{}"),
        ];
        assert_ne!(id(&pooled), plain);
    }

    #[test]
    fn roberta_counts_positions_from_its_padding() {
        let roberta = changed(r#""bert""#, r#""xlm-roberta""#)
            .replace(r#""pad_token_id": 0"#, r#""pad_token_id": 1"#);
        let config = of(&[("config.json", &roberta)]).unwrap();
        assert_eq!((config.first_position, config.max_tokens), (2, 30));
    }

    #[track_caller]
    fn refuses(files: &[(&str, &str)], expected: &str) {
        assert_eq!(of(files).unwrap_err().to_string(), expected);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        refuses(&[], "There is no config.json among the files");
        refuses(
            &[("config.json", &changed(r#""bert""#, r#""gpt2""#))],
            "config.json is that of a \"gpt2\" model; BERT, DistilBERT, RoBERTa and XLM-RoBERTa are read",
        );
        refuses(
            &[(
                "config.json",
                &changed(r#""hidden_size": 16"#, r#""hidden_size": 15"#),
            )],
            "\"num_attention_heads\" in config.json does not divide the width of 15",
        );
        refuses(
            &[("config.json", &changed(r#""hidden_size": 16,"#, ""))],
            "\"hidden_size\" in config.json is missing",
        );
        refuses(
            &[(
                "config.json",
                &changed(r#""vocab_size": 64"#, r#""vocab_size": -3"#),
            )],
            "\"vocab_size\" in config.json is -3, which is no size",
        );
        refuses(
            &[("config.json", &changed(r#""gelu""#, r#""swish""#))],
            "\"hidden_act\" in config.json is \"swish\"; gelu, its tanh form and relu are computed",
        );
        refuses(
            &[
                ("config.json", BERT),
                (
                    "modules.json",
                    r#"[{"path": "2_Dense", "type": "sentence_transformers.models.Dense"}]"#,
                ),
            ],
            "modules.json names a step \"Dense\", which is not computed here",
        );
        refuses(
            &[
                ("config.json", BERT),
                (
                    "1_Pooling/config.json",
                    r#"{"pooling_mode_lasttoken": true, "pooling_mode_mean_tokens": false}"#,
                ),
            ],
            "\"pooling_mode\" in 1_Pooling/config.json is \"pooling_mode_lasttoken\"; the mean, the first token and the maximum are computed",
        );
    }

    #[test]
    fn a_config_that_is_no_json_is_named() {
        let error = of(&[("config.json", "<html>")]).unwrap_err().to_string();
        assert!(error.starts_with("config.json cannot be read: "), "{error}");
    }
}
