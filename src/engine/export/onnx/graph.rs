//! Puts an ONNX graph together, one operation after the other.

use half::f16;
use prost::Message;

use super::proto::{
    AttributeProto, AttributeType, DataType, DimensionProto, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, StringStringEntryProto, TensorProto, TensorShapeProto, TensorTypeProto,
    TypeProto, ValueInfoProto,
};
use crate::engine::named::HostTensor;

/// The version of the operators: the first with layer normalization, and old enough for every
/// runtime since 2022.
pub const OPSET: i64 = 17;

/// The version of the operators of classical machine learning, which read categories.
pub const ML_OPSET: i64 = 3;

/// The version of the file's form that came with [`OPSET`].
const IR_VERSION: i64 = 8;

/// Operators of classical machine learning.
pub const ML_DOMAIN: &str = "ai.onnx.ml";

/// How weights are kept. Arithmetic is in f32 whatever they are kept as, so that every runtime
/// can do it: they are widened when the file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// As they were learned.
    F32,
    /// Half the size.
    F16,
    /// A quarter: 8 bits with a scale for each output of a matrix and each row of an embedding.
    Int8,
}

/// An axis of an input or an output.
#[derive(Debug, Clone, Copy)]
pub enum Axis {
    /// As long as somebody likes, under a name.
    Any(&'static str),
    /// Of this length.
    Of(usize),
}

/// A graph that grows.
pub struct Graph {
    precision: Precision,
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
    inputs: Vec<ValueInfoProto>,
    outputs: Vec<ValueInfoProto>,
    /// Counts values, whose names must differ.
    values: usize,
    has_ml: bool,
}

impl Graph {
    /// Nothing yet.
    pub fn new(precision: Precision) -> Self {
        Self {
            precision,
            nodes: Vec::new(),
            constants: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            values: 0,
            has_ml: false,
        }
    }

    /// An input.
    pub fn input(&mut self, name: &str, holds: DataType, axes: &[Axis], about: &str) -> String {
        self.inputs.push(value(name, holds, axes, about));
        name.to_owned()
    }

    /// Makes a value an output under a name.
    pub fn output(&mut self, from: &str, name: &str, holds: DataType, axes: &[Axis], about: &str) {
        self.nodes.push(NodeProto {
            input: vec![from.to_owned()],
            output: vec![name.to_owned()],
            name: format!("output/{name}"),
            op_type: "Identity".to_owned(),
            ..NodeProto::default()
        });
        self.outputs.push(value(name, holds, axes, about));
    }

    /// One operation with one result, whose name is given.
    pub fn op(&mut self, op: &str, inputs: &[&str]) -> String {
        self.op_with(op, inputs, Vec::new())
    }

