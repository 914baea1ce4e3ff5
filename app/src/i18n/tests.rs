use super::*;

#[test]
fn blanks_are_filled_in_wherever_the_language_has_them() {
    assert_eq!(fill("a {{x}} and {{y}}{{x}}", &[("y", &2), ("x", &1)]), "a 1 and 21");
    // Inserted values are not parsed for placeholders.
    assert_eq!(fill("{{x}}", &[("x", &"{{x}}")]), "{{x}}");
}

#[test]
fn a_value_that_is_written_from_the_right_never_reorders_the_rest() {
    let of = |name: &str| texts::callback::of { name: &name }.say(Locale::En);
    for (name, expected) in [
        ("Zhang 伟 🌸 (42)", "Call Zhang 伟 🌸 (42) back"),
        ("مريم (VIP) 42", "Call \u{2068}مريم (VIP) 42\u{2069} back"),
        ("שרה", "Call \u{2068}שרה\u{2069} back"),
        // The isolate also limits the right-to-left override.
        ("Adam\u{202E}txt.gpj", "Call \u{2068}Adam\u{202E}txt.gpj\u{2069} back"),
        ("\u{2067}שרה", "Call \u{2068}\u{2067}שרה\u{2069}\u{2069} back"),
        ("\u{2069}\u{202E}abc", "Call \u{2068}\u{202E}abc\u{2069} back"),
    ] {
        assert_eq!(of(name), expected);
    }
    // A nested text keeps its own isolates.
    let inner = texts::chip::name { text: &"مريم" }.say(Locale::En);
    let outer = texts::chip::remove { condition: &inner }.say(Locale::En);
    assert_eq!(outer, "Remove filter: \u{2068}Name: \u{2068}مريم\u{2069}\u{2069}");
}

#[test]
fn every_plural_has_the_form_of_its_number() {
    let forms = |locale: Locale, number: u16| {
        [0, 1, 2, 1_204].map(|count| {
            let shown = crate::labels::number(count);
            let blanks: [(&str, &dyn Display); 5] =
                [("count", &shown), ("all", &"all"), ("ip", &"IP"), ("at", &"AT"), ("what", &"WHAT")];
            fill(Text(number + locale.form(count)).say(locale), &blanks)
        })
    };
    let english: [(&str, &str, &str); 12] = [
        ("blacklist.days", "1 day", "# days"),
        ("blacklist.held", "1 held message, AT", "# held messages, latest AT"),
        (
            "blacklist.open_held",
            "Open a conversation with the held message",
            "Open a conversation with the # held messages",
        ),
        (
            "blacklist.reach",
            "One other customer came from IP in the last 30 days.",
            "# other customers came from IP in the last 30 days.",
        ),
        (
            "channels.refused",
            "1 request rejected since the server started, at AT: WHAT",
            "# requests rejected since the server started, the last at AT: WHAT",
        ),
        ("interaction.conversations", "1 conversation", "# conversations"),
        ("interaction.searched", "Searched 1 message…", "Searched # messages…"),
        ("list.count", "1 customer", "# customers"),
        ("list.similar", "· 1 similar match", "· # similar matches"),
        ("settings.days", "1 day", "# days"),
        ("settings.hours", "1 hour", "# hours"),
        ("tags.count", "1 of all tags selected", "# of all tags selected"),
    ];
    let chinese = [
        "# 天",
        "拦截消息 # 条，最近一条 AT",
        "用 # 条拦截消息创建会话",
        "最近 30 天内另有 # 位客户来自 IP。",
        "服务启动以来有 # 个请求被拒绝，最近一次在 AT：WHAT",
        "# 个会话",
        "已查找 # 条消息…",
        "共 # 位客户",
        "· 另有 # 位拼写相近",
        "# 天",
        "# 小时",
        "已选 # / all",
    ];
    let plurals: Vec<&str> = generated::PLURALS.iter().map(|(name, _)| *name).collect();
    assert_eq!(plurals, english.map(|(name, ..)| name));
    for ((_, number), ((name, one, other), only)) in generated::PLURALS.iter().zip(english.into_iter().zip(chinese)) {
        let of = |count: &str| other.replace('#', count);
        assert_eq!(forms(Locale::En, *number), [of("0"), one.to_owned(), of("2"), of("1,204")], "{name}");
        assert_eq!(
            forms(Locale::ZhCn, *number),
            ["0", "1", "2", "1,204"].map(|count| only.replace('#', count)),
            "{name}"
        );
    }
}

#[test]
fn a_browser_gets_the_language_it_prefers_of_those_there_are() {
    for (header, expected) in [
        ("zh-CN,zh;q=0.9,en;q=0.8", Some(Locale::ZhCn)),
        ("fr-FR,fr;q=0.9,en;q=0.8", Some(Locale::En)),
        ("en;q=0.2, zh-TW;q=0.7", Some(Locale::ZhCn)),
        ("en, zh", Some(Locale::En)),
        ("zh;q=0, de", None),
        ("*;q=x,,;", None),
    ] {
        assert_eq!(Locale::accepted(header), expected, "{header}");
    }
}

#[test]
fn every_language_is_found_by_its_tag() {
    for locale in Locale::ALL {
        assert_eq!(Locale::parse(locale.tag()), Some(locale));
    }
}

#[test]
fn every_profile_field_has_a_label() {
    for field in clientele::domain::ProfileField::ALL {
        assert!(named::field(field.as_str()).is_some(), "no text field.{}", field.as_str());
    }
}
