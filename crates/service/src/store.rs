//! Published objects: created once, never changed, and durable before anything cites them.

use std::io;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{
    Error as ObjectError, GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutPayload,
};
use tokio::sync::Semaphore;

use crate::disk::{make_folder, make_private_folder};

#[cfg(target_os = "linux")]
mod files;
mod folder;
mod system;
mod writer;

pub use system::{FolderCalls, SystemCalls};
use writer::Writer;

/// Why an object could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store failed; whether a write happened is unknown.
    #[error("{path}: {source}")]
    Object {
        /// The object.
        path: String,
        /// What the store said.
        source: ObjectError,
    },
    /// The store could not make its objects durable, or be opened.
    #[error("the store failed: {0}")]
    Io(#[from] io::Error),
    /// Another process writes the folder, or another store of this one.
    #[error("{} is in use by another process", .path.display())]
    Held {
        /// The folder.
        path: PathBuf,
    },
    /// An object that must never change already stands there with other bytes.
    #[error("{path} already stands with other bytes")]
    Different {
        /// The object.
        path: String,
    },
    /// The object is larger than the caller takes.
    #[error("{path} has {size} bytes, more than {most}")]
    TooLarge {
        /// The object.
        path: String,
        /// Its size.
        size: u64,
        /// The caller's limit.
        most: u64,
    },
}

/// What a create-only write found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The object was not there.
    Created,
    /// The object stood there with the same bytes.
    Same,
    /// Other bytes stood there, as a power cut leaves them, and were replaced.
    Replaced,
}

/// An object to be created.
#[derive(Clone, Debug)]
pub struct NewObject {
    /// Where it will stand.
    pub path: String,
    /// What it holds.
    pub bytes: Bytes,
    /// Whether it is written anew over whatever stands there. True only where a process before this
    /// one may have written it and nothing that was signed rests on it. A power cut can leave
    /// anything in the place of an object that no barrier covered: nothing, a beginning, or zeros
    /// of its length, where a file system writes sizes before bytes. And after a failed barrier,
    /// what is read there need not be on the disk, also if it is right: see [`Barrier::sync`].
    pub may_replace: bool,
}

/// Makes everything written before durable.
///
/// A cloud store's writes are durable when they return; a file system's are not, and one barrier
/// for the many small objects of a tree head costs as much as one `fsync`.
pub trait Barrier: Send + Sync {
    /// Returns when everything written before it is durable. After an error nothing is known,
    /// and it must not be tried again: the operating system forgets what it could not write. It
    /// goes on showing it, and no later barrier covers it, also in another process, unless it is
    /// written anew.
    fn sync(&self) -> io::Result<()>;
    /// Whether a power cut before the barrier can leave other bytes than were written.
    fn can_tear(&self) -> bool;
}

/// An object as it is being read.
pub struct Object {
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes.
    pub bytes: BoxStream<'static, Result<Bytes, StoreError>>,
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Object").field("size", &self.size).finish_non_exhaustive()
    }
}

/// A store of published objects. Clones share it.
#[derive(Clone)]
pub struct Store {
    /// For objects that a barrier makes durable.
    objects: Arc<dyn ObjectStore>,
    /// For objects that are durable as soon as they are written.
    durable: Arc<dyn ObjectStore>,
    barrier: Arc<dyn Barrier>,
    /// Bounds the operations that run at one time.
    places: Arc<Semaphore>,
    /// Takes many objects at one time, where a single thread is the fastest way to write them.
    writer: Option<Arc<Writer>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.objects)
    }
}

/// How the process before this one left a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It may have been killed: what it had half written is looked for, in every folder, and
    /// removed.
    MayBeKilled,
    /// It ended in good order, so nobody has to look.
    EndedInOrder,
}

/// Operations on one store that run at one time.
const AT_ONE_TIME: usize = 64;

impl Store {
    /// The folder at `path`, which is made when it is not there. It is locked until the last clone
    /// of the store is gone.
    pub fn folder(path: &FilePath, before: Before) -> Result<Self, StoreError> {
        Self::folder_by(path, before, Arc::new(SystemCalls))
    }

