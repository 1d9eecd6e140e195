//! An edge behind TLS, with the certificates of `vectors/tls`.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use booth_server::voter::{Client, ClientError, Patience, SetupError};
use service::http::{Entrance, serve};
use service::limits::Limits;
use service::stop;
use service::tls::ServerTls;
use tokio::net::TcpListener;

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/tls").join(name)
}

/// An edge with a ballot and no more; its port.
async fn edge() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (certificates, key) = (vector("server.pem"), vector("server.key"));
    let tls = ServerTls { certificates, key, client_roots: None }.read(Path::new("")).unwrap();
    let ballot = [("Say01", "Bold Jupiter"), ("Say02", "Shiny Saturn")];
    let app =
        Router::new().route("/list", get(move || async move { (StatusCode::NO_CONTENT, ballot) }));
    tokio::spawn(async move {
        let (_until_the_test_ends, stop) = stop::pair();
        serve(Entrance::tls(listener, tls), app, &Limits::default(), stop).await
    });
    port
}

#[tokio::test]
async fn the_edges_certificate_has_to_be_of_the_roots_and_of_its_name() {
    let port = edge().await;
    let list = async |host: &str, roots: Option<&Path>| {
        let url = format!("https://{host}:{port}");
        Client::new(&url, roots, Patience::default()).unwrap().list().await
    };
    let (root, other) = (vector("root.pem"), vector("clients.pem"));
    let expected = vec!["Bold Jupiter".to_owned(), "Shiny Saturn".to_owned()];
    assert_eq!(list("localhost", Some(&root)).await, Ok(Ok(expected)));
    // Another root, and those of the browsers.
    for roots in [Some(other.as_path()), None] {
        let refused = list("localhost", roots).await;
        assert!(matches!(refused, Err(ClientError::Unreachable(_))), "{refused:?}");
    }
    // An address that the certificate does not name.
    let refused = list("127.0.0.2", Some(&root)).await;
    assert!(matches!(refused, Err(ClientError::Unreachable(_))), "{refused:?}");
    let missing =
        Client::new("https://localhost", Some(Path::new("none.pem")), Patience::default());
    assert!(matches!(missing.map(|_| ()), Err(SetupError::Tls(_))));
}
