use super::*;

fn folder() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::folder(&folder.path().join("published"), Before::MayBeKilled).unwrap();
    (folder, store)
}

/// A store whose writes are whole and durable at once, as a cloud's are.
struct Sure;

impl Barrier for Sure {
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn can_tear(&self) -> bool {
        false
    }
}

fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn new(path: &str, bytes: impl Into<Bytes>, may_replace: bool) -> NewObject {
    NewObject { path: path.to_owned(), bytes: bytes.into(), may_replace }
}

#[tokio::test]
async fn an_object_is_created_once_and_never_changed() {
    let (_folder, store) = folder();
    let path = "tile/0/x001/234.p/5";
    assert_eq!(store.put_immutable(path, bytes("one")).await.unwrap(), Put::Created);
    assert_eq!(store.put_immutable(path, bytes("one")).await.unwrap(), Put::Same);
    for other in ["two", "on", "one more", ""] {
        let outcome = store.put_immutable(path, bytes(other)).await;
        assert!(matches!(outcome, Err(StoreError::Different { .. })), "{other}");
    }
    assert_eq!(store.get(path, 100).await.unwrap().unwrap(), bytes("one"));
    store.barrier().await.unwrap();
}

#[tokio::test]
async fn many_objects_have_answers_of_their_own() {
    let (_folder, store) = folder();
    let memory = Arc::new(object_store::memory::InMemory::new());
    for store in [store, Store::over(memory.clone(), memory, Arc::new(Sure))] {
        store.put_immutable("artifact/07", bytes("seven")).await.unwrap();
        let objects = (0..100).map(|n| new(&format!("artifact/{n:02}"), vec![n; 9], false));
        let answers = store.put_all_new(objects.collect()).await;
        for (n, answer) in answers.iter().enumerate() {
            match n {
                7 => assert!(matches!(answer, Err(StoreError::Different { .. }))),
                _ => assert!(matches!(answer, Ok(Put::Created)), "{n}: {answer:?}"),
            }
        }
        assert_eq!(answers.len(), 100);
        assert_eq!(store.get("artifact/07", 9).await.unwrap().unwrap(), bytes("seven"));
        assert_eq!(store.get("artifact/99", 9).await.unwrap().unwrap(), [99; 9][..]);
    }
}

/// Many at one time go past the object store, which must make no difference.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn files_made_by_the_writer_are_like_any_others() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, store) = folder();
    let put = async |path: &str, text| {
        let answers = store.put_all_new(vec![new(path, text, false)]).await;
        answers.into_iter().next().unwrap()
    };
    // The folder is not there yet; then it is.
    assert_eq!(put("artifact/aa", "one").await.unwrap(), Put::Created);
    assert_eq!(put("artifact/bb", "two").await.unwrap(), Put::Created);
    assert_eq!(put("artifact/bb", "two").await.unwrap(), Put::Same);
    assert!(matches!(put("artifact/bb", "2").await, Err(StoreError::Different { .. })));
    assert_eq!(put("artifact/cc", "").await.unwrap(), Put::Created);
    for path in ["../secret", "../published/artifact/dd", "artifact/../../secret", "artifact//x"] {
        assert!(put(path, "x").await.is_err(), "{path}");
    }
    assert_eq!(store.get("artifact/bb", 99).await.unwrap().unwrap(), bytes("two"));
    store.put_immutable("artifact/dd", bytes("one")).await.unwrap();
    let published = folder.path().join("published/artifact");
    let mode = |name| std::fs::metadata(published.join(name)).unwrap().permissions().mode();
    assert_eq!(mode("cc"), mode("dd"));
    assert_eq!(std::fs::read_dir(&published).unwrap().count(), 4);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_behind_a_link_is_left_to_the_object_store() {
    let (folder, store) = folder();
    let elsewhere = folder.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, folder.path().join("published/artifact")).unwrap();
    let answers = store.put_all_new(vec![new("artifact/aa", "one", false)]).await;
    assert_eq!(*answers[0].as_ref().unwrap(), Put::Created);
    assert_eq!(std::fs::read(elsewhere.join("aa")).unwrap(), b"one");
}

#[tokio::test]
async fn what_a_killed_process_staged_is_removed() {
    let (folder, store) = folder();
    store.put_immutable("artifact/aa", bytes("whole")).await.unwrap();
    drop(store);
    let published = folder.path().join("published");
    std::fs::write(published.join("artifact/bb#1"), "half").unwrap();
    std::fs::write(published.join("checkpoint#12"), "half").unwrap();
    drop(Store::folder(&published, Before::EndedInOrder).unwrap());
    assert!(published.join("artifact/bb#1").exists(), "nobody looks after an end in good order");
    let store = Store::folder(&published, Before::MayBeKilled).unwrap();
    assert!(!published.join("artifact/bb#1").exists() && !published.join("checkpoint#12").exists());
    assert_eq!(store.get("artifact/aa", 9).await.unwrap().unwrap(), bytes("whole"));
}

