//! The customer list over HTTP.

use clientele::domain::Timestamp;
use http::StatusCode;
use serde_json::json;

use crate::common::{TestApp, now};

const DAY: i64 = 86_400_000;

async fn list(app: &TestApp, cookie: &str, query: &str) -> serde_json::Value {
    let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let answer = app.get(&format!("/api/customers?mode=agent&query={query}&start="), cookie).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

fn ids(list: &serde_json::Value) -> Vec<&str> {
    list["rows"].as_array().unwrap().iter().map(|row| row["row"]["id"].as_str().unwrap()).collect()
}

fn long_ago() -> Timestamp {
    now().plus_millis(-400 * DAY)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_agent_sees_this_weeks_customers_that_it_served() {
    let app = TestApp::new().await;
    app.customer("wx_mine", "张伟", Some(1)).await;
    app.customer("wx_others", "李娜", Some(2)).await;
    app.customer("wx_nobodys", "王芳", None).await;
    app.customer_created("wx_old", "赵敏", Some(1), long_ago()).await;
    let li = app.sign_in("li").await;
    let page = list(&app, &li, "").await;
    assert_eq!((ids(&page), &page["total"]), (vec!["wx_mine"], &json!(1)));
    assert_eq!(ids(&list(&app, &li, "period=all").await), ["wx_mine", "wx_old"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn chinese_names_are_found_by_themselves_their_pinyin_and_their_initials() {
    let app = TestApp::new().await;
    app.customer("wx_1", "张伟", Some(1)).await;
    app.customer("wx_2", "Lin Fang", Some(1)).await;
    let li = app.sign_in("li").await;
    for query in ["name=伟", "name=zhangwei", "name=zw", "q=zhang"] {
        let page = list(&app, &li, query).await;
        assert_eq!(ids(&page), ["wx_1"], "{query}");
        assert_eq!(page["rows"][0]["row"]["matches"][0]["field"], "nickname", "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_empty_list_says_what_would_fill_it() {
    let app = TestApp::new().await;
    app.customer_created("wx_old", "张伟", Some(1), long_ago()).await;
    let li = app.sign_in("li").await;
    let page = list(&app, &li, "name=伟").await;
    assert_eq!(page["relaxations"], json!([{ "without": "period", "total": 1 }]));
    let page = list(&app, &li, "q=wx_old").await;
    assert_eq!(page["why"], json!({ "id": "wx_old", "exclusion": { "by": ["period"] } }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_id_out_of_scope_and_one_that_does_not_exist_look_the_same() {
    let app = TestApp::new().await;
    app.customer("wx_4711", "李娜", Some(2)).await;
    let li = app.sign_in("li").await;
    for id in ["wx_4711", "wx_0815"] {
        assert_eq!(list(&app, &li, &format!("q={id}")).await["why"]["exclusion"], "unknown");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_period_that_is_none_is_refused_at_its_field() {
    let app = TestApp::new().await;
    let li = app.sign_in("li").await;
    let query = "period%3Dcustom%26from%3D2026-02-01T00%3A00%26to%3D2026-01-01T00%3A00";
    let answer = app.get(&format!("/api/customers?mode=agent&query={query}&start="), &li).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let error = answer.json();
    assert_eq!((error["field"].as_str(), error["reason"].as_str()), (Some("to"), Some("end_before_start")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let app = TestApp::new().await;
    for number in 0..120 {
        app.customer(&format!("wx_{number}"), &format!("Name {number}"), Some(1)).await;
    }
    let li = app.sign_in("li").await;
    let (mut seen, mut start) = (Vec::new(), String::new());
    loop {
        let encoded: String = form_urlencoded::byte_serialize(start.as_bytes()).collect();
        let page =
            app.get(&format!("/api/customers?mode=agent&query=sort%3Dnickname&start={encoded}"), &li).await.json();
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        if page["after"] == json!(false) {
            break;
        }
        let last = page["rows"].as_array().unwrap().last().unwrap()["row"]["cursor"].clone();
        let cursor: clientele::domain::Cursor = serde_json::from_value(last).unwrap();
        start = clientele::domain::Start::After(cursor).to_string();
    }
    assert_eq!(seen.len(), 120);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 120);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_list_stays_of_the_day_that_it_was_asked_for_on() {
    let app = TestApp::new().await;
    app.customer_created("wx_1", "张伟", Some(1), now().plus_millis(-3 * DAY)).await;
    let li = app.sign_in("li").await;
    let total = async |path: &str, at: i64| {
        let at = now().plus_millis(at * DAY).0;
        let query = format!("mode=agent&query=period%3Dyesterday&start=&top=&at={at}");
        app.get(&format!("{path}?{query}"), &li).await.json()["total"].clone()
    };
    assert_eq!(list(&app, &li, "period=yesterday").await["total"], 0);
    for path in ["/api/customers", "/api/customers/size"] {
        assert_eq!(total(path, -2).await, 1, "{path}");
        // A reference time in the future is replaced by now.
        assert_eq!(total(path, 2).await, 0, "{path}");
    }
    let at = list(&app, &li, "").await["at"].as_i64().unwrap();
    assert!((now().0 - at).abs() < DAY / 24, "{at}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_page_is_rendered_on_the_server() {
    let app = TestApp::new().await;
    let key = app.customer("wx_1", "张伟", Some(1)).await;
    let li = app.sign_in("li").await;
    let page = app.get("/customers", &li).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["张伟".to_owned(), format!("href=\"/customers/{key}\""), "1 customer".to_owned()] {
        assert!(page.body.contains(&part), "{part} is not in {}", page.body);
    }
    let detail = app.get(&format!("/customers/{key}"), &li).await;
    assert!(detail.body.contains("class=\"detail\""), "{}", detail.body);
}
