//! Region of an IP address, from the operator's database file.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use maxminddb::geoip2::Names;
use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;

/// Regions of IP addresses from a file in MaxMind's format. Without a file all regions are unknown.
#[derive(Default)]
pub struct Regions(Option<Reader<Vec<u8>>>);

/// Error returned when the IP database cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the IP database {}: {reason}", .path.display())]
pub struct RegionsError {
    path: PathBuf,
    #[source]
    reason: MaxMindDbError,
}

/// Fields used from a city or country database. The country of registration is not one of them: it
/// does not tell where the visitor is.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow, default)]
    city: Place<'a>,
    /// From the largest to the smallest.
    #[serde(borrow, default)]
    subdivisions: Vec<Place<'a>>,
    #[serde(borrow, default)]
    country: Place<'a>,
}

#[derive(Default, Deserialize)]
struct Place<'a> {
    #[serde(borrow, default)]
    names: Names<'a>,
}

impl Regions {
    /// Reads a database file into memory.
    ///
    /// # Errors
    /// Returns [`RegionsError`] if the file cannot be read or is not in MaxMind's format.
    pub fn open(path: &Path) -> Result<Self, RegionsError> {
        match Reader::open_readfile(path) {
            Ok(reader) => Ok(Self(Some(reader))),
            Err(reason) => Err(RegionsError { path: path.to_owned(), reason }),
        }
    }

    /// Returns "City, Region, Country" of an address, as far as known, in the language or else in
    /// English. Returns `None` for unknown, private and malformed addresses.
    #[must_use]
    pub fn of(&self, ip: &str, language: &str) -> Option<String> {
        let reader = self.0.as_ref()?;
        let address = ip.trim().parse::<IpAddr>().ok()?.to_canonical();
        if is_local(address) {
            return None;
        }
        let record = match reader.lookup(address).and_then(|found| found.decode::<Record<'_>>()) {
            Ok(record) => record?,
            // An IPv6 address, and the file has only IPv4.
            Err(MaxMindDbError::InvalidInput { .. }) => return None,
            Err(error) => {
                tracing::warn!(%error, "cannot look into the IP database");
                return None;
            }
        };
        let mut names = Vec::with_capacity(3);
        for place in [Some(&record.city), record.subdivisions.first(), Some(&record.country)].into_iter().flatten() {
            if let Some(name) = place.name(language)
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        (!names.is_empty()).then(|| names.join(", "))
    }
}

impl<'a> Place<'a> {
    fn name(&self, language: &str) -> Option<&'a str> {
        let own = if language == "zh-CN" { self.names.simplified_chinese } else { None };
        own.or(self.names.english).map(str::trim).filter(|name| !name.is_empty())
    }
}

/// Returns `true` if an address is local or not unique worldwide, so that no database can locate
/// it.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_local_v4(address),
        IpAddr::V6(address) => is_local_v6(address),
    }
}

fn is_local_v4(address: Ipv4Addr) -> bool {
    // Shared address space of carrier-grade NAT (RFC 6598).
    let shared = matches!(address.octets(), [100, 64..=127, _, _]);
    shared
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
}

fn is_local_v6(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_multicast()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions() -> Regions {
        Regions::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/regions.mmdb")).unwrap()
    }

    #[test]
    fn a_region_is_named_in_the_language() {
        let regions = regions();
        assert_eq!(regions.of("192.0.2.7", "en").as_deref(), Some("Shanghai, China"));
        assert_eq!(regions.of("192.0.2.7", "zh-CN").as_deref(), Some("上海, 中国"));
        assert_eq!(regions.of("2001:db8::1", "en").as_deref(), Some("Paris, Île-de-France, France"));
        // Falls back to the English name.
        assert_eq!(regions.of("2001:db8::1", "zh-CN").as_deref(), Some("Paris, 法兰西岛, 法国"));
        assert_eq!(regions.of("192.0.2.7", "tlh").as_deref(), Some("Shanghai, China"));
    }

    #[test]
    fn only_what_the_file_knows_is_named() {
        let regions = regions();
        assert_eq!(regions.of("198.51.100.1", "en").as_deref(), Some("Germany"));
        assert_eq!(regions.of("198.51.100.1", "zh-CN").as_deref(), Some("德国"));
        assert_eq!(regions.of("203.0.113.1", "en"), None, "where a network is registered is not where it is used");
        assert_eq!(regions.of("8.8.8.8", "en"), None);
        assert_eq!(regions.of("2a00::1", "en"), None);
    }

    #[test]
    fn an_address_is_understood_as_it_is_written() {
        let regions = regions();
        for written in ["::ffff:192.0.2.7", " 192.0.2.7 ", "::FFFF:c000:207"] {
            assert_eq!(regions.of(written, "en").as_deref(), Some("Shanghai, China"), "{written}");
        }
        for wrong in
            ["", "unknown", "192.0.2", "192.0.2.7:443", "192.0.2.0/24", "2001:db8::1%eth0", "192.0.2.7, 10.0.0.1"]
        {
            assert_eq!(regions.of(wrong, "en"), None, "{wrong}");
        }
    }

    #[test]
    fn private_addresses_have_no_region_even_if_the_file_has_one() {
        let reader = regions();
        let address = IpAddr::from([10, 1, 2, 3]);
        assert!(reader.0.as_ref().unwrap().lookup(address).unwrap().has_data());
        for private in [
            "10.1.2.3",
            "::ffff:10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.0.1",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
        ] {
            assert_eq!(reader.of(private, "en"), None, "{private}");
        }
    }

    #[test]
    fn without_a_file_regions_are_unknown() {
        assert_eq!(Regions::default().of("192.0.2.7", "en"), None);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        for (file, reason) in [("missing.mmdb", "No such file"), ("make_regions.py", "invalid database")] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(file);
            let message = Regions::open(&path).err().unwrap().to_string();
            assert!(message.contains(file) && message.contains(reason), "{message}");
        }
    }
}
