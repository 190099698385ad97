//! A folder for Python's `sentence-transformers` and `transformers`.
//!
//! The head sits on mean-pooled vectors of one length, which none of `transformers`' classes for
//! classification computes without code of its own. `sentence-transformers` has the parts: a
//! transformer, mean pooling, normalisation, a dense layer. So the folder is one of its models,
//! whose `encode` gives one score a label, and `AutoModel` reads the encoder in it. An encoder that a
//! person brought keeps its own `config.json`, names of tensors and way to pool.

use serde_json::{Map, Value, json};

use super::archive::Archive;
use super::model::{BroughtEncoder, EncoderWeights, Learned, Model, TextWeights};
use super::model_card::card;
use super::names::name_in;
use super::safetensors_file::safetensors;
use super::{BESIDE, ExportError, Exporter};
use crate::domain::encoder::{self, Architecture, Pooling};
use crate::domain::recipe::Recipe;
use crate::domain::report::ParameterCount;
use crate::engine::named::HostTensor;

/// A folder for `sentence-transformers` and `transformers`.
#[derive(Debug, Clone, Copy)]
pub struct HuggingFace;

impl Exporter for HuggingFace {
    fn id(&self) -> &'static str {
        "hugging_face"
    }

    fn name(&self) -> &'static str {
        "Hugging Face folder"
    }

    fn about(&self) -> &'static str {
        "For Python's sentence-transformers and transformers: all weights merged, the tokenizer, a model card and a program that predicts."
    }

    fn ending(&self) -> &'static str {
        "hugging-face.zip"
    }

    fn refusal(&self, recipe: &Recipe) -> Option<&'static str> {
        recipe
            .table
            .is_some()
            .then_some("These libraries read texts; a model on a table's columns fits ONNX.")
    }

    fn size(&self, count: ParameterCount) -> u64 {
        count.total * 4 + BESIDE
    }

    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError> {
        let (Learned::Text(weights), Some(encoder)) = (&model.learned, &model.encoder) else {
            return Archive::new().finish();
        };
        let reading = match &model.own {
            Some(own) => Reading::of_own(own, model.recipe.max_tokens)?,
            None => Reading::of_bundled(model, encoder),
        };
        let tensors = encoder.tensors.iter();
        let tensors =
            tensors.map(|(name, tensor)| (name_in(&reading.architecture.tensors, name), tensor));
        let mut archive = Archive::new();
        archive.add("model.safetensors", &safetensors(tensors))?;
        for (path, content) in settings(model, encoder, &reading) {
            let text = serde_json::to_string_pretty(&content).expect("plain data");
            archive.add(path, text.as_bytes())?;
        }
        let tokenizer = model.tokenizer.as_deref().unwrap_or_default();
        archive.add("tokenizer.json", tokenizer.as_bytes())?;
        archive.add("3_Dense/model.safetensors", &head(weights))?;
        archive.add("predict.py", include_bytes!("python/hugging_face.py"))?;
        archive.add("README.md", card(model).as_bytes())?;
        archive.finish()
    }
}

/// The head as a dense layer on vectors of length 1, in PyTorch's layout: `linear.weight`
/// `[classes, hidden]` and `linear.bias` `[classes]`.
pub fn head(weights: &TextWeights) -> Vec<u8> {
    let mut weight = weights.weight.transposed();
    let hidden = weight.shape[1];
    for x in &mut weight.values {
        *x *= (hidden as f32).sqrt();
    }
    let tensors: [(String, &HostTensor); 2] = [
        ("linear.weight".to_owned(), &weight),
        ("linear.bias".to_owned(), &weights.bias),
    ];
    safetensors(tensors)
}

/// The id of a special token in a `tokenizer.json`.
pub fn special(tokenizer: &Value, token: &str) -> Option<u64> {
    tokenizer.pointer("/model/vocab")?.get(token)?.as_u64()
}

/// How the folder reads texts.
struct Reading {
    /// What stands in `config.json`, besides the labels.
    config: Map<String, Value>,
    architecture: &'static Architecture,
    pooling: Pooling,
    /// What stands before every text.
    prefix: String,
    /// Texts are cut after so many tokens.
    max_tokens: usize,
}

impl Reading {
    fn of_bundled(model: &Model, encoder: &EncoderWeights) -> Self {
        let shape = encoder.shape;
        let config = json!({
            "architectures": ["BertModel"],
            "model_type": "bert",
            "vocab_size": shape.vocab_size,
            "hidden_size": shape.hidden_size,
            "num_hidden_layers": shape.num_hidden_layers,
            "num_attention_heads": shape.num_attention_heads,
            "intermediate_size": shape.intermediate_size,
            "max_position_embeddings": shape.max_position_embeddings,
            "type_vocab_size": shape.type_vocab_size,
            "layer_norm_eps": shape.layer_norm_eps,
            "hidden_act": "gelu",
            "position_embedding_type": "absolute",
            "attention_probs_dropout_prob": 0.1,
            "hidden_dropout_prob": 0.1,
            "initializer_range": 0.02,
            "pad_token_id": special(&tokenizer(model), "[PAD]").unwrap_or(0),
            "torch_dtype": "float32",
            "problem_type": "single_label_classification",
        });
        let Value::Object(config) = config else {
            unreachable!("it is written as an object")
        };
        Self {
            config,
            architecture: encoder::ALL[0],
            pooling: Pooling::Mean,
            prefix: String::new(),
            max_tokens: model.recipe.max_tokens as usize,
        }
    }

