//! Benchmark of the customer index without a database:
//!
//!     cargo bench --bench index -- --customers 1000000
//!
//! The customers are generated and the same on each run. Some have names designed to slow down a
//! search. Each output line is one class of queries, with a new random query per run, and reports
//! the time from the query to the page. A line with a 95th percentile above [`LIMIT`] is marked.
//! One result of each class is compared with brute force over the hundredth of the customers that
//! has the tag [`people::SAMPLE`]. Times are valid only on an otherwise idle machine.
//!
//! Options:
//! - `--customers N`: number of customers, by default a million
//! - `--runs N`: queries per class
//! - `--best-of N`: repetitions of each query, for a machine that is not idle
//! - `--edits N`: number of changes before memory is measured again
//! - `--only TEXT`: run only the classes whose name contains the text

mod classes;
mod people;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use classes::{Asked, CLASSES};
use clientele::domain::{CustomerKey, PageRequest, Start, TagId, TimeField};
use clientele::index::{Index, Query, matches};
use people::{Random, person};

/// Upper limit of the 95th percentile of every class.
const LIMIT: Duration = Duration::from_millis(5);
/// Number of customers loaded at a time.
const BATCH: u64 = 2048;

struct Options {
    customers: u64,
    runs: usize,
    best_of: usize,
    edits: u64,
    only: String,
}

impl Options {
    fn parse() -> Self {
        let mut options = Self { customers: 1_000_000, runs: 200, best_of: 1, edits: u64::MAX, only: String::new() };
        let mut args = std::env::args().skip(1);
        while let Some(name) = args.next() {
            let mut number = || args.next().and_then(|value| value.parse().ok()).unwrap_or_default();
            match name.as_str() {
                "--customers" => options.customers = number(),
                "--runs" => options.runs = number() as usize,
                "--best-of" => options.best_of = number() as usize,
                "--edits" => options.edits = number(),
                "--only" => options.only = args.next().unwrap_or_default(),
                // Cargo passes its own arguments.
                _ => {}
            }
        }
        options.edits = options.edits.min(options.customers);
        options
    }
}

fn main() {
    let options = Options::parse();
    let mut index = load(options.customers);
    println!("\n{:44} {:>9} {:>9} {:>9} {:>9} {:>10}  ", "class", "p50 ms", "p95 ms", "p99 ms", "max ms", "total");
    let mut wrong = 0;
    for (name, ask) in CLASSES.iter().filter(|(name, _)| name.contains(&options.only)) {
        let mut random = Random(name.len() as u64 * 7919);
        let mut times: Vec<Duration> = Vec::new();
        let (mut total, mut slowest) = (0, String::new());
        for _ in 0..options.runs {
            let asked = ask(&mut random, options.customers);
            let mut best = Duration::MAX;
            for _ in 0..options.best_of {
                let started = Instant::now();
                total = total.max(asked.run(&index));
                best = best.min(started.elapsed());
            }
            if times.iter().all(|time| *time < best) {
                slowest = asked.text();
            }
            times.push(best);
        }
        let right = is_right(&index, ask(&mut random, options.customers), options.customers);
        wrong += usize::from(!right);
        print(name, times, total, &format!("{}{slowest}", if right { "" } else { "WRONG " }));
    }
    edit(&mut index, &options);
    drop(index);
    grow(options.customers / 5, options.runs);
    if wrong > 0 {
        println!("\n{wrong} classes had a wrong answer.");
        std::process::exit(1);
    }
}

fn load(customers: u64) -> Index {
    let mut index = Index::new();
    let started = Instant::now();
    let mut making = Duration::ZERO;
    for first in (0..customers).step_by(BATCH as usize) {
        let since = Instant::now();
        let batch: Vec<_> = (first..customers.min(first + BATCH)).map(|number| person(number, customers)).collect();
        making += since.elapsed();
        index.load(&batch);
    }
    let loaded = started.elapsed() - making;
    index.finish_loading();
    let finished = started.elapsed() - making - loaded;
    println!("{customers} customers: loading {loaded:.1?}, finishing {finished:.1?}");
    print_memory(&index);
    index
}

fn print_memory(index: &Index) {
    let parts: Vec<String> =
        index.memory_by_part().iter().map(|(name, bytes)| format!("{name} {}", bytes >> 20)).collect();
    println!("memory {} MB: {}", index.memory() >> 20, parts.join(", "));
}

