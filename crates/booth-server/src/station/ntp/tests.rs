use std::net::SocketAddr;
use std::thread::JoinHandle;

use super::*;

const NONCE: [u8; 8] = [7; 8];
/// 1 800 000 000 seconds.
const SENT: Duration = Duration::from_hours(500_000);
const TAKEN: Duration = Duration::from_millis(100);

/// RFC 5905, figure 4: era 1 begins on 7 February 2036, 06:28:16. Half a second is the highest bit
/// of the fraction.
#[test]
fn time_stamps_of_both_eras() {
    let unix = |text: &str| i128::from(text.parse::<Timestamp>().unwrap().unix()) * NS;
    let stamp = |seconds: u64, fraction: u64| nanoseconds((seconds << 32) | fraction);
    assert_eq!(stamp(4_004_294_400, 1 << 31), unix("2026-11-22T00:00:00Z") + NS / 2);
    assert_eq!(stamp(0, 0), unix("2036-02-07T06:28:16Z"));
}

/// An honest answer `ahead` milliseconds ahead of our clock, half way through.
fn honest(ahead_ms: i64) -> [u8; PACKET] {
    let mut packet = [0; PACKET];
    packet[0] = (4 << 3) | 4;
    packet[1] = 2;
    packet[24..32].copy_from_slice(&NONCE);
    let middle = i64::try_from((SENT + TAKEN / 2).as_millis()).unwrap() + ahead_ms;
    for at in [32, 40] {
        packet[at..at + 8].copy_from_slice(&stamp(middle).to_be_bytes());
    }
    packet
}

fn stamp(ms: i64) -> u64 {
    let seconds = u64::try_from(ms.div_euclid(1_000)).unwrap() + 2_208_988_800;
    let fraction = (u64::try_from(ms.rem_euclid(1_000)).unwrap() << 32).div_ceil(1_000);
    (seconds << 32) | fraction
}

fn offset(packet: &[u8]) -> Result<i64, &'static str> {
    read(packet, NONCE, SENT, TAKEN).map(|answer| answer.offset_ms)
}

#[test]
fn the_offset_is_half_of_both_ways() {
    for ahead in [0, 250, -250, 45_000, -86_400_000] {
        assert_eq!(offset(&honest(ahead)), Ok(ahead));
    }
}

#[test]
fn odd_answers_are_refused() {
    let changes: [(Lie, &str); 11] = [
        (|p| p[0] = (4 << 3) | 3, "does not answer as a time server"),
        (|p| p[0] = (2 << 3) | 4, "does not answer as a time server"),
        (|p| p[24] ^= 1, "answers another question"),
        (|p| p[0] |= 3 << 6, "does not know the time, or refuses"),
        (|p| p[1] = 0, "does not know the time, or refuses"),
        (|p| p[1] = 16, "does not know the time, or refuses"),
        (|p| p[40..].fill(0), "does not know the time, or refuses"),
        (|p| p[5] = 3, "is unsure of its time"),
        (|p| p[9] = 2, "is unsure of its time"),
        (|p| p[35] += 1, "took longer than its answer"),
        (|p| p[43] += 1, "took longer than its answer"),
    ];
    for (number, (change, why)) in changes.into_iter().enumerate() {
        let mut packet = honest(0);
        change(&mut packet);
        assert_eq!(offset(&packet), Err(why), "{number}");
    }
    assert_eq!(offset(&honest(0)[..47]), Err("answers too shortly"));
    let late = read(&honest(0), NONCE, SENT, Duration::from_millis(2_001));
    assert_eq!(late.err(), Some("is too far away"));
}

/// What a server changes in its answers.
type Lie = fn(&mut [u8; PACKET]);

/// A server that answers one question; `lie` changes the packet.
pub(in crate::station) fn server(ahead_ms: i64, lie: Lie) -> (SocketAddr, JoinHandle<()>) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let served = std::thread::spawn(move || {
        let mut question = [0; PACKET];
        let (_, from) = socket.recv_from(&mut question).unwrap();
        let mut packet = honest(0);
        packet[24..32].copy_from_slice(&question[40..]);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let now = stamp(i64::try_from(now.as_millis()).unwrap() + ahead_ms);
        packet[32..40].copy_from_slice(&now.to_be_bytes());
        packet[40..48].copy_from_slice(&now.to_be_bytes());
        lie(&mut packet);
        // First what answers another question, as somebody without the question would send it.
        let mut blind = packet;
        blind[24..32].fill(9);
        blind[33] ^= 1;
        socket.send_to(&blind, from).unwrap();
        socket.send_to(&packet, from).unwrap();
    });
    (address, served)
}

fn compared(aheads: &[i64], lie: Lie) -> Result<ClockCheck, NtpError> {
    let servers: Vec<_> = aheads.iter().map(|ahead| server(*ahead, lie)).collect();
    let names: Vec<_> = servers.iter().map(|(address, _)| address.to_string()).collect();
    let found = compare(&names, Duration::from_mins(1));
    for (_, served) in servers {
        served.join().unwrap();
    }
    found
}

#[test]
fn one_liar_of_three_changes_nothing() {
    for lie in [3_600_000, -3_600_000] {
        let check = compared(&[0, lie, 0], |_| {}).unwrap();
        // A loaded machine may take its time between two looks at the clock.
        assert!(check.offset_ms.abs() < 1_000, "{check:?}");
        assert_eq!((check.agreed, check.asked), (2, 3));
    }
}

#[test]
fn two_that_differ_are_believed_neither() {
    let found = compared(&[0, 3_600_000], |_| {});
    assert_eq!(found, Err(NtpError::Disagree { agreed: 1, asked: 2 }));
}

#[test]
fn servers_that_refuse_do_not_count() {
    let found = compared(&[0, 0], |packet| packet[1] = 0);
    let Err(NtpError::TooFew { answered: 0, asked: 2, why }) = found else { panic!("{found:?}") };
    assert!(why.contains("does not know the time, or refuses"), "{why}");
    assert_eq!(compare(&[], Duration::ZERO), Err(NtpError::NoServers));
}

#[test]
fn most_of_those_that_were_asked_have_to_agree() {
    let judge = |offsets: &[i64], asked| judge(offsets.to_vec(), asked, "", SENT);
    assert_eq!(judge(&[5, 6], 3).unwrap().offset_ms, 5);
    assert_eq!(judge(&[900, 0, -900], 3).unwrap().at.unix(), 1_800_000_000);
    assert!(matches!(judge(&[5], 3), Err(NtpError::TooFew { answered: 1, .. })));
    assert!(matches!(judge(&[0, 5_000, 10_000], 3), Err(NtpError::Disagree { agreed: 1, .. })));
    assert!(judge(&[0, 0, 0, 9_000, 9_000], 5).is_ok());
}
