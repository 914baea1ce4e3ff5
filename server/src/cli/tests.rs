use super::*;

#[test]
fn the_reason_why_a_database_cannot_be_opened_is_said_in_words() {
    let message = |error| cannot_open("rocksdb://data", &error);
    assert_eq!(
        message(OpenError::NewerSchema { found: 7, known: 5 }),
        "cannot open rocksdb://data: a newer version of Clientele has migrated this database to schema 7; this version knows schema 5"
    );
    assert_eq!(
        message(OpenError::UnknownProfileField("birthday".into())),
        "cannot open rocksdb://data: a newer version of Clientele has added the profile field birthday to this database"
    );
    assert_eq!(
        message(OpenError::Converted),
        "cannot open rocksdb://data: a newer version of Clientele has converted this folder to another storage engine; use that version"
    );
    assert_eq!(
        message(OpenError::Store(StoreError::Unavailable)),
        "cannot open rocksdb://data: the database does not answer (is another process using it?)"
    );
    assert_eq!(
        message(OpenError::Store(StoreError::Internal)),
        "cannot open rocksdb://data: internal error (the log names the cause)"
    );
}
