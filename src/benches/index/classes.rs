//! Query classes, each with a generator of random queries.

use clientele::domain::{
    AgentId, Channel, Direction, Filter, PageRequest, Period, Sort, SortBy, Start, TagId, TimeField, TimeRange,
    Timestamp,
};
use clientele::index::{Index, Query};

use crate::people::{NOW, Random, person};

const DAY: i64 = 86_400_000;

/// Query to measure.
pub(crate) enum Asked {
    /// Page of the list.
    List { filter: Box<Filter>, range: TimeRange, sort: Sort, scope: Option<AgentId>, start: Start },
    /// Reason why the customer with this ID is not in the list.
    WhyNot(String),
}

impl Asked {
    fn all() -> Self {
        let filter = Box::new(Filter { period: Period::AllTime, ..Filter::default() });
        Self::List { filter, range: TimeRange::default(), sort: Sort::default(), scope: None, start: Start::Top }
    }

    fn with(mut self, change: impl FnOnce(&mut Filter)) -> Self {
        if let Self::List { filter, .. } = &mut self {
            change(filter);
        }
        self
    }

    pub(crate) fn search(text: impl Into<String>) -> Self {
        Self::all().with(|filter| filter.search = text.into())
    }

    fn within(mut self, days: i64, on: TimeField) -> Self {
        if let Self::List { filter, range, .. } = &mut self {
            (filter.on, filter.period) = (on, Period::ThisWeek);
            *range = TimeRange { from: Some(Timestamp(NOW - days * DAY)), until: None };
        }
        self
    }

    fn sorted(mut self, by: SortBy, direction: Direction) -> Self {
        if let Self::List { sort, .. } = &mut self {
            *sort = Sort { by, direction };
        }
        self
    }

    fn at(mut self, row: u64) -> Self {
        if let Self::List { start, .. } = &mut self {
            *start = Start::Row(row);
        }
        self
    }

    fn scoped(mut self, agent: u32) -> Self {
        if let Self::List { scope, .. } = &mut self {
            *scope = Some(AgentId(agent));
        }
        self
    }

    /// Returns the first 24 characters of the typed text.
    pub(crate) fn text(&self) -> String {
        let text = match self {
            Self::List { filter, .. } => [&*filter.name, &*filter.id, &*filter.search].join(" "),
            Self::WhyNot(id) => id.clone(),
        };
        text.trim().chars().take(24).collect()
    }

    /// Runs the query and returns the total, 0 for `WhyNot`.
    pub(crate) fn run(&self, index: &Index) -> u64 {
        match self {
            Self::List { filter, range, sort, scope, start } => {
                let page = PageRequest { start: start.clone(), limit: 50 };
                index.search(&Query { scope: *scope, filter, range: *range, sort: *sort, page }).total
            }
            Self::WhyNot(id) => {
                let filter = Filter { period: Period::AllTime, ..Filter::default() };
                let page = PageRequest { start: Start::Top, limit: 50 };
                let (range, sort) = (TimeRange::default(), Sort::default());
                _ = index.exclusion_of(&Query { scope: None, filter: &filter, range, sort, page }, id);
                0
            }
        }
    }
}

type Ask = fn(&mut Random, u64) -> Asked;

/// Returns a random substring of `length` characters from a random customer's text.
fn piece(random: &mut Random, customers: u64, length: usize, of: fn(&clientele::domain::Customer) -> String) -> String {
    loop {
        let text: Vec<char> = of(&person(random.below(customers), customers)).chars().collect();
        if text.len() >= length {
            let from = random.below((text.len() - length + 1) as u64) as usize;
            let piece: String = text[from..from + length].iter().collect();
            if !piece.trim().is_empty() {
                return piece;
            }
        }
    }
}

