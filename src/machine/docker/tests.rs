//! Stories of the engine, with the runtime played by the test.

use std::collections::BTreeSet;
use std::time::Duration;

use super::host::{HostConfig, PortBinding, RestartPolicy};
use super::images::Removal;
use super::network::NetworkSpec;
use super::*;
use crate::image::Catalogue;
use crate::image::process::{RuntimeEvent, Signal};

const NOW: SimTime = SimTime(1_795_351_539_000);

fn engine() -> Engine {
    let mut engine = Engine::new(Seed(7), NOW);
    let reference = ImageRef::parse("busybox").expect("a reference");
    let image = Catalogue::builtin().find(&reference).expect("busybox");
    engine.add_image(&reference, &image, NOW);
    engine.images.note_digest(&reference, &image.manifest_digest(), &image.id);
    engine
}

fn spec(name: &str, host: HostConfig) -> CreateSpec {
    CreateSpec { name: name.to_owned(), image_name: "busybox".to_owned(), host, ..CreateSpec::default() }
}

fn port(host_port: u16) -> HostConfig {
    let binding =
        PortBinding { host_ip: String::new(), host_port, container_port: 80, protocol: "tcp".to_owned() };
    HostConfig { ports: vec![binding], ..HostConfig::default() }
}

fn run(engine: &mut Engine, name: &str, host: HostConfig) -> ContainerId {
    let id = engine.create(spec(name, host), NOW).expect("created");
    engine.start(&id, &BTreeSet::new(), NOW).expect("started");
    engine.runtime_event(NOW, RuntimeEvent::Started { id: id.clone() });
    engine.take_requests();
    id
}

fn status(engine: &Engine, id: &ContainerId) -> Status {
    engine.container(id).expect("a container").state.status
}

fn error<T: std::fmt::Debug>(result: Result<T, EngineError>) -> String {
    result.expect_err("an error").to_string()
}

#[test]
fn addresses_are_the_lowest_free_ones() {
    let mut engine = engine();
    let first = run(&mut engine, "one", HostConfig::default());
    run(&mut engine, "two", HostConfig::default());
    engine.remove("one", true, false, NOW).expect("removed");
    let third = run(&mut engine, "three", HostConfig::default());
    let address = engine.networks.of_container(&third).next().map(|(_, e)| e.address.clone());
    assert_eq!(address.as_deref(), Some("172.17.0.2"));
    assert!(engine.container(&first).is_none());
}

#[test]
fn a_stop_takes_its_timeout_when_nobody_listens() {
    let mut engine = engine();
    let id = run(&mut engine, "app", HostConfig::default());
    engine.stop(&id, None, NOW).expect("stopping");
    assert_eq!(engine.next_wakeup(), Some(NOW + Duration::from_secs(10)));
    engine.advance(NOW + Duration::from_secs(9));
    assert_eq!(engine.take_requests().len(), 1);
    engine.advance(NOW + Duration::from_secs(10));
    let sent = engine.take_requests();
    assert!(matches!(sent.as_slice(), [RuntimeRequest::Signal { signal: Signal::Kill, .. }]), "{sent:?}");
    engine.runtime_event(NOW, RuntimeEvent::Exited { id: id.clone(), code: 137, oom: false });
    assert_eq!(status(&engine, &id), Status::Exited);
    assert_eq!(engine.next_wakeup(), None);
}

#[test]
fn a_taken_port_leaves_the_container_created() {
    let mut engine = engine();
    run(&mut engine, "one", port(4000));
    let id = engine.create(spec("two", port(4000)), NOW).expect("created");
    let said = error(engine.start(&id, &BTreeSet::new(), NOW));
    assert!(said.ends_with("Bind for 0.0.0.0:4000 failed: port is already allocated"), "{said}");
    assert_eq!(status(&engine, &id), Status::Created);
    let id = engine.create(spec("three", port(4001)), NOW).expect("created");
    let said = error(engine.start(&id, &BTreeSet::from([4001]), NOW));
    assert!(said.ends_with("failed to bind host port 0.0.0.0:4001/tcp: address already in use"), "{said}");
}

