//! Benchmark of the customer list on a seeded store:
//!
//!     clientele seed --customers 1000000 --database rocksdb:///tmp/million
//!     cargo bench --bench list -- rocksdb:///tmp/million
//!
//! Measures for each kind of query the store call and the same request over HTTP on one keep-alive
//! connection, one after the other. Prints milliseconds: median, 95th percentile, maximum. Times
//! are valid only on an otherwise idle machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clientele::domain::{CustomerKey, Filter, PageRequest, Period, Role, Sort, Start, TagId, Timestamp};
use clientele::store::{Connection, ListRequest, Store};
use clientele_app::server::state::{AppState, SessionCookie};
use clientele_server::ServerState;
use clientele_server::assets::Site;
use clientele_server::shutdown::Shutdown;
use jiff::tz::TimeZone;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Number of queries of each kind.
const RUNS: usize = 200;

fn main() -> Outcome<()> {
    // `cargo bench` adds its own flags, and `cargo test --benches` runs this without a database.
    let Some(url) = std::env::args().skip(1).find(|arg| arg.contains("://")) else {
        eprintln!("name a database: cargo bench --bench list -- rocksdb://PATH");
        return Ok(());
    };
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build()?.block_on(measure(&url))
}

async fn measure(url: &str) -> Outcome<()> {
    let started = Instant::now();
    let store = Arc::new(Store::open(&Connection::to(url)).await?);
    println!("opened in {:.2} s", started.elapsed().as_secs_f64());
    let started = Instant::now();
    store.warm().await?;
    println!(
        "{} customers warm in {:.2} s; index {} MB (its estimate), process {} MB",
        store.indexed(),
        started.elapsed().as_secs_f64(),
        store.index_memory() / 1_000_000,
        resident_megabytes()
    );
    let mut http = Http::open(&store).await?;
    println!("\n{:34} {:>9} {:>9} {:>9}   {:>9} {:>9} {:>9}", "", "store p50", "p95", "max", "HTTP p50", "p95", "max");
    for (name, requests) in kinds(&store).await? {
        let total = store.list(&requests[0]).await?.total;
        let mut by_store = Vec::with_capacity(RUNS);
        for request in &requests {
            let started = Instant::now();
            store.list(request).await?;
            by_store.push(started.elapsed());
        }
        let mut by_http = Vec::with_capacity(RUNS);
        for request in &requests {
            let path = path(request);
            let started = Instant::now();
            http.get(&path).await?;
            by_http.push(started.elapsed());
        }
        println!("{:34} {}   {}   (first: {total})", name, figures(by_store), figures(by_http));
    }
    println!("\nprocess {} MB", resident_megabytes());
    Ok(())
}

fn figures(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    format!("{:9.2} {:9.2} {:9.2}", at(0.5), at(0.95), at(1.0))
}

/// Returns the queries of each kind, with texts and tags of existing customers.
async fn kinds(store: &Store) -> Outcome<Vec<(&'static str, Vec<ListRequest>)>> {
    let mut random = 0x2545_F491_4F6C_DD1Du64;
    let mut next = move |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let indexed = store.indexed();
    let keys: Vec<CustomerKey> = (0..RUNS * 12).map(|_| CustomerKey(1 + next(indexed))).collect();
    let people = store.customers(&keys).await?;
    let names: Vec<&str> = people.iter().map(|person| person.profile.real_name.as_str()).collect();
    let chinese: Vec<&str> =
        names.iter().copied().filter(|name| !name.is_ascii() && name.chars().count() <= 3).collect();
    let latin: Vec<&str> = names
        .iter()
        .filter(|name| name.is_ascii())
        .filter_map(|name| name.split(' ').next_back())
        .filter(|name| name.len() >= 5)
        .collect();
    let all = |filter: Filter| Filter { period: Period::AllTime, ..filter };
    let two_characters = |name: &str| name.chars().take(2).collect::<String>();
    let each = |make: &dyn Fn(usize) -> Filter| -> Vec<ListRequest> {
        (0..RUNS).map(|number| request(make(number))).collect()
    };

    let mut deep = request(all(Filter::default()));
    deep.page.start = Start::Row(249_949.min(indexed.saturating_sub(1)));
    let cursor = store.list(&deep).await?.rows.into_iter().next().map(|row| row.cursor);
    let deep: Vec<ListRequest> = (0..RUNS)
        .map(|_| {
            let mut request = request(all(Filter::default()));
            request.page.start = cursor.clone().map_or(Start::Top, Start::After);
            request
        })
        .collect();
    let mut jumps = each(&|_| all(Filter::default()));
    for jump in &mut jumps {
        jump.page.start = Start::Row(next(indexed));
    }
    Ok(vec![
        ("default view (this week)", each(&|_| Filter::default())),
        ("all time", each(&|_| all(Filter::default()))),
        (
            "two Chinese characters",
            each(&|n| all(Filter { name: two_characters(chinese[n % chinese.len()]), ..Filter::default() })),
        ),
        (
            "one Chinese character",
            each(&|n| all(Filter { name: chinese[n % chinese.len()].chars().take(1).collect(), ..Filter::default() })),
        ),
        ("two characters nobody has", each(&|_| all(Filter { name: "龘靐".into(), ..Filter::default() }))),
        (
            "8 characters of an ID",
            each(&|n| {
                let id = people[n].id.as_str();
                all(Filter { id: id[id.len() - 8..].to_owned(), ..Filter::default() })
            }),
        ),
        (
            "tag + week + name",
            each(&|n| {
                let person = &people[n * 7 % people.len()];
                Filter {
                    tags: vec![TagId(1 + (n % 20) as u32)],
                    name: two_characters(&person.profile.real_name),
                    ..Filter::default()
                }
            }),
        ),
        ("page 1", each(&|_| all(Filter::default()))),
        ("page 5,000", deep),
        ("any row, by the scroll bar", jumps),
        (
            "one letter in the search box",
            each(&|n| all(Filter { search: char::from(b'a' + (n % 26) as u8).to_string(), ..Filter::default() })),
        ),
        (
            "pinyin (zhang, wang, li …)",
            each(&|n| {
                all(Filter { search: ["zhang", "wang", "li", "chen", "liu"][n % 5].into(), ..Filter::default() })
            }),
        ),
        (
            "a Latin name with one typo",
            each(&|n| {
                let mut name: Vec<char> = latin[n % latin.len()].chars().collect();
                let place = 1 + n % (name.len() - 2);
                name.swap(place, place + 1);
                all(Filter { search: name.into_iter().collect(), ..Filter::default() })
            }),
        ),
        ("wx_ (two thirds of all)", each(&|_| all(Filter { search: "wx_".into(), ..Filter::default() }))),
        (
            "by nickname, three tags",
            each(&|n| {
                all(Filter { tags: (1..4).map(|tag| TagId(tag + (n % 30) as u32)).collect(), ..Filter::default() })
            }),
        ),
    ])
}

