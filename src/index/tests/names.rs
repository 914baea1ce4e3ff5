//! Matching rules for names, as a table: pinyin, initials, typos, and the order of hits.

use super::table::In::{Email, Id, Name, Phone};
use super::table::Is::{Exact, Nowhere, Similar};
use super::table::{check, customer, found, index_of, search, typed};
use crate::domain::{Customer, Filter, Period};

#[test]
fn names_are_found_by_pinyin_and_initials() {
    for (stored, typed) in [
        ("张伟", "zhangwei zhang wei zhangw zw w wei zhāng wěi zhang'wei zhang-wei zhang.wei"),
        ("张伟", "zhang伟 张wei 张w"),
        ("西安", "xi'an xian xi’an xa"),
        ("张乐", "zhangle zhangyue"),
        ("王茜", "wangqian wangxi"),
        ("沈行知", "shenxingzhi shenhangzhi"),
        ("刘重阳", "liuchongyang liuzhongyang lcy lzy"),
        ("卜宿", "busu bs"),
        ("覃", "qin tan"),
        ("重庆", "chongqing cq"),
        ("厦门", "xiamen"),
        ("音乐", "yinyue"),
        ("银行", "yinhang"),
        ("会计", "kuaiji"),
        ("店长", "dianzhang"),
        ("校长", "xiaozhang"),
        ("小曾", "xiaozeng"),
        ("老单", "laoshan"),
        ("🌟单雄信", "shanxiongxin"),
        ("刘晟", "liusheng"),
        ("王隽", "wangjun"),
        ("李莘", "lixin"),
        ("柏林", "bolin"),
        ("佛山", "foshan"),
        ("朝阳", "zhaoyang chaoyang"),
        ("六安", "luan"),
        ("單雄信", "shanxiongxin"),
        ("區志", "ouzhi"),
        ("樂毅", "yueyi"),
        ("蓋聶", "genie"),
        ("繆", "miao"),
        ("員", "yun"),
        ("尉迟恭", "yuchigong"),
        ("万俟卨", "moqi"),
        ("长孙", "zhangsun"),
        ("吕布", "lvbu lubu lyubu"),
        ("略", "lve lue lyue"),
        ("女", "nv nu nyu"),
        ("古丽·买买提", "gulimaimaiti glmmt"),
    ] {
        let typed = match typed.contains("zhāng") {
            true => vec![
                "zhangwei",
                "zhang wei",
                "zhangw",
                "zw",
                "w",
                "wei",
                "zhāng wěi",
                "zhang'wei",
                "zhang-wei",
                "zhang.wei",
            ],
            false => typed.split(' ').collect(),
        };
        typed.iter().for_each(|typed| check(&[(Name, stored, typed, Exact)]));
    }
    check(&[
        (Name, "先", "xi'an", Nowhere),
        (Name, "先", "xian", Exact),
        (Name, "张伟", "ang", Nowhere),
        (Name, "张伟", "zhan伟", Nowhere),
        (Name, "张炜", "zhang伟", Nowhere),
        (Email, "zhangwei@a.example", "张伟", Nowhere),
    ]);
}

#[test]
fn one_typo_in_a_long_word_is_similar() {
    check(&[
        (Name, "Johnson", "jonhson", Similar),
        (Name, "Johnson", "jonhs", Similar),
        (Name, "Johnson", "ohnsxn", Nowhere),
        (Name, "Olivia Johnson", "olivai joh", Similar),
        (Name, "Olivia Johnson", "olivai j", Similar),
        (Name, "Olivia Johnson", "olivai smith", Nowhere),
        (Name, "Maria", "mraia", Similar),
        (Name, "Maria", "Mario", Similar),
        (Name, "Anna", "anma", Nowhere),
        (Name, "sunny1234", "sunyn1234", Similar),
        (Name, "sunny1234", "sunny1243", Nowhere),
        (Email, "jonas@gmail.com", "gmial.com", Similar),
        (Email, "johnson.li@a.example", "jonhson.li", Similar),
        (Id, "em_zhangsan01", "em_zhagnsan01", Similar),
        (Id, "wx_00012345", "wx_00012354", Nowhere),
        (Phone, "13800000003", "13800000030", Nowhere),
        (Name, "张伟", "zhangwie", Similar),
        (Name, "张伟 客服", "zhangwie", Similar),
        (Name, "吕布奉先", "lubufengxain", Similar),
        (Name, "Brian O’Brien", "o'brein", Similar),
        (Name, "Ёлкина", "елкнна", Similar),
        (Name, "微信用户", "微信用尸", Nowhere),
    ]);
}

#[test]
fn private_use_characters_are_never_taken_for_syllables() {
    check(&[
        (Name, "A居🌿\u{E415} 小红", "🌿", Exact),
        (Name, "A居🌿\u{E415} 小红", "小红", Exact),
        (Name, "A居🌿\u{E415} 小红", "xh", Exact),
        (Name, "A居🌿\u{E415} 小红", "\u{E415}", Exact),
        (Name, "A居🌿\u{E415} 小红", "\u{E001}", Nowhere),
    ]);
    for syllable in 0xE000..0xE200 {
        let syllable = char::from_u32(syllable).unwrap().to_string();
        assert_eq!(found(Name, "张伟", &syllable), Nowhere);
    }
}

#[test]
fn better_hits_come_first() {
    let stored = [(Name, "about wx_1"), (Id, "wx_1"), (Id, "a_wx_1"), (Id, "wx_12"), (Id, "WX_1")];
    let customers: Vec<Customer> =
        stored.iter().zip(1..).map(|((field, text), key)| customer(key, *field, text)).collect();
    let order =
        |filter: &Filter| search(&index_of(&customers), filter).page.iter().map(|hit| hit.key.0).collect::<Vec<_>>();
    // Within a rank, the newest customers come first.
    assert_eq!(order(&typed("wx_1")), [5, 2, 4, 3, 1]);
    assert_eq!(order(&Filter { id: "wx_1".into(), period: Period::AllTime, ..Filter::default() }), [5, 2, 4, 3]);

    let phones = [(Phone, "13800000003"), (Phone, "+8613800000003"), (Name, "+86 138 0000 0003")];
    let customers: Vec<Customer> =
        phones.iter().zip(1..).map(|((field, text), key)| customer(key, *field, text)).collect();
    let found = search(&index_of(&customers), &typed("+86 138 0000 0003"));
    assert_eq!(found.page.iter().map(|hit| hit.key.0).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!((found.total, found.similar), (3, 0));
}

#[test]
fn similar_customers_are_counted_apart() {
    let names = ["Maria", "Mario", "Marla", "Anna"];
    let customers: Vec<Customer> = names.iter().zip(1..).map(|(name, key)| customer(key, Name, name)).collect();
    let found = search(&index_of(&customers), &typed("maria"));
    assert_eq!((found.total, found.similar), (1, 2));
    assert_eq!(found.page.iter().map(|hit| hit.key.0).collect::<Vec<_>>(), [1, 3, 2]);
}
