//! What `vote crowd` answers.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use booth_server::voter::crowd::{Kind, ListCheck, Loaded, Report, Step, Tally};
use serde_json::{Value, json};

use crate::message::{Exit, Failure, Outcome};

/// A run and what was found.
pub(super) struct Told<'a> {
    pub(super) voters: u64,
    pub(super) seed: u64,
    pub(super) tally: &'a Tally,
    pub(super) report: &'a Report,
    pub(super) lists: Option<ListCheck>,
}

impl Told<'_> {
    /// Honest ways that ended in a contradiction of the platform.
    fn contradictions(&self) -> u64 {
        self.tally.ends().get("contradiction").copied().unwrap_or_default()
    }

    fn exit(&self) -> Exit {
        let is_false = !self.tally.surprises().is_empty() || self.contradictions() > 0;
        let is_amiss = self.lists.is_some_and(|lists| !lists.holds());
        let is_whole = self.tally.failed() == 0 && self.report.receipts() == self.report.accepted();
        match (is_false || is_amiss, is_whole) {
            (true, _) => Exit::Fails,
            (false, true) => Exit::Holds,
            (false, false) => Exit::CouldNotCheck,
        }
    }
}

/// Tells of a run.
pub(super) fn told(told: &Told<'_>, is_json: bool, out: &mut dyn Write) -> Outcome {
    let Told { voters, seed, tally, report, lists } = told;
    let exit = told.exit();
    let (accepted, receipts) = (report.accepted(), report.receipts());
    if is_json {
        let kinds = Kind::ALL.map(|kind| (kind.name().to_owned(), json!(tally.fared(kind))));
        let surprises = tally.surprises().into_iter();
        let surprises = surprises.map(
            |((kind, what), count)| json!({ "kind": kind.name(), "met": what, "count": count }),
        );
        let answer = json!({
            "voters": voters,
            "seed": seed,
            "seconds": report.served.as_secs_f64(),
            "accepted": accepted,
            "receipts": receipts,
            "failed": tally.failed(),
            "ends": tally.ends(),
            "steps": steps_json(tally),
            "statuses": statuses_json(tally),
            "unanswered": tally.unanswered(),
            "hostile": kinds.into_iter().collect::<serde_json::Map<_, _>>(),
            "surprises": surprises.collect::<Vec<_>>(),
            "lists": lists.map(|lists| json!({
                "votes": lists.votes,
                "voters": lists.voters,
                "votes_amiss": lists.votes_amiss,
                "voters_amiss": lists.voters_amiss,
                "holds": lists.holds(),
            })),
        });
        writeln!(out, "{answer}")?;
        return Ok(exit);
    }
    writeln!(out, "crowd     {voters} voters, seed {seed}")?;
    let seconds = report.served.as_secs_f64();
    writeln!(out, "time      {seconds:.2} s, {:.0} voters/s", per_second(*voters, report.served))?;
    writeln!(out)?;
    steps(tally, out)?;
    histogram(tally, out)?;
    statuses(tally, out)?;
    hostile(tally, out)?;
    writeln!(out, "votes     {accepted} accepted, {receipts} receipts")?;
    for (end, count) in tally.ends() {
        writeln!(out, "not in    {count} {end}")?;
    }
    if let Some(lists) = lists {
        let said = if lists.holds() { "all as cast" } else { "NOT as cast" };
        writeln!(out, "lists     {} votes, {} voters: {said}", lists.votes, lists.voters)?;
        if !lists.holds() {
            let (votes, voters) = (lists.votes_amiss, lists.voters_amiss);
            writeln!(out, "          {votes} votes and {voters} voters missing or twice")?;
        }
    }
    writeln!(out, "\n{}", ending(told, exit))?;
    writeln!(out, "This does not show what voters would meet who are not simulated here.")?;
    Ok(exit)
}

