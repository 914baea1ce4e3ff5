//! Conversations and their messages.

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::ids::{AgentId, CustomerKey};
use super::rating::Rating;
use super::text;
use super::time::Timestamp;
use super::visitor::VisitorInfo;

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

    /// Returns the text to keep for what was written: a [`block`](text::block) of text.
    ///
    /// # Errors
    /// [`Reason::Required`] when nothing can be seen, [`Reason::TooLong`]; at the field `text`.
    pub fn accept(written: &str) -> Result<String, Error> {
        text::required("text", text::block(written), Self::MAX_CHARS)
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

    fn refused(written: &str) -> Option<Reason> {
        Message::accept(written).err().map(|error| {
            assert_eq!(error.field.as_deref(), Some("text"));
            error.reason
        })
    }

    #[test]
    fn a_message_is_text_of_at_most_4000_characters() {
        assert_eq!(Message::accept(" one\ntwo ").unwrap(), "one\ntwo");
        assert_eq!(refused(&"😀".repeat(4000)), None);
        assert_eq!(refused(&"话".repeat(4001)), Some(Reason::TooLong { most: 4000 }));
    }

    #[test]
    fn line_ends_of_a_form_count_once() {
        assert_eq!(Message::accept("Where?\r\nOrder 1042").unwrap(), "Where?\nOrder 1042");
        let form = format!("{}{}", "a".repeat(3800), "b\r\n".repeat(100));
        assert_eq!(Message::accept(&form).unwrap().chars().count(), 3999);
    }

    #[test]
    fn control_characters_are_dropped_and_the_message_is_kept() {
        for (sent, kept) in [
            ("order\0 12", "order 12"),
            ("it\u{92}s", "its"),
            ("a\u{7}b", "ab"),
            ("line1\rline2", "line1\nline2"),
            ("x\u{85}y", "x\ny"),
            ("a\tb\n\nc", "a\tb\n\nc"),
            ("\u{202E}abc\u{2066}", "abc"),
            ("great \u{FFFD}", "great \u{FFFD}"),
        ] {
            assert_eq!(Message::accept(sent).unwrap(), kept);
        }
    }

    #[test]
    fn a_message_that_shows_nothing_is_none() {
        for empty in [
            "",
            " \n",
            "\u{200B}",
            "\u{2060}\u{FEFF}",
            "\u{3164}",
            "\u{2800}",
            "\u{AD}",
            "\u{202E}",
            "\u{FE0F}\u{FE0F}\u{FE0F}",
            "\0\u{7}",
            "\u{301}",
            "\u{FFFC}",
        ] {
            assert_eq!(refused(empty), Some(Reason::Required), "{empty:?}");
        }
        for shown in
            ["👍", "👨\u{200D}👩\u{200D}👧\u{200D}👦", "。", "？", "❤\u{FE0F}", "1\u{FE0F}\u{20E3}", "\u{E415}"]
        {
            assert_eq!(Message::accept(shown).unwrap(), shown);
        }
    }

    #[test]
    fn markup_and_entities_are_text() {
        let text = r#"&lt;b&gt; &amp;amp; <b>x</b> https://a.example/?a=1&lt=2&copy=3 "q" 'q' \ %00 {{7*7}} ${x}"#;
        assert_eq!(Message::accept(text).unwrap(), text);
    }
}
