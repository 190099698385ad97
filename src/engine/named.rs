//! A module's numbers by the names of the fields that lead to them, and on the host.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;

use super::error::EngineError;
use super::train::read;

/// A tensor on the host, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTensor {
    /// Its shape.
    pub shape: Vec<usize>,
    /// As many numbers as the shape says.
    pub values: Vec<f32>,
}

impl HostTensor {
    /// Numbers in a shape.
    ///
    /// # Panics
    /// When there are not as many numbers as the shape says.
    pub fn new(shape: &[usize], values: Vec<f32>) -> Self {
        assert_eq!(
            values.len(),
            shape.iter().product::<usize>(),
            "as many numbers as the shape says"
        );
        Self {
            shape: shape.to_vec(),
            values,
        }
    }

    /// A matrix with its rows as columns: PyTorch keeps `[d_output, d_input]`, burn
    /// `[d_input, d_output]`.
    ///
    /// # Panics
    /// When it is no matrix.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let [rows, columns] = self.shape[..] else {
            panic!("a matrix has two dimensions, not {:?}", self.shape)
        };
        let mut values = vec![0.0; self.values.len()];
        for (row, numbers) in self.values.chunks_exact(columns).enumerate() {
            for (column, &number) in numbers.iter().enumerate() {
                values[column * rows + row] = number;
            }
        }
        Self::new(&[columns, rows], values)
    }
}

/// A parameter, flattened.
pub(super) struct Named {
    pub(super) path: String,
    pub(super) id: ParamId,
    pub(super) shape: Vec<usize>,
    pub(super) flat: Tensor<1>,
}

/// The parameters of a module that are wanted, in the order of its fields.
pub(super) fn named(module: &impl Module, is_wanted: impl Fn(ParamId) -> bool) -> Vec<Named> {
    struct Collector<F> {
        path: Vec<String>,
        is_wanted: F,
        found: Vec<Named>,
    }
    impl<F: Fn(ParamId) -> bool> ModuleVisitor for Collector<F> {
        fn enter_module(&mut self, name: &str, _container_type: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _name: &str, _container_type: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if (self.is_wanted)(param.id) {
                let tensor = param.val();
                let shape = tensor.dims().to_vec();
                self.found.push(Named {
                    path: self.path.join("."),
                    id: param.id,
                    flat: tensor.reshape([shape.iter().product::<usize>()]),
                    shape,
                });
            }
        }
    }
    let mut collector = Collector {
        path: Vec::new(),
        is_wanted,
        found: Vec::new(),
    };
    module.visit(&mut collector);
    collector.found
}

/// All of a module's numbers by their paths, such as `layers.0.query.base.weight`.
///
/// # Errors
/// When the device fails.
pub async fn on_host(module: &impl Module) -> Result<BTreeMap<String, HostTensor>, EngineError> {
    let mut tensors = BTreeMap::new();
    for Named {
        path, shape, flat, ..
    } in named(module, |_| true)
    {
        let values = read(flat).await?;
        tensors.insert(path, HostTensor { shape, values });
    }
    Ok(tensors)
}
