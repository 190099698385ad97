//! Planted leaks are found, clean tables raise no alarm.

use super::*;
use crate::domain::csv::CsvReader;
use crate::domain::recipe::DataProfile;
use crate::domain::split::{Basis, SplitKind, split, together};
use crate::domain::table::Column;
use crate::domain::task;

fn recipe(text: &[&str], target: &str) -> Recipe {
    let profile = DataProfile {
        rows: 100,
        parts: [70, 10, 20],
        classes: Vec::new(),
        tokens: [8, 8, 8, 8],
    };
    let text = text.iter().map(|&name| name.to_owned()).collect();
    Recipe::suggest(text, target.to_owned(), &profile)
}

fn of(table: &Table, recipe: &Recipe) -> Vec<Suspect> {
    let target = table.column(&recipe.target).unwrap();
    let strata = task::find(&recipe.task).unwrap().target(target).strata();
    let inputs = recipe.inputs().into_iter();
    let inputs: Vec<&Column> = inputs.filter_map(|name| table.column(name)).collect();
    let (alike, _) = together(&recipe.split, &inputs, &strata);
    let by = recipe.split.kind.column();
    let basis = Basis {
        alike: alike.as_ref(),
        column: by.and_then(|name| table.column(name)),
        ..Basis::of(&strata)
    };
    suspects(table, recipe, &split(&recipe.split, basis, 1).unwrap())
}

