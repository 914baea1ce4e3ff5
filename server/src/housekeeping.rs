//! Background work that runs every second and every minute.

use std::sync::Arc;
use std::time::Duration;

use clientele::store::{Scrubber, Store, StoreError};
use clientele_app::server::state::AppState;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::chat::VisitorLimiter;

/// Age in milliseconds after which the desk index forgets closed conversations. Longer than any
/// change takes to arrive.
const DESK_MEMORY: i64 = 3_600_000;

/// Runs the periodic work until the task is aborted.
pub async fn run(app: AppState, visitors: Arc<VisitorLimiter>) {
    tokio::join!(each_second(app.store.clone()), each_minute(app, visitors));
}

async fn each_second(store: Arc<Store>) {
    let mut ticks = ticks(Duration::from_secs(1));
    let mut scrubber = Scrubber::default();
    loop {
        ticks.tick().await;
        // Spawned as a task, so that a panic does not stop the other work.
        let (task_store, mut place) = (store.clone(), std::mem::take(&mut scrubber));
        let scrubbing = tokio::spawn(async move {
            let scrubbed = task_store.scrub(&mut place).await.map(drop);
            (scrubbed, place)
        });
        match scrubbing.await {
            Ok((scrubbed, place)) => {
                scrubber = place;
                log_error("compare the index with the database", scrubbed);
            }
            Err(error) => tracing::error!(%error, "housekeeping: a task failed"),
        }
        let task_store = store.clone();
        finish(
            "sweep the blacklist",
            tokio::spawn(async move { task_store.sweep_blacklist(task_store.now()).await.map(drop) }),
        )
        .await;
    }
}

async fn each_minute(app: AppState, visitors: Arc<VisitorLimiter>) {
    let mut ticks = ticks(Duration::from_secs(60));
    loop {
        ticks.tick().await;
        app.login_limiter.sweep();
        visitors.sweep();
        app.store.sweep_desk(app.store.now().plus_millis(-DESK_MEMORY));
        let task_store = app.store.clone();
        finish("sweep sessions", tokio::spawn(async move { sweep_sessions(&task_store).await })).await;
        let task_store = app.store.clone();
        finish("prune old records", tokio::spawn(async move { task_store.prune(task_store.now()).await.map(drop) }))
            .await;
        let task_store = app.store.clone();
        finish("abandon conversations", tokio::spawn(async move { abandon(&task_store).await })).await;
        let task_store = app.store.clone();
        finish("release conversations", tokio::spawn(async move { release(&task_store).await })).await;
    }
}

/// Deletes the expired sessions of the console and of hosts.
async fn sweep_sessions(store: &Store) -> Result<(), StoreError> {
    store.sweep_sessions(store.now()).await?;
    store.sweep_embed_sessions(store.now()).await
}

/// Abandons conversations that have waited longer than the settings allow.
async fn abandon(store: &Store) -> Result<(), StoreError> {
    let abandoned = store.abandon_waiting(store.settings().abandon_before(store.now()), store.now()).await?;
    if abandoned > 0 {
        tracing::info!(conversations = abandoned as u64, "housekeeping: abandoned conversations");
    }
    Ok(())
}

/// Returns the conversations of disabled agents to waiting. Disabling an agent does so too, but in
/// separate transactions that may be interrupted.
async fn release(store: &Store) -> Result<(), StoreError> {
    for agent in store.agents().await?.into_iter().filter(|agent| agent.disabled) {
        store.release_conversations(agent.id, store.now()).await?;
    }
    Ok(())
}

fn ticks(period: Duration) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(period);
    // After the machine was suspended, one run is enough.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn finish(what: &str, task: JoinHandle<Result<(), StoreError>>) {
    match task.await {
        Ok(result) => log_error(what, result),
        Err(error) => tracing::error!(%error, what, "housekeeping: a task failed"),
    }
}

fn log_error(what: &str, result: Result<(), StoreError>) {
    if let Err(error) = result {
        tracing::warn!(%error, what, "housekeeping: not done");
    }
}
