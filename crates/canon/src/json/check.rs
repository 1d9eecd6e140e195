//! One pass over a text that accepts canonical bytes only and builds nothing.

use std::cmp::Ordering;

use super::MAX_DEPTH;
use super::error::{Fault, Found, JsonError, SHOWN};
use super::text::{integer, plain_run, utf8_length, utf16_order};

/// A cursor over a text that has to be canonical.
pub(crate) struct Scanner<'a> {
    input: &'a [u8],
    rest: &'a [u8],
}

/// A string as it stands in the text, without its quotation marks.
#[derive(Clone, Copy)]
pub(crate) struct RawString<'a> {
    bytes: &'a [u8],
    escaped: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) const fn new(input: &'a [u8]) -> Self {
        Self { input, rest: input }
    }

    /// The whole text: one value and nothing behind it.
    pub(crate) fn document(&mut self) -> Result<(), JsonError> {
        if self.rest.starts_with(b"\xef\xbb\xbf") {
            return Err(self.error(Fault::ByteOrderMark));
        }
        self.value(0)?;
        self.end()
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<(), JsonError> {
        match self.rest.first() {
            None => Ok(()),
            Some(b' ' | b'\t' | b'\n' | b'\r') => Err(self.error(Fault::WhiteSpace)),
            Some(byte) => Err(self.error(Fault::Trailing { found: Found::Byte(*byte) })),
        }
    }

    /// Takes these bytes if they come next.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> bool {
        match self.rest.strip_prefix(bytes) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(crate) const fn offset(&self) -> usize {
        self.input.len().saturating_sub(self.rest.len())
    }

    /// Passes a value that lies within `depth` arrays and objects, and yields its bytes.
    pub(crate) fn slice(&mut self, depth: usize) -> Result<&'a [u8], JsonError> {
        let before = self.rest;
        self.value(depth)?;
        let length = before.len().saturating_sub(self.rest.len());
        Ok(before.get(..length).unwrap_or_default())
    }

    /// Passes a value that lies within `depth` arrays and objects.
    pub(crate) fn value(&mut self, depth: usize) -> Result<(), JsonError> {
        match self.rest.first() {
            Some(b'"') => self.string().map(|_| ()),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') => {
                let (_, length) = integer(self.rest).map_err(|fault| self.error(fault))?;
                self.skip(length);
                Ok(())
            }
            Some(b't') if self.take(b"true") => Ok(()),
            Some(b'f') if self.take(b"false") => Ok(()),
            Some(b'n') if self.take(b"null") => Ok(()),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn deeper(&self, depth: usize) -> Result<usize, JsonError> {
        if depth < MAX_DEPTH {
            Ok(depth.saturating_add(1))
        } else {
            Err(self.error(Fault::TooDeep))
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), JsonError> {
        let depth = self.deeper(depth)?;
        self.skip(1);
        if self.take(b"]") {
            return Ok(());
        }
        loop {
            self.value(depth)?;
            match self.rest.first() {
                Some(b',') => self.skip(1),
                Some(b']') => break self.skip(1),
                _ => return Err(self.unexpected("`,` or `]`")),
            }
        }
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<(), JsonError> {
        let depth = self.deeper(depth)?;
        self.skip(1);
        if self.take(b"}") {
            return Ok(());
        }
        let mut previous: Option<RawString<'_>> = None;
        loop {
            let at = self.offset();
            if self.rest.first() != Some(&b'"') {
                return Err(self.unexpected("a name in quotation marks"));
            }
            let name = self.string()?;
            if let Some(previous) = previous {
                self.require_order(previous, name, at)?;
            }
            previous = Some(name);
            if !self.take(b":") {
                return Err(self.unexpected("`:`"));
            }
            self.value(depth)?;
            match self.rest.first() {
                Some(b',') => self.skip(1),
                Some(b'}') => break self.skip(1),
                _ => return Err(self.unexpected("`,` or `}`")),
            }
        }
        Ok(())
    }

    /// Names ascend strictly, which rules out duplicates without remembering them all.
    fn require_order(
        &self,
        previous: RawString<'_>,
        name: RawString<'_>,
        at: usize,
    ) -> Result<(), JsonError> {
        let order = if previous.escaped || name.escaped {
            utf16_order(previous.decoded(), name.decoded())
        } else {
            utf16_order(previous.bytes.iter().copied(), name.bytes.iter().copied())
        };
        let fault = match order {
            Ordering::Less => return Ok(()),
            Ordering::Equal => Fault::DuplicateName { name: name.text(SHOWN) },
            Ordering::Greater => Fault::Order { name: name.text(SHOWN) },
        };
        Err(JsonError::new(self.input, at, fault))
    }

    /// Passes a string, whose opening quotation mark comes next.
    pub(crate) fn string(&mut self) -> Result<RawString<'a>, JsonError> {
        if !self.take(b"\"") {
            return Err(self.unexpected("a string"));
        }
        let start = self.rest;
        let mut escaped = false;
        loop {
            self.skip(plain_run(self.rest));
            match self.rest.first().copied() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.escape()?;
                    escaped = true;
                }
                Some(byte @ 0..0x20) => return Err(self.error(Fault::Control { byte })),
                Some(byte) => match utf8_length(self.rest) {
                    Some(length) => self.skip(length),
                    None => return Err(self.error(Fault::Utf8 { byte })),
                },
                None => return Err(self.unexpected("the end of a string")),
            }
        }
        let length = start.len().saturating_sub(self.rest.len());
        self.skip(1);
        Ok(RawString { bytes: start.get(..length).unwrap_or_default(), escaped })
    }

    /// Passes an escape that is written as RFC 8785 writes it.
    fn escape(&mut self) -> Result<(), JsonError> {
        match *self.rest {
            [_, b'"' | b'\\' | b'b' | b't' | b'n' | b'f' | b'r', ..] => self.skip(2),
            [_, b'u', b'0', b'0', high @ b'0'..=b'1', low @ (b'0'..=b'9' | b'a'..=b'f'), ..]
                if !matches!((high, low), (b'0', b'8' | b'9' | b'a' | b'c' | b'd')) =>
            {
                self.skip(6);
            }
            // The strict parser knows what else JSON has, and tells a wrong escape from a legal
            // one in another spelling.
            _ => {
                let fault = super::parse::escape_fault(self.rest);
                return Err(self.error(fault.unwrap_or(Fault::Spelling)));
            }
        }
        Ok(())
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    pub(crate) fn error(&self, fault: Fault) -> JsonError {
        JsonError::new(self.input, self.offset(), fault)
    }

    #[cold]
    pub(crate) fn unexpected(&self, expected: &'static str) -> JsonError {
        let fault = match self.rest.first() {
            None => Fault::Unexpected { expected, found: Found::End },
            Some(b' ' | b'\t' | b'\n' | b'\r') => Fault::WhiteSpace,
            Some(byte) => Fault::Unexpected { expected, found: Found::Byte(*byte) },
        };
        self.error(fault)
    }
}

