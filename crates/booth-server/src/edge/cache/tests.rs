use std::sync::atomic::{AtomicUsize, Ordering};

use canon::Timestamp;
use service::clock::ManualClock;
use tokio::sync::Semaphore;

use super::*;

struct Origin {
    clock: Arc<ManualClock>,
    cached: Arc<Cached<u32>>,
    asked: Arc<AtomicUsize>,
    /// A question is answered when it has got a permit.
    answers: Arc<Semaphore>,
}

impl Origin {
    fn new(most_s: u32) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_unix(1_000).unwrap()));
        let cached = Cached::new(Arc::<ManualClock>::clone(&clock), most_s);
        Self { clock, cached, asked: Arc::default(), answers: Arc::new(Semaphore::new(0)) }
    }

    /// Asks for the value, which is the number of the question; held for so many seconds.
    fn ask(&self, held: Option<u32>) -> impl Future<Output = Option<u32>> + use<> {
        let (cached, asked) = (Arc::clone(&self.cached), Arc::clone(&self.asked));
        let answers = Arc::clone(&self.answers);
        async move {
            let question = || async move {
                let number = asked.fetch_add(1, Ordering::Relaxed) + 1;
                answers.acquire().await.unwrap().forget();
                held.map(|seconds| (u32::try_from(number).unwrap(), seconds))
            };
            cached.value(question).await
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// The attack: a crowd that comes at the moment at which nothing is held.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_asks_once() {
    let origin = Origin::new(60);
    let crowd: Vec<_> = (0..5_000).map(|_| tokio::spawn(origin.ask(Some(10)))).collect();
    origin.answers.add_permits(1);
    for one in crowd {
        assert_eq!(one.await.unwrap(), Some(1));
    }
    origin.clock.advance(9);
    assert_eq!(origin.ask(Some(10)).await, Some(1));
    assert_eq!(origin.asked(), 1);
    origin.clock.advance(1);
    origin.answers.add_permits(1);
    assert_eq!(origin.ask(Some(10)).await, Some(2), "what has ended is asked for again");
    assert_eq!(origin.asked(), 2);
}

/// The attack: a client that comes and goes, to have the origin asked again each time.
#[tokio::test]
async fn a_question_goes_on_when_nobody_waits() {
    let origin = Origin::new(60);
    for _ in 0..100 {
        let mut one = Box::pin(origin.ask(Some(10)));
        assert!(futures::poll!(one.as_mut()).is_pending());
        tokio::task::yield_now().await;
        drop(one);
    }
    assert_eq!(origin.asked(), 1);
    origin.answers.add_permits(1);
    assert_eq!(origin.ask(Some(10)).await, Some(1));
}

#[tokio::test]
async fn a_failure_is_held_for_a_second() {
    let origin = Origin::new(60);
    origin.answers.add_permits(10);
    for _ in 0..100 {
        assert_eq!(origin.ask(None).await, None);
    }
    assert_eq!(origin.asked(), 1);
    assert!(origin.cached.has_failed());
    origin.clock.advance(1);
    assert_eq!(origin.ask(Some(5)).await, Some(2));
    assert!(!origin.cached.has_failed());
}

#[tokio::test]
async fn nothing_is_held_for_less_than_a_second_or_longer_than_allowed() {
    let origin = Origin::new(60);
    origin.answers.add_permits(10);
    assert_eq!(origin.ask(Some(0)).await, Some(1));
    assert_eq!(origin.ask(Some(0)).await, Some(1), "an origin that forbids it is held too");
    origin.clock.advance(1);
    assert_eq!(origin.ask(Some(u32::MAX)).await, Some(2));
    origin.clock.advance(60);
    assert_eq!(origin.ask(Some(1)).await, Some(3));
}

#[tokio::test]
async fn the_time_counts_from_the_question() {
    let origin = Origin::new(60);
    let slow = tokio::spawn(origin.ask(Some(2)));
    while origin.asked() == 0 {
        tokio::task::yield_now().await;
    }
    origin.clock.advance(5);
    origin.answers.add_permits(2);
    assert_eq!(slow.await.unwrap(), Some(1));
    assert_eq!(origin.ask(Some(2)).await, Some(2), "it was two seconds old three seconds ago");
}

#[tokio::test]
async fn a_question_that_panics_has_failed_and_the_next_is_asked() {
    let origin = Origin::new(60);
    let broken = || async { panic!("as a test wants it") };
    assert_eq!(origin.cached.value(broken).await, None);
    origin.clock.advance(1);
    origin.answers.add_permits(1);
    assert_eq!(origin.ask(Some(1)).await, Some(1));
}
