//! Profile fields as columns of the customer table. The columns come from the table of fields in
//! `domain/profile.rs`, so a new field needs neither a migration nor a change here.

use std::fmt::Write;

use surrealdb::types::{Error, Kind, Object, RecordId, RecordIdKey, SurrealValue, Value};

use super::OpenError;
use super::database::{Database, read};
use crate::domain::{Profile, ProfileField};

/// Profile in a customer row: one text column per field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ProfileColumns(pub(super) Profile);

impl SurrealValue for ProfileColumns {
    fn kind_of() -> Kind {
        Kind::Object
    }

    fn into_value(self) -> Value {
        let column = |field: ProfileField| (field.as_str().to_owned(), Value::String(self.0.get(field).to_owned()));
        Value::Object(ProfileField::ALL.map(column).into_iter().collect::<Object>())
    }

    /// Reads the columns. Rows that were written before a field existed lack its column; it is empty.
    fn from_value(value: Value) -> Result<Self, Error> {
        let Value::Object(mut columns) = value else {
            return Err(Error::internal("a profile is not an object".to_owned()));
        };
        Ok(Self(Profile::from_fn(|field| match columns.remove(field.as_str()) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        })))
    }
}

/// Adds the columns that the database lacks.
///
/// # Errors
/// Returns [`OpenError::UnknownProfileField`] if the database has fields that this version does not know.
pub(super) async fn define_columns(db: &Database) -> Result<(), OpenError> {
    let have: Vec<RecordId> = read(db.query("SELECT VALUE id FROM profile_field")).await?.take(0)?;
    let have = have.into_iter().filter_map(|id| match id.key {
        RecordIdKey::String(name) => Some(name),
        _ => None,
    });
    let have: Vec<String> = have.collect();
    if let Some(name) = have.iter().find(|name| ProfileField::parse(name).is_none()) {
        return Err(OpenError::UnknownProfileField(name.clone()));
    }
    let mut script = String::new();
    for name in ProfileField::ALL.map(ProfileField::as_str) {
        if !have.iter().any(|own| own == name) {
            // The first fields have columns of the type `string` since migration 1.
            let _ = write!(
                script,
                "DEFINE FIELD IF NOT EXISTS {name} ON customer TYPE option<string>; UPSERT profile_field:{name};"
            );
        }
    }
    if !script.is_empty() {
        read(db.query(script)).await?;
    }
    Ok(())
}
