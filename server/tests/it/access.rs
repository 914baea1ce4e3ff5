//! Access table (`access.txt`): the status of every server function and route for every kind of
//! caller. A new one without a row fails.

use std::collections::BTreeSet;

use axum::body::Body;
use clientele::domain::{Actor, AgentId, EmbedOrigin, Feature, Features, Role, TagColor, TagName};
use clientele::store::NewEmbedSession;
use http::{Method, Request};

use crate::common::host::{Host, ORIGIN, bearer};
use crate::common::{TestApp, Who, now};

/// The table, with its comments.
const TABLE: &str = include_str!("access.txt");

/// Caller of a column.
#[derive(Clone, Copy)]
enum Caller {
    /// Session of the console, or nobody.
    Console(Who),
    /// Session of the agent while the Customers page is off.
    PageOff,
    /// Embed token of the agent that permits the list and this feature.
    Token(Feature),
    /// Embed token of the admin, with the role of an admin and all features.
    AdminToken,
}

/// Callers by the heading of their column.
const CALLERS: [(&str, Caller); 10] = [
    ("# nobody", Caller::Console(Who::Nobody)),
    ("agent", Caller::Console(Who::Agent)),
    ("off", Caller::PageOff),
    ("admin", Caller::Console(Who::Admin)),
    ("list", Caller::Token(Feature::List)),
    ("edit", Caller::Token(Feature::Edit)),
    ("tags", Caller::Token(Feature::Tags)),
    ("call", Caller::Token(Feature::Callback)),
    ("black", Caller::Token(Feature::Blacklist)),
    ("token", Caller::AdminToken),
];

/// Row of the table.
#[derive(Clone, Debug)]
struct Row {
    statuses: [u16; CALLERS.len()],
    method: Method,
    /// Path with query.
    path: &'static str,
    body: &'static str,
}

impl Row {
    /// Parses a line: the statuses, the method, the path with query, and the body.
    fn parse(line: &'static str) -> Self {
        let mut words = line.split_whitespace();
        let statuses = std::array::from_fn(|_| words.next().unwrap().parse().unwrap());
        let method = words.next().unwrap().parse().unwrap();
        let path = words.next().unwrap();
        let body = line.split_once(path).unwrap().1.trim();
        Self { statuses, method, path, body }
    }

    /// Writes the row with other statuses.
    fn line(&self, statuses: [u16; CALLERS.len()]) -> String {
        let columns = statuses.iter().zip(CALLERS).map(|(status, (name, _))| format!("{status:<0$} ", name.len()));
        let line = format!("{} {:4} {}  {}", columns.collect::<String>(), self.method.as_str(), self.path, self.body);
        line.trim_end().to_owned()
    }

    fn kind(&self) -> &'static str {
        if self.body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" }
    }
}

/// Returns the rows of all sections.
fn rows() -> Vec<Row> {
    TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(Row::parse).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everybody_is_told_what_the_table_says() {
    let mut actual = Vec::new();
    for section in TABLE.split("\n\n") {
        actual.push(run(section).await);
    }
    let actual = actual.join("\n\n");
    let wrong = TABLE.trim_end().lines().zip(actual.lines()).filter(|(expected, actual)| expected != actual);
    let wrong: Vec<String> =
        wrong.map(|(expected, actual)| format!("expected {expected}\nactual   {actual}")).collect();
    assert!(wrong.is_empty(), "{}\n\nThe whole table:\n\n{actual}", wrong.join("\n"));
}

/// Runs the rows of a section on data of their own and returns the section with the actual statuses.
async fn run(section: &'static str) -> String {
    let host = Host::of(TestApp::new().await).await;
    let app = &host.app;
    let key = app.customer("wx_1", "张伟", Some(1)).await.to_string();
    let other = app.customer("wx_2", "Lin Fang", None).await.to_string();
    let open = app.waiting("v_3").await.to_string();
    let (tag, color) = (TagName::new("VIP").unwrap(), TagColor::default());
    app.store.create_tag(tag, color, Actor::System, now()).await.unwrap();
    let fill = |text: &str| text.replace("KEY", &key).replace("OTHER", &other).replace("OPEN", &open);
    let mut lines = Vec::new();
    for line in section.trim_end().lines() {
        if line.is_empty() || line.starts_with('#') {
            lines.push(line.to_owned());
            continue;
        }
        let row = Row::parse(line);
        let mut statuses = row.statuses;
        for (place, (_, caller)) in CALLERS.into_iter().enumerate() {
            app.switch_page(!matches!(caller, Caller::PageOff)).await;
            let mut request = Request::builder().method(&row.method).uri(fill(row.path).replace("{id}", "v_3"));
            for (name, value) in credentials(&host, caller).await {
                request = request.header(name, value);
            }
            let request = request.header("content-type", row.kind()).body(Body::from(fill(row.body))).unwrap();
            let status = if row.path.starts_with("/events") {
                // The body of the event stream never ends, so only the status is read.
                app.respond(request).await.status()
            } else {
                app.request(request).await.status
            };
            statuses[place] = status.as_u16();
        }
        lines.push(row.line(statuses));
    }
    lines.join("\n")
}

/// Returns the headers by which a caller is identified.
async fn credentials(host: &Host, caller: Caller) -> Vec<(&'static str, String)> {
    let (agent, role, features) = match caller {
        Caller::Console(who) => return vec![("cookie", session(&host.app, who).await)],
        Caller::PageOff => return vec![("cookie", session(&host.app, Who::Agent).await)],
        Caller::Token(feature) => (1, Role::Agent, [Feature::List, feature].into_iter().collect()),
        Caller::AdminToken => (3, Role::Admin, Features::ALL),
    };
    let origin = EmbedOrigin::new(ORIGIN).unwrap();
    let new = NewEmbedSession { agent: AgentId(agent), role, features, origin };
    let token = host.app.store.begin_embed_session(&host.key, new, now()).await.unwrap();
    vec![("authorization", bearer(token.secret())), ("sec-fetch-site", "same-origin".into())]
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
        let all = format!("{}{}", row.path, row.body);
        all.contains("KEY") && all.contains("agent") && all.starts_with("/api/customers/") && row.statuses[1] == 200
    });
    let mut asked = 0;
    for row in about_one.filter(|row| !row.path.starts_with("/api/customers/rows")) {
        let mut answers = Vec::new();
        for key in [&*other, absent] {
            let path = row.path.replace("KEY", key);
            let answer = app.call(&row.method, &path, &cookie, &row.body.replace("KEY", key), row.kind()).await;
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
                let answer =
                    app.call(&Method::POST, path, &cookie, &body.replace("KEY", key), "application/json").await;
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
    let token = app.store.begin_session(AgentId(agent), now()).await.unwrap();
    format!("clientele={}", token.secret())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_server_function_and_page_has_a_row() {
    let _app = TestApp::new().await;
    let rows: BTreeSet<String> = rows()
        .iter()
        .map(|row| row.path.split('?').next().unwrap().replace("KEY", "{key}").replace("OTHER", "{key}"))
        .collect();
    let functions = server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned());
    let pages = leptos_axum::generate_route_list(clientele_app::App).into_iter().map(|route| route.path().to_owned());
    let api = clientele_server::ingest::document();
    let signed = api.paths.paths.keys().cloned();
    let missing: Vec<String> = functions.chain(pages).chain(signed).filter(|path| !rows.contains(path)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}
