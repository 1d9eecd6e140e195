//! The file in which a voter's device keeps one vote: one reader for the device that goes on with
//! it, and for whoever holds it against the lists.
//!
//! ```text
//! {
//!   "form": "scrutineer/vote-record/v1",
//!   "edge": "https://solar.example.org",
//!   "roots": "/etc/solar/roots.pem",      only where some were named
//!   "campaign": "<the campaign file, whole>",
//!   "stamped": "2026-11-03T09:00:00Z",
//!   "p_utc": "1762153200",  "p_sig": "<base64>",  "stamp": "AAKQ-...",  "say": "Bold Jupiter",
//!   "nonce": "8000000054e12cba",          absent until the work is done
//!   "mandate": "<token>",                 absent until it is typed
//!   "accepted": { "place": "0/12", "signature": "<base64>" },
//!   "receipt": { "place": "0/12", "lines": ["<stamp> <option>", ...], "signature": "<base64>" }
//! }
//! ```
//!
//! Whoever shows what the platform has signed may leave out all but `form`, `stamp`, and `accepted`
//! or `receipt`: what is there has its form. Signatures are not judged here.

use canon::{JsonError, Timestamp, base64};
use serde::{Deserialize, Serialize};

use crate::campaign::Period;
use crate::mandate::Mandate;
use crate::receipt::Place;
use crate::stamp::{PlatformStamp, VoterStamp};
use crate::vote::Vote;
use crate::work::Nonce;

/// The name of the form.
pub const RECORD_FORM: &str = "scrutineer/vote-record/v1";

/// A record, as far as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFile {
    /// The edge's address.
    pub edge: Option<String>,
    /// The file with the roots by which its certificate is judged.
    pub roots: Option<String>,
    /// The campaign file, whole.
    pub campaign: Option<String>,
    /// When the stamps came, by the device's clock.
    pub stamped: Option<Timestamp>,
    /// The platform's stamp.
    pub platform: Option<PlatformStamp>,
    /// The voter's stamp.
    pub stamp: VoterStamp,
    /// The option.
    pub say: Option<String>,
    /// The nonce, once the work is done.
    pub nonce: Option<Nonce>,
    /// The mandate, once it is typed.
    pub mandate: Option<Mandate>,
    /// What was signed when the vote was accepted.
    pub accepted: Option<Accepted>,
    /// What was signed when its batch was published.
    pub receipt: Option<Receipted>,
}

/// The signature of an acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The batch.
    pub place: Place,
    /// The instance's signature: 64 bytes.
    pub signature: Vec<u8>,
}

/// The lines of a receipt, with their signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipted {
    /// The batch.
    pub place: Place,
    /// A line for each option.
    pub lines: Vec<String>,
    /// The instance's signature: 64 bytes.
    pub signature: Vec<u8>,
}

