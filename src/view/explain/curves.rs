//! How true an explanation is: the curves of taking parts away and putting them back.

use crate::domain::explanation::{Curve, Faithfulness, Output};
use crate::domain::words;
use crate::view::chart::{Axis, Plot, figure};
use crate::view::markup::{Markup, tag, text};

/// Both curves with their areas beside those of random order.
pub fn curves(found: &Faithfulness, output: Output, what: &str) -> Markup {
    let verdict = if found.beats_random() {
        format!("It beats random order on both: the {what} that it names first carry the answer.")
    } else {
        format!(
            "It does not beat random order on both here. Try another method, or read the {what} with care."
        )
    };
    let removal = half(
        &format!("Taking {what} away"),
        "lower is better",
        &found.deletion,
        &found.random_deletion,
        output,
        &format!("{what} taken away (%)"),
    );
    let insertion = half(
        &format!("Putting {what} back"),
        "higher is better",
        &found.insertion,
        &found.random_insertion,
        output,
        &format!("{what} put back (%)"),
    );
    tag("div", "faithfulness")
        .test_id("faithfulness")
        .child(text("p", "", verdict))
        .child(tag("div", "charts").child(removal).child(insertion))
        .done()
}

fn half(title: &str, better: &str, own: &Curve, random: &Curve, output: Output, x: &str) -> Markup {
    let points = |curve: &Curve| -> Vec<(f64, f64)> {
        let places = curve.shares.iter().zip(&curve.values);
        places.map(|(&x, &y)| (x, y)).collect()
    };
    let (area, other) = (words::figure(own.area()), words::figure(random.area()));
    let (own, random) = (points(own), points(random));
    let values = || own.iter().chain(&random).map(|point| point.1);
    let y = match output {
        Output::Number => Axis::number(
            "Answer",
            values().fold(f64::INFINITY, f64::min),
            values().fold(f64::NEG_INFINITY, f64::max),
        ),
        Output::Label(_) | Output::Has(_) => Axis::share("Probability (%)"),
    };
    let label = format!("{title}: area {area}, in random order {other}");
    let plot = Plot::new(&label, Axis::share(x), y)
        .line(random.iter().copied(), "line-guess")
        .line(own.iter().copied(), "line-own");
    let below = format!("Area {area}, in random order (dashed) {other}; {better}.");
    figure(title, plot.done(), text("p", "fine", below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_stand_beside_those_of_random_order() {
        let curve = |values: [f64; 2]| Curve {
            shares: vec![0.0, 1.0],
            values: values.into(),
        };
        let found = Faithfulness {
            deletion: curve([0.5, 0.0]),
            insertion: curve([0.5, 1.0]),
            random_deletion: curve([1.0, 0.0]),
            random_insertion: curve([0.0, 1.0]),
        };
        let made = curves(&found, Output::Label(0), "words").into_string();
        assert!(made.contains("beats random order"), "{made}");
        assert!(made.contains("Area 0.250, in random order (dashed) 0.500; lower is better"));
        assert!(made.contains("Area 0.750, in random order (dashed) 0.500; higher is better"));
    }
}
