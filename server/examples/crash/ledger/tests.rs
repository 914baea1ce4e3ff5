//! The comparison tells each kind of fault, and nothing where there is none.

use super::*;

const NICKNAME: Cell = Cell::Field("nickname");

fn message(text: &str, conversation: u32) -> Operation {
    let action = Action::Message {
        channel: 0,
        customer: "web_1".into(),
        id: text.into(),
        text: text.into(),
        nickname: String::new(),
    };
    let effects =
        vec![(Cell::Message(text.into()), "once".into()), (Cell::Conversation(conversation), "waiting".into())];
    Operation { record: 0, agent: 0, action, effects }
}

fn edit(value: &str) -> Operation {
    let action = Action::Edit { key: 1, field: "nickname", seen: String::new(), value: value.into() };
    Operation { record: 0, agent: 0, action, effects: vec![(NICKNAME, value.into())] }
}

fn ok(body: &str) -> Result<Answer, Broken> {
    Ok(Answer { status: 200, headers: Vec::new(), body: body.into() })
}

fn lost() -> Result<Answer, Broken> {
    Err(Broken::Unknown(std::io::ErrorKind::ConnectionReset.into()))
}

/// A customer whose first message is acknowledged.
fn ledger() -> Ledger {
    let mut ledger = Ledger::default();
    ledger.records.push(Record::new(Owner::Writer(0), "web_1".into(), 0));
    assert!(ledger.note(message("hello", 1), &ok(r#"{"repeated":false}"#)));
    ledger
}

fn shown(version: u32, cells: &[(Cell, &str)], said: &[&str]) -> Shown {
    let messages = said.iter().map(|text| (Cell::Message((*text).into()), "once".to_owned()));
    let cells = cells.iter().map(|(cell, value)| (cell.clone(), (*value).to_owned())).chain(messages).collect();
    Shown { key: Some(1), version, cells, said: said.iter().map(|text| (*text).into()).collect() }
}

/// Settles the customer, and returns what became of the changes of unknown outcome, and the faults by kind.
fn settle(ledger: &mut Ledger, shown: Shown) -> (Vec<bool>, Vec<Fault>) {
    let Ledger { records, tally, .. } = ledger;
    let settled = records[0].settle(shown, tally);
    (settled.into_iter().map(|(_, happened)| happened).collect(), tally.faults.keys().copied().collect())
}

const WAITING: (Cell, &str) = (Cell::Conversation(1), "waiting");

#[test]
fn what_was_acknowledged_and_is_shown_is_no_fault() {
    let mut ledger = ledger();
    assert_eq!(settle(&mut ledger, shown(1, &[WAITING], &["hello"])), (vec![], vec![]));
    // A message that was found is not looked for again.
    assert_eq!(settle(&mut ledger, shown(1, &[WAITING], &[])), (vec![], vec![]));
}

#[test]
fn what_was_acknowledged_and_is_not_shown_is_lost() {
    let mut ledger = ledger();
    assert_eq!(settle(&mut ledger, shown(1, &[WAITING], &[])).1, [Fault::Lost]);
}

#[test]
fn a_change_without_an_answer_happened_or_did_not() {
    for (value, version, happened) in [("", 1, false), ("Wei", 2, true)] {
        let mut ledger = ledger();
        ledger.note(edit("Wei"), &lost());
        let shown = shown(version, &[WAITING, (NICKNAME, value)], &["hello"]);
        assert_eq!(settle(&mut ledger, shown), (vec![happened], vec![]));
    }
}

#[test]
fn a_change_that_happened_in_part_is_torn() {
    let mut ledger = ledger();
    assert!(ledger.note(edit("Wei"), &ok("{}")));
    ledger.note(message("again", 2), &lost());
    let shown = shown(3, &[WAITING, (NICKNAME, "Wei")], &["hello", "again"]);
    assert_eq!(settle(&mut ledger, shown).1, [Fault::Torn]);
}

#[test]
fn a_change_that_happened_twice_is_torn() {
    let mut ledger = ledger();
    assert_eq!(settle(&mut ledger, shown(2, &[WAITING], &["hello"])).1, [Fault::Torn]);
}

#[test]
fn a_message_that_nobody_sent_is_torn() {
    let mut ledger = ledger();
    assert_eq!(settle(&mut ledger, shown(1, &[WAITING], &["hello", "who?"])).1, [Fault::Torn]);
}

#[test]
fn a_message_sent_again_must_be_known_exactly_when_it_had_happened() {
    for (happened, repeated, faults) in [(true, true, 0), (false, false, 0), (true, false, 1), (false, true, 1)] {
        let mut ledger = ledger();
        let answer = ok(&format!(r#"{{"repeated":{repeated}}}"#));
        ledger.note_again(&message("again", 1), happened, &answer, Fault::Lost);
        assert_eq!(ledger.tally.of(Fault::Lost), faults, "happened: {happened}, repeated: {repeated}");
    }
}

#[test]
fn a_refusal_that_contradicts_what_was_acknowledged_is_a_fault_and_a_plain_conflict_is_not() {
    for (status, body, faults) in [
        (409, r#"{"code":"conflict","reason":null}"#, 0),
        (409, r#"{"code":"conflict","reason":"changed_meanwhile"}"#, 1),
        (404, r#"{"code":"not_found"}"#, 1),
        (500, "", 1),
        (503, "", 0),
    ] {
        let mut ledger = ledger();
        let answer = Answer { status, headers: Vec::new(), body: body.into() };
        assert!(!ledger.note(edit("Wei"), &Ok(answer)));
        assert_eq!(ledger.tally.of(Fault::Other), faults, "{status} {body}");
    }
}

#[test]
fn a_value_that_was_taken_away_and_is_back_is_lost() {
    let mut ledger = ledger();
    let tag = Cell::Tag(1);
    for (on, value) in [(true, "yes"), (false, "")] {
        let action = Action::Tag { key: 1, tag: 1, on };
        let operation = Operation { record: 0, agent: 0, action, effects: vec![(tag.clone(), value.into())] };
        assert!(ledger.note(operation, &ok("{}")));
    }
    assert_eq!(settle(&mut ledger, shown(3, &[WAITING, (tag, "yes")], &["hello"])).1, [Fault::Lost]);
}
