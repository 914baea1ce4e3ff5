//! Loaded range of a customer's messages, and the items rendered from it. Message numbers are
//! dense, so the messages form a range; conversations add borders to it.

use std::collections::BTreeMap;

use clientele::domain::ConversationState;

use crate::api::conversations::{ConversationInfo, MessageInfo, MessagePage};

/// Messages kept. Beyond that, those farthest from the last addition are dropped and loaded again
/// when needed.
const KEPT: usize = 400;

/// Loaded messages with their conversations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    messages: Vec<MessageInfo>,
    conversations: BTreeMap<u32, ConversationInfo>,
    start: u32,
    last: u32,
}

/// Item of the rendered list.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Start of a day: the date, `2026-11-18`, and the number of its first message.
    Day(String, u32),
    /// Start of a conversation.
    Begin(ConversationInfo),
    /// Message of a conversation.
    Message(MessageInfo),
    /// End of a conversation.
    End(ConversationInfo),
}

impl Item {
    /// Returns the list key. Items with equal keys look the same.
    pub fn key(&self) -> String {
        match self {
            // The date is not unique: channels set the times of messages, so a date may occur again
            // after another.
            Self::Day(_, message) => format!("d{message}"),
            Self::Begin(conversation) => format!("b{}", conversation.look()),
            Self::Message(message) => format!("m{}", message.number),
            Self::End(conversation) => format!("e{}", conversation.look()),
        }
    }
}

impl Window {
    /// Creates the window from a first page.
    pub fn new(page: MessagePage) -> Self {
        let mut window = Self::default();
        window.add(page, false);
        window
    }

    /// Adds a page that is adjacent to the loaded range or overlaps it.
    pub fn add(&mut self, page: MessagePage, earlier: bool) {
        self.last = self.last.max(page.last);
        self.start = page.first;
        self.conversations
            .extend(page.conversations.into_iter().map(|conversation| (conversation.number, conversation)));
        let (first, end) = (self.first(), self.end());
        let fits = |number: u32| self.messages.is_empty() || number < first || number > end;
        let new: Vec<MessageInfo> = page.messages.into_iter().filter(|message| fits(message.number)).collect();
        // Add only messages adjacent to the range, so that no gap appears.
        let touches = match (new.first(), new.last()) {
            (Some(from), Some(to)) => self.messages.is_empty() || to.number + 1 == first || from.number == end + 1,
            _ => false,
        };
        if touches {
            self.messages.extend(new);
            self.messages.sort_by_key(|message| message.number);
        }
        let too_many = self.messages.len().saturating_sub(KEPT);
        if earlier {
            self.messages.truncate(KEPT);
        } else {
            self.messages.drain(..too_many);
        }
    }

    /// Returns `true` if `more` messages fit without dropping others.
    pub const fn has_room_for(&self, more: usize) -> bool {
        self.messages.len() + more <= KEPT
    }

    /// Updates the loaded conversations and ignores all others.
    pub fn refresh(&mut self, conversations: &[ConversationInfo]) {
        for conversation in conversations {
            if let Some(known) = self.conversations.get_mut(&conversation.number) {
                known.clone_from(conversation);
            }
        }
    }

    /// Records that a newer message exists outside the loaded range.
    pub fn extend_to(&mut self, newest: u32) {
        self.last = self.last.max(newest);
    }

    /// Returns the number of the first loaded message, or of the first readable one if none is
    /// loaded.
    pub fn first(&self) -> u32 {
        self.messages.first().map_or(self.start, |message| message.number)
    }

    /// Returns the number of the first message that the agent may read.
    pub const fn start(&self) -> u32 {
        self.start
    }

    /// Returns the number of the last loaded message, or the one before the first readable message
    /// if none is loaded.
    pub fn end(&self) -> u32 {
        self.messages.last().map_or(self.start.saturating_sub(1), |message| message.number)
    }

    /// Returns the number of the newest message.
    pub const fn last(&self) -> u32 {
        self.last
    }

    /// Returns `true` if the newest message is loaded.
    pub fn is_at_end(&self) -> bool {
        self.end() >= self.last
    }

    /// Returns a loaded conversation by its number.
    pub fn conversation(&self, number: u32) -> Option<&ConversationInfo> {
        self.conversations.get(&number)
    }

