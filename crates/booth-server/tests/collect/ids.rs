//! What tells one ledger from another.

use service::config::Override;

use crate::fixture::{noon, request};
use crate::instance::{Platform, Running, headers};

/// The id is drawn when a ledger begins, and stays; a vote that is meant for another one is not
/// recorded.
#[test]
fn a_ledger_has_one_id_from_its_beginning() {
    let platform = Platform::new("test", 50, 1);
    let first = Running::start(&platform, 0);
    let id = first.ask("/list", &[]).headers["ledger"].clone();
    assert_eq!(first.vote(&request(1)).status, 202);
    first.stop();
    let again = Running::start(&platform, 0);
    assert_eq!(again.ask("/totp", &[]).headers["ledger"], id);
    let meant_for = |id: &str| {
        let ledger = vec![("Ledger".to_owned(), id.to_owned())];
        [headers(&request(2)), ledger].concat()
    };
    let [state, keys] = ["other", "other-keys"].map(|name| platform.path(name));
    let other = [
        Override::new("state", state.to_str().unwrap()),
        Override::new("batch_keys", keys.to_str().unwrap()),
    ];
    let other = Running::try_start(&platform, &platform.config(0, &other), noon()).unwrap();
    let other_id = other.ask("/list", &[]).headers["ledger"].clone();
    assert_ne!(other_id, id);
    for id in [&other_id, &id.to_uppercase(), ""] {
        assert_eq!(again.ask("/vote", &meant_for(id)).status, 409, "{id:?}");
    }
    assert_eq!(other.ask("/vote", &meant_for(&other_id)).status, 202);
    assert_eq!(again.ask("/repeat", &meant_for(&id)).status, 487, "and it was not recorded");
    assert_eq!(again.ask("/vote", &meant_for(&id)).status, 202);
    again.stop();
    other.stop();
}
