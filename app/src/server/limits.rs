//! Rate limits. They apply to networks instead of single addresses, because one IPv6 subscriber has
//! 2⁶⁴ addresses.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;

use clientele::domain::address::network;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Maximum number of keys in one limiter, which bounds its memory. Keys that have recovered their
/// full quota are removed each minute, and when the limit is reached. If it is still reached then,
/// all keys are rejected.
const MAX_KEYS: usize = 50_000;

/// Rate limiter with a quota for each key.
pub struct Limit<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> Limit<K> {
    /// Creates a limiter of `most` per minute, all of which may come at once.
    #[must_use]
    pub fn per_minute(most: NonZeroU32) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(most)))
    }

    /// Creates a limiter that allows `at_once` in a burst and then `per_minute`.
    #[must_use]
    pub fn burst(at_once: NonZeroU32, per_minute: NonZeroU32) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(per_minute).allow_burst(at_once)))
    }

    /// Counts one request and returns `true` if it is within the quota.
    #[must_use]
    pub fn allow(&self, key: &K) -> bool {
        if self.0.len() >= MAX_KEYS {
            self.0.retain_recent();
        }
        self.0.len() < MAX_KEYS && self.0.check_key(key).is_ok()
    }

    /// Removes the keys that have recovered their full quota.
    pub fn sweep(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

/// Attempts per minute from one network on one account.
const ACCOUNT_AND_NETWORK: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Attempts per minute from all unknown browsers on one account.
const ACCOUNT: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// Attempts per minute from one network, which may be a whole office, on all accounts.
const NETWORK: NonZeroU32 = NonZeroU32::new(30).unwrap();

/// Embed tokens per minute that one key mints: those of about 500 agents, who need one every five minutes.
const EMBED_KEY: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// Limits of sign-in attempts, and of the tokens by which hosts sign agents in.
///
/// An attacker who guesses passwords must not lock out the owner of the account. Attempts are
/// counted per account and network. The limit of an account across all networks applies only to
/// browsers in which this agent has never signed in.
pub struct LoginLimiter {
    accounts_and_networks: Limit<(String, IpAddr)>,
    accounts: Limit<String>,
    devices: Limit<String>,
    networks: Limit<IpAddr>,
    embed_keys: Limit<String>,
}

impl Default for LoginLimiter {
    fn default() -> Self {
        Self {
            accounts_and_networks: Limit::per_minute(ACCOUNT_AND_NETWORK),
            accounts: Limit::per_minute(ACCOUNT),
            devices: Limit::per_minute(ACCOUNT_AND_NETWORK),
            networks: Limit::per_minute(NETWORK),
            embed_keys: Limit::per_minute(EMBED_KEY),
        }
    }
}

impl LoginLimiter {
    /// Counts an attempt from a network. Call it before any other check.
    #[must_use]
    pub fn allow_network(&self, address: IpAddr) -> bool {
        self.networks.allow(&network(address))
    }

    /// Counts an attempt on an account. `login` must have passed
    /// [`normalize_login`](clientele::domain::agent::normalize_login): any other text would be a key of
    /// unlimited size.
    #[must_use]
    pub fn allow_account(&self, login: &str, address: IpAddr, known_device: bool) -> bool {
        if known_device {
            return self.devices.allow(&login.to_owned());
        }
        // Check the narrow limit first, so that the attempts it rejects do not use up the wide one.
        self.accounts_and_networks.allow(&(login.to_owned(), network(address)))
            && self.accounts.allow(&login.to_owned())
    }

    /// Counts a token that is minted with an embed key. `id` must be that of a verified key, so that nobody
    /// else uses its quota.
    #[must_use]
    pub fn allow_embed_key(&self, id: &str) -> bool {
        self.embed_keys.allow(&id.to_owned())
    }

    /// Removes the keys that have recovered their full quota. Call it each minute.
    pub fn sweep(&self) {
        self.accounts_and_networks.sweep();
        self.accounts.sweep();
        self.devices.sweep();
        self.networks.sweep();
        self.embed_keys.sweep();
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    #[test]
    fn guessing_from_elsewhere_keeps_nobody_out_of_an_account() {
        let limiter = LoginLimiter::default();
        let guesser = IpAddr::from([192, 0, 2, 1]);
        let allowed = (0..200).filter(|_| limiter.allow_account("li", guesser, false)).count();
        assert_eq!(allowed, 10);
        assert!(limiter.allow_account("li", IpAddr::from([192, 0, 2, 2]), false));
    }

    #[test]
    fn guessing_from_everywhere_leaves_known_browsers_their_own_attempts() {
        let limiter = LoginLimiter::default();
        let allowed = (0..=255).filter(|last| limiter.allow_account("li", IpAddr::from([192, 0, 2, *last]), false));
        assert_eq!(allowed.count(), 60);
        assert!(limiter.allow_account("li", IpAddr::from([198, 51, 100, 1]), true));
        assert!(limiter.allow_account("wang", IpAddr::from([198, 51, 100, 1]), false));
    }

    #[test]
    fn a_network_waits_whatever_accounts_and_addresses_it_uses() {
        let limiter = LoginLimiter::default();
        let of_one_line = |last: u16| IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, last));
        assert_eq!((0..1000).filter(|last| limiter.allow_network(of_one_line(*last))).count(), 30);
        let mapped = IpAddr::from(std::net::Ipv4Addr::new(192, 0, 2, 1).to_ipv6_mapped());
        assert!(limiter.allow_network(mapped));
        assert_eq!((0..40).filter(|_| limiter.allow_network(IpAddr::from([192, 0, 2, 1]))).count(), 29);
    }

    #[test]
    fn a_flood_of_new_keys_is_refused_and_not_kept() {
        let limit = Limit::per_minute(NETWORK);
        let allowed = (0..MAX_KEYS as u32 + 100).filter(|key| limit.allow(key)).count();
        assert_eq!(allowed, MAX_KEYS);
    }
}
