//! The bundle, verified as a stranger would, then with one byte changed.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use artifact::admit::MAX_ENVELOPE_BYTES;
use artifact::anchor::Anchor;
use artifact::bundle::{self, FolderSink, Source, UrlLimits, UrlSource, ZipSink};
use artifact::payload::Sample;
use canon::{Digest, SignedBytes};
use service::stop::Stop;
use verify::terminal::{Style, render};
use verify::{Options, Report, Silent, Verdict, replay};

use super::booth::Platform;
use super::servers::{Entry, Servers};
use super::stage::Stage;
use super::{Logged, Wanted, county};

/// Exports, verifies, compares the bundle's sample with the county's cards, and tampers. Whether
/// all of it came out as it has to.
pub(super) fn check(
    wanted: &Wanted<'_>,
    servers: &Servers,
    anchor: &Anchor,
    logged: &Logged,
    stage: &mut Stage<'_>,
) -> anyhow::Result<bool> {
    let zip = wanted.folder.join("bundle.zip");
    let source = UrlSource::open(servers.log_url(), UrlLimits::default())?;
    let copied = bundle::export(&source, &mut ZipSink::create(&zip)?)?;
    let size = copied.bytes.div_ceil(1000);
    stage.step("exported", &format!("bundle.zip: {} files, {size} kB", copied.files))?;
    let (report, text) = verified(&zip, anchor, wanted.colour)?;
    stage.text(&text)?;
    let drawn = super::cards(&sample(&*verify::open(&zip.to_string_lossy())?, logged.sample)?);
    let audited = county::audited_cards();
    let agreed = drawn.intersection(&audited).count();
    stage.text(&format!(
        "{agreed} of the {} cards in the bundle's sample are among the {} that were found\n\
         in the county's audit report.",
        drawn.len(),
        audited.len()
    ))?;
    let same = drawn == audited;
    let caught = tamper(wanted, &source, anchor, logged.result, stage)?;
    let holds = report.verdict == Verdict::Holds;
    stage.text(match (holds, same, caught) {
        (true, true, true) => {
            "The audit holds, its cards are the county's, and the change was found."
        }
        (false, ..) => "The evidence of the demonstration does not hold.",
        (_, false, _) => "The cards are not those of the county's audit report.",
        (.., false) => "The change was not found.",
    })?;
    Ok(holds && same && caught)
}

/// The sample as it stands in the bundle that was exported and verified.
fn sample(bundle: &dyn Source, entry: Entry) -> anyhow::Result<Sample> {
    let path = format!("artifact/{}", entry.digest);
    let limit = u64::try_from(MAX_ENVELOPE_BYTES)?;
    let bytes = bundle.read(&path, limit)?.context("the bundle has no sample")?;
    anyhow::ensure!(Digest::of(&bytes) == entry.digest, "{path} is another artifact");
    Ok(SignedBytes::parse(&bytes)?.payload_as::<Sample>()?)
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
    result: Entry,
    stage: &mut Stage<'_>,
) -> anyhow::Result<bool> {
    let folder = wanted.folder.join("tampered");
    bundle::export(source, &mut FolderSink::create(&folder)?)?;
    let path = folder.join("artifact").join(result.digest.to_string());
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
    Ok(report.verdict == Verdict::Fails && names_change(&report, result))
}

/// Whether the report says that the artifact of this entry, and of no other, has another digest
/// than its leaf says.
fn names_change(report: &Report, changed: Entry) -> bool {
    let mut findings = report.findings.iter().filter(|finding| finding.rule.id == "ART-002");
    let Entry { index, digest } = changed;
    let named = findings.next().is_some_and(|finding| {
        finding.index == Some(index) && finding.expected == digest.to_string()
    });
    named && findings.next().is_none()
}

/// Says what can be tried, and leaves the servers running until interrupted.
pub(super) fn stay(
    wanted: &Wanted<'_>,
    servers: &Servers,
    platform: &Platform,
    asked: Stop,
    stage: &mut Stage<'_>,
) -> anyhow::Result<()> {
    let (url, folder) = (servers.log_url(), wanted.folder.display());
    let (edge, lists) = (platform.edge(), platform.publisher()?.url());
    stage.text(&format!(
        "The servers go on until you press Ctrl-C. In another terminal:\n\n  \
         scrutineer verify {url} --anchor {folder}/anchor.toml\n  \
         scrutineer verify {folder}/tampered --anchor {folder}/anchor.toml\n  \
         curl {url}/checkpoint\n  \
         curl -D- {edge}/list\n\n\
         and in {folder}/booth:\n\n  \
         scrutineer verify bundle --anchor anchor.toml --lists {lists}\n  \
         cd drops-one\n  \
         scrutineer verify bundle --anchor anchor.toml --lists lists --receipt ../receipt.json"
    ))?;
    servers.wait_for(asked);
    Ok(())
}