    /// The same with settings.
    pub fn op_with(&mut self, op: &str, inputs: &[&str], settings: Vec<AttributeProto>) -> String {
        let output = self.fresh(op);
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.clone()],
            name: output.clone(),
            op_type: op.to_owned(),
            attribute: settings,
            ..NodeProto::default()
        });
        output
    }

    /// One operation of classical machine learning.
    pub fn ml_op(&mut self, op: &str, input: &str, settings: Vec<AttributeProto>) -> String {
        let output = self.op_with(op, &[input], settings);
        self.has_ml = true;
        if let Some(node) = self.nodes.last_mut() {
            node.domain = ML_DOMAIN.to_owned();
        }
        output
    }

    /// Numbers as f32.
    pub fn floats(&mut self, shape: &[usize], values: &[f32]) -> String {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.constant(DataType::Float, shape, bytes)
    }

    /// One number as f32.
    pub fn float(&mut self, value: f32) -> String {
        self.floats(&[], &[value])
    }

    /// Numbers as f64.
    pub fn doubles(&mut self, shape: &[usize], values: &[f64]) -> String {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.constant(DataType::Double, shape, bytes)
    }

    /// One number as f64.
    pub fn double(&mut self, value: f64) -> String {
        self.doubles(&[], &[value])
    }

    /// Whole numbers in a row.
    pub fn ints(&mut self, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.constant(DataType::Int64, &[values.len()], bytes)
    }

    /// One whole number.
    pub fn int(&mut self, value: i64) -> String {
        self.constant(DataType::Int64, &[], value.to_le_bytes().to_vec())
    }

    /// A tensor as f32.
    pub fn tensor(&mut self, tensor: &HostTensor) -> String {
        self.floats(&tensor.shape, &tensor.values)
    }

    /// The matrix of a linear layer, or several, kept as the precision says. Its last axis are the
    /// outputs.
    pub fn weight(&mut self, tensor: &HostTensor) -> String {
        let HostTensor { shape, values } = tensor;
        let outputs = shape.last().copied().unwrap_or(1).max(1);
        match self.precision {
            Precision::F32 => self.tensor(tensor),
            Precision::F16 => {
                let kept = self.halves(shape, values);
                self.cast(&kept, DataType::Float)
            }
            Precision::Int8 => {
                let mut largest = vec![0.0_f32; outputs];
                for row in values.chunks_exact(outputs) {
                    for (largest, x) in largest.iter_mut().zip(row) {
                        *largest = largest.max(x.abs());
                    }
                }
                let scales: Vec<f32> = largest.into_iter().map(scale_of).collect();
                let bytes = values
                    .chunks_exact(outputs)
                    .flat_map(|row| row.iter().zip(&scales))
                    .map(|(&x, &scale)| whole(x, scale))
                    .collect();
                let kept = self.constant(DataType::Int8, shape, bytes);
                let wide = self.cast(&kept, DataType::Float);
                let scales = self.floats(&[outputs], &scales);
                self.op("Mul", &[&wide, &scales])
            }
        }
    }

    /// Rows of a table by their numbers: `[...]` in, `[..., width]` out. The table is kept as the
    /// precision says and stays so: only the rows that are read are widened.
    pub fn rows_of(&mut self, table: &HostTensor, at: &str) -> String {
        let HostTensor { shape, values } = table;
        let width = shape[1];
        match self.precision {
            Precision::F32 => {
                let table = self.tensor(table);
                self.op("Gather", &[&table, at])
            }
            Precision::F16 => {
                let table = self.halves(shape, values);
                let rows = self.op("Gather", &[&table, at]);
                self.cast(&rows, DataType::Float)
            }
            Precision::Int8 => {
                let scales: Vec<f32> = values
                    .chunks_exact(width)
                    .map(|row| scale_of(row.iter().fold(0.0, |most: f32, x| most.max(x.abs()))))
                    .collect();
                let bytes = values
                    .chunks_exact(width)
                    .zip(&scales)
                    .flat_map(|(row, &scale)| row.iter().map(move |&x| whole(x, scale)))
                    .collect();
                let table = self.constant(DataType::Int8, shape, bytes);
                let scales = self.floats(&[scales.len(), 1], &scales);
                let rows = self.op("Gather", &[&table, at]);
                let rows = self.cast(&rows, DataType::Float);
                let scales = self.op("Gather", &[&scales, at]);
                self.op("Mul", &[&rows, &scales])
            }
        }
    }

    /// The same numbers held otherwise.
    pub fn cast(&mut self, from: &str, to: DataType) -> String {
        self.op_with("Cast", &[from], vec![int("to", to as i64)])
    }

    /// The file.
    pub fn finish(self, name: &str, about: &str, metadata: &[(&str, String)]) -> Vec<u8> {
        let mut opset_import = vec![OperatorSetIdProto {
            domain: String::new(),
            version: OPSET,
        }];
        if self.has_ml {
            opset_import.push(OperatorSetIdProto {
                domain: ML_DOMAIN.to_owned(),
                version: ML_OPSET,
            });
        }
        let model = ModelProto {
            ir_version: IR_VERSION,
            producer_name: "burnish".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            doc_string: about.to_owned(),
            graph: Some(GraphProto {
                node: self.nodes,
                name: name.to_owned(),
                initializer: self.constants,
                input: self.inputs,
                output: self.outputs,
            }),
            opset_import,
            metadata_props: metadata
                .iter()
                .map(|(key, value)| StringStringEntryProto {
                    key: (*key).to_owned(),
                    value: value.clone(),
                })
                .collect(),
        };
        model.encode_to_vec()
    }

    fn halves(&mut self, shape: &[usize], values: &[f32]) -> String {
        let bytes = values
            .iter()
            .flat_map(|&x| f16::from_f32(x).to_le_bytes())
            .collect();
        self.constant(DataType::Float16, shape, bytes)
    }

    fn constant(&mut self, holds: DataType, shape: &[usize], raw_data: Vec<u8>) -> String {
        let name = self.fresh("constant");
        self.constants.push(TensorProto {
            dims: shape.iter().map(|&length| length as i64).collect(),
            data_type: holds as i32,
            name: name.clone(),
            raw_data,
        });
        name
    }

    /// A name that no column has: it begins with a slash and ends with a number.
    fn fresh(&mut self, what: &str) -> String {
        self.values += 1;
        format!("/{what}/{}", self.values)
    }
}

/// A setting that is a whole number.
pub fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        i: Some(value),
        r#type: AttributeType::Int as i32,
        ..AttributeProto::default()
    }
}

/// A setting that is a number.
pub fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        f: Some(value),
        r#type: AttributeType::Float as i32,
        ..AttributeProto::default()
    }
}

/// A setting of several whole numbers.
pub fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        ints: values.to_vec(),
        r#type: AttributeType::Ints as i32,
        ..AttributeProto::default()
    }
}

/// A setting of several numbers.
pub fn floats(name: &str, values: &[f32]) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        floats: values.to_vec(),
        r#type: AttributeType::Floats as i32,
        ..AttributeProto::default()
    }
}

/// A setting of several texts.
pub fn strings<'a>(name: &str, values: impl IntoIterator<Item = &'a str>) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        strings: values.into_iter().map(|text| text.into()).collect(),
        r#type: AttributeType::Strings as i32,
        ..AttributeProto::default()
    }
}

/// The scale at which a largest absolute value becomes 127.
fn scale_of(largest: f32) -> f32 {
    if largest > 0.0 { largest / 127.0 } else { 1.0 }
}

/// A number as 8 bits, in the byte that two's complement gives it.
fn whole(x: f32, scale: f32) -> u8 {
    (x / scale).round().clamp(-127.0, 127.0) as i8 as u8
}

fn value(name: &str, holds: DataType, axes: &[Axis], about: &str) -> ValueInfoProto {
    let dim = axes
        .iter()
        .map(|axis| match axis {
            Axis::Any(name) => DimensionProto {
                dim_param: Some((*name).to_owned()),
                ..DimensionProto::default()
            },
            Axis::Of(length) => DimensionProto {
                dim_value: Some(*length as i64),
                ..DimensionProto::default()
            },
        })
        .collect();
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: holds as i32,
                shape: Some(TensorShapeProto { dim }),
            }),
        }),
        doc_string: about.to_owned(),
    }
}
