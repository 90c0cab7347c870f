//! How a session begins: who learns, which world, which quest. Makes the world from that alone.

use std::rc::Rc;

use crate::base::{Seed, SimTime};
use crate::cloud::Cloud;
use crate::cloud::gke::ClusterSpec;
use crate::cloud::project::Project;
use crate::image::files::{FileTree, split_parent};
use crate::lesson::course::Quest;
use crate::machine::Machine;
use crate::programs;
use crate::programs::gcloud::{kubeconfig, properties};
use crate::world::network::NetNsId;
use crate::world::tty::Size;
use crate::world::{Env, Host, HostId, World};

/// What stands at the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorldKind {
    /// Cloud Shell with a project and no cluster yet.
    CloudShell,
    /// A three-node cluster with credentials in place.
    Cluster,
}

/// Everything a session begins with; nothing else gets in.
#[derive(Debug, Clone)]
pub struct Start {
    /// Where every draw comes from.
    pub seed: Seed,
    /// The learner's id, e.g. `student-7f3a`.
    pub learner: String,
    /// When it begins, in virtual time.
    pub at: SimTime,
    /// The world.
    pub world: WorldKind,
    /// The quest to play.
    pub quest: Option<Rc<Quest>>,
    /// The terminals' size at first.
    pub size: Size,
}

impl Start {
    /// A session without a quest.
    pub fn new(learner: &str, at: SimTime, world: WorldKind) -> Self {
        let seed = Seed::from_text(learner);
        Start { seed, learner: learner.to_owned(), at, world, quest: None, size: Size::default() }
    }

    /// The name of the account on the learner's machine.
    pub fn user(&self) -> String {
        self.learner.replace('-', "_")
    }

    /// The world at the beginning.
    pub fn world(&self) -> World {
        let project = Project::of_learner(self.seed, &self.learner);
        let host = self.machine_host(&project);
        let mut cloud = Cloud::new(self.seed, project, self.at);
        if self.world == WorldKind::Cluster {
            self.add_running_cluster(&mut cloud);
        }
        let machine = Machine::new(self.seed, self.at);
        let mut world = World::new(self.at, self.seed, cloud, machine, host, "10.88.0.4");
        let properties = properties::cloud_shell(&world.cloud.project.account, &world.cloud.project.id);
        properties::store(&mut world, HostId::MACHINE, &properties).ok();
        if self.world == WorldKind::Cluster {
            let keys: Vec<String> = world.cloud.clusters.keys().cloned().collect();
            for key in keys {
                kubeconfig::add(&mut world, HostId::MACHINE, &key).ok();
            }
        }
        world
    }

    fn add_running_cluster(&self, cloud: &mut Cloud) {
        let spec = ClusterSpec {
            name: "hello-world".into(),
            location: cloud.project.zone.clone(),
            nodes: 3,
            machine_type: "e2-standard-2".into(),
        };
        cloud.add_running(spec, self.at);
    }

    /// Cloud Shell as a learner finds it.
    fn machine_host(&self, project: &Project) -> Host {
        let user = self.user();
        let home = format!("/home/{user}");
        let mut files = FileTree::new();
        for dir in ["/bin", "/usr/bin", "/tmp", "/etc", "/var/log", "/root", "/dev", "/proc", "/opt", &home] {
            files.mkdir(dir, true, self.at).ok();
        }
        for name in programs::names() {
            files.put_program(&format!("/usr/bin/{name}"), name, self.at).ok();
        }
        files.put_program("/bin/sh", "sh", self.at).ok();
        files.put_program("/bin/bash", "bash", self.at).ok();
        files.write("/etc/hostname", "cloudshell\n".as_bytes(), self.at).ok();
        files.write("/etc/hosts", "127.0.0.1\tlocalhost\n".as_bytes(), self.at).ok();
        let passwd = format!("root:x:0:0:root:/root:/bin/bash\n{user}:x:1000:1000::{home}:/bin/bash\n");
        files.write("/etc/passwd", passwd.into_bytes(), self.at).ok();
        files.write("/etc/os-release", OS_RELEASE.as_bytes(), self.at).ok();
        for (path, bytes) in self.quest.iter().flat_map(|quest| &quest.files) {
            let path = format!("{home}/{path}");
            files.mkdir(split_parent(&path).0, true, self.at).ok();
            files.write(&path, bytes.clone(), self.at).ok();
        }
        files.chown_all(&home, &user, &user).ok();
        files.chmod("/tmp", 0o1777).ok();
        for dir in ["/dev", "/proc"] {
            files.chmod(dir, 0o555).ok();
        }
        Host {
            id: HostId::MACHINE,
            container: None,
            hostname: "cloudshell".into(),
            files,
            mounts: Vec::new(),
            netns: NetNsId("machine".into()),
            env: environment(&user, &home, project),
            user,
            home,
            next_pid: 412,
            first_process: None,
            limits: Default::default(),
            processes: Default::default(),
        }
    }
}

const OS_RELEASE: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n\
VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";

fn environment(user: &str, home: &str, project: &Project) -> Env {
    let pairs = [
        ("HOME", home),
        ("USER", user),
        ("LOGNAME", user),
        ("SHELL", "/bin/bash"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("EDITOR", "vi"),
        ("GOOGLE_CLOUD_PROJECT", &project.id),
        ("DEVSHELL_PROJECT_ID", &project.id),
        (
            "PS1",
            &format!("\\[\\e[1;32m\\]\\u@\\h\\[\\e[0m\\]:\\[\\e[1;34m\\]\\w\\[\\e[0m\\] ({})$ ", project.id),
        ),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
