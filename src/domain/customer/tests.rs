use super::*;

fn customer() -> Customer {
    let id = CustomerId::new("wx_1").unwrap();
    Customer::new(CustomerKey(1), id, Channel::Wechat, Profile::default(), Timestamp(5))
}

#[test]
fn tagging_and_untagging_can_be_repeated() {
    let mut customer = customer();
    for tag in [3, 1, 3] {
        customer.tag(TagId(tag));
    }
    assert_eq!(customer.tags, [TagId(1), TagId(3)]);
    customer.untag(TagId(1));
    customer.untag(TagId(1));
    assert_eq!(customer.tags, [TagId(3)]);
}

#[test]
fn an_earlier_conversation_does_not_become_the_latest() {
    let mut customer = customer();
    customer.record_served_by(AgentId(2), Timestamp(20));
    customer.record_served_by(AgentId(2), Timestamp(10));
    assert_eq!(
        (customer.served_by.as_slice(), customer.latest_conversation_at),
        (&[AgentId(2)][..], Some(Timestamp(20)))
    );
}

const LI: Actor = Actor::Agent(AgentId(1));

#[test]
fn editors_of_different_fields_do_not_meet_and_those_of_one_field_do() {
    let mut customer = customer();
    customer.write(ProfileField::Phone, "", " 138 ", LI, Timestamp(6)).unwrap();
    customer.write(ProfileField::Company, "", "Acme", LI, Timestamp(7)).unwrap();
    let late = customer.write(ProfileField::Phone, "", "139", LI, Timestamp(8)).unwrap_err();
    assert_eq!(late, Error::field("phone", Reason::ChangedMeanwhile));
    // Writing the same value again is not a change.
    customer.write(ProfileField::Phone, "", "138", LI, Timestamp(9)).unwrap();
    let written = customer.provenance(ProfileField::Phone).unwrap();
    assert_eq!((customer.profile.phone.as_str(), written.at), ("138", Timestamp(6)));
}

#[test]
fn the_line_ends_of_a_form_are_no_change_by_somebody_else() {
    let mut customer = customer();
    customer.write(ProfileField::Description, "", "one\r\ntwo", LI, Timestamp(6)).unwrap();
    customer.write(ProfileField::Description, "one\r\ntwo", "three", LI, Timestamp(7)).unwrap();
    assert_eq!(customer.profile.description, "three");
    let late = customer.write(ProfileField::Description, "one\ntwo", "four", LI, Timestamp(8)).unwrap_err();
    assert_eq!(late.reason, Reason::ChangedMeanwhile);
}

#[test]
fn a_name_that_shows_nothing_empties_the_field() {
    let mut customer = customer();
    customer.write(ProfileField::Nickname, "", "Mei", LI, Timestamp(6)).unwrap();
    customer.write(ProfileField::Nickname, "Mei", "\u{3164}\u{200B}", LI, Timestamp(7)).unwrap();
    assert_eq!(customer.profile.nickname, "");
}

#[test]
fn what_the_channel_says_is_cleaned_or_cut_before_it_is_thrown_away() {
    let mut customer = customer();
    let said = Profile {
        nickname: "Mei\nLin 🌙".into(),
        real_name: "名".repeat(300),
        phone: "\u{202D}+86 138 0000 0004\u{202C}".into(),
        qq: "a lot".into(),
        email: "Mei <mei@a.example>".into(),
        description: "x".repeat(1001),
        ..Profile::default()
    };
    customer.merge_from_channel(&said, Timestamp(6));
    let profile = &customer.profile;
    assert_eq!(
        [profile.nickname.as_str(), &profile.phone, &profile.qq, &profile.email],
        ["Mei Lin 🌙", "+86 138 0000 0004", "", "mei@a.example"]
    );
    assert_eq!((profile.real_name.chars().count(), profile.real_name.ends_with("名…")), (256, true));
    assert_eq!((profile.description.chars().count(), profile.description.ends_with("x…")), (1000, true));
    // The same data again changes nothing.
    let before = customer.clone();
    customer.merge_from_channel(&said, Timestamp(7));
    assert_eq!(customer, before);
}

#[test]
fn what_the_channel_says_of_one_field_leaves_the_others() {
    let mut customer = customer();
    customer.write(ProfileField::Phone, "", "138", LI, Timestamp(6)).unwrap();
    customer.write(ProfileField::Company, "", "Acme", Actor::Agent(AgentId(2)), Timestamp(7)).unwrap();
    customer.merge_from_channel(&Profile { nickname: "Mei".into(), ..Profile::default() }, Timestamp(8));
    customer.merge_from_channel(&Profile { qq: "10001".into(), ..Profile::default() }, Timestamp(9));
    let written = |field| customer.provenance(field).map(|written| written.by);
    assert_eq!(written(ProfileField::Phone), Some(LI));
    assert_eq!(written(ProfileField::Company), Some(Actor::Agent(AgentId(2))));
    assert_eq!(written(ProfileField::Nickname), Some(Actor::Customer));
    let profile = &customer.profile;
    assert_eq!(
        [profile.phone.as_str(), &profile.company, &profile.nickname, &profile.qq],
        ["138", "Acme", "Mei", "10001"]
    );
}

#[test]
fn an_entry_that_has_run_out_no_longer_counts() {
    let mut customer = customer();
    assert!(!customer.is_blacklisted(Timestamp(6)));
    customer.blacklist(Blacklisting::new("abuse", None, Timestamp(6), Some(Timestamp(9))).unwrap()).unwrap();
    assert!(customer.is_blacklisted(Timestamp(8)));
    assert!(!customer.is_blacklisted(Timestamp(9)));
}

#[test]
fn what_an_agent_wrote_the_channel_leaves_alone() {
    let mut customer = customer();
    customer.write(ProfileField::RealName, "", "张伟", LI, Timestamp(6)).unwrap();
    let said = Profile { real_name: "Wei".into(), nickname: "wei".into(), email: "no".into(), ..Profile::default() };
    customer.merge_from_channel(&said, Timestamp(7));
    assert_eq!((customer.profile.real_name.as_str(), customer.profile.nickname.as_str()), ("张伟", "wei"));
    assert_eq!(customer.profile.email, "");
    assert_eq!(customer.provenance(ProfileField::Nickname).unwrap().by, Actor::Customer);
    // An empty field from the channel does not clear the stored value.
    customer.merge_from_channel(&Profile::default(), Timestamp(8));
    assert_eq!(customer.profile.nickname, "wei");
}

#[test]
fn nobody_is_on_the_blacklist_twice() {
    let mut customer = customer();
    let entry = Blacklisting::new("abuse", Some(AgentId(1)), Timestamp(6), None).unwrap();
    customer.blacklist(entry.clone()).unwrap();
    assert_eq!(customer.blacklist(entry).unwrap_err().reason, Reason::AlreadyBlacklisted);
    customer.unblacklist().unwrap();
    assert_eq!(customer.unblacklist().unwrap_err().reason, Reason::NotBlacklisted);
}

#[test]
fn a_customer_is_called_by_nickname_or_real_name_or_id() {
    let mut customer = customer();
    customer.fields.profile = Profile::default();
    assert_eq!(customer.display_name(), customer.id.as_str());
    customer.fields.profile.real_name = "张伟".into();
    assert_eq!(customer.display_name(), "张伟");
    customer.fields.profile.nickname = "Wei".into();
    assert_eq!(customer.display_name(), "Wei");
}
