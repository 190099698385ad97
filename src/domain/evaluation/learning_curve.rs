//! Whether more rows would help, and about how many: a power law through errors at several sizes.

use serde::{Deserialize, Serialize};

use super::EvaluationError;

/// The error falls at least this slowly, and at most this fast, with the number of rows.
const EXPONENTS: [f64; 2] = [0.01, 2.0];

/// Exponents that are tried before the best one is refined.
const GRID: u32 = 200;

/// Halvings of the interval around the best exponent.
const REFINEMENTS: u32 = 60;

/// Three points give a curve that goes through all of them, whatever they say.
const LEAST_SIZES: usize = 4;

/// More rows help when twice as many take off this share of the error.
const WORTH_WHILE: f64 = 0.05;

/// What more rows are asked to take off the error when their number is named.
const WANTED: f64 = 0.1;

/// Numbers beyond this many times the rows there are would be guesses.
const FURTHEST: f64 = 20.0;

/// The error that a model of so many training rows made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SizePoint {
    /// Training rows.
    pub rows: u32,
    /// Its error on the same held-out rows, 0 or above: 1 minus accuracy, or a loss.
    pub error: f64,
}

/// What the curve says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoreRows {
    /// Twice the rows take a twentieth off the error or more.
    Help,
    /// They take off less.
    HelpLittle,
    /// The points lie too far from any curve to say.
    Unclear,
}

/// `error = floor + scale * rows ^ -exponent`, fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearningCurve {
    /// What no number of rows takes off.
    pub floor: f64,
    /// The factor.
    pub scale: f64,
    /// How fast it falls.
    pub exponent: f64,
    /// Root of the mean squared distance of the points.
    pub misfit: f64,
    /// The points, by number of rows.
    pub points: Vec<SizePoint>,
    /// What follows.
    pub verdict: MoreRows,
    /// The rows that would take a tenth off the error of the largest size; `None` where 20 times the
    /// rows would not.
    pub rows_for_a_tenth: Option<u32>,
    /// The same in words.
    pub sentence: String,
}

impl LearningCurve {
    /// Fits by least squares, with floor and scale not below 0.
    ///
    /// Source: Cortes et al. 1994, "Learning curves: asymptotic values and rate of convergence";
    /// Viering and Loog 2022, "The shape of learning curves: a review", for how far to trust it.
    ///
    /// # Errors
    /// With fewer than four sizes, or when an error is not finite.
    pub fn fit(points: &[SizePoint]) -> Result<Self, EvaluationError> {
        let errors: Vec<f64> = points.iter().map(|point| point.error).collect();
        EvaluationError::check_finite(&errors)?;
        let mut points = points.to_vec();
        points.retain(|point| point.rows > 0);
        points.sort_by(|a, b| a.rows.cmp(&b.rows).then(a.error.total_cmp(&b.error)));
        let sizes = points.chunk_by(|a, b| a.rows == b.rows).count();
        EvaluationError::check_least("sizes of the training part", sizes, LEAST_SIZES)?;

        let misfit = |exponent: f64| line(&points, exponent).2;
        let [low, high] = EXPONENTS;
        let at = |step: u32| low + (high - low) * f64::from(step) / f64::from(GRID);
        let best = (0..=GRID)
            .min_by(|&a, &b| misfit(at(a)).total_cmp(&misfit(at(b))))
            .unwrap_or_default();
        let (mut low, mut high) = (at(best.saturating_sub(1)), at((best + 1).min(GRID)));
        for _ in 0..REFINEMENTS {
            let thirds = [low + (high - low) / 3.0, high - (high - low) / 3.0];
            if misfit(thirds[0]) <= misfit(thirds[1]) {
                high = thirds[1];
            } else {
                low = thirds[0];
            }
        }
        let exponent = 0.5 * (low + high);
        let (floor, scale, squares) = line(&points, exponent);
        let mut curve = Self {
            floor,
            scale,
            exponent,
            misfit: (squares / points.len() as f64).sqrt(),
            points,
            verdict: MoreRows::Unclear,
            rows_for_a_tenth: None,
            sentence: String::new(),
        };
        curve.judge();
        Ok(curve)
    }

    /// The error that so many training rows would make.
    pub fn error_at(&self, rows: f64) -> f64 {
        self.floor + self.scale * rows.powf(-self.exponent)
    }

    /// The training rows for an error; `None` where no number reaches it.
    pub fn rows_for(&self, error: f64) -> Option<f64> {
        (error > self.floor && self.scale > 0.0)
            .then(|| (self.scale / (error - self.floor)).powf(1.0 / self.exponent))
    }

    fn judge(&mut self) {
        let rows = f64::from(self.points[self.points.len() - 1].rows);
        let now = self.error_at(rows);
        let doubled = self.error_at(2.0 * rows);
        let gain = now - doubled;
        self.rows_for_a_tenth = self
            .rows_for((1.0 - WANTED) * now)
            .filter(|&wanted| wanted <= FURTHEST * rows)
            .map(|wanted| rounded_up(wanted - rows));
        let spread = self.points[0].error - self.points[self.points.len() - 1].error;
        if self.misfit > 0.5 * spread.abs() && self.misfit > WORTH_WHILE * now {
            self.verdict = MoreRows::Unclear;
            self.sentence = "The errors at the sizes tried do not follow a curve, so nothing can be said about more rows; try more sizes or more seeds.".to_owned();
            return;
        }
        let helps = gain > 0.0 && gain >= WORTH_WHILE * now;
        self.verdict = if helps {
            MoreRows::Help
        } else {
            MoreRows::HelpLittle
        };
        let forecast =
            format!("twice the rows would take the error from {now:.3} to about {doubled:.3}");
        self.sentence = match (helps, self.rows_for_a_tenth) {
            (true, Some(more)) => format!(
                "More rows would help: {forecast}, and about {more} more rows would take a tenth off it."
            ),
            (true, None) => format!("More rows would help: {forecast}."),
            (false, _) => format!("More rows would help little: {forecast}."),
        };
    }
}

