//! Tests that messages are stored once and in order, and that the blacklist applies on every path.

use super::{NOW, TestStore, on_each_engine};
use crate::domain::{
    Actor, AgentId, Blacklisting, Channel, CustomerId, CustomerKey, Delivered, Editable, IdempotencyKey, KeyName,
    MessageId, Profile, ProfileField, Rating, Reason, Sender, VisitorInfo,
};
use crate::store::{Delivery, LowRating, Receipt, StoreError, WordMatch};

on_each_engine! {
    a_first_message_makes_a_customer_and_a_waiting_conversation,
    a_message_is_taken_once_however_often_it_comes,
    messages_that_come_at_once_are_all_kept,
    callbacks_at_once_make_one_conversation,
    a_request_that_comes_again_has_the_same_answer,
    what_belongs_to_another_customer_is_refused_and_never_swallowed,
    a_blacklisted_customers_messages_are_held_and_opened,
    a_conversation_is_rated_after_its_end,
    a_conversation_is_read_across_borders,
    former_values_are_kept,
    an_entry_that_ran_out_is_swept_away,
    neighbours_came_from_the_same_address,
}

pub(super) const LI: AgentId = AgentId(1);
const WANG: AgentId = AgentId(2);

pub(super) fn delivery(customer: &str, id: &str, text: &str) -> Delivery {
    Delivery {
        channel: Channel::Web,
        customer: CustomerId::new(customer).unwrap(),
        id: MessageId::new(id).unwrap(),
        text: text.into(),
        at: NOW,
        profile: Profile { nickname: "Wei".into(), ..Profile::default() },
        visitor: None,
    }
}

pub(super) async fn deliver(store: &TestStore, customer: &str, id: &str) -> Receipt {
    store.deliver(&delivery(customer, id, &format!("text of {id}")), NOW).await.unwrap()
}

pub(super) fn request(agent: AgentId, key: &str) -> IdempotencyKey {
    IdempotencyKey::new(agent, key).unwrap()
}

pub(super) fn refusal<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Reason {
    match result.unwrap_err() {
        StoreError::Refused(error) => error.reason,
        other => panic!("{other:?}"),
    }
}

async fn sound(store: &TestStore) {
    let report = store.check().await.unwrap();
    // These tests use agent ids without agent records.
    let faults: Vec<_> = report.faults.iter().filter(|fault| !fault.contains("an agent who does not exist")).collect();
    assert_eq!(faults, Vec::<&String>::new());
}

async fn a_first_message_makes_a_customer_and_a_waiting_conversation(store: TestStore) {
    let receipt = deliver(&store, "v_1", "m1").await;
    assert_eq!(receipt.delivered, Delivered::InConversation { conversation: 1, message: 1, began: true });
    let customer = store.customer(receipt.customer).await.unwrap();
    assert_eq!((customer.profile.nickname.as_str(), customer.open), ("Wei", Some(1)));
    let open = store.open_conversations();
    assert_eq!((open.len(), open[0].customer, open[0].agent), (1, customer.key, None));
    assert_eq!(store.accept(customer.key, LI, NOW).await, Ok(1));
    assert_eq!(refusal(store.accept(customer.key, WANG, NOW).await), Reason::NotWaiting);
    assert_eq!(store.reply(customer.key, &request(LI, "r1"), "hello", NOW).await, Ok(2));
    store.end(customer.key, LI, NOW).await.unwrap();
    assert_eq!(store.open_conversations(), []);
    let said = store.messages(customer.key, 1, 9).await.unwrap();
    let senders: Vec<_> = said.iter().map(|message| message.sender).collect();
    assert_eq!(senders, [Sender::Customer, Sender::Agent(LI)]);
    sound(&store).await;
}

async fn a_message_is_taken_once_however_often_it_comes(store: TestStore) {
    let first = deliver(&store, "v_1", "m1").await;
    let again = deliver(&store, "v_1", "m1").await;
    assert_eq!((again.customer, again.repeated), (first.customer, true));
    let customer = store.customer(first.customer).await.unwrap();
    assert_eq!((customer.messages, customer.conversations), (1, 1));
}

async fn messages_that_come_at_once_are_all_kept(store: TestStore) {
    let all = (0..30).flat_map(|number| [number, number]).map(|number| {
        let store = &store;
        async move {
            let delivery = delivery("v_1", &format!("m{number}"), "text");
            loop {
                match store.deliver(&delivery, NOW).await {
                    Err(StoreError::Conflict) => {}
                    result => return result.unwrap(),
                }
            }
        }
    });
    let receipts = futures::future::join_all(all).await;
    let customer = store.customer(receipts[0].customer).await.unwrap();
    assert_eq!((customer.messages, customer.conversations), (30, 1));
    assert_eq!(store.indexed(), 1);
    sound(&store).await;
}

