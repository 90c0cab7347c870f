//! Command lines: understood, misunderstood, and compared by meaning.

use super::meaning::meaning;
use super::{ROOT, help_text, parse};

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_string).collect()
}

/// `path | args | flags` of a command line, or its complaint.
fn check(line: &str, expect: &str) {
    let found = match parse(&words(line)) {
        Ok(parsed) => {
            let flags: Vec<String> =
                parsed.values().iter().map(|(name, values)| format!("{name}={}", values.join("+"))).collect();
            format!("{} | {} | {}", parsed.path.join(" "), parsed.args.join(" "), flags.join(" "))
        }
        Err(mistake) => match mistake.path {
            Some(path) => format!("{} ({path})", mistake.message),
            None => mistake.message.clone(),
        },
    };
    assert_eq!(found, expect, "{line}");
}

#[test]
fn command_lines_are_read_as_pflag_reads_them() {
    check("get pods -n kube-system -owide", "get | pods | namespace=kube-system output=wide");
    check(
        "-n x get -Aw po --show-labels=false",
        "get | po | all-namespaces=true namespace=x show-labels=false watch=true",
    );
    check("create deploy web --image=a,b --image c -r 3", "create deployment | web | image=a+b+c replicas=3");
    check("logs -p -c x pod --tail=-1", "logs | pod | container=x previous=true tail=-1");
    check(
        "run x --image=y -it --dry-run -- sh -c ls",
        "run | x sh -c ls | dry-run=unchanged image=y stdin=true tty=true",
    );
    check("exec web -it -- ls -l", "exec | web ls -l | stdin=true tty=true");
    check("rollout status deploy/x --timeout=1m30s", "rollout status | deploy/x | timeout=90000");
}

#[test]
fn complaints_are_pflags() {
    check("get pods --nosuchflag", "error: unknown flag: --nosuchflag (kubectl get)");
    check("get pods -z", "error: unknown shorthand flag: 'z' in -z (kubectl get)");
    check("get pods --namespace", "error: flag needs an argument: --namespace (kubectl get)");
    check("create -f", "error: flag needs an argument: 'f' in -f (kubectl create)");
    check(
        "create deployment x --replicas=two",
        "error: invalid argument \"two\" for \"-r, --replicas\" flag: strconv.ParseInt: parsing \"two\": invalid syntax (kubectl create deployment)",
    );
    check(
        "gett pods",
        "error: unknown command \"gett\" for \"kubectl\"\n\nDid you mean this?\n\tset\n\tget\n",
    );
    check("lst", "error: unknown command \"lst\" for \"kubectl\"\n\nDid you mean this?\n\tset\n\tget\n");
    check("status", "error: unknown command \"status\" for \"kubectl\"");
    check("create pod x --image=nginx", "error: unknown flag: --image (kubectl create)");
}

#[test]
fn spelling_does_not_change_the_meaning() {
    let same =
        |a: &str, b: &str| assert_eq!(meaning(&words(a)).unwrap(), meaning(&words(b)).unwrap(), "{a} / {b}");
    same("scale deployment web --replicas=4", "scale --replicas 4 deploy/web");
    same("get po -n x", "-n x get pods");
    same("create deployment web --image=nginx -r 1", "create deploy web --image nginx");
    same("delete pod,svc web", "delete svc/web pods/web");
    same("set image deploy/web nginx=nginx:2", "set image deployments web nginx=nginx:2");
    assert_ne!(meaning(&words("get pods")).unwrap(), meaning(&words("get pods -w")).unwrap());
}

#[test]
fn no_two_flags_of_a_command_share_a_name_or_a_letter() {
    fn visit(command: &super::Command) {
        let mut names: Vec<String> =
            command.sorted_flags().iter().map(|flag| flag.name.to_string()).collect();
        names.extend(
            command.sorted_flags().iter().filter_map(|flag| flag.short.map(|short| format!("-{short}"))),
        );
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all, "kubectl {}", command.name);
        assert!(command.required.iter().all(|name| command.flag(name).is_some()), "kubectl {}", command.name);
        command.children.iter().for_each(|child| visit(child));
    }
    visit(&ROOT);
}

#[test]
fn help_has_flags_and_the_usage_line() {
    let parsed = parse(&words("create deployment")).unwrap();
    let help = help_text(parsed.command, &parsed.path);
    for part in [
        "\nAliases:\ndeployment, deploy\n",
        "\nOptions:\n    --allow-missing-template-keys=true:\n\t",
        "    -r, --replicas=1:\n\t",
        "\nUsage:\n  kubectl create deployment NAME --image=image -- [COMMAND] [args...] [options]\n\nUse \"kubectl options\" for",
    ] {
        assert!(help.contains(part), "{help}");
    }
    assert!(
        help_text(&ROOT, &[]).contains("\nUsage:\n  kubectl [flags] [options]\n"),
        "{}",
        help_text(&ROOT, &[])
    );
}
