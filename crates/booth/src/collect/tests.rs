use canon::{Timestamp, base64};

use super::{Checked, Collector, Input, Memory, Output, PassHeader, Reply, examine};
use crate::answer::{Refusal, Ticket};
use crate::batch::{Batches, Cut};
use crate::campaign::{Campaign, Draft, Period, Shard};
use crate::fixture::{authority, campaign, draft, mandate, noon, request};
use crate::mandate::Mandate;
use crate::receipt::Shelf;
use crate::request::VoteRequest;
use crate::secret::Secret;

mod claims;
mod interim;

fn collector(campaign: &Campaign) -> Collector<Memory> {
    let (key, k) = (Secret::new(&[41; 32]), campaign.k());
    let (draws, batches) = ((key, u128::MAX), Batches::new(k, 0));
    Collector::new(campaign.clone(), Shard(0), draws, Memory::new(), batches, Shelf::new())
}

fn checked(request: VoteRequest) -> Checked {
    examine(&campaign(), Shard(0), request, noon()).unwrap()
}

fn cast(collector: &mut Collector<Memory>, request: VoteRequest) -> Vec<Output> {
    let ticket = Ticket(7);
    collector.step(Input::Vote { ticket, checked: checked(request) }, noon())
}

/// Casts a vote, and writes all that is to be written at once: the replies, and what was cut.
fn cast_and_store(
    collector: &mut Collector<Memory>,
    request: VoteRequest,
) -> (Vec<Reply>, Vec<Cut>) {
    let (mut replies, mut cuts) = (Vec::new(), Vec::new());
    let mut waiting = cast(collector, request);
    while !waiting.is_empty() {
        let outputs = std::mem::take(&mut waiting);
        for output in outputs {
            let input = match output {
                Output::Store { number, .. } => Input::Stored { through: number },
                Output::Cut(cut) => {
                    cuts.push((*cut).clone());
                    Input::CutStored { cut }
                }
                Output::Answer { reply, .. } => {
                    replies.push(*reply);
                    continue;
                }
                Output::Stop => panic!("stopped"),
            };
            waiting.extend(collector.step(input, noon()));
        }
    }
    (replies, cuts)
}

