//! The page for a kiosk: on this machine alone, whole in one answer, nothing from elsewhere.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use canon::{Digest, base64};
use service::http;
use service::limits::Limits;
use service::stop::Stop;
use tokio::net::TcpListener;

use super::error::StationError;
use super::watched::Watched;
use super::words::Screen;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/script.js");

/// What every answer needs.
#[derive(Clone)]
struct Kiosk {
    station: Arc<Watched>,
    policy: HeaderValue,
    hosts: Arc<[String]>,
}

/// Serves the page until it is told to stop. `told` hears the address.
pub async fn serve(
    station: Watched,
    listen: &str,
    stop: Stop,
    told: impl FnOnce(std::net::SocketAddr),
) -> Result<(), StationError> {
    let failed = |source| StationError::Listen { address: listen.to_owned(), source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    if !address.ip().is_loopback() {
        return Err(StationError::NotLoopback(listen.to_owned()));
    }
    told(address);
    let hosts = Arc::new([address.to_string(), format!("localhost:{}", address.port())]);
    let kiosk = Kiosk { station: Arc::new(station), policy: policy(), hosts };
    let app = Router::new()
        .route("/", get(page))
        .route("/now", get(now))
        .route_layer(middleware::from_fn_with_state(kiosk.clone(), guarded))
        .with_state(kiosk);
    http::run(listener, app, &Limits::default(), stop).await;
    Ok(())
}

/// Style and script by their digests, and nothing else from anywhere.
fn policy() -> HeaderValue {
    let digest = |text: &str| base64::encode(Digest::of(text.as_bytes()).as_bytes());
    let (style, script) = (digest(STYLE), digest(SCRIPT));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("ASCII")
}

/// A page of elsewhere that was told this machine's address for its own name would read the codes:
/// only the names of this address are answered.
async fn guarded(State(kiosk): State<Kiosk>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let is_ours = host.is_some_and(|host| kiosk.hosts.iter().any(|ours| ours == host));
    let mut response = if is_ours {
        next.run(request).await
    } else {
        let mut response = Response::new(Body::from("this is not the station's address\n"));
        *response.status_mut() = StatusCode::MISDIRECTED_REQUEST;
        response
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, kiosk.policy);
    let fixed = [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn page(State(kiosk): State<Kiosk>) -> Response {
    whole("text/html; charset=utf-8", filled(&kiosk.station.screen().await))
}

async fn now(State(kiosk): State<Kiosk>) -> Response {
    let screen = kiosk.station.screen().await;
    let body = serde_json::to_string(&screen).expect("texts and numbers");
    whole("application/json", body)
}

fn whole(content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The page as it stands without a script.
fn filled(screen: &Screen) -> String {
    let left = screen.seconds_left.map_or(String::new(), |left| left.to_string());
    let refused = match (&screen.refused, &screen.hint) {
        (Some(refused), Some(hint)) => format!("{refused}. What to do: {hint}."),
        _ => String::new(),
    };
    let pieces = [
        ("{{STYLE}}", STYLE.to_owned()),
        ("{{SCRIPT}}", SCRIPT.to_owned()),
        ("{{STATION}}", escaped(&screen.station)),
        ("{{CODE}}", escaped(&screen.grouped().unwrap_or_default())),
        ("{{LEFT}}", left),
        ("{{UPDATED}}", escaped(&screen.updated_words)),
        ("{{CLOCK}}", escaped(&screen.clock_words)),
        ("{{AHEAD}}", escaped(screen.ahead.as_deref().unwrap_or_default())),
        ("{{REFUSED}}", escaped(&refused)),
        ("{{DEVELOPMENT}}", escaped(screen.warning.unwrap_or_default())),
    ];
    let mut rest = PAGE;
    let mut page = String::with_capacity(PAGE.len() + STYLE.len() + SCRIPT.len());
    // Piece by piece, so that no value is taken for a place.
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, after) = behind.split_once("}}").expect("a place ends");
        let place = format!("{{{{{name}}}}}");
        let piece = pieces.iter().find(|(known, _)| *known == place).expect("a known place");
        page.push_str(before);
        page.push_str(&piece.1);
        rest = after;
    }
    page.push_str(rest);
    page
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for found in text.chars() {
        match found {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
