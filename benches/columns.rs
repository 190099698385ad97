//! What looking at columns costs: a million rows of several sorts, and five thousand columns.
//!
//! ```text
//! cargo bench --bench columns
//! ```

use std::hint::black_box;
use std::time::Instant;

use burnish::domain::column::{self, Schema};
use burnish::domain::query::{Condition, Filter, RowQuery, Sort};
use burnish::domain::table::{Column, Table};

const ROWS: u64 = 1_000_000;
const COLUMNS: u64 = 5_000;
const RUNS: usize = 3;

/// Tells the fastest of a few runs.
fn timed<T>(what: &str, mut run: impl FnMut() -> T) {
    let mut fastest = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        black_box(run());
        fastest = fastest.min(start.elapsed().as_secs_f64());
    }
    println!("{what:34} {:8.1} ms", fastest * 1e3);
}

/// Numbers that look random (Fibonacci hashing).
fn scattered(row: u64) -> u64 {
    row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20
}

fn column_of(name: &str, cell: impl Fn(u64) -> String) -> Column {
    Column::of(name, (0..ROWS).map(cell))
}

fn main() {
    let table = Table::new(
        "million.csv",
        vec![
            column_of("price", |row| {
                format!("{:.2}", (scattered(row) % 100_000_000) as f64 / 100.0)
            }),
            column_of("money", |row| {
                let (thousands, rest) = (1 + scattered(row) % 999, scattered(row * 7) % 1000);
                format!("${thousands},{rest:03}.5{}", row % 10)
            }),
            column_of("text", |row| {
                format!(
                    "some words about {} and more of them {row}",
                    scattered(row) % 1_000_000
                )
            }),
            column_of("date", |row| {
                let (day, year) = (1 + scattered(row) % 28, scattered(row * 3) % 24);
                format!(
                    "{day}/{}/20{year:02} {}:{:02}",
                    1 + row % 12,
                    row % 24,
                    row % 60
                )
            }),
            column_of("label", |row| {
                ["spam", "ham", "eggs"][(scattered(row) % 3) as usize].to_owned()
            }),
        ],
    );
    let schema = Schema::default();
    for column in table.columns() {
        let name = column.name();
        timed(&format!("summary of {name}"), || column::summarize(column));
        timed(&format!("detail of {name}"), || {
            column::detail(column, &schema)
        });
        let sort = Sort {
            column: name.to_owned(),
            descending: false,
        };
        let query = RowQuery {
            sort: Some(sort),
            ..RowQuery::default()
        };
        timed(&format!("sort by {name}"), || {
            query.select(&table, None, &schema)
        });
    }
    let search = RowQuery {
        search: "999999".to_owned(),
        ..RowQuery::default()
    };
    timed("search in all columns", || {
        search.select(&table, None, &schema)
    });
    let between = Filter {
        column: "money".to_owned(),
        condition: Condition::Between(1_000.0, 50_000.0),
    };
    let filter = RowQuery {
        filters: vec![between],
        ..RowQuery::default()
    };
    timed("numbers between two bounds", || {
        filter.select(&table, None, &schema)
    });

    let wide: Vec<Column> = (0..COLUMNS)
        .map(|at| {
            let cells = (0..200).map(|row| (scattered(row * at + row) % 97).to_string());
            Column::of(format!("c{at}"), cells)
        })
        .collect();
    timed("summaries of 5,000 columns", || {
        let profiles: Vec<_> = wide.iter().map(column::summarize).collect();
        column::propose(&profiles, 200, None)
    });
}