#[test]
fn a_folder_has_one_store_and_what_that_writes_stays() {
    let (folder, store) = folder();
    let published = folder.path().join("published");
    let staged = published.join("checkpoint#1");
    std::fs::write(&staged, "under way").unwrap();
    let refused = Store::folder(&published, Before::MayBeKilled).unwrap_err();
    assert!(matches!(refused, StoreError::Held { .. }), "{refused}");
    assert!(staged.exists());
    let clone = store.clone();
    drop(store);
    Store::folder(&published, Before::MayBeKilled).unwrap_err();
    drop(clone);
    Store::folder(&published, Before::MayBeKilled).unwrap();
    // The lock is no file among the objects.
    assert_eq!(std::fs::read_dir(&published).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn what_is_withheld_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &FilePath| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let withheld = folder.path().join("withheld");
    Store::private_folder(&withheld, Before::MayBeKilled).unwrap();
    assert_eq!(mode(&withheld), 0o700);
}

/// What a power cut leaves of an object: nothing of it, a beginning, zeros of its length, or what
/// stood on the disk before.
const LEFT: [&[u8]; 5] = [b"", b"wh", &[0; 5], b"other", b"something longer"];

#[tokio::test]
async fn what_a_power_cut_left_is_replaced_and_what_may_be_cited_is_not() {
    let (folder, store) = folder();
    let path = "artifact/aa";
    store.put_immutable(path, bytes("whole")).await.unwrap();
    let file = folder.path().join("published/artifact/aa");
    for left in LEFT {
        for at_one_time in [false, true] {
            let put = async |may_replace| {
                let object = new(path, "whole", may_replace);
                if at_one_time {
                    store.put_all_new(vec![object]).await.remove(0)
                } else {
                    store.put_new(object).await
                }
            };
            std::fs::write(&file, left).unwrap();
            let kept = put(false).await;
            assert!(matches!(kept, Err(StoreError::Different { .. })), "{left:?}");
            assert_eq!(std::fs::read(&file).unwrap(), left);
            assert_eq!(put(true).await.unwrap(), Put::Replaced, "{left:?}");
            assert_eq!(std::fs::read(&file).unwrap(), b"whole");
            assert_eq!(put(true).await.unwrap(), Put::Same);
        }
    }
}

#[tokio::test]
async fn a_store_that_cannot_tear_replaces_nothing() {
    let memory = Arc::new(object_store::memory::InMemory::new());
    let store = Store::over(memory.clone(), memory, Arc::new(Sure));
    store.put_immutable("a", bytes("on")).await.unwrap();
    let refused = store.put_new(new("a", "one", true)).await;
    assert!(matches!(refused, Err(StoreError::Different { .. })));
    assert_eq!(store.get("a", 9).await.unwrap().unwrap(), bytes("on"));
}

#[tokio::test]
async fn a_mutable_object_is_replaced() {
    let (_folder, store) = folder();
    store.put_mutable("checkpoint", bytes("one")).await.unwrap();
    store.put_mutable("checkpoint", bytes("two")).await.unwrap();
    assert_eq!(store.get("checkpoint", 3).await.unwrap().unwrap(), bytes("two"));
}

#[tokio::test]
async fn reading_is_bounded_and_tells_absence() {
    let (_folder, store) = folder();
    assert!(store.get("none", 10).await.unwrap().is_none());
    assert!(store.open("none").await.unwrap().is_none());
    assert!(store.size("none").await.unwrap().is_none());
    store.put_immutable("artifact/00", bytes("12345")).await.unwrap();
    let refused = store.get("artifact/00", 4).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { size: 5, most: 4, .. })));
    assert_eq!(store.size("artifact/00").await.unwrap(), Some(5));
    let object = store.open("artifact/00").await.unwrap().unwrap();
    let read: Vec<Bytes> = object.bytes.try_collect().await.unwrap();
    assert_eq!((object.size, read.concat().as_slice()), (5, b"12345".as_slice()));
    let listed: Vec<(String, u64)> = store.list().try_collect().await.unwrap();
    assert_eq!(listed, [("artifact/00".to_owned(), 5)]);
}

#[tokio::test]
async fn a_path_that_leaves_the_store_is_refused() {
    let (folder, store) = folder();
    std::fs::write(folder.path().join("secret"), "x").unwrap();
    for path in ["../secret", "a/../../secret", "/../secret", "a//b"] {
        assert!(store.get(path, 10).await.is_err(), "{path}");
    }
}
