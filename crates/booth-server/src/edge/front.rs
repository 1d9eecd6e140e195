//! What voters see of an edge.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::header::HOST;
use axum::http::{HeaderMap, Method, Request};
use axum::response::Response;
use booth::answer::Refusal;
use hyper::body::{Body as _, Incoming};
use service::http::{Handler, network};

use super::figures::Figures;
use super::open::Hosted;
use super::site::Site;
use crate::wire::{self, refused};

/// The campaigns of an edge, by the hosts that they are asked under.
#[derive(Clone)]
pub(super) struct Front(Arc<Inner>);

struct Inner {
    /// Campaigns with hosts of their own, in lower case without a port.
    by_host: BTreeMap<String, Arc<Site>>,
    /// The others, by their name, which is the first label of the host.
    by_label: BTreeMap<String, Arc<Site>>,
    /// The only campaign, which has no hosts.
    only: Option<Arc<Site>>,
    figures: Figures,
}

impl Front {
    /// Campaigns and their hosts, which no two share.
    pub(super) fn new(sites: &[Hosted], figures: Figures) -> Self {
        let (mut by_host, mut by_label) = (BTreeMap::new(), BTreeMap::new());
        for (site, hosts) in sites {
            if hosts.is_empty() {
                by_label.insert(site.campaign().name().to_owned(), Arc::clone(site));
            }
            by_host.extend(hosts.iter().map(|host| (host.clone(), Arc::clone(site))));
        }
        let only = match sites {
            [(site, hosts)] if hosts.is_empty() => Some(Arc::clone(site)),
            _ => None,
        };
        Self(Arc::new(Inner { by_host, by_label, only, figures }))
    }

    async fn route(&self, request: &Request<Incoming>, from: SocketAddr) -> Response {
        let Some((site, path)) = self.find(request) else { return refused(Refusal::NotHere) };
        match path {
            wire::LIST_PATH => site.list().await,
            "/stamp" => site.stamp(request.headers()).await,
            _ => site.vote(network(from.ip()), path, request.headers()).await,
        }
    }

    /// The campaign and the path of a GET without query and without body.
    fn find<'a>(&self, request: &'a Request<Incoming>) -> Option<(&Arc<Site>, &'a str)> {
        let uri = request.uri();
        let is_plain = request.method() == Method::GET
            && uri.authority().is_none()
            && uri.query().is_none()
            && request.body().is_end_stream();
        if !is_plain {
            return None;
        }
        Some((self.site(request.headers())?, uri.path()))
    }

    fn site(&self, headers: &HeaderMap) -> Option<&Arc<Site>> {
        if let Some(only) = &self.0.only {
            return Some(only);
        }
        let host = wire::one(headers, &HOST).ok()?.to_str().ok()?;
        let host = without_port(host).to_ascii_lowercase();
        if let Some(site) = self.0.by_host.get(&host) {
            return Some(site);
        }
        self.0.by_label.get(host.split('.').next()?)
    }
}

impl Handler for Front {
    async fn answer(&self, request: Request<Incoming>, from: SocketAddr) -> Response {
        let response = self.route(&request, from).await;
        self.0.figures.answered(response.status().as_u16());
        response
    }
}

/// The host without `:` and digits behind it. An IPv6 address in brackets names no campaign.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}
