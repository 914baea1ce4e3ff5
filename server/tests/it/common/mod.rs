//! A complete server without a socket, on an in-memory database.

pub mod channel;
pub mod host;
pub mod stream;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use clientele::domain::{
    Actor, AgentId, Channel, Conversation, ConversationState, Customer, CustomerId, CustomerKey, MessageId, Origin,
    Profile, Role, Timestamp,
};
use clientele::store::{Clock, Connection, Delivery, Imported, NewAgent, Store};
use clientele_app::server::state::{AppState, SessionCookie};
use clientele_server::ServerState;
use clientele_server::assets::Site;
use clientele_server::shutdown::Shutdown;
use http::{Method, Request, StatusCode, header};
use jiff::tz::TimeZone;
use tokio::sync::watch;
use tower::ServiceExt;

pub const PASSWORD: &str = "correct horse battery";

/// The server under test.
pub struct TestApp {
    pub store: Arc<Store>,
    pub router: axum::Router,
    _shutdown: watch::Sender<bool>,
}

/// A complete response.
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns the session cookie that was set, as the browser sends it back.
    pub fn cookie(&self) -> String {
        self.header(header::SET_COOKIE).split(';').next().unwrap_or_default().to_owned()
    }
}

/// Caller of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Nobody,
    Agent,
    Admin,
}

/// Settings of a server under test.
#[derive(Default)]
struct Served {
    secure: bool,
    trusted_proxies: Vec<std::net::IpAddr>,
    clock: Clock,
    site: Site,
}

pub fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

impl TestApp {
    /// Starts a server with the agents `li` (1) and `wang` (2) and the admin `chen` (3). The
    /// Customers page is on.
    pub async fn new() -> Self {
        let app = Self::cold().await;
        app.store.warm().await.unwrap();
        app
    }

    /// Starts the same server without warming its index.
    pub async fn cold() -> Self {
        Self::on("mem://", Served::default()).await
    }

    /// Starts a server on RocksDB, with its files in a folder.
    pub async fn on_disk(folder: &std::path::Path) -> Self {
        let app = Self::on(&format!("rocksdb://{}", folder.display()), Served::default()).await;
        app.store.warm().await.unwrap();
        app
    }

    /// Starts a server as in production: reached by https through a proxy.
    pub async fn behind_proxy() -> Self {
        let proxy = "10.0.0.1".parse().unwrap();
        let served = Served { secure: true, trusted_proxies: vec![proxy], ..Served::default() };
        let app = Self::on("mem://", served).await;
        app.store.warm().await.unwrap();
        app
    }

    /// Starts a server with a clock that the test moves.
    pub async fn with_clock(clock: Clock) -> Self {
        let app = Self::on("mem://", Served { clock, ..Served::default() }).await;
        app.store.warm().await.unwrap();
        app
    }

    /// Starts a server with static files.
    pub async fn with_site(folder: &std::path::Path) -> Self {
        let site = Site::read(folder).unwrap();
        Self::on("mem://", Served { site, ..Served::default() }).await
    }

    async fn on(url: &str, served: Served) -> Self {
        let connection = Connection { clock: served.clock, ..Connection::to(url) };
        let store = Arc::new(Store::open(&connection).await.unwrap());
        for (login, role) in [("li", Role::Agent), ("wang", Role::Agent), ("chen", Role::Admin)] {
            let new = NewAgent { login: login.into(), name: login.to_uppercase(), role, password: PASSWORD.into() };
            store.add_agent(new, Actor::System, now()).await.unwrap();
        }
        store
            .change_settings(Actor::System, now(), |settings| settings.customers_page_in_agent_mode = true)
            .await
            .unwrap();
        let (shutdown, begun) = Shutdown::new();
        let site = served.site;
        let state = ServerState {
            app: AppState {
                store: store.clone(),
                session_cookie: SessionCookie { secure: served.secure },
                login_limiter: Arc::default(),
                refusals: Arc::default(),
                default_zone: TimeZone::UTC,
                regions: Arc::default(),
                assets: site.assets(),
            },
            site: Arc::new(site),
            public_origin: "http://127.0.0.1:3000".into(),
            trusted_proxies: served.trusted_proxies.into(),
            visitors: Arc::default(),
            streams: Arc::default(),
            chat_streams: Arc::default(),
            metrics: None,
            shutdown: begun,
            leptos: leptos::config::LeptosOptions::builder().output_name("clientele").build(),
        };
        Self { store, router: clientele_server::router(state), _shutdown: shutdown }
    }

