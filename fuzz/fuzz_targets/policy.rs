//! Policy files: written and read again they are the same, and more witnesses never hurt.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::note::VerifierKey;
use tlog::policy::Policy;

fuzz_target!(|bytes: &[u8]| {
    let Ok(policy) = Policy::parse(bytes) else {
        return;
    };
    let written = policy.to_bytes();
    let again = Policy::parse(&written).expect("reads what it wrote");
    assert_eq!(again, policy);
    assert_eq!(again.to_bytes(), written);

    let keys: Vec<&VerifierKey> = policy.witnesses().iter().map(|witness| &witness.key).collect();
    let met: Vec<bool> = (0..=keys.len()).map(|count| policy.is_met_by(&keys[..count])).collect();
    assert!(met.is_sorted(), "a further cosignature undid the quorum: {met:?}");
    assert_eq!(met[0], policy.asks_no_witness(), "nobody is a quorum only where none is asked");
    assert!(met[keys.len()], "a quorum that nobody can reach");
});
