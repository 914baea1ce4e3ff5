//! The index against brute force: random customers and changes, random queries, always the same answer.

mod truth;

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::domain::listing::Place;
use crate::domain::{
    Blacklisting, Cursor, Customer, CustomerId, CustomerKey, Direction, Filter, PageRequest, Period, Profile, Sort,
    SortBy, Start, TimeField, TimeRange, Timestamp,
};
use truth::{listed, place, truth};

#[derive(Clone, Debug)]
enum Op {
    Create {
        key: u64,
        id: String,
        channel: Channel,
        names: (String, String),
        contact: (String, String),
        at: i64,
    },
    Edit {
        key: u64,
        names: (String, String),
        contact: (String, String),
    },
    Tag {
        key: u64,
        tag: u32,
        on: bool,
    },
    Serve {
        key: u64,
        agent: u32,
        at: i64,
    },
    Blacklist {
        key: u64,
    },
    /// An old state comes again.
    Repeat {
        nth: usize,
    },
    Load {
        key: u64,
        names: (String, String),
    },
    FinishLoading,
}

fn name() -> impl Strategy<Value = String> {
    let words = select(vec![
        "张伟",
        "单雄信",
        "欧阳 修",
        "吕布",
        "微信用户",
        "微信用户1",
        "西安",
        "先",
        "Maria López",
        "maria",
        "Mario Lopez",
        "Márta",
        "ZHANG Wei",
        "zhangwei",
        "Jean-Paul",
        "o'brien",
        "Søren Lund",
        "Ёлкин",
        "елкина",
        "がくせい",
        "か",
        "한국어",
        "🌟张🌟",
        "Ｔｏｍ",
        "50%_*",
        "张",
    ]);
    let noise = "[张伟单信abmz éÁＡ🌟1\u{3000}]{0,6}";
    prop_oneof![2 => words.prop_map(str::to_owned), 2 => noise, 1 => Just(String::new())]
}

fn contact() -> impl Strategy<Value = (String, String)> {
    let phone = prop_oneof![
        Just(String::new()),
        "(\\+86 )?1[38][0-2 -]{1,6}",
        "\\([0-2]{2}\\) ?[0-2]{3}",
        Just("x. 12".into())
    ];
    let email = prop_oneof![Just(String::new()), "[ab1]{1,3}@(gmail\\.com|qq\\.com|a\\.cn)"];
    (phone, email)
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof!["(wx|em)_[0-2a]{2,5}", "[0-3]{1,4}", "客户[12]"]
}

fn key() -> impl Strategy<Value = u64> {
    prop_oneof![3 => 0..60u64, 1 => select(vec![1_000_000u64, u64::MAX])]
}

fn op() -> impl Strategy<Value = Op> {
    let names = || (name(), name());
    let channel = select(Channel::ALL.to_vec());
    prop_oneof![
        12 => (key(), id(), channel, names(), contact(), 0..12i64)
            .prop_map(|(key, id, channel, names, contact, at)| Op::Create { key, id, channel, names, contact, at }),
        5 => (key(), names(), contact()).prop_map(|(key, names, contact)| Op::Edit { key, names, contact }),
        8 => (key(), 0..5u32, any::<bool>()).prop_map(|(key, tag, on)| Op::Tag { key, tag, on }),
        8 => (key(), 0..3u32, 0..12i64).prop_map(|(key, agent, at)| Op::Serve { key, agent, at }),
        2 => key().prop_map(|key| Op::Blacklist { key }),
        2 => any::<usize>().prop_map(|nth| Op::Repeat { nth }),
        2 => (key(), names()).prop_map(|(key, names)| Op::Load { key, names }),
        1 => Just(Op::FinishLoading),
    ]
}

/// The index, and the customers as the store would have them.
#[derive(Default)]
struct World {
    index: Index,
    customers: BTreeMap<u64, Customer>,
    history: Vec<Customer>,
}