    pub async fn request(&self, request: Request<Body>) -> Answer {
        let response = self.respond(request).await;
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// Returns the response before its body is complete.
    pub async fn respond(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.request(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    /// Posts a form as the browser's script does.
    pub async fn post_form(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        self.request(request.unwrap()).await
    }

    pub async fn post_json(&self, path: &str, cookie: &str, body: serde_json::Value) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()));
        self.request(request.unwrap()).await
    }

    pub async fn call(&self, method: &Method, path: &str, cookie: &str, body: &str, kind: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body.to_owned()));
        self.request(request.unwrap()).await
    }

    /// Posts a form from an address, with cookies.
    pub async fn post_form_from(&self, address: &str, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(ConnectInfo(SocketAddr::new(address.parse().unwrap(), 4000)))
            .body(Body::from(body));
        self.request(request.unwrap()).await
    }

    /// Signs in and returns the cookie.
    pub async fn sign_in(&self, login: &str) -> String {
        let form = [("login", login), ("password", PASSWORD), ("next", "/customers")];
        let answer = self.post_form("/api/session/sign_in", "", &form).await;
        assert!(answer.status.is_success(), "{}: {}", answer.status, answer.body);
        answer.cookie()
    }

    pub async fn cookie_of(&self, who: Who) -> String {
        match who {
            Who::Nobody => String::new(),
            Who::Agent => self.sign_in("li").await,
            Who::Admin => self.sign_in("chen").await,
        }
    }

    pub async fn switch_page(&self, on: bool) {
        let edit = move |settings: &mut clientele::domain::Settings| settings.customers_page_in_agent_mode = on;
        self.store.change_settings(Actor::System, now(), edit).await.unwrap();
    }

    /// Creates a customer with a waiting conversation.
    pub async fn waiting(&self, id: &str) -> CustomerKey {
        self.write(id, "first").await
    }

    /// Delivers a message of a visitor under this id.
    pub async fn write(&self, customer: &str, id: &str) -> CustomerKey {
        let delivery = Delivery {
            channel: Channel::Web,
            customer: CustomerId::new(customer).unwrap(),
            id: MessageId::new(&format!("{customer} {id}")).unwrap(),
            text: format!("text of {id}"),
            at: now(),
            profile: Profile::default(),
            visitor: None,
        };
        self.store.deliver(&delivery, now()).await.unwrap().customer
    }

    /// Creates a customer whom the agent with this number has just served, or nobody if `None`.
    pub async fn customer(&self, id: &str, nickname: &str, served_by: Option<u32>) -> CustomerKey {
        self.customer_created(id, nickname, served_by, now()).await
    }

    pub async fn customer_created(
        &self,
        id: &str,
        nickname: &str,
        served_by: Option<u32>,
        created_at: Timestamp,
    ) -> CustomerKey {
        let id = CustomerId::new(id).unwrap();
        let profile = Profile { nickname: nickname.into(), ..Profile::default() };
        let mut customer = Customer::new(CustomerKey(0), id.clone(), Channel::Web, profile, created_at);
        let mut conversations = Vec::new();
        if let Some(agent) = served_by.map(AgentId) {
            customer.record_served_by(agent, created_at);
            customer.fields_unchecked().conversations = 1;
            conversations.push(Conversation {
                customer: customer.key,
                number: 1,
                channel: Channel::Web,
                state: ConversationState::Ended,
                origin: Origin::Customer,
                agent: Some(agent),
                started_at: created_at,
                ended_at: Some(created_at),
                first_message: 1,
                messages: 0,
                rating: None,
                visitor: None,
            });
        }
        self.store.import(vec![Imported { customer, conversations, messages: Vec::new() }], now()).await.unwrap();
        self.store.customer_by_id(&id).await.unwrap().key
    }
}
