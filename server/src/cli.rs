//! Command line of the binary.

use std::io::{BufRead, IsTerminal, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::{Parser, Subcommand, ValueEnum};
use clientele::domain::{Actor, Channel, KeyName, Role};
use clientele::store::seed::{DEMO_LOGINS, DEMO_PASSWORD};
use clientele::store::{NewAgent, OpenError, Store, StoreError};
use clientele_app::server::regions::Regions;
use clientele_app::server::state::{AppState, SessionCookie};
use jiff::tz::TimeZone;
use leptos::config::LeptosOptions;
use tokio::net::TcpListener;

use crate::assets::Site;
use crate::config::Settings;
use crate::shutdown::{self, Shutdown};
use crate::{ServerState, health, housekeeping, router, serve, telemetry};

/// The Customers page of a customer-service console.
#[derive(Parser)]
#[command(name = "clientele", version)]
pub struct Cli {
    /// Command to run.
    #[command(subcommand)]
    pub command: Command,
    /// Settings from flags and environment variables.
    #[command(flatten)]
    pub settings: Settings,
}

/// Commands of the binary.
#[derive(Subcommand)]
pub enum Command {
    /// Serve the console
    Serve {
        /// Fill an empty database with a demonstration tenant and print its logins
        #[arg(long, env = "CLIENTELE_DEMO")]
        demo: bool,
    },
    /// Fill the database with generated customers for benchmarks; an interrupted seed is completed
    Seed {
        /// Number of customers in the database after the seed
        #[arg(long)]
        customers: u64,
    },
    /// Add an agent or change one
    #[command(subcommand)]
    Agent(AgentCommand),
    /// Create, list or revoke the keys that channels sign requests with
    #[command(subcommand)]
    Channel(ChannelCommand),
    /// Check the stored data for consistency and compare the index with it
    Check,
}

/// Commands for agents. Passwords are read from the first line of standard input.
#[derive(Subcommand)]
pub enum AgentCommand {
    /// Add an agent
    Add {
        /// Login name
        login: String,
        /// Displayed name; defaults to the login
        #[arg(long, default_value = "")]
        name: String,
        /// Role: agent or admin
        #[arg(long, value_enum, default_value_t = RoleArg::Agent)]
        role: RoleArg,
    },
    /// Set a new password and end the agent's sessions
    Passwd {
        /// Login of the agent
        login: String,
    },
    /// Disable an agent and end their sessions
    Disable {
        /// Login of the agent
        login: String,
    },
}

/// Commands for channel keys.
#[derive(Subcommand)]
pub enum ChannelCommand {
    /// Create a key and print its secret, which cannot be shown again
    Add {
        /// Name of the key, such as its holder
        name: String,
        /// Channel that the key is for
        #[arg(long, value_enum)]
        channel: ChannelArg,
    },
    /// List the keys
    List,
    /// Revoke a key
    Revoke {
        /// Id of the key
        id: String,
    },
}

/// Channel, as a command-line argument.
#[derive(Clone, Copy, ValueEnum)]
pub enum ChannelArg {
    /// Chat on a web page.
    Web,
    /// The company's own app.
    App,
    /// WeChat.
    Wechat,
    /// Weibo.
    Weibo,
}

/// Role, as a command-line argument.
#[derive(Clone, Copy, ValueEnum)]
pub enum RoleArg {
    /// Access to Agent Mode.
    Agent,
    /// Access to Agent Mode and Admin Mode.
    Admin,
}

/// Error of a command; its `Display` is the message for the user.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs a command and closes the store.
///
/// # Errors
/// Returns an error if the store cannot be opened or the command fails; its `Display` is the
/// message for the user.
pub async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let settings = cli.settings;
    let store =
        Arc::new(Store::open(&settings.connection()).await.map_err(|error| cannot_open(&settings.database, &error))?);
    let done = match cli.command {
        Command::Serve { demo } => run_server(store.clone(), settings, demo).await,
        Command::Seed { customers } => seed(&store, customers).await,
        Command::Agent(command) => agent(&store, command).await,
        Command::Channel(command) => channel(&store, command).await,
        Command::Check => check(&store).await,
    };
    let closed = store.closed();
    drop(store);
    closed.await;
    done
}

/// Returns the message for a database that cannot be opened. Only the log has the cause of a
/// [`StoreError`], so the message says where to look.
fn cannot_open(database: &str, error: &OpenError) -> String {
    let hint = match error {
        OpenError::Store(StoreError::Unavailable) => " (is another process using it?)",
        OpenError::Store(_) => " (the log names the cause)",
        _ => "",
    };
    format!("cannot open {database}: {error}{hint}")
}

