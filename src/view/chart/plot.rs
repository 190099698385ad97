//! A plot of two numbers: axes with round ticks, and lines, bands, bars and points in them.
//!
//! Everything is drawn in a box of fixed size that scales with the page, words included, so the box
//! is about as wide as a phone.

use std::fmt::Write as _;

use crate::view::markup::{Element, Markup, element, short, tag};

/// Width of the box.
const WIDTH: f64 = 340.0;
/// Height of the box.
const HEIGHT: f64 = 250.0;
/// Room for the words left of the axes.
const LEFT: f64 = 52.0;
/// Room to the right.
const RIGHT: f64 = 12.0;
/// Room above.
const TOP: f64 = 10.0;
/// Room for the words below.
const BOTTOM: f64 = 46.0;

/// Ticks of an axis, about.
const TICKS: f64 = 5.0;

/// How an axis writes its ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Share,
    Number,
}

/// An axis.
#[derive(Debug, Clone)]
pub struct Axis {
    name: String,
    low: f64,
    high: f64,
    scale: Scale,
    /// Ticks with words of their own; where there are none, round figures.
    named: Vec<(f64, String)>,
}

impl Axis {
    /// From 0 to 100 %.
    pub fn share(name: &str) -> Self {
        Self::share_between(name, 0.0, 1.0)
    }

    /// Shares between two, widened to round figures.
    pub fn share_between(name: &str, low: f64, high: f64) -> Self {
        // A level line needs room below it: there is none above 1.
        let low = if high > low {
            low
        } else {
            (high - 0.1).max(0.0)
        };
        let mut axis = Self::number(name, low, high);
        axis.scale = Scale::Share;
        (axis.low, axis.high) = (axis.low.max(0.0), axis.high.min(1.0));
        axis
    }

    /// Numbers between two, widened to round figures.
    pub fn number(name: &str, low: f64, high: f64) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        let step = step(low, high);
        Self {
            name: name.to_owned(),
            low: (low / step + 1e-9).floor() * step,
            high: (high / step - 1e-9).ceil() * step,
            scale: Scale::Number,
            named: Vec::new(),
        }
    }

    /// Numbers that mean something else, such as dates: from the first to the last of some ticks
    /// with their words.
    pub fn named(name: &str, ticks: Vec<(f64, String)>) -> Self {
        let low = ticks.first().map_or(0.0, |tick| tick.0);
        let high = ticks.last().map_or(low, |tick| tick.0);
        Self {
            name: name.to_owned(),
            low,
            high: if high > low { high } else { low + 1.0 },
            scale: Scale::Number,
            named: ticks,
        }
    }

    fn at(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        if !self.named.is_empty() {
            return self.named.clone();
        }
        let step = step(self.low, self.high);
        let count = ((self.high - self.low) / step + 1e-6).floor() as u32;
        (0..=count)
            .map(|tick| {
                let value = self.low + f64::from(tick) * step;
                (value, self.word(value, step))
            })
            .collect()
    }

    fn word(&self, value: f64, step: f64) -> String {
        match self.scale {
            Scale::Share => decimals(value * 100.0, step * 100.0),
            Scale::Number if self.high.abs().max(self.low.abs()) >= 1e5 => {
                decimals(value / 1e3, step / 1e3) + "k"
            }
            Scale::Number => decimals(value, step),
        }
    }
}

/// A number with as many decimals as its steps need.
fn decimals(value: f64, step: f64) -> String {
    let decimals = (-(step.log10() + 1e-9).floor()).clamp(0.0, 6.0) as usize;
    // Adding 0 turns -0 into 0.
    format!("{:.decimals$}", value + 0.0)
}

/// A round distance between ticks: 1, 2 or 5 times a power of ten.
fn step(low: f64, high: f64) -> f64 {
    let rough = (high - low) / TICKS;
    let power = 10.0_f64.powf(rough.log10().floor());
    let round = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|round| rough <= round * power * 1.0001);
    power * round.unwrap_or(10.0)
}

/// A plot that is being made.
pub struct Plot {
    label: String,
    x: Axis,
    y: Axis,
    marks: Vec<Element>,
}

