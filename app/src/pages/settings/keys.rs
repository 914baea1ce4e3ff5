//! Parts that the lists of channel keys and of embed keys share.

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::browser;
use crate::components::{FormDialog, Icon, close_dialog, open_dialog};
use crate::dates::{Clock, LocalMoment};
use crate::error::AppError;
use crate::i18n::{Text, t, use_i18n};
use crate::live::Change;

/// The dialog that revokes a key, and the key that it is open for.
#[derive(Clone, Copy)]
pub struct Revocation {
    /// ID and name of the key.
    key: RwSignal<Option<(String, String)>>,
    dialog: NodeRef<Dialog>,
    change: Change,
}

impl Revocation {
    /// Creates the state of a closed dialog.
    pub fn new() -> Self {
        Self { key: RwSignal::default(), dialog: NodeRef::new(), change: Change::new() }
    }

    /// Returns a callback that revokes the key of the dialog by `request`, closes the dialog, and then runs
    /// `reload`.
    pub fn by<F: Future<Output = Result<(), AppError>> + 'static>(
        self,
        request: fn(String) -> F,
        reload: Callback<()>,
    ) -> Callback<()> {
        Callback::new(move |()| {
            let Some((id, _)) = self.key.get_untracked() else { return };
            self.change.send_or(request(id), move |answer| {
                close_dialog(self.dialog);
                match answer {
                    Ok(()) => drop(reload.try_run(())),
                    Err(error) => self.change.show_error(&error),
                }
            });
        })
    }
}

/// Button that revokes a key, or the time at which it was revoked.
#[component]
pub fn RevokeButton(
    /// Dialog that the button opens.
    revocation: Revocation,
    /// ID of the key.
    id: String,
    /// Name of the key.
    name: String,
    /// Time of revocation.
    revoked: Option<LocalMoment>,
) -> impl IntoView {
    let (i18n, clock) = (use_i18n(), Clock::get());
    if let Some(at) = revoked {
        return view! { <span class="hint">{t!(i18n, channels.revoked, at = clock.full(i18n, &at))}</span> }.into_any();
    }
    let named = name.clone();
    view! {
        <button
            class="button is-small"
            type="button"
            aria-label=t!(i18n, channels.revoke_key, name = named)
            on:click=move |_| {
                revocation.key.set(Some((id.clone(), name.clone())));
                open_dialog(revocation.dialog);
            }
        >
            {t!(i18n, channels.revoke)}
        </button>
    }
    .into_any()
}

/// Dialog that asks before a key is revoked.
#[component]
pub fn RevokeDialog(
    /// State of the dialog.
    revocation: Revocation,
    /// ID of the title.
    id: &'static str,
    /// Consequence of revoking.
    what: Text,
    /// Revokes the key, by [`Revocation::by`].
    submit: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let name = move || revocation.key.get().map(|(_, name)| name);
    view! {
        <FormDialog
            node_ref=revocation.dialog
            id
            title=Signal::derive(t!(i18n, channels.revoke))
            danger=true
            busy=revocation.change.busy
            submit
        >
            <p>
                <strong dir="auto">{name}</strong>
            </p>
            <p>{i18n.text(what)}</p>
        </FormDialog>
    }
    .into_any()
}

/// Values of a new key, which are shown only here, with buttons that copy them.
#[component]
pub fn NewKeyValues(
    /// Sentence that tells to copy the values now.
    text: Text,
    /// Labels and values.
    values: Vec<(Text, String)>,
) -> impl IntoView {
    let i18n = use_i18n();
    let line = move |(label, value): (Text, String)| {
        let copied = value.clone();
        view! {
            <p>
                <span>{i18n.text(label)}</span>
                <code>{value}</code>
                <button
                    class="icon-button"
                    type="button"
                    aria-label=t!(i18n, channels.copy, what = i18n.say(label))
                    on:click=move |event| browser::copy(&event, &copied)
                >
                    <Icon name="copy" />
                </button>
            </p>
        }
    };
    view! {
        <div class="made-key" role="status">
            <p>{i18n.text(text)}</p>
            {values.into_iter().map(line).collect_view()}
        </div>
    }
    .into_any()
}
