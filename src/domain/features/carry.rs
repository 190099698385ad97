//! How a plan goes on from that of an earlier run.
//!
//! A network knows numbers by their place on the scale that they were fitted to, and categories by
//! their codes. What goes on from it has to read the same columns in the same way: they are matched
//! by name and kind, keep the earlier scale and the earlier codes, and reach further where the new
//! rows do. Columns that are new are fitted on the new training rows; those that are gone are
//! dropped.

use serde::{Deserialize, Serialize};

use super::{ColumnPlan, Feature, FeaturePlan, FeatureSource, Scale, TokensPlan, only};
use crate::domain::missing::is_missing;
use crate::domain::start::LabelMatch;
use crate::domain::table::{Column, RowId, Table};

/// Which columns of a run an earlier one had.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnMatch {
    /// The columns by their names: those of the new run, by the order of its plan.
    pub names: LabelMatch,
    /// Columns of both runs that are of another kind now, and so start fresh.
    pub reread: Vec<String>,
    /// Columns of numbers or dates whose scale reaches further than before.
    pub widened: Vec<String>,
}

/// A plan that goes on from another one.
#[derive(Debug, Clone, PartialEq)]
pub struct CarriedPlan {
    /// The plan.
    pub plan: FeaturePlan,
    /// For each of its features the one of the earlier plan that goes on in it.
    pub from: Vec<Option<usize>>,
    /// What there is to tell.
    pub columns: ColumnMatch,
}

/// For each entry of a row, by the order of [`super::FeatureRows`], the one of the earlier plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryMatch {
    /// Of each number its earlier place, and how many bins its scale has below the earlier ones.
    pub numbers: Vec<Option<(usize, usize)>>,
    /// Of each flag its earlier place.
    pub flags: Vec<Option<usize>>,
    /// Of each column of codes its earlier place.
    pub codes: Vec<Option<usize>>,
    /// Of each code of all columns, one column after the other, its earlier place among all codes.
    pub rows_of_codes: Vec<Option<usize>>,
}

/// Share of the training rows that has to lie beyond an earlier scale for it to reach further.
const BEYOND: f64 = 0.02;

/// So many knots, and on the common scale so far, does a scale reach further on a side.
const STEPS_BEYOND: usize = 8;
const REACH_BEYOND: f32 = 2.0;

/// Share of a column's training cells that an earlier plan has to understand to read them.
const UNDERSTOOD: f64 = 0.8;

impl FeaturePlan {
    /// This plan, which was fitted on the training rows, as it goes on from an earlier one.
    ///
    /// `sources` are those that it was fitted by: a kind that a person chose is never changed.
    #[must_use]
    pub fn carried(
        &self,
        earlier: &Self,
        table: &Table,
        sources: &[FeatureSource],
        train: &[RowId],
    ) -> CarriedPlan {
        let there: Vec<&FeatureSource> = sources
            .iter()
            .filter(|source| table.column(&source.column).is_some())
            .collect();
        let names = |plan: &Self| -> Vec<String> {
            let names = plan.features.iter().map(|feature| feature.column.clone());
            names.collect()
        };
        let now: Vec<String> = there.iter().map(|source| source.column.clone()).collect();
        let matched = LabelMatch::of(&names(earlier), &now);
        let mut carried = CarriedPlan {
            plan: Self {
                features: Vec::new(),
                left_out: self.left_out.clone(),
            },
            from: Vec::new(),
            columns: ColumnMatch::default(),
        };
        for (source, theirs) in there.iter().zip(&matched.earlier) {
            let mut own = self.features.iter();
            let own = own.find(|own| own.column == source.column);
            let column = table.column(&source.column).expect("it is there");
            let seen = only(column, train);
            let theirs = theirs.map(|at| (at, &earlier.features[at].plan));
            let (plan, from) = match (own.map(|own| &own.plan), theirs) {
                (Some(own), Some((at, theirs))) => match own.onto(theirs, &seen) {
                    Some(plan) => (plan, Some(at)),
                    None if source.kind.is_none() && theirs.understands(&seen) => {
                        (theirs.reaching(&seen), Some(at))
                    }
                    None => {
                        carried.columns.reread.push(source.column.clone());
                        (own.clone(), None)
                    }
                },
                // Too few rows or values to fit anything by, which the earlier run had enough of.
                (None, Some((at, theirs)))
                    if source.kind.is_none() && theirs.understands(&seen) =>
                {
                    let out = &mut carried.plan.left_out;
                    out.retain(|left| left.column != source.column);
                    (theirs.reaching(&seen), Some(at))
                }
                (Some(own), None) => (own.clone(), None),
                (None, _) => continue,
            };
            if let Some((_, theirs)) = theirs.filter(|_| from.is_some())
                && plan.scales().zip(theirs.scales()).any(|(a, b)| a != b)
            {
                carried.columns.widened.push(source.column.clone());
            }
            carried.plan.features.push(Feature {
                column: source.column.clone(),
                plan,
            });
            carried.from.push(from);
        }
        carried.columns.names = LabelMatch::of(&names(earlier), &names(&carried.plan));
        carried
    }
}

