//! Which delimiter and which quotes explain a sample best.

use super::choice::{Delimiter, DialectChoice, Mark};
use super::dialect::Dialect;
use super::header::is_figure;
use super::survey::{Survey, rows};

/// Candidates, the likelier first.
const USUAL: [char; 4] = [',', ';', '\t', '|'];

/// Characters that stand in a file for no other reason: those of Hive, and ASCII's own separators.
const CONTROLS: [char; 5] = ['\u{1}', '\u{2}', '\u{1f}', '\u{1e}', '\u{1d}'];

/// Taken only where the usual ones explain nothing, since they stand in texts and times as well.
const UNUSUAL: [char; 7] = ['^', '~', '¦', '§', ':', '!', '*'];

/// Scores closer than this are equal, and the delimiter that cuts finer wins.
const SCORE_TIE: f64 = 0.02;

/// Records of a file that is taken for a table without its first record fitting agree so far.
const LEAST_AGREEMENT: f64 = 0.8;

/// Below this the usual delimiters explain nothing.
const EXPLAINED: f64 = 0.5;

/// An unusual delimiter has to cut so many of the records alike, and at least [`FEWEST_RECORDS`].
const SURE_AGREEMENT: f64 = 0.95;
const FEWEST_RECORDS: usize = 3;

/// Sentences of equally many words are no columns: so many of the cells have to be numbers, or so
/// many of the lines have to be drawn apart by runs of spaces.
const LEAST_FIGURES: f64 = 0.25;
const LEAST_RUNS: f64 = 0.5;

/// Delimiter and quotes of a sample: those that a person chose, or the ones that fit.
pub(super) fn choose(sample: &str, is_whole: bool, choice: &DialectChoice) -> Dialect {
    let delimiter = choice
        .delimiter
        .unwrap_or_else(|| delimiter(sample, is_whole, choice));
    let dialect = quoting(
        sample,
        Dialect {
            delimiter,
            ..Dialect::RFC_4180
        },
        is_whole,
    );
    with_choice(dialect, choice)
}

fn with_choice(mut dialect: Dialect, choice: &DialectChoice) -> Dialect {
    let character = |mark: Mark| match mark {
        Mark::None => None,
        Mark::Character(character) => Some(character),
    };
    if let Some(quote) = choice.quote {
        dialect.quote = character(quote);
    }
    if let Some(escape) = choice.escape {
        dialect.escape = character(escape);
    }
    // A character has one meaning, and a line's end has its own.
    let is_free = |mark: &char| {
        !matches!(mark, '\r' | '\n') && dialect.delimiter != Delimiter::Character(*mark)
    };
    dialect.quote = dialect.quote.filter(is_free);
    dialect.escape = dialect.escape.filter(is_free);
    dialect
}

fn delimiter(sample: &str, is_whole: bool, choice: &DialectChoice) -> Delimiter {
    for control in CONTROLS {
        if sample.contains(control) && is_sure(sample, control, is_whole, choice) {
            return Delimiter::Character(control);
        }
    }
    let mut best = (Delimiter::Character(','), 0, 0.0);
    for delimiter in USUAL {
        for dialect in quotings(sample, delimiter, choice) {
            let survey = Survey::of(sample, &dialect, is_whole).without_comments();
            let (columns, score) = (survey.columns, score(&survey));
            let is_better = score > best.2 + SCORE_TIE
                || (score > best.2 - SCORE_TIE && score > 0.0 && columns > best.1);
            if is_better {
                best = (dialect.delimiter, columns, score);
            }
        }
    }
    if best.1 > 1 && best.2 >= EXPLAINED {
        return best.0;
    }
    if is_spaced(sample, is_whole) {
        return Delimiter::Whitespace;
    }
    UNUSUAL
        .into_iter()
        .find(|&unusual| sample.contains(unusual) && is_sure(sample, unusual, is_whole, choice))
        .map_or(best.0, Delimiter::Character)
}

