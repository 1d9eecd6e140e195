//! Deployment maps: what is read is written back, and has no name twice.
#![no_main]

use std::collections::BTreeSet;

use booth::station::Field;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(field) = text.parse::<Field>() else { return };
    let written = field.to_string();
    assert_eq!(written.parse::<Field>().as_ref(), Ok(&field));
    let mut names = BTreeSet::new();
    for (_, generator) in field.generators() {
        assert!(names.insert(generator.station.clone()), "a station twice");
        assert!(field.find(&generator.station).is_some());
    }
    // Only remarks and empty lines may be gone.
    let lines = |text: &str| -> Vec<String> {
        let kept = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        kept.map(str::to_owned).collect()
    };
    let mut found = [lines(text), lines(&written)];
    // Days may stand in another order.
    for lines in &mut found {
        lines.sort();
    }
    assert_eq!(found[0], found[1]);
});
