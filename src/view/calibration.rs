//! Whether 80 % sure means right in 80 of 100, and what one number can mend.

use super::chart::{Axis, Plot, figure};
use super::field::{choice, fields};
use super::markup::{Markup, element, tag, text};
use crate::domain::evaluation::{Calibration, CalibrationState, Calibrator, Reliability};
use crate::domain::words;

/// Below so many points apart, a model counts as well calibrated.
const WELL: f64 = 0.02;

/// Before and after. `has_isotonic` says whether there are two labels.
pub fn calibration(calibration: &Calibration, has_isotonic: bool) -> Markup {
    let Calibration {
        calibrator,
        before,
        after,
    } = calibration;
    let (id, name) = match calibrator {
        Calibrator::Temperature(_) => ("temperature", "After temperature scaling"),
        Calibrator::Isotonic(_) => ("isotonic", "After isotonic regression"),
    };
    let methods = [
        ("temperature", "Temperature scaling"),
        ("isotonic", "Isotonic regression"),
    ];
    let methods = methods.map(|(id, words)| (id.to_owned(), words.to_owned()));
    let knobs = has_isotonic
        .then(|| fields([choice(("calibration", "method"), "Mended by", &methods, id)]));
    let how = match calibrator {
        Calibrator::Temperature(temperature) => format!(
            "Dividing the logits by {:.2}, which changes no answer,",
            temperature.0
        ),
        Calibrator::Isotonic(_) => "A rising function of the probability".to_owned(),
    };
    let errors = [before, after].map(|state| state.reliability.expected_error);
    let does = if errors[1] < errors[0] {
        "takes the expected calibration error"
    } else {
        "does not help on these rows: the expected calibration error goes"
    };
    let mended = format!(
        "{how} {does} from {} to {}.",
        words::percent(errors[0]),
        words::percent(errors[1])
    );
    Markup::from(knobs)
        .then(
            tag("p", "lead")
                .test_id("calibration")
                .text(sureness(&before.reliability))
                .text(" ")
                .text(mended),
        )
        .then(
            tag("div", "charts")
                .child(diagram("As the model says it", before))
                .child(diagram(name, after)),
        )
        .then(table(before, after, name))
        .then(text(
            "p",
            "fine",
            "Fitted on the validation rows, drawn and judged on the test rows. A point is a tenth or so of the confidences with its 95 % interval; on the dashed line confidence and truth agree.",
        ))
}

/// Whether the model is too sure, as a sentence.
fn sureness(reliability: &Reliability) -> String {
    let apart = reliability.overconfidence;
    if apart.abs() < WELL {
        return "Taken together, the model is about as sure as it is right.".to_owned();
    }
    format!(
        "The model is too {}: by {:.1} points over all test rows.",
        if apart > 0.0 { "sure" } else { "unsure" },
        100.0 * apart.abs()
    )
}

fn diagram(title: &str, state: &CalibrationState) -> Markup {
    let bins = state.reliability.bins.iter().filter(|bin| bin.rows > 0);
    let mut plot = Plot::new(
        &format!(
            "Reliability diagram, {title}: expected calibration error {:.3}",
            state.reliability.expected_error
        ),
        Axis::share("How sure it is (%)"),
        Axis::share("How often it is right (%)"),
    )
    .line([(0.0, 0.0), (1.0, 1.0)], "line-guess")
    .line(
        bins.clone().map(|bin| (bin.confidence, bin.accuracy)),
        "line-own",
    );
    for bin in bins.clone() {
        plot = plot.whisker(bin.confidence, bin.interval);
    }
    for bin in bins {
        let words = format!(
            "{} between {:.0} and {:.0} % sure: {} right",
            words::rows(bin.rows.into()),
            100.0 * bin.low,
            100.0 * bin.high,
            words::percent(bin.accuracy)
        );
        plot = plot.dot((bin.confidence, bin.accuracy), "dot-own", &words);
    }
    figure(title, plot.done(), Markup::default())
}

fn table(before: &CalibrationState, after: &CalibrationState, name: &str) -> Markup {
    let line = |id: &str, words: &str, of: fn(&CalibrationState) -> f64| {
        element("tr")
            .test_id(format_args!("calibration-{id}"))
            .child(element("th").attr("scope", "row").text(words))
            .children([before, after].map(|state| text("td", "num", words::figure(of(state)))))
    };
    let heads = ["On the test rows", "As it is", name];
    let heads = heads.into_iter().enumerate().map(|(at, head)| {
        tag("th", if at == 0 { "" } else { "num" })
            .attr("scope", "col")
            .text(head)
    });
    tag("div", "table-scroll")
        .child(
            tag("table", "grid plain")
                .child(element("thead").child(element("tr").children(heads)))
                .child(
                    element("tbody")
                        .child(line("ece", "Expected calibration error", |state| {
                            state.reliability.expected_error
                        }))
                        .child(line("log_loss", "Log loss", |state| state.log_loss))
                        .child(line("brier", "Brier score", |state| state.brier)),
                ),
        )
        .done()
}
