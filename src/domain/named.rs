//! Enums whose variants have names on the wire and in the database.

/// Declares an enum from one row per variant, with its name. Generates `ALL`, `as_str`, `parse` and
/// the serde name of each variant, so that a variant cannot be left out of one of them.
macro_rules! named {
    (
        $(#[$meta:meta])*
        pub enum $type:ident {
            $($(#[$doc:meta])+ $variant:ident = $name:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $type {
            $($(#[$doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl $type {
            /// All values, in display order.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// Returns the name on the wire and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Parses a name that [`as_str`](Self::as_str) returns; `None` if it is unknown.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.as_str() == name)
            }
        }
    };
}

pub(super) use named;
