//! The way to an API server: which one, as whom, and what its answers mean. The only place that calls
//! `Sys::kube`.

use super::command::flag::Kind;
use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::identity::{self, Login};
use super::output::duration::parse_go;
use crate::base::net::Refusal;
use crate::cluster::api::{
    FieldValidation, Options, PatchType, Reply, Request, Table, UserInfo, Verb, WatchFrom,
};
use crate::cluster::kinds::table::{Resource, find_kind};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;

pub struct Client {
    /// As written in the kubeconfig: `https://34.70.200.15`.
    pub server: String,
    pub namespace: String,
    login: Login,
    host: String,
    port: u16,
    cluster: RefCell<Option<String>>,
    warned: RefCell<BTreeSet<String>>,
}

/// `--request-timeout`: seconds, or a duration that is not negative.
fn check_timeout(text: &str) -> Outcome {
    let fine = match text.parse::<i64>() {
        Ok(seconds) => seconds >= 0,
        Err(_) => parse_go(text).is_ok_and(|ms| ms >= 0),
    };
    match fine {
        true => Ok(()),
        false => Err(Failure::message(
            "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
        )),
    }
}

impl Client {
    pub fn new(cx: &Context) -> Outcome<Self> {
        check_timeout(cx.flags.text("request-timeout"))?;
        let config = cx.kubeconfig()?;
        let wanted = cx.flags.text("context");
        let name = if wanted.is_empty() { config.current() } else { wanted };
        let context = config.entry("contexts", name).cloned().unwrap_or_default();
        if context.is_null() && !name.is_empty() {
            return Err(Failure::Plain(if wanted.is_empty() {
                format!("Error in configuration: context was not found for specified context: {name}")
            } else {
                format!("Error in configuration: context was not found for specified context: {wanted}")
            }));
        }
        let pick = |flag: &str, key: &str| match cx.flags.text(flag) {
            "" => context.get(key).and_then(Value::as_str).unwrap_or_default().to_string(),
            given => given.to_string(),
        };
        let cluster_name = pick("cluster", "cluster");
        let cluster = config.entry("clusters", &cluster_name);
        // A context may name a cluster that is not there; only a flag may not.
        if cluster.is_none() && !cx.flags.text("cluster").is_empty() && cx.flags.text("server").is_empty() {
            return Err(Failure::Message(format!("no server found for cluster {cluster_name:?}")));
        }
        let server = match cx.flags.text("server") {
            "" => cluster
                .and_then(|found| found["server"].as_str())
                .unwrap_or("http://localhost:8080")
                .to_string(),
            given => given.to_string(),
        };
        let (host, port) = host_and_port(&server);
        let namespace = match cx.flags.text("namespace") {
            "" => context
                .get("namespace")
                .and_then(Value::as_str)
                .filter(|ns| !ns.is_empty())
                .unwrap_or("default")
                .to_string(),
            given => given.to_string(),
        };
        // Commands about bindings have a flag of this name themselves.
        let named = match cx.flags.command.flag("user").map(|flag| flag.kind) {
            Some(Kind::Text) => cx.flags.text("user"),
            _ => "",
        };
        if !named.is_empty() && config.entry("users", named).is_none() {
            return Err(Failure::Message(format!("auth info {named:?} does not exist")));
        }
        let own = match named {
            "" => context.get("user").and_then(Value::as_str).unwrap_or_default(),
            given => given,
        };
        let login = identity::login(cx, own, config.entry("users", own), server.starts_with("https://"))?;
        Ok(Client {
            server,
            namespace,
            login,
            host,
            port,
            cluster: RefCell::new(None),
            warned: RefCell::default(),
        })
    }

    /// `34.70.200.15` or `localhost:8080`, as messages name the server.
    pub fn authority(&self) -> String {
        let rest = self.server.split_once("://").map_or(self.server.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest).to_string()
    }

    /// Whom the server takes the caller for.
    pub fn user(&self) -> UserInfo {
        self.login.user()
    }

    /// Finds the cluster behind the server's address.
    async fn connect(&self, cx: &Context, what: &str) -> Outcome<String> {
        if let Some(key) = self.cluster.borrow().as_ref() {
            return Ok(key.clone());
        }
        self.login.ask(cx).await?;
        match cx.sys.find_cluster(&self.host, self.port).await {
            Ok(key) => {
                *self.cluster.borrow_mut() = Some(key.clone());
                Ok(key)
            }
            Err(refusal) => Err(self.unreachable(&refusal, what)),
        }
    }

    /// Finds the server without asking for its kinds.
    pub async fn reach(&self, cx: &Context) -> Outcome {
        self.connect(cx, "Get").await.map(|_| ())
    }