impl CarriedPlan {
    /// Where each entry of a row was in rows of the earlier plan.
    pub fn entries(&self, earlier: &FeaturePlan) -> EntryMatch {
        let places = places(earlier);
        let mut found = EntryMatch::default();
        for (feature, from) in self.plan.features.iter().zip(&self.from) {
            let plan = &feature.plan;
            let theirs = from.map(|at| (&earlier.features[at].plan, places[at]));
            let labels_of_theirs = theirs.map(|(plan, _)| plan.labels());
            let place = |of: usize, label: &String| {
                let at = labels_of_theirs.as_ref()?[of]
                    .iter()
                    .position(|l| l == label)?;
                Some(at + theirs?.1[of])
            };
            let [numbers, flags, codes] = plan.labels();
            for (label, scale) in numbers.iter().zip(plan.scales()) {
                found.numbers.push(place(0, label).and_then(|at| {
                    let theirs = theirs?.0.scales().nth(at - theirs?.1[0])?;
                    Some((at, bins_below(scale, theirs)?))
                }));
            }
            let flags = flags.iter().map(|label| place(1, label));
            found.flags.extend(flags);
            if let ColumnPlan::Category(own) = plan {
                let known = theirs.and_then(|(theirs, at)| match theirs {
                    ColumnPlan::Category(theirs) => Some((theirs.widths().codes[0], at[3])),
                    _ => None,
                });
                found.codes.push(place(2, &codes[0]));
                let count = own.widths().codes[0];
                let row = |code: u32| {
                    let (known, first) = known?;
                    (code < known).then_some(first + code as usize)
                };
                found.rows_of_codes.extend((0..count).map(row));
            }
        }
        found
    }
}

/// How many bins a scale has below those of an earlier one, which have to be among its own.
fn bins_below(own: &Scale, earlier: &Scale) -> Option<usize> {
    let (own, theirs) = (&own.bins.edges, &earlier.bins.edges);
    let below = own
        .iter()
        .position(|edge| edge == theirs.first().unwrap_or(edge))?;
    own[below..].starts_with(theirs).then_some(below)
}

/// Where the entries of each feature begin: numbers, flags, columns of codes, codes.
fn places(plan: &FeaturePlan) -> Vec<[usize; 4]> {
    let mut next = [0; 4];
    let of_feature = plan.features.iter().map(|feature| {
        let at = next;
        let own = feature.plan.widths();
        next[0] += own.numbers;
        next[1] += own.flags;
        next[2] += own.codes.len();
        next[3] += own.codes.iter().sum::<u32>() as usize;
        at
    });
    of_feature.collect()
}

impl ColumnPlan {
    /// What its numbers, its flags and its codes are, each by a name that is its own within the
    /// column, in the order of a row.
    fn labels(&self) -> [Vec<String>; 3] {
        let gap = |has_gaps: bool| has_gaps.then(|| "gap".to_owned());
        let one = |name: &str| vec![name.to_owned()];
        match self {
            Self::Number(plan) => [
                one("number"),
                gap(plan.has_gaps).into_iter().collect(),
                Vec::new(),
            ],
            Self::Category(_) => [Vec::new(), Vec::new(), one("code")],
            Self::Boolean(plan) => {
                let flags = one("yes").into_iter().chain(gap(plan.has_gaps));
                [Vec::new(), flags.collect(), Vec::new()]
            }
            Self::Date(plan) => {
                let parts = || plan.parts.iter().map(|(part, _)| format!("{part:?}"));
                let numbers = one("elapsed").into_iter().chain(parts());
                let circles = parts().flat_map(|part| [format!("{part} sine"), part + " cosine"]);
                let flags = circles.chain(gap(plan.has_gaps));
                [numbers.collect(), flags.collect(), Vec::new()]
            }
            Self::Tokens(plan) => {
                let flags = plan.tokens.iter().map(|token| format!("has {token}"));
                [Vec::new(), flags.collect(), Vec::new()]
            }
        }
    }

