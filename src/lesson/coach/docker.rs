//! What goes wrong with docker: images taken for containers, doors the wrong way round, flags in the wrong place.
//! Recognised by what docker said and by what it has; never by a lesson's name.

use super::{Args, Rule, Situation};
use crate::lesson::check::{State, split_url};
use crate::lesson::goal::{Predicate, Test};
use crate::lesson::meaning;
use crate::lesson::template;

/// In order of precedence.
pub(super) const RULES: &[Rule] = &[
    Rule::after("flag-place", flag_place),
    Rule::after("flags-after-image", flags_after_image),
    Rule::after("image-name", image_name),
    Rule::after("tag-missing", tag_missing),
    Rule::after("start-not-run", start_not_run),
    Rule::after("image-unknown", image_unknown),
    Rule::after("container-not-image", container_not_image),
    Rule::after("no-such-container", no_such_container),
    Rule::after("rm-running", rm_running),
    Rule::after("image-in-use", image_in_use),
    Rule::after("must-be-forced", must_be_forced),
    Rule::after("which-container", which_container),
    Rule::after("exec-needs-it", exec_needs_it),
    Rule::after("exec-not-found", exec_not_found),
    Rule::after("container-stopped", container_stopped),
    Rule::after("template", template_failed),
    Rule::after("container-exited", container_exited),
    Rule::after("wrong-door", wrong_door),
    Rule::after("port-order", door_to_nowhere),
    Rule::after("too-soon", |s| curl_was_cut_off(s).map(|_| Vec::new())),
    Rule::after("rebuild-forgotten", rebuild_forgotten),
];

/// What stands between `after` and the next quote, bracket or line end.
pub(super) fn quoted_after<'t>(text: &'t str, after: &str) -> Option<&'t str> {
    let rest = text.split_once(after)?.1;
    let end = rest.find(['"', '\'', ',', ' ', ')', '\r', '\n']).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|word| !word.is_empty())
}

/// The name of the container that the last `docker run` made.
pub(super) fn made(s: &Situation<'_>) -> String {
    let run = s.command("docker", &["run"]);
    let named = run.and_then(|m| m.flags.get("name").cloned());
    let image = run.and_then(|m| m.names.first().cloned()).unwrap_or_default();
    let newest = || s.facts.containers().into_iter().find(|c| c.image == image).map(|c| c.name);
    named.or_else(newest).unwrap_or_default()
}

pub(super) fn output<'s>(s: &'s Situation<'_>) -> &'s str {
    s.last.map_or("", |e| e.output.as_str())
}

/// `docker -a ps`: a command's flag before the command.
fn flag_place(s: &Situation<'_>) -> Option<Args> {
    let line = &s.last?.line;
    let mut words = line.split_whitespace();
    let (program, flag, command) = (words.next()?, words.next()?, words.next()?);
    let refused = s.wrote("unknown shorthand flag") || s.wrote("unknown flag");
    let misplaced = program == "docker" && flag.starts_with('-') && !command.starts_with('-');
    let rest: String = words.map(|w| format!(" {w}")).collect();
    (refused && misplaced).then(|| vec![("line", format!("docker {command} {flag}{rest}"))])
}

/// `docker run IMAGE -d`: everything behind the image goes to the program inside.
fn flags_after_image(s: &Situation<'_>) -> Option<Args> {
    let run = s.command("docker", &["run"])?;
    let first = run.rest.first().filter(|word| word.starts_with('-'))?;
    let image = run.names.first()?.clone();
    Some(vec![("typed", first.clone()), ("image", image)])
}

fn image_name(s: &Situation<'_>) -> Option<Args> {
    s.commands.iter().find(|m| m.program == "docker")?;
    (s.wrote("must be lowercase") || s.wrote("invalid reference format")).then(Vec::new)
}

/// The image that docker looked for in vain, as typed.
fn not_found(s: &Situation<'_>) -> Option<String> {
    let asked = ["run", "create", "pull"].iter().find_map(|verb| s.command("docker", &[verb]))?;
    let refused =
        ["pull access denied", "manifest unknown", "not found: manifest", "repository does not exist"];
    let image = asked.names.first()?;
    (s.exit() != Some(0) && refused.iter().any(|text| s.wrote(text))).then(|| image.clone())
}

