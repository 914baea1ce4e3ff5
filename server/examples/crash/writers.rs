//! Clients that change customers as fast as they are answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clientele::domain::{FieldKind, ProfileField};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use tokio::task::JoinSet;

use crate::Fallible;
use crate::access::CHANNELS;
use crate::choices::{call_back, over, setting, tick, unblacklist};
use crate::http::{Broken, Client};
use crate::ledger::{Ledger, Owner, Record};
use crate::operations::{Action, Cell, Effects, FIELDS, Operation, SETTINGS};
use crate::report::Fault;
use crate::world::World;

/// Writers at work at the same time.
pub const WRITERS: usize = FIELDS.len();
/// Customers that a writer goes on with; one more, and it forgets another.
const ACTIVE: usize = 30;
const FEWEST_ACTIVE: usize = 6;
/// Fewer than one answer of `customers/conversations` has: all are compared.
const MAX_CONVERSATIONS: u32 = 40;
/// Each customer's answer has all tags: more would only make reading slow.
const MAX_TAGS: usize = 200;

/// A client and what it knows.
pub struct Writer {
    number: usize,
    agent: usize,
    random: StdRng,
    counter: u32,
    active: Vec<usize>,
    /// Characters that messages have at least.
    text_chars: usize,
    /// Answers other than 2xx after which it stops.
    patience: u32,
}

/// Writers that go on from round to round.
pub fn writers(world: &World, seed: u64) -> Vec<Writer> {
    let agents = world.access.agents.len();
    (0..WRITERS)
        .map(|number| Writer {
            number,
            agent: number % agents,
            random: StdRng::seed_from_u64(seed.wrapping_mul(1000).wrapping_add(number as u64)),
            counter: 0,
            active: Vec::new(),
            text_chars: 0,
            patience: u32::MAX,
        })
        .collect()
}

/// Lets writers work until `stop` is set or the server is gone, and returns them.
///
/// # Errors
/// If a writer panics.
pub async fn work(
    world: &Arc<World>,
    writers: Vec<Writer>,
    address: SocketAddr,
    stop: &Arc<AtomicBool>,
) -> Fallible<Vec<Writer>> {
    let mut tasks = JoinSet::new();
    for writer in writers {
        tasks.spawn(writer.run(world.clone(), address, stop.clone()));
    }
    let mut writers = Vec::with_capacity(WRITERS);
    while let Some(writer) = tasks.join_next().await {
        writers.push(writer?);
    }
    writers.sort_by_key(|writer| writer.number);
    Ok(writers)
}

impl Writer {
    /// Makes messages longer, and the writer stop after so many refusals.
    pub fn fill(mut self, text_chars: usize, patience: u32) -> Self {
        self.text_chars = text_chars;
        self.patience = patience;
        self
    }

    async fn run(mut self, world: Arc<World>, address: SocketAddr, stop: Arc<AtomicBool>) -> Self {
        let mut client = Client::new(address);
        let mut refused = 0;
        while !stop.load(Ordering::Relaxed) && refused < self.patience {
            let operation = self.next(&world);
            let (place, id) = (operation.record, world.ledger().records[operation.record].id.clone());
            let (request, begun) = (operation.action.request(&world.access, operation.agent), Instant::now());
            let outcome = client.send(&request).await;
            let acknowledged = world.ledger().note(operation, &outcome);
            if let Err(broken) = &outcome {
                if matches!(broken, Broken::Unknown(_)) {
                    world.ledger().lost.push(begun);
                }
                break;
            }
            refused += u32::from(!acknowledged);
            let is_new = world.ledger().records[place].key.is_none() && place != Ledger::TENANT;
            if acknowledged && is_new {
                // Its number stands in the list and nowhere else. The comparison finds it if the server is gone before.
                let Ok(key) = world.find(&mut client, &id).await else { break };
                let mut ledger = world.ledger();
                if key.is_none() {
                    ledger.tally.fault(Fault::Unseen, format!("{id}: acknowledged and not in the list"));
                }
                ledger.records[place].key = key;
            }
        }
        self
    }

    fn next(&mut self, world: &World) -> Operation {
        self.counter += 1;
        let dice = self.random.random_range(0..100);
        let mut ledger = world.ledger();
        let change = match dice {
            0..6 if self.number == 0 => self.change_setting(&ledger),
            6 => self.make_tag(&ledger),
            7..20 => self.change_shared(&ledger),
            20..26 => None,
            _ => self.change_own(&mut ledger),
        };
        drop(ledger);
        change.unwrap_or_else(|| self.make_customer(world))
    }

    /// Makes a text that no other operation has.
    fn unique(&self) -> String {
        format!("w{}n{}", self.number, self.counter)
    }

    fn text(&self) -> String {
        let text = format!("{} said", self.unique());
        let missing = self.text_chars.saturating_sub(text.chars().count());
        text + &"话".repeat(missing)
    }

    fn make_customer(&mut self, world: &World) -> Operation {
        let channel = self.random.random_range(0..CHANNELS.len());
        let id = format!("{}_{:012x}", CHANNELS[channel], self.random.random::<u64>() >> 16);
        let operation =
            world.first_message(Record::new(Owner::Writer(self.number), id, channel), &self.text(), self.agent);
        if self.active.len() == ACTIVE {
            let forgotten = self.random.random_range(0..ACTIVE);
            self.active.swap_remove(forgotten);
        }
        self.active.push(operation.record);
        operation
    }

    fn change_setting(&mut self, ledger: &Ledger) -> Option<Operation> {
        let tenant = &ledger.records[Ledger::TENANT];
        if !tenant.pending.is_empty() {
            return None;
        }
        let (name, ..) = SETTINGS[self.random.random_range(0..SETTINGS.len())];
        let value = match tenant.value(&Cell::Setting(name)) {
            "true" => json!(false),
            "false" => json!(true),
            "\"monday\"" => json!("sunday"),
            _ => json!("monday"),
        };
        Some(self.operation(Ledger::TENANT, setting(name, value)))
    }