fn request(filter: Filter) -> ListRequest {
    ListRequest {
        scope: None,
        filter,
        sort: Sort::default(),
        page: PageRequest { start: Start::Top, limit: PageRequest::ROWS },
        zone: TimeZone::UTC,
        now: now(),
    }
}

fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

fn path(request: &ListRequest) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let query =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(request.filter.to_pairs(request.sort)).finish();
    format!("/api/customers?mode=admin&query={}&start={}", encode(&query), encode(&request.page.start.to_string()))
}

/// HTTP client with an admin session and one keep-alive connection.
struct Http {
    stream: BufReader<TcpStream>,
    cookie: String,
}

impl Http {
    async fn open(store: &Arc<Store>) -> Outcome<Self> {
        let session_cookie = SessionCookie { secure: false };
        let site = Site::default();
        let state = ServerState {
            app: AppState {
                store: store.clone(),
                session_cookie,
                login_limiter: Arc::default(),
                refusals: Arc::default(),
                default_zone: TimeZone::UTC,
                regions: Arc::default(),
                assets: site.assets(),
            },
            site: Arc::new(site),
            public_origin: "http://127.0.0.1".into(),
            trusted_proxies: Arc::from([]),
            streams: Arc::default(),
            chat_streams: Arc::default(),
            visitors: Arc::default(),
            metrics: None,
            shutdown: Shutdown::new().1,
            leptos: leptos::config::LeptosOptions::builder().output_name("clientele").build(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let service = clientele_server::router(state).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let agent = store.agents().await?.into_iter().next().ok_or("no agents")?;
        let admin = clientele::store::NewAgent {
            login: "bench".into(),
            name: String::new(),
            role: Role::Admin,
            password: format!("{:?}", now()),
        };
        let admin = match store.add_agent(admin, clientele::domain::Actor::System, now()).await {
            Ok(admin) => admin,
            Err(_) => store.agents().await?.into_iter().find(|agent| agent.login == "bench").unwrap_or(agent),
        };
        let token = store.begin_session(admin.id, now()).await?;
        let cookie = format!("{}={}", session_cookie.name(), token.secret());
        Ok(Self { stream: BufReader::new(TcpStream::connect(address).await?), cookie })
    }

    async fn get(&mut self, path: &str) -> Outcome<Vec<u8>> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {}\r\n\r\n", self.cookie);
        self.stream.write_all(request.as_bytes()).await?;
        let (mut line, mut length, mut status) = (String::new(), 0, String::new());
        loop {
            line.clear();
            self.stream.read_line(&mut line).await?;
            if status.is_empty() {
                status = line.trim().to_owned();
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        if status.contains(" 200 ") { Ok(body) } else { Err(status.into()) }
    }
}

/// Returns the resident memory of this process in megabytes, 0 if `/proc` is not available.
fn resident_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1000
}
