//! Generated customers, always the same for a number.

use clientele::domain::{AgentId, Blacklisting, Channel, Customer, CustomerId, CustomerKey, Profile, TagId, Timestamp};

const SURNAMES: &str = include_str!("../../store/seed/words/surnames.txt");
const GIVEN: &str = include_str!("../../store/seed/words/given.txt");
const FIRST: &str = include_str!("../../store/seed/words/first.txt");
const LAST: &str = include_str!("../../store/seed/words/last.txt");
const HANDLES: &str = include_str!("../../store/seed/words/handles.txt");
const DOMAINS: [&str; 5] = ["example.com", "mail.example.org", "shop.example.cn", "gmail.example", "example.net"];
const OTHERS: [&str; 8] =
    ["Nguyễn Văn Đức", "Đặng Thị Lan", "محمد أحمد", "Łukasz Wójcik", "單雄信", "區樂天", "Ёлкин Пётр", "田中さくら"];

/// One in this number of customers has the tag [`SAMPLE`].
pub(crate) const SAMPLED: u64 = 100;
/// Tag of the sample.
pub(crate) const SAMPLE: u32 = 61;
/// One in this number of customers has a name designed to slow down searches.
const HOSTILE: u64 = 200;
const DAY: i64 = 86_400_000;
/// Period in milliseconds, up to [`NOW`], in which the customers were created.
const AGE: i64 = 730 * DAY;
pub(crate) const NOW: i64 = 1_790_000_000_000;

/// Random number generator, SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    pub(crate) fn choose<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }

    fn word(&mut self, words: &'static str) -> &'static str {
        let place = self.below(words.split_whitespace().count() as u64);
        words.split_whitespace().nth(place as usize).unwrap_or_default()
    }

    /// Returns a word of the list, the first ones far more often than the last.
    fn skewed(&mut self, words: &'static str) -> &'static str {
        let place = (self.below(1 << 20) as f64 / f64::from(1 << 20)).powi(3);
        let place = place * words.split_whitespace().count() as f64;
        words.split_whitespace().nth(place as usize).unwrap_or_default()
    }

    /// Returns a made-up word of two to four syllables.
    pub(crate) fn coined(&mut self) -> String {
        let consonants = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "sh", "st"];
        let syllables = 2 + self.below(3);
        (0..syllables)
            .map(|_| format!("{}{}", self.choose(&consonants), self.choose(&["a", "e", "i", "o", "u"])))
            .collect()
    }

    pub(crate) fn chinese_name(&mut self) -> String {
        let given: String = (0..=self.below(2)).map(|_| self.word(GIVEN)).collect();
        format!("{}{given}", self.skewed(SURNAMES))
    }

    pub(crate) fn latin_name(&mut self) -> String {
        let last = if self.below(3) == 0 { self.coined() } else { self.word(LAST).to_owned() };
        format!("{} {last}", self.word(FIRST))
    }
}

/// Generates the customer with this number, which is also its key.
pub(crate) fn person(number: u64, total: u64) -> Customer {
    let mut random = Random(number ^ 0x00C1_1E47);
    random.next();
    let id = match number % 10 {
        0..=4 => format!("wx_{:08x}", (number as u32).wrapping_mul(0x9E37_79B1)),
        5..=7 => format!("em_{:08x}", (number as u32).wrapping_mul(0x85EB_CA6B)),
        _ => {
            let (a, b) = (random.next(), random.next());
            format!(
                "{:08x}-{:04x}-4{:03x}-9{:03x}-{:012x}",
                a >> 32,
                a & 0xffff,
                b & 0xfff,
                b >> 52,
                b >> 8 & 0xffff_ffff_ffff
            )
        }
    };
    let channel = *random.choose(&Channel::ALL);
    let age = ((1.0 - number as f64 / total as f64).max(0.0).powi(2) * AGE as f64) as i64;
    let created_at = Timestamp(NOW - age - 1);
    let id = CustomerId::new(id).unwrap_or_else(|error| unreachable!("{error}"));
    let profile = profile(&mut random, number);
    let mut customer = Customer::new(CustomerKey(number), id, channel, profile, created_at);
    for _ in 0..random.below(4) {
        customer.tag(TagId(1 + (random.below(60) * random.below(60) / 60) as u32));
    }
    if number.is_multiple_of(SAMPLED) {
        customer.tag(TagId(SAMPLE));
    }
    if random.below(200) == 0 {
        customer.fields_unchecked().blacklisted = Blacklisting::new("abuse", None, created_at, None).ok();
    }
    for _ in 0..random.below(4) {
        customer.record_served_by(
            AgentId(1 + random.below(80) as u32),
            Timestamp(created_at.0 + random.below(30) as i64 * DAY),
        );
    }
    customer
}

fn profile(random: &mut Random, number: u64) -> Profile {
    let chinese = random.below(10) < 6;
    let real_name = if chinese { random.chinese_name() } else { random.latin_name() };
    let handle = random.word(HANDLES);
    let nickname = match random.below(100) {
        _ if number % HOSTILE == 7 => hostile(random),
        0..38 => real_name.clone(),
        38..58 => format!("{handle}{}", random.below(9999)),
        58..66 if chinese => format!("小{}", random.word(GIVEN)),
        66..70 => "微信用户".to_owned(),
        70..72 => (*random.choose(&OTHERS)).to_owned(),
        72..80 => format!("{} 🌸", random.coined()),
        80..83 => String::new(),
        _ => format!("{handle} {}", random.word(FIRST)),
    };
    let phone = match random.below(10) {
        0 | 1 => String::new(),
        _ if chinese => format!("100{:08}", random.below(100_000_000)),
        2..6 => format!("+44 7700 900{:03}", random.below(1000)),
        _ => format!("+1 (202) 555-01{:02}", random.below(100)),
    };
    let email = match random.below(10) {
        0..3 => String::new(),
        3..6 => format!("{}.{}@{}", random.word(FIRST).to_lowercase(), random.coined(), random.choose(&DOMAINS)),
        _ => format!("{handle}.{number}@{}", random.choose(&DOMAINS)),
    };
    Profile { nickname, real_name, phone, email, ..Profile::default() }
}

/// Returns a name, usually 200 to 256 characters long, designed to slow down searches.
fn hostile(random: &mut Random) -> String {
    let letter = |random: &mut Random| char::from_u32(0x100 + random.below(0x1000) as u32).unwrap_or('x');
    match random.below(6) {
        0 => (0..200).map(|_| letter(random)).collect(),
        1 => (0..40).map(|_| random.coined()).collect::<Vec<_>>().join(" ").chars().take(256).collect(),
        2 => "ab".repeat(100) + &random.coined(),
        3 => (0..256).map(|_| char::from_u32(0x4E00 + random.below(0x5000) as u32).unwrap_or('一')).collect(),
        4 => "行长乐重单曾".repeat(40),
        _ => format!("maria{} mar{}", random.coined(), random.coined()),
    }
}

/// Gives a customer a new nickname.
pub(crate) fn rename(customer: &mut Customer, random: &mut Random) {
    customer.fields_unchecked().profile.nickname = match random.below(20) {
        0 => hostile(random),
        1..10 => random.chinese_name(),
        _ => random.latin_name(),
    };
}
