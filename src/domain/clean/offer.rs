//! What would do a table good.

use super::prepare::{follow, take};
use super::{ALL, Offer, StepPlan};
use crate::domain::recipe::Recipe;
use crate::domain::table::Table;

/// A step that might do good, before it was tried.
pub(super) struct Proposal {
    pub step: StepPlan,
    pub why: String,
}

/// Steps that would do a table good, on top of those in the recipe, the most important first.
///
/// Each was tried: a step that would change nothing or cannot be done is not offered, so what the
/// recipe does already is not offered again. Nor is what an earlier offer mends: a rare class that
/// is a frequent one misspelled is not offered to be left out as well.
pub fn offers(table: &Table, recipe: &Recipe) -> Vec<Offer> {
    let (work, _) = follow(table, recipe);
    // What the table would be with all that was offered so far.
    let mut with_offers = recipe.clone();
    let mut found: Vec<Offer> = Vec::new();
    for offers in ALL {
        let alone = offers(&work);
        if alone.is_empty() {
            continue;
        }
        let (ahead, _) = follow(table, &with_offers);
        for Proposal { step, why } in offers(&ahead) {
            if recipe.steps.contains(&step) {
                continue;
            }
            let report = take(&step, &mut work.clone());
            if report.refused.is_some() || report.is_idle() {
                continue;
            }
            let same = alone.iter().find(|proposal| proposal.step == step);
            found.push(Offer {
                why: same.map_or(why, |proposal| proposal.why.clone()),
                step,
                report,
            });
        }
        let steps = found.iter().map(|offer| offer.step.clone());
        with_offers.steps = recipe.steps.iter().cloned().chain(steps).collect();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::{forty, recipe, table};
    use super::super::{Fill, Outliers, Rebalance};
    use super::*;
    use crate::domain::features::network::Combiner;
    use crate::domain::features::{FeatureSource, TablePlan};
    use crate::domain::recipe::ClassWeights;

    /// Compares what is offered for a table of forty rows that was edited.
    #[track_caller]
    fn check(edit: impl Fn(usize, &mut [String; 4]), expected: &[StepPlan]) {
        let read = forty(edit);
        let offers = offers(&read, &recipe(vec![]));
        let steps: Vec<StepPlan> = offers.iter().map(|offer| offer.step.clone()).collect();
        assert_eq!(steps, expected);
        for offer in offers {
            assert!(offer.why.ends_with('.') && !offer.report.is_idle());
        }
        // Who takes all of them is offered nothing more.
        let taken = super::offers(&read, &recipe(expected.to_vec()));
        assert!(taken.is_empty(), "{taken:#?}");
    }

    macro_rules! offered {
        ($($name:ident, $edit:expr, $expected:expr;)*) => {
            $(#[test] fn $name() { check($edit, &$expected); })*
        };
    }

    fn text(name: &str) -> String {
        name.to_owned()
    }

    offered! {
        nothing_for_a_clean_table, |_, _| {}, [];
        trimming_where_it_trims,
            |row, cells| if row == 4 { cells[0].insert(0, ' ') },
            [StepPlan::TrimSpace { columns: vec![text("text")] }];
        no_trimming_of_columns_that_are_not_used,
            |row, cells| if row == 4 { cells[2].insert(0, ' ') },
            [];
        no_trimming_inside_of_texts,
            |row, cells| if row == 4 { cells[0] = text("two  spaces\nand a line") },
            [];
        one_unicode_form,
            |row, cells| if row == 4 { cells[0] = text("cafe\u{301}") },
            [StepPlan::NormalizeUnicode { columns: vec![text("text")] }];
        one_spelling,
            |row, cells| if row == 6 { cells[1] = text("HAM!") },
            [StepPlan::UnifySpellings {
                column: text("label"),
                into: vec![(text("HAM!"), text("ham"))],
            }];
        rows_without_target,
            |row, cells| if row == 6 { cells[1] = text("NA") },
            [StepPlan::DropMissingTarget];
        rows_that_repeat,
            |row, cells| if row == 7 { *cells = [text("text number 6"), text("ham"), text("16"), text("valid")] },
            [StepPlan::DropDuplicates { columns: vec![], near: false }];
        rows_that_repeat_in_the_columns_in_use,
            |row, cells| if row == 7 { cells[0] = text("text number 6") },
            [StepPlan::DropDuplicates { columns: vec![text("text"), text("label")], near: false }];
        one_class_of_one_row,
            |row, cells| if row == 7 { cells[1] = text("egg") },
            [StepPlan::DropRare { column: text("label"), least: 2 }];
        two_classes_of_one_row,
            |row, cells| match row {
                7 => cells[1] = text("egg"),
                8 => cells[1] = text("milk"),
                _ => {}
            },
            [StepPlan::MergeRare { column: text("label"), least: 2, into: text("other") }];
        columns_of_nothing_or_of_one_value,
            |row, cells| cells[2] = text(if row < 40 { "7" } else { "8" }),
            [StepPlan::DropColumns { columns: vec![text("amount")] }];
    }

    #[test]
    fn sixty_one_labels_become_sixty() {
        let rows = (0..610).map(|row| {
            let label = match row {
                7 => text("Label  7x"),
                row => format!("label {}x", row % 60),
            };
            [format!("text number {row}"), label]
        });
        let read = table(["text", "label"], rows);
        let mut recipe = recipe(vec![]);
        recipe.split = Default::default();
        let offers = offers(&read, &recipe);
        let [offer] = &offers[..] else {
            panic!("{offers:#?}");
        };
        let expected = "Unifies 1 spelling of \"label\": 61 labels become 60.";
        assert_eq!(offer.report.what, expected);
        assert_eq!(offer.report.examples[0].after.as_deref(), Some("label 7x"));
    }

    /// A recipe that learns from the amounts as well.
    fn with_amounts() -> Recipe {
        let mut recipe = recipe(vec![]);
        let source = FeatureSource {
            column: text("amount"),
            kind: None,
        };
        let plan = TablePlan::suggest(vec![source], Combiner::TabM, 40);
        recipe.table = Some(Box::new(plan));
        recipe
    }

    #[test]
    fn numbers_that_are_learned_from_are_filled_and_bounded() {
        let read = forty(|row, cells| match row {
            3 => cells[2] = text("NA"),
            9 => cells[2] = text("inf"),
            // Far, and no slip of a decimal point.
            12 => cells[2] = text("120"),
            _ => cells[2] = format!("{}.5", 10 + row),
        });
        let steps: Vec<StepPlan> = offers(&read, &with_amounts())
            .into_iter()
            .map(|offer| offer.step)
            .collect();
        let expected = [
            StepPlan::FillMissing {
                column: text("amount"),
                with: Fill::Median,
            },
            StepPlan::Outliers {
                column: text("amount"),
                how: Outliers::Clip,
            },
        ];
        assert_eq!(steps, expected);
        assert!(offers(&read, &recipe(vec![])).is_empty(), "nobody uses it");
    }

    #[test]
    fn a_number_to_learn_has_no_classes() {
        let mut recipe = with_amounts();
        recipe.task = text("regress");
        recipe.target = text("amount");
        recipe.split = Default::default();
        recipe.training.class_weights = ClassWeights::Equal;
        let read = forty(|row, cells| {
            // Two numbers are there twice, the others once.
            match row {
                5 => cells[2] = String::new(),
                8 | 9 => cells[2] = text("12"),
                _ => {}
            }
        });
        let found = offers(&read, &recipe);
        let [offer] = &found[..] else {
            panic!("{found:#?}");
        };
        assert_eq!(offer.step, StepPlan::DropMissingTarget);
        let how = Rebalance::Undersample;
        recipe.steps = vec![StepPlan::Rebalance { how }];
        let report = &super::super::preview(&read, &recipe).reports[0];
        assert!(report.refused.is_some());
    }

    #[test]
    fn a_class_that_is_left_out_is_no_reason_to_rebalance() {
        let read = forty(|row, cells| {
            if row == 7 {
                cells[1] = text("egg");
            } else {
                cells[1] = text(if row % 2 == 0 { "spam" } else { "ham" });
            }
        });
        let mut recipe = recipe(vec![]);
        recipe.split = Default::default();
        recipe.training.class_weights = ClassWeights::Equal;
        let found = offers(&read, &recipe);
        assert_eq!(found.len(), 1, "{found:#?}");
    }

    #[test]
    fn strong_imbalance_gets_a_hint_unless_classes_are_weighted() {
        let rows = (0..200).map(|row| {
            let label = if row % 50 == 0 { "rare" } else { "usual" };
            [format!("text number {row}"), text(label)]
        });
        let read = table(["text", "label"], rows);
        let mut recipe = recipe(vec![]);
        recipe.split = Default::default();
        recipe.training.class_weights = ClassWeights::Equal;
        let found = offers(&read, &recipe);
        let how = Rebalance::Oversample;
        assert_eq!(found[0].step, StepPlan::Rebalance { how });
        recipe.training.class_weights = ClassWeights::Balanced;
        assert!(offers(&read, &recipe).is_empty());
    }
}