    /// Returns the number of the conversation that a message belongs to; of the newest loaded one
    /// if the message is `None` or not loaded.
    pub fn conversation_of(&self, message: Option<u32>) -> Option<u32> {
        let found = message.and_then(|number| self.messages.iter().find(|message| message.number == number));
        let number = found.or(self.messages.last()).map(|message| message.conversation);
        number.or_else(|| self.conversations.keys().next_back().copied())
    }

    /// Returns the items to render, from top to bottom.
    pub fn items(&self) -> Vec<Item> {
        let mut items = Vec::with_capacity(self.messages.len() + 16);
        let mut day = "";
        let mut before: Option<u32> = None;
        for message in &self.messages {
            if before != Some(message.conversation) {
                match before {
                    Some(number) => self.end_of(number, &mut items),
                    None if message.number == 1 => self.empty(0, message.conversation, &mut items),
                    None => {}
                }
                if let Some(number) = before {
                    self.empty(number, message.conversation, &mut items);
                }
                if let Some(conversation) = self.conversations.get(&message.conversation)
                    && conversation.first_message == message.number
                {
                    items.push(Item::Begin(conversation.clone()));
                }
                before = Some(message.conversation);
            }
            let date = message.exact.get(..10).unwrap_or_default();
            if date != day {
                items.push(Item::Day(date.to_owned(), message.number));
                day = date;
            }
            items.push(Item::Message(message.clone()));
        }
        if let (Some(number), Some(last)) = (before, self.messages.last())
            && self
                .conversations
                .get(&number)
                .is_some_and(|conversation| conversation.first_message + conversation.messages == last.number + 1)
        {
            self.end_of(number, &mut items);
        }
        if self.is_at_end() {
            self.empty(before.unwrap_or(0), u32::MAX, &mut items);
        }
        items
    }

    fn end_of(&self, number: u32, items: &mut Vec<Item>) {
        let over = |conversation: &&ConversationInfo| {
            !matches!(conversation.state, ConversationState::Waiting | ConversationState::Processing)
        };
        items.extend(self.conversations.get(&number).filter(over).cloned().map(Item::End));
    }

    /// Adds the borders of the conversations between two numbers, which have no messages.
    fn empty(&self, after: u32, before: u32, items: &mut Vec<Item>) {
        for (number, conversation) in self.conversations.range(after + 1..before) {
            items.push(Item::Begin(conversation.clone()));
            self.end_of(*number, items);
        }
    }
}

#[cfg(test)]
mod tests {
    use clientele::domain::{Channel, Origin, Timestamp};

    use super::*;
    use crate::api::customer::Author;

    fn conversation(number: u32, first_message: u32, messages: u32) -> ConversationInfo {
        ConversationInfo {
            number,
            channel: Channel::Web,
            state: ConversationState::Ended,
            origin: Origin::Customer,
            agent: None,
            started_at: Timestamp(0),
            started: String::new(),
            ended: None,
            first_message,
            messages,
            rating: None,
            visitor: None,
        }
    }

    fn message(number: u32, conversation: u32) -> MessageInfo {
        MessageInfo {
            number,
            conversation,
            by: Author::Customer,
            text: String::new(),
            at: Timestamp(0),
            exact: format!("2026-11-{:02} 09:30", 10 + conversation),
            held: false,
        }
    }

    /// Conversations 1 (messages 1–2), 2 (none), 3 (3–5), 4 (none, at the end).
    fn page(from: u32, to: u32) -> MessagePage {
        let conversation_of = |number: u32| if number <= 2 { 1 } else { 3 };
        let all = [conversation(1, 1, 2), conversation(2, 3, 0), conversation(3, 3, 3), conversation(4, 6, 0)];
        let (first, last) =
            (if from > 1 { conversation_of(from - 1) } else { 1 }, if to < 5 { conversation_of(to) } else { 4 });
        MessagePage {
            messages: (from..=to).map(|number| message(number, conversation_of(number))).collect(),
            conversations: all
                .into_iter()
                .filter(|conversation| (first..=last).contains(&conversation.number))
                .collect(),
            first: 1,
            last: 5,
        }
    }

