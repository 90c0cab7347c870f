//! BuildKit's checks of a Dockerfile: what is allowed but unwise. In its order: what reading the file shows, then what
//! building its stages shows. Never stops a build.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::image::{Image, ImageRef};
use crate::programs::docker::format::quote;

use super::Options;
use super::arguments::{near, with_hint};
use super::bases::base_name;
use super::dockerfile::{Dockerfile, Instruction, Stage, json_form};
use super::expand::{self, expanded};
use super::step::{Built, makes_layer};

/// Names in ARG and ENV that look like secrets.
const SECRETS: &[&str] =
    &["apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"];

/// One thing that was found.
#[derive(Debug, Clone)]
pub struct Finding {
    pub rule: String,
    pub sentence: String,
    pub line: usize,
}

/// What was found, each `RULE: sentence (line N)`.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<String>,
    /// All that was found.
    pub found: Vec<Finding>,
    rules: BTreeSet<String>,
    /// Rules that `# check=skip=` leaves out; `all` leaves out every one.
    skipped: Vec<String>,
}

impl Findings {
    /// Begins without anything found.
    pub fn new(file: &Dockerfile) -> Self {
        Findings {
            list: Vec::new(),
            found: Vec::new(),
            rules: BTreeSet::new(),
            skipped: file.skipped_checks.clone(),
        }
    }

