//! Asking time servers (SNTP: RFC 4330; the packet of RFC 5905, figure 8).
//!
//! ```text
//! 0       LI (2 bits), version (3), mode (3): 4 asks, 4 answers
//! 1       stratum      2 poll      3 precision
//! 4       root delay, root dispersion: 16.16 bits of seconds; reference id
//! 16      reference time stamp
//! 24      origin       what was asked with: 8 random bytes here, and the answer repeats them
//! 32      receive      when the question came
//! 40      transmit     when the answer went: 32.32 bits of seconds since 1900
//! ```
//!
//! Nothing is signed. So several servers are asked, the middle answer is taken, and more than half
//! of those that were asked have to agree with it. Whoever has the whole network can still lie for
//! all.

use std::io::ErrorKind;
use std::net::{ToSocketAddrs as _, UdpSocket};
use std::time::{Duration, Instant, SystemTime};

use booth::station::ClockCheck;
use canon::Timestamp;
use service::random;

/// Bytes of a packet without extensions.
const PACKET: usize = 48;

/// The port, where a server's name has none.
const PORT: u16 = 123;

/// Seconds from 1900 to 1970.
const EPOCH_S: i128 = 2_208_988_800;

/// Seconds from 1900 to 2026: an earlier time belongs to the era that begins in 2036.
const PIVOT_S: i128 = 3_976_214_400;

const NS: i128 = 1_000_000_000;

/// How far answers may be apart and still agree.
const MAX_APART_MS: i64 = 1_000;

/// How long an answer may be on its way; half of it may be an error.
const MAX_DELAY_NS: i128 = 2 * NS;

/// How unsure a server may be of its own time, in units of 2^-16 seconds (RFC 5905: MAXDIST 1.5 s).
const MAX_ROOT: u64 = 3 << 15;

/// Why the clock could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NtpError {
    /// There is nobody to ask.
    #[error("no time servers are configured")]
    NoServers,
    /// Too few gave a usable answer.
    #[error("{answered} of {asked} time servers answered: {why}")]
    TooFew {
        /// How many did.
        answered: usize,
        /// How many were asked.
        asked: usize,
        /// What was wrong with the others.
        why: String,
    },
    /// They tell different times.
    #[error("only {agreed} of {asked} time servers agree: somebody tells a wrong time")]
    Disagree {
        /// With the middle one.
        agreed: usize,
        /// How many were asked.
        asked: usize,
    },
    /// They agree on what the map's server denies.
    #[error("the time servers and the map's server are {seconds} seconds apart")]
    Contradicted {
        /// By how much.
        seconds: u64,
    },
}

/// One server's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Answer {
    /// How far our clock is behind.
    offset_ms: i64,
}

/// Asks all servers at once, `HOST` or `HOST:PORT`, and takes the middle answer.
pub fn compare(servers: &[String], patience: Duration) -> Result<ClockCheck, NtpError> {
    if servers.is_empty() {
        return Err(NtpError::NoServers);
    }
    let answers: Vec<_> = std::thread::scope(|scope| {
        let asked: Vec<_> =
            servers.iter().map(|server| scope.spawn(|| ask(server, patience))).collect();
        asked.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("failed".into()))).collect()
    });
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let why = servers
        .iter()
        .zip(&answers)
        .filter_map(|(server, answer)| answer.as_ref().err().map(|why| format!("{server} {why}")));
    let why = why.collect::<Vec<_>>().join(", ");
    let offsets = answers.iter().flatten().map(|answer| answer.offset_ms).collect();
    judge(offsets, servers.len(), &why, since_1970)
}

/// The middle of the answers, if more than half of those asked agree with it.
fn judge(
    mut offsets: Vec<i64>,
    asked: usize,
    why: &str,
    now: Duration,
) -> Result<ClockCheck, NtpError> {
    if offsets.len() * 2 <= asked {
        let answered = offsets.len();
        return Err(NtpError::TooFew { answered, asked, why: why.to_owned() });
    }
    offsets.sort_unstable();
    let middle = offsets[(offsets.len() - 1) / 2];
    let agrees = |offset: &&i64| offset.abs_diff(middle) <= MAX_APART_MS.unsigned_abs();
    let agreed = offsets.iter().filter(agrees).count();
    if agreed * 2 <= asked {
        return Err(NtpError::Disagree { agreed, asked });
    }
    let now_ms = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    let at = Timestamp::from_unix(now_ms.saturating_add(middle).div_euclid(1_000));
    let count = |number| u16::try_from(number).unwrap_or(u16::MAX);
    Ok(ClockCheck {
        at: at.unwrap_or(Timestamp::MIN),
        offset_ms: middle,
        agreed: count(agreed),
        asked: count(asked),
    })
}

