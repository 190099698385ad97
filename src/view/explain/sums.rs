//! Whether the shares add up, and how they were found.

use super::signed;
use crate::domain::explanation::{Explanation, Output};
use crate::domain::words::{NBSP, count, percent};
use crate::view::markup::{Markup, tag};

/// Within so much of the whole, shares are said to add up.
const ADDS_UP: f64 = 0.01;

/// What the shares add up to, as a sentence, and what that cost.
pub fn sums(explanation: &Explanation, output: Output, milliseconds: f64) -> Markup {
    let unit = match output {
        Output::Number => "",
        Output::Label(_) | Output::Has(_) => " of log-odds",
    };
    let cost = format!(
        "The model was asked {} in {:.0}{NBSP}ms.",
        times(explanation.asked),
        milliseconds
    );
    let sum: f64 = explanation.shares.iter().sum();
    let said = match (explanation.base, explanation.completeness_error()) {
        (Some(base), Some(error)) => {
            let whole = explanation.value - base;
            let adds_up = if error <= ADDS_UP {
                format!("They add up: {} of {}{unit}", signed(sum), signed(whole))
            } else {
                format!(
                    "They do not quite add up: {} of {}{unit}",
                    signed(sum),
                    signed(whole)
                )
            };
            format!("{adds_up}, {} missed. {cost}", missed(error))
        }
        _ => format!("This method does not promise that its shares add up. {cost}"),
    };
    tag("p", "fine").test_id("completeness").text(said).done()
}

fn missed(error: f64) -> String {
    if error < 0.0005 {
        format!("less than 0.1{NBSP}%")
    } else {
        percent(error)
    }
}

fn times(asked: u32) -> String {
    if asked == 1 {
        "once".to_owned()
    } else {
        format!("{} times", count(u64::from(asked)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_whether_shares_add_up() {
        let mut explanation = Explanation {
            method: "m".to_owned(),
            shares: vec![2.0, 0.99],
            half_widths: None,
            value: 4.0,
            base: Some(1.0),
            asked: 34,
        };
        let say = |explanation: &Explanation| {
            sums(explanation, Output::Label(0), 12.4)
                .into_string()
                .replace(NBSP, " ")
        };
        assert!(say(&explanation).contains(
            "They add up: +2.99 of +3.00 of log-odds, 0.3 % missed. The model was asked 34 times in 12 ms."
        ));
        explanation.shares[0] = 1.0;
        assert!(say(&explanation).contains("not quite add up"));
        explanation.base = None;
        explanation.asked = 1;
        assert!(say(&explanation).contains("does not promise"));
        assert!(say(&explanation).contains("asked once"));
    }
}
