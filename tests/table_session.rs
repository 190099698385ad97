//! Every task through the worker, from a file to an answer for one row.

mod support;

use std::fmt::Write as _;

use burnish::domain::features::TextTuning;
use burnish::domain::read::ReadOptions;
use burnish::domain::recipe::{DataProfile, Recipe, Way};
use burnish::domain::report::{Ended, InputKind, Judged, Phase, Prediction};
use burnish::domain::split::SplitPlan;
use burnish::domain::start::Start;
use burnish::protocol::{
    Command, Event, KeptTable, RunEvent, RunId, TableId, TableSource, TableSummary,
};
use burnish::worker::Disk;
use burnish::worker::assets::Assets;
use burnish::worker::port::Page;
use support::{
    attached, cells, finish, json_file, next, open_file, open_model, predict, rewritten, view,
};

const TABLE: TableId = TableId(1);
const RUN: RunId = RunId(1);

/// Runs a test's page against a worker whose disk other workers of the test share. Nothing is
/// fetched: `folder` is where the base model would be.
fn with_worker_on<F: AsyncFnOnce(Page)>(disk: Disk, page: F) {
    let folder = support::models()
        .parent()
        .expect("models have a parent")
        .to_owned();
    support::with_worker(Assets::new(folder), disk, page);
}

fn with_worker<F: AsyncFnOnce(Page)>(page: F) {
    let disk = Disk {
        interval: f64::INFINITY,
        ..Disk::default()
    };
    with_worker_on(disk, page);
}

/// 240 used cars: the price follows from age, distance and make; what is said of them from both.
fn cars() -> String {
    let mut csv = "id,make,age,km,sold,serviced,price,grade,tags,note\n".to_owned();
    for row in 0..240_u32 {
        let make = row * 7 % 3;
        let age = row * 13 % 12;
        let km = (row * 31 % 20) * 9;
        let price = 30_000 + make * 6_000 - age * 1_500 - km * 40 + row * 17 % 90;
        let grade = match price {
            ..15_000 => "1",
            15_000..25_000 => "2",
            _ => "3",
        };
        let mut tags = vec![["small", "family", "sports"][make as usize]];
        if age > 5 {
            tags.push("old");
        }
        let note = if age > 5 {
            "rusty, needs work on the brakes"
        } else {
            "like new, drives very well"
        };
        writeln!(
            csv,
            "A{},{},{age},{},{}.{}.2024,{},\"{}.{:03},00\",{grade},{},\"{note}, number {row}\"",
            1000 + row * 37 % 500,
            ["Fiat", "Volvo", "Audi"][make as usize],
            if row % 20 == 7 {
                String::new()
            } else {
                (km * 1000).to_string()
            },
            1 + row % 28,
            1 + row % 12,
            if row % 2 == 0 { "yes" } else { "no" },
            price / 1000,
            price % 1000,
            tags.join(";"),
        )
        .unwrap();
    }
    csv
}

/// The only table that was kept.
async fn recalled(page: &mut Page) -> KeptTable {
    page.send(Command::Recall, Vec::new());
    let tables = next(page, |event| match event {
        Event::Kept { tables } => Some(tables),
        _ => None,
    });
    tables.await.remove(0)
}

/// Makes its run answer again.
async fn restore(page: &mut Page, kept: &KeptTable) {
    let command = Command::Restore {
        kept: Some(kept.key.clone()),
        table: TABLE,
        runs: vec![(kept.runs[0].recipe.clone(), RUN)],
    };
    page.send(command, Vec::new());
    finish(page).await;
}

async fn open(page: &mut Page) -> TableSummary {
    open_as(page, "cars.csv", cars()).await
}

async fn open_as(page: &mut Page, name: &str, csv: String) -> TableSummary {
    open_file(page, TABLE, name, csv).await
}

const COLUMNS: [&str; 5] = ["make", "age", "km", "sold", "serviced"];

/// Recipes for a task, the suggested one first.
async fn suggest(
    page: &mut Page,
    text: &[&str],
    columns: &[&str],
    target: &str,
    task: &str,
) -> Vec<Recipe> {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let mut decided = Recipe::suggest(Vec::new(), String::new(), &DataProfile::empty());
    decided.task = task.to_owned();
    let command = Command::Suggest {
        table: TABLE,
        text: names(text),
        columns: names(columns),
        target: target.to_owned(),
        decided: Some(Box::new(decided)),
        task: None,
    };
    page.send(command, Vec::new());
    let found = next(page, |event| match event {
        Event::Suggested {
            recipe,
            others,
            issues,
            ..
        } => Some((recipe, others, issues)),
        _ => None,
    })
    .await;
    let (Some(recipe), others, _) = found else {
        panic!("{:?}", found.2)
    };
    [vec![recipe], others].concat()
}

