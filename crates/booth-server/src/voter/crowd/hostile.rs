//! What hostile voters do, and what they have to meet.

use std::time::Duration;

use booth::Secret;
use booth::campaign::Campaign;
use booth::mandate::Mandate;
use booth::request::VoteRequest;
use booth::stamp::VoterStamp;
use booth::totp::{Code, Codes, code, step};
use booth::vote::Vote;
use booth::work::{Mining, Nonce, Puzzle, mine};
use canon::{Algorithm, PrivateKey};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::cast::{Kind, Member};
use super::{Crowd, Errand};

/// How often a request is sent again that was turned away for now.
const TRIES: u32 = 20;

/// How often a replayer replays.
const REPLAYS: usize = 3;

/// How long a slow voter waits for the server to lose patience.
const SLOW: Duration = Duration::from_mins(1);

/// What came of an attack: nothing, or what should not have come.
type Met = Result<(), String>;

impl Crowd {
    pub(super) async fn hostile(&self, member: &Member, kind: Kind) {
        let met = match kind {
            Kind::Replayer => self.replay(member).await,
            Kind::ForgedStamp => self.forge(member).await,
            Kind::WrongCode => self.guess(member).await,
            Kind::WrongMandate => self.pose(member).await,
            Kind::DoubleVoter => self.vote_twice(member).await,
            Kind::SharedStamp => self.share(member).await,
            Kind::Malformed => self.garble(member).await,
            Kind::Slow => self.dawdle().await,
        };
        self.tally.count_fared(kind, met);
    }

    /// The code that the booths show now; none for remote votes, which take no code.
    pub(super) fn code(&self) -> Option<Code> {
        let step = step(self.clock.now());
        let totp = self.means.totp.as_ref()?;
        Some(match &self.means.station {
            None => code(totp, step),
            Some(station) => code(&station.seed(totp, step), step),
        })
    }

    /// A code that no booth shows near now.
    fn wrong_code(&self, member: &Member, totp: &Secret) -> Code {
        let now = self.clock.now();
        let codes = match &self.means.station {
            None => Codes::at(totp, now),
            Some(station) => Codes::of_station(totp, station, now),
        };
        let near = [codes.last, codes.current, codes.next];
        let drawn = member.bytes("code");
        let first = u32::from_be_bytes([0, drawn[0], drawn[1], drawn[2]]) % 1_000_000;
        let guesses = (0..8).map(|more| format!("{:06}", (first + more) % 1_000_000).parse());
        let mut guesses = guesses.flatten().filter(|guess: &Code| !near.contains(guess));
        guesses.next().unwrap_or(codes.current)
    }

    /// A whole request by somebody's mandate, with the work done.
    pub(super) async fn request(
        &self,
        member: &Member,
        mandate: Mandate,
        code: Option<Code>,
    ) -> Result<VoteRequest, String> {
        let stamps = self.stamps(code).await?;
        let (platform, stamp) = (stamps.platform, stamps.voter);
        let vote = Vote { platform, stamp, nonce: Nonce::from(0), say: member.say.clone() };
        Ok(VoteRequest { vote: worked(vote, &self.campaign, member).await?, mandate })
    }