impl World {
    fn apply(&mut self, op: &Op) {
        match op {
            Op::FinishLoading => self.index.finish_loading(),
            Op::Repeat { nth } => {
                if let Some(old) = self.history.get(nth % self.history.len().max(1)) {
                    self.index.upsert(old);
                }
            }
            Op::Create { key, id, channel, names, contact, at } => {
                if !self.customers.contains_key(key) {
                    let id = CustomerId::new(id).unwrap();
                    let mut customer =
                        Customer::new(CustomerKey(*key), id, *channel, Profile::default(), Timestamp(*at));
                    write(&mut customer.profile, names, contact);
                    self.save(customer, false);
                }
            }
            Op::Edit { key, names, contact } => self.change(*key, false, |own| write(&mut own.profile, names, contact)),
            Op::Load { key, names } => self.change(*key, true, |own| own.profile.nickname = names.0.clone()),
            Op::Tag { key, tag, on: true } => self.change(*key, false, |own| own.tag(TagId(*tag))),
            Op::Tag { key, tag, on: false } => self.change(*key, false, |own| own.untag(TagId(*tag))),
            Op::Serve { key, agent, at } => self.change(*key, false, |own| own.serve(AgentId(*agent), Timestamp(*at))),
            Op::Blacklist { key } => self.change(*key, false, |own| {
                if own.unblacklist().is_err() {
                    own.blacklist(Blacklisting::new("abuse", None, Timestamp(0), None).unwrap()).unwrap();
                }
            }),
        }
    }

    fn change(&mut self, key: u64, load: bool, change: impl FnOnce(&mut Customer)) {
        if let Some(customer) = self.customers.get(&key) {
            let mut customer = customer.clone();
            change(&mut customer);
            customer.version += 1;
            self.save(customer, load);
        }
    }

    fn save(&mut self, customer: Customer, load: bool) {
        if load {
            self.index.load([&customer]);
        } else {
            self.index.upsert(&customer);
        }
        self.history.push(customer.clone());
        self.customers.insert(customer.key.0, customer);
    }
}

fn write(profile: &mut Profile, names: &(String, String), contact: &(String, String)) {
    (profile.nickname, profile.real_name) = names.clone();
    (profile.phone, profile.email) = contact.clone();
}

/// What somebody may type: parts of what is there, pinyin, slips.
fn typed() -> impl Strategy<Value = String> {
    let typed = select(vec![
        "zhangwei",
        "zhang wei",
        "zhagnwei",
        "z",
        "zw",
        "zh",
        "dan",
        "shan",
        "danxiong",
        "sxx",
        "lubu",
        "lvb",
        "wxyh",
        "weixinyonghu",
        "weixinyonhu",
        "xian",
        "xi an",
        "maria",
        "Mraia",
        "marai lopez",
        "maria lopes",
        "mari lopes",
        "ario l",
        "sorenx",
        "soren",
        "елкин",
        "ёлкинa",
        "brian",
        "o'brain",
        "か",
        "が",
        "tom",
        "%",
        "_",
        "*",
        ".com",
        "gmail.com",
        "@qq",
        "wx_",
        "wx_0",
        "138",
        "1 3",
        "+86 1",
        "(0",
        "-",
        ")",
        "x. 1",
        "客",
        "张伟",
        " 微信 用户 ",
        "信用户",
        "´",
        "微信用户",
        "bbbbb",
        "aaaab",
    ]);
    prop_oneof![
        6 => Just(String::new()),
        6 => typed.prop_map(str::to_owned),
        2 => "[张伟单信abmz éＡ1]{1,3}",
        1 => id(),
        1 => name(),
    ]
}

#[derive(Clone, Debug)]
struct Asked {
    scope: Option<u32>,
    filter: Filter,
    range: TimeRange,
    sort: Sort,
    limit: u32,
    row: u64,
    cursor: (bool, usize, u64),
    id: String,
}

fn asked() -> impl Strategy<Value = Asked> {
    let end = || prop_oneof![2 => Just(None), 1 => (0..13i64).prop_map(|at| Some(Timestamp(at)))];
    let range = (end(), end()).prop_map(|(from, until)| TimeRange { from, until });
    let tags = prop_oneof![2 => Just(vec![]), 1 => proptest::collection::btree_set(0..6u32, 1..3).prop_map(|tags| tags.into_iter().map(TagId).collect())];
    let channel = prop_oneof![4 => Just(None), 1 => select(Channel::ALL.to_vec()).prop_map(Some)];
    let blacklisted = prop_oneof![4 => Just(None), 1 => any::<bool>().prop_map(Some)];
    let on = select(vec![TimeField::Created, TimeField::LatestConversation]);
    let filter = (
        tags,
        channel,
        blacklisted,
        on,
        typed(),
        typed(),
        prop_oneof![3 => Just(String::new()), 1 => id(), 1 => typed()],
    )
        .prop_map(|(tags, channel, blacklisted, on, name, search, id)| Filter {
            tags,
            channel,
            blacklisted,
            on,
            name,
            search,
            id,
            period: Period::AllTime,
        });
    let sort = (select(SortBy::ALL.to_vec()), select(vec![Direction::Ascending, Direction::Descending]))
        .prop_map(|(by, direction)| Sort { by, direction });
    let scope = prop_oneof![3 => Just(None), 1 => (0..4u32).prop_map(Some)];
    let cursor = (any::<bool>(), any::<usize>(), key());
    (scope, filter, range, sort, 1..7u32, 0..70u64, cursor, id()).prop_map(
        |(scope, mut filter, range, sort, limit, row, cursor, id)| {
            // The period itself is never read, but says whether the condition is set.
            filter.period = if range.is_everything() { Period::AllTime } else { Period::Today };
            Asked { scope, filter, range, sort, limit, row, cursor, id }
        },
    )
}

