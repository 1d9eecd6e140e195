use std::io::Read;

use bytes::Bytes;
use futures::executor::block_on;
use service::disk::Disk;
use service::store::{NewObject, Put, StoreError};

use super::*;

fn script(disk: &MemoryDisk) -> io::Result<()> {
    let mut file = disk.create("a")?;
    disk.sync_names()?;
    file.append(b"0123")?;
    file.sync()?;
    file.append(b"4567")?;
    disk.remove("a")
}

#[test]
fn every_write_of_a_run_is_a_point() {
    let faults = Faults::none();
    script(&MemoryDisk::new(&faults)).unwrap();
    let points: Vec<_> =
        faults.points().into_iter().map(|p| format!("{} {}", p.what, p.nth)).collect();
    let expected =
        ["create a 0", "remove a 0", "sync a 0", "sync folder 0", "write a 0", "write a 1"];
    assert_eq!(points, expected);
}

#[test]
fn each_fault_does_what_it_says() {
    let point = Point { what: "write a".to_owned(), nth: 1 };
    let expected: [(Fault, &[u8], bool); 5] = [
        (Fault::Lost, b"0123", false),
        (Fault::Reported, b"01234567", false),
        (Fault::DiesBefore, b"0123", true),
        (Fault::DiesWithin, b"012345", true),
        (Fault::DiesAfter, b"01234567", true),
    ];
    for (fault, content, is_dead) in expected {
        let faults = Faults::at(&point, fault);
        let disk = MemoryDisk::new(&faults);
        assert!(script(&disk).is_err(), "{fault:?}");
        assert!(faults.hit());
        assert_eq!(faults.is_dead(), is_dead, "{fault:?}");
        assert_eq!(disk.names().is_err(), is_dead, "{fault:?}");
        let left = disk.after(Crash::Kill, &Faults::none());
        let mut bytes = Vec::new();
        left.read("a").unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, content, "{fault:?}");
    }
}

#[test]
fn a_power_cut_keeps_what_is_durable_and_nothing_is_sure_of_the_rest() {
    let disk = MemoryDisk::new(&Faults::none());
    let mut file = disk.create("a").unwrap();
    disk.sync_names().unwrap();
    file.append(b"0123").unwrap();
    file.sync().unwrap();
    file.append(b"4567").unwrap();
    disk.create("b").unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..100 {
        let content = disk.after(Crash::PowerCut(seed), &Faults::none()).content();
        assert!(content["a"].starts_with(b"0123"), "{content:?}");
        seen.insert((content["a"].len(), content.contains_key("b")));
    }
    assert_eq!(seen.len(), 10, "five lengths, with b and without: {seen:?}");
}

#[test]
fn a_killed_process_makes_nothing_durable() {
    let disk = MemoryDisk::new(&Faults::none());
    let mut file = disk.create("a").unwrap();
    disk.sync_names().unwrap();
    file.append(b"0123").unwrap();
    let left = disk.after(Crash::Kill, &Faults::none());
    assert_eq!(left.content()["a"], b"0123");
    let lengths = |disk: &MemoryDisk| {
        let cut = |seed| disk.after(Crash::PowerCut(seed), &Faults::none()).content()["a"].len();
        (0..100).map(cut).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(lengths(&left).len(), 5);
    left.open("a", 4).unwrap().sync().unwrap();
    assert_eq!(lengths(&left), [4].into());
}

#[test]
fn what_a_failed_sync_forgot_no_later_one_covers_until_it_is_written_anew() {
    let point = Point { what: "sync a".to_owned(), nth: 1 };
    assert!(point.is_sync());
    let disk = MemoryDisk::new(&Faults::at(&point, Fault::Forgotten));
    let mut file = disk.create("a").unwrap();
    disk.sync_names().unwrap();
    file.append(b"0123").unwrap();
    file.sync().unwrap();
    file.append(b"4567").unwrap();
    file.sync().unwrap_err();
    file.append(b"89").unwrap();
    file.sync().unwrap();
    assert_eq!(disk.after(Crash::Kill, &Faults::none()).content()["a"], b"0123456789");
    for seed in 0..20 {
        let cut = disk.after(Crash::PowerCut(seed), &Faults::none());
        assert_eq!(cut.content()["a"], b"0123\0\0\0\089");
    }
    service::disk::write_anew(&disk, "a").unwrap();
    let cut = disk.after(Crash::PowerCut(0), &Faults::none());
    assert_eq!(cut.content(), [("a".to_owned(), b"0123456789".to_vec())].into());
}

#[test]
fn a_new_name_that_is_not_durable_may_be_the_old_file() {
    let disk = MemoryDisk::new(&Faults::none());
    for (name, bytes) in [("a", b"old"), ("b", b"new")] {
        let mut file = disk.create(name).unwrap();
        file.append(bytes).unwrap();
        file.sync().unwrap();
    }
    disk.sync_names().unwrap();
    disk.rename("b", "a").unwrap();
    assert_eq!(disk.content(), [("a".to_owned(), b"new".to_vec())].into());
    let cut = |seed| disk.after(Crash::PowerCut(seed), &Faults::none()).content()["a"].clone();
    let seen: std::collections::BTreeSet<_> = (0..20).map(cut).collect();
    assert_eq!(seen, [b"old".to_vec(), b"new".to_vec()].into());
    disk.sync_names().unwrap();
    let cut = |seed| disk.after(Crash::PowerCut(seed), &Faults::none()).content()["a"].clone();
    assert!((0..20).all(|seed| cut(seed) == b"new"));
}

#[test]
fn what_a_failed_barrier_forgot_no_later_one_covers() {
    let point = Point { what: "barrier ".to_owned(), nth: 0 };
    for kind in [Kind::Memory, Kind::Folder] {
        let left = FaultyStore::new(kind, &Faults::at(&point, Fault::Forgotten), "");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = left.store();
            for path in ["one", "two"] {
                store.put_immutable(path, Bytes::from_static(b"11")).await.unwrap();
            }
            assert!(store.barrier().await.is_err());
            store.barrier().await.unwrap();
            // As a durable write replaces it.
            store.put_mutable("two", Bytes::from_static(b"11")).await.unwrap();
        });
        assert_eq!(left.objects()["one"], b"11");
        for seed in 0..9 {
            let cut = left.after(Crash::PowerCut(seed), &Faults::none()).objects();
            assert_eq!(cut["two"], b"11");
            assert!(cut.get("one").is_none_or(|bytes| *bytes == [0, 0]), "{cut:?}");
        }
    }
}