/// A smaller network, as these tests are built for every change.
fn small(mut recipe: Recipe) -> Recipe {
    let network = &mut recipe.table.as_mut().expect("a table is learned").network;
    network.members = network.members.min(8);
    network.width = 32;
    network.folds = 2;
    network.epochs = 40;
    recipe
}

fn train(page: &Page, recipe: Recipe) {
    let command = Command::Train {
        run: RUN,
        table: TABLE,
        recipe,
    };
    page.send(command, Vec::new());
}

fn row(cells: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, cell): &(&str, &str)| ((*name).to_owned(), (*cell).to_owned());
    cells.iter().map(owned).collect()
}

#[test]
fn a_table_without_texts_is_understood() {
    with_worker(async |mut page| {
        let summary = open(&mut page).await;
        let recipes = suggest(&mut page, &[], &COLUMNS, "make", "classify").await;
        let ways: Vec<&str> = recipes.iter().map(|recipe| recipe.way().id()).collect();
        assert_eq!(ways, ["tabm", "mlp", "linear"]);
        assert!(
            !summary.guess.columns.contains(&"id".to_owned()),
            "{:?}",
            summary.guess
        );
        let mixed = suggest(&mut page, &["note"], &COLUMNS, "make", "classify").await;
        let ways: Vec<&str> = mixed.iter().map(|recipe| recipe.way().id()).collect();
        assert_eq!(
            ways,
            [
                "tabm",
                "mlp",
                "linear",
                "lora",
                "head",
                "full",
                "contrastive"
            ]
        );
        assert_eq!(
            mixed[0].inputs().len(),
            5,
            "what is predicted is not learned from"
        );
    });
}

/// A file of that many rows, as cells of the first table and a column that it has not.
fn new_cars(rows: usize) -> String {
    let cars = cars();
    let lines: Vec<&str> = cars.lines().skip(1).collect();
    let mut csv = "id,make,age,km,sold,serviced,remark\n".to_owned();
    for row in 0..rows {
        let cells: Vec<&str> = lines[row % lines.len()].split(',').take(6).collect();
        writeln!(csv, "{},=1+{row}", cells.join(",")).unwrap();
    }
    csv
}

#[test]
fn a_file_that_goes_through_row_by_row_is_predicted_as_a_table_is() {
    with_worker(async |mut page| {
        open(&mut page).await;
        let recipes = suggest(&mut page, &[], &COLUMNS, "grade", "classify").await;
        let linear = recipes.iter().find(|recipe| recipe.way().id() == "linear");
        let mut recipe = small(linear.unwrap().clone());
        recipe.table.as_mut().unwrap().network.epochs = 5;
        train(&page, recipe);
        finish(&mut page).await;
        // More than a chunk of the file, and rows that no chunk ends with.
        let csv = new_cars(40_000);
        assert!(csv.len() > 3 << 19, "{}", csv.len());
        for table in [TableId(2), TableId::BESIDE] {
            let kept = open_file(&mut page, table, "new.csv", csv.clone())
                .await
                .rows;
            let all = if table == TableId::BESIDE {
                1_000
            } else {
                40_000
            };
            assert_eq!(kept, all, "rows in memory");
        }
        let whole = attached(&mut page, RUN, "batch", &[("table", "2")]).await;
        let beside = TableId::BESIDE.0.to_string();
        let streamed = attached(&mut page, RUN, "batch", &[("table", &beside)]).await;
        assert_eq!(
            whole.1.iter().filter(|&&byte| byte == b'\n').count(),
            40_001
        );
        assert!(whole.1 == streamed.1, "the same file");
        let text = String::from_utf8(streamed.1).unwrap();
        let header = "id,make,age,km,sold,serviced,remark,prediction,p_1,p_2,p_3";
        assert_eq!(text.lines().next(), Some(header));
        assert!(text.lines().nth(1).unwrap().contains(",\"'=1+0\","));
        assert!(text.lines().last().unwrap().contains(",\"'=1+39999\","));
    });
}

