//! Record of everything the server acknowledged, kept outside the server, and the comparison with what it shows afterwards.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::http::{Answer, Broken};
use crate::operations::{Action, Cell, Operation};
use crate::report::{Fault, Tally};

/// Acknowledged operations that are kept to be sent again.
const RECENT: usize = 64;

/// Writers that change a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// One writer: everything about the customer is known.
    Writer(usize),
    /// All writers, each its own cells, so that they meet in transactions and not in values.
    Everyone,
    /// All writers: the tenant's settings and tags.
    Tenant,
}

/// A customer, or the tenant, as the acknowledged changes left it.
#[derive(Clone, Debug)]
pub struct Record {
    /// Writers that change it.
    pub owner: Owner,
    /// The customer ID.
    pub id: String,
    /// The channel, by its place in [`crate::access::CHANNELS`].
    pub channel: usize,
    /// The customer's number, once it is known.
    pub key: Option<u64>,
    /// Acknowledged values. Messages are in here until they have been found among the customer's messages.
    pub cells: BTreeMap<Cell, String>,
    /// Changes whose outcome is unknown. The record is left alone until they are settled.
    pub pending: Vec<Operation>,
    /// Number of changes, and so the customer's version.
    pub changes: u32,
    /// Number of changes that the live stream tells of, but for those that were only made when they were sent again.
    pub events: u32,
    /// Texts of the customer's messages, in their order, as they were found.
    pub said: Vec<String>,
    /// `true` if it may have changed since it was compared last.
    pub dirty: bool,
}

impl Record {
    /// Makes a record of which nothing is acknowledged yet.
    pub fn new(owner: Owner, id: String, channel: usize) -> Self {
        Self {
            owner,
            id,
            channel,
            key: None,
            cells: BTreeMap::new(),
            pending: Vec::new(),
            changes: 0,
            events: 0,
            said: Vec::new(),
            dirty: false,
        }
    }

    /// Returns a cell's value; an empty one for a cell that is not there.
    pub fn value(&self, cell: &Cell) -> &str {
        self.cells.get(cell).map_or("", String::as_str)
    }

    /// Returns the number and the state of the newest conversation; 0 without one.
    pub fn newest_conversation(&self) -> (u32, &str) {
        let all = Cell::Conversation(0)..=Cell::Conversation(u32::MAX);
        match self.cells.range(all).next_back() {
            Some((Cell::Conversation(number), state)) => (*number, state),
            _ => (0, ""),
        }
    }

    fn apply(&mut self, operation: &Operation) {
        self.cells.extend(operation.effects.iter().cloned());
        self.changes += 1;
    }

    /// Forgets everything, because the server does not have the customer any more.
    pub fn forget(&mut self) {
        *self = Self::new(self.owner, self.id.clone(), self.channel);
    }

    /// Compares the record with what the server shows, settles the changes of unknown outcome, and takes over what is shown,
    /// so that one fault is told once. Returns the settled changes and whether each happened.
    pub fn settle(&mut self, shown: Shown, tally: &mut Tally) -> Vec<(Operation, bool)> {
        let name = self.id.clone();
        let mut settled = Vec::new();
        for operation in std::mem::take(&mut self.pending) {
            let is = |cell: &Cell, value: &str| shown.cells.get(cell).map_or("", String::as_str) == value;
            let done = operation.effects.iter().filter(|(cell, value)| is(cell, value)).count();
            let undone = operation.effects.iter().filter(|(cell, _)| is(cell, self.value(cell))).count();
            let happened = done == operation.effects.len();
            if !happened && undone != operation.effects.len() {
                tally.fault(Fault::Torn, format!("{name}: {:?} happened in part: {:?}", operation.action, shown.cells));
            }
            if happened {
                self.apply(&operation);
                self.events += u32::from(operation.is_told());
            }
            settled.push((operation, happened));
        }
        for (cell, value) in &self.cells {
            let found = shown.cells.get(cell).map_or("", String::as_str);
            if found != value {
                tally.fault(Fault::Lost, format!("{name}: {cell:?} was acknowledged as {value:?} and is {found:?}"));
            }
        }
        for (cell, value) in
            shown.cells.iter().filter(|(cell, value)| !value.is_empty() && !self.cells.contains_key(cell))
        {
            tally.fault(Fault::Torn, format!("{name}: {cell:?} is {value:?}, which no known change made"));
        }
        if self.owner != Owner::Tenant && shown.version != self.changes {
            let (version, changes) = (shown.version, self.changes);
            tally.fault(Fault::Torn, format!("{name}: version {version} after {changes} changes"));
        }
        self.take_over(shown);
        settled
    }

    fn take_over(&mut self, shown: Shown) {
        self.key = shown.key.or(self.key);
        self.changes = shown.version;
        self.cells = shown.cells;
        for text in shown.said {
            self.cells.remove(&Cell::Message(text.clone()));
            self.said.push(text);
        }
        self.dirty = false;
    }
}

