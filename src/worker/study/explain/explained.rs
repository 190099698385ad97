//! One row explained.

use super::super::{Drawn, Scene, Study};
use super::rows::said;
use super::{breath, chosen, failed, labels, opened, subject};
use crate::domain::metric::most_probable;
use crate::domain::words::percent;
use crate::engine::explain::Subject;
use crate::protocol::Failure;
use crate::view::explain::shares::{Share, shares};
use crate::view::explain::{controls, sums, words};
use crate::view::markup::{Markup, tag, text};
use crate::worker::clock;

/// One row explained by one method.
pub(in crate::worker::study) struct Explained;

impl Study for Explained {
    fn id(&self) -> &'static str {
        "explanation"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(of_words(scene))
    }
}

async fn of_words(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let method = chosen(scene)?;
    let model = opened(scene).await?;
    let breathe = breath(scene, "Explaining");
    let began = clock::now();
    let (subject, read) = subject(scene, &model, &breathe).await?;
    let names = labels(scene);
    let name = |label: usize| names.get(label).map_or("", String::as_str);
    let mut answer = said(scene, &names, &subject.answer);
    if subject.label() != most_probable(&subject.answer) as usize {
        let share = subject.answer[subject.label()];
        answer += &format!("; {} has {}", name(subject.label()), percent(share.into()));
    }
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
        .then(controls::on_request(
            "faithfulness",
            "Check it",
            "Takes the words away in this order, and puts them back, beside random order.",
        ))
        .then(controls::on_request(
            "counterfactual",
            "What would change the answer?",
            "Looks for the fewest words without which the answer is another one.",
        ))
        .then(controls::on_request(
            "near",
            "Show the nearest training rows",
            "Those that the tuned model sees as most alike.",
        )))
}
