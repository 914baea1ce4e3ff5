//! One customer over HTTP: profile, tags, callback, blacklist, messages.

use clientele::domain::{Actor, AgentId, Editable, IdempotencyKey, Rating};
use http::StatusCode;
use serde_json::{Value, json};

use crate::common::{Answer, TestApp, Who, now};

async fn post(app: &TestApp, cookie: &str, path: &str, key: u64, more: Value) -> Answer {
    let mut body = json!({ "mode": "agent", "key": key });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.post_json(path, cookie, body).await
}

async fn edit(app: &TestApp, cookie: &str, key: u64, field: &str, seen: &str, value: &str) -> Answer {
    let more = json!({ "field": field, "seen": seen, "value": value });
    post(app, cookie, "/api/customers/profile", key, more).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn editors_of_one_field_see_what_the_other_wrote() {
    let app = TestApp::new().await;
    let key = app.customer("wx_1", "张伟", Some(1)).await.0;
    let li = app.cookie_of(Who::Agent).await;
    let chen = app.cookie_of(Who::Admin).await;

    assert_eq!(edit(&app, &li, key, "phone", "", "138").await.status, StatusCode::OK);
    let body = json!({ "mode": "admin", "key": key, "field": "phone", "seen": "", "value": "139" });
    let late = app.post_json("/api/customers/profile", &chen, body).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let error = late.json();
    assert_eq!((&error["field"], &error["current"]), (&json!("phone"), &json!("138")));
    assert_eq!(error["reason"], json!("changed_meanwhile"));
    // Edits of different fields do not conflict.
    let body = json!({ "mode": "admin", "key": key, "field": "company", "seen": "", "value": "Acme" });
    assert_eq!(app.post_json("/api/customers/profile", &chen, body).await.status, StatusCode::OK);

    let shown = app.get(&format!("/api/customers/one?mode=agent&key={key}"), &li).await.json();
    assert_eq!((&shown["profile"]["phone"], &shown["profile"]["company"]), (&json!("138"), &json!("Acme")));
    let by: Vec<_> = shown["field_authors"].as_array().unwrap().iter().map(|own| own["by"].clone()).collect();
    assert_eq!(by, [json!({ "agent": "LI" }), json!({ "agent": "CHEN" })]);
    assert_eq!(edit(&app, &li, key, "phone", "138", "").await.status, StatusCode::OK);
    let history = app.get(&format!("/api/customers/history?mode=agent&key={key}&field=phone"), &li).await.json();
    let values: Vec<_> = history.as_array().unwrap().iter().map(|own| (&own["before"], &own["after"])).collect();
    assert_eq!(values, [(&json!("138"), &json!("")), (&json!(""), &json!("138"))]);
}

/// A rejected value is reported with its field, by the same rules that the form uses.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_field_does_not_take_is_said_at_the_field() {
    let app = TestApp::new().await;
    let key = app.customer("wx_1", "张伟", Some(1)).await.0;
    let li = app.cookie_of(Who::Agent).await;
    for (field, value, reason) in [
        ("email", "none", json!("not_an_email")),
        ("phone", "call me", json!("not_a_phone")),
        ("qq", "1", json!({ "not_digits": { "least": 4, "most": 22 } })),
        ("company", &"x".repeat(257), json!({ "too_long": { "most": 256 } })),
    ] {
        let answer = edit(&app, &li, key, field, "", value).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert_eq!((answer.json()["field"].clone(), answer.json()["reason"].clone()), (json!(field), reason));
    }
}

