//! Accept loop: serves connections with time limits and shuts them down gracefully.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::Service;

use crate::shutdown::Shutdown;

/// Longest time until the head of a request has arrived. It also closes idle connections, so it
/// must be longer than the idle timeout of proxies, usually a minute: if a connection closes under
/// a proxy's request, the proxy answers 502.
const HEAD_LIMIT: Duration = Duration::from_secs(75);
/// Longest time that open requests have to finish once shutdown begins.
const DEADLINE: Duration = Duration::from_secs(25);
/// Pause after a failed `accept`, most likely caused by too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves a router until shutdown begins and the open requests have finished or their deadline is
/// over.
///
/// # Errors
/// Returns an error if the listener has no local address.
pub async fn serve(listener: TcpListener, router: Router, mut shutdown: Shutdown) -> io::Result<()> {
    listener.local_addr()?;
    let mut make_service = router.into_make_service_with_connect_info::<SocketAddr>();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.started() => break,
            // Removes finished connections from the set.
            Some(_) = connections.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Infallible.
        let Ok(service) = make_service.call(peer).await;
        connections.spawn(connection(stream, TowerToHyperService::new(service), shutdown.clone()));
    }
    // Closes the listener: new clients are rejected at once and can go elsewhere.
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DEADLINE, ended).await.is_err() {
        tracing::warn!(connections = connections.len() as u64, "requests did not end before the deadline");
    }
    Ok(())
}

/// Serves one connection. When shutdown begins, the current request is answered and no further one is read.
async fn connection<S>(stream: TcpStream, service: TowerToHyperService<S>, mut shutdown: Shutdown)
where
    TowerToHyperService<S>: hyper::service::Service<
            hyper::Request<hyper::body::Incoming>,
            Response = axum::response::Response,
            Error = std::convert::Infallible,
            Future: Send,
        > + Send,
    S: Send,
{
    // Events are small and must not be delayed.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.started() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // The client disconnected or did not send valid HTTP.
        tracing::debug!(%error, "connection ended");
    }
}
