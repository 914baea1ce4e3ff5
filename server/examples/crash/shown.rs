//! Reading a record from the server: from the database by its number, and from the index through the list.

use serde_json::Value;

use crate::Fallible;
use crate::access::{Access, CHANNELS};
use crate::http::Client;
use crate::ledger::{Record, Shown};
use crate::operations::{Cell, FIELDS, SETTINGS};
use crate::report::Fault;

/// Messages in one answer.
const MESSAGES: usize = 100;

/// A record as the server shows it, and what does not fit together in it.
#[derive(Debug, Default)]
pub struct Seen {
    /// The values.
    pub shown: Shown,
    /// Contradictions among the answers.
    pub faults: Vec<(Fault, String)>,
    /// Numbers of the tenant's tags, with the tenant's record.
    pub tags: Vec<u32>,
}

/// A client that reads.
pub struct Reader<'a> {
    /// The connection.
    pub client: Client,
    /// The agents; the first one reads.
    pub access: &'a Access,
}

impl Reader<'_> {
    async fn get(&mut self, agent: usize, path: &str, query: &[(&str, &str)]) -> Fallible<Value> {
        let answer = self.client.send(&self.access.read(agent, path, query)).await?;
        if answer.status == 200 { Ok(answer.json()) } else { Err(format!("{path}: {}", answer.status).into()) }
    }

    /// Reads the settings, which the server keeps in memory, and the names of the tags.
    ///
    /// # Errors
    /// An answer that is not 200, or none; as with the other functions here.
    pub async fn tenant(&mut self) -> Fallible<Seen> {
        let mut seen = Seen::default();
        let settings = self.get(0, "/api/settings", &[]).await?;
        for (name, _, field) in SETTINGS {
            seen.shown.cells.insert(Cell::Setting(name), settings[field].to_string());
        }
        let list = self.get(0, "/api/customers", &[("mode", "admin"), ("query", "period=all"), ("start", "")]).await?;
        for tag in array(&list["tags"]) {
            seen.shown.cells.insert(Cell::TagName(text(&tag["tag"]["name"])), "yes".into());
            seen.tags.push(tag["tag"]["id"].as_u64().unwrap_or(0) as u32);
        }
        Ok(seen)
    }

    /// Reads a customer; `None` if it was acknowledged and the server does not have it. With `whole`, all messages are compared with what was found before, not only new ones read.
    ///
    /// # Errors
    /// As [`Reader::tenant`].
    pub async fn customer(&mut self, record: &Record, whole: bool, tags: &[u32]) -> Fallible<Option<Seen>> {
        let mut seen = Seen::default();
        let key = match record.key {
            Some(key) => key,
            // Nobody was told its number.
            None => {
                let rows = self.list(0, "admin", &[("id", &record.id)]).await?;
                match rows.iter().find(|row| row["id"] == record.id.as_str()) {
                    Some(row) => row["key"].as_u64().unwrap_or_default(),
                    // Never made, as far as can be seen from here.
                    None if record.changes == 0 => return Ok(Some(seen)),
                    None => return Ok(None),
                }
            }
        };
        let number = key.to_string();
        let one = self.access.read(0, "/api/customers/one", &[("mode", "admin"), ("key", &number)]);
        let answer = self.client.send(&one).await?;
        let details = match answer.status {
            200 => answer.json(),
            404 => return Ok(None),
            status => return Err(format!("customer {key}: {status}").into()),
        };
        seen.shown.key = Some(key);
        seen.shown.version = details["version"].as_u64().unwrap_or(0) as u32;
        take_details(&mut seen, &details);
        self.conversations(&mut seen, &number, &details).await?;
        self.messages(&mut seen, &number, &details, record, whole).await?;
        if details["held"] != 0 {
            for held in array(&self.get(0, "/api/customers/held", &[("mode", "admin"), ("key", &number)]).await?) {
                take_message(&mut seen, text(&held["text"]));
            }
        }
        self.index(&mut seen, record, &details, tags).await?;
        Ok(Some(seen))
    }

    async fn conversations(&mut self, seen: &mut Seen, key: &str, details: &Value) -> Fallible<()> {
        let query = [("mode", "admin"), ("key", key), ("before", "0")];
        let page = self.get(0, "/api/customers/conversations", &query).await?;
        let mut next = 1;
        let mut own = array(&page["conversations"]);
        own.reverse();
        for (conversation, number) in own.iter().zip(1u64..) {
            if conversation["number"] != number || conversation["first_message"] != next {
                let what = format!("conversation {number} does not follow the one before: {conversation}");
                seen.faults.push((Fault::Torn, what));
            }
            next += conversation["messages"].as_u64().unwrap_or(0);
            let state = format!("{} {}", text(&conversation["state"]), text(&conversation["agent"]));
            seen.shown.cells.insert(Cell::Conversation(number as u32), state.trim_end().to_owned());
        }
        let (conversations, messages) = (&details["conversations"], &details["messages"]);
        if *conversations != own.len() || *messages != next - 1 {
            let what =
                format!("{conversations} conversations and {messages} messages, but {} and {}", own.len(), next - 1);
            seen.faults.push((Fault::Torn, what));
        }
        Ok(())
    }

    async fn messages(
        &mut self,
        seen: &mut Seen,
        key: &str,
        details: &Value,
        record: &Record,
        whole: bool,
    ) -> Fallible<()> {
        let last = details["messages"].as_u64().unwrap_or(0) as usize;
        let mut next = if whole { 1 } else { record.said.len() + 1 };
        while next <= last {
            let to = (next + MESSAGES - 1).min(last);
            let range = [("mode", "admin"), ("key", key), ("from", &next.to_string()), ("to", &to.to_string())];
            let page = self.get(0, "/api/customers/messages", &range).await?;
            for (message, number) in array(&page["messages"]).iter().zip(next..) {
                let text = text(&message["text"]);
                if message["number"] != number {
                    seen.faults.push((Fault::Torn, format!("message {number} is missing: {message}")));
                }
                match record.said.get(number - 1) {
                    Some(before) if *before != text => {
                        seen.faults.push((Fault::Lost, format!("message {number} was {before:?} and is {text:?}")));
                    }
                    Some(_) => {}
                    None => {
                        seen.shown.said.push(text.clone());
                        take_message(seen, text);
                    }
                }
            }
            next = to + 1;
        }
        if last < record.said.len() {
            seen.faults.push((Fault::Lost, format!("{last} messages are left of {}", record.said.len())));
        }
        Ok(())
    }

    /// Asks the list for a customer under all conditions that it meets, and under one that it does not.
    async fn index(&mut self, seen: &mut Seen, record: &Record, details: &Value, tags: &[u32]) -> Fallible<()> {
        let blacklisted = if details["blacklist"].is_null() { "no" } else { "yes" };
        let own: Vec<u64> = array(&details["tags"]).iter().filter_map(Value::as_u64).collect();
        let base = [("id", record.id.as_str()), ("channel", CHANNELS[record.channel])];
        let (nickname, newest) = (text(&details["profile"]["nickname"]), own.last().map(u64::to_string));
        let mut meets = base.to_vec();
        meets.extend([("q", record.id.as_str()), ("blacklisted", blacklisted), ("name", &nickname)]);
        meets.extend(newest.as_deref().map(|tag| ("tag", tag)));
        let rows = self.list(0, "admin", &meets).await?;
        match rows.iter().find(|row| row["key"] == details["key"]) {
            None => seen.faults.push((Fault::Unseen, format!("not in the list under {meets:?}"))),
            Some(row) if row["tags"] != details["tags"] || row["nickname"] != details["profile"]["nickname"] => {
                seen.faults.push((Fault::Torn, format!("the list has {row}, the customer is {details}")));
            }
            Some(_) => {}
        }
        let absent = tags.iter().find(|tag| !own.contains(&u64::from(**tag))).map(u32::to_string);
        if let Some(tag) = absent {
            let rows = self.list(0, "admin", &[base[0], ("tag", &tag)]).await?;
            if rows.iter().any(|row| row["key"] == details["key"]) {
                seen.faults.push((Fault::Unseen, format!("in the list of tag {tag}, which was taken away")));
            }
        }
        self.agents_list(seen, record, details).await
    }

    /// Asks for the customer in Agent Mode as an agent who has served it. Nobody may while the page is off.
    async fn agents_list(&mut self, seen: &mut Seen, record: &Record, details: &Value) -> Fallible<()> {
        let conversations = Cell::Conversation(0)..=Cell::Conversation(u32::MAX);
        let served = seen.shown.cells.range(conversations).find_map(|(_, state)| {
            let (_, name) = state.split_once(' ')?;
            self.access.agents.iter().position(|agent| agent == name)
        });
        let Some(agent) = served else { return Ok(()) };
        let settings = self.get(0, "/api/settings", &[]).await?;
        if settings["customers_page_in_agent_mode"] == true {
            let rows = self.list(agent, "agent", &[("q", &record.id)]).await?;
            if !rows.iter().any(|row| row["key"] == details["key"]) {
                seen.faults.push((Fault::Unseen, format!("not in the list of {}", self.access.agents[agent])));
            }
        }
        Ok(())
    }

    async fn list(&mut self, agent: usize, mode: &str, conditions: &[(&str, &str)]) -> Fallible<Vec<Value>> {
        let all = [("period", "all")];
        let pairs = all.iter().chain(conditions);
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let list = self.get(agent, "/api/customers", &[("mode", mode), ("query", &query), ("start", "")]).await?;
        Ok(array(&list["rows"]).into_iter().map(|row| row["row"].clone()).collect())
    }
}

fn take_details(seen: &mut Seen, details: &Value) {
    let cells = &mut seen.shown.cells;
    for field in FIELDS {
        let name = field.as_str();
        cells.insert(Cell::Field(name), text(&details["profile"][name]));
    }
    for tag in array(&details["tags"]).iter().filter_map(Value::as_u64) {
        cells.insert(Cell::Tag(tag as u32), "yes".into());
    }
    cells.insert(Cell::Blacklist, text(&details["blacklist"]["reason"]));
    let held = details["held"].as_u64().filter(|held| *held > 0);
    cells.insert(Cell::Held, held.map(|held| held.to_string()).unwrap_or_default());
}

/// Notes that a text was found; twice is a fault, whether said or held.
fn take_message(seen: &mut Seen, text: String) {
    if seen.shown.cells.insert(Cell::Message(text.clone()), "once".into()).is_some() {
        seen.faults.push((Fault::Torn, format!("the message {text:?} is there twice")));
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn array(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}
