//! What can be asked of the API server and what it answers: the shapes, without behaviour.

use std::rc::Rc;

use serde_json::Value;

use crate::cluster::object::Object;

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserInfo {
    pub name: String,
    pub uid: String,
    pub groups: Vec<String>,
    /// What the authenticator adds, by key.
    pub extra: Vec<(String, Vec<String>)>,
}

impl UserInfo {
    pub fn new(name: &str, groups: &[&str]) -> UserInfo {
        let groups = groups.iter().map(|g| (*g).to_owned()).collect();
        UserInfo { name: name.to_owned(), groups, ..UserInfo::default() }
    }
    /// A person with every right.
    pub fn admin(name: &str) -> UserInfo {
        UserInfo::new(name, &["system:masters", "system:authenticated"])
    }
    /// Whoever shows no credentials.
    pub fn anonymous() -> UserInfo {
        UserInfo::new("system:anonymous", &["system:unauthenticated"])
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Get,
    List,
    Watch,
    Create,
    Update,
    Patch(PatchType),
    Delete,
    DeleteCollection,
}

impl Verb {
    /// As RBAC and error messages spell it.
    pub fn word(self) -> &'static str {
        match self {
            Verb::Get => "get",
            Verb::List => "list",
            Verb::Watch => "watch",
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Patch(_) => "patch",
            Verb::Delete => "delete",
            Verb::DeleteCollection => "deletecollection",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchType {
    Json,
    Merge,
    Strategic,
    /// Server-side apply.
    Apply,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum FieldValidation {
    Ignore,
    #[default]
    Warn,
    Strict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    Background,
    Foreground,
    Orphan,
}

/// The query parameters, and what a DELETE carries in its body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    pub label_selector: Option<String>,
    pub field_selector: Option<String>,
    pub dry_run: bool,
    pub field_validation: FieldValidation,
    pub grace_period_seconds: Option<i64>,
    pub propagation: Option<Propagation>,
    /// Delete only this very object.
    pub precondition_uid: Option<String>,
    pub precondition_resource_version: Option<String>,
    /// Of list and watch: start here.
    pub resource_version: Option<String>,
    pub limit: Option<usize>,
    pub continue_token: Option<String>,
    /// Ask for `Accept: application/json;as=Table`.
    pub as_table: bool,
    /// Server-side apply: take over fields owned by others.
    pub force: bool,
    /// Of pods/log.
    pub log: LogOptions,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogOptions {
    pub container: Option<String>,
    pub follow: bool,
    pub previous: bool,
    pub since_seconds: Option<i64>,
    pub tail_lines: Option<usize>,
    pub limit_bytes: Option<usize>,
    pub timestamps: bool,
}

/// One call. `resource` is the plural (`pods`), `version` and `group` as in the URL.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub user: UserInfo,
    /// The field manager: who the change log will name (`kubectl-create`, `deployment-controller`).
    pub manager: String,
    pub verb: Verb,
    pub group: String,
    pub version: String,
    pub resource: String,
    pub subresource: Option<String>,
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub body: Option<Value>,
    pub options: Options,
}

impl Request {
    /// A request without name, namespace, body and options; fill in with the struct's fields.
    pub fn new(
        user: UserInfo,
        manager: &str,
        verb: Verb,
        group: &str,
        version: &str,
        resource: &str,
    ) -> Request {
        Request {
            user,
            manager: manager.to_owned(),
            verb,
            group: group.to_owned(),
            version: version.to_owned(),
            resource: resource.to_owned(),
            subresource: None,
            namespace: None,
            name: None,
            body: None,
            options: Options::default(),
        }
    }
    pub fn in_namespace(mut self, namespace: &str) -> Request {
        self.namespace = Some(namespace.to_owned());
        self
    }
    pub fn named(mut self, name: &str) -> Request {
        self.name = Some(name.to_owned());
        self
    }
    pub fn with_body(mut self, body: Value) -> Request {
        self.body = Some(body);
        self
    }
    pub fn on_subresource(mut self, subresource: &str) -> Request {
        self.subresource = Some(subresource.to_owned());
        self
    }
    pub fn with_options(mut self, options: Options) -> Request {
        self.options = options;
        self
    }
}

/// An answer: the result and the `Warning:` headers that came with it.
#[derive(Clone, Debug)]
pub struct Response {
    pub result: Result<Reply, super::Status>,
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug)]
pub enum Reply {
    /// One object (or a `Status` of kind Success for some deletes), in the version asked for.
    Object(Value),
    /// The `…List` object with its items.
    List(Value),
    Table(Table),
    /// Nothing has happened yet: events after this revision come from `Cluster::watch_events`.
    Watch(WatchFrom),
    /// Plain text: a pod's log.
    Text(String),
}

/// A watch is a position in the change log and a filter; the server keeps no state for it.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchFrom {
    pub request: Box<Request>,
    pub revision: u64,
}

/// `meta.k8s.io/v1` Table: what `kubectl get` prints.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    pub resource_version: String,
    pub continue_token: Option<String>,
    pub remaining: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// `Name`, `Ready`; kubectl prints it in upper case.
    pub name: &'static str,
    /// `string`, `integer`, `date`, `boolean`.
    pub type_: &'static str,
    /// `name` for the name column, else empty.
    pub format: &'static str,
    /// 0 is always shown, 1 only with `-o wide`.
    pub priority: u8,
}

/// A row: a cell per column, and the object it stands for (its metadata is what clients need).
#[derive(Clone, Debug)]
pub struct Row {
    pub cells: Vec<String>,
    pub object: Rc<Object>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchKind {
    Added,
    Modified,
    Deleted,
    Bookmark,
}

impl WatchKind {
    pub fn word(self) -> &'static str {
        match self {
            WatchKind::Added => "ADDED",
            WatchKind::Modified => "MODIFIED",
            WatchKind::Deleted => "DELETED",
            WatchKind::Bookmark => "BOOKMARK",
        }
    }
}

/// What a watch yields: the object, and as JSON or as a one-row table on demand (`ApiServer::encode`, `table_of`).
#[derive(Clone, Debug)]
pub struct WatchEvent {
    pub kind: WatchKind,
    pub object: Rc<Object>,
    pub revision: u64,
}
