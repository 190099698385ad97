//! The networks on a table's columns as a graph: what [`crate::engine::tabular::net`] computes, and
//! what a task makes of their outputs.

use std::collections::BTreeMap;

use super::columns::{Encoded, column, encode};
use super::encoder::{Texts, texts};
use super::graph::{Axis, Graph, int, ints};
use super::proto::DataType;
use crate::domain::baseline::Ridge;
use crate::domain::task::{self, AnswerKind};
use crate::engine::export::model::{EncoderWeights, TableWeights};
use crate::engine::named::HostTensor;
use crate::engine::tabular::model::NumberScale;
use crate::engine::tabular::probe::TokenProbe;

/// A network's tensors by the names of their fields.
type Net = BTreeMap<String, HostTensor>;

/// Keeps the division finite where a text has no known token; one that it has weighs 1 at least.
const LEAST_LENGTH: f32 = 1e-6;

/// Columns together: each of these is one value for all of them.
struct Joined {
    /// Scaled numbers, shape `[numbers, rows, 1]`.
    numbers: Option<String>,
    /// Rows of the embedding table, shape `[rows, codes]`.
    codes: Option<String>,
    /// Shape `[rows, flags]`.
    flags: Option<String>,
}

/// Adds inputs, networks and the output of a model on a table.
pub fn table(
    graph: &mut Graph,
    weights: &TableWeights,
    encoder: Option<&EncoderWeights>,
    task: &str,
    labels: usize,
) {
    let mut encoded = encode(graph, &weights.plan);
    if let Some(encoder) = encoder {
        let texts = texts(graph, encoder);
        encoded.flags.push(texts.vectors.clone());
        if let Some(probe) = &weights.probes.vector {
            encoded.flags.push(told(graph, probe, &texts.vectors));
        }
        if let Some(probe) = &weights.probes.tokens {
            let vocabulary = encoder.shape.vocab_size;
            encoded
                .flags
                .push(told_of_tokens(graph, probe, &texts, vocabulary));
        }
    }
    let joined = join(graph, &encoded);
    let answers: Vec<String> = weights
        .nets
        .iter()
        .map(|net| {
            let outputs = network(graph, net, &joined);
            answer(graph, &outputs, task)
        })
        .collect();
    let mean = mean_of(graph, &answers);
    let rows = Axis::Any("rows");
    match weights.scale {
        Some(scale) => {
            let number = unscaled(graph, &mean, scale);
            let about = "The predicted number.";
            graph.output(&number, "prediction", DataType::Double, &[rows], about);
        }
        None => {
            let axes = [rows, Axis::Of(labels)];
            let about = "One probability a label, in the order of the metadata's labels.";
            graph.output(&mean, "probabilities", DataType::Float, &axes, about);
        }
    }
}

/// What a linear probe says of texts, from their vectors.
fn told(graph: &mut Graph, probe: &Ridge, vectors: &str) -> String {
    let outputs = probe.outputs();
    let width = probe.weight.len() / outputs;
    let weight = HostTensor::new(&[width, outputs], probe.weight.clone());
    let bias = HostTensor::new(&[outputs], probe.bias.clone());
    let (weight, bias) = (graph.weight(&weight), graph.tensor(&bias));
    let product = graph.op("MatMul", &[vectors, &weight]);
    graph.op("Add", &[&product, &bias])
}

