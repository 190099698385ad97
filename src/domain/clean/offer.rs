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
/// recipe does already is not offered again.
pub fn offers(table: &Table, recipe: &Recipe) -> Vec<Offer> {
    let (work, _) = follow(table, recipe);
    let proposals = ALL.iter().flat_map(|offers| offers(&work));
    proposals
        .filter(|proposal| !recipe.steps.contains(&proposal.step))
        .filter_map(|Proposal { step, why }| {
            let report = take(&step, &mut work.clone());
            let does_good = report.refused.is_none() && !report.is_idle();
            does_good.then_some(Offer { step, why, report })
        })
        .collect()
}
