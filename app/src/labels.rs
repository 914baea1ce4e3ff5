//! Domain values in the user's language. The texts are in `locales/`.

use std::sync::Arc;

use clientele::domain::{Channel, Condition, Filter, MatchedField, Period, Reason, TimeField, WeekStart};

use crate::api::customers::TagCount;
use crate::dates;
use crate::error::{AppError, Code};
use crate::i18n::{I18n, Locale, t_string, texts};

/// Returns the name of a period.
pub fn period(i18n: I18n, period: Period) -> String {
    match period {
        Period::Today => t_string!(i18n, period.today).to_owned(),
        Period::Yesterday => t_string!(i18n, period.yesterday).to_owned(),
        Period::ThisWeek => t_string!(i18n, period.this_week).to_owned(),
        Period::ThisMonth => t_string!(i18n, period.this_month).to_owned(),
        Period::LastMonth => t_string!(i18n, period.last_month).to_owned(),
        Period::AllTime => t_string!(i18n, period.all_time).to_owned(),
        Period::Custom { from, to } => {
            let shown = |minute: Option<clientele::domain::LocalMinute>| {
                minute.map_or_else(|| "…".to_owned(), |minute| dates::wall_time(i18n, &minute.to_string()))
            };
            format!("{} – {}", shown(from), shown(to))
        }
    }
}

/// Returns the name of a channel.
pub fn channel(i18n: I18n, channel: Channel) -> &'static str {
    match channel {
        Channel::Web => t_string!(i18n, channel.web),
        Channel::App => t_string!(i18n, channel.app),
        Channel::Wechat => t_string!(i18n, channel.wechat),
        Channel::Weibo => t_string!(i18n, channel.weibo),
    }
}

/// Returns the name of a weekday.
pub fn week_start(i18n: I18n, day: WeekStart) -> &'static str {
    match day {
        WeekStart::Sunday => t_string!(i18n, week.sunday),
        WeekStart::Monday => t_string!(i18n, week.monday),
        WeekStart::Saturday => t_string!(i18n, week.saturday),
    }
}

/// Formats a number of hours, as days if it is a multiple of 24.
pub fn duration(i18n: I18n, hours: u32) -> String {
    match hours {
        24.. if hours.is_multiple_of(24) => t_string!(i18n, settings.days, count = u64::from(hours / 24)),
        _ => t_string!(i18n, settings.hours, count = u64::from(hours)),
    }
}

/// Returns the name of a searchable field.
pub fn matched_field(i18n: I18n, field: MatchedField) -> &'static str {
    match field {
        MatchedField::Id => t_string!(i18n, field.id),
        MatchedField::Nickname => t_string!(i18n, field.nickname),
        MatchedField::RealName => t_string!(i18n, field.real_name),
        MatchedField::Phone => t_string!(i18n, field.phone),
        MatchedField::Email => t_string!(i18n, field.email),
    }
}

/// Returns the text of a condition's chip: `Name: wei`.
pub fn condition(i18n: I18n, filter: &Filter, condition: Condition, tags: &[TagCount]) -> String {
    match condition {
        Condition::Period => {
            let period = period(i18n, filter.period);
            match filter.on {
                TimeField::Created => period,
                TimeField::LatestConversation => t_string!(i18n, chip.latest, period = period),
            }
        }
        Condition::Tags => {
            let named = |id| tags.iter().find(|known| known.tag.id == id).map(|known| known.tag.name.as_str());
            let names: Vec<&str> = filter.tags.iter().filter_map(|id| named(*id)).collect();
            t_string!(i18n, chip.tags, names = names.join(", "))
        }
        Condition::Name => t_string!(i18n, chip.name, text = filter.name.trim()),
        Condition::Id => t_string!(i18n, chip.id, text = filter.id.trim()),
        Condition::Channel => filter.channel.map(|of| channel(i18n, of)).unwrap_or_default().to_owned(),
        Condition::Blacklisted => match filter.blacklisted {
            Some(false) => t_string!(i18n, chip.not_blacklisted).to_owned(),
            _ => t_string!(i18n, chip.blacklisted).to_owned(),
        },
        Condition::Search => t_string!(i18n, chip.search, text = filter.search.trim()),
    }
}

/// Conditions of a list, for views that follow the language.
#[derive(Clone)]
pub struct Conditions {
    i18n: I18n,
    asked: Arc<(Filter, Vec<TagCount>)>,
}

impl Conditions {
    /// Copies the conditions of a filter.
    pub fn new(i18n: I18n, filter: &Filter, tags: &[TagCount]) -> Self {
        Self { i18n, asked: Arc::new((filter.clone(), tags.to_vec())) }
    }

    /// Returns the text of one condition: `Name: wei`.
    pub fn one(&self, of: Condition) -> String {
        condition(self.i18n, &self.asked.0, of, &self.asked.1)
    }

    /// Returns the text of all conditions: `This week · Name: wei`.
    pub fn all(&self) -> String {
        let asked = Condition::ALL.into_iter().filter(|of| self.asked.0.has(*of));
        asked.map(|of| self.one(of)).collect::<Vec<_>>().join(" · ")
    }

