//! Tests of embed keys and embed sessions.

use super::{NOW, TestStore, on_each_engine, published_since};
use crate::domain::embedding::TOKEN_MILLIS;
use crate::domain::{
    Actor, Agent, AgentId, EmbedOrigin, Event, EventKind, Feature, Features, KeyName, Reason, Role, Timestamp,
};
use crate::store::database::read;
use crate::store::{AgentRef, EmbedKey, EmbedSecret, EmbedToken, NewAgent, NewEmbedSession, StoreError};

on_each_engine! {
    a_token_is_valid_for_five_minutes,
    a_token_has_the_lower_role_and_the_named_features,
    a_token_ends_with_its_key_its_agent_and_its_origin,
    a_host_ends_one_token_or_all_of_an_agent,
    only_the_right_secret_of_a_valid_key_counts,
    the_last_use_of_a_key_is_noted_once_a_minute,
    an_unknown_login_becomes_an_agent_where_that_is_allowed,
    embed_keys_leave_a_trace_without_their_secret,
    expired_sessions_are_swept,
}

const ORIGIN: &str = "https://console.example";

async fn agent(store: &TestStore, login: &str, role: Role) -> Agent {
    let new = NewAgent { login: login.into(), name: String::new(), role, password: "long enough".into() };
    store.add_agent(new, Actor::System, NOW).await.unwrap()
}

/// Allows the origin and adds a key.
async fn connect(store: &TestStore) -> (EmbedKey, EmbedSecret) {
    allow(store, &[ORIGIN]).await;
    store.add_embed_key(&KeyName::new("console").unwrap(), Actor::System, NOW).await.unwrap()
}

async fn allow(store: &TestStore, origins: &[&str]) {
    let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
    let edit = |settings: &mut crate::domain::Settings| settings.set_embed_origins(&origins).unwrap();
    store.change_settings(Actor::System, NOW, edit).await.unwrap();
}

async fn mint(store: &TestStore, key: &EmbedKey, agent: AgentId) -> EmbedToken {
    let origin = EmbedOrigin::new(ORIGIN).unwrap();
    let new = NewEmbedSession { agent, role: Role::Agent, features: Features::ALL, origin };
    store.begin_embed_session(key, new, NOW).await.unwrap()
}

async fn is_valid(store: &TestStore, token: &EmbedToken, now: Timestamp) -> bool {
    store.embed_session(token, now).await.unwrap().is_some()
}

async fn a_token_is_valid_for_five_minutes(store: TestStore) {
    let (key, _) = connect(&store).await;
    let li = agent(&store, "li", Role::Agent).await;
    let token = mint(&store, &key, li.id).await;
    let session = store.embed_session(&token, NOW).await.unwrap().unwrap();
    assert_eq!((session.agent, session.origin.as_str(), session.features), (li, ORIGIN, Features::ALL));
    assert_eq!(session.expires_at, NOW.plus_millis(TOKEN_MILLIS));
    // Using a token does not extend it.
    assert!(is_valid(&store, &token, NOW.plus_millis(TOKEN_MILLIS - 1)).await);
    assert!(!is_valid(&store, &token, NOW.plus_millis(TOKEN_MILLIS)).await);
    let forged = EmbedToken::parse(&format!("cet_{}", "0".repeat(64))).unwrap();
    assert!(!is_valid(&store, &forged, NOW).await);
    // The database does not hold the token.
    let stored: Vec<String> =
        read(store.db.query("SELECT VALUE <string>id FROM embed_session")).await.unwrap().take(0).unwrap();
    assert!(stored.len() == 1 && !stored[0].contains(&token.secret()[4..]), "{stored:?}");
}

