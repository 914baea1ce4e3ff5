//! Clients that send a whole request and are gone before the answer: what was committed must be known to the index, to the
//! live stream and to the settings in memory, without a restart.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::choices::{over, setting, tick};
use crate::http::{Broken, Client, Request};
use crate::ledger::{Ledger, Owner, Record};
use crate::operations::{Action, Cell, Operation, SETTINGS};
use crate::report::{Fault, Tally};
use crate::stream::Listener;
use crate::verify::{SAMPLE, verify};
use crate::world::World;
use crate::{Fallible, Options};

/// Clients that change customers; each its own, so that every outcome is settled by itself.
const CLIENTS: usize = 270;
/// Clients that change settings, one after the other.
const SWITCHERS: usize = 30;
/// The longest between the last byte sent and the end of the connection.
const LONGEST_MICROS: u64 = 5_000;
/// Time for the server to finish what it began.
const REST: Duration = Duration::from_millis(1_000);
/// The same, for one change.
const SHORT_REST: Duration = Duration::from_millis(150);
const TAGS: usize = 8;

/// Runs the part.
///
/// # Errors
/// If the server cannot be started or ends by itself.
pub async fn run(options: &Options, folder: &Path) -> Fallible<Tally> {
    let (world, server) = World::create(&options.server, folder, &folder.join("data")).await?;
    let world = Arc::new(world);
    let mut random = StdRng::seed_from_u64(options.seed);
    let operations = prepare(&world, server.address, &mut random).await?;
    let listener = Listener::start(&world, server.address).await?;
    for operation in operations {
        let request = operation.action.request(&world.access, operation.agent);
        vanish(server.address, &request, &mut random).await?;
        note_unknown(&world, operation);
    }
    tokio::time::sleep(REST).await;
    listener.stop();
    let (happened, unknown) = verify(&world, server.address, SAMPLE, &mut random, Fault::Unseen).await?;
    let told = if listener.compare(&world) { "compared" } else { "not compared: it made pages read everything anew" };
    let switched = switch(&world, server.address, &mut random).await?;
    world.ledger().tally.rounds = 1;
    let mut tally = world.conclude(server, &mut random, Fault::Unseen).await?;
    tally.remarks.push(format!("live stream {told}"));
    tally.remarks.push(format!(
        "{happened} of {unknown} changes of customers had happened, {switched} of {SWITCHERS} of settings"
    ));
    Ok(tally)
}

/// Makes customers and tags, turns the Customers page on, and makes an operation for each client.
async fn prepare(world: &World, address: SocketAddr, random: &mut StdRng) -> Fallible<Vec<Operation>> {
    let mut client = Client::new(address);
    let mut first = vec![setting("customers_page", json!(true))];
    for number in 0..TAGS {
        let name = format!("tag {number}");
        first.push((Action::NewTag { name: name.clone() }, vec![(Cell::TagName(name), "yes".into())]));
    }
    for (action, effects) in first {
        let operation = Operation { record: Ledger::TENANT, agent: 0, action, effects };
        let outcome = client.send(&operation.action.request(&world.access, 0)).await;
        if !world.ledger().note(operation, &outcome) {
            return Err(format!("a setting or tag was not acknowledged: {outcome:?}").into());
        }
    }
    let mut operations = Vec::with_capacity(CLIENTS);
    for number in 0..CLIENTS {
        let agent = number % world.access.agents.len();
        let record = Record::new(Owner::Writer(0), format!("vanish_{:012x}", random.random::<u64>() >> 16), 0);
        let text = format!("first {number}");
        if number % 6 == 0 {
            operations.push(world.first_message(record, &text, agent));
            continue;
        }
        let place = world.create_customer(&mut client, record, &text, agent).await?;
        operations.push(change(world, place, number, agent));
    }
    Ok(operations)
}

/// Makes a change of a customer who waits in its first conversation.
fn change(world: &World, place: usize, number: usize, agent: usize) -> Operation {
    let ledger = world.ledger();
    let record = &ledger.records[place];
    let key = record.key.unwrap_or_default();
    let unique = format!("vanish {number}");
    let (action, effects) = match number % 6 {
        1 => {
            let (channel, customer) = (record.channel, record.id.clone());
            let action = Action::Message {
                channel,
                customer,
                id: unique.clone(),
                text: unique.clone(),
                nickname: String::new(),
            };
            (action, vec![(Cell::Message(unique), "once".into())])
        }
        2 => tick(record, key, ledger.tags[number % ledger.tags.len()]),
        3 => {
            let state = format!("processing {}", world.access.agents[agent]);
            (Action::Accept { key }, vec![(Cell::Conversation(1), state)])
        }
        4 => {
            let seen = record.value(&Cell::Field("nickname")).to_owned();
            let action = Action::Edit { key, field: "nickname", seen, value: unique.clone() };
            (action, vec![(Cell::Field("nickname"), unique)])
        }
        _ => {
            let effects = vec![(Cell::Blacklist, unique.clone()), (Cell::Conversation(1), over("waiting"))];
            (Action::Blacklist { key, reason: unique }, effects)
        }
    };
    Operation { record: place, agent, action, effects }
}

/// Changes settings and is gone. The settings in memory are right if writing them again finds no difference in the database:
/// then their version stays. Returns how many changes had happened.
async fn switch(world: &World, address: SocketAddr, random: &mut StdRng) -> Fallible<usize> {
    let (mut client, mut happened) = (Client::new(address), 0);
    for number in 0..SWITCHERS {
        let (name, _, field) = SETTINGS[number % 2];
        let before = client.send(&world.access.read(0, "/api/settings", &[])).await?.json();
        let (action, effects) = setting(name, json!(before[field] != true));
        let operation = Operation { record: Ledger::TENANT, agent: 0, action, effects };
        vanish(address, &operation.action.request(&world.access, 0), random).await?;
        tokio::time::sleep(SHORT_REST).await;
        let memory = client.send(&world.access.read(0, "/api/settings", &[])).await?.json();
        let (again, effects) = setting(name, memory[field].clone());
        let answer = client.send(&again.request(&world.access, 0)).await?;
        let stored = &answer.json()["version"];
        let mut ledger = world.ledger();
        if *stored != memory["version"] {
            let what = format!("{name}: memory has version {}, the database had another", memory["version"]);
            ledger.tally.fault(Fault::Unseen, what);
        }
        happened += usize::from(*stored != before["version"]);
        ledger.tally.count(&Err(Broken::Unknown(std::io::ErrorKind::ConnectionAborted.into())));
        ledger.tally.count(&Ok(answer));
        let tenant = &mut ledger.records[Ledger::TENANT];
        tenant.cells.extend(effects);
        tenant.dirty = true;
    }
    Ok(happened)
}

fn note_unknown(world: &World, operation: Operation) {
    world.ledger().note(operation, &Err(Broken::Unknown(std::io::ErrorKind::ConnectionAborted.into())));
}

/// Sends a whole request and closes the connection, every second time with a reset.
async fn vanish(address: SocketAddr, request: &Request, random: &mut StdRng) -> Fallible<()> {
    let (wait, reset) = (Duration::from_micros(random.random_range(0..=LONGEST_MICROS)), random.random_bool(0.5));
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&request.encode()).await?;
    // The runtime's timer counts in milliseconds.
    tokio::task::block_in_place(|| std::thread::sleep(wait));
    if reset {
        stream.set_zero_linger()?;
    }
    Ok(())
}
