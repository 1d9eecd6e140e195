//! What the answer to a vote request is worth: nothing that was signed is believed before it is
//! checked.

use booth::answer::Refusal;
use booth::receipt::{AcceptanceFault, ReceiptFault, SignedAcceptance, SignedReceipt};
use canon::Timestamp;

use super::{Journey, Output, Question, is_past};
use crate::voter::client::{CastAnswer, ClientError, Judged};
use crate::voter::end::{End, Lie};
use crate::voter::record::Record;
use crate::voter::refused::Refused;

impl Journey {
    /// Takes the answer to a vote request.
    pub(super) fn vote(
        &mut self,
        answer: Result<Judged<CastAnswer>, ClientError>,
        now: Timestamp,
    ) -> Vec<Output> {
        let Some(request) = self.record.as_ref().and_then(Record::request) else {
            return Vec::new();
        };
        let question = Question::Vote(Box::new(request));
        match answer {
            Ok(Ok(CastAnswer::Accepted { acceptance: Ok(signed), retry_after_s })) => {
                self.accepted(signed, retry_after_s, question)
            }
            Ok(Ok(CastAnswer::Accepted { acceptance: Err(fault), .. })) => {
                self.end(End::Lied(Lie::Acceptance { fault, signed: None }))
            }
            Ok(Ok(CastAnswer::Receipt(Ok(signed)))) => self.receipt(signed),
            Ok(Ok(CastAnswer::Receipt(Err(fault)))) => {
                self.end(End::Lied(Lie::Receipt { fault, signed: None }))
            }
            Ok(Err(refused)) if refused.is_passing() && !self.is_in_vain(&refused, now) => {
                self.again(question, refused.retry_after_s)
            }
            Ok(Err(refused)) => self.refused(refused, now),
            Err(error) if error.is_passing() => {
                self.is_open = true;
                self.again(question, None)
            }
            Err(error) => self.end(End::NotReached(error)),
        }
    }

    /// Whether the edge wants to be left alone until the stamp is too old for a new vote. What may
    /// have been recorded is asked for all the same.
    fn is_in_vain(&self, refused: &Refused, now: Timestamp) -> bool {
        let Refusal::TooMany { wait_s } = refused.refusal else { return false };
        let Some(record) = &self.record else { return false };
        let then = now.saturating_plus_seconds(u64::from(wait_s));
        !self.is_open && record.acceptance.is_none() && is_past(record, then)
    }

    fn accepted(
        &mut self,
        signed: SignedAcceptance,
        retry_after_s: Option<u32>,
        question: Question,
    ) -> Vec<Output> {
        let Some(record) = &mut self.record else { return Vec::new() };
        let shard = record.shard(&self.campaign);
        let key = shard.and_then(|shard| self.campaign.receipt_key(shard));
        let Some(key) = key else { return Vec::new() };
        let mut checked = signed.check(key, &record.stamp);
        if Some(signed.acceptance.place.shard) != shard {
            checked = Err(AcceptanceFault::Form);
        }
        if let Err(fault) = checked {
            return self.end(End::Lied(Lie::Acceptance { fault, signed: Some(signed) }));
        }
        let before = record.acceptance.get_or_insert_with(|| signed.clone());
        if before.acceptance.place != signed.acceptance.place {
            let lie = Lie::TwoPlaces { first: before.clone(), second: signed };
            return self.end(End::Lied(lie));
        }
        self.is_open = false;
        self.tries = 0;
        let mut outputs = vec![Output::Keep];
        outputs.extend(self.again(question, retry_after_s));
        outputs
    }

    fn receipt(&mut self, signed: SignedReceipt) -> Vec<Output> {
        let Some(record) = &mut self.record else { return Vec::new() };
        let shard = record.shard(&self.campaign);
        let key = shard.and_then(|shard| self.campaign.receipt_key(shard));
        let (Some(key), Some(vote)) = (key, record.vote()) else { return Vec::new() };
        let mut checked = signed.check(&self.campaign, key, &vote);
        if Some(signed.receipt.place.shard) != shard {
            checked = Err(ReceiptFault::Form);
        }
        if let Err(fault) = checked {
            return self.end(End::Lied(Lie::Receipt { fault, signed: Some(signed) }));
        }
        // A batch bears the lowest of the numbers that it covers.
        if let Some(accepted) = &record.acceptance
            && accepted.acceptance.place.batch < signed.receipt.place.batch
        {
            let lie = Lie::Moved { accepted: accepted.clone(), receipt: signed };
            return self.end(End::Lied(lie));
        }
        record.receipt = Some(signed);
        let mut outputs = vec![Output::Keep];
        outputs.extend(self.end(End::Received));
        outputs
    }

    /// A refusal of a request that was accepted before is a contradiction, however old its stamp:
    /// an instance knows what it has recorded. Of a request that was sent and not answered, nobody
    /// can say that it is not still on its way.
    fn refused(&mut self, refused: Refused, now: Timestamp) -> Vec<Output> {
        let Some(record) = &self.record else { return Vec::new() };
        let is_late = refused.refusal == Refusal::VoterStamp && is_past(record, now);
        let end = match &record.acceptance {
            Some(accepted) => End::Lied(Lie::Broken { accepted: accepted.clone(), refused }),
            None if is_late && self.is_open => End::Unknown,
            None => End::Refused(refused),
        };
        self.end(end)
    }
}
