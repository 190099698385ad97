//! The hand-made truth about columns, and what the inference makes of them.

use burnish::domain::column::{self, ColumnProfile};
use burnish::domain::table::Table;

const TRUTH: &str = include_str!("../fixtures/columns/truth.txt");

/// What is known about the columns of a file.
#[derive(Debug, Clone, Default)]
pub struct FileTruth {
    /// Its path below the data folder.
    pub file: String,
    /// Column and task of the data set's documentation.
    pub target: Option<(String, String)>,
    /// Names or patterns with the kinds that are right, the best first.
    pub columns: Vec<(String, Vec<String>)>,
}

/// Every file of the truth.
pub fn truth() -> Vec<FileTruth> {
    let mut files: Vec<FileTruth> = Vec::new();
    for line in TRUTH.lines().filter(|line| !line.starts_with("# ")) {
        if let Some(header) = line.strip_prefix("== ") {
            let (file, like) = match header.split_once(" like ") {
                Some((file, like)) => (file, Some(like)),
                None => (header, None),
            };
            let model = like.map(|like| {
                let found = files.iter().find(|known| known.file == like);
                found
                    .unwrap_or_else(|| panic!("{like} comes later"))
                    .clone()
            });
            files.push(FileTruth {
                file: file.to_owned(),
                ..model.unwrap_or_default()
            });
        } else if let Some(target) = line.strip_prefix("> ") {
            let (column, task) = target.rsplit_once(": ").unwrap();
            let last = files.last_mut().unwrap();
            last.target = Some((column.to_owned(), task.to_owned()));
        } else if let Some((kinds, names)) = line.split_once(": ") {
            let kinds: Vec<String> = kinds.split('|').map(str::to_owned).collect();
            for kind in &kinds {
                assert!(column::find(kind).is_some(), "there is no kind {kind}");
            }
            let columns = &mut files.last_mut().unwrap().columns;
            columns.extend(
                names
                    .split("; ")
                    .map(|name| (name.to_owned(), kinds.clone())),
            );
        }
    }
    files
}

/// How much of the truth is found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Score {
    /// Columns, patterns counting as one.
    pub columns: u32,
    /// Columns of the first kind of the truth.
    pub first: u32,
    /// Columns of one of the kinds of the truth.
    pub right: u32,
    /// Files with a documented task.
    pub tasks: u32,
    /// The task that follows from the documented column is the documented one.
    pub right_tasks: u32,
    /// The documented column is proposed.
    pub right_targets: u32,
}

impl Score {
    pub fn add(&mut self, other: Self) {
        self.columns += other.columns;
        self.first += other.first;
        self.right += other.right;
        self.tasks += other.tasks;
        self.right_tasks += other.right_tasks;
        self.right_targets += other.right_targets;
    }

    pub fn share(&self) -> f64 {
        f64::from(self.right) / f64::from(self.columns.max(1))
    }
}

/// Scores one table, and tells what is wrong.
pub fn score(truth: &FileTruth, table: &Table) -> (Score, Vec<String>) {
    let profiles: Vec<ColumnProfile> = table.columns().iter().map(column::summarize).collect();
    let mut score = Score::default();
    let mut wrong = Vec::new();
    for (name, kinds) in &truth.columns {
        let found: Vec<&ColumnProfile> = match (name.strip_prefix('#'), name.strip_suffix('*')) {
            (Some(place), _) => {
                let at: usize = place.parse().unwrap();
                profiles.get(at - 1).into_iter().collect()
            }
            (_, Some(start)) if !profiles.iter().any(|profile| profile.name == *name) => profiles
                .iter()
                .filter(|profile| profile.name.starts_with(start))
                .collect(),
            _ => profiles
                .iter()
                .filter(|profile| profile.name == *name)
                .collect(),
        };
        score.columns += 1;
        let is_first = !found.is_empty() && found.iter().all(|profile| profile.kind == kinds[0]);
        let others = found.iter().find(|profile| !kinds.contains(&profile.kind));
        score.first += u32::from(is_first);
        match (found.first(), others) {
            (None, _) => wrong.push(format!("{}: no column \"{name}\"", truth.file)),
            (_, Some(other)) => wrong.push(format!(
                "{}: \"{}\" is {}, found {}: {:?}",
                truth.file,
                other.name,
                kinds.join(" or "),
                other.kind,
                other
                    .top
                    .iter()
                    .take(3)
                    .map(|(cell, _)| cell)
                    .collect::<Vec<_>>(),
            )),
            _ => score.right += 1,
        }
    }
    if let Some((target, task)) = &truth.target {
        score.tasks = 1;
        let chosen = column::propose(&profiles, table.rows(), Some(target));
        if chosen.task == *task {
            score.right_tasks = 1;
        } else {
            wrong.push(format!(
                "{}: \"{target}\" is to {task}, found {}",
                truth.file, chosen.task
            ));
        }
        let proposed = column::guess(&profiles, table.rows()).target;
        if proposed.as_ref() == Some(target) {
            score.right_targets = 1;
        } else {
            wrong.push(format!(
                "{}: \"{target}\" is the target, proposed {proposed:?}",
                truth.file
            ));
        }
    }
    (score, wrong)
}