async fn callbacks_at_once_make_one_conversation(store: TestStore) {
    let key = store.add("v_1").await.key;
    store.add_channel_key(Channel::Wechat, &KeyName::new("shop").unwrap(), Actor::System, NOW).await.unwrap();
    let calls = (0..50).map(|number| {
        let store = &store;
        let request = match number % 3 {
            0 => request(LI, "same"),
            1 => request(LI, &format!("own {number}")),
            _ => request(WANG, &format!("own {number}")),
        };
        async move {
            loop {
                match store.call_back(Editable::unchecked(key, Actor::System), &request, NOW).await {
                    Err(StoreError::Conflict) => {}
                    result => return result,
                }
            }
        }
    });
    let answers = futures::future::join_all(calls).await;
    for answer in answers {
        match answer {
            Ok(number) => assert_eq!(number, 1),
            refused => assert_eq!(refusal(refused), Reason::HasOpenConversation { number: 1 }),
        }
    }
    assert_eq!(store.customer(key).await.unwrap().conversations, 1);
    sound(&store).await;
}

async fn a_request_that_comes_again_has_the_same_answer(store: TestStore) {
    let key = deliver(&store, "v_1", "m1").await.customer;
    store.accept(key, LI, NOW).await.unwrap();
    assert_eq!(store.reply(key, &request(LI, "r1"), "hello", NOW).await, Ok(2));
    store.end(key, LI, NOW).await.unwrap();
    // A repeated request succeeds even if a new one would be rejected.
    assert_eq!(store.reply(key, &request(LI, "r1"), "hello", NOW).await, Ok(2));
    assert_eq!(refusal(store.reply(key, &request(LI, "r2"), "hello", NOW).await), Reason::NotYours);
    assert_eq!(store.customer(key).await.unwrap().messages, 2);
}

async fn what_belongs_to_another_customer_is_refused_and_never_swallowed(store: TestStore) {
    let one = deliver(&store, "v_1", "m1").await.customer;
    let other = store.deliver(&delivery("v_2", "m1", "text"), NOW).await;
    assert_eq!(other.unwrap_err(), StoreError::AlreadyExists("id"));
    let two = deliver(&store, "v_2", "m2").await.customer;
    let elsewhere = Delivery { channel: Channel::Weibo, ..delivery("v_1", "w1", "text") };
    assert_eq!(store.deliver(&elsewhere, NOW).await.unwrap_err(), StoreError::AlreadyExists("customer"));
    // An idempotency key is rejected for another customer, and counts as a new request for another action.
    for key in [one, two] {
        store.accept(key, LI, NOW).await.unwrap();
    }
    store.reply(one, &request(LI, "r"), "hello", NOW).await.unwrap();
    assert_eq!(
        store.reply(two, &request(LI, "r"), "hello", NOW).await.unwrap_err(),
        StoreError::AlreadyExists("request")
    );
    store.end(one, LI, NOW).await.unwrap();
    assert_eq!(store.call_back(Editable::unchecked(one, Actor::System), &request(LI, "r"), NOW).await, Ok(2));
    // Ending again succeeds; ending another agent's conversation does not.
    store.end(one, LI, NOW).await.unwrap();
    store.end(one, LI, NOW).await.unwrap();
    assert_eq!(refusal(store.end(one, WANG, NOW).await), Reason::NotYours);
}

async fn a_blacklisted_customers_messages_are_held_and_opened(store: TestStore) {
    let key = deliver(&store, "v_1", "m1").await.customer;
    let entry = Blacklisting::new("abuse", Some(LI), NOW, None).unwrap();
    store.blacklist(Editable::unchecked(key, Actor::Agent(LI)), &entry, NOW).await.unwrap();
    assert_eq!(store.open_conversations(), []);
    for number in 0..50 {
        let held = deliver(&store, "v_1", &format!("h{number}")).await;
        let again = deliver(&store, "v_1", &format!("h{number}")).await;
        assert_eq!(held.delivered, Delivered::Held { number: number + 1 });
        assert_eq!((again.delivered, again.repeated), (held.delivered, true));
    }
    assert_eq!(
        refusal(store.call_back(Editable::unchecked(key, Actor::System), &request(LI, "c"), NOW).await),
        Reason::Blacklisted
    );
    let customer = store.customer(key).await.unwrap();
    assert_eq!((customer.conversations, customer.held_waiting()), (1, 50));
    assert_eq!(store.held(&customer, 1000).await.unwrap().len(), 50);

    assert_eq!(store.unblacklist(Editable::unchecked(key, Actor::Agent(LI)), Some(LI), NOW).await, Ok(Some(2)));
    let customer = store.customer(key).await.unwrap();
    assert_eq!((customer.held_waiting(), customer.messages, customer.open), (0, 51, Some(2)));
    let opened = store.messages(key, 2, 51).await.unwrap();
    assert_eq!(opened.iter().filter(|message| message.held).count(), 50);
    assert_eq!(store.held(&customer, 1000).await.unwrap(), []);
    sound(&store).await;
}