fn refusal(outputs: &[Output]) -> Option<Refusal> {
    match outputs {
        [Output::Answer { reply, .. }] => match **reply {
            Reply::Refused(refusal) => Some(refusal),
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn what_is_judged_without_memory_and_in_which_order() {
    let look = |request, now: Timestamp| examine(&campaign(), Shard(0), request, now).map(|_| ());
    let good = request(1, "Bold Jupiter");
    let mut faulty = good.clone();
    faulty.vote.platform.period = Period::beginning(noon());
    faulty.vote.say = "Planet X".to_owned();
    faulty.mandate = Mandate::issue(&authority(9), [1; 24]).unwrap();
    assert_eq!(look(faulty.clone(), noon()), Err(Refusal::Time));
    faulty.vote.platform = good.vote.platform;
    assert_eq!(look(faulty.clone(), noon()), Err(Refusal::Authority));
    faulty.mandate = Mandate::from_parts(good.mandate.id().authority, [9; 64], [1; 24]);
    assert_eq!(look(faulty.clone(), noon()), Err(Refusal::Signature));
    faulty.mandate = good.mandate;
    assert_eq!(look(faulty, noon()), Err(Refusal::NotOnBallot));
    assert_eq!(look(good, noon()), Ok(()));
    assert_eq!([Refusal::Time, Refusal::NotOnBallot].map(Refusal::status), [485, 482]);
}

#[test]
fn a_time_that_is_not_in_the_campaigns_past() {
    let look = |request, now: Timestamp| examine(&campaign(), Shard(0), request, now).map(|_| ());
    let good = request(1, "Bold Jupiter");
    let before = Timestamp::from_unix(campaign().start().unix() - 1).unwrap();
    assert_eq!(look(good.clone(), before), Err(Refusal::Time));
    for seconds in ["0", "1", "1762153201"] {
        let mut other = good.clone();
        other.vote.platform.period = Period::from_text(seconds).unwrap();
        assert_eq!(look(other, noon()), Err(Refusal::Time), "{seconds}");
    }
}

/// The attack: vote once in each shard with one mandate.
#[test]
fn an_instance_refuses_the_mandates_of_other_shards() {
    let mut draft = draft();
    draft.shards = 2;
    let campaign = Campaign::check(draft).unwrap();
    for number in 0..20 {
        let request = request(number, "Bold Jupiter");
        let own = campaign.shard_of(request.mandate.id());
        for shard in [Shard(0), Shard(1)] {
            let judged = examine(&campaign, shard, request.clone(), noon()).map(|_| ());
            assert_eq!(judged, if shard == own { Ok(()) } else { Err(Refusal::OtherShard) });
        }
    }
}

#[test]
fn nothing_is_promised_before_it_is_on_disk() {
    let mut collector = collector(&campaign());
    let outputs = cast(&mut collector, request(1, "Bold Jupiter"));
    let [Output::Store { number: 1, batch: 0, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    // Asked again before it is stored: still nothing.
    assert_eq!(cast(&mut collector, request(1, "Bold Jupiter")), []);
    assert_eq!(collector.step(Input::Stored { through: 0 }, noon()), []);
    let answers = collector.step(Input::Stored { through: 1 }, noon());
    assert_eq!(answers.len(), 2);
    let accepted = |one: &Output| match one {
        Output::Answer { reply, .. } => matches!(**reply, Reply::Accepted(_)),
        _ => false,
    };
    assert!(answers.iter().all(accepted), "{answers:?}");
}

/// The attack: one vote whose sync hangs, and its request again and again.
#[test]
fn who_asks_again_while_the_disk_hangs_is_told_to_come_back() {
    let mut collector = collector(&campaign()).with_waiting(3);
    let mine = request(1, "Bold Jupiter");
    assert!(refusal(&cast(&mut collector, mine.clone())).is_none());
    assert_eq!(cast(&mut collector, mine.clone()), []);
    assert_eq!(cast(&mut collector, mine.clone()), []);
    for _ in 0..100 {
        assert_eq!(refusal(&cast(&mut collector, mine.clone())), Some(Refusal::Busy));
    }
    let new = cast(&mut collector, request(2, "Bold Jupiter"));
    assert!(matches!(new[..], [Output::Store { number: 2, .. }]), "new votes are taken");
    assert_eq!(collector.step(Input::Stored { through: 2 }, noon()).len(), 4);
    assert_eq!(cast(&mut collector, mine).len(), 1, "and then it is answered");
}

#[test]
fn a_disk_that_failed_ends_the_process_and_promises_nothing() {
    let mut collector = collector(&campaign());
    cast(&mut collector, request(1, "Bold Jupiter"));
    let outputs = collector.step(Input::StoreFailed, noon());
    assert_eq!(refusal(&outputs[..1]), Some(Refusal::Busy));
    assert_eq!(outputs[1..], [Output::Stop]);
    assert_eq!(refusal(&cast(&mut collector, request(1, "Bold Jupiter"))), Some(Refusal::Busy));
    assert_eq!(refusal(&cast(&mut collector, request(2, "Bold Jupiter"))), Some(Refusal::Busy));
}

/// The attacks on uniqueness: a second vote by the same mandate, by another signature of the same
/// id, and by another mandate with the same stamp.
#[test]
fn one_mandate_and_one_stamp_are_recorded_once() {
    let mut collector = collector(&campaign());
    let first = request(1, "Bold Jupiter");
    cast_and_store(&mut collector, first.clone());
    let second = VoteRequest { mandate: first.mandate, ..request(2, "Shiny Saturn") };
    assert_eq!(refusal(&cast(&mut collector, second.clone())), Some(Refusal::Voted));
    let resigned = VoteRequest { mandate: signed_again(&first.mandate), ..second };
    assert_ne!(resigned.mandate.signature(), first.mandate.signature());
    assert_eq!(refusal(&cast(&mut collector, resigned)), Some(Refusal::Voted));
    let same_stamp = VoteRequest { mandate: mandate(3), ..first };
    assert_eq!(refusal(&cast(&mut collector, same_stamp)), Some(Refusal::VoterStamp));
    assert_eq!(collector.register().sizes(), (1, 1));
}

/// Another genuine signature of the authority over the same id.
fn signed_again(mandate: &Mandate) -> Mandate {
    use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
    use sha2::{Digest as _, Sha512};
    let mut expanded = ExpandedSecretKey::from_bytes(&Sha512::digest([1; 32]).into());
    expanded.hash_prefix = [98; 32];
    let id = mandate.id();
    let key = ed25519_dalek::VerifyingKey::from_bytes(&id.authority).unwrap();
    let signature = raw_sign::<Sha512>(&expanded, &id.id, &key).to_bytes();
    Mandate::from_parts(id.authority, signature, id.id)
}

#[test]
fn a_request_that_is_repeated_is_recognised_by_all_its_fields() {
    let mut collector = collector(&campaign());
    let first = request(1, "Bold Jupiter");
    let (replies, _) = cast_and_store(&mut collector, first.clone());
    let (again, _) = cast_and_store(&mut collector, first.clone());
    assert_eq!(replies, again);
    assert!(matches!(again[..], [Reply::Accepted(_)]));
    let mut changed = first;
    changed.vote.say = "Shiny Saturn".to_owned();
    assert_eq!(refusal(&cast(&mut collector, changed)), Some(Refusal::Voted));
    assert_eq!(collector.register().sizes(), (1, 1));
}

/// The attack: a stamp that is too old, or none, with a vote that is new. The edge hands it on so
/// that a receipt can be asked for, and it must not count.
#[test]
fn a_request_that_can_only_be_repeated_records_nothing() {
    let mut collector = collector(&campaign());
    let first = request(1, "Bold Jupiter");
    let (accepted, _) = cast_and_store(&mut collector, first.clone());
    let mut repeat = |request: VoteRequest| {
        let checked = checked(request).repeat_only();
        collector.step(Input::Vote { ticket: Ticket(8), checked }, noon())
    };
    let again = repeat(first.clone());
    let [Output::Answer { reply, .. }] = &again[..] else { panic!("{again:?}") };
    assert_eq!(**reply, accepted[0], "as it was answered before");
    let new = request(2, "Bold Jupiter");
    let other_mandate = VoteRequest { mandate: mandate(3), ..first.clone() };
    let other_vote = VoteRequest { mandate: first.mandate, ..request(4, "Bold Jupiter") };
    for attack in [new, other_mandate] {
        assert_eq!(refusal(&repeat(attack)), Some(Refusal::VoterStamp));
    }
    assert_eq!(refusal(&repeat(other_vote)), Some(Refusal::Voted));
    assert_eq!(collector.register().sizes(), (1, 1));
}

#[test]
fn the_receipt_comes_when_the_batch_is_cut() {
    let campaign = campaign();
    let mut collector = collector(&campaign);
    let mut cuts = Vec::new();
    for number in 0..6 {
        let (replies, cut) = cast_and_store(&mut collector, request(number, "Bold Jupiter"));
        assert!(matches!(replies[..], [Reply::Accepted(_)]), "none before the batch is cut");
        cuts.extend(cut);
    }
    assert_eq!((cuts.len(), cuts[0].votes.len(), collector.pending()), (1, 3, 3));
    let receipts = |collector: &mut Collector<Memory>| {
        let replies = (0..6)
            .map(|number| cast_and_store(collector, request(number, "Bold Jupiter")).0.remove(0));
        replies.filter(|reply| matches!(reply, Reply::Receipt(_))).count()
    };
    assert_eq!(receipts(&mut collector), 3);
    let outputs = collector.step(Input::Close, noon());
    let [Output::Cut(cut)] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(receipts(&mut collector), 3, "not before the cut is on disk");
    collector.step(Input::CutStored { cut: cut.clone() }, noon());
    assert_eq!(receipts(&mut collector), 6, "and after the close too");
    let late = cast(&mut collector, request(9, "Bold Jupiter"));
    assert_eq!(refusal(&late), Some(Refusal::Time));
}

#[test]
fn in_a_demonstration_the_receipt_comes_at_once() {
    let mut draft = draft();
    draft.purpose = artifact::charter::Purpose::Demonstration;
    draft.k = 0;
    let campaign = Campaign::check(draft).unwrap();
    let mut collector = collector(&campaign);
    for (number, say) in [(1, "Bold Jupiter"), (2, "Shiny Saturn"), (3, "Bold Jupiter")] {
        let request = request(number, say);
        let stamp = request.vote.stamp.to_string();
        let (replies, cuts) = cast_and_store(&mut collector, request);
        let [Reply::Receipt(receipt)] = &replies[..] else { panic!("{replies:?}") };
        assert!(receipt.lines.contains(&format!("{stamp} {say}")));
        assert_eq!(cuts.len(), 1);
        let answer = replies[0].answer(&authority(5)).unwrap();
        assert_eq!((answer.status, answer.max_age_s), (204, Some(300)));
    }
}

/// The attack: who holds somebody's receipt asks for each record on it with each published
/// mandate, its holder's among them, and looks which answer is the very receipt. With a draw that
/// followed from vote and mandate there was one such pair: who cast it, and what.
#[test]
fn no_published_mandate_tells_whose_line_of_a_receipt_is_the_holders() {
    let options = ["Bold Jupiter", "Shiny Saturn", "Humble Pluto"];
    let mut collector = collector(&Campaign::check(Draft { k: 60, ..draft() }).unwrap());
    let votes: Vec<_> =
        (0..120).map(|number| request(number, options[number as usize % 3])).collect();
    for vote in &votes {
        cast_and_store(&mut collector, vote.clone());
    }
    let mut ask = |request: VoteRequest| {
        let (replies, _) = cast_and_store(&mut collector, request);
        let [Reply::Receipt(receipt)] = &replies[..] else { panic!("{replies:?}") };
        receipt.clone()
    };
    let holder = &votes[1];
    let shown = ask(holder.clone());
    // One of 20 times 20 answers is the same by chance, whoever asks for whatever.
    let (mut of_holder, mut of_others) = (0, 0);
    for line in &shown.lines {
        let stamp = line.split(' ').next().unwrap();
        let record = votes.iter().find(|one| one.vote.stamp.to_string() == stamp).unwrap();
        for mandate in votes[..60].iter().map(|one| one.mandate) {
            let answer = ask(VoteRequest { mandate, vote: record.vote.clone() });
            let is_holders = mandate == holder.mandate && record.vote == holder.vote;
            *if is_holders { &mut of_holder } else { &mut of_others } +=
                u32::from(answer.lines == shown.lines);
        }
    }
    assert_eq!(of_holder, 0, "the holder's own pair does not show the receipt again");
    assert!(of_others <= 5, "{of_others} of 179, where 0.4 are to be expected");
}

#[test]
fn an_acceptance_says_nothing_of_the_option() {
    let key = authority(5);
    let answers = ["Bold Jupiter", "Shiny Saturn"].map(|say| {
        let mut collector = collector(&campaign());
        let mut request = request(1, "Bold Jupiter");
        request.vote.say = say.to_owned();
        let (replies, _) = cast_and_store(&mut collector, request);
        let [Reply::Accepted(acceptance)] = &replies[..] else { panic!("{replies:?}") };
        let answer = replies[0].answer(&key).unwrap();
        assert_eq!((answer.status, answer.max_age_s), (202, None));
        let signature = base64::decode(answer.headers[2].1.as_bytes()).unwrap();
        assert!(acceptance.holds(key.public(), &signature));
        assert!(!acceptance.holds(authority(6).public(), &signature));
        answer
    });
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn the_pass_header() {
    let pass = PassHeader::new("Ra$q");
    assert!(pass.accept(b"Ra$q"));
    for other in [&b"Ra$"[..], b"Ra$qq", b"", b"ra$q"] {
        assert!(!pass.accept(other));
    }
    assert_eq!(format!("{pass:?}"), "PassHeader(..)");
}
