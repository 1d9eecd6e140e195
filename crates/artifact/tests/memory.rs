//! What strangers send costs no more memory than its own size. The only test of its program, so
//! that the high-water mark of the process is its own.

use artifact::admit;
use serde_json::json;

/// The most bytes that this process has held at one time (proc(5), `VmHWM`).
fn high_water() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().trim().parse::<usize>().unwrap() * 1024
}

#[test]
fn bodies_of_many_small_values_are_refused_without_a_tree() {
    let size = admit::MAX_ENVELOPE_BYTES;
    let zeros = "0,".repeat(size / 2 - 200);
    let names: Vec<_> = (0..size / 13 - 50).map(|n| format!("\"{n:08}\":0,")).collect();
    let names = names.concat();
    let sig = json!([{ "alg": "ed25519", "key_id": "0".repeat(64), "sig": "" }]);
    let bodies = [
        (format!("{{\"a\":[{zeros}0]}}"), "not_an_envelope"),
        (format!("{{{names}\"x\":0}}"), "not_an_envelope"),
        (format!("[{zeros}0]"), "not_an_envelope"),
        (
            format!("{{\"kind\":\"cvr/v1\",\"payload\":[{zeros}0],\"signatures\":{sig}}}"),
            "not_an_envelope",
        ),
        (
            format!("{{\"kind\":\"cvr/v1\",\"payload\":{{}},\"signatures\":[{zeros}0]}}"),
            "not_an_envelope",
        ),
        // An envelope, but no charter.
        (
            format!(
                "{{\"kind\":\"cvr/v1\",\"payload\":{{\"a\":[{zeros}0]}},\"signatures\":{sig}}}"
            ),
            "first_not_charter",
        ),
    ];
    let before = high_water();
    for (body, code) in &bodies {
        assert!(body.len() > size - 1000 && body.len() <= size, "{}", body.len());
        assert_eq!(admit::found(body.as_bytes()).unwrap_err().code(), *code);
    }
    let grown = high_water() - before;
    assert!(grown < size, "{grown} bytes for bodies of {size}");
}
