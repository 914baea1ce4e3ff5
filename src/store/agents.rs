//! Storage of agents and their password hashes. A hash never leaves this module.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use surrealdb::types::{RecordId, RecordIdKey, SurrealValue};
use tokio::sync::Semaphore;

use super::database::read;
use super::events::{Entry, EventRow};
use super::keys::next_number;
use super::memory::MemoryUpdate;
use super::transaction::{ATTEMPTS, Write};
use super::{Result, Store, StoreError};
use crate::domain::agent::{check_password, normalize_login, normalize_name};
use crate::domain::{Actor, Agent, AgentId, Change, EventKind, Role, Timestamp};

/// Data of an agent to add.
#[derive(Clone)]
pub struct NewAgent {
    /// Login, 1 to 64 characters without spaces. Case and width are folded before it is stored.
    pub login: String,
    /// Display name, at most 60 characters. If empty, the login is used.
    pub name: String,
    /// Role; only an admin may switch to Admin Mode.
    pub role: Role,
    /// Initial password, 10 to 256 characters. Only its hash is stored.
    pub password: String,
}

#[derive(Clone, SurrealValue)]
struct AgentRow {
    id: RecordId,
    login: String,
    name: String,
    role: String,
    disabled: bool,
    /// Empty as long as the agent has no password.
    password_hash: String,
}

/// Normalised data of an agent to add.
struct Identity {
    login: String,
    name: String,
    role: Role,
    password_hash: String,
}

fn record(id: AgentId) -> RecordId {
    RecordId::new("agent", i64::from(id.0))
}

impl TryFrom<AgentRow> for Agent {
    type Error = StoreError;

    fn try_from(row: AgentRow) -> Result<Self> {
        let RecordIdKey::Number(id) = row.id.key else {
            return Err(StoreError::internal("an agent's key is not a number"));
        };
        let role = Role::parse(&row.role).ok_or_else(|| StoreError::internal(format!("agent {id}: role")))?;
        Ok(Self { id: AgentId(id as u32), login: row.login, name: row.name, role, disabled: row.disabled })
    }
}

