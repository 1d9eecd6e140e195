//! A campaign, requests, and a ledger that is driven by hand.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use booth::Secret;
use booth::answer::Ticket;
use booth::batch::Cut;
use booth::campaign::{Campaign, Draft, Period, Shard};
use booth::collect::{Checked, Collector, Input, Output, Reply, examine};
use booth::mandate::Mandate;
use booth::request::VoteRequest;
use booth::stamp::{PlatformStamp, VoterStamp};
use booth::vote::Vote;
use booth::work::Nonce;
use booth_server::collect::seen::Seen;
use booth_server::collect::{
    Disks, Embedded, Ledger as _, LedgerError, Opening, Position, Record, Recovered,
};
use canon::{Algorithm, Digest, PrivateKey, Timestamp};
use service::disk::Disk;
pub(crate) use testkit::campaign::OPTIONS;
use testkit::campaign::{START, Solar};
use testkit::faults::{Crash, Faults, MemoryDisk};

pub(crate) fn key(number: u8) -> PrivateKey {
    PrivateKey::from_seed(Algorithm::Ed25519, &[number; 32]).unwrap()
}

pub(crate) fn noon() -> Timestamp {
    START.parse::<Timestamp>().unwrap().plus_seconds(3_600).unwrap()
}

pub(crate) fn campaign(k: u32) -> Campaign {
    Campaign::check(draft(k)).unwrap()
}

pub(crate) fn draft(k: u32) -> Draft {
    let purpose = if k < 2 { "demonstration" } else { "official" };
    let (authority, more) = (key(1).public().to_base64(), "stamps_per_code = 40\n");
    let rules = Solar { purpose, k, authority, more, ..Solar::default() };
    toml::from_str(&rules.to_string()).unwrap()
}

/// The mandate with a number.
pub(crate) fn mandate(number: u32) -> Mandate {
    let id = Digest::of(&number.to_be_bytes()).0;
    Mandate::issue(&key(1), *id.first_chunk().unwrap()).unwrap()
}

/// The request with a number.
pub(crate) fn request(number: u32) -> VoteRequest {
    VoteRequest { vote: vote(number), mandate: mandate(number) }
}

/// The vote with a number: instances judge neither work nor stamps.
pub(crate) fn vote(number: u32) -> Vote {
    let random = Digest::of(&[b"stamp".as_slice(), &number.to_be_bytes()].concat()).0;
    let signature = [[random, random].concat()].concat();
    let period = Period::beginning(START.parse().unwrap());
    Vote {
        platform: PlatformStamp { period, signature: signature.try_into().unwrap() },
        stamp: VoterStamp::from_bytes(*random.first_chunk().unwrap()),
        nonce: Nonce::from(u64::from(number)),
        say: OPTIONS[number as usize % 3].to_owned(),
    }
}

/// The requests 0 to 99, made once.
pub(crate) fn requests() -> &'static [VoteRequest] {
    static REQUESTS: LazyLock<Vec<VoteRequest>> = LazyLock::new(|| (0..100).map(request).collect());
    &REQUESTS
}

/// The request as it is after the checks. Those of [`requests`] are judged once, since each costs
/// the check of a signature.
fn checked(campaign: &Campaign, request: &VoteRequest) -> Checked {
    static CHECKED: LazyLock<Vec<Checked>> = LazyLock::new(|| {
        let judge = |one: &VoteRequest| examine(&self::campaign(2), Shard(0), one.clone(), noon());
        requests().iter().map(|one| judge(one).unwrap()).collect()
    });
    match requests().iter().position(|one| one == request) {
        Some(number) => CHECKED[number].clone(),
        None => examine(campaign, Shard(0), request.clone(), noon()).unwrap(),
    }
}

/// The three disks of a ledger, in memory.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) lists: MemoryDisk,
    pub(crate) spool: MemoryDisk,
    pub(crate) keys: MemoryDisk,
}

impl World {
    pub(crate) fn new(faults: &Faults) -> Self {
        let [lists, spool, keys] = [(); 3].map(|()| MemoryDisk::new(faults));
        Self { lists, spool, keys }
    }

    pub(crate) fn after(&self, crash: Crash) -> Self {
        let none = Faults::none();
        let [lists, spool, keys] =
            [&self.lists, &self.spool, &self.keys].map(|disk| disk.after(crash, &none));
        Self { lists, spool, keys }
    }

    pub(crate) fn disks(&self) -> Disks {
        let disk = |disk: &MemoryDisk| -> Arc<dyn Disk> { Arc::new(disk.clone()) };
        Disks { lists: disk(&self.lists), spool: disk(&self.spool), keys: disk(&self.keys) }
    }

    pub(crate) fn open(&self, campaign: &Campaign) -> Result<Driver, LedgerError> {
        self.open_as(campaign, false)
    }

    /// With segments so small that there are several.
    pub(crate) fn open_as(
        &self,
        campaign: &Campaign,
        pending_votes_are_lost: bool,
    ) -> Result<Driver, LedgerError> {
        // The short forms are synced often, so that there are faults of these syncs too.
        let sync_short_every = 6;
        let opening = Opening { segment_bytes: 2_000, pending_votes_are_lost, sync_short_every };
        let opened = Embedded::open(self.disks(), campaign, Shard(0), opening)?;
        Driver::new(campaign, opened)
    }

