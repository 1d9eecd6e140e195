//! Records of votes, which voters hand to whoever verifies: what is read is written and read again.
#![no_main]

use booth::record::RecordFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(record) = RecordFile::from_json(bytes) else {
        return;
    };
    let again = serde_json::to_vec(&record).expect("texts and numbers can be written as JSON");
    assert_eq!(RecordFile::from_json(&again).ok(), Some(record));
});
