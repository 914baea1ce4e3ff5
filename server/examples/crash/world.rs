//! One database with its server, its agents, and the ledger of what was acknowledged on it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Fallible;
use crate::access::{Access, CHANNELS};
use crate::http::{Broken, Client};
use crate::ledger::{Ledger, Owner, Record};
use crate::operations::{Action, Cell, Operation, SETTINGS};
use crate::server::{Installation, Running};

/// Customers that all writers change at the same time.
const SHARED: usize = 4;

/// Everything the tasks of a part share.
pub struct World {
    /// The binary and the database.
    pub installation: Installation,
    /// Agents and keys.
    pub access: Access,
    ledger: Mutex<Ledger>,
}

impl World {
    /// Makes a database with agents and keys, starts its server, signs in, and makes the customers that writers share.
    ///
    /// # Errors
    /// If any of it fails.
    pub async fn create(binary: &Path, folder: &Path, data: &Path) -> Fallible<(Self, Running)> {
        let installation = Installation::new(binary, folder, data)?;
        let mut access = Access::create(&installation).await?;
        let server = installation.start().await?;
        access.sign_in(&server).await?;
        let world = Self { installation, access, ledger: Mutex::default() };
        world.ledger().records.push(Record::new(Owner::Tenant, "the tenant".into(), 0));
        world.read_settings(server.address).await?;
        let mut client = Client::new(server.address);
        for number in 0..SHARED {
            let id = format!("shared_{number}");
            let record = Record::new(Owner::Everyone, id.clone(), number % CHANNELS.len());
            world.create_customer(&mut client, record, &format!("first of {id}"), 0).await?;
        }
        Ok((world, server))
    }

    /// Locks the ledger. A writer that panicked leaves it usable, and its panic is told elsewhere.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the settings as they are for acknowledged ones: the beginning.
    async fn read_settings(&self, address: SocketAddr) -> Fallible<()> {
        let settings = Client::new(address).send(&self.access.read(0, "/api/settings", &[])).await?.json();
        let cells = SETTINGS.iter().map(|(name, _, field)| (Cell::Setting(name), settings[*field].to_string()));
        self.ledger().records[Ledger::TENANT].cells.extend(cells);
        Ok(())
    }

    /// Makes a customer by its first message, and learns its number from the list; its place in the ledger.
    ///
    /// # Errors
    /// If the message is not acknowledged or the customer is not in the list.
    pub async fn create_customer(
        &self,
        client: &mut Client,
        record: Record,
        text: &str,
        agent: usize,
    ) -> Fallible<usize> {
        let operation = self.first_message(record, text, agent);
        let place = operation.record;
        let outcome = client.send(&operation.action.request(&self.access, agent)).await;
        let acknowledged = self.ledger().note(operation, &outcome);
        if !acknowledged {
            return Err(format!("a first message was not acknowledged: {outcome:?}").into());
        }
        let id = self.ledger().records[place].id.clone();
        let key = self.find(client, &id).await?.ok_or(format!("{id} is acknowledged and not in the list"))?;
        self.ledger().records[place].key = Some(key);
        Ok(place)
    }

    /// Adds a record to the ledger and makes the operation of the customer's first message.
    pub fn first_message(&self, record: Record, text: &str, agent: usize) -> Operation {
        let mut ledger = self.ledger();
        let place = ledger.records.len();
        let nickname = format!("Wei {}", record.id);
        let action = Action::Message {
            channel: record.channel,
            customer: record.id.clone(),
            id: format!("first {}", record.id),
            text: text.to_owned(),
            nickname: nickname.clone(),
        };
        let effects = vec![
            (Cell::Field("nickname"), nickname),
            (Cell::Conversation(1), "waiting".into()),
            (Cell::Message(text.to_owned()), "once".into()),
        ];
        ledger.records.push(record);
        Operation { record: place, agent, action, effects }
    }

    /// Looks a customer up in the list by its ID.
    ///
    /// # Errors
    /// If the list does not answer.
    pub async fn find(&self, client: &mut Client, id: &str) -> Result<Option<u64>, Broken> {
        let query =
            form_urlencoded::Serializer::new(String::new()).extend_pairs([("period", "all"), ("id", id)]).finish();
        let request = self.access.read(0, "/api/customers", &[("mode", "admin"), ("query", &query), ("start", "")]);
        let list = client.send(&request).await?.json();
        let rows = list["rows"].as_array().cloned().unwrap_or_default();
        Ok(rows.iter().find(|row| row["row"]["id"] == id).and_then(|row| row["row"]["key"].as_u64()))
    }

    /// Starts the server again and notes how long it took.
    ///
    /// # Errors
    /// If it does not become ready.
    pub async fn restart(&self) -> Fallible<Running> {
        let server = self.installation.start().await?;
        self.ledger().tally.restarts.push(server.ready_after);
        Ok(server)
    }
}
