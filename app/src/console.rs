//! What the page is looking at, as one plain value. Standalone it is bound to the URL: links and forms write it, the
//! router gives it back. Components read the [`Console`] and never the router, so that the console can be embedded.

use clientele::domain::{self, Condition, CustomerKey, Filter, Mode, Sort, SortBy};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// What the page is looking at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The conditions; when the URL has a period that is none, the others.
    pub filter: Filter,
    /// The order.
    pub sort: Sort,
    /// What is wrong with the period in the URL.
    pub error: Option<domain::Error>,
    /// Where the page starts, without JavaScript: as `clientele::domain::Start` is written.
    pub start: String,
    /// The customer beside the list.
    pub selected: Option<CustomerKey>,
    /// What of the customer is shown.
    pub tab: Tab,
    /// The message that the Interaction tab shows, by number; the newest ones without.
    pub message: Option<u32>,
    /// The conversation that was chosen, beside the message it begins with; nothing may have been said in it.
    pub conversation: Option<u32>,
}

/// A part of the customer beside the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Profile
    #[default]
    Profile,
    /// Customer Tags
    Tags,
    /// Interaction
    Interaction,
}

impl Tab {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Profile, Self::Tags, Self::Interaction];

    /// As in the URL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Tags => "tags",
            Self::Interaction => "interaction",
        }
    }
}

impl View {
    /// The filter and the order as a URL's query, without `?`; empty for the defaults.
    #[must_use]
    pub fn query(&self) -> String {
        encode(self.filter.to_pairs(self.sort))
    }

    /// The same list with another filter, from its top. The customer beside it stays while the list has it.
    #[must_use]
    pub fn with_filter(&self, filter: Filter) -> Self {
        Self { filter, start: String::new(), error: None, ..self.clone() }
    }

    /// The same list without one of its conditions.
    #[must_use]
    pub fn without(&self, condition: Condition) -> Self {
        self.with_filter(self.filter.without(condition))
    }

    /// The same customers in another order, or in the same order the other way round.
    #[must_use]
    pub fn sorted(&self, by: SortBy) -> Self {
        let direction = if self.sort.by == by { self.sort.direction.reversed() } else { by.natural_direction() };
        Self { sort: Sort { by, direction }, start: String::new(), ..self.clone() }
    }

    /// The same list with a customer, or nobody, beside it.
    #[must_use]
    pub fn selecting(&self, selected: Option<CustomerKey>) -> Self {
        let tab = if selected.is_some() { self.tab } else { Tab::default() };
        Self { selected, tab, message: None, conversation: None, ..self.clone() }
    }

    /// Another customer beside the same list, with the same part of it.
    #[must_use]
    pub fn beside(&self, key: CustomerKey) -> Self {
        self.selecting(Some(key))
    }

    /// The same customer, another part of it.
    #[must_use]
    pub fn showing(&self, tab: Tab) -> Self {
        Self { tab, message: None, conversation: None, ..self.clone() }
    }

    /// One of the customer's messages.
    #[must_use]
    pub fn at_message(&self, message: u32) -> Self {
        Self { tab: Tab::Interaction, message: Some(message), conversation: None, ..self.clone() }
    }

    /// The beginning of one of the customer's conversations, whose first message has or would have a number.
    #[must_use]
    pub fn at_conversation(&self, conversation: u32, first_message: u32) -> Self {
        Self { conversation: Some(conversation), ..self.at_message(first_message) }
    }

    /// The part of the list that begins at `start`; for reading without JavaScript.
    #[must_use]
    pub fn starting(&self, start: String) -> Self {
        Self { start, ..self.clone() }
    }
}

/// Goes to an address; as a step of its own, or in place of the present one.
type Navigate = Box<dyn Fn(&str, bool) + Send + Sync>;

/// The page's place in the console: which mode it is in, what it looks at, and how it goes elsewhere.
#[derive(Clone, Copy)]
pub struct Console {
    /// The mode.
    pub mode: Mode,
    /// What the page looks at now.
    pub view: Memo<View>,
    go: StoredValue<Navigate>,
    /// Opens the customer after (`true`) or before the open one, while there is a list.
    pub walk: StoredValue<Option<Callback<bool>>>,
    /// Set when somebody opens a customer from its row; `true` by the keyboard.
    pub opened: RwSignal<Option<bool>>,
}