/// 32 editors make 25 edits each of four fields of one customer. Each edit is kept or rejected; none is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_editors_lose_nothing() {
    const EDITORS: usize = 32;
    const EDITS: usize = 25;
    const FIELDS: [&str; 4] = ["nickname", "real_name", "company", "description"];
    let app = TestApp::new().await;
    let key = app.customer("wx_1", "0", Some(1)).await.0;
    let li = app.cookie_of(Who::Agent).await;
    let editors = (0..EDITORS).map(|editor| {
        let (app, li) = (&app, &li);
        async move {
            let field = FIELDS[editor % FIELDS.len()];
            let mut seen = if field == "nickname" { "0".to_owned() } else { String::new() };
            for number in 0..EDITS {
                let value = format!("{editor} {number}");
                loop {
                    let answer = edit(app, li, key, field, &seen, &value).await;
                    match (answer.status, answer.json()["current"].as_str()) {
                        (StatusCode::OK, _) => {
                            seen.clone_from(&value);
                            break;
                        }
                        // Another editor of this field was faster: read its value and overwrite it knowingly.
                        (StatusCode::CONFLICT, Some(current)) => current.clone_into(&mut seen),
                        (StatusCode::CONFLICT, None) => {}
                        (status, _) => panic!("{status}: {}", answer.body),
                    }
                }
            }
        }
    });
    futures::future::join_all(editors).await;
    // The history contains every edit, each on top of the value it replaced.
    let customer = app.store.customer(clientele::domain::CustomerKey(key)).await.unwrap();
    let revisions = app.store.revisions(&customer, 10_000).await.unwrap();
    assert_eq!(revisions.len(), EDITORS * EDITS);
    for name in FIELDS {
        let own: Vec<_> = revisions.iter().filter(|revision| revision.field.as_str() == name).collect();
        assert_eq!(own.len(), EDITORS * EDITS / FIELDS.len(), "{name}");
        assert!(own.windows(2).all(|pair| pair[0].before == pair[1].after), "{name}");
        assert_eq!(own[0].after, customer.profile.get(own[0].field), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tags_are_ticked_and_made() {
    let app = TestApp::new().await;
    let key = app.customer("wx_1", "张伟", Some(1)).await.0;
    let li = app.cookie_of(Who::Agent).await;
    let made = app.post_json("/api/tags/create", &li, json!({ "mode": "agent", "name": " VIP " })).await.json();
    assert_eq!(made["name"], "VIP");
    for (on, tags) in [(true, json!([made["id"]])), (true, json!([made["id"]])), (false, json!([]))] {
        let more = json!({ "tag": made["id"], "on": on });
        assert_eq!(post(&app, &li, "/api/customers/tag", key, more).await.json()["tags"], tags);
    }
    let again = app.post_json("/api/tags/create", &li, json!({ "mode": "agent", "name": "vip" })).await;
    assert_eq!((again.status, again.json()["field"].clone()), (StatusCode::CONFLICT, json!("name")));
    // Admins can reserve the creation of tags for themselves.
    let chen = app.cookie_of(Who::Admin).await;
    app.post_json("/api/settings/agents_create_tags", &chen, json!({ "on": false })).await;
    let refused = app.post_json("/api/tags/create", &li, json!({ "mode": "agent", "name": "New" })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let shown = app.get(&format!("/api/customers/one?mode=agent&key={key}"), &li).await.json();
    assert_eq!(shown["may_create_tags"], json!(false));
}

/// Same idempotency key, different keys and two agents, all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_callbacks_at_once_are_one_conversation() {
    let app = TestApp::new().await;
    let key = app.customer("wx_1", "张伟", Some(1)).await;
    app.store
        .change_customer(
            Editable::unchecked(key, Actor::System),
            clientele::domain::EventKind::CustomerServed,
            now(),
            |own| {
                own.record_served_by(AgentId(2), now());
                Ok(())
            },
        )
        .await
        .unwrap();
    let (li, wang) = (app.sign_in("li").await, app.sign_in("wang").await);
    let calls = (0..50).map(|number| {
        let (app, li, wang) = (&app, &li, &wang);
        async move {
            let (cookie, request) = match number % 3 {
                0 => (li, "same".to_owned()),
                1 => (li, format!("own {number}")),
                _ => (wang, format!("own {number}")),
            };
            post(app, cookie, "/api/customers/callback", key.0, json!({ "request": request })).await
        }
    });
    let answers = futures::future::join_all(calls).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == StatusCode::OK);
    assert!(!done.is_empty() && done.iter().all(|answer| answer.json() == json!(2)));
    // Only repetitions of the request that began the conversation succeed.
    assert!(refused.len() >= 33, "{}", refused.len());
    for answer in refused {
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
        let reason = &answer.json()["reason"];
        assert!(reason.is_null() || reason["has_open_conversation"]["number"] == json!(2), "{}", answer.body);
    }
    assert_eq!(app.store.customer(key).await.unwrap().conversations, 2);
    // The list row already shows that the customer cannot be called.
    let list = app.get("/api/customers?mode=agent&query=&start=", &li).await.json();
    assert_eq!(list["rows"][0]["callback_blocker"]["has_open_conversation"]["number"], json!(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_blacklisted_customer_is_held_until_somebody_opens_it() {
    let app = TestApp::new().await;
    let key = app.waiting("v_1").await;
    let li = app.cookie_of(Who::Agent).await;
    app.post_json("/api/desk/accept", &li, json!({ "key": key })).await;
    let entry = json!({ "reason": "abuse", "days": 7 });
    let shown = post(&app, &li, "/api/customers/blacklist", key.0, entry).await.json();
    assert_eq!((&shown["blacklist"]["reason"], &shown["callback_blocker"]), (&json!("abuse"), &json!("blacklisted")));
    assert!(shown["blacklist"]["until"][1].is_string());
    // Blacklisting has ended the conversation.
    assert_eq!(app.get(&format!("/api/desk/one?key={key}"), &li).await.status, StatusCode::NOT_FOUND);
    for number in 0..3 {
        app.write("v_1", &format!("held {number}")).await;
    }
    assert_eq!(app.get("/api/desk?most=100", &li).await.json()["total_waiting"], json!(0));
    let held = app.get(&format!("/api/customers/held?mode=agent&key={key}"), &li).await.json();
    assert_eq!(held.as_array().unwrap().len(), 3);
    let opened = post(&app, &li, "/api/customers/unblacklist", key.0, json!({ "open_held": true })).await.json();
    assert_eq!((&opened["conversation"], &opened["customer"]["held"]), (&json!(2), &json!(0)));
    let details = app.get(&format!("/api/desk/one?key={key}"), &li).await.json();
    assert_eq!(
        details["page"]["messages"].as_array().unwrap().iter().filter(|own| own["held"] == json!(true)).count(),
        3
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_said_is_read_across_borders_and_found() {
    let app = TestApp::new().await;
    let li = app.cookie_of(Who::Agent).await;
    let key = app.waiting("v_1").await;
    for number in 1..=3u32 {
        app.write("v_1", &format!("more {number}")).await;
        app.store.accept(key, AgentId(1), now()).await.unwrap();
        let request = IdempotencyKey::new(AgentId(1), format!("r{number}")).unwrap();
        app.store.reply(key, &request, &format!("Answer {number}"), now()).await.unwrap();
        app.store.end(key, AgentId(1), now()).await.unwrap();
        let stars = if number == 2 { 2 } else { 5 };
        app.store.rate(key, number, &Rating::new(stars, "so so", now()).unwrap(), now()).await.unwrap();
    }
    let get = async |path: &str| app.get(&format!("/api/customers/{path}&mode=agent&key={key}"), &li).await.json();
    let page = get("messages?from=3&to=6").await;
    let borders: Vec<_> = page["messages"].as_array().unwrap().iter().map(|own| own["conversation"].as_u64()).collect();
    assert_eq!(borders, [Some(1), Some(2), Some(2), Some(3)]);
    assert_eq!(page["conversations"].as_array().unwrap().len(), 3);
    assert_eq!((&page["conversations"][1]["rating"]["stars"], &page["last"]), (&json!(2), &json!(7)));
    let list = get("conversations?before=3").await;
    assert_eq!((&list["conversations"][0]["number"], &list["more"]), (&json!(2), &json!(false)));
    assert_eq!(get("find_rating?from=7&later=false").await["message"], json!(4));
    assert_eq!(get("find_word?word=answer%202&from=0&later=true").await["message"], json!(5));
    assert_eq!(get("find_date?date=2020-01-01").await["message"], json!(1));
    assert_eq!(get("find_date?date=2120-01-01").await["message"], json!(7));
}
