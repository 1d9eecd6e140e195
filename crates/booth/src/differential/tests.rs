use std::path::Path;

use serde_json::Value;

mod bursts;
mod day;
mod false_alarms;
mod found;
mod gaps;
mod series;
mod statistics;

fn vector(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/differential");
    std::fs::read(folder.join(name)).unwrap()
}

fn real_of(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn reals(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(real_of).collect()
}

fn assert_close(found: f64, expected: f64, what: &str) {
    let error = (found - expected).abs();
    assert!(error <= 1e-9 * expected.abs().max(1.0), "{what}: {found}, expected {expected}");
}
