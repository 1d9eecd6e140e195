//! Asking a server to stop, once, from a signal or from a test.

use std::io;

use tokio::sync::watch;

/// Held by whoever may ask; dropping it asks too.
#[derive(Debug)]
pub struct StopHandle(watch::Sender<bool>);

/// Held by everything that has to stop. Clones hear the same request.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// A handle and what hears it.
pub fn pair() -> (StopHandle, Stop) {
    let (sender, receiver) = watch::channel(false);
    (StopHandle(sender), Stop(receiver))
}

impl StopHandle {
    /// Asks everybody to stop. Asking again changes nothing.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether somebody has asked.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Returns once somebody has asked.
    pub async fn asked(&mut self) {
        // An error means that the handle is gone, which asks as well.
        let _ = self.0.wait_for(|asked| *asked).await;
    }
}

/// Hears SIGINT and SIGTERM (on Unix), or Ctrl-C (elsewhere), from now on.
///
/// Must be called within a tokio runtime. A second signal ends the process at once, so that a
/// stop which hangs can be ended by hand.
pub fn on_signals() -> io::Result<Stop> {
    on_signals_then(|| (), || ())
}

/// [`on_signals`] for a process that has something to say at the `first` signal, and something left
/// to do when a second ends it: `last`. A third does not wait for that.
///
/// What is dropped with its runtime asks to stop as well; nothing is said then.
pub fn on_signals_then(
    first: impl FnOnce() + Send + 'static,
    last: impl FnOnce() + Send + 'static,
) -> io::Result<Stop> {
    let (handle, stop) = pair();
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!("asked to stop; a second signal ends at once");
        first();
        handle.ask();
        signals.next().await;
        tokio::select! {
            _ = tokio::task::spawn_blocking(last) => {}
            () = signals.next() => {}
        }
        std::process::exit(130);
    });
    Ok(stop)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn every_clone_hears_one_request() {
        let (handle, stop) = pair();
        let (mut one, mut two) = (stop.clone(), stop.clone());
        assert!(!stop.is_asked());
        handle.ask();
        one.asked().await;
        two.asked().await;
        assert!(stop.is_asked());
    }

    #[tokio::test]
    async fn dropping_the_handle_asks() {
        let (handle, mut stop) = pair();
        drop(handle);
        stop.asked().await;
        assert!(stop.is_asked());
    }

    #[test]
    fn a_runtime_that_ends_is_no_signal() {
        let said = Arc::new(AtomicBool::new(false));
        for _ in 0..50 {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let says = Arc::clone(&said);
            let first = move || says.store(true, Ordering::Relaxed);
            let stop = runtime.block_on(async { on_signals_then(first, || ()) }).unwrap();
            drop(runtime);
            assert!(stop.is_asked());
        }
        assert!(!said.load(Ordering::Relaxed));
    }
}
