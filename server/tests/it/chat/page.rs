//! The chat page as HTML: its content, and its function without JavaScript.

use http::{Request, StatusCode, header};

use super::browser::{Browser, only_customer};
use crate::common::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_page_needs_no_script_and_runs_no_text() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.open().await;
    let sent = visitor.submit("/chat/messages", "id=1&name=&text=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert_eq!((sent.status, sent.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/chat"));
    let page = visitor.open().await;
    assert!(page.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.body.contains("<script>alert"));
    assert!(!page.body.contains("/pkg/"), "the console is not loaded");
    assert!(page.header(header::CONTENT_SECURITY_POLICY).contains("script-src 'self';"));
    // Rejected input stays in its field, escaped.
    let long = format!("id=2&text=%3C%2Ftextarea%3E{}", "x".repeat(4000));
    let refused = visitor.submit("/chat/messages", &long).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("&lt;/textarea&gt;xxx") && refused.body.contains("Check your text and try again"));
    assert!(refused.body.contains("&lt;script&gt;alert(1)"), "what was said before is still there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_is_sent_with_line_ends_of_its_own() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.open().await;
    let sent = visitor.submit("/chat/messages", "id=1&name=&text=Where+is+my+parcel%3F%0D%0AOrder+1042").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(visitor.texts().await, ["Where is my parcel?\nOrder 1042"]);
    // A non-ASCII cookie of a sibling domain does not create another visitor.
    visitor.cookie = format!("shop_user=张伟; {}", visitor.cookie);
    visitor.write("2", "Hello?").await;
    assert_eq!(app.store.indexed(), 1);
}

/// Each line break counts as one character, as it is stored; browsers send it as two.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_line_end_counts_once() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.open().await;
    let text = format!("{}{}", "x".repeat(3_900), "%0D%0Ay".repeat(50));
    let sent = visitor.submit("/chat/messages", &format!("id=1&text={text}")).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(visitor.texts().await[0].chars().count(), 4_000);
}

/// Text is shown unchanged in the page, in the script's data, and in a form that is returned.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn text_is_shown_as_it_was_typed() {
    let text = r#"&lt;b&gt; &amp;amp; <b>x</b> https://a.example/?a=1&lt=2&copy=3 "q" 'q' \ %00 {{7*7}} ${x}"#;
    let mut escaped = text.replace('&', "&amp;");
    for (from, to) in [("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")] {
        escaped = escaped.replace(from, to);
    }
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    visitor.open().await;
    let form = |id: &str, text: &str| {
        form_urlencoded::Serializer::new(String::new()).append_pair("id", id).append_pair("text", text).finish()
    };
    visitor.submit("/chat/messages", &form("1", text)).await;
    visitor.write("2", text).await;
    assert_eq!(visitor.texts().await, [text, text]);
    let shown = |page: &str, times: usize| assert_eq!(page.matches(&escaped).count(), times, "{page}");
    shown(&visitor.open().await.body, 2);
    let refused = visitor.submit("/chat/messages", &form(&"x".repeat(99), text)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    shown(&refused.body, 3);
}

/// Proxies reject requests with oversized cookies, so long URLs must be cut.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_long_way_to_the_page_fits_into_its_cookies() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    let long = format!("https://shop.example/{}", "%E4%B8%AD".repeat(1_800));
    let asked = long.replace('%', "%25");
    let request = Request::get(format!("/chat?from={asked}&page={asked}")).header(header::REFERER, &long);
    assert_eq!(visitor.ask(request, String::new()).await.status, StatusCode::OK);
    assert!(visitor.cookie.len() < 4_096, "{}", visitor.cookie.len());
    visitor.write("1", "hello").await;
    let visit = app.store.conversation(only_customer(&app).await.key, 1).await.unwrap().visitor.unwrap();
    assert!(long.starts_with(&visit.referrer) && long.starts_with(&visit.landing_page));
    assert!(visit.referrer.len() > 400);

    // URLs are cut between characters, and a value that is no URL is stored as text.
    let mut visitor = Browser::new(&app);
    let asked = format!("/chat?from={}&page=javascript:alert(1)", "%E4%B8%AD".repeat(500));
    visitor.ask(Request::get(asked), String::new()).await;
    assert!(visitor.cookie.len() < 4_096, "{}", visitor.cookie.len());
    visitor.write("1", "hello").await;
    let key = app.store.open_conversations().last().unwrap().customer;
    let visit = app.store.conversation(key, 1).await.unwrap().visitor.unwrap();
    assert_eq!(
        (visit.referrer.as_str(), visit.landing_page.as_str()),
        ("中".repeat(166).as_str(), "javascript:alert(1)")
    );
}
