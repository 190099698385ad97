//! Every part says what it is given, and no figure that is no number.

use super::markup::Markup;
use super::{abstain, calibration, curves, fit, folds, learning, numbers, slices, threshold};
use crate::domain::cross_validation::CrossValidation;
use crate::domain::evaluation::{
    Advice, Bootstrap, Calibration, Calibrator, FitReading, FitScore, FitVerdict, LearningCurve,
    SizePoint, SliceColumn, advise, bound_for, coverage_curve, find_slices, label_curves, read_fit,
    residuals, sureness,
};
use crate::domain::features::TablePlan;
use crate::domain::features::network::Combiner;
use crate::domain::metric::{Classes, Numbers};
use crate::domain::recipe::{DataProfile, Recipe};
use crate::domain::report::{Ended, MetricValue, RangeReport};
use crate::domain::words;

const TRUTH: [u32; 8] = [0, 0, 0, 0, 1, 1, 1, 0];
const SURE: [f32; 16] = [
    0.99, 0.01, 0.95, 0.05, 0.9, 0.1, 0.6, 0.4, 0.2, 0.8, 0.05, 0.95, 0.7, 0.3, 0.02, 0.98,
];

fn classes() -> Classes<'static> {
    Classes::new(2, &TRUTH, &SURE).unwrap()
}

fn names() -> [String; 2] {
    ["ham".to_owned(), "<b>spam".to_owned()]
}

#[track_caller]
fn check(markup: &Markup, expected: &[&str]) {
    let shown = markup.as_str().replace(words::NBSP, " ");
    for words in expected {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("NaN") && !shown.contains("inf"), "{shown}");
    assert!(!shown.contains("<b>spam"), "a label is no markup");
}

#[test]
fn calibration_is_told_before_and_after() {
    let calibrator = Calibrator::temperature(&classes()).unwrap();
    let judged = Calibration::judge(calibrator, &classes()).unwrap();
    let shown = calibration::calibration(&judged, true);
    check(
        &shown,
        &["too sure", "Dividing the logits by", "calibration-method"],
    );
    let before = words::figure(judged.before.reliability.expected_error);
    check(&shown, &[&before, "Reliability diagram"]);
}

#[test]
fn curves_name_their_label_and_area() {
    let found = label_curves(&classes(), 1).unwrap();
    let shown = curves::curves(&names(), &found);
    let area = format!("Area {:.3}", found.roc_area);
    check(
        &shown,
        &[
            "ROC curve of &lt;b&gt;spam",
            &area,
            "<path class=\"line-own\"",
        ],
    );
}

#[test]
fn a_threshold_is_judged_beside_the_usual_choice() {
    let wish = threshold::Wish {
        label: 1,
        goal: "cost".to_owned(),
        wanted: 0.95,
        costs: [1.0, 5.0],
    };
    let called = |hits, false_alarms, missed| threshold::Called {
        hits,
        false_alarms,
        missed,
    };
    let found = Ok((0.25, called(3, 2, 0)));
    let shown = threshold::threshold(&names(), &wish, found, called(2, 1, 1));
    // Two false alarms of 1 each; one false alarm and one miss of 5.
    check(
        &shown,
        &[
            "from 25.0 % on",
            "66.7 %",
            ">2.00<",
            ">6.00<",
            "threshold-miss",
        ],
    );
    let why = Err("No threshold reaches that.".to_owned());
    let shown = threshold::threshold(&names(), &wish, why, called(0, 0, 3));
    check(&shown, &["No threshold reaches that.", "0.0 %"]);
}

#[test]
fn an_abstain_band_says_how_many_rows_remain() {
    let curve = coverage_curve(&classes());
    let chosen = bound_for(sureness(&classes()), 0.8);
    let shown = abstain::abstain(0.8, &curve, chosen, chosen);
    check(&shown, &["leave the rest to a person", "dot-own"]);
    let shown = abstain::abstain(1.0, &curve, None, None);
    check(&shown, &["do not reach 100.0 %"]);
}