    /// What an encoder's own files say; `max_tokens` is the recipe's.
    fn of_own(own: &BroughtEncoder, max_tokens: u32) -> Result<Self, ExportError> {
        let joined = own.files.as_deref().ok_or(ExportError::NoEncoder)?;
        let files = own.encoder.files(joined).ok_or(ExportError::NoEncoder)?;
        let read = encoder::read(&files)?;
        let mut config: Map<String, Value> =
            serde_json::from_slice(files.get("config.json")?).expect("it was read before");
        // The weights are written anew, in this precision, whatever they came in.
        for name in ["torch_dtype", "dtype"] {
            config.insert(name.to_owned(), "float32".into());
        }
        Ok(Self {
            config,
            architecture: read.architecture,
            pooling: read.pooling,
            prefix: read.prefix,
            max_tokens: read.max_tokens.min(max_tokens as usize),
        })
    }

    /// The default prompt, in the words of sentence-transformers.
    fn prompts(&self) -> Value {
        match self.prefix.as_str() {
            "" => {
                json!({"prompts": {}, "default_prompt_name": null, "similarity_fn_name": "cosine"})
            }
            prefix => json!({
                "prompts": {"default": prefix},
                "default_prompt_name": "default",
                "similarity_fn_name": "cosine",
            }),
        }
    }
}

/// The tokenizer's file.
fn tokenizer(model: &Model) -> Value {
    serde_json::from_str(model.tokenizer.as_deref().unwrap_or("{}")).unwrap_or_default()
}

/// Which tokens have a part of their own, of BERT's or else of RoBERTa's, as far as the tokenizer has them.
fn special_tokens(tokenizer: &Value) -> Map<String, Value> {
    let added = tokenizer["added_tokens"].as_array();
    let has = |token: &str| {
        let mut all = added.into_iter().flatten();
        all.any(|added| added["content"] == token)
    };
    let roles = [
        "unk_token",
        "sep_token",
        "pad_token",
        "cls_token",
        "mask_token",
    ];
    let tokens = match has("<pad>") {
        true => ["<unk>", "</s>", "<pad>", "<s>", "<mask>"],
        false => ["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"],
    };
    let pairs = roles.into_iter().zip(tokens);
    let there = pairs.filter(|(_, token)| has(token));
    there
        .map(|(role, token)| (role.to_owned(), token.into()))
        .collect()
}

fn settings(
    model: &Model,
    encoder: &EncoderWeights,
    reading: &Reading,
) -> Vec<(&'static str, Value)> {
    let shape = encoder.shape;
    let classes = model.labels.len();
    let id2label: Map<String, Value> = model
        .labels
        .iter()
        .enumerate()
        .map(|(id, label)| (id.to_string(), label.as_str().into()))
        .collect();
    let label2id: Map<String, Value> = model
        .labels
        .iter()
        .enumerate()
        .map(|(id, label)| (label.clone(), id.into()))
        .collect();
    let mut config = reading.config.clone();
    config.insert("id2label".to_owned(), id2label.into());
    config.insert("label2id".to_owned(), label2id.into());
    let special = special_tokens(&tokenizer(model));
    let mut tokenizer_config = special.clone();
    tokenizer_config.extend([
        (
            "tokenizer_class".to_owned(),
            json!("PreTrainedTokenizerFast"),
        ),
        ("model_max_length".to_owned(), json!(reading.max_tokens)),
        (
            "model_input_names".to_owned(),
            json!(["input_ids", "attention_mask"]),
        ),
        ("clean_up_tokenization_spaces".to_owned(), json!(true)),
    ]);
    let module = |at: u32, name: &str, path: &str| {
        json!({
            "idx": at,
            "name": at.to_string(),
            "path": path,
            "type": format!("sentence_transformers.models.{name}"),
        })
    };
    vec![
        ("config.json", config.into()),
        (
            "modules.json",
            json!([
                module(0, "Transformer", ""),
                module(1, "Pooling", "1_Pooling"),
                module(2, "Normalize", "2_Normalize"),
                module(3, "Dense", "3_Dense"),
            ]),
        ),
        (
            "sentence_bert_config.json",
            json!({"max_seq_length": reading.max_tokens, "do_lower_case": false}),
        ),
        ("config_sentence_transformers.json", reading.prompts()),
        (
            "1_Pooling/config.json",
            json!({
                "word_embedding_dimension": shape.hidden_size,
                "pooling_mode_cls_token": reading.pooling == Pooling::Cls,
                "pooling_mode_mean_tokens": reading.pooling == Pooling::Mean,
                "pooling_mode_max_tokens": reading.pooling == Pooling::Max,
                "pooling_mode_mean_sqrt_len_tokens": false,
            }),
        ),
        ("2_Normalize/config.json", json!({})),
        (
            "3_Dense/config.json",
            json!({
                "in_features": shape.hidden_size,
                "out_features": classes,
                "bias": true,
                "activation_function": "torch.nn.modules.linear.Identity",
            }),
        ),
        ("tokenizer_config.json", tokenizer_config.into()),
        ("special_tokens_map.json", special.into()),
        ("burnish.json", about(model)),
    ]
}

/// What has to be known to feed the model.
pub fn about(model: &Model) -> Value {
    json!({
        "task": model.recipe.task,
        "target": model.recipe.target,
        "labels": model.labels,
        "text": model.recipe.text,
        "max_tokens": model.recipe.max_tokens,
        "prepare": model.fitted,
    })
}