/// A record as the server shows it.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The customer's number.
    pub key: Option<u64>,
    /// The customer's version.
    pub version: u32,
    /// Values. Among them the messages of the customer that had not been found before, and all that are held.
    pub cells: BTreeMap<Cell, String>,
    /// The texts of the customer's messages that had not been found before.
    pub said: Vec<String>,
}

/// Everything that was acknowledged on one database.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The tenant first, then the customers in the order of their making.
    pub records: Vec<Record>,
    /// Numbers of the tenant's tags.
    pub tags: Vec<u32>,
    /// Acknowledged operations that may be sent again.
    pub recent: Vec<Operation>,
    /// Start times of the requests whose connection was lost.
    pub lost: Vec<Instant>,
    /// Figures and faults of the part that runs.
    pub tally: Tally,
}

impl Ledger {
    /// Place of the tenant's record.
    pub const TENANT: usize = 0;

    /// Notes the outcome of an operation that was sent for the first time. Returns `true` if it was acknowledged.
    pub fn note(&mut self, operation: Operation, outcome: &Result<Answer, Broken>) -> bool {
        self.tally.count(outcome);
        let record = &mut self.records[operation.record];
        record.dirty = true;
        match outcome {
            Err(Broken::NotSent(_)) => {}
            Err(Broken::Unknown(_)) => record.pending.push(operation),
            Ok(answer) if answer.is_success() => {
                record.apply(&operation);
                record.events += u32::from(operation.is_told());
                self.tally.acknowledged += 1;
                self.acknowledge(operation, answer);
                return true;
            }
            Ok(answer) if answer.status >= 500 => {
                if answer.status != 503 {
                    let (status, body) = (answer.status, answer.excerpt());
                    self.tally.fault(Fault::Other, format!("{:?} was answered {status}: {body}", operation.action));
                }
                record.pending.push(operation);
            }
            Ok(answer) if is_plain_conflict(answer) => {}
            Ok(answer) => {
                let (status, body) = (answer.status, answer.excerpt());
                let why = format!(
                    "{:?} follows from what was acknowledged and was answered {status}: {body}",
                    operation.action
                );
                self.tally.fault(Fault::Other, why);
            }
        }
        false
    }

    fn acknowledge(&mut self, operation: Operation, answer: &Answer) {
        if let Some(why) = contradiction(&operation, answer, false) {
            self.tally.fault(Fault::Torn, why);
        }
        if let (Action::NewTag { .. }, Some(tag)) = (&operation.action, answer.json()["id"].as_u64()) {
            self.tags.push(tag as u32);
        }
        if operation.action.has_idempotency_key() {
            if self.recent.len() == RECENT {
                self.recent.remove(0);
            }
            self.recent.push(operation);
        }
    }

    /// Notes the answer to an operation that was sent again, of which it is known whether it had `happened`.
    pub fn note_again(&mut self, operation: &Operation, happened: bool, outcome: &Result<Answer, Broken>, kind: Fault) {
        self.tally.count(outcome);
        match outcome {
            Ok(answer) if answer.is_success() => {
                if let Some(why) = contradiction(operation, answer, happened) {
                    self.tally.fault(kind, why);
                }
                if !happened {
                    let record = &mut self.records[operation.record];
                    record.apply(operation);
                    record.dirty = true;
                }
            }
            Ok(answer) => {
                let (status, body) = (answer.status, answer.excerpt());
                self.tally.fault(Fault::Other, format!("{:?}, sent again: {status} {body}", operation.action));
            }
            Err(broken) => self.tally.fault(Fault::Other, format!("{:?}, sent again: {broken}", operation.action)),
        }
    }
}

/// Others won each time, and nothing was written. A conflict with a reason is another matter: no writer's reason can be wrong.
fn is_plain_conflict(answer: &Answer) -> bool {
    let body = answer.json();
    answer.status == 409 && body["code"] == "conflict" && body["reason"].is_null()
}

/// Describes an answer that does not fit what is known.
fn contradiction(operation: &Operation, answer: &Answer, happened: bool) -> Option<String> {
    let body = answer.json();
    match &operation.action {
        Action::Message { customer, id, .. } => {
            let repeated = body["repeated"].as_bool();
            let why =
                || format!("{customer}: message {id}: repeated is {repeated:?}, but it had come before: {happened}");
            (repeated != Some(happened)).then(why)
        }
        Action::CallBack { key, .. } => {
            let expected = operation.effects.iter().find_map(|(cell, _)| match cell {
                Cell::Conversation(number) => Some(u64::from(*number)),
                _ => None,
            });
            let why = || format!("customer {key}: the callback is conversation {body} and not {expected:?}");
            (body.as_u64() != expected).then(why)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
