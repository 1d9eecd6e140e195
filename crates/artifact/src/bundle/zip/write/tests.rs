use super::*;

#[test]
fn files_come_in_order() {
    let mut sink = ZipSink::in_memory();
    sink.write(&BundlePath::CheckpointAt(2), b"x").unwrap();
    // As text, 10 comes before 2.
    let order = sink.write(&BundlePath::CheckpointAt(10), b"x");
    assert!(matches!(order, Err(SinkError::Order { .. })));
    let twice = sink.write(&BundlePath::CheckpointAt(2), b"x");
    assert!(matches!(twice, Err(SinkError::Order { .. })));
    sink.write(&BundlePath::CheckpointAt(3), b"x").unwrap();
}

#[test]
fn the_bytes_are_those_of_the_specification() {
    let mut sink = ZipSink::in_memory();
    sink.write(&BundlePath::Checkpoint, b"x").unwrap();
    sink.finish().unwrap();
    // CRC-32 of "x" is 8cdc1683 (as zlib has it).
    let expected = [
        // Local header: version 20, no flags, stored, 1 January 1980.
        &b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21\0"[..],
        b"\x83\x16\xdc\x8c\x01\0\0\0\x01\0\0\0\x0a\0\0\0checkpointx",
        // Directory: made by Unix, version 45.
        b"PK\x01\x02\x2d\x03\x14\0\0\0\0\0\0\0\x21\0\x83\x16\xdc\x8c\x01\0\0\0\x01\0\0\0",
        b"\x0a\0\0\0\0\0\0\0\0\0\0\0\xa4\x81\0\0\0\0checkpoint",
        // End: one file, 56 bytes of directory from byte 41 on.
        b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x38\0\0\0\x29\0\0\0\0\0",
    ]
    .concat();
    assert_eq!(sink.into_bytes(), expected);
}
