//! A token behind PKCS #11 (OASIS, version 2.40 and later).
//!
//! ```text
//! provision   C_CreateObject   AES-256, on the token, sensitive, not extractable, may unwrap,
//!                              and only into what is sensitive and not extractable
//! unwrap      C_UnwrapKey      CKM_AES_KEY_WRAP -> generic secret of 32 bytes, for this session,
//!                              sensitive, not extractable, may sign
//! code        C_Sign           CKM_SHA256_HMAC over the step, 8 bytes
//! ```
//!
//! The unwrapped secret lives as long as the session. So a station that starts unwraps again, and a
//! secret that was replaced leaves nothing on the token.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use booth::Secret;
use booth::station::{Protection, SeedKey, Token, TokenFault, Wrapped, WrappingKey};
use booth::totp::Station;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;

/// What the wrapping key is called on the token; its `CKA_ID` is the station's name.
const LABEL: &str = "scrutineer station wrapping key";

/// Where a token is.
#[derive(Clone, Copy, Debug)]
pub struct Socket<'a> {
    /// The maker's module, a shared library.
    pub module: &'a Path,
    /// The token's label.
    pub label: &'a str,
}

/// Why a token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Pkcs11Error {
    /// The module or the token failed.
    #[error("the token cannot be used: {0}")]
    Token(#[from] Error),
    /// No token, or several.
    #[error("{count} tokens are called {label:?}, not one")]
    NotOne {
        /// What was asked for.
        label: String,
        /// How many there are.
        count: usize,
    },
    /// It was not made for this station.
    #[error("the token has {count} wrapping keys for the station {station}, not one")]
    Keys {
        /// The station.
        station: Station,
        /// How many there are.
        count: usize,
    },
    /// It would give its wrapping key out.
    #[error("the wrapping key on the token can be read: it was not made by `station init`")]
    Readable,
    /// It would give secrets out.
    #[error(
        "the wrapping key on the token lets secrets be read: it has no CKA_UNWRAP_TEMPLATE, or the \
         token does not keep to it"
    )]
    Open,
}

/// A token with the wrapping key of a station, logged in.
pub struct Pkcs11Token {
    session: Arc<Mutex<Session>>,
    wrapping: ObjectHandle,
    /// Whether the token was seen to keep a secret.
    is_tried: AtomicBool,
}

impl Pkcs11Token {
    /// Puts a station's wrapping key on a token. One that has a key of that station is refused.
    pub fn provision(
        socket: Socket<'_>,
        pin: &str,
        station: &Station,
        key: &WrappingKey,
    ) -> Result<(), Pkcs11Error> {
        let (context, slot) = find(socket)?;
        let session = context.open_rw_session(slot)?;
        log_in(&session, pin)?;
        let count = session.find_objects(&searched(station))?.len();
        if count != 0 {
            return Err(Pkcs11Error::Keys { station: station.clone(), count });
        }
        let mut attributes = searched(station).to_vec();
        attributes.extend([
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Modifiable(false),
            Attribute::Unwrap(true),
            Attribute::Wrap(false),
            Attribute::Encrypt(false),
            Attribute::Decrypt(false),
            template::kept(),
            Attribute::Value(key.bytes().to_vec()),
        ]);
        let made = session.create_object(&attributes);
        if let Some(Attribute::Value(bytes)) = attributes.last_mut() {
            zeroize::Zeroize::zeroize(bytes);
        }
        let wrapping = made?;
        // No station's secret: this text is tried and forgotten.
        let tried = key.wrap(&Secret::new(&[0; 32]));
        if template::comes_out(&session, wrapping, tried.bytes()) {
            session.destroy_object(wrapping)?;
            return Err(Pkcs11Error::Open);
        }
        Ok(())
    }