    fn make_tag(&self, ledger: &Ledger) -> Option<Operation> {
        let name = format!("tag {}", self.unique());
        let effects = vec![(Cell::TagName(name.clone()), "yes".into())];
        (ledger.tags.len() < MAX_TAGS).then(|| self.operation(Ledger::TENANT, (Action::NewTag { name }, effects)))
    }

    fn change_shared(&mut self, ledger: &Ledger) -> Option<Operation> {
        let usable = |record: &Record| record.owner == Owner::Everyone && record.pending.is_empty();
        let shared: Vec<usize> =
            (0..ledger.records.len().min(16)).filter(|place| usable(&ledger.records[*place])).collect();
        let place = *shared.get(self.random.random_range(0..16) % shared.len().max(1))?;
        let (record, key) = (&ledger.records[place], ledger.records[place].key?);
        // Tags are numbered among writers, fields are dealt out: no two writers have the same cell.
        let own: Vec<u32> = ledger.tags.iter().copied().filter(|tag| *tag as usize % WRITERS == self.number).collect();
        let change = match self.random.random_range(0..3) {
            0 => self.say(record),
            1 if !own.is_empty() => tick(record, key, own[self.random.random_range(0..own.len())]),
            _ => self.edit(record, key, FIELDS[self.number]),
        };
        Some(self.operation(place, change))
    }

    fn change_own(&mut self, ledger: &mut Ledger) -> Option<Operation> {
        self.active.retain(|place| ledger.records[*place].newest_conversation().0 < MAX_CONVERSATIONS);
        let usable = |record: &Record| record.key.is_some() && record.pending.is_empty();
        let ready: Vec<usize> = self.active.iter().copied().filter(|place| usable(&ledger.records[*place])).collect();
        if ready.len() < FEWEST_ACTIVE {
            return None;
        }
        let place = ready[self.random.random_range(0..ready.len())];
        let (record, key) = (&ledger.records[place], ledger.records[place].key?);
        let field = FIELDS[self.random.random_range(0..FIELDS.len())];
        let change = match self.random.random_range(0..10) {
            0..2 => self.edit(record, key, field),
            2..4 if !ledger.tags.is_empty() => {
                tick(record, key, ledger.tags[self.random.random_range(0..ledger.tags.len())])
            }
            4..6 => self.say(record),
            _ => self.converse(record, key),
        };
        Some(self.operation(place, change))
    }

    /// Takes the next step of a conversation, or puts the customer on the blacklist or off it.
    fn converse(&mut self, record: &Record, key: u64) -> (Action, Effects) {
        let agent = format!("crash-{}", self.agent + 1);
        let dice = self.random.random_range(0..10);
        let (number, state) = record.newest_conversation();
        let open = state == "waiting" || state.starts_with("processing");
        if !record.value(&Cell::Blacklist).is_empty() {
            return if dice < 5 { self.say(record) } else { unblacklist(record, key, &agent, dice % 2 == 0) };
        }
        if dice == 0 {
            let mut effects = vec![(Cell::Blacklist, self.unique())];
            if open {
                effects.push((Cell::Conversation(number), over(state)));
            }
            return (Action::Blacklist { key, reason: self.unique() }, effects);
        }
        match state {
            "waiting" => (Action::Accept { key }, vec![(Cell::Conversation(number), format!("processing {agent}"))]),
            _ if open && dice < 6 => {
                let text = self.text();
                let effects = vec![(Cell::Message(text.clone()), "once".into())];
                (Action::Reply { key, text, request: format!("reply {}", self.unique()) }, effects)
            }
            _ if open => (Action::End { key }, vec![(Cell::Conversation(number), over(state))]),
            _ => call_back(record, key, &agent, &self.unique()),
        }
    }

    /// Lets the customer write.
    fn say(&self, record: &Record) -> (Action, Effects) {
        let (text, (number, state)) = (self.text(), record.newest_conversation());
        let mut effects = vec![(Cell::Message(text.clone()), "once".into())];
        if !record.value(&Cell::Blacklist).is_empty() {
            let held: u32 = record.value(&Cell::Held).parse().unwrap_or(0);
            effects.push((Cell::Held, (held + 1).to_string()));
        } else if state.starts_with("ended") || state == "abandoned" {
            effects.push((Cell::Conversation(number + 1), "waiting".into()));
        }
        let (channel, customer) = (record.channel, record.id.clone());
        (Action::Message { channel, customer, id: self.unique(), text, nickname: String::new() }, effects)
    }

    /// Edits a field of the profile. No two values of one writer are equal.
    fn edit(&self, record: &Record, key: u64, field: ProfileField) -> (Action, Effects) {
        let value = match field.kind() {
            FieldKind::Phone | FieldKind::Digits(_) => format!("{}{:08}", self.number + 1, self.counter),
            FieldKind::Email => format!("{}@example.com", self.unique()),
            FieldKind::Date => {
                let counter = self.counter;
                format!("{:04}-{:02}-{:02}", 1000 + counter / 336 % 9000, 1 + counter / 28 % 12, 1 + counter % 28)
            }
            FieldKind::Line | FieldKind::Lines => format!("张 {}", self.unique()),
        };
        let field = field.as_str();
        let seen = record.value(&Cell::Field(field)).to_owned();
        (Action::Edit { key, field, seen, value: value.clone() }, vec![(Cell::Field(field), value)])
    }

    fn operation(&self, record: usize, (action, effects): (Action, Effects)) -> Operation {
        Operation { record, agent: self.agent, action, effects }
    }
}
