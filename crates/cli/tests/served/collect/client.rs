//! An edge's connection to an instance, in plain HTTP.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use booth::request::VoteRequest;

pub(crate) struct Client {
    address: String,
    pass: String,
    stream: Option<TcpStream>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn new(url: &str, pass: &str) -> Self {
        let address = url.trim_start_matches("http://").to_owned();
        Self { address, pass: pass.to_owned(), stream: None }
    }

    pub(crate) fn vote(&mut self, request: &VoteRequest) -> io::Result<Answer> {
        let mut headers = format!("nonce: {}\r\n", request.vote.nonce);
        for (name, value) in request.headers() {
            let _ = write!(headers, "{name}: {value}\r\n");
        }
        self.ask("/vote", &headers)
    }

    pub(crate) fn ask(&mut self, path: &str, headers: &str) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(&self.address)?,
        };
        stream.set_nodelay(true)?;
        let pass = &self.pass;
        let text = format!("GET {path} HTTP/1.1\r\nHost: a\r\nX-Pull: {pass}\r\n{headers}\r\n");
        stream.write_all(text.as_bytes())?;
        let answer = read(&mut stream)?;
        self.stream = Some(stream);
        Ok(answer)
    }
}

fn read(stream: &mut TcpStream) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        more(stream, &mut bytes)?;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let fields = lines.filter_map(|line| line.split_once(": "));
    let headers: BTreeMap<String, String> =
        fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while bytes.len() < end + 4 + length {
        more(stream, &mut bytes)?;
    }
    let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
    Ok(Answer { status: status.ok_or(io::ErrorKind::InvalidData)?, headers, body })
}

fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 4096];
    match stream.read(&mut buffer)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        count => {
            bytes.extend_from_slice(&buffer[..count]);
            Ok(())
        }
    }
}