/// A person wants to know of a table of each kind which rows to look at, and why they are as they are.
#[test]
fn predicted_tables_say_what_is_unsure_and_why() {
    let tasks: [(&[&str], &str, &str); 5] = [
        (&[], "grade", "classify"),
        (&["note"], "grade", "classify"),
        (&[], "price", "regress"),
        (&[], "tags", "label_sets"),
        (&[], "grade", "rank"),
    ];
    // A name that a spreadsheet would run, as the first thing of a cell of reasons.
    let csv = cars().replacen(",age,", ",=age,", 1);
    with_worker(async |mut page| {
        open_as(&mut page, "cars.csv", csv.clone()).await;
        let few: Vec<&str> = csv.lines().take(31).collect();
        open_file(&mut page, TableId(2), "few.csv", few.join("\n")).await;
        open_file(&mut page, TableId::BESIDE, "few.csv", few.join("\n")).await;
        let beside = TableId::BESIDE.0.to_string();
        let mut formulas = 0;
        for (text, target, task) in tasks {
            let columns = ["make", "=age", "km", "serviced"];
            let recipes = suggest(&mut page, text, &columns, target, task).await;
            let mut recipe = small(recipes[0].clone());
            let network = &mut recipe.table.as_mut().unwrap().network;
            (network.epochs, network.folds) = (15, 1);
            train(&page, recipe);
            finish(&mut page).await;
            let wanted = [("abstain", "true"), ("sure", "80"), ("reasons", "true")];
            let of = |table, more: &[(&'static str, &'static str)]| {
                [&[("table", table)], &wanted[..], more].concat()
            };
            let panel = view(&mut page, RUN, "batch", &of("2", &[])).await;
            assert!(panel.contains("rows a second here"), "{panel}");
            let (_, safe) = attached(&mut page, RUN, "batch", &of("2", &[])).await;
            let (_, streamed) = attached(&mut page, RUN, "batch", &of(&beside, &[])).await;
            assert!(safe == streamed, "{task}: the same file");
            let (_, raw) = attached(&mut page, RUN, "batch", &of("2", &[("raw", "true")])).await;
            let (safe, raw) = (cells(&safe), cells(&raw));
            assert_eq!(safe.len(), 31);
            let last = safe[0].len() - 1;
            assert_eq!(safe[0][last], "reasons");
            let has_bound = safe[0][last - 1] == "abstains";
            assert_eq!(has_bound, task != "regress", "a number has a range instead");
            for (safe, raw) in safe.iter().zip(&raw).skip(1) {
                let (told, own) = (&safe[last], &raw[last]);
                assert!(!told.starts_with('='), "{told}");
                formulas += u32::from(own.starts_with('='));
                assert_eq!(told.trim_start_matches('\''), own);
                let named = ["make=", "=age=", "km=", "serviced=", "note: \""];
                let mut reasons = own.split("; ");
                let first = reasons.next().unwrap();
                let first = first.split_once(": ").filter(|_| task == "label_sets");
                let first = first.map_or(own.as_str(), |(_, first)| first);
                assert!(named.iter().any(|name| first.starts_with(name)), "{own}");
                if has_bound {
                    let shares = &raw[11..last - 1];
                    let shares: Vec<f64> = shares.iter().map(|p| p.parse().unwrap()).collect();
                    let sure = match task {
                        "label_sets" => shares.iter().map(|p| p.max(1.0 - p)).fold(1.0, f64::min),
                        _ => shares.iter().copied().fold(0.0, f64::max),
                    };
                    let expected = if sure < 0.8 { "yes" } else { "no" };
                    assert_eq!(raw[last - 1], expected, "{task}: {raw:?}");
                }
            }
        }
        assert!(
            formulas > 0,
            "no row has the column of the odd name as its first reason"
        );
    });
}

#[test]
fn labels_are_told_from_columns_and_the_model_is_kept() {
    let disk = Disk::default();
    let ask = row(&[
        ("make", "Fiat"),
        ("age", "11"),
        ("km", "150000"),
        ("price", "1.000,00"),
    ]);
    let mut first = None;
    with_worker_on(disk.clone(), async |mut page| {
        open(&mut page).await;
        let columns = ["make", "age", "km", "sold", "serviced", "id"];
        let recipes = suggest(&mut page, &[], &columns, "grade", "classify").await;
        let mut recipe = small(recipes[0].clone());
        recipe.split = SplitPlan {
            folds: 2,
            ..recipe.split
        };
        train(&page, recipe);
        let report = finish(&mut page).await;
        let Judged::Labels(found) = &report.evaluation else {
            panic!("labels were asked for")
        };
        assert_eq!(found.labels, ["1", "2", "3"]);
        let accuracy = report.evaluation.metric("accuracy").unwrap();
        assert!(accuracy > 0.8, "{accuracy}");
        let folded = report.cross_validation.as_ref().unwrap();
        assert_eq!(folded.folds, 2);
        assert!(folded.metrics[0].mean > 0.7, "{folded:?}");
        assert!(report.parameters.trainable > 1000 && !report.epochs.is_empty());
        // The form asks for what was learned from, and for nothing else.
        let kinds: Vec<(&str, InputKind)> = (report.inputs.iter())
            .map(|input| (&*input.column, input.kind))
            .collect();
        let expected = [
            ("make", InputKind::Choice),
            ("age", InputKind::Number),
            ("km", InputKind::Number),
            ("sold", InputKind::Date),
            ("serviced", InputKind::Choice),
        ];
        assert_eq!(kinds, expected);
        assert_eq!(report.inputs[0].values.len(), 3);

        let said = predict(&mut page, RUN, ask.clone()).await;
        let Prediction::Labels(shares) = &said else {
            panic!("{said:?}")
        };
        assert!(shares[0] > 0.5, "old and far: {shares:?}");
        first = Some(said);
    });

    // Another worker, which never trained it, says the same.
    with_worker_on(disk, async |mut page| {
        let kept = recalled(&mut page).await;
        restore(&mut page, &kept).await;
        assert_eq!(Some(predict(&mut page, RUN, ask).await), first);
    });
}

