//! Agents, tags and customers of the generated tenant.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::cast::Cast;
use super::{DEMO_CUSTOMERS, talk};
use crate::domain::{Blacklisting, Channel, Customer, CustomerId, CustomerKey, Profile, TagId, Timestamp};
use crate::store::{Imported, Store};

pub(super) const AGENT_NAMES: [&str; 10] = [
    "Shen Yue",
    "Lin Fang",
    "Marta Kowal",
    "何川",
    "Tom Abara",
    "沈怡",
    "Ines Duarte",
    "罗嘉",
    "Noor Haddad",
    "Jonas Weber",
];
pub(super) const TAGS: &str = include_str!("words/tags.txt");
const SURNAMES: &str = include_str!("words/surnames.txt");
const GIVEN: &str = include_str!("words/given.txt");
const FIRST: &str = include_str!("words/first.txt");
const LAST: &str = include_str!("words/last.txt");
const HANDLES: &str = include_str!("words/handles.txt");

const DAY: i64 = 86_400_000;
/// Period before now in which customers were created, in milliseconds: two years.
const AGE: i64 = 730 * DAY;
const SEED: u64 = 0x00C1_1E47_E1E0;

/// Contiguous range of customer numbers that is imported together.
pub(super) struct Batch(std::ops::Range<u64>);

impl Batch {
    pub(super) fn numbered(number: u64, total: u64) -> Self {
        let size = Store::BATCH as u64;
        Self((number * size).min(total)..((number + 1) * size).min(total))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn start(&self) -> u64 {
        self.0.start
    }

    pub(super) fn end(&self) -> u64 {
        self.0.end
    }

    pub(super) fn numbers(&self) -> Vec<u64> {
        self.0.clone().collect()
    }
}

/// Generates the customers with these numbers, one part at a time. The endless customer is a part of
/// its own and comes last, because the first customer of a batch shows whether the batch exists.
pub(super) fn parts(numbers: Vec<u64>, cast: &Cast) -> impl Iterator<Item = Vec<Imported>> {
    let (endless, others): (Vec<u64>, Vec<u64>) =
        numbers.into_iter().partition(|number| cast.endless && *number == ENDLESS);
    [others, endless]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| part.into_iter().map(|number| person(number, cast)).collect())
}

/// Number of the endless customer.
const ENDLESS: u64 = 7;
/// Number of the busiest customer of a smaller tenant, with `talk::MANY` conversations. In the
/// demonstration it is new enough for the first page of the list, and old enough for its
/// conversations not to overlap.
const BUSY: u64 = DEMO_CUSTOMERS - 24;

/// Returns the customer ID of customer `number`. IDs with a prefix are unique for numbers below 2³²,
/// because multiplication by an odd number is a bijection. UUIDs keep 122 of 128 mixed bits.
pub(super) fn id(number: u64) -> String {
    let mixed = mix(number);
    match number % 10 {
        0..=4 => format!("wx_{:08x}", (number as u32).wrapping_mul(0x9E37_79B1)),
        5..=7 => format!("em_{:08x}", (number as u32).wrapping_mul(0x85EB_CA6B)),
        _ => uuid::Builder::from_random_bytes(((u128::from(mixed) << 64) | u128::from(mix(mixed))).to_be_bytes())
            .into_uuid()
            .to_string(),
    }
}

