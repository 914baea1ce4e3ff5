//! Live stream: an open page must hear of each change once, whether or not whoever made it waited for the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::Fallible;
use crate::ledger::Ledger;
use crate::report::Fault;
use crate::world::World;

/// Events that were heard.
#[derive(Debug, Default)]
struct Heard {
    /// Ids of events by customer.
    events: BTreeMap<u64, BTreeSet<String>>,
    /// The page was told to read everything anew: it need not have heard of each change.
    incomplete: bool,
    /// The stream is open.
    open: bool,
}

/// A stream that is read in the background. Dropping it closes the stream.
pub struct Listener {
    heard: Arc<Mutex<Heard>>,
    reading: JoinHandle<()>,
    /// Events that the ledger expected of each record at the beginning.
    before: Vec<u32>,
}

impl Listener {
    /// Opens a stream and waits until it is open.
    ///
    /// # Errors
    /// If the stream cannot be opened.
    pub async fn start(world: &World, address: SocketAddr) -> Fallible<Self> {
        let mut stream = open(world, address).await?;
        let heard = Arc::new(Mutex::new(Heard::default()));
        while !lock(&heard).open {
            let event = next(&mut stream).await?;
            lock(&heard).take(&event);
        }
        let before = world.ledger().records.iter().map(|record| record.events).collect();
        let shared = heard.clone();
        let reading = tokio::spawn(async move {
            while let Ok(event) = next(&mut stream).await {
                lock(&shared).take(&event);
            }
        });
        Ok(Self { heard, reading, before })
    }

    /// Stops listening.
    pub fn stop(&self) {
        self.reading.abort();
    }

    /// Compares what was heard with the ledger, whose unknown outcomes are settled. Returns `false` if the page was told to
    /// read everything anew, so that nothing can be said.
    pub fn compare(&self, world: &World) -> bool {
        let heard = lock(&self.heard);
        if heard.incomplete {
            return false;
        }
        let mut ledger = world.ledger();
        let Ledger { records, tally, .. } = &mut *ledger;
        for (place, record) in records.iter().enumerate() {
            let Some(key) = record.key else { continue };
            let expected = record.events.saturating_sub(self.before.get(place).copied().unwrap_or(0)) as usize;
            let found = heard.events.get(&key).map_or(0, BTreeSet::len);
            if found != expected {
                let kind = if found < expected { Fault::Unseen } else { Fault::Torn };
                tally.fault(kind, format!("{}: {expected} changes, and the stream told of {found}", record.id));
            }
        }
        true
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Heard {
    fn take(&mut self, event: &Event) {
        match event.name.as_str() {
            "hello" => self.open = true,
            "resync" => self.incomplete = true,
            "customer" => {
                let about: serde_json::Value = serde_json::from_str(&event.data).unwrap_or_default();
                let customer = about["customer"].as_u64().unwrap_or_default();
                self.events.entry(customer).or_default().insert(event.id.clone());
            }
            _ => {}
        }
    }
}

fn lock(heard: &Mutex<Heard>) -> std::sync::MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug, Default)]
struct Event {
    name: String,
    id: String,
    data: String,
}

async fn open(world: &World, address: SocketAddr) -> Fallible<BufReader<TcpStream>> {
    let request = world.access.read(0, "/events", &[("mode", "admin")]);
    let mut stream = BufReader::new(TcpStream::connect(address).await?);
    stream.write_all(&request.encode()).await?;
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    if line.contains(" 200 ") { Ok(stream) } else { Err(format!("/events: {line}").into()) }
}

/// Reads the next event. Lines that belong to no field, such as the sizes of chunks and comments, are passed over.
async fn next(stream: &mut BufReader<TcpStream>) -> io::Result<Event> {
    let mut event = Event::default();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end().split_once(": ") {
            Some(("event", name)) => event.name = name.to_owned(),
            Some(("id", id)) => event.id = id.to_owned(),
            Some(("data", data)) => event.data = data.to_owned(),
            _ if line == "\n" && !event.name.is_empty() => return Ok(event),
            _ => {}
        }
    }
}