fn print(name: &str, mut times: Vec<Duration>, total: u64, note: &str) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    let millis = |time: Duration| format!("{:.3}", time.as_secs_f64() * 1e3);
    let mark = if at(95) > LIMIT { "OVER" } else { "" };
    let (p50, p95, p99, max) = (millis(at(50)), millis(at(95)), millis(at(99)), millis(times[times.len() - 1]));
    println!("{name:44} {p50:>9} {p95:>9} {p99:>9} {max:>9} {total:>10}  {mark} {note}");
}

/// Compares the rows of a query, restricted to the sample's tag, with brute force over the sample.
/// Always returns `true` for `WhyNot` and for queries with several texts.
fn is_right(index: &Index, asked: Asked, customers: u64) -> bool {
    let Asked::List { mut filter, range, sort, scope, .. } = asked else { return true };
    filter.tags = vec![TagId(people::SAMPLE)];
    let texts = [&filter.name, &filter.id, &filter.search].into_iter().filter(|text| !text.trim().is_empty()).count();
    if texts > 1 {
        return true;
    }
    let expected: BTreeSet<CustomerKey> = (0..customers)
        .step_by(people::SAMPLED as usize)
        .map(|number| person(number, customers))
        .filter(|customer| {
            let at = match filter.on {
                TimeField::Created => Some(customer.created_at),
                TimeField::LatestConversation => customer.latest_conversation_at,
            };
            range.is_everything() || at.is_some_and(|at| range.contains(at))
        })
        .filter(|customer| filter.channel.is_none_or(|channel| customer.channel == channel))
        .filter(|customer| filter.blacklisted.is_none_or(|yes| customer.blacklisted.is_some() == yes))
        .filter(|customer| scope.is_none_or(|agent| customer.served_by.contains(&agent)))
        .filter(|customer| texts == 0 || !matches(&filter, customer).is_empty())
        .map(|customer| customer.key)
        .collect();
    let mut got = BTreeSet::new();
    let mut start = Start::Top;
    loop {
        let page = PageRequest { start, limit: 200 };
        let found = index.search(&Query { scope, filter: &filter, range, sort, page });
        got.extend(found.page.iter().map(|hit| hit.key));
        match found.page.last() {
            Some(last) if found.after => start = Start::After(last.cursor.clone()),
            _ => break,
        }
    }
    if got != expected {
        eprintln!("{filter:?}: {} rows instead of {}", got.len(), expected.len());
    }
    got == expected
}

/// Fills an index by upserts alone, like a tenant that never restarts, then searches for a text
/// that very many customers have.
fn grow(customers: u64, runs: usize) {
    let mut index = Index::new();
    let mut times = Vec::new();
    for number in 0..customers {
        let customer = person(number, customers);
        let started = Instant::now();
        index.upsert(&customer);
        times.push(started.elapsed());
    }
    if times.is_empty() {
        return;
    }
    print("a new customer, from none on", times, customers, "");
    let ask = || {
        let asked = Asked::search("@mail.example.org");
        let started = Instant::now();
        asked.run(&index);
        started.elapsed()
    };
    print("a domain after growth", (0..runs.max(1)).map(|_| ask()).collect(), 0, "");
}

/// Renames customers, also to names that no one else has, and prints time and memory.
fn edit(index: &mut Index, options: &Options) {
    let mut random = Random(5);
    let mut times = Vec::new();
    let mut versions = std::collections::HashMap::new();
    for _ in 0..options.edits {
        let number = random.below(options.customers);
        let version = versions.entry(number).or_insert(1u32);
        *version += 1;
        let mut customer = person(number, options.customers);
        people::rename(&mut customer, &mut random);
        customer.fields_unchecked().version = *version;
        let started = Instant::now();
        index.upsert(&customer);
        times.push(started.elapsed());
    }
    if !times.is_empty() {
        print("a change of names", times, options.edits, "");
        print_memory(index);
    }
    // The first new customers include the growth of vectors that were shrunk after loading.
    let mut times = Vec::new();
    for number in options.customers..options.customers + 2000.min(options.edits) {
        let mut customer = person(number, options.customers);
        customer.fields_unchecked().key = CustomerKey(number);
        let started = Instant::now();
        index.upsert(&customer);
        times.push(started.elapsed());
    }
    if !times.is_empty() {
        print("a new customer", times, 0, "");
    }
}