async fn a_conversation_is_rated_after_its_end(store: TestStore) {
    let key = deliver(&store, "v_1", "m1").await.customer;
    let rating = Rating::new(2, "slow", NOW).unwrap();
    assert_eq!(refusal(store.rate(key, 1, &rating, NOW).await), Reason::NotEnded);
    store.accept(key, LI, NOW).await.unwrap();
    store.end(key, LI, NOW).await.unwrap();
    store.rate(key, 1, &rating, NOW).await.unwrap();
    assert_eq!(store.conversation(key, 1).await.unwrap().rating, Some(rating));
    assert_eq!(store.rate(key, 2, &Rating::new(5, "", NOW).unwrap(), NOW).await, Err(StoreError::NotFound));
}

/// Creates a customer with 40 conversations of two messages, one minute apart; every tenth is rated
/// one star.
async fn talker(store: &TestStore) -> CustomerKey {
    let key = store.add("wx_1").await.key;
    store.add_channel_key(Channel::Wechat, &KeyName::new("shop").unwrap(), Actor::System, NOW).await.unwrap();
    for number in 1..=40 {
        let at = NOW.plus_millis(i64::from(number) * 60_000);
        store
            .call_back(Editable::unchecked(key, Actor::System), &request(LI, &format!("c{number}")), at)
            .await
            .unwrap();
        for message in 0..2 {
            let text = if number == 30 { "Where is my Parcel?" } else { "hello" };
            store.reply(key, &request(LI, &format!("r{number} {message}")), text, at).await.unwrap();
        }
        store.end(key, LI, at).await.unwrap();
        if number % 10 == 0 {
            store.rate(key, number, &Rating::new(1, "", at).unwrap(), at).await.unwrap();
        }
    }
    key
}

async fn a_conversation_is_read_across_borders(store: TestStore) {
    let key = talker(&store).await;
    let customer = store.customer(key).await.unwrap();
    let numbers: Vec<u32> =
        store.conversations(key, 38, 99).await.unwrap().iter().map(|conversation| conversation.number).collect();
    assert_eq!(numbers, [38, 39, 40]);
    let messages = store.messages(key, 4, 7).await.unwrap();
    let borders: Vec<_> = messages.iter().map(|message| (message.number, message.conversation)).collect();
    assert_eq!(borders, [(4, 2), (5, 3), (6, 3), (7, 4)]);

    let at = |minutes: i64| NOW.plus_millis(minutes * 60_000 + 1);
    for (minutes, number) in [(-5, 1), (1, 1), (17, 17), (1_000, 40)] {
        assert_eq!(store.conversation_at(&customer, at(minutes)).await.unwrap().unwrap().number, number, "{minutes}");
    }
    assert_eq!(store.next_low_rating(&customer, 10, true).await, Ok(LowRating::At(20)));
    assert_eq!(store.next_low_rating(&customer, 40, true).await, Ok(LowRating::None));
    assert_eq!(store.next_low_rating(&customer, 40, false).await, Ok(LowRating::At(30)));
    assert_eq!(store.next_low_rating(&customer, 10, false).await, Ok(LowRating::None));

    assert_eq!(store.next_match(&customer, " parcel", 0, true).await, Ok(WordMatch::At(59)));
    assert_eq!(store.next_match(&customer, "parcel", 60, true).await, Ok(WordMatch::None));
    assert_eq!(store.next_match(&customer, "PARCEL", 80, false).await, Ok(WordMatch::At(60)));
    sound(&store).await;
}

