//! Lists of links, which a disk may have damaged: what is opened is votes with their voters.
#![no_main]

use std::sync::LazyLock;

use booth::campaign::{Campaign, Draft};
use booth::link::LinkKey;
use canon::base64;
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<LinkKey> = LazyLock::new(|| {
    LinkKey::from_file(include_str!("../../vectors/booth/link-key.txt")).expect("a key")
});

static CAMPAIGN: LazyLock<Campaign> = LazyLock::new(|| {
    let draft: Draft = toml::from_str(
        "name = \"solar\"\npurpose = \"test\"\noptions = [\"Humble Pluto\", \"Bold Jupiter\"]\n\
         authorities = [\"uBgXBIc6v49QdygE5tp79RRnnqIScyZAd9t4hkBUhjQ=\"]\n\
         start = \"2026-11-03T07:00:00Z\"\nend = \"2026-11-03T20:00:00Z\"\n",
    )
    .expect("a campaign");
    Campaign::check(draft).expect("a campaign")
});

// A line as it stands in the list, and an age file before it is put there.
fuzz_target!(|bytes: &[u8]| {
    let as_line = std::str::from_utf8(bytes).ok().map(str::to_owned);
    let as_file = base64::encode(bytes);
    for line in as_line.into_iter().chain([as_file]) {
        let Ok(found) = KEY.open(&CAMPAIGN, &line) else {
            continue;
        };
        let file = base64::decode(line.trim_end_matches('\n').as_bytes()).expect("one spelling");
        assert!(file.starts_with(b"age-encryption.org/v1\n"));
        let least = found.len() * 167;
        assert!(file.len() > least, "more was found than there is");
        assert_eq!(KEY.open(&CAMPAIGN, line.trim_end_matches('\n')).as_ref(), Ok(&found));
    }
});
