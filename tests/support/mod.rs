//! What several native tests need: committed fixtures, and the base model's files.

#![allow(dead_code, reason = "each test binary uses a part")]

pub mod slopes;

use std::io::{Cursor, Read as _, Write as _};
use std::path::PathBuf;

use burn::tensor::Tensor;
use burnish::domain::base_model::BertShape;
use burnish::domain::read::ReadOptions;
use burnish::domain::report::{Prediction, RunReport};
use burnish::domain::text::Tokenizer;
use burnish::engine::device::cpu;
use burnish::engine::encoder::random_checkpoint;
use burnish::engine::run::Base;
use burnish::engine::train::{Control, Notice, Watcher};
use burnish::protocol::{
    Attachment, Command, DeviceInfo, DeviceKind, Event, Failure, RequestId, RunAnswer, RunEvent,
    RunId, RunQuestion, TableId, TableSource, TableSummary,
};
use burnish::worker::assets::Assets;
use burnish::worker::port::{Attached, Page, Port};
use burnish::worker::{Disk, Trainer, serve};
use futures::executor::LocalPool;
use futures::task::LocalSpawnExt;
use safetensors::SafeTensors;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A tiny encoder of random weights that knows a few words. `layers`, `longest` text and `seed` are the
/// caller's.
pub fn random_base(layers: usize, longest: usize, seed: u64) -> Base {
    let shape = BertShape {
        vocab_size: 64,
        hidden_size: 16,
        num_hidden_layers: layers,
        num_attention_heads: 2,
        intermediate_size: 32,
        max_position_embeddings: longest,
        type_vocab_size: 2,
        layer_norm_eps: 1e-12,
    };
    let tokenizer = Tokenizer::from_bytes(&fixture("tiny_tokenizer.json")).unwrap();
    Base::load(
        shape,
        &random_checkpoint(shape, 0.5, seed),
        tokenizer,
        &cpu(),
    )
    .unwrap()
}

/// Watches a run without a clock, and hears nothing.
pub struct Silent;

impl Watcher for Silent {
    fn now(&self) -> f64 {
        0.0
    }

    fn notice(&mut self, _: Notice) {}

    async fn breathe(&mut self) -> Control {
        Control::Go
    }
}

/// Runs a test's page against a worker on the CPU, in one thread.
pub fn with_worker<F: AsyncFnOnce(Page)>(assets: Assets, disk: Disk, page: F) {
    let mut pool = LocalPool::new();
    let (port, end) = Port::pair();
    let info = DeviceInfo {
        kind: DeviceKind::Cpu,
        name: String::new(),
        reason: "A test.".to_owned(),
    };
    let trainer = Trainer {
        device: cpu(),
        info,
    };
    pool.spawner()
        .spawn_local(serve(port, trainer, assets, disk))
        .unwrap();
    pool.run_until(page(end));
}

/// Waits for the first event that `pick` takes; a failure that it does not take ends the test.
pub async fn next<T>(page: &mut Page, mut pick: impl FnMut(Event) -> Option<T>) -> T {
    loop {
        let event = page.receive().await.expect("the worker is there");
        let failure = match &event {
            Event::Failed { failure, .. } => Some(failure.clone()),
            _ => None,
        };
        if let Some(picked) = pick(event) {
            return picked;
        }
        if let Some(failure) = failure {
            panic!("{}", failure.what);
        }
    }
}

/// Opens a file as a table.
pub async fn open_file(page: &mut Page, table: TableId, name: &str, csv: String) -> TableSummary {
    let command = Command::OpenTable {
        table,
        name: name.to_owned(),
        source: TableSource::File {
            attachment: Attachment(0),
        },
        options: ReadOptions::default(),
    };
    page.send(command, vec![Attached(csv.into_bytes())]);
    next(page, |event| match event {
        Event::TableOpened { summary, .. } => Some(summary),
        _ => None,
    })
    .await
}

/// Waits for the end of a run and takes its figures away.
pub async fn finish(page: &mut Page) -> RunReport {
    let run = next(page, |event| match event {
        Event::Run {
            run,
            event: RunEvent::Finished { .. },
        } => Some(run),
        _ => None,
    })
    .await;
    figures(page, run).await
}

/// Asks something about a run.
pub async fn ask(page: &mut Page, run: RunId, question: RunQuestion) -> Result<RunAnswer, Failure> {
    let asked = RequestId(77);
    let command = Command::AskRun {
        run,
        request: asked,
        question,
    };
    page.send(command, Vec::new());
    next(page, |event| match event {
        Event::RunAnswered {
            request, answer, ..
        } if request == asked => Some(answer),
        _ => None,
    })
    .await
}

