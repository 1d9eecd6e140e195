use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use booth::Secret;
use booth::station::{Protection, SeedKey, Token, TokenFault, Wrapped, WrappingKey};
use booth::totp;
use booth_server::station::{
    self as server, MapConfig, NewStation, Socket, Source, StationConfig, build_map,
};
use service::stop::StopHandle;

use super::*;

/// A token that gives two codes, and no answer after them until its tester has gone.
struct Hangs {
    key: WrappingKey,
    gone: Mutex<Option<Receiver<()>>>,
}

struct Key {
    seed: Secret,
    left: Mutex<u32>,
    gone: Mutex<Option<Receiver<()>>>,
}

impl Token for Hangs {
    fn unwrap(&self, wrapped: &Wrapped) -> Result<Box<dyn SeedKey>, TokenFault> {
        let seed = self.key.unwrap(wrapped).map_err(|_| TokenFault::Foreign)?;
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(Box::new(Key { seed, left: Mutex::new(2), gone: Mutex::new(gone) }))
    }

    fn protection(&self) -> Protection {
        Protection::Token
    }
}

impl SeedKey for Key {
    fn mac(&self, message: &[u8; 8]) -> Result<[u8; 32], TokenFault> {
        let mut left = self.left.lock().unwrap();
        if *left == 0 {
            // Until the other end is dropped.
            let _ = self.gone.lock().unwrap().as_ref().unwrap().recv();
        }
        *left = left.saturating_sub(1);
        Ok(totp::mac(&self.seed, message))
    }
}

/// A station with a secret, and the end of the channel that keeps its token hanging.
fn hanging(home: &Path) -> (Opened, Sender<()>) {
    let key = home.join("station.key");
    let new = NewStation {
        station: "a-1".parse().unwrap(),
        map: "http://127.0.0.1:1/field.yml".into(),
        time_servers: Vec::new(),
        socket: Socket::File,
        wrapping_key: key.clone(),
    };
    server::init(&home.join("booth"), &new).unwrap();
    let seed = canon::base64::encode(&[5; 32]);
    service::disk::write_private(&home.join("totp-seed"), seed.as_bytes()).unwrap();
    let list = "totp_seed = { file = \"totp-seed\" }\n[[stations]]\nlocation = \"Here\"\n\
                station = \"a-1\"\nwrapping_key = { file = \"station.key\" }\n";
    std::fs::write(home.join("stations.toml"), list).unwrap();
    let list = MapConfig::load(&home.join("stations.toml")).unwrap();
    let map = home.join("field.yml");
    std::fs::write(&map, build_map(&list, None).unwrap().field.to_string()).unwrap();
    let config = StationConfig::load(&home.join("booth/station.toml"), &[]).unwrap();
    server::update(&config, &Source::File(map), &SystemClock).unwrap();
    let (hold, gone) = channel();
    let key = server::read_wrapping_key(&key).unwrap();
    let token = Box::new(Hangs { key, gone: Mutex::new(Some(gone)) });
    (Opened::with(&config, token, Arc::new(SystemClock)).unwrap(), hold)
}

/// A terminal that asks for an end when it reads some words.
struct Reader {
    text: String,
    until: &'static str,
    stop: StopHandle,
}

impl Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.text.push_str(std::str::from_utf8(bytes).unwrap());
        if self.text.contains(self.until) {
            self.stop.ask();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The attack: nobody notices that the token hangs, and people type a code that is long over.
#[test]
fn a_token_that_hangs_leaves_no_code_on_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let (opened, hold) = hanging(home.path());
    let station = Watched::with_patience(opened, Duration::from_millis(200));
    let (handle, stop) = stop::pair();
    let mut out = Reader { text: String::new(), until: "does not answer", stop: handle };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(draw(&station, stop, &mut out)).unwrap();
    let (before, last) = out.text.rsplit_once("\x1b[H").unwrap();
    assert!(before.contains("next code in"), "{before}");
    assert!(last.contains("No code is shown") && !last.contains("next code in"), "{last}");
    drop(hold);
}

#[test]
fn the_shells_screen_comes_back_after_a_panic() {
    let mut out = Vec::new();
    let panics = std::panic::AssertUnwindSafe(|| {
        let _terminal = Terminal::begin(&mut out).unwrap();
        panic!("as a token's module may");
    });
    assert!(std::panic::catch_unwind(panics).is_err());
    assert_eq!(String::from_utf8(out).unwrap(), [screen::BEGIN, screen::END].concat());
}