/// What a linear model says of texts' tokens: of each text the sum of its tokens' shares over the length
/// of its counts, where a token that is there `n` times is added `n` times to `n` times its square.
fn told_of_tokens(
    graph: &mut Graph,
    probe: &TokenProbe,
    texts: &Texts,
    vocabulary: usize,
) -> String {
    let (known, outputs) = (probe.tokens.len(), probe.ridge.outputs());
    // All others share a place of their own, and weigh nothing.
    let mut places = vec![known as i64; vocabulary];
    for (place, &token) in probe.tokens.iter().enumerate() {
        if let Some(own) = places.get_mut(token as usize) {
            *own = place as i64;
        }
    }
    let places = graph.ints(&places);
    let place = graph.op("Gather", &[&places, &texts.tokens]); // [batch, tokens]
    let rarity: Vec<f32> = probe.rarity.iter().copied().chain([0.0]).collect();
    let shares = probe.ridge.weight.chunks_exact(outputs);
    let shares = shares.zip(&probe.rarity);
    let mut shares: Vec<f32> = shares
        .flat_map(|(row, rarity)| row.iter().map(move |weight| weight * rarity))
        .collect();
    shares.extend(std::iter::repeat_n(0.0, outputs));
    let shares = HostTensor::new(&[known + 1, outputs], shares);

    let (middle, last) = (graph.ints(&[1]), graph.ints(&[2]));
    let column = graph.op("Unsqueeze", &[&texts.mask, &last]); // [batch, tokens, 1]
    let shares = graph.rows_of(&shares, &place);
    let shares = graph.op("Mul", &[&shares, &column]);
    let sum = graph.op_with("ReduceSum", &[&shares, &middle], vec![int("keepdims", 0)]);

    let rarity = graph.floats(&[known + 1], &rarity);
    let rarity = graph.op("Gather", &[&rarity, &place]);
    let squares = graph.op("Mul", &[&rarity, &rarity]);
    let squares = graph.op("Mul", &[&squares, &texts.mask]);
    let [across, down] = [&last, &middle].map(|axis| graph.op("Unsqueeze", &[&place, axis]));
    let same = graph.op("Equal", &[&across, &down]); // [batch, tokens, tokens]
    let same = graph.cast(&same, DataType::Float);
    let times = graph.op("MatMul", &[&same, &column]);
    let times = graph.op("Squeeze", &[&times, &last]);
    let squares = graph.op("Mul", &[&squares, &times]);
    let square = graph.op("ReduceSum", &[&squares, &middle]); // [batch, 1]
    let length = graph.op("Sqrt", &[&square]);
    let least = graph.float(LEAST_LENGTH);
    let length = graph.op("Max", &[&length, &least]);
    let told = graph.op("Div", &[&sum, &length]);
    let bias = HostTensor::new(&[outputs], probe.ridge.bias.clone());
    let bias = graph.tensor(&bias);
    graph.op("Add", &[&told, &bias])
}

fn join(graph: &mut Graph, encoded: &Encoded) -> Joined {
    let side_by_side = |graph: &mut Graph, values: &[String]| {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        graph.op_with("Concat", &values, vec![int("axis", 1)])
    };
    let numbers = (!encoded.numbers.is_empty()).then(|| {
        let axes = graph.ints(&[0, 2]);
        let each: Vec<String> = encoded
            .numbers
            .iter()
            .map(|numbers| graph.op("Unsqueeze", &[numbers, &axes])) // [1, rows, 1]
            .collect();
        let each: Vec<&str> = each.iter().map(String::as_str).collect();
        graph.op_with("Concat", &each, vec![int("axis", 0)])
    });
    let codes = (!encoded.codes.is_empty()).then(|| {
        let each: Vec<String> = encoded
            .codes
            .iter()
            .map(|codes| column(graph, codes))
            .collect();
        side_by_side(graph, &each)
    });
    let flags = (!encoded.flags.is_empty()).then(|| side_by_side(graph, &encoded.flags));
    Joined {
        numbers,
        codes,
        flags,
    }
}

