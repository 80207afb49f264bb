use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    runtime::Builder,
    sync::{Notify, Semaphore},
};

use crate::catalogue::{Job, Kernel, Output, Row, Run};

/// Task i computes Fibonacci number i modulo this. All of 100,000 times the 30th, recursively, would take minutes.
const FIBONACCI_RANGE: u64 = 30;

pub fn kernel() -> Kernel {
    let rows = [
        Row::new("same", "spawn-tasks-recursive", |job| running(job, fibonacci_recursive)).mode("running-recursive"),
        Row::new("same", "spawn-tasks-iterative", |job| running(job, fibonacci_iterative)).mode("running-iterative"),
        Row::new("same", "spawn-tasks-parked", parked).mode("parked"),
    ];
    let rows = rows.iter().flat_map(|row| [row.clone(), row.as_best()]).collect();
    Kernel::new("spawn-tasks", 100_000, 1..=1_000_000, rows)
}

/// Has a worker run `all`, so that one worker is one thread at work. The runtime is there before the clock starts, as
/// Go's is.
fn on_workers(job: Job, all: impl Future<Output = u64> + Send + 'static) -> Result<Run, String> {
    let runtime = Builder::new_multi_thread().worker_threads(job.threads).build();
    let runtime = runtime.map_err(|error| format!("tokio: {error}"))?;
    Ok(Box::new(move || {
        let sum = runtime.block_on(runtime.spawn(all));
        Output::Text(sum.expect("it neither panics nor is cancelled").to_string())
    }))
}

/// Spawns a task for each number; every task computes and ends.
fn running(job: Job, fibonacci: fn(u64) -> u64) -> Result<Run, String> {
    on_workers(job, async move {
        let tasks: Vec<_> = (0..job.n as u64)
            .map(|i| tokio::spawn(async move { fibonacci(i % FIBONACCI_RANGE) }))
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.expect("a task neither panics nor is cancelled");
        }
        sum
    })
}

struct Gate {
    arrived: AtomicUsize,
    all_arrived: Notify,
    /// Has no permit: whoever asks waits until it is closed.
    closed: Semaphore,
}

/// Spawns tasks that all wait at one gate. It opens when the last one has come, so all are alive at once.
fn parked(job: Job) -> Result<Run, String> {
    on_workers(job, async move {
        let gate = Arc::new(Gate {
            arrived: AtomicUsize::new(0),
            all_arrived: Notify::new(),
            closed: Semaphore::new(0),
        });
        let tasks: Vec<_> = (0..job.n)
            .map(|i| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move {
                    if gate.arrived.fetch_add(1, Ordering::AcqRel) + 1 == job.n {
                        gate.all_arrived.notify_one();
                    }
                    let released = gate.closed.acquire().await;
                    assert!(released.is_err(), "the gate has no permit to give");
                    i as u64
                })
            })
            .collect();
        gate.all_arrived.notified().await;
        gate.closed.close();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.expect("a task neither panics nor is cancelled");
        }
        sum
    })
}

fn fibonacci_recursive(n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    fibonacci_recursive(n - 1) + fibonacci_recursive(n - 2)
}

fn fibonacci_iterative(n: u64) -> u64 {
    let (mut a, mut b) = (0, 1);
    for _ in 0..n {
        (a, b) = (b, a + b);
    }
    a
}
