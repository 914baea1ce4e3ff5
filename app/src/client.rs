//! HTTP client of the server functions. In the widget it sends the token of the embed session with
//! each request. The address of the server is set in [`crate::host`].

/// HTTP client of all server functions. Unused on the server, which calls them directly.
#[cfg(not(feature = "hydrate"))]
pub type ApiClient = server_fn::client::browser::BrowserClient;
#[cfg(feature = "hydrate")]
pub use browser::ApiClient;

#[cfg(feature = "hydrate")]
mod browser {
    use std::future::Future;

    use futures::{Sink, Stream};
    use leptos::web_sys;
    use send_wrapper::SendWrapper;
    use server_fn::Bytes;
    use server_fn::client::Client;
    use server_fn::client::browser::BrowserClient;
    use server_fn::error::{FromServerFnError, IntoAppError, ServerFnErrorErr};
    use server_fn::request::ClientReq;
    use server_fn::request::browser::{BrowserRequest, Request};
    use server_fn::response::ClientRes;
    use server_fn::response::browser::BrowserResponse;

    use crate::{browser, host};

    /// HTTP client of all server functions.
    pub struct ApiClient;

    impl<E: FromServerFnError, I: FromServerFnError, O: FromServerFnError> Client<E, I, O> for ApiClient {
        type Request = BrowserRequest;
        type Response = BrowserResponse;

        fn send(request: BrowserRequest) -> impl Future<Output = Result<BrowserResponse, E>> + Send {
            SendWrapper::new(async move {
                match host::is_embedded() {
                    true => send_with_token(request).await,
                    false => send::<E, I, O>(request).await,
                }
            })
        }

        fn open_websocket(
            path: &str,
        ) -> impl Future<
            Output = Result<
                (impl Stream<Item = Result<Bytes, Bytes>> + Send + 'static, impl Sink<Bytes> + Send + 'static),
                E,
            >,
        > + Send {
            <BrowserClient as Client<E, I, O>>::open_websocket(path)
        }

        fn spawn(future: impl Future<Output = ()> + Send + 'static) {
            <BrowserClient as Client<E, I, O>>::spawn(future);
        }
    }

    fn send<E: FromServerFnError, I: FromServerFnError, O: FromServerFnError>(
        request: BrowserRequest,
    ) -> impl Future<Output = Result<BrowserResponse, E>> + Send {
        <BrowserClient as Client<E, I, O>>::send(request)
    }

    /// Sends a request with the token. If the server refuses the token, the request had no effect: it is
    /// sent once more with another one.
    async fn send_with_token<E: FromServerFnError>(mut request: BrowserRequest) -> Result<BrowserResponse, E> {
        let over = || ServerFnErrorErr::MiddlewareError("the embed session is over".into()).into_app_error();
        let again = copy_of(&mut request);
        let token = host::token().await.ok_or_else(over)?;
        authorize(&request, &token);
        let response = send::<E, E, E>(request).await?;
        if <BrowserResponse as ClientRes<E>>::status(&response) != 401 {
            return Ok(response);
        }
        let Some(again) = again else { return Ok(response) };
        let token = host::refused(&token).await.ok_or_else(over)?;
        if token.is_empty() {
            return Err(ServerFnErrorErr::Request("the agent has signed out".into()).into_app_error());
        }
        let mut request = <BrowserRequest as ClientReq<E>>::try_new_req_query("", "", "", "", http::Method::GET)?;
        *request = again;
        authorize(&request, &token);
        send::<E, E, E>(request).await
    }

    fn authorize(request: &BrowserRequest, token: &str) {
        let headers = request.headers();
        headers.set("authorization", &["Bearer ", token].concat());
        headers.set("clientele-zone", &browser::zone());
    }

    /// Returns a copy of a request, whose body can be sent only once. `None` if the browser cannot
    /// copy it.
    fn copy_of(request: &mut BrowserRequest) -> Option<Request> {
        let empty = web_sys::Request::new_with_str("/").ok()?;
        let original: web_sys::Request = std::mem::replace(&mut **request, empty.into()).into();
        let copy = original.clone();
        **request = original.into();
        copy.ok().map(Into::into)
    }
}
