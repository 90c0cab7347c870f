//! What a container finds when it starts: its host with the image's files, the files its kubelet keeps, its mounts.
//! Must never start a process.

use crate::image::files::{FileTree, split_parent};
use crate::image::process::{
    ContainerId, Mount as ImageMount, MountSource as ImageMountSource, StartContainer,
};

use super::container::Owner;
use super::host::{Host, Limits, Mount, MountSource};
use super::network::NetNsId;
use super::{HostId, World};

/// How a pod's `/etc/hosts` begins.
const HOSTS_HEAD: &str = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\
    fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";

impl World {
    /// Makes the host of a container, or puts an existing one back to work.
    pub(super) fn prepare_container(&mut self, owner: Owner, start: &StartContainer) -> HostId {
        self.networks.entry(start.netns.clone()).or_default();
        let of_cluster = matches!(owner, Owner::Cluster(_));
        self.container_owners.insert(start.id.clone(), owner);
        let known = self.container_hosts.get(&start.id).copied();
        let (id, files) = match known.and_then(|id| self.hosts.remove(&id)) {
            Some(host) => (host.id, host.files),
            None => {
                self.next_host += 1;
                (HostId(self.next_host), start.files.clone())
            }
        };
        let mut host = Host {
            id,
            container: Some(start.id.clone()),
            hostname: start.hostname.clone(),
            files,
            mounts: Vec::new(),
            netns: start.netns.clone(),
            env: start.env.iter().cloned().collect(),
            user: if start.user.is_empty() { "root".into() } else { start.user.clone() },
            next_pid: 1,
            home: "/root".into(),
            first_process: None,
            limits: Limits {
                read_only_root: start.read_only_root,
                memory_bytes: start.memory_limit_bytes,
                out_of_memory: false,
                init: start.init,
            },
            processes: Default::default(),
        };
        let now = self.now;
        if let Some(path) = &start.termination_log {
            self.termination_logs.insert(start.id.clone(), path.clone());
            let above = path.rsplit_once('/').map_or("/", |(above, _)| above);
            host.files.mkdir(above, true, now).ok();
            host.files.write(path, Vec::new(), now).ok();
        }
        if !start.workdir.is_empty() {
            host.files.mkdir(&start.workdir, true, now).ok();
        }
        if of_cluster {
            for (path, text) in self.name_files(&start.netns, &start.hostname) {
                host.files.mkdir("/etc", true, now).ok();
                host.files.write(path, text.into_bytes(), now).ok();
            }
        }
        for mount in &start.mounts {
            let source = self.mount_source(&start.id, &mut host, mount);
            host.mount(Mount { path: mount.path.clone(), source, read_only: mount.read_only });
        }
        self.container_hosts.insert(start.id.clone(), id);
        self.hosts.insert(id, host);
        id
    }

    /// `/etc/resolv.conf` and `/etc/hosts` of a pod, as its kubelet keeps them.
    fn name_files(&self, netns: &NetNsId, hostname: &str) -> Vec<(&'static str, String)> {
        let Some(network) = self.networks.get(netns) else { return Vec::new() };
        let mut hosts = format!("{HOSTS_HEAD}{}\t{hostname}\n", network.address);
        if !network.names.is_empty() {
            hosts += "\n# Entries added by HostAliases.\n";
            hosts.extend(network.names.iter().map(|(name, address)| format!("{address}\t{name}\n")));
        }
        let conf = network.cluster.as_ref().and_then(|c| self.cloud.resolv_conf(c, &network.address));
        let conf = conf.map(|text| ("/etc/resolv.conf", text));
        conf.into_iter().chain([("/etc/hosts", hosts)]).collect()
    }

    fn mount_source(&mut self, id: &ContainerId, host: &mut Host, mount: &ImageMount) -> MountSource {
        let now = self.now;
        let is_file = match &mount.source {
            ImageMountSource::HostPath(path) => {
                self.look(HostId::MACHINE, path, |tree, path| tree.get(path).is_some_and(|e| !e.is_dir()))
                    == Some(true)
            }
            _ => false,
        };
        let point = if is_file { split_parent(&mount.path).0 } else { mount.path.as_str() };
        host.files.mkdir(point, true, now).ok();
        if is_file {
            host.files.write(&mount.path, Vec::new(), now).ok();
        }
        match &mount.source {
            ImageMountSource::HostPath(path) => MountSource::Machine(path.clone()),
            ImageMountSource::Volume(name) => {
                // A fresh named volume starts as a copy of what the image has at that place, as Docker does.
                if !self.volumes.contains_key(name) {
                    let content = host.files.get(&mount.path).filter(|e| e.is_dir()).cloned();
                    let tree = content.map_or_else(FileTree::new, FileTree::from_root);
                    self.volumes.insert(name.clone(), tree);
                }
                MountSource::Volume(name.clone(), String::new())
            }
            ImageMountSource::Tree(tree) => {
                let name = format!("{id}:{}", mount.path);
                self.volumes.insert(name.clone(), tree.clone());
                MountSource::Volume(name, String::new())
            }
        }
    }
}
