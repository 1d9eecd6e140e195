//! A machine with two disks, of which one operation goes wrong.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use redb::StorageBackend;

/// What goes wrong with one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not done, and fails.
    Lost,
    /// It is done, and fails.
    DoneButFailed,
    /// It is not done, and says that it was.
    SilentlyLost,
    /// The machine dies before it.
    Dies,
    /// It fails. If it is a sync, what it should have made durable is forgotten: it is read as
    /// before, and no later sync covers it.
    Forgotten,
}

/// What is left of the operations that were not synced when the machine died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Survivors {
    /// Nothing died: everything that was done is there.
    Everything,
    /// Only what was synced.
    Synced,
    /// Every second of the operations that were not.
    Even,
    /// The other ones.
    Odd,
}

impl Fault {
    pub(super) const ALL: [Self; 4] =
        [Self::Lost, Self::DoneButFailed, Self::SilentlyLost, Self::Dies];

    pub(super) fn remains(self) -> &'static [Survivors] {
        match self {
            Self::Dies => {
                &[Survivors::Everything, Survivors::Synced, Survivors::Even, Survivors::Odd]
            }
            _ => &[Survivors::Everything],
        }
    }
}

/// Two disks and the fault that is planned for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Machine(Arc<Mutex<Inner>>);

#[derive(Clone, Debug, Default)]
struct Inner {
    disks: [Storage; 2],
    operations: u64,
    planned: Option<(u64, Fault)>,
    fired: bool,
    dead: bool,
    /// Counts restarts: a disk of an earlier process does nothing any more.
    life: u64,
}

#[derive(Clone, Debug, Default)]
struct Storage {
    /// What is read.
    now: Vec<u8>,
    /// What is there for certain.
    synced: Vec<u8>,
    /// What was done since the last sync.
    pending: Vec<Operation>,
}

#[derive(Clone, Debug)]
enum Operation {
    Write(u64, Vec<u8>),
    Length(u64),
}

impl Operation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(offset, data) => {
                let start = usize::try_from(*offset).unwrap();
                let end = start + data.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[start..end].copy_from_slice(data);
            }
            Self::Length(length) => bytes.resize(usize::try_from(*length).unwrap(), 0),
        }
    }
}

impl Machine {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// A machine of its own with the same disks.
    pub(super) fn clone_state(&self) -> Self {
        Self(Arc::new(Mutex::new(self.lock().clone())))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A handle on one of the disks, for the process that runs now.
    pub(super) fn disk(&self, index: usize) -> Disk {
        Disk { machine: self.clone(), index, life: self.lock().life }
    }

    pub(super) fn operations(&self) -> u64 {
        self.lock().operations
    }

    /// Has this operation, counted from the first ever, go wrong.
    pub(super) fn plan(&self, operation: u64, fault: Fault) {
        self.lock().planned = Some((operation, fault));
    }

    pub(super) fn has_fired(&self) -> bool {
        self.lock().fired
    }

    /// Ends the process, and the machine if it died, and starts it again. A planned death that
    /// has not come yet comes now, when everything has been answered.
    pub(super) fn restart(&self, survivors: Survivors) {
        let mut inner = self.lock();
        let dies_now = !inner.fired && matches!(inner.planned, Some((_, Fault::Dies)));
        inner.fired |= dies_now;
        let died = inner.dead || dies_now;
        inner.dead = false;
        inner.life += 1;
        for disk in &mut inner.disks {
            if died {
                disk.restart(survivors);
            }
        }
    }

    /// Cuts the power when everything has been answered.
    pub(super) fn cut_power(&self) {
        self.lock().dead = true;
        self.restart(Survivors::Synced);
    }

    pub(super) fn contents(&self, index: usize) -> Vec<u8> {
        self.lock().disks[index].now.clone()
    }

    /// Puts an old image of a disk back.
    pub(super) fn put_back(&self, index: usize, bytes: Vec<u8>) {
        let mut inner = self.lock();
        inner.life += 1;
        inner.disks[index] = Storage { now: bytes.clone(), synced: bytes, ..Storage::default() };
    }
}

impl Storage {
    fn restart(&mut self, survivors: Survivors) {
        let mut bytes = std::mem::take(&mut self.synced);
        for (number, operation) in self.pending.iter().enumerate() {
            let survives = match survivors {
                Survivors::Everything => true,
                Survivors::Synced => false,
                Survivors::Even => number % 2 == 0,
                Survivors::Odd => number % 2 == 1,
            };
            if survives {
                operation.apply(&mut bytes);
            }
        }
        *self = Self { now: bytes.clone(), synced: bytes, ..Self::default() };
    }

    fn sync(&mut self) {
        for operation in self.pending.drain(..) {
            operation.apply(&mut self.synced);
        }
    }
}

/// One disk, as one process sees it.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    machine: Machine,
    index: usize,
    life: u64,
}

impl Disk {
    fn change(&self, operation: Option<Operation>) -> io::Result<()> {
        let mut inner = self.machine.lock();
        if inner.life != self.life || inner.dead {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let number = inner.operations;
        inner.operations += 1;
        let fault = inner.planned.filter(|(at, _)| *at == number).map(|(_, fault)| fault);
        inner.fired |= fault.is_some();
        let done = matches!(fault, None | Some(Fault::DoneButFailed));
        inner.dead |= fault == Some(Fault::Dies);
        if fault == Some(Fault::Forgotten) && operation.is_none() {
            inner.disks[self.index].pending.clear();
        }
        if done {
            let disk = &mut inner.disks[self.index];
            match operation {
                Some(operation) => {
                    operation.apply(&mut disk.now);
                    disk.pending.push(operation);
                }
                None => disk.sync(),
            }
        }
        if matches!(fault, None | Some(Fault::SilentlyLost)) {
            Ok(())
        } else {
            Err(io::Error::other("the disk failed"))
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.machine.lock().disks[self.index].now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let inner = self.machine.lock();
        if inner.life != self.life || inner.dead {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let start = usize::try_from(offset).unwrap();
        let bytes = inner.disks[self.index].now.get(start..start + out.len());
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.change(Some(Operation::Length(length)))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.change(None)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Some(Operation::Write(offset, data.to_vec())))
    }
}
