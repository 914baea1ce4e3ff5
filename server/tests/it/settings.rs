//! The switch of the Customers page, and the README's table of settings.

use clap::CommandFactory;
use clientele_server::cli::Cli;
use http::StatusCode;
use serde_json::json;

use crate::common::{TestApp, Who};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_switch_takes_the_page_away_and_gives_it_back() {
    let app = TestApp::new().await;
    let (agent, admin) = (app.cookie_of(Who::Agent).await, app.cookie_of(Who::Admin).await);
    for on in [false, true] {
        let answer = app.post_json("/api/settings/customers_page", &admin, json!({ "on": on })).await;
        assert_eq!(answer.json()["customers_page_in_agent_mode"], on);
        let expected = if on { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(app.get("/customers", &agent).await.status, expected);
        assert_eq!(app.get("/admin/customers", &admin).await.status, StatusCode::OK);
        assert_eq!(app.get("/api/session", &agent).await.json()["customers_page"], on);
    }
}

#[test]
fn the_readme_has_a_row_for_each_setting() {
    let readme = include_str!("../../../README.md");
    let mut missing = Vec::new();
    for arg in Cli::command().get_arguments().filter(|arg| arg.get_env().is_some()) {
        let flag = arg.get_long().unwrap();
        let variable = arg.get_env().unwrap().to_string_lossy();
        let default = arg.get_default_values().first().map(|value| format!("`{}`", value.to_string_lossy()));
        let help = arg.get_help().unwrap().to_string();
        let row = format!("| `--{flag}` | `{variable}` | {} | {help} |", default.unwrap_or_default());
        if !readme.contains(&row) {
            missing.push(row);
        }
    }
    assert!(missing.is_empty(), "README.md lacks:\n{}", missing.join("\n"));
}
