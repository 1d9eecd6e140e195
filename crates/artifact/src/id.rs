//! Identifiers and short texts, each with its grammar and its longest length.
//!
//! ```text
//! label   [a-z0-9][a-z0-9.-]{0,63}          election, organisation, holder, phase
//! key name [A-Za-z0-9][A-Za-z0-9._:/-]{0,127}   origin of the log, name of a witness
//! name    1..=200 characters, no control character or Bidi_Control, no space at either end
//! date    YYYY-MM-DD, a day of the calendar
//! language [a-z]{2,3}(-[A-Za-z0-9]{2,8})*, at most 35 characters
//! part    a name of at most 64 characters without `/`
//! text    1..=4000 characters, no control character but line feed
//! rbid    [0-9A-Za-z][0-9A-Za-z._-]{0,63}
//! station [0-9A-Za-z-]{1,64}
//! key     [A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=   32 bytes in base64
//! decimal (0|[1-9][0-9]{0,11})(.[0-9]{1,12})?
//! ```
//! Lengths count Unicode scalar values, as JSON Schema does.

use canon::Digest;
use std::borrow::Borrow;

use crate::form::parsed;

/// A string that does not follow the grammar of its type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {rule}, found {found:?}")]
pub struct GrammarError {
    /// What the string was to be.
    pub what: &'static str,
    /// The grammar in words.
    pub rule: &'static str,
    /// The string, cut short.
    pub found: String,
}

impl GrammarError {
    pub(crate) fn new(what: &'static str, rule: &'static str, found: &str) -> Self {
        Self { what, rule, found: found.chars().take(80).collect() }
    }
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:expr, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                out.pad(&self.0)
            }
        }

        impl core::str::FromStr for $name {
            type Err = GrammarError;

            fn from_str(text: &str) -> Result<Self, GrammarError> {
                if $check(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(GrammarError::new($what, $rule, text))
                }
            }
        }

        impl TryFrom<&str> for $name {
            type Error = GrammarError;

            fn try_from(text: &str) -> Result<Self, GrammarError> {
                text.parse()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                parsed(deserializer)
            }
        }
    };
}

const LABEL: &str = "1 to 64 of a-z, 0-9, '.' and '-', beginning with a letter or digit";
const KEY_NAME: &str =
    "1 to 128 of A-Z, a-z, 0-9, '.', '_', ':', '/' and '-', beginning with a letter or digit";
const NAME: &str =
    "1 to 200 characters without control and direction characters and a space at either end";
const PART: &str = "1 to 64 characters without '/', control characters or a space at either end";
const TEXT: &str = "1 to 4000 characters without control characters other than line feed";
const RBID: &str = "1 to 64 of 0-9, A-Z, a-z, '.', '_' and '-', beginning with a letter or digit";
const CALENDAR_DATE: &str = "a day of the calendar as YYYY-MM-DD";
const LANGUAGE: &str = "a language as `en` or `zh-Hant`: 2 or 3 of a-z, then parts of 2 to 8 \
     letters or digits, each after a '-'";
const FILE_NAME: &str = "a relative path of 1 to 255 characters with '/' between its parts, no \
     part empty, '.' or '..', and no backslash, colon or control character";
const FILE_TYPE: &str = "1 to 64 of a-z, 0-9, '_', '.', '+', '-', in at most two parts with a \
     '/' between them, each beginning with a letter or digit";
const DECIMAL: &str = "a decimal number of at most 12 digits before and 12 after the point, \
     without sign, exponent or needless leading zero";
const SEED: &str = "1 to 200 decimal digits";
const STATION: &str = "1 to 64 of 0-9, A-Z, a-z and '-'";
const KEY_TEXT: &str = "32 bytes in base64";
const AGE_KEY: &str = "`age1` and 58 of the characters of Bech32";
const VKEY: &str = "a verifier key '<name>+<8 hex digits>+<base64>' of at most 512 characters";

text_type!(
    /// The election that an artifact belongs to; every payload names it.
    ElectionId, "an election id", LABEL, is_label
);
text_type!(
    /// An organisation of the charter.
    OrganisationId, "an organisation id", LABEL, is_label
);
text_type!(
    /// Who or what holds a key: a person, an office, a device.
    HolderId, "a holder id", LABEL, is_label
);
text_type!(
    /// A phase of the election, as the charter names it.
    PhaseName, "a phase name", LABEL, is_label
);
text_type!(
    /// How a device's boot state was measured, as `tpm2-pcr` or `image-digest`.
    BootMethod, "a boot method", LABEL, is_label
);
text_type!(
    /// The name of a log (its origin) or of a witness.
    KeyName, "a key name", KEY_NAME, is_key_name
);
text_type!(
    /// A campaign of the booth path: the label of its host.
    CampaignName, "a campaign name", LABEL, is_label
);
text_type!(
    /// A device that shows codes in a booth, as `8704-2A05-B259-1090`.
    StationId, "a station", STATION, is_station
);
text_type!(
    /// The text of an Ed25519 public key; the booth path's own rules read it.
    KeyText, "a key", KEY_TEXT, is_key_text
);
text_type!(
    /// The text of an age public key: an auditor of a trial. Its checksum is not judged here.
    AgeKey, "an age key", AGE_KEY, is_age_key
);
text_type!(
    /// A short text for people or from a voting system: a contest, a choice, a location.
    Name, "a name", NAME, is_name
);
text_type!(
    /// A day of the calendar.
    CalendarDate, "a date", CALENDAR_DATE, is_calendar_date
);
text_type!(
    /// A language, as BCP 47 writes it: `en`, `zh-Hant`.
    Language, "a language", LANGUAGE, is_language
);
text_type!(
    /// One component of a card's id: a container or a batch.
    Part, "a container or batch id", PART, is_part
);
text_type!(
    /// A longer text for people.
    Text, "a text", TEXT, is_text
);
text_type!(
    /// The random ballot identifier (section 8.2), or another system's record id on imports.
    Rbid, "a ballot identifier", RBID, is_rbid
);
text_type!(
    /// The name of a file in a manifest, relative and without tricks.
    FileName, "a file name", FILE_NAME, is_file_name
);
text_type!(
    /// What a file is, as `ballot_manifest/csv`.
    FileType, "a file type", FILE_TYPE, is_file_type
);
text_type!(
    /// A number that is not an integer, written out.
    Decimal, "a decimal", DECIMAL, is_decimal
);
text_type!(
    /// An audit's seed: decimal digits, as thrown with dice (section 11.1).
    Seed, "a seed", SEED, is_seed
);
text_type!(
    /// The text of a verifier key; [`crate::charter::Charter::check`] reads it.
    VkeyText, "a verifier key", VKEY, is_vkey
);

