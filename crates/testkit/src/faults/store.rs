//! An object store in memory that knows what is durable, and keeps everything it was ever given.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use service::store::{Barrier, Store};

use super::{Choices, Crash, Faults, forgotten, left};

/// A store in memory. Clones share it.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    faults: Faults,
    /// Before the paths in the names of write points, to tell stores apart.
    prefix: &'static str,
}

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<String, Bytes>,
    /// Objects created since the last barrier.
    volatile: BTreeSet<String>,
    /// Objects that a failed barrier has forgotten: they are shown, and no later one covers them.
    forgotten: BTreeSet<String>,
    /// Everything that was ever written or tried, done or not.
    tried: Vec<(String, Bytes)>,
}

impl MemoryStore {
    /// An empty store whose writes go by `faults`.
    pub fn new(faults: &Faults, prefix: &'static str) -> Self {
        Self { state: Arc::default(), faults: faults.clone(), prefix }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store as a server uses it.
    pub fn store(&self) -> Store {
        let part = |is_durable| Arc::new(Part { store: self.clone(), is_durable });
        Store::over(part(false), part(true), Arc::new(self.clone()))
    }

    /// All objects.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let state = self.state();
        state.objects.iter().map(|(path, bytes)| (path.clone(), bytes.to_vec())).collect()
    }

    /// Everything that was ever given to be written at a path, in order, done or not.
    pub fn tried(&self, path: &str) -> Vec<Vec<u8>> {
        let state = self.state();
        let tried = state.tried.iter().filter(|(tried, _)| tried == path);
        tried.map(|(_, bytes)| bytes.to_vec()).collect()
    }

    /// Puts bytes there behind everybody's back.
    pub fn tamper(&self, path: &str, bytes: Option<&[u8]>) {
        let mut state = self.state();
        match bytes {
            Some(bytes) => {
                state.objects.insert(path.to_owned(), Bytes::copy_from_slice(bytes));
            }
            None => {
                state.objects.remove(path);
            }
        }
    }

    /// What is left of it after a crash, for a process whose writes go by `faults`.
    #[must_use]
    pub fn after(&self, crash: Crash, faults: &Faults) -> Self {
        let state = self.state();
        let mut objects = state.objects.clone();
        let mut volatile = state.volatile.clone();
        let mut lost = state.forgotten.clone();
        if let Crash::PowerCut(seed) = crash {
            let mut choices = Choices::new(seed);
            for path in std::mem::take(&mut lost) {
                volatile.remove(&path);
                let bytes = objects.remove(&path);
                if let Some(bytes) = bytes.and_then(|bytes| forgotten(&bytes, &mut choices)) {
                    objects.insert(path, bytes.into());
                }
            }
            for path in std::mem::take(&mut volatile) {
                let bytes = objects.remove(&path);
                if let Some(bytes) = bytes.and_then(|bytes| left(&bytes, &mut choices)) {
                    objects.insert(path, bytes.into());
                }
            }
        }
        let state = State { objects, volatile, forgotten: lost, tried: state.tried.clone() };
        Self { state: Arc::new(Mutex::new(state)), faults: faults.clone(), prefix: self.prefix }
    }

    fn put(&self, path: &str, bytes: Bytes, mode: &PutMode, is_durable: bool) -> Result<()> {
        self.state().tried.push((path.to_owned(), bytes.clone()));
        let mut exists = false;
        let put = || {
            let mut state = self.state();
            exists = *mode == PutMode::Create && state.objects.contains_key(path);
            if !exists {
                state.objects.insert(path.to_owned(), bytes);
                state.forgotten.remove(path);
                if is_durable {
                    state.volatile.remove(path);
                } else {
                    state.volatile.insert(path.to_owned());
                }
            }
            Ok(())
        };
        let what = format!("put {}{path}", self.prefix);
        self.faults.write(&what, put, || {}).map_err(generic)?;
        if exists {
            let source = Box::new(io::Error::from(io::ErrorKind::AlreadyExists));
            return Err(Error::AlreadyExists { path: path.to_owned(), source });
        }
        Ok(())
    }

    /// A copy of one object, or of all, for the parts of the interface that only read.
    async fn reader(&self) -> Result<InMemory> {
        self.faults.alive().map_err(generic)?;
        let memory = InMemory::new();
        let objects = self.state().objects.clone();
        for (path, bytes) in objects {
            let path = Path::parse(path).expect("a path that was written");
            memory.put_opts(&path, bytes.into(), PutOptions::default()).await?;
        }
        Ok(memory)
    }
}

impl Barrier for MemoryStore {
    fn sync(&self) -> io::Result<()> {
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

    fn can_tear(&self) -> bool {
        true
    }
}

pub(super) fn generic(error: io::Error) -> Error {
    Error::Generic { store: "memory", source: Box::new(error) }
}

pub(super) fn not_offered(operation: &str) -> Error {
    Error::NotImplemented { operation: operation.to_owned(), implementer: "memory".to_owned() }
}

/// The store as `object_store`'s interface: for writes that a barrier makes durable, or for those
/// that are durable at once.
#[derive(Debug)]
struct Part {
    store: MemoryStore,
    is_durable: bool,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}

#[async_trait]
impl ObjectStore for Part {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let bytes = Bytes::from(payload);
        self.store.put(location.as_ref(), bytes, &options.mode, self.is_durable)?;
        Ok(PutResult {
            e_tag: None,
            version: None,
            extensions: object_store::Extensions::default(),
        })
    }

    async fn put_multipart_opts(
        &self,
        _: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Err(not_offered("put_multipart_opts"))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.store.faults.alive().map_err(generic)?;
        let memory = InMemory::new();
        let bytes = self.store.state().objects.get(location.as_ref()).cloned();
        if let Some(bytes) = bytes {
            memory.put_opts(location, bytes.into(), PutOptions::default()).await?;
        }
        memory.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        use futures::StreamExt;
        locations.map(|_| Err(not_offered("delete"))).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        use futures::{FutureExt, StreamExt, TryStreamExt};
        let (store, prefix) = (self.store.clone(), prefix.cloned());
        let listed = async move { Ok::<_, Error>(store.reader().await?.list(prefix.as_ref())) };
        listed.boxed().into_stream().try_flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.store.reader().await?.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(not_offered("copy"))
    }
}
