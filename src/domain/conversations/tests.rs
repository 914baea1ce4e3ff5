use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::domain::{Channel, CustomerId, CustomerKey, Profile};

const AGENT: AgentId = AgentId(3);
const NOW: Timestamp = Timestamp(1_000_000);

fn aggregate() -> CustomerAggregate {
    let id = CustomerId::new("wx_1").unwrap();
    CustomerAggregate::new(Customer::new(CustomerKey(7), id, Channel::Web, Profile::default(), Timestamp(0)), None)
}

fn entry(until: Option<Timestamp>) -> Blacklisting {
    Blacklisting::new("abuse", Some(AGENT), NOW, until).unwrap()
}

fn write(aggregate: &mut CustomerAggregate) -> Delivered {
    aggregate.deliver("hello".into(), None, NOW, NOW)
}

#[test]
fn a_first_message_begins_a_conversation_and_the_next_one_joins_it() {
    let mut aggregate = aggregate();
    assert_eq!(write(&mut aggregate), Delivered::InConversation { conversation: 1, message: 1, began: true });
    assert_eq!(write(&mut aggregate), Delivered::InConversation { conversation: 1, message: 2, began: false });
    let open = aggregate.open.as_ref().unwrap();
    assert_eq!((open.state, open.messages, open.agent), (ConversationState::Waiting, 2, None));
    assert_eq!(aggregate.customer.served_by, []);
}

#[test]
fn who_accepts_serves_the_customer_and_nobody_else_can() {
    let mut aggregate = aggregate();
    assert_eq!(aggregate.accept(AGENT).unwrap_err().reason, Reason::NotWaiting);
    write(&mut aggregate);
    assert_eq!(aggregate.accept(AGENT), Ok(1));
    assert_eq!(aggregate.accept(AGENT), Ok(1));
    assert_eq!(aggregate.accept(AgentId(4)).unwrap_err().reason, Reason::NotWaiting);
    assert_eq!(aggregate.customer.served_by, [AGENT]);
    assert_eq!(aggregate.reply(AgentId(4), "hi".into(), NOW).unwrap_err().reason, Reason::NotYours);
    assert_eq!(aggregate.reply(AGENT, "hi".into(), NOW), Ok(2));
}

#[test]
fn a_conversation_that_nobody_accepted_is_abandoned() {
    let mut aggregate = aggregate();
    write(&mut aggregate);
    aggregate.end(NOW);
    let ended = aggregate.pending.conversations.last().unwrap();
    assert_eq!((ended.state, ended.ended_at), (ConversationState::Abandoned, Some(NOW)));
    assert_eq!((aggregate.customer.open, &aggregate.open), (None, &None));
}

#[test]
fn a_blacklisted_customer_opens_no_conversation() {
    let mut aggregate = aggregate();
    write(&mut aggregate);
    aggregate.blacklist(entry(None), NOW).unwrap();
    assert_eq!(aggregate.open, None);
    assert_eq!(write(&mut aggregate), Delivered::Held { number: 1 });
    assert_eq!(aggregate.call_back(AGENT, true, NOW).unwrap_err().reason, Reason::Blacklisted);
    assert_eq!(aggregate.accept(AGENT).unwrap_err().reason, Reason::NotWaiting);
    assert_eq!((aggregate.customer.conversations, aggregate.customer.messages), (1, 1));
}

#[test]
fn an_entry_ends_when_it_expires() {
    let mut aggregate = aggregate();
    aggregate.blacklist(entry(Some(NOW.plus_millis(10))), NOW).unwrap();
    assert!(matches!(write(&mut aggregate), Delivered::Held { .. }));
    let later = NOW.plus_millis(10);
    assert_eq!(aggregate.callback_blockers(true, later).reason(), None);
    assert!(matches!(
        aggregate.deliver("hi".into(), None, later, later),
        Delivered::InConversation { began: true, .. }
    ));
    assert_eq!(aggregate.customer.blacklisted, None);
}

