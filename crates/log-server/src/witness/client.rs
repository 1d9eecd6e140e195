//! The other side: how a log asks a witness to cosign a checkpoint.
//!
//! A witness that answers 409 says which tree it knows, and is asked again with the proof from
//! there. What is handed back is only what verifies under the key that the charter names. The log
//! asks all its witnesses at once, each through a [`Cosigner`] of its own, so that whoever is
//! slow, away or wrong holds up nobody.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use canon::Digest;
use service::agent::agent;
use tlog::note::{Note, NoteSignature, VerifierKey};
use tlog::witness::{Request, SIZE_MEDIA_TYPE, origin_hash};
use ureq::http::Response;
use ureq::{Agent, Body};

use crate::log::cosign::{CosignError, Cosigner, Prove, SignedHead};

/// The longest answer that is read, in bytes: a checkpoint with its lines.
const MAX_ANSWER_BYTES: u64 = 256 * 1024;

/// How often a witness is asked about one checkpoint: once for its size, once with the right
/// proof, and once more if somebody else submitted in between.
const MAX_TRIES: usize = 3;

/// A witness that is reached over HTTP.
///
/// The connection is kept open and the witness's size is remembered, so that a checkpoint takes
/// one request as long as nothing goes wrong.
pub struct HttpWitness {
    agent: Agent,
    key: VerifierKey,
    url: String,
    size: Mutex<u64>,
}

/// What a witness says to a submission.
enum Reply {
    Lines(Vec<NoteSignature>),
    Size(u64),
}

impl HttpWitness {
    /// The witness of this key (type 0x04) at this URL, under which `/add-checkpoint` stands.
    /// No request to it takes longer than `patience`.
    pub fn new(key: VerifierKey, url: &str, patience: Duration) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        Self { agent: agent(patience), key, url, size: Mutex::new(0) }
    }

    fn submit(&self, request: &Request) -> Result<Reply, CosignError> {
        let url = format!("{}/add-checkpoint", self.url);
        let post = self.agent.post(&url).content_type(super::TEXT);
        let response = post.send(request.to_string()).map_err(|error| unreachable(&error))?;
        let told = content_type(&response);
        let (status, body) = read(response)?;
        match status {
            200 => self.verified(request.note().text(), &body).map(Reply::Lines),
            409 if told == SIZE_MEDIA_TYPE => told_size(&body).map(Reply::Size),
            _ => Err(refused(status, &body)),
        }
    }

    /// The line of this witness's key, which has to be there and to verify; lines of other keys
    /// are passed over.
    fn verified(&self, text: &str, body: &[u8]) -> Result<Vec<NoteSignature>, CosignError> {
        let lines = NoteSignature::parse_lines(body).map_err(|error| unreachable(&error))?;
        let own = |line: &NoteSignature| line.id() == self.key.id() && line.name() == self.name();
        let lines: Vec<NoteSignature> = lines.into_iter().filter(own).collect();
        if lines.is_empty() {
            return Err(unreachable(&"its answer holds no line of its key"));
        }
        for line in &lines {
            self.key.verify(text, line).map_err(|error| unreachable(&error))?;
        }
        Ok(lines)
    }

    fn remembered(&self) -> u64 {
        *self.size.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, size: u64) {
        *self.size.lock().unwrap_or_else(PoisonError::into_inner) = size;
    }
}

impl Cosigner for HttpWitness {
    fn name(&self) -> &str {
        self.key.name()
    }

    fn cosign(
        &self,
        head: &SignedHead,
        prove: Prove<'_>,
    ) -> Result<Vec<NoteSignature>, CosignError> {
        let no_proof =
            |error: &dyn std::fmt::Display| CosignError::NoProof { why: error.to_string() };
        let note = Note::parse(&head.checkpoint).map_err(|error| no_proof(&error))?;
        let size = head.head.size;
        let mut old = Some(self.remembered()).filter(|old| *old <= size).unwrap_or(0);
        for _ in 0..MAX_TRIES {
            let proof: Vec<Digest> = if old == 0 { Vec::new() } else { prove(old)? };
            let request =
                Request::new(old, proof, note.clone()).map_err(|refusal| no_proof(&refusal))?;
            match self.submit(&request)? {
                Reply::Lines(lines) => {
                    self.remember(size);
                    return Ok(lines);
                }
                Reply::Size(theirs) if theirs > size => {
                    return Err(CosignError::Ahead { size: theirs });
                }
                Reply::Size(theirs) => {
                    self.remember(theirs);
                    old = theirs;
                }
            }
        }
        Err(unreachable(&"it told another size each time"))
    }

    fn last_seen(&self, origin: &str) -> Result<Option<Vec<u8>>, CosignError> {
        let url = format!("{}/{}/checkpoint", self.url, origin_hash(origin));
        let response = self.agent.get(&url).call().map_err(|error| unreachable(&error))?;
        match read(response)? {
            (200, body) => Ok(Some(body)),
            (404, _) => Ok(None),
            (status, body) => Err(refused(status, &body)),
        }
    }
}

fn read(mut response: Response<Body>) -> Result<(u16, Vec<u8>), CosignError> {
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES);
    Ok((status, body.read_to_vec().map_err(|error| unreachable(&error))?))
}

fn content_type(response: &Response<Body>) -> String {
    let value = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    value.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_owned()
}

fn told_size(body: &[u8]) -> Result<u64, CosignError> {
    let text = std::str::from_utf8(body).ok().and_then(|text| text.strip_suffix('\n'));
    let digits = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let size = digits.and_then(|digits| digits.parse().ok());
    size.ok_or_else(|| unreachable(&"it answered 409 without a size"))
}

fn refused(status: u16, body: &[u8]) -> CosignError {
    let text = String::from_utf8_lossy(body);
    let why = text.lines().next().unwrap_or_default().chars().take(200).collect();
    CosignError::Refused { status, why }
}

fn unreachable(why: &dyn std::fmt::Display) -> CosignError {
    CosignError::Unreachable { why: why.to_string() }
}