impl Store {
    /// Returns all agents, sorted by login. Reads the whole table, which has tens to some hundreds of rows.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn agents(&self) -> Result<Vec<Agent>> {
        let rows: Vec<AgentRow> = read(self.db.query("SELECT * FROM agent")).await?.take(0)?;
        let mut agents = rows.into_iter().map(Agent::try_from).collect::<Result<Vec<_>>>()?;
        agents.sort_by(|a, b| a.login.cmp(&b.login));
        Ok(agents)
    }

    /// Returns the agent with this number.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such agent.
    pub async fn agent(&self, id: AgentId) -> Result<Agent> {
        let mut found = read(self.db.query("SELECT * FROM ONLY $id").bind(("id", record(id)))).await?;
        found.take::<Option<AgentRow>>(0)?.ok_or(StoreError::NotFound)?.try_into()
    }

    /// Returns the agent with this login, or `None` if there is none.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] if the login is invalid.
    pub(super) async fn agent_by_login(&self, login: &str) -> Result<Option<Agent>> {
        self.agent_row(login).await?.map(Agent::try_from).transpose()
    }

    /// Adds an agent and logs the event.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] if the login, name or password is invalid, and
    /// [`StoreError::AlreadyExists`] if the login is in use.
    pub async fn add_agent(&self, new: NewAgent, actor: Actor, now: Timestamp) -> Result<Agent> {
        let NewAgent { login, name, role, password } = new;
        let (login, name) = (normalize_login(&login)?, normalize_name(&name)?);
        check_password(&password)?;
        let password_hash = hash(password).await?;
        self.insert_agent(Identity { login, name, role, password_hash }, actor, now, Vec::new()).await
    }

    /// Adds an agent of role [`Role::Agent`] that cannot sign in until a password is set. `cause` is logged
    /// with the event.
    ///
    /// # Errors
    /// As [`Store::add_agent`].
    pub(super) async fn add_agent_without_password(
        &self,
        login: &str,
        name: &str,
        cause: Change,
        now: Timestamp,
    ) -> Result<Agent> {
        let (login, name) = (normalize_login(login)?, normalize_name(name)?);
        let new = Identity { login, name, role: Role::Agent, password_hash: String::new() };
        self.insert_agent(new, Actor::System, now, vec![cause]).await
    }

    async fn insert_agent(&self, new: Identity, actor: Actor, now: Timestamp, more: Vec<Change>) -> Result<Agent> {
        let id = AgentId(next_number(&self.db, "agent_number").await? as u32);
        let row = AgentRow {
            id: record(id),
            name: if new.name.is_empty() { new.login.clone() } else { new.name },
            login: new.login,
            role: new.role.as_str().to_owned(),
            disabled: false,
            password_hash: new.password_hash,
        };
        let agent = Agent::try_from(row.clone())?;
        let mut changes = vec![Change { field: "login".into(), before: None, after: Some(row.login.clone()) }];
        changes.extend(more);
        let event =
            EventRow::new(Entry { at: now, actor, kind: EventKind::AgentChanged, customer: None, changes, version: 1 });
        self.retry(ATTEMPTS, || async {
            let text = "BEGIN; CREATE ONLY $agent.id CONTENT $agent; CREATE ONLY $event.id CONTENT $event; COMMIT;";
            let write = Write::new(text, &event).bind("agent", row.clone()).unique(&[("agent_login", "login")]);
            Ok(self.commit(write, MemoryUpdate::Nothing).await?.then(()))
        })
        .await?;
        Ok(agent)
    }

    /// Sets a new password, ends the agent's sessions and removes the agent's known devices.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if no agent has this login, and [`StoreError::Refused`] if
    /// the login or password is invalid.
    pub async fn set_password(&self, login: &str, password: String, actor: Actor, now: Timestamp) -> Result<()> {
        check_password(&password)?;
        let hash = hash(password).await?;
        let change = Change { field: "password".into(), before: None, after: None };
        self.change_agent(login, actor, now, change, |row| row.password_hash.clone_from(&hash)).await
    }

    /// Disables an agent, ends the agent's sessions and returns the agent's open conversations to the queue.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if no agent has this login, [`StoreError::Refused`] if it is malformed.
    pub async fn disable_agent(&self, login: &str, actor: Actor, now: Timestamp) -> Result<()> {
        let change = Change { field: "disabled".into(), before: Some("false".into()), after: Some("true".into()) };
        self.change_agent(login, actor, now, change, |row| row.disabled = true).await?;
        let agent = self.agent_row(login).await?.ok_or(StoreError::NotFound)?;
        self.release_conversations(Agent::try_from(agent)?.id, now).await.map(drop)
    }

    async fn change_agent(
        &self,
        login: &str,
        actor: Actor,
        now: Timestamp,
        change: Change,
        edit: impl Fn(&mut AgentRow),
    ) -> Result<()> {
        self.retry(ATTEMPTS, || async {
            let mut row = self.agent_row(login).await?.ok_or(StoreError::NotFound)?;
            edit(&mut row);
            let changes = vec![change.clone()];
            let event = EventRow::new(Entry {
                at: now,
                actor,
                kind: EventKind::AgentChanged,
                customer: None,
                changes,
                version: 1,
            });
            let text = "BEGIN; UPDATE ONLY $agent.id CONTENT $agent; DELETE session WHERE agent = $number;
                 DELETE device WHERE agent = $number; CREATE ONLY $event.id CONTENT $event; COMMIT;";
            let write = Write::new(text, &event).bind("number", Agent::try_from(row.clone())?.id.0).bind("agent", row);
            Ok(self.commit(write, MemoryUpdate::Nothing).await?.then(()))
        })
        .await
    }

    /// Returns the agent with this login and password, or `None` if either is wrong or the agent is disabled.
    /// An unknown login takes as long as a wrong password, so the timing does not reveal which logins exist.
    ///
    /// # Errors
    /// Returns [`StoreError::Busy`] if no hashing slot becomes free within 2 seconds.
    pub async fn verify(&self, login: &str, password: String) -> Result<Option<Agent>> {
        let row = match normalize_login(login) {
            Ok(login) => self.agent_row(&login).await?,
            Err(_) => None,
        };
        // An agent without a password is treated like an unknown login.
        let row = row.filter(|row| !row.password_hash.is_empty());
        let own = row.as_ref().map(|row| row.password_hash.clone());
        let right = blocking(move || {
            let hash = own.unwrap_or_else(|| NOBODYS_HASH.clone());
            let hash = PasswordHash::new(&hash).map_err(StoreError::internal)?;
            Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await?;
        match row {
            Some(row) if right && !row.disabled => Agent::try_from(row).map(Some),
            _ => Ok(None),
        }
    }

    async fn agent_row(&self, login: &str) -> Result<Option<AgentRow>> {
        let query = self.db.query("SELECT * FROM agent WHERE login = $login").bind(("login", normalize_login(login)?));
        Ok(read(query).await?.take::<Vec<AgentRow>>(0)?.pop())
    }
}

/// Hash that the password is checked against if the login is unknown, so that the check takes the same time.
static NOBODYS_HASH: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

/// Returns Argon2id with 19 MiB, 2 passes and 1 lane: OWASP's first recommendation.
fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(StoreError::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Result<String> {
    let salt = SaltString::generate(&mut OsRng);
    Ok(argon2()?.hash_password(password.as_bytes(), &salt).map_err(StoreError::internal)?.to_string())
}

async fn hash(password: String) -> Result<String> {
    blocking(move || hash_now(&password)).await
}

/// Maximum number of concurrent password hashes. Each takes 19 MiB and tens of milliseconds of a core.
const AT_ONCE: usize = 4;
/// Longest wait for a hashing slot.
const PATIENCE: Duration = Duration::from_secs(2);

static HASHING: Semaphore = Semaphore::const_new(AT_ONCE);

/// Runs `work` on the blocking thread pool, away from the async workers. The permit moves into the
/// task, because the task continues when the caller is dropped.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let permit = tokio::time::timeout(PATIENCE, HASHING.acquire()).await.map_err(|_| StoreError::Busy)?;
    let permit = permit.map_err(StoreError::internal)?;
    let hashing = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    hashing.await.map_err(StoreError::internal)?
}
