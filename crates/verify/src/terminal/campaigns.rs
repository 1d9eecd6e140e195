//! What the lists of campaigns hold, for people.

use super::Page;
use crate::report::{CampaignReport, Report, StampCount};

impl Page {
    /// The votes of each campaign whose lists were read, counted again.
    pub(super) fn campaigns(&mut self, report: &Report) {
        for campaign in &report.campaigns {
            self.campaign(campaign);
        }
    }

    fn campaign(&mut self, campaign: &CampaignReport) {
        let Some(lists) = &campaign.lists else { return };
        self.text.push('\n');
        let state = if campaign.is_last { "all" } else { "so far" };
        self.row("campaign", &format!("{}, {} votes ({state})", campaign.name, lists.votes));
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
