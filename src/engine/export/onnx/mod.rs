//! ONNX: a file that runs in other languages, on servers and in browsers.
//!
//! The archive holds the graph, what has to be known to feed it, and a program that does. Texts
//! become tokens outside of the graph, by the tokenizer beside it: operators that do so exist as
//! extensions only, which most runtimes do not have.

mod columns;
mod encoder;
mod graph;
mod network;
mod proto;

use serde_json::json;

use self::graph::{Axis, Graph, OPSET, Precision, int};
use self::proto::DataType;
use super::archive::Archive;
use super::model::{Learned, Model};
use super::{BESIDE, ExportError, Exporter};
use crate::domain::features::{ColumnPlan, FeaturePlan};
use crate::domain::recipe::Recipe;
use crate::domain::report::ParameterCount;

/// An ONNX graph with weights of one precision.
#[derive(Debug, Clone, Copy)]
pub struct Onnx {
    id: &'static str,
    name: &'static str,
    about: &'static str,
    precision: Precision,
}

/// With weights as they were learned.
pub const F32: Onnx = Onnx {
    id: "onnx",
    name: "ONNX",
    about: "For ONNX Runtime in Python, C++, C#, Java, JavaScript and others: the graph, its tokenizer and a Python program that uses them.",
    precision: Precision::F32,
};

/// With weights of 16 bits.
pub const F16: Onnx = Onnx {
    id: "onnx_f16",
    name: "ONNX, 16-bit weights",
    about: "The same at half the size. Weights are kept in 16 bits; arithmetic stays in 32.",
    precision: Precision::F16,
};

/// With weights of 8 bits.
pub const INT8: Onnx = Onnx {
    id: "onnx_int8",
    name: "ONNX, 8-bit weights",
    about: "The same at a quarter of the size. Weights are kept in 8 bits with a scale a row; arithmetic stays in 32.",
    precision: Precision::Int8,
};

impl Exporter for Onnx {
    fn id(&self) -> &'static str {
        self.id
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn ending(&self) -> &'static str {
        match self.precision {
            Precision::F32 => "onnx.zip",
            Precision::F16 => "onnx-f16.zip",
            Precision::Int8 => "onnx-int8.zip",
        }
    }

    fn refusal(&self, recipe: &Recipe) -> Option<&'static str> {
        (recipe.compares()).then_some("Models that compare two texts are not written as ONNX yet.")
    }

    fn size(&self, count: ParameterCount) -> u64 {
        let bytes = match self.precision {
            Precision::F32 => 4,
            Precision::F16 => 2,
            Precision::Int8 => 1,
        };
        count.total * bytes + BESIDE
    }

    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError> {
        let mut archive = Archive::new();
        archive.add("model.onnx", &graph(model, self.precision))?;
        archive.add("burnish.json", description(model).as_bytes())?;
        if let Some(tokenizer) = &model.tokenizer {
            archive.add("tokenizer.json", tokenizer.as_bytes())?;
        }
        archive.add("predict.py", include_bytes!("../python/onnx.py"))?;
        archive.add("README.md", readme(model, self.precision).as_bytes())?;
        archive.finish()
    }
}

/// The bytes of a `model.onnx`.
fn graph(model: &Model, precision: Precision) -> Vec<u8> {
    let mut graph = Graph::new(precision);
    match &model.learned {
        Learned::Text(weights) => {
            let encoder = model.encoder.as_ref().expect("texts have an encoder");
            let vectors = encoder::texts(&mut graph, encoder).vectors;
            let weight = graph.weight(&weights.weight);
            let bias = graph.tensor(&weights.bias);
            let scores = graph.op("MatMul", &[&vectors, &weight]);
            let scores = graph.op("Add", &[&scores, &bias]);
            let shares = graph.op_with("Softmax", &[&scores], vec![int("axis", 1)]);
            let axes = [Axis::Any("batch"), Axis::Of(model.labels.len())];
            let about = "One probability a label, in the order of the metadata's labels.";
            graph.output(&shares, "probabilities", DataType::Float, &axes, about);
        }
        Learned::Table(weights) => network::table(
            &mut graph,
            weights,
            model.encoder.as_ref(),
            &model.recipe.task,
            model.labels.len(),
        ),
    }
    let metadata = [
        (
            "labels",
            serde_json::to_string(&model.labels).expect("plain data"),
        ),
        ("burnish", description(model)),
    ];
    let about = format!(
        "Predicts \"{}\". Made with Burnish; opset {OPSET}.",
        model.recipe.target
    );
    graph.finish(&model.slug(), &about, &metadata)
}