/// Opens a model's file as a run, and gives what the page shows of it.
pub async fn open_model(
    page: &mut Page,
    run: RunId,
    name: &str,
    bytes: &[u8],
) -> Result<String, Failure> {
    let asked = RequestId(79);
    let command = Command::AskRun {
        run,
        request: asked,
        question: RunQuestion::Open {
            name: name.to_owned(),
            model: Attachment(0),
            table: None,
        },
    };
    page.send(command, vec![Attached(bytes.to_vec())]);
    let answer = next(page, |event| match event {
        Event::RunAnswered {
            request, answer, ..
        } if request == asked => Some(answer),
        _ => None,
    });
    match answer.await? {
        RunAnswer::View { markup } => Ok(markup),
        other => panic!("{other:?}"),
    }
}

/// A file of text about a run, read as JSON.
pub async fn json_file(
    page: &mut Page,
    run: RunId,
    file: &str,
    knobs: &[(&str, &str)],
) -> serde_json::Value {
    let knobs = knobs
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()));
    let question = RunQuestion::File {
        file: file.to_owned(),
        knobs: knobs.collect(),
    };
    match ask(page, run, question).await {
        Ok(RunAnswer::File { text, .. }) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// A part of a screen about a run.
pub async fn view(page: &mut Page, run: RunId, view: &str, knobs: &[(&str, &str)]) -> String {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let question = RunQuestion::View {
        view: view.to_owned(),
        knobs: knobs.iter().map(owned).collect(),
    };
    match ask(page, run, question).await {
        Ok(RunAnswer::View { markup }) => markup.replace('\u{a0}', " "),
        other => panic!("{view}: {other:?}"),
    }
}

/// Everything that a run has to tell.
pub async fn figures(page: &mut Page, run: RunId) -> RunReport {
    serde_json::from_value(json_file(page, run, "figures", &[]).await).unwrap()
}

/// A file whose bytes travel beside the answer, and its name.
pub async fn attached(
    page: &mut Page,
    run: RunId,
    file: &str,
    knobs: &[(&str, &str)],
) -> (String, Vec<u8>) {
    let knobs = knobs
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()));
    let question = RunQuestion::File {
        file: file.to_owned(),
        knobs: knobs.collect(),
    };
    let command = Command::AskRun {
        run,
        request: RequestId(78),
        question,
    };
    page.send(command, Vec::new());
    loop {
        let (event, parts) = page.receive_with().await.expect("the worker is there");
        if let Event::RunAnswered { answer, .. } = event {
            let Ok(RunAnswer::File {
                name,
                is_attached: true,
                ..
            }) = answer
            else {
                panic!("{answer:?}")
            };
            return (name, parts.concat());
        }
    }
}

/// The cells of a CSV, its header first.
pub fn cells(csv: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv);
    let row =
        |row: csv::Result<csv::StringRecord>| row.unwrap().iter().map(str::to_owned).collect();
    reader.records().map(row).collect()
}

/// What a run says of a row.
pub async fn predict(page: &mut Page, run: RunId, row: Vec<(String, String)>) -> Prediction {
    match ask(page, run, RunQuestion::Predict { row }).await {
        Ok(RunAnswer::Predicted { prediction, .. }) => prediction,
        other => panic!("{other:?}"),
    }
}

/// An archive with one of its files changed.
pub fn rewritten(archive: &[u8], name: &str, change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for at in 0..from.len() {
        let mut file = from.by_index(at).unwrap();
        let own = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        to.start_file(&own, options).unwrap();
        let bytes = if own == name { change(&bytes) } else { bytes };
        to.write_all(&bytes).unwrap();
    }
    to.finish().unwrap().into_inner()
}

/// Bytes of a committed fixture.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Where `./dev setup` puts the base models.
pub fn models() -> PathBuf {
    std::env::var_os("BURNISH_MODELS").map_or_else(
        || {
            let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
                || PathBuf::from(std::env::var_os("HOME").expect("HOME is set")).join(".cache"),
                PathBuf::from,
            );
            cache.join("burnish/models")
        },
        PathBuf::from,
    )
}

/// Bytes of one of the base model's files.
pub fn model_file(name: &str) -> Vec<u8> {
    let path = models().join("all-MiniLM-L6-v2").join(name);
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `./dev setup` fetches the base model",
            path.display()
        )
    })
}

/// A tensor's numbers, row-major.
pub fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec::<f32>().expect("f32")
}

/// A committed safetensors file.
pub struct Reference(Vec<u8>);

impl Reference {
    /// Opens `tests/fixtures/NAME`.
    pub fn open(name: &str) -> Self {
        Self(fixture(name))
    }

    /// A tensor of f32.
    pub fn numbers(&self, name: &str) -> Vec<f32> {
        self.bytes(name)
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect()
    }

    /// A tensor of i64.
    pub fn integers(&self, name: &str) -> Vec<i64> {
        self.bytes(name)
            .chunks_exact(8)
            .map(|b| i64::from_le_bytes(b.try_into().unwrap()))
            .collect()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        file.tensor(name)
            .unwrap_or_else(|_| panic!("no tensor {name}"))
            .data()
            .to_vec()
    }
}
