//! The engine's names of an encoder's tensors, and Hugging Face's.

use std::collections::BTreeMap;

use super::model::Update;
use crate::domain::encoder::{self, TensorNames};
use crate::domain::recipe::Projection;
use crate::engine::named::HostTensor;

/// Fields outside of the layers with their names in a checkpoint.
const EMBEDDINGS: &[(&str, &str)] = &[
    (
        "embeddings.words.weight",
        "embeddings.word_embeddings.weight",
    ),
    (
        "embeddings.positions.weight",
        "embeddings.position_embeddings.weight",
    ),
    (
        "embeddings.segments.weight",
        "embeddings.token_type_embeddings.weight",
    ),
    ("embeddings.norm.gamma", "embeddings.LayerNorm.weight"),
    ("embeddings.norm.beta", "embeddings.LayerNorm.bias"),
];

/// Normalisations of a layer with their names in a checkpoint.
const NORMS: &[(&str, &str)] = &[
    ("attention_norm", "attention.output.LayerNorm"),
    ("output_norm", "output.LayerNorm"),
];

/// Projections of a layer: which, the field, the name in a checkpoint.
const PROJECTIONS: &[(Projection, &str, &str)] = &[
    (Projection::Query, "query", "attention.self.query"),
    (Projection::Key, "key", "attention.self.key"),
    (Projection::Value, "value", "attention.self.value"),
    (Projection::Output, "output", "attention.output.dense"),
    (Projection::Up, "up", "intermediate.dense"),
    (Projection::Down, "down", "output.dense"),
];

/// The name of a projection within its layer of a checkpoint.
pub fn name_of(projection: Projection) -> &'static str {
    PROJECTIONS
        .iter()
        .find(|(which, ..)| *which == projection)
        .map(|(.., name)| *name)
        .expect("every projection has a name")
}

/// The field of a projection within its layer of the engine's encoder.
pub fn field_of(projection: Projection) -> &'static str {
    PROJECTIONS
        .iter()
        .find(|(which, ..)| *which == projection)
        .map(|(_, field, _)| *field)
        .expect("every projection has a field")
}

/// The tensors of an encoder as a checkpoint names and lays them out, with low-rank updates merged
/// at this scale.
pub fn encoder_tensors(
    raw: &BTreeMap<String, HostTensor>,
    scale: f32,
) -> BTreeMap<String, HostTensor> {
    let mut tensors = BTreeMap::new();
    let mut copy = |from: &str, to: String| {
        if let Some(tensor) = raw.get(from) {
            tensors.insert(to, tensor.clone());
        }
    };
    for (field, name) in EMBEDDINGS {
        copy(field, (*name).to_owned());
    }
    for layer in 0..layers(raw) {
        for (field, name) in NORMS {
            for (own, theirs) in [("gamma", "weight"), ("beta", "bias")] {
                let to = format!("encoder.layer.{layer}.{name}.{theirs}");
                copy(&format!("layers.{layer}.{field}.{own}"), to);
            }
        }
        for (_, field, name) in PROJECTIONS {
            let to = format!("encoder.layer.{layer}.{name}.bias");
            copy(&format!("layers.{layer}.{field}.base.bias"), to);
        }
    }
    for layer in 0..layers(raw) {
        for (_, field, name) in PROJECTIONS {
            let part = |part: &str| raw.get(&format!("layers.{layer}.{field}.{part}"));
            let Some(base) = part("base.weight") else {
                continue;
            };
            let merged = match (part("update.a"), part("update.b")) {
                (Some(a), Some(b)) => merged(base, a, b, scale),
                _ => base.clone(),
            };
            let to = format!("encoder.layer.{layer}.{name}.weight");
            tensors.insert(to, merged.transposed());
        }
    }
    tensors
}

