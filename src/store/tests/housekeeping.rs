//! Tests that tables and queue stay bounded, and that addresses and keys leave the expected traces.

use std::net::IpAddr;

use super::conversations::{self, deliver};
use super::{NOW, TestStore, on_each_engine, published_since};
use crate::domain::{
    Actor, AgentId, Blacklisting, Channel, ConversationState, Editable, EventKind, IdempotencyKey, KeyName, Reason,
    Role, VisitorInfo,
};
use crate::store::database::read;
use crate::store::{Delivery, DeviceToken, NewAgent, StoreError};

on_each_engine! {
    old_claims_are_forgotten_and_young_ones_kept,
    what_waited_too_long_is_abandoned_and_tells_the_desk,
    a_disabled_agents_conversations_wait_again,
    held_messages_are_opened_in_pieces_and_after_an_expiry,
    an_expired_entry_that_cannot_be_removed_holds_up_no_other,
    a_known_device_is_one_agents_until_its_password_changes,
    keys_leave_a_trace_with_their_actor,
    the_desk_is_the_same_after_a_restart,
}

fn delivery(customer: &str, id: &str) -> Delivery {
    conversations::delivery(customer, id, &format!("text of {id}"))
}

const LI: AgentId = AgentId(1);
const DAY: i64 = 24 * 3_600_000;

async fn old_claims_are_forgotten_and_young_ones_kept(store: TestStore) {
    for (day, id) in [(0, "old"), (59, "young")] {
        store.deliver(&delivery("v_1", id), NOW.plus_millis(day * DAY)).await.unwrap();
    }
    let key = store.customer_by_id(&crate::domain::CustomerId::new("v_1").unwrap()).await.unwrap().key;
    store.accept(key, LI, NOW).await.unwrap();
    let request = IdempotencyKey::new(LI, "r").unwrap();
    store.reply(key, &request, "hello", NOW).await.unwrap();
    assert_eq!(store.prune(NOW.plus_millis(13 * DAY)).await, Ok(0));
    // The request (limit 14 days) and the message "old" (limit 60 days) have expired.
    assert_eq!(store.prune(NOW.plus_millis(61 * DAY)).await, Ok(2));
    assert!(store.deliver(&delivery("v_1", "young"), NOW).await.unwrap().repeated);
    assert!(!store.deliver(&delivery("v_1", "old"), NOW.plus_millis(61 * DAY)).await.unwrap().repeated);
    // Records from versions without a time are kept.
    read(store.db.query("CREATE delivery:['web', 'legacy'] SET customer = 1, number = 1")).await.unwrap();
    assert_eq!(store.prune(NOW.plus_millis(61 * DAY)).await, Ok(0));
}

async fn what_waited_too_long_is_abandoned_and_tells_the_desk(store: TestStore) {
    let old = deliver(&store, "v_old", "m1").await.customer;
    let later = NOW.plus_millis(DAY);
    // Sent long ago but delivered just now: agents have had no chance to see it.
    store.deliver(&Delivery { at: NOW.plus_millis(-DAY), ..delivery("v_late", "m4") }, later).await.unwrap();
    store.deliver(&Delivery { at: later, ..delivery("v_new", "m2") }, later).await.unwrap();
    let own = deliver(&store, "v_own", "m3").await.customer;
    store.accept(own, LI, NOW).await.unwrap();
    let position = store.position();
    assert_eq!(store.abandon_waiting(NOW.plus_millis(1), NOW.plus_millis(DAY)).await, Ok(1));
    let ended = store.conversation(old, 1).await.unwrap();
    assert_eq!((ended.state, ended.agent), (ConversationState::Abandoned, None));
    assert_eq!(store.waiting(None, 10).1, 2);
    let told = published_since(&store, position);
    assert!(told.len() == 1 && told[0].event.kind.changes_desk());
    assert_eq!(store.abandon_waiting(NOW.plus_millis(1), NOW.plus_millis(DAY)).await, Ok(0));
}

async fn a_disabled_agents_conversations_wait_again(store: TestStore) {
    let new = NewAgent { login: "li".into(), name: String::new(), role: Role::Agent, password: "long enough".into() };
    let li = store.add_agent(new, Actor::System, NOW).await.unwrap();
    let key = deliver(&store, "v_1", "m").await.customer;
    store.accept(key, li.id, NOW).await.unwrap();
    store.disable_agent("li", Actor::System, NOW).await.unwrap();
    assert_eq!((store.waiting(None, 10).1, store.conversations_of_agent(li.id)), (1, vec![]));
    // Another agent accepts it; the first one still counts as having served the customer.
    store.accept(key, AgentId(99), NOW).await.unwrap();
    assert_eq!(store.customer(key).await.unwrap().served_by, [li.id, AgentId(99)]);
}

