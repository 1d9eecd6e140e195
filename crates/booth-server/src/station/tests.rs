//! A station in a folder, with the stand-in for a token.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use artifact::role::Role;
use booth::Secret as Seed;
use booth::station::{
    Display, Protection, Refused, SeedKey, Token, TokenFault, Wrapped, WrappingKey,
};
use booth::totp;
use canon::base64;
use service::clock::ManualClock;
use service::config::Override;
use service::stop;
use testkit::election::{Election, Plan};

use super::*;

mod amendments;

const NAME: &str = "8704-2A05-B259-1090";

struct World {
    home: tempfile::TempDir,
    clock: Arc<ManualClock>,
}

fn seed(byte: u8) -> Seed {
    Seed::new(&[byte; 32])
}

impl World {
    /// A station that was never updated, and the platform's list with it.
    fn new(map: &str, servers: &[String]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let new = NewStation {
            station: NAME.parse().unwrap(),
            map: map.into(),
            time_servers: servers.to_vec(),
            socket: Socket::File,
            wrapping_key: home.path().join("station.key"),
        };
        init(&home.path().join("booth"), &new).unwrap();
        let start = "2026-11-22T06:00:00Z".parse().unwrap();
        Self { home, clock: Arc::new(ManualClock::new(start)) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn config(&self) -> StationConfig {
        StationConfig::load(&self.path("booth/station.toml"), &[]).unwrap()
    }

    /// The map with a seed, for the station's own key or another's.
    fn map(&self, byte: u8, each_day: &str, key: &str) -> PathBuf {
        let write = |name: &str, text: &str| {
            let _ = std::fs::remove_file(self.path(name));
            service::disk::write_private(&self.path(name), text.as_bytes()).unwrap();
        };
        write("totp-seed", &base64::encode(&[byte; 32]));
        write("other.key", &base64::encode(&[99; 32]));
        let list = format!(
            "totp_seed = {{ file = \"totp-seed\" }}\n{each_day}\n[[stations]]\n\
             location = \"Town hall\"\nstation = \"{NAME}\"\n\
             wrapping_key = {{ file = \"{key}\" }}\n"
        );
        write("stations.toml", &list);
        let config = MapConfig::load(&self.path("stations.toml")).unwrap();
        let built = build_map(&config, None).unwrap();
        std::fs::write(self.path("field.yml"), built.field.to_string()).unwrap();
        self.path("field.yml")
    }

    fn update(&self, map: &Path) -> Result<Updated, StationError> {
        update(&self.config(), &Source::File(map.to_path_buf()), self.clock.as_ref())
    }

    fn open(&self) -> Result<Opened, StationError> {
        Opened::open(&self.config(), Arc::clone(&self.clock) as _)
    }
}

fn code(display: &Display) -> String {
    display.code.as_ref().unwrap().code.to_string()
}

#[test]
fn offline_for_days_a_station_shows_the_codes_of_its_seed() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    assert!(matches!(world.open().err(), Some(StationError::NeverUpdated)));
    let updated = world.update(&world.map(5, "", "station.key")).unwrap();
    assert!(!updated.is_same_secret);
    assert_eq!(updated.clock, Err(ntp::NtpError::NoServers));
    let station = world.open().unwrap();
    for _ in 0..6 {
        world.clock.advance(2 * 86_400 + 17);
        let now = totp::step(service::clock::Clock::now(world.clock.as_ref()));
        assert_eq!(code(&station.display().unwrap()), totp::code(&seed(5), now).to_string());
    }
}

#[test]
fn an_update_is_taken_up_at_once_and_says_whether_the_secret_changed() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    let map = world.map(5, "", "station.key");
    world.update(&map).unwrap();
    let station = world.open().unwrap();
    assert!(world.update(&map).unwrap().is_same_secret);
    world.clock.advance(3_600);
    let updated = world.update(&world.map(6, "", "station.key")).unwrap();
    assert!(!updated.is_same_secret);
    let display = station.display().unwrap();
    assert_eq!(display.updated, updated.updated);
    let now = totp::step(display.now);
    assert_eq!(code(&display), totp::code(&seed(6), now).to_string());
}

