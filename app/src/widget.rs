//! The console as a widget: the Customers page inside a page of another application. It has no router,
//! no navigation and no document of its own: it writes neither the URL nor the head of the page around
//! it. `public/embed.js` mounts it.

use clientele::domain::{CustomerKey, Feature, Features, Mode};
use leptos::prelude::*;

use crate::api::session::{Access, read_access};
use crate::components::SignedInAgain;
use crate::console::{Console, View, read_view};
use crate::error::AppError;
use crate::events::ServerEvent;
use crate::host::Widget;
use crate::i18n::{I18n, Locale};
use crate::live::send;
use crate::pages::CustomersPage;
use crate::reactive::memo;
use crate::session::Session;
use crate::signed_in::SignedIn;
use crate::{components, dates, i18n, parts};

/// State with which a widget starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Mode of the console.
    pub mode: Mode,
    /// Language.
    pub locale: Locale,
    /// Customer in the pane.
    pub customer: Option<CustomerKey>,
    /// Filter and sort order as the query of the Customers page.
    pub query: String,
    /// Actions that the widget offers. The server enforces those of the token.
    pub features: Features,
}

/// Actions that the console offers; a context of the widget.
#[derive(Clone, Copy)]
struct Offered(Features);

/// Returns `true` if the console offers an action; our own pages offer all. The server enforces the
/// features of the token: this only hides what it would refuse.
pub fn offers(feature: Feature) -> bool {
    use_context::<Offered>().is_none_or(|Offered(features)| features.contains(feature))
}

/// Methods of a mounted widget that the page around it calls; a context of its components.
#[derive(Clone, Copy)]
pub struct Control {
    console: Console,
    i18n: I18n,
    signed_in: StoredValue<Option<(Session, SignedInAgain)>>,
}

impl Control {
    /// Connects the frame, which has the session.
    pub fn connect(self, session: Session, again: SignedInAgain) {
        self.signed_in.set_value(Some((session, again)));
    }

    /// Opens a customer in the pane, or closes the pane.
    pub fn open(self, customer: Option<CustomerKey>) {
        if let Some(view) = self.console.view.try_get_untracked()
            && view.selected != customer
        {
            self.console.go(&view.selecting(customer));
        }
    }

    /// Replaces filter and sort order by those of a query. Unknown names and values are ignored.
    pub fn set_query(self, query: &str) {
        if let Some(view) = self.console.view.try_get_untracked() {
            let View { filter, sort, .. } = read_view(query, None);
            self.console.go(&View { sort, ..view.with_filter(filter) });
        }
    }

    /// Loads everything displayed again.
    pub fn refresh(self) {
        if let Some((session, _)) = self.signed_in.try_get_value().flatten() {
            session.publish(&ServerEvent::Everything);
        }
    }

    /// Continues after the session was over, if the page around the widget has a token again.
    pub fn resume(self) {
        send(read_access_again(), move |answer| {
            if let (Ok(access), Some((_, SignedInAgain(done)))) = (answer, self.signed_in.try_get_value().flatten()) {
                done.try_run(access);
            }
        });
    }

    /// Changes the language.
    pub fn set_locale(self, locale: Locale) {
        self.i18n.set(locale);
    }
}

/// Reads the access with the token that the page around the widget has now.
pub async fn read_access_again() -> Result<Access, AppError> {
    read_access().await
}

/// Returns the view of the widget and its methods. Called in the owner of the widget.
pub fn widget(options: Options, host: Widget) -> (AnyView, Control) {
    let Options { mode, locale, customer, query, features } = options;
    let i18n = i18n::provide_locale(locale);
    provide_context(host);
    provide_context(Offered(features));
    dates::provide_clock();
    components::provide_title();
    let console = Console::of_state(mode, read_view(&query, customer));
    provide_context(console);
    let control = Control { console, i18n, signed_in: StoredValue::default() };
    provide_context(control);
    parts::load_rest();
    let open = memo(move || console.selected.get().is_some());
    let view = view! {
        <SignedIn mode>
            <CustomersPage console pane=move || open.get().then(|| parts::CUSTOMER.show()) />
        </SignedIn>
    };
    (view.into_any(), control)
}
