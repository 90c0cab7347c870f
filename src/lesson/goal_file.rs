//! A goal as it is written in `lesson.toml`, and reading it: one subject, what must be true of it, and what is wrong
//! with it otherwise. Never looks at a world.

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use crate::lesson::goal::{Goal, Predicate, Test};
use crate::lesson::meaning;

/// A goal as it is written in `lesson.toml`: one subject, and what must be true of it.
#[derive(Debug, Clone, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct GoalFile {
    // --- subjects: exactly one ---
    /// `deployment/hello-node`: an object of the cluster.
    #[serde(default)]
    pub object: Option<String>,
    /// `pods`: how many objects of a kind (with `selector`, `ready`, `image`, `new`, `runs`).
    #[serde(default)]
    pub count: Option<String>,
    /// `~/server.js`: a file on the learner's machine.
    #[serde(default)]
    pub file: Option<String>,
    /// `hello-node:v1`: an image in the local Docker engine (with `differs_from`, `gone`).
    #[serde(default)]
    pub local_image: Option<String>,
    /// An image that the registry serves.
    #[serde(default)]
    pub registry_image: Option<String>,
    /// `LOCATION/NAME`: a Docker repository in Artifact Registry.
    #[serde(default)]
    pub repository: Option<String>,
    /// `hello-node:v1`: a container of that image (with `running`, `port`, `gone`).
    #[serde(default)]
    pub container: Option<String>,
    /// `http://localhost:8080/`: an answer that the learner's own command got in this step (with `by`, `contains`).
    #[serde(default)]
    pub reply: Option<String>,
    /// `hello-world`: a cluster of the project that runs and that kubectl talks to (with `nodes`).
    #[serde(default)]
    pub cluster: Option<String>,
    /// `core/project`: a gcloud property.
    #[serde(default)]
    pub gcloud: Option<String>,
    /// `31000`: a TCP port of the nodes that the project's firewall lets in from anywhere.
    #[serde(default)]
    pub open_port: Option<u16>,
    /// A command of this meaning was run in this step. Only for looking. Several: any of them.
    #[serde(default)]
    pub ran: Option<OneOrMore>,
    /// The question that was answered rightly.
    #[serde(default)]
    pub answered: Option<String>,

    // --- what must be true ---
    /// With `object`: the field, `.spec.replicas`; without it the object itself.
    #[serde(default)]
    pub path: Option<String>,
    /// Namespace of `object` and `count`; `default` when left out.
    #[serde(default)]
    pub namespace: Option<String>,
    /// With `count`: labels, `app=hello-node`.
    #[serde(default)]
    pub selector: Option<String>,
    /// With `count`: only those that are Ready.
    #[serde(default)]
    pub ready: bool,
    /// With `count = "pods"`: only those whose first container was given this image.
    #[serde(default)]
    pub image: Option<String>,
    /// With `count = "pods"`: only those that run the very bytes the registry has under this name now.
    #[serde(default)]
    pub runs: Option<String>,
    /// With `count`: only those created since this step began. With `registry_image`: pushed anew since then.
    #[serde(default)]
    pub new: bool,
    /// With `count`: those that `deployment/NAME` or `service/NAME` selects, whatever the labels are.
    #[serde(default)]
    pub of: Option<String>,
    /// With `registry_image`: not what the pods of this `deployment/NAME` run now. With `local_image`: not the
    /// content of this other image.
    #[serde(default)]
    pub differs_from: Option<String>,
    /// With `container`: whether it must run (the default) or must have stopped.
    #[serde(default)]
    pub running: Option<bool>,
    /// With `container`: the host port it publishes.
    #[serde(default)]
    pub port: Option<u16>,
    /// With `container` and `local_image`: there must be none. The subject may be `*`, any.
    #[serde(default)]
    pub gone: bool,
    /// With `cluster`: at least so many nodes.
    #[serde(default)]
    pub nodes: Option<u32>,
    /// With `reply`: who must have answered, the start of it: `process/`, `container/`, `pod/hello-node-`.
    #[serde(default)]
    pub by: Option<String>,
    /// With `reply`: it must have got none (refused, dropped, or ended by the client).
    #[serde(default)]
    pub fails: bool,
    /// With `ran`: whether the command must have succeeded (the default).
    #[serde(default)]
    pub succeeds: Option<bool>,
    /// Counts only once every goal above it holds.
    #[serde(default)]
    pub then: bool,
    /// The value must be this.
    #[serde(default)]
    pub is: Option<toml::Value>,
    /// The value must not be this.
    #[serde(default)]
    pub is_not: Option<toml::Value>,
    /// The number must be at least this.
    #[serde(default)]
    pub at_least: Option<i64>,
    /// The text must contain this.
    #[serde(default)]
    pub contains: Option<String>,
    /// The text must match this regular expression.
    #[serde(default)]
    pub matches: Option<String>,
}

