use super::*;

fn refusal(field: ProfileField, typed: &str) -> Option<Reason> {
    field.parse_value(typed).err().map(|error| {
        assert_eq!(error.field.as_deref(), Some(field.as_str()));
        error.reason
    })
}

fn not_allowed(character: char) -> Option<Reason> {
    Some(Reason::NotAllowed { character })
}

/// Returns the stored value, which is the same for a person and a channel.
fn kept(field: ProfileField, text: &str) -> String {
    let kept = field.parse_value(text).unwrap();
    assert_eq!(field.value_from_channel(text), kept, "a channel's {text:?}");
    kept
}

#[test]
fn empty_is_allowed_in_every_field() {
    for field in ProfileField::ALL {
        for nothing in ["", "  ", "\u{200B}", "\u{3164}", "\u{2800}", "\u{AD}\u{2060}", "\u{FE0F}", "\r\n\0"] {
            assert_eq!(kept(field, nothing), "", "{field:?} {nothing:?}");
        }
    }
}

#[test]
fn a_phone_has_digits_and_signs_only() {
    assert_eq!(refusal(ProfileField::Phone, "+86 (10) 138-0013"), None);
    assert_eq!(refusal(ProfileField::Phone, "call me"), Some(Reason::NotAPhone));
    assert_eq!(refusal(ProfileField::Phone, "+-()"), Some(Reason::NotAPhone));
    assert_eq!(refusal(ProfileField::Phone, &"1".repeat(33)), Some(Reason::TooLong { most: 32 }));
    assert_eq!(refusal(ProfileField::Phone, "138 0000 0004 ext. 5"), not_allowed('e'));
    assert_eq!(refusal(ProfileField::Phone, "138.0000.0004"), not_allowed('.'));
}

#[test]
fn a_pasted_phone_is_cleaned_and_keeps_its_layout() {
    for (pasted, phone) in [
        ("\u{202D}+86 138 0000 0004\u{202C}", "+86 138 0000 0004"),
        ("138\u{A0}0000\u{A0}0004", "138 0000 0004"),
        ("１３８－００００－０００４", "138-0000-0004"),
        ("010\u{2011}6000\u{2011}0004", "010-6000-0004"),
        ("138–0000—0004", "138-0000-0004"),
        ("０３ー６０００ー０００４", "03-6000-0004"),
        ("٠٥٠٠٠٠٠٠٠٤", "0500000004"),
        ("۰۹۱۲ ۰۰۰ ۰۰۰۴", "0912 000 0004"),
        ("९८००००००४", "980000004"),
        ("+1\u{FE0F}-555-0104", "+1-555-0104"),
        ("＋８６　（１０）　６０００", "+86 (10) 6000"),
        ("tel:13800000004", "13800000004"),
        ("Tel: +86-138", "+86-138"),
        ("138\u{200B}0000\n0004\0", "1380000 0004"),
    ] {
        assert_eq!(kept(ProfileField::Phone, pasted), phone, "{pasted:?}");
    }
}

#[test]
fn a_channels_phone_is_taken_as_far_as_it_is_one() {
    for (said, phone) in [
        ("138.0000.0004", "138-0000-0004"),
        ("030/600004", "030-600004"),
        ("138 0000 0004 ext. 5", "138 0000 0004"),
        ("Phone 1: (010) 6000-0003", "(010) 6000-0003"),
        ("010-6000-0003, 138 0000 0004", "010-6000-0003"),
        ("110", "110"),
        ("no phone", ""),
        ("room 12", ""),
        (&"1".repeat(33), ""),
    ] {
        assert_eq!(ProfileField::Phone.value_from_channel(said), phone, "{said:?}");
    }
}

#[test]
fn a_qq_number_has_4_to_22_digits() {
    assert_eq!(refusal(ProfileField::Qq, "10001"), None);
    assert_eq!(kept(ProfileField::Qq, "１０ ００１\u{200B}"), "10001");
    assert_eq!(refusal(ProfileField::Qq, "123"), Some(Reason::NotDigits { least: 4, most: 22 }));
    assert_eq!(refusal(ProfileField::Qq, "none"), Some(Reason::NotDigits { least: 4, most: 22 }));
    assert_eq!(refusal(ProfileField::Qq, "12a45"), not_allowed('a'));
    assert_eq!(refusal(ProfileField::Qq, &"1".repeat(23)), Some(Reason::TooLong { most: 22 }));
    assert_eq!(ProfileField::Qq.value_from_channel("12a45"), "");
}

