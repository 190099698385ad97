//! Opening tables through the worker: whole, in part, cancelled, packed, and as test rows.

mod support;

use std::io::Write;

use burnish::domain::query::RowQuery;
use burnish::domain::read::{Format, ReadOptions, Sample};
use burnish::domain::table::RowId;
use burnish::protocol::{
    About, Answer, Attachment, Command, Event, FailureKind, Question, RequestId, TableId,
    TableSource, TableSummary,
};
use burnish::worker::Disk;
use burnish::worker::assets::Assets;
use burnish::worker::port::{Attached, Page};
use flate2::Compression;
use flate2::write::GzEncoder;

const FILE: TableSource = TableSource::File {
    attachment: Attachment(0),
};

/// Runs a test's page against a worker, in one thread.
fn with_worker<F: AsyncFnOnce(Page)>(page: F) {
    let assets = Assets::new(concat!(env!("CARGO_MANIFEST_DIR"), "/public"));
    support::with_worker(assets, Disk::default(), page);
}

fn send_open(page: &Page, table: u32, bytes: Vec<u8>, options: ReadOptions) {
    let command = Command::OpenTable {
        table: TableId(table),
        name: format!("{table}.csv"),
        source: FILE,
        options,
    };
    page.send(command, vec![Attached(bytes)]);
}

/// The next event that is not about progress.
async fn next(page: &mut Page) -> Event {
    loop {
        match page.receive().await.expect("the worker is there") {
            Event::TableProgress { .. } | Event::Ready { .. } => {}
            event => return event,
        }
    }
}

async fn opened(page: &mut Page) -> (TableId, TableSummary) {
    match next(page).await {
        Event::TableOpened { table, summary } => (table, summary),
        other => panic!("{other:?}"),
    }
}

fn csv(rows: u32) -> Vec<u8> {
    let rows = (0..rows).map(|n| format!("a text of row {n},{}\n", ["yes", "no"][n as usize % 2]));
    ("text,label\n".to_owned() + &rows.collect::<String>()).into_bytes()
}

#[test]
fn files_of_all_sorts_open() {
    with_worker(async |mut page| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&csv(20_000)).unwrap();
        let zip = std::fs::read("tests/fixtures/read/tables.zip").unwrap();
        let json = br#"[{"text": "hello", "label": "a"}, {"text": "bye", "label": "b"}]"#;
        let files: [(Vec<u8>, u32, Option<&str>, Format); 4] = [
            (csv(60_000), 60_000, None, Format::Delimited),
            (
                gzip.finish().unwrap(),
                20_000,
                Some("gzip"),
                Format::Delimited,
            ),
            (zip, 5, Some("zip"), Format::Delimited),
            (json.to_vec(), 2, None, Format::JsonArray),
        ];
        for (bytes, rows, packed, format) in files {
            send_open(&page, 1, bytes, ReadOptions::default());
            let (_, summary) = opened(&mut page).await;
            assert_eq!(summary.rows, rows, "{packed:?} {format:?}");
            assert_eq!(summary.columns[0].name, "text");
            assert_eq!(summary.reading.packed.as_deref(), packed);
            assert_eq!(summary.reading.format, format);
            assert_eq!(summary.reading.rows_seen, u64::from(rows));
        }
    });
}

#[test]
fn a_sample_is_read() {
    with_worker(async |mut page| {
        for (sample, kept, seen) in [
            (Sample::First { rows: 10 }, 10, 10),
            (Sample::Random { rows: 10, seed: 1 }, 10, 5000),
        ] {
            let options = ReadOptions {
                sample,
                ..ReadOptions::default()
            };
            send_open(&page, 1, csv(5000), options);
            let (_, summary) = opened(&mut page).await;
            assert_eq!(
                (summary.reading.rows_kept, summary.reading.rows_seen),
                (kept, seen)
            );
            assert_eq!(summary.issues[0].id, "sample");
        }
    });
}