    /// Opens the token of a station.
    pub fn open(socket: Socket<'_>, pin: &str, station: &Station) -> Result<Self, Pkcs11Error> {
        let (context, slot) = find(socket)?;
        let session = context.open_ro_session(slot)?;
        log_in(&session, pin)?;
        let found = session.find_objects(&searched(station))?;
        let [wrapping] = found.as_slice() else {
            return Err(Pkcs11Error::Keys { station: station.clone(), count: found.len() });
        };
        let asked = [AttributeType::Sensitive, AttributeType::Extractable];
        let kept = session.get_attributes(*wrapping, &asked)?;
        let is_kept = kept.iter().any(|one| matches!(one, Attribute::Sensitive(true)))
            && kept.iter().any(|one| matches!(one, Attribute::Extractable(false)));
        if !is_kept {
            return Err(Pkcs11Error::Readable);
        }
        let wrapping = *wrapping;
        if !template::is_kept(&session, wrapping)? {
            return Err(Pkcs11Error::Open);
        }
        let session = Arc::new(Mutex::new(session));
        Ok(Self { session, wrapping, is_tried: AtomicBool::new(false) })
    }
}

/// What finds the wrapping key of a station.
fn searched(station: &Station) -> [Attribute; 4] {
    [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Label(LABEL.into()),
        Attribute::Id(station.as_str().into()),
    ]
}

fn find(socket: Socket<'_>) -> Result<(Pkcs11, Slot), Pkcs11Error> {
    let context = Pkcs11::new(socket.module)?;
    match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // Or this process has opened it before.
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(error.into()),
    }
    let mut found = Vec::new();
    for slot in context.get_slots_with_initialized_token()? {
        if context.get_token_info(slot)?.label() == socket.label {
            found.push(slot);
        }
    }
    match found.as_slice() {
        [slot] => Ok((context, *slot)),
        _ => Err(Pkcs11Error::NotOne { label: socket.label.to_owned(), count: found.len() }),
    }
}

fn log_in(session: &Session, pin: &str) -> Result<(), Pkcs11Error> {
    match session.login(UserType::User, Some(&AuthPin::from(pin))) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl Token for Pkcs11Token {
    fn unwrap(&self, wrapped: &Wrapped) -> Result<Box<dyn SeedKey>, TokenFault> {
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::GENERIC_SECRET),
            Attribute::Token(false),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ];
        let session = lock(&self.session);
        let key = session
            .unwrap_key(&Mechanism::AesKeyWrap, self.wrapping, wrapped.bytes(), &template)
            .map_err(|error| fault(&error, || template::works(&session)))?;
        // The wrapping key may have been made by others, with a template that says something else.
        if !self.is_tried.load(Ordering::Relaxed) {
            if template::comes_out(&session, self.wrapping, wrapped.bytes()) {
                let _ = session.destroy_object(key);
                return Err(TokenFault::Open);
            }
            self.is_tried.store(true, Ordering::Relaxed);
        }
        drop(session);
        Ok(Box::new(Pkcs11Key { session: Arc::clone(&self.session), key }))
    }

    fn protection(&self) -> Protection {
        Protection::Token
    }
}

/// What a token means that did not unwrap. Some say of a text that does not fit only that they
/// failed, as they do when they fail: then it counts whether they unwrap one that fits.
fn fault(error: &Error, works: impl FnOnce() -> bool) -> TokenFault {
    let is_foreign = match error {
        Error::Pkcs11(
            RvError::WrappedKeyInvalid
            | RvError::WrappedKeyLenRange
            | RvError::EncryptedDataInvalid,
            _,
        ) => true,
        Error::Pkcs11(RvError::GeneralError | RvError::FunctionFailed, _) => works(),
        _ => false,
    };
    if is_foreign { TokenFault::Foreign } else { TokenFault::Broken(error.to_string()) }
}

/// An unwrapped secret. It is removed from the token when this is dropped.
struct Pkcs11Key {
    session: Arc<Mutex<Session>>,
    key: ObjectHandle,
}

impl SeedKey for Pkcs11Key {
    fn mac(&self, message: &[u8; 8]) -> Result<[u8; 32], TokenFault> {
        let broken = |why: String| TokenFault::Broken(why);
        let mac = lock(&self.session)
            .sign(&Mechanism::Sha256Hmac, self.key, message)
            .map_err(|error| broken(error.to_string()))?;
        mac.try_into().map_err(|_| broken("its HMAC is not 32 bytes long".into()))
    }
}

impl Drop for Pkcs11Key {
    fn drop(&mut self) {
        // The session's end removes it too.
        let _ = lock(&self.session).destroy_object(self.key);
    }
}

fn lock(session: &Mutex<Session>) -> MutexGuard<'_, Session> {
    session.lock().unwrap_or_else(PoisonError::into_inner)
}

mod template;
#[cfg(test)]
mod tests;
