//! One voter's way of speaking to an edge: three requests, and every answer a value.
//!
//! ```text
//! GET /list                                    -> the ballot
//! GET /stamp     [TOTP: <6 digits>] [Station]  -> two stamps
//! GET /<nonce>   the seven headers of a vote   -> acceptance, receipt, or a refusal
//! ```
//!
//! Whatever comes from the network is bounded: the size and number of headers, the time to
//! connect, and the time until the whole head is there. Bodies are never read, for no answer has
//! one. Redirections are not followed: a vote goes to the edge that was named, or nowhere.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use booth::campaign::Campaign;
use booth::edge::StampAnswer;
use booth::receipt::{AcceptanceFault, ReceiptFault, SignedAcceptance, SignedReceipt};
use booth::request::VoteRequest;
use booth::totp::{Code, Station};
use bytes::Bytes;
use http_body_util::Empty;
use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper::http::uri::{Authority, Scheme};
use hyper::{Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use service::tls::{self, ClientTls};

use super::refused::Refused;

mod error;
mod headers;

use error::because;
pub use error::{ClientError, SetupError};
use headers::{ballot, retry_after, stamps, texts};

/// Bytes of an answer's status line and headers: some 60 kB for a ballot of 99 long options.
const HEAD_BYTES: usize = 128 * 1024;

/// Headers of an answer: a receipt of 99 lines, and what proxies add.
const HEADERS: usize = 160;

/// How long a client waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the whole head of an answer, the connection included.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), answer: Duration::from_secs(30) }
    }
}

/// The requests that a voter makes, for whoever measures them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Errand {
    /// `/list`.
    List,
    /// `/stamp`.
    Stamp,
    /// `/<nonce>`.
    Cast,
}

/// Somebody who is told of every request: its errand, the status or why there was none, and how
/// long it took.
pub trait Meter: Send + Sync {
    /// Takes one measurement.
    fn took(&self, errand: Errand, ended: Result<u16, &ClientError>, time: Duration);
}

/// What came of asking for a stamp or casting a vote: an answer, or a refusal with its number.
pub type Judged<T> = Result<T, Refused>;

/// What a vote request gets when it is not refused. Nothing of it is checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CastAnswer {
    /// 202: the promise that the vote will be published.
    Accepted {
        /// The promise, or why it is none.
        acceptance: Result<SignedAcceptance, AcceptanceFault>,
        /// Seconds after which to ask for the receipt.
        retry_after_s: Option<u32>,
    },
    /// 204: the receipt, or why it is none.
    Receipt(Result<SignedReceipt, ReceiptFault>),
}

type Http = legacy::Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// Connections to one edge, kept alive between requests. Clones share them.
#[derive(Clone)]
pub struct Client {
    http: Http,
    scheme: Scheme,
    authority: Authority,
    host: Option<HeaderValue>,
    patience: Patience,
    meter: Option<Arc<dyn Meter>>,
}