/// Asks one server. What comes meanwhile and answers another question is passed over.
fn ask(server: &str, patience: Duration) -> Result<Answer, String> {
    let io = |error: std::io::Error| match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => "does not answer".to_owned(),
        _ => format!("cannot be asked: {error}"),
    };
    let mut found = match server.to_socket_addrs() {
        Ok(found) => found,
        Err(_) => (server, PORT).to_socket_addrs().map_err(io)?,
    };
    let address = found.next().ok_or("has no address")?;
    let local = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(local).map_err(io)?;
    // From here on the kernel hands over only what comes from this address.
    socket.connect(address).map_err(io)?;
    let nonce: [u8; 8] = random::bytes();
    let mut question = [0; PACKET];
    question[0] = (4 << 3) | 3;
    question[40..].copy_from_slice(&nonce);
    let sent = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let begun = Instant::now();
    socket.send(&question).map_err(io)?;
    loop {
        let left = patience.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Err("does not answer".into());
        }
        socket.set_read_timeout(Some(left)).map_err(io)?;
        let mut packet = [0; 1024];
        let length = socket.recv(&mut packet).map_err(io)?;
        match read(&packet[..length], nonce, sent, begun.elapsed()) {
            Err("answers another question") => {}
            read => return read.map_err(str::to_owned),
        }
    }
}

/// The offset in an answer to the question with this nonce, sent at `sent` by our clock, which came
/// after `taken`.
fn read(
    packet: &[u8],
    nonce: [u8; 8],
    sent: Duration,
    taken: Duration,
) -> Result<Answer, &'static str> {
    let packet = packet.first_chunk::<PACKET>().ok_or("answers too shortly")?;
    let field = |at: usize| u64::from_be_bytes(*packet[at..].first_chunk().expect("48 bytes"));
    let [leap, version, mode] = [packet[0] >> 6, (packet[0] >> 3) & 7, packet[0] & 7];
    if mode != 4 || !(3..=4).contains(&version) {
        return Err("does not answer as a time server");
    }
    if packet[24..32] != nonce {
        return Err("answers another question");
    }
    if leap == 3 || !(1..=15).contains(&packet[1]) {
        return Err("does not know the time, or refuses");
    }
    let (root_delay, root_dispersion) = (field(4) >> 32, field(4) & 0xffff_ffff);
    if root_delay / 2 + root_dispersion >= MAX_ROOT {
        return Err("is unsure of its time");
    }
    if field(40) == 0 || field(32) == 0 {
        return Err("does not know the time, or refuses");
    }
    let [received, answered] = [nanoseconds(field(32)), nanoseconds(field(40))];
    let taken = i128::try_from(taken.as_nanos()).unwrap_or(i128::MAX);
    let sent = i128::try_from(sent.as_nanos()).unwrap_or(i128::MAX);
    let back = sent.saturating_add(taken);
    if answered < received || answered - received > taken {
        return Err("took longer than its answer");
    }
    if taken - (answered - received) > MAX_DELAY_NS {
        return Err("is too far away");
    }
    let offset = (received - sent).midpoint(answered - back);
    i64::try_from(offset / 1_000_000)
        .map(|offset_ms| Answer { offset_ms })
        .map_err(|_| "is too far away")
}

/// A time stamp in nanoseconds since 1970. Two eras are told apart, until 2162.
fn nanoseconds(stamp: u64) -> i128 {
    let seconds = i128::from(stamp >> 32);
    let seconds = if seconds < PIVOT_S { seconds + (1 << 32) } else { seconds };
    (seconds - EPOCH_S) * NS + ((i128::from(stamp & 0xffff_ffff) * NS) >> 32)
}

#[cfg(test)]
pub(super) mod tests;