#[test]
fn a_barrier_makes_objects_durable() {
    let faults = Faults::none();
    let memory = MemoryStore::new(&faults, "");
    let store = memory.store();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        store.put_immutable("one", Bytes::from_static(b"1")).await.unwrap();
        store.barrier().await.unwrap();
        store.put_immutable("two", Bytes::from_static(b"22")).await.unwrap();
        store.put_mutable("three", Bytes::from_static(b"3")).await.unwrap();
    });
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..100 {
        let left = memory.after(Crash::PowerCut(seed), &Faults::none()).objects();
        assert_eq!((&left["one"], &left["three"]), (&b"1".to_vec(), &b"3".to_vec()));
        seen.insert(left.get("two").cloned());
    }
    for kept in [None, Some(vec![]), Some(b"2".to_vec()), Some(vec![0, 0]), Some(b"22".to_vec())] {
        assert!(seen.contains(&kept), "{kept:?}");
    }
    let others = seen.into_iter().flatten().filter(|bytes| !b"22".starts_with(bytes));
    assert!(others.count() > 3, "other bytes too");
}

#[test]
fn a_store_is_created_once_and_tells_what_was_tried() {
    let point = Point { what: "put one".to_owned(), nth: 1 };
    let faults = Faults::at(&point, Fault::Lost);
    let memory = MemoryStore::new(&faults, "");
    let store = memory.store();
    block_on(async {
        store.put_immutable("one", Bytes::from_static(b"1")).await.unwrap();
        let lost = store.put_immutable("one", Bytes::from_static(b"1")).await.unwrap_err();
        assert!(matches!(lost, StoreError::Object { .. }), "{lost}");
        let other = store.put_immutable("one", Bytes::from_static(b"2")).await.unwrap_err();
        assert!(matches!(other, StoreError::Different { .. }), "{other}");
        assert_eq!(store.get("one", 9).await.unwrap().unwrap(), "1");
    });
    assert_eq!(memory.tried("one"), [b"1", b"1", b"2"].map(|bytes| bytes.to_vec()));
}

/// Creates two objects, one after the other, and makes them durable: what is told of the second,
/// and of the barrier.
#[cfg(target_os = "linux")]
fn two_objects(folder: &FolderStore) -> (Result<Put, StoreError>, Result<(), StoreError>) {
    let new = |path: &str| NewObject {
        path: path.to_owned(),
        bytes: Bytes::from_static(b"bytes"),
        may_replace: false,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = folder.store();
        store.put_all_new(vec![new("artifact/aa")]).await.remove(0).unwrap();
        (store.put_all_new(vec![new("artifact/bb")]).await.remove(0), store.barrier().await)
    })
}

/// The first object makes its subfolder, which the object store does.
#[cfg(target_os = "linux")]
#[test]
fn each_call_of_a_folder_is_a_point() {
    let faults = Faults::none();
    let (put, barrier) = two_objects(&FolderStore::new(&faults, ""));
    assert!(put.is_ok() && barrier.is_ok());
    let points: Vec<_> = faults.points().into_iter().map(|point| point.what).collect();
    let expected = [
        "barrier ",
        "link artifact/bb",
        "open artifact/bb",
        "put artifact/aa",
        "write artifact/bb",
    ];
    assert_eq!(points, expected);
}

#[cfg(target_os = "linux")]
#[test]
fn a_power_cut_takes_back_what_no_barrier_covered() {
    for (what, left) in [("link artifact/bb", None), ("write artifact/bb", Some(vec![0; 5]))] {
        let faults = Faults::at(&Point { what: what.to_owned(), nth: 0 }, Fault::TakenBack);
        let folder = FolderStore::new(&faults, "");
        let (put, barrier) = two_objects(&folder);
        assert_eq!(put.unwrap(), Put::Created, "{what}");
        assert!(barrier.is_err() && faults.is_dead(), "{what}");
        let killed = folder.after(Crash::Kill, &Faults::none());
        assert_eq!(killed.objects()["artifact/bb"], b"bytes");
        let cut = killed.after(Crash::PowerCut(0), &Faults::none());
        assert_eq!(cut.objects().remove("artifact/bb"), left, "{what}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_barrier_of_a_folder_covered_stays() {
    let folder = FolderStore::new(&Faults::none(), "");
    let (put, barrier) = two_objects(&folder);
    assert_eq!((put.unwrap(), barrier.is_ok()), (Put::Created, true));
    for seed in 0..20 {
        let cut = folder.after(Crash::PowerCut(seed), &Faults::none());
        assert_eq!(cut.objects().len(), 2);
    }
}