impl Client {
    /// A client of the edge at an address such as `https://solar.example.org`, which has no path.
    ///
    /// Certificates are judged by the roots that Mozilla's browsers have, or by those in a PEM
    /// file. `http` is spoken in the clear.
    pub fn new(url: &str, roots: Option<&Path>, patience: Patience) -> Result<Self, SetupError> {
        let (scheme, authority) = address(url).ok_or_else(|| SetupError::Address(url.into()))?;
        let builder = HttpsConnectorBuilder::new();
        let builder = match roots {
            None => builder.with_provider_and_webpki_roots(tls::provider())?,
            Some(path) => {
                let tls = ClientTls { roots: path.to_path_buf(), ..ClientTls::default() };
                builder.with_tls_config(tls.read(Path::new(""))?)
            }
        };
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(patience.connect));
        let connector = builder.https_or_http().enable_http1().wrap_connector(tcp);
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(20))
            .http1_max_buf_size(HEAD_BYTES)
            .http1_max_headers(HEADERS)
            // A vote is sent again by the one place that says when, and says that it does.
            .retry_canceled_requests(false)
            .build(connector);
        Ok(Self { http, scheme, authority, host: None, patience, meter: None })
    }

    /// The same client, which names another host to the edge than the one it connects to.
    pub fn with_host(mut self, host: &str) -> Result<Self, SetupError> {
        let value = HeaderValue::from_str(host);
        self.host = Some(value.map_err(|_| SetupError::Address(host.into()))?);
        Ok(self)
    }

    /// The same client, which tells of every request.
    #[must_use]
    pub fn with_meter(mut self, meter: Arc<dyn Meter>) -> Self {
        self.meter = Some(meter);
        self
    }

    /// Host and port, for whoever connects by themselves.
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The options of the ballot, in their order.
    pub async fn list(&self) -> Result<Judged<Vec<String>>, ClientError> {
        let answer = self.get(Errand::List, "/list", Vec::new()).await?;
        match answer.status().as_u16() {
            204 => ballot(answer.headers()).map(Ok).ok_or(ClientError::Form("a ballot")),
            _ => refused(&answer).map(Err),
        }
    }

    /// A platform stamp and a voter stamp for a code. Whether the code was right nobody says.
    pub async fn stamp(
        &self,
        code: Option<Code>,
        station: Option<&Station>,
    ) -> Result<Judged<StampAnswer>, ClientError> {
        let mut headers: Vec<_> = code.map(|code| ("TOTP", code.to_string())).into_iter().collect();
        headers.extend(station.map(|station| ("Station", station.to_string())));
        let answer = self.get(Errand::Stamp, "/stamp", headers).await?;
        match answer.status().as_u16() {
            204 => stamps(answer.headers()).map(Ok).ok_or(ClientError::Form("two stamps")),
            _ => refused(&answer).map(Err),
        }
    }

    /// Casts a vote, or asks again about one: the request is the same.
    pub async fn cast(
        &self,
        campaign: &Campaign,
        request: &VoteRequest,
    ) -> Result<Judged<CastAnswer>, ClientError> {
        let answer = self.get(Errand::Cast, &request.path(), request.headers()).await?;
        let headers = texts(answer.headers());
        match answer.status().as_u16() {
            202 => Ok(Ok(CastAnswer::Accepted {
                acceptance: SignedAcceptance::from_headers(campaign, headers),
                retry_after_s: retry_after(answer.headers()),
            })),
            204 => Ok(Ok(CastAnswer::Receipt(SignedReceipt::from_headers(campaign, headers)))),
            _ => refused(&answer).map(Err),
        }
    }

    /// One request, with all its headers as they are: also for those who send what no voter would.
    pub async fn get(
        &self,
        errand: Errand,
        path: &str,
        headers: Vec<(&'static str, String)>,
    ) -> Result<Response<()>, ClientError> {
        let begun = Instant::now();
        let answer = self.answer(path, headers).await;
        if let Some(meter) = &self.meter {
            let ended = answer.as_ref().map(|answer| answer.status().as_u16());
            meter.took(errand, ended, begun.elapsed());
        }
        answer
    }

    async fn answer(
        &self,
        path: &str,
        headers: Vec<(&'static str, String)>,
    ) -> Result<Response<()>, ClientError> {
        let request = self.request(path, headers)?;
        let answer = tokio::time::timeout(self.patience.answer, self.http.request(request)).await;
        let answer = answer.map_err(|_| ClientError::TimedOut(self.patience.answer))?;
        let answer = answer.map_err(|error| because(&error))?;
        // A body is dropped unread, and its connection with it.
        Ok(answer.map(drop))
    }

    fn request(
        &self,
        path: &str,
        headers: Vec<(&'static str, String)>,
    ) -> Result<Request<Empty<Bytes>>, ClientError> {
        let unfit = || ClientError::Form("a request");
        let uri = Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()
            .map_err(|_| unfit())?;
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = uri;
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
            let value = HeaderValue::from_str(&value).map_err(|_| unfit())?;
            request.headers_mut().append(name, value);
        }
        if let Some(host) = &self.host {
            request.headers_mut().insert(HOST, host.clone());
        }
        Ok(request)
    }
}

/// Scheme and authority of an address without path, query or user.
fn address(url: &str) -> Option<(Scheme, Authority)> {
    let uri: Uri = url.trim_end_matches('/').parse().ok()?;
    let parts = uri.into_parts();
    let bare = parts.path_and_query.is_none_or(|path| path == "/");
    let scheme = parts.scheme.filter(|scheme| [Scheme::HTTP, Scheme::HTTPS].contains(scheme))?;
    let authority = parts.authority.filter(|authority| !authority.as_str().contains('@'))?;
    bare.then_some((scheme, authority))
}

fn refused(answer: &Response<()>) -> Result<Refused, ClientError> {
    let status = answer.status().as_u16();
    Refused::of(status, retry_after(answer.headers())).ok_or(ClientError::Status(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edges_address_is_a_host_and_no_more() {
        for url in ["http://127.0.0.1:8080", "https://solar.example.org/", "http://[::1]:1"] {
            assert!(address(url).is_some(), "{url}");
        }
        for url in [
            "",
            "solar.example.org",
            "ftp://solar.example.org",
            "https://",
            "/list",
            "https://solar.example.org/list",
            "https://solar.example.org?x",
            "https://me@solar.example.org",
        ] {
            assert!(address(url).is_none(), "{url}");
        }
    }
}
