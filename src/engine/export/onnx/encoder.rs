//! The encoder as a graph: what [`crate::engine::encoder::BertEncoder`] computes, operation by
//! operation.

use super::graph::{Axis, Graph, float, int, ints};
use super::proto::DataType;
use crate::engine::export::model::EncoderWeights;
use crate::engine::named::HostTensor;

/// Added to the attention score of a padding token.
const PADDING_SCORE: f32 = 1e9;

/// Keeps the division finite, as the engine's pooling does.
const SMALLEST_NORM: f32 = 1e-12;

/// Texts in a graph.
pub struct Texts {
    /// Numbers of the tokens, shape `[batch, tokens]`.
    pub tokens: String,
    /// 1 for a token and 0 for padding, as f32, shape `[batch, tokens]`.
    pub mask: String,
    /// One vector a text, on a sphere of radius `sqrt(hidden)`, shape `[batch, hidden]`.
    pub vectors: String,
}

/// Adds the inputs for tokens and what the encoder makes of them.
pub fn texts(graph: &mut Graph, weights: &EncoderWeights) -> Texts {
    let axes = [Axis::Any("batch"), Axis::Any("tokens")];
    let ids = graph.input(
        "input_ids",
        DataType::Int64,
        &axes,
        "Numbers of the tokens, the special ones included.",
    );
    let mask = graph.input(
        "attention_mask",
        DataType::Int64,
        &axes,
        "1 for a token and 0 for padding.",
    );
    let mask = graph.cast(&mask, DataType::Float);
    let hidden = embeddings(graph, weights, &ids);
    let padding = padding(graph, &mask);
    let mut state = hidden;
    for layer in 0..weights.shape.num_hidden_layers {
        state = self::layer(graph, weights, layer, &state, &padding);
    }
    let pooled = mean(graph, &state, &mask);
    Texts {
        vectors: on_sphere(graph, &pooled, weights.shape.hidden_size),
        tokens: ids,
        mask,
    }
}

fn embeddings(graph: &mut Graph, weights: &EncoderWeights, ids: &str) -> String {
    let words = graph.rows_of(weights.get("embeddings.word_embeddings.weight"), ids);
    // All tokens of a text are of the first segment, whose vector joins the places' vectors.
    let places = weights.get("embeddings.position_embeddings.weight");
    let segment = &weights
        .get("embeddings.token_type_embeddings.weight")
        .values;
    let hidden = weights.shape.hidden_size;
    let values = places
        .values
        .iter()
        .zip(segment[..hidden].iter().cycle())
        .map(|(place, segment)| place + segment)
        .collect();
    let places = graph.tensor(&HostTensor::new(&places.shape, values));
    let tokens = graph.op_with("Shape", &[ids], vec![int("start", 1), int("end", 2)]);
    let zero = graph.ints(&[0]);
    let places = graph.op("Slice", &[&places, &zero, &tokens, &zero]);
    let sum = graph.op("Add", &[&words, &places]);
    norm(graph, weights, "embeddings.LayerNorm", &sum)
}

/// Shape `[batch, 1, 1, tokens]`: zero for a token, and for padding so little that its weight
/// becomes zero.
fn padding(graph: &mut Graph, mask: &str) -> String {
    let one = graph.float(1.0);
    let score = graph.float(PADDING_SCORE);
    let axes = graph.ints(&[1, 2]);
    let lack = graph.op("Sub", &[mask, &one]);
    let lack = graph.op("Mul", &[&lack, &score]);
    graph.op("Unsqueeze", &[&lack, &axes])
}

