//! A table's columns as inputs of a graph, and what [`crate::domain::features`] makes of their
//! cells as operations.
//!
//! ONNX has no operation that reads "1.234,50 €" or "3 March", so numbers come as numbers, dates as
//! Unix seconds and lists as one flag an entry. Everything after that is in the graph: stand-ins
//! for gaps, scales fitted on training rows, codes of categories, sine and cosine of the season.

use std::f32::consts::TAU;

use super::graph::{Axis, Graph, float, floats, int, ints, strings};
use super::proto::DataType;
use crate::domain::features::{
    BooleanPlan, CategoryPlan, ColumnPlan, DatePart, DatePlan, FeaturePlan, NumberPlan, Scale,
    TokensPlan,
};
use crate::domain::missing::Spellings;

/// Encoded columns: lists of values of shape `[rows]`, but for flags, which are `[rows, width]`.
#[derive(Default)]
pub struct Encoded {
    /// Scaled numbers.
    pub numbers: Vec<String>,
    /// Rows of the embedding table that all columns share.
    pub codes: Vec<String>,
    /// Flags, shape `[rows, 1]` or wider.
    pub flags: Vec<String>,
}

const ROWS: Axis = Axis::Any("rows");

/// Adds an input for each column of the plan, and what becomes of it.
pub fn encode(graph: &mut Graph, plan: &FeaturePlan) -> Encoded {
    let mut encoded = Encoded::default();
    let mut first_code = 0;
    for feature in &plan.features {
        let name = &feature.column;
        match &feature.plan {
            ColumnPlan::Number(plan) => number(graph, name, plan, &mut encoded),
            ColumnPlan::Date(plan) => date(graph, name, plan, &mut encoded),
            ColumnPlan::Boolean(plan) => boolean(graph, name, plan, &mut encoded),
            ColumnPlan::Tokens(plan) => tokens(graph, name, plan, &mut encoded),
            ColumnPlan::Category(plan) => {
                let code = category(graph, name, plan);
                let first = graph.int(first_code);
                encoded.codes.push(graph.op("Add", &[&code, &first]));
                first_code += i64::from(CategoryPlan::FIRST) + plan.values.len() as i64;
            }
        }
    }
    encoded
}

fn number(graph: &mut Graph, name: &str, plan: &NumberPlan, encoded: &mut Encoded) {
    let about = "A number; NaN where there is none.";
    let cells = graph.input(name, DataType::Double, &[ROWS], about);
    let (filled, is_gap) = filled(graph, &cells, plan.scale.median);
    encoded.numbers.push(scaled(graph, &filled, &plan.scale));
    if plan.has_gaps {
        encoded.flags.push(flag(graph, &is_gap));
    }
}

fn date(graph: &mut Graph, name: &str, plan: &DatePlan, encoded: &mut Encoded) {
    let about = "A moment in Unix seconds; NaN where there is none.";
    let cells = graph.input(name, DataType::Double, &[ROWS], about);
    let (seconds, is_gap) = filled(graph, &cells, plan.elapsed.median.trunc());
    encoded.numbers.push(scaled(graph, &seconds, &plan.elapsed));
    for (part, scale) in &plan.parts {
        let phase = phase(graph, &seconds, *part);
        encoded.numbers.push(scaled(graph, &phase, scale));
        let phase = graph.cast(&phase, DataType::Float);
        let circle = graph.float(TAU);
        let angle = graph.op("Mul", &[&phase, &circle]);
        for wave in ["Sin", "Cos"] {
            let wave = graph.op(wave, &[&angle]);
            encoded.flags.push(column(graph, &wave));
        }
    }
    if plan.has_gaps {
        encoded.flags.push(flag(graph, &is_gap));
    }
}

/// Share of the year, week or day that is over.
fn phase(graph: &mut Graph, seconds: &str, part: DatePart) -> String {
    let day = 86_400.0;
    let share = |graph: &mut Graph, of: &str, whole: f64| {
        let whole = graph.double(whole);
        let turns = graph.op("Div", &[of, &whole]);
        let done = graph.op("Floor", &[&turns]);
        graph.op("Sub", &[&turns, &done])
    };
    match part {
        DatePart::Year => share(graph, seconds, DatePart::YEAR_SECONDS),
        DatePart::Day => share(graph, seconds, day),
        DatePart::Week => {
            let day = graph.double(day);
            let days = graph.op("Div", &[seconds, &day]);
            let days = graph.op("Floor", &[&days]);
            share(graph, &days, 7.0)
        }
    }
}

