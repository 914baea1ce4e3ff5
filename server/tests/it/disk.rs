//! The server on RocksDB. A commit is visible there before it is durable, and the sync takes most
//! of the time of a write.

use std::time::Duration;

use clientele::domain::{Channel, CustomerId};
use http::StatusCode;
use serde_json::json;

use crate::common::channel::Connected;
use crate::common::{TestApp, Who};

/// Time after which the client disconnects in a round.
fn patience(round: u64) -> Duration {
    Duration::from_micros(100 * round)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_a_client_that_goes_away_has_sent_is_seen_by_everybody() {
    const ROUNDS: u64 = 60;
    let folder = tempfile::tempdir().unwrap();
    let channel = Connected::of(TestApp::on_disk(folder.path()).await, Channel::Web, "test").await;
    for round in 0..ROUNDS {
        let (customer, id) = (format!("v_{round}"), format!("m{round}"));
        let _ = tokio::time::timeout(patience(round), channel.write(&customer, &id)).await;
    }
    let app = channel.app;
    // A write that starts now ends after all earlier ones.
    app.customer("last", "Last", None).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let chen = app.cookie_of(Who::Admin).await;
    let mut stored = 0;
    for round in 0..ROUNDS {
        let id = CustomerId::new(format!("v_{round}")).unwrap();
        let Ok(customer) = app.store.customer_by_id(&id).await else { continue };
        stored += 1;
        let list = app.get(&format!("/api/customers?mode=admin&query=period%3Dall%26id%3D{id}&start="), &chen).await;
        let rows = list.json()["rows"].clone();
        let listed = rows.as_array().unwrap().iter().any(|row| row["row"]["key"] == json!(customer.key));
        assert!(listed, "{id} is stored and not listed");
    }
    assert!(stored > 0 && stored < ROUNDS, "{stored} of {ROUNDS} were stored");
    let desk = app.get("/api/desk?most=100", &app.cookie_of(Who::Agent).await).await.json();
    assert_eq!(desk["total_waiting"], json!(stored));
    assert_eq!(app.store.check().await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_switch_whose_answer_is_lost_counts_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::on_disk(folder.path()).await;
    let (chen, li) = (app.cookie_of(Who::Admin).await, app.cookie_of(Who::Agent).await);
    let switch = async |on: bool| app.post_json("/api/settings/customers_page", &chen, json!({ "on": on })).await;
    for round in 0..40 {
        assert_eq!(switch(true).await.status, StatusCode::OK);
        let _ = tokio::time::timeout(patience(round), switch(false)).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        // After this request the page is off for agents, even if it was off already.
        let off = switch(false).await;
        assert_eq!(off.json()["customers_page_in_agent_mode"], json!(false));
        assert_eq!(app.get("/customers", &li).await.status, StatusCode::FORBIDDEN, "round {round}");
        assert_eq!(app.get("/api/settings", &chen).await.json(), off.json());
    }
}
