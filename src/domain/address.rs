//! IP addresses as gateways and proxies write them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::text::line;

/// Returns the address a text names, with IPv4 as IPv4 also where it was mapped into IPv6. A port, brackets, a zone and
/// the rest of a list are passed over: the first of a list is the one nearest to the visitor. `None` for what is no
/// address, and for the unspecified one, which would be the address of everybody.
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

/// Without the name of an interface, which means something on one machine only: `[fe80::1%eth0]:443`.
fn without_zone(text: &str) -> String {
    let Some((address, zone)) = text.split_once('%') else { return text.to_owned() };
    match zone.find(']') {
        Some(end) => format!("{address}{}", &zone[end..]),
        None => address.to_owned(),
    }
}

/// Returns the network that counts as one caller: an IPv4 address, mapped or not, is one; of IPv6 the first 64 bits are,
/// because a customer line has all the addresses behind them.
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