async fn held_messages_are_opened_in_pieces_and_after_an_expiry(store: TestStore) {
    let key = deliver(&store, "v_1", "m1").await.customer;
    let until = NOW.plus_millis(1000);
    let entry = Blacklisting::new("abuse", Some(LI), NOW, Some(until)).unwrap();
    store.blacklist(Editable::unchecked(key, Actor::Agent(LI)), &entry, NOW).await.unwrap();
    for number in 0..50 {
        deliver(&store, "v_1", &format!("h{number}")).await;
    }
    assert_eq!(store.sweep_blacklist(until).await, Ok(1));
    let nobody = store.unblacklist(Editable::unchecked(key, Actor::Agent(LI)), None, until).await.unwrap_err();
    assert!(matches!(nobody, StoreError::Refused(error) if error.reason == Reason::NotBlacklisted));
    let position = store.position();
    assert_eq!(store.unblacklist(Editable::unchecked(key, Actor::Agent(LI)), Some(LI), until).await, Ok(Some(2)));
    assert!(published_since(&store, position).len() > 1, "all of them in one transaction");
    let customer = store.customer(key).await.unwrap();
    assert_eq!((customer.held_waiting(), customer.messages, customer.conversations), (0, 51, 2));
    let said = store.messages(key, 2, 51).await.unwrap();
    let texts: Vec<String> = said.into_iter().map(|message| message.text).collect();
    let expected: Vec<String> = (0..50).map(|number| format!("text of h{number}")).collect();
    assert_eq!(texts, expected);
}

async fn an_expired_entry_that_cannot_be_removed_holds_up_no_other(store: TestStore) {
    let until = NOW.plus_millis(1000);
    for id in ["v_1", "v_2"] {
        let key = deliver(&store, id, id).await.customer;
        let entry = Blacklisting::new("abuse", None, NOW, Some(until)).unwrap();
        store.blacklist(Editable::unchecked(key, Actor::System), &entry, NOW).await.unwrap();
    }
    read(store.db.query("UPDATE customer SET channel = 'fax' WHERE customer_id = 'v_1'")).await.unwrap();
    assert_eq!(store.sweep_blacklist(until).await, Ok(1));
}

async fn a_known_device_is_one_agents_until_its_password_changes(store: TestStore) {
    let new = |login: &str| NewAgent {
        login: login.into(),
        name: String::new(),
        role: Role::Agent,
        password: "long enough".into(),
    };
    let li = store.add_agent(new("li"), Actor::System, NOW).await.unwrap();
    store.add_agent(new("wang"), Actor::System, NOW).await.unwrap();
    let device = DeviceToken::random();
    assert_eq!(store.is_device_of(&device, "li").await, Ok(false));
    store.remember_device(&device, li.id, NOW).await.unwrap();
    assert_eq!(store.is_device_of(&device, "li").await, Ok(true));
    assert_eq!(store.is_device_of(&device, "wang").await, Ok(false));
    // A password change makes all devices unknown, including one with a stolen cookie.
    store.set_password("li", "another long one".into(), Actor::System, NOW).await.unwrap();
    assert_eq!(store.is_device_of(&device, "li").await, Ok(false));
}

async fn keys_leave_a_trace_with_their_actor(store: TestStore) {
    let position = store.position();
    let name = KeyName::new("shop").unwrap();
    let (key, secret) = store.add_channel_key(Channel::Wechat, &name, Actor::Agent(LI), NOW).await.unwrap();
    store.revoke_channel_key(&key.id, Actor::Agent(LI), NOW).await.unwrap();
    store.revoke_channel_key(&key.id, Actor::Agent(LI), NOW).await.unwrap();
    let told = published_since(&store, position);
    let events: Vec<_> = told.iter().map(|published| &published.event).collect();
    assert_eq!(events.len(), 2);
    for (event, done) in events.into_iter().zip(["made", "revoked"]) {
        assert_eq!((event.kind, event.actor), (EventKind::ChannelKeyChanged, Actor::Agent(LI)));
        assert_eq!(event.changes[0].field, done);
        assert!(!format!("{event:?}").contains(secret.reveal()));
    }
}

async fn the_desk_is_the_same_after_a_restart(store: TestStore) {
    let from = |id: &str, ip: &str| {
        let visitor = VisitorInfo { ip: ip.into(), ..VisitorInfo::default() };
        Delivery { visitor: Some(visitor), ..delivery(id, id) }
    };
    for (id, ip) in [("v_1", "192.0.2.1"), ("v_2", "192.0.2.1"), ("v_3", "2001:db8::1")] {
        store.deliver(&from(id, ip), NOW).await.unwrap();
    }
    let first = store.open_conversations()[0].customer;
    store.accept(first, LI, NOW).await.unwrap();
    let (desk, network) = (store.open_conversations(), IpAddr::from([192, 0, 2, 1]));
    assert_eq!((desk.len(), store.waiting_from(network)), (3, 1));
    if store.connection.url.starts_with("mem:") {
        return;
    }
    let store = store.reopen().await;
    assert_eq!((store.open_conversations(), store.waiting_from(network)), (desk, 1));
}
