//! SIGKILL at random moments under writes, on one store that goes on through all rounds.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::report::{Fault, Tally};
use crate::verify::{SAMPLE, verify};
use crate::world::World;
use crate::writers::{work, writers};
use crate::{Fallible, Options};

/// Faults after which more rounds would tell nothing new.
const ENOUGH_FAULTS: u64 = 100;

/// Runs the part.
///
/// # Errors
/// If the server cannot be started or ends by itself.
pub async fn run(options: &Options, folder: &Path) -> Fallible<Tally> {
    let (world, mut server) = World::create(&options.server, folder, &folder.join("data")).await?;
    let world = Arc::new(world);
    let mut random = StdRng::seed_from_u64(options.seed);
    let mut crew = writers(&world, options.seed);
    let (mut happened, mut unknown) = (0, 0);
    for _ in 0..options.rounds {
        let working = tokio::spawn({
            let (world, address) = (world.clone(), server.address);
            async move { work(&world, crew, address, &Arc::default()).await }
        });
        tokio::time::sleep(Duration::from_millis(random.random_range(50..=1500))).await;
        server.kill().await?;
        crew = working.await??;
        server = world.restart().await?;
        let settled = verify(&world, server.address, SAMPLE, &mut random, Fault::Lost).await?;
        happened += settled.0;
        unknown += settled.1;
        let mut ledger = world.ledger();
        ledger.tally.rounds += 1;
        if ledger.tally.faults.values().sum::<u64>() > ENOUGH_FAULTS {
            break;
        }
    }
    let mut tally = world.conclude(server, &mut random, Fault::Lost).await?;
    tally.remarks.push(format!("{happened} of {unknown} changes without an answer had happened"));
    Ok(tally)
}