async fn run_server(store: Arc<Store>, settings: Settings, demo: bool) -> Result<ExitCode, Failure> {
    let zone = TimeZone::get(&settings.time_zone).map_err(|_| format!("unknown time zone: {}", settings.time_zone))?;
    let site = Arc::new(Site::read(&settings.site_dir).map_err(|error| {
        format!("cannot read the site folder {}: {error} (run `make build` first)", settings.site_dir.display())
    })?);
    let regions = settings.ip_database.as_deref().map(Regions::open).transpose()?.unwrap_or_default();
    let (begin_shutdown, shutdown) = Shutdown::new();
    let app = AppState {
        store: store.clone(),
        session_cookie: SessionCookie { secure: settings.secure() },
        login_limiter: Arc::default(),
        refusals: Arc::default(),
        default_zone: zone,
        regions: Arc::new(regions),
        assets: site.assets(),
    };
    let state = ServerState {
        app: app.clone(),
        site: site.clone(),
        public_origin: settings.public_url().into(),
        trusted_proxies: settings.trusted_proxy.clone().into(),
        visitors: Arc::default(),
        streams: Arc::default(),
        chat_streams: Arc::default(),
        metrics: telemetry::start_metrics(),
        shutdown,
        leptos: LeptosOptions::builder().output_name("clientele").build(),
    };
    let listener = listen(settings.address).await?;
    if let Some(address) = settings.metrics_address {
        let operators = health::operators(store.clone(), state.metrics.clone());
        tokio::spawn(serve::serve(listen(address).await?, operators, state.shutdown.clone()));
    }
    let compressing = tokio::task::spawn_blocking(move || site.compress());
    let housekeeping = tokio::spawn(housekeeping::run(app, state.visitors.clone()));
    let preparing = tokio::spawn(prepare(store, demo, settings.public_url()));
    tokio::spawn(async move {
        shutdown::signal().await;
        tracing::info!("shutting down");
        let _ = begin_shutdown.send(true);
    });
    let ending = state.shutdown.clone();
    serve::serve(listener, router(state), ending).await?;
    for task in [housekeeping, preparing, compressing] {
        task.abort();
    }
    Ok(ExitCode::SUCCESS)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}").into())
}

/// Seeds an empty database if `demo` is set, then warms the index. The server answers "not ready"
/// until this is done.
async fn prepare(store: Arc<Store>, demo: bool, url: String) {
    let prepared = async {
        if demo {
            store.seed_demo(store.now()).await?;
        }
        store.warm().await?;
        Ok::<_, StoreError>(())
    };
    if let Err(error) = prepared.await {
        // A server that cannot become ready is useless; exit so that the supervisor restarts it.
        tracing::error!(%error, "cannot prepare the store");
        std::process::exit(1);
    }
    println!("Clientele is ready: {url}");
    if demo {
        for (login, role) in DEMO_LOGINS {
            println!("  sign in as {login} ({}), password {DEMO_PASSWORD}", role.as_str());
        }
    }
}

async fn seed(store: &Store, customers: u64) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let step = (customers / 20).max(1);
    let shown = std::sync::atomic::AtomicU64::new(0);
    store
        .seed(customers, store.now(), |done| {
            let before = shown.swap(done, std::sync::atomic::Ordering::Relaxed);
            if before / step != done / step || done == customers {
                println!("{done} customers after {:.1} s", started.elapsed().as_secs_f64());
            }
        })
        .await?;
    Ok(ExitCode::SUCCESS)
}

async fn agent(store: &Store, command: AgentCommand) -> Result<ExitCode, Failure> {
    let done = match command {
        AgentCommand::Add { login, name, role } => {
            let role = match role {
                RoleArg::Agent => Role::Agent,
                RoleArg::Admin => Role::Admin,
            };
            let new = NewAgent { login, name, role, password: password()? };
            store.add_agent(new, Actor::System, store.now()).await.map(|agent| format!("Added {}.", agent.login))
        }
        AgentCommand::Passwd { login } => {
            let password = password()?;
            store
                .set_password(&login, password, Actor::System, store.now())
                .await
                .map(|()| format!("Changed the password of {login}."))
        }
        AgentCommand::Disable { login } => {
            store.disable_agent(&login, Actor::System, store.now()).await.map(|()| format!("Disabled {login}."))
        }
    };
    println!("{}", done?);
    Ok(ExitCode::SUCCESS)
}

async fn channel(store: &Store, command: ChannelCommand) -> Result<ExitCode, Failure> {
    match command {
        ChannelCommand::Add { name, channel } => {
            let channel = match channel {
                ChannelArg::Web => Channel::Web,
                ChannelArg::App => Channel::App,
                ChannelArg::Wechat => Channel::Wechat,
                ChannelArg::Weibo => Channel::Weibo,
            };
            let name = KeyName::new(&name).map_err(StoreError::from)?;
            let (key, secret) = store.add_channel_key(channel, &name, Actor::System, store.now()).await?;
            println!("key {}\nsecret {}", key.id, secret.reveal());
        }
        ChannelCommand::List => {
            for key in store.channel_keys().await? {
                let state = if key.revoked_at.is_some() { "revoked" } else { "in use" };
                println!("{} {:7} {state} {}", key.id, key.channel.as_str(), key.name);
            }
        }
        ChannelCommand::Revoke { id } => {
            store.revoke_channel_key(&id, Actor::System, store.now()).await?;
            println!("Revoked {id}.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn password() -> Result<String, Failure> {
    if std::io::stdin().is_terminal() {
        print!("Password (input is visible): ");
        std::io::stdout().flush()?;
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn check(store: &Store) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    store.warm().await?;
    let report = store.check().await?;
    println!(
        "{} customers, {} conversations, {} messages in {:.1} s",
        report.customers,
        report.conversations,
        report.messages,
        started.elapsed().as_secs_f64()
    );
    for fault in &report.faults {
        println!("wrong: {fault}");
    }
    if report.total_faults == 0 {
        println!("No problems found.");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} problems found.", report.total_faults);
    Ok(ExitCode::FAILURE)
}

#[cfg(test)]
mod tests;