async fn a_token_has_the_lower_role_and_the_named_features(store: TestStore) {
    let (key, _) = connect(&store).await;
    let (li, chen) = (agent(&store, "li", Role::Agent).await, agent(&store, "chen", Role::Admin).await);
    let features: Features = [Feature::List, Feature::Tags].into_iter().collect();
    for (agent, cap, role) in
        [(li.id, Role::Admin, Role::Agent), (chen.id, Role::Agent, Role::Agent), (chen.id, Role::Admin, Role::Admin)]
    {
        let new = NewEmbedSession { agent, role: cap, features, origin: EmbedOrigin::new(ORIGIN).unwrap() };
        let token = store.begin_embed_session(&key, new, NOW).await.unwrap();
        let session = store.embed_session(&token, NOW).await.unwrap().unwrap();
        assert_eq!((session.agent.role, session.features), (role, features));
    }
}

async fn a_token_ends_with_its_key_its_agent_and_its_origin(store: TestStore) {
    let (key, _) = connect(&store).await;
    let (li, wang) = (agent(&store, "li", Role::Agent).await, agent(&store, "wang", Role::Agent).await);
    let (of_li, of_wang) = (mint(&store, &key, li.id).await, mint(&store, &key, wang.id).await);
    store.disable_agent("wang", Actor::System, NOW).await.unwrap();
    assert!(is_valid(&store, &of_li, NOW).await && !is_valid(&store, &of_wang, NOW).await);
    allow(&store, &["https://other.example"]).await;
    assert!(!is_valid(&store, &of_li, NOW).await);
    allow(&store, &["https://other.example", ORIGIN]).await;
    assert!(is_valid(&store, &of_li, NOW).await);
    store.revoke_embed_key(&key.id, Actor::System, NOW).await.unwrap();
    assert!(!is_valid(&store, &of_li, NOW).await);
}

async fn a_host_ends_one_token_or_all_of_an_agent(store: TestStore) {
    let (key, _) = connect(&store).await;
    let (other, _) = connect(&store).await;
    let (li, wang) = (agent(&store, "li", Role::Agent).await, agent(&store, "wang", Role::Agent).await);
    let (one, two) = (mint(&store, &key, li.id).await, mint(&store, &key, li.id).await);
    let (of_other, of_wang) = (mint(&store, &other, li.id).await, mint(&store, &key, wang.id).await);
    for _ in 0..2 {
        store.end_embed_session(&one).await.unwrap();
        assert!(!is_valid(&store, &one, NOW).await && is_valid(&store, &two, NOW).await);
    }
    store.end_embed_sessions_of(li.id, &key).await.unwrap();
    assert!(!is_valid(&store, &two, NOW).await);
    assert!(is_valid(&store, &of_other, NOW).await && is_valid(&store, &of_wang, NOW).await);
}

async fn only_the_right_secret_of_a_valid_key_counts(store: TestStore) {
    let (key, secret) = connect(&store).await;
    let (_, other) = connect(&store).await;
    let verify = async |secret: &EmbedSecret| store.verify_embed_key(secret, NOW).await.unwrap();
    assert_eq!(verify(&secret).await.map(|found| found.id), Some(key.id.clone()));
    // The secret of another key, and an id that is not there.
    let mixed = format!("cek_{}_{}", key.id, &other.reveal()[21..]);
    assert!(verify(&EmbedSecret::parse(&mixed).unwrap()).await.is_none());
    let absent = format!("cek_{}_{}", "0".repeat(16), &secret.reveal()[21..]);
    assert!(verify(&EmbedSecret::parse(&absent).unwrap()).await.is_none());
    for millis in [0, 9] {
        store.revoke_embed_key(&key.id, Actor::System, NOW.plus_millis(millis)).await.unwrap();
    }
    assert!(verify(&secret).await.is_none() && verify(&other).await.is_some());
    let kept = store.embed_keys().await.unwrap();
    let kept = kept.iter().find(|kept| kept.id == key.id).unwrap();
    assert_eq!(kept.revoked_at, Some(NOW));
    assert_eq!(store.revoke_embed_key("0123", Actor::System, NOW).await, Err(StoreError::NotFound));
}

async fn the_last_use_of_a_key_is_noted_once_a_minute(store: TestStore) {
    let (_, secret) = connect(&store).await;
    for (millis, noted) in [(0, 0), (59_999, 0), (60_000, 60_000)] {
        store.verify_embed_key(&secret, NOW.plus_millis(millis)).await.unwrap();
        assert_eq!(store.embed_keys().await.unwrap()[0].last_used_at, Some(NOW.plus_millis(noted)));
    }
}

