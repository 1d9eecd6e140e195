//! The campaign's own election: keys, a charter, a log with three witnesses, and at the end what a
//! stranger gets of it.
//!
//! ```text
//! booth/
//!     election/       passphrase, clerk.pem, platform.pem, charter.json, log/, witness-1/ …
//!     anchor.toml     what a verifier gets from outside
//!     bundle/         what the log has published, exported
//! ```

use std::path::{Path, PathBuf};

use artifact::anchor::Anchor;
use artifact::bundle::{self, Copied, FolderSink, UrlLimits, UrlSource};
use canon::PrivateKey;

use crate::demo::charter::{self, CAMPAIGN};
use crate::demo::records;
use crate::demo::servers::Servers;
use crate::demo::world::{self, Ground};

/// The name of the campaign's log.
pub(super) const ORIGIN: &str = "log.localhost/solar";

/// The election of a campaign, with its log.
pub(in crate::demo) struct Election {
    pub(super) ground: Ground,
    pub(super) servers: Servers,
    home: PathBuf,
    clerk: PrivateKey,
}

/// What a stranger verifies a campaign from.
pub(super) struct Evidence {
    /// The folder of what the log has published.
    pub(super) bundle: PathBuf,
    /// What comes from elsewhere.
    pub(super) anchor: Anchor,
    /// The folder with both lists, or the address of their publisher.
    pub(super) lists: String,
}

impl Election {
    /// Makes keys and charter in a folder, and starts the log.
    pub(in crate::demo) fn start(home: &Path) -> anyhow::Result<Self> {
        let home = std::path::absolute(home)?;
        let folder = home.join("election");
        std::fs::create_dir_all(&folder)?;
        let passphrase = world::passphrase();
        let clerk = world::new_key(&folder.join("clerk.pem"), &passphrase)?;
        let platform = world::new_key(&folder.join("platform.pem"), &passphrase)?;
        let publics = (clerk.public(), platform.public());
        let ground = Ground::make(&folder, ORIGIN, (&passphrase, &clerk), |log, witnesses| {
            charter::of_campaign(world::now()?, publics, log, witnesses)
        })?;
        std::fs::write(home.join("anchor.toml"), ground.anchor().to_toml()?)?;
        let servers = Servers::start(&ground)?;
        Ok(Self { ground, servers, home, clerk })
    }

    /// The key that signs for the platform, encrypted.
    pub(super) fn platform_key(&self) -> PathBuf {
        self.ground.folder.join("platform.pem")
    }

    /// Commits to how many have checked in, closes the election, and copies what its log has
    /// published.
    pub(super) fn close(
        &self,
        lists: String,
        checked_in: u64,
    ) -> anyhow::Result<(Evidence, Copied)> {
        let check_ins = records::check_ins(CAMPAIGN, world::now()?, checked_in)?;
        self.servers.add(&check_ins, &self.clerk, &[])?;
        let head = self.servers.head()?.cited;
        let close = records::close(CAMPAIGN, self.servers.entries(), head)?;
        self.servers.add(&close, &self.clerk, &[])?;
        self.servers.head()?;
        let source = UrlSource::open(self.servers.log_url(), UrlLimits::default())?;
        let bundle = self.home.join("bundle");
        let copied = bundle::export(&source, &mut FolderSink::create(&bundle)?)?;
        Ok((Evidence { bundle, anchor: self.ground.anchor(), lists }, copied))
    }
}
