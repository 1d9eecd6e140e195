//! What the lists of campaigns hold, for people.

use super::Page;
use crate::report::{
    Amendment, CampaignReport, CheckInCount, EndMove, LeftOutShard, ListCounts, Report, StampCount,
};

impl Page {
    /// What the results of each campaign lack: it belongs above them.
    pub(super) fn lacking(&mut self, report: &Report) {
        for campaign in &report.campaigns {
            for LeftOutShard { reason, records, shard } in &campaign.without {
                let text = format!(
                    "the results of {} are without shard {shard} ({reason}); {records} records of \
                     it were published before",
                    campaign.name
                );
                self.row("lacking", &text);
            }
        }
    }

    /// The votes of each campaign whose lists were read, counted again.
    pub(super) fn campaigns(&mut self, report: &Report) {
        for campaign in &report.campaigns {
            self.campaign(campaign);
        }
    }

    fn campaign(&mut self, campaign: &CampaignReport) {
        let CampaignReport { name, lists, amendments, .. } = campaign;
        if lists.is_none() && amendments.is_empty() {
            return;
        }
        self.text.push('\n');
        let state = match (campaign.is_last, campaign.without.len()) {
            (false, _) => "so far",
            (true, 0) => "all",
            (true, _) => "all that is published; see lacking, above",
        };
        let votes = lists.as_ref().map_or(campaign.records, |lists| lists.votes);
        self.row("campaign", &format!("{name}, {votes} votes ({state})"));
        for amendment in amendments {
            self.amendment(amendment);
        }
        if let Some(lists) = lists {
            self.counted(campaign, lists);
        }
    }

    fn amendment(&mut self, amendment: &Amendment) {
        let Amendment { entry, logged_at, end, another_map, has_begun } = amendment;
        let at = logged_at.map_or_else(String::new, |time| format!(" at {time}"));
        if let Some(EndMove { from, to }) = end {
            let text = format!("entry {entry}{at}: the end moved from {from} to {to}");
            self.row("  amended", &text);
        }
        if *another_map {
            let why = if *has_begun { ", while votes were taken: ask why" } else { "" };
            let text = format!("entry {entry}{at}: another deployment map{why}");
            self.row("  amended", &text);
        }
    }

    fn counted(&mut self, campaign: &CampaignReport, lists: &ListCounts) {
        for count in &lists.options {
            self.row("", &format!("{:>9}  {}", count.votes, count.option));
        }
        let work = format!("the votes' work took about {} hashes", lists.work_hashes);
        self.row("  work", &work);
        if let Some(StampCount { issued, votes }) = campaign.stamps {
            let text = if issued < votes {
                format!("told: {issued}, fewer than the {votes} votes by then: ask why")
            } else {
                format!("told: {issued}, with {votes} votes by then")
            };
            self.row("  stamps", &text);
        }
        if let Some(CheckInCount { time, voters }) = campaign.check_ins {
            self.row("  check-ins", &format!("{voters} by {time}, as committed to"));
        }
        if lists.unanimous > 0 {
            let text = format!(
                "{} of {} snapshots add votes that all agree: each says how its voters voted",
                lists.unanimous, campaign.snapshots
            );
            self.row("  agreed", &text);
        }
        if let Some(voided) = lists.voided {
            let text =
                format!("{voided} of {} voted though void; no vote is removed", lists.voters);
            self.row("  void", &text);
        }
    }
}
