//! Steps against whole tables: what each does, and what none may do.

use super::*;
use crate::domain::recipe::{DataProfile, Recipe};
use crate::domain::split::{Split, SplitKind, SplitPlan};
use crate::domain::table::{Column, Table};

/// A table of named columns from cells row by row.
pub(super) fn table<const N: usize>(
    names: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Table {
    let rows: Vec<[String; N]> = rows.into_iter().collect();
    let column = |(at, name)| Column::of(name, rows.iter().map(|row: &[String; N]| &row[at]));
    Table::new("t.csv", names.into_iter().enumerate().map(column).collect())
}

/// A table of 40 rows: text, label, amount and the part that each row belongs to.
pub(super) fn forty(edit: impl Fn(usize, &mut [String; 4])) -> Table {
    let rows = (0..40).map(|row| {
        let label = if row % 4 == 0 { "spam" } else { "ham" };
        let part = match row % 5 {
            0 => "test",
            1 => "valid",
            _ => "train",
        };
        let mut cells = [
            format!("text number {row}"),
            label.to_owned(),
            format!("{}", 10 + row),
            part.to_owned(),
        ];
        edit(row, &mut cells);
        cells
    });
    table(["text", "label", "amount", "part"], rows)
}

pub(super) fn recipe(steps: Vec<StepPlan>) -> Recipe {
    let profile = DataProfile {
        rows: 40,
        parts: [24, 8, 8],
        classes: Vec::new(),
        tokens: [8, 8, 8, 8],
    };
    let mut recipe = Recipe::suggest(vec!["text".to_owned()], "label".to_owned(), &profile);
    recipe.split = SplitPlan {
        kind: SplitKind::Column {
            column: "part".to_owned(),
        },
        ..SplitPlan::default()
    };
    recipe.steps = steps;
    recipe
}

fn all(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn cells(table: &Table, column: &str) -> Vec<String> {
    let column = table.column(column).unwrap();
    column.cells().map(str::to_owned).collect()
}

fn rows(split: &Split) -> [Vec<RowId>; 3] {
    let test = split.test.clone().open().to_vec();
    [split.train.clone(), split.valid.clone(), test]
}

/// Every step that learns something from cells.
fn fitted_steps() -> Vec<StepPlan> {
    let amount = || "amount".to_owned();
    vec![
        StepPlan::TrimSpace { columns: vec![] },
        StepPlan::Rebalance {
            how: Rebalance::Oversample,
        },
        StepPlan::FillMissing {
            column: amount(),
            with: Fill::Median,
        },
        StepPlan::FillMissing {
            column: "text".to_owned(),
            with: Fill::MostFrequent,
        },
        StepPlan::Outliers {
            column: amount(),
            how: Outliers::Flag,
        },
        StepPlan::Outliers {
            column: amount(),
            how: Outliers::Clip,
        },
        StepPlan::MergeRare {
            column: "label".to_owned(),
            least: 2,
            into: "other".to_owned(),
        },
    ]
}

/// A table with something to do for each of [`fitted_steps`].
fn dirty(row: usize, cells: &mut [String; 4]) {
    match row {
        2 => cells[2] = "99999".to_owned(),
        3 => cells[2] = "NA".to_owned(),
        4 => cells[0] = " text number 4 ".to_owned(),
        6 => cells[0] = String::new(),
        7 => cells[1] = "rare".to_owned(),
        8 => cells[1] = "once".to_owned(),
        _ => {}
    }
}

#[test]
fn test_rows_change_no_fitted_state_and_no_training_row() {
    let recipe = recipe(fitted_steps());
    let honest = prepare(&forty(dirty), &recipe).unwrap();
    let meddled = forty(|row, cells| {
        dirty(row, cells);
        if row % 5 == 0 {
            cells[0] = "zebra umbrella".to_owned();
            cells[1] = "rare".to_owned();
            cells[2] = format!("{}", -1_000_000 * row as i64);
        }
    });
    let meddled = prepare(&meddled, &recipe).unwrap();

    assert!(honest.reports.iter().all(|report| report.refused.is_none()));
    assert!(
        honest.reports.iter().all(|report| !report.is_idle()),
        "{:#?}",
        honest.reports
    );
    assert_eq!(honest.fitted, meddled.fitted);
    let [train, valid, test] = rows(&honest.split);
    assert_eq!(
        rows(&meddled.split),
        [train.clone(), valid.clone(), test.clone()]
    );
    let seen: Vec<&RowId> = train.iter().chain(&valid).collect();
    for row in seen {
        assert_eq!(honest.table.row(*row), meddled.table.row(*row));
    }
    let differs = |row: &RowId| honest.table.row(*row) != meddled.table.row(*row);
    assert!(test.iter().any(differs), "the change was there to be seen");
}

#[test]
fn training_rows_do_change_the_fitted_state() {
    let recipe = recipe(fitted_steps());
    let honest = prepare(&forty(dirty), &recipe).unwrap();
    let other = forty(|row, cells| {
        dirty(row, cells);
        if row % 5 == 2 && row > 2 {
            cells[2] = format!("{}", 5 * row);
        }
    });
    assert_ne!(honest.fitted, prepare(&other, &recipe).unwrap().fitted);
}

#[test]
fn steps_are_deterministic() {
    let recipe = recipe(fitted_steps());
    let once = prepare(&forty(dirty), &recipe).unwrap();
    let again = prepare(&forty(dirty), &recipe).unwrap();
    assert_eq!(once.reports, again.reports);
    assert_eq!(once.fitted, again.fitted);
    assert_eq!(rows(&once.split), rows(&again.split));
    for row in (0..40).map(RowId) {
        assert_eq!(once.table.row(row), again.table.row(row));
    }
}

#[test]
fn a_step_that_is_left_out_is_undone() {
    let read = forty(dirty);
    let before = (0..40).map(|row| read.row(RowId(row))).collect::<Vec<_>>();
    let plain = prepare(&read, &recipe(vec![])).unwrap();
    for step in fitted_steps() {
        let with = prepare(&read, &recipe(vec![step.clone()])).unwrap();
        assert!(!with.reports[0].is_idle(), "{step:?}");
        let without = prepare(&read, &recipe(vec![])).unwrap();
        assert_eq!(rows(&without.split), rows(&plain.split));
        assert!(without.fitted.is_empty() && without.reports.is_empty());
        for (row, cells) in before.iter().enumerate() {
            assert_eq!(&without.table.row(RowId(row as u32)), cells, "{step:?}");
            assert_eq!(
                &read.row(RowId(row as u32)),
                cells,
                "what was read is as it was"
            );
        }
    }
}

#[test]
fn a_later_row_is_prepared_as_the_training_rows_were() {
    let steps = fitted_steps();
    let prepared = prepare(&forty(dirty), &recipe(steps)).unwrap();
    let json = serde_json::to_string(&prepared.fitted).unwrap();
    let fitted: Vec<Fitted> = serde_json::from_str(&json).unwrap();
    assert_eq!(fitted, prepared.fitted);
    // Every row of the file, taken again as if it came later.
    let read = forty(dirty);
    for row in (0..40).map(RowId) {
        let names = read.columns().iter().map(|column| column.name().to_owned());
        let mut again: Vec<(String, String)> = names.zip(read.row(row)).collect();
        prepare_row(&fitted, &mut again);
        for (name, cell) in again {
            assert_eq!(
                prepared.table.column(&name).unwrap().cell(row),
                cell,
                "{name}"
            );
        }
    }
    let mut text_alone = vec![("text".to_owned(), "  a   new\ttext ".to_owned())];
    prepare_row(&fitted, &mut text_alone);
    assert_eq!(text_alone, [("text".to_owned(), "a new text".to_owned())]);
}

#[test]
fn gaps_get_the_training_median_or_what_is_said() {
    let read = forty(|row, cells| {
        if row == 3 {
            cells[2] = String::new();
        }
    });
    // Training rows hold 12, 14, 17, 18, 19, … 49 without 13: the 12th of 23 is 32.
    for (with, expected) in [
        (Fill::Median, "32"),
        (Fill::MostFrequent, "12"),
        (Fill::Category, "(missing)"),
        (Fill::Value("0".to_owned()), "0"),
    ] {
        let step = StepPlan::FillMissing {
            column: "amount".to_owned(),
            with,
        };
        let prepared = prepare(&read, &recipe(vec![step])).unwrap();
        assert_eq!(cells(&prepared.table, "amount")[3], expected);
        let report = &prepared.reports[0];
        assert_eq!((report.cells, report.rows), (1, 1));
        assert_eq!(report.examples[0].row, RowId(3));
        assert_eq!(report.examples[0].after.as_deref(), Some(expected));
    }
}

#[test]
fn rows_are_left_out_and_stay_in_their_places() {
    let read = forty(|row, cells| match row {
        3 => cells[2] = "NA".to_owned(),
        9 => cells[1] = String::new(),
        12 => cells[0] = "text number 11".to_owned(),
        22 => cells[1] = "unique".to_owned(),
        _ => {}
    });
    let steps = vec![
        StepPlan::FillMissing {
            column: "amount".to_owned(),
            with: Fill::DropRow,
        },
        StepPlan::DropMissingTarget,
        StepPlan::DropDuplicates {
            columns: all(&["text"]),
            near: false,
        },
        StepPlan::DropRare {
            column: "label".to_owned(),
            least: 2,
        },
    ];
    let prepared = prepare(&read, &recipe(steps)).unwrap();
    let gone: Vec<usize> = (0..40).filter(|row| !prepared.kept[*row]).collect();
    assert_eq!(gone, [3, 9, 12, 22]);
    assert_eq!(prepared.unlabeled, [RowId(9)]);
    assert_eq!(prepared.table.rows(), 40);
    let parts = rows(&prepared.split).concat();
    assert_eq!(parts.len(), 36);
    for report in &prepared.reports {
        assert_eq!(report.dropped_rows, 1, "{report:?}");
        assert_eq!(report.examples[0].after, None);
    }
}

#[test]
fn rows_that_are_nearly_alike_are_left_out_where_that_is_asked_for() {
    let sentence = "The quick brown fox jumps over the lazy dog, and having run away from it for most \
         of an hour sits down beside a hedge to think about what to have for supper tonight";
    let read = forty(|row, cells| match row {
        3 => cells[0] = sentence.to_owned(),
        11 => cells[0] = format!("{}!", sentence.to_uppercase()),
        17 => cells[0] = sentence.replace("quick", "quiet"),
        _ => {}
    });
    let dropped = |near| {
        let columns = all(&["text"]);
        let step = StepPlan::DropDuplicates { columns, near };
        let prepared = prepare(&read, &recipe(vec![step])).unwrap();
        let gone = (0..40).filter(|row| !prepared.kept[*row]);
        gone.collect::<Vec<usize>>()
    };
    assert!(dropped(false).is_empty());
    assert_eq!(dropped(true), [11, 17]);
}

#[test]
fn classes_are_brought_to_one_size_in_training_alone() {
    let read = forty(|_, _| {});
    let plain = rows(&prepare(&read, &recipe(vec![])).unwrap().split);
    let label = |row: &RowId| read.column("label").unwrap().cell(*row) == "spam";
    for (how, size) in [(Rebalance::Oversample, 18), (Rebalance::Undersample, 6)] {
        let step = StepPlan::Rebalance { how };
        let prepared = prepare(&read, &recipe(vec![step])).unwrap();
        let [train, valid, test] = rows(&prepared.split);
        let spam = train.iter().filter(|row| label(row)).count();
        assert_eq!([spam, train.len() - spam], [size, size], "{how:?}");
        assert_eq!([&valid, &test], [&plain[1], &plain[2]]);
        assert!(train.iter().all(|row| plain[0].contains(row)));
    }
}

#[test]
fn oversampling_repeats_every_row_about_as_often() {
    let step = StepPlan::Rebalance {
        how: Rebalance::Oversample,
    };
    let prepared = prepare(&forty(|_, _| {}), &recipe(vec![step])).unwrap();
    for row in &prepared.split.train {
        let times = prepared
            .split
            .train
            .iter()
            .filter(|other| *other == row)
            .count();
        let expected = if row.0 % 4 == 0 { 3 } else { 1 };
        assert_eq!(times, expected);
    }
}

#[test]
fn outliers_are_clipped_or_flagged() {
    let read = forty(dirty);
    let step = |how| StepPlan::Outliers {
        column: "amount".to_owned(),
        how,
    };
    let clipped = prepare(&read, &recipe(vec![step(Outliers::Clip)])).unwrap();
    assert_eq!(
        cells(&clipped.table, "amount")[2],
        "99.5",
        "quartiles 23.5 and 42.5, and three times their distance"
    );
    let flagged = prepare(&read, &recipe(vec![step(Outliers::Flag)])).unwrap();
    let flags = cells(&flagged.table, "amount is far out");
    assert_eq!(flags[2], "yes");
    assert_eq!(flags.iter().filter(|flag| *flag == "no").count(), 39);
    assert_eq!(cells(&flagged.table, "amount")[2], "99999");
    assert_eq!(flagged.reports[0].cells, 1);
}

#[test]
fn a_step_that_cannot_be_done_says_why_and_the_others_are_done() {
    let text = |name: &str| name.to_owned();
    let refused = [
        StepPlan::TrimSpace {
            columns: all(&["gone"]),
        },
        StepPlan::FillMissing {
            column: text("text"),
            with: Fill::Median,
        },
        StepPlan::FillMissing {
            column: text("label"),
            with: Fill::MostFrequent,
        },
        StepPlan::FillMissing {
            column: text("amount"),
            with: Fill::Value(text("NA")),
        },
        StepPlan::Outliers {
            column: text("part"),
            how: Outliers::Clip,
        },
        StepPlan::DropColumns {
            columns: all(&["label"]),
        },
        StepPlan::MergeRare {
            column: text("label"),
            least: 1000,
            into: text("other"),
        },
        StepPlan::DropRare {
            column: text("label"),
            least: 1000,
        },
    ];
    for step in refused {
        let trim = StepPlan::TrimSpace { columns: vec![] };
        let prepared = prepare(&forty(dirty), &recipe(vec![step.clone(), trim])).unwrap();
        let why = prepared.reports[0].refused.as_ref();
        assert!(
            why.is_some_and(|why| why.ends_with('.')),
            "{step:?}: {why:?}"
        );
        assert!(prepared.reports[0].is_idle());
        assert_eq!(prepared.reports[1].cells, 1);
        assert_eq!(cells(&prepared.table, "text")[4], "text number 4");
    }
}

#[test]
fn without_a_split_there_is_still_something_to_show() {
    let mut recipe = recipe(fitted_steps());
    recipe.split.kind = SplitKind::Column {
        column: "fold".to_owned(),
    };
    let preview = preview(&forty(dirty), &recipe);
    assert_eq!(preview.split.unwrap_err()[0].id, "no_such_column");
    assert_eq!(preview.reports[0].cells, 1);
    assert!(
        preview.reports[2]
            .refused
            .as_ref()
            .unwrap()
            .contains("fold")
    );
}

/// A person said that `tbd` is no label, and it was learned and counted as one.
#[test]
fn what_a_person_calls_missing_is_missing_from_the_target_too() {
    let mut recipe = recipe(Vec::new());
    recipe.schema.missing = Some(vec!["tbd".to_owned()]);
    let untidy = |row: usize, cells: &mut [String; 4]| {
        if row % 10 == 3 {
            cells[1] = "tbd".to_owned();
        }
    };
    let prepared = prepare(&forty(untidy), &recipe).unwrap();
    let Split {
        train, valid, test, ..
    } = &prepared.split;
    assert_eq!(train.len() + valid.len() + test.len(), 36);
    let mut row = vec![("label".to_owned(), "tbd".to_owned())];
    prepare_row(&prepared.fitted, &mut row);
    assert_eq!(row[0].1, "");
}

fn relabel(read: &Table, rows: &[(u32, &str)]) -> StepPlan {
    let pinned = |(row, label): &(u32, &str)| (Pin::of(read, RowId(*row)), (*label).to_owned());
    StepPlan::Relabel {
        column: "label".to_owned(),
        rows: rows.iter().map(pinned).collect(),
    }
}

fn parts(prepared: &Prepared) -> [Vec<u32>; 3] {
    let Split {
        train, valid, test, ..
    } = prepared.split.clone();
    let rows = |rows: &[RowId]| rows.iter().map(|row| row.0).collect();
    [rows(&train), rows(&valid), rows(test.clone().open())]
}

/// A person mends labels between two rounds. Were the split drawn by the mended labels, rows that
/// judged the first round could teach the second.
#[test]
fn a_mended_label_moves_no_row_to_another_part() {
    let table = forty(|_, _| {});
    let mut plain = recipe(Vec::new());
    plain.split = SplitPlan::default();
    let before = prepare(&table, &plain).unwrap();
    let mut mended = plain.clone();
    mended.steps = vec![relabel(&table, &[(0, "ham"), (1, "spam"), (4, "new")])];
    let after = prepare(&table, &mended).unwrap();
    assert_eq!(parts(&after), parts(&before));
    let cell = |prepared: &Prepared, row| {
        let label = prepared.table.column("label").unwrap();
        label.cell(RowId(row)).to_owned()
    };
    assert_eq!(
        [0, 1, 4].map(|row| cell(&after, row)),
        ["ham", "spam", "new"]
    );
    assert_eq!(after.reports[0].cells, 3);
    assert_eq!(after.reports[0].what, "Mends 3 labels of \"label\".");

    mended.steps.clear();
    let undone = prepare(&table, &mended).unwrap();
    let rows = |prepared: &Prepared| -> Vec<Vec<String>> {
        (0..40).map(|row| prepared.table.row(RowId(row))).collect()
    };
    assert_eq!(rows(&undone), rows(&before), "undone exactly");
    assert_eq!(undone.kept, before.kept);
}

#[test]
fn a_label_that_is_kept_as_it_was_is_no_change() {
    let table = forty(|_, _| {});
    let prepared = prepare(
        &table,
        &recipe(vec![relabel(&table, &[(1, "ham"), (2, "spam")])]),
    );
    let report = &prepared.unwrap().reports[0];
    assert_eq!((report.cells, report.refused.clone()), (1, None));
    assert_eq!(
        report.what,
        "Mends 1 label of \"label\". 1 label confirmed."
    );
}

/// Rows without a label are chosen because the model is unsure of them: they may teach, and they
/// must not judge.
#[test]
fn a_row_that_gets_its_first_label_joins_training() {
    // Row 7 is the copy of another row, row 8 has no text.
    let with_copy_of = |other: u32| {
        forty(|row, cells| {
            if matches!(row, 5..=8) {
                cells[1].clear();
            }
            if row == 7 {
                cells[0] = format!("text number {other}");
            }
            if row == 8 {
                cells[0].clear();
            }
        })
    };
    let mut plain = recipe(vec![StepPlan::DropMissingTarget]);
    plain.split = SplitPlan::default();
    let before = parts(&prepare(&with_copy_of(0), &plain).unwrap());
    // Now of a row that judges.
    let table = with_copy_of(before[2][0]);
    let labelled = [(5, "ham"), (6, "spam"), (7, "ham"), (8, "ham")];
    plain.steps.push(relabel(&table, &labelled));
    let prepared = prepare(&table, &plain).unwrap();
    let after = parts(&prepared);
    let mut expected = before[0].clone();
    expected.extend([5, 6]);
    expected.sort_unstable();
    assert_eq!(after, [expected, before[1].clone(), before[2].clone()]);
    assert!(prepared.unlabeled.is_empty());
    assert_eq!(
        prepared.reports[1].what,
        "Mends 4 labels of \"label\". 4 rows had none; 2 of them can be learned from."
    );
}

#[test]
fn a_row_that_is_left_out_by_hand_moves_no_other() {
    let table = forty(|_, _| {});
    let mut plain = recipe(Vec::new());
    plain.split = SplitPlan {
        folds: 2,
        ..SplitPlan::default()
    };
    let before = prepare(&table, &plain).unwrap();
    let [train, _, test] = parts(&before);
    let dropped = [train[0], test[0]];
    let pins = dropped.map(|row| Pin::of(&table, RowId(row)));
    plain.steps = vec![StepPlan::DropRows { rows: pins.into() }];
    let after = prepare(&table, &plain).unwrap();
    let without = |rows: Vec<u32>| -> Vec<u32> {
        rows.into_iter()
            .filter(|row| !dropped.contains(row))
            .collect()
    };
    assert_eq!(parts(&after), parts(&before).map(without));
    assert_eq!(after.reports[0].dropped_rows, 2);
    let folded: Vec<u32> = after
        .folds
        .iter()
        .flat_map(|fold| &fold.1)
        .map(|row| row.0)
        .collect();
    assert!(!folded.contains(&dropped[0]));
    assert_eq!(
        folded.len(),
        before.folds.iter().map(|fold| fold.1.len()).sum::<usize>() - 1
    );
}

#[test]
fn rows_that_are_no_longer_in_the_file_are_told() {
    let table = forty(|_, _| {});
    let other = forty(|row, cells| {
        if row == 3 {
            cells[0] = "another text".to_owned();
        }
    });
    let prepared = prepare(&other, &recipe(vec![relabel(&table, &[(3, "spam")])])).unwrap();
    assert_eq!(
        prepared.reports[0].what,
        "Mends 0 labels of \"label\". 1 row is no longer in the file."
    );
}
