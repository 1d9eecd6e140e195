//! Configuration files of a log and a witness: strict, and a flag always wins.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use log_server::log::LogConfig;
use log_server::witness::WitnessConfig;
use serde::de::DeserializeOwned;
use service::config::{ConfigError, Override, decode};

/// Where the file is said to be.
const PLACE: &str = "role.toml";

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Some(config) = strict::<LogConfig>(text) {
        let again: LogConfig = decode(Path::new(PLACE), text, &[]).expect("read before");
        assert_eq!(again, config);
        assert_eq!(listening::<LogConfig>(text).listen, "a flag");
    }
    if let Some(config) = strict::<WitnessConfig>(text) {
        assert_eq!(listening::<WitnessConfig>(text).listen, "a flag");
        if let Ok(known) = config.known_logs() {
            assert!(known.origins().all(|origin| origin != config.name), "a log by its own name");
        }
    }
});

/// The configuration, if it is one; a fault names a line of the file.
fn strict<T: DeserializeOwned>(text: &str) -> Option<T> {
    match decode(Path::new(PLACE), text, &[]) {
        Ok(config) => {
            let more = format!("unheard_of = 1\n{text}");
            assert!(decode::<T>(Path::new(PLACE), &more, &[]).is_err(), "an unknown key");
            Some(config)
        }
        Err(ConfigError::File { line, .. }) => {
            assert!((1..=text.split('\n').count()).contains(&line), "line {line} of {text:?}");
            None
        }
        Err(ConfigError::Whole { .. }) => None,
        Err(other) => panic!("without a file or a flag: {other}"),
    }
}

/// The same with another address, set by a flag.
fn listening<T: DeserializeOwned>(text: &str) -> T {
    let flag = Override::new("listen", "a flag");
    decode(Path::new(PLACE), text, &[flag]).expect("an address is a text")
}
