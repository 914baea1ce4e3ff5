//! RocksDB in this process, with bounded memory.

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
/// Memory of the block cache in MiB unless told otherwise. A million customers are 440 MB on disk, and the system's own cache
/// of the files lies behind it.
pub const CACHE_MIB: u32 = 256;
/// Size of a write buffer in bytes, and their number.
const WRITE_BUFFER: u64 = 32 * MIB;
const WRITE_BUFFERS: u64 = 3;

/// Opens a RocksDB by its URL.
///
/// `any::connect` would do, but it takes no settings of the engine, whose defaults are half of the machine's memory less a
/// gigabyte for the block cache, and a gigabyte for write buffers. The SDK's way to bring one's own datastore is not part of
/// its stable interface, which is why the version is pinned.
///
/// # Errors
/// [`StoreError::Unavailable`] when the files cannot be opened, because another process has them for example.
pub(super) async fn open(url: &str, cache_mib: u32) -> Result<(Surreal<Db>, Weak<Datastore>)> {
    let config = ConfigMap::empty()
        .with_key_value("rocksdb_block_cache_size", (u64::from(cache_mib) * MIB).to_string())
        .with_key_value("rocksdb_write_buffer_size", WRITE_BUFFER.to_string())
        .with_key_value("rocksdb_max_write_buffer_number", WRITE_BUFFERS.to_string());
    // There are no change feeds, and the job that deletes what is old of them waits for the clock in a busy loop when the clock
    // is set back, on a thread of the runtime.
    let options = EngineOptions::default().with_changefeed_gc_interval(Duration::ZERO);
    let builder = Datastore::builder().with_config(config).with_engine_options(options);
    // In the order of the SDK itself: the tasks write, and must not before the version is there.
    let builder = builder.without_maintenance_tasks();
    let datastore = builder.build_with_path(url).await.map_err(cannot_open)?;
    datastore.check_version().await.map_err(cannot_open)?;
    datastore.bootstrap().await.map_err(cannot_open)?;
    datastore.start_maintenance_tasks();
    let ending = Arc::downgrade(&datastore);
    let db = Surreal::unstable_from_datastore(datastore, None).await.map_err(cannot_open)?;
    Ok((db, ending))
}

/// Logs why a database cannot be opened.
pub(super) fn cannot_open(error: impl Display) -> StoreError {
    tracing::error!(%error, "store: cannot open the database");
    StoreError::Unavailable
}
