//! Admin Mode > Settings > Channels: the keys that channels sign with.
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

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// What a channel sends to say which key it signed with.
    pub id: String,
    /// The channel it may deliver for.
    pub channel: Channel,
    /// Who has it.
    pub name: String,
    /// Moment at which it was made.
    pub created: LocalMoment,
    /// Since when it counts no more.
    pub revoked: Option<LocalMoment>,
    /// Requests signed with it that were refused since the server started.
    pub refused: Option<RefusedInfo>,
}

/// Requests of a channel that were refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedInfo {
    /// Number of them.
    pub count: u64,
    /// Code of the last one, as the channel got it.
    pub code: String,
    /// Field that the last one was about.
    pub field: Option<String>,
    /// Moment of the last one.
    pub at: LocalMoment,
}

/// A new key, with its secret, which is told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// The key's id.
    pub id: String,
    /// The key's secret.
    pub secret: String,
}

/// All keys, the newest first.
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

/// Makes a key.
///
/// # Errors
/// `SignedOut`, `Forbidden`; `Refused` at `name`, which takes 1 to 60 characters.
#[server(endpoint = "channels/create", input = Json, client = ApiClient)]
pub async fn create_channel_key(channel: Channel, name: String) -> Result<NewKey, AppError> {
    use super::context::{actor, answer, now, store, viewer_who_may};
    use clientele::domain::{Action, KeyName};
    answer(async {
        let viewer = viewer_who_may(Action::EditSettings, Mode::Admin)?;
        let name = KeyName::new(&name)?;
        let (key, secret) = store()?.add_channel_key(channel, &name, actor(&viewer), now()).await?;
        Ok(NewKey { id: key.id, secret: secret.reveal().to_owned() })
    })
    .await
}

/// Revokes a key. Revoking it again changes nothing.
///
/// # Errors
/// `SignedOut`, `Forbidden`, `NotFound`.
#[server(endpoint = "channels/revoke", input = Json, client = ApiClient)]
pub async fn revoke_channel_key(id: String) -> Result<(), AppError> {
    use super::context::{actor, answer, now, store, viewer_who_may};
    use clientele::domain::Action;
    answer(async {
        let viewer = viewer_who_may(Action::EditSettings, Mode::Admin)?;
        Ok(store()?.revoke_channel_key(&id, actor(&viewer), now()).await?)
    })
    .await
}