    /// This plan with what an earlier one of its kind knows; `None` where that is of another kind.
    /// `seen` holds the training cells.
    fn onto(&self, earlier: &Self, seen: &Column) -> Option<Self> {
        let mut plan = self.clone();
        match (&mut plan, earlier) {
            (Self::Number(own), Self::Number(theirs)) => {
                own.has_gaps |= theirs.has_gaps;
                own.scale = theirs.scale.clone();
            }
            (Self::Date(own), Self::Date(theirs)) => {
                own.has_gaps |= theirs.has_gaps;
                own.elapsed = theirs.elapsed.clone();
                let mut parts = theirs.parts.clone();
                let known = |part| theirs.parts.iter().any(|(theirs, _)| *theirs == part);
                let fresh = own.parts.iter().filter(|(part, _)| !known(*part));
                parts.extend(fresh.cloned());
                own.parts = parts;
            }
            (Self::Category(own), Self::Category(theirs)) => {
                own.values = joined(&theirs.values, &own.values);
            }
            (Self::Tokens(own), Self::Tokens(TokensPlan { tokens, .. })) => {
                own.tokens = joined(tokens, &own.tokens);
            }
            (Self::Boolean(own), Self::Boolean(theirs)) if own.values == theirs.values => {
                own.has_gaps |= theirs.has_gaps;
            }
            _ => return None,
        }
        Some(plan.reaching(seen))
    }

    /// The same plan with scales that reach as far as these training cells.
    fn reaching(&self, seen: &Column) -> Self {
        let mut plan = self.clone();
        let places: Vec<f64> = (seen.cells().filter_map(|cell| plan.place(cell))).collect();
        match &mut plan {
            Self::Number(own) => own.scale = own.scale.reaching(places),
            Self::Date(own) => own.elapsed = own.elapsed.reaching(places),
            Self::Category(_) | Self::Boolean(_) | Self::Tokens(_) => {}
        }
        plan
    }

    /// Whether it makes sense of most of these cells.
    fn understands(&self, seen: &Column) -> bool {
        let cells: Vec<&str> = seen.cells().filter(|cell| !is_missing(cell)).collect();
        let known = |cell: &&&str| match self {
            Self::Number(_) | Self::Date(_) => self.place(cell).is_some(),
            Self::Category(plan) => plan.values.iter().any(|value| value == cell.trim()),
            Self::Boolean(plan) => plan.values.contains(&cell.trim().to_lowercase()),
            Self::Tokens(plan) => {
                let mut entries = plan.format.split(cell).into_iter();
                entries.any(|entry| plan.tokens.iter().any(|token| token == entry))
            }
        };
        let understood = cells.iter().filter(known).count();
        understood as f64 >= UNDERSTOOD * cells.len() as f64
    }
}

/// The earlier values, then those that are new.
fn joined(earlier: &[String], own: &[String]) -> Vec<String> {
    let fresh = own.iter().filter(|value| !earlier.contains(value));
    earlier.iter().chain(fresh).cloned().collect()
}

