//! Files of the format `age-encryption.org/v1` (C2SP, `age.md`), to X25519 keys alone.
//!
//! ```text
//! age-encryption.org/v1 LF
//! -> X25519 <share of 32 bytes> LF <wrapped file key, 32 bytes> LF       one a recipient
//! --- <HMAC-SHA-256 over all before the last space, 32 bytes> LF
//! nonce (16) || chunks of 64 KiB, each with 16 bytes of tag
//! ```
//!
//! What stands in angle brackets is base64 without padding. Keys are derived by HKDF-SHA-256 and
//! used with ChaCha20-Poly1305:
//!
//! ```text
//! wrap key      of the shared secret, salt share || recipient, info "age-encryption.org/v1/X25519"
//! MAC key       of the file key, no salt, info "header"
//! payload key   of the file key, salt nonce, info "payload"
//! ```
//!
//! A chunk's nonce is its number in 11 bytes, big-endian, and 1 for the last one, else 0.

use std::fmt::Write as _;

use canon::derive;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use data_encoding::BASE64_NOPAD;
use subtle::ConstantTimeEq as _;
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::Zeroizing;

use crate::secret::Secret;

const VERSION: &[u8] = b"age-encryption.org/v1\n";
const WRAP: &[u8] = b"age-encryption.org/v1/X25519";
/// Columns of a line of base64 that another one follows.
const COLUMNS: usize = 64;
/// Bytes of a chunk, and of its tag.
const CHUNK: usize = 65_536;
const TAG: usize = 16;
const FILE_KEY: usize = 16;

type Key = Zeroizing<[u8; 32]>;
type FileKey = Zeroizing<[u8; FILE_KEY]>;

/// Why a file is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AgeError {
    /// Not of the form.
    Form,
    /// Not for this key.
    OtherKey,
    /// Changed.
    Changed,
}

/// Encrypts to some keys, none of low order. `draw` gives 32 random bytes each time, never the
/// same.
pub(super) fn encrypt(
    recipients: impl IntoIterator<Item = PublicKey>,
    content: &[u8],
    draw: &mut dyn FnMut() -> [u8; 32],
) -> Vec<u8> {
    let mut drawn = || {
        let bytes = Zeroizing::new(draw());
        Zeroizing::new(bytes.first_chunk::<FILE_KEY>().copied().unwrap_or_default())
    };
    let (file_key, nonce): (FileKey, _) = (drawn(), *drawn());
    let mut header = String::from_utf8_lossy(VERSION).into_owned();
    for recipient in recipients {
        let secret = StaticSecret::from(draw());
        let share = PublicKey::from(&secret);
        let wrap = wrap_key(&secret.diffie_hellman(&recipient), &share, &recipient);
        let body = sealed(&wrap, [0; 12], &*file_key);
        let (share, body) = (text(share.as_bytes()), text(&body));
        let _ = write!(header, "-> X25519 {share}\n{body}\n");
    }
    header.push_str("---");
    let mac = mac(&file_key, header.as_bytes());
    let _ = writeln!(header, " {}", text(&mac));
    let mut file = header.into_bytes();
    file.extend_from_slice(&nonce);
    let key = derived(&nonce, &*file_key, b"payload");
    // Nothing is one chunk too.
    let nothing = content.is_empty().then_some(content);
    let mut chunks = content.chunks(CHUNK).chain(nothing).zip(0_u64..).peekable();
    while let Some((chunk, number)) = chunks.next() {
        file.extend(sealed(&key, chunk_nonce(number, chunks.peek().is_none()), chunk));
    }
    file
}

