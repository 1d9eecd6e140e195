//! What is wrong with a text, where, and what to do.

use std::fmt;

/// A text that is refused: what is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// What is wrong.
    pub fault: Fault,
    /// Where; `None` for a value that never was a text.
    pub at: Option<Position>,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Bytes before it.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// What stood where something else was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The text ended.
    End,
    /// A byte.
    Byte(u8),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => f.write_str("the end of the text"),
            Self::Byte(byte @ b' '..=b'~') => write!(f, "`{}`", char::from(*byte)),
            Self::Byte(byte) => write!(f, "the byte 0x{byte:02x}"),
        }
    }
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Something else was due here.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What was due.
        expected: &'static str,
        /// What stood there.
        found: Found,
    },
    /// A byte order mark before the text.
    #[error("a byte order mark")]
    ByteOrderMark,
    /// Bytes that are no UTF-8: overlong, a surrogate, beyond U+10FFFF, or cut off.
    #[error("bytes that are not UTF-8, starting with 0x{byte:02x}")]
    Utf8 {
        /// The first of them.
        byte: u8,
    },
    /// A control character within a string, not escaped.
    #[error("the control character 0x{byte:02x} within a string")]
    Control {
        /// The character.
        byte: u8,
    },
    /// An escape that JSON does not have.
    #[error("an escape that does not exist: a backslash, then {found}")]
    Escape {
        /// What follows the backslash, or stands in place of a hexadecimal digit.
        found: Found,
    },
    /// Half of a surrogate pair.
    #[error("the lone surrogate \\u{unit:04x}")]
    LoneSurrogate {
        /// The UTF-16 code unit.
        unit: u16,
    },
    /// A name that its object has already.
    #[error("the name {name:?} comes twice in one object")]
    DuplicateName {
        /// The name, decoded, cut to 60 characters.
        name: String,
    },
    /// A number with a fraction or an exponent.
    #[error("a number with a fraction or an exponent")]
    NotInteger,
    /// A number with a superfluous zero in front.
    #[error("a number that begins with a superfluous zero")]
    LeadingZero,
    /// `-0`.
    #[error("a negative zero")]
    NegativeZero,
    /// An integer beyond ±(2^53-1).
    #[error("an integer beyond 9007199254740991, where numbers stop being exact")]
    IntegerRange,
    /// More than 64 levels of arrays and objects.
    #[error("more than 64 levels of arrays and objects")]
    TooDeep,
    /// Something behind the value.
    #[error("{found} after the end of the value")]
    Trailing {
        /// What stands there.
        found: Found,
    },
    /// White space between the tokens of a canonical text.
    #[error("white space, which canonical JSON does not have")]
    WhiteSpace,
    /// Names of an object out of order.
    #[error("the name {name:?} out of order: it belongs before the one in front of it")]
    Order {
        /// The name, decoded, cut to 60 characters.
        name: String,
    },
    /// A legal escape where canonical JSON has another spelling.
    #[error("an escape that canonical JSON writes otherwise")]
    Spelling,
    /// The text is well formed but not what the type wants.
    #[error("{message}")]
    Type {
        /// What serde says about it.
        message: String,
    },
}

impl Fault {
    /// What to do about it, in half a sentence.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Unexpected { .. } => "mend the text at this place, it is not JSON",
            Self::ByteOrderMark => "save the file as UTF-8 without a byte order mark",
            Self::Utf8 { .. } => "save the file as UTF-8",
            Self::Control { .. } => "write it as an escape such as \\n or \\u001f",
            Self::Escape { .. } => "use one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX",
            Self::LoneSurrogate { .. } => "write the whole pair, or the character itself",
            Self::DuplicateName { .. } => "keep one of the two; which one is meant cannot be told",
            Self::NotInteger => "write an integer, or put the number into a string",
            Self::LeadingZero => "leave the zero out, or put the digits into a string",
            Self::NegativeZero => "write 0",
            Self::IntegerRange => "put the number into a string",
            Self::TooDeep => "nest less deeply",
            Self::Trailing { .. } => "keep one value in a text, with nothing behind it",
            Self::WhiteSpace | Self::Order { .. } | Self::Spelling => {
                "write the canonical form: `scrutineer canon FILE` prints it"
            }
            Self::Type { .. } => "compare the text with the schema of its kind",
        }
    }
}

impl JsonError {
    pub(crate) fn new(input: &[u8], offset: usize, fault: Fault) -> Self {
        Self { fault, at: Some(Position::of(input, offset)) }
    }

    /// What to do about it, in half a sentence.
    pub const fn hint(&self) -> &'static str {
        self.fault.hint()
    }

    /// A deserialiser's complaint about a text.
    pub(crate) fn of_type(input: &[u8], error: &serde_json::Error) -> Self {
        let before: usize = input
            .split_inclusive(|byte| *byte == b'\n')
            .take(error.line().saturating_sub(1))
            .map(<[u8]>::len)
            .sum();
        let offset = before.saturating_add(error.column()).min(input.len());
        let message = error.to_string();
        // serde_json adds the place to the message; it is told once, in our own form.
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(text, _)| text);
        Self::new(input, offset, Fault::Type { message: message.to_owned() })
    }
}

impl Position {
    fn of(input: &[u8], offset: usize) -> Self {
        let before = input.get(..offset).unwrap_or(input);
        let line_start =
            before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
        let line = before.split(|byte| *byte == b'\n').count();
        let on_line = before.get(line_start..).unwrap_or_default();
        // Continuation bytes of UTF-8 do not begin a character.
        let characters = on_line.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        Self { offset, line, column: characters.saturating_add(1) }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(Position { offset, line, column }) => {
                write!(f, "line {line}, column {column} (byte {offset}): {}", self.fault)
            }
            None => write!(f, "{}", self.fault),
        }
    }
}

impl std::error::Error for JsonError {}

/// Characters of a name that an error message shows.
pub(crate) const SHOWN: usize = 60;

/// A name for an error message: decoded already, cut to 60 characters.
pub(crate) fn shown(name: &str) -> String {
    name.chars().take(SHOWN).collect()
}