#[test]
fn restart_policies_wait_longer_each_time_and_keep_still_after_a_stop() {
    let mut engine = engine();
    let host = HostConfig { restart: RestartPolicy::Always, ..HostConfig::default() };
    let id = run(&mut engine, "app", host);
    let mut now = NOW;
    for delay in [100, 200, 400] {
        engine.runtime_event(now, RuntimeEvent::Exited { id: id.clone(), code: 1, oom: false });
        assert_eq!(status(&engine, &id), Status::Restarting);
        now += Duration::from_millis(delay);
        assert_eq!(engine.next_wakeup(), Some(now));
        engine.advance(now);
        engine.runtime_event(now, RuntimeEvent::Started { id: id.clone() });
    }
    engine.stop(&id, None, now).expect("stopping");
    engine.runtime_event(now, RuntimeEvent::Exited { id: id.clone(), code: 143, oom: false });
    assert_eq!(status(&engine, &id), Status::Exited);
}

#[test]
fn names_and_prefixes_find_containers() {
    let mut engine = engine();
    let id = run(&mut engine, "my-app", HostConfig::default());
    assert_eq!(engine.find_id(&id.0[..5]), Ok(id.clone()));
    assert_eq!(error(engine.find_id("/nosuch")), "No such container: nosuch");
    assert_eq!(
        error(engine.create(spec("my-app", HostConfig::default()), NOW)),
        format!(
            "Conflict. The container name \"/my-app\" is already in use by container \"{id}\". You have to remove (or rename) that container to be able to reuse that name."
        )
    );
    assert!(
        error(engine.create(spec("a", HostConfig::default()), NOW)).starts_with("Invalid container name (a)")
    );
}

#[test]
fn removing_an_image_minds_its_names_and_users() {
    let mut engine = engine();
    let id = engine.images.find("busybox").expect("busybox").image.id.clone();
    let keep = ImageRef::parse("keep:1").expect("a reference");
    engine.tag("busybox", &keep, NOW).expect("tagged");
    let user = run(&mut engine, "user", HostConfig::default());
    assert_eq!(
        error(engine.remove_image(id.short(), false, true, NOW)),
        format!(
            "conflict: unable to delete {} (cannot be forced) - image is being used by running container {}",
            id.short(),
            user.short()
        )
    );
    assert_eq!(
        engine.remove_image("keep:1", false, true, NOW),
        Ok(vec![Removal::Untagged("keep:1".to_owned())])
    );
    assert_eq!(
        error(engine.remove_image("busybox", false, true, NOW)),
        format!(
            "conflict: unable to remove repository reference \"busybox\" (must force) - container {} is using its referenced image {}",
            user.short(),
            id.short()
        )
    );
    engine.remove("user", true, false, NOW).expect("removed");
    let done = engine.remove_image("busybox", false, true, NOW).expect("removed");
    assert_eq!(done.len(), 4, "untagged twice, image and layer deleted: {done:?}");
    assert_eq!(error(engine.remove_image("busybox", false, true, NOW)), "No such image: busybox:latest");
}

#[test]
fn user_networks_know_names_and_are_kept_while_used() {
    let mut engine = engine();
    let mut rng = engine.draw("network");
    let spec = NetworkSpec { name: "n1".to_owned(), driver: "bridge".to_owned(), ..NetworkSpec::default() };
    engine.networks.create(spec, &mut rng, NOW).expect("created");
    let host = HostConfig { network: "n1".to_owned(), ..HostConfig::default() };
    run(&mut engine, "web", host);
    assert!(error(engine.networks.remove("n1")).contains("has active endpoints (name:\"web\" id:"));
    let machine = crate::machine::Machine { docker: engine, ..Default::default() };
    assert_eq!(machine.resolve("n1", "web").as_deref(), Some("172.18.0.2"));
    assert_eq!(machine.resolve("bridge", "web"), None);
}
