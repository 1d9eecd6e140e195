//! What a wrapping key lets come out of it: `CKA_UNWRAP_TEMPLATE` (PKCS #11 2.40, section 4.9).
//!
//! A wrapped secret is a text that everybody has. Without this attribute, whoever has the PIN has
//! the token unwrap it into an object that can be read.

use std::ffi::c_ulong;

use booth::Secret;
use booth::station::WrappingKey;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{
    Attribute, AttributeInfo, AttributeType, KeyType, ObjectClass, ObjectHandle,
};
use cryptoki::session::Session;

/// `CKA_UNWRAP_TEMPLATE`. The binding has no name for it, and hands on numbers that are not its.
const UNWRAP_TEMPLATE: AttributeType = AttributeType::VendorDefined(0x4000_0212);

/// The values of `CK_BBOOL`, at addresses that last.
static FALSE: u8 = 0;
static TRUE: u8 = 1;

/// What holds for every key that comes out: of this session, sensitive, not extractable.
pub(super) static KEPT: [(AttributeType, &u8); 3] = [
    (AttributeType::Token, &FALSE),
    (AttributeType::Sensitive, &TRUE),
    (AttributeType::Extractable, &FALSE),
];

/// The attribute for a wrapping key that is made.
pub(super) fn kept() -> Attribute {
    saying(&KEPT)
}

/// The attribute that says this of every key that comes out.
pub(super) fn saying(parts: &[(AttributeType, &'static u8)]) -> Attribute {
    Attribute::VendorDefined((UNWRAP_TEMPLATE, array(parts)))
}

/// Its value: an array of `CK_ATTRIBUTE`, which is a number, an address and a length without
/// padding. Such a vector is allocated as by `malloc`, at an address that is good for any type.
fn array(parts: &[(AttributeType, &'static u8)]) -> Vec<u8> {
    let mut array = Vec::new();
    for (name, value) in parts.iter().copied() {
        let length: c_ulong = 1;
        array.extend(c_ulong::from(name).to_ne_bytes());
        array.extend(std::ptr::from_ref(value).expose_provenance().to_ne_bytes());
        array.extend(length.to_ne_bytes());
    }
    array
}

/// Whether a wrapping key was made with the attribute. The binding cannot read what it says: that
/// it says three things tells it from a key that was made without. What they do is tried with the
/// first secret that is unwrapped.
pub(super) fn is_kept(session: &Session, wrapping: ObjectHandle) -> cryptoki::error::Result<bool> {
    let info = session.get_attribute_info(wrapping, &[UNWRAP_TEMPLATE])?;
    let expected = array(&KEPT).len();
    Ok(matches!(info.as_slice(), [AttributeInfo::Available(length)] if *length == expected))
}

/// What somebody with the PIN writes into the template of `C_UnwrapKey` to have a secret: each of
/// the three attributes left out, false or true, but for what an honest station writes. Some tokens
/// refuse what leaves one out, and some put in what is missing.
pub(super) fn greedy() -> Vec<Vec<Attribute>> {
    let choices = |of: fn(bool) -> Attribute| [None, Some(of(false)), Some(of(true))];
    let mut all = vec![Vec::new()];
    for of in [Attribute::Token, Attribute::Sensitive, Attribute::Extractable] {
        let longer = |asked: &Vec<Attribute>| {
            choices(of).map(|more| asked.iter().cloned().chain(more).collect())
        };
        all = all.iter().flat_map(longer).collect();
    }
    all.retain(|asked| *asked != HONEST);
    all
}

/// What holds for every key that comes out, as a token says it.
pub(super) const HONEST: [Attribute; 3] =
    [Attribute::Token(false), Attribute::Sensitive(true), Attribute::Extractable(false)];

/// The attack, in each of its ways: whether a wrapped secret comes out so that it can be had. What
/// came out is removed.
pub(super) fn comes_out(session: &Session, wrapping: ObjectHandle, wrapped: &[u8]) -> bool {
    greedy().into_iter().any(|asked| {
        let mut template = vec![
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::GENERIC_SECRET),
            Attribute::Sign(true),
        ];
        template.extend(asked);
        let how = Mechanism::AesKeyWrap;
        let Ok(key) = session.unwrap_key(&how, wrapping, wrapped, &template) else {
            return false;
        };
        // A token may also give a key that is kept all the same.
        let is_out = is_loose(session, key) || is_read(session, key) || is_carried(session, key);
        let _ = session.destroy_object(key);
        is_out
    })
}

/// Whether the token says of a key that it is not kept, or does not say it.
fn is_loose(session: &Session, key: ObjectHandle) -> bool {
    let asked = KEPT.map(|(name, _)| name);
    let told = session.get_attributes(key, &asked);
    told.map_or(true, |told| !HONEST.iter().all(|one| told.contains(one)))
}

fn is_read(session: &Session, key: ObjectHandle) -> bool {
    let read = session.get_attributes(key, &[AttributeType::Value]);
    read.is_ok_and(|read| !read.is_empty())
}

/// Whether it comes out wrapped under a key of the attacker's, whatever the token says of it.
fn is_carried(session: &Session, key: ObjectHandle) -> bool {
    let Some(own) = own_key(session, &Attribute::Wrap(true)) else { return false };
    let carried = session.wrap_key(&Mechanism::AesKeyWrap, own, key);
    let _ = session.destroy_object(own);
    carried.is_ok()
}

/// The bytes of a key that is nobody's secret.
const OWN: [u8; 32] = [0x5c; 32];

/// An AES key that everybody knows, for this session.
fn own_key(session: &Session, may: &Attribute) -> Option<ObjectHandle> {
    let attributes = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Token(false),
        may.clone(),
        Attribute::Value(OWN.to_vec()),
    ];
    session.create_object(&attributes).ok()
}

/// Whether the token unwraps a text that is right, under a key that everybody knows. It tells a
/// text that does not fit from a token that fails, where it has one answer for both.
pub(super) fn works(session: &Session) -> bool {
    let Some(own) = own_key(session, &Attribute::Unwrap(true)) else { return false };
    let text = WrappingKey::new(Secret::new(&OWN)).wrap(&Secret::new(&[0; 32]));
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::Token(false),
    ];
    let how = Mechanism::AesKeyWrap;
    let unwrapped = session.unwrap_key(&how, own, text.bytes(), &template);
    let is_right = unwrapped.as_ref().is_ok();
    if let Ok(key) = unwrapped {
        let _ = session.destroy_object(key);
    }
    let _ = session.destroy_object(own);
    is_right
}