/// No tag means `latest`, and the learner's image has another one.
fn tag_missing(s: &Situation<'_>) -> Option<Args> {
    let image = not_found(s).filter(|image| !image.rsplit('/').next().is_some_and(|n| n.contains(':')))?;
    let have = s.facts.local_images().into_iter().find(|name| name.starts_with(&format!("{image}:")))?;
    Some(vec![("typed", image), ("have", have)])
}

fn start_not_run(s: &Situation<'_>) -> Option<Args> {
    let typed = not_found(s)?;
    s.facts.containers().iter().any(|c| c.name == typed).then(|| vec![("typed", typed)])
}

fn image_unknown(s: &Situation<'_>) -> Option<Args> {
    not_found(s).map(|typed| vec![("typed", typed)])
}

fn missing_container(s: &Situation<'_>) -> Option<String> {
    s.commands.iter().find(|m| m.program == "docker")?;
    let text = output(s);
    let name =
        quoted_after(text, "No such container: ").or_else(|| quoted_after(text, "No such object: "))?;
    Some(name.to_owned())
}

fn container_not_image(s: &Situation<'_>) -> Option<Args> {
    let typed = missing_container(s).filter(|name| s.facts.local_image(name).is_some())?;
    Some(vec![("typed", typed)])
}

fn no_such_container(s: &Situation<'_>) -> Option<Args> {
    missing_container(s).map(|typed| vec![("typed", typed)])
}

fn rm_running(s: &Situation<'_>) -> Option<Args> {
    s.command("docker", &["rm"]).filter(|_| s.wrote("container is running"))?;
    let name = quoted_after(output(s), "cannot remove container \"").unwrap_or_default();
    Some(vec![("name", name.trim_start_matches('/').to_owned())])
}

fn image_in_use(s: &Situation<'_>) -> Option<Args> {
    let used = ["being used by", "is using its referenced image"].iter().any(|text| s.wrote(text));
    s.command("docker", &["rmi"]).filter(|_| used)?;
    let text = output(s);
    let container = quoted_after(text, "used by running container ")
        .or_else(|| quoted_after(text, "used by stopped container "))
        .or_else(|| quoted_after(text, " - container "))?;
    Some(vec![("container", container.to_owned())])
}

fn must_be_forced(s: &Situation<'_>) -> Option<Args> {
    s.command("docker", &["rmi"])?;
    s.wrote("image is referenced in multiple repositories").then(Vec::new)
}

fn which_container(s: &Situation<'_>) -> Option<Args> {
    let wants = ["logs", "stop", "start", "rm", "exec", "inspect", "restart", "kill", "attach"];
    let command = s.commands.iter().find(|m| m.program == "docker" && wants.contains(&m.verb()))?;
    let short = s.wrote("requires 1 argument") || s.wrote("requires at least") && s.wrote("argument");
    (short && s.exit() != Some(0)).then(|| vec![("command", command.verb().to_owned())])
}

/// A shell without a terminal reads nothing and ends at once.
fn exec_needs_it(s: &Situation<'_>) -> Option<Args> {
    let exec = s.worked("docker", &["exec"])?;
    let shell =
        matches!(exec.rest.first().map(String::as_str), Some("bash" | "sh" | "/bin/bash" | "/bin/sh"));
    let talks = exec.flags.contains_key("interactive") && exec.flags.contains_key("tty");
    (shell && exec.rest.len() == 1 && !talks).then(Vec::new)
}

fn exec_not_found(s: &Situation<'_>) -> Option<Args> {
    let command = s.command("docker", &["exec"]).or_else(|| s.command("docker", &["run"]))?;
    let typed = command.rest.first()?.clone();
    s.wrote("executable file not found").then(|| vec![("typed", typed)])
}

fn container_stopped(s: &Situation<'_>) -> Option<Args> {
    let exec = s.command("docker", &["exec"]).filter(|_| s.exit() != Some(0) && s.wrote("is not running"))?;
    Some(vec![("name", exec.names.first()?.clone())])
}

fn template_failed(s: &Situation<'_>) -> Option<Args> {
    let format = s.commands.iter().find(|m| m.program == "docker" && m.flags.contains_key("format"))?;
    let wrong = ["template parsing error", "can't evaluate field", "map has no entry"];
    let failed = s.exit() != Some(0) && wrong.iter().any(|text| s.wrote(text));
    failed.then(|| vec![("command", format.verb().to_owned())])
}