fn layer(
    graph: &mut Graph,
    weights: &EncoderWeights,
    at: usize,
    state: &str,
    padding: &str,
) -> String {
    let name = |part: &str| format!("encoder.layer.{at}.{part}");
    let shape = weights.shape;
    let (heads, hidden) = (shape.num_attention_heads, shape.hidden_size);
    let width = hidden / heads;
    let apart = graph.ints(&[0, 0, heads as i64, width as i64]);
    let together = graph.ints(&[0, 0, hidden as i64]);
    let by_head = |graph: &mut Graph, part: &str, order: [i64; 4]| {
        let projected = linear(graph, weights, &name(part), state);
        let projected = graph.op("Reshape", &[&projected, &apart]);
        graph.op_with("Transpose", &[&projected], vec![ints("perm", &order)])
    };
    let query = by_head(graph, "attention.self.query", [0, 2, 1, 3]);
    let key = by_head(graph, "attention.self.key", [0, 2, 3, 1]);
    let value = by_head(graph, "attention.self.value", [0, 2, 1, 3]);
    let scale = graph.float((width as f32).powf(-0.5));
    let query = graph.op("Mul", &[&query, &scale]);
    let scores = graph.op("MatMul", &[&query, &key]); // [batch, heads, tokens, tokens]
    let scores = graph.op("Add", &[&scores, padding]);
    let attention = graph.op_with("Softmax", &[&scores], vec![int("axis", -1)]);
    let mixed = graph.op("MatMul", &[&attention, &value]);
    let mixed = graph.op_with("Transpose", &[&mixed], vec![ints("perm", &[0, 2, 1, 3])]);
    let mixed = graph.op("Reshape", &[&mixed, &together]);
    let output = linear(graph, weights, &name("attention.output.dense"), &mixed);
    let sum = graph.op("Add", &[&output, state]);
    let state = norm(graph, weights, &name("attention.output.LayerNorm"), &sum);

    let wide = linear(graph, weights, &name("intermediate.dense"), &state);
    let wide = gelu(graph, &wide);
    let output = linear(graph, weights, &name("output.dense"), &wide);
    let sum = graph.op("Add", &[&output, &state]);
    norm(graph, weights, &name("output.LayerNorm"), &sum)
}

fn linear(graph: &mut Graph, weights: &EncoderWeights, name: &str, input: &str) -> String {
    let weight = weights.get(&format!("{name}.weight")).transposed();
    let weight = graph.weight(&weight);
    let bias = graph.tensor(weights.get(&format!("{name}.bias")));
    let product = graph.op("MatMul", &[input, &weight]);
    graph.op("Add", &[&product, &bias])
}

fn norm(graph: &mut Graph, weights: &EncoderWeights, name: &str, input: &str) -> String {
    let weight = graph.tensor(weights.get(&format!("{name}.weight")));
    let bias = graph.tensor(weights.get(&format!("{name}.bias")));
    let settings = vec![
        int("axis", -1),
        float("epsilon", weights.shape.layer_norm_eps as f32),
    ];
    graph.op_with("LayerNormalization", &[input, &weight, &bias], settings)
}

/// `x * (1 + erf(x / sqrt 2)) / 2`.
fn gelu(graph: &mut Graph, x: &str) -> String {
    let [root, one, half] =
        [std::f32::consts::FRAC_1_SQRT_2, 1.0, 0.5].map(|number| graph.float(number));
    let inner = graph.op("Mul", &[x, &root]);
    let erf = graph.op("Erf", &[&inner]);
    let twice = graph.op("Add", &[&erf, &one]);
    let product = graph.op("Mul", &[x, &twice]);
    graph.op("Mul", &[&product, &half])
}

/// Mean over the tokens that are not padding, shape `[batch, hidden]`.
fn mean(graph: &mut Graph, state: &str, mask: &str) -> String {
    let (last, middle) = (graph.ints(&[2]), graph.ints(&[1]));
    let one = graph.float(1.0);
    let column = graph.op("Unsqueeze", &[mask, &last]);
    let kept = graph.op("Mul", &[state, &column]);
    let sum = graph.op_with("ReduceSum", &[&kept, &middle], vec![int("keepdims", 0)]);
    let count = graph.op("ReduceSum", &[mask, &middle]);
    let count = graph.op("Max", &[&count, &one]);
    graph.op("Div", &[&sum, &count])
}

/// Scales every row to length `sqrt(hidden)`.
fn on_sphere(graph: &mut Graph, pooled: &str, hidden: usize) -> String {
    let axis = graph.ints(&[1]);
    let least = graph.float(SMALLEST_NORM);
    let radius = graph.float((hidden as f32).sqrt());
    let squares = graph.op("Mul", &[pooled, pooled]);
    let sum = graph.op("ReduceSum", &[&squares, &axis]);
    let length = graph.op("Sqrt", &[&sum]);
    let length = graph.op("Max", &[&length, &least]);
    let unit = graph.op("Div", &[pooled, &length]);
    graph.op("Mul", &[&unit, &radius])
}
