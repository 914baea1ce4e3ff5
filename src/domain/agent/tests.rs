use super::*;

fn viewer(role: Role, mode: Mode, page_on: bool) -> Viewer {
    let agent = Agent { id: AgentId(7), login: "li".into(), name: "Li".into(), role, disabled: false };
    let settings = Settings { customers_page_in_agent_mode: page_on, ..Settings::default() };
    Viewer { agent, mode, features: None, settings }
}

const ALL: [Action; 9] = [
    Action::ListCustomers,
    Action::EditProfiles,
    Action::EditTags,
    Action::CreateTags,
    Action::CallBack,
    Action::Blacklist,
    Action::Talk,
    Action::Listen,
    Action::EditSettings,
];

#[test]
fn in_agent_mode_the_switch_decides_for_everybody() {
    for role in [Role::Agent, Role::Admin] {
        assert!(!viewer(role, Mode::Agent, false).may(Action::ListCustomers));
        assert!(viewer(role, Mode::Agent, true).may(Action::ListCustomers));
    }
}

#[test]
fn admin_mode_is_for_admins_and_does_not_depend_on_the_switch() {
    for action in [Action::ListCustomers, Action::EditSettings] {
        assert!(viewer(Role::Admin, Mode::Admin, false).may(action));
        assert!(!viewer(Role::Agent, Mode::Admin, true).may(action));
    }
}

#[test]
fn only_actions_of_the_page_are_off_with_it() {
    let off = viewer(Role::Agent, Mode::Agent, false);
    for action in [Action::ListCustomers, Action::EditProfiles, Action::CreateTags, Action::Blacklist] {
        assert!(off.is_page_off_for(action));
        assert!(!viewer(Role::Agent, Mode::Agent, true).is_page_off_for(action));
        assert!(!viewer(Role::Agent, Mode::Admin, false).is_page_off_for(action));
    }
    for action in [Action::Talk, Action::Listen, Action::EditSettings] {
        assert!(!off.is_page_off_for(action));
    }
}

#[test]
fn settings_are_not_edited_in_agent_mode() {
    assert!(!viewer(Role::Admin, Mode::Agent, true).may(Action::EditSettings));
}

#[test]
fn a_token_permits_what_its_features_name() {
    use Action::{Blacklist, CallBack, CreateTags, EditProfiles, EditTags, ListCustomers, Listen};
    let permitted: [(Feature, &[Action]); Feature::ALL.len()] = [
        (Feature::List, &[ListCustomers]),
        (Feature::Edit, &[EditProfiles]),
        (Feature::Tags, &[EditTags, CreateTags]),
        (Feature::Callback, &[CallBack]),
        (Feature::Blacklist, &[Blacklist]),
    ];
    for (feature, actions) in permitted {
        for mode in [Mode::Agent, Mode::Admin] {
            let token = Viewer { features: Some([feature].into_iter().collect()), ..viewer(Role::Admin, mode, true) };
            let may: Vec<Action> = ALL.into_iter().filter(|action| token.may(*action)).collect();
            assert_eq!(may, [actions, &[Listen]].concat(), "{feature:?}");
        }
    }
}

#[test]
fn a_token_with_all_features_neither_talks_nor_edits_settings() {
    for mode in [Mode::Agent, Mode::Admin] {
        let console = viewer(Role::Admin, mode, true);
        let token = Viewer { features: Some(Features::ALL), ..console.clone() };
        for action in ALL {
            let for_consoles = matches!(action, Action::Talk | Action::EditSettings);
            assert_eq!(token.may(action), console.may(action) && !for_consoles, "{action:?}");
        }
    }
}

#[test]
fn a_cap_lowers_a_role_and_never_raises_it() {
    for (role, cap, capped) in [
        (Role::Admin, Role::Admin, Role::Admin),
        (Role::Admin, Role::Agent, Role::Agent),
        (Role::Agent, Role::Admin, Role::Agent),
        (Role::Agent, Role::Agent, Role::Agent),
    ] {
        assert_eq!(role.at_most(cap), capped);
    }
}

#[test]
fn a_token_neither_opens_a_page_that_is_off_nor_admin_mode() {
    let token = |role, mode, page_on| Viewer { features: Some(Features::ALL), ..viewer(role, mode, page_on) };
    assert!(!token(Role::Agent, Mode::Agent, false).may(Action::ListCustomers));
    assert!(!token(Role::Agent, Mode::Admin, true).may(Action::ListCustomers));
    assert!(token(Role::Admin, Mode::Admin, false).may(Action::ListCustomers));
}

#[test]
fn a_disabled_agent_may_nothing() {
    let mut viewer = viewer(Role::Admin, Mode::Admin, true);
    viewer.agent.disabled = true;
    assert!(!viewer.may(Action::ListCustomers));
}

#[test]
fn agent_mode_shows_the_customers_one_has_served() {
    assert_eq!(viewer(Role::Admin, Mode::Agent, true).scope(), Some(AgentId(7)));
    assert_eq!(viewer(Role::Admin, Mode::Admin, true).scope(), None);
}

#[test]
fn logins_are_lower_case_words() {
    assert_eq!(normalize_login(" Li.Na ").unwrap(), "li.na");
    assert_eq!(normalize_login("li na").unwrap_err().reason, Reason::Malformed);
    assert_eq!(normalize_login("\u{200B}").unwrap_err().reason, Reason::Required);
    assert_eq!(normalize_login(&"x".repeat(65)).unwrap_err().reason, Reason::TooLong { most: 64 });
    assert_eq!(normalize_login(&"x".repeat(250_000)).unwrap_err().reason, Reason::TooLong { most: 64 });
    for typed in ["Admin\u{200B}", "ＡＤＭＩＮ", "\u{FEFF}admin\r\n"] {
        assert_eq!(normalize_login(typed).unwrap(), "admin");
    }
}

#[test]
fn an_agents_name_is_one_line_and_may_be_empty() {
    assert_eq!(normalize_name(" Li\tNa\u{202E} ").unwrap(), "Li Na");
    assert_eq!(normalize_name("\u{3164}").unwrap(), "");
    assert_eq!(normalize_name(&"名".repeat(61)).unwrap_err().reason, Reason::TooLong { most: 60 });
}
