//! Columns of categories with an order: low, medium, high; S, M, L; 1st, 2nd; 0-9, 10-19.

use super::{ColumnKind, ColumnStats};

/// Categories with an order.
#[derive(Debug, Clone, Copy)]
pub struct Ordered;

/// More different cells are no scale.
const MOST_STEPS: usize = 15;

/// Fewer have an order that says nothing.
const LEAST_STEPS: usize = 3;

impl ColumnKind for Ordered {
    fn id(&self) -> &'static str {
        "ordered"
    }

    fn name(&self) -> &'static str {
        "Ordered categories"
    }

    fn about(&self) -> &'static str {
        "A few values that repeat and have an order, such as low, medium and high."
    }

    fn score(&self, stats: &ColumnStats) -> f32 {
        let is_repeated = stats.distinct * 2 <= stats.filled();
        if is_repeated && order_of_stats(stats).is_some() {
            0.91
        } else {
            0.0
        }
    }

    fn reason(&self, stats: &ColumnStats) -> String {
        match order_of_stats(stats) {
            Some(order) => format!("Its values have an order: {}.", order.join(", ")),
            None => "It was chosen.".to_owned(),
        }
    }
}

/// The order of a column's cells, lowest first, if they have one.
pub(super) fn order_of_stats(stats: &ColumnStats) -> Option<Vec<String>> {
    if stats.distinct as usize > stats.most_frequent.len() {
        return None;
    }
    let cells: Vec<&str> = stats
        .most_frequent
        .iter()
        .map(|(cell, _)| cell.as_str())
        .collect();
    Some(order(&cells)?.into_iter().map(str::to_owned).collect())
}

/// Scales, lowest step first; a step's spellings are separated by `|`.
const SCALES: [&[&str]; 16] = [
    &[
        "very low|extremely low",
        "low|l",
        "medium low",
        "medium|moderate|mid|middle|average|m|med",
        "medium high",
        "high|h",
        "very high|extremely high|critical|extreme|severe",
    ],
    &[
        "none|no|absent",
        "minimal|trace|very mild",
        "mild|slight|light|minor",
        "moderate|medium",
        "severe|serious|heavy|major|strong",
        "very severe|critical|extreme|fatal",
    ],
    &[
        "xxs",
        "xs|x small|extra small",
        "s|small",
        "m|medium|med|mid",
        "l|large|big",
        "xl|x large|extra large",
        "xxl|2xl",
        "xxxl|3xl",
        "4xl",
    ],
    &[
        "tiny",
        "small|compact",
        "medium|midsize|mid size",
        "large|full size|big",
        "huge|very large|giant",
    ],
    &[
        "strongly disagree|totally disagree|completely disagree",
        "disagree",
        "somewhat disagree|slightly disagree",
        "neutral|neither agree nor disagree|undecided|neither",
        "somewhat agree|slightly agree",
        "agree",
        "strongly agree|totally agree|completely agree",
    ],
    &[
        "very dissatisfied|extremely dissatisfied",
        "dissatisfied",
        "somewhat dissatisfied",
        "neutral|neither",
        "somewhat satisfied",
        "satisfied",
        "very satisfied|extremely satisfied",
    ],
    &[
        "very unlikely",
        "unlikely",
        "neutral|neither",
        "likely",
        "very likely",
    ],
    &[
        "never",
        "rarely|seldom|hardly ever",
        "occasionally|sometimes",
        "often|frequently|usually",
        "very often",
        "always",
    ],
    &[
        "very poor|very bad|terrible|awful",
        "poor|bad",
        "fair|average|ok|okay|acceptable|regular",
        "good",
        "very good",
        "premium|great",
        "excellent|ideal|outstanding|exceptional",
    ],
    &[
        "beginner|novice|entry|entry level|intern",
        "junior|elementary|basic",
        "intermediate|mid|mid level|middle",
        "senior|advanced",
        "lead|expert|proficient|principal",
    ],
    &["negative", "neutral", "positive"],
    &[
        "very negative",
        "negative",
        "neutral",
        "positive",
        "very positive",
    ],
    &[
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
        "tenth",
    ],
    &["bronze", "silver", "gold", "platinum", "diamond"],
    &[
        "very slow",
        "slow",
        "medium|moderate|normal",
        "fast",
        "very fast",
    ],
    &["cold|freezing", "cool", "mild", "warm", "hot"],
];

/// Words before a number that make it a step: `Level 2`, `Stage III`.
const STEP_WORDS: [&str; 7] = ["level", "grade", "stage", "tier", "step", "phase", "rank"];

/// These cells from the lowest to the highest, if they are steps of one scale.
pub fn order<'a>(cells: &[&'a str]) -> Option<Vec<&'a str>> {
    if !(LEAST_STEPS..=MOST_STEPS).contains(&cells.len()) {
        return None;
    }
    let folded: Vec<String> = cells.iter().map(|cell| fold(cell)).collect();
    let ranks = SCALES
        .iter()
        .find_map(|scale| all(&folded, |cell| on_scale(scale, cell)))
        .or_else(|| all(&folded, ordinal))
        .or_else(|| all(&folded, step))
        .or_else(|| intervals(cells))?;
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by(|&a, &b| ranks[a].total_cmp(&ranks[b]));
    let is_strict = order.windows(2).all(|pair| ranks[pair[0]] < ranks[pair[1]]);
    is_strict.then(|| order.into_iter().map(|at| cells[at]).collect())
}

