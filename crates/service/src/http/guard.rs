//! A connection that ends when its client stops taking bytes, and ends so that the client can
//! read the last answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::limits::Limits;
use crate::stop::Stop;

/// How long a closing connection goes on taking what its client still sends.
const LINGER: Duration = Duration::from_secs(2);

/// Wraps a connection.
///
/// Writes may wait for the client as long as the limits allow for the bytes that it has taken,
/// all waits together, and then fail: without this a client that asks and never reads, or reads a
/// byte now and then, holds its connection for ever. And a shutdown first takes what the client
/// still sends, up to [`LINGER`]: closing a socket with bytes unread makes the operating system
/// reset the connection, and a client in the middle of a refused body would never see the refusal
/// (RFC 9112, 9.6).
pub(super) struct Guarded<T> {
    inner: T,
    limits: Limits,
    /// Bytes that the client has taken.
    taken: u64,
    /// Time for which writes have waited so far.
    waited: Duration,
    /// The wait under way: since when, and until when at the most.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    linger: Option<Pin<Box<Sleep>>>,
    stop: Stop,
}

impl<T> Guarded<T> {
    pub(super) fn new(inner: T, limits: Limits, stop: Stop) -> Self {
        let waited = Duration::ZERO;
        Self { inner, limits, taken: 0, waited, waiting: None, linger: None, stop }
    }

    /// Counts the bytes of a write that went on, and ends one that has waited too long.
    fn judge<R>(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<R>>,
        bytes: impl FnOnce(&R) -> usize,
    ) -> Poll<io::Result<R>> {
        if let Poll::Ready(result) = result {
            if let Some((since, _)) = self.waiting.take() {
                self.waited += since.elapsed();
            }
            let taken = result.as_ref().map_or(0, bytes);
            self.taken = self.taken.saturating_add(taken as u64);
            return Poll::Ready(result);
        }
        let left = self.limits.write_time(self.taken).saturating_sub(self.waited);
        let (_, sleep) = self.waiting.get_or_insert_with(|| {
            let now = Instant::now();
            (now, Box::pin(tokio::time::sleep_until(now + left)))
        });
        match sleep.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Guarded<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.judge(cx, result, |count| *count)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.judge(cx, result, |count| *count)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.inner).poll_flush(cx);
        self.judge(cx, result, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.linger.is_none() {
            let result = Pin::new(&mut self.inner).poll_shutdown(cx);
            std::task::ready!(self.judge(cx, result, |()| 0))?;
            self.linger = Some(Box::pin(tokio::time::sleep(LINGER)));
        }
        self.take_the_rest(cx)
    }
}

impl<T: AsyncRead + Unpin> Guarded<T> {
    fn take_the_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut scratch = [0; 4096];
        // The bound gives other connections their turn.
        for _ in 0..64 {
            if let Some(sleep) = &mut self.linger
                && sleep.as_mut().poll(cx).is_ready()
            {
                return Poll::Ready(Ok(()));
            }
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.inner).poll_read(cx, &mut buffer) {
                // A server that is to stop does not wait for clients that say nothing.
                Poll::Pending if self.stop.is_asked() => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(Ok(())),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::stop;

    #[tokio::test]
    async fn a_shutdown_takes_what_the_client_still_sends() {
        let (mut client, server) = tokio::io::duplex(64);
        let (_handle, stop) = stop::pair();
        let mut server = Guarded::new(server, Limits::default(), stop);
        server.write_all(b"no").await.unwrap();
        let closing = tokio::spawn(async move { server.shutdown().await });
        // More than the pipe holds: it only goes through if the other side reads.
        client.write_all(&[7; 1000]).await.unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"no");
        drop(client);
        closing.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_stalled_write_fails() {
        let (_client, server) = tokio::io::duplex(8);
        let (_handle, stop) = stop::pair();
        let limits = Limits { write_ms: 10, ..Limits::default() };
        let mut server = Guarded::new(server, limits, stop);
        let error = server.write_all(&[0; 100]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_trickle_is_no_progress() {
        let (mut client, server) = tokio::io::duplex(1);
        let (_handle, stop) = stop::pair();
        let limits = Limits { write_ms: 1_000, body_bytes_per_s: 10, ..Limits::default() };
        let mut server = Guarded::new(server, limits, stop);
        let writing = tokio::spawn(async move { server.write_all(&[0; 1_000]).await });
        let mut taken = 0;
        // A byte each 400 ms, by a clock that does not wait: less than the ten a second asked for.
        let mut ticks = tokio::time::interval(Duration::from_millis(400));
        while client.read_u8().await.is_ok() {
            taken += 1;
            ticks.tick().await;
        }
        assert_eq!(writing.await.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!((2..10).contains(&taken), "{taken}");
    }
}
