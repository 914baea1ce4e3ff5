//! Embedded RocksDB with bounded memory.

use std::fmt::Display;
use std::sync::{Arc, Weak};
use std::time::Duration;

use surrealdb::Surreal;
use surrealdb::engine::local::Db;
use surrealdb_cnf::ConfigMap;
use surrealdb_core::kvs::Datastore;
use surrealdb_core::options::EngineOptions;

use super::{Result, StoreError};

const MIB: u64 = 1024 * 1024;
/// Default size of the block cache in MiB. A million customers take 440 MB on disk, and the
/// operating system's file cache backs the block cache.
pub const CACHE_MIB: u32 = 256;
/// Size of a write buffer in bytes, and number of write buffers.
const WRITE_BUFFER: u64 = 32 * MIB;
const WRITE_BUFFERS: u64 = 3;

/// Opens a RocksDB database by its URL.
///
/// `any::connect` would be simpler, but accepts no engine settings. The engine's defaults are half of
/// the machine's memory minus a gigabyte for the block cache, and a gigabyte for write buffers. Passing
/// our own datastore is not part of the SDK's stable interface, which is why its version is pinned.
///
/// # Errors
/// Returns [`StoreError::Unavailable`] if the files cannot be opened, for example by a second process.
pub(super) async fn open(url: &str, cache_mib: u32) -> Result<(Surreal<Db>, Weak<Datastore>)> {
    let config = ConfigMap::empty()
        .with_key_value("rocksdb_block_cache_size", (u64::from(cache_mib) * MIB).to_string())
        .with_key_value("rocksdb_write_buffer_size", WRITE_BUFFER.to_string())
        .with_key_value("rocksdb_max_write_buffer_number", WRITE_BUFFERS.to_string());
    // Change feeds are not used. Their cleanup job would occupy a runtime thread with a busy loop
    // after the system clock is set back.
    let options = EngineOptions::default().with_changefeed_gc_interval(Duration::ZERO);
    let builder = Datastore::builder().with_config(config).with_engine_options(options);
    // Same order as in the SDK: maintenance tasks write, and must not do so before the storage version is set.
    let builder = builder.without_maintenance_tasks();
    let datastore = builder.build_with_path(url).await.map_err(cannot_open)?;
    datastore.check_version().await.map_err(cannot_open)?;
    datastore.bootstrap().await.map_err(cannot_open)?;
    datastore.start_maintenance_tasks();
    let ending = Arc::downgrade(&datastore);
    let db = Surreal::unstable_from_datastore(datastore, None).await.map_err(cannot_open)?;
    Ok((db, ending))
}

/// Logs why the database cannot be opened and returns [`StoreError::Unavailable`].
pub(super) fn cannot_open(error: impl Display) -> StoreError {
    tracing::error!(%error, "store: cannot open the database");
    StoreError::Unavailable
}