fn boolean(graph: &mut Graph, name: &str, plan: &BooleanPlan, encoded: &mut Encoded) {
    let [no, yes] = &plan.values;
    let about = format!("\"{no}\" or \"{yes}\"; anything else counts as a gap.");
    let cells = graph.input(name, DataType::String, &[ROWS], &about);
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for (word, value) in [(no, -1.0), (yes, 1.0)] {
        for spelling in spellings(word) {
            if !keys.contains(&spelling) {
                keys.push(spelling);
                values.push(value);
            }
        }
    }
    let lookup = |graph: &mut Graph, values: &[f32], other: f32| {
        let settings = vec![
            strings("keys_strings", keys.iter().map(String::as_str)),
            floats("values_floats", values),
            float("default_float", other),
        ];
        let found = graph.ml_op("LabelEncoder", &cells, settings);
        column(graph, &found)
    };
    encoded.flags.push(lookup(graph, &values, 0.0));
    if plan.has_gaps {
        let known = vec![0.0; keys.len()];
        encoded.flags.push(lookup(graph, &known, 1.0));
    }
}

/// A word as tables write it: the engine compares lower case, which ONNX cannot make everywhere.
fn spellings(word: &str) -> [String; 3] {
    let mut letters = word.chars();
    let capital: String = letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    });
    [word.to_owned(), capital, word.to_uppercase()]
}

fn category(graph: &mut Graph, name: &str, plan: &CategoryPlan) -> String {
    let about = "A category, without white space around it; empty where there is none.";
    let cells = graph.input(name, DataType::String, &[ROWS], about);
    let missing = Spellings::usual();
    let gaps = std::iter::once("").chain(missing.list().iter().map(String::as_str));
    let (mut keys, mut codes): (Vec<&str>, Vec<i64>) = gaps
        .map(|spelling| (spelling, i64::from(CategoryPlan::MISSING)))
        .unzip();
    for (value, code) in plan.values.iter().zip(i64::from(CategoryPlan::FIRST)..) {
        keys.push(value);
        codes.push(code);
    }
    let settings = vec![
        strings("keys_strings", keys),
        ints("values_int64s", &codes),
        int("default_int64", i64::from(CategoryPlan::UNSEEN)),
    ];
    graph.ml_op("LabelEncoder", &cells, settings)
}

fn tokens(graph: &mut Graph, name: &str, plan: &TokensPlan, encoded: &mut Encoded) {
    let about = format!(
        "For each of these entries 1 where the list has it, else 0: {}",
        plan.tokens.join(", ")
    );
    let axes = [ROWS, Axis::Of(plan.tokens.len())];
    encoded
        .flags
        .push(graph.input(name, DataType::Float, &axes, &about));
}

/// Numbers with a stand-in for gaps, and where there was one.
fn filled(graph: &mut Graph, cells: &str, stand_in: f64) -> (String, String) {
    let is_gap = graph.op("IsNaN", &[cells]);
    let stand_in = graph.double(stand_in);
    let filled = graph.op("Where", &[&is_gap, &stand_in, cells]);
    (filled, is_gap)
}

fn flag(graph: &mut Graph, is_so: &str) -> String {
    let flag = graph.cast(is_so, DataType::Float);
    column(graph, &flag)
}

/// `[rows]` as `[rows, 1]`.
pub fn column(graph: &mut Graph, values: &str) -> String {
    let axis = graph.ints(&[1]);
    graph.op("Unsqueeze", &[values, &axis])
}

/// Numbers on the common scale: a straight line between the two knots around each.
fn scaled(graph: &mut Graph, numbers: &str, scale: &Scale) -> String {
    let last = scale.knots.len() - 1;
    let knots = graph.doubles(&[last + 1], &scale.knots);
    let heights = graph.floats(&[last + 1], &scale.heights);
    let (least, most) = (
        graph.double(scale.knots[0]),
        graph.double(scale.knots[last]),
    );
    let numbers = graph.op("Max", &[numbers, &least]);
    let numbers = graph.op("Min", &[&numbers, &most]);
    let across = column(graph, &numbers);
    let is_below = graph.op("Less", &[&knots, &across]); // [rows, knots]
    let is_below = graph.cast(&is_below, DataType::Float);
    let axis = graph.ints(&[1]);
    let below = graph.op_with("ReduceSum", &[&is_below, &axis], vec![int("keepdims", 0)]);
    let (one, zero) = (graph.float(1.0), graph.float(0.0));
    let before = graph.op("Sub", &[&below, &one]);
    let before = graph.op("Max", &[&before, &zero]);
    let after = graph.op("Add", &[&before, &one]);
    let [before, after] = [before, after].map(|at| graph.cast(&at, DataType::Int64));
    let pick =
        |graph: &mut Graph, from: &str| [&before, &after].map(|at| graph.op("Gather", &[from, at]));
    let [low, high] = pick(graph, &knots);
    let [floor, ceiling] = pick(graph, &heights);
    let way = graph.op("Sub", &[&numbers, &low]);
    let whole = graph.op("Sub", &[&high, &low]);
    let share = graph.op("Div", &[&way, &whole]);
    let share = graph.cast(&share, DataType::Float);
    let rise = graph.op("Sub", &[&ceiling, &floor]);
    let rise = graph.op("Mul", &[&share, &rise]);
    graph.op("Add", &[&floor, &rise])
}
