//! The view in plain sentences, a line each, for reading aloud: no boxes, no marks without a word, no colours.
//!
//! It says what the screen shows. Must never wrap or align: whoever reads it does that.

use crate::ui::markdown;
use crate::ui::paint::Brush;
use crate::ui::scene::{Cluster, Machine, Scene, Trouble};
use crate::ui::story;
use crate::ui::trips::end_word;
use crate::ui::view::{Mark, Quest, Question, Step, View};

/// Wide enough that Markdown is not wrapped here.
const COLUMNS: usize = 4000;

fn prose(brush: &Brush<'_>, text: &str) -> Vec<String> {
    let lines = markdown::lines(brush.theme, text, COLUMNS);
    lines.iter().map(|l| l.spans.iter().map(|s| s.content.as_ref()).collect::<String>()).collect()
}

/// The step on the screen: its text, its question, its goals.
pub fn step(brush: &Brush<'_>, quest: &Quest) -> Vec<String> {
    let number = format!("{}/{}", quest.at + 1, quest.steps.len());
    let mut lines = vec![format!("{}, {number}: {}", quest.title, quest.step.title)];
    lines.extend(prose(brush, &quest.step.text));
    lines.extend(goals(brush, &quest.step));
    lines.extend(quest.step.question.iter().flat_map(|q| question(brush, q)));
    lines
}

pub fn goals(brush: &Brush<'_>, step: &Step) -> Vec<String> {
    let line = |goal: &crate::ui::view::Goal| {
        let key = match goal.mark {
            Mark::Met => "plain-met",
            Mark::Partly => "plain-partly",
            Mark::Open => "plain-open",
        };
        let detail = if goal.detail.is_empty() { String::new() } else { format!(" ({})", goal.detail) };
        format!("{}: {}{detail}", brush.texts.say(key), goal.text.replace('`', ""))
    };
    step.goals.iter().map(line).collect()
}

fn question(brush: &Brush<'_>, question: &Question) -> Vec<String> {
    let key = if question.prediction { "predict-title" } else { "question-title" };
    let mut lines = vec![brush.texts.say(key)];
    lines.extend(prose(brush, &question.text));
    let choice = |(at, text): (usize, &String)| format!("  :{} {}", at + 1, text.replace('`', ""));
    lines.extend(question.choices.iter().enumerate().map(choice));
    lines.push(brush.texts.say("plain-answer"));
    lines
}

/// What is new since `before`: what happened, goals, answers, hints, what the coach says, a step done.
pub fn news(brush: &Brush<'_>, before: &View, now: &View) -> Vec<String> {
    let last = before.story.last().map_or(0, |h| h.id);
    let mut lines: Vec<String> =
        now.story.iter().filter(|h| h.id > last).map(|h| story::sentence(brush, h)).collect();
    let seen = before.scene.trips.last().map_or(0, |t| t.id);
    let refused = now.scene.trips.iter().filter(|t| t.id > seen && !t.end.is_good());
    lines.extend(refused.map(|t| brush.texts.say_with("plain-request", &[("end", &end_word(brush, t.end))])));
    let (Some(old), Some(new)) = (&before.quest, &now.quest) else { return lines };
    if old.step.id != new.step.id {
        lines.extend(step(brush, new));
        return lines;
    }
    let (old, new) = (&old.step, &new.step);
    if old.goals != new.goals {
        lines.extend(goals(brush, new));
    }
    // A hint that nobody asked for is in the coach's words already.
    let told = |hint: &&String| new.coach.as_ref().is_some_and(|said| said.contains(hint.as_str()));
    for hint in new.hints.iter().skip(old.hints.len()).filter(|hint| !told(hint)) {
        lines.extend(prose(brush, hint));
    }
    for answered in new.answered.iter().skip(old.answered.len()) {
        lines.extend(prose(brush, &answered.after));
    }
    if let Some(next) = new.question.as_ref().filter(|q| old.question.as_ref() != Some(*q)) {
        lines.extend(question(brush, next));
    }
    if let Some(said) = new.coach.as_ref().filter(|c| old.coach.as_ref() != Some(*c)) {
        let said = prose(brush, said).join(" ");
        lines.push(format!("{}: {said}", brush.texts.say("coach-title")));
    }
    if new.done && !old.done {
        lines.extend(prose(brush, &new.afterword));
        lines.push(brush.texts.say("plain-done"));
    }
    lines
}

/// What the picture shows.
pub fn picture(brush: &Brush<'_>, scene: &Scene) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(cluster) = &scene.cluster {
        lines.extend(of_cluster(brush, cluster));
    }
    lines.extend(of_machine(brush, &scene.machine));
    lines
}

fn of_cluster(brush: &Brush<'_>, cluster: &Cluster) -> Vec<String> {
    let mut lines = vec![format!("{} {} {}", brush.texts.say("pane-cluster"), cluster.name, cluster.note)];
    for service in &cluster.services {
        let ports = service.ports.join(",");
        let state = match &service.trouble {
            None => brush.texts.say_with("behind-it", &[("n", &service.endpoints.len().to_string())]),
            Some(Trouble::NoMatch { selector, .. }) => {
                brush.texts.say_with("service-no-match", &[("selector", selector)])
            }
            Some(Trouble::NotReady { matching }) => {
                brush.texts.say_with("service-not-ready", &[("n", &matching.to_string())])
            }
            Some(Trouble::NoSelector) => brush.texts.say("service-no-selector"),
        };
        lines.push(format!(
            "Service {}, {}, {} {ports}: {state}",
            service.name, service.kind, service.address
        ));
    }
    for workload in &cluster.workloads {
        let (ready, desired) = (workload.ready, workload.desired);
        lines.push(format!("{} {}: {ready}/{desired} Ready", workload.kind, workload.name));
    }
    for pod in &cluster.pods {
        let node = pod.node.as_deref().and_then(|n| n.rsplit('-').next());
        let node = node.map_or(brush.texts.say("waiting-for-node"), |n| format!("node {n}"));
        let (ready, of) = pod.ready;
        lines.push(format!("Pod {}, {}, {node}: {} {ready}/{of}", pod.name, pod.tag, pod.word));
    }
    lines
}

fn of_machine(brush: &Brush<'_>, machine: &Machine) -> Vec<String> {
    let mut lines = Vec::new();
    for container in &machine.containers {
        let ports: Vec<String> =
            container.ports.iter().map(|(host, inner)| format!("{host} to {inner}")).collect();
        let ports = if ports.is_empty() { brush.texts.say("no-door") } else { ports.join(", ") };
        lines.push(format!(
            "Container {}, {}: {}; {ports}",
            container.name, container.image, container.status
        ));
    }
    for image in &machine.images {
        let layers: usize = image.slabs.iter().map(|s| s.layers).sum();
        let layers = brush.texts.say_with("layers", &[("n", &layers.to_string())]);
        lines.push(format!("Image {}: {}, {layers}", image.names.join(", "), image.size));
    }
    let files: Vec<&str> = machine.files.iter().map(|f| f.name.as_str()).collect();
    let files = if files.is_empty() { brush.texts.say("machine-empty") } else { files.join(" ") };
    lines.push(format!("{}: {files}", machine.directory));
    lines
}
