//! The handful of file operations that a write-ahead log makes, so that a test can make each of
//! them fail.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A flat folder of files that only grow.
///
/// Nothing is durable until it is synced: bytes by [`DiskFile::sync`], names (made or removed)
/// by [`Disk::sync_names`]. After any error the state of the file or name is unknown.
pub trait Disk: Send + Sync {
    /// The names of all files, in order.
    fn names(&self) -> io::Result<Vec<String>>;
    /// Reads a file from its beginning.
    fn read(&self, name: &str) -> io::Result<Box<dyn Read + Send>>;
    /// Reads a file from an offset; beyond its end there is nothing.
    fn read_from(&self, name: &str, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let mut reader = self.read(name)?;
        io::copy(&mut reader.by_ref().take(offset), &mut io::sink())?;
        Ok(reader)
    }
    /// Bytes of a file.
    fn length(&self, name: &str) -> io::Result<u64> {
        io::copy(&mut self.read(name)?, &mut io::sink())
    }
    /// Makes a new, empty file; an existing one is an error.
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file to append to, cut to its first `length` bytes.
    fn open(&self, name: &str, length: u64) -> io::Result<Box<dyn DiskFile>>;
    /// Overwrites a file with zeros where it stands, so that its bytes are gone and not only its
    /// name. What a file system or a drive keeps elsewhere of old bytes is out of reach.
    fn wipe(&self, name: &str) -> io::Result<()>;
    /// Gives a file another name, in the place of whatever has that name.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes every name made or removed before durable.
    fn sync_names(&self) -> io::Result<()>;
    /// Makes the folder again, if somebody has removed it.
    fn make_again(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that is being appended to.
pub trait DiskFile: Send + Sync {
    /// Writes `bytes` at the end.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes every byte appended before durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// Writes a file anew: the bytes that are read of it go into another file, which is synced and
/// takes its name. Both are durable when this returns.
///
/// After a sync that failed the operating system may take what it could not write for written. It
/// goes on showing the bytes, and a later sync of the same file succeeds and writes nothing of it.
/// So whoever reads a file that a process before this one was writing has it written anew before
/// anything rests on it. Names need no such care: a file system that cannot write those takes no
/// more writes.
///
/// A name ending in `.new` is taken for the other file; one that was left over is removed.
pub fn write_anew(disk: &dyn Disk, name: &str) -> io::Result<()> {
    let staged = format!("{name}.new");
    if disk.names()?.contains(&staged) {
        disk.remove(&staged)?;
    }
    let mut reader = disk.read(name)?;
    let mut file = disk.create(&staged)?;
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    loop {
        piece.clear();
        reader.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
        if piece.is_empty() {
            break;
        }
        file.append(&piece)?;
    }
    file.sync()?;
    disk.rename(&staged, name)?;
    disk.sync_names()
}

/// Bytes that are copied at one time.
const PIECE_BYTES: usize = 4 << 20;

/// A [`Disk`] that is a folder of the local file system, for its owner only: the folder has mode
/// 0700 when it is made here, and files have mode 0600.
#[derive(Debug)]
pub struct FolderDisk {
    path: PathBuf,
}

impl FolderDisk {
    /// The folder at `path`, which is made when it is not there.
    pub fn open(path: &Path) -> io::Result<Self> {
        make_private_folder(path)?;
        Ok(Self { path: path.to_path_buf() })
    }
}

/// Makes a folder and its missing parents, and makes their names durable.
pub fn make_folder(path: &Path) -> io::Result<()> {
    make(path, &DirBuilder::new())
}

/// The same for a folder that only its owner can look into (mode 0700 on Unix). One that is there
/// stays as it is; if others can look into it, the journal says so.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    make(path, &builder)?;
    warn_of_others(path)
}

fn make(path: &Path, builder: &DirBuilder) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    make_folder(parent)?;
    match builder.create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync_folder(parent)
}

/// Whether others than its owner have any right to a file or folder. Outside Unix nobody is asked.
pub fn is_open_to_others(path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    std::fs::metadata(path).map(|_| false)
}

/// Says in the journal if others than its owner have any right to a file or folder. They are not
/// taken away: who put them there may need them.
pub fn warn_of_others(path: &Path) -> io::Result<()> {
    if is_open_to_others(path)? {
        tracing::warn!(
            path = %path.display(),
            "others on this machine can read what is kept from them: take it away (chmod go=)"
        );
    }
    Ok(())
}

/// Takes all rights to a file from everybody but its owner.
pub fn keep_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Makes the names in a folder durable. Outside Unix folders cannot be synced and need not be.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// Writes a whole small file durably: a new file is written, synced and renamed into place.
pub fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut staged = path.as_os_str().to_owned();
    staged.push(".new");
    let staged = PathBuf::from(staged);
    let mut file = File::create(&staged)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&staged, path)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

