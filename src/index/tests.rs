//! Comparison of the index with brute force for random customers, changes and queries.

mod names;
mod oracle;
mod queries;
mod table;
mod world;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::Query;
use super::fields::Fields;
use crate::domain::{
    AgentId, Channel, Condition, Customer, CustomerId, CustomerKey, Exclusion, Filter, PageRequest, Period, Profile,
    Sort, Start, TagId, TimeRange, Timestamp,
};
use queries::query;
use world::{Op, World, create, op};

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_index_answers_as_a_look_at_every_customer_does(
        ops in proptest::collection::vec(op(), 0..120),
        finish in any::<bool>(),
        queries in proptest::collection::vec(query(), 1..6),
        later in proptest::collection::vec(op(), 0..20),
    ) {
        let mut world = World::default();
        // A low limit, so that n-grams are built from a few customers.
        world.index.grams.ngrams.min_docs = 2;
        ops.iter().for_each(|op| world.apply(op));
        if finish {
            world.index.finish_loading();
        }
        queries.iter().for_each(|queries| queries.check(&world));
        later.iter().for_each(|op| world.apply(op));
        queries.iter().for_each(|queries| queries.check(&world));
        prop_assert_eq!(world.index.len(), world.customers.len());
        for customer in world.customers.values() {
            prop_assert_eq!(world.index.check(customer), Ok(()));
        }
        prop_assert_eq!(world.index.check_surplus(), Ok(()));
    }
}

/// Uses enough customers for each representation of a set, for known n-grams, and for selections of
/// few customers among many.
#[test]
fn many_customers_are_found_as_few_are() {
    let mut runner = TestRunner::deterministic();
    let mut some = |strategy: BoxedStrategy<Op>| strategy.new_tree(&mut runner).unwrap().current();
    let mut world = World::default();
    world.index.grams.ngrams.min_docs = 100;
    for number in 0..2500 {
        let Op::Create { id, channel, names, contact, at, .. } = some(create().boxed()) else { continue };
        world.apply(&Op::Create { key: number, id, channel, names, contact, at });
        world.apply(&Op::Tag { key: number, tag: (number % 7) as u32, on: true });
        world.apply(&Op::Serve { key: number, agent: (number % 3) as u32, at: number as i64 % 12 });
    }
    world.index.finish_loading();
    for _ in 0..500 {
        world.apply(&some(op().boxed()));
    }
    let mut runner = TestRunner::deterministic();
    for _ in 0..60 {
        let queries = query().new_tree(&mut runner).unwrap().current();
        let start =
            queries.check_page(&world, Start::Top, 20).page.pop().map_or(Start::Top, |hit| Start::After(hit.cursor));
        queries.check_page(&world, start, 20);
        queries.check_page(&world, Start::Row(queries.row * 9), 20);
    }
}

#[test]
fn a_check_tells_what_differs() {
    let mut world = World::default();
    let id = CustomerId::new("wx_1").unwrap();
    let customer = Customer::new(CustomerKey(7), id, Channel::Web, Profile::default(), Timestamp(5));
    world.save(customer.clone(), false);
    let mut other = customer.clone();
    other.fields_unchecked().profile.nickname = "张伟".into();
    other.tag(TagId(4));
    assert_eq!(world.index.check(&customer), Ok(()));
    assert_eq!(world.index.check(&other), Err("texts, grams, words, tags".into()));
    other.fields_unchecked().key = CustomerKey(8);
    assert_eq!(world.index.check(&other), Err("missing".into()));
}

#[test]
fn the_version_is_that_of_the_newest_state() {
    let mut world = World::default();
    let id = CustomerId::new("wx_1").unwrap();
    let older = Customer::new(CustomerKey(7), id, Channel::Web, Profile::default(), Timestamp(5));
    let mut customer = older.clone();
    customer.fields_unchecked().version = 3;
    assert_eq!(world.index.version_of(customer.key), None);
    world.save(customer.clone(), false);
    world.save(older, false);
    assert_eq!(world.index.version_of(customer.key), Some(3));
}

#[test]
fn an_id_that_is_typed_whole_is_accounted_for_while_others_are_listed() {
    let mut world = World::default();
    for (key, id, at) in [(1, "wx_1", 5), (2, "wx_12", 20)] {
        let id = CustomerId::new(id).unwrap();
        world.save(Customer::new(CustomerKey(key), id, Channel::Web, Profile::default(), Timestamp(at)), false);
    }
    world.index.finish_loading();
    let filter = Filter { search: "WX_1".into(), period: Period::Today, ..Filter::default() };
    let range = TimeRange { from: Some(Timestamp(10)), until: None };
    let page = PageRequest { start: Start::Top, limit: 50 };
    let query = Query { scope: None, filter: &filter, range, sort: Sort::default(), page };
    assert_eq!(world.index.search(&query).total, 1);
    let excluded = Exclusion::By(vec![Condition::Period]);
    assert_eq!(world.index.exact_id(&query, " wx_1\u{200B}"), Some((CustomerKey(1), excluded)));
    assert_eq!(world.index.exact_id(&query, "wx_"), None);
    let scope = Some(AgentId(1));
    assert_eq!(world.index.exact_id(&Query { scope, ..query }, "wx_1"), None);
}

#[test]
fn documents_in_sets_of_texts_they_do_not_have_are_noticed() {
    let mut world = World::default();
    let id = CustomerId::new("wx_1").unwrap();
    world.save(Customer::new(CustomerKey(7), id, Channel::Web, Profile::default(), Timestamp(5)), false);
    assert_eq!(world.index.check_surplus(), Ok(()));
    let other = Fields { nickname: "anna", ..Fields::default() };
    world.index.grams.insert(0, &other);
    world.index.vocabulary.insert(0, &other);
    assert_eq!(world.index.check(&world.customers[&7]), Ok(()));
    assert_eq!(world.index.check_surplus(), Err("grams, words".into()));
}

#[test]
fn memory_is_given_back_when_names_change_back() {
    let mut world = World::default();
    let customer = |key: u64, version: u32, nickname: String| {
        let id = CustomerId::new(format!("wx_{key}")).unwrap();
        let profile = Profile { nickname, ..Profile::default() };
        let mut customer = Customer::new(CustomerKey(key), id, Channel::Web, profile, Timestamp(5));
        customer.fields_unchecked().version = version;
        customer
    };
    (0..1000).for_each(|key| world.index.upsert(&customer(key, 1, "anna".into())));
    let before = world.index.memory();
    let mut seed = 1u32;
    let mut random = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_u32(0x4E00 + (seed >> 16) % 0x5000).unwrap()
    };
    (0..1000).for_each(|key| world.index.upsert(&customer(key, 2, (0..256).map(|_| random()).collect())));
    let between = world.index.memory();
    (0..1000).for_each(|key| world.index.upsert(&customer(key, 3, "anna".into())));
    let after = world.index.memory();
    assert!(between > before * 2, "{before} {between}");
    assert!(after * 10 < before * 11, "{before} {between} {after}");
}
