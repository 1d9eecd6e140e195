//! A connection that ends when its client stops taking bytes, and ends so that the client can
//! read the last answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::stop::Stop;

/// How long a closing connection goes on taking what its client still sends.
const LINGER: Duration = Duration::from_secs(2);

/// Wraps a connection.
///
/// A write that makes no progress for the given time fails: without this a client that asks and
/// never reads holds its connection for ever. And a shutdown first takes what the client still
/// sends, up to [`LINGER`]: closing a socket with bytes unread makes the operating system reset
/// the connection, and a client in the middle of a refused body would never see the refusal
/// (RFC 9112, 9.6).
pub(super) struct Guarded<T> {
    inner: T,
    most: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    linger: Option<Pin<Box<Sleep>>>,
    stop: Stop,
}

impl<T> Guarded<T> {
    pub(super) fn new(inner: T, most: Duration, stop: Stop) -> Self {
        Self { inner, most, stalled: None, linger: None, stop }
    }

    fn judge<R>(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if result.is_ready() {
            self.stalled = None;
            return result;
        }
        let most = self.most;
        let sleep = self
            .stalled
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + most)));
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
        self.judge(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.judge(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.inner).poll_flush(cx);
        self.judge(cx, result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.linger.is_none() {
            let result = Pin::new(&mut self.inner).poll_shutdown(cx);
            std::task::ready!(self.judge(cx, result))?;
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
        let mut server = Guarded::new(server, Duration::from_secs(5), stop);
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
        let mut server = Guarded::new(server, Duration::from_millis(10), stop);
        let error = server.write_all(&[0; 100]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