/// The push worked, under another name than the one the step asks for.
pub(super) fn pushed_elsewhere(s: &Situation<'_>) -> Option<Args> {
    let typed = s.worked("docker", &["push"])?.names.first()?;
    let goals = s.goals.iter().zip(s.lines).filter(|(_, line)| line.state != State::Done);
    let mut wanted = goals.filter_map(|(goal, _)| match &goal.predicate {
        Predicate::RegistryImage { reference, .. } => Some(template::fill(reference, s.names)),
        _ => None,
    });
    let wanted = wanted.next().filter(|wanted| wanted != typed)?;
    Some(vec![("typed", typed.clone()), ("wanted", wanted)])
}

/// curl finds nobody, and the container that was run last has ended.
fn container_exited(s: &Situation<'_>) -> Option<Args> {
    let curl = s.commands.iter().find(|m| m.program == "curl").filter(|_| s.exit() == Some(7))?;
    let (_, port, _) = split_url(curl.names.first()?);
    if s.facts.listener(port).is_some() {
        return None;
    }
    let lines = s.executed.iter().rev().flat_map(|e| meaning::of_line(&e.line));
    let image = lines.filter(|m| m.is("docker", &["run"])).find_map(|m| m.names.first().cloned())?;
    let containers = s.facts.containers();
    let mut ours = containers.iter().filter(|c| c.image == image);
    let ended = ours.clone().find(|c| !c.running)?;
    (!ours.any(|c| c.running)).then(|| vec![("name", ended.name.clone())])
}

/// curl to the container's side of `-p`.
fn wrong_door(s: &Situation<'_>) -> Option<Args> {
    let curl = s.commands.iter().find(|m| m.program == "curl").filter(|_| s.exit() != Some(0))?;
    let (host, port, _) = split_url(curl.names.first()?);
    let here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "0.0.0.0");
    let containers = s.facts.containers();
    let mut doors = containers.iter().filter(|c| c.running).flat_map(|c| &c.published);
    let (yours, inside) = doors.find(|(_, inside)| *inside == port)?;
    (here && s.facts.listener(port).is_none())
        .then(|| vec![("port", inside.to_string()), ("yours", yours.to_string())])
}

/// curl came through a door, and nobody took the call behind it: the URL.
fn curl_was_cut_off<'s>(s: &'s Situation<'_>) -> Option<&'s String> {
    let curl = s.commands.iter().find(|m| m.program == "curl").filter(|_| s.exit() != Some(0))?;
    let cut_off = s.wrote("Connection reset by peer") || s.wrote("Empty reply from server");
    curl.names.first().filter(|_| cut_off)
}

/// The door leads to another port than the one the quest's application listens on.
fn door_to_nowhere(s: &Situation<'_>) -> Option<Args> {
    let app_port = s.app_port()?;
    let (_, port, _) = split_url(curl_was_cut_off(s)?);
    let containers = s.facts.containers();
    let mut doors =
        containers.iter().filter(|c| c.running).flat_map(|c| c.published.iter().map(move |d| (c, d)));
    let (container, (_, inside)) =
        doors.find(|(_, (yours, inside))| *yours == port && *inside != app_port)?;
    Some(vec![
        ("typed", format!("{port}:{inside}")),
        ("container", inside.to_string()),
        ("name", container.name.clone()),
    ])
}

/// The file was changed, and what was built before is run or asked again.
fn rebuild_forgotten(s: &Situation<'_>) -> Option<Args> {
    let tries = |m: &&crate::lesson::meaning::Meaning| {
        m.program == "curl"
            || m.program == "docker" && matches!(m.verb(), "run" | "restart" | "start")
            || m.is("kubectl", &["rollout", "restart"])
    };
    s.commands.iter().find(tries)?;
    let goals = || s.goals.iter().zip(s.lines);
    let edited = goals().any(|(g, line)| {
        matches!(&g.predicate, Predicate::File { test: Test::Contains(_), .. }) && line.state == State::Done
    });
    let unbuilt = goals().any(|(g, line)| {
        let built = matches!(
            &g.predicate,
            Predicate::LocalImage { gone: false, .. } | Predicate::RegistryImage { .. }
        );
        built && line.state != State::Done
    });
    (edited && unbuilt && s.times("docker", &["build"]) == 0).then(Vec::new)
}