async fn an_unknown_login_becomes_an_agent_where_that_is_allowed(store: TestStore) {
    let (key, _) = connect(&store).await;
    let named = AgentRef::Login(" Li.Na ".into());
    let ask = async |named: &AgentRef| store.find_or_add_agent(named, "Li Na", &key, NOW).await;
    assert_eq!(ask(&named).await, Err(StoreError::NotFound));
    let edit = |settings: &mut crate::domain::Settings| settings.embed_creates_agents = true;
    store.change_settings(Actor::System, NOW, edit).await.unwrap();
    let position = store.position();
    // Requests at the same time make one agent.
    let made = futures::future::join_all([ask(&named), ask(&named), ask(&named), ask(&named)]).await;
    let made: Vec<Agent> = made.into_iter().map(Result::unwrap).collect();
    let li = made[0].clone();
    assert!(made.iter().all(|agent| *agent == li));
    assert_eq!((li.login.as_str(), li.name.as_str(), li.role), ("li.na", "Li Na", Role::Agent));
    assert_eq!(store.agents().await.unwrap(), std::slice::from_ref(&li));
    assert_eq!(ask(&AgentRef::Id(li.id)).await, Ok(li.clone()));
    assert_eq!(ask(&AgentRef::Id(AgentId(99))).await, Err(StoreError::NotFound));
    let told: Vec<Event> = published_since(&store, position).iter().map(|told| told.event.clone()).collect();
    assert!(told.len() == 1 && told[0].kind == EventKind::AgentChanged, "{told:?}");
    assert!(format!("{told:?}").contains(&key.id), "{told:?}");
    let malformed = ask(&AgentRef::Login("li na".into())).await.unwrap_err();
    assert!(matches!(malformed, StoreError::Refused(error) if error.reason == Reason::Malformed));
    // It signs in once it has a password; until then no password is right, whatever hash stands in for it.
    for password in ["", "long enough", "nobody has this password"] {
        assert_eq!(store.verify("li.na", password.into()).await, Ok(None));
    }
    store.set_password("li.na", "long enough".into(), Actor::System, NOW).await.unwrap();
    assert_eq!(store.verify("li.na", "long enough".into()).await, Ok(Some(li)));
}

async fn embed_keys_leave_a_trace_without_their_secret(store: TestStore) {
    let position = store.position();
    let admin = Actor::Agent(AgentId(3));
    let (key, secret) = store.add_embed_key(&KeyName::new("console").unwrap(), admin, NOW).await.unwrap();
    store.revoke_embed_key(&key.id, admin, NOW).await.unwrap();
    store.revoke_embed_key(&key.id, admin, NOW).await.unwrap();
    let told = published_since(&store, position);
    assert_eq!(told.len(), 2);
    for (published, done) in told.iter().zip(["made", "revoked"]) {
        let event = &published.event;
        assert_eq!((event.kind, event.actor), (EventKind::EmbedKeyChanged, admin));
        assert_eq!(event.changes[0].field, done);
        assert!(!format!("{event:?}").contains(&secret.reveal()[21..]));
    }
    let rows: Vec<String> =
        read(store.db.query("SELECT VALUE secret_hash FROM embed_key")).await.unwrap().take(0).unwrap();
    assert!(rows.len() == 1 && !secret.reveal().contains(&rows[0]));
}

async fn expired_sessions_are_swept(store: TestStore) {
    let (key, _) = connect(&store).await;
    let li = agent(&store, "li", Role::Agent).await;
    let token = mint(&store, &key, li.id).await;
    store.sweep_embed_sessions(NOW.plus_millis(TOKEN_MILLIS - 1)).await.unwrap();
    assert!(is_valid(&store, &token, NOW).await);
    store.sweep_embed_sessions(NOW.plus_millis(TOKEN_MILLIS)).await.unwrap();
    assert!(!is_valid(&store, &token, NOW).await);
}
