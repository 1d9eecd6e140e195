//! The strict parser: any layout, one meaning.

use super::MAX_DEPTH;
use super::error::{Fault, Found, JsonError, shown};
use super::text::{integer, plain_run, utf8_length};
use super::value::{Members, Value};

/// A cursor over a strict JSON text.
pub(super) struct Parser<'a> {
    input: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Parser<'a> {
    pub(super) const fn new(input: &'a [u8]) -> Self {
        Self { input, rest: input }
    }

    /// The whole text: one value with white space around it.
    pub(super) fn document(&mut self) -> Result<Value, JsonError> {
        if self.rest.starts_with(b"\xef\xbb\xbf") {
            return Err(self.error(Fault::ByteOrderMark));
        }
        let value = self.value(0)?;
        self.space();
        match self.rest.first() {
            None => Ok(value),
            Some(byte) => Err(self.error(Fault::Trailing { found: Found::Byte(*byte) })),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.space();
        match self.rest.first() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') => {
                let (value, length) = integer(self.rest).map_err(|fault| self.error(fault))?;
                self.skip(length);
                Ok(Value::Integer(value))
            }
            Some(b't') if self.take(b"true") => Ok(Value::Bool(true)),
            Some(b'f') if self.take(b"false") => Ok(Value::Bool(false)),
            Some(b'n') if self.take(b"null") => Ok(Value::Null),
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

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        let depth = self.deeper(depth)?;
        self.skip(1);
        let mut items = Vec::new();
        self.space();
        if self.take(b"]") {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.space();
            match self.rest.first() {
                Some(b',') => self.skip(1),
                Some(b']') => break self.skip(1),
                _ => return Err(self.unexpected("`,` or `]`")),
            }
        }
        Ok(Value::Array(items))
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        let depth = self.deeper(depth)?;
        self.skip(1);
        let mut members = Vec::new();
        self.space();
        if self.take(b"}") {
            return Ok(Value::Object(Members::default()));
        }
        loop {
            self.space();
            let at = self.offset();
            if self.rest.first() != Some(&b'"') {
                return Err(self.unexpected("a name in quotation marks"));
            }
            let name = self.string()?;
            self.space();
            if !self.take(b":") {
                return Err(self.unexpected("`:`"));
            }
            members.push((name, self.value(depth)?, at));
            self.space();
            match self.rest.first() {
                Some(b',') => self.skip(1),
                Some(b'}') => break self.skip(1),
                _ => return Err(self.unexpected("`,` or `}`")),
            }
        }
        self.sorted(members).map(Value::Object)
    }

    /// Sorts members once at the end, so that no order of names is slow to read.
    fn sorted(&self, members: Vec<(String, Value, usize)>) -> Result<Members, JsonError> {
        Members::from_unsorted(members).map_err(|(name, at)| {
            JsonError::new(self.input, at, Fault::DuplicateName { name: shown(&name) })
        })
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.skip(1);
        let mut text = String::new();
        loop {
            let run = self.text_run()?;
            text.push_str(run);
            match self.rest.first().copied() {
                Some(b'"') => break self.skip(1),
                Some(b'\\') => {
                    let (found, length) = escape(self.rest).map_err(|fault| self.error(fault))?;
                    text.push(found);
                    self.skip(length);
                }
                Some(byte) => return Err(self.error(Fault::Control { byte })),
                None => return Err(self.unexpected("the end of a string")),
            }
        }
        Ok(text)
    }

    /// The characters that stand for themselves, up to the next that does not.
    fn text_run(&mut self) -> Result<&'a str, JsonError> {
        let start = self.rest;
        loop {
            self.skip(plain_run(self.rest));
            match self.rest.first().copied() {
                Some(byte @ 0x80..) => match utf8_length(self.rest) {
                    Some(length) => self.skip(length),
                    None => return Err(self.error(Fault::Utf8 { byte })),
                },
                _ => break,
            }
        }
        let length = start.len().saturating_sub(self.rest.len());
        let run = start.get(..length).unwrap_or_default();
        std::str::from_utf8(run)
            .map_err(|_| self.error(Fault::Utf8 { byte: run.first().copied().unwrap_or(0) }))
    }

    fn space(&mut self) {
        let space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let length = self.rest.iter().take_while(space).count();
        self.skip(length);
    }

    fn take(&mut self, bytes: &[u8]) -> bool {
        match self.rest.strip_prefix(bytes) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    const fn offset(&self) -> usize {
        self.input.len().saturating_sub(self.rest.len())
    }

    fn error(&self, fault: Fault) -> JsonError {
        JsonError::new(self.input, self.offset(), fault)
    }

    #[cold]
    fn unexpected(&self, expected: &'static str) -> JsonError {
        let found = self.rest.first().map_or(Found::End, |byte| Found::Byte(*byte));
        self.error(Fault::Unexpected { expected, found })
    }
}

/// What is wrong with the escape at the start; `None` when it is legal JSON.
pub(super) fn escape_fault(bytes: &[u8]) -> Option<Fault> {
    escape(bytes).err()
}

/// The character that the escape at the start stands for, and the escape's length.
fn escape(bytes: &[u8]) -> Result<(char, usize), Fault> {
    let letter = bytes.get(1).copied();
    let found = match letter {
        Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(bytes),
        other => {
            return Err(Fault::Escape { found: other.map_or(Found::End, Found::Byte) });
        }
    };
    Ok((found, 2))
}

/// `\uXXXX`, or two of them that make a surrogate pair.
fn unicode_escape(bytes: &[u8]) -> Result<(char, usize), Fault> {
    let unit = code_unit(bytes)?;
    let rest = bytes.get(6..).unwrap_or_default();
    if (0xd800..0xdc00).contains(&unit) && rest.starts_with(b"\\u") {
        let low = code_unit(rest)?;
        if let Some(Ok(found)) = char::decode_utf16([unit, low]).next() {
            return Ok((found, 12));
        }
    }
    match char::from_u32(u32::from(unit)) {
        Some(found) => Ok((found, 6)),
        None => Err(Fault::LoneSurrogate { unit }),
    }
}

/// The code unit of a `\uXXXX`.
fn code_unit(bytes: &[u8]) -> Result<u16, Fault> {
    (2..6).try_fold(0_u16, |unit, at| {
        let byte = bytes.get(at).copied();
        let digit = byte.and_then(|byte| char::from(byte).to_digit(16));
        let digit = digit.and_then(|digit| u16::try_from(digit).ok());
        match digit {
            Some(digit) => Ok(unit << 4 | digit),
            None => Err(Fault::Escape { found: byte.map_or(Found::End, Found::Byte) }),
        }
    })
}
