//! How the lists of the campaign grew, as anybody can tell from log and lists.

use booth::differential::{Analysis, Settings, Verdict};
use verify::{Options, Silent, replay_growth};

use super::election::Evidence;
use crate::demo::stage::Stage;

/// Makes the series of the snapshots and judges it; whether nothing was found against it. A day of
/// some seconds is too short for the statistics, so only the rules are held against it.
pub(super) fn look(evidence: &Evidence, stage: &mut Stage<'_>) -> anyhow::Result<bool> {
    let options = Options {
        anchor: Some(evidence.anchor.clone()),
        lists: Some(verify::open_lists(&evidence.lists)?),
        ..Options::default()
    };
    let source = verify::open(&evidence.bundle.to_string_lossy())?;
    let (report, growth) = replay_growth(&*source, &options, &Silent)?;
    let [growth] = &growth[..] else { anyhow::bail!("the log has no campaign") };
    let (series, origin) = growth.series()?;
    let analysis = Analysis::of(series, Settings::default())?;
    let told = analysis.report();
    let (on_log, in_series) = (origin.on_log, origin.in_series);
    let snapshots = format!("{in_series} of {on_log} snapshots, by the log's seconds");
    let rules = told.rules.len();
    let hold = told.rules.iter().filter(|rule| rule.snapshots > 0 && rule.broken == 0).count();
    stage.step("grown", &format!("{snapshots}: {hold} of {rules} rules hold"))?;
    stage.more("no count fell; never more votes than stamps, or than check-ins")?;
    if let Some(why) = &told.unjudged {
        stage.more("no statistics are made of a vote that lasts seconds:")?;
        stage.more(why)?;
    }
    Ok(report.exit_code == 0 && told.verdict != Verdict::Found)
}