/// A number without pattern below another one, the same in every run.
fn drawn(row: usize, salt: usize, below: usize) -> usize {
    let mut x = (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (salt as u64) << 17;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((x ^ (x >> 27)) % below as u64) as usize
}

/// A table of customers that leaks nothing: three columns say a little of the churn.
fn churn(rows: usize) -> Vec<Column> {
    let churns = |row| drawn(row, 0, 10) < 3;
    let shifted = |row, salt| drawn(row, salt, 60) + if churns(row) { 12 } else { 0 };
    vec![
        Column::of(
            "churn",
            (0..rows).map(|row| if churns(row) { "leaves" } else { "stays" }),
        ),
        Column::of(
            "months",
            (0..rows).map(|row| format!("{}", 80 - shifted(row, 1))),
        ),
        Column::of(
            "spend",
            (0..rows).map(|row| format!("{}.{:02}", shifted(row, 2), drawn(row, 3, 100))),
        ),
        Column::of(
            "plan",
            (0..rows).map(|row| ["basic", "plus", "max"][shifted(row, 4) / 24]),
        ),
        Column::of(
            "region",
            (0..rows).map(|row| ["north", "south", "east"][drawn(row, 5, 3)]),
        ),
        Column::of("opened", (0..rows).map(|row| day(drawn(row, 6, 900)))),
        Column::of(
            "note",
            (0..rows).map(|row| {
                let words: Vec<String> = (0..12)
                    .map(|at| format!("word{}", drawn(row * 12 + at, 7, 400)))
                    .collect();
                words.join(" ")
            }),
        ),
    ]
}

fn day(days: usize) -> String {
    format!(
        "{}-{:02}-{:02}",
        2019 + days / 336,
        days / 28 % 12 + 1,
        days % 28 + 1
    )
}

const COLUMNS: [&str; 6] = ["months", "spend", "plan", "region", "opened", "note"];

/// Adds columns to the clean table and compares the kinds and columns of what is suspected.
#[track_caller]
fn check(planted: Vec<Column>, expected: &[(LeakKind, &[&str])]) {
    let names: Vec<String> = planted
        .iter()
        .map(|column| column.name().to_owned())
        .collect();
    let mut columns = churn(600);
    columns.extend(planted);
    let mut inputs = COLUMNS.to_vec();
    inputs.extend(names.iter().map(String::as_str));
    let found = of(&Table::new("t.csv", columns), &recipe(&inputs, "churn"));
    let mut kinds: Vec<(LeakKind, Vec<&str>)> = found
        .iter()
        .map(|suspect| {
            (
                suspect.kind,
                suspect.columns.iter().map(String::as_str).collect(),
            )
        })
        .collect();
    kinds.sort();
    let expected: Vec<(LeakKind, Vec<&str>)> = expected
        .iter()
        .map(|(kind, columns)| (*kind, columns.to_vec()))
        .collect();
    assert_eq!(kinds, expected, "{found:#?}");
}

fn planted(cell: impl Fn(usize, bool) -> String) -> Vec<Column> {
    let churn = &churn(600)[0];
    let cells = churn
        .cells()
        .enumerate()
        .map(|(row, label)| cell(row, label == "leaves"));
    vec![Column::of("planted", cells)]
}

#[test]
fn a_clean_table_raises_no_alarm() {
    check(Vec::new(), &[]);
}

#[test]
fn an_identifier() {
    let ids = planted(|row, _| format!("{:06}-K", drawn(row, 8, 10_000) * 600 + row));
    check(ids, &[(LeakKind::Identifier, &["planted"])]);
}

#[test]
fn the_target_recoded() {
    let codes = planted(|_, leaves| if leaves { "4" } else { "2" }.to_owned());
    check(codes, &[(LeakKind::CopyOfTarget, &["planted"])]);
}

#[test]
fn a_column_that_predicts_the_target() {
    // A letter that starts the code of every lost customer; the rest of the code says nothing.
    let codes =
        planted(|row, leaves| format!("{}{}", if leaves { "L" } else { "S" }, drawn(row, 9, 9)));
    check(codes, &[(LeakKind::PredictsTarget, &["planted"])]);
}

#[test]
fn a_date_that_only_those_have_who_left() {
    let dates = planted(|row, leaves| {
        if leaves {
            day(drawn(row, 9, 900))
        } else {
            String::new()
        }
    });
    check(dates, &[(LeakKind::PredictsTarget, &["planted"])]);
}

#[test]
fn a_text_that_names_the_target() {
    let texts = planted(|row, leaves| {
        let what = if leaves { "leaves" } else { "stays" };
        format!(
            "after call {} the agent wrote that the customer {what} with us",
            drawn(row, 9, 9_999)
        )
    });
    check(texts, &[(LeakKind::CopyOfTarget, &["planted"])]);
}

#[test]
fn a_strong_but_honest_column_raises_no_alarm() {
    // Right in nine rows of ten.
    let guess = planted(|row, leaves| {
        let is_wrong = drawn(row, 10, 10) == 0;
        if leaves != is_wrong {
            "likely"
        } else {
            "unlikely"
        }
        .to_owned()
    });
    check(guess, &[]);
}

#[test]
fn dates_that_stand_for_never() {
    let dates = planted(|row, _| match row % 150 {
        9 => "9999-12-31".to_owned(),
        _ => day(drawn(row, 11, 300)),
    });
    check(dates, &[(LeakKind::FutureDates, &["planted"])]);
}

#[test]
fn never_is_found_however_often_it_is_written() {
    // A contract without an end is the rule, not the exception.
    for never in [
        "9999-12-31",
        "31.12.9999",
        "99991231",
        "9999-12-31 00:00:00",
    ] {
        let dates = planted(|row, _| match row % 10 {
            0..=5 => never.to_owned(),
            _ => day(drawn(row, 11, 300)),
        });
        check(dates, &[(LeakKind::FutureDates, &["planted"])]);
    }
}

#[test]
fn a_column_that_is_wrong_in_one_row_of_fifty_is_named() {
    // Of a label that one row in ten has, that is a tenth of the uncertainty and more.
    let rows = 400;
    let label = |row: usize| {
        if (row * 7919).is_multiple_of(10) {
            "rare"
        } else {
            "usual"
        }
    };
    let mut columns = churn(rows);
    columns.retain(|column| column.name() != "churn");
    columns.push(Column::of("churn", (0..rows).map(label)));
    let loose = (0..rows).map(|row| {
        let from = if row % 50 == 7 { row * 31 % rows } else { row };
        format!("{}-{}", &label(from)[..1], row % 3)
    });
    columns.push(Column::of("planted", loose));
    let recipe = recipe(&[&COLUMNS[..], &["planted"]].concat(), "churn");
    let table = Table::new("t.csv", columns);
    let found = of(&table, &recipe);
    assert!(
        found
            .iter()
            .any(|suspect| suspect.kind == LeakKind::PredictsTarget
                && suspect.columns == ["planted"]),
        "{found:?}"
    );
}

#[test]
fn a_date_after_the_one_that_splits() {
    let mut columns = churn(600);
    let closed = (0..600).map(|row| day(drawn(row, 6, 900) + 1 + drawn(row, 12, 20)));
    columns.push(Column::of("closed", closed));
    let mut recipe = recipe(&[&COLUMNS[..], &["closed"]].concat(), "churn");
    let table = Table::new("t.csv", columns);
    assert_eq!(of(&table, &recipe), []);
    recipe.split.kind = SplitKind::Time {
        column: "opened".to_owned(),
    };
    let found = of(&table, &recipe);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].kind, LeakKind::FutureDates);
    assert_eq!(
        found[0].what,
        "Column \"closed\" is later than \"opened\" in 100.0 % of the training rows."
    );
}

