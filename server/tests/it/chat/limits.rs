//! Rate limits of visitors: generous for a network, tight for one visitor.

use http::StatusCode;

use super::browser::{Browser, Live};
use crate::common::TestApp;

/// A company or a mobile carrier has hundreds of visitors behind one address.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_visitors_of_one_address_do_not_hold_each_other_up() {
    let app = TestApp::new().await;
    let mut visitors: Vec<_> = (0..100).map(|_| Browser::new(&app)).collect();
    for (number, visitor) in visitors.iter_mut().enumerate() {
        visitor.open().await;
        assert_eq!(visitor.write("a", "hello").await, StatusCode::NO_CONTENT, "{number}");
    }
    // After a restart all chats reconnect at once, which uses up nothing of the limit for messages.
    for visitor in &visitors {
        drop(Live::of(visitor).await);
        drop(Live::of(visitor).await);
    }
    for visitor in visitors.iter_mut().take(10) {
        assert_eq!(visitor.write("b", "are you there?").await, StatusCode::NO_CONTENT);
    }
}

/// Without cookies each message comes from a new visitor and would start another waiting conversation.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_address_cannot_fill_the_queue() {
    let app = TestApp::new().await;
    let mut taken = 0;
    for number in 0..220 {
        taken += usize::from(Browser::new(&app).write(&number.to_string(), "hello").await == StatusCode::NO_CONTENT);
    }
    assert!((120..145).contains(&taken), "{taken}");
    assert_eq!(app.store.waiting(None, 1).1, taken);
    assert_eq!(app.store.waiting_from([192, 0, 2, 7].into()) as usize, taken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn too_much_at_once_has_to_wait() {
    let app = TestApp::new().await;
    let mut visitor = Browser::new(&app);
    let mut answers = Vec::new();
    for number in 0..65 {
        answers.push(visitor.write(&number.to_string(), "hello").await);
    }
    assert!(answers[..50].iter().all(|status| *status == StatusCode::NO_CONTENT));
    assert_eq!(answers.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
    let mut refused = visitor.submit("/chat/messages", "id=x&text=please").await;
    if refused.status == StatusCode::SEE_OTHER {
        // The limit had just allowed one more message.
        refused = visitor.submit("/chat/messages", "id=x&text=please").await;
    }
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.body.contains("Too many messages at once") && refused.body.contains("please</textarea>"));
}

/// Rejected messages of one visitor do not count for others in the same network.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_visitor_that_writes_without_end_keeps_nobody_else_waiting() {
    let app = TestApp::new().await;
    let mut loud = Browser::new(&app);
    let mut refused = 0;
    for number in 0..700 {
        refused += usize::from(loud.write(&number.to_string(), "hello").await == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(refused > 500, "{refused}");
    let mut other = Browser::new(&app);
    for number in 0..20 {
        assert_eq!(other.write(&number.to_string(), "hello").await, StatusCode::NO_CONTENT, "{number}");
    }
}
