//! The verbs, one file each. To add one, write the file and name it twice below.
//!
//! A verb is a `clap::Args` struct, whose doc comment is its help, with a method
//! `run(self, out: &mut dyn Write) -> Outcome` that writes the answer to `out`.

mod artifact;
mod audit;
mod canon;
pub(crate) mod charter;
mod collect;
mod completions;
mod demo;
mod digest;
mod edge;
mod key;
pub(crate) mod log;
mod man;
mod mandate;
mod paper;
pub(crate) mod publish;
mod station;
pub(crate) mod verify;
mod vote;
mod witness;

use std::io::Write;

use clap::Subcommand;

use crate::message::Outcome;

macro_rules! verbs {
    ($($module:ident::$Verb:ident),* $(,)?) => {
        #[derive(Subcommand)]
        pub(crate) enum Command {
            $($Verb($module::$Verb),)*
        }

        impl Command {
            pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
                match self {
                    $(Self::$Verb(verb) => verb.run(out),)*
                }
            }
        }
    };
}

verbs! {
    demo::Demo,
    canon::Canon,
    digest::Digest,
    key::Key,
    artifact::Artifact,
    charter::Charter,
    log::Log,
    witness::Witness,
    paper::Paper,
    mandate::Mandate,
    edge::Edge,
    collect::Collect,
    publish::Publish,
    station::Station,
    audit::Audit,
    vote::Vote,
    verify::Verify,
    completions::Completions,
    man::Man,
}
