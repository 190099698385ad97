//! The rows of a table as a task sees them: texts with their labels, apart in three parts.

use super::clean::{Fitted, Preview, preview};
use super::column::Schema;
use super::issue::{Issue, Position, Severity};
use super::recipe::Recipe;
use super::split::{Fold, Split};
use super::table::{Column, RowId, Table};
use super::task::{self, Target, Task};

/// What the engine learns from: one text and one label a row, and who may see which row.
#[derive(Debug, Clone)]
pub struct Examples {
    /// The labels, by index.
    pub labels: Vec<String>,
    /// Text of every row of the table; empty where the row belongs to no part.
    pub texts: Vec<String>,
    /// Label index of every row of the table; `None` where the cell is missing.
    pub label_of: Vec<Option<u32>>,
    /// Who may see which row.
    pub split: Split,
    /// Training and validation rows of every fold; none without cross-validation.
    pub folds: Vec<Fold>,
    /// What should be known about the data; none of it blocks.
    pub issues: Vec<Issue>,
    /// Rows without a label and with a text: nothing to learn from, and something to predict.
    pub unlabeled: Vec<RowId>,
    /// How cells were prepared; a row that comes later is prepared in the same way.
    pub fitted: Vec<Fitted>,
}

impl Examples {
    /// Reads a table as a recipe says.
    ///
    /// Rows without a label or without a text belong to no part.
    ///
    /// # Errors
    /// The issues that block, at least one.
    pub fn read(table: &Table, recipe: &Recipe) -> Result<Self, Vec<Issue>> {
        if let Some(issue) = too_many_rows(table) {
            return Err(vec![issue]);
        }
        Self::of(preview(table, recipe), recipe)
    }

    /// Reads a table that was prepared by the same recipe.
    ///
    /// # Errors
    /// The issues that block, at least one.
    pub fn of(preview: Preview, recipe: &Recipe) -> Result<Self, Vec<Issue>> {
        blocking(recipe.check())?;
        let missing = preview.split.as_ref().err();
        if let Some(issues) = missing.filter(|issues| issues[0].id == "no_such_column") {
            return Err(issues.clone());
        }
        let columns = columns(&preview.table, recipe)?;
        let task = task::find(&recipe.task).expect("the recipe was checked");
        // What speaks against learning comes before what speaks against the split: it tells more.
        let mut issues = blocking(check(task, &preview, &columns.text, columns.target))?;
        let split = preview.split?;
        issues.extend(split.issues.iter().cloned());

        // Rows without a part are not read, so a million unlabelled texts need not stay in memory
        // twice. A copy of the seal is opened, as nobody judges anything here.
        let mut texts = vec![String::new(); preview.table.rows()];
        let mut sealed = split.test.clone();
        for &row in split.train.iter().chain(&split.valid).chain(sealed.open()) {
            let cells = columns.text.iter().map(|column| column.cell(row));
            texts[row.index()] = join_texts(cells);
        }
        let Target::Labels(labels) = target(task, columns.target, &preview.kept, &recipe.schema)
        else {
            unreachable!("the recipe was checked: only labels are learned from texts alone")
        };
        Ok(Self {
            labels: labels.names,
            texts,
            label_of: labels.of_row,
            split,
            folds: preview.folds,
            issues,
            unlabeled: preview.unlabeled,
            fitted: preview.fitted,
        })
    }

    /// A row's label index.
    ///
    /// # Panics
    /// When the row has no label; rows of the split always have one.
    pub fn label(&self, row: RowId) -> u32 {
        self.label_of[row.index()].expect("rows of a split have a label")
    }
}

/// Rows that a table may have to be prepared and learned from. Each costs some hundred bytes beside
/// its cells, and a tab has 4 GB in all; a table of more can be looked at.
pub const MOST_ROWS: usize = 1_000_000;

