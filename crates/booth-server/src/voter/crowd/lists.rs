//! The lists held against what a crowd knows: every accepted vote once, and nothing else.

use std::collections::HashMap;

use crate::voter::record::Record;

/// The lists while their lines go by.
#[derive(Debug)]
pub struct Lists {
    votes: HashMap<String, u64>,
    voters: HashMap<String, u64>,
    sizes: (u64, u64),
}

/// What was found of a crowd in the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListCheck {
    /// Accepted votes.
    pub accepted: u64,
    /// Lines of the list of votes.
    pub votes: u64,
    /// Lines of the list of voters.
    pub voters: u64,
    /// Accepted votes that are not in the list as they were cast, or more than once.
    pub votes_amiss: u64,
    /// Their mandates, in the same way.
    pub voters_amiss: u64,
}

impl ListCheck {
    /// Whether the lists hold the accepted votes and their voters, each once, and nothing else.
    pub const fn holds(&self) -> bool {
        let all = self.votes == self.accepted && self.voters == self.accepted;
        all && self.votes_amiss == 0 && self.voters_amiss == 0
    }
}

impl Lists {
    /// What has to be in the lists.
    pub fn new(records: &[Record]) -> Self {
        let requests = records.iter().filter_map(Record::request);
        let (mut votes, mut voters) = (HashMap::new(), HashMap::new());
        for request in requests {
            votes.insert(request.vote.line(), 0);
            voters.insert(request.mandate.voters_line(), 0);
        }
        Self { votes, voters, sizes: (0, 0) }
    }

    /// Takes a line of the list of votes, with its line feed.
    pub fn vote_line(&mut self, line: &str) {
        self.sizes.0 += 1;
        self.votes.entry(line.to_owned()).and_modify(|count| *count += 1);
    }

    /// Takes a line of the list of voters, with its line feed.
    pub fn voter_line(&mut self, line: &str) {
        self.sizes.1 += 1;
        self.voters.entry(line.to_owned()).and_modify(|count| *count += 1);
    }

    /// What was found.
    pub fn finish(self) -> ListCheck {
        let amiss = |lines: &HashMap<String, u64>| {
            lines.values().filter(|count| **count != 1).count() as u64
        };
        ListCheck {
            accepted: self.votes.len() as u64,
            votes: self.sizes.0,
            voters: self.sizes.1,
            votes_amiss: amiss(&self.votes),
            voters_amiss: amiss(&self.voters),
        }
    }
}
