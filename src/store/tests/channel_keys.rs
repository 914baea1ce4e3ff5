//! Tests of channel keys.

use super::conversations::{LI, refusal, request};
use super::{NOW, TestStore, on_each_engine};
use crate::domain::{Actor, Channel, Editable, KeyName, Reason};
use crate::store::StoreError;

on_each_engine! {
    keys_of_channels_are_made_and_revoked,
}

async fn keys_of_channels_are_made_and_revoked(store: TestStore) {
    let key = store.add("wx_1").await.key;
    assert_eq!(
        refusal(store.call_back(Editable::unchecked(key, Actor::System), &request(LI, "1"), NOW).await),
        Reason::ChannelUnreachable
    );
    let (made, secret) =
        store.add_channel_key(Channel::Wechat, &KeyName::new(" shop ").unwrap(), Actor::System, NOW).await.unwrap();
    assert_eq!((made.name.as_str(), secret.reveal().len()), ("shop", 64));
    assert!(store.channel_secret(&made.id).await.unwrap().is_some_and(|(_, own)| own == secret));
    assert_eq!(store.call_back(Editable::unchecked(key, Actor::System), &request(LI, "1"), NOW).await, Ok(1));
    store.revoke_channel_key(&made.id, Actor::System, NOW).await.unwrap();
    store.revoke_channel_key(&made.id, Actor::System, NOW.plus_millis(9)).await.unwrap();
    assert!(store.channel_secret(&made.id).await.unwrap().is_none());
    assert_eq!(store.channel_keys().await.unwrap()[0].revoked_at, Some(NOW));
    assert_eq!(store.revoke_channel_key("0123", Actor::System, NOW).await, Err(StoreError::NotFound));
}