impl Scale {
    /// The same scale, and beyond its ends one for the numbers there, by their rank, where these
    /// are not few: what lies beyond the knots would otherwise be all one.
    fn reaching(&self, mut numbers: Vec<f64>) -> Self {
        numbers.sort_unstable_by(f64::total_cmp);
        let [first, last] = [self.knots[0], self.knots[self.knots.len() - 1]];
        let below: Vec<f64> = numbers.iter().copied().filter(|n| *n < first).collect();
        let above: Vec<f64> = numbers.iter().copied().filter(|n| *n > last).collect();
        let mut scale = self.clone();
        let is_enough = |some: &[f64]| some.len() as f64 > BEYOND * numbers.len() as f64;
        if is_enough(&above) {
            let end = self.heights[self.heights.len() - 1];
            let (knots, heights) = beyond(&above, end, 1.0);
            scale
                .bins
                .edges
                .extend(edges_beyond(&heights, &self.bins.edges, 1.0));
            scale.knots.extend(knots);
            scale.heights.extend(heights);
        }
        if is_enough(&below) {
            let outwards: Vec<f64> = below.iter().rev().copied().collect();
            let (mut knots, mut heights) = beyond(&outwards, self.heights[0], -1.0);
            let mut edges = edges_beyond(&heights, &self.bins.edges, -1.0);
            for part in [&mut edges, &mut heights] {
                part.reverse();
            }
            knots.reverse();
            scale.bins.edges.splice(..0, edges);
            scale.knots.splice(..0, knots);
            scale.heights.splice(..0, heights);
        }
        scale
    }
}

/// Knots at ranks of numbers that go outwards, and heights that go outwards from `end`.
fn beyond(outwards: &[f64], end: f32, sign: f32) -> (Vec<f64>, Vec<f32>) {
    let mut different = outwards.to_vec();
    different.dedup();
    let steps = STEPS_BEYOND.min(different.len());
    let knot = |step: usize| different[step * different.len() / steps - 1];
    let height = |step: usize| end + sign * REACH_BEYOND * step as f32 / steps as f32;
    (1..=steps).map(|step| (knot(step), height(step))).unzip()
}

