//! State of the displayed list, and how it follows the server.

use clientele::domain::EventKind;
use leptos::prelude::*;

use crate::api::customers::{ListPart, TagCount, count_customers, list_customers, size_of_list};
use crate::browser::{self, ElementRef};
use crate::console::{Console, View};
use crate::error::{AppError, Code};
use crate::events::ServerEvent;
use crate::focus::Focus;
use crate::live::send;
use crate::reactive::{effect, effect_from_first, memo};
use crate::session::{Link, Session};

/// Milliseconds during which change events are collected into one request.
const THROTTLE_MILLIS: u32 = 400;

/// First part of the list, or the error.
pub(super) type ListResult = Result<ListPart, AppError>;

/// State of the displayed list: its first part, its size and the changes since.
#[derive(Clone, Copy)]
pub(super) struct Listing {
    pub(super) console: Console,
    /// First part, with the view that it belongs to. After a failure the previous one stays.
    pub(super) answer: RwSignal<(View, ListResult)>,
    /// Error that denies access to the whole page.
    pub(super) locked: Memo<Option<AppError>>,
    /// Error of the last request, while the previous list stays displayed.
    pub(super) failed: RwSignal<Option<AppError>>,
    /// Number of customers and of similar customers, as reported last.
    pub(super) size: RwSignal<Option<(u64, u64)>>,
    /// Tags of the tenant, each with its number of customers.
    pub(super) tags: RwSignal<Vec<TagCount>>,
    /// Number of customers that arrived above the first row since the list was loaded.
    pub(super) arrived: RwSignal<u64>,
    pub(super) asking: RwSignal<bool>,
    latest: StoredValue<u64>,
    /// Pane that contains the list.
    pane: ElementRef,
}

impl Listing {
    pub(super) fn new(console: Console, first: ListResult) -> Self {
        let size = first.as_ref().ok().map(|part| (part.total, part.similar));
        let tags = first.as_ref().ok().map(|part| part.tags.clone()).unwrap_or_default();
        let answer = RwSignal::new((console.view.get_untracked(), first));
        let failed = RwSignal::new(None);
        let locked = memo(move || {
            let is_lock = |error: &&AppError| matches!(error.code, Code::PageOff | Code::Forbidden);
            failed.with(|failed: &Option<AppError>| failed.as_ref().filter(is_lock).cloned()).or_else(|| {
                answer.with(|(_, answer): &(View, ListResult)| answer.as_ref().err().filter(is_lock).cloned())
            })
        });
        Self {
            console,
            answer,
            locked,
            failed,
            size: RwSignal::new(size),
            tags: RwSignal::new(tags),
            arrived: RwSignal::new(0),
            asking: RwSignal::new(false),
            latest: StoredValue::new(0),
            pane: Focus::get().customers,
        }
    }

    /// Loads the list for the current URL.
    pub(super) fn reload(self) {
        let Some(view) = self.console.view.try_get_untracked() else { return };
        self.latest.update_value(|number| *number += 1);
        let number = self.latest.get_value();
        self.asking.set(true);
        let request = list_customers(self.console.mode, view.query(), view.start.clone(), view.selected, None);
        send(request, move |fresh| {
            // Ignore the response unless it belongs to the newest request; the page may also have
            // been left.
            if self.latest.try_get_value() != Some(number) {
                return;
            }
            self.asking.set(false);
            match fresh {
                Ok(part) => self.show(view, part),
                Err(error) => self.failed.set(Some(error)),
            }
        });
    }

    pub(super) fn show(self, view: View, part: ListPart) {
        self.failed.set(None);
        self.size.set(Some((part.total, part.similar)));
        self.arrived.set(0);
        self.tags.set(part.tags.clone());
        // Close a selected customer that is not in the new list.
        let leaves = part.beside == Some(false);
        self.answer.set((view.clone(), Ok(part)));
        // The previous list may have been scrolled.
        browser::in_next_frame(move || {
            if let Some(list) = self.pane.find(".list") {
                list.set_scroll_top(0);
            }
        });
        let now = self.console.view.get_untracked();
        if leaves && now.selected == view.selected {
            self.console.replace(&now.selecting(None));
        }
    }

    /// Reloads the list when the URL changes to another one, and updates its size and tags when
    /// events report a change.
    pub(super) fn follow(self, allowed: Memo<bool>) {
        let list = self.console.list;
        let asked = memo(move || (list.with(|view| (view.query(), view.start.clone())), allowed.get()));
        effect_from_first(move |first| {
            // Read the memo; tracking alone is not enough, because a memo that was never read has
            // no sources.
            asked.with(|_| ());
            if !first {
                self.reload();
            }
        });
        let concerns = |heard: &ServerEvent| match heard {
            // An agent's message changes no list. A customer's message may begin a conversation.
            ServerEvent::Customer(news) => !matches!(news.kind, EventKind::MessageSent),
            heard => matches!(heard, ServerEvent::Everything),
        };
        let session = Session::get();
        session.subscribe_throttled(THROTTLE_MILLIS, concerns, move || self.measure());
        session.subscribe_throttled(
            THROTTLE_MILLIS,
            |heard| matches!(heard, ServerEvent::Tags | ServerEvent::Everything),
            move || self.count_tags(),
        );
        // The limits of days and weeks depend on the time zone.
        session.subscribe(move |heard| {
            if heard == ServerEvent::Zone {
                self.reload();
            }
        });
        // Reload a list that failed to load when the connection is back.
        effect(move || {
            if session.link.get() == Link::Up && self.failed.with_untracked(Option::is_some) {
                self.reload();
            }
        });
    }

    /// Reloads the tags and their numbers of customers in the list.
    pub(super) fn count_tags(self) {
        let Some(query) = self.answer.try_with_untracked(|(view, _)| view.query()) else { return };
        let number = self.latest.get_value();
        send(count_customers(self.console.mode, query), move |count| {
            if let Ok(count) = count
                && self.latest.try_get_value() == Some(number)
            {
                self.tags.set(count.tags);
            }
        });
    }

    /// Reloads the size of the list.
    pub(super) fn measure(self) {
        let Some((query, top, at)) = self.answer.try_with_untracked(|(view, answer)| {
            let top = answer.as_ref().ok().and_then(|part| part.rows.first()).map(|row| row.row.cursor.to_string());
            (view.query(), top.unwrap_or_default(), answer.as_ref().ok().map(|part| part.at))
        }) else {
            return;
        };
        let number = self.latest.get_value();
        send(size_of_list(self.console.mode, query, top.clone(), at), move |size| {
            // Ignore a size that belongs to an earlier list.
            if let Ok(size) = size
                && self.latest.try_get_value() == Some(number)
            {
                self.size.set(Some((size.total, size.similar)));
                let arrived = if top.is_empty() { size.total + size.similar } else { size.above };
                self.arrived.set(arrived);
            }
        });
    }
}
