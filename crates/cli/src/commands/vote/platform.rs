//! Which platform: its edge, and the campaign that it holds.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use booth::campaign::Campaign;
use booth_server::campaign::campaign_of_text;
use booth_server::voter::{Client, Patience};
use clap::Args;

use crate::file;
use crate::message::Failure;

// No doc comment: it would stand in the help of the verbs.
#[derive(Args)]
pub(crate) struct Platform {
    /// The edge's address: http or https, the host, and the port if it has one
    #[arg(long, value_name = "URL")]
    edge: String,
    /// The campaign file, from a place that is not the platform's
    #[arg(long, value_name = "FILE")]
    campaign: PathBuf,
    /// Certificates to judge the edge by, PEM; else those that browsers have
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
}

/// A platform as a record holds it.
pub(super) struct Opened {
    pub(super) edge: String,
    pub(super) roots: Option<PathBuf>,
    pub(super) text: String,
    pub(super) campaign: Arc<Campaign>,
}

impl Platform {
    /// Reads the campaign file.
    pub(super) fn open(&self) -> Result<Opened, Failure> {
        let text = String::from_utf8(file::read(&self.campaign)?).map_err(|_| {
            Failure::new(format_args!("{} is not a text", file::name(&self.campaign))).hint(HINT)
        })?;
        let campaign = campaign(&self.campaign, &text)?;
        // A vote may be resumed from another folder.
        let whole = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let roots = self.roots.as_ref().map(whole);
        Ok(Opened { edge: self.edge.clone(), roots, text, campaign })
    }
}

const HINT: &str = "give the campaign file that the election has published";

/// The campaign of a text.
pub(super) fn campaign(name: &Path, text: &str) -> Result<Arc<Campaign>, Failure> {
    let campaign = campaign_of_text(name, text);
    campaign.map(Arc::new).map_err(|error| Failure::new(error).hint(HINT))
}

/// A client of an edge.
pub(super) fn client(
    edge: &str,
    roots: Option<&Path>,
    patience: Patience,
) -> Result<Client, Failure> {
    Client::new(edge, roots, patience).map_err(|error| {
        Failure::new(error).hint("an address is https:// and a host, with no path behind it")
    })
}

/// The threads that wait for the network.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Runtime::new().map_err(|error| {
        Failure::new(format_args!("cannot start threads: {error}"))
            .hint("check the limits on processes and memory")
    })
}
