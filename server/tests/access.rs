//! Every server function and every route, for everybody who may ask: a new one without a row here fails.
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod common;

use std::collections::BTreeSet;

use common::{TestApp, Who};
use http::Method;

/// A server function or route, how it is called, and what nobody, an agent, an agent while the page is off, and an
/// admin are told.
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

/// In each row: nobody, agent, agent with the page off, admin. `KEY` is a customer the agent has served, `OTHER` one
/// that nobody has.
fn rows() -> Vec<Row> {
    vec![
        get("/api/session", "", [401, 200, 200, 200]),
        // Nobody's right password is of course accepted; a wrong one is not, whoever tries.
        post("/api/session/sign_in", "login=li&password=wrong+password&next=%2F", [401, 401, 401, 401]),
        post("/api/session/sign_out", "", [200, 200, 200, 200]),
        get("/api/settings", "", [401, 403, 403, 200]),
        post("/api/settings/customers_page", r#"{"on":true}"#, [401, 403, 403, 200]),
        post("/api/settings/week_start", r#"{"day":"sunday"}"#, [401, 403, 403, 200]),
        get("/api/customers", "mode=agent&query=&start=", [401, 200, 403, 200]),
        get("/api/customers", "mode=admin&query=&start=", [401, 403, 403, 200]),
        get("/api/customers/count", "mode=agent&query=", [401, 200, 403, 200]),
        get("/api/customers/count", "mode=admin&query=", [401, 403, 403, 200]),
        // An admin in Agent Mode is an agent there, who has not served this customer.
        get("/api/customers/one", "mode=agent&key=KEY", [401, 200, 403, 404]),
        get("/api/customers/one", "mode=agent&key=OTHER", [401, 404, 403, 404]),
        get("/api/customers/one", "mode=agent&key=999999", [401, 404, 403, 404]),
        get("/api/customers/one", "mode=admin&key=OTHER", [401, 403, 403, 200]),
        get("/", "", [303, 303, 303, 303]),
        get("/sign-in", "", [200, 303, 303, 303]),
        get("/customers", "", [303, 200, 403, 200]),
        get("/customers/KEY", "", [303, 200, 403, 404]),
        get("/customers/OTHER", "", [303, 404, 403, 404]),
        get("/admin/customers", "", [303, 403, 403, 200]),
        get("/admin/customers/OTHER", "", [303, 403, 403, 200]),
        get("/admin/settings", "", [303, 403, 403, 200]),
        get("/events", "", [401, 200, 200, 200]),
        get("/livez", "", [200, 200, 200, 200]),
        get("/readyz", "", [200, 200, 200, 200]),
        // For this machine only, and a test has no address.
        get("/metrics", "", [404, 404, 404, 404]),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everybody_is_told_what_the_table_says() {
    let app = TestApp::new().await;
    let key = app.customer("wx_1", "张伟", Some(1)).await.to_string();
    let other = app.customer("wx_2", "Lin Fang", None).await.to_string();
    let principals = [(Who::Nobody, true), (Who::Agent, true), (Who::Agent, false), (Who::Admin, true)];
    let mut wrong = Vec::new();
    for row in rows() {
        for (place, (who, page_on)) in principals.into_iter().enumerate() {
            app.switch_page(page_on).await;
            let cookie = session(&app, who).await;
            let path = format!("{}?{}", row.path, row.query).replace("KEY", &key).replace("OTHER", &other);
            let path = path.trim_end_matches('?');
            let kind = if row.body.starts_with('{') { JSON } else { FORM };
            let status = if row.path == "/events" {
                // The answer has begun and never ends.
                let request = http::Request::get(path).header("cookie", &cookie).body(axum::body::Body::empty());
                app.respond(request.unwrap()).await.status()
            } else {
                app.call(&row.method, path, &cookie, row.body, kind).await.status
            };
            if status.as_u16() != row.answers[place] {
                wrong.push(format!("{path} for {who:?} (page {page_on}): {status}, not {}", row.answers[place]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A session without the limits of signing in.
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
    let missing: Vec<String> = functions.chain(pages).filter(|path| !rows.contains(path)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}
