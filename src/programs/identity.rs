//! Who a process is and where it runs: user, group, home, host name, whether the host's commands are busybox's.
//! Must never change anything.

use crate::world::Sys;

/// A user as `/etc/passwd` of the host has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
    pub group: String,
    pub home: String,
    pub shell: String,
}

/// The host's name.
pub fn hostname(sys: &Sys) -> String {
    sys.view(|w| w.hosts.get(&sys.host).map(|h| h.hostname.clone())).unwrap_or_default()
}

/// Whether this host is the learner's machine and not a container.
pub fn is_machine(sys: &Sys) -> bool {
    sys.view(|w| w.hosts.get(&sys.host).is_none_or(|h| h.container.is_none()))
}

/// Whether the host's small commands are busybox applets: their messages differ from GNU's.
pub fn is_busybox(sys: &Sys) -> bool {
    sys.exists("/bin/busybox")
}

/// The user that this process runs as.
pub fn user(sys: &Sys) -> User {
    let (name, home) = sys.view(|w| {
        let home = w.hosts.get(&sys.host).map(|h| h.home.clone()).unwrap_or_default();
        (w.user_of(sys.me).to_owned(), home)
    });
    let (name, group) = name.split_once(':').map_or((name.as_str(), None), |(n, g)| (n, Some(g)));
    let name = if name.is_empty() { "root".to_owned() } else { name.to_owned() };
    let user = find(sys, &name).unwrap_or_else(|| {
        let uid = if name == "root" { 0 } else { name.parse().unwrap_or(1000) };
        let shell = "/bin/bash".to_owned();
        // A number that no line of /etc/passwd has (`docker run -u 1000`) belongs to root's group.
        let nameless = name.parse::<u32>().is_ok();
        let (group, gid) = if nameless { (group_name(sys, 0), 0) } else { (name.clone(), uid) };
        User { group, name: name.clone(), uid, gid, home: home.clone(), shell }
    });
    match group.map(|group| find_group(sys, group)) {
        Some((gid, group)) => User { gid, group, ..user },
        None => user,
    }
}

/// A group by name or number, as `docker run -u USER:GROUP` gives it.
fn find_group(sys: &Sys, who: &str) -> (u32, String) {
    let text = sys.read_text("/etc/group").unwrap_or_default();
    let known = text.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(who)).then(|| fields.nth(1).and_then(|gid| gid.parse().ok())).flatten()
    });
    let gid: u32 = known.or_else(|| who.parse().ok()).unwrap_or(0);
    (gid, group_name(sys, gid))
}

/// A user by name or number.
pub fn find(sys: &Sys, who: &str) -> Option<User> {
    let text = sys.read_text("/etc/passwd").ok()?;
    let number = who.parse::<u32>().ok();
    text.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, gid, _, home, shell, ..] = fields.as_slice() else { return None };
        let uid: u32 = uid.parse().ok()?;
        let gid: u32 = gid.parse().ok()?;
        (*name == who || number == Some(uid)).then(|| User {
            name: (*name).to_owned(),
            uid,
            gid,
            group: group_name(sys, gid),
            home: (*home).to_owned(),
            shell: (*shell).to_owned(),
        })
    })
}

/// A group's name by its number; the number itself when `/etc/group` has none.
pub fn group_name(sys: &Sys, gid: u32) -> String {
    let text = sys.read_text("/etc/group").unwrap_or_default();
    let found = text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == gid.to_string()).then(|| name.to_owned())
    });
    found.unwrap_or_else(|| gid.to_string())
}