impl Plot {
    /// An empty plot; `label` says to a screen reader what is in it.
    pub fn new(label: &str, x: Axis, y: Axis) -> Self {
        Self {
            label: label.to_owned(),
            x,
            y,
            marks: Vec::new(),
        }
    }

    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (
            LEFT + self.x.at(x) * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - self.y.at(y) * (HEIGHT - TOP - BOTTOM),
        )
    }

    fn path(&self, points: impl IntoIterator<Item = (f64, f64)>) -> String {
        let mut path = String::new();
        for point in points {
            let (x, y) = self.place(point);
            let verb = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{verb}{} {}", short(x), short(y));
        }
        path
    }

    /// A line through points, in a class: `line-own`, `line-other`, `line-guess`.
    #[must_use]
    pub fn line(mut self, points: impl IntoIterator<Item = (f64, f64)>, class: &str) -> Self {
        let path = self.path(points);
        self.marks.push(tag("path", class).attr("d", path));
        self
    }

    /// A surface between a lower and an upper line: `(x, low, high)`.
    #[must_use]
    pub fn band(mut self, points: &[(f64, f64, f64)]) -> Self {
        let upper = points.iter().map(|&(x, _, high)| (x, high));
        let lower = points.iter().rev().map(|&(x, low, _)| (x, low));
        let path = self.path(upper.chain(lower)) + "Z";
        self.marks.push(tag("path", "plot-band").attr("d", path));
        self
    }

    /// A point with words for whoever rests on it.
    #[must_use]
    pub fn dot(mut self, at: (f64, f64), class: &str, words: &str) -> Self {
        let (x, y) = self.place(at);
        let dot = tag("circle", class)
            .number("cx", x)
            .number("cy", y)
            .attr("r", "4");
        self.marks.push(if words.is_empty() {
            dot
        } else {
            dot.child(element("title").text(words))
        });
        self
    }

    /// Many small points as one path: dots of round ends.
    #[must_use]
    pub fn cloud(mut self, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut path = String::new();
        for point in points {
            let (x, y) = self.place(point);
            let _ = write!(path, "M{} {}h0", short(x), short(y));
        }
        self.marks.push(tag("path", "plot-cloud").attr("d", path));
        self
    }

    /// Short strokes above the axis, one a value of x: where there are rows.
    #[must_use]
    pub fn rug(mut self, values: impl IntoIterator<Item = f64>) -> Self {
        let mut path = String::new();
        for value in values {
            let (x, y) = self.place((value, self.y.low));
            let _ = write!(path, "M{} {}v-6", short(x), short(y));
        }
        self.marks.push(tag("path", "plot-rug").attr("d", path));
        self
    }

    /// A bar from the axis to a value, between two values of x, with words for whoever rests on it.
    #[must_use]
    pub fn bar(mut self, (from, to): (f64, f64), value: f64, class: &str, words: &str) -> Self {
        let base = 0.0_f64.clamp(self.y.low, self.y.high);
        let (left, top) = self.place((from, value.max(base)));
        let (right, bottom) = self.place((to, value.min(base)));
        self.marks.push(
            tag("rect", class)
                .number("x", left + 1.0)
                .number("y", top)
                .number("width", (right - left - 2.0).max(0.5))
                .number("height", (bottom - top).max(0.0))
                .child(element("title").text(words)),
        );
        self
    }

    /// An upright line between two values, with a foot at both ends.
    #[must_use]
    pub fn whisker(mut self, x: f64, [low, high]: [f64; 2]) -> Self {
        let ((x, bottom), (_, top)) = (self.place((x, low)), self.place((x, high)));
        let (left, right) = (short(x - 3.0), short(x + 3.0));
        let (top, bottom, x) = (short(top), short(bottom), short(x));
        let path = format!("M{left} {top}H{right}M{x} {top}V{bottom}M{left} {bottom}H{right}");
        self.marks.push(tag("path", "plot-whisker").attr("d", path));
        self
    }

    /// An upright line over the whole plot.
    #[must_use]
    pub fn upright(self, x: f64, class: &str) -> Self {
        let (low, high) = (self.y.low, self.y.high);
        self.line([(x, low), (x, high)], class)
    }

    /// A level line over the whole plot.
    #[must_use]
    pub fn level(self, y: f64, class: &str) -> Self {
        let (low, high) = (self.x.low, self.x.high);
        self.line([(low, y), (high, y)], class)
    }

    /// The drawing.
    pub fn done(self) -> Markup {
        let (right, floor) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        let word = |class: &str, x: f64, y: f64| tag("text", class).number("x", x).number("y", y);
        let mut grid = Vec::new();
        let ticks = self.x.ticks();
        let last = ticks.len().saturating_sub(1);
        for (at, (value, words)) in ticks.into_iter().enumerate() {
            let (x, _) = self.place((value, self.y.low));
            // Words of their own are long: those at the ends stay above the axis.
            let class = match at {
                _ if self.x.named.is_empty() => "plot-tick is-below",
                0 => "plot-tick",
                at if at == last => "plot-tick is-left",
                _ => "plot-tick is-below",
            };
            grid.push(word(class, x, floor + 17.0).text(words));
        }
        for (value, words) in self.y.ticks() {
            let (_, y) = self.place((self.x.low, value));
            let path = format!("M{LEFT} {}H{right}", short(y));
            grid.push(tag("path", "plot-grid").attr("d", path));
            grid.push(word("plot-tick is-left", LEFT - 7.0, y + 4.0).text(words));
        }
        let middle = (LEFT + right) / 2.0;
        grid.push(word("plot-name is-below", middle, HEIGHT - 7.0).text(&self.x.name));
        let middle = (TOP + floor) / 2.0;
        let upright = format!("rotate(-90 12 {})", short(middle));
        grid.push(
            word("plot-name is-below", 12.0, middle)
                .attr("transform", upright)
                .text(&self.y.name),
        );
        tag("svg", "plot")
            .attr("viewBox", format!("0 0 {WIDTH} {HEIGHT}"))
            .attr("role", "img")
            .attr("aria-label", &self.label)
            .children(grid)
            .children(self.marks)
            .done()
    }
}

