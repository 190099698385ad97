//! The clock of a process.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Seconds since the first call.
pub fn now() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// Lets every other task of the executor run once.
pub async fn yield_now() {
    let mut is_first = true;
    std::future::poll_fn(move |context| {
        if std::mem::take(&mut is_first) {
            context.waker().wake_by_ref();
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(())
    })
    .await;
}

/// Waits. Natively only tests pause a run, on an executor with nothing else to do.
pub async fn sleep(secs: f64) {
    std::thread::sleep(Duration::from_secs_f64(secs));
    yield_now().await;
}
