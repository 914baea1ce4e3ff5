//! Rate limits of visitors: tight for each visitor, generous for each network.

use std::net::IpAddr;
use std::num::NonZeroU32;

use clientele::domain::address::network;
use clientele::store::Store;
use clientele_app::server::limits::Limit;

use super::visitor::Visitor;

/// Messages and ratings per minute of one visitor.
const PER_VISITOR: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// Messages and ratings per minute of one network. A company or a mobile carrier may have hundreds
/// of visitors behind it.
const PER_NETWORK: NonZeroU32 = NonZeroU32::new(600).unwrap();
/// First messages of new visitors from one network: the burst, and the rate per minute after it. A
/// hundred people of one company may write in the same minute.
const NEW_BURST: NonZeroU32 = NonZeroU32::new(120).unwrap();
const NEW_PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Waiting conversations of one network at a time.
const MAX_WAITING: u32 = 200;
/// Event streams that one network may open per minute. Counted apart from writing, because after a
/// server restart all chats reconnect at once.
const STREAMS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(1200).unwrap();

/// Rate limiters of the chat page.
pub struct VisitorLimiter {
    visitors: Limit<String>,
    networks: Limit<IpAddr>,
    new: Limit<IpAddr>,
    streams: Limit<IpAddr>,
}

impl Default for VisitorLimiter {
    fn default() -> Self {
        Self {
            visitors: Limit::per_minute(PER_VISITOR),
            networks: Limit::per_minute(PER_NETWORK),
            new: Limit::burst(NEW_BURST, NEW_PER_MINUTE),
            streams: Limit::per_minute(STREAMS_PER_MINUTE),
        }
    }
}

impl VisitorLimiter {
    /// Counts a message or rating of a visitor who is a customer already; returns `false` if a
    /// limit is exceeded. The visitor's limit is checked first, so that its rejections do not use
    /// up the network's limit, which others need.
    pub(super) fn allow(&self, visitor: &Visitor, address: IpAddr) -> bool {
        self.visitors.allow(&visitor.id().to_string()) && self.networks.allow(&network(address))
    }

    /// Counts the first message of a visitor; returns `false` if a limit is exceeded or `MAX_WAITING`
    /// conversations of the network are waiting.
    pub(super) fn allow_new(&self, store: &Store, address: IpAddr) -> bool {
        let network = network(address);
        store.waiting_from(network) < MAX_WAITING && self.new.allow(&network) && self.networks.allow(&network)
    }

    pub(super) fn allow_stream(&self, address: IpAddr) -> bool {
        self.streams.allow(&network(address))
    }

    /// Drops the keys whose limit has recovered. Call it once a minute.
    pub fn sweep(&self) {
        self.visitors.sweep();
        self.networks.sweep();
        self.new.sweep();
        self.streams.sweep();
    }
}
