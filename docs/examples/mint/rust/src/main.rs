//! Mints an embed token.
//!
//! ```sh
//! CLIENTELE_URL=https://clientele.example CLIENTELE_EMBED_KEY=cek_… cargo run -- li.na https://console.example
//! ```
//!
//! Copy `mint_token` into your back end. Call it for the user who is signed in to your console, never for
//! a login that the browser sends.

use std::env;
use std::error::Error;
use std::time::Duration;

use serde_json::{Value, json};

/// Returns a token for an agent, valid for pages of this origin and for five minutes. In an asynchronous
/// back end, run it on a thread for blocking calls.
fn mint_token(login: &str, origin: &str) -> Result<String, Box<dyn Error>> {
    let (url, key) = (env::var("CLIENTELE_URL")?, env::var("CLIENTELE_EMBED_KEY")?);
    let agent: ureq::Agent = ureq::Agent::config_builder()
        // Your page waits for this.
        .timeout_global(Some(Duration::from_secs(10)))
        // The body of an error response says what was wrong.
        .http_status_as_error(false)
        .build()
        .into();
    let wanted = json!({ "agent": { "login": login }, "role": "agent", "origin": origin });
    let mut response = agent
        .post(format!("{url}/api/v1/embed/sessions"))
        .header("authorization", format!("Bearer {key}"))
        .send_json(wanted)?;
    let body = response.body_mut().read_to_string()?;
    if !response.status().is_success() {
        return Err(format!("Clientele refused the token: {} {body}", response.status()).into());
    }
    let answer: Value = serde_json::from_str(&body)?;
    Ok(answer["token"].as_str().ok_or("the response has no token")?.to_owned())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (login, origin) = (arguments.next().ok_or("LOGIN is missing")?, arguments.next().ok_or("ORIGIN is missing")?);
    println!("{}", mint_token(&login, &origin)?);
    Ok(())
}
