//! A stream that ends when its other side stands still: neither sends, nor takes what it asked for.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::limits::{LEAST_READ, READ_WINDOW, SILENCE};

/// A stream that fails when its peer is too slow.
pub struct Paced<S> {
    stream: S,
    /// When something came last.
    heard: Instant,
    /// Made once, and set anew only when it runs out: a timer for each call would cost more than
    /// the rest of this.
    silence: Option<Pin<Box<Sleep>>>,
    /// Runs from the first byte that the other side did not take.
    window: Option<Pin<Box<Sleep>>>,
    /// Taken in this window.
    taken: usize,
}

impl<S> Paced<S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            heard: Instant::now(),
            silence: None,
            window: None,
            taken: 0,
        }
    }

    /// Whether the other side has taken too little in a window that is over.
    fn is_too_slow(&mut self, context: &mut Context<'_>) -> bool {
        let window = self
            .window
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + READ_WINDOW)));
        if window.as_mut().poll(context).is_pending() {
            return false;
        }
        let is_too_slow = self.taken < LEAST_READ;
        self.taken = 0;
        window.as_mut().reset(Instant::now() + READ_WINDOW);
        // Registers the wake-up.
        let _ = window.as_mut().poll(context);
        is_too_slow
    }

    /// Notes the outcome of a write.
    fn paced<T>(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
        taken: impl FnOnce(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        match outcome {
            Poll::Ready(Ok(done)) => {
                self.taken = self.taken.saturating_add(taken(&done));
                Poll::Ready(Ok(done))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending if self.is_too_slow(context) => Poll::Ready(Err(slow("does not read"))),
            Poll::Pending => Poll::Pending,
        }
    }
}

fn slow(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("the other side {what}"))
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Ready(done) => {
                this.heard = Instant::now();
                Poll::Ready(done)
            }
            Poll::Pending => {
                let end = this.heard + SILENCE;
                let silence = this
                    .silence
                    .get_or_insert_with(|| Box::pin(sleep_until(end)));
                while silence.as_mut().poll(context).is_ready() {
                    if Instant::now() >= end {
                        return Poll::Ready(Err(slow("is silent")));
                    }
                    silence.as_mut().reset(end);
                }
                Poll::Pending
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.paced(context, outcome, |taken| *taken)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.paced(context, outcome, |taken| *taken)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(context);
        self.paced(context, outcome, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(context);
        self.paced(context, outcome, |()| 0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_silent_side_is_given_up_and_a_talking_one_is_not() {
        let (ours, mut theirs) = duplex(64);
        let mut ours = Paced::new(ours);
        for _ in 0..3 {
            tokio::time::sleep(SILENCE - Duration::from_secs(1)).await;
            theirs.write_all(b"x").await.unwrap();
            assert_eq!(ours.read_u8().await.unwrap(), b'x');
        }
        let start = Instant::now();
        let error = ours.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(start.elapsed() >= SILENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_side_that_takes_a_byte_now_and_then_is_given_up() {
        let (ours, mut theirs) = duplex(16);
        let mut ours = Paced::new(ours);
        let reader = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if theirs.read_u8().await.is_err() {
                    return;
                }
            }
        });
        let start = Instant::now();
        let error = ours.write_all(&[0; 1000]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(start.elapsed() <= 2 * READ_WINDOW, "{:?}", start.elapsed());
        drop(ours);
        reader.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_but_steady_reader_gets_everything() {
        let (ours, mut theirs) = duplex(LEAST_READ);
        let mut ours = Paced::new(ours);
        let reader = tokio::spawn(async move {
            let mut chunk = vec![0; LEAST_READ];
            let mut all = 0;
            while let Ok(n @ 1..) = theirs.read(&mut chunk).await {
                all += n;
                tokio::time::sleep(READ_WINDOW / 3).await;
            }
            all
        });
        ours.write_all(&vec![0; 64 * LEAST_READ]).await.unwrap();
        drop(ours);
        assert_eq!(reader.await.unwrap(), 64 * LEAST_READ);
    }
}
