//! Parsing of IP addresses as gateways and proxies write them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::text::line;

/// Parses an IP address. An IPv4 address mapped into IPv6 is returned as IPv4. A port, brackets and a
/// zone are ignored. Of a list only the first address counts: it is the one nearest to the visitor.
/// Returns `None` for invalid input and for the unspecified address, which would match every visitor.
#[must_use]
pub fn parse(text: &str) -> Option<IpAddr> {
    let text = line(text);
    let first = text.split(',').next().unwrap_or_default().trim().trim_matches('"');
    let address = first.parse().ok().or_else(|| {
        let with_port = without_zone(first).parse::<SocketAddr>().ok();
        let bare = || without_zone(first).trim_start_matches('[').trim_end_matches(']').parse().ok();
        with_port.map(|address| address.ip()).or_else(bare)
    });
    address.map(|address: IpAddr| address.to_canonical()).filter(|address| !address.is_unspecified())
}

/// Removes the zone (interface name), which is only meaningful on one machine: `[fe80::1%eth0]:443`.
fn without_zone(text: &str) -> String {
    let Some((address, zone)) = text.split_once('%') else { return text.to_owned() };
    match zone.find(']') {
        Some(end) => format!("{address}{}", &zone[end..]),
        None => address.to_owned(),
    }
}

/// Returns the network that rate limits count as one caller: the IPv4 address itself (mapped or not),
/// or the first 64 bits of an IPv6 address, because a subscriber line owns all addresses behind them.
#[must_use]
pub const fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_spelling() {
        for (text, address) in [
            ("203.0.113.9", "203.0.113.9"),
            (" 203.0.113.9\0", "203.0.113.9"),
            ("203.0.113.9:40112", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("::FFFF:CB00:7109", "203.0.113.9"),
            ("[::ffff:203.0.113.9]:443", "203.0.113.9"),
            ("203.0.113.9, 10.0.0.4", "203.0.113.9"),
            ("203.0.113.9:40112,10.0.0.4:1", "203.0.113.9"),
            ("\"203.0.113.9\"", "203.0.113.9"),
            ("\u{202D}203.0.113.9\u{202C}", "203.0.113.9"),
            ("2001:DB8::9", "2001:db8::9"),
            ("2001:db8:0:0:0:0:0:9", "2001:db8::9"),
            ("[2001:db8::9]", "2001:db8::9"),
            ("[2001:db8::9]:443", "2001:db8::9"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]:443", "fe80::1"),
            ("fe80::1%eth0, 10.0.0.4", "fe80::1"),
        ] {
            assert_eq!(parse(text).map(|ip| ip.to_string()).as_deref(), Some(address), "{text:?}");
        }
    }

    #[test]
    fn junk_is_nobodys_address() {
        for junk in [
            "",
            "unknown",
            "-",
            "_hidden",
            "localhost",
            "203.0.113",
            "203.0.113.256",
            "203.000.113.009",
            "0.0.0.0",
            "::",
            "::ffff:0.0.0.0",
            "unknown, 203.0.113.9",
            ", 203.0.113.9",
            "203.0.113.9:",
            "203.0.113.9:99999",
            "[]",
            "%",
            "2001:db8::g",
            "١.١.١.١",
        ] {
            assert_eq!(parse(junk), None, "{junk:?}");
        }
    }

    #[test]
    fn a_network_is_an_ipv4_address_or_the_first_half_of_an_ipv6_address() {
        for (address, of) in [
            ("203.0.113.9", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
            ("::1", "::"),
        ] {
            assert_eq!(network(address.parse().unwrap()), of.parse::<IpAddr>().unwrap(), "{address}");
        }
    }
}