/// Says that a table has more rows than can be learned from, if it does.
pub fn too_many_rows(table: &Table) -> Option<Issue> {
    let rows = table.rows();
    (rows > MOST_ROWS).then(|| {
        Issue::new(
            "too_many_rows",
            Severity::Blocks,
            Position::Table,
            format!(
                "The table has {rows} rows. A tab has memory to prepare and learn from {MOST_ROWS} at most."
            ),
            "Read a sample: 100000 rows drawn at random tell a model nearly as much.",
        )
    })
}

/// One text of the cells of several text columns, in the order of the recipe. Cells that hold
/// nothing but white space are left out, so the text is empty when all do.
///
/// A line break between them is what a person would type, and BERT's tokenizer reads it as it
/// reads a space.
pub fn join_texts<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for cell in cells {
        if !cell.trim().is_empty() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(cell);
        }
    }
    text
}

/// Whether [`join_texts`] gives nothing for a row, where texts are learned from.
pub fn is_empty_text(text: &[&Column], row: RowId) -> bool {
    !text.is_empty() && text.iter().all(|column| column.cell(row).trim().is_empty())
}

/// The columns to learn from and to learn.
struct Columns<'a> {
    text: Vec<&'a Column>,
    target: &'a Column,
}

/// What a task has to say of the rows that no step left out.
pub(super) fn check(
    task: &dyn Task,
    preview: &Preview,
    text: &[&Column],
    target: &Column,
) -> Vec<Issue> {
    if !preview.kept.contains(&false) {
        return task.check(&preview.table, text, target);
    }
    let only = |column: &&Column| column.only(&preview.kept);
    let (text, target): (Vec<Column>, Column) = (text.iter().map(only).collect(), only(&target));
    // The other columns only count, so the rows that were left out may stay in them.
    let mut columns = vec![target.clone()];
    columns.resize(preview.table.columns().len(), target.clone());
    let kept = Table::new(preview.table.name(), columns);
    task.check(&kept, &text.iter().collect::<Vec<_>>(), &target)
}

/// What the rows that are still there should be; the others have no answer. Ranks are in the order that
/// a person put them in.
pub(super) fn target(task: &dyn Task, column: &Column, kept: &[bool], schema: &Schema) -> Target {
    let target = if kept.contains(&false) {
        task.target(&column.only(kept)).spread(kept)
    } else {
        task.target(column)
    };
    match schema.orders.get(column.name()) {
        Some(order) => target.ranked(order),
        None => target,
    }
}

fn columns<'a>(table: &'a Table, recipe: &Recipe) -> Result<Columns<'a>, Vec<Issue>> {
    let text: Vec<&Column> = recipe
        .text
        .iter()
        .filter_map(|name| table.column(name))
        .collect();
    if text.is_empty() {
        return Err(vec![Issue::new(
            "no_text",
            Severity::Blocks,
            Position::Table,
            "A step leaves every text column out.",
            "Take the step back, or choose another text column.",
        )]);
    }
    let target = table.column(&recipe.target).expect("no step drops it");
    Ok(Columns { text, target })
}

/// Fails with those issues that block, if any does.
pub(super) fn blocking(issues: Vec<Issue>) -> Result<Vec<Issue>, Vec<Issue>> {
    let (blocking, others): (Vec<Issue>, Vec<Issue>) = issues.into_iter().partition(Issue::blocks);
    if blocking.is_empty() {
        Ok(others)
    } else {
        Err(blocking)
    }
}

#[cfg(test)]
mod tests {
    use super::super::features::network::Combiner;
    use super::super::features::{TableExamples, TablePlan};
    use super::super::recipe::DataProfile;
    use super::super::split::{SplitKind, SplitPlan};
    use super::super::table::ColumnBuilder;
    use super::*;

    /// A table of 20 rows with a title, a body, a label and a split column.
    fn table() -> Table {
        let mut columns = ["title", "body", "label", "part"].map(ColumnBuilder::new);
        for row in 0..20 {
            let body = if row == 4 { " " } else { "some words" };
            let title = match row {
                3 => String::new(),
                4 => "  ".to_owned(),
                _ => format!("title {row}"),
            };
            let label = match row {
                7 => "",
                row if row % 2 == 0 => "even",
                _ => "odd ",
            };
            let part = if row % 5 < 2 { "test" } else { "train" };
            for (column, cell) in columns.iter_mut().zip([&title, body, label, part]) {
                column.push(cell);
            }
        }
        Table::new("t.csv", columns.map(ColumnBuilder::finish).into())
    }

