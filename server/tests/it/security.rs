//! Rejected requests and the security headers.

use axum::body::Body;
use http::{Request, StatusCode};

use crate::common::{TestApp, Who};

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

/// The success of a cross-site call would reveal who is signed in and which customers exist.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_pages_ask_is_asked_by_our_pages_only_and_leads_nowhere_else() {
    let app = TestApp::new().await;
    let key = app.customer("wx_1", "Wei", Some(1)).await;
    let li = app.sign_in("li").await;
    let ask = async |name: &str, value: &str| {
        let path = format!("/api/customers/one?mode=agent&key={key}");
        let request = Request::get(path).header("accept", "text/html").header("cookie", &li).header(name, value);
        app.request(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(ask("sec-fetch-site", "cross-site").await.status, StatusCode::FORBIDDEN);
    for elsewhere in ["https://evil.example/x", "http://127.0.0.1:3000.evil.example/"] {
        let answer = ask("referer", elsewhere).await;
        assert!(!answer.header("location").contains("evil"), "{}", answer.header("location"));
    }
    // Without a script a call leads back to the page that made it.
    let own = ask("referer", "http://127.0.0.1:3000/x").await;
    assert!(own.header("location").starts_with("http://127.0.0.1:3000/x"), "{}", own.header("location"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_id_is_the_servers_own() {
    let app = TestApp::new().await;
    let request = Request::get("/livez").header("x-request-id", "<script>").body(Body::empty());
    let answer = app.request(request.unwrap()).await;
    let id = answer.header("x-request-id");
    assert!(id.len() == 36 && !id.contains('<'), "{id}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_address_that_is_almost_a_pages_is_no_fault_of_the_server() {
    let app = TestApp::new().await;
    let li = app.sign_in("li").await;
    for path in [
        "/customers/",
        "/conversations/",
        "/admin/settings/",
        "/customers//",
        "/chat/",
        "/api/v1/",
        "/%ff",
        "/customers/%00",
        "//evil.example/",
        "/\\evil.example/",
    ] {
        for cookie in ["", li.as_str()] {
            let request = Request::get(path).header("accept", "text/html").header("cookie", cookie);
            let status = app.request(request.body(Body::empty()).unwrap()).await.status;
            assert!(!status.is_server_error(), "{path}: {status}");
            let elsewhere = path.starts_with("//") || path.contains('\\');
            assert!(!elsewhere || !status.is_redirection(), "{path} leads to another host");
        }
    }
}
