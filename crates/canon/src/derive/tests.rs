use super::*;

#[test]
fn parts_are_joined() {
    let prk = extract(b"salt", b"seed");
    assert_eq!(prk.expand_32(&[b"ab", b"", b"c"]), prk.expand_32(&[b"abc"]));
    assert_ne!(prk.expand_32(&[b"abc"]), prk.expand_32(&[b"abd"]));
    assert_ne!(prk.expand_32(&[]), extract(b"salt", b"seeds").expand_32(&[]));
}

#[test]
fn short_output_begins_long_output() {
    let prk = extract(b"", b"seed");
    let mut long = [0; 100];
    prk.expand(&[b"info"], &mut long).unwrap();
    assert_eq!(prk.expand_32(&[b"info"]), long[..32]);
}

#[test]
fn an_empty_salt_is_32_zeros() {
    assert_eq!(extract(b"", b"x").expand_32(&[]), extract(&[0; 32], b"x").expand_32(&[]));
}

#[test]
fn output_ends_at_255_blocks() {
    let prk = extract(b"", b"");
    assert!(prk.expand(&[], &mut vec![0; MAX_OUTPUT]).is_ok());
    let wanted = MAX_OUTPUT + 1;
    assert_eq!(prk.expand(&[], &mut vec![0; wanted]), Err(DeriveError::TooLong { wanted }));
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(format!("{:?}", extract(b"salt", b"secret")), "Prk(..)");
}