/// A plot with its title above and words below.
pub fn figure(title: &str, plot: Markup, below: impl Into<Markup>) -> Markup {
    tag("figure", "chart")
        .child(tag("figcaption", "chart-title").text(title))
        .child(plot)
        .child(below)
        .done()
}

/// What the lines of a plot are: class and words of each.
pub fn legend(lines: &[(&str, &str)]) -> Markup {
    let lines = lines.iter().map(|(class, words)| {
        let key = tag("svg", "legend-key")
            .attr("viewBox", "0 0 20 8")
            .attr("aria-hidden", "true")
            .child(tag("path", class).attr("d", "M1 4H19"));
        tag("span", "legend-line").child(key).text(words)
    });
    tag("p", "plot-legend").children(lines).done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(axis: &Axis) -> Vec<String> {
        axis.ticks().into_iter().map(|(_, word)| word).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            words(&Axis::share("x")),
            ["0", "20", "40", "60", "80", "100"]
        );
        let narrow = Axis::share_between("x", 0.912, 0.978);
        assert_eq!(words(&narrow), ["90", "92", "94", "96", "98"]);
        let top = Axis::share_between("x", 1.0, 1.0);
        assert_eq!(words(&top), ["90", "92", "94", "96", "98", "100"]);
        assert_eq!(
            words(&Axis::number("x", 0.0, 7.0)),
            ["0", "2", "4", "6", "8"]
        );
        let many = Axis::number("x", -200_000.0, 350_000.0);
        assert_eq!(words(&many), ["-200k", "0k", "200k", "400k"]);
        assert_eq!(words(&Axis::number("x", 3.0, 3.0))[0], "3.0");
        let days = [(10.0, "2 May".to_owned()), (20.0, "12 May".to_owned())];
        assert_eq!(words(&Axis::named("x", days.into())), ["2 May", "12 May"]);
    }

    #[test]
    fn points_stay_within_the_axes() {
        let drawn = Plot::new("A plot", Axis::share("x"), Axis::share("y"))
            .line([(0.0, 0.0), (1.0, 1.0), (5.0, f64::NAN)], "line-own")
            .done();
        assert!(drawn.as_str().contains("M52 204L328 10L328 "), "{drawn:?}");
        assert!(!drawn.as_str().contains("NaN"));
    }
}
