//! Admin Mode > Settings > Embedding: the origins that may embed the Customers page, and the keys with
//! which back ends of hosts mint tokens.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::Settings;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{GetUrl, Json};

use crate::client::ApiClient;
use crate::dates::LocalMoment;
use crate::error::AppError;

/// An embed key without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedKeyInfo {
    /// ID of the key, a part of its text.
    pub id: String,
    /// Name that an admin gave the key, 1 to 60 characters.
    pub name: String,
    /// Time at which it was created.
    pub created: LocalMoment,
    /// Time at which it was last used, up to a minute too early; `None` if it was never used.
    pub last_used: Option<LocalMoment>,
    /// Time at which it was revoked; `None` while it is valid.
    pub revoked: Option<LocalMoment>,
}

/// Returns all embed keys, newest first.
///
/// # Errors
/// `SignedOut`, `Forbidden`.
#[server(endpoint = "embedding/keys", input = GetUrl, client = ApiClient)]
pub async fn list_embed_keys() -> Result<Vec<EmbedKeyInfo>, AppError> {
    use super::context::{answer, moment, store, viewer_who_may, zone};
    use clientele::domain::{Action, Mode};
    answer(async {
        viewer_who_may(Action::EditSettings, Mode::Admin)?;
        let (store, zone) = (store()?, zone()?);
        let shown = store.embed_keys().await?.into_iter().map(|key| EmbedKeyInfo {
            id: key.id,
            name: key.name,
            created: moment(key.created_at, &zone),
            last_used: key.last_used_at.map(|at| moment(at, &zone)),
            revoked: key.revoked_at.map(|at| moment(at, &zone)),
        });
        Ok(shown.collect())
    })
    .await
}

/// Creates an embed key and returns its text, which cannot be read again later.
///
/// # Errors
/// `SignedOut`, `Forbidden`; `Refused` at `name` unless it has 1 to 60 characters.
#[server(endpoint = "embedding/create_key", input = Json, client = ApiClient)]
pub async fn create_embed_key(name: String) -> Result<String, AppError> {
    use super::context::{actor, answer, store, viewer_who_may};
    use clientele::domain::{Action, KeyName, Mode};
    answer(async {
        let viewer = viewer_who_may(Action::EditSettings, Mode::Admin)?;
        let name = KeyName::new(&name)?;
        let store = store()?;
        let (_, secret) = store.add_embed_key(&name, actor(&viewer), store.now()).await?;
        Ok(secret.reveal())
    })
    .await
}

/// Revokes an embed key and thereby all tokens that were minted with it. Repeating the call changes nothing.
///
/// # Errors
/// `SignedOut`, `Forbidden`, `NotFound`.
#[server(endpoint = "embedding/revoke_key", input = Json, client = ApiClient)]
pub async fn revoke_embed_key(id: String) -> Result<(), AppError> {
    use super::context::{actor, answer, store, viewer_who_may};
    use clientele::domain::{Action, Mode};
    answer(async {
        let viewer = viewer_who_may(Action::EditSettings, Mode::Admin)?;
        let store = store()?;
        Ok(store.revoke_embed_key(&id, actor(&viewer), store.now()).await?)
    })
    .await
}

/// Adds and removes origins that may embed the Customers page, or changes nothing if one to add is
/// invalid. The whole list is not an argument: one that an admin has removed meanwhile would come back.
///
/// # Errors
/// `SignedOut`, `Forbidden`; `Refused` at `origin`; `Conflict` if concurrent changes kept winning.
#[server(endpoint = "embedding/origins", input = Json, client = ApiClient)]
pub async fn change_embed_origins(add: Vec<String>, remove: Vec<String>) -> Result<Settings, AppError> {
    super::settings::change(move |settings| {
        let kept = settings.embed_origins.iter().filter(|origin| !remove.contains(origin));
        let origins: Vec<String> = kept.chain(&add).cloned().collect();
        settings.set_embed_origins(&origins)
    })
    .await
}

/// Allows or forbids hosts to add agents: with it, a login that is unknown becomes an agent without a
/// password.
///
/// # Errors
/// `SignedOut`, `Forbidden`; `Conflict` if concurrent changes kept winning.
#[server(endpoint = "embedding/create_agents", input = Json, client = ApiClient)]
pub async fn let_hosts_create_agents(on: bool) -> Result<Settings, AppError> {
    super::settings::change(move |settings| {
        settings.embed_creates_agents = on;
        Ok(())
    })
    .await
}
