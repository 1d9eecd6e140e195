//! A real folder whose calls fail, and which knows what a power cut would leave of it.
//!
//! The store over it is the one that a server opens: its lock, its writer thread, its files without
//! names and its barrier. Nothing is really synced; what would be is remembered instead.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use object_store::path::Path as ObjectPath;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use service::store::{Before, FolderCalls, Store, SystemCalls};
use tempfile::TempDir;

use super::store::{generic, not_offered};
use super::{Choices, Crash, Extent, Faults, forgotten, left};

/// A folder. Clones share it.
#[derive(Clone, Debug)]
pub struct FolderStore {
    folder: Arc<TempDir>,
    state: Arc<Mutex<State>>,
    faults: Faults,
    /// Before the paths in the names of write points, to tell stores apart.
    prefix: &'static str,
}

#[derive(Clone, Debug, Default)]
struct State {
    /// Objects created since the last barrier.
    volatile: BTreeSet<String>,
    /// Objects whose name or whose bytes a power cut takes back.
    nameless: BTreeSet<String>,
    zeroed: BTreeSet<String>,
    /// Objects that a failed barrier has forgotten: they are shown, and no later one covers them.
    forgotten: BTreeSet<String>,
    /// Everything that was ever written or tried, done or not.
    tried: Vec<(String, Bytes)>,
}

impl FolderStore {
    /// An empty folder whose calls go by `faults`.
    ///
    /// # Panics
    /// If the real folder fails.
    pub fn new(faults: &Faults, prefix: &'static str) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        Self { folder, state: Arc::default(), faults: faults.clone(), prefix }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The store as a server opens it after a crash.
    ///
    /// # Panics
    /// If the real folder fails.
    pub fn store(&self) -> Store {
        let calls = Arc::new(self.clone());
        Store::folder_by(self.folder.path(), Before::MayBeKilled, calls).expect("a store")
    }

    /// All objects.
    ///
    /// # Panics
    /// If the real folder fails.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let mut objects = BTreeMap::new();
        for path in files_below(self.folder.path()) {
            if !path.contains('#') {
                let bytes = fs::read(self.file(&path)).expect("an object");
                objects.insert(path, bytes);
            }
        }
        objects
    }

    /// Everything that was ever given to be written at a path, in order, done or not.
    pub fn tried(&self, path: &str) -> Vec<Vec<u8>> {
        let state = self.state();
        let tried = state.tried.iter().filter(|(tried, _)| tried == path);
        tried.map(|(_, bytes)| bytes.to_vec()).collect()
    }

    /// Puts bytes there behind everybody's back.
    ///
    /// # Panics
    /// If the real folder fails.
    pub fn tamper(&self, path: &str, bytes: Option<&[u8]>) {
        let file = self.file(path);
        // Not in place: a file may have a name in another folder too.
        let _ = fs::remove_file(&file);
        if let Some(bytes) = bytes {
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, bytes).expect("an object");
        }
    }

    /// What is left of it after a crash, for a process whose calls go by `faults`.
    ///
    /// # Panics
    /// If the real folder fails.
    #[must_use]
    pub fn after(&self, crash: Crash, faults: &Faults) -> Self {
        let left_over = Self { state: Arc::default(), ..Self::new(faults, self.prefix) };
        for path in files_below(self.folder.path()) {
            let (from, to) = (self.file(&path), left_over.file(&path));
            fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            // No file is ever changed in place, so a second name will do.
            fs::hard_link(from, to).expect("a second name");
        }
        let mut state = self.state().clone();
        if let Crash::PowerCut(seed) = crash {
            let mut choices = Choices::new(seed);
            for path in std::mem::take(&mut state.forgotten) {
                let Ok(bytes) = fs::read(self.file(&path)) else { continue };
                state.volatile.remove(&path);
                left_over.tamper(&path, forgotten(&bytes, &mut choices).as_deref());
            }
            for path in std::mem::take(&mut state.volatile) {
                let Ok(bytes) = fs::read(self.file(&path)) else { continue };
                let kept = match &path {
                    path if state.nameless.contains(path) => None,
                    path if state.zeroed.contains(path) => Some(vec![0; bytes.len()]),
                    _ => left(&bytes, &mut choices),
                };
                left_over.tamper(&path, kept.as_deref());
            }
            state = State { tried: state.tried, ..State::default() };
        }
        *left_over.state() = state;
        left_over
    }

    /// Makes a call, and notes what a power cut would undo.
    fn call<T>(
        &self,
        (name, path): (&str, &str),
        whole: impl FnOnce() -> io::Result<T>,
        half: impl FnOnce(),
    ) -> io::Result<T> {
        let what = format!("{name} {}{path}", self.prefix);
        self.faults.write(&what, whole, half)
    }
}