/// A text, or a list of texts of which one is enough.
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum OneOrMore {
    One(String),
    More(Vec<String>),
}

type Wrong = (String, String);

fn wrong(message: impl Into<String>, fix: impl Into<String>) -> Wrong {
    (message.into(), fix.into())
}

impl Goal {
    /// Reads a goal; the error is what is wrong and what to do.
    pub fn check(file: &GoalFile) -> Result<Goal, Wrong> {
        let subjects = [
            ("object", file.object.is_some()),
            ("count", file.count.is_some()),
            ("file", file.file.is_some()),
            ("local_image", file.local_image.is_some()),
            ("registry_image", file.registry_image.is_some()),
            ("repository", file.repository.is_some()),
            ("container", file.container.is_some()),
            ("reply", file.reply.is_some()),
            ("cluster", file.cluster.is_some()),
            ("gcloud", file.gcloud.is_some()),
            ("open_port", file.open_port.is_some()),
            ("ran", file.ran.is_some()),
            ("answered", file.answered.is_some()),
        ];
        let named: Vec<&str> = subjects.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
        let subject = match named.as_slice() {
            [one] => *one,
            [] => {
                return Err(wrong(
                    "a goal without a subject",
                    format!("Give one of {}.", subjects.map(|(n, _)| n).join(", ")),
                ));
            }
            several => {
                return Err(wrong(
                    format!("a goal with {} subjects", several.len()),
                    format!("Make {} goals of {}.", several.len(), several.join(" and ")),
                ));
            }
        };
        file.fits(subject)?;
        Ok(Goal { predicate: file.predicate()?, then: file.then })
    }
}

impl GoalFile {
    /// Each condition belongs to certain subjects; one that does not is a mistake, not a wish to be ignored.
    fn fits(&self, subject: &str) -> Result<(), Wrong> {
        let tested = ["object", "count", "file", "reply", "gcloud"];
        let rules: [(&str, bool, &[&str]); 21] = [
            ("of", self.of.is_some(), &["count"]),
            ("path", self.path.is_some(), &["object"]),
            ("namespace", self.namespace.is_some(), &["object", "count"]),
            ("selector", self.selector.is_some(), &["count"]),
            ("ready", self.ready, &["count"]),
            ("image", self.image.is_some(), &["count"]),
            ("runs", self.runs.is_some(), &["count"]),
            ("new", self.new, &["count", "registry_image"]),
            ("differs_from", self.differs_from.is_some(), &["registry_image", "local_image"]),
            ("gone", self.gone, &["container", "local_image"]),
            ("running", self.running.is_some(), &["container"]),
            ("port", self.port.is_some(), &["container"]),
            ("nodes", self.nodes.is_some(), &["cluster"]),
            ("by", self.by.is_some(), &["reply"]),
            ("fails", self.fails, &["reply"]),
            ("succeeds", self.succeeds.is_some(), &["ran"]),
            ("is", self.is.is_some(), &tested),
            ("is_not", self.is_not.is_some(), &tested),
            ("at_least", self.at_least.is_some(), &["object", "count"]),
            ("contains", self.contains.is_some(), &tested),
            ("matches", self.matches.is_some(), &tested),
        ];
        for (name, given, subjects) in rules {
            if given && !subjects.contains(&subject) {
                let message = format!("`{name}` says nothing about `{subject}`");
                return Err(wrong(message, format!("It goes with {}.", subjects.join(", "))));
            }
        }
        Ok(())
    }

