//! What a cross-validation found.

use super::markup::{Markup, element, tag, text};
use crate::domain::cross_validation::CrossValidation;
use crate::domain::words;

/// Mean and spread of every figure over the folds.
pub fn folds(found: &CrossValidation) -> Markup {
    let heads = ["Figure", "Mean", "Spread", "Folds"];
    let heads = heads.into_iter().enumerate().map(|(at, head)| {
        tag("th", if at == 0 || at == 3 { "" } else { "num" })
            .attr("scope", "col")
            .text(head)
    });
    let lines = found.metrics.iter().map(|metric| {
        let folds: Vec<String> = metric
            .folds
            .iter()
            .map(|&fold| words::figure(fold))
            .collect();
        element("tr")
            .test_id(format_args!("fold-{}", metric.id))
            .child(element("th").attr("scope", "row").text(&metric.name))
            .child(text("td", "num", words::figure(metric.mean)))
            .child(text(
                "td",
                "num",
                format_args!("± {}", words::figure(metric.deviation)),
            ))
            .child(text("td", "", folds.join(", ")))
    });
    tag("div", "table-scroll")
        .child(
            tag("table", "grid plain")
                .child(element("thead").child(element("tr").children(heads)))
                .child(element("tbody").children(lines)),
        )
        .done()
        .then(text(
            "p",
            "fine",
            format_args!(
                "{} models, each judged on rows that it did not learn from; the test rows had no part in it. The spread is the standard deviation of a fold.",
                found.folds
            ),
        ))
}
