//! An HTTP server whose answers were all made beforehand, honest or not.
#![allow(
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a test without a port is to panic"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

type Answers = Arc<Mutex<BTreeMap<String, (u16, Vec<u8>)>>>;

/// A server on loopback. It answers `GET` and `POST` of a path alike, whatever the body, and 404
/// to what it was told nothing about. It ends with the process.
#[derive(Debug, Clone)]
pub struct CannedServer {
    address: SocketAddr,
    answers: Answers,
}

impl CannedServer {
    /// A server of files, each below the root.
    pub fn start(files: BTreeMap<String, Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let files = files.into_iter().map(|(path, bytes)| (format!("/{path}"), (200, bytes)));
        let answers: Answers = Arc::new(Mutex::new(files.collect()));
        let server = Self { address, answers: Arc::clone(&answers) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up has seen enough.
                let _ = answer(&stream, &answers);
            }
        });
        server
    }

    /// Answers a path, with its query, in this way from now on.
    pub fn set(&self, path: &str, status: u16, bytes: Vec<u8>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(path.to_owned(), (status, bytes));
    }

    /// Where it listens, as `http://127.0.0.1:1234`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn answer(mut stream: &TcpStream, answers: &Answers) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    while line.trim() != "" {
        line.clear();
        reader.read_line(&mut line)?;
        let lower = line.to_ascii_lowercase();
        if let Some(stated) = lower.strip_prefix("content-length:") {
            length = stated.trim().parse().unwrap_or(0);
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    let found = answers.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
    let (status, bytes) = found.unwrap_or_else(|| (404, b"{}".to_vec()));
    let head = format!(
        "HTTP/1.1 {status} Canned\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        bytes.len()
    );
    stream.write_all(&[head.as_bytes(), &bytes].concat())
}