    /// What was found since this was asked last.
    pub fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.list)
    }

    fn note(&mut self, line: usize, rule: &str, sentence: &str) {
        if !self.skipped.iter().any(|s| s == "all" || s == rule) {
            self.rules.insert(rule.to_owned());
            self.found.push(Finding { rule: rule.to_owned(), sentence: sentence.to_owned(), line });
            self.list.push(format!("{rule}: {sentence} (line {line})"));
        }
    }

    /// What the text alone shows.
    pub fn of_reading(&mut self, file: &Dockerfile, build_args: &BTreeMap<String, String>) {
        self.of_parsing(file);
        self.stage_names(file);
        self.casing(file);
        self.base_names(file, build_args);
    }

    /// What shows while instructions are read, also of a file that cannot be read to its end.
    pub fn of_parsing(&mut self, file: &Dockerfile) {
        for line in &file.empty_continuations {
            self.note(*line, "NoEmptyContinuation", "Empty continuation line");
        }
        for stage in &file.stages {
            self.of_from(stage);
        }
        for line in &file.maintainers {
            let sentence = "Maintainer instruction is deprecated in favor of using label";
            self.note(*line, "MaintainerDeprecated", sentence);
        }
    }

    /// The rules that were broken so far, by name.
    pub fn rules(&self) -> Vec<String> {
        self.rules.iter().cloned().collect()
    }

    fn of_from(&mut self, stage: &Stage) {
        let (from, words) = (&stage.from, stage.from.rest.split_whitespace().collect::<Vec<_>>());
        let [_, word, name] = words.as_slice() else { return };
        if *name != name.to_lowercase() {
            let sentence = format!("Stage name '{name}' should be lowercase");
            self.note(from.lines.0, "StageNameCasing", &sentence);
        }
        let lower = |text: &str| text == text.to_lowercase();
        if consistent(&from.typed) && lower(word) != lower(&from.typed) {
            let sentence = format!("'{word}' and '{}' keywords' casing do not match", from.typed);
            self.note(from.lines.0, "FromAsCasing", &sentence);
        }
    }

    fn stage_names(&mut self, file: &Dockerfile) {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for stage in &file.stages {
            let Some(name) = stage.name.as_deref() else { continue };
            let (line, shown) = (stage.from.lines.0, quote(name));
            if matches!(name, "context" | "scratch") {
                let sentence = format!("Stage name should not use the same name as reserved stage {shown}");
                self.note(line, "ReservedStageName", &sentence);
            }
            if !seen.insert(name) {
                let sentence = format!("Duplicate stage name {shown}, stage names should be unique");
                self.note(line, "DuplicateStageName", &sentence);
            }
        }
    }

    fn casing(&mut self, file: &Dockerfile) {
        let all: Vec<&Instruction> =
            file.stages.iter().flat_map(|s| std::iter::once(&s.from).chain(&s.steps)).collect();
        let counted = all.iter().filter(|i| consistent(&i.typed));
        let (lower, upper): (Vec<&Instruction>, Vec<_>) =
            counted.partition(|i| i.typed == i.typed.to_lowercase());
        let (which, wanted): (_, fn(&str) -> String) = match lower.len() > upper.len() {
            true => ("lowercase", str::to_lowercase),
            false => ("uppercase", str::to_uppercase),
        };
        for instruction in all.into_iter().filter(|i| i.typed != wanted(&i.typed)) {
            let typed = &instruction.typed;
            let sentence =
                format!("Command '{typed}' should match the case of the command majority ({which})");
            self.note(instruction.lines.0, "ConsistentInstructionCasing", &sentence);
        }
    }

    fn base_names(&mut self, file: &Dockerfile, build_args: &BTreeMap<String, String>) {
        let defaults = super::bases::global_args(&BTreeMap::new(), file);
        let given = super::bases::global_args(build_args, file);
        for stage in &file.stages {
            if ImageRef::parse(&base_name(stage, &defaults)).is_err() {
                let base = &stage.base;
                let sentence =
                    format!("Default value for ARG {base} results in empty or invalid base image name");
                self.note(stage.from.lines.0, "InvalidDefaultArgInFrom", &sentence);
            }
        }
        let declared: BTreeSet<String> = file
            .globals
            .iter()
            .flat_map(|step| argument_names(&step.rest))
            .chain(given.keys().cloned())
            .collect();
        for stage in &file.stages {
            self.undeclared(stage, &stage.base, &given, &declared);
            if let Some(platform) = stage.from.flag("platform") {
                self.undeclared(stage, platform, &given, &declared);
                self.platform(stage, platform);
            }
        }
    }

    fn undeclared(
        &mut self,
        stage: &Stage,
        text: &str,
        values: &BTreeMap<String, String>,
        declared: &BTreeSet<String>,
    ) {
        let unknown = expanded(text, &|name| values.get(name).cloned()).unwrap_or_default().unknown;
        for name in unknown.iter().filter(|name| !declared.contains(*name)) {
            let hint = near(name, declared.iter().cloned());
            let sentence = with_hint(&format!("FROM argument '{name}' is not declared"), hint.as_deref());
            self.note(stage.from.lines.0, "UndefinedArgInFrom", &sentence);
        }
    }

    fn platform(&mut self, stage: &Stage, platform: &str) {
        let line = stage.from.lines.0;
        if matches!(platform, "$TARGETPLATFORM" | "${TARGETPLATFORM}") {
            let sentence = format!(
                "Setting platform to predefined {platform} in FROM is redundant as this is the default behavior"
            );
            return self.note(line, "RedundantTargetPlatform", &sentence);
        }
        let name = stage.name.as_deref().unwrap_or_default();
        let said = platform.split('/').any(|part| name.contains(part));
        if !platform.contains('$') && !said {
            let sentence = format!("FROM --platform flag should not use constant value {}", quote(platform));
            self.note(line, "FromPlatformFlagConstDisallowed", &sentence);
        }
    }

    /// As [`Self::of_building`], for the stages that the wanted one needs.
    pub fn of_stages(
        &mut self,
        options: &Options,
        file: &Dockerfile,
        image_of: &dyn Fn(&str) -> Option<Rc<Image>>,
    ) {
        let globals = super::bases::global_args(&options.args, file);
        // A target that is not there was complained about before.
        let needed = super::bases::needed_stages(options, file, &globals).unwrap_or_default();
        self.of_building(file, &needed, &options.args, image_of);
    }

    /// What building the stages shows that are needed. `image_of` knows the base images; the walk ends at the first
    /// step that cannot be carried out.
    pub fn of_building(
        &mut self,
        file: &Dockerfile,
        needed: &[usize],
        build_args: &BTreeMap<String, String>,
        image_of: &dyn Fn(&str) -> Option<Rc<Image>>,
    ) {
        let globals = super::bases::global_args(build_args, file);
        let mut built: BTreeMap<String, Built> = BTreeMap::new();
        for index in needed {
            let stage = &file.stages[*index];
            let base = base_name(stage, &globals);
            let mut here = match built.get(&base.to_lowercase()) {
                Some(earlier) => Built::from_stage(earlier),
                None => Built::from_image(image_of(&base).as_deref()),
            };
            let mut walk = Walk { declared: BTreeSet::new(), workdir_set: false, last: BTreeMap::new() };
            for step in &stage.steps {
                self.of_step(step, &here, &mut walk);
                if !makes_layer(step) && here.configure(step, build_args, &globals).is_err() {
                    return;
                }
            }
            built.insert(index.to_string(), here.clone());
            if let Some(name) = &stage.name {
                built.insert(name.clone(), here);
            }
        }
    }

    fn of_step(&mut self, step: &Instruction, built: &Built, walk: &mut Walk) {
        self.unknown_variables(step, built, walk);
        let (line, name) = (step.lines.0, &step.typed);
        if matches!(step.name.as_str(), "CMD" | "ENTRYPOINT" | "HEALTHCHECK")
            && let Some(before) = walk.last.insert(step.name.clone(), line)
        {
            let sentence = format!(
                "Multiple {name} instructions should not be used in the same stage because only the last one will be used"
            );
            self.note(before, "MultipleInstructionsDisallowed", &sentence);
        }
        match step.name.as_str() {
            "CMD" | "ENTRYPOINT" if json_form(&step.rest).is_none() && built.config.shell.is_empty() => {
                let sentence = format!(
                    "JSON arguments recommended for {name} to prevent unintended behavior related to OS signals"
                );
                self.note(line, "JSONArgsRecommended", &sentence);
            }
            "WORKDIR" => {
                let path = built.expand(&step.rest);
                if !std::mem::replace(&mut walk.workdir_set, true) && !path.starts_with('/') {
                    let shown = quote(&path);
                    let sentence = format!(
                        "Relative workdir {shown} can have unexpected results if the base image changes"
                    );
                    self.note(line, "WorkdirRelativePath", &sentence);
                }
            }
            "EXPOSE" => self.ports(step, built),
            "ENV" | "LABEL" => self.pairs(step),
            "ARG" => {
                for name in argument_names(&step.rest) {
                    self.secret(line, "ARG", &name);
                    walk.declared.insert(name);
                }
            }
            _ => {}
        }
    }

    fn pairs(&mut self, step: &Instruction) {
        let line = step.lines.0;
        let old = step.rest.split_whitespace().next().is_some_and(|first| !first.contains('='));
        if old {
            let name = &step.typed;
            let sentence =
                format!("\"{name} key=value\" should be used instead of legacy \"{name} key value\" format");
            self.note(line, "LegacyKeyValueFormat", &sentence);
        }
        if step.name == "ENV" {
            for (name, _) in expand::pairs(&step.rest) {
                self.secret(line, "ENV", &name);
            }
        }
    }

    fn secret(&mut self, line: usize, instruction: &str, name: &str) {
        let lower = name.to_lowercase();
        let parts: Vec<&str> = lower.split('_').collect();
        if parts.iter().any(|part| SECRETS.contains(part)) && !parts.contains(&"public") {
            let shown = quote(name);
            let sentence =
                format!("Do not use ARG or ENV instructions for sensitive data ({instruction} {shown})");
            self.note(line, "SecretsUsedInArgOrEnv", &sentence);
        }
    }

    fn ports(&mut self, step: &Instruction, built: &Built) {
        for port in expand::words(&built.expand(&step.rest)) {
            let (numbers, protocol) = port.split_once('/').unwrap_or((&port, ""));
            if protocol != protocol.to_lowercase() {
                let sentence = format!("Defined protocol '{port}' in EXPOSE instruction should be lowercase");
                self.note(step.lines.0, "ExposeProtoCasing", &sentence);
            }
            if numbers.contains(':') {
                let sentence = format!(
                    "EXPOSE instruction should not define an IP address or host-port mapping, found '{port}'"
                );
                self.note(step.lines.0, "ExposeInvalidFormat", &sentence);
            }
        }
    }

    fn unknown_variables(&mut self, step: &Instruction, built: &Built, walk: &Walk) {
        let texts: Vec<&str> = match step.name.as_str() {
            "ENV" | "LABEL" | "USER" | "WORKDIR" | "VOLUME" | "STOPSIGNAL" => vec![&step.rest],
            "COPY" | "ADD" => [Some(step.rest.as_str()), step.flag("chown"), step.flag("chmod")]
                .into_iter()
                .flatten()
                .collect(),
            "ARG" => step.rest.split_once('=').map(|(_, value)| value).into_iter().collect(),
            _ => return,
        };
        let known = || built.variable_names();
        for text in texts {
            let unknown = expanded(text, &|name| built.variable(name)).unwrap_or_default().unknown;
            for name in unknown.iter().filter(|name| !walk.declared.contains(*name)) {
                let hint = near(name, known().into_iter()).map(|hint| format!("${hint}"));
                let sentence = with_hint(&format!("Usage of undefined variable '${name}'"), hint.as_deref());
                self.note(step.lines.0, "UndefinedVar", &sentence);
            }
        }
    }
}

