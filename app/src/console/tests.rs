use clientele::domain::{Direction, Period, TagId};

use super::*;

#[test]
fn a_view_survives_its_url() {
    let filter = Filter { name: "张 & wei=1+1".into(), tags: vec![TagId(3), TagId(9)], ..Filter::default() };
    let view =
        View { filter, sort: Sort { by: SortBy::Nickname, direction: Direction::Descending }, ..View::default() };
    assert_eq!(read_view(&format!("?{}", view.query()), None), view);
}

#[test]
fn only_links_to_the_page_are_followed() {
    let at = |href: &str| view_at(Mode::Agent, href).map(|view| (view.selected, view.tab));
    assert_eq!(at("/customers"), Some((None, Tab::Profile)));
    assert_eq!(at("/customers/7?tab=tags"), Some((Some(CustomerKey(7)), Tab::Tags)));
    for other in ["/conversations/7", "/admin/customers", "/customersx", "https://evil.example/customers", ""] {
        assert_eq!(at(other), None, "{other}");
    }
}

#[test]
fn a_wrong_period_leaves_the_other_conditions() {
    let view = read_view("?period=custom&from=2026-02-02T00:00&to=2026-01-01T00:00&name=li", None);
    assert_eq!((view.filter.name.as_str(), view.filter.period), ("li", Period::ThisWeek));
    assert_eq!(view.error.unwrap().field.as_deref(), Some("to"));
}

#[test]
fn sorting_by_the_same_column_turns_the_order_round() {
    let view = View::default().sorted(SortBy::Nickname);
    assert_eq!(view.sort.direction, Direction::Ascending);
    assert_eq!(view.sorted(SortBy::Nickname).sort.direction, Direction::Descending);
}