/// Mixes the bits with SplitMix64's finaliser, a bijection.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn person(number: u64, cast: &Cast) -> Imported {
    let mut rng = StdRng::seed_from_u64(SEED ^ mix(number));
    let created_at = created(number, cast, &mut rng);
    let channel = match number % 10 {
        0..=4 => Channel::Wechat,
        5..=7 => *[Channel::App, Channel::Web].choose(&mut rng).unwrap_or(&Channel::App),
        8 => Channel::Web,
        _ => Channel::Weibo,
    };
    // Generated IDs are always valid; the first test would reveal an invalid one.
    let id = CustomerId::new(id(number)).unwrap_or_else(|error| unreachable!("{error}"));
    let profile = profile(&mut rng, number);
    let mut customer = Customer::new(CustomerKey(0), id, channel, profile, created_at);
    for tag in some_tags(&mut rng, &cast.tags) {
        customer.tag(tag);
    }
    if rng.random_bool(0.005) {
        let by = cast.agents.choose(&mut rng).copied();
        let at = created_at.plus_millis((DAY / 2).min((cast.now.0 - created_at.0) / 2));
        customer.fields_unchecked().blacklisted = Blacklisting::new("Abusive language", by, at, None).ok();
    }
    let conversations = match rng.random_range(0..100) {
        _ if cast.endless && number == ENDLESS => 10_000,
        _ if !cast.endless && number == BUSY => talk::MANY,
        0..8 => 0,
        8..66 => 1,
        66..86 => 2,
        _ => rng.random_range(3..=8),
    };
    talk::converse(&mut rng, customer, conversations, cast)
}

/// Returns the creation time. Times rise with the number and get denser towards now, as in a growing
/// database.
fn created(number: u64, cast: &Cast, rng: &mut StdRng) -> Timestamp {
    let place = (number as f64 + rng.random::<f64>()) / cast.total as f64;
    let age = (1.0 - place).powi(2);
    cast.now.plus_millis(-((age * AGE as f64) as i64) - 1)
}

/// Returns some tags, skewed: the first tags are frequent, the last rare.
fn some_tags(rng: &mut StdRng, tags: &[TagId]) -> Vec<TagId> {
    let how_many = *[0, 0, 0, 1, 1, 1, 2, 2, 3, 5].choose(rng).unwrap_or(&0);
    (0..how_many)
        .filter_map(|_| tags.get((rng.random::<f64>().powi(3) * tags.len() as f64) as usize).copied())
        .collect()
}

fn word<'a>(rng: &mut StdRng, words: &'a str) -> &'a str {
    let words: Vec<&str> = words.split_whitespace().collect();
    words.choose(rng).copied().unwrap_or_default()
}

/// Returns a random surname, skewed as in real life: the first tenth of the list covers about half of
/// the people.
fn surname<'a>(rng: &mut StdRng) -> &'a str {
    let words: Vec<&str> = SURNAMES.split_whitespace().collect();
    words.get((rng.random::<f64>().powi(3) * words.len() as f64) as usize).copied().unwrap_or_default()
}

