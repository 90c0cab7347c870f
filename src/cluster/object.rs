//! The objects of a cluster: one closed enum over the Kubernetes types, and typed access to it.
//!
//! Everything inside the cluster works on these types; JSON exists only at the door (`api::codec`).
//! A kind's name, short names and scope are data in `kinds::table`, never code here.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

/// One row per kind: the enum's variant and the type inside it. A macro, because a trait implementation
/// per type cannot be written as a table of values.
macro_rules! objects {
    ($($variant:ident => $ty:ty),+ $(,)?) => {
        /// Any object the store can hold.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(clippy::large_enum_variant, reason = "objects are only ever kept behind an Rc")]
        pub enum Object { $($variant($ty)),+ }

        /// The kinds of `Object`, in the order of discovery.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum KindId { $($variant),+ }

        impl KindId {
            pub const ALL: &'static [KindId] = &[$(KindId::$variant),+];
        }

        impl Object {
            /// An object of this kind with nothing set.
            pub fn empty(kind: KindId) -> Object {
                match kind { $(KindId::$variant => Object::$variant(<$ty>::default())),+ }
            }
            pub fn kind(&self) -> KindId {
                match self { $(Object::$variant(_) => KindId::$variant),+ }
            }
            pub fn meta(&self) -> &ObjectMeta {
                match self { $(Object::$variant(o) => &o.metadata),+ }
            }
            pub fn meta_mut(&mut self) -> &mut ObjectMeta {
                match self { $(Object::$variant(o) => &mut o.metadata),+ }
            }
        }

        $(impl Kind for $ty {
            const KIND: KindId = KindId::$variant;
            fn of(object: &Object) -> Option<&Self> {
                match object { Object::$variant(o) => Some(o), _ => None }
            }
            fn of_mut(object: &mut Object) -> Option<&mut Self> {
                match object { Object::$variant(o) => Some(o), _ => None }
            }
            fn into_object(self) -> Object { Object::$variant(self) }
            fn meta(&self) -> &ObjectMeta { &self.metadata }
            fn meta_mut(&mut self) -> &mut ObjectMeta { &mut self.metadata }
        })+

        /// A function per kind, made from one generic function; `api::codec` is its only user.
        macro_rules! per_kind {
            ($kind:expr, $function:ident) => {
                match $kind { $(KindId::$variant => $function::<$ty>),+ }
            };
        }
        pub(crate) use per_kind;
    };
}

objects! {
    Pod => k8s_openapi::api::core::v1::Pod,
    ComponentStatus => k8s_openapi::api::core::v1::ComponentStatus,
    Service => k8s_openapi::api::core::v1::Service,
    Endpoints => k8s_openapi::api::core::v1::Endpoints,
    ConfigMap => k8s_openapi::api::core::v1::ConfigMap,
    Secret => k8s_openapi::api::core::v1::Secret,
    Namespace => k8s_openapi::api::core::v1::Namespace,
    Node => k8s_openapi::api::core::v1::Node,
    Event => k8s_openapi::api::core::v1::Event,
    ServiceAccount => k8s_openapi::api::core::v1::ServiceAccount,
    PersistentVolume => k8s_openapi::api::core::v1::PersistentVolume,
    PersistentVolumeClaim => k8s_openapi::api::core::v1::PersistentVolumeClaim,
    ResourceQuota => k8s_openapi::api::core::v1::ResourceQuota,
    LimitRange => k8s_openapi::api::core::v1::LimitRange,
    ReplicationController => k8s_openapi::api::core::v1::ReplicationController,
    PodTemplate => k8s_openapi::api::core::v1::PodTemplate,
    Deployment => k8s_openapi::api::apps::v1::Deployment,
    ReplicaSet => k8s_openapi::api::apps::v1::ReplicaSet,
    DaemonSet => k8s_openapi::api::apps::v1::DaemonSet,
    StatefulSet => k8s_openapi::api::apps::v1::StatefulSet,
    ControllerRevision => k8s_openapi::api::apps::v1::ControllerRevision,
    HorizontalPodAutoscaler => k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler,
    Job => k8s_openapi::api::batch::v1::Job,
    CronJob => k8s_openapi::api::batch::v1::CronJob,
    Lease => k8s_openapi::api::coordination::v1::Lease,
    EndpointSlice => k8s_openapi::api::discovery::v1::EndpointSlice,
    Ingress => k8s_openapi::api::networking::v1::Ingress,
    IngressClass => k8s_openapi::api::networking::v1::IngressClass,
    NetworkPolicy => k8s_openapi::api::networking::v1::NetworkPolicy,
    PodDisruptionBudget => k8s_openapi::api::policy::v1::PodDisruptionBudget,
    ClusterRole => k8s_openapi::api::rbac::v1::ClusterRole,
    ClusterRoleBinding => k8s_openapi::api::rbac::v1::ClusterRoleBinding,
    Role => k8s_openapi::api::rbac::v1::Role,
    RoleBinding => k8s_openapi::api::rbac::v1::RoleBinding,
    PriorityClass => k8s_openapi::api::scheduling::v1::PriorityClass,
    StorageClass => k8s_openapi::api::storage::v1::StorageClass,
}

