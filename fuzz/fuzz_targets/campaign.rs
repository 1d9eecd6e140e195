//! Campaign files: what is taken fits together, and what is not says why.
#![no_main]

use booth::campaign::{Campaign, Draft, from_header};
use booth::mandate::MandateId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(draft) = toml::from_slice::<Draft>(bytes) else {
        return;
    };
    let shards = draft.shards;
    let campaign = match Campaign::check(draft) {
        Ok(campaign) => campaign,
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a reason");
            return;
        }
    };
    assert!(campaign.start() < campaign.end());
    assert!(!campaign.authorities().keys().is_empty(), "nobody can vote");
    for (at, option) in campaign.options().iter().enumerate() {
        assert_eq!(campaign.position(option), Some(at));
        let others = campaign.options().iter().enumerate().filter(|(other, _)| *other != at);
        for (_, other) in others {
            assert!(!other.starts_with(option.as_str()), "{option:?} begins {other:?}");
        }
    }
    // The options survive their way through a header.
    for ((_, header), option) in campaign.list().iter().zip(campaign.options()) {
        assert_eq!(from_header(header).as_ref(), Some(option));
    }
    for key in campaign.authorities().keys() {
        let authority = key.bytes().try_into().expect("Ed25519");
        assert!(campaign.shard_of(&MandateId { authority, id: [7; 24] }).0 < shards);
    }
    let period = campaign.period_at(campaign.start()).expect("it has begun");
    assert!(campaign.has_begun(period, campaign.start()));
});
