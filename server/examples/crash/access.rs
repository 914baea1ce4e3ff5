//! Agents and channel keys, and how requests carry them.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::Fallible;
use crate::http::{Client, Request};
use crate::server::{Installation, Running};

const PASSWORD: &str = "crash test password";
/// Agents that the writers share. All are admins, so that Admin Mode does not depend on the switch they turn.
const AGENTS: usize = 3;
/// Channels with a key; a customer's channel is an index into these.
pub const CHANNELS: [&str; 2] = ["web", "wechat"];

/// Everything that requests are signed and signed in with.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Logins, which are the agents' names too.
    pub agents: Vec<String>,
    cookies: Vec<String>,
    keys: Vec<Key>,
}

#[derive(Clone, Debug)]
struct Key {
    id: String,
    secret: String,
}

impl Access {
    /// Adds agents and keys through the command line.
    ///
    /// # Errors
    /// The message of the command that fails.
    pub async fn create(installation: &Installation) -> Fallible<Self> {
        let mut access = Self::default();
        for number in 1..=AGENTS {
            let login = format!("crash-{number}");
            installation.run(&["agent", "add", &login, "--role", "admin"], &format!("{PASSWORD}\n")).await?;
            access.agents.push(login);
        }
        for channel in CHANNELS {
            let printed = installation.run(&["channel", "add", "crash", "--channel", channel], "").await?;
            let word = |name: &str| {
                let line = printed.lines().find_map(|line| line.strip_prefix(name));
                line.map(|word| word.trim().to_owned()).ok_or(format!("`channel add` printed no {name}"))
            };
            access.keys.push(Key { id: word("key ")?, secret: word("secret ")? });
        }
        Ok(access)
    }

    /// Signs all agents in. Once for a database: sessions outlive the server, and that is checked with every later request.
    ///
    /// # Errors
    /// If an agent is refused.
    pub async fn sign_in(&mut self, server: &Running) -> Fallible<()> {
        let mut client = Client::new(server.address);
        for login in &self.agents {
            let form = [("login", login.as_str()), ("password", PASSWORD), ("next", "/customers")];
            let request = Request {
                method: "POST",
                path: "/api/session/sign_in".into(),
                headers: vec![("content-type", "application/x-www-form-urlencoded".into())],
                body: form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish().into_bytes(),
            };
            let answer = client.send(&request).await?;
            let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
            if !answer.is_success() || cookie.is_empty() {
                return Err(format!("{login} cannot sign in: {} {}", answer.status, answer.excerpt()).into());
            }
            self.cookies.push(cookie.to_owned());
        }
        Ok(())
    }

    /// Makes an agent's read request of a server function.
    pub fn read(&self, agent: usize, path: &str, query: &[(&str, &str)]) -> Request {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        Request::get(path).with("cookie", &self.cookies[agent])
    }

    /// Makes an agent's call of a server function that takes JSON.
    pub fn call(&self, agent: usize, path: &str, body: &serde_json::Value) -> Request {
        Request {
            method: "POST",
            path: path.into(),
            headers: vec![("content-type", "application/json".into()), ("cookie", self.cookies[agent].clone())],
            body: body.to_string().into_bytes(),
        }
    }

    /// Makes a channel's signed request. The signature is computed here and not by the server's own function, which would
    /// agree with itself whatever it did.
    pub fn signed(&self, channel: usize, path: &str, body: &serde_json::Value) -> Request {
        let key = &self.keys[channel];
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let body = body.to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(key.secret.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(format!("{now}\nPOST\n{path}\n{body}").as_bytes());
        let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let request = Request { method: "POST", path: path.into(), headers: Vec::new(), body: body.into_bytes() };
        request
            .with("content-type", "application/json")
            .with("clientele-key", &key.id)
            .with("clientele-timestamp", now.to_string())
            .with("clientele-signature", signature)
    }
}