/// The text encoder learns along: another worker, which never trained it, says the same by it, and the
/// next run reads texts as it learned to.
#[test]
fn an_encoder_that_learned_along_is_kept_and_goes_on() {
    let ask = row(&[
        ("note", "rusty, needs work"),
        ("make", "Fiat"),
        ("km", "90000"),
    ]);
    let (disk, mut first) = (Disk::default(), None);
    let few: String = cars()
        .lines()
        .take(71)
        .flat_map(|line| [line, "\n"])
        .collect();
    with_worker_on(disk.clone(), async |mut page| {
        open_as(&mut page, "cars.csv", few.clone()).await;
        let recipes = suggest(&mut page, &["note"], &["make", "km"], "price", "regress").await;
        let mut recipe = small(recipes[0].clone());
        let plan = recipe.table.as_mut().unwrap();
        (plan.texts, plan.network.epochs) = (TextTuning::Lora, 6);
        train(&page, recipe);
        let report = finish(&mut page).await;
        assert!(
            report.epochs.len() > 6,
            "the encoder learned after the network"
        );
        first = Some(predict(&mut page, RUN, ask.clone()).await);
        let shown = view(&mut page, RUN, "explain", &[]).await;
        assert!(shown.contains("note"), "{shown}");
    });
    with_worker_on(disk, async |mut page| {
        let kept = recalled(&mut page).await;
        restore(&mut page, &kept).await;
        assert_eq!(Some(predict(&mut page, RUN, ask.clone()).await), first);

        open_as(&mut page, "cars.csv", few).await;
        let mut again = kept.runs[0].recipe.clone();
        again.start = Some(Start {
            model: kept.runs[0].key.clone(),
            name: "the first run".to_owned(),
        });
        train(&page, again);
        let carried = finish(&mut page).await.carried.expect("it went on");
        assert!(carried.forgetting.is_some());
        let tried = view(&mut page, RUN, "search", &[("minutes", "0")]).await;
        assert!(tried.contains("1 choice of settings tried"), "{tried}");
        assert!(tried.contains("Pull to the start"), "{tried}");
    });
}

#[test]
fn better_settings_are_searched_and_found_again_by_another_worker() {
    let disk = Disk::default();
    let mut found = String::new();
    let trials = |made: &str| made.matches("scope=\"row\"").count();
    with_worker_on(disk.clone(), async |mut page| {
        open(&mut page).await;
        let recipes = suggest(&mut page, &[], &COLUMNS, "grade", "classify").await;
        train(&page, small(recipes[0].clone()));
        finish(&mut page).await;
        let offer = view(&mut page, RUN, "search", &[]).await;
        assert!(offer.contains("Search for 5 min") && trials(&offer) == 0);
        // However short the time, the run's own settings are tried.
        let made = view(&mut page, RUN, "search", &[("minutes", "0")]).await;
        assert_eq!(trials(&made), 1, "{made}");
        assert!(made.contains("as it was") && !made.contains("take-settings"));
        found = view(&mut page, RUN, "search", &[("minutes", "0.15")]).await;
        assert!(trials(&found) >= 3, "{found}");
        assert_eq!(view(&mut page, RUN, "search", &[]).await, found);
    });

    with_worker_on(disk, async |mut page| {
        let kept = recalled(&mut page).await;
        let command = Command::OpenTable {
            table: TABLE,
            name: "cars.csv".to_owned(),
            source: TableSource::Kept {
                kept: kept.key.clone(),
            },
            options: ReadOptions::default(),
        };
        page.send(command, Vec::new());
        next(&mut page, |event| match event {
            Event::TableOpened { .. } => Some(()),
            _ => None,
        })
        .await;
        restore(&mut page, &kept).await;
        assert_eq!(view(&mut page, RUN, "search", &[]).await, found);
    });
}

#[test]
fn a_number_is_predicted_with_its_range() {
    with_worker(async |mut page| {
        open(&mut page).await;
        let recipes = suggest(&mut page, &[], &COLUMNS, "price", "regress").await;
        train(&page, small(recipes[0].clone()));
        let report = finish(&mut page).await;
        let r2 = report.evaluation.metric("r2").unwrap();
        assert!(r2 > 0.8, "{r2}");
        let Judged::Numbers(found) = &report.evaluation else {
            panic!("numbers were asked for")
        };
        let largest = found.rows.iter().map(|row| row.truth).fold(0.0, f64::max);
        assert!(
            largest > 20_000.0,
            "1.234,00 is read as the column writes it: {largest}"
        );
        let new = row(&[
            ("make", "Audi"),
            ("age", "0"),
            ("km", "0"),
            ("serviced", "yes"),
        ]);
        let old = row(&[
            ("make", "Fiat"),
            ("age", "11"),
            ("km", "171000"),
            ("serviced", "yes"),
        ]);
        let mut numbers = Vec::new();
        for row in [new, old] {
            let said = predict(&mut page, RUN, row).await;
            let Prediction::Number { value, range } = said else {
                panic!("{said:?}")
            };
            let [low, high] = range.expect("there are rows enough for a range");
            assert!(low < value && value < high);
            numbers.push(value);
        }
        assert!(numbers[0] > numbers[1] + 10_000.0, "{numbers:?}");
        can_go_on(&mut page).await;
    });
}

