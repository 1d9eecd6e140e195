//! NIST ballot definitions: what is imported and holds together is exported without a loss.
#![no_main]

use exchange::cdf::definition::{export, import};
use libfuzzer_sys::fuzz_target;
use paper::definition::check;

fuzz_target!(|bytes: &[u8]| {
    let Ok(imported) = import(bytes, None) else { return };
    if !check(&imported.definition).is_empty() {
        return;
    }
    let (file, notes) = export(&imported.definition, canon::Timestamp::MIN);
    let file = serde_json::to_vec(&file).expect("JSON");
    let again = import(&file, None).expect("an export can be imported");
    if notes.is_empty() {
        assert_eq!(again.definition, imported.definition);
        assert_eq!(again.notes, []);
    }
});
