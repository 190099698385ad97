//! How often the test rows were looked at, and when that is too often.

use super::markup::{Markup, tag};
use crate::domain::words;

/// The half length of a 95 % interval, in standard errors.
const HALF: f64 = 1.96;

/// What was looked at, and what follows. `looks` counts the runs that these rows have judged.
///
/// The best of `k` equally good runs looks better than it is by `sqrt(2 ln k)` standard errors at the
/// most on average (the bound on the mean of the largest of `k` normal values; Boucheron, Lugosi and
/// Massart 2013, "Concentration inequalities", theorem 2.5). Once that is more than half the
/// interval, fresh rows are due: from the seventh run on.
pub fn looks(looks: u32) -> Markup {
    if looks < 2 {
        return Markup::default();
    }
    let errors = (2.0 * f64::from(looks).ln()).sqrt();
    let (class, advice) = if errors > HALF {
        (
            "looks is-often",
            " Choosing the best of so many by these rows makes it look better than it is, by as much as the interval is wide. Choose another seed or hold other rows apart for a figure to rely on.",
        )
    } else {
        ("looks", " Choose between runs by their validation rows.")
    };
    tag("p", class)
        .test_id("looks")
        .text(format_args!(
            "These test rows have judged {} runs.",
            words::count(looks.into())
        ))
        .text(advice)
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seventh_look_is_one_too_many() {
        assert!(looks(1).is_empty());
        assert!(!looks(6).as_str().contains("is-often"));
        assert!(looks(7).as_str().contains("is-often"));
    }
}
