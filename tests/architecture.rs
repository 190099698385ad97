//! The shape of the house, held by a test: layers look down only, registries are complete.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each layer may name of the crate, besides itself.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("protocol", &["domain"]),
    ("engine", &["domain"]),
    ("view", &["domain"]),
    ("worker", &["domain", "protocol", "engine", "view"]),
    ("ui", &["domain", "protocol"]),
];

/// Folders whose files are entries of a list `ALL` in their `mod.rs`, with files that are not.
const REGISTRIES: &[(&str, &[&str])] = &[
    ("domain/base_model", &[]),
    (
        "domain/clean",
        &[
            "decide", "fitted", "numbers", "offer", "pin", "prepare", "tests", "work",
        ],
    ),
    (
        "domain/column",
        &["detail", "guess", "histogram", "stats", "twins"],
    ),
    ("domain/encoder", &["config", "misfit", "own", "read"]),
    ("domain/leak", &["look", "tests"]),
    ("domain/metric", METRIC_PARTS),
    ("domain/task", &["target"]),
    (
        "engine/explain",
        &[
            "effects",
            "faithfulness",
            "fewest_words",
            "row",
            "smallest_change",
            "text",
        ],
    ),
    (
        "engine/export",
        &["archive", "model", "names", "python", "safetensors_file"],
    ),
    (
        "worker/study",
        &[
            "bundle", "demo", "files", "one_page", "report", "rivals", "scene",
        ],
    ),
];

/// What metrics are made of.
const METRIC_PARTS: &[&str] = &[
    "confusion",
    "correlation",
    "label_counts",
    "ranking",
    "scored",
    "taken",
    "tests",
    "undefined",
];

/// Names of rooms that mean nothing.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "types", "misc"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn layer_files(layer: &str) -> Vec<PathBuf> {
    let file = source().join(format!("{layer}.rs"));
    let mut files: Vec<PathBuf> = file.exists().then_some(file).into_iter().collect();
    let folder = source().join(layer);
    if folder.is_dir() {
        files.extend(rust_files(&folder));
    }
    files
}

/// Every module of the crate that a file names, e.g. `domain` of `crate::domain::table`.
fn named_layers(text: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    code.split("crate::")
        .skip(1)
        .filter_map(|rest| {
            let name: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            (!name.is_empty()).then_some(name)
        })
        .collect()
}

#[test]
fn layers_look_down_only() {
    for (layer, allowed) in LAYERS {
        let files = layer_files(layer);
        assert!(!files.is_empty(), "{layer}");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for named in named_layers(&text) {
                let is_allowed = named == *layer || allowed.contains(&named.as_str());
                assert!(is_allowed, "{} names crate::{named}", file.display());
            }
        }
    }
}

#[test]
fn the_backend_is_named_in_one_file() {
    for file in rust_files(&source()) {
        let text = fs::read_to_string(&file).unwrap();
        let code: Vec<&str> = text.split("#[cfg(test)]").next().unwrap().lines().collect();
        let names_backend = code
            .iter()
            .any(|line| line.contains("Device::flex") || line.contains("Device::wgpu"));
        assert!(
            !names_backend || file.ends_with("engine/device.rs"),
            "{}",
            file.display()
        );
    }
}

#[test]
fn registries_are_complete() {
    for (folder, others) in REGISTRIES {
        let folder = source().join(folder);
        let root = fs::read_to_string(folder.join("mod.rs")).unwrap();
        let list = root
            .split("const ALL")
            .nth(1)
            .unwrap_or_else(|| panic!("{} has no ALL", folder.display()));
        let list = list.split(';').next().unwrap();
        let entries = list.split('=').nth(1).unwrap().matches(['&', ':']).count();
        let mut files = 0;
        for file in fs::read_dir(&folder).unwrap() {
            let name = file
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned();
            if name == "mod" || others.contains(&name.as_str()) {
                continue;
            }
            files += 1;
            let camel: String = name
                .split('_')
                .map(|word| word[..1].to_uppercase() + &word[1..])
                .collect();
            assert!(
                list.contains(&camel) || list.contains(&format!("{name}::")),
                "{name}.rs is missing from the ALL of {}",
                folder.display()
            );
        }
        assert!(files >= 1 && entries >= files, "{}", folder.display());
    }
}

#[test]
fn ids_are_unique() {
    use burnish::domain::{base_model, column, metric, task};
    use burnish::engine::{explain, export};
    let all: [(&str, Vec<&str>); 6] = [
        (
            "base models",
            base_model::ALL.iter().map(|entry| entry.id).collect(),
        ),
        (
            "columns",
            column::ALL.iter().map(|entry| entry.id()).collect(),
        ),
        (
            "metrics",
            metric::ALL.iter().map(|entry| entry.id()).collect(),
        ),
        (
            "explainers",
            explain::ALL.iter().map(|entry| entry.id()).collect(),
        ),
        (
            "exporters",
            export::ALL.iter().map(|entry| entry.id()).collect(),
        ),
        ("tasks", task::ALL.iter().map(|entry| entry.id()).collect()),
    ];
    for (what, ids) in all {
        let distinct: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "{what}: {ids:?}");
    }
}

#[test]
fn rooms_have_names_that_say_something() {
    for file in rust_files(&source()) {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(!EMPTY_NAMES.contains(&stem.as_str()), "{}", file.display());
    }
}