impl Decimal {
    /// Whether the number lies strictly between nought and one.
    pub fn is_fraction(&self) -> bool {
        self.0.strip_prefix("0.").is_some_and(|digits| digits.bytes().any(|digit| digit != b'0'))
    }

    /// Whether the number is greater than one.
    pub fn exceeds_one(&self) -> bool {
        let (whole, fraction) = self.0.split_once('.').unwrap_or((&self.0, ""));
        match whole {
            "0" => false,
            "1" => fraction.bytes().any(|digit| digit != b'0'),
            _ => true,
        }
    }
}

/// 32 random bytes that keep a withheld artifact from being guessed by its digest.
///
/// Wire form: 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Salt(Digest);

impl Salt {
    /// Takes 32 bytes of a random generator.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(Digest(bytes))
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0.0
    }
}

impl core::fmt::Display for Salt {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(out)
    }
}

/// Shows nothing: while its artifact is withheld, the salt is a secret.
impl core::fmt::Debug for Salt {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("Salt(..)")
    }
}

fn starts(text: &str, longest: usize, first: fn(u8) -> bool, rest: fn(u8) -> bool) -> bool {
    text.len() <= longest
        && text.bytes().next().is_some_and(first)
        && text.bytes().skip(1).all(rest)
}

fn is_label(text: &str) -> bool {
    let first = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    starts(text, 64, first, |byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
    })
}

fn is_key_name(text: &str) -> bool {
    starts(
        text,
        128,
        |byte| byte.is_ascii_alphanumeric(),
        |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'/' | b'-'),
    )
}

fn is_rbid(text: &str) -> bool {
    starts(
        text,
        64,
        |byte| byte.is_ascii_alphanumeric(),
        |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'),
    )
}

/// True for what Unicode calls `Bidi_Control` (UAX 9): it turns what stands beside it around, so
/// that a title reads one way here and another there.
const fn turns_text(symbol: char) -> bool {
    matches!(
        symbol,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// No control character, no `Bidi_Control`, 1 to `longest` characters.
fn is_plain(text: &str, longest: usize) -> bool {
    !text.is_empty()
        // Four bytes a character at most: a cheap bound before counting.
        && text.len() <= longest.saturating_mul(4)
        && text.chars().count() <= longest
        && !text.chars().any(|symbol| symbol.is_control() || turns_text(symbol))
}

fn is_name(text: &str) -> bool {
    is_plain(text, 200) && !text.starts_with(' ') && !text.ends_with(' ')
}

/// A day that is in the calendar: the strict reader of instants judges it.
fn is_calendar_date(text: &str) -> bool {
    text.len() == 10 && format!("{text}T00:00:00Z").parse::<canon::Timestamp>().is_ok()
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let main = parts.next().unwrap_or_default();
    text.len() <= 35
        && (2..=3).contains(&main.len())
        && main.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn is_part(text: &str) -> bool {
    is_name(text) && is_plain(text, 64) && !text.contains('/')
}

fn is_text(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 16_000
        && text.chars().count() <= 4000
        && !text.chars().any(|symbol| symbol.is_control() && symbol != '\n')
}

fn is_file_name(text: &str) -> bool {
    is_plain(text, 255)
        && !text.contains(['\\', ':'])
        && text.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn is_file_type(text: &str) -> bool {
    let part = |part: &str| {
        let first = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        starts(part, 64, first, |byte| {
            byte.is_ascii_lowercase()
                || byte.is_ascii_digit()
                || matches!(byte, b'_' | b'.' | b'+' | b'-')
        })
    };
    text.len() <= 64
        && match text.split_once('/') {
            Some((class, format)) => part(class) && part(format),
            None => part(text),
        }
}

fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| {
        (1..=12).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && fraction.is_none_or(digits)
}

fn is_seed(text: &str) -> bool {
    (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_station(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    starts(text, 64, fits, fits)
}

fn is_key_text(text: &str) -> bool {
    canon::base64::decode(text.as_bytes()).is_some_and(|bytes| bytes.len() == 32)
}

fn is_age_key(text: &str) -> bool {
    let symbols = |rest: &str| rest.bytes().all(|byte| BECH32.contains(&byte));
    text.strip_prefix("age1").is_some_and(|rest| rest.len() == 58 && symbols(rest))
}

/// The characters of Bech32 (BIP 173).
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

fn is_vkey(text: &str) -> bool {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len() <= 512
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_graphic())
        && (id.len() == 8 && id.bytes().all(hex))
        && (key.len() == 44 && key.bytes().all(base64))
}

#[cfg(test)]
mod tests;
