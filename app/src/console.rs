//! State of the Customers page as one plain value. In the standalone app it is bound to the URL:
//! links and forms write it, and the router provides it. In the widget it is a signal, and the widget's
//! root follows the links. Components read the [`Console`] and never the router.

use clientele::domain::{self, Condition, CustomerKey, Filter, Mode, Sort, SortBy};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use crate::host;
use crate::reactive::memo;

/// Filter, sort order and selection of the Customers page, as encoded in its URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Filter of the list. If the URL has an invalid period, it holds the other conditions.
    pub filter: Filter,
    /// Sort order.
    pub sort: Sort,
    /// Error in the period of the URL.
    pub error: Option<domain::Error>,
    /// Start of the list page without JavaScript, formatted as `clientele::domain::Start`.
    pub start: String,
    /// Customer in the pane.
    pub selected: Option<CustomerKey>,
    /// Selected tab of the pane.
    pub tab: Tab,
    /// Number of the message that the Interaction tab shows; `None` for the newest ones.
    pub message: Option<u32>,
    /// Number of the selected conversation. Needed beside `message`, because an empty conversation
    /// has no message of its own.
    pub conversation: Option<u32>,
}

/// Tab of the customer pane.
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
    /// All tabs in display order.
    pub const ALL: [Self; 3] = [Self::Profile, Self::Tags, Self::Interaction];

    /// Returns the tab's name in the URL.
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
    /// Returns filter and sort order as a URL query without `?`; empty for the defaults.
    #[must_use]
    pub fn query(&self) -> String {
        encode(self.filter.to_pairs(self.sort))
    }

    /// Returns the view without a customer: filter, sort order and start of the list.
    #[must_use]
    pub fn list_alone(&self) -> Self {
        Self { selected: None, tab: Tab::default(), message: None, conversation: None, ..self.clone() }
    }

    /// Returns the view with another filter, from the top of the list. The selected customer stays.
    #[must_use]
    pub fn with_filter(&self, filter: Filter) -> Self {
        Self { filter, start: String::new(), error: None, ..self.clone() }
    }

    /// Returns the view without one of its conditions.
    #[must_use]
    pub fn without(&self, condition: Condition) -> Self {
        self.with_filter(self.filter.without(condition))
    }

    /// Returns the view sorted by a column. If it is sorted by that column already, the direction
    /// is reversed.
    #[must_use]
    pub fn sorted(&self, by: SortBy) -> Self {
        let direction = if self.sort.by == by { self.sort.direction.reversed() } else { by.natural_direction() };
        Self { sort: Sort { by, direction }, start: String::new(), ..self.clone() }
    }

    /// Returns the view with a customer in the pane, or with the pane closed.
    #[must_use]
    pub fn selecting(&self, selected: Option<CustomerKey>) -> Self {
        let tab = if selected.is_some() { self.tab } else { Tab::default() };
        Self { selected, tab, message: None, conversation: None, ..self.clone() }
    }

    /// Returns the view with another customer in the pane and the same tab.
    #[must_use]
    pub fn beside(&self, key: CustomerKey) -> Self {
        self.selecting(Some(key))
    }

    /// Returns the view with another tab.
    #[must_use]
    pub fn showing(&self, tab: Tab) -> Self {
        Self { tab, message: None, conversation: None, ..self.clone() }
    }

    /// Returns the view with the Interaction tab at a message.
    #[must_use]
    pub fn at_message(&self, message: u32) -> Self {
        Self { tab: Tab::Interaction, message: Some(message), conversation: None, ..self.clone() }
    }

    /// Returns the view with the Interaction tab at the start of a conversation. `first_message` is
    /// the number that its first message has or, if it is empty, would have.
    #[must_use]
    pub fn at_conversation(&self, conversation: u32, first_message: u32) -> Self {
        Self { conversation: Some(conversation), ..self.at_message(first_message) }
    }

    /// Returns the view with the list page that begins at `start`; for paging without JavaScript.
    #[must_use]
    pub fn starting(&self, start: String) -> Self {
        Self { start, ..self.clone() }
    }
}

/// Navigates to a URL. If the flag is `true`, it replaces the current history entry.
type Navigate = Box<dyn Fn(&str, bool) + Send + Sync>;

/// Context of the Customers page: its mode, its view, and navigation to other views.
#[derive(Clone, Copy)]
pub struct Console {
    /// Mode of the page.
    pub mode: Mode,
    /// Current view, for links and navigation. It changes with each opened customer and message;
    /// what is displayed tracks one of its slices below.
    pub view: Memo<View>,
    /// View of the list alone ([`View::list_alone`]). It does not change while customers are opened.
    pub list: Memo<View>,
    /// Customer in the pane.
    pub selected: Memo<Option<CustomerKey>>,
    /// Tab of the pane.
    pub tab: Memo<Tab>,
    go: StoredValue<Navigate>,
    /// Opens the customer after (`true`) or before the current one. Set while a list is mounted.
    pub walk: StoredValue<Option<Callback<bool>>>,
    /// Set when a customer is opened from its row: `true` by keyboard, `false` by pointer.
    pub opened: RwSignal<Option<bool>>,
}

