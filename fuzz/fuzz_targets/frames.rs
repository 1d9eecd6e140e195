//! Framed submissions, which anybody may send: read, written and read again.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use log_server::log::{FrameError, Submission};

fuzz_target!(|input: &[u8]| {
    let bytes = Bytes::copy_from_slice(input);
    match Submission::from_frames(&bytes) {
        Ok(submission) => {
            assert_eq!(submission.to_frames(), input, "one submission, two spellings");
            let pieces = submission.files.iter().map(|file| file.len() + 4).sum::<usize>();
            assert_eq!(submission.artifact.len() + 4 + pieces, input.len());
        }
        Err(FrameError::Broken { offset }) => {
            // What stands in front of the break is whole, and the break is not the end.
            let front = bytes.slice(..offset);
            assert!(offset == 0 || Submission::from_frames(&front).is_ok());
            assert!(offset == 0 || offset < input.len());
        }
        Err(FrameError::TooMany) => assert!(input.len() > 4 * 4096, "so few bytes, so many files"),
    }
    // The whole input as a file between two others.
    let files = [b"".as_slice(), input, b"\0"].map(Bytes::copy_from_slice);
    let submission = Submission { artifact: bytes, files: files.to_vec() };
    assert_eq!(Submission::from_frames(&submission.to_frames().into()), Ok(submission));
});
