use std::{io, time::Duration};

use tokio::{
    select,
    signal::unix::{Signal, SignalKind, signal},
};

/// How long open requests may take once SIGTERM or SIGINT has come; then the process ends anyway.
/// The contract gives two seconds in all.
pub const STOP_WITHIN: Duration = Duration::from_millis(1200);

/// SIGTERM and SIGINT.
pub struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    /// To be called before the port opens: process 1 of a container ignores SIGTERM until it asks for it.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Ends when one of them has come.
    pub async fn asked(mut self) {
        select! { _ = self.terminate.recv() => {}, _ = self.interrupt.recv() => {} }
    }
}