/// The name of a tensor in a checkpoint of another architecture, from BERT's name of it.
pub fn name_in(names: &TensorNames, bert: &str) -> String {
    let own = encoder::ALL[0].tensors;
    let below = bert.strip_prefix(own.layer);
    let parts = below.and_then(|below| {
        let (layer, rest) = below.strip_prefix('.')?.split_once('.')?;
        let (part, kind) = rest.rsplit_once('.')?;
        Some((layer, part, kind))
    });
    // Embeddings have the same names everywhere.
    let Some((layer, part, kind)) = parts else {
        return bert.to_owned();
    };
    let pairs = [
        (own.query, names.query),
        (own.key, names.key),
        (own.value, names.value),
        (own.output, names.output),
        (own.attention_norm, names.attention_norm),
        (own.up, names.up),
        (own.down, names.down),
        (own.output_norm, names.output_norm),
    ];
    let found = pairs.iter().find(|(own, _)| *own == part);
    let (_, theirs) = found.expect("every part of a layer has a name");
    format!("{}.{layer}.{theirs}.{kind}", names.layer)
}

/// The low-rank updates of an encoder, layer by layer.
pub fn adapted(raw: &BTreeMap<String, HostTensor>) -> Vec<Update> {
    let mut updates = Vec::new();
    for layer in 0..layers(raw) {
        for (projection, field, _) in PROJECTIONS {
            let part = |part: &str| raw.get(&format!("layers.{layer}.{field}.update.{part}"));
            if let (Some(a), Some(b)) = (part("a"), part("b")) {
                updates.push(Update {
                    layer,
                    projection: *projection,
                    a: a.clone(),
                    b: b.clone(),
                });
            }
        }
    }
    updates
}

fn layers(raw: &BTreeMap<String, HostTensor>) -> usize {
    raw.keys()
        .filter_map(|name| {
            name.strip_prefix("layers.")?
                .split('.')
                .next()?
                .parse()
                .ok()
        })
        .max()
        .map_or(0, |last: usize| last + 1)
}

/// `base + scale * a b`, shape `[d_input, d_output]`.
fn merged(base: &HostTensor, a: &HostTensor, b: &HostTensor, scale: f32) -> HostTensor {
    let [rank, outputs] = [b.shape[0], b.shape[1]];
    let mut values = base.values.clone();
    for (row, narrow) in values
        .chunks_exact_mut(outputs)
        .zip(a.values.chunks_exact(rank))
    {
        for (x, wide) in narrow.iter().zip(b.values.chunks_exact(outputs)) {
            for (value, y) in row.iter_mut().zip(wide) {
                *value += scale * x * y;
            }
        }
    }
    HostTensor::new(&base.shape, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_has_its_architectures_name() {
        let distilbert = encoder::find("distilbert").unwrap().tensors;
        for (bert, theirs) in [
            (
                "encoder.layer.3.attention.self.query.weight",
                "transformer.layer.3.attention.q_lin.weight",
            ),
            (
                "encoder.layer.0.output.LayerNorm.bias",
                "transformer.layer.0.output_layer_norm.bias",
            ),
            ("embeddings.LayerNorm.weight", "embeddings.LayerNorm.weight"),
        ] {
            assert_eq!(name_in(&distilbert, bert), theirs);
            assert_eq!(name_in(&encoder::ALL[0].tensors, bert), bert);
        }
    }

    #[test]
    fn an_update_is_merged_at_its_scale_and_turned() {
        let tensor = |shape: &[usize], values: &[f32]| HostTensor::new(shape, values.to_vec());
        let raw = BTreeMap::from([
            (
                "layers.0.query.base.weight".to_owned(),
                tensor(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
            ),
            (
                "layers.0.query.update.a".to_owned(),
                tensor(&[2, 1], &[1.0, -1.0]),
            ),
            (
                "layers.0.query.update.b".to_owned(),
                tensor(&[1, 3], &[0.5, 0.0, 1.0]),
            ),
        ]);
        let found = encoder_tensors(&raw, 2.0);
        let query = &found["encoder.layer.0.attention.self.query.weight"];
        assert_eq!(query.shape, [3, 2]);
        assert_eq!(query.values, [2.0, 3.0, 2.0, 5.0, 5.0, 4.0]);
        let updates = adapted(&raw);
        assert_eq!(updates.len(), 1);
        assert_eq!(updates[0].projection, Projection::Query);
    }
}