/// Edges of bins at new heights, outside those that there are.
fn edges_beyond(heights: &[f32], edges: &[f32], sign: f32) -> Vec<f32> {
    let end = if sign > 0.0 {
        edges[edges.len() - 1]
    } else {
        edges[0]
    };
    let is_outside = |height: &&f32| sign * (**height - end) > 0.0;
    heights.iter().filter(is_outside).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::super::{FeatureOptions, FeatureRows};
    use super::*;

    fn column<T: AsRef<str>>(name: &str, cells: impl IntoIterator<Item = T>) -> Column {
        Column::of(name, cells)
    }

    fn all(table: &Table) -> Vec<RowId> {
        (0..table.rows() as u32).map(RowId).collect()
    }

    fn sources(names: &[&str]) -> Vec<FeatureSource> {
        let source = |&column: &&str| FeatureSource {
            column: column.to_owned(),
            kind: None,
        };
        names.iter().map(source).collect()
    }

    fn fit(table: &Table, names: &[&str]) -> FeaturePlan {
        let options = FeatureOptions::default();
        FeaturePlan::fit(table, &sources(names), &all(table), &options)
    }

    fn earlier_table() -> Table {
        let rows = 0..100_usize;
        let sizes = rows.clone().map(|row| format!("{}.5", row * 37 % 100));
        let colours = rows.clone().map(|row| ["red", "green", "blue"][row % 3]);
        let sold = rows.clone().map(|row| ["yes", "no"][row / 2 % 2]);
        let gone = rows.clone().map(|row| ["a", "b"][row / 7 % 2]);
        Table::new(
            "then.csv",
            vec![
                column("Size", sizes),
                column("gone", gone),
                column("colour", colours),
                column("sold", sold),
            ],
        )
    }

    fn later_table() -> Table {
        let rows = 0..40_usize;
        // A quarter of the sizes lies beyond what was seen before, some are missing.
        let size = |row: usize| match row % 8 {
            0 => String::new(),
            1 | 2 => format!("{}", 200 + row),
            _ => format!("{}.25", row * 2),
        };
        let colours = rows.clone().map(|row| ["blue", "pink"][row / 3 % 2]);
        let more = rows.clone().map(|row| ["x", "y", "z"][row % 3]);
        // Every row says yes: nothing to fit a column by.
        let sold = rows.clone().map(|_| "yes");
        Table::new(
            "now.csv",
            vec![
                column("colour", colours),
                column("more", more),
                column("size", rows.clone().map(size)),
                column("sold", sold),
            ],
        )
    }

    fn carried() -> (CarriedPlan, FeaturePlan) {
        let earlier = fit(&earlier_table(), &["Size", "gone", "colour", "sold"]);
        let later = later_table();
        let names = ["colour", "more", "size", "sold"];
        let own = fit(&later, &names);
        let carried = own.carried(&earlier, &later, &sources(&names), &all(&later));
        (carried, earlier)
    }

    #[test]
    fn columns_are_matched_and_all_of_it_is_told() {
        let (carried, _) = carried();
        assert_eq!(carried.from, [Some(2), None, Some(0), Some(3)]);
        let columns = &carried.columns;
        assert_eq!(columns.names.fresh, ["more"]);
        assert_eq!(columns.names.dropped, ["gone"]);
        let respelled = [("Size".to_owned(), "size".to_owned())];
        assert_eq!(columns.names.respelled, respelled);
        assert_eq!(columns.widened, ["size"]);
        assert!(columns.reread.is_empty());
        assert!(carried.plan.left_out.is_empty(), "sold is read as it was");
    }

    #[test]
    fn what_was_seen_before_is_encoded_as_it_was() {
        let (carried, earlier) = carried();
        let entries = carried.entries(&earlier);
        let encode = |plan: &FeaturePlan, [size, colour, sold]: [&'static str; 3]| -> FeatureRows {
            plan.encode_cells(|name| match name {
                "Size" | "size" => size,
                "colour" => colour,
                "sold" => sold,
                _ => "",
            })
        };
        let widths = earlier.widths();
        for cells in [
            ["40", "red", "yes"],
            ["7.5", "blue", "no"],
            ["99.5", "pink", ""],
        ] {
            let (then, now) = (encode(&earlier, cells), encode(&carried.plan, cells));
            for (at, from) in entries.numbers.iter().enumerate() {
                let (from, below) = from.expect("every number goes on");
                assert_eq!(now.numbers[at], then.numbers[from], "{cells:?}");
                assert_eq!(below, 0, "nothing is smaller than before");
            }
            for (at, from) in entries.flags.iter().enumerate() {
                if let Some(from) = *from {
                    assert_eq!(now.flags[at], then.flags[from], "{cells:?}");
                }
            }
            let colour = entries
                .codes
                .iter()
                .position(|from| *from == Some(1))
                .unwrap();
            let known = then.codes[1];
            assert!(now.codes[colour] == known || cells[1] == "pink");
        }
        // The gap is new, and so are the code of pink and the column of its own.
        assert_eq!(
            entries.flags.iter().filter(|from| from.is_none()).count(),
            1
        );
        let then: u32 = widths.codes.iter().sum();
        let kept: Vec<usize> = entries.rows_of_codes.iter().flatten().copied().collect();
        let gone = widths.codes[0] as usize;
        assert_eq!(kept, (gone..then as usize).collect::<Vec<_>>());
    }

    #[test]
    fn a_scale_reaches_further_in_order_and_stays_where_it_was() {
        let options = FeatureOptions::default();
        let scale = Scale::fit((0..100).map(f64::from).collect(), &options).unwrap();
        let numbers: Vec<f64> = (-50..150).step_by(5).map(f64::from).collect();
        let further = scale.reaching(numbers);
        assert!(further.is_sound());
        for number in 0..100 {
            let number = f64::from(number);
            assert_eq!(further.of(number), scale.of(number));
        }
        assert!(further.of(-20.0) < scale.of(0.0) && further.of(-40.0) < further.of(-20.0));
        assert!(further.of(120.0) > scale.of(99.0) && further.of(140.0) > further.of(120.0));
        let below = bins_below(&further, &scale).unwrap();
        assert!(below > 0 && further.bins.count() > scale.bins.count() + below);
        // A single outlier is no reason.
        let mut few: Vec<f64> = (0..100).map(f64::from).collect();
        few.push(1e9);
        assert_eq!(scale.reaching(few), scale);
    }

    #[test]
    fn another_kind_starts_fresh() {
        let earlier = fit(&earlier_table(), &["Size", "sold"]);
        let later = Table::new(
            "now.csv",
            vec![
                column("size", (0..40).map(|row| ["small", "large"][row / 3 % 2])),
                column("sold", (0..40).map(|row| ["yes", "no"][row % 2])),
            ],
        );
        let names = ["size", "sold"];
        let own = fit(&later, &names);
        let carried = own.carried(&earlier, &later, &sources(&names), &all(&later));
        assert_eq!(carried.from, [None, Some(1)]);
        assert_eq!(carried.columns.reread, ["size"]);
    }
}
