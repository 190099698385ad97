//! Cells as numbers: what a table's columns become before a network reads them.
//!
//! A [`FeaturePlan`] is fitted on the training rows and on nothing else. Scales, vocabularies and
//! what stands in for a gap are part of the model: were they fitted on all rows, the test would
//! know the rows that it judges by. The plan is plain data that a model file can carry.

mod bins;
mod boolean;
mod carry;
mod category;
mod date;
mod encode;
mod examples;
mod inputs;
mod mixture;
pub mod network;
mod normal;
mod number;
mod scale;
mod table_plan;
mod tokens;

pub use bins::Bins;
pub use boolean::BooleanPlan;
pub use carry::{CarriedPlan, ColumnMatch, EntryMatch};
pub use category::CategoryPlan;
pub use date::{DatePart, DatePlan};
pub use encode::FeatureRows;
pub use examples::{TableExamples, row_texts, texts};
pub use mixture::Span;
pub use number::NumberPlan;
pub use scale::{Scale, Scaling};
pub use table_plan::{TablePlan, TextTuning};
pub use tokens::{TokensPlan, list_entries};

use serde::{Deserialize, Serialize};

use super::column;
use super::table::{Column, RowId, Table};

/// How columns are fitted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FeatureOptions {
    /// How numbers are brought to a common scale.
    pub scaling: Scaling,
    /// Most bins of a number's piecewise-linear encoding (Gorishniy et al. 2022, "On Embeddings
    /// for Numerical Features in Tabular Deep Learning", section 3.2).
    pub bins: u32,
    /// A category of fewer training rows is read like one that was never seen.
    pub least_rows: u32,
    /// Most categories of a column, and most tokens of a column of lists; the rarest go first.
    pub most_categories: u32,
}

impl Default for FeatureOptions {
    fn default() -> Self {
        Self {
            scaling: Scaling::QuantileNormal,
            bins: 32,
            least_rows: 2,
            most_categories: 256,
        }
    }
}

/// What one column becomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnPlan {
    /// A scaled number, and a flag for gaps where there were any.
    Number(NumberPlan),
    /// A code.
    Category(CategoryPlan),
    /// A flag.
    Boolean(BooleanPlan),
    /// Elapsed time, and the place in the year, the week and the day.
    Date(DatePlan),
    /// One flag a token.
    Tokens(TokensPlan),
}

/// One column and what becomes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// The column's name.
    pub column: String,
    /// What it becomes.
    pub plan: ColumnPlan,
}

/// A column that is not learned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The column's name.
    pub column: String,
    /// Why, as a sentence.
    pub reason: String,
}

/// A column to learn from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureSource {
    /// The column's name.
    pub column: String,
    /// Id of its kind, see [`column::ALL`]; `None` to infer it from the training rows.
    pub kind: Option<String>,
}

/// How cells become numbers, fitted on training rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FeaturePlan {
    /// The columns that are learned from, in the order of the sources.
    pub features: Vec<Feature>,
    /// The others, with the reason.
    pub left_out: Vec<LeftOut>,
}

/// How many entries of each sort a column or a plan makes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Widths {
    /// Scaled numbers.
    pub numbers: usize,
    /// Flags: numbers that need no encoding.
    pub flags: usize,
    /// How many codes there are in each column of codes.
    pub codes: Vec<u32>,
}

impl FeaturePlan {
    /// Fits the sources on the training rows. Sources that the table does not have are left out.
    pub fn fit(
        table: &Table,
        sources: &[FeatureSource],
        train: &[RowId],
        options: &FeatureOptions,
    ) -> Self {
        let mut plan = Self::default();
        for source in sources {
            let fitted = match table.column(&source.column) {
                Some(column) => {
                    // A copy that holds nothing but training cells: whatever is fitted below
                    // cannot look further.
                    let seen = only(column, train);
                    let kind = match &source.kind {
                        Some(kind) => kind.clone(),
                        None => column::summarize(&seen).kind,
                    };
                    fit_column(&seen, &kind, options)
                }
                None => Err("The table has no such column."),
            };
            match fitted {
                Ok(plan_of_column) => plan.features.push(Feature {
                    column: source.column.clone(),
                    plan: plan_of_column,
                }),
                Err(reason) => plan.left_out.push(LeftOut {
                    column: source.column.clone(),
                    reason: reason.to_owned(),
                }),
            }
        }
        plan
    }

    /// Width of a row.
    pub fn widths(&self) -> Widths {
        self.features
            .iter()
            .fold(Widths::default(), |mut sum, feature| {
                let own = feature.plan.widths();
                sum.numbers += own.numbers;
                sum.flags += own.flags;
                sum.codes.extend(own.codes);
                sum
            })
    }

    /// What would not work in a plan that came from somebody else, as the end of a sentence; `None`
    /// when all does.
    pub fn flaw(&self) -> Option<String> {
        self.features.iter().find_map(|Feature { column, plan }| {
            let is_sound = plan.scales().all(Scale::is_sound);
            (!is_sound).then(|| format!("the scale of column \"{column}\" makes no sense"))
        })
    }

    /// Bins of every scaled number, in the order in which rows hold them.
    pub fn bins(&self) -> Vec<&Bins> {
        let scales = self.features.iter().flat_map(|own| own.plan.scales());
        scales.map(|scale| &scale.bins).collect()
    }
}

impl ColumnPlan {
    /// Where a cell lies on the column's own axis: its number, or its Unix seconds. `None` for gaps,
    /// and for columns whose cells have no order.
    pub fn place(&self, cell: &str) -> Option<f64> {
        match self {
            Self::Number(plan) => column::number::read(cell.trim(), plan.format),
            Self::Date(plan) => {
                column::date::read(cell.trim(), plan.format).map(|seconds| seconds as f64)
            }
            Self::Category(_) | Self::Boolean(_) | Self::Tokens(_) => None,
        }
    }

