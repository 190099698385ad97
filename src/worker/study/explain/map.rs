//! The rows on a plane, and the region of it that a person chose.

use std::collections::BTreeMap;

use super::super::{Drawn, Scene, Study};
use super::labels;
use super::rows::{TestRow, judged, seen};
use crate::domain::evaluation::wilson;
use crate::domain::explanation::principal_components;
use crate::domain::hue::palette;
use crate::domain::table::RowId;
use crate::domain::words::{percent, percent_figure, rows as row_count};
use crate::protocol::Failure;
use crate::view::explain::controls::{Choice, choice_into};
use crate::view::explain::map::{MapPoint, Region, field, holds, map, places};
use crate::view::field::fields;
use crate::view::markup::{Markup, element, tag, text};

/// Rows of a region that are listed.
const LISTED: usize = 12;

/// Characters of a row that are read on the map.
const LONGEST: usize = 200;

/// The rows on a plane.
pub(in crate::worker::study) struct Map;

impl Study for Map {
    fn id(&self) -> &'static str {
        "map"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(draw(scene))
    }
}

async fn draw(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let seen = seen(scene, "judged").await?;
    let found = principal_components(&seen.vectors, seen.width, 1);
    let places = places(&found);
    let names = labels(scene);
    let judged: BTreeMap<RowId, TestRow> = judged(scene)
        .into_iter()
        .map(|row| (row.row, row))
        .collect();
    // Numbers have no hue of their own; they are told apart by whether they are high or low.
    let (hues, keys) = if names.is_empty() || scene.run.recipe.task == "label_sets" {
        (Vec::new(), Vec::new())
    } else {
        (palette(&names), names.clone())
    };
    let hue = |label: &str| {
        let at = keys.iter().position(|name| name == label);
        at.map_or_else(|| "hue-none".to_owned(), |at| hues[at].clone())
    };
    let colour = scene.knob("colour").unwrap_or("truth").to_owned();
    let points: Vec<MapPoint> = seen
        .rows
        .iter()
        .enumerate()
        .filter_map(|(at, row)| {
            let row = judged.get(row)?;
            let class = match colour.as_str() {
                "error" if row.is_wrong => "is-poor".to_owned(),
                "error" => "is-good".to_owned(),
                "predicted" => hue(row.said.split(", ").next().unwrap_or_default()),
                _ => hue(&row.truth),
            };
            Some(MapPoint {
                place: places[at],
                class,
                is_marked: row.is_wrong,
                title: format!(
                    "Row {}: is {}, called {}",
                    row.row.0 + 1,
                    row.truth,
                    row.said
                ),
                text: seen.texts[at].chars().take(LONGEST).collect(),
            })
        })
        .collect();
    let region = scene.knob("region").and_then(|region| {
        let (a, b) = region.split_once('-')?;
        Some([a.parse().ok()?, b.parse().ok()?])
    });
    let ways = [
        ("truth", "Label"),
        ("predicted", "Prediction"),
        ("error", "Right or wrong"),
    ];
    let choice = Choice {
        knob: "colour",
        label: "Coloured by",
        options: ways
            .map(|(id, words)| (id.to_owned(), words.to_owned()))
            .into(),
        chosen: colour.clone(),
    };
    let legend = (colour != "error" && !keys.is_empty() && keys.len() <= 8).then(|| {
        tag("p", "fine map-legend").children(keys.iter().zip(&hues).map(|(label, hue)| {
            element("span")
                .class("legend-entry")
                .child(tag("span", &format!("swatch {hue}")).attr("aria-hidden", "true"))
                .text(label)
        }))
    });
    let drawn = map(&points, found.shown, region, &[("colour", colour)]);
    let slice = region.map(|region| slice(region, &points));
    Ok(fields([choice_into(&choice, "map", "on-request-map")])
        .then(legend)
        .then(drawn)
        .then(slice))
}

/// How good the model is on the rows of a region, beside all others.
fn slice(region: Region, points: &[MapPoint]) -> Markup {
    let (mut inside, outside): (Vec<&MapPoint>, Vec<&MapPoint>) = points
        .iter()
        .partition(|point| holds(region, field(point.place)));
    let right = |rows: &[&MapPoint]| rows.iter().filter(|row| !row.is_marked).count();
    let share = |rows: &[&MapPoint]| right(rows) as f64 / rows.len().max(1) as f64;
    if inside.is_empty() {
        return text("p", "fine", "There is no row in this region.");
    }
    let [low, high] = wilson(right(&inside) as u32, inside.len() as u32);
    let said = format!(
        "{} in this region: {} right ({} to {}), and {} of all others.",
        row_count(inside.len() as u64),
        percent(share(&inside)),
        percent_figure(low),
        percent(high),
        percent(share(&outside))
    );
    inside.sort_by_key(|point| !point.is_marked);
    let items = inside.iter().take(LISTED).map(|point| {
        tag("li", "cell-row")
            .child(text("p", "cell-text", &point.text))
            .child(tag("p", "cell-facts").child(text(
                "span",
                if point.is_marked { "is-wrong" } else { "" },
                &point.title,
            )))
    });
    element("div")
        .test_id("map-region")
        .child(text("p", "", said))
        .child(tag("ul", "cell-list").children(items))
        .done()
}