    /// The same by other calls than those of the operating system.
    pub fn folder_by(
        path: &FilePath,
        before: Before,
        calls: Arc<dyn FolderCalls>,
    ) -> Result<Self, StoreError> {
        make_folder(path)?;
        folder::open(path, before, calls)
    }

    /// The same, and when it is made here only its owner can look into it. If others can look into
    /// one that is there, the journal says so.
    pub fn private_folder(path: &FilePath, before: Before) -> Result<Self, StoreError> {
        make_private_folder(path)?;
        folder::open(path, before, Arc::new(SystemCalls))
    }

    /// Any object store: `objects` for what `barrier` makes durable, `durable` for what is
    /// durable when it is written. For a cloud store both are the same.
    pub fn over(
        objects: Arc<dyn ObjectStore>,
        durable: Arc<dyn ObjectStore>,
        barrier: Arc<dyn Barrier>,
    ) -> Self {
        Self {
            objects,
            durable,
            barrier,
            places: Arc::new(Semaphore::new(AT_ONE_TIME)),
            writer: None,
        }
    }

    /// Creates an object that never changes. It is durable after the next [`Store::barrier`].
    ///
    /// When it stands there already, its bytes must be the same.
    pub async fn put_immutable(&self, path: &str, bytes: Bytes) -> Result<Put, StoreError> {
        self.create(&self.objects, path, bytes, false).await
    }

    /// The same, and what stands there is written anew, durably, where the object says so and a
    /// power cut or a failed barrier can have left it.
    pub async fn put_new(&self, object: NewObject) -> Result<Put, StoreError> {
        let may_replace = object.may_replace && self.barrier.can_tear();
        self.create(&self.objects, &object.path, object.bytes, may_replace).await
    }

    /// The same for many objects, each with an answer of its own, in their order.
    pub async fn put_all_new(&self, objects: Vec<NewObject>) -> Vec<Result<Put, StoreError>> {
        let count = objects.len();
        let made = match &self.writer {
            Some(writer) => writer.create_all(objects).await,
            None => Some(objects.into_iter().map(|object| (object, false)).collect()),
        };
        let ended = || StoreError::Io(io::Error::other("the writer has ended"));
        let Some(made) = made else { return (0..count).map(|_| Err(ended())).collect() };
        // What stands there already may have to be written anew, and then waits for the disk.
        let puts = made.into_iter().map(async |(object, is_made)| {
            if is_made { Ok(Put::Created) } else { self.put_new(object).await }
        });
        stream::iter(puts).buffered(AT_ONE_TIME).collect().await
    }

    /// The same, durable when this returns: for what must be whole after a power cut, because it
    /// could not be made again byte for byte.
    pub async fn put_immutable_durably(&self, path: &str, bytes: Bytes) -> Result<Put, StoreError> {
        let put = self.create(&self.durable, path, bytes.clone(), false).await?;
        if put == Put::Same {
            // Whoever wrote it may have ended, or failed, before it was durable.
            self.put_mutable(path, bytes).await?;
        }
        Ok(put)
    }

    async fn create(
        &self,
        to: &Arc<dyn ObjectStore>,
        path: &str,
        bytes: Bytes,
        may_replace: bool,
    ) -> Result<Put, StoreError> {
        let _place = self.places.acquire().await;
        let at = location(path)?;
        match to.put_opts(&at, bytes.clone().into(), PutMode::Create.into()).await {
            Ok(_) => return Ok(Put::Created),
            Err(ObjectError::AlreadyExists { .. }) => {}
            Err(source) => return Err(wrap(path, source)),
        }
        let put = match self.fetch(path, &at, bytes.len() as u64).await {
            Ok(Some(found)) if found == bytes => Put::Same,
            Ok(_) | Err(StoreError::TooLarge { .. }) => Put::Replaced,
            Err(error) => return Err(error),
        };
        match (put, may_replace) {
            (Put::Same, false) => return Ok(put),
            (_, false) => return Err(StoreError::Different { path: path.to_owned() }),
            (Put::Same, true) => {}
            (_, true) => tracing::warn!(path, "replacing what a power cut left under no head"),
        }
        self.durable.put(&at, bytes.into()).await.map_err(|source| wrap(path, source))?;
        Ok(put)
    }

