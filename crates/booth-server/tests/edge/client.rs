//! A client that says what it is told, byte for byte.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};

/// A connection that is kept.
pub(crate) struct Client(BufReader<TcpStream>);

/// The head of an answer; none of the edge's has a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// In the order of the wire, `date` left out.
    pub(crate) headers: Vec<(String, String)>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }

    /// From one of this machine's other addresses, 127.0.0.`from`: Linux has them all.
    pub(crate) async fn connect_from(from: u8, address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::new(127, 0, 0, from), 0).into()).unwrap();
        Self::over(socket.connect(address).await.unwrap())
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// GETs a path with some headers.
    pub(crate) async fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut head = format!("GET {path} HTTP/1.1\r\nHost: solar.example.org\r\n");
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        self.say(head.as_bytes()).await
    }

    /// Sends bytes and reads the head of the answer.
    pub(crate) async fn say(&mut self, bytes: &[u8]) -> Reply {
        self.send(bytes).await;
        self.reply().await.expect("an answer")
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        // Who is refused in the middle of what it says is cut off.
        let _ = self.0.get_mut().write_all(bytes).await;
    }

    /// The next answer; `None` when the connection has ended.
    pub(crate) async fn reply(&mut self) -> Option<Reply> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let count = self.0.read_line(&mut line).await.ok()?;
            match line.trim_end() {
                _ if count == 0 => return None,
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let (first, rest) = lines.split_first()?;
        let status = first.split(' ').nth(1)?.parse().ok()?;
        let headers = rest.iter().filter_map(|line| line.split_once(": "));
        let headers = headers.filter(|(name, _)| *name != "date");
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(Reply { status, headers: headers.collect() })
    }

    /// All that comes until the other side ends the connection.
    pub(crate) async fn rest(mut self) -> String {
        let mut rest = Vec::new();
        let _ = self.0.read_to_end(&mut rest).await;
        String::from_utf8_lossy(&rest).into_owned()
    }
}