impl<'a> RawString<'a> {
    /// The bytes of the string; the escapes of canonical JSON all stand for one ASCII character.
    fn decoded(self) -> impl Iterator<Item = u8> + 'a {
        let mut rest = self.bytes;
        std::iter::from_fn(move || {
            let (byte, length) = match *rest {
                [b'\\', b'u', b'0', b'0', high, low, ..] => {
                    let digit = |d: u8| {
                        if d > b'9' { (d & 0x0f).wrapping_add(9) } else { d & 0x0f }
                    };
                    (digit(high) << 4 | digit(low), 6)
                }
                [b'\\', b'b', ..] => (8, 2),
                [b'\\', b't', ..] => (9, 2),
                [b'\\', b'n', ..] => (10, 2),
                [b'\\', b'f', ..] => (12, 2),
                [b'\\', b'r', ..] => (13, 2),
                [b'\\', byte, ..] => (byte, 2),
                [byte, ..] => (byte, 1),
                [] => return None,
            };
            rest = rest.get(length..).unwrap_or_default();
            Some(byte)
        })
    }

    /// The string, if it is written without escapes.
    pub(crate) fn plain(self) -> Option<&'a str> {
        if self.escaped { None } else { std::str::from_utf8(self.bytes).ok() }
    }

    /// The first characters, decoded. Strangers choose the length: no more is built than shown.
    pub(crate) fn text(self, characters: usize) -> String {
        let bytes: Vec<u8> = self.decoded().take(characters.saturating_mul(4)).collect();
        String::from_utf8_lossy(&bytes).chars().take(characters).collect()
    }
}