/// Why bytes are no record.
#[derive(Debug, thiserror::Error)]
pub enum RecordFault {
    /// They are no JSON of this form.
    #[error("it is no record of a vote: {0}")]
    Json(JsonError),
    /// They have another form, or another version of it.
    #[error("its form is {0:?}, and {RECORD_FORM:?} is read")]
    Version(String),
    /// A field does not hold what it should.
    #[error("its field {0} does not have its form")]
    Field(&'static str),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    form: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edge: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    roots: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    campaign: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stamped: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p_utc: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p_sig: Option<String>,
    stamp: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    say: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mandate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accepted: Option<Signed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt: Option<SignedLines>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    place: String,
    signature: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedLines {
    place: String,
    lines: Vec<String>,
    signature: String,
}

impl RecordFile {
    /// The record of a file's bytes, strict JSON in any layout.
    pub fn from_json(bytes: &[u8]) -> Result<Self, RecordFault> {
        let file: File = canon::json::from_strict(bytes).map_err(RecordFault::Json)?;
        if file.form != RECORD_FORM {
            return Err(RecordFault::Version(file.form));
        }
        let field = RecordFault::Field;
        let accepted = file.accepted.map(|it| {
            let found = signed(&it.place, &it.signature).ok_or(field("accepted"));
            found.map(|(place, signature)| Accepted { place, signature })
        });
        let receipt = file.receipt.map(|it| {
            let found = signed(&it.place, &it.signature).ok_or(field("receipt"));
            found.map(|(place, signature)| Receipted { place, lines: it.lines, signature })
        });
        let nonce = file.nonce.as_deref().map(str::parse).transpose();
        let mandate = file.mandate.as_deref().map(Mandate::from_token).transpose();
        Ok(Self {
            edge: file.edge,
            roots: file.roots,
            campaign: file.campaign,
            stamped: file.stamped,
            platform: platform(file.p_utc.as_deref(), file.p_sig.as_deref())?,
            stamp: file.stamp.parse().map_err(|_| field("stamp"))?,
            say: file.say,
            nonce: nonce.map_err(|_| field("nonce"))?,
            mandate: mandate.map_err(|_| field("mandate"))?,
            accepted: accepted.transpose()?,
            receipt: receipt.transpose()?,
        })
    }

    /// The vote, once the work is done.
    pub fn vote(&self) -> Option<Vote> {
        let (platform, nonce) = (self.platform?, self.nonce?);
        Some(Vote { platform, stamp: self.stamp, nonce, say: self.say.clone()? })
    }
}

/// The form in which the file is written.
impl Serialize for RecordFile {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let file = File {
            form: RECORD_FORM.to_owned(),
            edge: self.edge.clone(),
            roots: self.roots.clone(),
            campaign: self.campaign.clone(),
            stamped: self.stamped,
            p_utc: self.platform.map(|platform| platform.period.to_string()),
            p_sig: self.platform.map(|platform| platform.signature_text()),
            stamp: self.stamp.to_string(),
            say: self.say.clone(),
            nonce: self.nonce.map(|nonce| nonce.to_string()),
            mandate: self.mandate.map(|mandate| mandate.token()),
            accepted: self.accepted.as_ref().map(|it| Signed {
                place: it.place.to_string(),
                signature: base64::encode(&it.signature),
            }),
            receipt: self.receipt.as_ref().map(|it| SignedLines {
                place: it.place.to_string(),
                lines: it.lines.clone(),
                signature: base64::encode(&it.signature),
            }),
        };
        file.serialize(serializer)
    }
}

/// The platform's stamp: both of its parts, or neither.
fn platform(
    p_utc: Option<&str>,
    p_sig: Option<&str>,
) -> Result<Option<PlatformStamp>, RecordFault> {
    let field = RecordFault::Field;
    let period = p_utc.map(|text| Period::from_text(text).ok_or(field("p_utc"))).transpose()?;
    let signature = p_sig.map(|text| signature(text).ok_or(field("p_sig"))).transpose()?;
    match (period, signature) {
        (Some(period), Some(signature)) => Ok(Some(PlatformStamp { period, signature })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(RecordFault::Field("p_utc")),
        (Some(_), None) => Err(RecordFault::Field("p_sig")),
    }
}

fn signed(place: &str, text: &str) -> Option<(Place, Vec<u8>)> {
    Some((place.parse().ok()?, signature(text)?.to_vec()))
}

fn signature(text: &str) -> Option<[u8; 64]> {
    base64::decode(text.as_bytes())?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: &str = "AAKQ-YAJ6-JF4A-6DMM-WEJX-5D1S-SHXX-5K8G";

    fn read(text: &str) -> Result<RecordFile, String> {
        RecordFile::from_json(text.as_bytes()).map_err(|fault| fault.to_string())
    }

    fn with(more: &str) -> String {
        format!("{{\"form\":\"{RECORD_FORM}\",\"stamp\":\"{STAMP}\"{more}}}")
    }

    #[test]
    fn a_whole_record_is_read() {
        let record = read(include_str!("../../../vectors/booth/vote-record.json")).unwrap();
        assert_eq!(record.vote().unwrap().nonce.to_string(), "8000000054e12cba");
        assert_eq!(record.accepted.unwrap().place.to_string(), "0/12");
        assert_eq!(record.receipt.unwrap().lines[1], "- Humble Pluto");
    }

    #[test]
    fn what_is_there_has_its_form_and_is_written_again() {
        let signature = "A".repeat(86) + "==";
        let bare = read(&with("")).unwrap();
        assert!(bare.vote().is_none() && bare.accepted.is_none());
        let whole = with(&format!(
            ",\"p_utc\":\"1793689200\",\"p_sig\":\"{signature}\",\"say\":\"Bold Jupiter\",\
             \"nonce\":\"8000000054e12cba\",\
             \"accepted\":{{\"place\":\"0/12\",\"signature\":\"{signature}\"}}"
        ));
        let record = read(&whole).unwrap();
        assert_eq!(record.vote().unwrap().say, "Bold Jupiter");
        let again = serde_json::to_vec_pretty(&record).unwrap();
        assert_eq!(RecordFile::from_json(&again).unwrap(), record);
        for (more, field) in [
            (",\"p_utc\":\"1793689200\"".to_owned(), "p_sig"),
            (format!(",\"p_sig\":\"{signature}\""), "p_utc"),
            (",\"p_utc\":\"noon\"".to_owned(), "p_utc"),
            (",\"nonce\":\"1\"".to_owned(), "nonce"),
            (",\"mandate\":\"1\"".to_owned(), "mandate"),
            (",\"accepted\":{\"place\":\"0/12\",\"signature\":\"AAAA\"}".to_owned(), "accepted"),
            (
                format!(
                    ",\"receipt\":{{\"place\":\"12\",\"lines\":[],\"signature\":\"{signature}\"}}"
                ),
                "receipt",
            ),
        ] {
            let expected = format!("its field {field} does not have its form");
            assert_eq!(read(&with(&more)), Err(expected), "{more}");
        }
        assert!(read(&with(",\"more\":1")).is_err());
        let later = with("").replace("/v1", "/v2");
        assert!(read(&later).unwrap_err().starts_with("its form is"));
    }
}