    /// Writes or replaces an object. It is durable when this returns.
    pub async fn put_mutable(&self, path: &str, bytes: Bytes) -> Result<(), StoreError> {
        let _place = self.places.acquire().await;
        let payload = PutPayload::from(bytes);
        self.durable
            .put(&location(path)?, payload)
            .await
            .map(|_| ())
            .map_err(|source| wrap(path, source))
    }

    /// Returns when every object written before is durable.
    ///
    /// After an error the process must end: see [`Barrier::sync`].
    pub async fn barrier(&self) -> Result<(), StoreError> {
        let barrier = Arc::clone(&self.barrier);
        match tokio::task::spawn_blocking(move || barrier.sync()).await {
            Ok(result) => Ok(result?),
            Err(error) => Err(StoreError::Io(io::Error::other(error))),
        }
    }

    /// Reads a whole object of at most `most` bytes; `None` when nothing stands there.
    pub async fn get(&self, path: &str, most: u64) -> Result<Option<Bytes>, StoreError> {
        let _place = self.places.acquire().await;
        self.fetch(path, &location(path)?, most).await
    }

    async fn fetch(&self, path: &str, at: &Path, most: u64) -> Result<Option<Bytes>, StoreError> {
        let result = match self.objects.get(at).await {
            Ok(result) => result,
            Err(ObjectError::NotFound { .. }) => return Ok(None),
            Err(source) => return Err(wrap(path, source)),
        };
        let size = result.meta.size;
        if size > most {
            return Err(StoreError::TooLarge { path: path.to_owned(), size, most });
        }
        result.bytes().await.map(Some).map_err(|source| wrap(path, source))
    }

    /// Opens an object for reading piece by piece; `None` when nothing stands there.
    pub async fn open(&self, path: &str) -> Result<Option<Object>, StoreError> {
        let _place = self.places.acquire().await;
        let result = match self.objects.get(&location(path)?).await {
            Ok(result) => result,
            Err(ObjectError::NotFound { .. }) => return Ok(None),
            Err(source) => return Err(wrap(path, source)),
        };
        let size = result.meta.size;
        let path = path.to_owned();
        let bytes = result.into_stream().map_err(move |source| wrap(&path, source)).boxed();
        Ok(Some(Object { size, bytes }))
    }

    /// The size of an object; `None` when nothing stands there.
    pub async fn size(&self, path: &str) -> Result<Option<u64>, StoreError> {
        let _place = self.places.acquire().await;
        let options = GetOptions { head: true, ..GetOptions::default() };
        match self.objects.get_opts(&location(path)?, options).await {
            Ok(result) => Ok(Some(result.meta.size)),
            Err(ObjectError::NotFound { .. }) => Ok(None),
            Err(source) => Err(wrap(path, source)),
        }
    }

    /// The paths and sizes of all objects, in no order.
    pub fn list(&self) -> BoxStream<'_, Result<(String, u64), StoreError>> {
        self.objects
            .list(None)
            .map_ok(|meta| (meta.location.to_string(), meta.size))
            .map_err(|source| wrap("", source))
            .boxed()
    }

    /// The same of the objects in one folder and below.
    pub fn list_below(&self, folder: &str) -> BoxStream<'_, Result<(String, u64), StoreError>> {
        let at = match location(folder) {
            Ok(at) => at,
            Err(error) => return stream::once(async { Err(error) }).boxed(),
        };
        self.objects
            .list(Some(&at))
            .map_ok(|meta| (meta.location.to_string(), meta.size))
            .map_err(|source| wrap("", source))
            .boxed()
    }
}

fn location(path: &str) -> Result<Path, StoreError> {
    Path::parse(path).map_err(|source| wrap(path, ObjectError::InvalidPath { source }))
}

fn wrap(path: &str, source: ObjectError) -> StoreError {
    StoreError::Object { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
