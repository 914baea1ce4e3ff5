//! Access table: the status of every server function and route for every kind of caller. A new one
//! without a row fails.
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod common;

use std::collections::BTreeSet;

use clientele::domain::{Actor, TagColor, TagName};
use common::{TestApp, Who};
use http::Method;

/// A request and its expected status for four callers: not signed in, agent, agent while the page is off, admin.
struct Row {
    method: Method,
    path: &'static str,
    query: &'static str,
    body: &'static str,
    answers: [u16; 4],
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

const fn get(path: &'static str, query: &'static str, answers: [u16; 4]) -> Row {
    Row { method: Method::GET, path, query, body: "", answers }
}

const fn post(path: &'static str, body: &'static str, answers: [u16; 4]) -> Row {
    Row { method: Method::POST, path, query: "", body, answers }
}

/// Columns: not signed in, agent, agent while the page is off, admin. `KEY` is a customer that the
/// agent has served, `OTHER` one that nobody has served, `OPEN` one whose conversation is waiting.
/// The rows run in order, and later rows see the changes of earlier ones.
fn rows() -> Vec<Row> {
    vec![
        get("/api/session", "", [401, 200, 200, 200]),
        // A correct password would sign any caller in; a wrong one is rejected for all of them.
        post("/api/session/sign_in", "login=li&password=wrong+password&next=%2F", [401, 401, 401, 401]),
        post("/api/session/again", r#"{"login":"li","password":"wrong password"}"#, [401, 401, 401, 401]),
        post("/api/session/sign_out", "", [200, 200, 200, 200]),
        get("/api/settings", "", [401, 403, 403, 200]),
        post("/api/settings/customers_page", r#"{"on":true}"#, [401, 403, 403, 200]),
        post("/api/settings/agents_create_tags", r#"{"on":true}"#, [401, 403, 403, 200]),
        post("/api/settings/abandon_after", r#"{"hours":24}"#, [401, 403, 403, 200]),
        post("/api/settings/abandon_after", r#"{"hours":5}"#, [401, 403, 403, 422]),
        post("/api/settings/week_start", r#"{"day":"sunday"}"#, [401, 403, 403, 200]),
        get("/api/customers", "mode=agent&query=&start=", [401, 200, 403, 200]),
        get("/api/customers", "mode=admin&query=&start=", [401, 403, 403, 200]),
        get("/api/customers/size", "mode=agent&query=&top=", [401, 200, 403, 200]),
        get("/api/customers/size", "mode=admin&query=&top=", [401, 403, 403, 200]),
        get("/api/customers/count", "mode=agent&query=", [401, 200, 403, 200]),
        get("/api/customers/count", "mode=admin&query=", [401, 403, 403, 200]),
        // In Agent Mode an admin has the scope of an agent, and has not served this customer.
        get("/api/customers/one", "mode=agent&key=KEY", [401, 200, 403, 404]),
        get("/api/customers/one", "mode=agent&key=OTHER", [401, 404, 403, 404]),
        get("/api/customers/one", "mode=agent&key=999999", [401, 404, 403, 404]),
        get("/api/customers/one", "mode=admin&key=OTHER", [401, 403, 403, 200]),
        get("/api/customers/rows", "mode=agent&query=&keys=KEY%2COTHER", [401, 200, 403, 200]),
        get("/api/customers/rows", "mode=admin&query=&keys=KEY", [401, 403, 403, 200]),
        post(
            "/api/customers/profile",
            r#"{"mode":"agent","key":KEY,"field":"phone","seen":"","value":"138"}"#,
            [401, 200, 403, 404],
        ),
        // The field now holds the value of the row before, so `seen` is outdated.
        post(
            "/api/customers/profile",
            r#"{"mode":"agent","key":KEY,"field":"phone","seen":"","value":"139"}"#,
            [401, 409, 403, 404],
        ),
        post(
            "/api/customers/profile",
            r#"{"mode":"agent","key":KEY,"field":"email","seen":"","value":"none"}"#,
            [401, 422, 403, 404],
        ),
        // Unknown field: the ID cannot be edited.
        post(
            "/api/customers/profile",
            r#"{"mode":"admin","key":KEY,"field":"id","seen":"wx_1","value":"wx_9"}"#,
            [422, 422, 422, 422],
        ),
        post(
            "/api/customers/profile",
            r#"{"mode":"admin","key":OTHER,"field":"phone","seen":"","value":"138"}"#,
            [401, 403, 403, 200],
        ),
        get("/api/customers/history", "mode=agent&key=KEY&field=phone", [401, 200, 403, 404]),
        get("/api/customers/history", "mode=admin&key=KEY&field=phone", [401, 403, 403, 200]),
        post("/api/customers/tag", r#"{"mode":"agent","key":KEY,"tag":1,"on":true}"#, [401, 200, 403, 404]),
        post("/api/customers/tag", r#"{"mode":"agent","key":KEY,"tag":999,"on":true}"#, [401, 404, 403, 404]),
        post("/api/customers/tag", r#"{"mode":"admin","key":KEY,"tag":1,"on":false}"#, [401, 403, 403, 200]),
        post("/api/tags/create", r#"{"mode":"agent","name":"New"}"#, [401, 200, 403, 409]),
        post("/api/tags/create", r#"{"mode":"admin","name":"Newer"}"#, [401, 403, 403, 200]),
        get("/api/customers/conversations", "mode=agent&key=KEY&before=0", [401, 200, 403, 404]),
        get("/api/customers/conversations", "mode=admin&key=KEY&before=0", [401, 403, 403, 200]),
        get("/api/customers/messages", "mode=agent&key=KEY&from=1&to=50", [401, 200, 403, 404]),
        get("/api/customers/messages", "mode=admin&key=KEY&from=1&to=50", [401, 403, 403, 200]),
        get("/api/customers/find_date", "mode=agent&key=KEY&date=2026-01-01", [401, 200, 403, 404]),
        get("/api/customers/find_date", "mode=agent&key=KEY&date=soon", [401, 422, 403, 404]),
        get("/api/customers/find_rating", "mode=agent&key=KEY&from=0&later=true", [401, 200, 403, 404]),
        get("/api/customers/find_word", "mode=agent&key=KEY&word=x&from=0&later=true", [401, 200, 403, 404]),
        get("/api/customers/reach", "mode=agent&key=KEY", [401, 200, 403, 404]),
        get("/api/customers/held", "mode=agent&key=KEY", [401, 200, 403, 404]),
        post("/api/customers/callback", r#"{"mode":"agent","key":KEY,"request":"r1"}"#, [401, 200, 403, 404]),
        post("/api/customers/callback", r#"{"mode":"agent","key":KEY,"request":""}"#, [401, 422, 403, 404]),
        post("/api/customers/callback", r#"{"mode":"admin","key":OTHER,"request":"r1"}"#, [401, 403, 403, 200]),
        post(
            "/api/customers/blacklist",
            r#"{"mode":"agent","key":KEY,"reason":" ","days":null}"#,
            [401, 422, 403, 404],
        ),
        post(
            "/api/customers/blacklist",
            r#"{"mode":"agent","key":KEY,"reason":"abuse","days":null}"#,
            [401, 200, 403, 404],
        ),
        post(
            "/api/customers/blacklist",
            r#"{"mode":"agent","key":KEY,"reason":"abuse","days":1}"#,
            [401, 409, 403, 404],
        ),
        post("/api/customers/unblacklist", r#"{"mode":"agent","key":KEY,"open_held":true}"#, [401, 200, 403, 404]),
        post("/api/customers/unblacklist", r#"{"mode":"admin","key":KEY,"open_held":false}"#, [401, 403, 403, 409]),
        // The desk does not depend on the Customers page.
        get("/api/desk", "most=100", [401, 200, 200, 200]),
        get("/api/desk/one", "key=OPEN", [401, 200, 200, 200]),
        get("/api/desk", "most=100&newest=true", [401, 200, 200, 200]),
        get("/api/desk/own", "", [401, 200, 200, 200]),
        get("/api/desk/one", "key=KEY", [401, 404, 404, 404]),
        get("/api/desk/messages", "key=OPEN&from=0&to=0", [401, 200, 200, 200]),
        get("/api/desk/messages", "key=KEY&from=0&to=0", [401, 404, 404, 404]),
        post("/api/desk/accept", r#"{"key":OPEN}"#, [401, 200, 200, 409]),
        // The agent has accepted the conversation; others no longer see it.
        get("/api/desk/one", "key=OPEN", [401, 200, 200, 404]),
        get("/api/desk/messages", "key=OPEN&from=1&to=50", [401, 200, 200, 404]),
        post("/api/desk/reply", r#"{"key":OPEN,"text":"hello","request":"r2"}"#, [401, 200, 200, 409]),
        post("/api/desk/reply", r#"{"key":OPEN,"text":" ","request":"r3"}"#, [401, 422, 422, 422]),
        post("/api/desk/end", r#"{"key":OPEN}"#, [401, 200, 200, 409]),
        get("/api/channels", "", [401, 403, 403, 200]),
        post("/api/channels/create", r#"{"channel":"wechat","name":"shop"}"#, [401, 403, 403, 200]),
        post("/api/channels/create", r#"{"channel":"wechat","name":" "}"#, [401, 403, 403, 422]),
        post("/api/channels/revoke", r#"{"id":"0123456789abcdef"}"#, [401, 403, 403, 404]),
        // The channel API requires signatures; a session is not enough.
        post("/api/v1/messages", "{}", [401; 4]),
        post("/api/v1/customers/{id}/end", "{}", [401; 4]),
        post("/api/v1/customers/{id}/rating", "{}", [401; 4]),
        get("/api/v1/customers/{id}/replies", "after=0", [401; 4]),
        get("/api/v1", "", [200; 4]),
        // The chat page identifies visitors and ignores the agent's session.
        get("/chat", "", [200; 4]),
        get("/chat/messages", "", [200; 4]),
        get("/chat/events", "", [404; 4]),
        post("/chat/messages", r#"{"id":"1","text":" "}"#, [422; 4]),
        post("/chat/rating", r#"{"ended":1,"stars":5}"#, [404; 4]),
        post("/chat/leave", r#"{"seen":1}"#, [204; 4]),
        get("/api/v1/openapi.json", "", [200; 4]),
        get("/", "", [303, 303, 303, 303]),
        get("/sign-in", "", [200, 303, 303, 303]),
        get("/customers", "", [303, 200, 403, 200]),
        get("/customers/KEY", "", [303, 200, 403, 404]),
        // The admin has called this customer back above, and so has served the customer.
        get("/customers/OTHER", "", [303, 404, 403, 200]),
        get("/admin/customers", "", [303, 403, 403, 200]),
        get("/admin/customers/OTHER", "", [303, 403, 403, 200]),
        get("/admin/settings", "", [303, 403, 403, 200]),
        get("/conversations", "", [303, 200, 200, 200]),
        get("/conversations/KEY", "", [303, 404, 404, 404]),
        get("/events", "mode=agent", [401, 200, 200, 200]),
        get("/events", "mode=admin", [401, 403, 403, 200]),
        get("/livez", "", [200, 200, 200, 200]),
        get("/readyz", "", [200, 200, 200, 200]),
        // Metrics are served on the operators' address only.
        get("/metrics", "", [404, 404, 404, 404]),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everybody_is_told_what_the_table_says() {
    let app = TestApp::new().await;
    let key = app.customer("wx_1", "张伟", Some(1)).await.to_string();
    let other = app.customer("wx_2", "Lin Fang", None).await.to_string();
    let open = app.waiting("v_3").await.to_string();
    app.store
        .create_tag(TagName::new("VIP").unwrap(), TagColor::default(), Actor::System, common::now())
        .await
        .unwrap();
    let fill = |text: &str| text.replace("KEY", &key).replace("OTHER", &other).replace("OPEN", &open);
    let principals = [(Who::Nobody, true), (Who::Agent, true), (Who::Agent, false), (Who::Admin, true)];
    let mut wrong = Vec::new();
    for row in rows() {
        for (place, (who, page_on)) in principals.into_iter().enumerate() {
            app.switch_page(page_on).await;
            let cookie = session(&app, who).await;
            let path = fill(&format!("{}?{}", row.path, row.query)).replace("{id}", "v_3");
            let path = path.trim_end_matches('?');
            let kind = if row.body.starts_with('{') { JSON } else { FORM };
            let status = if row.path == "/events" {
                // The body of the event stream never ends, so only the status is read.
                let request = http::Request::get(path).header("cookie", &cookie).body(axum::body::Body::empty());
                app.respond(request.unwrap()).await.status()
            } else {
                app.call(&row.method, path, &cookie, &fill(row.body), kind).await.status
            };
            if status.as_u16() != row.answers[place] {
                wrong.push(format!("{path} for {who:?} (page {page_on}): {status}, not {}", row.answers[place]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// For every request that an agent may make about a served customer, a customer out of scope is
/// reported as not found.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_customer_out_of_scope_is_not_there() {
    let app = TestApp::new().await;
    app.customer("wx_1", "张伟", Some(1)).await;
    let other = app.customer("wx_2", "Lin Fang", Some(2)).await.to_string();
    let absent = "999999";
    let cookie = session(&app, Who::Agent).await;
    let about_one = rows().into_iter().filter(|row| {
        let all = format!("{}{}{}", row.path, row.query, row.body);
        all.contains("KEY") && all.contains("agent") && row.path.starts_with("/api/customers/") && row.answers[1] == 200
    });
    let mut asked = 0;
    for row in about_one.filter(|row| row.path != "/api/customers/rows") {
        let mut answers = Vec::new();
        for key in [&*other, absent] {
            let path = format!("{}?{}", row.path, row.query.replace("KEY", key));
            let kind = if row.body.starts_with('{') { JSON } else { FORM };
            let path = path.trim_end_matches('?');
            let answer = app.call(&row.method, path, &cookie, &row.body.replace("KEY", key), kind).await;
            let mut body = answer.json();
            body["request"] = serde_json::Value::Null;
            answers.push((answer.status.as_u16(), body));
        }
        // The responses for a customer out of scope and a nonexistent one are identical.
        assert_eq!(answers[0].0, 404, "{}", row.path);
        assert_eq!(answers[0], answers[1], "{}", row.path);
        asked += 1;
    }
    assert!(asked >= 12, "only {asked}");
    // Nor does the desk reveal other agents' conversations, with the page on or off.
    for page_on in [true, false] {
        app.switch_page(page_on).await;
        for (path, body) in [
            ("/api/desk/accept", r#"{"key":KEY}"#),
            ("/api/desk/reply", r#"{"key":KEY,"text":"hello","request":"r"}"#),
            ("/api/desk/end", r#"{"key":KEY}"#),
        ] {
            for key in [&*other, absent] {
                let answer = app.call(&Method::POST, path, &cookie, &body.replace("KEY", key), JSON).await;
                assert_eq!(answer.status.as_u16(), 404, "{path} {key}");
            }
        }
    }
    app.switch_page(true).await;
    let rows = app.get(&format!("/api/customers/rows?mode=agent&query=&keys={other}"), &cookie).await;
    assert_eq!(rows.json()["rows"], serde_json::json!([]));
}

/// Creates a session directly, without the rate limits of signing in.
async fn session(app: &TestApp, who: Who) -> String {
    let agent = match who {
        Who::Nobody => return String::new(),
        Who::Agent => 1,
        Who::Admin => 3,
    };
    let token = app.store.begin_session(clientele::domain::AgentId(agent), common::now()).await.unwrap();
    format!("clientele={}", token.secret())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_server_function_and_page_has_a_row() {
    let _app = TestApp::new().await;
    let rows: BTreeSet<String> =
        rows().iter().map(|row| row.path.replace("KEY", "{key}").replace("OTHER", "{key}")).collect();
    let functions = server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned());
    let pages = leptos_axum::generate_route_list(clientele_app::App).into_iter().map(|route| route.path().to_owned());
    let api = clientele_server::ingest::document();
    let signed = api.paths.paths.keys().cloned();
    let missing: Vec<String> = functions.chain(pages).chain(signed).filter(|path| !rows.contains(path)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}
