//! Profile of a customer as a channel sends it.

use std::collections::HashMap;
use std::fmt;

use clientele::domain::{Profile, ProfileField};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use utoipa::openapi::schema::{AdditionalProperties, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Profile read from a JSON object with the names of [`ProfileField`]. Absent and null fields are
/// empty, which leaves the stored value as it is. Unknown names and values that are no text are
/// errors.
#[derive(Debug, Default)]
pub(super) struct NewProfile(pub Profile);

impl<'de> Deserialize<'de> for NewProfile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = NewProfile;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NewProfile, A::Error> {
                let mut values = HashMap::new();
                while let Some(Name(field)) = map.next_key()? {
                    if values.insert(field, map.next_value::<Option<String>>()?.unwrap_or_default()).is_some() {
                        return Err(A::Error::duplicate_field(field.as_str()));
                    }
                }
                Ok(NewProfile(Profile::from_fn(|field| values.remove(&field).unwrap_or_default())))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

/// Key of the object. It is checked while it is read, so that the error names it.
struct Name(ProfileField);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Name;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a profile field")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
                ProfileField::parse(name).map(Name).ok_or_else(|| E::unknown_field(name, &[]))
            }
        }

        deserializer.deserialize_identifier(Text)
    }
}

impl PartialSchema for NewProfile {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
        let fields = ObjectBuilder::new()
            .description(Some(
                "Profile of a customer. Absent fields stay as they are; values that are too long are cut.",
            ))
            .additional_properties(Some(AdditionalProperties::FreeForm(false)));
        let fields =
            ProfileField::ALL.into_iter().fold(fields, |fields, field| fields.property(field.as_str(), text()));
        fields.into()
    }
}

impl ToSchema for NewProfile {}
