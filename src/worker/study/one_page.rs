//! The whole model as one web page: opened from the disk, without a network, it predicts, explains and
//! scores a table.
//!
//! The page is `one-page.html` of this app with everything that it would fetch written into it: the
//! library, the worker for the CPU, the model as Burnish's own file, and the base model where texts are
//! read. Bytes stand in it as Base64, in pieces, so that no string is longer than needed.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::Scene;
use super::files::{bring_encoder, model_of};
use super::opened::usual_row;
use crate::domain::base_model;
use crate::domain::encoder::OwnEncoder;
use crate::domain::report::{Input, InputKind};
use crate::domain::words;
use crate::engine::export;
use crate::protocol::{Failure, FailureKind, RunAnswer};
use crate::view::take_along::Offer;
use crate::worker::port::Parts;
use crate::worker::session::asset_failure;

/// Id of the file.
pub(super) const ID: &str = "one_page";

/// The page without anything in it.
const TEMPLATE: &str = "one-page.html";
/// What it is built on: scripts without imports, so that they can follow each other.
const LIBRARY: [&str; 2] = ["burnish.js", "try-model.js"];
/// Where the library goes.
const LIBRARY_SLOT: &str = "/*burnish:library*/";
/// How it looks.
const STYLE: &str = "burnish.css";
/// Where the style goes.
const STYLE_SLOT: &str = "/*burnish:style*/";
/// Where the bytes go.
const DATA_SLOT: &str = "<!--burnish:data-->";
/// How the page names the worker's script and its module.
const PROGRAM: [(&str, &str); 2] = [
    ("program.js", "<meta name=\"burnish:glue\" content=\""),
    ("program.wasm", "<meta name=\"burnish:module\" content=\""),
];

/// Bytes of a piece: a multiple of three, so that the pieces' Base64 can be read one by one.
const PIECE: usize = 3 << 20;

/// Files up to this size are packed: larger ones are weights, which hardly get smaller.
const MOST_PACKED: usize = 16 << 20;

/// Bytes of the worker, packed, with the page around it.
const PROGRAM_BYTES: u64 = 2_930_000;

/// A text that no table gave: what the model says of it is no secret.
const PLAIN_TEXT: &str = "The quick brown fox jumps over the lazy dog.";

/// The page reaches no files but its own.
const TOO_LARGE: &str = "Your encoder is too large to be inside.";

/// Rows that the page checks itself by.
const GOLDEN_ROWS: usize = 4;

/// The page among what can be taken along. `encoder` is one that a person brought.
pub(super) fn offer(scene: &Scene<'_>, encoder: Option<&OwnEncoder>) -> Offer {
    let run = scene.run;
    let own = export::find("burnish").expect("it is in the list");
    let base = base_model::find(&run.recipe.base_model).filter(|_| run.base.is_some());
    let base = base.map_or(0, |base| base.weights.bytes + base.tokenizer.bytes);
    let learned = own.size(run.report.parameters);
    let brought = encoder.map_or(0, OwnEncoder::bytes);
    let bytes = (learned + base + brought + PROGRAM_BYTES) * 4 / 3;
    let refusal = match export::goes_along(brought, learned) {
        true => export::refusal(own, &run.recipe),
        false => Some(TOO_LARGE),
    };
    Offer {
        file: ID.to_owned(),
        name: "One-file page".to_owned(),
        about: "A web page with the model, its base model and all that runs them: a double click opens it \
                without a network or an installation, to predict, explain and score a table. It checks \
                itself by rows that were made up for it. No row of your data is in it, but labels and the \
                values that steps and columns know are."
            .to_owned(),
        size: format!("about {}", words::bytes(bytes)),
        refusal: refusal.map(str::to_owned),
    }
}

