//! The verdict: one sentence, and what it is worth.

use super::baselines::{self, Rival};
use super::markup::{Markup, tag};
use crate::domain::evaluation::{Comparison, Verdict};
use crate::domain::recipe::Method;
use crate::domain::report::{Evaluation, rivals};
use crate::domain::words::{self, NBSP};

/// The verdict on a run, beside the best of the models that are no runs of this kind.
pub fn verdict(evaluation: &Evaluation, method: Method, rivals: &[Rival]) -> Markup {
    let (headline, detail) = sentences(evaluation, method);
    let rows = evaluation.rows.len() as u64;
    let standing = best(rivals, method);
    told(&headline, &detail, standing, rows)
}

/// The verdict on a run that does not choose one label out of several, in words made elsewhere.
pub fn other_verdict(headline: &str, detail: &str, rivals: &[Rival], rows: u64) -> Markup {
    told(headline, detail, best(rivals, Method::Full), rows)
}

fn told(headline: &str, detail: &str, rival: Option<(&Rival, &Comparison)>, rows: u64) -> Markup {
    let standing = rival.map(|(rival, compared)| {
        let (kind, sentence) = standing(rival, compared, rows);
        tag("p", &format!("standing is-{kind}"))
            .test_id("standing")
            .text(sentence)
    });
    tag("section", "verdict")
        .attr("aria-label", "Verdict")
        .child(
            tag("p", "verdict-headline")
                .test_id("verdict")
                .text(headline),
        )
        .child(
            tag("p", "verdict-detail")
                .test_id("verdict-detail")
                .text(detail),
        )
        .child(standing)
        .done()
}

/// `98.3 % right on 480 rows it never saw`, the interval, and the baselines.
fn sentences(evaluation: &Evaluation, method: Method) -> (String, String) {
    let accuracy = evaluation.metric("accuracy").unwrap_or(0.0);
    let [low, high] = evaluation.accuracy_interval;
    let headline = format!(
        "{} right on {} it never saw",
        words::percent(accuracy),
        words::rows(evaluation.rows.len() as u64)
    );
    let mut detail = format!(
        "95{NBSP}% interval: {} to {}{NBSP}%.",
        words::percent_figure(low),
        words::percent_figure(high)
    );
    let others: Vec<String> = rivals(&evaluation.baselines, method)
        .into_iter()
        .map(|(id, accuracy)| match id {
            "majority" => format!(
                "always guessing the most frequent label gets {}",
                words::percent(accuracy)
            ),
            "label_names" => format!("the label names alone {}", words::percent(accuracy)),
            "word_counts" => format!("counting words {}", words::percent(accuracy)),
            "linear" => format!("a plain linear model {}", words::percent(accuracy)),
            "probe" => format!("the frozen model {}", words::percent(accuracy)),
            other => format!("{other} {}", words::percent(accuracy)),
        })
        .collect();
    if !others.is_empty() {
        let mut sentence = others.join(", ");
        if let Some(first) = sentence.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        detail = format!("{detail} {sentence}.");
    }
    (headline, detail)
}

/// The best simple model, and how the run compares with it. A new layer on the frozen model is what
/// the quick method is, so that one is no rival of it.
fn best(rivals: &[Rival], method: Method) -> Option<(&Rival, &Comparison)> {
    rivals
        .iter()
        .filter(|rival| !(method == Method::Head && rival.id == "probe"))
        .filter(|rival| !rival.id.starts_with("run-"))
        .filter_map(|rival| Some((rival, rival.compared.as_ref()?)))
        .min_by(|a, b| a.1.gain.total_cmp(&b.1.gain))
}

/// How a run stands beside its best rival: good, fair or poor, and why, as a sentence.
fn standing(rival: &Rival, compared: &Comparison, rows: u64) -> (&'static str, String) {
    let other = baselines::spoken(&rival.id);
    let by = &compared.sentence;
    match compared.verdict {
        Verdict::Better => (
            "good",
            format!("The best baseline is {other}; this run is {by}."),
        ),
        Verdict::Worse => (
            "poor",
            format!(
                "The best baseline is {other}; this run is {by}. Another method or more rows may do better."
            ),
        ),
        Verdict::NotDistinguishable => (
            "fair",
            format!("On {} this run is {by}.", words::rows(rows)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::{Baseline, MetricValue};
    use crate::domain::split::Part;

    fn plain(text: &str) -> String {
        text.replace(NBSP, " ")
    }

    fn evaluation(accuracy: f64, interval: [f64; 2]) -> Evaluation {
        let figure = |value| {
            vec![MetricValue {
                id: "accuracy".into(),
                name: "Accuracy".into(),
                value,
            }]
        };
        Evaluation {
            part: Part::Test,
            labels: Vec::new(),
            metrics: figure(accuracy),
            accuracy_interval: interval,
            classes: Vec::new(),
            confusion: Vec::new(),
            rows: Vec::new(),
            baselines: vec![
                Baseline {
                    id: "majority".into(),
                    name: String::new(),
                    metrics: figure(0.825),
                },
                Baseline {
                    id: "probe".into(),
                    name: String::new(),
                    metrics: figure(0.969),
                },
            ],
        }
    }

    #[test]
    fn the_verdict_names_the_baselines() {
        let (headline, detail) = sentences(&evaluation(0.9834, [0.967, 0.9911]), Method::Lora);
        assert_eq!(plain(&headline), "98.3 % right on 0 rows it never saw");
        assert_eq!(
            plain(&detail),
            "95 % interval: 96.7 to 99.1 %. Always guessing the most frequent label gets 82.5 %, the frozen model 96.9 %."
        );
    }

    #[test]
    fn the_quick_method_is_not_compared_with_itself() {
        let (_, detail) = sentences(&evaluation(0.969, [0.95, 0.98]), Method::Head);
        assert!(!detail.contains("frozen"), "{detail}");
    }

    #[test]
    fn the_best_rival_decides() {
        let rival = |id: &str, gain: f64, verdict, sentence: &str| Rival {
            id: id.into(),
            name: String::new(),
            share: 0.9,
            interval: None,
            figure: String::new(),
            compared: Some(Comparison {
                id: "accuracy".into(),
                gain,
                interval: None,
                verdict,
                sentence: sentence.into(),
            }),
        };
        let same = "not distinguishable from the frozen model";
        let rivals = [
            rival("majority", 0.1, Verdict::Better, "better by 10.0 points"),
            rival("word_counts", 0.02, Verdict::Better, "better by 2.0 points"),
            rival("probe", 0.0, Verdict::NotDistinguishable, same),
            rival("run-3", -0.1, Verdict::Worse, "worse"),
        ];
        let said = |method| {
            let (rival, compared) = best(&rivals, method).unwrap();
            standing(rival, compared, 480)
        };
        assert_eq!(said(Method::Lora).0, "fair");
        let (kind, sentence) = said(Method::Head);
        assert_eq!(kind, "good");
        assert!(sentence.contains("counting words; this run is better by 2.0 points"));
    }
}
