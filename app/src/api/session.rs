//! Signing in and out, and the data of the signed-in agent.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::{Agent, Feature, WeekStart};
#[cfg(feature = "ssr")]
use clientele::domain::{Features, Role, Settings};
#[cfg(feature = "ssr")]
use clientele::store::SessionToken;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{GetUrl, Json};

use crate::client::ApiClient;
use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::server::state::{Caller, Credential};

/// The signed-in agent and the settings that the navigation depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The signed-in agent.
    pub agent: Agent,
    /// `true` if the Customers page is on in Agent Mode.
    pub customers_page: bool,
    /// First day of "this week".
    pub week_start: WeekStart,
    /// Features that the credential permits; all of them in the console.
    pub features: Vec<Feature>,
    /// Position in the event stream from which the page receives changes.
    pub position: String,
}

/// Returns the signed-in agent and the settings of the navigation.
///
/// # Errors
/// `SignedOut`.
#[server(endpoint = "session", input = GetUrl, client = ApiClient)]
pub async fn read_access() -> Result<Access, AppError> {
    use super::context::{answer, caller, store};
    use crate::error::Code;
    answer(async {
        let caller = caller()?;
        let agent = caller.agent.clone().ok_or(Code::SignedOut)?;
        Ok(access(agent, &caller, &store()?.settings()))
    })
    .await
}

/// Signs in and redirects to `next`. Forms can post here without JavaScript.
///
/// # Errors
/// `WrongPassword`, also for unknown logins; `TooMany` if attempts exceed the rate limit; `Forbidden`
/// with an embed token; `Unavailable` if the database does not answer.
#[server(endpoint = "session/sign_in", client = ApiClient)]
pub async fn sign_in(login: String, password: String, next: String) -> Result<(), AppError> {
    use super::context::{answer, store};
    answer(async {
        let agent = begin(login, password).await?;
        leptos_axum::redirect(local_path(&next, &agent, &store()?.settings()));
        Ok(())
    })
    .await
}

/// Signs in from a page whose session has ended, without leaving it.
///
/// # Errors
/// As [`sign_in`].
#[server(endpoint = "session/again", input = Json, client = ApiClient)]
pub async fn sign_in_again(login: String, password: String) -> Result<Access, AppError> {
    use super::context::{answer, caller, store};
    answer(async {
        let agent = begin(login, password).await?;
        Ok(access(agent, &caller()?, &store()?.settings()))
    })
    .await
}

/// Verifies a password, starts a session, and sets its cookie on the response.
#[cfg(feature = "ssr")]
async fn begin(login: String, password: String) -> Result<Agent, AppError> {
    use super::context::{caller, state};
    use crate::error::Code;
    use clientele::domain::agent::normalize_login;
    use clientele::store::DeviceToken;
    let (state, caller) = (state()?, caller()?);
    let before = console_session(&caller)?;
    if !state.login_limiter.allow_network(caller.address) {
        return Err(Code::TooMany.into());
    }
    // Reject invalid logins here: they belong to no agent and must not become keys of the rate
    // limiter.
    let login = normalize_login(&login).map_err(|_| Code::WrongPassword)?;
    let device =
        use_context::<http::request::Parts>().and_then(|parts| state.session_cookie.read_device(&parts.headers));
    let known = match &device {
        Some(device) => state.store.is_device_of(device, &login).await?,
        None => false,
    };
    if !state.login_limiter.allow_account(&login, caller.address, known) {
        return Err(Code::TooMany.into());
    }
    let agent = state.store.verify(&login, password).await?.ok_or(Code::WrongPassword)?;
    if let Some(token) = before {
        // End the previous session of this browser.
        state.store.end_session(&token).await?;
    }
    let token = state.store.begin_session(agent.id, state.store.now()).await?;
    set_cookie(&state.session_cookie.give(&token))?;
    let device = device.filter(|_| known).unwrap_or_else(DeviceToken::random);
    state.store.remember_device(&device, agent.id, state.store.now()).await?;
    set_cookie(&state.session_cookie.give_device(&device))?;
    Ok(agent)
}