#[test]
fn ranks_and_sets_of_labels_are_told() {
    with_worker(async |mut page| {
        open(&mut page).await;
        let recipes = suggest(&mut page, &[], &COLUMNS, "grade", "rank").await;
        train(&page, small(recipes[1].clone()));
        let report = finish(&mut page).await;
        assert!(report.evaluation.metric("accuracy").unwrap() > 0.7);
        assert!(report.evaluation.metric("rank_error").unwrap() < 0.3);
        assert!(report.evaluation.metric("quadratic_kappa").unwrap() > 0.7);
        can_go_on(&mut page).await;

        let recipes = suggest(&mut page, &[], &COLUMNS, "tags", "label_sets").await;
        train(&page, small(recipes[0].clone()));
        let report = finish(&mut page).await;
        can_go_on(&mut page).await;
        let names = report.evaluation.names().to_vec();
        assert_eq!(names, ["family", "old", "small", "sports"]);
        let said = predict(
            &mut page,
            RUN,
            row(&[("make", "Audi"), ("age", "11"), ("km", "90000")]),
        )
        .await;
        let Prediction::LabelSet(shares) = said else {
            panic!("{said:?}")
        };
        let chosen: Vec<&String> = (names.iter().zip(&shares))
            .filter(|(_, share)| **share > 0.5)
            .map(|(name, _)| name)
            .collect();
        assert_eq!(chosen, ["old", "sports"], "{shares:?}");
    });
}

/// Whatever a run learned, one can tune again from it and search better settings.
async fn can_go_on(page: &mut Page) {
    let screen = view(page, RUN, "evaluate", &[]).await;
    assert!(screen.contains("data-start=") && screen.contains("data-view=\"search\""));
    assert!(
        !screen.contains("data-view=\"rounds\""),
        "nothing to compare with"
    );
}

/// Ranks in words mean an order that is not the alphabet's, and a person may say another one.
#[test]
fn ranks_in_words_have_the_order_that_they_mean() {
    let mut csv = cars();
    for (number, word) in [("1", "low"), ("2", "medium"), ("3", "high")] {
        csv = csv.replace(&format!(",00\",{number},"), &format!(",00\",{word},"));
    }
    with_worker(async |mut page| {
        open_as(&mut page, "cars.csv", csv).await;
        let recipes = suggest(&mut page, &[], &COLUMNS, "grade", "rank").await;
        let mut recipe = small(recipes[1].clone());
        train(&page, recipe.clone());
        let report = finish(&mut page).await;
        assert_eq!(report.evaluation.names(), ["low", "medium", "high"]);

        let mine = ["medium", "low", "high"].map(str::to_owned);
        recipe
            .schema
            .orders
            .insert("grade".to_owned(), mine.to_vec());
        train(&page, recipe);
        let report = finish(&mut page).await;
        assert_eq!(report.evaluation.names(), mine);
    });
}

/// A task that an encoder is not tuned to goes through the table's networks, on its frozen vectors.
#[test]
fn numbers_and_sets_of_labels_are_told_from_texts_alone() {
    with_worker(async |mut page| {
        open(&mut page).await;
        let recipes = suggest(&mut page, &["note"], &[], "tags", "label_sets").await;
        assert_eq!(recipes[0].way().id(), "tabm");
        train(&page, small(recipes[0].clone()));
        let report = finish(&mut page).await;
        let old = report
            .evaluation
            .names()
            .iter()
            .position(|name| name == "old");
        let text = row(&[("note", "rusty, needs work on the brakes, number 999")]);
        let said = predict(&mut page, RUN, text).await;
        let Prediction::LabelSet(shares) = said else {
            panic!("{said:?}")
        };
        assert!(shares[old.unwrap()] > 0.5, "{shares:?}");

        let recipes = suggest(&mut page, &["note"], &[], "age", "regress").await;
        train(&page, small(recipes[2].clone()));
        let report = finish(&mut page).await;
        let r2 = report.evaluation.metric("r2").unwrap();
        assert!(r2 > 0.3, "the note tells old from new: {r2}");
        assert_eq!(report.inputs[0].kind, InputKind::Text);
    });
}

