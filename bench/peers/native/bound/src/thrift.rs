//! The part of Thrift's compact protocol that Parquet's footer and page headers use
//! (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).

use peer::Result;

pub struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

const LIST: u8 = 9;
const STRUCT: u8 = 12;
/// Nesting of Parquet's own structures stays under ten; what nests deeper is garbage.
const MAX_DEPTH: u32 = 32;

impl<'a> Thrift<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Thrift { bytes, at: 0 }
    }

    /// Bytes read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Result<u8> {
        let byte = *self.bytes.get(self.at).ok_or("Thrift: ends early")?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64> {
        let (mut value, mut shift) = (0u64, 0);
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return Ok(value);
            }
            if shift > 63 {
                return Err("Thrift: a number of more than ten bytes".into());
            }
        }
    }

    pub fn int(&mut self) -> Result<i64> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A number that counts bytes or things.
    pub fn size(&mut self) -> Result<usize> {
        usize::try_from(self.int()?).map_err(|_| "Thrift: a negative size".into())
    }

    pub fn binary(&mut self) -> Result<&'a [u8]> {
        let length = self.varint()? as usize;
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len()).ok_or("Thrift: ends early")?;
        let bytes = &self.bytes[self.at..end];
        self.at = end;
        Ok(bytes)
    }

    pub fn string(&mut self) -> Result<String> {
        Ok(String::from_utf8(self.binary()?.to_vec())?)
    }

    /// Calls `field(self, id)` for every field; it returns whether it read the value, else that is skipped.
    pub fn fields(&mut self, mut field: impl FnMut(&mut Self, i16) -> Result<bool>) -> Result<()> {
        let mut id = 0i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            id = if head >> 4 == 0 { self.int()? as i16 } else { id.wrapping_add(i16::from(head >> 4)) };
            if !field(self, id)? {
                self.skip(head & 15, 0)?;
            }
        }
    }

    /// Calls `element` for every element of a list.
    pub fn list(&mut self, mut element: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        let (count, _) = self.list_head()?;
        for _ in 0..count {
            element(self)?;
        }
        Ok(())
    }

    fn list_head(&mut self) -> Result<(u64, u8)> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        Ok((count, head & 15))
    }

    fn skip(&mut self, kind: u8, depth: u32) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err("Thrift: nested too deep".into());
        }
        match kind {
            1 | 2 => {}
            3 => self.at += 1,
            4..=6 => {
                self.varint()?;
            }
            7 => self.at += 8,
            8 => {
                self.binary()?;
            }
            LIST | 10 => {
                let (count, element) = self.list_head()?;
                for _ in 0..count {
                    // A list's booleans take a byte each, a field's none.
                    self.skip(if element <= 2 { 3 } else { element }, depth + 1)?
                }
            }
            STRUCT => loop {
                let head = self.byte()?;
                if head == 0 {
                    break;
                }
                if head >> 4 == 0 {
                    self.varint()?;
                }
                self.skip(head & 15, depth + 1)?;
            },
            _ => return Err(format!("Thrift: type {kind} is not in Parquet's structures").into()),
        }
        if self.at > self.bytes.len() { Err("Thrift: ends early".into()) } else { Ok(()) }
    }
}
