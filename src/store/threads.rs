//! What is said: delivered by channels, written by agents, held, rated. The rules are [`Thread`]'s; here they meet the database.

use surrealdb::types::{RecordId, SurrealValue};

use super::change::{By, Changed, Claim};
use super::conversations::{ConversationRow, HeldRow, record};
use super::rows::datetime;
use super::transaction::{ATTEMPTS, back_off, read};
use super::{Result, Store, StoreError};
use crate::domain::{
    self, Actor, AgentId, Blacklisting, Channel, Conversation, Customer, CustomerId, CustomerKey, Delivered, EventKind,
    Held, Obstacles, Profile, Rating, Thread, Timestamp, VisitorInfo,
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

/// An agent's request that is carried out once, however often it comes: the key is the client's, 1 to 64 characters.
#[derive(Clone, Debug)]
pub struct Request {
    /// The client's key.
    pub key: String,
    /// Who asks.
    pub agent: AgentId,
}

impl Request {
    fn record(&self) -> RecordId {
        let parts = [i64::from(self.agent.0).into_value(), self.key.clone().into_value()];
        RecordId::new("request", surrealdb::types::Array::from(parts.to_vec()))
    }
}

fn delivery_record(channel: Channel, id: &str) -> RecordId {
    let parts = [channel.as_str().to_owned().into_value(), id.to_owned().into_value()];
    RecordId::new("delivery", surrealdb::types::Array::from(parts.to_vec()))
}

impl Store {
    /// Takes a customer's message, once. Who is not known yet becomes a customer.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when others won each time; the channel tries again.
    pub async fn deliver(&self, delivery: &Delivery, now: Timestamp) -> Result<Receipt> {
        let claim_id = delivery_record(delivery.channel, &delivery.id);
        for attempt in 0..ATTEMPTS * 2 {
            if let Some(found) = self.claimed(&claim_id).await? {
                return Ok(receipt_of(&found));
            }
            let before = match self.customer_by_id(&delivery.customer).await {
                Ok(customer) => Some(customer),
                Err(StoreError::NotFound) => None,
                Err(error) => return Err(error),
            };
            let mut thread = match &before {
                // An ID belongs to the channel it came from first.
                Some(customer) if customer.channel != delivery.channel => return Err(StoreError::Taken("id")),
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
            let claim = Claim { id: claim_id.clone(), customer: customer.0, conversation, number, at: None };
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
        self.once(key, by, request, |thread| thread.reply(request.agent, text.to_owned(), now)).await
    }

    /// An agent begins a conversation; its number.
    ///
    /// # Errors
    /// What is in the way (see [`Obstacles`]); [`StoreError::NotFound`].
    pub async fn call_back(&self, key: CustomerKey, request: &Request, now: Timestamp) -> Result<u32> {
        let channel = self.customer(key).await?.channel;
        let reachable = self.reachable_channels().await?.contains(&channel);
        let by = By { actor: Actor::Agent(request.agent), kind: EventKind::CalledBack, now };
        self.once(key, by, request, |thread| thread.call_back(request.agent, reachable, now)).await
    }

    /// What is in the way of a callback.
    ///
    /// # Errors
    /// What the database says.
    pub async fn obstacles(&self, customer: &Customer, now: Timestamp) -> Result<Obstacles> {
        let reachable = self.reachable_channels().await?.contains(&customer.channel);
        Ok(self.thread_of(customer.clone()).await?.obstacles(reachable, now))
    }

    /// An agent ends its open conversation.
    ///
    /// # Errors
    /// [`domain::Reason::NotYours`]; [`StoreError::NotFound`].
    pub async fn end(&self, key: CustomerKey, agent: AgentId, now: Timestamp) -> Result<()> {
        let by = By { actor: Actor::Agent(agent), kind: EventKind::ConversationEnded, now };
        self.change_thread(key, by, |thread| thread.end_by(agent, now)).await.map(drop)
    }

    /// The customer leaves; nothing when no conversation is open.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn leave(&self, key: CustomerKey, now: Timestamp) -> Result<()> {
        let by = By { actor: Actor::Customer, kind: EventKind::ConversationEnded, now };
        self.change_thread(key, by, |thread| {
            thread.end(now);
            Ok(())
        })
        .await
        .map(drop)
    }

    /// The customer rates a conversation, or its newest one that was accepted when no number is given.
    ///
    /// # Errors
    /// [`domain::Reason::NotEnded`]; [`StoreError::NotFound`].
    pub async fn rate(&self, key: CustomerKey, number: u32, rating: &Rating, now: Timestamp) -> Result<()> {
        for attempt in 0..ATTEMPTS {
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

    /// Puts a customer on the blacklist and ends its open conversation.
    ///
    /// # Errors
    /// [`domain::Reason::AlreadyBlacklisted`]; [`StoreError::NotFound`].
    pub async fn blacklist(
        &self,
        key: CustomerKey,
        entry: &Blacklisting,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Customer> {
        let by = By { actor, kind: EventKind::Blacklisted, now };
        self.change_thread(key, by, |thread| thread.blacklist(entry.clone(), now)).await.map(|(customer, ())| customer)
    }

    /// Takes a customer off the blacklist. With `open_for`, what was held becomes a conversation of this agent; its number.
    ///
    /// # Errors
    /// [`domain::Reason::NotBlacklisted`]; [`StoreError::NotFound`].
    pub async fn unblacklist(
        &self,
        key: CustomerKey,
        open_for: Option<AgentId>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Option<u32>> {
        for attempt in 0..ATTEMPTS {
            let before = self.customer(key).await?;
            let opening = match open_for {
                Some(agent) => Some((agent, self.held(&before).await?)),
                None => None,
            };
            let mut thread = self.thread_of(before.clone()).await?;
            let number = thread.unblacklist(opening, now)?;
            let opened = number.map(|_| thread.customer.held_opened);
            let changed =
                Changed { before: Some(&before), after: thread.customer, brought: thread.brought, claim: None, opened };
            match self.write_change(By { actor, kind: EventKind::Unblacklisted, now }, changed).await? {
                Some(_) => return Ok(number),
                None => back_off(attempt).await,
            }
        }
        Err(StoreError::Conflict)
    }

    /// The messages a customer sent while on the blacklist that stand in no conversation yet.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held(&self, customer: &Customer) -> Result<Vec<Held>> {
        if customer.held_waiting() == 0 {
            return Ok(Vec::new());
        }
        let query = self
            .db
            .query("SELECT * FROM held:[$key, $from]..=[$key, $to]")
            .bind(("key", customer.key.0))
            .bind(("from", customer.held_opened + 1))
            .bind(("to", customer.held));
        let rows: Vec<HeldRow> = read(query).await?.take(0)?;
        rows.into_iter().map(Held::try_from).collect()
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
        for attempt in 0..ATTEMPTS {
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
        request: &Request,
        edit: impl Fn(&mut Thread) -> std::result::Result<u32, domain::Error>,
    ) -> Result<u32> {
        let id = request.record();
        for attempt in 0..ATTEMPTS {
            if let Some(found) = self.claimed(&id).await? {
                return Ok(found.number);
            }
            let before = self.customer(key).await?;
            let mut thread = self.thread_of(before.clone()).await?;
            let number = match edit(&mut thread) {
                Ok(number) => number,
                // The same request may have been carried out since it was looked for.
                Err(refused) => match self.claimed(&id).await? {
                    Some(found) => return Ok(found.number),
                    None => return Err(refused.into()),
                },
            };
            let claim =
                Claim { id: id.clone(), customer: key.0, conversation: None, number, at: Some(datetime(by.now)) };
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

    async fn claimed(&self, id: &RecordId) -> Result<Option<Claim>> {
        let query = self.db.query("SELECT * FROM ONLY $id").bind(("id", id.clone()));
        Ok(read(query).await?.take(0)?)
    }
}

fn receipt_of(claim: &Claim) -> Receipt {
    let delivered = match claim.conversation {
        Some(conversation) => Delivered::Said { conversation, message: claim.number, began: false },
        None => Delivered::Held { number: claim.number },
    };
    Receipt { customer: CustomerKey(claim.customer), delivered, repeated: true }
}
