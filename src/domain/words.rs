//! Numbers and their units as people read them, wherever they are shown: on the page, in a report
//! that is saved, on the command line.
//!
//! A number and its unit are held together by a no-break space.

pub mod judged;

use super::features::network::Combiner;
use super::recipe::{Method, Recipe, Way};
use super::report::{Ended, EpochReport};

/// Between a number and its unit.
pub const NBSP: char = '\u{a0}';

/// Whether a character hides what a text says: it is not seen, or turns the direction of what follows
/// (Unicode Technical Report 36, 2.11.1).
pub fn disguises(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `1,292`
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 row`, `1,292 rows`
pub fn rows(number: u64) -> String {
    format!(
        "{}{NBSP}{}",
        count(number),
        if number == 1 { "row" } else { "rows" }
    )
}

/// `98.3 %` of a share from 0 to 1.
pub fn percent(share: f64) -> String {
    format!("{}{NBSP}%", percent_figure(share))
}

/// `98.3` of a share from 0 to 1. Only all is shown as 100, only none as 0.
pub fn percent_figure(share: f64) -> String {
    let percent = share * 100.0;
    let tenths = (percent * 10.0).round() / 10.0;
    let shown = if share < 1.0 && tenths >= 100.0 {
        99.9
    } else if share > 0.0 && tenths <= 0.0 {
        0.1
    } else {
        // Of a share just below none, no `-0.0`.
        tenths + 0.0
    };
    format!("{shown:.1}")
}

/// `0.7 %`, `0.003 %`: a share that may be tiny, with two significant digits.
pub fn small_percent(share: f64) -> String {
    let percent = share * 100.0;
    let figure = match percent {
        p if p >= 99.95 => "100".to_owned(),
        p if p >= 10.0 => format!("{p:.0}"),
        p if p >= 1.0 => format!("{p:.1}"),
        p if p >= 0.1 => format!("{p:.2}"),
        p if p >= 0.01 => format!("{p:.3}"),
        p => format!("{p:.4}"),
    };
    format!("{figure}{NBSP}%")
}

/// `45.6 MB`
pub fn bytes(number: u64) -> String {
    let number = number as f64;
    match number {
        n if n < 1e3 => format!("{n:.0}{NBSP}B"),
        n if n < 1e5 => format!("{:.1}{NBSP}kB", n / 1e3),
        n if n < 1e6 => format!("{:.0}{NBSP}kB", n / 1e3),
        n => format!("{:.1}{NBSP}MB", n / 1e6),
    }
}

/// `0.8 s`, `12 s`, `3 min 20 s`, `1 h 5 min`
pub fn seconds(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    if seconds < 9.95 {
        return format!("{seconds:.1}{NBSP}s");
    }
    let whole = seconds.round() as u64;
    match whole {
        0..=59 => format!("{whole}{NBSP}s"),
        60..=3599 if whole.is_multiple_of(60) => format!("{}{NBSP}min", whole / 60),
        60..=3599 => format!("{}{NBSP}min {}{NBSP}s", whole / 60, whole % 60),
        _ => format!("{}{NBSP}h {}{NBSP}min", whole / 3600, whole % 3600 / 60),
    }
}

/// A figure of merit: a share with three digits, anything else likewise.
pub fn figure(value: f64) -> String {
    if value.is_finite() {
        format!("{value:.3}")
    } else {
        "–".to_owned()
    }
}

/// A number of any size in few digits: `0.012`, `3.2`, `1,292`.
pub fn short_number(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let size = value.abs();
    if size >= 1000.0 {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}{}", count(size.round() as u64));
    }
    match size {
        0.0 => "0".to_owned(),
        s if s >= 100.0 => format!("{value:.0}"),
        s if s >= 10.0 => format!("{value:.1}"),
        s if s >= 1.0 => format!("{value:.2}"),
        s if s >= 0.001 => format!("{value:.3}"),
        _ => format!("{value:.1e}"),
    }
}

/// `LoRA r8`, `Head`, `Full`, `TabM`, `MLP + texts`
pub fn run_name(recipe: &Recipe) -> String {
    let name = match recipe.way() {
        Way::Text(Method::Head) => "Head".to_owned(),
        Way::Text(Method::Lora) => format!("LoRA r{}", recipe.tuning.lora.rank),
        Way::Text(Method::Full) => "Full".to_owned(),
        Way::Text(Method::Contrastive) => "Few rows".to_owned(),
        Way::Table(Combiner::TabM) => "TabM".to_owned(),
        Way::Table(Combiner::Mlp) => "MLP".to_owned(),
        Way::Table(Combiner::Linear) => "Linear".to_owned(),
    };
    match (&recipe.table, recipe.text.is_empty()) {
        (Some(_), false) => format!("{name} + texts"),
        _ => name,
    }
}

/// How a run ended, as a sentence.
pub fn ending(epochs: &[EpochReport], best_epoch: u32, ended: Ended) -> String {
    let passes = if epochs.len() == 1 {
        "1 epoch".to_owned()
    } else {
        format!("{} epochs", epochs.len())
    };
    let ended = match ended {
        Ended::Complete => format!("Done after {passes}"),
        Ended::Early => format!("Ended early after {passes}: the validation loss no longer fell"),
        Ended::Stopped => format!("Stopped after {passes}"),
    };
    let is_last_the_best = epochs.iter().all(|epoch| epoch.is_best);
    let kept = match best_epoch {
        // A head that is solved to its optimum is nearer to it in every epoch.
        best if best > 1 && is_last_the_best => "The last epoch was kept.".to_owned(),
        0 => "No epoch was better than the start, so the start was kept.".to_owned(),
        best => format!("Epoch {best} was the best on the validation rows and was kept."),
    };
    format!("{ended}. {kept}")
}

/// A name that can stand in a file name.
pub fn file_stem(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let kept: String = stem
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '-' || c == '_' {
                c
            } else {
                '-'
            }
        })
        .take(60)
        .collect();
    if kept.trim_matches('-').is_empty() {
        "table".to_owned()
    } else {
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! says {
        ($name:ident, $($said:expr => $expected:expr),+ $(,)?) => {
            #[test]
            fn $name() {
                $(assert_eq!($said.replace(NBSP, " "), $expected);)+
            }
        };
    }

    says!(counts_have_thousands, count(0) => "0", count(999) => "999", count(1_292) => "1,292", count(22_713_216) => "22,713,216");
    says!(
        numbers_have_few_digits,
        short_number(0.0) => "0", short_number(0.01234) => "0.012", short_number(3.21) => "3.21",
        short_number(-1_292.4) => "-1,292", short_number(45.67) => "45.7", short_number(f64::NAN) => "–",
    );
    says!(one_row_is_a_row, rows(1) => "1 row", rows(480) => "480 rows");
    says!(
        only_all_is_a_hundred,
        percent(0.983_33) => "98.3 %",
        percent(1.0) => "100.0 %",
        percent(0.999_6) => "99.9 %",
        percent(0.0) => "0.0 %",
        percent(0.000_1) => "0.1 %",
        percent(-0.000_4) => "0.0 %",
    );
    says!(
        tiny_shares_keep_two_digits,
        small_percent(1.0) => "100 %",
        small_percent(0.0131) => "1.3 %",
        small_percent(0.006_53) => "0.65 %",
        small_percent(0.000_033_9) => "0.0034 %",
    );
    says!(
        bytes_have_decimal_units,
        bytes(12) => "12 B", bytes(4_560) => "4.6 kB", bytes(211_859) => "212 kB", bytes(45_400_000) => "45.4 MB",
    );
    says!(
        durations_read_like_a_clock,
        seconds(0.84) => "0.8 s", seconds(12.3) => "12 s", seconds(59.7) => "1 min",
        seconds(200.0) => "3 min 20 s", seconds(3_900.0) => "1 h 5 min", seconds(f64::NAN) => "–",
    );
    says!(
        file_names_are_plain,
        file_stem("support tickets.csv") => "support-tickets", file_stem("///") => "table", file_stem("a.b.csv") => "a-b",
    );
}
