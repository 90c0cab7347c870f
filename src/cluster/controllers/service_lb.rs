//! The service controller of the cloud: gives Services of type LoadBalancer their address and takes it back. The
//! address itself comes from outside; never opens ports or firewalls.

use std::time::Duration;

use k8s_openapi::api::core::v1::{LoadBalancerIngress, LoadBalancerStatus, Service};

use super::{Controller, Ctx, Outcome};
use crate::cluster::object::{Key, KindId, Typed};
use crate::cluster::store::{Change, Store};

/// Keeps the Service until its load balancer is gone; also marks that "Ensuring" was said.
const CLEANUP: &str = "service.kubernetes.io/load-balancer-cleanup";

pub struct ServiceLbController;

impl Controller for ServiceLbController {
    fn name(&self) -> &'static str {
        "service-controller"
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        if change.key.kind != KindId::Service {
            return;
        }
        let concerned = |s: &Service| wants_balancer(s) || has_finalizer(s);
        if change.new_as::<Service>().is_some_and(concerned) {
            keys.push(change.key.clone());
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(service) = ctx.get::<Service>(&key.namespace, &key.name) else { return Outcome::Done };
        if service.metadata.deletion_timestamp.is_some() || !wants_balancer(&service) {
            return if has_finalizer(&service) { clean_up(&service, ctx) } else { Outcome::Done };
        }
        ensure(service, ctx)
    }
}

fn wants_balancer(service: &Service) -> bool {
    service
        .spec
        .as_ref()
        .is_some_and(|s| s.type_.as_deref() == Some("LoadBalancer") && s.load_balancer_class.is_none())
}

fn has_finalizer(service: &Service) -> bool {
    service.metadata.finalizers.iter().flatten().any(|f| f == CLEANUP)
}

fn ports(service: &Service) -> Vec<u16> {
    let ports = service.spec.as_ref().and_then(|s| s.ports.as_ref());
    ports.into_iter().flatten().filter_map(|p| u16::try_from(p.port).ok()).collect()
}

fn ensure(mut service: Typed<Service>, ctx: &mut Ctx) -> Outcome {
    if !has_finalizer(&service) {
        let mut copy = Service::clone(&service);
        copy.metadata.finalizers.get_or_insert_default().push(CLEANUP.to_owned());
        let Ok(updated) = ctx.update(copy) else { return Outcome::Retry };
        service = updated;
        ctx.record_event(&*service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer");
    }
    let address = ctx.outside.allocate_load_balancer(ctx.now, service.uid(), &ports(&service));
    let Some(address) = address else {
        return Outcome::RequeueAt(ctx.now + Duration::from_millis(ctx.node.pace.load_balancer_retry_ms));
    };
    let known =
        service.status.as_ref().and_then(|s| s.load_balancer.as_ref()).and_then(|l| l.ingress.as_ref());
    if known.is_some_and(|ingress| ingress.iter().any(|i| i.ip.as_deref() == Some(&address))) {
        return Outcome::Done;
    }
    let ingress =
        LoadBalancerIngress { ip: Some(address), ip_mode: Some("VIP".to_owned()), ..Default::default() };
    if !write_status(&service, Some(vec![ingress]), ctx) {
        return Outcome::Retry;
    }
    ctx.record_event(&*service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer");
    Outcome::Done
}

fn write_status(service: &Service, ingress: Option<Vec<LoadBalancerIngress>>, ctx: &mut Ctx) -> bool {
    let mut copy = service.clone();
    copy.status.get_or_insert_default().load_balancer = Some(LoadBalancerStatus { ingress });
    ctx.update_status(copy).is_ok()
}

fn clean_up(service: &Typed<Service>, ctx: &mut Ctx) -> Outcome {
    ctx.record_event(&**service, "Normal", "DeletingLoadBalancer", "Deleting load balancer");
    ctx.outside.release_load_balancer(ctx.now, service.uid());
    let deleting = service.metadata.deletion_timestamp.is_some();
    if !deleting && !write_status(service, None, ctx) {
        return Outcome::Retry;
    }
    let Some(current) = ctx.get::<Service>(service.namespace(), service.name()) else { return Outcome::Done };
    // Said before the finalizer goes: afterwards there may be no Service left to say it about.
    ctx.record_event(&*current, "Normal", "DeletedLoadBalancer", "Deleted load balancer");
    let mut copy = Service::clone(&current);
    let finalizers = copy.metadata.finalizers.get_or_insert_default();
    finalizers.retain(|f| f != CLEANUP);
    copy.metadata.finalizers = copy.metadata.finalizers.filter(|f| !f.is_empty());
    match ctx.update(copy) {
        Ok(_) => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}
