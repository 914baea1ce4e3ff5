//! Events from the server.

pub mod stream;

use clientele::domain::{CustomerKey, EventKind};
use serde::Deserialize;

/// Change of a customer, as sent in an event.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CustomerEvent {
    /// Key of the customer.
    pub customer: CustomerKey,
    /// Kind of change.
    pub kind: EventKind,
    /// Number of the conversation that changed.
    pub conversation: Option<u32>,
    /// Number of the customer's newest message.
    pub message: Option<u32>,
}

/// An event from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerEvent {
    /// A customer changed.
    Customer(CustomerEvent),
    /// A blacklisted customer wrote a message, which is held.
    Held(CustomerKey),
    /// The open conversations, their agents, or the agent's own replies changed.
    Desk,
    /// Tags were created or changed.
    Tags,
    /// Agents were created or changed.
    Agents,
    /// Channel keys were created or revoked.
    Keys,
    /// An admin changed the settings.
    Settings,
    /// Too many events were missed; reload all data.
    Everything,
    /// The server has received the browser's time zone. Earlier responses use a different one.
    Zone,
    /// The session has ended.
    SignedOut,
}

impl ServerEvent {
    /// Parses an event. Returns `None` for events that are malformed or unknown to this version.
    pub fn parse(name: &str, data: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Held {
            customer: CustomerKey,
        }
        Some(match name {
            "customer" => Self::Customer(serde_json::from_slice(data.as_bytes()).ok()?),
            "held" => Self::Held(serde_json::from_slice::<Held>(data.as_bytes()).ok()?.customer),
            "desk" => Self::Desk,
            "tags" => Self::Tags,
            "agents" => Self::Agents,
            "keys" => Self::Keys,
            "settings" => Self::Settings,
            "resync" => Self::Everything,
            "signed_out" => Self::SignedOut,
            _ => return None,
        })
    }

    /// Returns `true` if displayed data of the customer may be stale after this event.
    pub fn is_about(&self, key: CustomerKey) -> bool {
        match self {
            Self::Customer(event) => event.customer == key,
            Self::Held(customer) => *customer == key,
            Self::Everything | Self::Zone => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_that_cannot_be_read_are_nothing() {
        let news =
            ServerEvent::parse("customer", r#"{"customer":7,"kind":"message_sent","conversation":2,"message":9}"#);
        let news = news.unwrap();
        assert!(news.is_about(CustomerKey(7)) && !news.is_about(CustomerKey(8)));
        assert!(ServerEvent::parse("held", r#"{"customer":7}"#).unwrap().is_about(CustomerKey(7)));
        assert!(ServerEvent::parse("resync", "{}").unwrap().is_about(CustomerKey(9)));
        assert_eq!(ServerEvent::parse("customer", "{}"), None);
        assert_eq!(ServerEvent::parse("of a later version", "{}"), None);
    }
}
