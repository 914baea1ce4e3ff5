//! The queue of waiting conversations with their customers and newest messages. Every agent's page
//! requests it after each change, so one cached result is shared by all of them.

use std::collections::HashMap;
use std::sync::Arc;

use super::change::ChangeContext;
use super::database::read;
use super::desk::OpenConversation;
use super::feed::Position;
use super::rows::open::OpenRow;
use super::{Result, Store};
use crate::domain::{Actor, AgentId, Customer, CustomerKey, EventKind, Message, Timestamp};

/// Maximum number of entries in the cached queue.
const SHARED: usize = 100;

/// Open conversation with its customer and newest message, as lists show it.
#[derive(Clone, Debug)]
pub struct DeskEntry {
    /// Open conversation.
    pub open: OpenConversation,
    /// Customer of the conversation.
    pub customer: Customer,
    /// Newest message of the conversation, if there is one.
    pub newest: Option<Message>,
}

/// Sort order of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueOrder {
    /// Longest waiting conversation first.
    #[default]
    LongestFirst,
    /// Newest conversation first.
    NewestFirst,
}

/// Waiting conversations in one order.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Entries from the front of the order.
    pub entries: Arc<Vec<DeskEntry>>,
    /// Total number of waiting conversations, including those not in `entries`.
    pub total: usize,
}

/// Cached queue of each order, with the feed position before it was read.
pub(super) type SharedQueue = [tokio::sync::Mutex<Option<(Position, Queue)>>; 2];

impl Store {
    /// Returns waiting conversations in the given order: the cached first 100 if `most` is at most
    /// 100, otherwise up to `most`.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`](super::StoreError::Unavailable) if the database does not answer.
    pub async fn queue(&self, order: QueueOrder, most: usize) -> Result<Queue> {
        if most > SHARED {
            return self.read_queue(order, most).await;
        }
        // Concurrent callers wait for the lock and share the result: fifty pages that receive one
        // event cause one read.
        let mut shared = self.queue[order as usize].lock().await;
        let position = self.position();
        match &*shared {
            Some((made_at, queue)) if *made_at == position => Ok(queue.clone()),
            _ => {
                let queue = self.read_queue(order, SHARED).await?;
                *shared = Some((position, queue.clone()));
                Ok(queue)
            }
        }
    }

    async fn read_queue(&self, order: QueueOrder, most: usize) -> Result<Queue> {
        let (waiting, total) = match order {
            QueueOrder::LongestFirst => self.waiting(None, most),
            QueueOrder::NewestFirst => {
                let desk = self.memory.desk();
                (desk.newest_waiting(most), desk.waiting_len())
            }
        };
        Ok(Queue { entries: Arc::new(self.desk_entries(&waiting).await?), total })
    }

    /// Returns open conversations with their customers and newest messages. Always takes two queries.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`](super::StoreError::Unavailable) if the database does not answer.
    pub async fn desk_entries(&self, open: &[OpenConversation]) -> Result<Vec<DeskEntry>> {
        let keys: Vec<CustomerKey> = open.iter().map(|open| open.customer).collect();
        let customers = self.customers(&keys).await?;
        let newest = self.newest_messages(&customers).await?;
        let mut newest: HashMap<CustomerKey, Message> =
            newest.into_iter().map(|message| (message.customer, message)).collect();
        let mut customers: HashMap<CustomerKey, Customer> =
            customers.into_iter().map(|customer| (customer.key, customer)).collect();
        let mut entry = |open: &OpenConversation| {
            let customer = customers.remove(&open.customer)?;
            let newest = newest.remove(&open.customer).filter(|newest| newest.conversation == open.number);
            Some(DeskEntry { open: *open, customer, newest })
        };
        Ok(open.iter().filter_map(&mut entry).collect())
    }

    /// Ends waiting conversations without activity since `before` as abandoned, at most 200 per call,
    /// and returns their number. Call it regularly.
    ///
    /// # Errors
    /// Never fails: a conversation that cannot be ended is logged and skipped.
    pub async fn abandon_waiting(&self, before: Timestamp, now: Timestamp) -> Result<usize> {
        const AT_ONCE: usize = 200;
        let mut abandoned = 0;
        let idle = self.memory.desk().idle(before, AT_ONCE);
        for open in idle {
            let by = ChangeContext { actor: Actor::System, kind: EventKind::ConversationEnded, now };
            let end = self.change_aggregate(open.customer, by, |aggregate| {
                // An agent may have accepted it meanwhile.
                let waits = aggregate.customer.open == Some(open.number)
                    && aggregate.open.as_ref().is_some_and(|open| open.agent.is_none());
                if waits {
                    aggregate.end(now);
                }
                Ok(waits)
            });
            match end.await {
                Ok((_, ended)) => abandoned += usize::from(ended),
                // One conversation that cannot be ended must not block the others.
                Err(error) => {
                    tracing::warn!(%error, customer = open.customer.0, "store: cannot abandon a conversation")
                }
            }
        }
        Ok(abandoned)
    }

    /// Returns all open conversations of a disabled agent to the queue, and returns their number.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`](super::StoreError::Unavailable) if the database does not answer.
    pub async fn release_conversations(&self, agent: AgentId, now: Timestamp) -> Result<usize> {
        // Reads the table, because command-line commands run without the desk in memory.
        let query = self.db.query("SELECT * FROM open WHERE agent = $agent").bind(("agent", agent.0));
        let own: Vec<OpenRow> = read(query).await?.take(0)?;
        for row in &own {
            let (key, _) = row.numbers()?;
            let by = ChangeContext { actor: Actor::System, kind: EventKind::ConversationReturned, now };
            self.change_aggregate(key, by, |aggregate| {
                aggregate.return_to_queue(agent);
                Ok(())
            })
            .await?;
        }
        Ok(own.len())
    }
}
