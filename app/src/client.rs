//! HTTP client of the server functions, defined in one place so that the widget can add its base
//! URL and token here.

/// HTTP client of all server functions.
#[cfg(feature = "hydrate")]
pub type ApiClient = server_fn::client::browser::BrowserClient;
/// HTTP client of all server functions. Unused on the server, which calls them directly.
#[cfg(not(feature = "hydrate"))]
pub type ApiClient = server_fn::client::browser::BrowserClient;
