//! Tags of the tenant.

use surrealdb::types::{RecordId, RecordIdKey, SurrealValue};

use super::database::read;
use super::events::{Entry, EventRow};
use super::keys::next_number;
use super::memory::MemoryUpdate;
use super::transaction::{ATTEMPTS, Write};
use super::{Result, Store, StoreError};
use crate::domain::{self, Actor, Change, EventKind, Reason, Tag, TagColor, TagId, TagName, Timestamp};

#[derive(Clone, SurrealValue)]
struct TagRow {
    id: RecordId,
    name: String,
    name_key: String,
    color: u8,
}

impl TryFrom<TagRow> for Tag {
    type Error = StoreError;

    fn try_from(row: TagRow) -> Result<Self> {
        let RecordIdKey::Number(id) = row.id.key else {
            return Err(StoreError::internal("a tag's key is not a number"));
        };
        let name = TagName::new(&row.name).map_err(|_| StoreError::internal(format!("tag {id}: name")))?;
        Ok(Self { id: TagId(id as u32), name, color: TagColor(row.color) })
    }
}

impl Store {
    /// Returns all tags, sorted by name. Reads the whole table, which is limited to [`Tag::MOST`] tags.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if the database does not answer.
    pub async fn tags(&self) -> Result<Vec<Tag>> {
        let rows: Vec<TagRow> = read(self.db.query("SELECT * FROM tag")).await?.take(0)?;
        let mut tags = rows.into_iter().map(Tag::try_from).collect::<Result<Vec<_>>>()?;
        tags.sort_by_cached_key(|tag| tag.name.key());
        Ok(tags)
    }

    /// Creates a tag.
    ///
    /// # Errors
    /// Returns [`StoreError::AlreadyExists`] if a tag with this name exists, ignoring case;
    /// [`Reason::TooMany`] if there are already [`Tag::MOST`] tags.
    pub async fn create_tag(&self, name: TagName, color: TagColor, actor: Actor, now: Timestamp) -> Result<Tag> {
        // Two agents at once may exceed the limit by one. The limit only keeps pages small; nothing
        // relies on it.
        if self.tags().await?.len() >= Tag::MOST as usize {
            return Err(domain::Error::field("name", Reason::TooMany { most: Tag::MOST }).into());
        }
        let id = TagId(next_number(&self.db, "tag_number").await? as u32);
        let row = TagRow {
            id: RecordId::new("tag", i64::from(id.0)),
            name: name.as_str().to_owned(),
            name_key: name.key(),
            color: color.0,
        };
        let event = EventRow::new(Entry {
            at: now,
            actor,
            kind: EventKind::TagCreated,
            customer: None,
            changes: vec![Change { field: "name".into(), before: None, after: Some(row.name.clone()) }],
            version: 1,
        });
        self.retry(ATTEMPTS, || async {
            let text = "BEGIN; CREATE ONLY $tag.id CONTENT $tag; CREATE ONLY $event.id CONTENT $event; COMMIT;";
            let write = Write::new(text, &event).bind("tag", row.clone()).unique(&[("tag_name", "name")]);
            Ok(self.commit(write, MemoryUpdate::Nothing).await?.then(()))
        })
        .await?;
        Ok(Tag { id, name, color })
    }
}
