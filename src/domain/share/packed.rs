//! Matrices of few bits a number.

use half::f16;

use super::bytes::{Fault, Reader, Writer};

/// How a matrix is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bits {
    /// Half precision.
    F16,
    /// Eight bits, with a scale a row.
    Int8,
    /// Four bits, with a scale a row.
    Int4,
}

impl Bits {
    const ALL: [Self; 3] = [Self::F16, Self::Int8, Self::Int4];

    /// Name as people read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::F16 => "16 bits",
            Self::Int8 => "8 bits",
            Self::Int4 => "4 bits",
        }
    }

    /// The largest whole number that stands for a row's largest value.
    fn most(self) -> f32 {
        match self {
            Self::Int4 => 7.0,
            Self::F16 | Self::Int8 => 127.0,
        }
    }

    /// Bytes of a row's numbers.
    fn row_bytes(self, width: usize) -> usize {
        match self {
            Self::F16 => width.saturating_mul(2),
            Self::Int8 => width,
            Self::Int4 => width.div_ceil(2),
        }
    }
}

/// A matrix of few bits a number, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    bits: Bits,
    width: usize,
    /// One a row; none of half precision.
    pub(super) scales: Vec<f32>,
    bytes: Vec<u8>,
}

impl Packed {
    /// Packs a matrix, row-major.
    ///
    /// # Panics
    /// When `values` are no rows of this width.
    pub fn pack(values: &[f32], width: usize, bits: Bits) -> Self {
        assert_eq!(values.len() % width, 0, "rows are whole");
        let (mut scales, mut bytes) = (Vec::new(), Vec::new());
        for row in values.chunks_exact(width) {
            if bits == Bits::F16 {
                bytes.extend(row.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()));
                continue;
            }
            let largest = row.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
            let scale = if largest > 0.0 {
                largest / bits.most()
            } else {
                1.0
            };
            scales.push(scale);
            let codes: Vec<u8> = row
                .iter()
                .map(|x| (x / scale).round().clamp(-bits.most(), bits.most()) as i8 as u8)
                .collect();
            match bits {
                Bits::Int4 => bytes.extend(codes.chunks(2).map(|pair| {
                    let high = pair.get(1).copied().unwrap_or(0);
                    (pair[0] & 0x0f) | (high << 4)
                })),
                Bits::F16 | Bits::Int8 => bytes.extend(codes),
            }
        }
        Self {
            bits,
            width,
            scales,
            bytes,
        }
    }

    /// The numbers, row-major.
    pub fn values(&self) -> Vec<f32> {
        let row_bytes = self.bits.row_bytes(self.width);
        let mut values = Vec::with_capacity(self.rows() * self.width);
        for (row, bytes) in self.bytes.chunks_exact(row_bytes).enumerate() {
            match self.bits {
                Bits::F16 => {
                    let pairs = bytes.chunks_exact(2);
                    values.extend(pairs.map(|x| f16::from_le_bytes([x[0], x[1]]).to_f32()));
                }
                Bits::Int8 => {
                    let scale = self.scales[row];
                    values.extend(bytes.iter().map(|&code| f32::from(code as i8) * scale));
                }
                Bits::Int4 => {
                    let scale = self.scales[row];
                    let codes = bytes
                        .iter()
                        // Up to the sign bit and down again, so that the sign spreads.
                        .flat_map(|&pair| [(pair << 4) as i8 >> 4, pair as i8 >> 4]);
                    let row = codes.take(self.width);
                    values.extend(row.map(|code| f32::from(code) * scale));
                }
            }
        }
        values
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.bytes.len() / self.bits.row_bytes(self.width).max(1)
    }

    /// Numbers in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How it is kept.
    pub fn bits(&self) -> Bits {
        self.bits
    }

    /// Whether every number is one.
    pub(super) fn is_finite(&self) -> bool {
        self.scales.iter().all(|scale| scale.is_finite())
            && (self.bits != Bits::F16 || self.values().iter().all(|x| x.is_finite()))
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.0.push(self.bits as u8);
        out.number(self.rows() as u32);
        out.number(self.width as u32);
        for &scale in &self.scales {
            out.float(scale);
        }
        out.0.extend(&self.bytes);
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Result<Self, Fault> {
        let bits = *Bits::ALL
            .get(usize::from(from.byte()?))
            .ok_or("its weights are kept in a way that is not known")?;
        let rows = from.number()? as usize;
        let width = from.number()? as usize;
        let row_bytes = bits.row_bytes(width);
        let scale_bytes = if bits == Bits::F16 { 0 } else { 4 };
        let needed = rows.saturating_mul(row_bytes.saturating_add(scale_bytes));
        if rows == 0 || width == 0 || needed > from.0.len() {
            return Err("its weights do not have the size that they say");
        }
        let mut scales = Vec::new();
        if bits != Bits::F16 {
            for _ in 0..rows {
                scales.push(from.float()?);
            }
        }
        let bytes = from.bytes(rows * row_bytes)?.to_vec();
        Ok(Self {
            bits,
            width,
            scales,
            bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_near_as_their_bits_allow() {
        let values: Vec<f32> = (0..35).map(|at| ((at * 7) as f32).sin() * 0.3).collect();
        for (bits, off) in [(Bits::F16, 2e-4), (Bits::Int8, 2e-3), (Bits::Int4, 3e-2)] {
            let packed = Packed::pack(&values, 7, bits);
            assert_eq!((packed.rows(), packed.width()), (5, 7));
            let found = packed.values();
            assert_eq!(found.len(), 35);
            for (value, found) in values.iter().zip(found) {
                assert!((value - found).abs() < off, "{bits:?}: {value} {found}");
            }
            let mut writer = Writer::default();
            packed.write(&mut writer);
            assert_eq!(Packed::read(&mut Reader(&writer.0)), Ok(packed));
        }
    }

    #[test]
    fn a_size_that_is_not_there_is_refused() {
        for bytes in [
            &[1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 3][..],
            &[0, 1, 0],
            &[0, 0, 1],
            &[3, 1, 1, 0, 0],
            &[2, 1, 9, 0, 0, 0, 0, 1],
        ] {
            assert!(Packed::read(&mut Reader(bytes)).is_err(), "{bytes:?}");
        }
    }
}
