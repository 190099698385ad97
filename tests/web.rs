//! The same core in the browser: what holds natively holds in a worker's WebAssembly with SIMD.
//!
//! Fixtures are compiled in, as a test in a browser reads no files. The real base model is checked
//! end to end, in `tests/e2e`.

#![cfg(target_family = "wasm")]

use burn::module::Module;
use burnish::domain::base_model::BertShape;
use burnish::domain::csv::CsvReader;
use burnish::domain::recipe::Method;
use burnish::domain::table::RowId;
use burnish::domain::text::Tokenizer;
use burnish::engine::batch::TokenBatch;
use burnish::engine::device::cpu;
use burnish::engine::encoder::{BertEncoderConfig, Weights, mean_pool};
use burnish::engine::self_check::trace;
use burnish::engine::train::read;
use burnish::worker::clock;
use safetensors::SafeTensors;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const TINY: BertShape = BertShape {
    vocab_size: 64,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 32,
    max_position_embeddings: 32,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
};

#[wasm_bindgen_test]
async fn the_tiny_encoder_has_pytorchs_output() {
    let checkpoint = include_bytes!("fixtures/tiny_bert/model.safetensors");
    let reference =
        SafeTensors::deserialize(include_bytes!("fixtures/tiny_bert/reference.safetensors"))
            .unwrap();
    let integers = |name: &str| -> Vec<i64> {
        let bytes = reference.tensor(name).unwrap().data().to_vec();
        bytes
            .chunks_exact(8)
            .map(|b| i64::from_le_bytes(b.try_into().unwrap()))
            .collect()
    };
    let (ids, mask) = (integers("batch.ids"), integers("batch.mask"));
    let tokens: Vec<Vec<u32>> = ids
        .chunks_exact(12)
        .zip(mask.chunks_exact(12))
        .map(|(ids, mask)| {
            ids.iter()
                .zip(mask)
                .filter(|(_, kept)| **kept == 1)
                .map(|(id, _)| *id as u32)
                .collect()
        })
        .collect();
    let device = cpu();
    let encoder = BertEncoderConfig::new(TINY)
        .load(&Weights::open(checkpoint).unwrap(), &device)
        .unwrap()
        .valid();
    let batch = TokenBatch::new(tokens.iter().map(Vec::as_slice), &device);
    let pooled = read(mean_pool(
        encoder.forward(batch.ids, batch.mask.clone()),
        batch.mask,
    ))
    .await
    .unwrap();
    let expected: Vec<f32> = reference
        .tensor("base.pooled")
        .unwrap()
        .data()
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
        .collect();
    let apart = pooled
        .iter()
        .zip(&expected)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(apart < 1e-5, "{apart:.1e}");
}

#[wasm_bindgen_test]
async fn training_repeats_bit_for_bit_and_learns() {
    for method in Method::ALL {
        let first = trace(method, 20, &cpu()).await.unwrap();
        let second = trace(method, 20, &cpu()).await.unwrap();
        assert_eq!(first, second, "{method:?}");
        assert!(
            first.losses[19] < 0.9 * first.losses[0],
            "{method:?}: {:?}",
            first.losses
        );
    }
}

#[wasm_bindgen_test]
fn the_tokenizer_works_without_threads_and_keeps_bytes() {
    let tokenizer = Tokenizer::from_bytes(include_bytes!("fixtures/tiny_tokenizer.json")).unwrap();
    let encoding = tokenizer.encode("", 8);
    assert_eq!(
        encoding.ids.len(),
        2,
        "an empty text is its two special tokens"
    );
    assert_eq!(encoding.offsets.len(), encoding.ids.len());
}

#[wasm_bindgen_test]
fn a_csv_is_read_in_chunks() {
    let mut reader = CsvReader::new("a.csv");
    for chunk in b"text;label\n\"a;\n\"\"b\"\"\";x\nc;y\n".chunks(3) {
        reader.feed(chunk);
    }
    let (table, _) = reader.finish().unwrap();
    assert_eq!(table.row(RowId(0)), ["a;\n\"b\"", "x"]);
    assert_eq!(table.rows(), 2);
}

#[wasm_bindgen_test]
async fn yielding_lets_messages_in() {
    // A microtask would run before any timer; a macrotask lets a timer of 0 ms go first.
    let before = clock::now();
    clock::yield_now().await;
    clock::sleep(0.02).await;
    assert!(clock::now() - before >= 0.019);
}
