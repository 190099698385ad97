//! The distinct cells of a column, in as few allocations as can be.
//!
//! A box for every cell would cost a pointer, a length and the allocator's own words, more than
//! many cells are long. Here cells lie end to end in blocks: a block never grows once the next one
//! has begun, so that adding a cell never copies what was read before, as one long string would
//! whenever it doubles.

/// Cells in a block: few enough that a block of the longest cells can be had, many enough that
/// its own words hardly count.
const BLOCK_CELLS: usize = 256;

/// A list of strings that only grows.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    /// Full ones hold [`BLOCK_CELLS`] cells each.
    blocks: Vec<Block>,
    /// The one being filled.
    open: OpenBlock,
    /// Bytes in the full blocks.
    bytes: usize,
}

#[derive(Debug, Clone)]
struct Block {
    text: Box<str>,
    /// Where each cell ends in `text`.
    ends: Box<[u32]>,
}

#[derive(Debug, Clone, Default)]
struct OpenBlock {
    text: String,
    ends: Vec<u32>,
}

impl Cells {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.blocks.len() * BLOCK_CELLS + self.open.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cell at a place, `None` beyond the last.
    pub fn get(&self, at: usize) -> Option<&str> {
        let (block, within) = (at / BLOCK_CELLS, at % BLOCK_CELLS);
        match self.blocks.get(block) {
            Some(block) => cut(&block.text, &block.ends, within),
            None if block == self.blocks.len() => cut(&self.open.text, &self.open.ends, within),
            None => None,
        }
    }

    /// All of them, in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter {
            cells: self,
            at: 0..self.len(),
        }
    }

    /// Appends a cell.
    pub(super) fn push(&mut self, cell: &str) {
        self.open.text.push_str(cell);
        self.open.ends.push(self.open.text.len() as u32);
        if self.open.ends.len() == BLOCK_CELLS {
            let block = Block {
                text: self.open.text.as_str().into(),
                ends: self.open.ends.as_slice().into(),
            };
            self.bytes += block.text.len() + size_of_val(&*block.ends) + size_of::<Block>();
            self.blocks.push(block);
            self.open.text.clear();
            self.open.ends.clear();
        }
    }

    /// Gives back what was set aside for more cells.
    pub(super) fn shrink_to_fit(&mut self) {
        self.blocks.shrink_to_fit();
        self.open.text.shrink_to_fit();
        self.open.ends.shrink_to_fit();
    }

    /// Bytes of memory that they take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.open.text.capacity() + self.open.ends.capacity() * size_of::<u32>()
    }
}

/// The cell that ends at `ends[at]`.
fn cut<'a>(text: &'a str, ends: &[u32], at: usize) -> Option<&'a str> {
    let end = *ends.get(at)? as usize;
    let start = match at {
        0 => 0,
        _ => ends[at - 1] as usize,
    };
    Some(&text[start..end])
}

impl std::ops::Index<usize> for Cells {
    type Output = str;

    fn index(&self, at: usize) -> &str {
        self.get(at)
            .expect("a code is the place of one of its column's cells")
    }
}

impl<'a> IntoIterator for &'a Cells {
    type Item = &'a str;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// Goes through [`Cells`] in order.
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    cells: &'a Cells,
    at: std::ops::Range<usize>,
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.cells.get(self.at.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.at.size_hint()
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.cells.get(self.at.next_back()?)
    }
}

impl ExactSizeIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_from_every_block() {
        for count in [0, 1, 255, 256, 257, 1000] {
            let wanted: Vec<String> = (0..count)
                .map(|at| "é".repeat(at % 7) + &at.to_string())
                .collect();
            let mut cells = Cells::default();
            for cell in &wanted {
                cells.push(cell);
            }
            assert_eq!(cells.len(), count);
            assert_eq!(cells.is_empty(), count == 0);
            assert!(cells.iter().eq(wanted.iter().map(String::as_str)));
            assert!(
                cells
                    .iter()
                    .rev()
                    .eq(wanted.iter().rev().map(String::as_str))
            );
            assert_eq!(cells.get(count), None);
            assert_eq!(cells.get(count + 256), None);
            let bytes: usize = wanted.iter().map(String::len).sum();
            cells.shrink_to_fit();
            assert!(cells.bytes() >= bytes && cells.bytes() <= bytes + 5 * count);
        }
    }
}
