//! Pages as HTML documents.

use axum::body::Body;
use http::{Request, StatusCode};

use crate::common::{TestApp, Who};

/// The context of a page must not depend on the thread that continues rendering.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_that_are_asked_for_at_once_are_all_rendered() {
    let app = TestApp::new().await;
    let cookie = app.cookie_of(Who::Admin).await;
    let paths = ["/sign-in", "/admin/customers?period=all", "/admin/settings", "/customers"];
    let asked = (0..200).map(|number| {
        let (router, cookie, path) = (app.router.clone(), cookie.clone(), paths[number % paths.len()]);
        tokio::spawn(async move {
            let cookie = if path == "/sign-in" { String::new() } else { cookie };
            let request = Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap();
            let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
            let status = answer.status();
            let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            (path, status, String::from_utf8_lossy(&body).contains("Clientele</title>"))
        })
    });
    for answer in futures::future::join_all(asked).await {
        let (path, status, titled) = answer.unwrap();
        assert_eq!((status, titled), (StatusCode::OK, true), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_unknown_address_is_a_page_for_readers_and_nothing_for_programs() {
    let app = TestApp::new().await;
    let ask = async |accept: &str| {
        let request = Request::get("/no-such-page").header("accept", accept).header("accept-language", "zh-CN");
        app.request(request.body(Body::empty()).unwrap()).await
    };
    let page = ask("text/html,*/*;q=0.8").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.body.contains("<html lang=\"zh-CN\">") && page.body.contains("页面不存在"), "{}", page.body);
    assert!(page.header("content-security-policy").contains("'nonce-"));
    assert_eq!(ask("*/*").await.body, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_document_is_named_after_what_is_open() {
    let app = TestApp::new().await;
    let cookie = app.cookie_of(Who::Agent).await;
    let zhang = app.customer("wx_1", "Zhang Wei", Some(1)).await;
    let evil = app.customer("wx_2", "</title><script>a&b", Some(1)).await;
    let maryam = app.customer("wx_3", "مريم 42", Some(1)).await;
    let waiting = app.waiting("wx_4").await;
    for (path, title) in [
        ("/customers".to_owned(), "Customers · Clientele"),
        (format!("/customers/{zhang}"), "Zhang Wei · Customers · Clientele"),
        (format!("/customers/{evil}"), "&lt;/title>&lt;script>a&amp;b · Customers · Clientele"),
        (format!("/customers/{maryam}"), "\u{2068}مريم 42\u{2069} · Customers · Clientele"),
        (format!("/conversations/{waiting}"), "wx_4 · Conversations · Clientele"),
        ("/conversations".to_owned(), "Conversations · Clientele"),
        ("/customers/999999".to_owned(), "Customers · Clientele"),
    ] {
        let page = app.get(&path, &cookie).await.body;
        assert!(page.contains(&format!("<title>{title}</title>")), "{path}: {title} is not in {page}");
    }
    let request = Request::get("/no-such-page").header("accept", "text/html").body(Body::empty()).unwrap();
    let page = app.request(request).await.body;
    assert!(page.contains("<title>Page not found · Clientele</title>"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_chosen_language_counts_more_than_the_browsers() {
    let app = TestApp::new().await;
    let page = async |cookie: &str| {
        let request = Request::get("/sign-in").header("accept-language", "en").header("cookie", cookie);
        app.request(request.body(Body::empty()).unwrap()).await.body
    };
    assert!(page("clientele_locale=zh-CN").await.contains("<html lang=\"zh-CN\">"));
    assert!(page("clientele_locale=xx").await.contains("<html lang=\"en\">"));
}

/// Resources are numbered in the order of their creation, and the browser finds the results by
/// number. A resource that is created twice would shift the numbers and deliver the results of
/// others.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_asks_each_question_once() {
    let app = TestApp::new().await;
    let key = app.customer("wx_1", "Wei", Some(1)).await;
    let cookie = app.cookie_of(Who::Admin).await;
    // On customer pages: the session, the list, the customer, and the messages (only fetched in
    // their tab). On the settings page: the session, the settings, and the keys of channels and hosts.
    for (path, questions) in
        [("/admin/customers".to_owned(), 2), (format!("/admin/customers/{key}"), 4), ("/admin/settings".to_owned(), 4)]
    {
        let page = app.get(&path, &cookie).await.body;
        assert_eq!(page.matches("__RESOLVED_RESOURCES[").count(), questions, "{path}");
    }
}
