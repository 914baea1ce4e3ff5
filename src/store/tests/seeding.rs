//! Tests that the generated tenant satisfies all rules, and that the check detects violations.

use super::conversations::deliver;
use super::{NOW, TestStore, on_each_engine};
use crate::domain::{
    Actor, AgentId, Channel, Conversation, ConversationState, Customer, CustomerId, CustomerKey, Editable, EventKind,
    Message, Origin, Profile, Role, Sender,
};
use crate::store::check::MESSAGES_AT_ONCE;
use crate::store::database::read;
use crate::store::rows::conversation::record;
use crate::store::{Imported, NewAgent};

on_each_engine! {
    a_seeded_store_passes_the_check,
    a_seed_that_was_interrupted_goes_on,
    the_demonstration_has_somebody_waiting,
    a_customer_with_many_messages_is_counted_to_the_last,
    the_check_sees_what_is_wrong,
    somebodys_own_database_gets_no_known_password,
}

async fn a_seeded_store_passes_the_check(store: TestStore) {
    store.seed(600, NOW, |_| ()).await.unwrap();
    let report = store.check().await.unwrap();
    assert_eq!((report.customers, report.faults), (600, Vec::<String>::new()));
    assert!(report.conversations > 600 && report.messages > report.conversations);
}

async fn a_seed_that_was_interrupted_goes_on(store: TestStore) {
    store.seed(300, NOW, |_| ()).await.unwrap();
    store.seed(700, NOW, |_| ()).await.unwrap();
    store.seed(700, NOW, |_| ()).await.unwrap();
    let report = store.check().await.unwrap();
    assert_eq!((report.customers, report.total_faults), (700, 0));
}

async fn the_demonstration_has_somebody_waiting(store: TestStore) {
    for _ in 0..2 {
        store.seed_demo(NOW).await.unwrap();
        let open = store.open_conversations();
        assert_eq!(open.iter().filter(|open| open.agent.is_none()).count(), 3);
    }
    assert_eq!(store.check().await.unwrap().faults, Vec::<String>::new());
}

/// The messages fill exactly three of the ranges they are counted in.
async fn a_customer_with_many_messages_is_counted_to_the_last(store: TestStore) {
    let id = CustomerId::new("wx_1").unwrap();
    let mut customer = Customer::new(CustomerKey(0), id, Channel::Wechat, Profile::default(), NOW);
    let fields = customer.fields_unchecked();
    (fields.conversations, fields.messages) = (1, 3 * MESSAGES_AT_ONCE);
    fields.latest_conversation_at = Some(NOW);
    let conversation = Conversation {
        customer: customer.key,
        number: 1,
        channel: Channel::Wechat,
        state: ConversationState::Abandoned,
        origin: Origin::Customer,
        agent: None,
        started_at: NOW,
        ended_at: Some(NOW),
        first_message: 1,
        messages: customer.messages,
        rating: None,
        visitor: None,
    };
    let message = |number| Message {
        customer: CustomerKey(0),
        number,
        conversation: 1,
        sender: Sender::Customer,
        text: String::new(),
        at: NOW,
        held: false,
    };
    let messages = (1..=customer.messages).map(message).collect();
    store.import(vec![Imported { customer, conversations: vec![conversation], messages }], NOW).await.unwrap();
    let report = store.check().await.unwrap();
    assert_eq!((report.messages, report.faults), (60, Vec::<String>::new()));
}

async fn somebodys_own_database_gets_no_known_password(store: TestStore) {
    let own = NewAgent { login: "chen".into(), name: String::new(), role: Role::Admin, password: "long enough".into() };
    store.add_agent(own, Actor::System, NOW).await.unwrap();
    store.seed_demo(NOW).await.unwrap();
    assert_eq!(store.agents().await.unwrap().len(), 1);
    assert!(!store.settings().customers_page_in_agent_mode);
}

async fn the_check_sees_what_is_wrong(store: TestStore) {
    let customer = store.add("wx_1").await;
    store
        .change_customer(Editable::unchecked(customer.key, Actor::System), EventKind::CustomerServed, NOW, |customer| {
            customer.record_served_by(AgentId(99), NOW);
            Ok(())
        })
        .await
        .unwrap();
    let faults = store.check().await.unwrap().faults.join("\n");
    for fault in ["an agent who does not exist", "the latest conversation is wrong"] {
        assert!(faults.contains(fault), "{fault} is not in {faults}");
    }
    // The second of three messages becomes the fifth: as many as before, but with a gap.
    let key = deliver(&store, "v_1", "m1").await.customer;
    deliver(&store, "v_1", "m2").await;
    deliver(&store, "v_1", "m3").await;
    assert!(!store.check().await.unwrap().faults.join("\n").contains("have gaps"));
    let moved = "CREATE $new SET conversation = $old.conversation, text = $old.text, at = $old.at; DELETE $old";
    let (old, new) = (record("message", key, 2), record("message", key, 5));
    read(store.db.query(moved).bind(("old", old)).bind(("new", new))).await.unwrap();
    assert!(store.check().await.unwrap().faults.join("\n").contains("messages of conversation 1 have gaps"));
    // Bypasses the index.
    read(store.db.query("UPDATE customer SET nickname = 'changed', version += 1")).await.unwrap();
    assert!(store.check().await.unwrap().faults.join("\n").contains("index"));
}
