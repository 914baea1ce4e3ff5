//! Signing in and out.

use clientele::domain::Actor;
use http::StatusCode;

use crate::common::{PASSWORD, TestApp, now};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn signing_in_gives_a_cookie_and_goes_on() {
    let app = TestApp::new().await;
    let form = [("login", " LI "), ("password", PASSWORD), ("next", "/customers?q=wei")];
    let answer = app.post_form("/api/session/sign_in", "", &form).await;
    assert_eq!(answer.status, StatusCode::OK);
    let cookie = answer.header("set-cookie");
    for part in ["clientele=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(answer.header("location"), "/customers?q=wei");
    assert_eq!(app.get("/api/session", &answer.cookie()).await.json()["agent"]["login"], "li");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_without_script_is_sent_on_by_redirect() {
    let app = TestApp::new().await;
    let body = format!("login=li&password={}&next=%2Fcustomers", PASSWORD.replace(' ', "+"));
    let request = http::Request::post("/api/session/sign_in")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .body(axum::body::Body::from(body));
    let answer = app.request(request.unwrap()).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::FOUND, "/customers"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_unknown_login_and_a_wrong_password_look_the_same() {
    let app = TestApp::new().await;
    let try_as = async |login: &str| {
        let form = [("login", login), ("password", "wrong password"), ("next", "/")];
        let mut answer = app.post_form("/api/session/sign_in", "", &form).await;
        let mut json = answer.json();
        json["request"].take();
        answer.body = json.to_string();
        (answer.status, answer.body)
    };
    assert_eq!(try_as("li").await, try_as("nobody").await);
    assert_eq!(try_as("li").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_eleventh_attempt_in_a_row_has_to_wait() {
    let app = TestApp::new().await;
    let form = [("login", "li"), ("password", "wrong password"), ("next", "/")];
    for _ in 0..10 {
        assert_eq!(app.post_form("/api/session/sign_in", "", &form).await.status, StatusCode::UNAUTHORIZED);
    }
    let right = [("login", "li"), ("password", PASSWORD), ("next", "/")];
    assert_eq!(app.post_form("/api/session/sign_in", "", &right).await.status, StatusCode::TOO_MANY_REQUESTS);
}

/// Guessing an agent's password blocks others of the same network for a minute, and no one else.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guessing_a_password_does_not_lock_its_owner_out() {
    let app = TestApp::new().await;
    let attempt = async |address: &str, cookie: &str, password: &str| {
        let form = [("login", "chen"), ("password", password), ("next", "/")];
        app.post_form_from(address, "/api/session/sign_in", cookie, &form).await
    };
    // A browser in which the owner has signed in and out before.
    let before = attempt("192.0.2.1", "", PASSWORD).await;
    let device = before.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let device =
        device.filter(|value| value.starts_with("clientele-device=")).map(|value| value.split(';').next().unwrap());
    let device: Vec<&str> = device.collect();
    let [device] = device.as_slice() else { panic!("{device:?}") };
    for _ in 0..12 {
        attempt("198.51.100.1", "", "wrong password").await;
    }
    assert_eq!(attempt("198.51.100.1", "", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(attempt("192.0.2.9", "", PASSWORD).await.status, StatusCode::OK, "another network");
    // Attempts from many networks at once: unknown browsers are blocked, the owner's own browser is not.
    for network in 0..60 {
        attempt(&format!("203.0.113.{network}"), "", "wrong password").await;
    }
    assert_eq!(attempt("192.0.2.10", "", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(attempt("192.0.2.10", device, PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_cannot_be_a_login_costs_nothing() {
    let app = TestApp::new().await;
    let long = "x".repeat(200_000);
    for number in 0..30 {
        let form = [("login", long.as_str()), ("password", "wrong password"), ("next", "/")];
        let answer = app.post_form_from("192.0.2.1", "/api/session/sign_in", "", &form).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{number}");
    }
    let form = [("login", "li"), ("password", PASSWORD), ("next", "/")];
    let answer = app.post_form_from("192.0.2.1", "/api/session/sign_in", "", &form).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "the network has used up its attempts");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behind_a_proxy_cookies_are_bound_and_addresses_are_the_browsers() {
    let app = TestApp::behind_proxy().await;
    let form = [("login", "li"), ("password", PASSWORD), ("next", "/")];
    let answer = app.post_form_from("10.0.0.1", "/api/session/sign_in", "", &form).await;
    let cookie = answer.header("set-cookie");
    for part in ["__Host-clientele=", "Secure", "HttpOnly", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(answer.header("strict-transport-security").contains("max-age="));
    let neighbour = format!("shop_user=张伟; {}", answer.cookie());
    assert_eq!(app.get("/api/session", &neighbour).await.json()["agent"]["login"], "li");
    assert_eq!(app.get("/api/session", &answer.cookie().replace("__Host-", "")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_ends_when_signed_out_disabled_or_given_another_password() {
    let app = TestApp::new().await;
    let signed_in = async |cookie: &str| app.get("/api/session", cookie).await.status == StatusCode::OK;

    let li = app.sign_in("li").await;
    assert!(signed_in(&li).await);
    let answer = app.post_form("/api/session/sign_out", &li, &[]).await;
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "{}", answer.header("set-cookie"));
    assert!(!signed_in(&li).await);
    assert_eq!(app.post_form("/api/session/sign_out", &li, &[]).await.status, StatusCode::OK);

    let wang = app.sign_in("wang").await;
    app.store.set_password("wang", "another long password".into(), Actor::System, now()).await.unwrap();
    assert!(!signed_in(&wang).await);

    let chen = app.sign_in("chen").await;
    app.store.disable_agent("chen", Actor::System, now()).await.unwrap();
    assert!(!signed_in(&chen).await);
    let form = [("login", "chen"), ("password", PASSWORD), ("next", "/")];
    assert_eq!(app.post_form("/api/session/sign_in", "", &form).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn signing_in_again_ends_the_session_before() {
    let app = TestApp::new().await;
    let first = app.sign_in("li").await;
    let form = [("login", "wang"), ("password", PASSWORD), ("next", "/")];
    let second = app.post_form("/api/session/sign_in", &first, &form).await.cookie();
    assert_eq!(app.get("/api/session", &first).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.get("/api/session", &second).await.json()["agent"]["login"], "wang");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_back() {
    let app = TestApp::new().await;
    let answer = app.get("/customers?q=wei&period=all", "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/sign-in?next=%2Fcustomers%3Fq%3Dwei%26period%3Dall");
    let page = app.get(answer.header("location"), "").await;
    assert!(page.body.contains(r#"value="/customers?q=wei&amp;period=all""#), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_without_script_is_led_back_to_what_was_wrong() {
    let app = TestApp::new().await;
    let request = http::Request::post("/api/session/sign_in")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .header("referer", "http://127.0.0.1:3000/sign-in?next=%2Fcustomers")
        .body(axum::body::Body::from("login=li&password=wrong+password&next=%2Fcustomers"));
    let answer = app.request(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    let back = answer.header("location").split_once("127.0.0.1:3000").unwrap().1;
    let page = app.get(back, "").await;
    assert!(page.body.contains(r#"role="alert""#), "{back}: {}", page.body);
}