/// The Rust type of one kind. `of` is `None` only when the object is of another kind.
pub trait Kind: Clone + fmt::Debug + PartialEq + Default + 'static {
    const KIND: KindId;
    fn of(object: &Object) -> Option<&Self>;
    fn of_mut(object: &mut Object) -> Option<&mut Self>;
    fn into_object(self) -> Object;
    fn meta(&self) -> &ObjectMeta;
    fn meta_mut(&mut self) -> &mut ObjectMeta;
}

impl Object {
    /// The name; empty before `generateName` is resolved.
    pub fn name(&self) -> &str {
        self.meta().name.as_deref().unwrap_or_default()
    }
    /// The namespace; empty for cluster-scoped objects.
    pub fn namespace(&self) -> &str {
        self.meta().namespace.as_deref().unwrap_or_default()
    }
    pub fn uid(&self) -> &str {
        self.meta().uid.as_deref().unwrap_or_default()
    }
    /// The revision at which this version was written; 0 for an object that is not stored yet.
    pub fn revision(&self) -> u64 {
        self.meta().resource_version.as_deref().and_then(|v| v.parse().ok()).unwrap_or(0)
    }
    pub fn key(&self) -> Key {
        Key::new(self.kind(), self.namespace(), self.name())
    }
    pub fn label(&self, name: &str) -> Option<&str> {
        self.meta().labels.as_ref()?.get(name).map(String::as_str)
    }
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.meta().annotations.as_ref()?.get(name).map(String::as_str)
    }
    pub fn is_deleting(&self) -> bool {
        self.meta().deletion_timestamp.is_some()
    }
    /// The owner reference with `controller: true`.
    pub fn controller_ref(&self) -> Option<&OwnerReference> {
        controller_of(self.meta())
    }
}

/// The owner reference with `controller: true`.
pub fn controller_of(meta: &ObjectMeta) -> Option<&OwnerReference> {
    meta.owner_references.as_ref()?.iter().find(|o| o.controller == Some(true))
}

/// Where an object is: kind, namespace (empty for cluster-scoped kinds) and name. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub kind: KindId,
    pub namespace: Rc<str>,
    pub name: Rc<str>,
}

impl Key {
    pub fn new(kind: KindId, namespace: &str, name: &str) -> Key {
        Key { kind, namespace: namespace.into(), name: name.into() }
    }
    /// A key for work that belongs to no object (a controller's periodic round).
    pub fn round(name: &str) -> Key {
        Key::new(KindId::Node, "", name)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.is_empty() {
            true => write!(f, "{}", self.name),
            false => write!(f, "{}/{}", self.namespace, self.name),
        }
    }
}

/// A stored object seen as its type; reads like `&K`, clones by counting.
pub struct Typed<K> {
    object: Rc<Object>,
    kind: PhantomData<K>,
}

impl<K: Kind> Typed<K> {
    /// `None` when the object is of another kind.
    pub fn new(object: Rc<Object>) -> Option<Typed<K>> {
        K::of(&object)?;
        Some(Typed { object, kind: PhantomData })
    }
    pub fn object(&self) -> &Rc<Object> {
        &self.object
    }
    pub fn name(&self) -> &str {
        self.object.name()
    }
    pub fn namespace(&self) -> &str {
        self.object.namespace()
    }
    pub fn uid(&self) -> &str {
        self.object.uid()
    }
    pub fn key(&self) -> Key {
        self.object.key()
    }
}

impl<K> Clone for Typed<K> {
    fn clone(&self) -> Self {
        Typed { object: self.object.clone(), kind: PhantomData }
    }
}

impl<K: Kind> Deref for Typed<K> {
    type Target = K;
    fn deref(&self) -> &K {
        match K::of(&self.object) {
            Some(object) => object,
            None => unreachable!("Typed::new checked the kind"),
        }
    }
}

impl<K: Kind> fmt::Debug for Typed<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.object, f)
    }
}