/// Writes the page.
///
/// # Errors
/// When the model has no such form, or a part of the app cannot be fetched.
pub(super) async fn write(scene: &Scene<'_>, parts: &mut Parts) -> Result<(), Failure> {
    let own = export::find("burnish").expect("it is in the list");
    if let Some(why) = export::refusal(own, &scene.run.recipe) {
        return Err(Failure {
            kind: FailureKind::Input,
            what: why.to_owned(),
            fix: "Choose another form.".to_owned(),
        });
    }
    let template = text_of(scene, TEMPLATE).await?;
    let mut library = String::new();
    for path in LIBRARY {
        library += &text_of(scene, path).await?;
    }
    let style = text_of(scene, STYLE).await?;
    let page = Page::of(&template, &library, &style).ok_or_else(|| Failure {
        kind: FailureKind::Model,
        what: format!("{TEMPLATE} is not the page that this app was made with."),
        fix: "Reload the page and try again.".to_owned(),
    })?;
    parts.push(page.before.into_bytes());
    for (name, path) in page.program {
        put(parts, name, &fetched(scene, &path).await?);
    }
    let base = base_model::find(&scene.run.recipe.base_model).filter(|_| scene.run.base.is_some());
    if let Some(base) = base {
        for file in [&base.tokenizer, &base.weights] {
            scene.breathe("Reading the base model", None).await?;
            let bytes = scene
                .session
                .assets
                .model_file(base.id, file, |_, _| {})
                .await;
            let bytes = bytes.map_err(|error| asset_failure(&error))?;
            put(parts, &format!("models/{}/{}", base.id, file.path), &bytes);
        }
    }
    let mut model = model_of(scene).await?;
    bring_encoder(scene, &mut model).await?;
    if model.own.as_ref().is_some_and(|own| own.files.is_none()) {
        return Err(Failure {
            kind: FailureKind::Input,
            what: TOO_LARGE.to_owned(),
            fix: "Choose another form.".to_owned(),
        });
    }
    scene.breathe("Writing the page", None).await?;
    let bytes = own.export(&model).map_err(|error| Failure {
        kind: FailureKind::Input,
        what: format!("The page cannot be written: {error}."),
        fix: "Choose another form.".to_owned(),
    })?;
    put(parts, own.ending(), &bytes);
    let golden = golden(scene).await?;
    put(parts, "golden.json", golden.to_string().as_bytes());
    parts.push(page.after.into_bytes());
    Ok(())
}