/// The attack: a map with a secret for another token, or a damaged one, puts a station out of
/// action. The one that it had stays.
#[test]
fn a_secret_that_does_not_fit_is_not_kept() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    world.update(&world.map(5, "", "station.key")).unwrap();
    let map = world.map(6, "", "other.key");
    let refused = world.update(&map).err().unwrap();
    assert!(matches!(refused, StationError::Token(TokenFault::Foreign)) && refused.is_finding());
    let text = std::fs::read_to_string(&map).unwrap();
    std::fs::write(&map, text.replace(NAME, "another")).unwrap();
    let refused = world.update(&map).err().unwrap();
    assert!(matches!(refused, StationError::NotOnMap(_)), "{refused}");
    let display = world.open().unwrap().display().unwrap();
    assert_eq!(code(&display), totp::code(&seed(5), totp::step(display.now)).to_string());
}

/// The attack: the clock is set ahead, the codes of the evening are noted, and it is set back. The
/// station remembers, also when it was switched off in between.
#[test]
fn a_clock_that_was_set_back_is_found_after_a_start_too() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    world.update(&world.map(5, "", "station.key")).unwrap();
    let morning = service::clock::Clock::now(world.clock.as_ref());
    world.clock.set(morning.plus_seconds(8 * 3_600).unwrap());
    let station = world.open().unwrap();
    assert!(station.display().unwrap().code.is_ok());
    world.clock.set(morning);
    for station in [station, world.open().unwrap()] {
        let display = station.display().unwrap();
        assert!(matches!(display.code, Err(Refused::ClockBack { .. })), "{display:?}");
    }
    // An update that could not compare the clock does not help.
    world.update(&world.path("field.yml")).unwrap();
    assert!(world.open().unwrap().display().unwrap().code.is_err());
}

/// The attack: while the station runs its clock is set to the afternoon, the codes are filmed, and
/// it is set back.
#[test]
fn a_clock_that_is_set_ahead_while_the_station_runs_shows_no_code() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    world.update(&world.map(5, "", "station.key")).unwrap();
    let morning = service::clock::Clock::now(world.clock.as_ref());
    let station = world.open().unwrap();
    world.clock.set(morning.plus_seconds(6 * 3_600).unwrap());
    let refused = station.display().unwrap().code.unwrap_err();
    assert_eq!(refused, Refused::ClockAhead { seconds: 6 * 3_600 });
    // An update that compares nothing is no way around it.
    world.map(6, "", "station.key");
    let opened = world.update(&world.path("field.yml"));
    assert!(opened.is_ok() && station.display().unwrap().code.is_err());
}

/// A station whose notes say that it was the evening already, updated with time servers.
fn updated_after(world: &World, noted: &str, map: &Path) -> Updated {
    std::fs::write(world.path("booth/latest"), format!("{noted}\n")).unwrap();
    let time = ntp::tests::server(0, |_| {});
    let path = world.path("booth/station.toml");
    let servers = vec![toml::Value::from(time.0.to_string())];
    let flag = Override::new("time_servers", toml::Value::Array(servers));
    let config = StationConfig::load(&path, &[flag]).unwrap();
    let source = Source::File(map.to_path_buf());
    let updated = update(&config, &source, &service::clock::SystemClock).unwrap();
    time.1.join().unwrap();
    updated
}

/// The attack: the clock is set to the next evening while the station is off, the codes are filmed,
/// the clock is set back, and the staff run `update` with the network, which makes it right again.
#[test]
fn an_update_tells_and_keeps_that_codes_were_known_before_their_time() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    let map = world.map(5, "", "station.key");
    let now = service::clock::Clock::now(&service::clock::SystemClock);
    world.clock.set(now);
    world.update(&map).unwrap();
    let tomorrow = now.plus_seconds(86_400).unwrap();
    world.clock.set(tomorrow);
    assert!(world.open().unwrap().display().unwrap().code.is_ok(), "it was off meanwhile");
    let noted = std::fs::read_to_string(world.path("booth/latest")).unwrap();
    assert_eq!(noted.trim_end(), tomorrow.to_string());
    world.clock.set(now);
    let updated = updated_after(&world, noted.trim_end(), &map);
    let until = tomorrow.plus_seconds(60).unwrap();
    assert_eq!(updated.ahead.unwrap().until, until);
    // The next update has nothing new to say, and forgets nothing; so does one without network.
    let again = updated_after(&world, &now.to_string(), &map);
    assert_eq!(again.ahead, updated.ahead);
    world.clock.set(service::clock::Clock::now(&service::clock::SystemClock));
    assert_eq!(world.update(&map).unwrap().ahead, updated.ahead);
    let display = world.open().unwrap().display().unwrap();
    assert!(display.code.is_ok() && display.ahead == updated.ahead, "{display:?}");
    let words = Screen::of(Ok(display)).ahead.unwrap();
    assert!(words.starts_with("The clock was ahead: this station may have shown codes up to "));
    world.clock.set(now.plus_seconds(3 * 86_400).unwrap());
    assert_eq!(world.open().unwrap().display().unwrap().ahead, None, "its days are over");
    world.clock.set(now);
    // Another seed has other codes.
    let other = world.map(6, "", "station.key");
    assert_eq!(updated_after(&world, &now.to_string(), &other).ahead, None);
}

