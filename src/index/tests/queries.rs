//! Random queries and the properties that their results must have.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::{Found, Query};
use super::oracle::{self, listed, oracle, sort_value};
use super::world::{World, id, key, name};
use crate::domain::listing::SortValue;
use crate::domain::{
    AgentId, Channel, Cursor, CustomerKey, Direction, Filter, PageRequest, Period, Rank, Sort, SortBy, Start, TagId,
    TimeField, TimeRange, Timestamp,
};

/// Generates typed texts: parts of stored texts, pinyin, and typos.
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
        "zhang伟",
        "张we",
        "shan雄xin",
        "xi'an",
        "chong",
        "lyubu",
        "+86 138 0000",
        "0020 7000 00",
        "+44 (0)20 7000",
        "02070000",
        "138.0",
        "(2",
        "+8",
        "2) ",
        "gmial.com",
        "a1@gmial",
        "customer_0",
        "custoemr_0",
        "custo",
        "custmo",
        "olivai jo",
        "olivai john",
        "strasse",
        "o’b",
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
pub(super) struct Asked {
    scope: Option<u32>,
    filter: Filter,
    range: TimeRange,
    sort: Sort,
    limit: u32,
    pub(super) row: u64,
    cursor: (Rank, usize, u64),
    id: String,
}

pub(super) fn query() -> impl Strategy<Value = Asked> {
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
    let cursor = (select(Rank::ALL.to_vec()), any::<usize>(), key());
    (scope, filter, range, sort, 1..7u32, 0..70u64, cursor, id()).prop_map(
        |(scope, mut filter, range, sort, limit, row, cursor, id)| {
            // The index only reads whether a period is set, not which one.
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

    /// Checks the results of the query from every kind of start.
    pub(super) fn check(&self, world: &World) {
        let cursor = |sort_value| Cursor { rank: self.cursor.0, sort_value, key: CustomerKey(self.cursor.2) };
        let mut starts = vec![Start::Top, Start::Row(0), Start::Row(self.row)];
        if !world.history.is_empty() {
            // Cursor of an earlier or current state of a customer.
            let cursor = cursor(sort_value(self.sort.by, &world.history[self.cursor.1 % world.history.len()]));
            starts.extend([Start::After(cursor.clone()), Start::Before(cursor)]);
        }
        let other_kind =
            if self.sort.by == SortBy::Nickname { SortValue::Time(3) } else { SortValue::Text("m".into()) };
        starts.push(Start::After(cursor(other_kind)));
        for start in starts {
            self.check_page(world, start, self.limit);
        }
        self.check_walk(world);
        let query = self.query(Start::Top, 1);
        assert_eq!(
            world.index.exclusion_of(&query, &self.id),
            oracle::exclusion_of(&world.customers, &query, &self.id)
        );
    }

    pub(super) fn check_page(&self, world: &World, start: Start, limit: u32) -> Found {
        let query = self.query(start, limit);
        let found = world.index.search(&query);
        let mut expected = oracle(&world.customers, &query);
        // Among many customers, counting the rows above may require a long walk.
        if found.first_row.is_none() && world.customers.len() > 1_000 {
            expected.first_row = None;
        }
        assert_eq!(found, expected, "{query:?}");
        let size = world.index.size(&query);
        assert_eq!((size.total, size.similar), (found.total, found.similar));
        found
    }

    /// Pages down to the end of the list and up again.
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
        let query = self.query(Start::Top, 1);
        for customer in world.customers.values() {
            assert_eq!(world.index.is_listed(&query, customer.key), all.contains(&customer.key), "{customer:?}");
        }
        let mut up: Vec<CustomerKey> = last.iter().map(|hit| hit.key).collect();
        while let Some(hit) = last {
            let start = Start::Before(hit.cursor);
            assert_eq!(world.index.size(&self.query(start.clone(), 1)).above as usize, all.len() - up.len());
            let found = self.check_page(world, start, limit);
            up.extend(found.page.iter().rev().map(|hit| hit.key));
            last = found.page.first().cloned();
        }
        up.reverse();
        assert_eq!(up, all);
    }
}