/// Questions of four sorts, asked in pairs; half of the pairs ask the same.
fn pairs() -> String {
    const ASKED: [[&str; 5]; 4] = [
        [
            "When will my new card arrive?",
            "I am still waiting for my card",
            "My card has not come yet",
            "How long does delivery of a card take?",
            "Is there a way to track my card in the mail?",
        ],
        [
            "I forgot my PIN",
            "How do I change the PIN of my card?",
            "My PIN does not work any more",
            "Where can I reset my PIN?",
            "Can I choose a new PIN code?",
        ],
        [
            "What is the exchange rate today?",
            "Which rate do you use for foreign money?",
            "The exchange rate looks wrong",
            "How much do I get for one euro?",
            "Is the currency conversion updated every day?",
        ],
        [
            "Close my account please",
            "How can I delete my account?",
            "I want to leave your bank",
            "I no longer need this account",
            "Please cancel my membership",
        ],
    ];
    let mut csv = "one,other,same,score\n".to_owned();
    for at in 0..240_usize {
        let (sort, own) = (at % 4, at / 4 % 5);
        let is_same = at / 20 % 2 == 0;
        let other_sort = if is_same {
            sort
        } else {
            (sort + 1 + at % 3) % 4
        };
        let other = (own + 1 + at / 40 % 4) % 5;
        writeln!(
            csv,
            "\"{}\",\"{}\",{},{}",
            ASKED[sort][own],
            ASKED[other_sort][other],
            if is_same { "yes" } else { "no" },
            if is_same { 45 + at % 6 } else { at % 9 },
        )
        .unwrap();
    }
    csv
}

#[test]
fn two_texts_are_compared_by_a_label_and_by_a_number() {
    with_worker(async |mut page| {
        open_as(&mut page, "pairs.csv", pairs()).await;
        let texts = ["one", "other"];
        let recipes = suggest(&mut page, &texts, &[], "same", "pairs").await;
        assert_eq!(recipes[0].way().id(), "tabm");
        train(&page, small(recipes[0].clone()));
        let report = finish(&mut page).await;
        let accuracy = report.evaluation.metric("accuracy").unwrap();
        assert!(accuracy > 0.8, "{accuracy}");
        let mut ask = async |one: &str, other: &str| {
            predict(&mut page, RUN, row(&[("one", one), ("other", other)])).await
        };
        let (card, late) = ("Where is my card?", "The card I ordered is late");
        let same = ask(card, late).await;
        let Prediction::Labels(shares) = &same else {
            panic!("{same:?}")
        };
        assert!(shares[1] > 0.5, "{shares:?}");
        let turned = ask(late, card).await;
        let Prediction::Labels(again) = &turned else {
            panic!("{turned:?}")
        };
        assert!((shares[1] - again[1]).abs() < 1e-4, "whichever comes first");
        let others = ask(card, "Please delete my account").await;
        let Prediction::Labels(others) = &others else {
            panic!("{others:?}")
        };
        assert!(others[1] < 0.5, "{others:?}");

        let recipes = suggest(&mut page, &texts, &[], "score", "similarity").await;
        train(&page, small(recipes[0].clone()));
        let report = finish(&mut page).await;
        let spearman = report.evaluation.metric("spearman").unwrap();
        assert!(spearman > 0.6, "{spearman}");

        // One text has nothing to be compared with.
        let mut decided = Recipe::suggest(Vec::new(), String::new(), &DataProfile::empty());
        decided.task = "pairs".to_owned();
        let command = Command::Suggest {
            table: TABLE,
            text: vec!["one".to_owned()],
            columns: Vec::new(),
            target: "same".to_owned(),
            decided: Some(Box::new(decided)),
            task: None,
        };
        page.send(command, Vec::new());
        let issues = next(&mut page, |event| match event {
            Event::Suggested { issues, .. } => Some(issues),
            _ => None,
        })
        .await;
        assert_eq!(issues[0].id, "not_two_texts");
    });
}

#[test]
fn columns_and_texts_are_learned_together() {
    with_worker(async |mut page| {
        open(&mut page).await;
        let recipes = suggest(&mut page, &["note"], &["make", "km"], "grade", "classify").await;
        assert!(matches!(recipes[0].way(), Way::Table(_)));
        train(&page, small(recipes[0].clone()));
        let report = finish(&mut page).await;
        assert!(report.evaluation.metric("accuracy").unwrap() > 0.6);
        let ask = row(&[
            ("note", "rusty, needs work"),
            ("make", "Fiat"),
            ("km", "90000"),
        ]);
        assert!(matches!(
            predict(&mut page, RUN, ask).await,
            Prediction::Labels(_)
        ));
    });
}

