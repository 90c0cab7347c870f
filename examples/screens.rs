//! Shows the screens of `tests/screens/demo.rs` in a real terminal, for looking at them:
//! `cargo run --example screens -- scaling [ko] [light|mono|ascii]`, and the other names of `view_of`. Keys go to the
//! interface; Ctrl-Q leaves.
#![allow(clippy::disallowed_methods, reason = "an example runs a real terminal")]

#[path = "../tests/screens/demo.rs"]
mod demo;

use crossterm::event::{self, Event};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use kubejam::ui::app::{Ask, Ui};
use kubejam::ui::home::{Card, Home};
use kubejam::ui::scene::Shape;
use kubejam::ui::terminal::popup::{Candidate, Completions};
use kubejam::ui::texts::{Language, Texts};
use kubejam::ui::theme::{Depth, Ground, Theme};
use kubejam::ui::view::{Pace, View};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::stdout;
use std::time::{Duration, Instant};

const PROMPT: &str = "\x1b[1;32mstudent_7f3a@cloudshell\x1b[0m:\x1b[1;34m~\x1b[0m (kubejam-7f3a)$ ";

fn view_of(name: &str, korean: bool) -> View {
    match name {
        "rolling" => demo::view(demo::rolling(), korean),
        "crowd" => demo::view(demo::crowd(50), korean),
        "throng" => demo::view(demo::crowd(400), korean),
        "predict" => demo::predicting(korean),
        "done" => demo::done(korean),
        "finish" => demo::finished(),
        "machine" => demo::machine_view(demo::machine(), korean),
        "docker" => demo::machine_view(demo::docker(), korean),
        "network" => demo::network_view(korean),
        _ => demo::view(demo::scaling(), korean),
    }
}

fn complete(_: u32, line: &str, cursor: usize) -> Completions {
    let start = line[..cursor].rfind(' ').map_or(0, |at| at + 1);
    let words =
        [("scale", "change how many"), ("set", "change fields"), ("get", "list"), ("describe", "details")];
    let candidates = words.iter().filter(|(w, _)| w.starts_with(&line[start..cursor]));
    let candidates = candidates.map(|(w, n)| Candidate {
        text: (*w).into(),
        note: (*n).into(),
        complete: true,
        ..Default::default()
    });
    Completions { start, candidates: candidates.collect() }
}

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let name = args.first().map_or("scaling", String::as_str).to_owned();
    let has = |flag: &str| args.iter().any(|a| a == flag);
    let korean = has("ko");
    let ground = if has("light") { Ground::Light } else { Ground::Dark };
    let depth = if has("mono") { Depth::None } else { Depth::True };
    let theme = Theme::new(ground, depth, has("ascii"));
    let texts = Texts::new(if korean { Language::Korean } else { Language::English });
    enable_raw_mode()?;
    crossterm::execute!(stdout(), EnterAlternateScreen, event::EnableBracketedPaste)?;
    let result = if name == "home" { home(&theme, &texts) } else { play(&name, korean, theme, texts) };
    disable_raw_mode()?;
    crossterm::execute!(stdout(), LeaveAlternateScreen)?;
    result
}

fn home(theme: &Theme, texts: &Texts) -> std::io::Result<()> {
    let card = |id: &str, title: &str, about: &str, done, total, current: Option<&str>, built| Card {
        id: id.into(),
        title: title.into(),
        about: about.into(),
        minutes: 60,
        done,
        total,
        current: current.map(Into::into),
        built,
    };
    let mut home = Home::new(vec![
        card(
            "intro",
            "Introduction to Docker",
            "Build, run and publish a container image.",
            0,
            0,
            None,
            false,
        ),
        card(
            "hello-node",
            "Hello Node Kubernetes",
            "From server.js to a scaled, rolling, self-healing service.",
            5,
            11,
            Some("Scale up your service"),
            true,
        ),
        card(
            "orchestrate",
            "Orchestrating the Cloud with Kubernetes",
            "Pods, secrets, services and labels, one by one.",
            0,
            0,
            None,
            false,
        ),
    ]);
    let mut terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
    loop {
        terminal.draw(|frame| {
            if let Some(at) = home.draw(frame.buffer_mut(), theme, texts) {
                frame.set_cursor_position(at);
            }
        })?;
        if home.handle(&event::read()?).is_some() {
            return Ok(());
        }
    }
}

