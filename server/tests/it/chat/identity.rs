//! Identity of a visitor: a cookie, or the token in the page if the browser keeps no cookies.

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::json;

use super::browser::{Browser, LI, Live, only_customer, reply};
use crate::common::{Answer, TestApp, now};

/// Returns the token in the page's forms, which must be the same in all of them.
fn token_in(page: &str) -> Option<String> {
    let fields: Vec<&str> = page.split("name=\"visitor\" value=\"").skip(1).collect();
    let tokens: Vec<&str> = fields.iter().filter_map(|field| field.split('"').next()).collect();
    assert!(tokens.windows(2).all(|pair| pair[0] == pair[1]), "{tokens:?}");
    tokens.first().map(|token| (*token).to_owned())
}

/// Returns the token in the response header, which only the page's own script can read.
fn token_of(answer: &Answer) -> String {
    answer.header("clientele-visitor").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_cookies_and_script_five_messages_are_one_customers() {
    let app = TestApp::new().await;
    let mut visitor = Browser::without_cookies(&app);
    let mut page = visitor.open().await.body;
    assert!(!page.contains(">Your browser does not allow cookies"), "nobody knows yet");
    for text in ["one", "two", "three", "four", "five"] {
        let token = token_in(&page).unwrap();
        let answer = visitor.submit("/chat/messages", &format!("id={text}&text={text}&visitor={token}")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(
            answer.body.contains(">Your browser does not allow cookies")
                && answer.body.contains(&format!(">{text}</p>"))
        );
        page = answer.body;
    }
    let customer = only_customer(&app).await;
    assert_eq!(customer.messages, 5);
    app.store.accept(customer.key, LI, now()).await.unwrap();
    reply(&app, customer.key, "r", "Yes?").await;
    let token = token_in(&page).unwrap();
    let again = visitor.submit("/chat", &format!("visitor={token}")).await;
    assert!(again.body.contains(">one</p>") && again.body.contains(">Yes?</p>"), "{}", again.body);
    let seen = now().0;
    let left = visitor.submit("/chat/leave", &format!("visitor={token}&seen={seen}")).await;
    let ended = left.body.split("name=\"ended\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    visitor.submit("/chat/rating", &format!("visitor={token}&ended={ended}&stars=5")).await;
    assert!(app.store.conversation(customer.key, 1).await.unwrap().rating.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_cookies_the_script_names_the_visitor() {
    let app = TestApp::new().await;
    let mut visitor = Browser::without_cookies(&app);
    visitor.token = token_in(&visitor.open().await.body).unwrap();
    for text in ["one", "two", "three", "four", "five"] {
        let request = Request::post("/chat/messages").header(header::CONTENT_TYPE, "application/json");
        let answer = visitor.ask(request, json!({ "id": text, "text": text }).to_string()).await;
        assert_eq!((answer.status, token_of(&answer)), (StatusCode::NO_CONTENT, visitor.token.clone()));
        assert_eq!(answer.header(header::SET_COOKIE), "");
    }
    assert_eq!(visitor.texts().await, ["one", "two", "three", "four", "five"]);
    let key = only_customer(&app).await.key;
    let mut live = Live::of(&visitor).await;
    app.store.accept(key, LI, now()).await.unwrap();
    assert_eq!(live.heard().await.matches("thread").count(), 1);
    // The chat cannot be opened by a token in the URL.
    let mut stranger = Browser::without_cookies(&app);
    let address = format!("/chat?visitor={}", visitor.token);
    let page = stranger.ask(Request::get(address), String::new()).await.body;
    assert!(!page.contains("one</p>") && token_in(&page).as_ref() != Some(&visitor.token));
}

/// Tabs that were opened at the same time have different tokens in their pages, but share one cookie.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn where_there_is_a_cookie_nothing_else_counts() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    assert!(token_in(&visitor.open().await.body).is_some());
    visitor.cookie = String::new();
    visitor.open().await;
    assert!(!visitor.cookie.is_empty());
    visitor.token = "0123456789abcdef0123456789abcdef".into();
    let request = Request::post("/chat/messages").header(header::CONTENT_TYPE, "application/json");
    let answer = visitor.ask(request, json!({ "id": "a", "text": "hello" }).to_string()).await;
    // An empty header: the script drops the token of its page, and a new page contains none.
    assert_eq!((answer.status, token_of(&answer)), (StatusCode::NO_CONTENT, String::new()));
    visitor.token = String::new();
    assert_eq!(visitor.texts().await, ["hello"]);
    assert_eq!(token_in(&visitor.open().await.body), None);
    visitor.submit("/chat/messages", "id=b&text=again&visitor=0123456789abcdef0123456789abcdef").await;
    assert_eq!(only_customer(&app).await.messages, 2);
}

/// The cookie was cleared while the page was open: all further messages belong to one new visitor.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_known_by_nothing_is_told_who_it_is() {
    let app = TestApp::new().await;
    let mut visitor = Browser::without_cookies(&app);
    let request = || Request::post("/chat/messages").header(header::CONTENT_TYPE, "application/json");
    let first = visitor.ask(request(), json!({ "id": "a", "text": "one" }).to_string()).await;
    visitor.token = token_of(&first);
    assert_eq!(visitor.write("b", "two").await, StatusCode::NO_CONTENT);
    assert_eq!(only_customer(&app).await.messages, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn another_site_can_name_no_visitor() {
    let app = TestApp::new().await;
    let token = "0123456789abcdef0123456789abcdef";
    for path in ["/chat", "/chat/messages", "/chat/rating", "/chat/leave"] {
        for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
            let request = Request::post(path)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(name, value)
                .body(Body::from(format!("visitor={token}&id=a&text=hello&ended=1&stars=1&seen=1")));
            let answer = app.request(request.unwrap()).await;
            assert_eq!((answer.status, answer.body.as_str()), (StatusCode::FORBIDDEN, ""), "{path}");
            assert_eq!(answer.header(header::SET_COOKIE), "");
        }
    }
    // A token must have exactly 32 hexadecimal digits, wherever it came from.
    let mut visitor = Browser::without_cookies(&app);
    for odd in ["", "short", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "0123456789abcdef0123456789abcdef0"] {
        let answer = visitor.submit("/chat/messages", &format!("id=a&text=hello&visitor={odd}")).await;
        assert!(token_in(&answer.body).unwrap().len() == 32);
    }
    assert_eq!(app.store.indexed(), 4);
}

/// Under https the cookie has a name that no sibling domain can set, and the plain name is ignored.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_neighbours_cookie_names_no_visitor() {
    let app = TestApp::behind_proxy().await;
    let planted = "clientele_visitor=0123456789abcdef0123456789abcdef";
    let answer = app.get("/chat", planted).await;
    let given: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().map(|own| own.to_str().unwrap()).collect();
    let own = given.iter().find(|own| own.starts_with("__Host-clientele_visitor=")).unwrap();
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(own.contains(part), "{own}");
    }
    assert!(!own.contains("0123456789abcdef0123456789abcdef"));
}