/// Floor, scale and sum of squares of the best line in `rows ^ -exponent`, neither below 0.
fn line(points: &[SizePoint], exponent: f64) -> (f64, f64, f64) {
    let xs: Vec<f64> = points
        .iter()
        .map(|point| f64::from(point.rows).powf(-exponent))
        .collect();
    let count = points.len() as f64;
    let mean_x = xs.iter().sum::<f64>() / count;
    let mean_y = points.iter().map(|point| point.error).sum::<f64>() / count;
    let (mut along, mut across) = (0.0, 0.0);
    for (x, point) in xs.iter().zip(points) {
        along += (x - mean_x) * (point.error - mean_y);
        across += (x - mean_x).powi(2);
    }
    let scale = if across > 0.0 { along / across } else { 0.0 };
    let floor = mean_y - scale * mean_x;
    let squared_xs: f64 = xs.iter().map(|x| x * x).sum();
    let products: f64 = xs
        .iter()
        .zip(points)
        .map(|(x, point)| x * point.error)
        .sum();
    // Where the best line leaves the allowed quarter, the best on its edge is taken.
    let (floor, scale) = if scale < 0.0 {
        (mean_y, 0.0)
    } else if floor < 0.0 {
        (0.0, products / squared_xs)
    } else {
        (floor, scale)
    };
    let squares = xs.iter().zip(points);
    let squares = squares.map(|(x, point)| (floor + scale * x - point.error).powi(2));
    (floor, scale, squares.sum())
}

/// A number of rows as one would say it: two digits that count.
fn rounded_up(rows: f64) -> u32 {
    let rows = rows.max(1.0);
    let unit = 10_f64.powf((rows.log10().floor() - 1.0).max(0.0));
    // A hair less, so that a whole number of units is not raised by rounding.
    ((rows / unit - 1e-9).ceil() * unit) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(of: impl Fn(f64) -> f64) -> Vec<SizePoint> {
        [100, 200, 400, 800, 1_600]
            .into_iter()
            .map(|rows| SizePoint {
                rows,
                error: of(f64::from(rows)),
            })
            .collect()
    }

    #[test]
    fn a_power_law_is_found_again() {
        for (floor, scale, exponent) in [(0.05, 3.0, 0.5), (0.0, 1.0, 0.3), (0.2, 20.0, 1.2)] {
            let law = |rows: f64| floor + scale * rows.powf(-exponent);
            let curve = LearningCurve::fit(&points(law)).unwrap();
            assert!((curve.floor - floor).abs() < 1e-4, "{curve:?}");
            assert!((curve.exponent - exponent).abs() < 1e-3, "{curve:?}");
            assert!((curve.error_at(10_000.0) - law(10_000.0)).abs() < 1e-5);
            let rows = curve.rows_for(law(5_000.0)).unwrap();
            assert!((rows / 5_000.0 - 1.0).abs() < 1e-2, "{rows}");
        }
    }

    #[test]
    fn sentences_say_what_to_do() {
        let helps = LearningCurve::fit(&points(|rows| 2.0 * rows.powf(-0.5))).unwrap();
        assert_eq!(helps.verdict, MoreRows::Help);
        // A tenth off takes 1 / 0.9² = 1.235 times the rows: 376 more than 1,600.
        assert_eq!(helps.rows_for_a_tenth, Some(380));
        assert_eq!(
            helps.sentence,
            "More rows would help: twice the rows would take the error from 0.050 to about 0.035, and about 380 more rows would take a tenth off it."
        );
        let flat = LearningCurve::fit(&points(|rows| 0.1 + 1.0 / rows)).unwrap();
        assert_eq!(flat.verdict, MoreRows::HelpLittle);
        assert_eq!(flat.rows_for_a_tenth, None);
        let sizes = points(|rows| 0.1 + 0.05 * f64::from(u8::from(rows == 200.0 || rows == 800.0)));
        let noisy = LearningCurve::fit(&sizes).unwrap();
        assert_eq!(noisy.verdict, MoreRows::Unclear);
    }

    #[test]
    fn a_curve_that_rises_has_no_slope() {
        let rising = LearningCurve::fit(&points(|rows| 0.1 + rows * 1e-6)).unwrap();
        assert_eq!((rising.scale, rising.verdict), (0.0, MoreRows::HelpLittle));
        assert_eq!(rising.rows_for(0.01), None);
    }

    #[test]
    fn three_sizes_are_too_few() {
        let refusal = LearningCurve::fit(&points(|_| 0.1)[..3])
            .unwrap_err()
            .to_string();
        assert!(
            refusal.starts_with("sizes of the training part: 3"),
            "{refusal}"
        );
    }
}
