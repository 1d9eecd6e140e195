//! The same faults where a server keeps its objects: in a folder, whose calls fail one by one.
//!
//! ```text
//! open     openat, O_TMPFILE       a file without a name
//! write    write
//! link     linkat                  its name
//! put      by the object store: a staging name, a hard link or a rename
//! barrier  syncfs
//! ```

use testkit::faults::{Crash, Fault, Kind, Point};

use crate::faults::{Script, survive};

/// Whether a call makes an object that only a barrier makes durable.
fn is_volatile(point: &Point) -> bool {
    let Some((call, path)) = point.what.split_once(' ') else { return false };
    let path = path.strip_prefix("withheld ").unwrap_or(path);
    match call {
        "write" => path.starts_with("artifact/"),
        "link" => true,
        "put" => !path.starts_with("checkpoint"),
        _ => false,
    }
}

/// Every call that makes an object was met.
fn meets_each_call(points: &[Point]) {
    let artifact: &[&str] = if cfg!(target_os = "linux") {
        &["open artifact/", "write artifact/", "link artifact/"]
    } else {
        &["put artifact/"]
    };
    for what in [artifact, &["put leaf/", "put tile/", "put checkpoint", "barrier "]].concat() {
        assert!(points.iter().any(|point| point.what.starts_with(what)), "{what}");
    }
}

#[tokio::test]
async fn one_fault_at_every_call_of_a_folder() {
    let script = Script::new_log(Kind::Folder, false);
    let points = script.points().await;
    meets_each_call(&points);
    let mut hits = 0;
    for (number, point) in points.iter().enumerate() {
        for (other, fault) in Fault::ALL.into_iter().enumerate() {
            let crash = match (number + other) % 2 {
                0 => Crash::Kill,
                _ => Crash::PowerCut(number as u64),
            };
            hits += u32::from(survive(&script, (point, fault), crash, None).await);
        }
    }
    assert!(hits as usize > points.len() * Fault::ALL.len() * 9 / 10, "{hits}");
}

/// Each call that no barrier has made durable yet is told as done, and a power cut takes it back:
/// there is no such file, or it holds zeros.
#[tokio::test]
async fn each_call_of_a_folder_is_taken_back_by_a_power_cut() {
    let script = Script::new_log(Kind::Folder, false);
    let points = script.points().await;
    let volatile: Vec<_> = points.iter().filter(|point| is_volatile(point)).collect();
    let mut hits = 0;
    for (number, point) in volatile.iter().enumerate() {
        let crash = Crash::PowerCut(number as u64);
        hits += u32::from(survive(&script, (point, Fault::TakenBack), crash, None).await);
    }
    assert!(volatile.len() > 20 && hits as usize > volatile.len() * 9 / 10, "{hits}");
}

#[tokio::test]
async fn one_fault_at_every_call_of_a_folder_with_a_full_bundle() {
    let script = Script::at_a_full_bundle(Kind::Folder).await;
    let points = script.points().await;
    meets_each_call(&points);
    let names = ["withheld ", "tile/0/000", "tile/1/", "entries/000", "leaf/000"];
    let new = points.iter().filter(|point| names.iter().any(|name| point.what.contains(name)));
    for (number, point) in new.enumerate() {
        let fault = if is_volatile(point) && number % 2 == 0 {
            Fault::TakenBack
        } else {
            Fault::ALL[number % Fault::ALL.len()]
        };
        survive(&script, (point, fault), Crash::PowerCut(number as u64), None).await;
    }
}
