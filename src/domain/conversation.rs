//! A conversation and its messages, as stored, and when it can be rated. What changes them is in
//! `conversations`.

use serde::{Deserialize, Serialize};

use super::error::{Error, Reason};
use super::ids::{AgentId, CustomerKey};
use super::named::named;
use super::rating::Rating;
use super::text;
use super::time::Timestamp;
use super::visitor::VisitorInfo;

named! {
    /// Channel through which a customer contacts the tenant.
    pub enum Channel {
        /// Chat on a web page.
        Web = "web",
        /// The tenant's own app.
        App = "app",
        /// WeChat.
        Wechat = "wechat",
        /// Weibo.
        Weibo = "weibo",
    }
}

named! {
    /// State of a conversation.
    pub enum ConversationState {
        /// Not yet accepted by an agent.
        Waiting = "waiting",
        /// Assigned to an agent.
        Processing = "processing",
        /// Ended after an agent had it.
        Ended = "ended",
        /// Ended before any agent accepted it.
        Abandoned = "abandoned",
    }
}

impl ConversationState {
    /// Returns `true` if the conversation has not ended.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Processing)
    }
}

named! {
    /// Party that started a conversation.
    pub enum Origin {
        /// The customer, by sending a message.
        Customer = "customer",
        /// An agent, by calling back.
        Callback = "callback",
    }
}

impl Channel {
    /// Returns `true` if the channel reports [visitors](VisitorInfo): only a web page has them.
    #[must_use]
    pub const fn has_visitors(self) -> bool {
        matches!(self, Self::Web)
    }
}

/// A conversation with a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Customer the conversation belongs to.
    pub customer: CustomerKey,
    /// Number within the customer, from 1 without gaps.
    pub number: u32,
    /// Channel, the same as the customer's.
    pub channel: Channel,
    /// Current state.
    pub state: ConversationState,
    /// Party that started the conversation.
    pub origin: Origin,
    /// Agent the conversation is or was assigned to; `None` while waiting and if abandoned.
    pub agent: Option<AgentId>,
    /// Start time. Not before the start of the customer's previous conversation.
    pub started_at: Timestamp,
    /// End time; `None` while the conversation is open.
    pub ended_at: Option<Timestamp>,
    /// Number of its first message.
    pub first_message: u32,
    /// Number of messages. They are numbered from `first_message` without gaps.
    pub messages: u32,
    /// The customer's rating, if one was given.
    pub rating: Option<Rating>,
    /// Address, software and pages of the visitor; web conversations only.
    pub visitor: Option<VisitorInfo>,
}

impl Conversation {
    /// Returns `true` if an agent had the conversation and it has ended.
    #[must_use]
    pub const fn can_be_rated(&self) -> bool {
        matches!(self.state, ConversationState::Ended)
    }

    /// Returns `true` if the conversation is on the agent's desk: it is waiting, or it is open and the
    /// agent has it.
    #[must_use]
    pub fn is_on_desk_of(&self, agent: AgentId) -> bool {
        match self.state {
            ConversationState::Waiting => true,
            ConversationState::Processing => self.agent == Some(agent),
            ConversationState::Ended | ConversationState::Abandoned => false,
        }
    }

    /// Sets the customer's rating. A later rating replaces an earlier one: people change their minds.
    ///
    /// # Errors
    /// [`Reason::NotEnded`] unless it [can be rated](Self::can_be_rated).
    pub fn rate(&mut self, rating: Rating) -> Result<(), Error> {
        if !self.can_be_rated() {
            return Err(Error::of(Reason::NotEnded));
        }
        self.rating = Some(rating);
        Ok(())
    }
}

/// A message in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Customer the message belongs to.
    pub customer: CustomerKey,
    /// Number within the customer over all conversations, from 1 without gaps.
    pub number: u32,
    /// Number of the conversation.
    pub conversation: u32,
    /// Author of the message.
    pub sender: Sender,
    /// Content, as [`Message::parse`] returns it.
    pub text: String,
    /// Time at which it was sent.
    pub at: Timestamp,
    /// `true` if it was sent while the customer was on the blacklist.
    pub held: bool,
}

impl Message {
    /// Maximum length of a message, in characters.
    pub const MAX_CHARS: usize = 4000;

    /// Cleans and validates the text of a message; returns it as a [`block`](text::block).
    ///
    /// # Errors
    /// [`Reason::Required`] if nothing in it is visible, or [`Reason::TooLong`]; at field `text`.
    pub fn parse(written: &str) -> Result<String, Error> {
        text::required("text", text::block(written), Self::MAX_CHARS)
    }
}

/// A message that a customer sent while on the blacklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldMessage {
    /// Customer who sent it.
    pub customer: CustomerKey,
    /// Number among the customer's held messages, from 1 without gaps.
    pub number: u32,
    /// Content, as [`Message::parse`] returns it.
    pub text: String,
    /// Time at which it was sent.
    pub at: Timestamp,
}

/// Author of a message.
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
        Message::parse(written).err().map(|error| {
            assert_eq!(error.field.as_deref(), Some("text"));
            error.reason
        })
    }

    #[test]
    fn a_message_is_text_of_at_most_4000_characters() {
        assert_eq!(Message::parse(" one\ntwo ").unwrap(), "one\ntwo");
        assert_eq!(refused(&"😀".repeat(4000)), None);
        assert_eq!(refused(&"话".repeat(4001)), Some(Reason::TooLong { most: 4000 }));
    }

    #[test]
    fn line_ends_of_a_form_count_once() {
        assert_eq!(Message::parse("Where?\r\nOrder 1042").unwrap(), "Where?\nOrder 1042");
        let form = format!("{}{}", "a".repeat(3800), "b\r\n".repeat(100));
        assert_eq!(Message::parse(&form).unwrap().chars().count(), 3999);
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
            assert_eq!(Message::parse(sent).unwrap(), kept);
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
            assert_eq!(Message::parse(shown).unwrap(), shown);
        }
    }

    #[test]
    fn markup_and_entities_are_text() {
        let text = r#"&lt;b&gt; &amp;amp; <b>x</b> https://a.example/?a=1&lt=2&copy=3 "q" 'q' \ %00 {{7*7}} ${x}"#;
        assert_eq!(Message::parse(text).unwrap(), text);
    }
}
