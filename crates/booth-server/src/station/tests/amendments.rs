//! Keys that came and went since the charter.

use super::*;

/// Writes what was logged last beside the station.
fn kept(world: &World, election: &Election, name: &str) {
    std::fs::write(world.path("booth").join(name), &election.entries.last().unwrap().artifact)
        .unwrap();
}

/// Tells the station of amendments.
fn told(world: &World, names: &[&str]) {
    let path = world.path("booth/station.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.split("amendments = ").next().unwrap();
    std::fs::write(&path, format!("{text}amendments = {names:?}\n")).unwrap();
}

/// The attack: a platform's key was stolen, an amendment has replaced it, and whoever has it signs
/// a campaign that commits to another map.
#[test]
fn keys_count_as_the_amendments_say() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    let map = world.map(5, "", "station.key");
    let mut election = committed(&world, Some(&map), "platform");
    election.add_key("platform-2", Role::Platform);
    kept(&world, &election, "one.json");
    election.revoke_key("platform");
    kept(&world, &election, "two.json");
    let refused = |what: &str| {
        let refused = world.update(&map).unwrap_err();
        let is_told = matches!(refused, StationError::Campaign { .. }) && refused.is_finding();
        assert!(is_told && refused.to_string().contains(what), "{refused}");
    };

    campaign(&world, &election, Some(&map), "platform-2");
    refused("is not in the charter or its amendments");
    told(&world, &["one.json", "two.json"]);
    assert_eq!(world.update(&map).unwrap().committed_by.as_deref(), Some("solar"));

    campaign(&world, &election, Some(&map), "platform");
    told(&world, &["one.json", "two.json"]);
    refused("is revoked");
    told(&world, &["one.json"]);
    assert_eq!(world.update(&map).unwrap().committed_by.as_deref(), Some("solar"));
}

#[test]
fn amendments_that_do_not_follow_the_charter_are_refused() {
    let world = World::new("http://127.0.0.1:1/field.yml", &[]);
    let map = world.map(5, "", "station.key");
    let mut election = committed(&world, Some(&map), "platform");
    election.add_key("platform-2", Role::Platform);
    kept(&world, &election, "one.json");
    election.revoke_key("platform");
    kept(&world, &election, "two.json");
    for (names, what) in [
        (["two.json", "one.json"], "two.json is not the charter's next amendment"),
        (["one.json", "one.json"], "one.json is not the charter's next amendment"),
        (["one.json", "campaign.json"], "it is campaign/v1"),
    ] {
        told(&world, &names);
        let refused = world.update(&map).unwrap_err();
        let is_told = matches!(refused, StationError::Amendment { .. }) && !refused.is_finding();
        assert!(is_told && refused.to_string().contains(what), "{refused}");
    }
}