    fn predicate(&self) -> Result<Predicate, Wrong> {
        let namespace = self.namespace.clone().unwrap_or_else(|| "default".to_owned());
        if let Some(object) = &self.object {
            let (kind, name) = one_object(object)?;
            if let Some(path) = self.path.as_ref().filter(|p| !p.starts_with('.')) {
                return Err(wrong(
                    format!("`{path}` is not a path"),
                    "A path begins with a dot, `.spec.replicas`.",
                ));
            }
            return Ok(Predicate::Object {
                kind,
                namespace,
                name,
                path: self.path.clone(),
                test: self.test()?,
            });
        }
        if let Some(kind) = &self.count {
            let test = self.test()?;
            if matches!(test, Test::Exists | Test::Contains(_) | Test::Matches(_)) {
                return Err(wrong("a count needs a number", "Say `is = 4` or `at_least = 1`."));
            }
            let kind = one_kind(kind)?;
            let selector = selector(self.selector.as_deref().unwrap_or_default())?;
            let of = self.of.as_deref().map(one_object).transpose()?;
            let (image, runs) = (self.image.clone(), self.runs.clone());
            if kind != "pods" && (self.ready || image.is_some() || runs.is_some()) {
                return Err(wrong(
                    "`ready`, `image` and `runs` are about pods",
                    "Count pods, or leave them out.",
                ));
            }
            return Ok(Predicate::Count {
                kind,
                namespace,
                selector,
                of,
                ready: self.ready,
                image,
                runs,
                new: self.new,
                test,
            });
        }
        if let Some(repository) = &self.repository {
            let Some((location, name)) = repository.split_once('/') else {
                return Err(wrong(
                    format!("`{repository}` is not LOCATION/NAME"),
                    "For example {region}/my-docker-repo.",
                ));
            };
            return Ok(Predicate::Repository { location: location.to_owned(), name: name.to_owned() });
        }
        if let Some(ran) = &self.ran {
            let any = match ran {
                OneOrMore::One(line) => vec![line.clone()],
                OneOrMore::More(lines) => lines.clone(),
            };
            if any.is_empty() || any.iter().any(|line| meaning::of_line(line).len() != 1) {
                return Err(wrong(
                    "`ran` wants one command a line",
                    "Write `ran = \"kubectl get pods\"` or a list of such lines.",
                ));
            }
            return Ok(Predicate::Ran { any, succeeds: self.succeeds.unwrap_or(true) });
        }
        if let Some(port) = self.open_port {
            return Ok(Predicate::OpenPort { port });
        }
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Ok(match () {
            () if self.file.is_some() => Predicate::File { path: text(&self.file), test: self.test()? },
            () if self.local_image.is_some() => Predicate::LocalImage {
                reference: text(&self.local_image),
                differs_from: self.differs_from.clone(),
                gone: self.gone,
            },
            () if self.registry_image.is_some() => Predicate::RegistryImage {
                reference: text(&self.registry_image),
                differs_from: self.differs_from.as_deref().map(one_object).transpose()?,
                new: self.new,
            },
            () if self.container.is_some() => Predicate::Container {
                image: text(&self.container),
                running: self.running.unwrap_or(true),
                port: self.port,
                gone: self.gone,
            },
            () if self.reply.is_some() => Predicate::Reply {
                url: text(&self.reply),
                by: self.by.clone(),
                fails: self.fails,
                test: self.test()?,
            },
            () if self.cluster.is_some() => {
                Predicate::Cluster { name: text(&self.cluster), nodes: self.nodes }
            }
            () if self.gcloud.is_some() => {
                Predicate::Gcloud { property: text(&self.gcloud), test: self.test()? }
            }
            () => Predicate::Answered { question: text(&self.answered) },
        })
    }