/// A disk that cannot be written to cannot remember the time.
#[test]
fn where_the_time_cannot_be_noted_down_no_code_is_shown() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    world.update(&world.map(5, "", "station.key")).unwrap();
    let station = world.open().unwrap();
    world.clock.advance(61);
    let latest = world.path("booth/latest");
    std::fs::remove_file(&latest).unwrap();
    std::fs::create_dir(&latest).unwrap();
    assert!(matches!(station.display().err(), Some(StationError::File { .. })));
}

#[test]
fn with_seeds_of_its_own_a_station_works_for_the_days_that_it_was_given() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    let days = "each_day = { from = \"2026-11-22\", days = 2 }";
    world.update(&world.map(5, days, "station.key")).unwrap();
    let station = world.open().unwrap();
    for _ in 0..2 {
        let display = station.display().unwrap();
        let own = display.station.seed(&seed(5), totp::step(display.now));
        assert_eq!(code(&display), totp::code(&own, totp::step(display.now)).to_string());
        world.clock.advance(86_400);
    }
    let refused = station.display().unwrap().code.unwrap_err();
    assert_eq!(refused.to_string(), "the station has no secret for 2026-11-24");
}

#[test]
fn damaged_files_are_named_and_show_nothing() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    world.update(&world.map(5, "", "station.key")).unwrap();
    let file = world.path("booth/secret.json");
    let good = std::fs::read_to_string(&file).unwrap();
    for damaged in ["", "{}", &good.replace("/v1", "/v2"), &good.replace("\"all\"", "\"some\"")] {
        std::fs::write(&file, damaged).unwrap();
        assert!(matches!(world.open().err(), Some(StationError::State(_))), "{damaged}");
    }
    std::fs::write(&file, good).unwrap();
    std::fs::write(world.path("booth/latest"), "soon").unwrap();
    assert!(matches!(world.open().err(), Some(StationError::State(_))));
}

/// Answers one request with these bytes.
fn web_server(body: Vec<u8>) -> (SocketAddr, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            asked.push(byte[0]);
        }
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
    });
    (address, served)
}

#[test]
fn an_update_over_the_network_takes_the_map_and_sets_a_wrong_memory_right() {
    let time = ntp::tests::server(0, |_| {});
    let listed = World::new("http://127.0.0.1:1/field.yml", &[]);
    let map = std::fs::read(listed.map(5, "", "station.key")).unwrap();
    let (address, served) = web_server(map);
    let world = World::new(&format!("http://{address}/field.yml"), &[time.0.to_string()]);
    std::fs::copy(
        listed.path("booth/wrapping-key-for-development"),
        world.path("booth/wrapping-key-for-development"),
    )
    .unwrap();
    // It was in the next century once.
    std::fs::write(world.path("booth/latest"), "2126-11-22T06:00:00Z\n").unwrap();
    let now = service::clock::SystemClock;
    let updated = update(&world.config(), &Source::Address, &now).unwrap();
    served.join().unwrap();
    time.1.join().unwrap();
    let check = updated.clock.unwrap();
    assert_eq!((check.agreed, check.asked), (1, 1));
    let station = Opened::open(&world.config(), Arc::new(now)).unwrap();
    let display = station.display().unwrap();
    assert!(display.code.is_ok(), "{display:?}");
    assert_eq!(display.clock, Some(check));
    // With one seed for all, the codes of the century in between may have been seen.
    assert_eq!(display.ahead.unwrap().until.to_string(), "2126-11-22T06:01:00Z");
}

