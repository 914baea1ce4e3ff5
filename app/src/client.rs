//! How server functions reach the server: named once, so that the widget can add its base address and its token here.

/// The client of every server function.
#[cfg(feature = "hydrate")]
pub type ApiClient = server_fn::client::browser::BrowserClient;
/// The client of every server function; on the server they are called directly.
#[cfg(not(feature = "hydrate"))]
pub type ApiClient = server_fn::client::browser::BrowserClient;