fn ending(told: &Told<'_>, exit: Exit) -> &'static str {
    match exit {
        Exit::Holds if told.lists.is_some() => {
            "Acceptances, receipts, votes and voters agree, and no attack succeeded."
        }
        Exit::Holds => "Acceptances and receipts agree, and no attack succeeded.",
        Exit::Fails => "They do not agree, or an attack met what it should not have.",
        Exit::CouldNotCheck => {
            "Some votes were not accepted, or wait for their batch: ask longer with --wait."
        }
    }
}

/// Tells of prepared votes that were sent.
pub(super) fn loaded(
    sent: u64,
    loaded: &Loaded,
    tally: &Tally,
    is_json: bool,
    out: &mut dyn Write,
) -> Outcome {
    let Loaded { time, accepted, receipts, false_ones, others } = *loaded;
    let exit = match (false_ones, others) {
        (0, 0) => Exit::Holds,
        (0, _) => Exit::CouldNotCheck,
        _ => Exit::Fails,
    };
    let rate = per_second(sent, time);
    if is_json {
        let answer = json!({
            "sent": sent,
            "seconds": time.as_secs_f64(),
            "per_second": rate,
            "accepted": accepted,
            "receipts": receipts,
            "false": false_ones,
            "others": others,
            "steps": steps_json(tally),
            "statuses": statuses_json(tally),
            "unanswered": tally.unanswered(),
        });
        writeln!(out, "{answer}")?;
        return Ok(exit);
    }
    writeln!(out, "sent      {sent} prepared votes")?;
    writeln!(out, "time      {:.2} s, {rate:.0} votes/s\n", time.as_secs_f64())?;
    steps(tally, out)?;
    histogram(tally, out)?;
    statuses(tally, out)?;
    writeln!(out, "votes     {accepted} accepted, {receipts} receipts")?;
    writeln!(out, "others    {false_ones} with a false signature, {others} not accepted")?;
    Ok(exit)
}

fn per_second(count: u64, time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let count = count as f64;
    count / time.as_secs_f64().max(1e-9)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn steps(tally: &Tally, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "step         count       p50       p90       p99       max  (ms)")?;
    for step in Step::ALL {
        let times = tally.times(step);
        if times.count() == 0 {
            continue;
        }
        let [p50, p90, p99] = [50, 90, 99].map(|share| millis(times.percentile(share)));
        let (name, count, max) = (step.name(), times.count(), millis(times.max()));
        writeln!(out, "{name:<8} {count:>9} {p50:>9.2} {p90:>9.2} {p99:>9.2} {max:>9.2}")?;
    }
    writeln!(out)?;
    Ok(())
}

/// How the times of every step lie, by factors of two.
fn histogram(tally: &Tally, out: &mut dyn Write) -> Result<(), Failure> {
    let steps: Vec<Step> =
        Step::ALL.into_iter().filter(|step| tally.times(*step).count() > 0).collect();
    let mut rows = BTreeMap::<Duration, BTreeMap<Step, u64>>::new();
    for step in &steps {
        for (within, count) in tally.times(*step).octaves() {
            rows.entry(within).or_default().insert(*step, count);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    write!(out, "within (ms)")?;
    for step in &steps {
        write!(out, " {:>9}", step.name())?;
    }
    writeln!(out)?;
    for (within, counts) in rows {
        write!(out, "{:>11.2}", millis(within))?;
        for step in &steps {
            match counts.get(step) {
                Some(count) => write!(out, " {count:>9}")?,
                None => write!(out, "          ")?,
            }
        }
        writeln!(out)?;
    }
    writeln!(out)?;
    Ok(())
}

fn statuses(tally: &Tally, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "status       count")?;
    for (status, count) in tally.statuses() {
        writeln!(out, "{status:<8} {count:>9}")?;
    }
    if tally.unanswered() > 0 {
        writeln!(out, "none     {:>9}", tally.unanswered())?;
    }
    writeln!(out)?;
    Ok(())
}

fn hostile(tally: &Tally, out: &mut dyn Write) -> Result<(), Failure> {
    let fared = Kind::ALL.map(|kind| (kind, tally.fared(kind)));
    if fared.iter().all(|(_, counts)| *counts == (0, 0)) {
        return Ok(());
    }
    writeln!(out, "hostile          refused  otherwise")?;
    for (kind, (as_expected, otherwise)) in fared {
        writeln!(out, "{:<14} {as_expected:>9} {otherwise:>10}", kind.name())?;
    }
    for ((kind, what), count) in tally.surprises() {
        writeln!(out, "    {} met {what}, {count} times", kind.name())?;
    }
    writeln!(out)?;
    Ok(())
}

fn steps_json(tally: &Tally) -> Value {
    let steps = Step::ALL.map(|step| {
        let times = tally.times(step);
        let [p50, p90, p99] = [50, 90, 99].map(|share| millis(times.percentile(share)));
        let octaves = times.octaves().into_iter();
        let octaves: Vec<_> = octaves
            .map(|(within, count)| json!({ "within_ms": millis(within), "count": count }))
            .collect();
        let row = json!({
            "count": times.count(),
            "p50_ms": p50, "p90_ms": p90, "p99_ms": p99, "max_ms": millis(times.max()),
            "histogram": octaves,
        });
        (step.name().to_owned(), row)
    });
    Value::Object(steps.into_iter().collect())
}

fn statuses_json(tally: &Tally) -> Value {
    let statuses = tally.statuses().into_iter();
    Value::Object(statuses.map(|(status, count)| (status.to_string(), json!(count))).collect())
}
