//! What is said: delivered by channels, written by agents, held, rated. The rules are [`Thread`]'s; here they meet the database.

use super::change::{By, Changed};
use super::claims::{Claim, Request, delivery_record};
use super::conversations::{ConversationRow, record};
use super::database::read;
use super::transaction::{ATTEMPTS, back_off};
use super::{Result, Store, StoreError};
use crate::domain::{
    self, Actor, AgentId, Channel, Conversation, Customer, CustomerId, CustomerKey, Delivered, EventKind, Obstacles,
    Profile, Rating, Thread, Timestamp, VisitorInfo,
};

/// A message as a channel delivers it.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The channel.
    pub channel: Channel,
    /// Who wrote.
    pub customer: CustomerId,
    /// The channel's own id of the message: 1 to 128 characters. A message is taken once, however often it comes.
    pub id: String,
    /// What was written, as [`Message::accept`](crate::domain::Message::accept) keeps it.
    pub text: String,
    /// When, as the channel says; never later than now.
    pub at: Timestamp,
    /// What the channel says of the customer.
    pub profile: Profile,
    /// Where the visitor came from.
    pub visitor: Option<VisitorInfo>,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Whose message it is.
    pub customer: CustomerKey,
    /// Where it stands.
    pub delivered: Delivered,
    /// Whether it had been delivered before.
    pub repeated: bool,
}

