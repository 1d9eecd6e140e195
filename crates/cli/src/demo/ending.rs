//! The bundle, verified as a stranger would, then with one byte changed.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use artifact::anchor::Anchor;
use artifact::bundle::{self, FolderSink, UrlLimits, UrlSource, ZipSink};
use canon::Digest;
use verify::terminal::{Style, render};
use verify::{Options, Report, Silent, Verdict, replay};

use super::servers::Servers;
use super::stage::Stage;
use super::{Found, Wanted};

/// Exports, verifies, compares with the county's report, and tampers. Whether all of it came out
/// as it has to.
pub(super) fn check(
    wanted: &Wanted<'_>,
    servers: &Servers,
    anchor: &Anchor,
    found: &Found,
    stage: &mut Stage<'_>,
) -> anyhow::Result<bool> {
    let zip = wanted.folder.join("bundle.zip");
    let source = UrlSource::open(servers.log_url(), UrlLimits::default())?;
    let copied = bundle::export(&source, &mut ZipSink::create(&zip)?)?;
    let size = copied.bytes.div_ceil(1000);
    stage.step("exported", &format!("bundle.zip: {} files, {size} kB", copied.files))?;
    let (report, text) = verified(&zip, anchor, wanted.colour)?;
    stage.text(&text)?;
    let agreed = found.drawn.intersection(&found.published).count();
    stage.text(&format!(
        "{agreed} of {} cards are those that the county published.",
        found.published.len()
    ))?;
    let same = found.drawn == found.published;
    let caught = tamper(wanted, &source, anchor, found.result, stage)?;
    let holds = report.verdict == Verdict::Holds;
    stage.text(match (holds, same, caught) {
        (true, true, true) => {
            "The audit holds, its cards are the county's, and the change was found."
        }
        (false, ..) => "The evidence of the demonstration does not hold.",
        (_, false, _) => "The cards are not those that the county published.",
        (.., false) => "The change was not found.",
    })?;
    Ok(holds && same && caught)
}

fn verified(place: &Path, anchor: &Anchor, colour: bool) -> anyhow::Result<(Report, String)> {
    let begun = Instant::now();
    let options = Options { anchor: Some(anchor.clone()), ..Options::default() };
    let source = verify::open(&place.to_string_lossy())?;
    let report = replay(&*source, &options, &Silent)?;
    let style = Style { colour, elapsed: Some(begun.elapsed()) };
    let text = render(&report, style);
    Ok((report, text))
}

/// Changes one byte of the published results in a copy; whether the verifier names the artifact.
fn tamper(
    wanted: &Wanted<'_>,
    source: &UrlSource,
    anchor: &Anchor,
    result: Digest,
    stage: &mut Stage<'_>,
) -> anyhow::Result<bool> {
    let folder = wanted.folder.join("tampered");
    bundle::export(source, &mut FolderSink::create(&folder)?)?;
    let path = folder.join("artifact").join(result.to_string());
    let mut bytes = fs::read(&path)?;
    let margin = b"\"min_margin\":104";
    let at = bytes.windows(margin.len()).position(|window| window == margin);
    let at = at.context("the results do not state the margin")? + margin.len() - 1;
    bytes[at] = b'9';
    fs::write(&path, bytes)?;
    stage.text(
        "Now one byte of the published results is changed in a copy: the margin of 104\n\
         votes becomes 109.",
    )?;
    let (report, text) = verified(&folder, anchor, wanted.colour)?;
    stage.text(&text)?;
    // The digest in the leaf names the artifact; what was found in its place differs.
    let result = result.to_string();
    let named = report.findings.iter().any(|finding| finding.expected == result);
    Ok(report.verdict == Verdict::Fails && named)
}

/// Says what can be tried, and leaves the servers running until interrupted.
pub(super) fn stay(
    wanted: &Wanted<'_>,
    servers: &Servers,
    stage: &mut Stage<'_>,
) -> anyhow::Result<()> {
    let (url, folder) = (servers.log_url(), wanted.folder.display());
    stage.text(&format!(
        "The servers go on until you press Ctrl-C. In another terminal:\n\n  \
         scrutineer verify {url} --anchor {folder}/anchor.toml\n  \
         scrutineer verify {folder}/tampered --anchor {folder}/anchor.toml\n  \
         curl {url}/checkpoint"
    ))?;
    servers.wait_for_interrupt()
}