    /// The scales of its numbers, in the order of a row.
    fn scales(&self) -> Box<dyn Iterator<Item = &Scale> + '_> {
        match self {
            Self::Number(plan) => Box::new(std::iter::once(&plan.scale)),
            Self::Date(plan) => Box::new(plan.scales()),
            Self::Category(_) | Self::Boolean(_) | Self::Tokens(_) => Box::new(std::iter::empty()),
        }
    }

    fn widths(&self) -> Widths {
        match self {
            Self::Number(plan) => plan.widths(),
            Self::Category(plan) => plan.widths(),
            Self::Boolean(plan) => plan.widths(),
            Self::Date(plan) => plan.widths(),
            Self::Tokens(plan) => plan.widths(),
        }
    }
}

fn only(column: &Column, rows: &[RowId]) -> Column {
    Column::of(column.name(), rows.iter().map(|&row| column.cell(row)))
}

/// Fits one column of training cells, or says why it is left out.
fn fit_column(
    column: &Column,
    kind: &str,
    options: &FeatureOptions,
) -> Result<ColumnPlan, &'static str> {
    const NO_VALUES: &str = "Its training rows hold a single value or none.";
    match kind {
        "number" => NumberPlan::fit(column, options)
            .map(ColumnPlan::Number)
            .ok_or(NO_VALUES),
        "boolean" => BooleanPlan::fit(column)
            .map(ColumnPlan::Boolean)
            .ok_or(NO_VALUES),
        "date" => DatePlan::fit(column, options)
            .map(ColumnPlan::Date)
            .ok_or(NO_VALUES),
        "multi_value" => TokensPlan::fit(column, options)
            .map(ColumnPlan::Tokens)
            .ok_or("No entry of its lists repeats in the training rows."),
        "constant" => Err(NO_VALUES),
        "identifier" => Err("It names each row, which tells nothing about other rows."),
        "text" => Err("It reads like text; choose it as a text column to learn from it."),
        _ => CategoryPlan::fit(column, options)
            .map(ColumnPlan::Category)
            .ok_or("None of its values repeats in the training rows."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::ColumnBuilder;
    use super::*;

    fn table(cells_of_last_rows: &str) -> Table {
        let mut columns = ["size", "colour", "sold", "tags", "id", "same"].map(ColumnBuilder::new);
        for row in 0..60_usize {
            let cells = [
                if row % 9 == 4 {
                    String::new()
                } else {
                    format!("{:.1}", (row * row % 47) as f64 / 3.0)
                },
                ["red", "green", "blue"][row % 3].to_owned(),
                ["yes", "no"][row / 2 % 2].to_owned(),
                ["a;b", "b;c", "c"][row % 3].to_owned(),
                format!("{}", 5000 + row),
                "x".to_owned(),
            ];
            for (column, cell) in columns.iter_mut().zip(cells) {
                column.push(if row < 40 { &cell } else { cells_of_last_rows });
            }
        }
        Table::new("t.csv", columns.map(ColumnBuilder::finish).into())
    }

    fn sources() -> Vec<FeatureSource> {
        [
            ("size", None),
            ("colour", None),
            ("sold", None),
            ("tags", Some("multi_value")),
            ("id", None),
            ("same", None),
            ("gone", None),
        ]
        .map(|(column, kind)| FeatureSource {
            column: column.to_owned(),
            kind: kind.map(str::to_owned),
        })
        .into()
    }

    fn fit(table: &Table) -> FeaturePlan {
        let train: Vec<RowId> = (0..40).map(RowId).collect();
        FeaturePlan::fit(table, &sources(), &train, &FeatureOptions::default())
    }

    #[test]
    fn test_rows_change_nothing_that_was_fitted() {
        let plan = fit(&table("0"));
        for cell in ["1e9", "", "purple", "no;never", "NA"] {
            assert_eq!(fit(&table(cell)), plan, "with \"{cell}\" in the test rows");
        }
    }

    #[test]
    fn every_kind_has_its_entries() {
        let plan = fit(&table(""));
        let widths = plan.widths();
        assert_eq!(widths.numbers, 1);
        assert_eq!(widths.flags, 1 + 1 + 3, "a gap, a yes, three tags");
        assert_eq!(widths.codes, [5], "unseen, missing, three colours");
        let left_out: Vec<&str> = plan.left_out.iter().map(|l| &*l.column).collect();
        assert_eq!(left_out, ["id", "same", "gone"]);
    }

    #[test]
    fn numbers_and_dates_have_a_place() {
        let column = |cells: [&str; 3]| Column::of("x", cells);
        let options = FeatureOptions::default();
        let euros = fit_column(
            &column(["1.234,50 €", "2,00 €", "17,25 €"]),
            "number",
            &options,
        );
        let euros = euros.unwrap();
        assert_eq!(euros.place(" 1.234,50 € "), Some(1234.5));
        assert_eq!(euros.place(""), None);
        let days = fit_column(&column(["1970-01-02", "2021-06-30", ""]), "date", &options);
        assert_eq!(days.unwrap().place("1970-01-02"), Some(86_400.0));
        let colours = fit_column(&column(["red", "red", "blue"]), "category", &options);
        assert_eq!(colours.unwrap().place("red"), None);
    }

    #[test]
    fn a_plan_survives_a_file() {
        let plan = fit(&table(""));
        let json = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<FeaturePlan>(&json).unwrap(), plan);
    }
}