impl Store {
    /// Takes a customer's message, once. A sender that is not known yet becomes a customer.
    ///
    /// # Errors
    /// [`StoreError::Taken`] at `id` when another customer sent a message with this id, and at `customer` when the customer ID
    /// came from another channel first. [`StoreError::Conflict`] when others won each time; the channel tries again.
    pub async fn deliver(&self, delivery: &Delivery, now: Timestamp) -> Result<Receipt> {
        let claim_id = delivery_record(delivery.channel, &delivery.id);
        self.attempts().await?;
        let _turn = match self.customer_by_id(&delivery.customer).await {
            Ok(customer) => Some(self.turn(customer.key).await),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error),
        };
        for attempt in 0..ATTEMPTS * 2 {
            let claim = self.claimed(&claim_id).await?;
            let before = match self.customer_by_id(&delivery.customer).await {
                Ok(customer) => Some(customer),
                Err(StoreError::NotFound) => None,
                Err(error) => return Err(error),
            };
            if let Some(claim) = claim {
                let own = before.is_some_and(|customer| customer.key.0 == claim.customer);
                return if own { Ok(receipt_of(&claim)) } else { Err(StoreError::Taken("id")) };
            }
            let mut thread = match &before {
                Some(customer) if customer.channel != delivery.channel => return Err(StoreError::Taken("customer")),
                Some(customer) => self.thread_of(customer.clone()).await?,
                None => {
                    let key = self.next_key().await?;
                    let new = Customer::new(key, delivery.customer.clone(), delivery.channel, Profile::default(), now);
                    Thread::new(new, None)
                }
            };
            thread.customer.learn(&delivery.profile, now);
            let at = delivery.at.min(now);
            let delivered = thread.deliver(delivery.text.clone(), delivery.visitor.clone(), at, now);
            let (kind, conversation, number) = match delivered {
                Delivered::Held { number } => (EventKind::MessageHeld, None, number),
                Delivered::Said { conversation, message, .. } => {
                    (EventKind::MessageReceived, Some(conversation), message)
                }
            };
            let kind = if before.is_none() { EventKind::CustomerCreated } else { kind };
            let customer = thread.customer.key;
            let claim = Claim::new(&claim_id, customer, conversation, number, now);
            let changed = Changed {
                before: before.as_ref(),
                after: thread.customer,
                brought: thread.brought,
                claim: Some(claim),
                opened: None,
            };
            match self.write_change(By { actor: Actor::Customer, kind, now }, changed).await {
                Ok(Some(_)) => return Ok(Receipt { customer, delivered, repeated: false }),
                // Another delivery made the same customer at the same time.
                Ok(None) | Err(StoreError::Taken(_)) => back_off(attempt).await,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Returns `true` if a channel's message with this id was stored.
    ///
    /// # Errors
    /// What the database says.
    pub async fn was_delivered(&self, channel: Channel, id: &str) -> Result<bool> {
        Ok(self.claimed(&delivery_record(channel, id)).await?.is_some())
    }

    /// An agent takes a waiting conversation; its number.
    ///
    /// # Errors
    /// [`domain::Reason::NotWaiting`]; [`StoreError::NotFound`].
    pub async fn accept(&self, key: CustomerKey, agent: AgentId, now: Timestamp) -> Result<u32> {
        let by = By { actor: Actor::Agent(agent), kind: EventKind::ConversationAccepted, now };
        self.change_thread(key, by, |thread| thread.accept(agent)).await.map(|(_, number)| number)
    }

    /// An agent writes in its open conversation; the message's number.
    ///
    /// # Errors
    /// [`domain::Reason::NotYours`]; [`StoreError::NotFound`].
    pub async fn reply(&self, key: CustomerKey, request: &Request, text: &str, now: Timestamp) -> Result<u32> {
        let by = By { actor: Actor::Agent(request.agent), kind: EventKind::MessageSent, now };
        self.once(key, by, "reply", request, |thread| thread.reply(request.agent, text.to_owned(), now)).await
    }

    /// An agent begins a conversation; its number.
    ///
    /// # Errors
    /// What is in the way (see [`Obstacles`]); [`StoreError::NotFound`].
    pub async fn call_back(&self, key: CustomerKey, request: &Request, now: Timestamp) -> Result<u32> {
        let channel = self.customer(key).await?.channel;
        let reachable = self.reachable_channels().await?.contains(&channel);
        let by = By { actor: Actor::Agent(request.agent), kind: EventKind::CalledBack, now };
        self.once(key, by, "callback", request, |thread| thread.call_back(request.agent, reachable, now)).await
    }

    /// What is in the way of a callback.
    ///
    /// # Errors
    /// What the database says.
    pub async fn obstacles(&self, customer: &Customer, now: Timestamp) -> Result<Obstacles> {
        let reachable = self.reachable_channels().await?.contains(&customer.channel);
        Ok(self.thread_of(customer.clone()).await?.obstacles(reachable, now))
    }

    /// An agent ends its open conversation. Ending it again changes nothing.
    ///
    /// # Errors
    /// [`domain::Reason::NotYours`]; [`StoreError::NotFound`].
    pub async fn end(&self, key: CustomerKey, agent: AgentId, now: Timestamp) -> Result<()> {
        let by = By { actor: Actor::Agent(agent), kind: EventKind::ConversationEnded, now };
        let refused = match self.change_thread(key, by, |thread| thread.end_by(agent, now)).await {
            Ok(_) => return Ok(()),
            Err(refused) => refused,
        };
        // The answer of the first time may have been lost.
        let customer = self.customer(key).await?;
        let ended = customer.open.is_none() && customer.conversations > 0;
        let own = ended && self.conversation(key, customer.conversations).await?.agent == Some(agent);
        if own { Ok(()) } else { Err(refused) }
    }

    /// The customer leaves its open conversation, or only the one with this number; nothing changes when it is not open. Without
    /// a number, a customer on the blacklist leaves the chat with what was held.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn leave(&self, key: CustomerKey, number: Option<u32>, now: Timestamp) -> Result<()> {
        // Nobody is told of what a customer on the blacklist does.
        let held = self.customer(key).await?.open.is_none();
        let kind = if held { EventKind::MessageHeld } else { EventKind::ConversationEnded };
        self.change_thread(key, By { actor: Actor::Customer, kind, now }, |thread| {
            match number {
                None => thread.leave(now),
                Some(number) if thread.customer.open == Some(number) => thread.end(now),
                Some(_) => {}
            }
            Ok(())
        })
        .await
        .map(drop)
    }

    /// Returns the conversation that a channel's message stands in: by its id. `None` when the message is held.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when this customer sent no such message.
    pub async fn conversation_of(&self, customer: &Customer, id: &str) -> Result<Option<u32>> {
        let claim = self.claimed(&delivery_record(customer.channel, id)).await?.ok_or(StoreError::NotFound)?;
        if claim.customer != customer.key.0 {
            return Err(StoreError::NotFound);
        }
        if claim.conversation.is_some() || claim.number > customer.held_opened {
            return Ok(claim.conversation);
        }
        // One that was held and opened later: where it went, its record says.
        let id = record("held", customer.key, claim.number);
        let query = self.db.query("SELECT VALUE conversation FROM ONLY $id").bind(("id", id));
        Ok(read(query).await?.take(0)?)
    }

    /// The customer rates a conversation, or its newest one that was accepted when no number is given.
    ///
    /// # Errors
    /// [`domain::Reason::NotEnded`]; [`StoreError::NotFound`].
    pub async fn rate(&self, key: CustomerKey, number: u32, rating: &Rating, now: Timestamp) -> Result<()> {
        for attempt in self.attempts().await? {
            let before = self.customer(key).await?;
            let mut conversation = self.conversation(key, number).await?;
            conversation.rate(rating.clone())?;
            let mut changed = Changed {
                before: Some(&before),
                after: before.clone(),
                brought: domain::Brought::default(),
                claim: None,
                opened: None,
            };
            changed.brought.conversations.push(conversation);
            let by = By { actor: Actor::Customer, kind: EventKind::ConversationRated, now };
            match self.write_change(by, changed).await? {
                Some(_) => return Ok(()),
                None => back_off(attempt).await,
            }
        }
        Err(StoreError::Conflict)
    }

    /// One of a customer's conversations.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn conversation(&self, key: CustomerKey, number: u32) -> Result<Conversation> {
        let query = self.db.query("SELECT * FROM ONLY $id").bind(("id", record("conversation", key, number)));
        read(query).await?.take::<Option<ConversationRow>>(0)?.ok_or(StoreError::NotFound)?.try_into()
    }

