//! Four publishers that are dishonest, and what a verifier finds of each.
//!
//! Each has the votes of the crowd and holds the platform's key: a log with witnesses takes
//! whatever it signs. It neither has the key of the stamps nor an authority's.
//!
//! ```text
//! booth/drops-one/    the last snapshot is of lists in which an earlier vote is not any more
//! booth/adds-one/     the last snapshot is of lists with a vote more, and a mandate more
//! booth/two-faces/    one snapshot twice: of `lists`, and of `other-lists` with one vote changed
//! booth/miscounts/    the honest lists, and results in which the first two options change places
//! ```

use std::path::PathBuf;

use anyhow::Context as _;
use artifact::payload::Snapshot;
use booth::mandate::Mandate;
use booth::publish::Results;
use booth::stamp::VoterStamp;
use booth::vote::Vote;
use booth::work::Nonce;
use canon::Signer as _;
use tokio::runtime::Handle;
use verify::Verdict;

use super::election::Evidence;
use super::receipt::Kept;
use super::shown::{Shown, Told};
use super::stranger;
use super::twin::Twin;
use crate::demo::charter::CAMPAIGN;
use crate::demo::stage::Stage;

/// What all four begin with.
pub(super) struct Dishonest<'a> {
    /// The folder in which each leaves what it made.
    pub(super) home: PathBuf,
    pub(super) runtime: Handle,
    /// What the honest publisher told its log.
    pub(super) told: &'a Told,
    /// What it showed.
    pub(super) honest: &'a Shown,
    /// A voter whose vote it showed early.
    pub(super) voter: &'a Kept,
}