fn profile(rng: &mut StdRng, number: u64) -> Profile {
    let chinese = rng.random_bool(0.6);
    let real_name = if chinese {
        let given: String = (0..rng.random_range(1..=2)).map(|_| word(rng, GIVEN)).collect();
        format!("{}{given}", surname(rng))
    } else {
        format!("{} {}", word(rng, FIRST), word(rng, LAST))
    };
    let handle = word(rng, HANDLES);
    let nickname = match rng.random_range(0..100) {
        0..40 => real_name.clone(),
        40..60 => format!("{handle}{}", rng.random_range(1..9999)),
        60..70 if chinese => format!("小{}", word(rng, GIVEN)),
        60..72 => format!("{} 🌸", real_name.chars().take(8).collect::<String>().trim_end()),
        72..73 => format!("{real_name} — {handle}, the one who asks about everything twice and then once more"),
        73..76 => String::new(),
        _ => format!("{handle} {}", word(rng, FIRST)),
    };
    let mut profile = Profile { nickname, real_name, ..Profile::default() };
    if rng.random_bool(0.8) {
        // Unassigned ranges: a Chinese prefix that no network uses, and the numbers reserved for fiction.
        profile.phone = if chinese {
            format!("100{:08}", rng.random_range(0..100_000_000u32))
        } else if rng.random_bool(0.5) {
            format!("+44 7700 900{:03}", rng.random_range(0..1000))
        } else {
            format!("+1 (202) 555-01{:02}", rng.random_range(0..100))
        };
    }
    if rng.random_bool(0.7) {
        let domain =
            ["example.com", "mail.example.org", "shop.example.cn", "example.net"].choose(rng).unwrap_or(&"example.com");
        profile.email = format!("{handle}.{number}@{domain}");
    }
    if rng.random_bool(0.2) {
        profile.wechat = format!("wxid_demo{number}");
    }
    if rng.random_bool(0.15) {
        profile.company = format!("{} & {} Example Ltd", word(rng, LAST), word(rng, LAST));
    }
    profile
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::AgentId;
    use crate::domain::ProfileField;

    fn cast() -> Cast {
        Cast {
            tags: (1..61).map(TagId).collect(),
            agents: (1..6).map(AgentId).collect(),
            now: Timestamp(AGE * 30),
            total: 5_000,
            endless: false,
        }
    }

    #[test]
    fn no_two_customers_share_an_id() {
        let ids: HashSet<String> = (0..200_000).map(id).collect();
        assert_eq!(ids.len(), 200_000);
    }

    #[test]
    fn the_same_number_is_the_same_person() {
        let one = person(42, &cast());
        let two = person(42, &cast());
        assert_eq!((one.customer, one.messages), (two.customer, two.messages));
    }

    #[test]
    fn everybody_keeps_the_rules_of_the_profile() {
        for number in 0..5_000 {
            let profile = person(number, &cast()).customer.into_fields().profile;
            for field in ProfileField::ALL {
                assert_eq!(field.parse_value(profile.get(field)).as_deref(), Ok(profile.get(field)), "{number}");
            }
        }
    }

    /// Also holds for customers created seconds ago.
    #[test]
    fn nothing_is_in_the_future_and_one_thing_follows_another() {
        for total in [1_000, 5_000] {
            let cast = Cast { total, ..cast() };
            for number in 0..total {
                let Imported { customer, conversations, messages } = person(number, &cast);
                let mut before = customer.created_at;
                for conversation in &conversations {
                    let own = messages.iter().filter(|message| message.conversation == conversation.number);
                    let ended = conversation.ended_at.unwrap();
                    let moments: Vec<_> = [conversation.started_at]
                        .into_iter()
                        .chain(own.map(|message| message.at))
                        .chain([ended])
                        .chain(conversation.rating.as_ref().map(|rating| rating.at))
                        .collect();
                    assert!(before <= moments[0] && moments.is_sorted(), "{number}: {moments:?}");
                    before = moments[moments.len() - 1];
                }
                assert!(before <= cast.now, "{number}");
                assert!(customer.blacklisted.as_ref().is_none_or(|entry| entry.at <= cast.now), "{number}");
                assert!(customer.updated_at <= cast.now, "{number}");
            }
        }
    }

    #[test]
    fn the_newest_fifty_have_one_with_a_long_history() {
        let cast = Cast { total: DEMO_CUSTOMERS, ..cast() };
        let busy = person(BUSY, &cast);
        assert!(busy.conversations.len() >= 200 && busy.messages.len() >= 2_000);
        let newer =
            (0..cast.total).filter(|number| person(*number, &cast).customer.created_at > busy.customer.created_at);
        assert!(newer.count() < 50);
    }

    #[test]
    fn customers_grow_denser_towards_now() {
        let cast = cast();
        let week = cast.now.plus_millis(-7 * DAY);
        let recent = (0..5_000).filter(|number| person(*number, &cast).customer.created_at >= week).count();
        assert!((400..600).contains(&recent), "{recent}");
    }

    #[test]
    fn a_batch_is_cut_at_the_end() {
        assert_eq!(Batch::numbered(0, 1000).0, 0..256);
        assert_eq!(Batch::numbered(3, 1000).0, 768..1000);
        assert!(Batch::numbered(4, 1000).is_empty());
    }
}