fn asked(address: SocketAddr, path: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The attack: a page of elsewhere, in the same browser, asks under a name of its own that it has
/// let point to this machine.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_whole_strict_and_for_this_machine_alone() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    world.update(&world.map(5, "", "station.key")).unwrap();
    let station = world.open().unwrap();
    let now = totp::step(service::clock::Clock::now(world.clock.as_ref()));
    let digits = totp::code(&seed(5), now).to_string();
    let (handle, stop) = stop::pair();
    let (tell, told) = tokio::sync::oneshot::channel();
    let served = tokio::spawn(async move {
        serve(Watched::new(station), "127.0.0.1:0", stop, |address| tell.send(address).unwrap())
            .await
    });
    let address = told.await.unwrap();
    let answers = tokio::task::spawn_blocking(move || {
        let host = address.to_string();
        let local = format!("localhost:{}", address.port());
        [("/", &*host), ("/now", &*local), ("/now", "evil.example"), ("/secret.json", &*host)]
            .map(|(path, host)| asked(address, path, host))
    });
    let [page, now, elsewhere, none] = answers.await.unwrap();
    handle.ask();
    served.await.unwrap().unwrap();
    assert!(page.contains(&format!("{} {}", &digits[..3], &digits[3..])), "{page}");
    assert!(now.contains(&digits) && now.contains("cache-control: no-store"), "{now}");
    assert!(elsewhere.starts_with("HTTP/1.1 421") && !elsewhere.contains(&digits), "{elsewhere}");
    assert!(none.starts_with("HTTP/1.1 404"), "{none}");
    for answer in [&page, &now, &elsewhere] {
        assert!(answer.contains("default-src 'none'; style-src 'sha256-"), "{answer}");
        assert!(!answer.contains("unsafe") && !answer.contains("access-control"), "{answer}");
    }
}

/// A token whose answers wait until its tester has gone.
struct Hangs {
    key: WrappingKey,
    questions: Arc<AtomicUsize>,
    gone: Arc<Mutex<Receiver<()>>>,
}

struct Hanging(Seed, Arc<AtomicUsize>, Arc<Mutex<Receiver<()>>>);

impl Token for Hangs {
    fn unwrap(&self, wrapped: &Wrapped) -> Result<Box<dyn SeedKey>, TokenFault> {
        let seed = self.key.unwrap(wrapped).map_err(|_| TokenFault::Foreign)?;
        Ok(Box::new(Hanging(seed, Arc::clone(&self.questions), Arc::clone(&self.gone))))
    }

    fn protection(&self) -> Protection {
        Protection::Token
    }
}

impl SeedKey for Hanging {
    fn mac(&self, message: &[u8; 8]) -> Result<[u8; 32], TokenFault> {
        // The first is asked when the station is opened.
        if self.1.fetch_add(1, Ordering::SeqCst) > 0 {
            let _ = self.2.lock().unwrap().recv();
        }
        Ok(totp::mac(&self.0, message))
    }
}

/// The attack on the kiosk: the token hangs, and each question of the page leaves a thread behind,
/// until there are none for anything else.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_hangs_blanks_the_page_and_keeps_one_thread() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    world.update(&world.map(5, "", "station.key")).unwrap();
    let (hold, gone) = channel();
    let questions = Arc::new(AtomicUsize::new(0));
    let key = read_wrapping_key(&world.path("station.key")).unwrap();
    let gone = Arc::new(Mutex::new(gone));
    let token = Hangs { key, questions: Arc::clone(&questions), gone };
    let clock = Arc::clone(&world.clock);
    let opened = Opened::with(&world.config(), Box::new(token), clock).unwrap();
    let station = Arc::new(Watched::with_patience(opened, Duration::from_millis(20)));
    let all = (0..20).map(|_| {
        let station = Arc::clone(&station);
        tokio::spawn(async move { station.screen().await })
    });
    for asked in all.collect::<Vec<_>>() {
        let screen = asked.await.unwrap();
        assert_eq!(screen.refused.as_deref(), Some("the token does not answer"));
        assert_eq!((screen.code, screen.seconds_left), (None, None));
    }
    assert_eq!(questions.load(Ordering::SeqCst), 2, "one for each that asked");
    drop(hold);
    while station.screen().await.code.is_none() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_page_is_not_served_to_the_network() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    world.update(&world.map(5, "", "station.key")).unwrap();
    let (_handle, stop) = stop::pair();
    let refused = serve(Watched::new(world.open().unwrap()), "0.0.0.0:0", stop, |_| ()).await;
    assert!(matches!(refused, Err(StationError::NotLoopback(_))));
}