    fn test(&self) -> Result<Test, Wrong> {
        let mut tests = Vec::new();
        tests.extend(self.is.as_ref().map(|v| Test::Is(json(v))));
        tests.extend(self.is_not.as_ref().map(|v| Test::IsNot(json(v))));
        tests.extend(self.at_least.map(Test::AtLeast));
        tests.extend(self.contains.clone().map(Test::Contains));
        if let Some(pattern) = &self.matches {
            let regex = Regex::new(pattern).map_err(|_| {
                wrong(
                    format!("`{pattern}` is not a regular expression"),
                    "Escape special characters with a backslash, in single quotes.",
                )
            })?;
            tests.push(Test::Matches(regex));
        }
        if tests.len() > 1 {
            return Err(wrong(
                "a goal with several tests",
                "Make a goal of each of is, is_not, at_least, contains, matches.",
            ));
        }
        Ok(tests.pop().unwrap_or(Test::Exists))
    }
}

/// `deployment/NAME` as plural kind and name.
fn one_object(typed: &str) -> Result<(String, String), Wrong> {
    let Some((kind, name)) = typed.split_once('/') else {
        return Err(wrong(
            format!("`{typed}` does not name one object"),
            "Write kind/name, for example deployment/hello-node.",
        ));
    };
    Ok((one_kind(kind)?, name.to_owned()))
}

fn one_kind(typed: &str) -> Result<String, Wrong> {
    match meaning::kinds(typed).as_slice() {
        [one] if !typed.is_empty() => Ok(one.clone()),
        _ => {
            Err(wrong(format!("`{typed}` is not one kind"), "Name a kind such as pods, deployment, service."))
        }
    }
}

fn selector(text: &str) -> Result<Vec<(String, String)>, Wrong> {
    let pairs = text.split(',').filter(|part| !part.trim().is_empty()).map(|part| {
        let (key, value) = part.split_once('=').ok_or_else(|| {
            wrong(format!("`{part}` is not a label"), "Write key=value, with commas between.")
        })?;
        Ok((key.trim().to_owned(), value.trim_start_matches('=').trim().to_owned()))
    });
    pairs.collect()
}

fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(s) => Value::from(s.as_str()),
        toml::Value::Integer(n) => Value::from(*n),
        toml::Value::Float(n) => Value::from(*n),
        toml::Value::Boolean(b) => Value::from(*b),
        toml::Value::Datetime(d) => Value::from(d.to_string()),
        toml::Value::Array(items) => Value::Array(items.iter().map(json).collect()),
        toml::Value::Table(table) => Value::Object(table.iter().map(|(k, v)| (k.clone(), json(v))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(goal: &str, expect: &str) {
        let file: GoalFile = toml::from_str(goal).expect(goal);
        let got = Goal::check(&file)
            .map_or_else(|(message, fix)| format!("{message} | {fix}"), |_| "fine".to_owned());
        assert_eq!(got, expect, "{goal}");
    }

    #[test]
    fn goals_that_make_no_sense_are_refused() {
        check("object = \"deployment/x\"\npath = \".spec.replicas\"\nis = 4", "fine");
        check("count = \"pods\"\nselector = \"app=x\"\nready = true\nat_least = 1", "fine");
        check("count = \"pods\"", "a count needs a number | Say `is = 4` or `at_least = 1`.");
        check(
            "count = \"services\"\nready = true\nis = 1",
            "`ready`, `image` and `runs` are about pods | Count pods, or leave them out.",
        );
        check(
            "object = \"deployment/x\"\nfile = \"y\"",
            "a goal with 2 subjects | Make 2 goals of object and file.",
        );
        check("file = \"x\"\nready = true", "`ready` says nothing about `file` | It goes with count.");
        check(
            "file = \"x\"\nis = 1\ncontains = \"y\"",
            "a goal with several tests | Make a goal of each of is, is_not, at_least, contains, matches.",
        );
        check(
            "file = \"x\"\nmatches = \"(\"",
            "`(` is not a regular expression | Escape special characters with a backslash, in single quotes.",
        );
        check(
            "object = \"deployment/x\"\npath = \"spec\"",
            "`spec` is not a path | A path begins with a dot, `.spec.replicas`.",
        );
        check(
            "ran = \"a; b\"",
            "`ran` wants one command a line | Write `ran = \"kubectl get pods\"` or a list of such lines.",
        );
        check(
            "count = \"pods\"\nselector = \"app\"\nis = 1",
            "`app` is not a label | Write key=value, with commas between.",
        );
        check("repository = \"x\"", "`x` is not LOCATION/NAME | For example {region}/my-docker-repo.");
    }
}
