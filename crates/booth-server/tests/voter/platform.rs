//! A whole platform in one process: an edge and its instances, by the rules of `booth`, behind a
//! few lines of HTTP/1.1 that can also be rude, slow, or false.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use booth::Secret;
use booth::answer::{Answer, Refusal, Ticket};
use booth::batch::Batches;
use booth::campaign::{Campaign, Shard};
use booth::collect::{self, Collector, Memory};
use booth::edge::{self, Desk, Edge, EdgeSecrets, Judged, Limits, Tags};
use booth::mandate::Mandate;
use booth::receipt::Shelf;
use booth::request::VoteRequest;
use booth::stamp::StampKeys;
use booth::totp::{Codes, Station};
use canon::{Algorithm, PrivateKey, Timestamp};
use service::clock::{Clock as _, SystemClock};
use service::random;
use testkit::campaign::Solar;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_vote(&self) -> bool {
        self.path.len() > 16
    }
}

/// What the stand-in does with a request.
pub(crate) enum Act {
    /// Answers.
    Answer(Answer),
    /// Closes the connection without a word.
    Drop,
    /// Never says anything.
    Hang,
    /// Sends headers for as long as somebody takes them.
    Endless,
}

/// What the stand-in does instead of answering as it should: it may ask for the true answer.
pub(crate) type Script = Box<dyn FnMut(&Call, &mut dyn FnMut() -> Answer) -> Act + Send>;

/// Edge and instances.
pub(crate) struct Platform {
    pub(crate) text: String,
    pub(crate) campaign: Arc<Campaign>,
    pub(crate) totp: Secret,
    pub(crate) authority: PrivateKey,
    secrets: EdgeSecrets,
    tags: Tags,
    receipt_keys: Vec<PrivateKey>,
    state: Mutex<State>,
    script: Mutex<Script>,
    pub(crate) calls: Mutex<Vec<Call>>,
}

struct State {
    edge: Edge,
    desk: Desk,
    collectors: Vec<Collector<Memory>>,
    votes: Vec<String>,
    voters: Vec<String>,
    tickets: u64,
}

/// The rules that a test chooses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) k: u32,
    pub(crate) work_bits: u32,
    pub(crate) shards: u16,
    /// Whether its votes are remote ones, which take no code.
    pub(crate) is_remote: bool,
}

pub(crate) const TOTP_SEED: [u8; 32] = [31; 32];
pub(crate) const AUTHORITY_SEED: [u8; 32] = [1; 32];

pub(crate) fn key(seed: u8) -> PrivateKey {
    PrivateKey::from_seed(Algorithm::Ed25519, &[seed; 32]).unwrap()
}

fn rules_text(rules: Rules, receipt_keys: &[PrivateKey]) -> String {
    let now = SystemClock.now();
    let start = Timestamp::from_unix(now.unix() - 1_000).unwrap();
    let end = now.plus_seconds(7_200).unwrap();
    let keys: Vec<String> = receipt_keys.iter().map(|key| key.public().to_base64()).collect();
    let Rules { k, work_bits, shards, is_remote } = rules;
    let remote_of = if is_remote { "remote_of = \"solar\"\n" } else { "" };
    let rules = Solar {
        name: if is_remote { "solar-remote" } else { "solar" },
        purpose: "demonstration",
        options: &["Bold Jupiter", "Shiny Saturn", "Humble Pluto", "Caf\u{e9} Neptune"],
        authority: key(1).public().to_base64(),
        time: (&start.to_string(), &end.to_string()),
        k,
        work_bits,
        shards,
        more: &format!("stamp_period_s = 86400\nreceipt_keys = {keys:?}\n{remote_of}"),
    };
    rules.to_string()
}

