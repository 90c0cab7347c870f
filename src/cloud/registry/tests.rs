//! Stories of pushing and pulling.

use super::*;

const PROJECT: &str = "qwiklabs-gcp-00-0123456789ab";

fn me() -> Caller {
    Caller::Account { name: "student".to_owned(), projects: BTreeSet::from([PROJECT.to_owned()]) }
}

fn reference(text: &str) -> ImageRef {
    ImageRef::parse(text).expect("a reference")
}

fn with_repository() -> Registries {
    let mut registries = Registries::default();
    registries.create_repository(Repository {
        project: PROJECT.to_owned(),
        location: "us-central1".to_owned(),
        name: "my-repository".to_owned(),
        format: "DOCKER".to_owned(),
        description: String::new(),
        created: SimTime(0),
        updated: SimTime(0),
    });
    registries
}

fn check_pull(text: &str, caller: &Caller, expect: &str) {
    let asked = reference(text);
    let got = match with_repository().pull(&asked, caller) {
        Ok(_) => "ok".to_owned(),
        Err(refusal) => refusal.of_docker_pull(&asked),
    };
    assert_eq!(got, expect, "{text}");
}

#[test]
fn pulling_says_what_docker_says() {
    check_pull("nginx", &Caller::Anonymous, "ok");
    check_pull("gcr.io/google-samples/hello-app:1.0", &Caller::Anonymous, "ok");
    check_pull(
        "node:nope",
        &Caller::Anonymous,
        "manifest for node:nope not found: manifest unknown: manifest unknown",
    );
    check_pull(
        "nosuchimage",
        &Caller::Anonymous,
        "pull access denied for nosuchimage, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    );
    let name = format!("us-central1-docker.pkg.dev/{PROJECT}/nope/app");
    let expect = format!("repository {name} not found: name unknown: Repository \"nope\" not found");
    check_pull(&format!("{name}:0.2"), &me(), &expect);
}

#[test]
fn a_push_needs_credentials_and_a_repository_and_can_move_a_tag() {
    let mut registries = with_repository();
    let target = reference(&format!("us-central1-docker.pkg.dev/{PROJECT}/my-repository/app"));
    let hello = registries.pull(&reference("hello-world"), &Caller::Anonymous).expect("hello-world");
    let nginx = registries.pull(&reference("nginx"), &Caller::Anonymous).expect("nginx");
    let refusal = registries.admit_push(&target, &hello, &Caller::Anonymous).expect_err("no credentials");
    assert!(refusal.of_docker_push(&target).starts_with("denied: Unauthenticated request."), "{refusal:?}");
    assert_eq!(registries.admit_push(&target, &hello, &me()), Ok(vec![false]));
    let first = registries.push(&target, &hello, SimTime(1));
    assert_eq!(registries.admit_push(&target, &hello, &me()), Ok(vec![true]));
    let second = registries.push(&target, &nginx, SimTime(2));
    assert_ne!(first, second);
    assert_eq!(registries.pull(&target, &me()).expect("latest").id, nginx.id);
    let by_digest = reference(&format!("{}@{first}", target.name()));
    assert_eq!(registries.pull(&by_digest, &me()).expect("the old one").id, hello.id);
}