fn play(name: &str, korean: bool, theme: Theme, texts: Texts) -> std::io::Result<()> {
    let mut ui = Ui::new(theme, texts, false);
    let mut view = view_of(name, korean);
    ui.open_tab(1);
    if let Some(tab) = ui.tab(1) {
        tab.write(b"Welcome to Cloud Shell! Type \"help\" to get started.\nYour Cloud Platform project in this session is set to \x1b[1;33mkubejam-7f3a\x1b[0m.\n");
        tab.write(PROMPT.as_bytes());
        tab.write(b"kubectl get pods\nNAME                         READY   STATUS    RESTARTS   AGE\nhello-node-6d4f9c7b5-x2jk4   1/1     Running   0          41s\n");
        tab.write(PROMPT.as_bytes());
        tab.prompt(PROMPT, false);
    }
    let began = Instant::now();
    let mut terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
    let mut next_id = 1;
    ui.take_in(&view, 0);
    let mut stage_at = 0;
    loop {
        let now_ms = began.elapsed().as_millis() as u64;
        if name == "film" {
            film(&mut view, now_ms, &mut stage_at, &mut next_id);
            ui.take_in(&view, now_ms);
        }
        terminal.draw(|frame| {
            let pace = Pace { speed: 1.0, paused: false, idle: false };
            if let Some(at) = ui.draw(frame.buffer_mut(), &view, pace, now_ms) {
                frame.set_cursor_position(at);
            }
        })?;
        if event::poll(Duration::from_millis(33))? {
            let event = event::read()?;
            if matches!(event, Event::Resize(..)) {
                continue;
            }
            for ask in ui.handle(&event, &view, &complete, now_ms) {
                match ask {
                    Ask::Quit | Ask::Home => return Ok(()),
                    Ask::Edited { .. } => {}
                    Ask::Line { text, .. } if text.starts_with("vi") => {
                        ui.edit(1, "vi", "server.js", b"var http = require('http');\nvar handleRequest = function(request, response) {\n  response.writeHead(200);\n  response.end(\"Hello World!\");\n}\nvar www = http.createServer(handleRequest);\nwww.listen(8080);\n");
                    }
                    Ask::Line { text, .. } if text.starts_with("nano") => ui.edit(
                        1,
                        "nano",
                        "Dockerfile",
                        b"FROM node:6.9.2\nEXPOSE 8080\nCOPY server.js .\nCMD [\"node\", \"server.js\"]\n",
                    ),
                    Ask::Line { text, .. } => {
                        if let Some(tab) = ui.tab(1) {
                            tab.write(format!("{text}\n").as_bytes());
                            tab.write(PROMPT.as_bytes());
                            tab.prompt(PROMPT, false);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// A scale-up, requests and a roll-out, a second apart.
fn film(view: &mut View, now_ms: u64, stage_at: &mut usize, next_id: &mut u64) {
    let at = (now_ms / 700) as usize;
    if at <= *stage_at && *stage_at > 0 {
        return;
    }
    *stage_at = at;
    let ready = |s: &str, n: &str| demo::pod(s, n, Shape::Ready, "Running", "v1", 0);
    let mut pods = vec![ready("x2jk4", "m4qd")];
    if at >= 2 {
        for (suffix, node) in [("9sl2p", "t9wz"), ("kk31x", "x7k2"), ("b77qd", "t9wz")] {
            pods.push(match at {
                2 => demo::pod(suffix, "", Shape::Waiting, "Pending", "v1", 0),
                3 => demo::pod(suffix, node, Shape::Waiting, "ContainerCreating", "v1", 0),
                4 => demo::pod(suffix, node, Shape::Half, "Running", "v1", 0),
                _ => ready(suffix, node),
            });
        }
    }
    if at >= 9 {
        pods.push(demo::pod(
            "zz4mv",
            "m4qd",
            if at > 9 { Shape::Ready } else { Shape::Waiting },
            if at > 9 { "Running" } else { "ContainerCreating" },
            "v2",
            1,
        ));
        if at > 10 {
            pods.retain(|p| p.suffix != "9sl2p");
        }
    }
    view.scene.cluster = Some(demo::cluster(pods));
    if (5..9).contains(&at) {
        let pods = ["x2jk4", "kk31x", "b77qd", "9sl2p"];
        demo::trip(view, *next_id, pods[at % 4]);
        *next_id += 1;
    }
}
