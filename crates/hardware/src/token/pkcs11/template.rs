//! What a wrapping key lets come out of it: `CKA_UNWRAP_TEMPLATE` (PKCS #11 2.40, section 4.9).
//!
//! A wrapped secret is a text that everybody has. Without this attribute, whoever has the PIN has
//! the token unwrap it into an object that can be read.

use std::ffi::c_ulong;

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
static KEPT: [(AttributeType, &u8); 3] = [
    (AttributeType::Token, &FALSE),
    (AttributeType::Sensitive, &TRUE),
    (AttributeType::Extractable, &FALSE),
];

/// The attribute for a wrapping key that is made.
pub(super) fn kept() -> Attribute {
    Attribute::VendorDefined((UNWRAP_TEMPLATE, array()))
}

/// Its value: an array of `CK_ATTRIBUTE`, which is a number, an address and a length without
/// padding. Such a vector is allocated as by `malloc`, at an address that is good for any type.
fn array() -> Vec<u8> {
    let mut array = Vec::new();
    for (name, value) in KEPT {
        let length: c_ulong = 1;
        array.extend(c_ulong::from(name).to_ne_bytes());
        array.extend(std::ptr::from_ref(value).expose_provenance().to_ne_bytes());
        array.extend(length.to_ne_bytes());
    }
    array
}

/// Whether a wrapping key was made with the attribute. The binding cannot read what it says: that
/// it says three things tells it from a key that was made without.
pub(super) fn is_kept(session: &Session, wrapping: ObjectHandle) -> cryptoki::error::Result<bool> {
    let info = session.get_attribute_info(wrapping, &[UNWRAP_TEMPLATE])?;
    let expected = array().len();
    Ok(matches!(info.as_slice(), [AttributeInfo::Available(length)] if *length == expected))
}

/// The attack: whether a wrapped secret comes out so that it can be read. What came out is removed.
pub(super) fn comes_out(session: &Session, wrapping: ObjectHandle, wrapped: &[u8]) -> bool {
    let open = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::Token(false),
        Attribute::Sensitive(false),
        Attribute::Extractable(true),
    ];
    let Ok(key) = session.unwrap_key(&Mechanism::AesKeyWrap, wrapping, wrapped, &open) else {
        return false;
    };
    // A token may also give a key that is kept all the same.
    let read = session.get_attributes(key, &[AttributeType::Value]);
    let _ = session.destroy_object(key);
    read.is_ok_and(|read| !read.is_empty())
}