#[test]
fn the_worst_slice_comes_with_its_rows() {
    let errors: Vec<f64> = (0..60)
        .map(|row| f64::from(u8::from(row < 20 && row % 4 > 0)))
        .collect();
    let values = (0..60).map(|row| Some(if row < 20 { "bad" } else { "good" }));
    let column = SliceColumn::values("<i>part", values);
    let report = find_slices(&errors, &[column], &Bootstrap::new(1)).unwrap();
    let shown = slices::slices(&report, "wrong", words::percent);
    check(
        &shown,
        &[
            "One group of rows is worse",
            "75.0 %",
            "data-knob-group=\"bad\"",
        ],
    );
    assert!(!shown.as_str().contains("<i>"));
}

#[test]
fn a_learning_curve_is_drawn_to_twice_the_rows() {
    let point = |rows, error| SizePoint { rows, error };
    let points = [
        point(50, 0.3),
        point(100, 0.22),
        point(200, 0.17),
        point(400, 0.13),
    ];
    let curve = LearningCurve::fit(&points).unwrap();
    let shown = learning::learning(&curve, learning::Error::Wrong, "Measured.");
    check(&shown, &[&curve.sentence, ">800<", "13.0 % wrong"]);
    let shown = learning::learning(&curve, learning::Error::Unexplained, "Measured.");
    check(&shown, &["13.0 % not explained", "Not explained (%)"]);
}

#[test]
fn numbers_are_drawn_with_their_errors() {
    let truth: Vec<f64> = (0..40).map(f64::from).collect();
    let predicted: Vec<f64> = truth.iter().map(|x| x * 0.9 + 1.0).collect();
    let found = residuals(&Numbers::new(&truth, &predicted).unwrap()).unwrap();
    let ranges = RangeReport {
        promised: 0.9,
        held: 0.875,
        held_interval: [0.74, 0.95],
        mean_width: 4.5,
    };
    let shown = numbers::numbers(&found, Some(&ranges));
    check(
        &shown,
        &[
            "hold 87.5 % (74.0 to 95.0 %)",
            "4.50 wide",
            "plot-cloud",
            "bar-own",
        ],
    );
    // A single row has no spread to draw.
    let one = residuals(&Numbers::new(&[2.0], &[2.0]).unwrap()).unwrap();
    check(&numbers::numbers(&one, None), &["plot-cloud"]);
}

#[test]
fn folds_show_mean_and_spread() {
    let value = |value| {
        vec![MetricValue {
            id: "accuracy".into(),
            name: "Accuracy".into(),
            value,
        }]
    };
    let found = CrossValidation::of(&[value(0.8), value(0.9)], Vec::new());
    check(
        &folds::folds(&found),
        &["0.850", "± 0.071", "0.800, 0.900", "2 models"],
    );
}

#[test]
fn no_epoch_is_too_short_to_judge() {
    let reading = read_fit(&[], 0, FitScore::Accuracy);
    let advice = Advice {
        sentence: "Wait.",
        turns: Vec::new(),
    };
    let shown = fit::fit(&reading, &advice, true);
    check(&shown, &["Too short to tell", "Wait."]);
    assert!(!shown.as_str().contains("turns"));
}

#[test]
fn what_is_to_be_turned_can_be_turned() {
    let mut recipe = Recipe::suggest(Vec::new(), "<b>spam".into(), &DataProfile::empty());
    recipe.table = Some(Box::new(TablePlan::suggest(
        Vec::new(),
        Combiner::TabM,
        100,
    )));
    let reading = FitReading {
        verdict: FitVerdict::Memorises,
        ..read_fit(&[], 0, FitScore::Accuracy)
    };
    let advice = advise(&reading, &recipe, Ended::Complete, 100);
    let shown = fit::fit(&reading, &advice, true);
    check(
        &shown,
        &[
            "It has learned training rows by heart",
            "<b>Mixup</b> 0 → 0.2",
            "data-testid=\"turn-table-network-mixup\"",
            "aria-label=\"Turn to 0.2 and tune again: Mixup\"",
            "&quot;mixup&quot;:0.2",
        ],
    );
    assert_eq!(
        shown.as_str().matches("data-settings=").count(),
        advice.turns.len()
    );
    // Without its table nothing can be tuned again, and the advice stays.
    let shown = fit::fit(&reading, &advice, false);
    check(&shown, &["<b>Mixup</b> 0 → 0.2"]);
    assert!(!shown.as_str().contains("button"));
}
