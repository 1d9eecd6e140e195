//! What `vote cast` and `vote resume` answer.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use booth::campaign::Campaign;
use booth_server::voter::{Arrival, DriveError, End, Lie, Record};
use serde_json::json;

use super::companion::Guide;
use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Where things are kept, and in which form it is answered.
pub(super) struct Form<'a> {
    pub(super) receipt: Option<&'a Path>,
    pub(super) json: bool,
}

/// The answer to a way that ended.
pub(super) fn of(
    arrival: Result<Arrival, DriveError>,
    untyped: &mpsc::Receiver<Failure>,
    campaign: &Campaign,
    guide: &Guide,
    form: &Form<'_>,
    out: &mut dyn Write,
) -> Outcome {
    let Arrival { end, record } = arrival.map_err(|error| {
        let hint = match error {
            DriveError::SetOut(_) => {
                "give the campaign file that the election has published, which names them"
            }
            DriveError::Keep(_) => "check the folder of --keep, and the room on that disk",
            DriveError::Search => "try again",
        };
        Failure::new(error).hint(hint)
    })?;
    match (&end, &record) {
        (End::Received | End::Waiting, Some(record)) => {
            let kept = keep(guide, record, form)?;
            told(&end, record, kept, campaign, form, out)
        }
        (End::Lied(lie), record) => Err(lied(lie, campaign, record.as_ref(), guide, form)?),
        (End::NoMandate, _) => Err(untyped.try_recv().unwrap_or_else(|_| failure(&end))),
        _ => Err(failure(&end)),
    }
}

fn failure(end: &End) -> Failure {
    let advice = end.advice();
    Failure::new(advice.what).hint(advice.todo)
}

/// Writes the record where the receipt is wanted.
fn keep<'a>(guide: &Guide, record: &Record, form: &Form<'a>) -> Result<Option<&'a Path>, Failure> {
    let Some(path) = form.receipt else { return Ok(None) };
    guide.whole(record).write(path).map_err(|error| {
        Failure::new(format_args!("cannot write {}: {error}", path.display()))
            .hint("the vote is cast; `scrutineer vote resume` writes its receipt elsewhere")
    })?;
    Ok(Some(path))
}

/// Says that the platform contradicts itself, and keeps what shows it.
fn lied(
    lie: &Lie,
    campaign: &Campaign,
    record: Option<&Record>,
    guide: &Guide,
    form: &Form<'_>,
) -> Result<Failure, Failure> {
    let beside = form.receipt.or(guide.keep.as_deref()).unwrap_or(Path::new("vote"));
    let path = evidence(lie, campaign, record, beside)?;
    let advice = lie.advice();
    let kept = format!("the evidence is kept in {}\n{}", path.display(), advice.todo);
    Ok(Failure::new(advice.what).hint(kept).failing())
}

/// Keeps the evidence beside a file, in `<file>.evidence`.
pub(super) fn evidence(
    lie: &Lie,
    campaign: &Campaign,
    record: Option<&Record>,
    beside: &Path,
) -> Result<PathBuf, Failure> {
    let mut name = beside.as_os_str().to_owned();
    name.push(".evidence");
    let mut bytes = serde_json::to_vec_pretty(&lie.evidence(campaign, record))
        .map_err(|error| Failure::new(error).hint("try again"))?;
    bytes.push(b'\n');
    file::keep(Path::new(&name), &bytes)
}

fn told(
    end: &End,
    record: &Record,
    kept: Option<&Path>,
    campaign: &Campaign,
    form: &Form<'_>,
    out: &mut dyn Write,
) -> Outcome {
    let receipt = record.receipt.as_ref().map(|signed| &signed.receipt);
    let accepted = record.acceptance.as_ref().map(|signed| signed.acceptance.place);
    let place = receipt.map(|receipt| receipt.place).or(accepted);
    let place = place.map(|place| place.to_string());
    let nonce = record.nonce.map(|nonce| nonce.to_string());
    if form.json {
        let answer = json!({
            "end": end.name(),
            "campaign": campaign.name(),
            "say": record.say,
            "stamp": record.stamp.to_string(),
            "nonce": nonce,
            "batch": place,
            "receipt": receipt.map(|receipt| &receipt.lines),
            "receipt_file": kept,
        });
        writeln!(out, "{answer}")?;
        return Ok(Exit::Holds);
    }
    writeln!(out, "vote      {}", record.say)?;
    writeln!(out, "stamp     {}", record.stamp)?;
    writeln!(out, "nonce     {}", nonce.unwrap_or_default())?;
    writeln!(out, "batch     {}", place.unwrap_or_default())?;
    if let Some(path) = kept {
        writeln!(out, "kept in   {}", path.display())?;
    }
    if let Some(receipt) = receipt {
        writeln!(out, "\nReceipt of batch {}\n", receipt.place)?;
        for (line, option) in receipt.lines.iter().zip(campaign.options()) {
            let stamp = line.split(' ').next().unwrap_or_default();
            writeln!(out, "    {stamp:<39}  {option}")?;
        }
    }
    let advice = end.advice();
    writeln!(out, "\n{}\n{}", advice.what, advice.todo)?;
    writeln!(out, "This does not show that the vote stays in the list: look for it there.")?;
    Ok(Exit::Holds)
}