impl Console {
    /// Returns the console of a widget, which starts with a view and touches neither the URL nor the
    /// history of the page around it.
    pub fn of_state(mode: Mode, first: View) -> Self {
        let view = RwSignal::new(first);
        let go = move |to: &str, _: bool| {
            if let Some(next) = view_at(mode, to) {
                view.try_set(next);
            }
        };
        Self::new(mode, memo(move || view.get()), Box::new(go))
    }

    /// Returns a console that is bound to the URL.
    pub fn of_url(mode: Mode) -> Self {
        let location = use_location();
        let view = Memo::new(move |last: Option<&View>| {
            let here = location.pathname.with(|path| selected_at(mode, path));
            // While the page is being left, keep the last view.
            let Some(selected) = here else { return last.cloned().unwrap_or_default() };
            location.search.with(|search| read_view(search, selected))
        });
        let navigate = use_navigate();
        let go = move |to: &str, replace: bool| {
            navigate(to, NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
        };
        Self::new(mode, view, Box::new(go))
    }

    fn new(mode: Mode, view: Memo<View>, go: Navigate) -> Self {
        Self {
            mode,
            view,
            list: memo(move || view.with(View::list_alone)),
            selected: memo(move || view.with(|view| view.selected)),
            tab: memo(move || view.with(|view| view.tab)),
            go: StoredValue::new(go),
            walk: StoredValue::new(None),
            opened: RwSignal::new(None),
        }
    }

    /// Opens the customer after or before the current one. Returns `false` if no list is mounted.
    pub fn step(&self, after: bool) -> bool {
        self.walk.try_get_value().flatten().and_then(|walk| walk.try_run(after)).is_some()
    }

    /// Returns the URL of a view. In the widget it is absolute, so that a new tab opens it on our own page.
    #[must_use]
    pub fn href(&self, view: &View) -> String {
        let mut path = [host::base(), base(self.mode)].concat();
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

    /// Returns the URL of the unfiltered page, to which its forms are submitted.
    #[must_use]
    pub fn base(&self) -> &'static str {
        base(self.mode)
    }

    /// Follows a link to a view of this page, in the widget. Returns `false` if the URL is not one.
    #[cfg(feature = "hydrate")]
    pub fn follow(&self, href: &str) -> bool {
        let own = view_at(self.mode, href).is_some();
        if own {
            self.go.with_value(|go| go(href, false));
        }
        own
    }

    /// Navigates to a view and adds a history entry.
    pub fn go(&self, view: &View) {
        self.navigate(view, false);
    }

    /// Navigates to a view and replaces the current history entry, for state that changes with each
    /// keystroke.
    pub fn replace(&self, view: &View) {
        self.navigate(view, true);
    }

    fn navigate(&self, view: &View, replace: bool) {
        let to = self.href(view);
        self.go.with_value(|go| go(&to, replace));
    }

    /// Returns the URL of a customer's open conversation on the agent's desk.
    #[must_use]
    pub fn conversation_href(key: CustomerKey) -> String {
        format!("{}/conversations/{key}", host::base())
    }

    /// Navigates to a customer's open conversation. It belongs to Agent Mode, even if it was started
    /// in Admin Mode. The widget has no desk and shows the Interaction tab. Does nothing once the page
    /// is left.
    pub fn open_conversation(&self, key: CustomerKey) {
        let to = match self.view.try_get_untracked() {
            Some(view) if host::is_embedded() => self.href(&view.selecting(Some(key)).showing(Tab::Interaction)),
            _ => Self::conversation_href(key),
        };
        self.go.try_with_value(|go| go(&to, false));
    }
}

const fn base(mode: Mode) -> &'static str {
    match mode {
        Mode::Agent => "/customers",
        Mode::Admin => "/admin/customers",
    }
}

/// Returns the customer that a path of the Customers page selects; `None` for paths of other pages.
fn selected_at(mode: Mode, path: &str) -> Option<Option<CustomerKey>> {
    let rest = path.strip_prefix(base(mode))?;
    if !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    let rest = rest.trim_matches('/');
    // No customer has key 0: an invalid key leads to "not found".
    Some((!rest.is_empty()).then(|| rest.parse().unwrap_or(CustomerKey(0))))
}

/// Returns the view at a URL of the Customers page; `None` for other URLs.
fn view_at(mode: Mode, href: &str) -> Option<View> {
    let local = href.strip_prefix(host::base())?;
    let (path, search) = local.split_once('?').unwrap_or((local, ""));
    Some(read_view(search, selected_at(mode, path)?))
}

/// Returns the view of a URL query, with a customer selected or not.
pub fn read_view(search: &str, selected: Option<CustomerKey>) -> View {
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
            // Drop only the invalid period; the rest of the link still applies.
            let pairs: Vec<_> = form_urlencoded::parse(search.as_bytes()).collect();
            let others = pairs.iter().filter(|(name, _)| !matches!(&**name, "period" | "from" | "to"));
            let (filter, sort) =
                Filter::from_pairs(others.map(|(name, value)| (&**name, &**value))).unwrap_or_default();
            View { filter, sort, error: Some(error), start, selected, tab, message, conversation }
        }
    }
}

/// Parses filter and sort order from a URL query.
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
mod tests;
