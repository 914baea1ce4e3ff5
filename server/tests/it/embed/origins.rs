//! What pages of other origins may load, call and show in a frame.

use axum::body::Body;
use http::{HeaderMap, Request};
use serde_json::json;

use crate::common::host::{Host, ORIGIN, allow, from_page};
use crate::common::{Answer, TestApp};

/// Paths that the widget calls.
const FOR_HOSTS: [&str; 4] = ["/api/session", "/api/customers/tag", "/events", "/api/v1/embed/session"];
/// Paths that are not for pages of hosts.
const NOT_FOR_HOSTS: [&str; 7] =
    ["/", "/customers", "/chat", "/api/v1", "/api/v1/messages", "/api/v1/embed/sessions", "/livez"];

async fn preflight(app: &TestApp, path: &str, origin: &str) -> Answer {
    let request = Request::builder()
        .method("OPTIONS")
        .uri(path)
        .header("origin", origin)
        .header("sec-fetch-site", "cross-site")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    app.request(request.body(Body::empty()).unwrap()).await
}

fn says_nothing_of_sharing(headers: &HeaderMap) -> bool {
    !headers.keys().any(|name| name.as_str().starts_with("access-control-"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_preflight_request_is_answered_for_allowed_origins() {
    let host = Host::new().await;
    for path in FOR_HOSTS {
        let answer = preflight(&host.app, path, ORIGIN).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (204, ""), "{path}");
        for (name, value) in [
            ("access-control-allow-origin", ORIGIN),
            ("access-control-allow-methods", "GET, POST, DELETE"),
            ("access-control-allow-headers", "authorization, content-type, clientele-zone, accept, last-event-id"),
            ("access-control-max-age", "600"),
            ("vary", "origin"),
            // Cookies are not the host's to use.
            ("access-control-allow-credentials", ""),
        ] {
            assert_eq!(answer.header(name), value, "{path}: {name}");
        }
        for other in ["https://evil.example", "http://console.example", "https://console.example:8443", "null"] {
            let answer = preflight(&host.app, path, other).await;
            assert!(!answer.status.is_success() && says_nothing_of_sharing(&answer.headers), "{path}: {other}");
        }
    }
    for path in NOT_FOR_HOSTS {
        let answer = preflight(&host.app, path, ORIGIN).await;
        assert!(says_nothing_of_sharing(&answer.headers), "{path}: {:?}", answer.headers);
    }
    allow(&host.app, &[]).await;
    assert!(says_nothing_of_sharing(&preflight(&host.app, "/api/session", ORIGIN).await.headers));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_host_reads_responses_and_errors() {
    let host = Host::new().await;
    let token = host.token(json!({})).await;
    for (path, token, status) in [
        ("/api/session", &*token, 200),
        ("/api/settings", &*token, 403),
        ("/api/customers/one?mode=agent&key=999999", &*token, 404),
        ("/api/customers/one?mode=agent&key=x", &*token, 422),
        ("/api/session", "cet_1", 401),
        ("/api/v1/embed/session", "cet_1", 401),
        ("/events?mode=admin", &*token, 403),
    ] {
        let answer = host.get(path, token).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{path}");
        assert_eq!(answer.header("access-control-expose-headers"), "x-request-id", "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
        assert!(answer.headers.get_all("vary").iter().any(|value| value == "origin"), "{path}");
    }
    let own = host.app.get("/api/session", &host.app.sign_in("li").await).await;
    assert!(says_nothing_of_sharing(&own.headers));
}

/// An allowed origin may be of the same site, so that the browser sends the cookies along.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_host_does_not_use_the_session_of_the_console() {
    let host = Host::new().await;
    let admin = host.app.sign_in("chen").await;
    for (method, path, body) in [
        ("GET", "/api/session", ""),
        ("POST", "/api/settings/customers_page", r#"{"on":false}"#),
        ("POST", "/api/session/sign_out", ""),
    ] {
        let request = from_page(Request::builder().method(method).uri(path)).header("cookie", &admin);
        let request = request.header("content-type", "application/json").body(Body::from(body));
        assert_eq!(host.app.request(request.unwrap()).await.status, 403, "{path}");
    }
    assert!(host.app.store.settings().customers_page_in_agent_mode);
    assert_eq!(host.app.get("/api/session", &admin).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_frame_is_shown_by_allowed_origins_only() {
    let app = TestApp::new().await;
    let frame = async || app.get("/embed/frame", "").await;
    let answer = frame().await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(answer.header("content-security-policy").contains("; frame-ancestors 'none'"));
    allow(&app, &[ORIGIN, "http://localhost:4000"]).await;
    let answer = frame().await;
    let policy = answer.header("content-security-policy");
    assert!(policy.ends_with("; frame-ancestors https://console.example http://localhost:4000"), "{policy}");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';"),
        "{policy}"
    );
    assert_eq!(answer.header("x-frame-options"), "");
    assert!(answer.body.contains("<html lang=\"en\">"), "{}", answer.body);
    assert!(answer.body.contains("<script type=\"module\" src=\"/embed/frame.js\"></script>"), "{}", answer.body);
    let request = Request::get("/embed/frame").header("accept-language", "zh-CN").body(Body::empty());
    assert!(app.request(request.unwrap()).await.body.contains("<html lang=\"zh-CN\">"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_other_page_is_shown_in_a_frame() {
    let host = Host::new().await;
    let li = host.app.sign_in("li").await;
    for path in ["/", "/sign-in", "/customers", "/conversations", "/api/v1", "/api/session", "/nothing", "/embed/x"] {
        for cookie in ["", &li] {
            let answer = host.app.get(path, cookie).await;
            assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        }
    }
}

/// Writes a folder of static files like the one that `make site` makes.
fn site() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("embed.js", "export const made = ASSETS\n"),
        ("embed/frame.js", "import '/embed.js'\n"),
        ("live.js", "onconnect = null\n"),
        ("icons.svg", "<svg/>"),
        ("pkg/clientele.js", "export default 1\n"),
        ("pkg/clientele.css", "p {}\n"),
    ] {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_script_begins_with_the_addresses_of_its_files() {
    let folder = site();
    let app = TestApp::with_site(folder.path()).await;
    let answer = app.get("/embed.js", "").await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-cache"));
    let (first, rest) = answer.body.split_once('\n').unwrap();
    assert_eq!(rest, "export const made = ASSETS\n");
    let assets = first.strip_prefix("const ASSETS=").unwrap().strip_suffix(';').unwrap();
    let assets: serde_json::Value = serde_json::from_str(assets).unwrap();
    assert_eq!(assets["icons"], "/icons.svg");
    let module = assets["script"].as_str().unwrap();
    assert!(module.starts_with("/pkg/") && module.ends_with("/clientele.js"), "{module}");
    assert!(assets["wasm"].as_str().unwrap().ends_with("/clientele_bg.wasm"));
    assert_eq!(app.get(assets["style"].as_str().unwrap(), "").await.body, "p {}\n");

    // After a panic the module is instantiated anew, from another URL.
    for (path, status) in [
        (module.to_owned(), 200),
        (module.replace("/clientele.js", ".1/clientele.js"), 200),
        (module.replace("/clientele.js", ".204/clientele.js"), 200),
        (module.replace("/clientele.js", "./clientele.js"), 404),
        (module.replace("/clientele.js", ".x/clientele.js"), 404),
        (module.replace("/clientele.js", "0/clientele.js"), 404),
    ] {
        let answer = app.get(&path, "").await;
        assert_eq!(answer.status, status, "{path}");
        if status == 200 {
            assert_eq!(
                (answer.header("cache-control"), &*answer.body),
                ("public, max-age=31536000, immutable", "export default 1\n")
            );
        }
    }

    let request = Request::get("/embed.js").header("if-none-match", answer.header("etag")).body(Body::empty());
    assert_eq!(app.request(request.unwrap()).await.status, 304);
    // Another version of the other files is another script.
    std::fs::write(folder.path().join("pkg/clientele.css"), "p { margin: 0 }\n").unwrap();
    let next = TestApp::with_site(folder.path()).await;
    assert_ne!(next.get("/embed.js", "").await.header("etag"), answer.header("etag"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_may_load_the_static_files() {
    let folder = site();
    let app = TestApp::with_site(folder.path()).await;
    for path in ["/embed.js", "/embed/frame.js", "/live.js", "/icons.svg"] {
        let request = Request::get(path).header("origin", "https://any.example").header("sec-fetch-site", "cross-site");
        let answer = app.request(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin", "{path}");
        // The worker imports another module.
        assert!(answer.header("content-security-policy").contains("script-src 'self'"), "{path}");
    }
    let page = app.get("/sign-in", "").await;
    assert_eq!(page.header("cross-origin-resource-policy"), "same-origin");
    assert_eq!(page.header("access-control-allow-origin"), "");
}
