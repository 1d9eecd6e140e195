//! Several instances of one shard: one ledger, or no vote.

use crate::instance::{Instance, Script};
use crate::solar::{Edge, Plan};

fn two() -> Plan {
    Plan { instances: vec![2], ..Plan::default() }
}

fn votes(edge: &Edge) -> Vec<usize> {
    edge.platform.all().map(Instance::votes).collect()
}

async fn differ(edge: &Edge) -> Option<u64> {
    edge.metric("edge_ledgers_differ{shard=\"solar/0\"}").await
}

/// The attack, or the slip: an instance with a ledger of its own is named beside another. Where the
/// edge goes from one to the other, a mandate votes at both.
#[tokio::test]
async fn instances_with_ledgers_of_their_own_get_no_vote_until_they_agree() {
    let edge = Edge::start(two()).await;
    edge.platform.instances[0][1].records_in(7);
    let request = edge.vote(1, "Bold Jupiter").await;
    for _ in 0..3 {
        assert_eq!(edge.cast(&request).await.status, 503);
    }
    let asked = edge.platform.all().map(|instance| instance.asked("/vote")).sum::<usize>();
    assert_eq!((asked, differ(&edge).await), (0, Some(1)));
    // The one that was wrong is set right, and tells it with the codes, which are asked for anew.
    edge.platform.instances[0][1].records_in(0);
    while edge.cast(&request).await.status != 204 {
        edge.clock().advance(1);
        edge.stamps(edge.codes().current).await;
    }
    assert_eq!(differ(&edge).await, Some(0));
}

/// The attack: the other instance is away while the edge looks, and comes when the first one fails.
#[tokio::test]
async fn an_instance_that_comes_later_is_asked_before_it_gets_a_vote() {
    let edge = Edge::start(two()).await;
    let [one, two] = [0, 1].map(|at| edge.platform.instances[0][at].clone());
    two.does(Script::Says(500, Vec::new()));
    assert_eq!(edge.cast(&edge.vote(1, "Bold Jupiter").await).await.status, 204);
    two.records_in(7);
    two.does(Script::Well);
    let request = edge.vote(2, "Bold Jupiter").await;
    one.does(Script::Says(500, Vec::new()));
    assert_eq!(edge.cast(&request).await.status, 503);
    assert_eq!((two.asked("/vote"), two.votes()), (0, 0));
}

/// The attack: an instance is started again on an empty folder, behind the back of the edge.
#[tokio::test]
async fn a_ledger_that_was_begun_anew_takes_no_vote_for_the_old_one() {
    let edge = Edge::start(two()).await;
    assert_eq!(edge.cast(&edge.vote(1, "Bold Jupiter").await).await.status, 204);
    let before = votes(&edge);
    let request = edge.vote(2, "Bold Jupiter").await;
    for (number, instance) in (7..).zip(edge.platform.all()) {
        instance.records_in(number);
    }
    assert_eq!(edge.cast(&request).await.status, 503);
    assert_eq!(votes(&edge), before);
}
