//! Against `SoftHSM` 2 (Debian: softhsm2). It finds its tokens through an environment variable, so
//! each test runs itself a second time, in a process that has it.

use std::path::PathBuf;
use std::process::Command;

use booth::station::{Display, Keys, Known, Wraps};
use booth::totp;
use canon::Timestamp;

use super::*;

const LABEL_OF_TOKEN: &str = "booth 7";
const PIN: &str = "482913";

fn module() -> Option<PathBuf> {
    let folders =
        ["/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/local/lib/softhsm"];
    folders.iter().map(|folder| PathBuf::from(folder).join("libsofthsm2.so")).find(|it| it.exists())
}

/// Runs a test's body in a process with a fresh token; says so where there is no `SoftHSM`.
fn with_token(name: &str, body: fn(Socket<'_>)) {
    let Some(module) = module() else {
        println!("skipped: no SoftHSM on this machine");
        return;
    };
    if std::env::var_os("SOFTHSM2_CONF").is_some() {
        return body(Socket { module: &module, label: LABEL_OF_TOKEN });
    }
    let home = tempfile::tempdir().unwrap();
    let tokens = home.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let config = home.path().join("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display());
    std::fs::write(&config, text).unwrap();
    let run = |command: &mut Command| {
        let output = command.env("SOFTHSM2_CONF", &config).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        text
    };
    let words = ["--init-token", "--free", "--so-pin", "12345678", "--pin", PIN, "--label"];
    run(Command::new("softhsm2-util").args(words).arg(LABEL_OF_TOKEN));
    let name = format!("token::pkcs11::tests::{name}");
    let told = run(Command::new(std::env::current_exe().unwrap()).args(["--exact", &name]));
    assert!(told.contains("1 passed"), "{told}");
}

fn station() -> Station {
    "8704-2A05-B259-1090".parse().unwrap()
}

fn key() -> WrappingKey {
    WrappingKey::new(Secret::new(&[9; 32]))
}

/// The seed of RFC 6238, appendix B.
fn seed() -> Secret {
    Secret::new(b"12345678901234567890123456789012")
}

fn made(socket: Socket<'_>) -> Pkcs11Token {
    Pkcs11Token::provision(socket, PIN, &station(), &key()).unwrap();
    Pkcs11Token::open(socket, PIN, &station()).unwrap()
}

#[test]
fn the_code_of_rfc_6238_comes_out_of_the_token() {
    with_token("the_code_of_rfc_6238_comes_out_of_the_token", |socket| {
        let token = made(socket);
        let keys = Keys::unwrap(&token, &Wraps::Same(key().wrap(&seed()))).unwrap();
        let clock = Timestamp::from_unix(1_234_567_890).unwrap();
        let (updated, latest) = (clock, clock);
        let known = Known { station: station(), updated, latest, clock: None };
        let display = Display::of(&known, &keys, token.protection(), clock);
        assert_eq!(display.protection, Protection::Token);
        assert_eq!(display.code.unwrap().code.to_string(), "819424");
    });
}

/// What somebody with the PIN writes into the template of `C_UnwrapKey` to read a secret.
fn greedy() -> [Vec<Attribute>; 4] {
    let open = [Attribute::Sensitive(false), Attribute::Extractable(true)];
    let both = open.to_vec();
    let stays = [Attribute::Token(true), Attribute::Sensitive(true), Attribute::Extractable(false)];
    let [readable, wrappable] = open.map(|one| vec![one]);
    [both, readable, wrappable, stays.to_vec()]
}

/// The attack: somebody with the station, its token and its PIN reads the secrets out, those that
/// are unwrapped and the text of the map.
#[test]
fn no_secret_leaves_the_token() {
    with_token("no_secret_leaves_the_token", |socket| {
        let token = made(socket);
        let _seed = token.unwrap(&key().wrap(&seed())).unwrap();
        let (context, slot) = find(socket).unwrap();
        let writing = context.open_rw_session(slot).unwrap();
        for more in greedy() {
            let mut asked = vec![
                Attribute::Class(ObjectClass::SECRET_KEY),
                Attribute::KeyType(KeyType::GENERIC_SECRET),
                Attribute::Sign(true),
            ];
            asked.extend(more);
            let text = key().wrap(&seed());
            let how = Mechanism::AesKeyWrap;
            let given = writing.unwrap_key(&how, token.wrapping, text.bytes(), &asked);
            let is_refused = matches!(given, Err(Error::Pkcs11(RvError::TemplateInconsistent, _)));
            assert!(is_refused, "{asked:?}: {given:?}");
        }
        drop(writing);
        let session = lock(&token.session);
        let keys = session.find_objects(&[Attribute::Class(ObjectClass::SECRET_KEY)]).unwrap();
        assert_eq!(keys.len(), 2, "the wrapping key and the seed");
        for key in keys {
            let read = session.get_attributes(key, &[AttributeType::Value]);
            let hidden = match &read {
                Ok(found) => found.is_empty(),
                Err(error) => matches!(error, Error::Pkcs11(RvError::AttributeSensitive, _)),
            };
            assert!(hidden, "{read:?}");
            let wrapped = session.wrap_key(&Mechanism::AesKeyWrap, token.wrapping, key);
            assert!(wrapped.is_err(), "a secret was wrapped to be carried out");
            let weaker = session.update_attributes(key, &[Attribute::Extractable(true)]);
            assert!(weaker.is_err(), "a secret was made extractable");
        }
    });
}

#[test]
fn a_changed_secret_and_another_tokens_are_refused() {
    with_token("a_changed_secret_and_another_tokens_are_refused", |socket| {
        let token = made(socket);
        let wrapped = key().wrap(&seed());
        for bit in [0, 7, 63, 64, 200, 319] {
            let mut changed = *wrapped.bytes();
            changed[bit / 8] ^= 1 << (bit % 8);
            let changed = canon::base64::encode(&changed).parse().unwrap();
            assert_eq!(token.unwrap(&changed).err(), Some(TokenFault::Foreign), "{bit}");
        }
        let foreign = WrappingKey::new(Secret::new(&[8; 32])).wrap(&seed());
        assert_eq!(token.unwrap(&foreign).err(), Some(TokenFault::Foreign));
        assert!(token.unwrap(&wrapped).is_ok(), "it goes on");
    });
}

#[test]
fn a_seed_that_is_given_up_is_gone_from_the_token() {
    with_token("a_seed_that_is_given_up_is_gone_from_the_token", |socket| {
        let token = made(socket);
        let message = totp::message(1);
        let seed_key = token.unwrap(&key().wrap(&seed())).unwrap();
        assert_eq!(seed_key.mac(&message).unwrap(), totp::mac(&seed(), &message));
        drop(seed_key);
        let all = [Attribute::Class(ObjectClass::SECRET_KEY)];
        assert_eq!(lock(&token.session).find_objects(&all).unwrap().len(), 1);
    });
}

#[test]
fn a_token_that_was_not_made_for_the_station_is_refused() {
    with_token("a_token_that_was_not_made_for_the_station_is_refused", |socket| {
        let none = Pkcs11Token::open(socket, PIN, &station()).err();
        assert!(matches!(none, Some(Pkcs11Error::Keys { count: 0, .. })), "{none:?}");
        drop(made(socket));
        let twice = Pkcs11Token::provision(socket, PIN, &station(), &key()).err();
        assert!(matches!(twice, Some(Pkcs11Error::Keys { count: 1, .. })), "{twice:?}");
        let other = Socket { label: "booth 8", ..socket };
        let none = Pkcs11Token::open(other, PIN, &station()).err();
        assert!(matches!(none, Some(Pkcs11Error::NotOne { count: 0, .. })), "{none:?}");
        let wrong = Pkcs11Token::open(socket, "000000", &station()).err();
        assert!(matches!(wrong, Some(Pkcs11Error::Token(_))), "{wrong:?}");
        for (name, is_readable) in [("readable", true), ("open", false)] {
            let other = name.parse().unwrap();
            make_otherwise(socket, &other, is_readable);
            let refused = Pkcs11Token::open(socket, PIN, &other).err();
            match (&refused, is_readable) {
                (Some(Pkcs11Error::Readable), true) | (Some(Pkcs11Error::Open), false) => {}
                _ => panic!("{name}: {refused:?}"),
            }
        }
    });
}

/// A key that can be read, or one that is kept and lets secrets out.
fn make_otherwise(socket: Socket<'_>, station: &Station, is_readable: bool) {
    let (context, slot) = find(socket).unwrap();
    let session = context.open_rw_session(slot).unwrap();
    log_in(&session, PIN).unwrap();
    let mut attributes = searched(station).to_vec();
    attributes.extend([
        Attribute::Token(true),
        Attribute::Sensitive(!is_readable),
        Attribute::Extractable(is_readable),
        Attribute::Unwrap(true),
        Attribute::Value(key().bytes().to_vec()),
    ]);
    let made = session.create_object(&attributes).unwrap();
    let wrapped = key().wrap(&seed());
    assert!(template::comes_out(&session, made, wrapped.bytes()), "what the attack gets");
}