async fn former_values_are_kept(store: TestStore) {
    let key = store.add("wx_1").await.key;
    for (seen, value) in [("", "138"), ("138", "139")] {
        let edit = store.change_customer(
            Editable::unchecked(key, Actor::Agent(LI)),
            crate::domain::EventKind::ProfileEdited,
            NOW,
            |customer| customer.write(ProfileField::Phone, seen, value, Actor::Agent(LI), NOW),
        );
        edit.await.unwrap();
    }
    let customer = store.customer(key).await.unwrap();
    let written = customer.provenance(ProfileField::Phone).unwrap();
    assert_eq!((written.by, written.at), (Actor::Agent(LI), NOW));
    let revisions = store.revisions(&customer, 10).await.unwrap();
    let values: Vec<_> = revisions.iter().map(|revision| (revision.before.as_str(), revision.after.as_str())).collect();
    assert_eq!(values, [("138", "139"), ("", "138")]);
    assert_eq!(store.revisions(&customer, 1).await.unwrap().len(), 1);
}

/// The other customer visited twice. Rating the first visit must not replace the time of the second one.
async fn rating_an_old_visit_does_not_make_it_the_last(store: &TestStore) {
    let visitor = Some(VisitorInfo { ip: "198.51.100.7".into(), ..VisitorInfo::default() });
    let own = store.deliver(&Delivery { visitor: visitor.clone(), ..delivery("r_1", "r1", "x") }, NOW).await.unwrap();
    let later = NOW.plus_millis(1000);
    let mut other = own;
    for (id, at) in [("r2", NOW), ("r3", later)] {
        let visit = Delivery { visitor: visitor.clone(), at, ..delivery("r_2", id, "x") };
        other = store.deliver(&visit, at).await.unwrap();
        store.accept(other.customer, LI, at).await.unwrap();
        store.end(other.customer, LI, at).await.unwrap();
    }
    store.rate(other.customer, 1, &Rating::new(1, "", later).unwrap(), later).await.unwrap();
    let own = store.customer(own.customer).await.unwrap();
    assert_eq!(store.neighbours(&own, later).await.unwrap().unwrap().others, 1);
}

async fn an_entry_that_ran_out_is_swept_away(store: TestStore) {
    let key = deliver(&store, "v_1", "m1").await.customer;
    let until = NOW.plus_millis(1_000);
    let entry = |until| Blacklisting::new("abuse", Some(LI), NOW, until).unwrap();
    store.blacklist(Editable::unchecked(key, Actor::Agent(LI)), &entry(Some(until)), NOW).await.unwrap();
    assert_eq!(store.sweep_blacklist(NOW).await, Ok(0));
    assert!(store.customer(key).await.unwrap().blacklisted.is_some());
    assert_eq!(store.sweep_blacklist(until).await, Ok(1));
    assert_eq!(store.customer(key).await.unwrap().blacklisted, None);
    assert_eq!(store.sweep_blacklist(until).await, Ok(0));
    // A new entry without an end is kept.
    store.blacklist(Editable::unchecked(key, Actor::Agent(LI)), &entry(Some(until)), NOW).await.unwrap();
    store.unblacklist(Editable::unchecked(key, Actor::Agent(LI)), None, NOW).await.unwrap();
    store.blacklist(Editable::unchecked(key, Actor::Agent(LI)), &entry(None), NOW).await.unwrap();
    assert_eq!(store.sweep_blacklist(until).await, Ok(0));
    assert!(store.customer(key).await.unwrap().blacklisted.is_some());
    sound(&store).await;
}

async fn neighbours_came_from_the_same_address(store: TestStore) {
    rating_an_old_visit_does_not_make_it_the_last(&store).await;
    let mut keys = Vec::new();
    for (number, ip) in ["192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.70", ""].into_iter().enumerate() {
        let visitor = VisitorInfo { ip: ip.into(), ..VisitorInfo::default() };
        let from = Delivery { visitor: Some(visitor), ..delivery(&format!("v_{number}"), &format!("m{number}"), "hi") };
        keys.push(store.deliver(&from, NOW).await.unwrap().customer);
    }
    let others = async |key: CustomerKey, since| {
        let customer = store.customer(key).await.unwrap();
        store.neighbours(&customer, since).await.unwrap().map(|found| (found.ip, found.others))
    };
    assert_eq!(others(keys[0], NOW).await, Some(("192.0.2.7".into(), 2)));
    assert_eq!(others(keys[3], NOW).await, Some(("192.0.2.70".into(), 0)));
    assert_eq!(others(keys[0], NOW.plus_millis(1)).await, Some(("192.0.2.7".into(), 0)));
    assert_eq!(others(keys[4], NOW).await, None);
}
