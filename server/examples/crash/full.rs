//! A file system that fills up: writes are refused with 503, reads go on, and nothing acknowledged is lost.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::http::Client;
use crate::report::{Fault, Ran, Tally};
use crate::verify::verify;
use crate::world::World;
use crate::writers::{work, writers};
use crate::{Fallible, Options};

/// Size of the file system.
const MEGABYTES: usize = 64;
/// Size of the file that is deleted to make room.
const BALLAST_MEGABYTES: usize = 36;
/// Characters of a message: the file system is to be full within seconds.
const TEXT_CHARS: usize = 3_900;
/// Refusals after which a writer stops.
const REFUSALS: u32 = 5;
/// The longest until all writers have been refused.
const LONGEST: Duration = Duration::from_secs(60);

/// Runs the part, where file systems can be mounted.
///
/// # Errors
/// If the server cannot be started or ends by itself.
pub async fn run(options: &Options, folder: &Path) -> Fallible<Ran> {
    let disk = folder.join("disk");
    std::fs::create_dir_all(&disk)?;
    let mounted = match Mounted::new(disk.clone()) {
        Ok(mounted) => mounted,
        Err(why) => return Ok(Ran::Skipped(why)),
    };
    let tally = fill(options, folder, &disk).await;
    drop(mounted);
    tally.map(Ran::Run)
}

async fn fill(options: &Options, folder: &Path, disk: &Path) -> Fallible<Tally> {
    let ballast = disk.join("ballast");
    std::fs::write(&ballast, vec![0; BALLAST_MEGABYTES << 20])?;
    let (world, server) = World::create(&options.server, folder, &disk.join("data")).await?;
    let (world, stop) = (Arc::new(world), Arc::new(AtomicBool::new(false)));
    let crew = writers(&world, options.seed).into_iter().map(|writer| writer.fill(TEXT_CHARS, REFUSALS)).collect();
    let writing = work(&world, crew, server.address, &stop);
    let too_long = async {
        tokio::time::sleep(LONGEST).await;
        stop.store(true, Ordering::Relaxed);
        std::future::pending::<()>().await;
    };
    tokio::select! {
        crew = writing => { crew?; }
        () = too_long => {}
    }
    if !world.ledger().tally.statuses.contains_key("503") {
        let what = format!("no write was refused with 503 although {MEGABYTES} MB are all there is");
        world.ledger().tally.fault(Fault::Other, what);
    }
    read_on(&world, &mut Client::new(server.address)).await;
    server.kill().await?;
    std::fs::remove_file(&ballast)?;
    let server = world.restart().await?;
    let mut random = StdRng::seed_from_u64(options.seed);
    let (happened, unknown) = verify(&world, server.address, usize::MAX, &mut random, Fault::Lost).await?;
    world.ledger().tally.rounds = 1;
    let mut tally = world.conclude(server, &mut random, Fault::Lost).await?;
    tally.remarks.push(format!("{happened} of {unknown} refused changes had happened"));
    Ok(tally)
}

/// Reads the list, a customer and the settings while nothing can be written.
async fn read_on(world: &World, client: &mut Client) {
    let key = world.ledger().records.iter().find_map(|record| record.key).unwrap_or_default().to_string();
    for (path, query) in [
        ("/api/customers", vec![("mode", "admin"), ("query", "period=all"), ("start", "")]),
        ("/api/customers/one", vec![("mode", "admin"), ("key", &key)]),
        ("/api/customers/messages", vec![("mode", "admin"), ("key", &key), ("from", "0"), ("to", "0")]),
        ("/api/settings", vec![]),
    ] {
        let outcome = client.send(&world.access.read(0, path, &query)).await;
        let mut ledger = world.ledger();
        match outcome {
            Ok(answer) if answer.status == 200 => {}
            Ok(answer) => ledger.tally.fault(Fault::Other, format!("{path} on a full disk: {}", answer.status)),
            Err(broken) => ledger.tally.fault(Fault::Other, format!("{path} on a full disk: {broken}")),
        }
    }
}

/// A mounted tmpfs. Dropping it unmounts it.
struct Mounted(PathBuf);

impl Mounted {
    fn new(place: PathBuf) -> Result<Self, String> {
        let size = format!("size={MEGABYTES}m,mode=700");
        let output = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "clientele-crash"]).arg(&place).output();
        match output {
            Ok(output) if output.status.success() => Ok(Self(place)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(format!("mount: {error}")),
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: a server that was killed a moment ago may still have files open.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}