impl Platform {
    pub(crate) fn new(rules: Rules) -> Arc<Self> {
        let receipt_keys: Vec<_> = (51..).take(usize::from(rules.shards)).map(key).collect();
        let text = rules_text(rules, &receipt_keys);
        let campaign = Campaign::check(toml::from_str(&text).unwrap()).unwrap();
        let collectors = (0..rules.shards).map(|shard| {
            let (draw_key, batches) = (Secret::new(&[41; 32]), Batches::new(rules.k, 0));
            let campaign = campaign.clone();
            Collector::new(
                campaign,
                Shard(shard),
                (draw_key, 0),
                Memory::new(),
                batches,
                Shelf::new(),
            )
        });
        let state = State {
            edge: Edge::new(Limits::default()),
            desk: Desk::new(),
            collectors: collectors.collect(),
            votes: Vec::new(),
            voters: Vec::new(),
            tickets: 0,
        };
        let stamps = StampKeys::new(&[21; 32], &[22; 32]).unwrap();
        Arc::new(Self {
            text,
            campaign: Arc::new(campaign),
            totp: Secret::new(&TOTP_SEED),
            authority: PrivateKey::from_seed(Algorithm::Ed25519, &AUTHORITY_SEED).unwrap(),
            secrets: EdgeSecrets { stamps, edge_key: Secret::new(&[23; 32]) },
            tags: Tags::new(Secret::new(&random::bytes())),
            receipt_keys,
            state: Mutex::new(state),
            script: Mutex::new(Box::new(|_, answer| Act::Answer(answer()))),
            calls: Mutex::new(Vec::new()),
        })
    }

    /// Behaves as a test says from now on.
    pub(crate) fn play(
        &self,
        script: impl FnMut(&Call, &mut dyn FnMut() -> Answer) -> Act + Send + 'static,
    ) {
        *self.script.lock().unwrap() = Box::new(script);
    }