impl Dishonest<'_> {
    /// Lets all four publish; whether each was caught at what it did.
    pub(super) fn play(&self, stage: &mut Stage<'_>) -> anyhow::Result<bool> {
        stage.part("Four dishonest publishers, with the same votes and the platform's own key")?;
        let caught = [
            self.drops_one(stage)?,
            self.adds_one(stage)?,
            self.two_faces(stage)?,
            self.miscounts(stage)?,
        ];
        Ok(caught == [true; 4])
    }

    /// A vote that the early snapshot has is left out at the close, and somebody's mandate with it,
    /// so that the lists are of one length. Whose, the publisher does not know.
    fn drops_one(&self, stage: &mut Stage<'_>) -> anyhow::Result<bool> {
        let twin = self.twin("drops-one")?;
        let mut lists = self.honest.clone();
        let line = self.voter.vote.line();
        let at = lists.votes.iter().position(|vote| *vote == line);
        lists.votes.remove(at.context("the vote is not in the list")?);
        lists.voters.remove(0);
        lists.sort();
        let snapshots = [self.honest.early(self.told), lists.last(self.told)];
        let evidence = self.publish(twin, &lists, &snapshots)?;
        stage.step("drops one", "leaves out a vote that it showed before, and signs that")?;
        let receipt = [self.voter.file.clone()];
        is_caught(&evidence, &receipt, &["BTH-020", "BTH-032", "BTH-033"], stage)
    }

    /// A vote is added, under a copy of a genuine stamp and with its work done, and a mandate that
    /// names the authority and is signed with the only key that there is.
    fn adds_one(&self, stage: &mut Stage<'_>) -> anyhow::Result<bool> {
        let twin = self.twin("adds-one")?;
        let mut lists = self.honest.clone();
        let copied = Vote::from_line(&lists.votes[0])?;
        let stamp = VoterStamp::from_bytes(service::random::bytes());
        lists.votes.push(self.worked(Vote { stamp, ..copied })?.line());
        let authority = Mandate::from_voters_line(&lists.voters[0])?.id().authority;
        let id: [u8; 24] = service::random::bytes();
        let signature = <[u8; 64]>::try_from(twin.platform.sign(&id)?);
        let signature = signature.map_err(|_| anyhow::anyhow!("a signature of another length"))?;
        lists.voters.push(Mandate::from_parts(authority, signature, id).voters_line());
        lists.sort();
        let snapshots = [lists.early(self.told), lists.last(self.told)];
        let evidence = self.publish(twin, &lists, &snapshots)?;
        stage.step("adds one", "adds a vote under a copied stamp, and forges its mandate")?;
        is_caught(&evidence, &[], &["BTH-024", "BTH-039"], stage)
    }

    /// Some readers get a list in which one vote is for somebody else, and the log gets a snapshot
    /// of each list.
    fn two_faces(&self, stage: &mut Stage<'_>) -> anyhow::Result<bool> {
        let twin = self.twin("two-faces")?;
        let (one, mut other) = (self.honest, self.honest.clone());
        let vote = Vote::from_line(&other.votes[0])?;
        let mut options = self.told.campaign.options.iter().map(ToString::to_string);
        let say = options.find(|option| *option != vote.say).context("one option only")?;
        other.votes[0] = self.worked(Vote { say, ..vote })?.line();
        other.sort();
        let snapshots = [one.early(self.told), other.early(self.told), one.last(self.told)];
        let shown = self.publish(twin, one, &snapshots)?;
        let folder = self.home.join("two-faces/other-lists");
        other.write(&folder)?;
        stage
            .step("two faces", "shows some readers a list with one vote changed, and signs both")?;
        stage.more("whoever has the one list finds")?;
        let first = is_caught(&shown, &[], &["BTH-006"], stage)?;
        let shown = Evidence { lists: folder.to_string_lossy().into_owned(), ..shown };
        stage.more("whoever has the other finds")?;
        Ok(is_caught(&shown, &[], &["BTH-006", "BTH-020"], stage)? && first)
    }

    /// Log and lists are those of an honest publisher. The page that most people read gives the
    /// votes of the first option to the second, and those of the second to the first.
    fn miscounts(&self, stage: &mut Stage<'_>) -> anyhow::Result<bool> {
        let twin = self.twin("miscounts")?;
        let lists = self.honest;
        let last = lists.last(self.told);
        let mut results = lists.results(self.told, &last)?;
        let [first, second, ..] = results.counts.as_mut_slice() else {
            anyhow::bail!("one option only");
        };
        std::mem::swap(&mut first.votes, &mut second.votes);
        let evidence = self.publish(twin, lists, &[lists.early(self.told), last])?;
        let page = PathBuf::from(&evidence.lists).join(Results::path(CAMPAIGN));
        std::fs::create_dir_all(page.parent().context("a page stands in a folder")?)?;
        std::fs::write(page, serde_json::to_vec(&results)?)?;
        stage.step("miscounts", "shows the right lists, and results with two options swapped")?;
        is_caught(&evidence, &[], &["BTH-049"], stage)
    }

    fn twin(&self, name: &str) -> anyhow::Result<Twin> {
        self.runtime.block_on(Twin::open(self.home.join(name)))
    }

    /// Tells the log the rules, these snapshots and what is revealed, and shows these lists.
    fn publish(
        &self,
        twin: Twin,
        lists: &Shown,
        snapshots: &[Snapshot],
    ) -> anyhow::Result<Evidence> {
        let folder = twin.folder.join("lists");
        lists.write(&folder)?;
        let (bundle, anchor) = self.runtime.block_on(async {
            twin.tell(&self.told.campaign).await?;
            for snapshot in snapshots {
                twin.tell(snapshot).await?;
            }
            twin.tell(&self.told.reveal).await?;
            twin.close().await
        })?;
        Ok(Evidence { bundle, anchor, lists: folder.to_string_lossy().into_owned() })
    }

    /// The vote with its work done.
    fn worked(&self, vote: Vote) -> anyhow::Result<Vote> {
        let (puzzle, bits) = (vote.puzzle(), self.told.campaign.work_bits);
        let mut nonces = (0..=u64::MAX).map(Nonce::from);
        let nonce = nonces.find(|nonce| u64::from(puzzle.score(nonce)) >= bits);
        Ok(Vote { nonce: nonce.context("no nonce")?, ..vote })
    }
}

/// Verifies, and tells what was found; whether it is that and nothing else.
fn is_caught(
    evidence: &Evidence,
    receipts: &[Vec<u8>],
    expected: &[&str],
    stage: &mut Stage<'_>,
) -> anyhow::Result<bool> {
    let report = stranger::verify(evidence, receipts)?;
    let found = stranger::findings(&report);
    for id in &found {
        let finding = report.findings.iter().find(|finding| finding.rule.id == *id);
        stage.more(&format!("{id}  {}", finding.map_or("", |finding| finding.rule.title)))?;
    }
    let is_caught = report.verdict == Verdict::Fails && found == expected;
    if !is_caught {
        stage.more(&format!("and this had to be found: {}", expected.join(", ")))?;
    }
    Ok(is_caught)
}
