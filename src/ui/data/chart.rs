//! Small drawings of a column, as markup whose every number is made here.

use leptos::prelude::*;

use crate::domain::column::Bar;
use crate::protocol::ColumnSummary;
use crate::ui::tag::{tag, words};

/// How its most frequent cells share a column's rows, in the space of a word. Nothing where no
/// cell repeats.
pub fn small_bars(column: &ColumnSummary, rows: u32) -> AnyView {
    let most = column.top.iter().map(|(_, rows)| *rows).max().unwrap_or(0);
    if most < 2 || rows == 0 || column.distinct > 200 {
        return ().into_any();
    }
    let rects = column
        .top
        .iter()
        .take(8)
        .enumerate()
        .map(|(at, (_, count))| {
            let height = (f64::from(*count) / f64::from(most) * 16.0).max(1.0);
            format!(
                r#"<rect x="{}" y="{:.1}" width="6" height="{height:.1}" rx="1"/>"#,
                at * 8,
                16.0 - height
            )
        });
    let width = column.top.len().min(8) * 8;
    let markup = format!(
        r#"<svg viewBox="0 0 {width} 16" width="{width}" height="16" aria-hidden="true">{}</svg>"#,
        rects.collect::<String>()
    );
    tag("figure", "small-bars").drawing(markup).view()
}

/// Side by side, the bars of a histogram.
pub fn histogram(bars: &[Bar]) -> AnyView {
    let most = bars.iter().map(|bar| bar.rows).max().unwrap_or(0).max(1);
    let width = 320.0 / bars.len().max(1) as f64;
    let rects = bars.iter().enumerate().map(|(at, bar)| {
        let height = if bar.rows == 0 {
            0.0
        } else {
            (f64::from(bar.rows) / f64::from(most) * 72.0).max(1.5)
        };
        format!(
            r#"<rect x="{:.2}" y="{:.2}" width="{:.2}" height="{height:.2}"/>"#,
            at as f64 * width,
            72.0 - height,
            (width - 1.0).max(0.5)
        )
    });
    let markup = format!(
        r#"<svg viewBox="0 0 320 72" preserveAspectRatio="none" aria-hidden="true">{}</svg>"#,
        rects.collect::<String>()
    );
    let ends = match (bars.first(), bars.last()) {
        (Some(first), Some(last)) => vec![
            words("", first.label.clone()),
            words("", last.label.clone()),
        ],
        _ => Vec::new(),
    };
    tag("div", "histogram")
        .child(tag("figure", "histogram-bars").drawing(markup).view())
        .child(tag("span", "histogram-ends").children(ends).view())
        .view()
}