/// The ways of quoting that may change how many cells a delimiter cuts.
fn quotings(
    sample: &str,
    delimiter: char,
    choice: &DialectChoice,
) -> impl Iterator<Item = Dialect> {
    let has_apostrophes = sample.contains('\'');
    let has_spaces = sample.contains(" \"");
    [
        (Some('"'), false, true),
        (Some('"'), true, has_spaces),
        (None, false, true),
        (Some('\''), false, has_apostrophes),
    ]
    .into_iter()
    .filter(|&(.., is_worth_it)| is_worth_it)
    .map(move |(quote, has_spaces_around_quotes, _)| {
        let dialect = Dialect {
            delimiter: Delimiter::Character(delimiter),
            quote,
            has_spaces_around_quotes,
            ..Dialect::RFC_4180
        };
        with_choice(dialect, choice)
    })
}

/// Whether an unusual delimiter cuts a sample into a table without doubt.
fn is_sure(sample: &str, delimiter: char, is_whole: bool, choice: &DialectChoice) -> bool {
    let dialect = Dialect {
        delimiter: Delimiter::Character(delimiter),
        ..Dialect::RFC_4180
    };
    let survey = Survey::of(sample, &with_choice(dialect, choice), is_whole).without_comments();
    survey.columns > 1
        && survey.first_fits()
        && survey.shapes.len() >= FEWEST_RECORDS
        && survey.agreement() >= SURE_AGREEMENT
}

/// Whether white space cuts a sample into a table without doubt.
fn is_spaced(sample: &str, is_whole: bool) -> bool {
    let dialect = Dialect {
        delimiter: Delimiter::Whitespace,
        ..Dialect::RFC_4180
    };
    let survey = Survey::of(sample, &dialect, is_whole).without_comments();
    if survey.columns < 2
        || survey.shapes.len() < FEWEST_RECORDS
        || survey.agreement() < SURE_AGREEMENT
        || !survey.first_fits()
    {
        return false;
    }
    let records = rows(sample, &dialect, is_whole, usize::MAX);
    let cells = records.iter().flatten();
    let share = |count: usize, of: usize| count as f64 / of.max(1) as f64;
    let figures = cells.clone().filter(|cell| is_figure(cell)).count();
    let has_run = |line: &&str| line.trim().contains("  ");
    let runs = sample.lines().filter(has_run).count();
    share(figures, cells.count()) >= LEAST_FIGURES
        || share(runs, sample.lines().count()) >= LEAST_RUNS
}

/// How well a delimiter explains a file, 0 to 1.
fn score(survey: &Survey) -> f64 {
    let Some(first) = survey.shapes.first() else {
        return 0.0;
    };
    let (columns, agreement) = (survey.columns, survey.agreement());
    if columns < 2 && first.cells < 2 {
        // One column explains every file a little, and best where the delimiter never occurs.
        0.1 * agreement
    } else if first.cells == columns {
        agreement
    } else if columns >= 2 && agreement >= LEAST_AGREEMENT {
        0.8 * agreement
    } else if first.cells >= 2 {
        0.3 * agreement
    } else {
        0.0
    }
}

/// The quote and the escape that explain the sample's quotes best. Quotes that mostly do not close
/// where cells end are text.
fn quoting(sample: &str, dialect: Dialect, is_whole: bool) -> Dialect {
    let survey = |dialect: &Dialect| {
        // The last record counts here, though it may be cut off: a quote may be open in it.
        let survey = Survey::of(sample, dialect, true);
        (
            survey.well_closed,
            survey.ill_closed,
            survey.is_open && is_whole,
        )
    };
    let (well, ill, is_open) = survey(&dialect);
    if well + ill == 0 && !is_open && sample.contains('\'') {
        let single = Dialect {
            quote: Some('\''),
            ..dialect
        };
        let (well, ill, is_open) = survey(&single);
        if well > 1 && ill == 0 && !is_open {
            return single;
        }
    }
    let has_escapes = sample.contains('\\');
    let has_spaces = sample.contains(" \"");
    let mut best = (dialect, well, ill);
    for (escape, is_spaced) in [(true, false), (false, true), (true, true)] {
        if (escape && !has_escapes) || (is_spaced && !has_spaces) {
            continue;
        }
        let other = Dialect {
            escape: escape.then_some('\\'),
            has_spaces_around_quotes: is_spaced,
            ..dialect
        };
        let (well, ill, is_open) = survey(&other);
        // A cell less that closes ill is worth more than any that closes well.
        if !is_open && (ill < best.2 || (ill == best.2 && well > best.1)) && well >= best.1 {
            best = (other, well, ill);
        }
    }
    if best.2 > best.1 {
        return Dialect {
            quote: None,
            ..dialect
        };
    }
    best.0
}
