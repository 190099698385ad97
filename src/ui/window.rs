//! Which rows and columns of a large table are in sight.
//!
//! Only these are in the page: a million rows cost what thirty do. A browser draws no element
//! taller than about 33 million pixels (Chromium's and Firefox's limits are near it), so beyond
//! `TALLEST` a pixel of the scroll bar stands for more than a pixel of rows.

/// No scrolled content is made taller, in pixels.
const TALLEST: f64 = 8_000_000.0;

/// Rows beyond each edge that are drawn too, so that slow scrolling shows no gap.
const MARGIN: u32 = 6;

/// A scrolled list of rows of one height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scroll {
    /// How many rows there are.
    pub rows: u32,
    /// Height of a row, in pixels.
    pub row_height: f64,
    /// Height of what is in sight, in pixels.
    pub view_height: f64,
}

impl Scroll {
    /// Height of the scrolled content, in pixels.
    pub fn height(&self) -> f64 {
        (f64::from(self.rows) * self.row_height).min(TALLEST)
    }

    /// First and last row to draw, and the pixels from the top of the content to the first.
    pub fn window(&self, top: f64) -> (u32, u32, f64) {
        if self.rows == 0 {
            return (0, 0, 0.0);
        }
        let real = f64::from(self.rows) * self.row_height;
        let hidden = (self.height() - self.view_height).max(0.0);
        let top = top.clamp(0.0, hidden);
        // Where the rows are taller than the content, its ends still meet theirs.
        let real_top = if hidden > 0.0 {
            top / hidden * (real - self.view_height).max(0.0)
        } else {
            0.0
        };
        let in_sight = (real_top / self.row_height).floor();
        let first = (in_sight as u32).saturating_sub(MARGIN);
        let shown = (self.view_height / self.row_height).ceil() as u32 + 1;
        let last = (in_sight as u32 + shown + MARGIN).min(self.rows - 1);
        let offset = top - (real_top - f64::from(first) * self.row_height);
        (first, last, offset)
    }

    /// Where to scroll so that a row is in sight: the place it is at now, if it is.
    pub fn reveal(&self, row: u32, top: f64) -> f64 {
        let real = f64::from(self.rows) * self.row_height;
        let hidden = (self.height() - self.view_height).max(0.0);
        let scale = if hidden > 0.0 {
            (real - self.view_height).max(0.0) / hidden
        } else {
            1.0
        };
        let (from, to) = (
            f64::from(row) * self.row_height,
            f64::from(row + 1) * self.row_height,
        );
        let real_top = top * scale;
        let wanted = if from < real_top {
            from
        } else if to > real_top + self.view_height {
            to - self.view_height
        } else {
            return top;
        };
        (wanted / scale.max(1e-9)).clamp(0.0, hidden)
    }
}

/// First column in sight and the one after the last, and the pixels left of the first. `widths` of
/// all columns, in pixels.
pub fn columns_in_sight(widths: &[f64], left: f64, view_width: f64) -> (usize, usize, f64) {
    let mut at = 0.0;
    let mut first = None;
    for (index, width) in widths.iter().enumerate() {
        if first.is_none() && at + width > left {
            first = Some((index, at));
        }
        if at > left + view_width {
            let (from, offset) = first.unwrap_or((index, at));
            return (from, index, offset);
        }
        at += width;
    }
    let (from, offset) = first.unwrap_or((0, 0.0));
    (from, widths.len(), offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scroll(rows: u32) -> Scroll {
        Scroll {
            rows,
            row_height: 40.0,
            view_height: 400.0,
        }
    }

    #[test]
    fn a_short_table_is_drawn_whole() {
        assert_eq!(scroll(3).window(0.0), (0, 2, 0.0));
        assert_eq!(scroll(0).window(0.0), (0, 0, 0.0));
    }

    #[test]
    fn a_window_begins_where_its_first_row_stands() {
        let (first, last, offset) = scroll(1000).window(4000.0);
        assert_eq!((first, last), (94, 117));
        assert_eq!(offset, 94.0 * 40.0);
    }

    /// Ten million rows of 40 pixels would be 400 million pixels tall.
    #[test]
    fn both_ends_of_a_huge_table_can_be_reached() {
        let huge = scroll(10_000_000);
        assert_eq!(huge.height(), TALLEST);
        assert_eq!(huge.window(0.0).0, 0);
        let (first, last, offset) = huge.window(TALLEST);
        assert_eq!(last, 9_999_999);
        let bottom = offset + f64::from(last + 1 - first) * huge.row_height;
        assert!((bottom - TALLEST).abs() < 1.0, "{bottom}");
    }

    #[test]
    fn revealing_a_row_brings_it_into_the_window() {
        for rows in [50, 10_000_000] {
            let scroll = scroll(rows);
            for row in [0, 17, rows / 2, rows - 1] {
                let top = scroll.reveal(row, 0.0);
                let (first, last, _) = scroll.window(top);
                assert!((first..=last).contains(&row), "{row} of {rows}");
            }
        }
        assert_eq!(scroll(50).reveal(3, 0.0), 0.0, "it is in sight already");
    }

    #[test]
    fn only_columns_in_sight_are_drawn() {
        let widths = vec![100.0; 2000];
        assert_eq!(columns_in_sight(&widths, 0.0, 350.0), (0, 4, 0.0));
        assert_eq!(columns_in_sight(&widths, 1050.0, 350.0), (10, 15, 1000.0));
        assert_eq!(
            columns_in_sight(&widths, 199_900.0, 350.0),
            (1999, 2000, 199_900.0)
        );
        assert_eq!(columns_in_sight(&[], 0.0, 350.0), (0, 0, 0.0));
    }
}
