//! A person's own encoder in the worker: taken in, tuned, and there again after a reload.

mod support;

use burnish::domain::read::ReadOptions;
use burnish::domain::recipe::{DataProfile, Method, Recipe};
use burnish::domain::report::RunSummary;
use burnish::protocol::{
    Attachment, BaseModelInfo, Command, Event, Failure, FailureKind, RequestId, RunEvent, RunId,
    TableId, TableSource,
};
use burnish::worker::Disk;
use burnish::worker::assets::Assets;
use burnish::worker::port::{Attached, Page};
use support::fixture;

const TABLE: TableId = TableId(1);
const RUN: RunId = RunId(1);

/// A worker without any base model of the app's own.
fn with_worker<F: AsyncFnOnce(Page)>(disk: Disk, page: F) {
    support::with_worker(Assets::new("/there/is/nothing"), disk, page);
}

fn disk() -> Disk {
    Disk {
        interval: f64::INFINITY,
        ..Disk::default()
    }
}

async fn add(page: &mut Page, folder: &str, names: &[&str]) -> Result<BaseModelInfo, Failure> {
    let paths = names.iter().enumerate();
    let files = paths.map(|(at, name)| (format!("my-model/{name}"), Attachment(at as u8)));
    let command = Command::AddEncoder {
        request: RequestId(7),
        files: files.collect(),
    };
    let bytes = names
        .iter()
        .map(|name| Attached(fixture(&format!("encoders/{folder}/{name}"))));
    page.send(command, bytes.collect());
    loop {
        if let Event::EncoderAdded { request, encoder } = page.receive().await.unwrap() {
            assert_eq!(request, RequestId(7));
            return encoder;
        }
    }
}

async fn open(page: &mut Page) {
    let mut csv = "text,label\n".to_owned();
    for row in 0..40 {
        let (word, label) = [("good", "praise"), ("bad", "blame")][row % 2];
        csv += &format!(
            "the film {} was {word},{label}\n",
            ["all", "at", "not", "and"][row / 2 % 4]
        );
    }
    let command = Command::OpenTable {
        table: TABLE,
        name: "films.csv".to_owned(),
        source: TableSource::File {
            attachment: Attachment(0),
        },
        options: ReadOptions::default(),
    };
    page.send(command, vec![Attached(csv.into_bytes())]);
    loop {
        match page.receive().await.unwrap() {
            Event::TableOpened { .. } => return,
            Event::Failed { failure, .. } => panic!("{failure:?}"),
            _ => {}
        }
    }
}

async fn train(page: &mut Page, id: &str, method: Method) -> Result<RunSummary, Failure> {
    let nothing = DataProfile::empty();
    let recipe = Recipe::suggest(vec!["text".to_owned()], "label".to_owned(), &nothing);
    let mut recipe = recipe.with_method(method, &nothing);
    recipe.base_model = id.to_owned();
    recipe.tuning.contrastive.rounds = 2;
    page.send(
        Command::Train {
            run: RUN,
            table: TABLE,
            recipe,
        },
        Vec::new(),
    );
    loop {
        match page.receive().await.unwrap() {
            Event::Run {
                event: RunEvent::Finished { summary },
                ..
            } => return Ok(*summary),
            Event::Failed { failure, .. } => return Err(failure),
            _ => {}
        }
    }
}

const ALL: [&str; 5] = [
    "config.json",
    "tokenizer.json",
    "model.safetensors",
    "modules.json",
    "1_Pooling/config.json",
];

#[test]
fn it_tunes_and_is_there_after_a_reload() {
    let disk = disk();
    let mut id = String::new();
    with_worker(disk.clone(), async |mut page| {
        let encoder = add(&mut page, "bert_cls", &ALL).await.unwrap();
        assert_eq!(encoder.name, "my-model");
        assert!(
            encoder
                .about
                .starts_with("BERT, 2 layers of width 16: a text is its first token")
        );
        assert!(encoder.id.starts_with("sha256:"));
        id = encoder.id;
        open(&mut page).await;
        let report = train(&mut page, &id, Method::Head).await.unwrap();
        assert_eq!(report.parameters.trainable, 16 * 2 + 2);
    });
    with_worker(disk, async |mut page| {
        page.send(Command::Recall, Vec::new());
        let encoders = loop {
            if let Event::Encoders { encoders } = page.receive().await.unwrap() {
                break encoders;
            }
        };
        assert_eq!(encoders.len(), 1);
        assert_eq!(encoders[0].id, id);
        open(&mut page).await;
        let report = train(&mut page, &id, Method::Contrastive).await.unwrap();
        assert!(report.parameters.trainable > 16 * 2 + 2);

        page.send(Command::ForgetKept { kept: None }, Vec::new());
        page.send(Command::Recall, Vec::new());
        let left = loop {
            if let Event::Encoders { encoders } = page.receive().await.unwrap() {
                break encoders;
            }
        };
        assert_eq!(left, []);
    });
}

#[test]
fn another_device_asks_for_its_files() {
    with_worker(disk(), async |mut page| {
        open(&mut page).await;
        let id = format!("sha256:{}", "0".repeat(64));
        let failure = train(&mut page, &id, Method::Head).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Model);
        assert_eq!(
            failure.what,
            "The encoder of this recipe is not on this device."
        );
    });
}

#[test]
fn what_does_not_fit_is_named_with_what_to_do() {
    with_worker(disk(), async |mut page| {
        let failure = add(&mut page, "roberta", &ALL[..2]).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Input);
        assert_eq!(
            failure.what,
            "There is no model.safetensors among the files."
        );
        assert!(failure.fix.starts_with("Choose the model's folder"));
        // The mean is the default, so a model whose folder is not all there can still be read.
        let encoder = add(&mut page, "distilbert", &ALL[..3]).await.unwrap();
        assert!(
            encoder.about.contains("the mean of its tokens"),
            "{}",
            encoder.about
        );
    });
}