/// One network's outputs, shape `[members, rows, outputs]`.
fn network(graph: &mut Graph, net: &Net, joined: &Joined) -> String {
    let get = |name: &str| &net[name];
    let mut parts: Vec<String> = Vec::new();
    let flat = graph.ints(&[0, -1]);
    if let Some(x) = &joined.numbers {
        let [line, bias, low, steepness] = ["line", "bias", "low", "steepness"]
            .map(|name| graph.tensor(get(&format!("numbers.{name}"))));
        let curve = graph.weight(get("numbers.curve"));
        let (zero, one) = (graph.float(0.0), graph.float(1.0));
        let above = graph.op("Sub", &[x, &low]);
        let share = graph.op("Mul", &[&above, &steepness]);
        let share = graph.op("Clip", &[&share, &zero, &one]); // [numbers, rows, bins]
        let bent = graph.op("MatMul", &[&share, &curve]);
        let straight = graph.op("Mul", &[x, &line]);
        let straight = graph.op("Add", &[&straight, &bias]);
        let vectors = graph.op("Add", &[&straight, &bent]);
        let vectors = graph.op_with("Transpose", &[&vectors], vec![ints("perm", &[1, 0, 2])]);
        parts.push(graph.op("Reshape", &[&vectors, &flat]));
    }
    if let Some(codes) = &joined.codes {
        let vectors = graph.rows_of(get("categories.table"), codes); // [rows, codes, width]
        parts.push(graph.op("Reshape", &[&vectors, &flat]));
    }
    parts.extend(joined.flags.clone());
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let input = graph.op_with("Concat", &parts, vec![int("axis", 1)]);
    let first = graph.ints(&[0]);
    let mut hidden = graph.op("Unsqueeze", &[&input, &first]); // [1, rows, input]
    for block in 0.. {
        let name = |part: &str| format!("blocks.{block}.{part}");
        let Some(weight) = net.get(&name("weight")) else {
            break;
        };
        let weight = graph.weight(weight);
        let [scale_in, scale_out, bias] =
            ["scale_in", "scale_out", "bias"].map(|part| graph.tensor(get(&name(part))));
        let scaled = graph.op("Mul", &[&hidden, &scale_in]);
        let product = graph.op("MatMul", &[&scaled, &weight]);
        let product = graph.op("Mul", &[&product, &scale_out]);
        let sum = graph.op("Add", &[&product, &bias]);
        hidden = graph.op("Relu", &[&sum]); // [members, rows, width]
    }
    let weight = graph.weight(get("heads.weight"));
    let bias = graph.tensor(get("heads.bias"));
    let outputs = graph.op("MatMul", &[&hidden, &weight]);
    graph.op("Add", &[&outputs, &bias])
}

/// What the members predict on average: `[rows, predictions]`, or `[rows]` of a number.
fn answer(graph: &mut Graph, outputs: &str, task: &str) -> String {
    let each = match task::answer(task) {
        AnswerKind::Number => {
            let last = graph.ints(&[2]);
            graph.op("Squeeze", &[outputs, &last])
        }
        AnswerKind::Labels => graph.op("Sigmoid", &[outputs]),
        AnswerKind::Rank => ranks(graph, outputs),
        AnswerKind::Label => graph.op_with("Softmax", &[outputs], vec![int("axis", 2)]),
    };
    let settings = vec![ints("axes", &[0]), int("keepdims", 0)];
    graph.op_with("ReduceMean", &[&each], settings)
}

/// One probability a label: being at least it, less being higher. ONNX has no running product, so
/// it is the exponential of a running sum of logarithms: `ln sigmoid(x) = -softplus(-x)`.
fn ranks(graph: &mut Graph, outputs: &str) -> String {
    let axis = graph.int(2);
    let lower = graph.op("Neg", &[outputs]);
    let lower = graph.op("Softplus", &[&lower]);
    let logarithm = graph.op("Neg", &[&lower]);
    let running = graph.op("CumSum", &[&logarithm, &axis]);
    let is_higher = graph.op("Exp", &[&running]);
    let (zero, one) = (graph.float(0.0), graph.float(1.0));
    let (front, back) = (
        graph.ints(&[0, 0, 1, 0, 0, 0]),
        graph.ints(&[0, 0, 0, 0, 0, 1]),
    );
    let at_least = graph.op("Pad", &[&is_higher, &front, &one]);
    let higher = graph.op("Pad", &[&is_higher, &back, &zero]);
    graph.op("Sub", &[&at_least, &higher])
}

fn mean_of(graph: &mut Graph, answers: &[String]) -> String {
    let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
    graph.op("Mean", &answers)
}

fn unscaled(graph: &mut Graph, scaled: &str, scale: NumberScale) -> String {
    let wide = graph.cast(scaled, DataType::Double);
    let (deviation, mean) = (graph.double(scale.deviation), graph.double(scale.mean));
    let number = graph.op("Mul", &[&wide, &deviation]);
    let number = graph.op("Add", &[&number, &mean]);
    if !scale.is_log {
        return number;
    }
    let one = graph.double(1.0);
    let power = graph.op("Exp", &[&number]);
    graph.op("Sub", &[&power, &one])
}
