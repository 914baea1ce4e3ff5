//! Matching rules as a table: the stored text and its field, the text typed into the search box,
//! and the expected match.
//!
//! The table does not use the definition in `needle`, so that errors in the definition show. The
//! other tests only prove that the index follows the definition.

use super::super::{Index, Query};
use crate::domain::{
    Channel, Customer, CustomerId, CustomerKey, Filter, PageRequest, Period, Profile, Sort, Start, TimeRange, Timestamp,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    Exact,
    Similar,
    Nowhere,
}
use Is::{Exact, Nowhere, Similar};

/// Field that contains the stored text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum In {
    Id,
    Name,
    Phone,
    Email,
}
use In::{Email, Id, Name, Phone};

pub(super) fn customer(key: u64, field: In, text: &str) -> Customer {
    let id = if field == Id { text.to_owned() } else { format!("~{key}") };
    let mut profile = Profile::default();
    match field {
        Id => {}
        Name => profile.nickname = text.into(),
        Phone => profile.phone = text.into(),
        Email => profile.email = text.into(),
    }
    Customer::new(CustomerKey(key), CustomerId::new(id).unwrap(), Channel::Web, profile, Timestamp(key as i64))
}

pub(super) fn index_of(customers: &[Customer]) -> Index {
    let mut index = Index::new();
    index.load(customers);
    index.finish_loading();
    index
}

pub(super) fn search(index: &Index, filter: &Filter) -> super::super::Found {
    let page = PageRequest { start: Start::Top, limit: 50 };
    index.search(&Query { scope: None, filter, range: TimeRange::default(), sort: Sort::default(), page })
}

pub(super) fn typed(text: &str) -> Filter {
    Filter { period: Period::AllTime, search: text.into(), ..Filter::default() }
}

pub(super) fn found(field: In, stored: &str, text: &str) -> Is {
    let found = search(&index_of(&[customer(1, field, stored)]), &typed(text));
    match (found.total, found.similar) {
        (1, 0) => Exact,
        (0, 1) => Similar,
        (0, 0) => Nowhere,
        other => panic!("{other:?}"),
    }
}