/// Writes a new file that only its owner can read (mode 0600 on Unix), durably. An existing file
/// is an error: keys are never overwritten. A file that could not be written whole is removed.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_private(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let written = written.and_then(|()| match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    });
    if written.is_err() {
        // Half a key is worse than none. If this fails too, the first error stands all the same.
        let _ = std::fs::remove_file(path);
    }
    written
}

/// Makes a new file of mode 0600; an existing one is an error.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl Disk for FolderDisk {
    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            if entry.file_type()?.is_file()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn read(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::BufReader::with_capacity(1 << 20, File::open(self.path.join(name))?)))
    }

    fn read_from(&self, name: &str, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let mut file = File::open(self.path.join(name))?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(file))
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        Ok(std::fs::metadata(self.path.join(name))?.len())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(FolderFile(create_private(&self.path.join(name))?)))
    }

    fn open(&self, name: &str, length: u64) -> io::Result<Box<dyn DiskFile>> {
        let mut file = OpenOptions::new().write(true).open(self.path.join(name))?;
        if file.metadata()?.len() != length {
            file.set_len(length)?;
            file.sync_all()?;
        }
        file.seek(SeekFrom::End(0))?;
        Ok(Box::new(FolderFile(file)))
    }

    fn wipe(&self, name: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(self.path.join(name))?;
        let length = file.metadata()?.len();
        io::copy(&mut io::repeat(0).take(length), &mut file)?;
        file.sync_data()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.path.join(name))
    }

    fn sync_names(&self) -> io::Result<()> {
        sync_folder(&self.path)
    }

    fn make_again(&self) -> io::Result<()> {
        make_private_folder(&self.path)
    }
}

struct FolderFile(File);

impl DiskFile for FolderFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        // The length of the file is data that reading back needs, so fdatasync covers it.
        self.0.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(disk: &FolderDisk, name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        disk.read(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn files_grow_are_cut_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let disk = FolderDisk::open(&folder.path().join("a/b")).unwrap();
        let mut file = disk.create("two").unwrap();
        file.append(b"hello ").unwrap();
        file.append(b"world").unwrap();
        file.sync().unwrap();
        disk.create("one").unwrap();
        disk.sync_names().unwrap();
        assert_eq!(disk.names().unwrap(), ["one", "two"]);
        assert!(disk.create("two").is_err());
        drop(file);
        disk.open("two", 6).unwrap().append(b"there").unwrap();
        assert_eq!(content(&disk, "two"), b"hello there");
        let mut rest = String::new();
        disk.read_from("two", 6).unwrap().read_to_string(&mut rest).unwrap();
        disk.read_from("two", 100).unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "there");
        assert_eq!(disk.length("two").unwrap(), 11);
        disk.remove("one").unwrap();
        assert_eq!(disk.names().unwrap(), ["two"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_written_anew_is_another_file_of_the_same_bytes() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let disk = FolderDisk::open(folder.path()).unwrap();
        let bytes = vec![7; PIECE_BYTES + 9];
        disk.create("one").unwrap().append(&bytes).unwrap();
        std::fs::write(folder.path().join("one.new"), "half of an earlier one").unwrap();
        let metadata = || std::fs::metadata(folder.path().join("one")).unwrap();
        let before = metadata().ino();
        write_anew(&disk, "one").unwrap();
        assert_eq!(content(&disk, "one"), bytes);
        assert_ne!(metadata().ino(), before);
        assert_eq!(metadata().mode() & 0o777, 0o600);
        assert_eq!(disk.names().unwrap(), ["one"]);
        assert!(write_anew(&disk, "none").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_wiped_is_overwritten_where_it_stands() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let disk = FolderDisk::open(folder.path()).unwrap();
        disk.create("key").unwrap().append(b"secret").unwrap();
        let place = || std::fs::metadata(folder.path().join("key")).unwrap().ino();
        let before = place();
        disk.wipe("key").unwrap();
        assert_eq!((content(&disk, "key"), place()), (vec![0; 6], before));
        assert!(disk.wipe("none").is_err());
    }

    #[test]
    fn a_durable_write_replaces_and_leaves_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_durably(&path, b"one").unwrap();
        write_durably(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_for_its_owner_and_never_overwritten() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        write_private(&path, b"secret").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(write_private(&path, b"other").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"secret");
    }
    #[cfg(unix)]
    #[test]
    fn a_disk_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = folder.path().join("log/wal");
        let disk = FolderDisk::open(&path).unwrap();
        disk.create("segment").unwrap();
        assert_eq!((mode(&path), mode(&path.join("segment"))), (0o700, 0o600));
        // What is there already keeps its rights, and is told of.
        let open = folder.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o750)).unwrap();
        assert!(is_open_to_others(&open).unwrap() && !is_open_to_others(&path).unwrap());
        FolderDisk::open(&open).unwrap();
        assert_eq!(mode(&open), 0o750);
        let file = open.join("record");
        std::fs::write(&file, "x").unwrap();
        keep_private(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
    }
}