    async fn stamps(&self, code: Option<Code>) -> Result<booth::edge::StampAnswer, String> {
        for _ in 0..TRIES {
            match self.client.stamp(code, self.means.station.as_ref()).await {
                Ok(Ok(stamps)) => return Ok(stamps),
                Ok(Err(refused)) if refused.is_passing() => {}
                Ok(Err(refused)) => return Err(format!("no stamp: {}", refused.refusal)),
                Err(error) if error.is_passing() => {}
                Err(error) => return Err(format!("no stamp: {error}")),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err("no stamp".to_owned())
    }

    /// The status that a request meets, asked until it is more than "later".
    pub(super) async fn status(
        &self,
        path: &str,
        headers: &[(&'static str, String)],
    ) -> Result<u16, String> {
        let mut last = String::new();
        for _ in 0..TRIES {
            match self.client.get(Errand::Cast, path, headers.to_vec()).await {
                Ok(answer) if ![421, 429].contains(&answer.status().as_u16()) => {
                    let status = answer.status().as_u16();
                    if status < 500 {
                        return Ok(status);
                    }
                    last = format!("status {status}");
                }
                Ok(answer) => last = format!("status {}", answer.status().as_u16()),
                Err(error) => last = error.to_string(),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(last)
    }

    async fn expect(&self, request: &VoteRequest, expected: &[u16]) -> Met {
        self.expect_headers(&request.path(), &request.headers(), expected).await
    }

    async fn expect_headers(
        &self,
        path: &str,
        headers: &[(&'static str, String)],
        expected: &[u16],
    ) -> Met {
        let status = self.status(path, headers).await?;
        if expected.contains(&status) { Ok(()) } else { Err(format!("status {status}")) }
    }

    /// An honest vote first, which counts.
    async fn first(&self, member: &Member) -> Result<VoteRequest, String> {
        let record = self.vote(member).await.ok_or("the first vote was not accepted")?;
        let request = record.request().ok_or("the first vote is not whole")?;
        self.keep(record);
        Ok(request)
    }

    async fn replay(&self, member: &Member) -> Met {
        let request = self.first(member).await?;
        for _ in 0..REPLAYS {
            self.expect(&request, &[202, 204]).await?;
        }
        Ok(())
    }

    async fn forge(&self, member: &Member) -> Met {
        let mut request = self.request(member, member.mandate, self.code()).await?;
        let mut bytes = [0; 20];
        bytes.copy_from_slice(&member.bytes("stamp")[..20]);
        request.vote.stamp = VoterStamp::from_bytes(bytes);
        request.vote = worked(request.vote, &self.campaign, member).await?;
        self.expect(&request, &[487]).await
    }

    /// Where no code is taken, whoever shows one gets no stamp.
    async fn guess(&self, member: &Member) -> Met {
        let Some(totp) = &self.means.totp else {
            let code = [("TOTP", "263917".to_owned())];
            return self.expect_headers("/stamp", &code, &[486]).await;
        };
        let wrong = Some(self.wrong_code(member, totp));
        let request = self.request(member, member.mandate, wrong).await?;
        self.expect(&request, &[488]).await
    }

    /// By turns under a key of their own, and under the authority's with a signature of something
    /// else.
    async fn pose(&self, member: &Member) -> Met {
        let seed = member.bytes("authority");
        let key = PrivateKey::from_seed(Algorithm::Ed25519, &seed).map_err(|e| e.to_string())?;
        let own = member.mandate_of(&key, "mandate");
        let (mandate, expected) = if member.number.is_multiple_of(2) {
            (own, 484)
        } else {
            let authority = member.mandate.id().authority;
            (Mandate::from_parts(authority, *own.signature(), own.id().id), 483)
        };
        let request = self.request(member, mandate, self.code()).await?;
        self.expect(&request, &[expected]).await
    }

    async fn vote_twice(&self, member: &Member) -> Met {
        self.first(member).await?;
        let second = self.request(member, member.mandate, self.code()).await?;
        self.expect(&second, &[481]).await
    }

    async fn share(&self, member: &Member) -> Met {
        let mut request = self.first(member).await?;
        request.mandate = member.mandate_of(&self.means.authority, "second mandate");
        self.expect(&request, &[487]).await
    }

    async fn garble(&self, member: &Member) -> Met {
        let request = self.request(member, member.mandate, self.code()).await?;
        let whole = request.headers();
        let at = usize::from(member.bytes("header")[0]) % whole.len();
        let mut missing = whole.clone();
        missing.remove(at);
        let mut twice = whole.clone();
        twice.push(whole[at].clone());
        let mut spelt = whole.clone();
        spelt[at].1.insert(0, '0');
        for headers in [missing, twice, spelt] {
            // An option of another spelling is one that is not on the ballot.
            let expected: &[u16] = if at == 6 { &[486, 489] } else { &[486] };
            self.expect_headers(&request.path(), &headers, expected).await?;
        }
        self.expect_headers("/hello", &whole, &[400]).await
    }

    /// Half a request, and then nothing: the server has to end it, and not to wait for ever.
    async fn dawdle(&self) -> Met {
        let authority = self.client.authority();
        let port = authority.port_u16().unwrap_or(80);
        let host = authority.host().trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, port)).await;
        let mut stream = stream.map_err(|error| error.to_string())?;
        let half = format!("GET /list HTTP/1.1\r\nHost: {authority}\r\nX-Slow: ");
        stream.write_all(half.as_bytes()).await.map_err(|error| error.to_string())?;
        let mut answer = [0; 512];
        match tokio::time::timeout(SLOW, stream.read(&mut answer)).await {
            Err(_) => Err(format!("still open after {} s", SLOW.as_secs())),
            Ok(Ok(count)) if answer[..count].starts_with(b"HTTP/1.1 2") => {
                Err("half a request was answered".to_owned())
            }
            Ok(_) => Ok(()),
        }
    }
}

/// The vote with a nonce that shows the campaign's work.
async fn worked(mut vote: Vote, campaign: &Campaign, member: &Member) -> Result<Vote, String> {
    let (puzzle, bits) = (vote.puzzle(), campaign.work_bits());
    let drawn = member.bytes("nonce");
    let start = u64::from_be_bytes([
        drawn[0], drawn[1], drawn[2], drawn[3], drawn[4], drawn[5], drawn[6], drawn[7],
    ]);
    let search = tokio::task::spawn_blocking(move || search(&puzzle, start, bits));
    let found = search.await.ok().flatten();
    vote.nonce = found.ok_or("the search for a nonce failed")?;
    Ok(vote)
}

fn search(puzzle: &Puzzle, start: u64, bits: u32) -> Option<Nonce> {
    mine(puzzle, start, 1, Some(bits), &Mining::new()).map(|best| best.nonce)
}