#[cfg(feature = "ssr")]
fn access(agent: Agent, caller: &Caller, settings: &Settings) -> Access {
    Access {
        agent,
        customers_page: settings.customers_page_in_agent_mode,
        week_start: settings.week_start,
        features: caller.features().unwrap_or(Features::ALL).iter().collect(),
        position: caller.position.to_string(),
    }
}

/// Returns the session of the caller's browser, valid or not.
///
/// # Errors
/// `Forbidden` with an embed token, `SignedOut` with an invalid one: a page of a host must not sign anybody
/// in to the console or out of it.
#[cfg(feature = "ssr")]
fn console_session(caller: &Caller) -> Result<Option<SessionToken>, AppError> {
    use crate::error::Code;
    match &caller.credential {
        Some(Credential::Session(token)) => Ok(Some(token.clone())),
        Some(Credential::Embed { .. }) => Err(Code::Forbidden.into()),
        Some(Credential::InvalidToken) => Err(Code::SignedOut.into()),
        None => Ok(None),
    }
}

/// Returns the start page of an agent, which is always one that the agent may see.
#[cfg(feature = "ssr")]
pub fn first_page(agent: &Agent, settings: &Settings) -> &'static str {
    match agent.role {
        _ if settings.customers_page_in_agent_mode => "/customers",
        Role::Admin => "/admin/customers",
        Role::Agent => "/conversations",
    }
}

/// Signs out. Repeating the call changes nothing.
///
/// # Errors
/// `Forbidden` with an embed token; `Unavailable` if the database does not answer.
#[server(endpoint = "session/sign_out", client = ApiClient)]
pub async fn sign_out() -> Result<(), AppError> {
    use super::context::{answer, caller, state};
    answer(async {
        let state = state()?;
        if let Some(token) = console_session(&caller()?)? {
            state.store.end_session(&token).await?;
        }
        set_cookie(&state.session_cookie.take())?;
        leptos_axum::redirect("/sign-in");
        Ok(())
    })
    .await
}

#[cfg(feature = "ssr")]
fn set_cookie(cookie: &str) -> Result<(), AppError> {
    let options = expect_context::<leptos_axum::ResponseOptions>();
    let value = http::HeaderValue::from_str(cookie).map_err(|_| crate::error::Code::Internal)?;
    options.append_header(http::header::SET_COOKIE, value);
    Ok(())
}

/// Returns the path to redirect to after sign-in: `next` if it is a local path that the agent may
/// see, or else the start page. Never leads to another site.
#[cfg(feature = "ssr")]
fn local_path<'a>(next: &'a str, agent: &Agent, settings: &Settings) -> &'a str {
    let here =
        next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.contains(char::is_control);
    let off = !settings.customers_page_in_agent_mode && next.starts_with("/customers");
    // The root is not a page; it redirects to the start page.
    if here && !off && next != "/" { next } else { first_page(agent, settings) }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use clientele::domain::AgentId;

    use super::*;

    fn agent(role: Role) -> Agent {
        Agent { id: AgentId(1), login: "li".into(), name: "Li".into(), role, disabled: false }
    }

    #[test]
    fn signing_in_never_leads_to_another_site() {
        let on = Settings { customers_page_in_agent_mode: true, ..Settings::default() };
        let next = |next| local_path(next, &agent(Role::Admin), &on);
        assert_eq!(next("/admin/customers?q=li"), "/admin/customers?q=li");
        assert_eq!(next("/"), next(""));
        for elsewhere in
            ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\nb"]
        {
            assert_eq!(next(elsewhere), "/customers", "{elsewhere}");
        }
    }

    #[test]
    fn signing_in_leads_to_a_page_that_the_agent_may_see() {
        let off = Settings::default();
        for next in ["/customers", "/customers/7?tab=tags", ""] {
            assert_eq!(local_path(next, &agent(Role::Agent), &off), "/conversations");
            assert_eq!(local_path(next, &agent(Role::Admin), &off), "/admin/customers");
        }
        assert_eq!(local_path("/conversations/7", &agent(Role::Agent), &off), "/conversations/7");
    }
}
