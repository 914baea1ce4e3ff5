//! Limits of what visitors may do: narrow for each visitor, wide for a network.

use std::net::IpAddr;
use std::num::NonZeroU32;

use clientele::domain::address::network;
use clientele::store::Store;
use clientele_app::limits::Limit;

use super::visitor::Visitor;

/// Messages and ratings of one visitor, a minute.
const OWN: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// Messages and ratings of one network, a minute: a company or a mobile carrier may have hundreds of visitors behind it.
const OF_NETWORK: NonZeroU32 = NonZeroU32::new(600).unwrap();
/// Visitors from one network whose first message begins a conversation: at once, and a minute from then on. A hundred people of
/// one company may write in the same minute.
const NEW_AT_ONCE: NonZeroU32 = NonZeroU32::new(120).unwrap();
const NEW: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Conversations of one network that wait at a time.
const WAITING: u32 = 200;
/// Chats of one network that begin to listen, a minute. They use up nothing of what is for writing: after a restart of the server
/// all of them come at once.
const LISTENING: NonZeroU32 = NonZeroU32::new(1200).unwrap();

/// Limits of what visitors may do.
pub struct VisitorLimiter {
    own: Limit<String>,
    networks: Limit<IpAddr>,
    new: Limit<IpAddr>,
    listening: Limit<IpAddr>,
}

impl Default for VisitorLimiter {
    fn default() -> Self {
        Self {
            own: Limit::per_minute(OWN),
            networks: Limit::per_minute(OF_NETWORK),
            new: Limit::burst(NEW_AT_ONCE, NEW),
            listening: Limit::per_minute(LISTENING),
        }
    }
}

impl VisitorLimiter {
    /// Counts a message or a rating of a visitor that is a customer already. The narrow limit first: what it refuses does not use
    /// up the wide one, which others need.
    pub(super) fn allow(&self, visitor: &Visitor, address: IpAddr) -> bool {
        self.own.allow(&visitor.id().to_string()) && self.networks.allow(&network(address))
    }

    /// Counts the first message of a visitor. Nobody is told of more than so many who wait from one network.
    pub(super) fn allow_new(&self, store: &Store, address: IpAddr) -> bool {
        let network = network(address);
        store.waiting_from(network) < WAITING && self.new.allow(&network) && self.networks.allow(&network)
    }

    pub(super) fn allow_listening(&self, address: IpAddr) -> bool {
        self.listening.allow(&network(address))
    }

    /// Forgets those who have waited long enough. Meant to be called each minute.
    pub fn sweep(&self) {
        self.own.sweep();
        self.networks.sweep();
        self.new.sweep();
        self.listening.sweep();
    }
}