    /// The names of the batch keys.
    pub(crate) fn key_names(&self) -> Vec<String> {
        let names = self.keys.content().into_keys();
        names.filter(|name| name.strip_suffix(".key").is_some()).collect()
    }

    pub(crate) fn file(&self, name: &str) -> Vec<u8> {
        self.lists.content().remove(name).unwrap_or_default()
    }

    /// The lines of both lists.
    pub(crate) fn lines(&self) -> [Vec<String>; 2] {
        ["solar-vote.log", "solar-auth.log"].map(|name| {
            let text = String::from_utf8(self.file(name)).unwrap();
            text.split_inclusive('\n').map(str::to_owned).collect()
        })
    }
}

/// What the engine does, one step after the other.
pub(crate) struct Driver {
    campaign: Campaign,
    collector: Collector<Seen>,
    ledger: Embedded,
    position: Position,
    pub(crate) lost: u64,
    tickets: u64,
    group: Vec<Record>,
    through: u64,
    due: Vec<Cut>,
    replies: BTreeMap<u64, Reply>,
}

impl Driver {
    fn new(
        campaign: &Campaign,
        (ledger, recovered): (Embedded, Recovered),
    ) -> Result<Self, LedgerError> {
        let Recovered { seen, batches, due, shelf, position, lost } = recovered;
        let draw_key = Secret::new(&[41; 32]);
        let collector =
            Collector::new(campaign.clone(), Shard(0), (draw_key, 0), seen, batches, shelf);
        let (group, replies, tickets, through) = (Vec::new(), BTreeMap::new(), 0, 0);
        let campaign = campaign.clone();
        let mut driver = Self {
            campaign,
            collector,
            ledger,
            position,
            lost,
            tickets,
            group,
            through,
            due,
            replies,
        };
        driver.commit()?;
        Ok(driver)
    }

    pub(crate) fn check_lists(&self) -> Result<(), String> {
        self.ledger.check_lists()
    }

    pub(crate) fn pending(&self) -> usize {
        self.collector.pending()
    }

    pub(crate) fn sizes(&self) -> (usize, usize) {
        self.collector.register().sizes()
    }

    /// Hands in some requests together; their replies, in order.
    pub(crate) fn cast(&mut self, requests: &[VoteRequest]) -> Result<Vec<Reply>, LedgerError> {
        let first = self.tickets;
        for request in requests {
            let ticket = Ticket(self.tickets);
            self.tickets += 1;
            let checked = checked(&self.campaign, request);
            self.step(Input::Vote { ticket, checked });
        }
        self.commit()?;
        Ok((first..self.tickets).map(|ticket| self.replies.remove(&ticket).unwrap()).collect())
    }

    /// The close.
    pub(crate) fn close(&mut self) -> Result<(), LedgerError> {
        self.step(Input::Close);
        self.commit()
    }

    fn commit(&mut self) -> Result<(), LedgerError> {
        if !self.group.is_empty() {
            self.position = self.ledger.append(self.position, &self.group)?;
            self.group.clear();
            self.step(Input::Stored { through: self.through });
        }
        let due = std::mem::take(&mut self.due);
        if !due.is_empty() {
            self.ledger.cut(&due)?;
            for cut in due {
                self.step(Input::CutStored { cut: Box::new(cut) });
            }
        }
        Ok(())
    }

    fn step(&mut self, input: Input) {
        for output in self.collector.step(input, noon()) {
            match output {
                Output::Store { number, batch, record } => {
                    self.group.push(Record { batch, halves: record });
                    self.through = number;
                }
                Output::Cut(cut) => self.due.push(*cut),
                Output::Answer { ticket, reply } => {
                    self.replies.insert(ticket.0, *reply);
                }
                Output::Stop => panic!("stopped"),
            }
        }
    }
}

/// Whether a reply says that the vote is recorded.
pub(crate) fn is_promise(reply: &Reply) -> bool {
    matches!(reply, Reply::Accepted(_) | Reply::Receipt(_))
}

/// The numbers of the requests whose halves stand in a list, in order; each at most once.
pub(crate) fn numbers(world: &World) -> [Vec<usize>; 2] {
    static PLACES: LazyLock<[BTreeMap<String, usize>; 2]> = LazyLock::new(|| {
        let places =
            |line: &dyn Fn(&VoteRequest) -> String| requests().iter().map(line).zip(0..).collect();
        [places(&|one| one.vote.line()), places(&|one| one.mandate.voters_line())]
    });
    let lists = world.lines();
    let of = |list: usize| {
        let mut numbers: Vec<usize> = lists[list].iter().map(|line| PLACES[list][line]).collect();
        numbers.sort_unstable();
        assert!(numbers.windows(2).all(|two| two[0] < two[1]), "twice: {numbers:?}");
        numbers
    };
    [of(0), of(1)]
}