/// Swaps two neighbouring letters of a word.
fn slip(word: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = 1 + random.below(letters.len().saturating_sub(2).max(1) as u64) as usize;
    if at + 1 < letters.len() {
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}

fn name(customer: &clientele::domain::Customer) -> String {
    customer.profile.real_name.clone()
}

fn chinese(random: &mut Random, length: usize) -> String {
    random.chinese_name().chars().take(length).collect()
}

fn first_name(random: &mut Random) -> String {
    random.latin_name().split(' ').next().unwrap_or_default().to_lowercase()
}

pub(crate) const CLASSES: &[(&str, Ask)] = &[
    ("created this week", |_, _| Asked::all().within(7, TimeField::Created)),
    ("all time", |_, _| Asked::all()),
    ("all time, any page", |random, n| Asked::all().at(random.below(n))),
    ("half, by latest conversation", |random, _| {
        Asked::all().within(180 + random.below(30) as i64, TimeField::LatestConversation)
    }),
    ("an agent's customers", |random, _| Asked::all().scoped(1 + random.below(80) as u32)),
    ("three tags, blacklisted, a channel", |random, _| {
        Asked::all().with(|filter| {
            filter.tags = (0..3).map(|_| TagId(1 + random.below(60) as u32)).collect();
            filter.blacklisted = Some(true);
            filter.channel = Some(*random.choose(&Channel::ALL));
        })
    }),
    ("by nickname, three tags", |random, _| {
        let tags = (0..3).map(|_| TagId(1 + random.below(60) as u32)).collect();
        Asked::all().with(|filter| filter.tags = tags).sorted(SortBy::Nickname, Direction::Ascending)
    }),
    ("one Chinese character", |random, _| Asked::search(chinese(random, 1))),
    ("two Chinese characters", |random, _| Asked::search(chinese(random, 2))),
    ("two Chinese characters that nobody has", |_, _| Asked::search("龘靐")),
    ("one letter", |random, n| Asked::search(piece(random, n, 1, name))),
    ("three letters of a name", |random, n| Asked::search(piece(random, n, 3, |c| c.profile.nickname.clone()))),
    ("five letters of an email address", |random, n| Asked::search(piece(random, n, 5, |c| c.profile.email.clone()))),
    ("twelve letters of an email address", |random, n| {
        Asked::search(piece(random, n, 12, |c| c.profile.email.clone()))
    }),
    ("a domain of 17 characters", |_, _| Asked::search("@mail.example.org")),
    ("the beginning of half of all IDs", |_, _| Asked::search("wx_")),
    ("a piece of an ID", |random, n| Asked::search(piece(random, n, 5, |c| c.id.to_string()))),
    ("a whole ID", |random, n| Asked::search(person(random.below(n), n).id.to_string())),
    ("a piece of a phone number", |random, n| Asked::search(piece(random, n, 4, |c| c.profile.phone.clone()))),
    ("a phone number with its country", |random, _| {
        Asked::search(format!("+86 100 {:04} {:04}", random.below(10_000), random.below(10_000)))
    }),
    ("signs of phone numbers", |random, _| {
        Asked::search(*random.choose(&["()", "--", "+(", ") ", "1 (2", "-", "+1 (", "+4"]))
    }),
    ("pinyin", |random, _| {
        let pool = [
            "zhangwei", "wanghao", "lina", "liuyang", "chenjie", "zhaoyan", "huangmin", "zhouxin", "wuqiang", "zheng",
            "xu", "sun",
        ];
        Asked::search(*random.choose(&pool))
    }),
    ("pinyin of many readings", |random, _| {
        Asked::search(*random.choose(&["xianxianxianx", "xianxian", "lianganan", "jianganxiang"]))
    }),
    ("initials", |random, _| Asked::search(*random.choose(&["zw", "lx", "wmj", "cxy", "l", "zxyz"]))),
    ("pinyin and Chinese mixed", |random, _| {
        Asked::search(*random.choose(&["zhang伟", "王hao", "li娜", "小w", "chen明"]))
    }),
    ("a first name with a typo", |random, _| {
        let name = first_name(random);
        Asked::search(slip(&name, random))
    }),
    ("a first and a last name with a typo", |random, _| {
        let name = random.latin_name().to_lowercase();
        Asked::search(slip(&name, random))
    }),
    ("half a coined word with a typo", |random, _| {
        let word: String = random.coined().chars().chain("kato".chars()).take(6).collect();
        Asked::search(slip(&word, random))
    }),
    ("a domain with a typo", |_, _| Asked::search("gmial.example")),
    ("pinyin with a typo", |random, _| Asked::search(slip("zhangweiming", random))),
    ("200 letters", |random, _| {
        Asked::search((0..60).map(|_| random.coined()).collect::<String>().chars().take(200).collect::<String>())
    }),
    ("200 characters of a hostile name", |random, n| {
        Asked::search(piece(random, n / 200 * 200, 200, |c| {
            let nickname = &c.profile.nickname;
            if nickname.chars().count() >= 200 { nickname.clone() } else { String::new() }
        }))
    }),
    ("a hostile repetition", |random, _| {
        Asked::search(*random.choose(&[
            "ababababab",
            "abababababa",
            "babac",
            "hangzhanglezhong",
            "xingchangle",
            "hzylc",
        ]))
    }),
    ("the beginning of hostile words, with a typo", |random, _| {
        Asked::search(*random.choose(&["mraia", "maira", "mariabo", "amria mar", "maria mra"]))
    }),
    ("nobody under three texts and a period", |random, n| {
        let filter_name = piece(random, n, 2, name);
        let id = piece(random, n, 4, |c| c.id.to_string());
        let search = slip(&first_name(random), random);
        Asked::all().within(7, TimeField::Created).with(|filter| {
            (filter.name, filter.id, filter.search) = (filter_name, id, search);
            filter.tags = vec![TagId(1 + random.below(60) as u32)];
        })
    }),
    ("nobody this week, a tag and a name", |random, _| {
        let (name, tag) = (random.chinese_name(), TagId(30 + random.below(30) as u32));
        Asked::all().within(7, TimeField::Created).with(|filter| (filter.name, filter.tags) = (name, vec![tag]))
    }),
    ("by nickname, at the far end", |random, _| {
        let by = *random.choose(&[Direction::Ascending, Direction::Descending]);
        Asked::all()
            .with(|filter| filter.name = random.choose(&["zh", "邹", "zou", "an", "ai", "左"]).to_string())
            .sorted(SortBy::Nickname, by)
    }),
    ("a jump in a filtered list", |random, n| {
        let text = chinese(random, 1);
        Asked::search(text).at(random.below(n / 50)).sorted(*random.choose(&SortBy::ALL), Direction::Descending)
    }),
    ("why not, of a whole ID", |random, n| Asked::WhyNot(person(random.below(n), n).id.to_string())),
    ("why not, of a beginning", |random, _| {
        Asked::WhyNot((*random.choose(&["wx_", "w", "e", "em_0", "-4"])).to_owned())
    }),
];