    fn unreachable(&self, refusal: &Refusal, what: &str) -> Failure {
        let cause = cause(refusal, &self.host, self.port);
        Failure::Unreachable { host: self.authority(), long: format!("{what} \"{}\": {cause}", self.server) }
    }

    /// Whether the server tells its kinds to whoever asks.
    pub fn welcome(&self) -> Outcome {
        self.login.check("the server has asked for the client to provide credentials")
    }

    /// Discovery: what every command that names kinds does first, with klog's complaints when it fails.
    pub async fn discover(&self, cx: &Context) -> Outcome {
        const ATTEMPTS: usize = 5;
        self.login.ask(cx).await?;
        let failure = match self.connect(cx, "Get").await {
            Ok(_) => return Ok(()),
            Err(failure) => failure,
        };
        let timeout = match cx.flags.text("request-timeout") {
            "0" | "" => "32s",
            given => given,
        };
        let cause = failure.bare();
        let cause = cause.split_once("\": ").map_or(cause.as_str(), |(_, cause)| cause);
        let text = format!(
            "couldn't get current server API group list: Get \"{}/api?timeout={timeout}\": {cause}",
            self.server
        );
        for _ in 0..ATTEMPTS {
            cx.klog("E", "memcache.go:265", &format!("\"Unhandled Error\" err={text:?}")).await;
        }
        Err(failure)
    }

    /// A request for a resource, with this client's user.
    pub fn request(&self, manager: &str, verb: Verb, resource: &Resource) -> Request {
        Request::new(self.user(), manager, verb, resource.group, resource.version, resource.plural)
    }

    /// Asks the server; warnings go to standard error, each once.
    pub async fn send(&self, cx: &Context, request: Request) -> Outcome<Reply> {
        let verb = match request.verb {
            Verb::Create => "Post",
            Verb::Update => "Put",
            Verb::Patch(_) => "Patch",
            Verb::Delete | Verb::DeleteCollection => "Delete",
            _ => "Get",
        };
        let key = self.connect(cx, verb).await?;
        self.login.check("Unauthorized")?;
        let Some(response) = cx.sys.kube(&key, request).await else {
            return Err(self.unreachable(&Refusal::TimedOut, verb));
        };
        for warning in &response.warnings {
            if self.warned.borrow_mut().insert(warning.clone()) {
                cx.errln(format!("Warning: {warning}")).await;
            }
        }
        Ok(response.result?)
    }

    pub async fn get(
        &self,
        cx: &Context,
        resource: &Resource,
        namespace: Option<&str>,
        name: &str,
    ) -> Outcome<Value> {
        let mut request = self.request("kubectl", Verb::Get, resource).named(name);
        request.namespace = namespace.map(str::to_string);
        request.subresource =
            cx.flags.command.flag("subresource").map(|_| cx.flags.text("subresource").to_owned());
        request.subresource = request.subresource.filter(|name| !name.is_empty());
        match self.send(cx, request).await {
            Ok(reply) => object(reply),
            Err(failure) => Err(self.or_no_namespace(cx, namespace, failure).await),
        }
    }

    /// What is missing may be the whole namespace: an object that was not found makes kubectl look, except in `default`.
    pub async fn or_no_namespace(&self, cx: &Context, namespace: Option<&str>, failure: Failure) -> Failure {
        let Some(namespace) = namespace.filter(|name| *name != "default" && failure.is_not_found()) else {
            return failure;
        };
        let Some(namespaces) = find_kind("", "v1", "Namespace") else { return failure };
        match self.send(cx, self.request("kubectl", Verb::Get, namespaces).named(namespace)).await {
            Err(missing) if missing.is_not_found() => missing,
            _ => failure,
        }
    }

    pub async fn list(
        &self,
        cx: &Context,
        resource: &Resource,
        namespace: Option<&str>,
        options: Options,
    ) -> Outcome<Value> {
        let mut request = self.request("kubectl", Verb::List, resource).with_options(options);
        request.namespace = namespace.map(str::to_string);
        object(self.send(cx, request).await?)
    }

    /// The items of a list.
    pub async fn items(
        &self,
        cx: &Context,
        resource: &Resource,
        namespace: Option<&str>,
        options: Options,
    ) -> Outcome<Vec<Value>> {
        let mut list = self.list(cx, resource, namespace, options).await?;
        let (kind, version) = (resource.kind, resource.api_version());
        let mut items = match list.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        for item in &mut items {
            item["apiVersion"] = version.clone().into();
            item["kind"] = kind.into();
        }
        Ok(items)
    }

    pub async fn create(&self, cx: &Context, write: &Write<'_>, body: Value) -> Outcome<Value> {
        let request = write.request(self, Verb::Create).with_body(body);
        object(self.send(cx, request).await?)
    }

