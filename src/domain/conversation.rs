//! Conversations, their messages, and where visitors come from.

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::ids::{AgentId, CustomerKey};
use super::rating::Rating;
use super::time::Timestamp;

/// How a customer reaches us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The chat on a web page.
    Web,
    /// The customer's own app.
    App,
    /// WeChat.
    Wechat,
    /// Weibo.
    Weibo,
}

impl Channel {
    /// All channels, in the order they are offered.
    pub const ALL: [Self; 4] = [Self::Web, Self::App, Self::Wechat, Self::Weibo];

    /// The channel's name in URLs, on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::App => "app",
            Self::Wechat => "wechat",
            Self::Weibo => "weibo",
        }
    }

    /// The channel of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == name)
    }
}

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationState {
    /// Nobody has accepted it yet.
    Waiting,
    /// An agent has it.
    Processing,
    /// Over.
    Ended,
    /// Left in the queue by the customer; served by nobody.
    Abandoned,
}

impl ConversationState {
    /// The state's name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Processing => "processing",
            Self::Ended => "ended",
            Self::Abandoned => "abandoned",
        }
    }

    /// Whether the conversation goes on.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Processing)
    }
}

/// Who began a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The customer, by writing.
    Customer,
    /// An agent, by calling back.
    Callback,
}

impl Origin {
    /// The origin's name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Callback => "callback",
        }
    }
}

/// A conversation. Its number is dense within its customer, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Whose.
    pub customer: CustomerKey,
    /// Which of the customer's.
    pub number: u32,
    /// Through which channel.
    pub channel: Channel,
    /// Where it stands.
    pub state: ConversationState,
    /// Who began it.
    pub origin: Origin,
    /// Who has or had it; nobody while waiting and when abandoned.
    pub agent: Option<AgentId>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The first of its messages, by number.
    pub first_message: u32,
    /// How many messages it has; they are numbered without gaps from the first.
    pub messages: u32,
    /// What the customer thought of it.
    pub rating: Option<Rating>,
    /// Where the visitor came from; web conversations only.
    pub visitor: Option<VisitorInfo>,
}

impl Conversation {
    /// Takes the customer's rating. A later one replaces it: people change their minds.
    ///
    /// # Errors
    /// [`Reason::NotEnded`] unless an agent had the conversation and it is over.
    pub fn rate(&mut self, rating: Rating) -> Result<(), Error> {
        if self.state != ConversationState::Ended {
            return Err(Error::of(Reason::NotEnded));
        }
        self.rating = Some(rating);
        Ok(())
    }
}

/// What is known of the visitor of one web conversation. Empty texts are unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorInfo {
    /// The IP address.
    pub ip: String,
    /// The raw user agent.
    pub user_agent: String,
    /// The page that led here.
    pub referrer: String,
    /// The page the chat was opened on.
    pub landing_page: String,
}

/// A message. Its number is dense within its customer, from 1, over all conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Whose.
    pub customer: CustomerKey,
    /// Which of the customer's.
    pub number: u32,
    /// The conversation it belongs to, by number.
    pub conversation: u32,
    /// Who wrote it.
    pub sender: Sender,
    /// What was written.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// Whether it was sent while the customer was on the blacklist.
    pub held: bool,
}

impl Message {
    /// The most characters a message may have.
    pub const MAX_CHARS: usize = 4000;

    /// The text to keep for what was written: without blanks at the ends, line breaks allowed.
    ///
    /// # Errors
    /// [`Reason::Required`], [`Reason::TooLong`] or [`Reason::Malformed`], at the field `text`.
    pub fn accept(written: &str) -> Result<String, Error> {
        let text = written.trim();
        if text.is_empty() {
            return Err(Error::field("text", Reason::Required));
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(Error::field("text", Reason::TooLong { most: Self::MAX_CHARS as u32 }));
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err(Error::field("text", Reason::Malformed));
        }
        Ok(text.to_owned())
    }
}

/// A message that a customer sent while on the blacklist. Its number is dense within its customer, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Whose.
    pub customer: CustomerKey,
    /// Which of the customer's.
    pub number: u32,
    /// What was written.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The customer.
    Customer,
    /// An agent.
    Agent(AgentId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_found_by_its_name() {
        for channel in Channel::ALL {
            assert_eq!(Channel::parse(channel.as_str()), Some(channel));
        }
        assert_eq!(Channel::parse("fax"), None);
    }

    #[test]
    fn a_message_is_text_of_at_most_4000_characters() {
        assert_eq!(Message::accept(" one\ntwo ").unwrap(), "one\ntwo");
        assert_eq!(Message::accept(" \n").unwrap_err().reason, Reason::Required);
        assert_eq!(Message::accept("a\u{0}b").unwrap_err().reason, Reason::Malformed);
        assert!(Message::accept(&"话".repeat(4000)).is_ok());
        assert!(Message::accept(&"话".repeat(4001)).is_err());
    }
}
