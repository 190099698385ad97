//! A demo link of a run: packed as chosen, measured on the validation rows.

use qrcodegen::{QrCode, QrCodeEcc};

use super::{Drawn, Scene, Study, number};
use crate::domain::metric::most_probable;
use crate::domain::report::Truth;
use crate::domain::share::{EVERYWHERE, LONGEST_LINK};
use crate::engine::export::TextWeights;
use crate::engine::run::Base;
use crate::engine::share::{Packing, ShareError, Source, Words, open};
use crate::protocol::{Failure, FailureKind};
use crate::view::markup::Markup;
use crate::view::share::{Choice, Loss, Shared, share};
use crate::worker::run::Model;
use crate::worker::session::engine_failure;

/// Most characters that a QR code holds as bytes, at the lowest correction (ISO/IEC 18004, version
/// 40-L).
const MOST_IN_A_CODE: usize = 2_953;

/// The page that may stand inside other pages, as the build calls it.
const FRAMED_PAGE: &str = "embed.html";

/// Most texts to try in a link.
const MOST_EXAMPLES: usize = 8;

/// A demo link.
pub(super) struct Share;

impl Study for Share {
    fn id(&self) -> &'static str {
        "share"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(draw(scene))
    }
}

async fn draw(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let run = scene.run;
    let Model::Text(tuned) = &run.model else {
        return Err(Failure {
            kind: FailureKind::Input,
            what: "A link holds a model on texts alone; this one reads columns.".to_owned(),
            fix: "Take it along as ONNX.".to_owned(),
        });
    };
    let base = run.base.as_deref().expect("a run on texts has an encoder");
    let learned = tuned.learned(&run.recipe).await;
    let weights = TextWeights::of(learned.map_err(|error| engine_failure(&error))?);
    let evaluation = &run.report.evaluation;
    let source = Source {
        recipe: &run.recipe,
        labels: &tuned.labels,
        fitted: &run.fitted,
        weights: &weights,
        accuracy: evaluation
            .metric("accuracy")
            .map(|share| (share as f32, evaluation.rows().len() as u32)),
    };
    let words = words(scene);
    let packings = Packing::all(&weights);
    let mut choices = Vec::new();
    for (id, packing) in packings.iter().enumerate() {
        scene.breathe("Packing the model", None).await?;
        let demo = packing.demo(&source, &words).map_err(unfit)?;
        choices.push(Choice {
            id,
            name: packing.name(),
            characters: demo.link().ok().map(|link| link.len()),
        });
    }
    let chosen = number(scene.knobs, "packing").or_else(|| fitting(&choices));
    let Some(packing) = chosen.and_then(|chosen: usize| packings.get(chosen)) else {
        return Err(unfit(ShareError::Unfit(
            "No packing of this model fits into a link. Take it along as a file.",
        )));
    };
    let demo = packing.demo(&source, &words).map_err(unfit)?;
    let link = demo.link().map_err(|why| Failure {
        kind: FailureKind::Input,
        what: format!("No link can be made: {why}."),
        fix: "Change what is said with it, or choose to put less of the model in.".to_owned(),
    })?;
    let key = (scene.id, chosen.unwrap_or(0));
    let known = scene.session.losses.borrow().get(&key).copied();
    let loss = match known {
        Some(loss) => loss,
        None => loss(scene, base, packing, &source).await?,
    };
    scene.session.losses.borrow_mut().insert(key, loss);
    let page = scene.session.assets.page();
    let address = format!("{page}{link}");
    let code = QrCode::encode_binary(address.as_bytes(), QrCodeEcc::Low)
        .ok()
        .filter(|_| address.len() <= MOST_IN_A_CODE)
        .map(|code| {
            let side = 0..code.size();
            side.clone()
                .map(|y| side.clone().map(|x| code.get_module(x, y)).collect())
                .collect::<Vec<Vec<bool>>>()
        });
    Ok(share(&Shared {
        choices: &choices,
        chosen: chosen.unwrap_or(0),
        demo: &demo,
        link: &address,
        framed: &format!("{page}{FRAMED_PAGE}{link}"),
        loss,
        code: code.as_deref(),
    }))
}

/// The packing that keeps most among those that work everywhere, else among those that fit at all.
fn fitting(choices: &[Choice]) -> Option<usize> {
    let within = |most: usize| {
        choices
            .iter()
            .find(|choice| choice.characters.is_some_and(|own| own <= most))
            .map(|choice| choice.id)
    };
    within(EVERYWHERE).or_else(|| within(LONGEST_LINK))
}

fn words(scene: &Scene<'_>) -> Words {
    let said = |name: &str| scene.knob(name).unwrap_or_default().trim().to_owned();
    let columns = scene.run.recipe.text.len();
    let examples = said("examples");
    let title = match said("title") {
        title if title.is_empty() => scene.run.recipe.question(),
        title => title,
    };
    Words {
        title,
        about: said("about"),
        by: said("by"),
        examples: examples
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .take(MOST_EXAMPLES)
            .map(|line| {
                let mut cells = vec![String::new(); columns];
                if let Some(first) = cells.first_mut() {
                    line.clone_into(first);
                }
                cells
            })
            .collect(),
    }
}

/// What the packed model gets right of the validation rows, beside what the whole one got right.
async fn loss(
    scene: &Scene<'_>,
    base: &Base,
    packing: &Packing,
    source: &Source<'_>,
) -> Result<Loss, Failure> {
    let run = scene.run;
    let valid = &run.scores.valid;
    let Truth::Labels(truth) = &valid.truth else {
        return Err(unfit(ShareError::Unfit(
            "A link holds a model that chooses labels.",
        )));
    };
    let table = scene.table().ok_or_else(|| Failure {
        kind: FailureKind::Input,
        what: "The table of this run is no longer open, so what packing costs cannot be measured."
            .to_owned(),
        fix: "Open the file again.".to_owned(),
    })?;
    let demo = packing.demo(source, &Words::default()).map_err(unfit)?;
    let (tuned, _) = open(&demo, base).map_err(unfit)?;
    let share_of = |outputs: &[f32]| {
        let right = truth
            .iter()
            .zip(outputs.chunks_exact(source.labels.len()))
            .filter(|(truth, shares)| most_probable(shares) == **truth)
            .count();
        right as f64 / truth.len().max(1) as f64
    };
    let mut outputs = Vec::new();
    for (done, &row) in valid.rows.iter().enumerate() {
        let part = done as f32 / valid.rows.len() as f32;
        scene
            .breathe("Measuring what packing costs", Some(part))
            .await?;
        let names = table
            .columns()
            .iter()
            .map(|column| column.name().to_owned());
        let text = run.read(names.zip(table.row(row)).collect());
        let predicted = tuned.predict(base, &text).await;
        outputs.extend(predicted.map_err(|error| engine_failure(&error))?.0);
    }
    Ok(Loss {
        whole: share_of(&valid.outputs),
        packed: share_of(&outputs),
        rows: truth.len(),
    })
}

fn unfit(why: ShareError) -> Failure {
    Failure {
        kind: FailureKind::Input,
        what: why.to_string(),
        fix: String::new(),
    }
}