    /// Returns the label of the list without a condition: `without “Name: wei”`.
    pub fn without(&self, of: Condition) -> String {
        match of {
            Condition::Period => t_string!(self.i18n, relaxation.all_time).to_owned(),
            _ => t_string!(self.i18n, relaxation.without, condition = self.one(of)),
        }
    }
}

/// Returns the message for a rejection.
pub fn reason(i18n: I18n, reason: Reason) -> String {
    match reason {
        Reason::Required => t_string!(i18n, reason.required).to_owned(),
        Reason::TooLong { most } => t_string!(i18n, reason.too_long, most = most),
        Reason::TooShort { least } => t_string!(i18n, reason.too_short, least = least),
        Reason::Malformed => t_string!(i18n, reason.malformed).to_owned(),
        Reason::NotAllowed { character } => t_string!(i18n, reason.not_allowed, character = character),
        Reason::NotAnEmail => t_string!(i18n, reason.not_an_email).to_owned(),
        Reason::NotAPhone => t_string!(i18n, reason.not_a_phone).to_owned(),
        Reason::NotDigits { least, most } => t_string!(i18n, reason.not_digits, least = least, most = most),
        Reason::NotADate => t_string!(i18n, reason.not_a_date).to_owned(),
        Reason::NotAnOrigin => t_string!(i18n, reason.not_an_origin).to_owned(),
        Reason::NotATime => t_string!(i18n, reason.not_a_time).to_owned(),
        Reason::NotMilliseconds => t_string!(i18n, reason.not_milliseconds).to_owned(),
        Reason::TooLongAgo { days } => t_string!(i18n, reason.too_long_ago, days = days),
        Reason::EndBeforeStart => t_string!(i18n, reason.end_before_start).to_owned(),
        Reason::TooMany { most } => t_string!(i18n, reason.too_many, most = most),
        Reason::Taken => t_string!(i18n, reason.taken).to_owned(),
        Reason::AlreadyBlacklisted => t_string!(i18n, reason.already_blacklisted).to_owned(),
        Reason::NotBlacklisted => t_string!(i18n, reason.not_blacklisted).to_owned(),
        Reason::Blacklisted => t_string!(i18n, reason.blacklisted).to_owned(),
        Reason::HasOpenConversation { .. } => t_string!(i18n, reason.has_open_conversation).to_owned(),
        Reason::ChannelUnreachable => t_string!(i18n, reason.channel_unreachable).to_owned(),
        Reason::NotWaiting => t_string!(i18n, reason.not_waiting).to_owned(),
        Reason::NotYours => t_string!(i18n, reason.not_yours).to_owned(),
        Reason::NotEnded => t_string!(i18n, reason.not_ended).to_owned(),
        Reason::ChangedMeanwhile => t_string!(i18n, reason.changed_meanwhile).to_owned(),
    }
}

/// Returns the message for an error, with advice.
pub fn failure(i18n: I18n, error: &AppError) -> String {
    if let Some(why) = error.reason {
        return reason(i18n, why);
    }
    match error.code {
        Code::SignedOut => t_string!(i18n, error.signed_out),
        Code::WrongPassword => t_string!(i18n, error.wrong_password),
        Code::Forbidden => t_string!(i18n, error.forbidden),
        Code::PageOff => t_string!(i18n, error.page_off),
        Code::NotFound => t_string!(i18n, error.not_found),
        Code::Conflict => t_string!(i18n, error.conflict),
        Code::Refused => t_string!(i18n, error.refused),
        Code::TooMany => t_string!(i18n, error.too_many),
        Code::Internal => t_string!(i18n, error.internal),
        Code::Unavailable => t_string!(i18n, error.unavailable),
        Code::Offline => t_string!(i18n, error.offline),
        Code::Outdated => t_string!(i18n, error.outdated),
    }
    .to_owned()
}

/// Formats a number with thousands separators, the same in both languages: `1,204`.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Returns the number of customers as text.
pub fn customers(i18n: I18n, count: u64) -> String {
    t_string!(i18n, list.count, count = count)
}

/// Returns the elapsed time as text; `now` and `at` in milliseconds.
pub fn ago(locale: Locale, now: f64, at: f64) -> String {
    let minutes = ((now - at) / 60_000.0).floor().max(0.0) as u64;
    match minutes {
        0 => texts::ago::now.say(locale).to_owned(),
        1..60 => texts::ago::minutes { n: &minutes }.say(locale),
        60..1440 => texts::ago::hours { n: &(minutes / 60) }.say(locale),
        1440..43_200 => texts::ago::days { n: &(minutes / 1440) }.say(locale),
        43_200..525_600 => texts::ago::months { n: &(minutes / 43_200) }.say(locale),
        _ => texts::ago::years { n: &(minutes / 525_600) }.say(locale),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 1_204_567].map(number), ["0", "999", "1,000", "1,204,567"]);
    }

    #[test]
    fn time_passes_in_both_languages() {
        assert_eq!(ago(Locale::En, 0.0, 5.0), "just now");
        assert_eq!(ago(Locale::En, 7_200_000.0, 0.0), "2 h ago");
        assert_eq!(ago(Locale::ZhCn, 259_200_000.0, 0.0), "3 天前");
    }
}