    fn recipe(text: &[&str]) -> Recipe {
        let profile = DataProfile {
            rows: 20,
            parts: [14, 2, 4],
            classes: Vec::new(),
            tokens: [8, 8, 8, 8],
        };
        let text = text.iter().map(|&name| name.to_owned()).collect();
        Recipe::suggest(text, "label".to_owned(), &profile)
    }

    fn all_rows(split: &Split) -> Vec<u32> {
        let mut rows = [&*split.train, &*split.valid, split.test.clone().open()].concat();
        rows.sort_unstable();
        rows.into_iter().map(|row| row.0).collect()
    }

    #[test]
    fn texts_and_labels_of_the_rows_that_have_both() {
        let examples = Examples::read(&table(), &recipe(&["title", "body"])).unwrap();
        assert_eq!(examples.labels, ["even", "odd"]);
        assert_eq!(examples.texts[0], "title 0\nsome words");
        assert_eq!(examples.texts[3], "some words");
        assert_eq!(examples.label(RowId(3)), 1);
        assert_eq!(examples.texts[7], "", "a row without a label has no part");
        let rows: Vec<u32> = (0..20).filter(|row| ![4, 7].contains(row)).collect();
        assert_eq!(all_rows(&examples.split), rows);
        assert_eq!(examples.split.test.looks(), 0, "the seal is unbroken");
    }

    #[test]
    fn a_split_column_is_followed() {
        let mut recipe = recipe(&["body"]);
        recipe.split = SplitPlan {
            kind: SplitKind::Column {
                column: "part".to_owned(),
            },
            ..SplitPlan::default()
        };
        let examples = Examples::read(&table(), &recipe).unwrap();
        let test = examples.split.test.clone().open().to_vec();
        assert!(test.iter().all(|row| row.0 % 5 < 2));
        assert_eq!(test.len(), 8);
    }

    #[test]
    fn a_column_that_is_not_there_is_named() {
        let issues = Examples::read(&table(), &recipe(&["headline"])).unwrap_err();
        assert_eq!(issues[0].id, "no_such_column");
        assert!(issues[0].what.contains("\"headline\""));
    }

    #[test]
    fn a_recipe_that_cannot_be_followed_is_refused() {
        let issues = Examples::read(&table(), &recipe(&[])).unwrap_err();
        assert_eq!(issues[0].id, "no_text");
    }

    #[test]
    fn a_table_of_too_many_rows_is_refused_before_it_is_prepared() {
        let mut columns = ["body", "label"].map(ColumnBuilder::new);
        for row in 0..=MOST_ROWS {
            columns[0].push("some words");
            columns[1].push(["even", "odd"][row % 2]);
        }
        let table = Table::new("t.csv", columns.map(ColumnBuilder::finish).into());
        let mut recipe = recipe(&["body"]);
        let issues = Examples::read(&table, &recipe).unwrap_err();
        assert_eq!(issues[0].id, "too_many_rows");
        recipe.table = Some(Box::new(TablePlan::suggest(Vec::new(), Combiner::TabM, 10)));
        let issues = TableExamples::read(&table, &recipe).unwrap_err();
        assert_eq!(issues[0].id, "too_many_rows");
        assert!(issues[0].what.contains("1000001 rows"));
    }

    #[test]
    fn only_issues_that_block_are_errors() {
        let mut recipe = recipe(&["body"]);
        recipe.target = "title".to_owned();
        let issues = Examples::read(&table(), &recipe).unwrap_err();
        let ids: Vec<&str> = issues.iter().map(|issue| issue.id.as_str()).collect();
        assert_eq!(ids, ["labels_all_different"]);
    }
}