#[test]
fn a_table_run_can_be_paused_and_stopped() {
    with_worker(async |mut page| {
        open(&mut page).await;
        let recipes = suggest(&mut page, &[], &COLUMNS, "price", "regress").await;
        let mut slow = recipes[0].clone();
        let network = &mut slow.table.as_mut().unwrap().network;
        (network.epochs, network.patience, network.folds) = (1000, 0, 3);
        train(&page, slow);
        let is = |wanted: fn(&RunEvent) -> bool| {
            move |event: Event| match event {
                Event::Run { event, .. } if wanted(&event) => Some(()),
                _ => None,
            }
        };
        next(
            &mut page,
            is(|event| matches!(event, RunEvent::Epoch { .. })),
        )
        .await;
        page.send(Command::Pause { run: RUN }, Vec::new());
        next(&mut page, is(|event| matches!(event, RunEvent::Paused))).await;
        page.send(Command::Resume { run: RUN }, Vec::new());
        next(&mut page, is(|event| matches!(event, RunEvent::Resumed))).await;
        next(
            &mut page,
            is(|event| matches!(event, RunEvent::Progress { .. })),
        )
        .await;
        page.send(Command::Stop { run: RUN }, Vec::new());
        let report = finish(&mut page).await;
        assert_eq!(report.ended, Ended::Stopped);
        assert!(report.best_epoch > 0);
        assert!(matches!(
            predict(&mut page, RUN, row(&[("age", "3")])).await,
            Prediction::Number { .. }
        ));
    });
}

/// Three quarters of a run used to pass without a word: only the first network told anything.
#[test]
fn every_network_is_told_of() {
    with_worker(async |mut page| {
        open(&mut page).await;
        let recipes = suggest(&mut page, &[], &COLUMNS, "grade", "classify").await;
        train(&page, small(recipes[0].clone()));
        let mut folds = Vec::new();
        next(&mut page, |event| {
            let Event::Run { event, .. } = event else {
                return None;
            };
            if let RunEvent::Phase {
                phase: Phase::Fold { done, total },
            } = event
            {
                folds.push((done, total));
            }
            matches!(event, RunEvent::Finished { .. }).then_some(())
        })
        .await;
        assert_eq!(folds, [(1, 2)]);
    });
}

/// "Would more rows help?" was offered for runs on columns, and answered that it cannot tell.
#[test]
fn more_rows_are_measured_for_runs_on_columns() {
    with_worker(async |mut page| {
        open(&mut page).await;
        for (text, target, task, error) in [
            (&[][..], "grade", "rank", "Share of wrong validation rows"),
            (
                &["note"],
                "tags",
                "label_sets",
                "Share of wrong validation rows",
            ),
            (&[], "price", "regress", "variance that is not explained"),
        ] {
            let recipes = suggest(&mut page, text, &COLUMNS, target, task).await;
            let mut recipe = small(recipes[0].clone());
            recipe.table.as_mut().unwrap().network.epochs = 12;
            train(&page, recipe);
            finish(&mut page).await;
            let offered = view(&mut page, RUN, "learning", &[]).await;
            assert!(offered.contains("Takes about"), "{offered}");
            let looks = view(&mut page, RUN, "evaluate", &[]).await;
            let shown = view(&mut page, RUN, "learning", &[("start", "yes")]).await;
            assert!(
                shown.contains("data-testid=\"learning\""),
                "{task}: {shown}"
            );
            assert!(shown.contains(error), "{task}: {shown}");
            assert!(!shown.contains("NaN"), "{task}: {shown}");
            let again = view(&mut page, RUN, "evaluate", &[]).await;
            assert_eq!(again, looks, "no look at the test rows was taken");
        }
    });
}

