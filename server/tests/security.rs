//! What is refused, and what browsers are told.

mod common;

use axum::body::Body;
use common::{TestApp, Who};
use http::{Request, StatusCode};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_change_that_another_site_makes_is_refused() {
    let app = TestApp::new().await;
    let admin = app.cookie_of(Who::Admin).await;
    let post = async |name: &str, value: &str| {
        let request = Request::post("/api/settings/customers_page")
            .header("cookie", &admin)
            .header("content-type", "application/json")
            .header(name, value)
            .body(Body::from(r#"{"on":false}"#));
        app.request(request.unwrap()).await.status
    };
    assert_eq!(post("origin", "https://evil.example").await, StatusCode::FORBIDDEN);
    assert_eq!(post("sec-fetch-site", "cross-site").await, StatusCode::FORBIDDEN);
    assert!(app.store.settings().customers_page_in_agent_mode);
    assert_eq!(post("origin", "http://127.0.0.1:3000").await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_answer_carries_the_headers() {
    let app = TestApp::new().await;
    for path in ["/sign-in", "/customers", "/api/session", "/livez", "/nothing-here"] {
        let answer = app.get(path, "").await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn scripts_run_by_a_nonce_that_is_new_each_time() {
    let app = TestApp::new().await;
    let nonce = async || {
        let answer = app.get("/sign-in", "").await;
        let policy = answer.header("content-security-policy").to_owned();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        assert!(answer.body.contains(&format!("nonce=\"{nonce}\"")), "{}", answer.body);
        assert!(!answer.body.contains("style=\""), "{}", answer.body);
        nonce
    };
    assert_ne!(nonce().await, nonce().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failure_names_its_request_and_nothing_else() {
    let app = TestApp::new().await;
    let answer = app.get("/api/session", "").await;
    let mut error = answer.json();
    assert_eq!(error["request"].take(), answer.header("x-request-id"));
    insta::assert_snapshot!(error, @r#"{"code":"signed_out","current":null,"field":null,"reason":null,"request":null}"#);
}
