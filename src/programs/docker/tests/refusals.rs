//! What docker refuses, filters and prunes, as one types it.

use super::Story;

/// The refusal of a command: the first line of standard error and the code.
fn refused(story: &Story, line: &str, code: i32, expect: &str) {
    let (out, err, got) = story.docker(line);
    let first = err.lines().next().unwrap_or_default();
    assert_eq!((first, got), (expect, code), "docker {line}\n{out}{err}");
}

#[test]
fn the_engine_says_what_it_cannot_give() {
    let story = Story::new();
    story.ok("pull node:lts");
    let run = |flags: &str, why: &str| {
        refused(
            &story,
            &format!("run -d {flags} node:lts"),
            125,
            &format!("docker: Error response from daemon: {why}"),
        );
    };
    run("-m 1m", "Minimum memory limit allowed is 6MB");
    run("--cpus 3", "range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available");
    run("--stop-signal FOO", "invalid signal: FOO");
    run("-v /a:/b:zz", "invalid mode: zz");
    run("--user nobody-here", "unable to find user nobody-here: no matching entries in passwd file");
    run("--network container:gone", "joining network namespace of container: No such container: gone");
    refused(
        &story,
        "run --cpu-count 2 node:lts",
        1,
        "\"--cpu-count\" is only supported on a Docker daemon running on windows, but the Docker daemon is running on linux",
    );
    refused(
        &story,
        "service ls",
        1,
        "Error response from daemon: This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.",
    );
}

#[test]
fn filters_are_checked_and_hold() {
    let story = Story::new();
    refused(
        &story,
        "ps -f status=foo",
        1,
        "Error response from daemon: invalid filter 'status=foo': invalid value for state (foo): must be one of created, running, paused, restarting, removing, exited, dead",
    );
    refused(&story, "volume ls -f foo=bar", 1, "Error response from daemon: invalid filter 'foo'");
    refused(
        &story,
        "images -f dangling=maybe",
        1,
        "Error response from daemon: invalid filter 'dangling=[maybe]'",
    );
    story.ok("volume create --label keep=1 kept");
    story.ok("volume create other");
    assert_eq!(story.ok("volume ls -q -f label=keep"), "kept\n");
    story.ok("network create --label a=b --subnet 10.9.0.0/24 mine");
    assert_eq!(
        story.ok("network inspect mine -f '{{(index .IPAM.Config 0).Gateway}} {{.Labels}}'"),
        " map[a:b]\n",
        "only what was chosen is kept"
    );
    assert_eq!(story.ok("network prune -f --filter label=none"), "");
    assert_eq!(story.ok("network prune -f --filter label=a"), "Deleted Networks:\nmine\n\n");
}

#[test]
fn templates_have_whole_structures_and_numbers() {
    let story = Story::new();
    story.ok("run -d --name web -l env=dev node:lts");
    assert_eq!(
        story.ok("inspect -f '{{printf \"%03d\" .RestartCount}} {{.Config.Healthcheck}}' web"),
        "000 <nil>\n"
    );
    assert_eq!(
        story.ok("ps --format 'table {{.Names}}\\t{{.Label \"env\"}}'"),
        "NAMES     env\nweb       dev\n"
    );
    assert_eq!(
        story.ok("version -f '{{(index .Server.Components 2).Name}} {{.Client.Context}}'"),
        "runc default\n"
    );
    assert_eq!(story.ok("info -f '{{.Swarm.LocalNodeState}} {{.NCPU}}'"), "inactive 2\n");
    let starts = story
        .ok("events --since 1h --until 0s -f event=start --format '{{.Type}} {{.Actor.Attributes.name}}'");
    assert_eq!(starts, "container web\n");
}
