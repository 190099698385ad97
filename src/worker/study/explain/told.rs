//! One row explained, as data for programs.

use serde_json::{Value, json};

use super::super::Scene;
use super::columns::{Background, TypedRow, column_subject, laid_open, table_model};
use super::{breath, chosen, failed, labels, opened, subject};
use crate::domain::explanation::{Explanation, Output};
use crate::engine::explain::Subject;
use crate::protocol::Failure;

/// The explanation of the row of the knobs: what each word or column adds.
///
/// # Errors
/// When there is nothing to explain, or the device fails.
pub(in crate::worker::study) async fn told(scene: &Scene<'_>) -> Result<Value, Failure> {
    let method = chosen(scene)?;
    let breathe = breath(scene, "Explaining");
    if table_model(scene).is_some() {
        let model = laid_open(scene)?;
        let background = Background::of(scene, &model).await?;
        let row = TypedRow::of(scene)?;
        let (subject, _) = column_subject(scene, &model, &background, &row, &breathe).await?;
        let found = method.explain(&subject).await.map_err(failed)?;
        let texts = &scene.run.recipe.text;
        let parts = model.names.iter().enumerate().map(|(at, name)| {
            let more = json!({ "name": name, "cell": row.cell(name, texts) });
            part(&found, at, more)
        });
        let parts: Vec<Value> = parts.collect();
        return Ok(whole(scene, &found, subject.output(), None, parts));
    }
    let model = opened(scene).await?;
    let (subject, read) = subject(scene, &model, &breathe).await?;
    let found = method.explain(&subject).await.map_err(failed)?;
    let units = |byte: usize| read[..byte].encode_utf16().count();
    let parts = subject.words().iter().enumerate().map(|(at, word)| {
        // JavaScript counts in units of UTF-16.
        let [start, end] = [word.bytes.start, word.bytes.end].map(units);
        let name = &read[word.bytes.clone()];
        part(
            &found,
            at,
            json!({ "name": name, "start": start, "end": end }),
        )
    });
    let parts = parts.collect();
    Ok(whole(scene, &found, subject.output(), Some(&read), parts))
}

fn part(found: &Explanation, at: usize, mut more: Value) -> Value {
    more["share"] = found.shares[at].into();
    more["half_width"] = found.half_widths.as_ref().map(|all| all[at]).into();
    more
}

fn whole(
    scene: &Scene,
    found: &Explanation,
    output: Output,
    text: Option<&str>,
    parts: Vec<Value>,
) -> Value {
    let label = match output {
        Output::Number => None,
        Output::Label(at) | Output::Has(at) => labels(scene).get(at).cloned(),
    };
    json!({
        "method": found.method,
        "label": label,
        "value": found.value,
        "base": found.base,
        "text": text,
        "parts": parts,
    })
}