/// What has to be known to feed the graph, as JSON: in the file's metadata and beside it.
fn description(model: &Model) -> String {
    let columns = match &model.learned {
        Learned::Text(_) => Vec::new(),
        Learned::Table(weights) => columns_of(&weights.plan),
    };
    let description = json!({
        "task": model.recipe.task,
        "target": model.recipe.target,
        "labels": model.labels,
        "text": model.recipe.text,
        "max_tokens": model.tokenizer.as_ref().map(|_| model.recipe.max_tokens),
        "columns": columns,
        "prepare": model.fitted,
        "opset": OPSET,
    });
    serde_json::to_string_pretty(&description).expect("plain data")
}

/// How each column is fed.
fn columns_of(plan: &FeaturePlan) -> Vec<serde_json::Value> {
    plan.features
        .iter()
        .map(|feature| match &feature.plan {
            ColumnPlan::Number(_) => json!({"name": feature.column, "feed": "number"}),
            ColumnPlan::Date(_) => json!({"name": feature.column, "feed": "unix_seconds"}),
            ColumnPlan::Category(_) | ColumnPlan::Boolean(_) => {
                json!({"name": feature.column, "feed": "text"})
            }
            ColumnPlan::Tokens(plan) => {
                json!({"name": feature.column, "feed": "flags", "entries": plan.tokens})
            }
        })
        .collect()
}

fn readme(model: &Model, precision: Precision) -> String {
    let prepare = if model.fitted.is_empty() {
        ""
    } else {
        "\nBefore training, cells were prepared by the steps under `prepare` in `burnish.json`. The \
         graph does not hold them: feed it prepared cells.\n"
    };
    let inputs = match &model.learned {
        Learned::Text(_) => format!(
            "Inputs: `input_ids` and `attention_mask`, 64-bit integers of shape [batch, tokens], cut \
             after {} tokens. Texts of several columns are joined by a line break, empty ones left \
             out. Output: `probabilities`, shape [batch, {}].",
            model.recipe.max_tokens,
            model.labels.len()
        ),
        Learned::Table(_) => "Inputs: one for each column, under its name, as `burnish.json` says: numbers \
             and dates (Unix seconds) as 64-bit floats with NaN for gaps, categories as strings, lists \
             as one flag an entry; texts, if there are some, as `input_ids` and `attention_mask`. \
             Scales, codes and stand-ins for gaps are part of the graph. Output: `probabilities`, or \
             `prediction` of a number."
            .to_owned(),
    };
    format!(
        "# {slug}\n\nPredicts \"{target}\". Made with Burnish. ONNX, opset {OPSET}; weights {kept}.\n\n\
         {inputs}\n{prepare}\n\
         ```sh\npip install onnxruntime tokenizers numpy\npython predict.py < rows.json\n```\n\n\
         `rows.json` is a list of objects from column names to cells, such as {example}. The answer \
         is a list of the same length.\n",
        slug = model.slug(),
        target = model.recipe.target,
        kept = match precision {
            Precision::F32 => "of 32 bits",
            Precision::F16 => "of 16 bits, arithmetic in 32",
            Precision::Int8 => "of 8 bits, arithmetic in 32",
        },
        example = example(model),
    )
}

/// A row in JSON whose cells are to be filled in.
fn example(model: &Model) -> String {
    let row: serde_json::Map<String, serde_json::Value> = model
        .recipe
        .inputs()
        .into_iter()
        .map(|name| (name.to_owned(), "…".into()))
        .collect();
    serde_json::to_string(&[row]).expect("plain data")
}
