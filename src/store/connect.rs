//! Opens the database and migrates its schema.

use std::path::Path;

use sha2::{Digest, Sha256};
use surrealdb::engine::any;
use surrealdb::opt::auth::Root;
use surrealdb::types::{RecordId, RecordIdKey, SurrealValue};

use super::clock::Clock;
use super::database::{Database, Sdk, read};
use super::embedded::{self, CACHE_MIB, cannot_open};
use super::{OpenError, profile};

/// Connection settings of the database.
#[derive(Clone, Debug)]
pub struct Connection {
    /// URL: `rocksdb://path`, `mem://`, or `ws://host:port` / `wss://host` for a SurrealDB server.
    pub url: String,
    /// SurrealDB namespace that contains the database.
    pub namespace: String,
    /// SurrealDB database, one per tenant.
    pub database: String,
    /// Name and password of a root user of a SurrealDB server; embedded engines need none.
    pub credentials: Option<(String, String)>,
    /// Size of RocksDB's block cache, in MiB.
    pub cache_mib: u32,
    /// Source of the current time.
    pub clock: Clock,
}

impl Connection {
    /// Returns settings without credentials; namespace and database are both `clientele`.
    #[must_use]
    pub fn to(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            namespace: "clientele".into(),
            database: "clientele".into(),
            credentials: None,
            cache_mib: CACHE_MIB,
            clock: Clock::default(),
        }
    }

    pub(super) async fn open(&self) -> Result<Database, OpenError> {
        if self.url.starts_with("surrealkv:") {
            return Err(OpenError::SurrealKv);
        }
        if let Some(path) = self.url.strip_prefix("rocksdb:") {
            if is_converted(path) {
                return Err(OpenError::Converted);
            }
            let (db, datastore) = embedded::open(&self.url, self.cache_mib).await?;
            db.use_ns(&self.namespace).use_db(&self.database).await?;
            return Ok(Database::new(Sdk::RocksDb(db, datastore), false));
        }
        let db = any::connect(self.url.as_str()).await.map_err(cannot_open)?;
        if let Some((username, password)) = self.credentials.clone() {
            db.signin(Root { username, password }).await?;
        }
        db.use_ns(&self.namespace).use_db(&self.database).await?;
        let remote = ["ws:", "wss:", "http:", "https:"].iter().any(|scheme| self.url.starts_with(scheme));
        Ok(Database::new(Sdk::Any(db), remote))
    }
}

/// Returns `true` if SurrealDB 4 has converted the folder to SurrealKV, which keeps its tables' list in `manifest/`. RocksDB
/// would not find its files there and create an empty database beside them.
fn is_converted(path: &str) -> bool {
    let path = path.strip_prefix("//").unwrap_or(path);
    let folder = path.split_once('?').map_or(path, |(folder, _)| folder);
    Path::new(folder).join("manifest").is_dir()
}

/// Numbered migrations, forward only. Never edit a migration that has run: its checksum is stored and compared.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("schema/0001_base.surql")),
    (2, include_str!("schema/0002_conversations.surql")),
    (3, include_str!("schema/0003_ordinary_days.surql")),
    (4, include_str!("schema/0004_held_left.surql")),
    (5, include_str!("schema/0005_profile_fields.surql")),
    (6, include_str!("schema/0006_embedding.surql")),
];

#[derive(SurrealValue)]
struct MigrationRow {
    checksum: String,
}

pub(super) async fn migrate(db: &Database) -> Result<(), OpenError> {
    read(db.query(
        "DEFINE TABLE IF NOT EXISTS migration SCHEMAFULL TYPE NORMAL;
         DEFINE FIELD IF NOT EXISTS checksum ON migration TYPE string;
         DEFINE FIELD IF NOT EXISTS at ON migration TYPE datetime;",
    ))
    .await?;
    refuse_newer(db).await?;
    for (number, script) in MIGRATIONS {
        let id = RecordId::new("migration", *number);
        let checksum = format!("{:x}", Sha256::digest(script));
        let mut found = read(db.query("SELECT checksum FROM ONLY $id").bind(("id", id.clone()))).await?;
        match found.take::<Option<MigrationRow>>(0)? {
            Some(row) if row.checksum == checksum => continue,
            Some(_) => return Err(OpenError::EditedMigration(*number)),
            None => {}
        }
        // Definitions are idempotent (`IF NOT EXISTS`), so two nodes may start at the same time.
        read(db.query(*script)).await?;
        read(
            db.query("UPSERT $id SET checksum = $checksum, at = time::now()")
                .bind(("id", id))
                .bind(("checksum", checksum)),
        )
        .await?;
        tracing::info!(migration = number, "store: migrated");
    }
    profile::define_columns(db).await
}

/// Returns [`OpenError::NewerSchema`] if a newer version has migrated the database.
async fn refuse_newer(db: &Database) -> Result<(), OpenError> {
    let known = MIGRATIONS.iter().map(|(number, _)| *number).max().unwrap_or(0);
    let found: Vec<RecordId> = read(db.query("SELECT VALUE id FROM migration")).await?.take(0)?;
    let numbers = found.iter().filter_map(|id| match id.key {
        RecordIdKey::Number(number) => Some(number),
        _ => None,
    });
    match numbers.max() {
        Some(found) if found > known => Err(OpenError::NewerSchema { found, known }),
        _ => Ok(()),
    }
}
