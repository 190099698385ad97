//! Opens files as the page does and prints what it found, one JSON object a line: shape, dialect
//! and issues, or why there is no table.
//!
//! `cargo run --release --example open -- FILE...`, with `--cells` for all cells as well.

use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use burnish::domain::read::{ReadOptions, ReadTable, TableReader};
use burnish::domain::table::RowId;
use serde_json::{Value, json};

/// A file is read in pieces of so many bytes, as in the browser.
const CHUNK_BYTES: usize = 1 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut has_cells = false;
    let mut paths = Vec::new();
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Long("cells") => has_cells = true,
            lexopt::Arg::Value(path) => paths.push(path),
            other => return Err(other.unexpected().into()),
        }
    }
    for path in paths {
        println!("{}", open(Path::new(&path), has_cells)?);
    }
    Ok(())
}

fn open(path: &Path, has_cells: bool) -> Result<Value, Box<dyn Error>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut reader = TableReader::new(name.clone(), ReadOptions::default());
    let mut file = File::open(path)?;
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 || reader.is_enough() {
            break;
        }
        reader.feed(&chunk[..read]);
    }
    let ReadTable {
        table,
        report,
        issues,
    } = match reader.finish() {
        Ok(opened) => opened,
        Err(refusal) => {
            return Ok(json!({
                "file": name,
                "refused": refusal.id(),
                "what": refusal.to_string(),
                "fix": refusal.fix(),
            }));
        }
    };
    let columns = table.columns();
    let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
    let mut opened = json!({
        "file": name,
        "rows": table.rows(),
        "columns": columns.len(),
        "names": names.iter().take(40).collect::<Vec<_>>(),
        "reading": report,
        "issues": issues,
    });
    if has_cells {
        let rows: Vec<_> = (0..table.rows() as u32)
            .map(|row| table.row(RowId(row)))
            .collect();
        opened["names"] = json!(names);
        opened["cells"] = json!(rows);
    }
    Ok(opened)
}
