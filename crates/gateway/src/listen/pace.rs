//! A stream that fails when the caller neither sends data nor reads the answer.

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

use super::limits::{IDLE, MIN_READ, READ_WINDOW};

/// A stream that fails when the caller is too slow.
pub struct Paced<S> {
    stream: S,
    /// When data last arrived.
    last_read: Instant,
    /// Created once, and reset only when it fires: resetting it for every call would cost more than
    /// everything else here.
    idle_timer: Option<Pin<Box<Sleep>>>,
    /// Starts with the first byte that the caller doesn't read.
    window: Option<Pin<Box<Sleep>>>,
    /// Bytes written in this window.
    written: usize,
}

impl<S> Paced<S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            last_read: Instant::now(),
            idle_timer: None,
            window: None,
            written: 0,
        }
    }

    /// Whether the caller read too little in a window that has ended.
    fn is_too_slow(&mut self, context: &mut Context<'_>) -> bool {
        let window = self
            .window
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + READ_WINDOW)));
        if window.as_mut().poll(context).is_pending() {
            return false;
        }
        let is_too_slow = self.written < MIN_READ;
        self.written = 0;
        window.as_mut().reset(Instant::now() + READ_WINDOW);
        // Registers the waker.
        let _ = window.as_mut().poll(context);
        is_too_slow
    }

    /// Counts the written bytes, and fails if the caller is too slow.
    fn check_write<T>(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
        written: impl FnOnce(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        match outcome {
            Poll::Ready(Ok(done)) => {
                self.written = self.written.saturating_add(written(&done));
                Poll::Ready(Ok(done))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending if self.is_too_slow(context) => {
                Poll::Ready(Err(timed_out("doesn't read")))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

fn timed_out(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("the caller {problem}"))
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
                this.last_read = Instant::now();
                Poll::Ready(done)
            }
            Poll::Pending => {
                let end = this.last_read + IDLE;
                let timer = this
                    .idle_timer
                    .get_or_insert_with(|| Box::pin(sleep_until(end)));
                while timer.as_mut().poll(context).is_ready() {
                    if Instant::now() >= end {
                        return Poll::Ready(Err(timed_out("sends nothing")));
                    }
                    timer.as_mut().reset(end);
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
        self.check_write(context, outcome, |written| *written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.check_write(context, outcome, |written| *written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(context);
        self.check_write(context, outcome, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(context);
        self.check_write(context, outcome, |()| 0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_times_out_and_an_active_one_does_not() {
        let (ours, mut theirs) = duplex(64);
        let mut ours = Paced::new(ours);
        for _ in 0..3 {
            tokio::time::sleep(IDLE - Duration::from_secs(1)).await;
            theirs.write_all(b"x").await.unwrap();
            assert_eq!(ours.read_u8().await.unwrap(), b'x');
        }
        let start = Instant::now();
        let error = ours.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(start.elapsed() >= IDLE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_reads_too_slowly_times_out() {
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
        let (ours, mut theirs) = duplex(MIN_READ);
        let mut ours = Paced::new(ours);
        let reader = tokio::spawn(async move {
            let mut chunk = vec![0; MIN_READ];
            let mut all = 0;
            while let Ok(n @ 1..) = theirs.read(&mut chunk).await {
                all += n;
                tokio::time::sleep(READ_WINDOW / 3).await;
            }
            all
        });
        ours.write_all(&vec![0; 64 * MIN_READ]).await.unwrap();
        drop(ours);
        assert_eq!(reader.await.unwrap(), 64 * MIN_READ);
    }
}