    pub async fn update(&self, cx: &Context, write: &Write<'_>, name: &str, body: Value) -> Outcome<Value> {
        let request = write.request(self, Verb::Update).named(name).with_body(body);
        object(self.send(cx, request).await?)
    }

    pub async fn patch(
        &self,
        cx: &Context,
        write: &Write<'_>,
        name: &str,
        kind: PatchType,
        body: Value,
    ) -> Outcome<Value> {
        let request = write.request(self, Verb::Patch(kind)).named(name).with_body(body);
        object(self.send(cx, request).await?)
    }

    /// Events after the position of a watch.
    pub fn watch_events(
        &self,
        cx: &Context,
        from: &mut WatchFrom,
    ) -> Outcome<Vec<crate::cluster::api::WatchEvent>> {
        let key = self.cluster.borrow().clone().unwrap_or_default();
        let found = cx.sys.view(|w| w.cloud.kubernetes(&key).map(|cluster| cluster.watch_events(from)));
        match found {
            Some(Ok((events, revision))) => {
                from.revision = revision;
                Ok(events)
            }
            Some(Err(status)) => Err(status.into()),
            None => Err(self.unreachable(&Refusal::Reset, "Get")),
        }
    }

    /// The table of one object as the server prints it now.
    pub fn table_of(
        &self,
        cx: &Context,
        resource: &Resource,
        object: std::rc::Rc<crate::cluster::object::Object>,
    ) -> Table {
        let key = self.cluster.borrow().clone().unwrap_or_default();
        let now = cx.sys.now();
        cx.sys
            .view(|w| {
                w.cloud.kubernetes(&key).map(|cluster| cluster.api.table_of(resource, vec![object], now))
            })
            .unwrap_or_default()
    }

    /// The key of the connected cluster, for what runs inside it.
    pub fn cluster_key(&self) -> String {
        self.cluster.borrow().clone().unwrap_or_default()
    }
}

/// Why a connection was not made, in Go's words.
pub fn cause(refusal: &Refusal, host: &str, port: u16) -> String {
    let address = if host == "localhost" { "127.0.0.1" } else { host };
    match refusal {
        Refusal::Refused => format!("dial tcp {address}:{port}: connect: connection refused"),
        Refusal::Resolve(name) => format!("dial tcp: lookup {name}: no such host"),
        Refusal::TimedOut => format!("dial tcp {address}:{port}: i/o timeout"),
        Refusal::NoRoute => format!("dial tcp {address}:{port}: connect: no route to host"),
        Refusal::Reset => format!("read tcp {address}:{port}: read: connection reset by peer"),
        Refusal::EmptyReply => "EOF".to_string(),
    }
}

/// What writing requests share.
pub struct Write<'a> {
    pub resource: &'a Resource,
    pub namespace: Option<&'a str>,
    pub manager: &'a str,
    pub dry_run: DryRun,
    pub validation: FieldValidation,
    pub subresource: Option<&'a str>,
}

impl<'a> Write<'a> {
    pub fn new(resource: &'a Resource, namespace: Option<&'a str>, manager: &'a str) -> Self {
        let validation = FieldValidation::Ignore;
        Write { resource, namespace, manager, dry_run: DryRun::None, validation, subresource: None }
    }

    pub fn dry(self, dry_run: DryRun) -> Self {
        Write { dry_run, ..self }
    }

    pub fn validated(self, validation: FieldValidation) -> Self {
        Write { validation, ..self }
    }

    pub fn on(self, subresource: &'a str) -> Self {
        Write { subresource: Some(subresource).filter(|name| !name.is_empty()), ..self }
    }

    fn request(&self, client: &Client, verb: Verb) -> Request {
        let options = Options {
            dry_run: self.dry_run == DryRun::Server,
            field_validation: self.validation,
            ..Options::default()
        };
        let mut request = client.request(self.manager, verb, self.resource).with_options(options);
        request.namespace = self.namespace.map(str::to_string);
        request.subresource = self.subresource.map(str::to_string);
        request
    }
}

/// The JSON of an answer.
pub fn object(reply: Reply) -> Outcome<Value> {
    match reply {
        Reply::Object(value) | Reply::List(value) => Ok(value),
        Reply::Text(text) => Ok(Value::String(text)),
        Reply::Table(_) | Reply::Watch(_) => {
            Err(Failure::message("the server answered with something else than an object"))
        }
    }
}

fn host_and_port(server: &str) -> (String, u16) {
    let (scheme, rest) = server.split_once("://").unwrap_or(("http", server));
    let authority = rest.split('/').next().unwrap_or(rest);
    let default = if scheme == "https" { 443 } else { 80 };
    match authority.rsplit_once(':') {
        Some((host, port)) => (host.to_string(), port.parse().unwrap_or(default)),
        None => (authority.to_string(), default),
    }
}