#[test]
fn an_email_needs_something_at_a_domain() {
    for good in [
        "a@b.cn",
        "zhang.wei+x@mail.example.com",
        "o'shea@a.example",
        "王@例子.公司",
        "ANA@A.example",
        "ana+vip@a.example",
        "ana@bücher.example",
    ] {
        assert_eq!(kept(ProfileField::Email, good), good);
    }
    for bad in ["a", "@b.cn", "a@b", "a b@c.d", "a@@b.c", "a@b..c", ".a@b.c", "a@.b", "mailto:", "<>", "Ana <ana>"] {
        assert_eq!(refusal(ProfileField::Email, bad), Some(Reason::NotAnEmail), "{bad}");
        assert_eq!(ProfileField::Email.value_from_channel(bad), "", "{bad}");
    }
    for (bad, character) in [
        ("\"ana ng\"@a.example", '"'),
        ("a,b@c.d", ','),
        ("ana@a.example; b@c.d", ';'),
        ("a:b@c.d", ':'),
        ("Ana <ana@a.example>, Bo <bo@b.example>", '<'),
    ] {
        assert_eq!(refusal(ProfileField::Email, bad), not_allowed(character), "{bad}");
        assert_eq!(ProfileField::Email.value_from_channel(bad), "", "{bad}");
    }
}

#[test]
fn a_pasted_email_is_unwrapped() {
    for pasted in [
        "mailto:ana@a.example",
        "MAILTO:ana@a.example?subject=Hi",
        "ana@a.example\u{200B}",
        "Ana Ng <ana@a.example>",
        "\"Ng, Ana\" <ana@a.example>;",
        "<ana@a.example>",
        "<mailto:ana@a.example>",
        "ana@a.example<mailto:ana@a.example>",
        "'ana@a.example' <ana@a.example>",
        "ana@a.example [mailto:ana@a.example]",
        "ana＠a.example",
        "ａｎａ＠ａ。ｅｘａｍｐｌｅ",
        "\u{202A} ana@a.example,\r\n",
    ] {
        assert_eq!(kept(ProfileField::Email, pasted), "ana@a.example", "{pasted:?}");
    }
}

#[test]
fn a_name_becomes_one_line_without_what_nobody_sees() {
    for (said, name) in [
        ("Mei\nLin 🌙", "Mei Lin 🌙"),
        ("A\tB", "A B"),
        ("Li\0Na", "LiNa"),
        ("Adam\u{202E}txt.gpj", "Adamtxt.gpj"),
        ("\u{2067}שרה", "שרה"),
        ("مريم (VIP) 42", "مريم (VIP) 42"),
        ("许\u{200B}诺", "许诺"),
        ("Acme\u{2028}Ltd", "Acme Ltd"),
        ("Acme\u{2029}Ltd", "Acme Ltd"),
        ("Acme\u{85}Ltd", "Acme Ltd"),
        ("Acme\u{B}\u{C}Ltd", "Acme Ltd"),
        ("AT&T \"Nord\" <Lab>", "AT&T \"Nord\" <Lab>"),
        ("&amp; Co", "&amp; Co"),
        ("A居🌿\u{E415} 小红", "A居🌿\u{E415} 小红"),
        ("葛\u{E0100}木", "葛\u{E0100}木"),
    ] {
        for field in [ProfileField::Nickname, ProfileField::RealName, ProfileField::Company, ProfileField::Wechat] {
            assert_eq!(kept(field, said), name, "{said:?}");
        }
    }
}

#[test]
fn only_the_description_has_several_lines() {
    assert_eq!(kept(ProfileField::Description, "a\r\n\r\nb\u{B}c\u{1}d\u{FFFE}"), "a\n\nb\ncd");
    assert_eq!(kept(ProfileField::Company, "a\r\nb"), "a b");
}

#[test]
fn people_are_told_of_what_is_too_long_and_channels_are_cut() {
    for (field, most) in
        [(ProfileField::Nickname, 256), (ProfileField::Company, 256), (ProfileField::Description, 1000)]
    {
        let long = "名".repeat(most + 44);
        assert_eq!(refusal(field, &long), Some(Reason::TooLong { most: most as u32 }));
        assert_eq!(field.value_from_channel(&long), format!("{}…", "名".repeat(most - 1)));
        assert_eq!(kept(field, &"😀".repeat(most)), "😀".repeat(most));
    }
    // A family emoji is one visible character of seven scalar values: 36 of them and `…` fit.
    let family = "👨\u{200D}👩\u{200D}👧\u{200D}👦";
    assert_eq!(ProfileField::Nickname.value_from_channel(&family.repeat(40)), format!("{}…", family.repeat(36)));
}
