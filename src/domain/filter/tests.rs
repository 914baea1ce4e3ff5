use proptest::prelude::*;

use super::*;

fn pairs<'a>(pairs: &'a [(&'static str, String)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    pairs.iter().map(|(name, value)| (*name, value.as_str()))
}

#[test]
fn an_empty_query_is_the_default() {
    let (filter, sort) = Filter::from_pairs([]).unwrap();
    assert_eq!((filter.period, filter.on, sort), (Period::ThisWeek, TimeField::Created, Sort::default()));
    assert!(filter.to_pairs(sort).is_empty());
}

#[test]
fn what_is_not_understood_is_passed_over() {
    let query = [("period", "someday"), ("tag", "x"), ("channel", "fax"), ("sort", "luck"), ("utm_source", "mail")];
    assert_eq!(Filter::from_pairs(query).unwrap().0, Filter::default());
}

#[test]
fn a_wrong_period_is_an_error_at_its_field() {
    let error = Filter::from_pairs([("period", "custom"), ("from", "yesterday")]).unwrap_err();
    assert_eq!(error, Error::field("from", Reason::NotATime));
    let query = [("period", "custom"), ("from", "2026-11-02T00:00"), ("to", "2026-11-01T00:00")];
    assert_eq!(Filter::from_pairs(query).unwrap_err(), Error::field("to", Reason::EndBeforeStart));
}

#[test]
fn a_text_that_nobody_sees_is_no_condition() {
    let filter = Filter { search: "\u{200B}\u{2800}".into(), ..Filter::default() };
    assert!(!filter.has(Condition::Search));
    assert!(filter.to_pairs(Sort::default()).is_empty());
}

#[test]
fn the_ends_of_a_custom_period_are_passed_over_for_others() {
    let query = [("period", "today"), ("from", "x"), ("to", "2026-13-01T00:00")];
    assert_eq!(Filter::from_pairs(query).unwrap().0.period, Period::Today);
    assert_eq!(Filter::from_pairs([("from", "x")]).unwrap().0, Filter::default());
}

#[test]
fn nicknames_go_from_a_to_z_unless_told() {
    assert_eq!(Filter::from_pairs([("sort", "nickname")]).unwrap().1.direction, Direction::Ascending);
    assert_eq!(Filter::from_pairs([("sort", "nickname"), ("dir", "desc")]).unwrap().1.direction, Direction::Descending);
}

fn any_filter() -> impl Strategy<Value = (Filter, Sort)> {
    let minute = || {
        proptest::option::of(
            (2000..2100i16, 1..=12u8, 0..24u8)
                .prop_map(|(y, m, h)| LocalMinute::parse(&format!("{y:04}-{m:02}-07T{h:02}:30")).unwrap()),
        )
    };
    let period = prop_oneof![
        proptest::sample::select(Period::PRESETS.to_vec()),
        (minute(), minute()).prop_map(|(a, b)| match (a, b) {
            (Some(a), Some(b)) => Period::Custom { from: Some(a.min(b)), to: Some(a.max(b)) },
            (from, to) => Period::Custom { from, to },
        }),
    ];
    let on = proptest::sample::select(vec![TimeField::Created, TimeField::LatestConversation]);
    let tags = proptest::collection::btree_set(0..300u32, 0..5).prop_map(|set| set.into_iter().map(TagId).collect());
    let text = || "\\PC{1,12}".prop_filter("blank is no condition", |text| !is_blank_to_the_eye(text));
    let channel = proptest::option::of(proptest::sample::select(Channel::ALL.to_vec()));
    let sort = (
        proptest::sample::select(SortBy::ALL.to_vec()),
        proptest::sample::select(vec![Direction::Ascending, Direction::Descending]),
    );
    (period, on, tags, (text(), text(), text()), channel, any::<Option<bool>>(), sort).prop_map(
        |(period, on, tags, (name, id, search), channel, blacklisted, (by, direction))| {
            (Filter { period, on, tags, name, id, channel, blacklisted, search }, Sort { by, direction })
        },
    )
}

proptest! {
    #[test]
    fn a_filter_survives_its_url((filter, sort) in any_filter()) {
        let written = filter.to_pairs(sort);
        prop_assert_eq!(Filter::from_pairs(pairs(&written)).unwrap(), (filter, sort));
    }

    #[test]
    fn no_query_breaks_the_reader(query in proptest::collection::vec(("\\PC{0,12}", "\\PC{0,40}"), 0..20)) {
        let _ = Filter::from_pairs(query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    }

    #[test]
    fn dropping_a_condition_leaves_the_others((filter, _) in any_filter()) {
        for condition in Condition::ALL {
            let without = filter.without(condition);
            for other in Condition::ALL {
                prop_assert_eq!(without.has(other), other != condition && filter.has(other));
            }
        }
    }
}
