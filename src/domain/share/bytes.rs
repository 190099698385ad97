//! Numbers and texts in a row of bytes.
//!
//! Whole numbers are LEB128: seven bits a byte, the lowest first.

/// Writes.
#[derive(Default)]
pub struct Writer(pub Vec<u8>);

/// Reads; every count is held against the bytes that are left before anything is allocated.
pub struct Reader<'a>(pub &'a [u8]);

/// Why bytes make no sense.
pub type Fault = &'static str;

const ENDS: Fault = "it ends too early";

impl Writer {
    /// A whole number.
    pub fn number(&mut self, mut number: u32) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A number.
    pub fn float(&mut self, x: f32) {
        self.0.extend(x.to_le_bytes());
    }

    /// A text with its length.
    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u32);
        self.0.extend(text.as_bytes());
    }

    /// A list of texts.
    pub fn texts(&mut self, texts: &[String]) {
        self.number(texts.len() as u32);
        for text in texts {
            self.text(text);
        }
    }
}

impl<'a> Reader<'a> {
    /// So many bytes.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(ENDS)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, Fault> {
        Ok(self.bytes(1)?[0])
    }

    /// A whole number.
    pub fn number(&mut self) -> Result<u32, Fault> {
        let mut number = 0_u64;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(number).map_err(|_| "a number in it is too large");
            }
        }
        Err("a number in it is too large")
    }

    /// How many of something that takes at least `each` bytes; no more than can be left.
    pub fn count(&mut self, each: usize) -> Result<usize, Fault> {
        let count = self.number()? as usize;
        if count.saturating_mul(each) > self.0.len() {
            return Err(ENDS);
        }
        Ok(count)
    }

    /// A number.
    pub fn float(&mut self) -> Result<f32, Fault> {
        let (x, rest) = self.0.split_first_chunk::<4>().ok_or(ENDS)?;
        self.0 = rest;
        Ok(f32::from_le_bytes(*x))
    }

    /// A text.
    pub fn text(&mut self) -> Result<String, Fault> {
        let count = self.count(1)?;
        let bytes = self.bytes(count)?;
        let text = std::str::from_utf8(bytes).map_err(|_| "a text in it is none")?;
        Ok(text.to_owned())
    }

    /// A list of texts.
    pub fn texts(&mut self) -> Result<Vec<String>, Fault> {
        let count = self.count(1)?;
        (0..count).map(|_| self.text()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_survive() {
        let mut writer = Writer::default();
        let numbers = [0, 1, 127, 128, 300, u32::MAX];
        for number in numbers {
            writer.number(number);
        }
        writer.text("häß");
        writer.float(-0.25);
        let mut reader = Reader(&writer.0);
        for number in numbers {
            assert_eq!(reader.number(), Ok(number));
        }
        assert_eq!(reader.text().as_deref(), Ok("häß"));
        assert_eq!(reader.float(), Ok(-0.25));
        assert!(reader.byte().is_err());
    }

    #[test]
    fn a_count_is_no_more_than_the_bytes_that_are_left() {
        let mut reader = Reader(&[0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2]);
        assert!(reader.texts().is_err());
        assert!(Reader(&[0xff; 8]).number().is_err());
    }
}
