//! Goes with a voter: keeps the record in its file, and says on stderr what happens.

use std::io::{self, Write as _};
use std::path::PathBuf;

use booth_server::voter::{Companion, KeptRecord, News, Record};

use super::platform::Opened;

pub(super) struct Guide {
    pub(super) keep: Option<PathBuf>,
    pub(super) edge: String,
    pub(super) roots: Option<PathBuf>,
    pub(super) campaign: String,
}

impl Guide {
    pub(super) fn new(opened: &Opened, keep: Option<PathBuf>) -> Self {
        let Opened { edge, roots, text, .. } = opened;
        Self { keep, edge: edge.clone(), roots: roots.clone(), campaign: text.clone() }
    }

    /// The record with where it goes, as files hold it.
    pub(super) fn whole(&self, record: &Record) -> KeptRecord {
        let Self { edge, roots, campaign, .. } = self;
        let (edge, roots, campaign) = (edge.clone(), roots.clone(), campaign.clone());
        KeptRecord { edge, roots, campaign, record: record.clone() }
    }
}

impl Companion for Guide {
    fn keep(&mut self, record: &Record) -> io::Result<()> {
        self.keep.as_ref().map_or(Ok(()), |path| self.whole(record).write(path))
    }

    fn tell(&mut self, news: News) {
        let text = match news {
            News::Stamped => "The stamps are here. This device works now.".to_owned(),
            News::Worked(best) => format!("The work is done: {} bits.", best.score),
            News::Sending => "The vote is on its way.".to_owned(),
            News::Accepted(place) => {
                format!("The vote is accepted for batch {place}. It is published with others.")
            }
            News::Waiting(time) => format!("Asking again in {:.1} s.", time.as_secs_f32()),
        };
        // Nobody is left to tell if this fails.
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }
}
