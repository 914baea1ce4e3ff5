use super::*;

fn measured(top: f64) -> Geometry {
    Geometry { top, height: Some(440.0), row: 44.0, rendered: (0, 50), fine: 0.0 }
}

#[test]
fn the_window_is_what_is_in_sight_and_a_little_more() {
    assert_eq!(measured(0.0).window(1000), 0..15);
    assert_eq!(measured(4400.0).window(1000), 96..115);
    assert_eq!(measured(4400.0).window(103), 96..103);
}

#[test]
fn before_it_is_measured_it_is_what_the_server_rendered() {
    assert_eq!(Geometry::of_first_part(100, 50).window(1000), 100..150);
}

#[test]
fn the_last_row_of_a_million_can_be_reached() {
    let total = 1_000_000;
    let end = measured(MAX_PIXELS - 440.0);
    assert_eq!(end.window(total).end, total);
    assert!((end.first_in_sight(total, 440.0) - (total as f64 - 10.0)).abs() < 0.01);
}

#[test]
fn small_steps_go_pixel_by_pixel_in_a_list_of_any_length() {
    for total in [1_000, 1_000_000] {
        let mut list = measured(0.0);
        list.scroll(list.top_of(total / 2, total), total);
        let before = list.first_in_sight(total, 440.0);
        for _ in 0..50 {
            list.scroll(list.top + 3.0, total);
        }
        let moved = list.first_in_sight(total, 440.0) - before;
        assert!((moved - 150.0 / 44.0).abs() < 0.01, "{total}: {moved}");
        list.scroll(0.0, total);
        assert!(list.first_in_sight(total, 440.0) < 0.01);
    }
}

#[test]
fn scrolling_to_a_row_brings_it_to_the_top_edge() {
    for total in [1_000, 1_000_000] {
        for place in [0, 7, 500, total / 2, total - 10] {
            let there = measured(measured(0.0).top_of(place, total));
            let first = there.first_in_sight(total, 440.0);
            assert!((first - place as f64).abs() < 0.01, "{place} of {total}: {first}");
            // The rendered rows are at the scroll offset where they are visible.
            let shown = there.offset(total) + (place - there.window(total).start) as f64 * 44.0;
            assert!((shown - there.top).abs() < 1.0);
        }
    }
}
