//! Command lines as docker's own parser takes them: which command answers, on which stream, and with which code.

use super::Story;

/// What a line gives: standard output or error by its first line, and the code.
fn check(story: &Story, line: &str, stream: &str, first: &str, code: i32) {
    let (out, err, got) = story.docker(line);
    let text = if stream == "out" { &out } else { &err };
    assert_eq!((text.lines().next().unwrap_or_default(), got), (first, code), "docker {line}\n{out}{err}");
}

#[test]
fn flags_are_read_before_words_are_known() {
    let story = Story::new();
    check(&story, "container foo --bar", "err", "unknown flag: --bar", 125);
    check(&story, "foo --bar", "err", "unknown flag: --bar", 125);
    check(&story, "ps --help --foo", "err", "unknown flag: --foo", 125);
    check(&story, "container foo", "err", "docker: unknown command: docker container foo", 1);
    check(&story, "tag a b c --foo", "err", "docker: 'docker tag' requires 2 arguments", 1);
    check(&story, "trust signer remove --foo", "err", "unknown flag: --foo", 125);
}

#[test]
fn help_comes_for_whatever_is_named() {
    let story = Story::new();
    check(&story, "--help ps", "out", "Usage:  docker ps [OPTIONS]", 0);
    check(&story, "container ps --help", "out", "Usage:  docker container ls [OPTIONS]", 0);
    check(&story, "help config rm", "out", "Usage:  docker config rm CONFIG [CONFIG...]", 0);
    check(&story, "help help", "out", "Usage:  docker help [command]", 0);
    check(&story, "help ps x", "err", "unknown help topic: x", 1);
    check(&story, "help build", "out", "Usage:  docker build [OPTIONS] PATH | URL | -", 0);
    check(&story, "build --help", "out", "Usage:  docker buildx build [OPTIONS] PATH | URL | -", 0);
    check(&story, "ps -h", "out", "Flag shorthand -h has been deprecated, use --help", 0);
    check(&story, "-h", "err", "Flag shorthand -h has been deprecated, use --help", 0);
    check(&story, "compose", "out", "Usage:  docker compose [OPTIONS] COMMAND", 0);
}

#[test]
fn a_command_goes_before_the_version() {
    let story = Story::new();
    check(&story, "-v", "out", "Docker version 28.2.2, build e6534b4", 0);
    assert!(story.ok("-v ps").starts_with("CONTAINER ID"));
}

#[test]
fn contexts_are_kept_and_chosen() {
    let story = Story::new();
    check(
        &story,
        "context create x",
        "err",
        "context name \"x\" is invalid, names are validated against regexp \"^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$\"",
        1,
    );
    check(&story, "context create my --docker host=tcp://10.0.0.1:2375", "out", "my", 0);
    check(&story, "context create my", "err", "context \"my\" already exists", 1);
    check(&story, "context update my --description far", "err", "Successfully updated context \"my\"", 0);
    check(&story, "context use my", "err", "Current context is now \"my\"", 0);
    assert_eq!(story.ok("context show"), "my\n");
    assert!(story.ok("context ls").contains("my *      far"));
    check(
        &story,
        "ps",
        "err",
        "Cannot connect to the Docker daemon at tcp://10.0.0.1:2375. Is the docker daemon running?",
        1,
    );
    assert!(story.ok("--context default ps").starts_with("CONTAINER ID"));
    check(&story, "context rm my", "err", "context \"my\" is in use, set -f flag to force remove", 1);
    story.ok("context use default");
    assert_eq!(story.ok("context rm my"), "my\n");
    check(&story, "context rm my", "err", "context \"my\" does not exist", 1);
}

#[test]
fn ports_that_are_neighbours_are_a_range() {
    let story = Story::new();
    story.ok("pull busybox");
    story.ok("run -d --name ranges -p 9000-9002:9000-9002 -p 8080:80 --expose 70 busybox sleep 100");
    assert_eq!(
        story.ok("ps --format '{{.Ports}}'"),
        "70/tcp, 0.0.0.0:9000-9002->9000-9002/tcp, [::]:9000-9002->9000-9002/tcp, 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp\n"
    );
}

