//! Conversations that wait, and the queue as agents see it: the waiting conversations with their customers and newest messages. Every agent's page asks for it
//! whenever anything moves, so that one answer is made for all of them.

use std::collections::HashMap;
use std::sync::Arc;

use super::change::{By, OpenRow};
use super::database::read;
use super::desk::OpenConversation;
use super::feed::Position;
use super::{Result, Store};
use crate::domain::{Actor, AgentId, Customer, CustomerKey, EventKind, Message, Timestamp};

/// Waiting conversations in the shared answer.
const SHARED: usize = 100;

/// An open conversation with what a list of them shows.
#[derive(Clone, Debug)]
pub struct DeskEntry {
    /// The conversation.
    pub open: OpenConversation,
    /// The customer.
    pub customer: Customer,
    /// The newest message of the conversation, if there is one.
    pub newest: Option<Message>,
}

/// End of the queue that is listed first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueOrder {
    /// The conversation that has waited longest.
    #[default]
    LongestFirst,
    /// The conversation that began last.
    NewestFirst,
}

/// The queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The entries at the end that was asked for.
    pub entries: Arc<Vec<DeskEntry>>,
    /// Number of all that wait.
    pub total: usize,
}

/// The shared answer of each order, and the position of the feed that it was made after.
pub(super) type SharedQueue = [tokio::sync::Mutex<Option<(Position, Queue)>>; 2];

impl Store {
    /// Returns waiting conversations in an order, at most `most`, with what a list of them shows.
    ///
    /// # Errors
    /// What the database says.
    pub async fn queue(&self, order: QueueOrder, most: usize) -> Result<Queue> {
        if most > SHARED {
            return self.read_queue(order, most).await;
        }
        // Whoever comes while the answer is being made waits for it: fifty pages that hear of one message ask once.
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

    /// Returns open conversations with what a list of them shows, in two queries however many there are.
    ///
    /// # Errors
    /// What the database says.
    pub async fn desk_entries(&self, open: &[OpenConversation]) -> Result<Vec<DeskEntry>> {
        let keys: Vec<CustomerKey> = open.iter().map(|open| open.customer).collect();
        let customers = self.customers(&keys).await?;
        let newest = self.newest_messages(&customers).await?;
        let mut newest: HashMap<CustomerKey, Message> = newest.into_iter().map(|own| (own.customer, own)).collect();
        let mut customers: HashMap<CustomerKey, Customer> = customers.into_iter().map(|own| (own.key, own)).collect();
        let mut entry = |open: &OpenConversation| {
            let customer = customers.remove(&open.customer)?;
            let newest = newest.remove(&open.customer).filter(|newest| newest.conversation == open.number);
            Some(DeskEntry { open: *open, customer, newest })
        };
        Ok(open.iter().filter_map(&mut entry).collect())
    }

    /// Ends waiting conversations in which nothing has happened since a moment, as abandoned; returns their number. Meant to be
    /// called now and then.
    ///
    /// # Errors
    /// What the database says.
    pub async fn abandon_waiting(&self, before: Timestamp, now: Timestamp) -> Result<usize> {
        const AT_ONCE: usize = 200;
        let mut abandoned = 0;
        let idle = self.memory.desk().idle(before, AT_ONCE);
        for open in idle {
            let by = By { actor: Actor::System, kind: EventKind::ConversationEnded, now };
            let end = self.change_thread(open.customer, by, |thread| {
                // Somebody may have taken it since.
                let waits = thread.customer.open == Some(open.number)
                    && thread.open.as_ref().is_some_and(|open| open.agent.is_none());
                if waits {
                    thread.end(now);
                }
                Ok(waits)
            });
            match end.await {
                Ok((_, ended)) => abandoned += usize::from(ended),
                // One that cannot be ended must not keep all behind it waiting.
                Err(error) => {
                    tracing::warn!(%error, customer = open.customer.0, "store: cannot abandon a conversation")
                }
            }
        }
        Ok(abandoned)
    }

    /// Puts the conversations of an agent back to waiting, because the agent is gone; returns their number.
    ///
    /// # Errors
    /// What the database says.
    pub async fn release_conversations(&self, agent: AgentId, now: Timestamp) -> Result<usize> {
        // Not from the desk in memory, which commands do not have.
        let query = self.db.query("SELECT * FROM open WHERE agent = $agent").bind(("agent", agent.0));
        let own: Vec<OpenRow> = read(query).await?.take(0)?;
        for row in &own {
            let (key, _) = row.numbers()?;
            let by = By { actor: Actor::System, kind: EventKind::ConversationReturned, now };
            self.change_thread(key, by, |thread| {
                thread.give_back(agent);
                Ok(())
            })
            .await?;
        }
        Ok(own.len())
    }
}