    pub(super) async fn thread_of(&self, customer: Customer) -> Result<Thread> {
        let open = match customer.open {
            Some(number) => Some(self.conversation(customer.key, number).await?),
            None => None,
        };
        Ok(Thread::new(customer, open))
    }

    /// Changes a customer and its conversation. When others write at the same time, it begins again with what they wrote.
    pub(super) async fn change_thread<T>(
        &self,
        key: CustomerKey,
        by: By,
        edit: impl Fn(&mut Thread) -> std::result::Result<T, domain::Error>,
    ) -> Result<(Customer, T)> {
        let _turn = self.turn(key).await;
        for attempt in self.attempts().await? {
            let before = self.customer(key).await?;
            let mut thread = self.thread_of(before.clone()).await?;
            let answer = edit(&mut thread)?;
            let changed = Changed {
                before: Some(&before),
                after: thread.customer,
                brought: thread.brought,
                claim: None,
                opened: None,
            };
            match self.write_change(by, changed).await? {
                Some(customer) => return Ok((customer, answer)),
                None => back_off(attempt).await,
            }
        }
        Err(StoreError::Conflict)
    }

    /// As [`Store::change_thread`], for a request that may come again: then the answer is the one of the first time.
    async fn once(
        &self,
        key: CustomerKey,
        by: By,
        action: &str,
        request: &Request,
        edit: impl Fn(&mut Thread) -> std::result::Result<u32, domain::Error>,
    ) -> Result<u32> {
        let id = request.record(action);
        let answered = |claim: Claim| {
            // A key that was used for another customer is a fault of the client, and no answer to this request.
            if claim.customer == key.0 { Ok(claim.number) } else { Err(StoreError::Taken("request")) }
        };
        let _turn = self.turn(key).await;
        for attempt in self.attempts().await? {
            if let Some(found) = self.claimed(&id).await? {
                return answered(found);
            }
            let before = self.customer(key).await?;
            let mut thread = self.thread_of(before.clone()).await?;
            let number = match edit(&mut thread) {
                Ok(number) => number,
                // The same request may have been carried out since it was looked for.
                Err(refused) => match self.claimed(&id).await? {
                    Some(found) => return answered(found),
                    None => return Err(refused.into()),
                },
            };
            let claim = Claim::new(&id, key, None, number, by.now);
            let changed = Changed {
                before: Some(&before),
                after: thread.customer,
                brought: thread.brought,
                claim: Some(claim),
                opened: None,
            };
            match self.write_change(by, changed).await? {
                Some(_) => return Ok(number),
                None => back_off(attempt).await,
            }
        }
        Err(StoreError::Conflict)
    }
}

fn receipt_of(claim: &Claim) -> Receipt {
    let delivered = match claim.conversation {
        Some(conversation) => Delivered::Said { conversation, message: claim.number, began: false },
        None => Delivered::Held { number: claim.number },
    };
    Receipt { customer: CustomerKey(claim.customer), delivered, repeated: true }
}
