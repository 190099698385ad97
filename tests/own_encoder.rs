//! A person's own encoder in the worker: taken in, tuned, there again after a reload, and in the file of a
//! model that was tuned on it.

mod support;

use std::io::{Cursor, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use burnish::domain::features::network::{Combiner, NetworkOptions};
use burnish::domain::features::{FeatureSource, TablePlan, TextTuning};
use burnish::domain::read::ReadOptions;
use burnish::domain::recipe::{DataProfile, Method, Recipe};
use burnish::domain::report::{Prediction, RunSummary};
use burnish::engine::device::cpu;
use burnish::engine::export::open_burnish;
use burnish::engine::run::Base;
use burnish::protocol::{
    Attachment, BaseModelInfo, Command, Event, Failure, FailureKind, RequestId, RunEvent, RunId,
    RunQuestion, TableId, TableSource,
};
use burnish::worker::Disk;
use burnish::worker::assets::Assets;
use burnish::worker::port::{Attached, Page};
use flate2::read::GzDecoder;
use futures::executor::block_on;
use safetensors::SafeTensors;
use support::{ask, attached, fixture, json_file, open_model, predict, rewritten, view};
use zip::ZipArchive;

const TABLE: TableId = TableId(1);
const RUN: RunId = RunId(1);
/// A run that is a model out of a file.
const FILE: RunId = RunId(7);

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
    let mut csv = "text,label,size\n".to_owned();
    for row in 0..40 {
        let (word, label) = [("good", "praise"), ("bad", "blame")][row % 2];
        csv += &format!(
            "the film {} was {word},{label},{}\n",
            ["all", "at", "not", "and"][row / 2 % 4],
            row % 7
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

fn texts(id: &str, method: Method) -> Recipe {
    let nothing = DataProfile::empty();
    let recipe = Recipe::suggest(vec!["text".to_owned()], "label".to_owned(), &nothing);
    let mut recipe = recipe.with_method(method, &nothing);
    recipe.base_model = id.to_owned();
    recipe.training.epochs = 2;
    recipe.tuning.contrastive.rounds = 2;
    recipe
}

/// A small network on a size and a text.
fn columns(id: &str, tuning: TextTuning) -> Recipe {
    let mut recipe = texts(id, Method::Head);
    let size = FeatureSource {
        column: "size".to_owned(),
        kind: None,
    };
    let mut plan = TablePlan::suggest(vec![size], Combiner::TabM, 40);
    plan.texts = tuning;
    plan.network = NetworkOptions {
        members: 4,
        width: 16,
        folds: 1,
        epochs: 3,
        ..plan.network
    };
    recipe.table = Some(Box::new(plan));
    recipe
}

async fn train(page: &mut Page, id: &str, method: Method) -> Result<RunSummary, Failure> {
    train_by(page, RUN, texts(id, method)).await
}

async fn train_by(page: &mut Page, run: RunId, recipe: Recipe) -> Result<RunSummary, Failure> {
    let table = TABLE;
    page.send(Command::Train { run, table, recipe }, Vec::new());
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

/// The ids of the encoders that a page is told when it comes back.
async fn kept(page: &mut Page) -> Vec<BaseModelInfo> {
    page.send(Command::Recall, Vec::new());
    support::next(page, |event| match event {
        Event::Encoders { encoders } => Some(encoders),
        _ => None,
    })
    .await
}

fn asked() -> Vec<(String, String)> {
    let row = [("text", "the film was very good"), ("size", "3")];
    row.map(|(name, cell)| (name.to_owned(), cell.to_owned()))
        .into()
}

/// A model's file, and what the model said before it was saved.
struct Saved {
    bytes: Vec<u8>,
    said: Prediction,
    id: String,
}

/// Tunes on a brought encoder and saves the model.
fn saved(folder: &str, recipe: impl Fn(&str) -> Recipe) -> Saved {
    saved_with(folder, recipe, |_| {})
}

/// The same, with the folder for Hugging Face of a model of texts.
fn saved_with(
    folder: &str,
    recipe: impl Fn(&str) -> Recipe,
    mut take_folder: impl FnMut(Vec<u8>),
) -> Saved {
    let mut saved = None;
    with_worker(disk(), async |mut page| {
        let names: Vec<&str> = match folder {
            "distilbert" => ALL[..3].to_vec(),
            "xlm_roberta" => [&ALL[..], &["config_sentence_transformers.json"]].concat(),
            _ => ALL.to_vec(),
        };
        let id = add(&mut page, folder, &names).await.unwrap().id;
        open(&mut page).await;
        train_by(&mut page, RUN, recipe(&id)).await.unwrap();
        let said = predict(&mut page, RUN, asked()).await;
        let (_, bytes) = attached(&mut page, RUN, "burnish", &[]).await;
        if recipe(&id).table.is_none() {
            take_folder(attached(&mut page, RUN, "hugging_face", &[]).await.1);
        }
        saved = Some(Saved { bytes, said, id });
    });
    saved.unwrap()
}

/// Opens a saved model where nothing is kept, and tunes on from it.
fn opens_elsewhere(saved: &Saved, recipe: &Recipe) {
    let Saved { bytes, said, id } = saved;
    let disk = disk();
    with_worker(disk.clone(), async |mut page| {
        let shown = open_model(&mut page, FILE, "films.burnish", bytes).await;
        let shown = shown.unwrap();
        assert!(shown.contains(" on my-model;"), "{shown}");
        assert!(
            shown.contains(&format!("&quot;base_model&quot;:&quot;{id}&quot;")),
            "{shown}"
        );
        assert_eq!(predict(&mut page, FILE, asked()).await, *said);

        // It is a whole file again, whoever saves it.
        let (_, again) = attached(&mut page, FILE, "burnish", &[]).await;
        let (first, second) = (open_burnish(bytes).unwrap(), open_burnish(&again).unwrap());
        assert_eq!(first.learned, second.learned);
        let files = first.encoder_files(bytes).unwrap();
        assert!(files.is_some() && files == second.encoder_files(&again).unwrap());

        open(&mut page).await;
        let summary = json_file(&mut page, FILE, "summary", &[]).await;
        let mut next = recipe.clone();
        next.seed += 1;
        next.start = Some(serde_json::from_value(summary["start"].clone()).unwrap());
        train_by(&mut page, RUN, next).await.unwrap();
        let report = support::figures(&mut page, RUN).await;
        assert_eq!(report.carried.unwrap().from, "films.burnish");
    });
    // The next run's encoder is there after a reload.
    with_worker(disk, async |mut page| {
        let encoders = kept(&mut page).await;
        assert_eq!(encoders.len(), 1);
        assert_eq!(
            (&encoders[0].id, encoders[0].name.as_str()),
            (id, "my-model")
        );
    });
}

#[test]
fn a_model_of_texts_on_it_opens_elsewhere_and_a_run_goes_on_from_it() {
    for (folder, method) in [
        ("bert_cls", Method::Head),
        ("distilbert", Method::Lora),
        ("roberta", Method::Full),
        ("bert_max", Method::Contrastive),
        ("xlm_roberta", Method::Head),
    ] {
        let saved = saved(folder, |id| texts(id, method));
        opens_elsewhere(&saved, &texts(&saved.id, method));
    }
}

#[test]
fn a_model_of_columns_on_it_opens_elsewhere_and_a_run_goes_on_from_it() {
    for tuning in [TextTuning::Frozen, TextTuning::Lora, TextTuning::Full] {
        let saved = saved("bert_cls", |id| columns(id, tuning));
        opens_elsewhere(&saved, &columns(&saved.id, tuning));
    }
}

#[test]
fn the_page_is_told_of_an_encoder_that_came_in_a_file() {
    let saved = saved("bert_cls", |id| texts(id, Method::Head));
    with_worker(disk(), async |mut page| {
        let question = RunQuestion::Open {
            name: "films.burnish".to_owned(),
            model: Attachment(0),
            table: None,
        };
        let (run, request) = (FILE, RequestId(5));
        let command = Command::AskRun {
            run,
            request,
            question,
        };
        page.send(command, vec![Attached(saved.bytes.clone())]);
        let told = support::next(&mut page, |event| match event {
            Event::Encoders { encoders } => Some(encoders),
            _ => None,
        });
        let told = told.await;
        assert_eq!((told.len(), &told[0].id), (1, &saved.id));
        assert!(told[0].about.starts_with("BERT, 2 layers of width 16"));
    });
}

/// A model's file with another manifest.
fn with_manifest(file: &[u8], change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    rewritten(file, "manifest.json", |bytes| {
        let mut manifest = serde_json::from_slice(bytes).unwrap();
        change(&mut manifest);
        serde_json::to_vec(&manifest).unwrap()
    })
}

#[test]
fn files_that_are_damaged_or_wrong_are_refused_and_leave_nothing() {
    let Saved { bytes, said, .. } = saved("bert_cls", |id| texts(id, Method::Lora));
    let of_another = fixture("encoders/bert_max/model.safetensors");
    let changed = |name: &str, change: &dyn Fn(&[u8]) -> Vec<u8>| rewritten(&bytes, name, change);
    let zeros = format!("sha256:{}", "0".repeat(64));
    let damaged: [(&str, Vec<u8>, &str); 10] = [
        (
            "a changed weight",
            changed("encoder/model.safetensors", &|own| {
                let mut own = own.to_vec();
                *own.last_mut().unwrap() ^= 1;
                own
            }),
            "the files of its encoder are not those",
        ),
        (
            "weights of another encoder",
            changed("encoder/model.safetensors", &|_| of_another.clone()),
            "the files of its encoder are not those",
        ),
        (
            "a tokenizer that is cut",
            changed("encoder/tokenizer.json", &|own| {
                own[..own.len() / 2].to_vec()
            }),
            "the files of its encoder are not those",
        ),
        (
            "a larger file than it says",
            changed("encoder/config.json", &|own| [own, b" "].concat()),
            "more than any model here",
        ),
        (
            "a file that is missing",
            with_manifest(&bytes, |manifest| {
                manifest["encoder"]["parts"][0][0] = "2_Pooling/config.json".into();
            }),
            "damaged",
        ),
        (
            "another id",
            with_manifest(&bytes, |manifest| {
                manifest["encoder"]["id"] = zeros.clone().into();
                manifest["recipe"]["base_model"] = zeros.clone().into();
            }),
            "the files of its encoder are not those",
        ),
        (
            "two ids",
            with_manifest(&bytes, |manifest| {
                manifest["recipe"]["base_model"] = zeros.clone().into();
            }),
            "on another encoder than it says",
        ),
        (
            "no encoder",
            with_manifest(&bytes, |manifest| {
                manifest.as_object_mut().unwrap().remove("encoder");
            }),
            "does not say which encoder",
        ),
        (
            "a path that leads out of the archive",
            with_manifest(&bytes, |manifest| {
                manifest["encoder"]["parts"][0][0] = "../config.json".into();
            }),
            "does not say which files",
        ),
        (
            "sizes that no file has",
            with_manifest(&bytes, |manifest| {
                manifest["encoder"]["parts"][0][1] = u64::MAX.into();
            }),
            "more than any model here",
        ),
    ];
    with_worker(disk(), async |mut page| {
        for (what, bytes, wanted) in damaged {
            let refused = open_model(&mut page, FILE, "bad.burnish", &bytes).await;
            let refused = refused.expect_err(what);
            assert_eq!(refused.kind, FailureKind::Input, "{what}");
            let start = "\"bad.burnish\" cannot be opened: ";
            assert!(
                refused.what.starts_with(start) && refused.what.contains(wanted),
                "{what}: {refused:?}"
            );
            assert!(!refused.fix.is_empty());
        }
        // Numbers of another shape than the encoder's, in a file whose own sums fit.
        let more = with_manifest(&bytes, |manifest| {
            manifest["labels"] = ["a", "b", "c"][..].into()
        });
        let refused = open_model(&mut page, FILE, "bad.burnish", &more).await;
        assert!(
            refused
                .unwrap_err()
                .what
                .contains("no head for its 3 labels")
        );
        assert_eq!(kept(&mut page).await, [], "nothing of them is kept");

        let step = bytes.len() / 150;
        let cuts = (0..bytes.len())
            .step_by(step)
            .map(|end| bytes[..end].to_vec());
        let flips = (0..bytes.len()).step_by(step).map(|at| {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x5a;
            flipped
        });
        let mut refused = 0;
        for damaged in cuts.chain(flips) {
            match open_model(&mut page, FILE, "bad.burnish", &damaged).await {
                // A date or the card, which are not read, or the encoder, which is here by now.
                Ok(_) => assert_eq!(predict(&mut page, FILE, asked()).await, said),
                Err(why) => {
                    assert!(why.what.len() > 40 && !why.fix.is_empty());
                    refused += 1;
                }
            }
        }
        assert!(refused >= 150, "{refused}");
    });
}

/// The encoder was too large to be in the file. The other device has not got it.
#[test]
fn an_encoder_that_is_not_inside_is_asked_for_by_its_name_and_files() {
    let Saved { bytes, said, .. } = saved("bert_cls", |id| texts(id, Method::Lora));
    let alone = with_manifest(&bytes, |manifest| {
        manifest
            .as_object_mut()
            .unwrap()
            .remove("is_encoder_inside");
    });
    with_worker(disk(), async |mut page| {
        let refused = open_model(&mut page, FILE, "films.burnish", &alone).await;
        let refused = refused.unwrap_err();
        for part in [
            "\"films.burnish\" cannot be opened: its encoder was too large to be inside",
            "is not on this device: my-model (BERT, 2 layers of width 16",
            "1_Pooling/config.json, config.json, model.safetensors, modules.json, tokenizer.json",
        ] {
            assert!(refused.what.contains(part), "{part}: {refused:?}");
        }
        assert!(
            refused
                .fix
                .contains("in the Tune step, and open this file again"),
            "{refused:?}"
        );
        add(&mut page, "bert_cls", &ALL).await.unwrap();
        let shown = open_model(&mut page, FILE, "films.burnish", &alone).await;
        shown.unwrap();
        assert_eq!(predict(&mut page, FILE, asked()).await, said);
    });
}

#[test]
fn what_the_disk_does_not_take_goes_along_all_the_same() {
    let disk = disk();
    disk.files.set_room(2_000);
    let mut file = Vec::new();
    with_worker(disk, async |mut page| {
        let id = add(&mut page, "bert_cls", &ALL).await.unwrap().id;
        open(&mut page).await;
        train(&mut page, &id, Method::Head).await.unwrap();
        file = attached(&mut page, RUN, "burnish", &[]).await.1;
    });
    with_worker(self::disk(), async |mut page| {
        open_model(&mut page, FILE, "films.burnish", &file)
            .await
            .unwrap();
    });
}

/// Somebody removed all that was kept, and saved the model that was still open.
#[test]
fn a_file_is_not_written_without_the_encoder_that_would_fit() {
    with_worker(disk(), async |mut page| {
        let id = add(&mut page, "bert_cls", &ALL).await.unwrap().id;
        open(&mut page).await;
        train(&mut page, &id, Method::Head).await.unwrap();
        page.send(Command::ForgetKept { kept: None }, Vec::new());
        let question = RunQuestion::File {
            file: "burnish".to_owned(),
            knobs: Default::default(),
        };
        let refused = ask(&mut page, RUN, question).await.unwrap_err();
        assert!(
            refused.what.contains("no longer on this device"),
            "{refused:?}"
        );
        assert!(refused.fix.contains("in the Tune step"), "{refused:?}");
    });
}

#[test]
fn what_goes_along_is_told_and_other_systems_forms_are_not_offered() {
    with_worker(disk(), async |mut page| {
        let id = add(&mut page, "bert_cls", &ALL).await.unwrap().id;
        open(&mut page).await;
        train(&mut page, &id, Method::Lora).await.unwrap();
        let offered = view(&mut page, RUN, "take_along", &[]).await;
        assert!(offered.contains("data-save=\"burnish\""), "{offered}");
        assert!(
            offered.contains("Your encoder my-model is inside."),
            "{offered}"
        );
        assert!(offered.contains("data-save=\"hugging_face\""), "{offered}");
        for kind in ["onnx", "onnx_f16", "onnx_int8", "peft", "ludwig"] {
            assert!(
                !offered.contains(&format!("data-save=\"{kind}\"")),
                "{kind}"
            );
        }
        let (_, card) = attached(&mut page, RUN, "model_card", &[]).await;
        let card = String::from_utf8(card).unwrap();
        let hash = id.trim_start_matches("sha256:");
        assert!(
            card.contains("my-model, an encoder that was brought"),
            "{card}"
        );
        assert!(card.contains(&format!("SHA-256 `{hash}`")), "{card}");
    });
}

/// The files of an archive by their paths.
fn unpacked(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    let files = (0..archive.len()).map(|at| {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().unwrap().into_owned(), bytes)
    });
    files.collect()
}

/// What a folder for sentence-transformers answers, computed as its parts say: the encoder, one vector
/// of length 1, a dense layer.
fn answer_of(folder: &[(String, Vec<u8>)], text: &str) -> Vec<f32> {
    // The dense layer is none of an encoder's.
    let own = folder.iter().filter(|(path, _)| path != "modules.json");
    let files = own.map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    let base = Base::from_files(&files.collect(), &cpu()).unwrap();
    let ids = base.tokenizer().encode(text, usize::MAX).ids;
    let read = block_on(base.embed(&[&ids])).unwrap();
    let length = (read.hidden as f32).sqrt();
    let head = folder
        .iter()
        .find(|(path, _)| path == "3_Dense/model.safetensors");
    let head = SafeTensors::deserialize(&head.unwrap().1).unwrap();
    let numbers = |name: &str| -> Vec<f32> {
        let (fours, _) = head.tensor(name).unwrap().data().as_chunks();
        fours.iter().copied().map(f32::from_le_bytes).collect()
    };
    let weights = numbers("linear.weight");
    let rows = weights
        .chunks_exact(read.hidden)
        .zip(numbers("linear.bias"));
    let scores = rows.map(|(row, bias)| {
        let products = row.iter().zip(&read.values).map(|(w, x)| w * x / length);
        (products.sum::<f32>() + bias).exp()
    });
    let scores: Vec<f32> = scores.collect();
    let sum: f32 = scores.iter().sum();
    scores.iter().map(|score| score / sum).collect()
}

#[test]
fn a_folder_for_hugging_face_has_the_names_of_the_encoders_architecture() {
    for (folder, method, tensor) in [
        (
            "bert_cls",
            Method::Lora,
            "encoder.layer.1.attention.self.query.weight",
        ),
        (
            "distilbert",
            Method::Lora,
            "transformer.layer.1.attention.q_lin.weight",
        ),
        (
            "roberta",
            Method::Full,
            "encoder.layer.0.output.LayerNorm.bias",
        ),
        (
            "bert_max",
            Method::Contrastive,
            "embeddings.LayerNorm.weight",
        ),
        (
            "xlm_roberta",
            Method::Head,
            "embeddings.word_embeddings.weight",
        ),
    ] {
        let mut zip = Vec::new();
        let Saved { said, .. } = saved_with(folder, |id| texts(id, method), |found| zip = found);
        let files = unpacked(&zip);
        let file = |name: &str| &files.iter().find(|(path, _)| path == name).unwrap().1;
        let weights = SafeTensors::deserialize(file("model.safetensors")).unwrap();
        assert!(
            weights.tensor(tensor).is_ok(),
            "{folder}: {:?}",
            weights.names()
        );
        let config: serde_json::Value = serde_json::from_slice(file("config.json")).unwrap();
        let first: serde_json::Value =
            serde_json::from_slice(&fixture(&format!("encoders/{folder}/config.json"))).unwrap();
        assert_eq!(config["model_type"], first["model_type"]);
        assert_eq!(config["dtype"], "float32");
        let Prediction::Labels(said) = said else {
            panic!("it chooses a label")
        };
        let (_, text) = &asked()[0];
        for (found, own) in answer_of(&files, text).iter().zip(&said) {
            assert!((found - own).abs() < 1e-4, "{folder}: {found} and {own}");
        }
    }
}

/// The page of one file has the model's own file in it, and so its encoder.
#[test]
fn the_page_of_one_file_has_the_encoder_in_it() {
    let folder = std::env::temp_dir().join(format!("burnish-one-page-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["one-page.html", "burnish.js", "try-model.js", "burnish.css"] {
        let own = format!("{}/public/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::copy(own, folder.join(name)).unwrap();
    }
    for program in ["worker.js", "worker_bg.wasm"] {
        std::fs::write(folder.join(program), "program").unwrap();
    }
    let mut html = String::new();
    let mut said = None;
    support::with_worker(Assets::new(&folder), disk(), async |mut page| {
        let id = add(&mut page, "bert_cls", &ALL).await.unwrap().id;
        open(&mut page).await;
        train(&mut page, &id, Method::Lora).await.unwrap();
        said = Some(predict(&mut page, RUN, asked()).await);
        let (_, bytes) = attached(&mut page, RUN, "one_page", &[]).await;
        html = String::from_utf8(bytes).unwrap();
    });
    std::fs::remove_dir_all(&folder).unwrap();
    let from = html
        .split("data-file=\"model.burnish\" data-packed=\"gzip\">")
        .nth(1);
    let packed = from.unwrap().split('<').next().unwrap();
    let packed = STANDARD.decode(packed).unwrap();
    let mut model = Vec::new();
    GzDecoder::new(packed.as_slice())
        .read_to_end(&mut model)
        .unwrap();
    with_worker(disk(), async |mut page| {
        open_model(&mut page, FILE, "model.burnish", &model)
            .await
            .unwrap();
        assert_eq!(Some(predict(&mut page, FILE, asked()).await), said);
    });
}
