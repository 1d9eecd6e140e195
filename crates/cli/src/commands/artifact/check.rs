//! `scrutineer artifact check`

use std::io::Write;
use std::path::PathBuf;

use artifact::admit::{self, Admitted};
use artifact::{kind, payload};
use canon::{Digest, SignedBytes};
use clap::Args;
use serde_json::{Value, json};

use crate::commands::charter;
use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Say whether an artifact is well formed and, against a charter, whether it may be logged
///
/// Without a charter only the form is judged: canonical envelope, known kind, payload. With one,
/// the keys, their roles and every signature are judged too, by the code the log itself uses.
/// Amendments are not known here: the log judges by the keys in force at the entry.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer artifact check sample.json --charter charter.json")]
pub(crate) struct Check {
    /// The artifact, - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The signed charter of the election
    #[arg(long, value_name = "FILE")]
    charter: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// What is judged without a charter.
const FORM: &str = "form";

impl Check {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let bytes = file::read(&self.file)?;
        let judged = match &self.charter {
            Some(path) => against_charter(&bytes, &charter::read(path)?),
            None => form(&bytes),
        };
        let (answer, exit) = match judged {
            Ok(answer) => (answer, Exit::Holds),
            Err(error) => (json!({ "holds": false, "error": error }), Exit::Fails),
        };
        if self.json {
            writeln!(out, "{answer}")?;
        } else {
            print(out, &answer)?;
        }
        Ok(exit)
    }
}

fn form(bytes: &[u8]) -> Result<Value, String> {
    let envelope = SignedBytes::parse(bytes).map_err(|error| error.to_string())?;
    let kind = kind::recognise(envelope.kind).map_err(|error| error.to_string())?;
    payload::check(kind, envelope.payload).map_err(|error| error.to_string())?;
    let keys = envelope.signatures.iter().map(|entry| entry.key_id);
    Ok(json!({
        "holds": true,
        "judged": FORM,
        "kind": kind.as_str(),
        "digest": Digest::of(bytes),
        "size": bytes.len(),
        "signed_by": keys.map(|id| json!({ "key_id": id })).collect::<Vec<_>>(),
    }))
}

fn against_charter(bytes: &[u8], founded: &admit::Founded) -> Result<Value, String> {
    // Any index behind the charter will do: without amendments the keys are the same at all.
    let index = u64::from(Digest::of(bytes) != founded.register.charter_digest());
    let admitted =
        admit::judge(bytes, &founded.register, index).map_err(|error| error.to_string())?;
    Ok(describe(&admitted))
}

fn describe(admitted: &Admitted) -> Value {
    let signers = admitted.signers.iter().map(|signer| {
        json!({
            "key_id": signer.key_id,
            "holder": signer.originator.id,
            "role": signer.originator.role,
        })
    });
    json!({
        "holds": true,
        "judged": "form, keys, roles and signatures",
        "kind": admitted.kind.as_str(),
        "digest": admitted.digest,
        "size": admitted.size,
        "signed_by": signers.collect::<Vec<_>>(),
    })
}

fn print(out: &mut dyn Write, answer: &Value) -> Result<(), Failure> {
    if let Some(error) = answer.get("error").and_then(Value::as_str) {
        writeln!(out, "fails     {error}")?;
        return Ok(());
    }
    for member in ["kind", "digest", "size", "judged"] {
        let value = &answer[member];
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        writeln!(out, "{member:<9} {text}")?;
    }
    for signer in answer["signed_by"].as_array().into_iter().flatten() {
        let holder = signer["holder"].as_str().map_or_else(String::new, |holder| {
            format!("{holder} ({}), ", signer["role"].as_str().unwrap_or_default())
        });
        let key = signer["key_id"].as_str().unwrap_or_default();
        if answer["judged"] == FORM {
            writeln!(out, "names     key {key} (signature not checked)")?;
        } else {
            writeln!(out, "signed by {holder}key {key}")?;
        }
    }
    Ok(())
}
