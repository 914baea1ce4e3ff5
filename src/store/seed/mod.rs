//! Generates a tenant for demonstrations and benchmarks: `clientele seed`, and the demonstration.
//!
//! The data set is deterministic for a given number of customers, except for its dates, which are
//! relative to now. Customer `i` has its own random generator seeded from `i`, so an interrupted seed
//! can continue where it stopped, and memory does not grow with the number. No real person appears in
//! it: phone numbers, addresses and IPs are from ranges reserved for examples.

mod cast;
mod people;
mod talk;

use futures::{StreamExt, TryStreamExt, stream};
use surrealdb::types::{RecordId, SurrealValue};

use self::cast::Cast;
use self::people::Batch;
use super::database::read;
use super::{Delivery, NewAgent, Result, Store, StoreError};
use crate::domain::{
    Actor, Agent, AgentId, Channel, CustomerId, KeyName, MessageId, Profile, Role, Settings, TagColor, TagId, TagName,
    Timestamp,
};

/// Logins of the demonstration, both with [`DEMO_PASSWORD`].
pub const DEMO_LOGINS: [(&str, Role); 2] = [("admin", Role::Admin), ("agent", Role::Agent)];
/// Password of the demonstration. It is not secret: it is printed at start, and by default the
/// demonstration listens on this machine only.
pub const DEMO_PASSWORD: &str = "clientele-demo";
/// Number of customers in the demonstration.
pub const DEMO_CUSTOMERS: u64 = 1_000;
/// Numbers of the demonstration's customers with a conversation waiting in the queue.
const DEMO_WAITING: [u64; 3] = [120, 341, 563];

/// From this number of customers on, the data set has the 80 agents and the one endless customer of
/// the benchmark.
const BENCHMARK_FROM: u64 = 10_000;
/// Batches written concurrently.
const WRITERS: usize = 2;