/// The paths of all files in a folder and below, from the folder on.
fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a plain name");
        if entry.file_type().expect("a type").is_dir() {
            let below = files_below(&entry.path());
            found.extend(below.into_iter().map(|path| format!("{name}/{path}")));
        } else {
            found.push(name);
        }
    }
    found
}

impl FolderCalls for FolderStore {
    fn objects(&self, folder: &Path, is_durable: bool) -> Result<Arc<dyn ObjectStore>> {
        let objects = SystemCalls.objects(folder, false)?;
        Ok(Arc::new(Part { folder: self.clone(), objects, is_durable }))
    }

    fn one_sync_is_enough(&self, _: &File, _: &Path) -> io::Result<bool> {
        Ok(true)
    }

    fn sync(&self, _: &File) -> io::Result<()> {
        let sync = || {
            self.state().volatile.clear();
            Ok(())
        };
        let forget = || {
            let mut state = self.state();
            let volatile = std::mem::take(&mut state.volatile);
            state.forgotten.extend(volatile);
        };
        self.faults.sync(&format!("barrier {}", self.prefix), sync, forget)
    }

    fn open_nameless(&self, subfolder: &File, path: &str) -> io::Result<File> {
        self.call(("open", path), || SystemCalls.open_nameless(subfolder, path), || {})
    }

    fn write(&self, file: &mut File, path: &str, bytes: &[u8]) -> io::Result<()> {
        let what = format!("write {}{path}", self.prefix);
        let course = self.faults.next(&what)?;
        let part = match course.extent {
            Extent::Nothing => &[],
            Extent::Half => &bytes[..bytes.len() / 2],
            Extent::Whole => bytes,
        };
        SystemCalls.write(file, path, part)?;
        if course.is_taken_back {
            self.state().zeroed.insert(path.to_owned());
        }
        self.state().tried.push((path.to_owned(), Bytes::copy_from_slice(bytes)));
        course.tell(&what)
    }

    fn link(&self, file: &File, subfolder: &File, path: &str) -> io::Result<()> {
        let what = format!("link {}{path}", self.prefix);
        let course = self.faults.next(&what)?;
        if course.extent == Extent::Whole {
            SystemCalls.link(file, subfolder, path)?;
            let mut state = self.state();
            state.forgotten.remove(path);
            state.volatile.insert(path.to_owned());
            if course.is_taken_back {
                state.nameless.insert(path.to_owned());
            }
        }
        course.tell(&what)
    }
}

/// What is not done by the calls above: staging names, hard links and renames, all of one write a
/// point.
#[derive(Debug)]
struct Part {
    folder: FolderStore,
    objects: Arc<dyn ObjectStore>,
    is_durable: bool,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("folder")
    }
}

#[async_trait]
impl ObjectStore for Part {
    async fn put_opts(
        &self,
        location: &ObjectPath,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let (folder, path) = (&self.folder, location.as_ref());
        folder.state().tried.push((path.to_owned(), payload.clone().into()));
        let what = format!("put {}{path}", folder.prefix);
        let course = folder.faults.next(&what).map_err(generic)?;
        let mut result = PutResult {
            e_tag: None,
            version: None,
            extensions: object_store::Extensions::default(),
        };
        match course.extent {
            Extent::Nothing => {}
            Extent::Half => {
                // As a process that is killed leaves it.
                let bytes = Bytes::from(payload);
                folder.tamper(&format!("{path}#1"), Some(&bytes[..bytes.len() / 2]));
            }
            Extent::Whole => {
                result = self.objects.put_opts(location, payload, options).await?;
                let mut state = folder.state();
                state.forgotten.remove(path);
                if self.is_durable {
                    state.volatile.remove(path);
                } else {
                    state.volatile.insert(path.to_owned());
                }
                if course.is_taken_back {
                    state.nameless.insert(path.to_owned());
                }
            }
        }
        course.tell(&what).map_err(generic)?;
        Ok(result)
    }

    async fn put_multipart_opts(
        &self,
        _: &ObjectPath,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Err(not_offered("put_multipart_opts"))
    }

    async fn get_opts(&self, location: &ObjectPath, options: GetOptions) -> Result<GetResult> {
        self.folder.faults.alive().map_err(generic)?;
        self.objects.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<ObjectPath>>,
    ) -> BoxStream<'static, Result<ObjectPath>> {
        locations.map(|_| Err(not_offered("delete"))).boxed()
    }

    fn list(&self, prefix: Option<&ObjectPath>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.folder.faults.alive() {
            Ok(()) => self.objects.list(prefix),
            Err(error) => futures::stream::once(async { Err(generic(error)) }).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&ObjectPath>) -> Result<ListResult> {
        self.folder.faults.alive().map_err(generic)?;
        self.objects.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, _: &ObjectPath, _: &ObjectPath, _: CopyOptions) -> Result<()> {
        Err(not_offered("copy"))
    }
}
