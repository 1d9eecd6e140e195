//! The clock of an edge's machine steps.

use service::clock::Clock as _;

use crate::client::Reply;
use crate::solar::{Edge, Plan, cast, inside, mandate, mined};

async fn stamp(edge: &Edge) -> Reply {
    let code = edge.codes().current.to_string();
    edge.client().await.get("/stamp", &[("TOTP", &code)]).await
}

/// The attack: the time of the machine is set an hour or a day ahead, for a moment. Tables that end
/// by the time of day forget all guesses, stamps in use and answers, and they stay forgotten.
#[tokio::test]
async fn a_clock_that_steps_makes_an_edge_forget_nothing() {
    let edge = Edge::start(Plan { instances: vec![1], k: 0, ..Plan::default() }).await;
    let instance = &edge.platform.instances[0][0];
    let guess = async || {
        let decoy = edge.stamps(edge.wrong_code()).await;
        edge.cast(&mined(decoy, mandate(1), "Bold Jupiter")).await
    };
    for _ in 0..5 {
        assert_eq!(guess().await.status, 488);
    }
    let voted = edge.vote(2, "Bold Jupiter").await;
    let first = edge.cast(&voted).await;
    assert_eq!((first.status, instance.asked("/vote")), (204, 1));
    let stamps = (voted.vote.platform, voted.vote.stamp);
    let stolen = mined(stamps, mandate(3), "Shiny Saturn");
    let fresh = edge.vote(4, "Bold Jupiter").await;
    let noon = edge.clock().now();
    for step in [-86_400, -3_600, 3_600, 86_400] {
        edge.clock().set(canon::Timestamp::from_unix(noon.unix() + step).unwrap());
        // Nothing is judged by such a clock, and nothing is given out.
        assert_eq!(stamp(&edge).await.status, 503, "{step}");
        assert_eq!(edge.cast(&fresh).await.status, 503, "{step}");
        assert_eq!(edge.cast(&stolen).await.status, 503, "{step}");
        let health = inside(edge.internal, "/healthz").await;
        assert!(health.ends_with("solar: the clock has stepped\n"), "{health}");
        assert_eq!(edge.cast(&voted).await, first, "what is kept needs no clock");
        edge.clock().set(noon);
        let locked = guess().await;
        assert_eq!((locked.status, locked.header("retry-after")), (429, Some("600")));
        assert_eq!(edge.cast(&stolen).await.status, 487, "still in use");
        assert_eq!(edge.cast(&voted).await, first);
        assert_eq!(instance.asked("/vote"), 1, "and still kept");
    }
    let mut client = edge.client().await;
    assert_eq!(cast(&mut client, &fresh).await.status, 204);
    // A clock that is set right by some seconds is believed.
    edge.clock().set(noon.plus_seconds(30).unwrap());
    assert_eq!(stamp(&edge).await.status, 204);
}
