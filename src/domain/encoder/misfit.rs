//! Why somebody's encoder files cannot be used.

/// Why somebody's encoder files cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A file is not among them.
    #[error("There is no {name} among the files")]
    NoFile {
        /// Its name.
        name: String,
    },
    /// A file is not what its name says.
    #[error("{name} cannot be read: {why}")]
    NotJson {
        /// Its path.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// Another kind of model.
    #[error(
        "config.json is that of a \"{found}\" model; BERT, DistilBERT, RoBERTa and XLM-RoBERTa are read"
    )]
    ModelType {
        /// What the file calls it.
        found: String,
    },
    /// An entry is missing, or makes no sense.
    #[error("\"{field}\" in {name} {why}")]
    Field {
        /// The file.
        name: String,
        /// The entry.
        field: String,
        /// What is wrong with it: the rest of a sentence.
        why: String,
    },
    /// A step after the encoder that is not computed here.
    #[error("modules.json names a step \"{found}\", which is not computed here")]
    Module {
        /// What the file calls it.
        found: String,
    },
    /// The tokenizer knows tokens that the encoder has no vector for.
    #[error("tokenizer.json has tokens up to number {last}, the model has vectors for {rows}")]
    Vocabulary {
        /// The tokenizer's largest token id.
        last: u32,
        /// Rows of the word embedding.
        rows: usize,
    },
}

impl Misfit {
    /// What to do next, as a sentence.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::NoFile { name } if name == "model.safetensors" => {
                "Choose the model's folder, or config.json, tokenizer.json and model.safetensors together; other forms of the weights are not read."
            }
            Self::NoFile { .. } => {
                "Choose the model's folder, or config.json, tokenizer.json and model.safetensors together."
            }
            Self::NotJson { .. } => "Download the file again.",
            Self::ModelType { .. } | Self::Module { .. } => {
                "Choose an encoder of the BERT family, such as bge, e5 or gte in the small size."
            }
            Self::Field { .. } => "Choose another encoder, or download its files again.",
            Self::Vocabulary { .. } => "Choose the three files of one and the same model.",
        }
    }
}
