//! Messages and conversations: deliveries by channels, replies by agents, held messages, ratings.
//! [`CustomerAggregate`] implements the rules; this module loads and stores.

use super::change::{ChangeContext, CustomerWrite};
use super::database::read;
use super::idempotency::{IdempotencyRecord, delivery_record, request_record};
use super::rows::conversation::{ConversationRow, record};
use super::transaction::ATTEMPTS;
use super::{Result, Store, StoreError};
use crate::domain::{
    self, Actor, AgentId, CallbackBlockers, Channel, Conversation, Customer, CustomerAggregate, CustomerId,
    CustomerKey, Delivered, Editable, EventKind, IdempotencyKey, MessageId, Profile, Rating, Timestamp, VisitorInfo,
};

/// Message delivered by a channel.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Channel that delivers the message.
    pub channel: Channel,
    /// Customer who sent the message.
    pub customer: CustomerId,
    /// Message id assigned by the channel. A message takes effect once, however often it is delivered.
    pub id: MessageId,
    /// Text, validated by [`Message::parse`](crate::domain::Message::parse).
    pub text: String,
    /// Time of sending reported by the channel; a time in the future is replaced by the current time.
    pub at: Timestamp,
    /// Profile fields reported by the channel.
    pub profile: Profile,
    /// Address, browser and pages of the visitor, if known.
    pub visitor: Option<VisitorInfo>,
}

/// Result of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Customer who sent the message.
    pub customer: CustomerKey,
    /// Place of the message: in a conversation, or among the held messages.
    pub delivered: Delivered,
    /// `true` if the message had already been delivered.
    pub repeated: bool,
}

