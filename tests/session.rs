//! The whole product minus the pixels: a page that is a test, a worker with the real base model.

mod support;

use burnish::domain::read::ReadOptions;
use burnish::domain::recipe::{DataProfile, Method, Recipe};
use burnish::domain::report::{Ended, Phase, Prediction, RunReport, RunSummary};
use burnish::domain::start::Origin;
use burnish::engine::device::cpu;
use burnish::engine::export::open_burnish;
use burnish::protocol::{
    About, Command, Event, FailureKind, Knobs, RequestId, RunAnswer, RunEvent, RunId, RunQuestion,
    TableId, TableSource,
};
use burnish::worker::Disk;
use burnish::worker::assets::Assets;
use burnish::worker::port::Page;
use support::{
    Silent, ask, attached, cells, figures, finish, json_file, next, open_file, open_model, view,
};

const TABLE: TableId = TableId(1);
const RUN: RunId = RunId(1);

/// Runs a test's page against a worker, in one thread.
fn with_worker<F: AsyncFnOnce(Page)>(page: F) {
    let disk = Disk {
        interval: f64::INFINITY,
        ..Disk::default()
    };
    with_worker_on(disk, page);
}

/// The same on a disk that other workers of the test share.
fn with_worker_on<F: AsyncFnOnce(Page)>(disk: Disk, page: F) {
    let folder = support::models()
        .parent()
        .expect("models have a parent")
        .to_owned();
    support::with_worker(Assets::new(folder), disk, page);
}

/// Two topics that any encoder tells apart, in words that differ from row to row.
fn csv() -> String {
    let dishes = [
        "soup", "bread", "curry", "salad", "pasta", "rice", "cake", "stew", "pizza", "beans",
    ];
    let parts = [
        "engine", "brake", "tyre", "clutch", "gearbox", "wheel", "exhaust", "bonnet", "mirror",
        "wiper",
    ];
    let mut csv = "text,label\n".to_owned();
    for (dish, part) in dishes.iter().zip(parts) {
        for verb in ["like", "need", "want"] {
            csv += &format!(
                "\"I {verb} more {dish}, please\",food\n\"They {verb} a new {part} for the car\",car\n"
            );
        }
    }
    csv
}

async fn open(page: &mut Page) {
    let summary = open_file(page, TABLE, "topics.csv", csv()).await;
    assert_eq!(summary.rows, 60);
    assert_eq!(summary.guess.text, ["text"]);
    assert_eq!(summary.guess.target.as_deref(), Some("label"));
}

/// Tunes as a recipe says, to the end.
async fn tuned(page: &mut Page, run: RunId, table: TableId, recipe: &Recipe) -> RunReport {
    let recipe = recipe.clone();
    page.send(Command::Train { run, table, recipe }, Vec::new());
    finish(page).await
}

async fn suggest(page: &mut Page) -> (Recipe, DataProfile) {
    page.send(
        Command::Suggest {
            table: TABLE,
            text: vec!["text".to_owned()],
            columns: Vec::new(),
            target: "label".to_owned(),
            decided: None,
            task: None,
        },
        Vec::new(),
    );
    next(page, |event| match event {
        Event::Suggested {
            recipe, profile, ..
        } => Some((recipe.unwrap(), profile.unwrap())),
        _ => None,
    })
    .await
}

#[test]
fn a_file_becomes_a_model_that_answers() {
    with_worker(async |mut page| {
        let ready = next(&mut page, Some).await;
        assert!(
            matches!(ready, Event::Ready { .. }),
            "the worker speaks first"
        );
        open(&mut page).await;
        let (recipe, profile) = suggest(&mut page).await;
        assert_eq!(profile.parts.iter().sum::<u32>(), 60);
        let recipe = recipe.with_method(Method::Head, &profile);
        page.send(
            Command::Train {
                run: RUN,
                table: TABLE,
                recipe,
            },
            Vec::new(),
        );
        let report = finish(&mut page).await;
        assert_eq!(report.parameters.trainable, 384 * 2 + 2);
        assert!(report.evaluation.metric("accuracy").unwrap() >= 0.9);
        assert_eq!(report.ended, Ended::Complete);

        let probabilities = predict(&mut page, RUN, "Could I have some soup?").await;
        let food = report
            .evaluation
            .names()
            .iter()
            .position(|label| label == "food")
            .unwrap();
        assert!(probabilities[food] > 0.5, "{probabilities:?}");
        assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);

        let screen = view(&mut page, RUN, "evaluate", &[]).await;
        assert!(screen.contains("it never saw"), "{screen}");
        let compared = "data-testid=\"compared-word_counts\">This run is ";
        assert!(screen.contains(compared), "{screen}");
        let figures = view(&mut page, RUN, "figures", &[]).await;
        assert!(
            figures.contains("data-testid=\"interval-macro_f1\">"),
            "{figures}"
        );
        assert!(
            figures.contains("data-testid=\"metric-roc_auc\">"),
            "{figures}"
        );
        let right = report.evaluation.labels().unwrap().confusion[food][food];
        let cell = view(
            &mut page,
            RUN,
            "rows",
            &[("cell", &format!("{food}-{food}"))],
        )
        .await;
        let shown = cell.matches("data-testid=\"cell-row\"").count();
        assert_eq!(shown, right as usize, "each row behind the cell is shown");
        assert!(cell.contains("please"), "with its text: {cell}");
        for (part, knobs, expected) in [
            (
                "confusion",
                [("show", "rates"), ("order", "mistakes")],
                "confusion-show",
            ),
            (
                "classes",
                [("order", "-rows"), ("", "")],
                "aria-sort=\"descending\"",
            ),
            (
                "slices",
                [("", ""), ("", "")],
                "No group of rows is large enough",
            ),
            (
                "calibration",
                [("method", "isotonic"), ("", "")],
                "isotonic regression",
            ),
            (
                "calibration",
                [("", ""), ("", "")],
                "Dividing the logits by",
            ),
            ("curves", [("label", "1"), ("", "")], "ROC curve of food"),
            ("threshold", [("goal", "cost"), ("miss", "5")], "Cost"),
            (
                "abstain",
                [("wanted", "99"), ("", "")],
                "Right among the answered",
            ),
            ("learning", [("", ""), ("", "")], "Measure it"),
            (
                "learning",
                [("start", "yes"), ("", "")],
                "data-testid=\"learning\"",
            ),
        ] {
            let set = knobs.iter().filter(|(name, _)| !name.is_empty());
            let set: Vec<_> = set.copied().collect();
            let shown = view(&mut page, RUN, part, &set).await;
            assert!(shown.contains(expected), "{part}: {shown}");
            assert!(!shown.contains("NaN"), "{part}: {shown}");
        }
        let question = RunQuestion::File {
            file: "report".to_owned(),
            knobs: Knobs::new(),
        };
        let Ok(RunAnswer::File { name, text, .. }) = ask(&mut page, RUN, question).await else {
            panic!("no report")
        };
        assert_eq!(name, "topics-head-report.html");
        for part in [
            "it never saw",
            "<svg class=\"plot\"",
            "Error by training rows",
            "&quot;seed&quot;",
        ] {
            assert!(text.contains(part), "{part}");
        }
        let question = RunQuestion::View {
            view: "nonsense".to_owned(),
            knobs: Knobs::new(),
        };
        let refused = ask(&mut page, RUN, question).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Protocol);
    });
}