#[test]
fn held_messages_become_a_conversation_when_that_is_asked_for() {
    let mut aggregate = aggregate();
    aggregate.blacklist(entry(None), NOW).unwrap();
    write(&mut aggregate);
    write(&mut aggregate);
    let held = std::mem::take(&mut aggregate.pending).held;
    let mut silently = aggregate.clone();
    assert_eq!(silently.unblacklist(None, NOW), Ok(None));
    assert_eq!((silently.open, silently.customer.held_waiting()), (None, 2));
    assert_eq!(aggregate.unblacklist(Some((AGENT, held)), NOW), Ok(Some(1)));
    assert!(aggregate.pending.messages.iter().all(|message| message.held && message.conversation == 1));
    assert_eq!((aggregate.pending.messages.len(), aggregate.customer.held_waiting()), (2, 0));
    assert_eq!(aggregate.open.unwrap().agent, Some(AGENT));
}

#[test]
fn a_callback_says_why_not() {
    let mut aggregate = aggregate();
    assert_eq!(aggregate.call_back(AGENT, false, NOW).unwrap_err().reason, Reason::ChannelUnreachable);
    assert_eq!(aggregate.call_back(AGENT, true, NOW), Ok(1));
    let again = aggregate.call_back(AgentId(4), true, NOW).unwrap_err();
    assert_eq!(again.reason, Reason::HasOpenConversation { number: 1 });
    let open = aggregate.open.unwrap();
    assert_eq!((open.state, open.origin), (ConversationState::Processing, Origin::Callback));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Write,
    Accept,
    Reply,
    End,
    Leave,
    CallBack,
    Blacklist,
    Unblacklist,
}

proptest! {
    #[test]
    fn whatever_happens_numbers_have_no_gaps_and_the_blacklist_holds(
        steps in proptest::collection::vec(select(vec![
            Step::Write, Step::Write, Step::Accept, Step::Reply, Step::End, Step::Leave, Step::CallBack,
            Step::Blacklist, Step::Unblacklist,
        ]), 0..60),
    ) {
        let mut aggregate = aggregate();
        let (mut conversations, mut messages, mut held) = (std::collections::BTreeMap::new(), Vec::new(), Vec::new());
        for step in steps {
            let (was_blacklisted, before) = (aggregate.customer.blacklisted.is_some(), aggregate.customer.conversations);
            match step {
                Step::Write => _ = write(&mut aggregate),
                Step::Accept => _ = aggregate.accept(AGENT),
                Step::Reply => _ = aggregate.reply(AGENT, "hi".into(), NOW),
                Step::End => _ = aggregate.end_by(AGENT, NOW),
                Step::Leave => aggregate.end(NOW),
                Step::CallBack => _ = aggregate.call_back(AGENT, true, NOW),
                Step::Blacklist => _ = aggregate.blacklist(entry(None), NOW),
                Step::Unblacklist => _ = aggregate.unblacklist(Some((AGENT, std::mem::take(&mut held))), NOW),
            }
            if was_blacklisted && aggregate.customer.blacklisted.is_some() {
                prop_assert_eq!(aggregate.customer.conversations, before);
            }
            let pending = std::mem::take(&mut aggregate.pending);
            conversations.extend(pending.conversations.into_iter().map(|own| (own.number, own)));
            messages.extend(pending.messages);
            held.extend(pending.held);
            prop_assert!(aggregate.customer.blacklisted.is_none() || aggregate.open.is_none());
            prop_assert_eq!(aggregate.customer.open, aggregate.open.as_ref().map(|open| open.number));
        }
        prop_assert!(messages.iter().zip(1..).all(|(message, number)| message.number == number));
        prop_assert!(conversations.keys().copied().eq(1..=aggregate.customer.conversations));
        let mut next = 1;
        for conversation in conversations.values() {
            prop_assert_eq!(conversation.first_message, next);
            let own = messages.iter().filter(|message| message.conversation == conversation.number).count();
            prop_assert_eq!(own, conversation.messages as usize);
            prop_assert_eq!(conversation.state.is_open(), Some(conversation.number) == aggregate.customer.open);
            next += conversation.messages;
        }
        prop_assert_eq!(next, aggregate.customer.messages + 1);
    }
}

#[test]
fn what_is_known_of_a_visitor_is_cleaned_whatever_path_it_came_by() {
    let mut aggregate = aggregate();
    let said =
        VisitorInfo { ip: "[::ffff:203.0.113.9]:443".into(), user_agent: "A".repeat(9_000), ..VisitorInfo::default() };
    aggregate.deliver("hello".into(), Some(said), NOW, NOW);
    let visitor = aggregate.open.unwrap().visitor.unwrap();
    assert_eq!((visitor.ip.as_str(), visitor.user_agent.len()), ("203.0.113.9", 500));
}
