//! Columns of dates, with or without a time of day.

mod civil;
mod format;
mod read;
mod written;

pub use format::{DateFormat, Shape};
pub use read::{read, shown};

pub(super) use civil::DAY_SECS;
pub(super) use read::{month_of, shown_time, start_of_month};

use super::{ColumnKind, ColumnStats, percent};

/// Dates.
#[derive(Debug, Clone, Copy)]
pub struct Date;

impl ColumnKind for Date {
    fn id(&self) -> &'static str {
        "date"
    }

    fn name(&self) -> &'static str {
        "Date"
    }

    fn about(&self) -> &'static str {
        "Dates, with or without a time of day."
    }

    fn score(&self, stats: &ColumnStats) -> f32 {
        0.93 * stats.dates
    }

    fn reason(&self, stats: &ColumnStats) -> String {
        format!(
            "{} of the cells are dates, as {}.",
            percent(stats.dates),
            stats.date_format.describe()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JAN_31: i64 = 1_706_659_200;

    /// Reads a cell in the format of a column that holds just it.
    fn alone(cell: &str) -> Option<i64> {
        read(cell, DateFormat::detect([cell]))
    }

    #[test]
    fn dates_are_read() {
        for cell in [
            "2024-01-31",
            "2024/1/31",
            "2024.01.31",
            "31.1.2024",
            "31/01/2024",
            "1/31/2024",
            "01/31/24",
            "January 31, 2024",
            "Jan 31st 2024",
            "31 January 2024",
            "31-Jan-24",
            "31. Januar 2024",
            "31 de enero de 2024",
            "31 janvier 2024",
            "31 gennaio 2024",
            "31 januari 2024",
            "31 de janeiro de 2024",
            "Wed, 31 Jan 2024 00:00:00 GMT",
            "Wednesday, January 31, 2024",
            "2024-01-31T00:00:00Z",
            "2024-01-31 00:00",
            "2024-01-31T02:00:00.25+02:00",
            "2024-01-30 19:00:00 EST",
            "1/31/2024 12:00 AM",
            "Wed Jan 31 00:00:00 +0000 2024",
            "20240131",
            "20240131T000000Z",
            "20240131000000",
        ] {
            assert_eq!(alone(cell), Some(JAN_31), "{cell}");
        }
        assert_eq!(alone("Sep 3, 2021 1:05 PM"), Some(1_630_674_300));
        assert_eq!(alone("6/30/1930 22:00"), Some(-1_246_672_800));
        assert_eq!(alone("2024-01"), Some(JAN_31 - 30 * DAY_SECS));
        assert_eq!(alone("Jan 2024"), Some(JAN_31 - 30 * DAY_SECS));
        assert_eq!(alone("2024-02-29"), Some(JAN_31 + 29 * DAY_SECS));
    }

    #[test]
    fn times_without_a_day() {
        for (cell, seconds) in [
            ("13:30", 48_600),
            ("18.00.00", 64_800),
            ("1:05 PM", 47_100),
            ("00:00:07", 7),
            ("12:00 a.m.", 0),
        ] {
            assert_eq!(alone(cell), Some(seconds), "{cell}");
        }
    }

    #[test]
    fn other_things_are_not() {
        for cell in [
            "",
            "2024",
            "1.2.3",
            "99-99-9999",
            "12/31",
            "May",
            "1-2",
            "é-1-2",
            "call me on 3 May 2021",
            "10.0.0.12",
            "Marching 3, 2021 yes",
            "Marching 3, 2021",
            "T",
            ":",
            "2024-01-31 at",
            "2023-02-29",
            "31/31/2024",
            "25:00",
            "99.99.99",
            "12345678",
            "1,234,567",
            "1 000 000",
            "2024-13",
            "3-4 players",
            "-5",
        ] {
            assert_eq!(alone(cell), None, "{cell}");
        }
    }

    #[track_caller]
    fn check(cells: &[&str], described: &str) -> DateFormat {
        let format = DateFormat::detect(cells.iter().copied());
        assert_eq!(format.describe(), described, "{cells:?}");
        format
    }

    const UNSURE: &str = "; the cells do not settle whether the day or the month comes first";

    #[test]
    fn the_column_settles_the_order() {
        let format = check(&["3/4/2021", "25/4/2021"], "day/month/year");
        assert_eq!(shown(read("3/4/2021", format).unwrap()), "2021-04-03");
        assert_eq!(read("4/25/2021", format), None);
        let format = check(
            &["3/4/2021 5:00", "4/25/2021 6:00"],
            "month/day/year hour:minute",
        );
        assert_eq!(
            shown(read("3/4/2021 5:00", format).unwrap()),
            "2021-03-04 05:00"
        );
        check(&["3/4/2021"], &format!("month/day/year{UNSURE}"));
        check(&["3.4.2021"], &format!("day.month.year{UNSURE}"));
        check(
            &["1/2/2021", "2/2/2021", "3/2/2021"],
            &format!("day/month/year{UNSURE}"),
        );
        check(
            &["25/4/2021", "4/25/2021"],
            &format!("month/day/year{UNSURE}"),
        );
        check(&["2024-01-31"], "year-month-day");
        check(&["18.00.00", "19.00.00"], "hour.minute, without a day");
        check(&["12.10.11", "13.10.11"], "day.month.year");
        check(&["September 25, 2021"], "month name, day, year");
        check(&["nothing"], "year-month-day");
    }

    #[test]
    fn bare_digits_are_dates_only_among_their_like() {
        let format = DateFormat::detect(["2024-01-31"]);
        assert_eq!(read("20240131", format), None);
        assert_eq!(read("10:30", format), None);
    }

    /// Every day of a century is read in many spellings as the day that it is.
    #[test]
    fn spellings_and_days_agree() {
        const NAMES: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let day_first = DateFormat {
            is_day_first: true,
            ..DateFormat::detect(["1/1/2000"])
        };
        for day in -10_000..25_000 {
            let seconds = day * DAY_SECS;
            let iso = shown(seconds);
            let (y, m, d) = (&iso[..4], &iso[5..7], &iso[8..]);
            let name = NAMES[m.parse::<usize>().unwrap() - 1];
            for cell in [
                iso.clone(),
                format!("{d}/{m}/{y}"),
                format!("{d}.{m}.{y}"),
                format!("{name} {d}, {y}"),
                format!("{d}-{}-{y}", &name[..3]),
                format!("{iso}T00:00:00Z"),
            ] {
                assert_eq!(read(&cell, day_first), Some(seconds), "{cell}");
            }
        }
    }

    /// Any text at all: never a panic.
    #[test]
    fn any_text_is_survived() {
        use rand::Rng;
        let mut rng = <rand_chacha::ChaCha8Rng as rand::SeedableRng>::seed_from_u64(8);
        const PIECES: [&str; 30] = [
            "1", "31", "12", "2024", "99", "0", "-", "/", ".", ",", " ", ":", "T", "Z", "+", "Jan",
            "März", "PM", "a", ".m.", "é", "日", "\0", "GMT", "th", "of", "Sat", "0000",
            "20240131", "٣",
        ];
        for _ in 0..200_000 {
            let length = rng.random_range(0..11);
            let cell: String = (0..length)
                .map(|_| PIECES[rng.random_range(0..PIECES.len())])
                .collect();
            if let Some(seconds) = alone(&cell) {
                assert!(!shown(seconds).is_empty());
            }
        }
    }
}