impl Console {
    /// The console bound to the URL.
    pub fn of_url(mode: Mode) -> Self {
        let location = use_location();
        let view = Memo::new(move |last: Option<&View>| {
            let here = location.pathname.with(|path| {
                let rest = path.strip_prefix(base(mode))?.trim_matches('/');
                // There is no customer 0: what is no key is nobody's.
                Some((!rest.is_empty()).then(|| rest.parse().unwrap_or(CustomerKey(0))))
            });
            // The page is being left: it goes on showing what it shows.
            let Some(selected) = here else { return last.cloned().unwrap_or_default() };
            location.search.with(|search| read_view(search, selected))
        });
        let navigate = use_navigate();
        let go = move |to: &str, replace: bool| {
            navigate(to, NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
        };
        Self {
            mode,
            view,
            go: StoredValue::new(Box::new(go)),
            walk: StoredValue::new(None),
            opened: RwSignal::new(None),
        }
    }

    /// Opens the customer after or before the open one; `false` while there is no list.
    pub fn step(&self, after: bool) -> bool {
        self.walk.try_get_value().flatten().and_then(|walk| walk.try_run(after)).is_some()
    }

    /// The address of a view, for links.
    #[must_use]
    pub fn href(&self, view: &View) -> String {
        let mut path = base(self.mode).to_owned();
        if let Some(key) = view.selected {
            path.push_str(&format!("/{key}"));
        }
        let mut own = Vec::new();
        if !view.start.is_empty() {
            own.push(("start", view.start.clone()));
        }
        if view.selected.is_some() && view.tab != Tab::default() {
            own.push(("tab", view.tab.as_str().to_owned()));
        }
        if let Some(message) = view.message.filter(|_| view.selected.is_some()) {
            own.push(("m", message.to_string()));
        }
        if let Some(conversation) = view.conversation.filter(|_| view.selected.is_some()) {
            own.push(("c", conversation.to_string()));
        }
        let parts: Vec<String> = [view.query(), encode(own)].into_iter().filter(|part| !part.is_empty()).collect();
        let query = parts.join("&");
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }

    /// The address of the unfiltered page: where its forms are sent.
    #[must_use]
    pub fn base(&self) -> &'static str {
        base(self.mode)
    }

    /// Goes to a view, as a step that Back undoes.
    pub fn go(&self, view: &View) {
        self.navigate(view, false);
    }

    /// Goes to a view in place of the present one: for what changes with each key.
    pub fn replace(&self, view: &View) {
        self.navigate(view, true);
    }

    fn navigate(&self, view: &View, replace: bool) {
        let to = self.href(view);
        self.go.with_value(|go| go(&to, replace));
    }
}

const fn base(mode: Mode) -> &'static str {
    match mode {
        Mode::Agent => "/customers",
        Mode::Admin => "/admin/customers",
    }
}

fn read_view(search: &str, selected: Option<CustomerKey>) -> View {
    let search = search.trim_start_matches('?');
    let own = |wanted: &str| {
        form_urlencoded::parse(search.as_bytes()).find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    };
    let start = own("start").unwrap_or_default();
    let tab = own("tab").and_then(|tab| Tab::ALL.into_iter().find(|known| known.as_str() == tab)).unwrap_or_default();
    let number = |name: &str| own(name).and_then(|number| number.parse().ok());
    let (message, conversation) = (number("m"), number("c"));
    match read_filter(search) {
        Ok((filter, sort)) => View { filter, sort, error: None, start, selected, tab, message, conversation },
        Err(error) => {
            // The rest of the link still counts: only the period is dropped.
            let pairs: Vec<_> = form_urlencoded::parse(search.as_bytes()).collect();
            let others = pairs.iter().filter(|(name, _)| !matches!(&**name, "period" | "from" | "to"));
            let (filter, sort) =
                Filter::from_pairs(others.map(|(name, value)| (&**name, &**value))).unwrap_or_default();
            View { filter, sort, error: Some(error), start, selected, tab, message, conversation }
        }
    }
}

/// The filter and the order in a URL's query.
///
/// # Errors
/// As [`Filter::from_pairs`].
pub fn read_filter(query: &str) -> Result<(Filter, Sort), domain::Error> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    Filter::from_pairs(pairs.iter().map(|(name, value)| (&**name, &**value)))
}

fn encode(pairs: Vec<(&'static str, String)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[cfg(test)]
mod tests {
    use clientele::domain::{Direction, Period, TagId};

    use super::*;

    #[test]
    fn a_view_survives_its_url() {
        let filter = Filter { name: "张 & wei=1+1".into(), tags: vec![TagId(3), TagId(9)], ..Filter::default() };
        let view =
            View { filter, sort: Sort { by: SortBy::Nickname, direction: Direction::Descending }, ..View::default() };
        assert_eq!(read_view(&format!("?{}", view.query()), None), view);
    }

    #[test]
    fn a_wrong_period_leaves_the_other_conditions() {
        let view = read_view("?period=custom&from=2026-02-02T00:00&to=2026-01-01T00:00&name=li", None);
        assert_eq!((view.filter.name.as_str(), view.filter.period), ("li", Period::ThisWeek));
        assert_eq!(view.error.unwrap().field.as_deref(), Some("to"));
    }

    #[test]
    fn sorting_by_the_same_column_turns_the_order_round() {
        let view = View::default().sorted(SortBy::Nickname);
        assert_eq!(view.sort.direction, Direction::Ascending);
        assert_eq!(view.sorted(SortBy::Nickname).sort.direction, Direction::Descending);
    }
}
