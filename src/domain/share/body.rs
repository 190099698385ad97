//! The bytes of a demo, and what makes one that is opened.

use std::collections::BTreeSet;

use super::bytes::{Fault, Reader, Writer};
use super::packed::Packed;
use super::{Demo, Lora};
use crate::domain::recipe::Projection;
use crate::domain::words::disguises;

/// Longest title, name of a column, label or name of a maker, in characters.
const LONGEST_NAME: usize = 200;

/// Longest description and longest example, in characters.
const LONGEST_TEXT: usize = 2_000;

/// Most labels.
const MOST_LABELS: usize = 1_000;

/// Most text columns, and most examples.
const MOST_COLUMNS: usize = 16;

/// Longest texts that an encoder here reads, in tokens.
const MOST_TOKENS: u32 = 8_192;

/// Largest width of a vector or a layer.
const MOST_WIDTH: usize = 8_192;

/// Larger numbers are no weights: what is computed from them would not stay finite.
const LARGEST_WEIGHT: f32 = 1e4;

/// Highest rank of an update: memory is needed for it in every layer, whatever the link's size.
const MOST_RANK: usize = 64;

const PROJECTIONS: [Projection; 6] = [
    Projection::Query,
    Projection::Key,
    Projection::Value,
    Projection::Output,
    Projection::Up,
    Projection::Down,
];

pub fn write(demo: &Demo) -> Vec<u8> {
    let mut out = Writer::default();
    for text in [&demo.title, &demo.about, &demo.by, &demo.target] {
        out.text(text);
    }
    out.0.extend(demo.base);
    out.texts(&demo.text);
    out.number(demo.max_tokens);
    out.text(&serde_json::to_string(&demo.fitted).expect("plain data"));
    out.texts(&demo.labels);
    match demo.accuracy {
        Some((share, rows)) => {
            out.0.push(1);
            out.float(share);
            out.number(rows);
        }
        None => out.0.push(0),
    }
    out.number(demo.examples.len() as u32);
    for example in &demo.examples {
        out.texts(example);
    }
    for &bias in &demo.bias {
        out.float(bias);
    }
    demo.weight.write(&mut out);
    match &demo.lora {
        Some(lora) => {
            let bit = |target| {
                1 << PROJECTIONS
                    .iter()
                    .position(|own| own == target)
                    .unwrap_or(0)
            };
            out.0
                .push(lora.targets.iter().map(bit).fold(0, |a, b| a | b));
            out.float(lora.scale);
            out.number(lora.pairs.len() as u32);
            for [a, b] in &lora.pairs {
                a.write(&mut out);
                b.write(&mut out);
            }
        }
        None => out.0.push(0),
    }
    out.0
}

pub fn read(body: &[u8]) -> Result<Demo, Fault> {
    let mut from = Reader(body);
    let from = &mut from;
    let [title, about, by, target] = [from.text()?, from.text()?, from.text()?, from.text()?];
    let base = from.bytes(32)?.try_into().expect("32 bytes were read");
    let text = from.texts()?;
    let max_tokens = from.number()?;
    let fitted = serde_json::from_str(&from.text()?)
        .map_err(|_| "how it prepares cells is not known here")?;
    let labels = from.texts()?;
    let accuracy = match from.byte()? {
        0 => None,
        _ => Some((from.float()?, from.number()?)),
    };
    let count = from.count(1)?;
    let examples = (0..count).map(|_| from.texts()).collect::<Result<_, _>>()?;
    let bias = labels
        .iter()
        .map(|_| from.float())
        .collect::<Result<_, _>>()?;
    let weight = Packed::read(from)?;
    let lora = match from.byte()? {
        0 => None,
        bits => Some(read_lora(bits, from)?),
    };
    if !from.0.is_empty() {
        return Err("something comes after its end");
    }
    Ok(Demo {
        title,
        about,
        by,
        base,
        target,
        text,
        max_tokens,
        fitted,
        labels,
        accuracy,
        weight,
        bias,
        lora,
        examples,
    })
}

