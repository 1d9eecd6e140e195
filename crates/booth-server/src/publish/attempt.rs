//! A barrier from its questions to what is shown.

use std::collections::BTreeSet;

use booth::campaign::{Campaign, Shard};
use booth::publish::{Added, Barrier, barrier, merge};
use canon::Timestamp;

use super::close::Without;
use super::error::PublishError;
use super::fetch::{Answered, Asking, Fetched, fetch_all};
use super::inner::Inner;
use super::intake::{self, Lie, parts};
use super::publisher::{Outcome, Publisher};
use super::record::{Boots, LeftOut, Taken};
use super::store::{Addition, Store};
use super::texts::Texts;

/// Which instance of its shard lied, and how.
type LieOf = (usize, Lie);

impl Publisher {
    /// Takes a snapshot. An instance whose lines are found to be a lie is asked no more, and the
    /// shards are asked again; so this comes to an end.
    pub(super) async fn take(
        &self,
        inner: &mut Inner,
        without: &[Without],
        now: Timestamp,
    ) -> Result<Outcome, PublishError> {
        loop {
            match self.attempt(inner, without, now).await? {
                Ok(outcome) => return Ok(outcome),
                Err((instance, lie)) => self.doubt(inner, instance, lie),
            }
        }
    }

    /// Asks an instance no more.
    fn doubt(&self, inner: &mut Inner, instance: usize, lie: Lie) {
        let origin = self.origins.iter().find(|origin| origin.shard() == lie.shard());
        if let Some(origin) = origin {
            origin.tell_lie(instance, &lie);
        }
        self.figures.lies.inc();
        inner.liars.add(instance, lie);
    }

    async fn attempt(
        &self,
        inner: &mut Inner,
        without: &[Without],
        now: Timestamp,
    ) -> Result<Result<Outcome, LieOf>, PublishError> {
        self.reopen(inner)?;
        let is_over = self.view().is_last();
        if is_over || now < self.rules.campaign.start() || self.is_settling(now) {
            return Ok(Ok(Outcome::Nothing));
        }
        let left_out: BTreeSet<Shard> = without.iter().map(Without::shard).collect();
        let asking = Asking {
            origins: &self.origins,
            campaign: &self.rules.campaign,
            share: self.share,
            left_out: &left_out,
            liars: &inner.liars,
            now,
        };
        let answered = asking.hear(&mut inner.intakes).await;
        let (mut reports, mut heard) = (Vec::new(), Vec::new());
        for Answered { heard: one, lies } in answered {
            for (instance, lie) in lies {
                self.doubt(inner, instance, lie);
            }
            let (report, one) = one.unzip();
            reports.push(report);
            heard.push(one);
        }
        let (is_last, is_more, cuts) = match barrier(&reports, &left_out) {
            Barrier::Wait { shards } => {
                tracing::info!(?shards, "the last snapshot waits for shards");
                return Ok(Ok(Outcome::Waits { shards }));
            }
            Barrier::Take { is_last, is_more, cuts } => (is_last, is_more, cuts),
        };
        for (heard, cuts) in heard.iter_mut().zip(cuts) {
            if let Some(heard) = heard {
                heard.fresh.truncate(cuts);
            }
        }
        let is_heard: Vec<bool> = heard.iter().map(Option::is_some).collect();
        let (fetched, mut away) = fetch_all(&self.origins, &inner.intakes, heard).await;
        for (intake, _) in inner.intakes.iter_mut().zip(is_heard).filter(|(_, heard)| *heard) {
            let shard = intake.shard();
            intake.fetched(!away.contains(&shard));
        }
        away.retain(|shard| !left_out.contains(shard));
        if is_last && !away.is_empty() {
            return Ok(Ok(Outcome::Waits { shards: away }));
        }
        let stamps = self.stamps(now, is_last).await;
        let without = if is_last { without } else { &[] };
        // What adds nothing is not repeated at once, whatever an instance says that it has.
        let is_more = is_more && fetched.iter().any(|one| !one.voters.is_empty());
        let added = self.add(inner, fetched, stamps, (now, is_last, without)).await?;
        Ok(added.map(|number| Outcome::Taken { number, away, is_more }))
    }