/// Opens what was encrypted to a key, among others maybe.
pub(super) fn decrypt(
    identity: &StaticSecret,
    file: &[u8],
) -> Result<Zeroizing<Vec<u8>>, AgeError> {
    let own = PublicKey::from(identity);
    let mut rest = file.strip_prefix(VERSION).ok_or(AgeError::Form)?;
    let mut file_key = None;
    let given = loop {
        let (line, after) = line_of(rest)?;
        if let Some(mac) = line.strip_prefix("--- ") {
            let before = file.len().saturating_sub(rest.len()).saturating_add(3);
            rest = after;
            break (mac, file.get(..before).unwrap_or_default());
        }
        let arguments = line.strip_prefix("-> ").ok_or(AgeError::Form)?;
        let (body, after) = body_of(after)?;
        rest = after;
        if file_key.is_none()
            && let Some(share) = arguments.strip_prefix("X25519 ")
        {
            let share = <[u8; 32]>::try_from(bytes(share)?).map_err(|_| AgeError::Form)?;
            let share = PublicKey::from(share);
            let wrap = wrap_key(&identity.diffie_hellman(&share), &share, &own);
            file_key = opened(&wrap, [0; 12], &body);
        }
    };
    let file_key = file_key.ok_or(AgeError::OtherKey)?;
    let file_key =
        <[u8; FILE_KEY]>::try_from(file_key.as_slice()).map_err(|_| AgeError::Changed)?;
    let file_key = Zeroizing::new(file_key);
    let (given, header) = given;
    if !bool::from(bytes(given)?.ct_eq(&mac(&file_key, header))) {
        return Err(AgeError::Changed);
    }
    let (nonce, rest) = rest.split_first_chunk::<16>().ok_or(AgeError::Form)?;
    let key = derived(nonce, &*file_key, b"payload");
    let mut content = Zeroizing::new(Vec::with_capacity(rest.len()));
    let mut chunks = rest.chunks(CHUNK.saturating_add(TAG)).zip(0_u64..).peekable();
    // A file without a chunk was cut short: even of nothing there is one.
    chunks.peek().ok_or(AgeError::Changed)?;
    while let Some((chunk, number)) = chunks.next() {
        let nonce = chunk_nonce(number, chunks.peek().is_none());
        content.extend_from_slice(&opened(&key, nonce, chunk).ok_or(AgeError::Changed)?);
    }
    Ok(content)
}

fn wrap_key(shared: &SharedSecret, share: &PublicKey, recipient: &PublicKey) -> Key {
    let salt = [share.to_bytes(), recipient.to_bytes()].concat();
    derived(&salt, shared.as_bytes(), WRAP)
}

fn derived(salt: &[u8], secret: &[u8], info: &[u8]) -> Key {
    Zeroizing::new(derive::extract(salt, secret).expand_32(&[info]))
}

fn mac(file_key: &FileKey, header: &[u8]) -> [u8; 32] {
    Secret::new(&derived(b"", &**file_key, b"header")).mac(&[header])
}

fn sealed(key: &Key, nonce: [u8; 12], content: &[u8]) -> Vec<u8> {
    let sealed = ChaCha20Poly1305::new((&**key).into()).encrypt(&Nonce::from(nonce), content);
    // ChaCha20-Poly1305 takes 256 GiB, and a chunk is short.
    sealed.unwrap_or_default()
}

fn opened(key: &Key, nonce: [u8; 12], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = ChaCha20Poly1305::new((&**key).into());
    cipher.decrypt(&Nonce::from(nonce), sealed).ok().map(Zeroizing::new)
}

fn chunk_nonce(number: u64, is_last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce.iter_mut().skip(3).zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
    if let Some(last) = nonce.last_mut() {
        *last = u8::from(is_last);
    }
    nonce
}

fn text(bytes: &[u8]) -> String {
    BASE64_NOPAD.encode(bytes)
}

fn bytes(text: &str) -> Result<Vec<u8>, AgeError> {
    BASE64_NOPAD.decode(text.as_bytes()).map_err(|_| AgeError::Form)
}

/// The first line, without its line feed, and what follows.
fn line_of(bytes: &[u8]) -> Result<(&str, &[u8]), AgeError> {
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(AgeError::Form)?;
    let (line, rest) = bytes.split_at_checked(end).ok_or(AgeError::Form)?;
    let line = std::str::from_utf8(line).map_err(|_| AgeError::Form)?;
    Ok((line, rest.get(1..).unwrap_or_default()))
}

/// The body of a stanza: whole lines of base64, and one that is shorter.
fn body_of(mut rest: &[u8]) -> Result<(Vec<u8>, &[u8]), AgeError> {
    let mut whole = String::new();
    loop {
        let (line, after) = line_of(rest)?;
        rest = after;
        whole.push_str(line);
        if line.len() < COLUMNS {
            return Ok((bytes(&whole)?, rest));
        }
        if line.len() > COLUMNS {
            return Err(AgeError::Form);
        }
    }
}
