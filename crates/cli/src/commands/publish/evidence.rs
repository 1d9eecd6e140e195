//! The evidence of a campaign's growth: a bundle and its lists, replayed into a series.

use std::fmt::Write as _;
use std::path::PathBuf;

use booth::differential::Series;
use clap::Args;
use serde::Serialize;
use verify::growth::{Growth, LATE_S, Origin};
use verify::report::Anchored;
use verify::{Options, Verdict, replay_growth};

use crate::commands::verify::{Bar, anchor, lists, vouched};
use crate::message::{Exit, Failure};
use crate::progress;

/// What to do where the evidence does not vouch for a series.
const NO_SERIES: &str = "no series was made; `scrutineer verify` with the same bundle, anchor and \
                         lists tells all of it";

/// What belongs to a bundle.
#[derive(Args)]
pub(super) struct Evidence {
    /// The anchor from the authority, as a file or as the lines of a poster
    #[arg(long, value_name = "FILE")]
    anchor: Option<PathBuf>,
    /// The two lists: a folder or zip, or their publisher's address; without, sizes only
    #[arg(long, value_name = "FOLDER|URL")]
    lists: Option<String>,
    /// The campaign, where the log has several
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// Threads; one a core unless given
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    threads: usize,
}

/// A series that the evidence vouches for, and where it comes from.
pub(super) struct Grown {
    pub(super) series: Series,
    pub(super) source: Source,
}

/// Where a series comes from, as `--json` tells it.
#[derive(Serialize)]
pub(super) struct Source {
    /// The bundle.
    bundle: String,
    /// Whether an anchor vouches for the charter.
    anchored: bool,
    /// The verdict on the evidence.
    verdict: Verdict,
    #[serde(flatten)]
    origin: Origin,
    /// Why the options were not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_counted: Option<&'static str>,
}

impl Evidence {
    /// Whether any of it was given.
    pub(super) const fn is_given(&self) -> bool {
        let Self { anchor, lists, campaign, threads } = self;
        anchor.is_some() || lists.is_some() || campaign.is_some() || *threads > 0
    }

    /// Replays a bundle, and makes the series of the campaign that was asked for.
    pub(super) fn grow(&self, bundle: &str) -> Result<Grown, Failure> {
        let options = Options {
            anchor: self.anchor.as_deref().map(anchor).transpose()?,
            lists: self.lists.as_deref().map(lists).transpose()?,
            threads: self.threads,
            ..Options::default()
        };
        let bar = Bar(progress::bar("checking", 0));
        let answer =
            verify::open(bundle).and_then(|source| replay_growth(&*source, &options, &bar));
        bar.0.finish_and_clear();
        let (report, growth) = answer.map_err(|error| Failure::new(&error).hint(error.hint()))?;
        vouched(&report, NO_SERIES)?;
        let growth = self.chosen(growth)?;
        let (series, origin) = growth.series().map_err(|fault| {
            Failure::new(format_args!("campaign {}: {fault}", growth.campaign))
                .hint("come again when the log has more snapshots of it")
        })?;
        let why =
            if self.lists.is_none() { "no lists were given" } else { "they are not told yet" };
        let source = Source {
            bundle: report.bundle.clone(),
            anchored: report.anchored == Anchored::Yes,
            verdict: report.verdict,
            not_counted: (!origin.options_counted).then_some(why),
            origin,
        };
        Ok(Grown { series, source })
    }

    fn chosen(&self, growth: Vec<Growth>) -> Result<Growth, Failure> {
        let names: Vec<String> = growth.iter().map(|one| one.campaign.clone()).collect();
        let names = names.join(", ");
        let mut asked = growth
            .into_iter()
            .filter(|one| self.campaign.as_ref().is_none_or(|name| *name == one.campaign));
        match (asked.next(), asked.next(), &self.campaign) {
            (Some(only), None, _) => Ok(only),
            (Some(_), Some(_), _) => Err(Failure::new("the log has several campaigns")
                .hint(format_args!("name one of them with --campaign: {names}"))),
            (None, _, Some(name)) if !names.is_empty() => {
                Err(Failure::new(format_args!("the log has no campaign {name}"))
                    .hint(format_args!("it has {names}")))
            }
            (None, ..) => Err(Failure::new("the log has no campaign")
                .hint("give the bundle of an election with public booths")),
        }
    }
}

impl Source {
    /// The exit status as far as it depends on the evidence.
    pub(super) const fn exit(&self) -> Exit {
        if self.anchored { Exit::Holds } else { Exit::CouldNotCheck }
    }

    /// What a person is told of it, a row each.
    pub(super) fn rows(&self) -> String {
        let Self { origin, .. } = self;
        let mut rows = String::new();
        let mut row = |name: &str, text: String| {
            let _ = writeln!(rows, "{name:<24} {text}");
        };
        row("evidence", self.evidence());
        row(
            "snapshots on the log",
            format!("{}, {} in the series", origin.on_log, origin.in_series),
        );
        if origin.late > 0 || origin.late_votes > 0 {
            let of = format!("{} that the log got over {LATE_S} s late", origin.late);
            row("left out", format!("{of}; {} votes came in these gaps", origin.late_votes));
        }
        if origin.in_one_second > 0 {
            let text = format!("{} in one second with a later one", origin.in_one_second);
            row("left out", text);
        }
        let (sense, seconds) = match origin.usual_delay_s {
            ahead @ ..0 => ("before", ahead.unsigned_abs()),
            behind => ("after", behind.unsigned_abs()),
        };
        row("times", format!("the log's, usually {seconds} s {sense} the publisher's own"));
        let late = origin.largest_delay_s;
        row("largest delay", format!("{late} s beyond that, of snapshot {}", origin.latest));
        row(
            "options",
            match self.not_counted {
                None => "counted in the list of votes".to_owned(),
                Some(why) => format!("not counted: {why}"),
            },
        );
        row("stamps", format!("told by {} snapshots", origin.with_stamps));
        let text = format!("committed to as of {} snapshots", origin.with_check_ins);
        row("check-ins", text);
        rows
    }

    fn evidence(&self) -> String {
        let of = |text: &str| format!("{text}: {}", self.bundle);
        match (self.anchored, self.verdict) {
            (false, _) => of("consistent, not authenticated: no anchor was given"),
            (true, Verdict::Incomplete) => of("holds so far, and is not complete"),
            (true, _) => of("holds"),
        }
    }
}