/// A person drops a large file, sees that it is the wrong one, and cancels.
#[test]
fn an_opening_is_cancelled_and_leaves_nothing() {
    with_worker(async |mut page| {
        send_open(&page, 1, csv(90_000), ReadOptions::default());
        send_open(&page, 2, csv(100), ReadOptions::default());
        page.send(Command::CancelOpening { table: TableId(1) }, Vec::new());
        let mut ended = Vec::new();
        for _ in 0..2 {
            ended.push(match next(&mut page).await {
                Event::TableCancelled { table } => (table.0, "cancelled"),
                Event::TableOpened { table, .. } => (table.0, "opened"),
                other => panic!("{other:?}"),
            });
        }
        ended.sort_unstable();
        assert_eq!(ended, [(1, "cancelled"), (2, "opened")]);

        let rows = Command::ReadRows {
            table: TableId(1),
            request: RequestId(1),
            rows: vec![RowId(0)],
        };
        page.send(rows, Vec::new());
        match next(&mut page).await {
            Event::Failed { about, failure } => {
                assert_eq!(about, About::Table(TableId(1)));
                assert_eq!(failure.kind, FailureKind::Protocol);
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn closing_a_table_ends_its_opening_and_opening_it_anew_replaces_it() {
    with_worker(async |mut page| {
        send_open(&page, 1, csv(90_000), ReadOptions::default());
        page.send(Command::CloseTable { table: TableId(1) }, Vec::new());
        assert!(matches!(
            next(&mut page).await,
            Event::TableCancelled { .. }
        ));

        send_open(&page, 1, csv(90_000), ReadOptions::default());
        send_open(&page, 1, csv(7), ReadOptions::default());
        let (_, summary) = opened(&mut page).await;
        assert_eq!(summary.rows, 7);
        send_open(&page, 2, csv(9), ReadOptions::default());
        let (table, summary) = opened(&mut page).await;
        assert_eq!((table, summary.rows), (TableId(2), 9));
    });
}

#[test]
fn a_preview_reads_the_start_alone() {
    with_worker(async |mut page| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&csv(30_000)).unwrap();
        let wide = "text,label\n".to_owned() + &format!("{},x\n", "é".repeat(5000)).repeat(1000);
        for (bytes, most_bytes, rows) in [
            (csv(90_000), 256 * 1024, 200),
            (gzip.finish().unwrap(), 256 * 1024, 200),
            (wide.into_bytes(), 256 * 1024, 26),
            (csv(3), 1000, 3),
        ] {
            page.send(
                Command::Preview {
                    table: TableId(1),
                    request: RequestId(4),
                    name: "t.csv".to_owned(),
                    source: FILE,
                    options: ReadOptions::default(),
                },
                vec![Attached(bytes)],
            );
            match next(&mut page).await {
                Event::Previewed {
                    request,
                    columns,
                    rows: found,
                    reading,
                    issues,
                } => {
                    assert_eq!(request, RequestId(4));
                    assert_eq!(columns, ["text", "label"]);
                    assert_eq!(found.len(), rows);
                    assert!(reading.unwrap().bytes <= most_bytes);
                    assert!(issues.is_empty(), "{issues:?}");
                }
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn a_preview_says_why_there_is_no_table() {
    with_worker(async |mut page| {
        page.send(
            Command::Preview {
                table: TableId(1),
                request: RequestId(1),
                name: "t.csv".to_owned(),
                source: FILE,
                options: ReadOptions::default(),
            },
            vec![Attached(b"%PDF-1.7".to_vec())],
        );
        match next(&mut page).await {
            Event::Previewed {
                reading, issues, ..
            } => {
                assert_eq!(reading, None);
                assert!(issues[0].blocks() && issues[0].what.contains("PDF"));
            }
            other => panic!("{other:?}"),
        }
    });
}

/// Rows of the first table, as the page asks for them.
async fn count_rows(page: &mut Page) -> u32 {
    let question = Question::Rows {
        recipe: None,
        query: RowQuery::default(),
        offset: 0,
        limit: 1,
    };
    let command = Command::Ask {
        table: TableId(1),
        request: RequestId(7),
        question,
    };
    page.send(command, Vec::new());
    match next(page).await {
        Event::Answered {
            answer: Ok(Answer::Rows { total, .. }),
            ..
        } => total,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_second_file_becomes_the_test_rows() {
    with_worker(async |mut page| {
        send_open(&page, 1, csv(10), ReadOptions::default());
        opened(&mut page).await;
        let second = b"Label,extra,text\nyes,1,new text\n".to_vec();
        send_open(&page, 2, second, ReadOptions::default());
        opened(&mut page).await;
        // What was asked before is remembered, but not of a table that has changed since.
        assert_eq!(count_rows(&mut page).await, 10);
        let append = |from| Command::AppendTest {
            table: TableId(1),
            from: TableId(from),
        };
        page.send(append(2), Vec::new());
        let (table, summary) = opened(&mut page).await;
        assert_eq!((table, summary.rows), (TableId(1), 11));
        assert_eq!(summary.test_from, Some(RowId(10)));
        assert_eq!(summary.preview[10], ["new text", "yes"]);
        assert_eq!(count_rows(&mut page).await, 11);
        assert_eq!(
            summary.issues.last().unwrap().id,
            "second_file_more_columns"
        );

        send_open(&page, 3, b"x,y\n1,2\n".to_vec(), ReadOptions::default());
        opened(&mut page).await;
        page.send(append(3), Vec::new());
        match next(&mut page).await {
            Event::Failed { failure, .. } => assert_eq!(failure.kind, FailureKind::Input),
            other => panic!("{other:?}"),
        }
    });
}
