//! `scrutineer station serve`

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use booth_server::station::{self, Opened, Watched};
use clap::Args;
use service::clock::SystemClock;
use service::config::Override;

use crate::message::Outcome;
use crate::serving::until_told;

/// Serve the code as a page, for a kiosk on this machine
///
/// Until it is told to stop. Nobody else can reach it: it listens on this machine alone.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer station serve booth-7\n  \
                        chromium --kiosk http://127.0.0.1:8088/")]
pub(crate) struct Serve {
    /// The station's folder
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Address and port, in the place of the configuration's
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Say the address in JSON
    #[arg(long)]
    json: bool,
}

impl Serve {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let flags: Vec<_> =
            self.listen.iter().map(|listen| Override::new("listen", listen.as_str())).collect();
        let config = super::load(&self.folder, &flags)?;
        let opened = Opened::open(&config, Arc::new(SystemClock)).map_err(super::failed)?;
        let told = |address: std::net::SocketAddr| {
            let line = if self.json {
                serde_json::json!({ "address": format!("http://{address}/") }).to_string()
            } else {
                format!("serving   http://{address}/")
            };
            // Nobody is left to tell if this fails.
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        };
        until_told(async |stop| {
            station::serve(Watched::new(opened), &config.listen, stop, told)
                .await
                .map_err(super::failed)
        })
    }
}
