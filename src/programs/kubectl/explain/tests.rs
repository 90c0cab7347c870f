//! Explanations as they are printed, in both ways.

use super::wrap::{fill, wrap};
use super::{Question, openapi_v2, plaintext, split};

/// Explains `word` in the usual way; `wants` are lines that must be there, in this order.
#[track_caller]
fn check(word: &str, wants: &[&str]) {
    let Ok((resource, path)) = split(word, "") else { panic!("{word} is no kind") };
    let (text, failure) = plaintext::explain(&Question { resource, path, recursive: false });
    let mut lines = text.lines().chain(failure.as_deref());
    for want in wants {
        assert!(
            lines.any(|line| line == *want),
            "{word}: no line {want:?} (or too early) in\n{text}{failure:?}"
        );
    }
}

#[test]
fn fields_have_types_and_words() {
    check("pod", &["KIND:       Pod", "VERSION:    v1", "FIELDS:", "  spec\t<PodSpec>"]);
    check(
        "deploy.spec",
        &["GROUP:      apps", "FIELD: spec <DeploymentSpec>", "  selector\t<LabelSelector> -required-"],
    );
    check("deployments.apps.spec.replicas", &["FIELD: replicas <integer>"]);
    check(
        "svc.spec.ports",
        &["FIELD: ports <[]ServicePort>", "  protocol\t<string>", "  enum: SCTP, TCP, UDP"],
    );
    check("svc.spec.type", &["FIELD: type <string>", "ENUM:", "    ClusterIP", "    Possible enum values:"]);
    check("pod.metadata.creationTimestamp", &["FIELD: creationTimestamp <string>"]);
    check("pod.spec.containers.resources.limits", &["FIELD: limits <map[string]Quantity>"]);
    check("pod.spec.nope", &["field \"nope\" does not exist"]);
    check("pod.spec.containers.image.nope", &["field \"nope\" does not exist"]);
}

#[test]
fn the_tree_of_fields_ends() {
    for word in ["pods", "crd", "deploy.spec.template"] {
        let Ok((resource, path)) = split(word, "") else { panic!("{word} is no kind") };
        let question = Question { resource, path, recursive: true };
        assert!(plaintext::explain(&question).0.lines().count() > 100);
        assert!(openapi_v2::explain(&question).0.starts_with("KIND:     "));
    }
}

#[test]
fn lines_break_between_words() {
    for (text, limit, expect) in [
        ("one two three", 8, "one two\nthree"),
        ("a\n\n  b c", 3, "a\n\n  b\nc"),
        ("see https://very.long/address now", 10, "see\nhttps://very.long/address\nnow"),
        ("", 5, ""),
    ] {
        assert_eq!(wrap(text, limit), expect, "{text:?}");
    }
    assert_eq!(fill("a list:\n- one\n- two\nthree four", 10), ["a list:", "- one", "- two", "three four"]);
}