fn all(cells: &[String], rank: impl Fn(&str) -> Option<f64>) -> Option<Vec<f64>> {
    cells.iter().map(|cell| rank(cell)).collect()
}

/// Lower case, one space for each run of other characters than letters and digits.
fn fold(cell: &str) -> String {
    let words: Vec<String> = cell
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

fn on_scale(scale: &[&str], cell: &str) -> Option<f64> {
    scale
        .iter()
        .position(|step| step.split('|').any(|spelling| spelling == cell))
        .map(|at| at as f64)
}

/// `1st`, `2nd`
fn ordinal(cell: &str) -> Option<f64> {
    let end = cell.find(|c: char| !c.is_ascii_digit())?;
    if matches!(
        &cell[end..],
        "st" | "nd" | "rd" | "th" | "st class" | "nd class" | "rd class"
    ) {
        cell[..end].parse().ok()
    } else {
        None
    }
}

/// `level 2`, `stage iii`
fn step(cell: &str) -> Option<f64> {
    const ROMAN: [&str; 10] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"];
    let (word, number) = cell.split_once(' ')?;
    if !STEP_WORDS.contains(&word) {
        return None;
    }
    let roman = || ROMAN.iter().position(|roman| *roman == number);
    let parsed = number.parse::<u32>().ok().map(f64::from);
    parsed.or_else(|| Some(roman()? as f64 + 1.0))
}

/// `0-9`, `10-19`, `<5`, `65+`, `over 100`, among them plain numbers. At least two are ranges.
fn intervals(cells: &[&str]) -> Option<Vec<f64>> {
    let mut ranges = 0;
    let ranks: Option<Vec<f64>> = cells
        .iter()
        .map(|cell| {
            let cell = cell
                .trim()
                .to_lowercase()
                .replace([',', '$', '€', '£', '%'], "");
            let (shift, rest) = below_or_above(&cell);
            let digits = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(rest.len());
            let low: f64 = rest[..digits].parse().ok()?;
            let after = rest[digits..].trim_start();
            let is_range = match after.strip_prefix(['-', '–', '+']) {
                Some(high) if after.starts_with('+') => is_unit(high),
                Some(high) => {
                    let high = high.trim_start();
                    let end = high
                        .find(|c: char| !c.is_ascii_digit() && c != '.')
                        .unwrap_or(high.len());
                    let number: f64 = high[..end].parse().ok()?;
                    if number < low {
                        return None;
                    }
                    is_unit(&high[end..])
                }
                None => {
                    if !is_unit(after) {
                        return None;
                    }
                    ranges += u32::from(shift != 0.0);
                    return Some(low + shift);
                }
            };
            ranges += 1;
            is_range.then_some(low + shift)
        })
        .collect();
    ranks.filter(|_| ranges >= 2)
}

/// A little less or more than the number behind a word that says so.
fn below_or_above(cell: &str) -> (f64, &str) {
    const WORDS: [(&str, f64); 10] = [
        ("<=", -0.1),
        ("<", -0.5),
        ("≤", -0.1),
        ("under ", -0.5),
        ("below ", -0.5),
        (">=", 0.1),
        (">", 0.5),
        ("≥", 0.1),
        ("over ", 0.5),
        ("above ", 0.5),
    ];
    for (word, shift) in WORDS {
        if let Some(rest) = cell.strip_prefix(word) {
            return (shift, rest.trim_start());
        }
    }
    (0.0, cell)
}

/// Nothing or a short word.
fn is_unit(text: &str) -> bool {
    let text = text.trim();
    text.len() <= 12 && text.chars().all(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cells: &[&str], ordered: &[&str]) {
        assert_eq!(order(cells).unwrap_or_default(), ordered, "{cells:?}");
    }

    #[test]
    fn scales_are_put_in_order() {
        check(&["high", "low", "medium"], &["low", "medium", "high"]);
        check(&["XL", "S", "M", "L"], &["S", "M", "L", "XL"]);
        check(
            &["Agree", "Strongly agree", "Neutral", "Disagree"],
            &["Disagree", "Neutral", "Agree", "Strongly agree"],
        );
        check(&["Third", "First", "Second"], &["First", "Second", "Third"]);
        check(&["2nd", "10th", "1st"], &["1st", "2nd", "10th"]);
        check(
            &["Stage III", "Stage I", "Stage II"],
            &["Stage I", "Stage II", "Stage III"],
        );
        check(
            &["Over 100", "2-10", "0", "11-100", "1"],
            &["0", "1", "2-10", "11-100", "Over 100"],
        );
        check(&["65+", "<18", "18-64"], &["<18", "18-64", "65+"]);
        check(
            &["Premium", "Ideal", "Fair", "Very Good", "Good"],
            &["Fair", "Good", "Very Good", "Premium", "Ideal"],
        );
    }

    #[test]
    fn other_categories_have_none() {
        for cells in [
            &["red", "green", "blue"][..],
            &["high", "low"],
            &["1", "2", "3"],
            &["mon", "tue", "wed"],
            &["class_0", "class_1", "class_2"],
            &["small", "Small", "large"],
            &["2-10", "10-2", "5"],
            &["5-4-3", "1-2-3", "7-8-9"],
            &["", "é", "<"],
        ] {
            check(cells, &[]);
        }
    }
}