#[test]
fn customers_on_both_sides() {
    let mut columns = churn(600);
    // Customers of five rows each, who all leave or all stay.
    let mut sorted: Vec<usize> = (0..600).collect();
    sorted.sort_by_key(|&row| drawn(row, 0, 10) < 3);
    let mut customer = vec![0; 600];
    for (place, row) in sorted.into_iter().enumerate() {
        customer[row] = place / 5;
    }
    columns.push(Column::of(
        "customer_id",
        customer.iter().map(|at| format!("{}", 70_000 + at * 13)),
    ));
    let table = Table::new("t.csv", columns);
    let mut recipe = recipe(&COLUMNS, "churn");
    let found = of(&table, &recipe);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].kind, LeakKind::SharedGroup);
    assert_eq!(found[0].fixes, [LeakFix::GroupBy("customer_id".to_owned())]);
    recipe.split.kind = SplitKind::Group {
        column: "customer_id".to_owned(),
    };
    assert_eq!(of(&table, &recipe), [], "the advice settles it");
}

#[test]
fn rows_repeated_across_the_split() {
    let twice: Vec<Column> = churn(600)
        .iter()
        .map(|column| Column::of(column.name(), column.cells().chain(column.cells().take(90))))
        .collect();
    let table = Table::new("t.csv", twice);
    let mut recipe = recipe(&COLUMNS, "churn");
    assert_eq!(of(&table, &recipe), [], "alike rows are kept together");
    recipe.split.keep_together = false;
    let found = of(&table, &recipe);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].kind, LeakKind::RepeatedRows);
    assert_eq!(found[0].fixes[0], LeakFix::KeepTogether);
    assert!(
        found[0].what.contains("of 207 rows that are held out"),
        "{}",
        found[0].what
    );
}

/// A clean table with a price that three columns say something of.
fn prices(rows: usize) -> Vec<Column> {
    let area = |row| 40.0 + drawn(row, 20, 1000) as f64 / 10.0;
    let age = |row| drawn(row, 21, 80) as f64;
    let price = |row| area(row) * 3.0 - age(row) + drawn(row, 22, 1000) as f64 / 8.0;
    vec![
        Column::of("price", (0..rows).map(|row| format!("{:.2}", price(row)))),
        Column::of("area", (0..rows).map(|row| format!("{:.1}", area(row)))),
        Column::of("age", (0..rows).map(|row| format!("{}", age(row)))),
        Column::of(
            "town",
            (0..rows).map(|row| ["Oslo", "Bergen", "Voss"][drawn(row, 23, 3)]),
        ),
    ]
}

#[track_caller]
fn check_prices(planted: Vec<Column>, expected: &[&[&str]]) {
    let mut columns = prices(500);
    columns.extend(planted);
    let table = Table::new("t.csv", columns);
    let mut recipe = recipe(&["town"], "price");
    recipe.task = "regress".to_owned();
    let found = of(&table, &recipe);
    let named: Vec<&[String]> = found.iter().map(|suspect| &*suspect.columns).collect();
    assert_eq!(named, expected, "{found:#?}");
    assert!(
        found
            .iter()
            .all(|suspect| suspect.kind == LeakKind::CopyOfTarget)
    );
}

fn price(row: usize) -> f64 {
    prices(500)[0].cell(RowId(row as u32)).parse().unwrap()
}

#[test]
fn a_clean_table_of_numbers_raises_no_alarm() {
    check_prices(Vec::new(), &[]);
}

#[test]
fn the_target_with_noise() {
    let noisy = (0..500).map(|row| {
        format!(
            "{:.3}",
            price(row) * 1.25 + drawn(row, 24, 100) as f64 / 10.0
        )
    });
    check_prices(vec![Column::of("with_tax", noisy)], &[&["with_tax"]]);
}

#[test]
fn parts_that_sum_to_the_target() {
    let land = |row: usize| price(row) * (0.2 + drawn(row, 25, 100) as f64 / 200.0);
    let a = (0..500).map(|row| format!("{:.4}", land(row)));
    let b = (0..500).map(|row| format!("{:.4}", price(row) - land(row)));
    check_prices(
        vec![Column::of("land", a), Column::of("house", b)],
        &[&["land", "house"]],
    );
}

/// The samples that the page offers, see `public/samples/README.md` for sources and licences.
#[test]
fn the_samples_raise_no_alarm() {
    let samples: [(&str, &[u8], &str, &str); 5] = [
        (
            "sms_spam",
            include_bytes!("../../../public/samples/sms_spam_sample.csv"),
            "text",
            "label",
        ),
        (
            "sentences",
            include_bytes!("../../../public/samples/sentiment_sentences.csv"),
            "text",
            "label",
        ),
        (
            "snips",
            include_bytes!("../../../public/samples/snips_intents_sample.csv"),
            "text",
            "intent",
        ),
        (
            "support",
            include_bytes!("../../../public/samples/support_intents.csv"),
            "text",
            "intent",
        ),
        (
            "birds",
            include_bytes!("../../../public/samples/bird_strikes_sample.csv"),
            "remarks",
            "phase_of_flt",
        ),
    ];
    for (name, bytes, text, target) in samples {
        let mut reader = CsvReader::new(name);
        reader.feed(bytes);
        let (table, _) = reader.finish().unwrap();
        let found = of(&table, &recipe(&[text], target));
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}
