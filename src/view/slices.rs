//! Where a model fails: groups of rows, the least likely by chance first.

use super::markup::{Markup, element, tag, text};
use crate::domain::evaluation::{Slice, SliceReport};
use crate::domain::words;

/// Slices that are shown: after them chance says enough.
const SHOWN: usize = 10;

/// The part that shows a slice's rows.
pub const SLICE_ROWS: &str = "slice-rows";

/// The slices. `figure` writes an error in words, and `what` names it: "wrong", "mean error".
pub fn slices(report: &SliceReport, what: &str, figure: fn(f64) -> String) -> Markup {
    let worse = report.slices.iter().filter(|slice| slice.is_worse).count();
    let lead = match (report.slices.is_empty(), worse) {
        (true, _) => "No group of rows is large enough to say anything of it.".to_owned(),
        (false, 0) => {
            "No group of rows is worse than the others by more than chance would do.".to_owned()
        }
        (false, 1) => {
            "One group of rows is worse than the others by more than chance would do.".to_owned()
        }
        (false, many) => {
            format!("{many} groups of rows are worse than the others by more than chance would do.")
        }
    };
    let heads = [
        ("Column", ""),
        ("Group", ""),
        ("Rows", "num"),
        (what, "num"),
        ("Elsewhere", "num"),
        ("By chance", "num"),
    ];
    let heads = heads.map(|(head, class)| {
        tag("th", class)
            .attr("scope", "col")
            .text(capitalized(head))
    });
    let lines = report
        .slices
        .iter()
        .take(SHOWN)
        .map(|slice| line(slice, figure));
    let skipped = match report.skipped {
        0 => String::new(),
        1 => " One group of fewer than ten rows was left out.".to_owned(),
        some => format!(" {some} groups of fewer than ten rows were left out."),
    };
    tag("p", "lead")
        .test_id("slices")
        .text(lead)
        .done()
        .then(
            tag("div", "table-scroll").child(
                tag("table", "grid plain slices")
                    .child(element("thead").child(element("tr").children(heads)))
                    .child(element("tbody").children(lines)),
            ),
        )
        .then(tag("p", "fine").text(&report.correction).text(skipped))
        .then(element("div").attr("id", SLICE_ROWS))
}

fn line(slice: &Slice, figure: fn(f64) -> String) -> Markup {
    let interval = slice
        .interval
        .map(|[low, high]| format!("{} to {}", figure(low), figure(high)));
    let chance = slice.corrected_p_value;
    let chance = if chance < 0.001 {
        "< 0.1\u{a0}%".to_owned()
    } else {
        words::percent(chance)
    };
    let group = tag("button", "quiet")
        .attr("type", "button")
        .attr("data-view", "rows")
        .attr("data-into", SLICE_ROWS)
        .attr("data-knob-column", &slice.column)
        .attr("data-knob-group", &slice.group)
        .text(&slice.group);
    tag("tr", if slice.is_worse { "is-worse" } else { "" })
        .test_id("slice")
        .child(text("td", "", &slice.column))
        .child(element("td").child(group))
        .child(text("td", "num", words::count(slice.rows.len() as u64)))
        .child(
            tag("td", "num")
                .text(figure(slice.error))
                .child(interval.map(|interval| text("span", "interval", interval))),
        )
        .child(text("td", "num", figure(slice.other_error)))
        .child(text("td", "num", chance))
        .done()
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