impl Asked {
    fn query(&self, start: Start, limit: u32) -> Query<'_> {
        let page = PageRequest { start, limit };
        Query { scope: self.scope.map(AgentId), filter: &self.filter, range: self.range, sort: self.sort, page }
    }

    /// All that can be asked about a list, from every start.
    fn check(&self, world: &World) {
        let cursor = |place| Cursor { similar: self.cursor.0, place, key: CustomerKey(self.cursor.2) };
        let mut starts = vec![Start::Top, Start::Row(0), Start::Row(self.row)];
        if !world.history.is_empty() {
            // The place of a customer as it was some time.
            let cursor = cursor(place(self.sort.by, &world.history[self.cursor.1 % world.history.len()]));
            starts.extend([Start::After(cursor.clone()), Start::Before(cursor)]);
        }
        let other_kind = if self.sort.by == SortBy::Nickname { Place::Time(3) } else { Place::Text("m".into()) };
        starts.push(Start::After(cursor(other_kind)));
        for start in starts {
            self.check_page(world, start, self.limit);
        }
        self.check_walk(world);
        let query = self.query(Start::Top, 1);
        assert_eq!(world.index.why_not(&query, &self.id), truth::why_not(&world.customers, &query, &self.id));
    }

    fn check_page(&self, world: &World, start: Start, limit: u32) -> Found {
        let query = self.query(start, limit);
        let found = world.index.search(&query);
        let mut expected = truth(&world.customers, &query);
        if found.first_row.is_none() {
            expected.first_row = None;
        }
        assert_eq!(found, expected, "{query:?}");
        found
    }

    /// Down to the end page by page and up again.
    fn check_walk(&self, world: &World) {
        let all: Vec<CustomerKey> =
            listed(&world.customers, &self.query(Start::Top, 1)).iter().map(|(_, customer)| customer.key).collect();
        let limit = self.limit;
        let (mut walked, mut start) = (Vec::new(), Start::Top);
        let mut last = loop {
            let found = self.check_page(world, start, limit);
            walked.extend(found.page.iter().map(|hit| hit.key));
            match found.page.last().cloned() {
                Some(hit) if found.after => start = Start::After(hit.cursor),
                last => break last,
            }
        };
        assert_eq!(walked, all);
        let mut up: Vec<CustomerKey> = last.iter().map(|hit| hit.key).collect();
        while let Some(hit) = last {
            let found = self.check_page(world, Start::Before(hit.cursor), limit);
            up.extend(found.page.iter().rev().map(|hit| hit.key));
            last = found.page.first().cloned();
        }
        up.reverse();
        assert_eq!(up, all);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_index_answers_as_a_look_at_every_customer_does(
        ops in proptest::collection::vec(op(), 0..120),
        finish in any::<bool>(),
        asked in proptest::collection::vec(asked(), 1..6),
        later in proptest::collection::vec(op(), 0..20),
    ) {
        let mut world = World::default();
        // So that a few customers are enough for what many would do.
        world.index.grams.pieces.least = 2;
        ops.iter().for_each(|op| world.apply(op));
        if finish {
            world.index.finish_loading();
        }
        asked.iter().for_each(|asked| asked.check(&world));
        later.iter().for_each(|op| world.apply(op));
        asked.iter().for_each(|asked| asked.check(&world));
        prop_assert_eq!(world.index.len(), world.customers.len());
        for customer in world.customers.values() {
            prop_assert_eq!(world.index.check(customer), Ok(()));
        }
    }
}

#[test]
fn a_check_tells_what_differs() {
    let mut world = World::default();
    let id = CustomerId::new("wx_1").unwrap();
    let customer = Customer::new(CustomerKey(7), id, Channel::Web, Profile::default(), Timestamp(5));
    world.save(customer.clone(), false);
    let mut other = customer.clone();
    other.profile.nickname = "张伟".into();
    other.tag(TagId(4));
    assert_eq!(world.index.check(&customer), Ok(()));
    assert_eq!(world.index.check(&other), Err("texts, grams, words, tags".into()));
    other.key = CustomerKey(8);
    assert_eq!(world.index.check(&other), Err("missing".into()));
}