/// What a stage has seen so far.
struct Walk {
    /// ARGs, with a value or without.
    declared: BTreeSet<String>,
    workdir_set: bool,
    /// Lines of the last CMD, ENTRYPOINT and HEALTHCHECK.
    last: BTreeMap<String, usize>,
}

/// The names that an ARG declares.
fn argument_names(rest: &str) -> Vec<String> {
    let words = expand::words(rest).into_iter();
    words.map(|word| word.split('=').next().unwrap_or_default().to_owned()).collect()
}

/// Whether a word is all in small letters or all in capitals.
fn consistent(word: &str) -> bool {
    word == word.to_lowercase() || word == word.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::docker::build::dockerfile::parse;

    fn check(text: &str, expect: &[&str]) {
        let file = parse(text).expect("sound");
        let mut findings = Findings::new(&file);
        findings.of_reading(&file, &BTreeMap::new());
        let all: Vec<usize> = (0..file.stages.len()).collect();
        findings.of_building(&file, &all, &BTreeMap::new(), &|_| None);
        let rules: Vec<String> = findings
            .take()
            .iter()
            .map(|f| {
                let line = f.rsplit_once("(line ").map_or("", |(_, line)| line.trim_end_matches(')'));
                format!("{} {line}", f.split(':').next().unwrap_or_default())
            })
            .collect();
        assert_eq!(rules, expect, "{text}");
    }

    #[test]
    fn unwise_lines_are_found() {
        check(
            "FROM a as b\nrun x\nENV K v\nWORKDIR app\nWORKDIR more\nCMD node app.js\n",
            &[
                "FromAsCasing 1",
                "ConsistentInstructionCasing 2",
                "LegacyKeyValueFormat 3",
                "WorkdirRelativePath 4",
                "JSONArgsRecommended 6",
            ],
        );
        check("ARG V\nFROM a:$V\n", &["InvalidDefaultArgInFrom 2"]);
        check("FROM a:${W:-1}\n", &["UndefinedArgInFrom 1"]);
        check(
            "FROM --platform=linux/amd64 a AS Build\n",
            &["StageNameCasing 1", "FromPlatformFlagConstDisallowed 1"],
        );
        check(
            "FROM a\nARG V\nENV API_KEY=$V/$W PUBLIC_KEY=1\nCMD [\"x\"]\nCMD [\"y\"]\n",
            &["UndefinedVar 3", "SecretsUsedInArgOrEnv 3", "MultipleInstructionsDisallowed 4"],
        );
        check("FROM a\nEXPOSE 80:80 53/UDP\n", &["ExposeInvalidFormat 2", "ExposeProtoCasing 2"]);
        check("FROM a\nRUN x \\\n\n y\n", &["NoEmptyContinuation 4"]);
        check("# check=skip=JSONArgsRecommended\nFROM a\nWORKDIR x\nCMD x\n", &["WorkdirRelativePath 3"]);
    }
}
