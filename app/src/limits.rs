//! Rate limits. Whoever is limited is a network and not an address: somebody with one IPv6 address has 2⁶⁴ of them.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;

use clientele::domain::address::network;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Most keys of one limit. Those who have waited long enough are forgotten each minute; a flood of new ones before that is
/// refused, so that it cannot take the memory.
const MOST_KEYS: usize = 50_000;

/// A limit for each of many keys.
pub struct Limit<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> Limit<K> {
    /// Makes a limit of so many a minute, all of which may come at once.
    #[must_use]
    pub fn per_minute(most: NonZeroU32) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(most)))
    }

    /// Makes a limit of so many at once, and so many a minute from then on.
    #[must_use]
    pub fn burst(at_once: NonZeroU32, per_minute: NonZeroU32) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(per_minute).allow_burst(at_once)))
    }

    /// Counts one more and returns `true` if it is within the limit.
    #[must_use]
    pub fn allow(&self, key: &K) -> bool {
        if self.0.len() >= MOST_KEYS {
            self.0.retain_recent();
        }
        self.0.len() < MOST_KEYS && self.0.check_key(key).is_ok()
    }

    /// Forgets the keys that have waited long enough.
    pub fn sweep(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

/// Attempts of one network on one account, a minute.
const ACCOUNT_AND_NETWORK: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Attempts of all unknown browsers on one account, a minute.
const ACCOUNT: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// Attempts of one network, which may be a whole office, on all accounts, a minute.
const NETWORK: NonZeroU32 = NonZeroU32::new(30).unwrap();

/// Limits of sign-in attempts.
///
/// Somebody who guesses passwords must not lock the owner of the account out. Attempts are counted for each account and network;
/// the limit of an account over all networks is for browsers only that nobody has signed in from as this agent.
pub struct LoginLimiter {
    accounts_and_networks: Limit<(String, IpAddr)>,
    accounts: Limit<String>,
    devices: Limit<String>,
    networks: Limit<IpAddr>,
}

impl Default for LoginLimiter {
    fn default() -> Self {
        Self {
            accounts_and_networks: Limit::per_minute(ACCOUNT_AND_NETWORK),
            accounts: Limit::per_minute(ACCOUNT),
            devices: Limit::per_minute(ACCOUNT_AND_NETWORK),
            networks: Limit::per_minute(NETWORK),
        }
    }
}

impl LoginLimiter {
    /// Counts an attempt of a network, before anything else is looked at.
    #[must_use]
    pub fn allow_network(&self, address: IpAddr) -> bool {
        self.networks.allow(&network(address))
    }

    /// Counts an attempt on an account, whose login must be one that
    /// [`accept_login`](clientele::domain::agent::accept_login) took: anything else would be a key of any size.
    #[must_use]
    pub fn allow_account(&self, login: &str, address: IpAddr, known_device: bool) -> bool {
        if known_device {
            return self.devices.allow(&login.to_owned());
        }
        // The narrow limit first: what it refuses does not use up the wide one.
        self.accounts_and_networks.allow(&(login.to_owned(), network(address)))
            && self.accounts.allow(&login.to_owned())
    }

    /// Forgets what has waited long enough. Meant to be called each minute.
    pub fn sweep(&self) {
        self.accounts_and_networks.sweep();
        self.accounts.sweep();
        self.devices.sweep();
        self.networks.sweep();
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
        let allowed = (0..MOST_KEYS as u32 + 100).filter(|key| limit.allow(key)).count();
        assert_eq!(allowed, MOST_KEYS);
    }
}
