//! Comparison of the ledger with what the server shows, through the server functions that the console uses.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::seq::IteratorRandom;
use tokio::task::JoinSet;

use crate::Fallible;
use crate::http::Client;
use crate::ledger::{Ledger, Record};
use crate::operations::Operation;
use crate::report::{Fault, Tally};
use crate::server::Running;
use crate::shown::{Reader, Seen};
use crate::world::World;

/// Readers at work at the same time.
const READERS: usize = 8;
/// Customers beyond those that changed, so that what was once right is looked at again, and rounds stay equally long.
pub const SAMPLE: usize = 20;
/// Customers that are compared once more at the end of a part, with all their messages.
const LAST_SAMPLE: usize = 500;
/// Acknowledged operations that are sent again in each round.
const SENT_AGAIN: usize = 4;

/// Compares the records that changed since they were compared last, and a sample of the others, with what the server shows.
/// Then sends operations again that must not happen twice. Returns how many of the changes of unknown outcome had happened,
/// and how many there were.
///
/// Records that cannot be found are faults of the kind `missing`. After a start the index is filled from the database, so
/// such a record is lost; without a start it may be missing from the index only.
///
/// # Errors
/// If a reader panics. A missing answer of the server is a fault in the tally.
pub async fn verify(
    world: &Arc<World>,
    address: SocketAddr,
    sample: usize,
    random: &mut StdRng,
    missing: Fault,
) -> Fallible<(usize, usize)> {
    let places = Arc::new(Mutex::new(choose(&world.ledger(), sample, random)));
    let mut tasks = JoinSet::new();
    for _ in 0..READERS {
        tasks.spawn(read(world.clone(), address, places.clone(), missing));
    }
    let mut settled = Vec::new();
    while let Some(read) = tasks.join_next().await {
        settled.extend(read?);
    }
    let outcome = (settled.iter().filter(|(_, happened)| *happened).count(), settled.len());
    let recent: Vec<Operation> = world.ledger().recent.iter().cloned().choose_multiple(random, SENT_AGAIN);
    settled.extend(recent.into_iter().map(|operation| (operation, true)));
    settled.sort_by_key(|(operation, _)| operation.record);
    let mut client = Client::new(address);
    for (operation, happened) in settled {
        if operation.action.has_idempotency_key() {
            let answer = client.send(&operation.action.request(&world.access, operation.agent)).await;
            world.ledger().note_again(&operation, happened, &answer, missing);
        }
    }
    Ok(outcome)
}

/// Chooses records: `true` for those whose messages are read from the first on.
fn choose(ledger: &Ledger, sample: usize, random: &mut StdRng) -> Vec<(usize, bool)> {
    let changed = |record: &Record| record.dirty || !record.pending.is_empty();
    let all = || ledger.records.iter().enumerate();
    let sample = all().filter(|(_, record)| !changed(record)).choose_multiple(random, sample.min(ledger.records.len()));
    let mut chosen: Vec<(usize, bool)> = sample.into_iter().map(|(place, _)| (place, true)).collect();
    chosen.extend(all().filter(|(_, record)| changed(record)).map(|(place, _)| (place, false)));
    chosen
}

/// Compares records until none is left. Returns the operations whose outcome was unknown and whether each happened.
async fn read(
    world: Arc<World>,
    address: SocketAddr,
    places: Arc<Mutex<Vec<(usize, bool)>>>,
    missing: Fault,
) -> Vec<(Operation, bool)> {
    let mut reader = Reader { client: Client::new(address), access: &world.access };
    let mut settled = Vec::new();
    loop {
        let next = places.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some((place, whole)) = next else { return settled };
        let (record, tags) = {
            let ledger = world.ledger();
            (ledger.records[place].clone(), ledger.tags.clone())
        };
        let seen = if place == Ledger::TENANT {
            reader.tenant().await.map(Some)
        } else {
            reader.customer(&record, whole, &tags).await
        };
        let mut ledger = world.ledger();
        let Ledger { records, tags, tally, .. } = &mut *ledger;
        tally.compared += 1;
        match seen {
            Ok(None) => {
                tally.fault(missing, format!("{}: the whole customer", record.id));
                records[place].forget();
            }
            Ok(Some(Seen { shown, faults, tags: found })) => {
                for (kind, what) in faults {
                    tally.fault(kind, format!("{}: {what}", record.id));
                }
                settled.extend(records[place].settle(shown, tally));
                if place == Ledger::TENANT {
                    *tags = found;
                }
            }
            Err(why) => tally.fault(Fault::Other, format!("{} cannot be read: {why}", record.id)),
        }
    }
}

impl World {
    /// Compares once more, kills the server and lets `clientele check` walk the store it left. Returns the figures.
    ///
    /// # Errors
    /// If the server is gone or the check cannot be run.
    pub async fn conclude(self: &Arc<Self>, server: Running, random: &mut StdRng, missing: Fault) -> Fallible<Tally> {
        verify(self, server.address, LAST_SAMPLE, random, missing).await?;
        server.kill().await?;
        let (status, printed) = self.installation.try_run(&["check"], "").await?;
        let mut tally = std::mem::take(&mut self.ledger().tally);
        for line in printed.lines().filter(|line| line.starts_with("wrong: ")) {
            tally.fault(Fault::Torn, format!("clientele check: {line}"));
        }
        let summary = printed.lines().find(|line| line.contains(" customers, ")).unwrap_or("no summary");
        tally.remarks.push(format!("clientele check: {summary}, {status}"));
        if !status.success() && tally.of(Fault::Torn) == 0 {
            tally.fault(Fault::Other, format!("clientele check: {status}: {printed}"));
        }
        Ok(tally)
    }
}