fn read_lora(bits: u8, from: &mut Reader<'_>) -> Result<Lora, Fault> {
    let targets = PROJECTIONS
        .iter()
        .enumerate()
        .filter(|(at, _)| bits & (1 << at) != 0)
        .map(|(_, target)| *target)
        .collect();
    if bits >= 1 << PROJECTIONS.len() {
        return Err("it changes a part of the encoder that is not known");
    }
    let scale = from.float()?;
    let count = from.count(2)?;
    let mut pairs = Vec::new();
    for _ in 0..count {
        pairs.push([Packed::read(from)?, Packed::read(from)?]);
    }
    Ok(Lora {
        scale,
        targets,
        pairs,
    })
}

/// What of a demo is not opened, as the end of a sentence.
pub fn check(demo: &Demo) -> Result<(), String> {
    let names = [&demo.title, &demo.by, &demo.target];
    for name in names.into_iter().chain(&demo.text).chain(&demo.labels) {
        plain(name, LONGEST_NAME)?;
    }
    for text in std::iter::once(&demo.about).chain(demo.examples.iter().flatten()) {
        plain(text, LONGEST_TEXT)?;
    }
    between("labels", demo.labels.len(), 2..=MOST_LABELS)?;
    between("text columns", demo.text.len(), 1..=MOST_COLUMNS)?;
    between("examples", demo.examples.len(), 0..=MOST_COLUMNS)?;
    let distinct: BTreeSet<&String> = demo.labels.iter().collect();
    if distinct.len() < demo.labels.len() || distinct.iter().any(|label| label.trim().is_empty()) {
        return Err("two of its labels are the same, or one is empty".to_owned());
    }
    if demo
        .examples
        .iter()
        .any(|cells| cells.len() != demo.text.len())
    {
        return Err("an example has another number of texts than it has columns".to_owned());
    }
    if !(2..=MOST_TOKENS).contains(&demo.max_tokens) {
        return Err(format!("texts of {} tokens", demo.max_tokens));
    }
    if demo
        .accuracy
        .is_some_and(|(share, _)| !(0.0..=1.0).contains(&share))
    {
        return Err("an accuracy that is no share".to_owned());
    }
    if demo.bias.iter().any(|x| !is_weight(*x)) {
        return Err("a weight that is no number".to_owned());
    }
    matrix(&demo.weight)?;
    if demo.weight.rows() != demo.labels.len() || demo.bias.len() != demo.labels.len() {
        return Err("another number of weights than labels".to_owned());
    }
    if let Some(lora) = &demo.lora {
        if !is_weight(lora.scale) || lora.targets.is_empty() || lora.pairs.is_empty() {
            return Err("an update of nothing".to_owned());
        }
        if lora.pairs.len() % lora.targets.len() != 0 {
            return Err("an update of half a layer".to_owned());
        }
        let rank = lora.pairs[0][0].rows();
        between("ranks", rank, 1..=MOST_RANK)?;
        for [a, b] in &lora.pairs {
            matrix(a)?;
            matrix(b)?;
            if a.rows() != rank || b.rows() != rank {
                return Err("updates of different ranks".to_owned());
            }
        }
    }
    Ok(())
}

fn is_weight(x: f32) -> bool {
    x.abs() <= LARGEST_WEIGHT
}

fn matrix(packed: &Packed) -> Result<(), String> {
    between("numbers in a row", packed.width(), 1..=MOST_WIDTH)?;
    if !packed.is_finite() || packed.values().iter().any(|x| !is_weight(*x)) {
        return Err("a weight that is no number".to_owned());
    }
    Ok(())
}

fn between(
    what: &str,
    count: usize,
    allowed: std::ops::RangeInclusive<usize>,
) -> Result<(), String> {
    if allowed.contains(&count) {
        Ok(())
    } else {
        Err(format!("{count} {what}"))
    }
}

/// Whether a text is short enough and shows as what it is: no control characters besides line
/// breaks, none that turn the direction of what follows (Unicode Technical Report 36, 2.11.1).
fn plain(text: &str, longest: usize) -> Result<(), String> {
    if text.chars().count() > longest {
        return Err(format!("a text of more than {longest} characters"));
    }
    if text
        .chars()
        .any(|c| disguises(c) && !matches!(c, '\n' | '\t'))
    {
        return Err("a text with characters that disguise it".to_owned());
    }
    Ok(())
}