    fn drawn(window: &Window) -> String {
        let short = |item: &Item| match item {
            Item::Day(day, _) => format!("d{}", &day[8..]),
            Item::Begin(conversation) => format!("[{}", conversation.number),
            Item::Message(message) => message.number.to_string(),
            Item::End(conversation) => format!("{}]", conversation.number),
        };
        window.items().iter().map(short).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn borders_stand_where_conversations_begin_and_end() {
        assert_eq!(drawn(&Window::new(page(1, 5))), "[1 d11 1 2 1] [2 2] [3 d13 3 4 5 3] [4 4]");
    }

    #[test]
    fn a_part_has_the_borders_that_are_in_it() {
        assert_eq!(drawn(&Window::new(page(2, 4))), "d11 2 1] [2 2] [3 d13 3 4");
        assert_eq!(drawn(&Window::new(page(4, 4))), "d13 4");
    }

    #[test]
    fn parts_join_without_gaps_and_doubles() {
        let mut window = Window::new(page(3, 4));
        window.add(page(1, 2), true);
        window.add(page(4, 5), false);
        assert_eq!(drawn(&window), drawn(&Window::new(page(1, 5))));
        let mut apart = Window::new(page(1, 1));
        apart.add(page(4, 5), false);
        assert_eq!((apart.first(), apart.end(), apart.is_at_end()), (1, 1, false));
    }

    #[test]
    fn a_customer_with_nothing_said_has_its_conversations_all_the_same() {
        let nothing = MessagePage { messages: vec![], conversations: vec![conversation(1, 1, 0)], first: 1, last: 0 };
        assert_eq!(drawn(&Window::new(nothing)), "[1 1]");
        assert_eq!(drawn(&Window::default()), "");
    }

    #[test]
    fn what_goes_on_has_no_end() {
        let mut going_on = page(3, 5);
        going_on.conversations.retain(|conversation| conversation.number == 3);
        going_on.conversations[0].state = ConversationState::Processing;
        assert_eq!(drawn(&Window::new(going_on)), "[3 d13 3 4 5");
    }

    #[test]
    fn days_that_go_back_and_forth_have_keys_of_their_own() {
        let mut page = page(3, 5);
        page.messages[1].exact = "2026-11-12 23:50".into();
        let window = Window::new(page);
        assert_eq!(drawn(&window), "[3 d13 3 d12 4 d13 5 3] [4 4]");
        let keys: std::collections::BTreeSet<String> = window.items().iter().map(Item::key).collect();
        assert_eq!(keys.len(), window.items().len());
    }

    #[test]
    fn a_conversation_that_changed_is_drawn_anew_and_an_unknown_one_is_not_drawn() {
        let mut window = Window::new(page(3, 5));
        let keys = |window: &Window| window.items().iter().map(Item::key).collect::<Vec<_>>();
        let before = keys(&window);
        let mut rated = conversation(3, 3, 3);
        rated.rating = Some(crate::api::conversations::RatingInfo { stars: 2, comment: String::new() });
        window.refresh(&[rated, conversation(9, 9, 9)]);
        let changed = keys(&window).into_iter().zip(before).filter(|(now, before)| now != before).count();
        assert_eq!((changed, window.conversation(9)), (2, None));
    }

    #[test]
    fn what_is_before_the_start_is_not_there() {
        let mut waiting = page(3, 5);
        waiting.conversations.retain(|conversation| conversation.number >= 3);
        waiting.first = 3;
        let window = Window::new(waiting);
        assert_eq!((window.first(), window.start()), (3, 3));
        assert_eq!(drawn(&window), "[3 d13 3 4 5 3] [4 4]");
    }

    #[test]
    fn the_farthest_are_dropped() {
        let long = |from: u32, to: u32| MessagePage {
            messages: (from..=to).map(|number| message(number, 1)).collect(),
            conversations: vec![conversation(1, 1, 1000)],
            first: 1,
            last: 1000,
        };
        let mut window = Window::new(long(501, 900));
        window.add(long(451, 500), true);
        assert_eq!((window.first(), window.end()), (451, 850));
        window.add(long(851, 900), false);
        assert_eq!((window.first(), window.end()), (501, 900));
    }
}
