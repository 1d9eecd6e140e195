//! Against `SoftHSM` 2 (Debian: softhsm2). It finds its tokens through an environment variable, so
//! each test runs itself a second time, in a process that has it.

use std::path::PathBuf;
use std::process::Command;

use booth::station::{Display, Keys, Known, Wraps};
use booth::totp;
use canon::Timestamp;
use testkit::outside::outside;

use super::*;

const LABEL_OF_TOKEN: &str = "booth 7";
const PIN: &str = "482913";

fn module() -> Option<PathBuf> {
    let folders =
        ["/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/local/lib/softhsm"];
    folders.iter().map(|folder| PathBuf::from(folder).join("libsofthsm2.so")).find(|it| it.exists())
}

/// Runs a test's body in a process with a fresh token; without `SoftHSM` it is skipped, or fails.
fn with_token(name: &str, body: fn(Socket<'_>)) {
    let Some(module) = outside("SoftHSM (softhsm2)", module()) else { return };
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
        let known = Known { station: station(), updated, latest, clock: None, ahead: None };
        let display = Display::of(&known, &keys, token.protection(), clock);
        assert_eq!(display.protection, Protection::Token);
        assert_eq!(display.code.unwrap().code.to_string(), "819424");
    });
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
        for more in template::greedy() {
            let mut asked = vec![
                Attribute::Class(ObjectClass::SECRET_KEY),
                Attribute::KeyType(KeyType::GENERIC_SECRET),
                Attribute::Sign(true),
            ];
            asked.extend(more);
            let text = key().wrap(&seed());
            let how = Mechanism::AesKeyWrap;
            let given = writing.unwrap_key(&how, token.wrapping, text.bytes(), &asked);
            match given {
                Err(Error::Pkcs11(RvError::TemplateInconsistent, _)) => {}
                // What says less than an honest station, and gets no more.
                Ok(key) => {
                    let names = template::KEPT.map(|(name, _)| name);
                    let told = writing.get_attributes(key, &names).unwrap();
                    assert!(template::HONEST.iter().all(|one| told.contains(one)), "{asked:?}");
                    writing.destroy_object(key).unwrap();
                }
                Err(error) => panic!("{asked:?}: {error:?}"),
            }
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

/// The attack on a token that keeps to a part of the template alone: what it lets through is read,
/// or wrapped under a key of the attacker's, or left there for later.
#[test]
fn a_token_that_keeps_a_secret_by_half_is_found() {
    with_token("a_token_that_keeps_a_secret_by_half_is_found", |socket| {
        let (context, slot) = find(socket).unwrap();
        let session = context.open_rw_session(slot).unwrap();
        log_in(&session, PIN).unwrap();
        let wrapped = key().wrap(&seed());
        let seeds = [Attribute::KeyType(KeyType::GENERIC_SECRET)];
        let whole = template::KEPT;
        let made = made_with(&session, &"whole".parse().unwrap(), &whole);
        assert!(!template::comes_out(&session, made, wrapped.bytes()));
        for left_out in 0..whole.len() {
            let mut half = whole.to_vec();
            half.remove(left_out);
            let name = format!("without-{left_out}").parse().unwrap();
            let made = made_with(&session, &name, &half);
            assert!(template::comes_out(&session, made, wrapped.bytes()), "{name}");
            assert_eq!(session.find_objects(&seeds).unwrap().len(), 0, "what came out is removed");
        }
    });
}

/// A wrapping key of another tool, whose template cannot be read when the token is opened.
#[test]
fn a_template_that_says_something_else_is_found_with_the_first_secret() {
    let name = "a_template_that_says_something_else_is_found_with_the_first_secret";
    with_token(name, |socket| {
        let (context, slot) = find(socket).unwrap();
        let session = context.open_rw_session(slot).unwrap();
        log_in(&session, PIN).unwrap();
        let wrapping = made_with(&session, &station(), &template::KEPT[..2]);
        let session = Arc::new(Mutex::new(session));
        let is_tried = AtomicBool::new(false);
        let token = Pkcs11Token { session, wrapping, is_tried };
        let refused = token.unwrap(&key().wrap(&seed())).err();
        assert_eq!(refused, Some(TokenFault::Open));
        let seeds = [Attribute::KeyType(KeyType::GENERIC_SECRET)];
        assert_eq!(lock(&token.session).find_objects(&seeds).unwrap().len(), 0);
    });
}

fn made_with(
    session: &Session,
    station: &Station,
    template: &[(AttributeType, &'static u8)],
) -> ObjectHandle {
    let mut attributes = searched(station).to_vec();
    attributes.extend([
        Attribute::Token(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Unwrap(true),
        template::saying(template),
        Attribute::Value(key().bytes().to_vec()),
    ]);
    session.create_object(&attributes).unwrap()
}

/// A token that fails is not the platform's fault, and says so where its answer is the same.
#[test]
fn a_token_that_fails_is_told_from_a_text_that_does_not_fit() {
    let of = |value, works| {
        let error = Error::Pkcs11(value, cryptoki::context::Function::UnwrapKey);
        fault(&error, || works)
    };
    assert_eq!(of(RvError::WrappedKeyInvalid, false), TokenFault::Foreign);
    for value in [RvError::GeneralError, RvError::FunctionFailed] {
        assert_eq!(of(value, true), TokenFault::Foreign);
        assert!(matches!(of(value, false), TokenFault::Broken(_)));
    }
    assert!(matches!(of(RvError::DeviceRemoved, true), TokenFault::Broken(_)));
}
