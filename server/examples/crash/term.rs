//! SIGTERM under load: requests under way are answered, and the process ends in time with exit code 0.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::http::{Answer, read_answer};
use crate::ledger::{Owner, Record};
use crate::report::{Fault, Tally};
use crate::server::Running;
use crate::verify::{SAMPLE, verify};
use crate::world::World;
use crate::writers::{work, writers};
use crate::{Fallible, Options};

/// Rounds, at most.
const ROUNDS: u64 = 3;
/// Clients whose requests are half sent when the signal comes.
const SLOW: usize = 8;
/// Time from the first half of a slow request to the signal, and from the signal to the second half.
const PAUSE: Duration = Duration::from_millis(200);
/// Age from which a request has certainly been read. A younger one may still lie in the socket of a connection that the
/// server takes for idle and closes; HTTP/1.1 cannot tell its client.
const CERTAINLY_READ: Duration = Duration::from_millis(5);

/// Runs the part.
///
/// # Errors
/// If the server cannot be started.
pub async fn run(options: &Options, folder: &Path) -> Fallible<Tally> {
    let (world, mut server) = World::create(&options.server, folder, &folder.join("data")).await?;
    let world = Arc::new(world);
    let mut random = StdRng::seed_from_u64(options.seed);
    let mut crew = writers(&world, options.seed);
    let rounds = options.rounds.min(ROUNDS);
    for round in 1..=rounds {
        let stop = Arc::new(AtomicBool::new(false));
        let working = tokio::spawn({
            let (world, address, stop) = (world.clone(), server.address, stop.clone());
            async move { work(&world, crew, address, &stop).await }
        });
        tokio::time::sleep(Duration::from_millis(random.random_range(200..=1000))).await;
        // Only once: such a client makes the server wait until its deadline.
        let stalled = if round == rounds { Some(stall(server.address).await?) } else { None };
        end(&world, server, options.deadline()).await?;
        stop.store(true, Ordering::Relaxed);
        crew = working.await??;
        drop(stalled);
        server = world.restart().await?;
        verify(&world, server.address, SAMPLE, &mut random, Fault::Lost).await?;
        world.ledger().tally.rounds = round;
    }
    world.conclude(server, &mut random, Fault::Lost).await
}

/// Ends the server while slow requests are half sent, and judges how it went.
async fn end(world: &Arc<World>, mut server: Running, deadline: Duration) -> Fallible<()> {
    let mut slow = JoinSet::new();
    let count = world.ledger().records.len();
    for number in 0..SLOW {
        slow.spawn(send_slowly(world.clone(), server.address, format!("slow_{count}_{number}")));
    }
    tokio::time::sleep(PAUSE).await;
    let asked = Instant::now();
    server.ask_to_end().await?;
    let ended = server.ended_within(deadline).await?;
    let took = asked.elapsed();
    while let Some(answer) = slow.join_next().await {
        if let Err(error) = answer? {
            world.ledger().tally.fault(Fault::Other, format!("a request that was half sent has no answer: {error}"));
        }
    }
    let mut ledger = world.ledger();
    let lost = std::mem::take(&mut ledger.lost);
    let (due, late): (Vec<_>, Vec<_>) = lost.into_iter().partition(|begun| *begun + CERTAINLY_READ < asked);
    for begun in &due {
        let age = (asked - *begun).as_millis();
        ledger.tally.fault(Fault::Other, format!("a request sent {age} ms before SIGTERM has no answer"));
    }
    let ending = match ended {
        Some(status) if status.success() => "0".to_owned(),
        Some(status) => status.to_string(),
        None => "not at all".to_owned(),
    };
    ledger.tally.remarks.push(format!(
        "ended after {:.2} s: {ending}; {} later requests lost",
        took.as_secs_f64(),
        late.len()
    ));
    if ending != "0" {
        ledger.tally.fault(Fault::Other, format!("after SIGTERM and {deadline:?} the process ended: {ending}"));
    }
    Ok(())
}

/// Sends the head and half of the body of a first message, and the rest when the server has been asked to end.
async fn send_slowly(world: Arc<World>, address: SocketAddr, id: String) -> io::Result<Answer> {
    let text = format!("first of {id}");
    let operation = world.first_message(Record::new(Owner::Writer(0), id, 0), &text, 0);
    let bytes = operation.action.request(&world.access, operation.agent).encode();
    let (first, second) = bytes.split_at(bytes.len() - 20);
    let exchange = async {
        let mut stream = BufReader::new(TcpStream::connect(address).await?);
        stream.write_all(first).await?;
        tokio::time::sleep(2 * PAUSE).await;
        stream.write_all(second).await?;
        read_answer(&mut stream).await
    };
    let outcome = exchange.await.map_err(crate::http::Broken::Unknown);
    world.ledger().note(operation, &outcome);
    outcome.map_err(io::Error::other)
}

/// Sends the beginning of a request that never goes on.
async fn stall(address: SocketAddr) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"POST /api/desk/end HTTP/1.1\r\nhost:").await?;
    Ok(stream)
}