async fn text_of(scene: &Scene<'_>, path: &str) -> Result<String, Failure> {
    let bytes = fetched(scene, path).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn fetched(scene: &Scene<'_>, path: &str) -> Result<Vec<u8>, Failure> {
    scene.breathe("Reading the app's own files", None).await?;
    let bytes = scene.session.assets.fetch(path, |_, _| {}).await;
    bytes.map_err(|error| asset_failure(&error))
}

/// What stands around the bytes.
struct Page {
    before: String,
    after: String,
    /// The worker's files: what the page calls them, and where they are.
    program: Vec<(&'static str, String)>,
}

impl Page {
    /// `None` when the template has other slots.
    fn of(template: &str, library: &str, style: &str) -> Option<Self> {
        let program = PROGRAM.map(|(name, mark)| {
            let (_, rest) = template.split_once(mark)?;
            let (path, _) = rest.split_once('"')?;
            Some((name, path.trim_start_matches("./").to_owned()))
        });
        let program = program.into_iter().collect::<Option<Vec<_>>>()?;
        let (before, after) = template.split_once(DATA_SLOT)?;
        let (head, tail) = after.split_once(LIBRARY_SLOT)?;
        let (before, more) = before.split_once(STYLE_SLOT)?;
        Some(Self {
            before: [before, style, more].concat(),
            after: [head, library, tail].concat(),
            program,
        })
    }
}

/// Writes a file's bytes into the page.
fn put(parts: &mut Parts, name: &str, bytes: &[u8]) {
    let packed = (bytes.len() <= MOST_PACKED).then(|| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let done = encoder.write_all(bytes).and_then(|()| encoder.finish());
        done.expect("memory takes everything")
    });
    let packing = if packed.is_some() { "gzip" } else { "" };
    for piece in packed.as_deref().unwrap_or(bytes).chunks(PIECE) {
        let encoded = STANDARD.encode(piece);
        let block = format!(
            "<script type=\"application/octet-stream\" data-file=\"{name}\" data-packed=\"{packing}\">{encoded}</script>\n"
        );
        parts.push(block.into_bytes());
    }
}

/// Made-up rows with what the model says of them, by which the page checks itself.
async fn golden(scene: &Scene<'_>) -> Result<Value, Failure> {
    let labels = scene.run.report.evaluation.names();
    let mut told = Vec::new();
    for at in 0..GOLDEN_ROWS {
        scene.breathe("Answering made-up rows", None).await?;
        let row = made_up(&scene.run.report.inputs, labels, &usual_row(scene), at);
        let cells: serde_json::Map<String, Value> = row
            .iter()
            .map(|(name, cell)| (name.clone(), cell.as_str().into()))
            .collect();
        let RunAnswer::Predicted { prediction, .. } = scene.run.predict(row).await? else {
            continue;
        };
        told.push(json!({ "row": cells, "prediction": prediction }));
    }
    Ok(Value::Array(told))
}

/// The row number `at`: in texts a plain sentence or a label's name, else a value that the column knows.
fn made_up(
    inputs: &[Input],
    labels: &[String],
    usual: &[(String, String)],
    at: usize,
) -> Vec<(String, String)> {
    let cell = |input: &Input, usual: &str| match input.kind {
        InputKind::Text => match at.checked_sub(1) {
            Some(next) if !labels.is_empty() => labels[next % labels.len()].replace('_', " "),
            _ => PLAIN_TEXT.to_owned(),
        },
        _ if input.values.is_empty() => usual.to_owned(),
        _ => input.values[at % input.values.len()].clone(),
    };
    let rows = inputs.iter().zip(usual);
    rows.map(|(input, (name, usual))| (name.clone(), cell(input, usual)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = include_str!("../../../public/one-page.html");
    const OWN_LIBRARY: &str = concat!(
        include_str!("../../../public/burnish.js"),
        include_str!("../../../public/try-model.js")
    );
    const OWN_STYLE: &str = include_str!("../../../public/burnish.css");

    #[test]
    fn the_page_that_is_shipped_has_its_slots() {
        let page = Page::of(OWN, OWN_LIBRARY, OWN_STYLE).expect("it has them");
        let program: Vec<&str> = page.program.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(program, ["worker.js", "worker_bg.wasm"]);
        assert!(page.after.contains("export class BurnishError"));
        assert!(!page.after.contains(LIBRARY_SLOT) && !page.before.contains(DATA_SLOT));
        // It would end the script that the library stands in.
        assert!(!OWN_LIBRARY.contains("</script") && !OWN_STYLE.contains("</style"));
        assert!(!OWN_LIBRARY.lines().any(|line| line.starts_with("import ")));
        assert!(Page::of("<p>no page</p>", OWN_LIBRARY, OWN_STYLE).is_none());
    }

    #[test]
    fn the_library_speaks_the_protocol_of_the_worker() {
        let own = format!("const PROTOCOL = {};", crate::protocol::PROTOCOL);
        assert!(OWN_LIBRARY.contains(&own), "{own}");
        let beside = format!("const BESIDE = {:#x};", crate::protocol::TableId::BESIDE.0);
        assert!(OWN_LIBRARY.contains(&beside), "{beside}");
    }

    #[test]
    fn made_up_rows_come_from_what_the_model_knows() {
        let input = |column: &str, kind, values: &[&str]| Input {
            column: column.to_owned(),
            kind,
            values: values.iter().map(|&value| value.to_owned()).collect(),
            example: "7".to_owned(),
        };
        let inputs = [
            input("text", InputKind::Text, &[]),
            input("plan", InputKind::Choice, &["basic", "full"]),
            input("age", InputKind::Number, &[]),
        ];
        let usual = ["", "basic", "41"];
        let usual: Vec<(String, String)> = inputs
            .iter()
            .zip(usual)
            .map(|(input, cell)| (input.column.clone(), cell.to_owned()))
            .collect();
        let labels = ["card_lost".to_owned(), "refund".to_owned()];
        let cells = |at| -> Vec<String> {
            let row = made_up(&inputs, &labels, &usual, at);
            row.into_iter().map(|(_, cell)| cell).collect()
        };
        assert_eq!(cells(0), [PLAIN_TEXT, "basic", "41"]);
        assert_eq!(cells(1), ["card lost", "full", "41"]);
        assert_eq!(cells(2), ["refund", "basic", "41"]);
    }
}