pub(super) fn check(rows: &[(In, &str, &str, Is)]) {
    let wrong: Vec<String> = rows
        .iter()
        .map(|(field, stored, typed, expected)| (stored, typed, expected, found(*field, stored, typed)))
        .filter(|(_, _, expected, got)| *expected != got)
        .map(|(stored, typed, expected, got)| format!("{stored:?} by {typed:?}: {got:?} instead of {expected:?}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_substring_of_what_people_see_is_found_and_nothing_else() {
    check(&[
        (Name, "张伟", "伟", Exact),
        (Name, "Maria López", "ria lo", Exact),
        (Name, "Zoë  MÜLLER", "zoe müller", Exact),
        (Name, "張偉", "张伟", Nowhere),
        (Name, "张三", "李", Nowhere),
        (Id, "wx_0001", "x_00", Exact),
        (Email, "ana+vip@a.example", "ana@a", Nowhere),
        (Email, "ANA@A.example", "ana@a", Exact),
        (Phone, "13800000003", "0000", Exact),
        (Name, "Ａｎａ", "ana", Exact),
        (Name, "ana", "ＡＮＡ", Exact),
        (Name, "ﬁona ㎏", "fiona kg", Exact),
        (Name, "①号", "1号", Exact),
    ]);
}

#[test]
fn characters_without_a_shape_do_not_count() {
    for typed in ["许诺", "xunuo", "xn", "许\u{200B}诺", "\u{3164}许诺"] {
        check(&[(Name, "许\u{200B}诺", typed, Exact), (Name, "许诺", typed, Exact)]);
    }
    for typed in ["\u{2066}inv_0001\u{2069}", "\u{FEFF}inv_0001", "inv\u{AD}_0001"] {
        check(&[(Id, "inv_0001", typed, Exact)]);
    }
    check(&[
        (Phone, "+86 139 0000 0001", "\u{202A}+86 139 0000 0001\u{202C}", Exact),
        (Phone, "\u{202D}13900000001\u{202C}", "139 0000 0001", Exact),
        (Name, "葛\u{E0100}木", "葛木", Exact),
        (Name, "葛木", "葛\u{E0100}木", Exact),
        (Name, "心❤\u{FE0F}", "❤", Exact),
        (Name, "心❤", "❤\u{FE0F}", Exact),
        (Name, "b\u{115F}c\u{1160}d", "bcd", Exact),
        // These characters have a width and are normalised to spaces.
        (Name, "a\u{2800}b", "a b", Exact),
        (Name, "김\u{3164}민수", "김 민수", Exact),
        (Name, "김 민수", "김\u{FFA0}민수", Exact),
    ]);
}

#[test]
fn letters_are_found_without_accents_and_strokes() {
    check(&[
        (Name, "Łucja Dąbek", "lucja", Exact),
        (Name, "Đỗ Lan", "do lan", Exact),
        (Name, "Nguyễn Văn Đức", "duc", Exact),
        (Name, "Đặng", "dang", Exact),
        (Name, "Bjørn Næss", "bjorn naess", Exact),
        (Name, "Bø", "bo", Exact),
        (Name, "Kıvanç", "kivanc", Exact),
        (Name, "Yılmaz", "YILMAZ", Exact),
        (Name, "Işık", "ISIK", Exact),
        (Name, "İstanbul", "istanbul", Exact),
        (Name, "Strauß", "strauss", Exact),
        (Name, "Strauss", "strauß", Exact),
        (Name, "Straße", "STRASSE", Exact),
        (Name, "Groß", "GROSS", Exact),
        (Name, "Þóra", "thora", Exact),
        (Name, "Œuvre", "oeuvre", Exact),
        (Name, "Ħal Ŧeŋ", "hal ten", Exact),
        (Name, "Lukasz", "Łukasz", Exact),
        (Name, "Søren", "soren", Exact),
        (Name, "ΟΔΟΣ", "οδος", Exact),
    ]);
}

#[test]
fn other_scripts_are_found_as_they_are_typed() {
    check(&[
        (Name, "مُحَمَّد", "محمد", Exact),
        (Name, "محمـد", "محمد", Exact),
        (Name, "أحمد", "احمد", Exact),
        (Name, "احمد", "أحمد", Exact),
        (Name, "شָׁלוֹם", "שלום", Nowhere),
        (Name, "שָׁלוֹם", "שלום", Exact),
        (Name, "فاطمة", "فاطمه", Exact),
        (Name, "ｶﾞｸ", "ガク", Exact),
        (Name, "か゛く", "がく", Exact),
        (Name, "がく", "か", Nowhere),
        (Name, "한글", "\u{1112}\u{1161}\u{11ab}", Exact),
        (Name, "Ёлкин", "елкин", Exact),
    ]);
}

#[test]
fn kinds_of_blanks_dashes_and_apostrophes_are_one() {
    check(&[
        (Name, "Nuala O’Shea", "o'shea", Exact),
        (Name, "Nuala O'Shea", "o‘shea", Exact),
        (Name, "a–b", "a-b", Exact),
        (Name, "a-b", "a—b", Exact),
        (Name, "a−b", "a‐b", Exact),
        (Name, "张\u{3000}伟", "张 伟", Exact),
        (Name, "张\u{A0}\t伟", " 张 伟 ", Exact),
        (Name, "a～b", "a〜b", Exact),
    ]);
}

#[test]
fn signs_and_wildcards_are_literal() {
    check(&[
        (Name, "100%", "100%", Exact),
        (Name, "1000", "100%", Nowhere),
        (Name, "a%26b", "%26", Exact),
        (Name, "C++ & Söhne #1", "c++ & s", Exact),
        (Name, "anna", "a*a", Nowhere),
        (Name, "anna", ".", Nowhere),
        (Name, "a_b", "_", Exact),
        (Name, "a´b", "´", Exact),
        (Name, "a b", "´", Nowhere),
        (Name, "¨¯¸˜", "¯", Exact),
        (Name, "心🌟", "🌟", Exact),
        (Phone, "13810099999", "100%", Nowhere),
    ]);
}

#[test]
fn a_phone_is_found_in_any_notation() {
    for typed in [
        "138.0000.0003",
        "138–0000–0003",
        "138/0000/0003",
        "138\u{A0}0000\u{A0}0003",
        "tel:13800000003",
        "١٣٨٠٠٠٠٠٠٠٣",
        "(138) 0000-0003",
        "0000",
        "13",
    ] {
        check(&[(Phone, "13800000003", typed, Exact)]);
    }
    check(&[
        (Phone, "13800000003", "１３８０００００００３", Exact),
        (Phone, "138-0000-0003", "13800000003", Exact),
        (Phone, "010‑6000‑0003", "01060000003", Exact),
        (Phone, "+44 (0)20 7000 0018", "(0)", Exact),
        (Phone, "+44 20 7000 0018", "+4", Exact),
        (Phone, "13800000003", "+1", Nowhere),
        (Phone, "13800000003", "138000000x", Nowhere),
    ]);
}

#[test]
fn a_phone_is_found_with_another_prefix() {
    check(&[
        (Phone, "13800000003", "+86 138 0000 0003", Exact),
        (Phone, "13800000003", "008613800000003", Exact),
        (Phone, "13800000003", "tel:+8613800000003", Exact),
        (Phone, "+44 (0)20 7000 0018", "+442070000018", Exact),
        (Phone, "+44 (0)20 7000 0018", "02070000018", Exact),
        (Phone, "+44 20 7000 0018", "02070000018", Exact),
        (Phone, "020 7000 0018", "+44 (0)20 7000 0018", Exact),
        (Phone, "010-6000-0003", "+86 10 6000 0003", Exact),
        (Phone, "13800000004", "+86 138 0000 0003", Nowhere),
        (Phone, "+49 20 7000 0018", "+44 20 7000 0018", Nowhere),
    ]);
}