    /// Listens; gives its address.
    pub(crate) async fn serve(self: &Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let platform = Arc::clone(self);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&platform).connection(stream));
            }
        });
        format!("http://{address}")
    }

    async fn connection(self: Arc<Self>, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        while let Some(call) = read(&mut stream).await {
            self.calls.lock().unwrap().push(call.clone());
            let act = {
                let mut script = self.script.lock().unwrap();
                script(&call, &mut || self.judge(&call))
            };
            match act {
                Act::Answer(answer) => {
                    if stream.write_all(&written(&answer)).await.is_err() {
                        return;
                    }
                }
                Act::Drop => return,
                Act::Hang => std::future::pending().await,
                Act::Endless => {
                    let mut more = stream.write_all(b"HTTP/1.1 204 No Content\r\n").await;
                    while more.is_ok() {
                        more = stream.write_all(b"X-More: and more and more and more\r\n").await;
                    }
                    return;
                }
            }
        }
    }

    pub(crate) fn code(&self) -> booth::totp::Code {
        Codes::at(&self.totp, SystemClock.now()).current
    }

    pub(crate) fn mandate(&self, number: u32) -> Mandate {
        let mut id = [9; 24];
        id[..4].copy_from_slice(&number.to_be_bytes());
        Mandate::issue(&self.authority, id).unwrap()
    }

    /// The true answer to a call.
    pub(crate) fn judge(&self, call: &Call) -> Answer {
        let (mut state, now) = (self.state.lock().unwrap(), SystemClock.now());
        match call.path.as_str() {
            "/list" => Answer {
                status: 204,
                headers: self.campaign.list(),
                max_age_s: Some(3_600),
                retry_after_s: None,
            },
            "/stamp" => self.stamp(&mut state, call, now).unwrap_or_else(Answer::from),
            _ => self.vote(&mut state, call, now).unwrap_or_else(Answer::from),
        }
    }

    fn stamp(&self, state: &mut State, call: &Call, now: Timestamp) -> Result<Answer, Refusal> {
        let station = call.header("Station").map(str::parse::<Station>).transpose();
        let station = station.map_err(|_| Refusal::Malformed)?;
        let given = call.header("TOTP").map(|code| code.parse().map_err(|_| Refusal::Malformed));
        let codes = Codes::at(&self.totp, now);
        let judged = match given.transpose()? {
            None => Judged::remote(&self.campaign, now)?,
            Some(_) if self.campaign.remote_of().is_some() => return Err(Refusal::Malformed),
            Some(given) => {
                state.desk.judge(&self.campaign, station.as_ref(), &codes, given, now)?
            }
        };
        let drawn = (&random::bytes::<32>(), random::bytes::<16>());
        let stamps = judged.stamp(&self.secrets, drawn);
        let headers = stamps.headers().map(|(name, value)| (name.to_owned(), value)).to_vec();
        Ok(Answer { status: 204, headers, max_age_s: None, retry_after_s: None })
    }

    fn vote(&self, state: &mut State, call: &Call, now: Timestamp) -> Result<Answer, Refusal> {
        let headers = call.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let request = VoteRequest::parse(&call.path, headers)?;
        let tagged = self.tags.of(request);
        let examined = edge::examine(&self.campaign, &self.secrets, tagged, now)?;
        state.tickets += 1;
        let ticket = Ticket(state.tickets);
        let (peer, examined) = ([127, 0, 0, 1].into(), Box::new(examined));
        let input = edge::Input::Vote { ticket, peer, examined };
        let outputs = state.edge.step(&self.campaign, input, SystemClock.uptime_s());
        match outputs.into_iter().next() {
            Some(edge::Output::Answer { answer, .. }) => Ok(answer),
            Some(edge::Output::Forward { shard, tag, request, repeat_only, .. }) => {
                let answer = self.collect(state, shard, (*request, repeat_only), now);
                let input = edge::Input::Answered { tag, answer: answer.clone() };
                state.edge.step(&self.campaign, input, SystemClock.uptime_s());
                Ok(answer)
            }
            None => Err(Refusal::Busy),
        }
    }

    /// The instance of a shard, whose disk is always done.
    fn collect(
        &self,
        state: &mut State,
        shard: Shard,
        (request, repeat_only): (VoteRequest, bool),
        now: Timestamp,
    ) -> Answer {
        let at = usize::from(shard.0);
        let checked = match collect::examine(&self.campaign, shard, request, now) {
            Ok(checked) if repeat_only => checked.repeat_only(),
            Ok(checked) => checked,
            Err(refusal) => return refusal.into(),
        };
        let mut inputs = vec![collect::Input::Vote { ticket: Ticket(0), checked }];
        let mut answer = Answer::from(Refusal::Busy);
        while let Some(input) = inputs.pop() {
            for output in state.collectors[at].step(input, now) {
                match output {
                    collect::Output::Store { number, .. } => {
                        inputs.push(collect::Input::Stored { through: number });
                    }
                    collect::Output::Cut(cut) => {
                        state.votes.extend(cut.votes.iter().map(|half| half.line().to_owned()));
                        state.voters.extend(cut.voters.iter().map(|half| half.line().to_owned()));
                        inputs.push(collect::Input::CutStored { cut });
                    }
                    collect::Output::Answer { reply, .. } => {
                        answer = reply.answer(&self.receipt_keys[at]).unwrap();
                    }
                    collect::Output::Stop => panic!("the instance stopped"),
                }
            }
        }
        answer
    }

    /// The close: everything is published.
    pub(crate) fn close(&self) {
        let (mut state, now) = (self.state.lock().unwrap(), SystemClock.now());
        for at in 0..state.collectors.len() {
            for output in state.collectors[at].step(collect::Input::Close, now) {
                let collect::Output::Cut(cut) = output else { continue };
                state.votes.extend(cut.votes.iter().map(|half| half.line().to_owned()));
                state.voters.extend(cut.voters.iter().map(|half| half.line().to_owned()));
                state.collectors[at].step(collect::Input::CutStored { cut }, now);
            }
        }
    }

    /// The two lists.
    pub(crate) fn lists(&self) -> (Vec<String>, Vec<String>) {
        let state = self.state.lock().unwrap();
        (state.votes.clone(), state.voters.clone())
    }

    /// A signature of a shard's instance, also over what it should never sign.
    pub(crate) fn receipt_key(&self, shard: usize) -> &PrivateKey {
        &self.receipt_keys[shard]
    }
}

/// How long a head may take once it has begun.
const HEAD: Duration = Duration::from_millis(500);

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Call> {
    stream.fill_buf().await.ok().filter(|bytes| !bytes.is_empty())?;
    let lines = tokio::time::timeout(HEAD, head(stream)).await.ok()??;
    let path = lines.first()?.split(' ').nth(1)?.to_owned();
    let headers = lines.iter().skip(1).filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Some(Call { path, headers })
}

async fn head(stream: &mut BufReader<TcpStream>) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => return Some(lines),
            line => lines.push(line.to_owned()),
        }
    }
}

fn written(answer: &Answer) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {} X\r\n", answer.status);
    if answer.status != 204 {
        text += "Content-Length: 0\r\n";
    }
    for (name, value) in &answer.headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    if let Some(seconds) = answer.retry_after_s {
        write!(text, "Retry-After: {seconds}\r\n").unwrap();
    }
    (text + "\r\n").into_bytes()
}
