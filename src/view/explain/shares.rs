//! What each part adds, as bars to both sides.

use super::{largest, signed_beside, strength};
use crate::view::markup::{Element, Markup, element, tag, text};

/// Bars at the most; the rest are summed up.
const MOST_BARS: usize = 16;

/// Half the width of a bar's box, and its height.
const HALF: f64 = 50.0;
const HEIGHT: f64 = 8.0;

/// A part and what it adds.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// The word or the column.
    pub name: String,
    /// The cell; none for words.
    pub cell: Option<String>,
    /// What it adds.
    pub share: f64,
    /// 95 % half width of it, where there is a doubt.
    pub half_width: Option<f64>,
}

/// What shares begin and end with, each with its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Ends {
    /// The figure where every part is gone.
    pub base: (String, f64),
    /// The figure of the row as it is: base and shares together.
    pub whole: (String, f64),
}

/// A table of shares, the largest first.
pub fn shares(what: &str, unit: &str, shares: &[Share]) -> Markup {
    shares_between(what, unit, shares, None)
}

/// The same between what they begin and end with.
pub fn shares_between(what: &str, unit: &str, shares: &[Share], ends: Option<&Ends>) -> Markup {
    let sizes: Vec<f64> = shares.iter().map(|one| one.share).collect();
    let most = largest(&sizes);
    let mut sorted: Vec<&Share> = shares.iter().collect();
    sorted.sort_by(|a, b| b.share.abs().total_cmp(&a.share.abs()));
    let (shown, rest) = sorted.split_at(sorted.len().min(MOST_BARS));
    let has_cells = shares.iter().any(|one| one.cell.is_some());
    let rows = shown.iter().map(|one| row(one, most, has_cells));
    let rest = (!rest.is_empty()).then(|| {
        let sum: f64 = rest.iter().map(|one| one.share).sum();
        let other = Share {
            name: format!("{} more", rest.len()),
            cell: has_cells.then(String::new),
            share: sum,
            half_width: None,
        };
        row(&other, most, has_cells)
    });
    let head = |words: &str| element("th").attr("scope", "col").text(words);
    let end = |(words, figure): &(String, f64)| {
        tag("tr", "share-end")
            .child(
                element("th")
                    .attr("scope", "row")
                    .attr("colspan", if has_cells { 2 } else { 1 })
                    .text(words),
            )
            .child(tag("td", "share-amount").text(signed_beside(*figure, most)))
            .child(element("td"))
    };
    let base = ends.map(|ends| element("tbody").child(end(&ends.base)));
    let whole = ends.map(|ends| element("tfoot").child(end(&ends.whole)));
    tag("table", "shares")
        .test_id("shares")
        .child(
            element("thead").child(
                element("tr")
                    .child(head(what))
                    .child(has_cells.then(|| head("Cell")))
                    .child(head(unit))
                    .child(element("td")),
            ),
        )
        .child(base)
        .child(element("tbody").children(rows).child(rest))
        .child(whole)
        .done()
}

fn row(one: &Share, most: f64, has_cells: bool) -> Markup {
    let doubt = one
        .half_width
        .map(|half| signed_beside(half, most))
        .filter(|half| half.contains(|digit| matches!(digit, '1'..='9')))
        .map(|half| text("span", "share-doubt", format_args!(" ± {}", &half[1..])));
    let cell = has_cells.then(|| {
        let cell = one.cell.as_deref().unwrap_or_default();
        tag("td", "share-cell").text(if cell.is_empty() { "–" } else { cell })
    });
    element("tr")
        .child(
            element("th")
                .attr("scope", "row")
                .class("share-name")
                .text(&one.name),
        )
        .child(cell)
        .child(
            tag("td", "share-amount")
                .text(signed_beside(one.share, most))
                .child(doubt),
        )
        .child(tag("td", "share-bar").child(bar(one.share, one.half_width, most)))
        .done()
}

/// A bar from the middle, to the right for what speaks for the answer.
fn bar(share: f64, half_width: Option<f64>, most: f64) -> Markup {
    let place = |value: f64| HALF + HALF * (value / most.max(f64::MIN_POSITIVE)).clamp(-1.0, 1.0);
    let (low, high) = (place(share.min(0.0)), place(share.max(0.0)));
    let line = |x1: f64, x2: f64, y1: f64, y2: f64, class: &str| -> Element {
        tag("line", class)
            .number("x1", x1)
            .number("x2", x2)
            .number("y1", y1)
            .number("y2", y2)
            .attr("vector-effect", "non-scaling-stroke")
    };
    let middle = HEIGHT / 2.0;
    let doubt = half_width.map(|half| {
        let (low, high) = (place(share - half), place(share + half));
        line(low, high, middle, middle, "whisker-line")
    });
    tag("svg", "bar-drawn share-drawn")
        .attr("viewBox", format_args!("0 0 {} {HEIGHT}", 2.0 * HALF))
        .attr("preserveAspectRatio", "none")
        .attr("aria-hidden", "true")
        .child(
            tag("rect", &format!("share-fill {}", strength(share, most)))
                .number("x", low)
                .number("width", (high - low).max(0.3))
                .number("height", HEIGHT),
        )
        .child(line(HALF, HALF, 0.0, HEIGHT, "share-zero"))
        .child(doubt)
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(name: &str, share: f64) -> Share {
        Share {
            name: name.to_owned(),
            cell: None,
            share,
            half_width: None,
        }
    }

    #[test]
    fn the_largest_come_first_and_the_rest_is_summed_up() {
        let mut all: Vec<Share> = (0..20).map(|at| share(&format!("w{at}"), 0.1)).collect();
        all.push(share("<b>", -3.0));
        let made = shares("Word", "Adds", &all).into_string();
        let first = made.find("&lt;b&gt;").unwrap();
        assert!(first < made.find("w0").unwrap());
        assert!(made.contains("−3.00") && made.contains("5 more") && made.contains("+0.50"));
        assert!(!made.contains("<b>"));
        assert!(!made.contains("Cell"), "words have no cells");
    }

    #[test]
    fn shares_stand_between_what_they_begin_and_end_with() {
        let mut age = share("Age", 1.5);
        age.cell = Some("41".to_owned());
        age.half_width = Some(0.004);
        let ends = Ends {
            base: ("Where it starts".to_owned(), -0.5),
            whole: ("The sum".to_owned(), 1.0),
        };
        let made = shares_between("Column", "Adds", &[age], Some(&ends)).into_string();
        let places = [
            "Where it starts",
            "−0.50",
            "Age",
            "41",
            "+1.50",
            "The sum",
            "+1.00",
        ];
        let places = places.map(|words| made.find(words).expect(words));
        assert!(places.is_sorted(), "{made}");
        assert!(
            !made.contains("±"),
            "a doubt that shows no digit is left out: {made}"
        );
    }

    #[test]
    fn bars_go_from_the_middle_to_their_side() {
        let against = bar(-2.0, None, 4.0).into_string();
        assert!(
            against.contains("x=\"25\"") && against.contains("width=\"25\""),
            "{against}"
        );
        let all = bar(4.0, Some(1.0), 4.0).into_string();
        assert!(all.contains("x=\"50\"") && all.contains("width=\"50\""));
        assert!(all.contains("whisker-line"));
        assert!(!bar(0.0, None, 0.0).as_str().contains("NaN"));
    }
}
