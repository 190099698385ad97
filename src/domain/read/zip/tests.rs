//! Archives that Python's `zipfile` 3.11 wrote, so that two hands are on the format; damaged ones
//! are made of them here.

use super::*;

/// `z = zipfile.ZipFile(f, "w", zipfile.ZIP_DEFLATED)`, then `writestr` of "__MACOSX/._a.csv"
/// ("x"), "docs/readme.md" ("hello"), "data/a.csv" ("text,label\nhello,1\n" * 3) and "b.tsv"
/// ("a\tb\n1\t2\n").
const ARCHIVE: &[u8] = include_bytes!("../../../../tests/fixtures/read/tables.zip");

fn list(archive: &[u8]) -> Result<Vec<Entry>, ReadRefusal> {
    let size = archive.len() as u64;
    let tail = &archive[archive.len().saturating_sub(TAIL_BYTES as usize)..];
    let (start, length) = list_place(tail, size)?;
    entries(&archive[start as usize..(start + length) as usize])
}

fn entry(path: &str) -> Entry {
    Entry {
        path: path.to_owned(),
        method: 8,
        is_encrypted: false,
        packed: 10,
        header_at: 0,
    }
}

#[test]
fn files_are_listed_and_found() {
    assert!(is_zip(ARCHIVE));
    let entries = list(ARCHIVE).unwrap();
    let paths: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(
        paths,
        ["__MACOSX/._a.csv", "docs/readme.md", "data/a.csv", "b.tsv"]
    );

    let (chosen, tables) = choose(&entries, None).unwrap();
    assert_eq!(tables, ["data/a.csv", "b.tsv"]);
    let header = &ARCHIVE[chosen.header_at as usize..];
    let from = chosen.bytes_at(header).unwrap() as usize;
    let mut plain: Vec<u8> = Vec::new();
    let mut unpacker = super::super::unpack::Unpacker::deflate();
    let mut keep = |bytes: &[u8]| {
        plain.extend(bytes);
        true
    };
    let packed = &ARCHIVE[from..from + chosen.packed as usize];
    unpacker.feed(packed, &mut keep).unwrap();
    unpacker.finish(&mut keep).unwrap();
    assert_eq!(plain, b"text,label\nhello,1\n".repeat(3));

    let (_, tables) = choose(&entries, Some("b.tsv")).unwrap();
    assert_eq!(tables, ["b.tsv", "data/a.csv"]);
}

#[test]
fn damaged_archives_are_refused() {
    let id = |archive: &[u8]| list(archive).unwrap_err().id();
    assert_eq!(id(&ARCHIVE[..ARCHIVE.len() - 22]), "bad_archive");
    assert_eq!(id(b"PK\x03\x04"), "bad_archive");
    let mut beyond = ARCHIVE.to_vec();
    let at = beyond.len() - 6;
    beyond[at..at + 4].copy_from_slice(&[0xf0; 4]);
    assert_eq!(id(&beyond), "bad_archive");
    for end in 0..ARCHIVE.len() {
        let _ = list(&ARCHIVE[..end]);
        let _ = entries(&ARCHIVE[end..]);
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let mut encrypted = entry("a.csv");
    encrypted.is_encrypted = true;
    let mut zstd = entry("a.csv");
    zstd.method = 93;
    for (entries, wanted, id) in [
        (vec![encrypted], None, "encrypted"),
        (vec![zstd], None, "other_method"),
        (vec![], None, "no_table_inside"),
        (
            vec![entry("a.png"), entry("b.png")],
            None,
            "no_table_inside",
        ),
        (vec![entry("a.csv")], Some("b.csv"), "no_such_entry"),
        (
            vec![entry("[Content_Types].xml"), entry("xl/workbook.xml")],
            None,
            "spreadsheet",
        ),
        (
            vec![entry("content.xml"), entry("META-INF/manifest.xml")],
            None,
            "spreadsheet",
        ),
    ] {
        let refusal = choose(&entries, wanted).unwrap_err();
        assert_eq!(refusal.id(), id);
        assert!(refusal.fix().ends_with('.') && refusal.to_string().ends_with('.'));
    }
    assert_eq!(choose(&[entry("only.log")], None).unwrap().1, ["only.log"]);
}

#[test]
fn long_numbers_stand_in_the_extra_field() {
    let extra = [&[9, 0, 1, 0, 7][..], &[1, 0, 16, 0], &[5; 8], &[6; 8]].concat();
    let short = u64::from(u32::MAX);
    assert_eq!(
        long_numbers([10, short, short], &extra),
        [10, 0x0505_0505_0505_0505, 0x0606_0606_0606_0606]
    );
}
