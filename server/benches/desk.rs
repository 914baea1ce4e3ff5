//! Benchmark of many agents who read the queue while many customers write: 50 desks, 120 waiting
//! conversations and 20 messages per second, on a RocksDB of its own:
//!
//!     cargo bench --bench desk -- run
//!
//! Prints milliseconds (median, 95th percentile, maximum) of a delivery, of reading the queue, and
//! from a delivery until each desk has read it, and the share of a core used in total. Times are
//! valid only on an otherwise idle machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clientele::domain::{Channel, CustomerId, MessageId, Profile, Timestamp};
use clientele::store::{Connection, Delivery, QueueOrder, Store};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const DESKS: usize = 50;
const WAITING: u32 = 120;
/// Messages per second. The benchmark runs for [`SECONDS`].
const RATE: u32 = 20;
const SECONDS: u32 = 20;
/// Minimum interval between two requests of a page, as in the app.
const PAUSE: Duration = Duration::from_millis(150);

fn main() -> Outcome<()> {
    // `cargo test --benches` runs this too, without the argument.
    if !std::env::args().any(|arg| arg == "run") {
        eprintln!("say so: cargo bench --bench desk -- run");
        return Ok(());
    }
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build()?.block_on(measure())
}

async fn measure() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let store = Arc::new(Store::open(&Connection::to(format!("rocksdb://{}", folder.path().display()))).await?);
    store.warm().await?;
    for number in 0..WAITING {
        deliver(&store, number, "first").await?;
    }
    let done = Arc::new(AtomicBool::new(false));
    let desks: Vec<_> = (0..DESKS).map(|_| tokio::spawn(follow(store.clone(), done.clone()))).collect();
    let (cpu, started) = (cpu_time()?, Instant::now());
    let (mut deliveries, mut written) = (Vec::new(), Vec::new());
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / RATE);
    for number in 0..RATE * SECONDS {
        ticks.tick().await;
        let from = Instant::now();
        deliver(&store, number % WAITING, &number.to_string()).await?;
        deliveries.push(from.elapsed());
        written.push(Instant::now());
    }
    tokio::time::sleep(2 * PAUSE).await;
    let share = (cpu_time()? - cpu) / started.elapsed().as_secs_f64();
    done.store(true, Ordering::Release);
    deliver(&store, 0, "last").await?;
    let (mut reads, mut delays) = (Vec::new(), Vec::new());
    for desk in desks {
        let read = desk.await??;
        // The first read that started after a delivery contains it.
        let shown = |written: &Instant| read.iter().find(|(from, _)| from >= written);
        delays.extend(written.iter().filter_map(|at| shown(at).map(|(_, until)| until.duration_since(*at))));
        reads.extend(read.into_iter().map(|(from, until)| until.duration_since(from)));
    }
    println!("{:34} {:>9} {:>9} {:>9}", "", "p50", "p95", "max");
    println!("{:34} {}", "a delivery", figures(deliveries));
    println!("{:34} {}", format!("reading the queue, {} times", reads.len()), figures(reads));
    println!("{:34} {}", format!("until a desk shows it, {} times", delays.len()), figures(delays));
    println!("{:.0} % of a core", share * 100.0);
    Ok(())
}

async fn deliver(store: &Store, customer: u32, id: &str) -> Outcome<()> {
    let now = Timestamp::from(jiff::Timestamp::now());
    let delivery = Delivery {
        channel: Channel::Web,
        customer: CustomerId::new(format!("v_{customer}"))?,
        id: MessageId::new(&format!("{customer} {id}"))?,
        text: "Where is my parcel?".into(),
        at: now,
        profile: Profile::default(),
        visitor: None,
    };
    store.deliver(&delivery, now).await?;
    Ok(())
}

/// Reads the queue after each event, like an agent's page. Returns the start and end of each read.
async fn follow(store: Arc<Store>, done: Arc<AtomicBool>) -> Outcome<Vec<(Instant, Instant)>> {
    let (_, _, mut events) = store.subscribe(None);
    let mut reads = Vec::new();
    while !done.load(Ordering::Acquire) && events.next().await.is_ok_and(|heard| heard.is_some()) {
        tokio::time::sleep(PAUSE).await;
        // Subscribe again: the next read covers all events since.
        (_, _, events) = store.subscribe(None);
        let from = Instant::now();
        store.queue(QueueOrder::LongestFirst, 100).await?;
        reads.push((from, Instant::now()));
    }
    Ok(reads)
}

/// Returns the processor time of this process so far, in seconds.
fn cpu_time() -> Outcome<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // Skips past the process name in parentheses. Fields 14 and 15 are user and system time in
    // hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(ticks / 100.0)
}

fn figures(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    format!("{:9.2} {:9.2} {:9.2}", at(0.5), at(0.95), at(1.0))
}
