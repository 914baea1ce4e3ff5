//! Admin Mode > Settings > Channels: the keys with which channels sign their requests.
#![allow(missing_docs, reason = "the fields of the structs that `server` makes cannot be documented")]

use clientele::domain::Channel;
#[cfg(feature = "ssr")]
use clientele::domain::Mode;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{GetUrl, Json};

use crate::client::ApiClient;
use crate::dates::LocalMoment;
use crate::error::AppError;

/// A channel key without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// ID that the channel sends with each request to identify the key.
    pub id: String,
    /// The only channel that the key may deliver for.
    pub channel: Channel,
    /// Name that an admin gave the key, 1 to 60 characters.
    pub name: String,
    /// Time at which it was created.
    pub created: LocalMoment,
    /// Time at which it was revoked; `None` while it is valid.
    pub revoked: Option<LocalMoment>,
    /// Rejected requests that were signed with this key, since the server started.
    pub refused: Option<RefusedInfo>,
}

/// Summary of the rejected requests of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedInfo {
    /// Number of rejected requests.
    pub count: u64,
    /// Error code of the last one, as sent to the channel.
    pub code: String,
    /// Field that the last error was about.
    pub field: Option<String>,
    /// Time of the last one.
    pub at: LocalMoment,
}

/// A new channel key with its secret. The secret cannot be read again later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// ID of the key.
    pub id: String,
    /// Secret in plain text.
    pub secret: String,
}

/// Returns all channel keys, newest first.
///
/// # Errors
/// `SignedOut`, `Forbidden`.
#[server(endpoint = "channels", input = GetUrl, client = ApiClient)]
pub async fn list_channel_keys() -> Result<Vec<KeyInfo>, AppError> {
    use super::context::{answer, moment, state, viewer_who_may, zone};
    use clientele::domain::Action;
    answer(async {
        viewer_who_may(Action::EditSettings, Mode::Admin)?;
        let (state, zone) = (state()?, zone()?);
        let shown = state.store.channel_keys().await?.into_iter().map(|key| KeyInfo {
            refused: state.refusals.of(&key.id).map(|refused| RefusedInfo {
                count: refused.count,
                code: refused.code.to_owned(),
                field: refused.field,
                at: moment(refused.at, &zone),
            }),
            id: key.id,
            channel: key.channel,
            name: key.name,
            created: moment(key.created_at, &zone),
            revoked: key.revoked_at.map(|at| moment(at, &zone)),
        });
        Ok(shown.collect())
    })
    .await
}

/// Creates a channel key.
///
/// # Errors
/// `SignedOut`, `Forbidden`; `Refused` at `name` unless it has 1 to 60 characters.
#[server(endpoint = "channels/create", input = Json, client = ApiClient)]
pub async fn create_channel_key(channel: Channel, name: String) -> Result<NewKey, AppError> {
    use super::context::{actor, answer, store, viewer_who_may};
    use clientele::domain::{Action, KeyName};
    answer(async {
        let viewer = viewer_who_may(Action::EditSettings, Mode::Admin)?;
        let name = KeyName::new(&name)?;
        let store = store()?;
        let (key, secret) = store.add_channel_key(channel, &name, actor(&viewer), store.now()).await?;
        Ok(NewKey { id: key.id, secret: secret.reveal().to_owned() })
    })
    .await
}

/// Revokes a channel key. Repeating the call changes nothing.
///
/// # Errors
/// `SignedOut`, `Forbidden`, `NotFound`.
#[server(endpoint = "channels/revoke", input = Json, client = ApiClient)]
pub async fn revoke_channel_key(id: String) -> Result<(), AppError> {
    use super::context::{actor, answer, store, viewer_who_may};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::EditSettings, Mode::Admin)?;
        let store = store()?;
        Ok(store.revoke_channel_key(&id, actor(&viewer), store.now()).await?)
    })
    .await
}