#[test]
fn models_of_columns_open_from_their_files() {
    let file = RunId(7);
    let ask = row(&[
        ("make", "Audi"),
        ("age", "3"),
        ("km", "90000"),
        ("serviced", "yes"),
        ("note", "like new"),
    ]);
    with_worker(async |mut page| {
        open(&mut page).await;
        let mut sound = Vec::new();
        for (text, target, task) in [
            (&[][..], "grade", "classify"),
            (&[], "price", "regress"),
            (&[], "tags", "label_sets"),
            (&["note"], "grade", "rank"),
            (&["note"], "price", "regress"),
        ] {
            let recipes = suggest(&mut page, text, &COLUMNS, target, task).await;
            let mut recipe = small(recipes[0].clone());
            recipe.table.as_mut().unwrap().network.epochs = 3;
            train(&page, recipe);
            finish(&mut page).await;
            let said = predict(&mut page, RUN, ask.clone()).await;
            let (_, bytes) = attached(&mut page, RUN, "burnish", &[]).await;
            let shown = open_model(&mut page, file, "cars.burnish", &bytes).await;
            let shown = shown.unwrap();
            let asked = match task {
                "regress" => format!("What is the {target}?"),
                _ => format!("Which {target}?"),
            };
            assert!(shown.contains(&asked), "{shown}");
            assert!(shown.contains("data-fork="), "a run can go on from it");
            assert_eq!(predict(&mut page, file, ask.clone()).await, said, "{task}");
            let told = json_file(
                &mut page,
                file,
                "explanation",
                &[("cell0", "Fiat"), ("cell1", "11")],
            )
            .await;
            let parts = told["parts"].as_array().unwrap();
            let sum: f64 = parts
                .iter()
                .map(|part| part["share"].as_f64().unwrap())
                .sum();
            let whole = told["value"].as_f64().unwrap() - told["base"].as_f64().unwrap();
            assert!(
                (sum - whole).abs() < 1e-3 * whole.abs().max(1.0),
                "{task}: {sum} of {whole}"
            );
            let csv = attached(&mut page, file, "batch", &[("table", "1")])
                .await
                .1;
            assert_eq!(String::from_utf8(csv).unwrap().lines().count(), 241);
            sound = if task == "classify" { bytes } else { sound };
        }
        // A plan that somebody else wrote is looked at before anything is built by it.
        for (at, odd) in [
            ("/table/networks", serde_json::json!(1_000_000)),
            ("/table/networks", serde_json::json!(0)),
            ("/table/text_width", serde_json::json!(100_000_000)),
            ("/table/answers/labels", serde_json::json!(["1"])),
            ("/table/plan/features", serde_json::json!([])),
            (
                "/table/plan/features/1/plan/number/scale/knots",
                serde_json::json!([]),
            ),
            (
                "/table/plan/features/1/plan/number/scale/bins/edges",
                serde_json::json!([3.0, 1.0]),
            ),
            ("/recipe/table/network/width", serde_json::json!(512)),
            ("/recipe/table/network/members", serde_json::json!(1)),
            ("/labels", serde_json::json!(["a", "b", "c"])),
            ("/table", serde_json::Value::Null),
        ] {
            let bytes = rewritten(&sound, "manifest.json", |bytes| {
                let mut manifest: serde_json::Value = serde_json::from_slice(bytes).unwrap();
                let place = manifest.pointer_mut(at);
                *place.unwrap_or_else(|| panic!("there is no {at}")) = odd.clone();
                serde_json::to_vec(&manifest).unwrap()
            });
            let refused = open_model(&mut page, RunId(8), "odd.burnish", &bytes).await;
            let refused = refused.expect_err(at);
            assert!(refused.what.contains("damaged"), "{at}: {refused:?}");
        }
    });
}

/// 200 rows whose label has nothing to do with their numbers: what is learned is learned by heart. As in
/// `tests/e2e/tables.test.mjs`.
fn coins() -> String {
    let mix = |number: u32| {
        let number = (number ^ (number >> 16)).wrapping_mul(0x45d_9f3b);
        let number = (number ^ (number >> 16)).wrapping_mul(0x45d_9f3b);
        number ^ (number >> 16)
    };
    let mut csv = "a,b,c,side\n".to_owned();
    for row in 0..200_u32 {
        for column in 1..=3 {
            let cell = mix(4 * row + column) % 1000;
            write!(csv, "{}.{},", cell / 10, cell % 10).unwrap();
        }
        let side = ["heads", "tails"][mix(4 * row + 4) as usize % 2];
        writeln!(csv, "{side}").unwrap();
    }
    csv
}

/// The recipe that a button of a view takes to the next run.
fn settings_of(shown: &str, button: &str) -> Recipe {
    let (_, from) = shown
        .split_once(&format!("data-testid=\"{button}\""))
        .unwrap_or_else(|| panic!("no {button} in {shown}"));
    let (_, from) = from.split_once("data-settings=\"").unwrap();
    let (json, _) = from.split_once('"').unwrap();
    serde_json::from_str(&json.replace("&quot;", "\"")).unwrap()
}

#[test]
fn a_run_that_learned_rows_by_heart_says_what_to_turn_and_turns_it() {
    with_worker(async |mut page| {
        open_as(&mut page, "coins.csv", coins()).await;
        let recipes = suggest(&mut page, &[], &["a", "b", "c"], "side", "classify").await;
        let mut recipe = small(recipes[0].clone());
        let network = &mut recipe.table.as_mut().unwrap().network;
        network.folds = 1;
        network.patience = 0;
        network.dropout = 0.0;
        network.learning_rate = 0.01;
        train(&page, recipe.clone());
        finish(&mut page).await;
        let shown = view(&mut page, RUN, "evaluate", &[]).await;
        assert!(shown.contains("It overfits"), "{shown}");
        assert!(!shown.contains("LoRA"), "no setting that it does not have");

        let mut turned = settings_of(&shown, "turn-table-network-mixup");
        let network = &mut turned.table.as_mut().unwrap().network;
        assert_eq!(std::mem::take(&mut network.mixup), 0.2);
        assert_eq!(turned, recipe, "nothing else was turned");
        let smoothed = settings_of(&shown, "turn-table-network-label_smoothing");
        let command = Command::Train {
            run: RunId(2),
            table: TABLE,
            recipe: smoothed,
        };
        page.send(command, Vec::new());
        finish(&mut page).await;
        let shown = view(&mut page, RunId(2), "evaluate", &[]).await;
        let again = settings_of(&shown, "turn-table-network-label_smoothing");
        assert_eq!(again.table.unwrap().network.label_smoothing, 0.2);
    });
}
