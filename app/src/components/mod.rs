//! Components of the pages. They take props and report through callbacks; only the components of the
//! session's frame call the server.

mod chips;
mod customer_list;
mod customer_row;
mod each;
mod empty;
mod failure;
mod form_dialog;
mod highlight;
mod icon;
mod menus;
mod messages;
mod moment;
mod page_title;
mod search_box;
mod session_over;
mod shell;
mod shortcuts;
mod sign_in_again;
mod sort_panel;
mod toasts;
mod visitor_facts;
mod widget_frame;

pub use chips::Chips;
pub use customer_list::{CustomerList, RefreshRows, Skeleton};
pub use each::Each;
pub use empty::{EmptyList, NotListed, WhyNotListed};
pub use failure::Failure;
pub use form_dialog::{FormDialog, close as close_dialog, open as open_dialog, refuse_escape};
pub use highlight::Highlight;
pub use icon::Icon;
pub use menus::{AccountMenu, LanguageMenu, ThemeMenu};
pub use messages::{BeginBorder, EndBorder, MessageItem, Stars, state_of};
pub use moment::{Day, Moment};
pub use page_title::{PageTitle, provide_title};
pub use search_box::SearchBox;
pub use session_over::SessionOver;
pub use shell::{OfflineBanner, Shell, listen_in_frame};
pub use shortcuts::{HelpOpen, Shortcuts};
pub use sign_in_again::{SignInAgain, SignedInAgain};
pub use sort_panel::{SortForm, SortPanel};
pub use toasts::{ToastList, ToastRegions, Toasts, Undo};
pub use visitor_facts::{VisitorFacts, visitor_of};
pub use widget_frame::WidgetFrame;
