//! One row explained.

use super::super::{Drawn, Scene, Study};
use super::columns::{Background, TypedRow, column_subject, laid_open, table_model};
use super::rows::said;
use super::{breath, chosen, failed, labels, opened, subject};
use crate::domain::explanation::Output;
use crate::domain::metric::most_probable;
use crate::domain::words::{percent, short_number};
use crate::engine::explain::Subject;
use crate::protocol::Failure;
use crate::view::explain::shares::{Ends, Share, shares, shares_between};
use crate::view::explain::{cells, controls, sums, words};
use crate::view::markup::{Markup, tag, text};
use crate::worker::clock;

/// One row explained by one method.
pub(in crate::worker::study) struct Explained;

impl Study for Explained {
    fn id(&self) -> &'static str {
        "explanation"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            if table_model(scene).is_some() {
                of_columns(scene).await
            } else {
                of_words(scene).await
            }
        })
    }
}

async fn of_columns(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let method = chosen(scene)?;
    let model = laid_open(scene)?;
    let background = Background::of(scene, &model).await?;
    let breathe = breath(scene, "Explaining");
    let began = clock::now();
    let row = TypedRow::of(scene)?;
    let (subject, before) = column_subject(scene, &model, &background, &row, &breathe).await?;
    let found = method.explain(&subject).await.map_err(failed)?;
    let milliseconds = (clock::now() - began) * 1e3;
    let names = labels(scene);
    let recipe = &scene.run.recipe;
    let bars: Vec<Share> = (0..)
        .zip(&model.names)
        .map(|(at, name)| Share {
            name: name.clone(),
            cell: Some(row.cell(name, &recipe.text)),
            share: found.shares[at],
            half_width: found.half_widths.as_ref().map(|all| all[at]),
        })
        .collect();
    let output = subject.output();
    let (unit, whole) = match output {
        Output::Number => {
            let whole = format!("The sum: {}", short_number(found.value));
            (format!("Adds to {}", recipe.target), whole)
        }
        Output::Label(label) | Output::Has(label) => {
            let name = &names[label];
            let share = percent(output.shown(found.value));
            (
                format!("Adds to the log-odds of {name}"),
                format!("The sum: {share} for {name}"),
            )
        }
    };
    let ends = found.base.map(|base| Ends {
        base: (format!("Where it starts: {}", background.words()), base),
        whole: (whole, found.value),
    });
    let log_odds = match output {
        Output::Number => "",
        _ => " Log-odds add up where probabilities do not: 0 is 50 %, +2.2 is 90 %, −2.2 is 10 %.",
    };
    let changes = row.changes();
    let edited = (changes > 0).then(|| cells::edited(changes, &said(scene, &names, &before)));
    Ok(tag("p", "explained-answer")
        .test_id("explained-answer")
        .text(answer_to(scene, &names, &subject.answer, output))
        .done()
        .then(edited)
        .then(text(
            "p",
            "fine",
            format_args!("{}{log_odds}", method.about()),
        ))
        .then(shares_between("Column", &unit, &bars, ends.as_ref()))
        .then(sums::sums(&found, output, milliseconds))
        .then(requests(
            scene,
            "columns",
            "Looks for the smallest change of columns with which the answer is another one.",
        )))
}

/// An answer in words; what the explained label has is said as well where it is another one.
fn answer_to(scene: &Scene, names: &[String], answer: &[f32], output: Output) -> String {
    let said = said(scene, names, answer);
    match output {
        Output::Number => format!("{} {said}", scene.run.recipe.target),
        Output::Label(label) if label != most_probable(answer) as usize => {
            let share = percent(answer[label].into());
            format!("{said}; {} has {share}", names[label])
        }
        Output::Has(label) => {
            let share = percent(answer[label].into());
            format!("{said}; {} has {share}", names[label])
        }
        _ => said,
    }
}

/// What can be asked about the explained row. A model from a file has no training rows to take other
/// cells from or to show.
fn requests(scene: &Scene, parts: &str, change: &str) -> Markup {
    let has_rows = scene.run.from_file.is_none();
    let counterfactual = (has_rows || table_model(scene).is_none())
        .then(|| controls::on_request("counterfactual", "What would change the answer?", change));
    let near = has_rows.then(|| {
        controls::on_request(
            "near",
            "Show the nearest training rows",
            "Those that the tuned model sees as most alike.",
        )
    });
    controls::on_request(
        "faithfulness",
        "Check it",
        &format!("Takes the {parts} away in this order, and puts them back, beside random order."),
    )
    .then(counterfactual)
    .then(near)
}

async fn of_words(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let method = chosen(scene)?;
    let model = opened(scene).await?;
    let breathe = breath(scene, "Explaining");
    let began = clock::now();
    let (subject, read) = subject(scene, &model, &breathe).await?;
    let names = labels(scene);
    let name = |label: usize| names.get(label).map_or("", String::as_str);
    let answer = answer_to(scene, &names, &subject.answer, subject.output());
    let answer = tag("p", "explained-answer")
        .test_id("explained-answer")
        .text(answer);
    if subject.words().is_empty() {
        return Ok(answer
            .done()
            .then(text("p", "fine", "Type at least one word.")));
    }
    let found = method.explain(&subject).await.map_err(failed)?;
    let milliseconds = (clock::now() - began) * 1e3;
    let half_width = |at: usize| found.half_widths.as_ref().map(|all| all[at]);
    let bars: Vec<Share> = (0..)
        .zip(subject.words())
        .map(|(at, word)| Share {
            name: read[word.bytes.clone()].to_owned(),
            cell: None,
            share: found.shares[at],
            half_width: half_width(at),
        })
        .collect();
    let cut = subject.is_cut().then(|| {
        text(
            "p",
            "fine",
            "The text is longer than the model reads; what is behind the cut is grey.",
        )
    });
    Ok(answer
        .done()
        .then(words::words(&read, subject.words(), &found.shares, &[]))
        .then(words::legend(name(subject.label())))
        .then(cut)
        .then(text("p", "fine", method.about()))
        .then(sums::sums(&found, subject.output(), milliseconds))
        .then(shares("Word", "Adds to the log-odds", &bars))
        .then(requests(
            scene,
            "words",
            "Looks for the fewest words without which the answer is another one.",
        )))
}