#[test]
fn archives_bring_back_what_was_removed() {
    let story = Story::new();
    story.ok("pull busybox");
    story.ok("tag busybox kept:1");
    let id = story.ok("images -q --no-trunc kept");
    story.ok("save -o all.tar kept:1");
    story.ok("rmi kept:1 busybox");
    assert_eq!(story.ok("load -i all.tar"), "Loaded image: kept:1\n");
    assert_eq!(story.ok("images -q --no-trunc kept"), id);
    story.ok("run --name box kept:1 true");
    story.ok("export -o box.tar box");
    story.ok("import -c 'CMD [\"echo\", \"hello\"]' box.tar made:1");
    assert_eq!(story.ok("run --rm made:1"), "hello\n");
    check(
        &story,
        "import -c 'FROM x' box.tar made:2",
        "err",
        "Error response from daemon: FROM is not a valid change command",
        1,
    );
    story.write("text", "no archive");
    check(&story, "load -i text", "err", "unexpected EOF", 1);
}

#[test]
fn a_build_can_be_asked_instead() {
    let story = Story::new();
    story.ok("pull busybox");
    story.write("test/Dockerfile", "FROM busybox AS one\nCMD a\n");
    let (out, _, code) = story.docker("build --check test");
    assert!(out.starts_with("Check complete, 1 warning has been found!\n") && code == 1, "{out}");
    assert_eq!(story.ok("build --call targets test"), "TARGET        DESCRIPTION\none (default) \n");
    check(&story, "build --label =x test", "err", "ERROR: invalid key-value pair \"=x\": empty key", 1);
    check(
        &story,
        "build -f no/Dockerfile test",
        "err",
        "ERROR: failed to build: resolve : lstat no: no such file or directory",
        1,
    );
    story.write("test/Dockerfile", "# escape=`\nFROM busybox\nARG WHO=you\nRUN echo hi `\n $WHO ${NOBODY}\n");
    let (_, err, _) = story.docker("build test");
    assert!(err.contains("[2/2] RUN echo hi  you ${NOBODY}\n"), "{err}");
    story.write("test/Dockerfile", "FROM busybox\nRUN <<END\necho one\nEND\n");
    let (_, err, _) = story.docker("build test");
    assert!(err.contains("[2/2] RUN <<END (echo one...)\n"), "{err}");
    story.write("test/Dockerfile", "FROM busybox\nMAINTAINER\n");
    let (_, err, _) = story.docker("build test");
    assert!(err.contains("#1 WARN: MaintainerDeprecated: "), "told before the error: {err}");
}

#[test]
fn the_old_builder_has_its_own_flags_and_codes() {
    let mut story = Story::new();
    story.ok("pull busybox");
    story.env.insert("DOCKER_BUILDKIT".to_owned(), "0".to_owned());
    story
        .write("test/Dockerfile", "ARG BASE=busybox\nFROM $BASE AS one\nARG WHO\nRUN exit 3\nFROM busybox\n");
    let (_, err, code) = story.docker("build --secret id=x test");
    assert!(err.contains("unknown flag: --secret\n") && code == 125, "{err}");
    let (out, err, code) = story.docker("build --target one test");
    assert!(out.contains("Step 1/4 : ARG BASE=busybox\nStep 2/4 : FROM $BASE AS one\n"), "{out}");
    assert!(
        err.ends_with("The command '/bin/sh -c exit 3' returned a non-zero code: 3\n") && code == 3,
        "{err}"
    );
    let (_, err, _) = story.docker("build --target two test");
    assert!(err.ends_with("Error response from daemon: target stage \"two\" could not be found\n"), "{err}");
    story.env.insert("DOCKER_BUILDKIT".to_owned(), "maybe".to_owned());
    check(
        &story,
        "build test",
        "err",
        "DOCKER_BUILDKIT environment variable expects boolean value: strconv.ParseBool: parsing \"maybe\": invalid syntax",
        1,
    );
}
