//! Benchmark of reading a conversation: for the customer with the most messages, and for one with
//! about ten conversations, on a store seeded with at least 10,000 customers:
//!
//!     clientele seed --customers 10000 --database rocksdb:///tmp/ten-thousand
//!     cargo bench --bench reading -- rocksdb:///tmp/ten-thousand
//!
//! Prints milliseconds: median, 95th percentile, maximum. Times are valid only on an otherwise idle
//! machine.

use std::time::{Duration, Instant};

use clientele::domain::{Customer, CustomerKey};
use clientele::store::{Connection, Store};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Number of calls of each kind.
const RUNS: u32 = 200;
/// Maximum number of messages, or conversations, in a page.
const PAGE: u32 = 50;
/// Number of customers among which the two are chosen.
const LOOKED_AT: u64 = 10_000;

fn main() -> Outcome<()> {
    // `cargo bench` adds its own flags, and `cargo test --benches` runs this without a database.
    let Some(url) = std::env::args().skip(1).find(|arg| arg.contains("://")) else {
        eprintln!("name a database: cargo bench --bench reading -- rocksdb://PATH");
        return Ok(());
    };
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build()?.block_on(measure(&url))
}

async fn measure(url: &str) -> Outcome<()> {
    let store = Store::open(&Connection::to(url)).await?;
    let keys: Vec<CustomerKey> = (1..=LOOKED_AT).map(CustomerKey).collect();
    let mut found = Vec::new();
    for keys in keys.chunks(500) {
        found.extend(store.customers(keys).await?);
    }
    let most = found.iter().max_by_key(|customer| customer.messages).ok_or("no customers")?.clone();
    let few = found
        .into_iter()
        .filter(|customer| customer.messages > PAGE / 2)
        .min_by_key(|customer| customer.conversations.abs_diff(10))
        .ok_or("nobody with some ten conversations")?;
    println!("{:28} {:>9} {:>9} {:>9}", "", "p50", "p95", "max");
    // Both read pages of the same size, so that the times are comparable. The large one reads full
    // pages as well.
    let same = (few.messages.min(PAGE), few.conversations.min(PAGE));
    for (customer, page) in [(&few, same), (&most, same), (&most, (PAGE, PAGE))] {
        println!(
            "{} conversations, {} messages, read {} messages or {} conversations at a time",
            customer.conversations, customer.messages, page.0, page.1
        );
        read(&store, customer, page).await?;
    }
    Ok(())
}

async fn read(store: &Store, customer: &Customer, (messages, conversations): (u32, u32)) -> Outcome<()> {
    let (key, last) = (customer.key, customer.messages);
    let span = customer.latest_conversation_at.map_or(0, |latest| latest.0 - customer.created_at.0);
    let mut times = vec![Vec::new(); 6];
    for run in 0..RUNS {
        let middle = (last / 2 + run % PAGE).min(last + 1 - messages);
        let conversation = 1 + customer.conversations * run / RUNS;
        let at = customer.created_at.plus_millis(span * i64::from(run) / i64::from(RUNS));
        let started = Instant::now();
        store.messages(key, last + 1 - messages, last).await?;
        note(&mut times[0], started);
        let started = Instant::now();
        store.messages(key, middle, middle + messages - 1).await?;
        note(&mut times[1], started);
        let started = Instant::now();
        store.message_at(customer, at).await?;
        note(&mut times[2], started);
        let started = Instant::now();
        store.next_low_rating(customer, conversation, true).await?;
        note(&mut times[3], started);
        let started = Instant::now();
        let to = customer.conversations;
        store.conversations(key, to + 1 - conversations, to).await?;
        note(&mut times[4], started);
        // A word without a match: the search reads up to its limit.
        if run < 10 {
            let started = Instant::now();
            store.next_match(customer, "zyzzyva", last + 1, false).await?;
            note(&mut times[5], started);
        }
    }
    let names = [
        "newest messages",
        "messages in the middle",
        "jump to a date",
        "next low rating",
        "newest conversations",
        "a word that is nowhere",
    ];
    for (name, times) in names.into_iter().zip(times) {
        println!("  {name:26} {}", figures(times));
    }
    Ok(())
}

fn note(times: &mut Vec<Duration>, started: Instant) {
    times.push(started.elapsed());
}

fn figures(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    format!("{:9.2} {:9.2} {:9.2}", at(0.5), at(0.95), at(1.0))
}