impl Store {
    /// Creates the demonstration tenant in a database without customers: five agents (two with a
    /// known password), the Customers page enabled, and customers, three of whom wait for an agent.
    /// Completes an interrupted demonstration. Leaves databases with other customers or agents
    /// unchanged.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn seed_demo(&self, now: Timestamp) -> Result<()> {
        let found: Vec<RecordId> = read(self.db.query("SELECT VALUE id FROM customer LIMIT 1")).await?.take(0)?;
        if found.is_empty() {
            // Logins with a known password must not be added to someone's own database that has no
            // customers yet.
            let seeded = |agent: &Agent| {
                agent.login.starts_with("agent") || DEMO_LOGINS.iter().any(|(login, _)| agent.login == *login)
            };
            if !self.agents().await?.iter().all(seeded) {
                return Ok(());
            }
            let switch_on = |settings: &mut Settings| settings.customers_page_in_agent_mode = true;
            self.change_settings(Actor::System, now, switch_on).await?;
            for (login, role) in DEMO_LOGINS {
                let name = people::AGENT_NAMES[usize::from(role == Role::Agent)];
                self.add_if_missing(login, name, role, DEMO_PASSWORD.to_owned(), now).await?;
            }
            // Every channel needs a key before its customers can be called back. The secrets are
            // discarded, so no one can deliver with these keys.
            for channel in [Channel::App, Channel::Wechat, Channel::Weibo] {
                self.add_channel_key(channel, &KeyName::new("Demo")?, Actor::System, now).await?;
            }
        } else if !self.has_customer(&people::id(0)).await? {
            return Ok(());
        }
        self.seed(DEMO_CUSTOMERS, now, |_| ()).await?;
        // Fixed delivery ids take effect once, so a restarted demonstration finds these conversations
        // as they were left.
        for (place, number) in DEMO_WAITING.into_iter().enumerate() {
            let customer = self.customer_by_id(&CustomerId::new(people::id(number))?).await?;
            let delivery = Delivery {
                channel: customer.channel,
                customer: customer.id.clone(),
                id: MessageId::new(&format!("demo {number}"))?,
                text: talk::opening(place).to_owned(),
                at: now.plus_millis(-60_000 * (place as i64 + 1)),
                profile: Profile::default(),
                visitor: None,
            };
            self.deliver(&delivery, now).await?;
        }
        Ok(())
    }

    /// Extends the generated tenant to `customers` customers. Calls `progress` after each batch with
    /// the number of customers so far.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn seed(&self, customers: u64, now: Timestamp, progress: impl Fn(u64)) -> Result<()> {
        let cast = self.cast(customers, now).await?;
        // Batches are written concurrently, so the batches before the first missing customer may be
        // missing too.
        let present = self.first_missing(customers).await?;
        let first = (present / Self::BATCH as u64).saturating_sub(WRITERS as u64);
        let batches = (first..).map(|number| Batch::numbered(number, customers)).take_while(|batch| !batch.is_empty());
        let cast = &cast;
        let mut done = std::pin::pin!(
            stream::iter(batches)
                .map(|batch| async move {
                    let end = batch.end();
                    for part in people::parts(self.missing(&batch).await?, cast) {
                        self.import(part, now).await?;
                    }
                    Ok::<_, StoreError>(end)
                })
                .buffered(WRITERS)
        );
        while let Some(end) = done.try_next().await? {
            progress(end);
        }
        Ok(())
    }

    /// Returns the tags and agents of the data set, and creates missing ones.
    async fn cast(&self, customers: u64, now: Timestamp) -> Result<Cast> {
        let mut tags: Vec<TagId> = Vec::new();
        let have = self.tags().await?;
        for (place, name) in people::TAGS.lines().enumerate() {
            let name = TagName::new(name)?;
            tags.push(match have.iter().find(|tag| tag.name.key() == name.key()) {
                Some(tag) => tag.id,
                None => self.create_tag(name, TagColor(place as u8 % TagColor::COUNT), Actor::System, now).await?.id,
            });
        }
        let wanted = if customers < BENCHMARK_FROM { 5 } else { 80 };
        let mut agents: Vec<AgentId> = self.agents().await?.into_iter().map(|agent| agent.id).collect();
        for number in agents.len()..wanted {
            // These random passwords are discarded: `clientele agent passwd` sets a usable one.
            let password = format!("{:032x}", rand::random::<u128>());
            let name = people::AGENT_NAMES[number % people::AGENT_NAMES.len()];
            let login = format!("agent{}", number + 1);
            agents.push(self.add_if_missing(&login, name, Role::Agent, password, now).await?.id);
        }
        agents.sort_unstable();
        Ok(Cast { tags, agents, now, total: customers, endless: customers >= BENCHMARK_FROM })
    }

    async fn add_if_missing(
        &self,
        login: &str,
        name: &str,
        role: Role,
        password: String,
        now: Timestamp,
    ) -> Result<Agent> {
        let new = NewAgent { login: login.to_owned(), name: name.to_owned(), role, password };
        match self.add_agent(new, Actor::System, now).await {
            Err(StoreError::AlreadyExists(_)) => {
                self.agents().await?.into_iter().find(|agent| agent.login == login).ok_or(StoreError::NotFound)
            }
            result => result,
        }
    }

    /// Returns the number of the first seeded customer that is missing, by binary search: customers
    /// are created in order.
    async fn first_missing(&self, customers: u64) -> Result<u64> {
        let (mut low, mut high) = (0, customers);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.has_customer(&people::id(middle)).await? {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Returns the missing numbers of a batch: all or none, except for the batch in which a smaller
    /// seed ended.
    async fn missing(&self, batch: &Batch) -> Result<Vec<u64>> {
        if !self.has_customer(&people::id(batch.start())).await? {
            return Ok(batch.numbers());
        }
        let mut missing = Vec::new();
        for number in batch.numbers() {
            if !self.has_customer(&people::id(number)).await? {
                missing.push(number);
            }
        }
        Ok(missing)
    }

    async fn has_customer(&self, id: &str) -> Result<bool> {
        #[derive(SurrealValue)]
        struct Found {
            version: u32,
        }
        let query = self.db.query("SELECT version FROM customer WHERE customer_id = $id").bind(("id", id.to_owned()));
        let found: Vec<Found> = read(query).await?.take(0)?;
        Ok(found.iter().any(|row| row.version > 0))
    }
}