#[test]
fn a_model_is_taken_along_and_tried_from_its_link() {
    with_worker(async |mut page| {
        open(&mut page).await;
        let (recipe, profile) = suggest(&mut page).await;
        let recipe = recipe.with_method(Method::Head, &profile);
        tuned(&mut page, RUN, TABLE, &recipe).await;

        let offered = view(&mut page, RUN, "take_along", &[]).await;
        assert!(offered.contains("data-save=\"onnx\""), "{offered}");
        assert!(
            !offered.contains("data-save=\"peft\""),
            "a head is no adapter"
        );
        let (name, bytes) = attached(&mut page, RUN, "burnish", &[]).await;
        assert_eq!(name, "topics-head-model.burnish");
        assert_eq!(open_burnish(&bytes).unwrap().recipe, recipe);

        let table = [("table", "1")];
        let panel = view(&mut page, RUN, "batch", &table).await;
        assert!(panel.contains("data-testid=\"batch-found\""), "{panel}");
        let (_, csv) = attached(&mut page, RUN, "batch", &table).await;
        let csv = String::from_utf8(csv).unwrap();
        assert_eq!(
            csv.lines().next(),
            Some("text,label,prediction,p_car,p_food")
        );
        assert_eq!(csv.lines().count(), 61);

        let said = [("title", "Food or car?"), ("examples", "I like soup")];
        let shared = view(&mut page, RUN, "share", &said).await;
        assert!(shared.contains("validation rows right"), "{shared}");
        let from = shared.find("#b1.").expect("there is a link");
        let link = shared[from..].split('<').next().unwrap();
        let link_run = RunId(u32::MAX);
        let cover = view(&mut page, link_run, "demo", &[("link", link)]).await;
        assert!(cover.contains("Food or car?") && cover.contains("Start the demo"));
        assert!(!cover.contains("data-fork"), "nothing is loaded yet");
        let knobs = [("link", link), ("start", "1")];
        let demo = view(&mut page, link_run, "demo", &knobs).await;
        assert!(demo.contains("I like soup"), "{demo}");
        let knobs = [("link", link), ("text0", "They need a brake")];
        let answer = view(&mut page, link_run, "demo_answer", &knobs).await;
        let first = answer.split("demo-label").nth(2).unwrap();
        assert!(first.contains("car"), "{answer}");

        // Inside somebody else's page there is the demo and nothing else.
        let knobs = [("link", link), ("framed", "1"), ("start", "1")];
        let framed = view(&mut page, link_run, "demo", &knobs).await;
        assert!(framed.contains("I like soup") && !framed.contains("data-fork"));
        let file = "#bundle=x.burnish&sha256=0";
        let question = RunQuestion::View {
            view: "demo".to_owned(),
            knobs: [("link", file), ("framed", "1")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        };
        let refused = ask(&mut page, link_run, question).await.unwrap_err();
        assert_eq!(refused.fix, "Open it in a page of its own.");

        // A run on a table goes on from the link's model.
        let from = demo
            .split("data-fork=\"")
            .nth(1)
            .expect("a fork is offered");
        let start = from.split('"').next().unwrap().replace("&quot;", "\"");
        let mut another = recipe;
        let origin: Origin = serde_json::from_str(&start).unwrap();
        assert!(!origin.has_rows, "there are none in a link");
        another.start = Some(origin.start);
        let command = Command::Train {
            run: RunId(2),
            table: TABLE,
            recipe: another,
        };
        page.send(command, Vec::new());
        let carried = finish(&mut page).await.carried.unwrap();
        assert_eq!(carried.from, "the demo \"Food or car?\"");
        assert_eq!(carried.labels.earlier, [Some(0), Some(1)]);
        assert_eq!(carried.forgetting, None, "its rows are not in the link");
    });
}

/// Somebody has a table predicted, and wants to know which rows to look at and why they are as they are.
#[test]
fn a_predicted_table_says_what_is_unsure_and_why() {
    with_worker(async |mut page| {
        open(&mut page).await;
        let (recipe, profile) = suggest(&mut page).await;
        let recipe = recipe.with_method(Method::Head, &profile);
        tuned(&mut page, RUN, TABLE, &recipe).await;
        let table = ("table", "1");

        // The bound that is suggested comes from validation rows, and the panel says so.
        let panel = view(&mut page, RUN, "batch", &[table, ("abstain", "true")]).await;
        assert!(panel.contains("half of the mistakes"), "{panel}");
        assert!(panel.contains("data-knob=\"sure\""), "{panel}");
        // Reasons are timed before anybody waits for them, and only where they are wanted.
        assert!(!panel.contains("batch-pace"), "{panel}");
        let panel = view(&mut page, RUN, "batch", &[table, ("reasons", "true")]).await;
        assert!(panel.contains("rows a second here"), "{panel}");
        assert!(panel.contains("batch-first"), "{panel}");

        // Half of the rows are less sure than the middle one.
        let found = cells(&attached(&mut page, RUN, "batch", &[table]).await.1);
        let share = |row: &Vec<String>, at: usize| row[at].parse::<f64>().unwrap();
        let surest = |row: &Vec<String>| share(row, 3).max(share(row, 4));
        let mut sure: Vec<f64> = found[1..].iter().map(surest).collect();
        sure.sort_by(f64::total_cmp);
        let bound = (sure[29] + sure[30]) / 2.0;
        let percent = (bound * 100.0).to_string();
        let wanted = [
            ("abstain", "true"),
            ("sure", &*percent),
            ("reasons", "true"),
        ];
        let knobs = [&[table][..], &wanted].concat();
        let found = cells(&attached(&mut page, RUN, "batch", &knobs).await.1);
        let header = ["text", "label", "prediction", "p_car", "p_food"];
        assert_eq!(found[0][..5], header);
        assert_eq!(found[0][5..], ["abstains", "reasons"]);
        assert_eq!(found.len(), 61);
        let mut abstained = 0;
        for row in &found[1..] {
            let is_unsure = surest(row) < bound;
            assert_eq!(row[5], if is_unsure { "yes" } else { "no" }, "{row:?}");
            abstained += u32::from(is_unsure);
            let reasons: Vec<&str> = row[6].split("; ").collect();
            assert!((1..=3).contains(&reasons.len()), "{row:?}");
            for reason in reasons {
                let (word, share) = reason.rsplit_once(' ').unwrap();
                assert!(row[0].contains(word.trim_matches('"')), "{row:?}");
                assert!(share.starts_with(['+', '-']), "{row:?}");
            }
        }
        assert_eq!(abstained, 30);
        let tells = |row: &&Vec<String>| {
            let thing = row[0].trim_end_matches(" for the car");
            let thing = thing.trim_end_matches(", please").rsplit(' ').next();
            row[6].contains(thing.unwrap())
        };
        let told = found[1..].iter().filter(tells).count();
        assert!(
            told > 40,
            "what a row is about is among its reasons in {told} of 60"
        );

        // What a person has set in the Evaluate step is carried over, until they say otherwise.
        let band = view(&mut page, RUN, "abstain", &[("wanted", "100")]).await;
        assert!(band.contains("Answer only from"), "{band}");
        let panel = view(&mut page, RUN, "batch", &[table]).await;
        assert!(panel.contains("in the Evaluate step"), "{panel}");
        let found = cells(&attached(&mut page, RUN, "batch", &[table]).await.1);
        assert_eq!(found[0].last().unwrap(), "abstains");
        let knobs = [table, ("abstain", "false")];
        let found = cells(&attached(&mut page, RUN, "batch", &knobs).await.1);
        assert_eq!(found[0], header);
    });
}

/// Reasons of a long table take an hour, and somebody thought better of it.
#[test]
fn a_table_that_is_no_longer_wanted_is_not_predicted() {
    with_worker(async |mut page| {
        open(&mut page).await;
        let (recipe, profile) = suggest(&mut page).await;
        tuned(
            &mut page,
            RUN,
            TABLE,
            &recipe.with_method(Method::Head, &profile),
        )
        .await;
        let knobs = [("table", "1"), ("reasons", "true")];
        let knobs = knobs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let request = RequestId(90);
        let question = RunQuestion::File {
            file: "batch".to_owned(),
            knobs: knobs.into(),
        };
        let asked = Command::AskRun {
            run: RUN,
            request,
            question,
        };
        page.send(asked, Vec::new());
        next(&mut page, |event| match event {
            Event::Working { request: of, .. } => (of == request).then_some(()),
            _ => None,
        })
        .await;
        page.send(Command::Cancel { request }, Vec::new());
        let question = RunQuestion::File {
            file: "batch".to_owned(),
            knobs: Knobs::from([("table".to_owned(), "1".to_owned())]),
        };
        let other = RequestId(91);
        let asked = Command::AskRun {
            run: RUN,
            request: other,
            question,
        };
        page.send(asked, Vec::new());
        let first = next(&mut page, |event| match event {
            Event::RunAnswered { request, .. } => Some(request),
            _ => None,
        });
        assert_eq!(first.await, other);
        // Nothing is left of it: the next answer is to the next question.
        let (_, csv) = attached(&mut page, RUN, "batch", &[("table", "1")]).await;
        assert_eq!(cells(&csv)[0].last().unwrap(), "p_food");
    });
}

#[test]
fn the_same_recipe_gives_the_same_bits() {
    with_worker(async |mut page| {
        open(&mut page).await;
        let (recipe, profile) = suggest(&mut page).await;
        for method in [Method::Head, Method::Lora] {
            let mut recipe = recipe.clone().with_method(method, &profile);
            recipe.training.epochs = 2;
            recipe.split.folds = 2;
            let mut reports = Vec::new();
            for _ in 0..2 {
                page.send(
                    Command::Train {
                        run: RUN,
                        table: TABLE,
                        recipe: recipe.clone(),
                    },
                    Vec::new(),
                );
                let mut report = finish(&mut page).await;
                report.seconds = Default::default();
                reports.push(report);
            }
            assert_eq!(reports[0], reports[1], "{method:?}");
            let folded = reports[0].cross_validation.as_ref().unwrap();
            let sealed = reports[0].evaluation.rows().len();
            assert_eq!(
                folded.rows.len() + sealed,
                60,
                "every other row is judged once"
            );
            assert_eq!(folded.metrics[0].folds.len(), 2);
        }
    });
}

/// Promise 2: what the sealed rows hold cannot change what is trained. The test rows' texts are
/// replaced by other words; every epoch's losses and every validation figure stay the same bits.
#[test]
fn test_rows_never_influence_training() {
    use burnish::domain::csv::CsvReader;
    use burnish::domain::examples::Examples;
    use burnish::domain::text::Tokenizer;
    use burnish::engine::features::FeatureStore;
    use burnish::engine::run::{Base, tune};

    let mut reader = CsvReader::new("topics.csv");
    reader.feed(csv().as_bytes());
    let (table, _) = reader.finish().unwrap();
    let nothing = DataProfile {
        rows: 0,
        parts: [100, 0, 0],
        classes: Vec::new(),
        tokens: [0; 4],
    };
    let mut recipe = Recipe::suggest(vec!["text".to_owned()], "label".to_owned(), &nothing);
    recipe.training.epochs = 2;
    recipe.split.folds = 2;
    let model = &burnish::domain::base_model::ALL[0];
    let tokenizer = Tokenizer::from_bytes(&support::model_file("tokenizer.json")).unwrap();
    let weights = support::model_file("model.safetensors");
    let base = Base::load(model.shape, &weights, tokenizer, &cpu()).unwrap();

    let examples = Examples::read(&table, &recipe).unwrap();
    let mut changed = examples.clone();
    let sealed = changed.split.test.open().to_vec();
    assert!(sealed.len() >= 10);
    for row in sealed {
        changed.texts[row.index()] = "zebra quantum umbrella".to_owned();
        changed.label_of[row.index()] = Some(0);
    }
    let run = |mut examples: Examples| {
        let mut store = FeatureStore::default();
        futures::executor::block_on(tune(&base, &mut examples, &recipe, &mut store, &mut Silent))
            .unwrap()
    };
    let (honest, meddled) = (run(examples), run(changed));
    assert_eq!(honest.report.epochs, meddled.report.epochs);
    assert_eq!(honest.report.best_epoch, meddled.report.best_epoch);
    assert_eq!(
        honest.scores.folds.as_ref().unwrap().outputs.len(),
        (60 - honest.report.evaluation.rows().len()) * 2
    );
    assert_eq!(honest.scores.folds, meddled.scores.folds);
    assert_eq!(honest.scores.valid, meddled.scores.valid);
    assert_ne!(
        honest.report.evaluation, meddled.report.evaluation,
        "the change was seen in the end"
    );
    let probe = "I need more curry, please";
    let answer = |outcome: &burnish::engine::run::Outcome| {
        futures::executor::block_on(outcome.tuned.predict(&base, probe))
            .unwrap()
            .0
    };
    assert_eq!(
        answer(&honest),
        answer(&meddled),
        "the two models are the same, bit for bit"
    );
}

#[test]
fn a_run_can_be_paused_resumed_and_stopped_while_predictions_are_answered() {
    with_worker(async |mut page| {
        open(&mut page).await;
        let (recipe, profile) = suggest(&mut page).await;
        let head = recipe.clone().with_method(Method::Head, &profile);
        page.send(
            Command::Train {
                run: RunId(1),
                table: TABLE,
                recipe: head,
            },
            Vec::new(),
        );
        finish(&mut page).await;

        let mut slow = recipe.with_method(Method::Lora, &profile);
        slow.training.epochs = 500;
        slow.training.patience = 0;
        let run = RunId(2);
        page.send(
            Command::Train {
                run,
                table: TABLE,
                recipe: slow,
            },
            Vec::new(),
        );
        let is_step = |event: Event| {
            matches!(
                event,
                Event::Run {
                    event: RunEvent::Progress { .. },
                    ..
                }
            )
            .then_some(())
        };
        next(&mut page, is_step).await;

        predict(&mut page, RunId(1), "A wheel for my car").await;

        page.send(Command::Pause { run }, Vec::new());
        next(&mut page, |event| {
            matches!(
                event,
                Event::Run {
                    event: RunEvent::Paused,
                    ..
                }
            )
            .then_some(())
        })
        .await;
        page.send(Command::Resume { run }, Vec::new());
        next(&mut page, |event| {
            matches!(
                event,
                Event::Run {
                    event: RunEvent::Resumed,
                    ..
                }
            )
            .then_some(())
        })
        .await;
        next(&mut page, is_step).await;
        page.send(Command::Stop { run }, Vec::new());
        let report = finish(&mut page).await;
        assert_eq!(report.ended, Ended::Stopped);
        assert!(report.evaluation.metric("accuracy").unwrap() >= 0.9);
        assert_eq!(
            report.parameters.trainable,
            6 * 4 * 2 * 384 * 8 + 384 * 2 + 2,
            "LoRA r8 on four projections"
        );
    });
}

#[test]
fn what_cannot_be_trained_is_said_and_leaves_the_worker_usable() {
    let cases = [
        ("empty", ""),
        ("one column", "text\na\nb\nc\n"),
        (
            "one class",
            "text,label\na b c,x\nd e f,x\ng h i,x\nj k l,x\n",
        ),
        (
            "a class with one row",
            "text,label\na b,x\nc d,x\ne f,x\ng h,x\ni j,y\n",
        ),
        (
            "labels all different",
            "text,label\na b,q\nc d,w\ne f,e\ng h,r\ni j,t\nk l,z\n",
        ),
    ];
    with_worker(async |mut page| {
        for (at, (what, csv)) in cases.iter().enumerate() {
            let table = TableId(at as u32 + 10);
            let source = TableSource::Text {
                text: (*csv).to_owned(),
            };
            page.send(
                Command::OpenTable {
                    table,
                    name: "pasted".to_owned(),
                    source,
                    options: ReadOptions::default(),
                },
                Vec::new(),
            );
            let opened = next(&mut page, |event| match event {
                Event::TableOpened { .. } => Some(Ok(())),
                Event::Failed { failure, .. } => Some(Err(failure)),
                _ => None,
            })
            .await;
            let said = match opened {
                Err(failure) => vec![(failure.what, failure.fix)],
                Ok(()) => {
                    let command = Command::Suggest {
                        table,
                        text: vec!["text".to_owned()],
                        columns: Vec::new(),
                        target: "label".to_owned(),
                        decided: None,
                        task: None,
                    };
                    page.send(command, Vec::new());
                    next(&mut page, |event| match event {
                        Event::Suggested {
                            recipe: None,
                            issues,
                            ..
                        } => Some(
                            issues
                                .into_iter()
                                .map(|issue| (issue.what, issue.fix))
                                .collect(),
                        ),
                        _ => None,
                    })
                    .await
                }
            };
            assert!(!said.is_empty(), "{what}");
            for (sentence, fix) in said {
                println!("{what}: {sentence} {fix}");
                assert!(
                    sentence.ends_with('.') && fix.ends_with(['.', '?']),
                    "{what}: {sentence} / {fix}"
                );
            }
        }
        open(&mut page).await;
    });
}

#[test]
fn weights_that_do_not_match_their_hash_are_refused() {
    let folder = std::env::temp_dir().join(format!("burnish-wrong-hash-{}", std::process::id()));
    let model = folder.join("models/all-MiniLM-L6-v2");
    std::fs::create_dir_all(&model).unwrap();
    std::fs::write(
        model.join("tokenizer.json"),
        support::model_file("tokenizer.json"),
    )
    .unwrap();
    let mut weights = support::model_file("model.safetensors");
    *weights.last_mut().unwrap() ^= 1;
    std::fs::write(model.join("model.safetensors"), weights).unwrap();

    support::with_worker(
        Assets::new(folder.clone()),
        Disk::default(),
        async |mut page| {
            open(&mut page).await;
            let (recipe, _) = suggest(&mut page).await;
            page.send(
                Command::Train {
                    run: RUN,
                    table: TABLE,
                    recipe,
                },
                Vec::new(),
            );
            let (about, failure) = next(&mut page, |event| match event {
                Event::Failed { about, failure } => Some((about, failure)),
                _ => None,
            })
            .await;
            assert_eq!(about, About::Run(RUN));
            assert_eq!(failure.kind, FailureKind::Model);
            assert!(
                failure.what.contains("does not match its SHA-256"),
                "{}",
                failure.what
            );
        },
    );
    std::fs::remove_dir_all(folder).unwrap();
}

/// A recipe of some LoRA steps.
async fn short_recipe(page: &mut Page) -> Recipe {
    let (recipe, profile) = suggest(page).await;
    let mut recipe = recipe.with_method(Method::Lora, &profile);
    recipe.training.epochs = 2;
    recipe.training.batch_size = 8;
    recipe.training.dropout = 0.1;
    recipe
}

async fn train(page: &Page, recipe: &Recipe) {
    let command = Command::Train {
        run: RUN,
        table: TABLE,
        recipe: recipe.clone(),
    };
    page.send(command, Vec::new());
}

/// Steps of the checkpoints of a run until it reaches this one.
async fn kept_until(page: &mut Page, step: u32) -> Vec<u32> {
    let mut kept = Vec::new();
    next(page, |event| {
        if let Event::Run {
            event: RunEvent::Kept { step },
            ..
        } = event
        {
            kept.push(step);
        }
        kept.last().is_some_and(|&last| last >= step).then_some(())
    })
    .await;
    kept
}

#[test]
fn a_run_that_a_crash_cut_off_goes_on_from_its_last_checkpoint() {
    let mut whole = None;
    with_worker(async |mut page| {
        open(&mut page).await;
        let recipe = short_recipe(&mut page).await;
        train(&page, &recipe).await;
        whole = Some(finish(&mut page).await);
    });

    // Every step is kept here; the worker is gone after the fifth of ten or so.
    let disk = Disk::default();
    with_worker_on(disk.clone(), async |mut page| {
        open(&mut page).await;
        let recipe = short_recipe(&mut page).await;
        train(&page, &recipe).await;
        kept_until(&mut page, 5).await;
    });

    with_worker_on(disk.clone(), async |mut page| {
        page.send(Command::Recall, Vec::new());
        let tables = next(&mut page, |event| match event {
            Event::Kept { tables } => Some(tables),
            _ => None,
        })
        .await;
        let [table] = &tables[..] else {
            panic!("{tables:?}");
        };
        let [run] = &table.runs[..] else {
            panic!("{:?}", table.runs);
        };
        assert_eq!((table.name.as_str(), table.rows), ("topics.csv", 60));
        assert!(run.summary.is_none() && run.step >= 5, "step {}", run.step);

        // The file itself is gone with the page; what was kept of it is enough.
        let source = TableSource::Kept {
            kept: table.key.clone(),
        };
        let command = Command::OpenTable {
            table: TABLE,
            name: table.name.clone(),
            source,
            options: ReadOptions::default(),
        };
        page.send(command, Vec::new());
        next(&mut page, |event| {
            matches!(event, Event::TableOpened { .. }).then_some(())
        })
        .await;
        train(&page, &run.recipe).await;
        let mut texts_read = 0;
        let mut first_kept = None;
        next(&mut page, |event| {
            let Event::Run { event, .. } = event else {
                return None;
            };
            match event {
                RunEvent::Phase {
                    phase: Phase::Embed { total, .. },
                } => texts_read += total,
                RunEvent::Kept { step } if step > 0 => {
                    first_kept.get_or_insert(step);
                }
                RunEvent::Finished { .. } => return Some(()),
                _ => {}
            }
            None
        })
        .await;
        let report = figures(&mut page, RUN).await;
        assert!(first_kept.unwrap() > 5, "it begins after step 5");
        let whole = whole.take().unwrap();
        assert_eq!(report.evaluation, whole.evaluation, "bit for bit");
        assert_eq!(report.best_epoch, whole.best_epoch);
        assert!(texts_read <= 12, "only the test rows were not read before");
    });

    // The finished run is kept in its place, and answers in a worker that never trained it.
    with_worker_on(disk.clone(), async |mut page| {
        page.send(Command::Recall, Vec::new());
        let tables = next(&mut page, |event| match event {
            Event::Kept { tables } => Some(tables),
            _ => None,
        })
        .await;
        let run = &tables[0].runs[0];
        let kept = run.summary.clone().expect("it was finished");
        let command = Command::Restore {
            kept: Some(tables[0].key.clone()),
            table: TABLE,
            runs: vec![(run.recipe.clone(), RUN)],
        };
        page.send(command, Vec::new());
        let report = finish(&mut page).await;
        assert_eq!(RunSummary::of(&report), *kept);
        let probabilities = predict(&mut page, RUN, "I want more soup and bread").await;
        let food = kept.labels.iter().position(|label| label == "food");
        assert!(probabilities[food.unwrap()] > 0.8, "{probabilities:?}");
        let screen = view(&mut page, RUN, "evaluate", &[]).await;
        let headline = kept.headline.replace('\u{a0}', " ");
        assert!(screen.contains(&headline), "it still has its views");

        page.send(Command::ForgetKept { kept: None }, Vec::new());
        let tables = next(&mut page, |event| match event {
            Event::Kept { tables } => Some(tables),
            _ => None,
        })
        .await;
        assert!(tables.is_empty());
    });
    assert_eq!(
        disk.files.bytes_besides("index"),
        0,
        "nothing is left on the disk"
    );
}

#[test]
fn a_full_disk_costs_the_checkpoints_and_not_the_run() {
    let disk = Disk::default();
    disk.files.set_room(30_000);
    with_worker_on(disk.clone(), async |mut page| {
        open(&mut page).await;
        let recipe = short_recipe(&mut page).await;
        train(&page, &recipe).await;
        let mut warnings = 0;
        next(&mut page, |event| match event {
            Event::Run {
                event: RunEvent::NotKept { why },
                ..
            } => {
                assert!(why.contains("no more room"), "{why}");
                warnings += 1;
                None
            }
            Event::Run {
                event: RunEvent::Finished { .. },
                ..
            } => Some(()),
            _ => None,
        })
        .await;
        let report = figures(&mut page, RUN).await;
        assert_eq!(warnings, 1, "it is said once");
        assert!(report.evaluation.metric("accuracy").unwrap() > 0.8);
    });
}

async fn predict(page: &mut Page, run: RunId, text: &str) -> Vec<f32> {
    let row = vec![("text".to_owned(), text.to_owned())];
    match support::predict(page, run, row).await {
        Prediction::Labels(shares) => shares,
        other => panic!("labels were asked for, not {other:?}"),
    }
}

/// Keys of the runs that are kept.
async fn kept_runs(page: &mut Page) -> Vec<String> {
    page.send(Command::Recall, Vec::new());
    next(page, |event| match event {
        Event::Kept { tables } => {
            let runs = tables.into_iter().flat_map(|table| table.runs);
            Some(runs.map(|run| run.key).collect())
        }
        _ => None,
    })
    .await
}

/// A person tunes, mends a label, leaves a row out and tunes again from that model; then reloads
/// the page and goes on from what was kept.
#[test]
fn a_round_goes_on_from_the_one_before() {
    use burnish::domain::clean::{Pin, StepPlan};
    use burnish::domain::csv::CsvReader;
    use burnish::domain::start::Start;
    use burnish::domain::table::RowId;
    use burnish::worker::store::Files;

    let mut reader = CsvReader::new("topics.csv");
    reader.feed(csv().as_bytes());
    let (table, _) = reader.finish().unwrap();
    let files = Files::default();
    let disk = || Disk {
        files: files.clone(),
        interval: f64::INFINITY,
    };
    let mut again = None;
    with_worker_on(disk(), async |mut page| {
        open(&mut page).await;
        let (recipe, profile) = suggest(&mut page).await;
        let recipe = recipe.with_method(Method::Head, &profile);
        let first = tuned(&mut page, RUN, TABLE, &recipe).await;
        assert_eq!(first.carried, None);
        let [key] = &kept_runs(&mut page).await[..] else {
            panic!("one run is kept")
        };
        let labels_of = |report: &RunReport| report.evaluation.labels().cloned().unwrap();
        let of_first = labels_of(&first);
        let judged = of_first.rows[0];
        let taught = (0..60).map(RowId).find(|row| {
            let mut test = of_first.rows.iter();
            test.all(|judged| judged.row != *row)
        });
        let other = 1 - judged.truth as usize;
        let mut next = recipe.clone();
        next.start = Some(Start {
            model: key.clone(),
            name: "the first run".to_owned(),
        });
        next.steps = vec![
            StepPlan::Relabel {
                column: "label".to_owned(),
                rows: vec![(Pin::of(&table, judged.row), of_first.labels[other].clone())],
            },
            StepPlan::DropRows {
                rows: vec![Pin::of(&table, taught.unwrap())],
            },
        ];
        let second = tuned(&mut page, RunId(2), TABLE, &next).await;
        let carried = second.carried.clone().unwrap();
        assert_eq!(carried.labels.earlier, [Some(0), Some(1)]);
        assert_eq!(carried.known_test_rows, 0, "rows stay in their parts");
        assert_eq!(
            carried.forgetting.unwrap().rows as usize,
            of_first.rows.len()
        );
        assert_eq!(second.evaluation.rows(), first.evaluation.rows());
        assert_eq!(labels_of(&second).rows[0].truth as usize, other);

        let mut show =
            async |name: &str, knobs: &[(&str, &str)]| view(&mut page, RunId(2), name, knobs).await;
        let compared = show("rounds", &[]).await;
        assert!(compared.contains("that both runs hold apart"), "{compared}");
        assert!(compared.contains("Validation rows"));
        let on_test = show("rounds", &[("part", "test")]).await;
        assert!(
            on_test.contains("The label of 1 of them was mended"),
            "{on_test}"
        );
        let suspects = show("suspects", &[]).await;
        assert!(suspects.contains("in doubt of 47"), "{suspects}");
        again = Some(next);
    });
    let mut third = again.unwrap();
    third.training.epochs = 0;
    with_worker_on(disk(), async |mut page| {
        open(&mut page).await;
        let report = tuned(&mut page, RUN, TABLE, &third).await;
        let carried = report.carried.unwrap();
        let forgetting = carried.forgetting.unwrap();
        assert_eq!(forgetting.before, forgetting.after, "no epoch, no change");
        third.start.as_mut().unwrap().model = "another".to_owned();
        let train = Command::Train {
            run: RUN,
            table: TABLE,
            recipe: third,
        };
        page.send(train, Vec::new());
        let failure = next(&mut page, |event| match event {
            Event::Failed { failure, .. } => Some(failure),
            _ => None,
        });
        assert_eq!(
            failure.await.what,
            "the first run is no longer kept on this device."
        );
    });
}

/// Rows of two numbers and a colour, of which a label follows.
fn columns_csv(first: usize, rows: usize, names: &str) -> String {
    let mut csv = format!("{names}\n");
    for row in first..first + rows {
        let (size, age) = (row * 37 % 101, row * 53 % 89);
        let colour = row % 3;
        let is_large = 2 * size + age + 30 * colour > 170;
        let label = if is_large { "large" } else { "small" };
        let colour = ["red", "green", "blue"][colour];
        csv += &format!("{size}.5,{age},{colour},{label}\n");
    }
    csv
}

/// A run on columns goes on from one of another table, in memory and after the tab was closed.
#[test]
fn a_run_on_columns_goes_on_from_an_earlier_one() {
    use burnish::domain::start::Start;
    use burnish::worker::store::Files;

    const SECOND: TableId = TableId(2);
    let files = Files::default();
    let disk = || Disk {
        files: files.clone(),
        interval: f64::INFINITY,
    };
    async fn recipe(page: &mut Page, table: TableId, columns: &[&str]) -> Recipe {
        let command = Command::Suggest {
            table,
            text: Vec::new(),
            columns: columns.iter().map(|&name| name.to_owned()).collect(),
            target: "label".to_owned(),
            decided: None,
            task: None,
        };
        page.send(command, Vec::new());
        let mut recipe = next(page, |event| match event {
            Event::Suggested { recipe, .. } => Some(recipe.unwrap()),
            _ => None,
        })
        .await;
        let network = &mut recipe.table.as_mut().unwrap().network;
        (
            network.members,
            network.width,
            network.folds,
            network.epochs,
        ) = (4, 16, 2, 6);
        recipe
    }
    let start = |key: &str| {
        Some(Start {
            model: key.to_owned(),
            name: "the first run".to_owned(),
        })
    };
    let small = columns_csv(500, 80, "Size,age,shade,label");
    let mut of_first = None;
    with_worker_on(disk(), async |mut page| {
        let first = columns_csv(0, 200, "size,age,colour,label");
        open_file(&mut page, TABLE, "first.csv", first).await;
        let own = recipe(&mut page, TABLE, &["size", "age", "colour"]).await;
        tuned(&mut page, RUN, TABLE, &own).await;
        let [key] = &kept_runs(&mut page).await[..] else {
            panic!("one run is kept")
        };
        let shown = view(&mut page, RUN, "evaluate", &[]).await;
        assert!(shown.contains("data-start="), "it can be gone on from");
        open_file(&mut page, SECOND, "second.csv", small.clone()).await;
        let mut next = recipe(&mut page, SECOND, &["Size", "age", "shade"]).await;
        next.start = start(key);
        let report = tuned(&mut page, RunId(2), SECOND, &next).await;
        let carried = report.carried.clone().unwrap();
        let columns = carried.columns.clone().unwrap();
        assert_eq!(columns.names.dropped, ["colour"]);
        assert_eq!(columns.names.fresh, ["shade"]);
        assert_eq!(columns.names.respelled.len(), 1);
        assert_eq!(carried.labels.earlier, [Some(0), Some(1)]);
        assert_eq!(carried.forgetting.as_ref().unwrap().rows, 40);
        let shown = view(&mut page, RunId(2), "evaluate", &[]).await;
        assert!(shown.contains("Column “Size” was called “size” before."));

        // Texts alone cannot go on from columns.
        open(&mut page).await;
        let (mut texts, _) = suggest(&mut page).await;
        texts.start = start(key);
        let train = Command::Train {
            run: RunId(3),
            table: TABLE,
            recipe: texts,
        };
        page.send(train, Vec::new());
        let failure = support::next(&mut page, |event| match event {
            Event::Failed { failure, .. } => Some(failure),
            _ => None,
        });
        let what = failure.await.what;
        assert!(
            what.contains("and this run learns from texts alone"),
            "{what}"
        );
        of_first = Some((key.clone(), report));
    });
    let (key, then) = of_first.unwrap();
    with_worker_on(disk(), async |mut page| {
        open_file(&mut page, SECOND, "second.csv", small.clone()).await;
        let mut next = recipe(&mut page, SECOND, &["Size", "age", "shade"]).await;
        next.start = start(&key);
        // Another seed, as the same run would be found as it was kept.
        next.training.transfer.rehearsal = 0.5;
        let report = tuned(&mut page, RUN, SECOND, &next).await;
        let carried = report.carried.unwrap();
        assert!(carried.rehearsed > 20, "{}", carried.rehearsed);
        let forgetting = carried.forgetting.unwrap();
        let before = then.carried.unwrap().forgetting.unwrap().before;
        assert_eq!(forgetting.before, before, "it is the same earlier model");
    });
}

/// Somebody saved a model and opens it on another device, where nothing is kept and no table is open.
#[test]
fn a_model_opens_from_its_file_and_a_run_goes_on_from_it() {
    const TEXT: &str = "They need a brake, please";
    let mut made = None;
    with_worker(async |mut page| {
        open(&mut page).await;
        let (recipe, profile) = suggest(&mut page).await;
        let recipe = recipe.with_method(Method::Lora, &profile);
        let report = tuned(&mut page, RUN, TABLE, &recipe).await;
        let said = predict(&mut page, RUN, TEXT).await;
        let (_, bytes) = attached(&mut page, RUN, "burnish", &[]).await;
        assert!(!String::from_utf8_lossy(&bytes).contains("I like more soup"));
        made = Some((report, said, bytes));
    });
    let (report, said, bytes) = made.unwrap();
    let file = RunId(7);
    with_worker(async |mut page| {
        let shown = open_model(&mut page, file, "topics.burnish", &bytes).await;
        let shown = shown.unwrap();
        for part in [
            "Which label?",
            "topics.burnish",
            "data-knob=\"cell0\"",
            "data-fork=",
        ] {
            assert!(shown.contains(part), "{part} in\n{shown}");
        }
        assert!(!shown.contains("data-start"), "no table is open");
        assert_eq!(predict(&mut page, file, TEXT).await, said);

        let mut show = async |view: &str, knobs: &[(&str, &str)]| {
            let knobs = knobs.iter();
            let knobs = knobs.map(|&(name, value)| (name.to_owned(), value.to_owned()));
            let question = RunQuestion::View {
                view: view.to_owned(),
                knobs: knobs.collect(),
            };
            match ask(&mut page, file, question).await {
                Ok(RunAnswer::View { markup }) => markup,
                other => panic!("{view}: {other:?}"),
            }
        };
        let answer = show("opened_answer", &[("cell0", TEXT)]).await;
        assert!(
            answer.contains("car") && answer.contains("opened-explain"),
            "{answer}"
        );
        let why = show("explanation", &[("cell0", TEXT)]).await;
        assert!(
            why.contains("brake") && !why.contains("data-view=\"near\""),
            "{why}"
        );
        let checked = show("faithfulness", &[("cell0", TEXT)]).await;
        assert!(checked.contains("<svg"), "{checked}");
        let offered = show("take_along", &[]).await;
        assert!(
            offered.contains("export-onnx") && !offered.contains("share-make"),
            "{offered}"
        );

        let told = json_file(&mut page, file, "explanation", &[("cell0", TEXT)]).await;
        assert_eq!(told["label"], "car");
        assert_eq!(told["text"], TEXT);
        let parts = told["parts"].as_array().unwrap();
        let names: Vec<&str> = parts
            .iter()
            .map(|part| part["name"].as_str().unwrap())
            .collect();
        assert!(names.contains(&"brake"), "{names:?}");
        let sum: f64 = parts
            .iter()
            .map(|part| part["share"].as_f64().unwrap())
            .sum();
        let whole = told["value"].as_f64().unwrap() - told["base"].as_f64().unwrap();
        assert!((sum - whole).abs() < 0.05 * whole.abs(), "{sum} of {whole}");
        let (_, again) = attached(&mut page, file, "burnish", &[]).await;
        assert_eq!(
            open_burnish(&again).unwrap().learned,
            open_burnish(&bytes).unwrap().learned
        );

        // What cannot be opened says so, and leaves what is open.
        let newer = rewritten(&bytes, |manifest| manifest["version"] = 99.into());
        let foreign = rewritten(&bytes, |manifest| manifest["base_sha256"] = "00".into());
        let huge = rewritten(&bytes, |manifest| {
            manifest["labels"] = (0..100_000).map(|at| at.to_string()).collect();
        });
        let other_rank = rewritten(&bytes, |manifest| {
            manifest["recipe"]["tuning"]["lora"]["rank"] = 128.into()
        });
        for (what, bytes, wanted) in [
            (
                "a text",
                b"text,label\n1,2\n".to_vec(),
                "no model of Burnish",
            ),
            ("nothing", Vec::new(), "no model of Burnish"),
            (
                "a cut one",
                bytes[..bytes.len() / 2].to_vec(),
                "no model of Burnish",
            ),
            ("a newer one", newer, "a newer version"),
            ("one of another base model", foreign, "another base model"),
            (
                "one with other labels",
                huge,
                "no head for its 100000 labels",
            ),
        ] {
            let refused = open_model(&mut page, RunId(8), "bad.burnish", &bytes).await;
            let refused = refused.expect_err(what);
            assert_eq!(refused.kind, FailureKind::Input, "{what}");
            assert!(
                refused
                    .what
                    .starts_with("\"bad.burnish\" cannot be opened: "),
                "{refused:?}"
            );
            assert!(
                refused.what.contains(wanted) && !refused.fix.is_empty(),
                "{refused:?}"
            );
        }
        // The rank that counts is that of the numbers themselves.
        open_model(&mut page, RunId(9), "x.burnish", &other_rank)
            .await
            .unwrap();
        assert_eq!(predict(&mut page, file, TEXT).await, said);

        let summary = json_file(&mut page, file, "summary", &[]).await;
        open(&mut page).await;
        let (recipe, profile) = suggest(&mut page).await;
        let mut another = recipe.with_method(Method::Lora, &profile);
        another.training.epochs = 0;
        another.start = Some(serde_json::from_value(summary["start"].clone()).unwrap());
        let second = tuned(&mut page, RunId(2), TABLE, &another).await;
        let carried = second.carried.unwrap();
        assert_eq!(carried.from, "topics.burnish");
        assert_eq!(carried.labels.earlier, [Some(0), Some(1)]);
        assert_eq!(carried.forgetting, None, "its rows are not in the file");
        assert_eq!(
            second.evaluation.metric("accuracy"),
            report.evaluation.metric("accuracy")
        );
        let csv = attached(&mut page, file, "batch", &[("table", "1")])
            .await
            .1;
        assert_eq!(String::from_utf8(csv).unwrap().lines().count(), 61);
    });
}

/// A model's file with another manifest.
fn rewritten(file: &[u8], change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    support::rewritten(file, "manifest.json", |bytes| {
        let mut manifest = serde_json::from_slice(bytes).unwrap();
        change(&mut manifest);
        serde_json::to_vec(&manifest).unwrap()
    })
}
