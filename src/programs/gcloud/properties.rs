//! gcloud's configurations: INI files in the home directory, as the real client keeps them. The files are the
//! truth; nothing is cached.

use std::collections::BTreeMap;

use crate::image::files::FsError;
use crate::world::{HostId, World};

/// The configuration that Cloud Shell starts with.
pub const FIRST_CONFIGURATION: &str = "cloudshell-4812";

/// What to do about a project that cannot be.
pub const PROJECT_REMEDY: &str = "To set your project, run:\n\n  $ gcloud config set project PROJECT_ID\n\nor to unset it, run:\n\n  $ gcloud config unset project";
/// Longest part of a project's ID.
const PART_CHARS: usize = 63;

/// Properties by section and name, in the order of a sorted file.
pub type Properties = BTreeMap<String, BTreeMap<String, String>>;

/// Reads an INI file's text. Lines that mean nothing are passed over, as the real client does.
pub fn parse(text: &str) -> Properties {
    let mut properties = Properties::new();
    let mut section = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if let Some((name, value)) = line.split_once('=') {
            let of_section = properties.entry(section.clone()).or_default();
            of_section.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    properties
}

/// The text of an INI file.
pub fn print(properties: &Properties) -> String {
    let mut text = String::new();
    for (section, values) in properties.iter().filter(|(_, values)| !values.is_empty()) {
        text.push_str(&format!("[{section}]\n"));
        for (name, value) in values {
            text.push_str(&format!("{name} = {value}\n"));
        }
        text.push('\n');
    }
    text
}

/// Why a value cannot be a project's ID.
pub fn bad_project(value: &str) -> Option<String> {
    if is_project(value) {
        return None;
    }
    let looks_like_a_name = value
        .starts_with(|c: char| c == '-' || c.is_ascii_digit() || c.is_ascii_uppercase())
        || value.contains([' ', '!', '"', '\'']);
    let why = match looks_like_a_name {
        true => format!("not the project name [{value}]"),
        false => format!("[{value}] is not a valid project ID."),
    };
    Some(format!("The project property must be set to a valid project ID, {why}\n{PROJECT_REMEDY}"))
}

/// `name`, `12345` or `example.com:name`.
fn is_project(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_inner =
        |part: &str| (1..=PART_CHARS).contains(&part.len()) && part.chars().all(|c| plain(c) || c == '-');
    let is_part = |part: &str| is_inner(part) && part.starts_with(plain) && part.ends_with(plain);
    let (domain, id) = value.rsplit_once(':').map_or((None, value), |(domain, id)| (Some(domain), id));
    let is_domain = |domain: &str| {
        let (before, last) = domain.rsplit_once('.').map_or((None, domain), |(b, last)| (Some(b), last));
        is_part(last)
            && last.starts_with(|c: char| c.is_ascii_lowercase())
            && before.is_none_or(|before| before.split('.').all(is_inner))
    };
    is_part(id) && domain.is_none_or(is_domain)
}

/// The directory that holds gcloud's files.
pub fn directory(world: &World, host: HostId) -> String {
    let home = world.hosts.get(&host).map_or("/root", |h| h.home.as_str());
    format!("{home}/.config/gcloud")
}

/// The active configuration's name.
pub fn active(world: &World, host: HostId) -> String {
    let path = format!("{}/active_config", directory(world, host));
    let text = world.look(host, &path, |tree, path| tree.read_text(path).ok()).flatten();
    text.map(|t| t.trim().to_owned())
        .filter(|t| !t.is_empty())
        .unwrap_or_else(|| FIRST_CONFIGURATION.to_owned())
}

/// Where a configuration is kept.
pub fn path_of(world: &World, host: HostId, configuration: &str) -> String {
    format!("{}/configurations/config_{configuration}", directory(world, host))
}

/// The properties of a configuration.
pub fn load_named(world: &World, host: HostId, configuration: &str) -> Properties {
    let path = path_of(world, host, configuration);
    let text = world.look(host, &path, |tree, path| tree.read_text(path).ok()).flatten();
    parse(&text.unwrap_or_default())
}

/// The active configuration's properties.
pub fn load(world: &World, host: HostId) -> Properties {
    load_named(world, host, &active(world, host))
}

/// A property such as `core/project` of the active configuration; a name without a section is `core`'s.
pub fn get(world: &World, host: HostId, property: &str) -> Option<String> {
    let (section, name) = property.split_once('/').unwrap_or(("core", property));
    load(world, host).get(section)?.get(name).cloned()
}

/// Whether there is a configuration of that name.
pub fn exists(world: &World, host: HostId, configuration: &str) -> bool {
    let path = path_of(world, host, configuration);
    world.look(host, &path, |tree, path| tree.read_text(path).ok()).flatten().is_some()
}

/// The names of all configurations, sorted.
pub fn all(world: &World, host: HostId) -> Vec<String> {
    let directory = format!("{}/configurations", directory(world, host));
    let paths = world.look(host, &directory, |tree, path| tree.walk(path)).unwrap_or_default();
    let mut names: Vec<String> = paths
        .into_iter()
        .filter_map(|(path, _)| path.rsplit('/').next()?.strip_prefix("config_").map(str::to_owned))
        .collect();
    names.sort();
    names
}

/// Replaces the properties of a configuration.
///
/// # Errors
/// What the file system answers.
pub fn store_named(
    world: &mut World,
    host: HostId,
    configuration: &str,
    properties: &Properties,
) -> Result<(), FsError> {
    let (directory, path) = (directory(world, host), path_of(world, host, configuration));
    world.change(host, &path, |tree, path, now| {
        tree.mkdir(&format!("{directory}/configurations"), true, now)?;
        tree.write(path, print(properties).into_bytes(), now)
    })
}

/// Takes a configuration away.
///
/// # Errors
/// What the file system answers.
pub fn delete(world: &mut World, host: HostId, configuration: &str) -> Result<(), FsError> {
    let path = path_of(world, host, configuration);
    world.change(host, &path, |tree, path, now| tree.remove(path, false, now).map(drop))
}

/// Makes a configuration the active one.
///
/// # Errors
/// What the file system answers.
pub fn activate(world: &mut World, host: HostId, configuration: &str) -> Result<(), FsError> {
    let path = format!("{}/active_config", directory(world, host));
    world.change(host, &path, |tree, path, now| {
        tree.mkdir(path.rsplit_once('/').map_or("/", |(dir, _)| dir), true, now)?;
        tree.write(path, configuration.as_bytes().to_vec(), now)
    })
}

/// Replaces the active configuration's properties.
///
/// # Errors
/// What the file system answers.
pub fn store(world: &mut World, host: HostId, properties: &Properties) -> Result<(), FsError> {
    let configuration = active(world, host);
    activate(world, host, &configuration)?;
    store_named(world, host, &configuration, properties)
}

/// What Cloud Shell has set for the person who signs in.
pub fn cloud_shell(account: &str, project: &str) -> Properties {
    let pairs = [
        ("accessibility", "screen_reader", "True"),
        ("component_manager", "disable_update_check", "True"),
        ("compute", "gce_metadata_read_timeout_sec", "30"),
        ("core", "account", account),
        ("core", "disable_usage_reporting", "True"),
        ("core", "project", project),
        ("metrics", "environment", "devshell"),
    ];
    let mut properties = Properties::new();
    for (section, name, value) in pairs {
        properties.entry(section.to_owned()).or_default().insert(name.to_owned(), value.to_owned());
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_back_as_written() {
        let properties = cloud_shell("a@b", "p-1");
        assert_eq!(parse(&print(&properties)), properties);
        assert_eq!(parse("junk\n[core]\nproject=x\n")["core"]["project"], "x");
    }

    #[test]
    fn what_a_project_can_be() {
        let check = |value: &str, expect: &str| {
            let problem = bad_project(value).unwrap_or_default();
            let why = problem.lines().next().and_then(|line| line.split_once("ID, ")).map(|(_, why)| why);
            assert_eq!(why.unwrap_or_default(), expect, "{value}");
        };
        for good in ["my-project-1", "483920174655", "example.com:x", "a"] {
            check(good, "");
        }
        check("PROJECT_ID", "not the project name [PROJECT_ID]");
        check("-x", "not the project name [-x]");
        check("my project", "not the project name [my project]");
        check("foo_bar", "[foo_bar] is not a valid project ID.");
        check("foo-", "[foo-] is not a valid project ID.");
    }
}