    /// Reads the lists again after a write that failed.
    fn reopen(&self, inner: &mut Inner) -> Result<(), PublishError> {
        if inner.store.is_none() {
            let store = Store::open(&self.disk, &self.rules.campaign)?;
            inner.intakes = intake::of_records(&self.rules.campaign, store.records());
            inner.texts = Texts::new();
            self.show(&store, &mut inner.texts);
            inner.store = Some(store);
        }
        Ok(())
    }

    /// Puts the parts together, adds them durably, and shows them.
    async fn add(
        &self,
        inner: &mut Inner,
        fetched: Vec<Fetched>,
        stamps: Boots,
        (taken_at, is_last, without): (Timestamp, bool, &[Without]),
    ) -> Result<Result<u64, LieOf>, PublishError> {
        let mut shards: Vec<Taken> = inner.intakes.iter().map(|one| one.taken().clone()).collect();
        let without: Vec<LeftOut> = without
            .iter()
            .map(|one| {
                let taken = shards.get(usize::from(one.shard().0));
                one.with(taken.map_or(0, |taken| taken.records))
            })
            .collect();
        let (mut fresh, mut told) = (Vec::new(), Vec::new());
        for Fetched { at, shard, heard, .. } in &fetched {
            told.push((*shard, heard.instance));
            let intake = inner.intakes.get(*at).ok_or(PublishError::Ended)?;
            let taken = intake.with(heard.ledger, &heard.fresh);
            if let Some(place) = shards.get_mut(*at) {
                *place = taken.clone();
            }
            fresh.push((*at, taken, heard.fresh.clone()));
        }
        let mut store = inner.store.take().ok_or(PublishError::Ended)?;
        let campaign = self.rules.campaign.clone();
        // After the close everything is told.
        let salt = self.rules.salt.clone().filter(|_| !is_last);
        let tells = !stamps.is_empty();
        let work = move || {
            // The lines stay where they are until they are written.
            let added = match merged(&campaign, &fetched, is_last) {
                Ok(added) => added,
                Err(lie) => return (Some(store), Ok::<_, PublishError>(Err(lie))),
            };
            let result =
                store.add(Addition { added, salt, stamps, shards, taken_at, is_last, without });
            match result.map(|record| record.number) {
                Ok(number) => (Some(store), Ok(Ok(number))),
                Err(error) => (None, Err(error.into())),
            }
        };
        let done = tokio::task::spawn_blocking(work).await;
        let (store, result) = done.map_err(|_| PublishError::Ended)?;
        inner.store = store;
        let number = match result? {
            Ok(number) => number,
            Err(lie) => {
                let liar = told.into_iter().find(|(shard, _)| *shard == lie.shard());
                let (_, instance) = liar.ok_or(PublishError::Ended)?;
                return Ok(Err((instance, lie)));
            }
        };
        for (at, taken, fresh) in fresh {
            if let Some(intake) = inner.intakes.get_mut(at) {
                intake.publish(taken, &fresh);
            }
        }
        if let Some(store) = &inner.store {
            self.show(store, &mut inner.texts);
        }
        if tells {
            self.edges.tell(taken_at);
        }
        self.figures.snapshots.inc();
        Ok(Ok(number))
    }
}

/// The lines of all parts, judged and in order.
fn merged<'a>(
    campaign: &Campaign,
    fetched: &'a [Fetched],
    is_last: bool,
) -> Result<Added<'a>, Lie> {
    let mut all = Vec::new();
    for Fetched { shard, heard, votes, voters, .. } in fetched {
        all.extend(parts(*shard, &heard.fresh, votes, voters)?);
    }
    let added = merge(campaign, &all, is_last)?;
    if added.doubled > 0 {
        let doubled = added.doubled;
        tracing::warn!(doubled, "two shards recorded one stamp: both votes are published");
    }
    Ok(added)
}