impl Store {
    /// Stores a customer's message, once. Creates the customer if the sender is unknown.
    ///
    /// # Errors
    /// Returns [`StoreError::AlreadyExists`] with `id` if another customer sent a message with this id, and
    /// with `customer` if the customer ID belongs to another channel. Returns
    /// [`StoreError::Conflict`] if every attempt meets a concurrent change; the channel retries.
    pub async fn deliver(&self, delivery: &Delivery, now: Timestamp) -> Result<Receipt> {
        let claim_id = delivery_record(delivery.channel, delivery.id.as_str());
        let _lock = match self.customer_by_id(&delivery.customer).await {
            Ok(customer) => Some(self.lock_customer(customer.key).await),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error),
        };
        // Many deliveries at once are normal for a channel.
        self.retry(ATTEMPTS * 2, || async {
            let claim = self.idempotency_record(&claim_id).await?;
            let before = match self.customer_by_id(&delivery.customer).await {
                Ok(customer) => Some(customer),
                Err(StoreError::NotFound) => None,
                Err(error) => return Err(error),
            };
            if let Some(claim) = claim {
                let own = before.is_some_and(|customer| customer.key.0 == claim.customer);
                return if own { Ok(Some(receipt_of(&claim))) } else { Err(StoreError::AlreadyExists("id")) };
            }
            let mut aggregate = match &before {
                Some(customer) if customer.channel != delivery.channel => {
                    return Err(StoreError::AlreadyExists("customer"));
                }
                Some(customer) => self.aggregate_of(customer.clone()).await?,
                None => {
                    let key = self.next_key().await?;
                    let new = Customer::new(key, delivery.customer.clone(), delivery.channel, Profile::default(), now);
                    CustomerAggregate::new(new, None)
                }
            };
            aggregate.customer.merge_from_channel(&delivery.profile, now);
            let at = delivery.at.min(now);
            let delivered = aggregate.deliver(delivery.text.clone(), delivery.visitor.clone(), at, now);
            let (kind, conversation, number) = match delivered {
                Delivered::Held { number } => (EventKind::MessageHeld, None, number),
                Delivered::InConversation { conversation, message, .. } => {
                    (EventKind::MessageReceived, Some(conversation), message)
                }
            };
            let kind = if before.is_none() { EventKind::CustomerCreated } else { kind };
            let customer = aggregate.customer.key;
            let claim = IdempotencyRecord::new(&claim_id, customer, conversation, number, now);
            let changed = CustomerWrite {
                before: before.as_ref(),
                after: aggregate.customer,
                pending: aggregate.pending,
                claim: Some(claim),
                opened: None,
            };
            match self.write_change(ChangeContext { actor: Actor::Customer, kind, now }, changed).await {
                Ok(written) => Ok(written.map(|_| Receipt { customer, delivered, repeated: false })),
                // A concurrent delivery created the same customer.
                Err(StoreError::AlreadyExists(_)) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// Returns `true` if a message with this id was stored for the channel.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn was_delivered(&self, channel: Channel, id: &str) -> Result<bool> {
        Ok(self.idempotency_record(&delivery_record(channel, id)).await?.is_some())
    }

    /// Assigns a waiting conversation to an agent and returns its number.
    ///
    /// # Errors
    /// Returns [`domain::Reason::NotWaiting`] if no conversation is waiting, [`StoreError::NotFound`]
    /// if there is no such customer.
    pub async fn accept(&self, key: CustomerKey, agent: AgentId, now: Timestamp) -> Result<u32> {
        let by = ChangeContext { actor: Actor::Agent(agent), kind: EventKind::ConversationAccepted, now };
        self.change_aggregate(key, by, |aggregate| aggregate.accept(agent)).await.map(|(_, number)| number)
    }

    /// Stores an agent's message in the agent's open conversation and returns the message's number.
    ///
    /// # Errors
    /// Returns [`domain::Reason::NotYours`] if the agent has no open conversation with the customer,
    /// [`StoreError::NotFound`] if there is no such customer.
    pub async fn reply(&self, key: CustomerKey, request: &IdempotencyKey, text: &str, now: Timestamp) -> Result<u32> {
        let by = ChangeContext { actor: Actor::Agent(request.agent()), kind: EventKind::MessageSent, now };
        self.change_once(key, by, "reply", request, |aggregate| aggregate.reply(request.agent(), text.to_owned(), now))
            .await
    }

    /// Starts a conversation with a customer for the agent of the request and returns its number.
    ///
    /// # Errors
    /// Returns the reason that blocks the callback (see [`CallbackBlockers`]), or [`StoreError::NotFound`]
    /// if there is no such customer.
    pub async fn call_back(&self, customer: Editable, request: &IdempotencyKey, now: Timestamp) -> Result<u32> {
        let key = customer.key();
        let channel = self.customer(key).await?.channel;
        let reachable = self.reachable_channels().await?.contains(&channel);
        let by = ChangeContext { actor: Actor::Agent(request.agent()), kind: EventKind::CalledBack, now };
        self.change_once(key, by, "callback", request, |aggregate| aggregate.call_back(request.agent(), reachable, now))
            .await
    }

    /// Returns everything that currently blocks a callback.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn callback_blockers(&self, customer: &Customer, now: Timestamp) -> Result<CallbackBlockers> {
        let reachable = self.reachable_channels().await?.contains(&customer.channel);
        Ok(self.aggregate_of(customer.clone()).await?.callback_blockers(reachable, now))
    }

    /// Ends an agent's open conversation. Does nothing if the agent's conversation was the latest one
    /// and has already ended.
    ///
    /// # Errors
    /// Returns [`domain::Reason::NotYours`] if the agent has no open conversation with the customer,
    /// [`StoreError::NotFound`] if there is no such customer.
    pub async fn end(&self, key: CustomerKey, agent: AgentId, now: Timestamp) -> Result<()> {
        let by = ChangeContext { actor: Actor::Agent(agent), kind: EventKind::ConversationEnded, now };
        let refused = match self.change_aggregate(key, by, |aggregate| aggregate.end_by(agent, now)).await {
            Ok(_) => return Ok(()),
            Err(refused) => refused,
        };
        // The first request may have succeeded and its response been lost.
        let customer = self.customer(key).await?;
        let ended = customer.open.is_none() && customer.conversations > 0;
        let own = ended && self.conversation(key, customer.conversations).await?.agent == Some(agent);
        if own { Ok(()) } else { Err(refused) }
    }

    /// Ends the customer's open conversation; with a number, only if that conversation is the open
    /// one. Without a number it also marks all held messages as left, so that the chat ends for a
    /// blacklisted customer too.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such customer.
    pub async fn leave(&self, key: CustomerKey, number: Option<u32>, now: Timestamp) -> Result<()> {
        // Without an open conversation the event is `MessageHeld`: agents must not notice what a
        // blacklisted customer does.
        let held = self.customer(key).await?.open.is_none();
        let kind = if held { EventKind::MessageHeld } else { EventKind::ConversationEnded };
        self.change_aggregate(key, ChangeContext { actor: Actor::Customer, kind, now }, |aggregate| {
            match number {
                None => aggregate.leave(now),
                Some(number) if aggregate.customer.open == Some(number) => aggregate.end(now),
                Some(_) => {}
            }
            Ok(())
        })
        .await
        .map(drop)
    }

    /// Returns the number of the conversation that contains a message, given the channel's id of the
    /// message. Returns `None` if the message is held.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if this customer sent no such message.
    pub async fn conversation_of(&self, customer: &Customer, id: &str) -> Result<Option<u32>> {
        let claim =
            self.idempotency_record(&delivery_record(customer.channel, id)).await?.ok_or(StoreError::NotFound)?;
        if claim.customer != customer.key.0 {
            return Err(StoreError::NotFound);
        }
        if claim.conversation.is_some() || claim.number > customer.held_opened {
            return Ok(claim.conversation);
        }
        // The message was held and released later: its held record has the conversation.
        let id = record("held", customer.key, claim.number);
        let query = self.db.query("SELECT VALUE conversation FROM ONLY $id").bind(("id", id));
        Ok(read(query).await?.take(0)?)
    }

    /// Stores the customer's rating of a conversation. A later rating replaces it.
    ///
    /// # Errors
    /// Returns [`domain::Reason::NotEnded`] unless an agent handled and ended the conversation,
    /// [`StoreError::NotFound`] if there is no such customer or conversation.
    pub async fn rate(&self, key: CustomerKey, number: u32, rating: &Rating, now: Timestamp) -> Result<()> {
        self.retry(ATTEMPTS, || async {
            let before = self.customer(key).await?;
            let mut conversation = self.conversation(key, number).await?;
            conversation.rate(rating.clone())?;
            let mut changed = CustomerWrite::from(&before, before.clone());
            changed.pending.conversations.push(conversation);
            let by = ChangeContext { actor: Actor::Customer, kind: EventKind::ConversationRated, now };
            Ok(self.write_change(by, changed).await?.map(|_| ()))
        })
        .await
    }

    /// Returns one of a customer's conversations.
    ///
    /// # Errors
    /// Returns [`StoreError::NotFound`] if there is no such conversation.
    pub async fn conversation(&self, key: CustomerKey, number: u32) -> Result<Conversation> {
        let query = self.db.query("SELECT * FROM ONLY $id").bind(("id", record("conversation", key, number)));
        read(query).await?.take::<Option<ConversationRow>>(0)?.ok_or(StoreError::NotFound)?.try_into()
    }

    pub(super) async fn aggregate_of(&self, customer: Customer) -> Result<CustomerAggregate> {
        let open = match customer.open {
            Some(number) => Some(self.conversation(customer.key, number).await?),
            None => None,
        };
        Ok(CustomerAggregate::new(customer, open))
    }

    /// Changes a customer and its open conversation in one transaction. After a concurrent change,
    /// reloads both and calls `edit` again.
    pub(super) async fn change_aggregate<T>(
        &self,
        key: CustomerKey,
        by: ChangeContext,
        edit: impl Fn(&mut CustomerAggregate) -> std::result::Result<T, domain::Error>,
    ) -> Result<(Customer, T)> {
        let _lock = self.lock_customer(key).await;
        self.retry(ATTEMPTS, || async {
            let before = self.customer(key).await?;
            let mut aggregate = self.aggregate_of(before.clone()).await?;
            let answer = edit(&mut aggregate)?;
            let changed = CustomerWrite::from_aggregate(&before, aggregate);
            Ok(self.write_change(by, changed).await?.map(|customer| (customer, answer)))
        })
        .await
    }

    /// Changes a conversation like [`Store::change_aggregate`], once per idempotency key. A repeated
    /// request returns the number stored with the first one.
    async fn change_once(
        &self,
        key: CustomerKey,
        by: ChangeContext,
        action: &str,
        request: &IdempotencyKey,
        edit: impl Fn(&mut CustomerAggregate) -> std::result::Result<u32, domain::Error>,
    ) -> Result<u32> {
        let id = request_record(request, action);
        let answered = |claim: IdempotencyRecord| {
            // A key used before for another customer is a client error; the stored number does not
            // belong to this request.
            if claim.customer == key.0 { Ok(claim.number) } else { Err(StoreError::AlreadyExists("request")) }
        };
        let _lock = self.lock_customer(key).await;
        self.retry(ATTEMPTS, || async {
            if let Some(found) = self.idempotency_record(&id).await? {
                return answered(found).map(Some);
            }
            let before = self.customer(key).await?;
            let mut aggregate = self.aggregate_of(before.clone()).await?;
            let number = match edit(&mut aggregate) {
                Ok(number) => number,
                // The same request may have been executed since the check above.
                Err(refused) => match self.idempotency_record(&id).await? {
                    Some(found) => return answered(found).map(Some),
                    None => return Err(refused.into()),
                },
            };
            let claim = IdempotencyRecord::new(&id, key, None, number, by.now);
            let changed = CustomerWrite { claim: Some(claim), ..CustomerWrite::from_aggregate(&before, aggregate) };
            Ok(self.write_change(by, changed).await?.map(|_| number))
        })
        .await
    }
}

fn receipt_of(claim: &IdempotencyRecord) -> Receipt {
    let delivered = match claim.conversation {
        Some(conversation) => Delivered::InConversation { conversation, message: claim.number, began: false },
        None => Delivered::Held { number: claim.number },
    };
    Receipt { customer: CustomerKey(claim.customer), delivered, repeated: true }
}