#[test]
fn configurations_that_are_refused() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    let path = world.path("booth/station.toml");
    let load = |flag| StationConfig::load(&path, &[flag]).err().map(|error| error.to_string());
    let map = load(Override::new("map", "ftp://example.org/field.yml"));
    assert_eq!(map.unwrap(), "map: an address begins with https:// or http://");
    assert!(load(Override::new("station", "a b")).unwrap().starts_with("station: "));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.split("[development_token]").next().unwrap()).unwrap();
    let none = StationConfig::load(&path, &[]).err().unwrap().to_string();
    assert!(none.starts_with("token: there is [token] or [development_token]"), "{none}");
    let again = NewStation {
        station: NAME.parse().unwrap(),
        map: "http://127.0.0.1:1/".into(),
        time_servers: vec![],
        socket: Socket::File,
        wrapping_key: world.path("again.key"),
    };
    assert!(init(&world.path("booth"), &again).is_err(), "nothing is overwritten");
}

/// A charter of one platform, and its signed campaign that commits to a map.
fn committed(world: &World, map: Option<&Path>, signer: &str) -> Election {
    let mut plan = Plan::default();
    plan.holders.push(("platform", "operators", Role::Platform));
    let election = Election::new(plan);
    let charter = election.sign("charter/v1", &election.charter, &["clerk"]);
    std::fs::write(world.path("booth/charter.json"), charter).unwrap();
    campaign(world, &election, map, signer);
    election
}

/// The campaign beside the station, and that it is held against.
fn campaign(world: &World, election: &Election, map: Option<&Path>, signer: &str) {
    let platform = testkit::platform::Platform::new("solar");
    let mut campaign =
        platform.of(&election.charter.election_id, election.charter.purpose).campaign;
    campaign.deployment_map = map.map(|map| canon::Digest::of(&std::fs::read(map).unwrap()));
    let signed = election.sign("campaign/v1", &campaign, &[signer]);
    std::fs::write(world.path("booth/campaign.json"), signed).unwrap();
    let path = world.path("booth/station.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.split("\n[commitment]").next().unwrap();
    let table = "[commitment]\ncampaign = \"campaign.json\"\ncharter = \"charter.json\"\n";
    std::fs::write(path, format!("{text}\n{table}")).unwrap();
}

/// The attack: somebody who has the map's server, or the stick that it is brought on, gives a map
/// whose secret the token takes, and which no campaign has committed to.
#[test]
fn a_map_that_nobody_committed_to_is_refused() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    let map = world.map(5, "", "station.key");
    assert_eq!(world.update(&map).unwrap().committed_by, None, "optional");
    committed(&world, Some(&map), "platform");
    assert_eq!(world.update(&map).unwrap().committed_by.as_deref(), Some("solar"));
    let before = code(&world.open().unwrap().display().unwrap());
    let other = world.map(6, "", "station.key");
    let refused = world.update(&other).unwrap_err();
    assert!(matches!(refused, StationError::OtherMap { .. }) && refused.is_finding(), "{refused}");
    assert_eq!(code(&world.open().unwrap().display().unwrap()), before);
    // Nor does a campaign count that a platform did not sign, or that commits to no map.
    for (map, signer) in [(Some(&other), "clerk"), (None, "platform")] {
        committed(&world, map.map(PathBuf::as_path), signer);
        let refused = world.update(&other).unwrap_err();
        let is_told = matches!(refused, StationError::Campaign { .. });
        assert!(is_told && refused.is_finding(), "{refused}");
    }
    // A campaign that was brought takes the place of what is configured.
    committed(&world, Some(&other), "platform");
    std::fs::rename(world.path("booth/campaign.json"), world.path("brought.json")).unwrap();
    let missing = world.update(&other).unwrap_err();
    assert!(matches!(missing, StationError::File { .. }) && !missing.is_finding(), "{missing}");
    let mut config = world.config();
    config.bring_campaign(&world.path("brought.json")).unwrap();
    let updated = update(&config, &Source::File(other), world.clock.as_ref()).unwrap();
    assert_eq!(updated.committed_by.as_deref(), Some("solar"));
}
