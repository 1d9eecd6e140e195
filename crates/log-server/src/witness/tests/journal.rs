//! The journal under a crowd.

use std::io::Write;
use std::sync::Mutex;

use tracing_subscriber::fmt::MakeWriter;

use super::*;

#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Vec<u8>>>);

impl Write for Journal {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Journal {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Journal {
    /// How many lines hold a text.
    fn count(&self, text: &str) -> usize {
        String::from_utf8_lossy(&self.0.lock().unwrap()).matches(text).count()
    }
}

/// The public head of a log, with a proof that anybody can make up.
fn made_up(log: &Log, old: u64, size: u64, number: u64) -> String {
    let proof = vec![leaf_hash(&number.to_be_bytes())];
    let note = log.note(log.tree.head_at(size).unwrap());
    Request::new(old, proof, note).unwrap().to_string()
}

#[test]
fn a_crowd_does_not_fill_the_journal_of_a_witness() {
    let (log, journal) = (Log::new(), Journal::default());
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    Record::create(&state, cosigner().verifier()).unwrap();
    let record = Record::open(&state, cosigner().verifier()).unwrap();
    let clock = Arc::new(ManualClock::new(at(1_800_000_000)));
    let rule = ClockRule { bound_s: 60 };
    let clocks = Clocks::new(rule, Arc::clone(&clock) as Arc<dyn Clock>);
    let witness = Witness::new(log.known(), cosigner(), record, clocks, rule);
    let subscriber =
        tracing_subscriber::fmt().with_ansi(false).with_writer(journal.clone()).finish();
    let crowd = |status: u16| {
        for number in 0..100 {
            let answer = witness.add_checkpoint(made_up(&log, 7, 9, number).as_bytes());
            assert_eq!(answer.status, status, "{}", answer.body);
        }
    };
    let inconsistent = || journal.count("signed by the log and not consistent");
    tracing::subscriber::with_default(subscriber, || {
        assert_eq!(witness.add_checkpoint(log.body(0, 7).as_bytes()).status, 200);
        crowd(422);
        assert_eq!(inconsistent(), 1);
        // The proof that the log has forked is not lost among them.
        let forked = log.note(Head { size: 9, root: leaf_hash(b"another tree") });
        let forked = Request::new(7, vec![leaf_hash(b"")], forked).unwrap().to_string();
        assert_eq!(witness.add_checkpoint(forked.as_bytes()).status, 422);
        assert_eq!(inconsistent(), 2);
        clock.advance(3600);
        crowd(422);
        assert_eq!(inconsistent(), 3);
        assert_eq!(journal.count("left_out=99"), 1);
        clock.set(at(1_900_000_000));
        crowd(422);
        assert_eq!(witness.add_checkpoint(log.body(7, 9).as_bytes()).status, 503);
        for _ in 0..100 {
            assert_eq!(witness.add_checkpoint(log.body(7, 9).as_bytes()).status, 503);
        }
    });
    assert_eq!(journal.count("signing has stopped"), 1);
    assert_eq!(inconsistent(), 3);
}
