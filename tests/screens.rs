//! Events in, screens out: views made by hand, drawn on ratatui's test backend, compared with what was looked at.

#[path = "screens/demo.rs"]
mod demo;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use kubejam::ui::app::{Ask, Hit, Ui};
use kubejam::ui::home::{Card, Choice, Home};
use kubejam::ui::scene::{End, Lit, Station, Trip};
use kubejam::ui::terminal::popup::{Candidate, Completions};
use kubejam::ui::texts::{Language, Texts};
use kubejam::ui::theme::{Depth, Ground, Role, Theme};
use kubejam::ui::view::{Pace, View};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

struct Screen {
    ui: Ui,
    view: View,
    terminal: Terminal<TestBackend>,
    now_ms: u64,
}

impl Screen {
    fn new(width: u16, height: u16, language: Language, ascii: bool, view: View) -> Self {
        let theme = Theme::new(Ground::Dark, if ascii { Depth::None } else { Depth::True }, ascii);
        let mut ui = Ui::new(theme, Texts::new(language), false);
        ui.open_tab(1);
        if let Some(tab) = ui.tab(1) {
            tab.write(b"student@cloudshell:~$ ");
            tab.prompt("student@cloudshell:~$ ", false);
        }
        ui.take_in(&view, 0);
        let terminal = Terminal::new(TestBackend::new(width, height)).expect("a test backend");
        Screen { ui, view, terminal, now_ms: 5000 }
    }

    fn draw(&mut self) -> String {
        let Screen { ui, view, terminal, now_ms } = self;
        let pace = Pace { idle: false, ..Pace::default() };
        terminal
            .draw(|frame| {
                if let Some(at) = ui.draw(frame.buffer_mut(), view, pace, *now_ms) {
                    frame.set_cursor_position(at);
                }
            })
            .expect("drawn");
        terminal.backend().to_string()
    }

    /// `F1`, `Tab`, `Enter`, `C-r`; anything else is typed.
    fn press(&mut self, keys: &[&str]) -> Vec<Ask> {
        let complete = |_: u32, line: &str, cursor: usize| {
            let start = line[..cursor].rfind(' ').map_or(0, |at| at + 1);
            let words = ["scale", "set", "get"].iter().filter(|w| w.starts_with(&line[start..cursor]));
            let candidate =
                |w: &&str| Candidate { text: (*w).to_owned(), complete: true, ..Candidate::default() };
            Completions { start, candidates: words.map(candidate).collect() }
        };
        let mut asks = Vec::new();
        for key in keys {
            let plain = |code| vec![KeyEvent::new(code, KeyModifiers::NONE)];
            let events = match *key {
                "Tab" => plain(KeyCode::Tab),
                "Enter" => plain(KeyCode::Enter),
                "Esc" => plain(KeyCode::Esc),
                "S-Tab" => plain(KeyCode::BackTab),
                "PgDn" => plain(KeyCode::PageDown),
                _ if key.starts_with("C-") => {
                    vec![KeyEvent::new(
                        KeyCode::Char(key.chars().nth(2).expect("a letter")),
                        KeyModifiers::CONTROL,
                    )]
                }
                _ if key.starts_with('F') && key.len() < 4 => {
                    plain(KeyCode::F(key[1..].parse().expect("a number")))
                }
                _ => key.chars().map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)).collect(),
            };
            for event in events {
                asks.extend(self.ui.handle(&Event::Key(event), &self.view, &complete, self.now_ms));
            }
        }
        asks
    }
}

fn english(width: u16, height: u16, view: View) -> Screen {
    Screen::new(width, height, Language::English, false, view)
}

fn korean(width: u16, height: u16, view: View) -> Screen {
    Screen::new(width, height, Language::Korean, false, view)
}

#[test]
fn wide_window() {
    insta::assert_snapshot!(english(120, 36, demo::view(demo::scaling(), false)).draw());
}

#[test]
fn wide_window_in_korean() {
    insta::assert_snapshot!(korean(120, 36, demo::view(demo::scaling(), true)).draw());
}

#[test]
fn rolling_update_on_a_very_wide_window() {
    insta::assert_snapshot!(english(200, 50, demo::view(demo::rolling(), false)).draw());
}

#[test]
fn small_window_lesson_then_cluster() {
    let mut screen = english(80, 24, demo::view(demo::scaling(), false));
    insta::assert_snapshot!("small_lesson", screen.draw());
    screen.press(&["F9"]);
    insta::assert_snapshot!("small_cluster", screen.draw());
    screen.press(&["F9"]);
    insta::assert_snapshot!("small_machine", screen.draw());
}

#[test]
fn small_window_in_korean() {
    insta::assert_snapshot!(korean(80, 24, demo::view(demo::rolling(), true)).draw());
}

#[test]
fn ascii_without_colour() {
    insta::assert_snapshot!(
        Screen::new(100, 30, Language::English, true, demo::view(demo::rolling(), false)).draw()
    );
}

#[test]
fn tiny_window_asks_for_room() {
    insta::assert_snapshot!(english(20, 5, demo::view(demo::scaling(), false)).draw());
}

#[test]
fn fifty_pods() {
    insta::assert_snapshot!(english(120, 36, demo::view(demo::crowd(50), false)).draw());
}

#[test]
fn four_hundred_pods_are_counted() {
    insta::assert_snapshot!(english(120, 36, demo::view(demo::crowd(400), false)).draw());
}

#[test]
fn a_question_is_answered_with_one_key() {
    let mut screen = english(120, 36, demo::predicting(false));
    insta::assert_snapshot!("question", screen.draw());
    assert_eq!(screen.press(&["2"]), [Ask::Predict { choice: 1 }]);
    let (place, _) =
        *screen.ui.hits.iter().find(|(_, hit)| *hit == Hit::Choice(1)).expect("a place to click");
    let kind = MouseEventKind::Down(MouseButton::Left);
    let click = MouseEvent { kind, column: place.x + 4, row: place.y, modifiers: KeyModifiers::NONE };
    let asked = screen.ui.handle(&Event::Mouse(click), &screen.view, &|_, _, _| Completions::default(), 0);
    assert_eq!(asked, [Ask::Predict { choice: 1 }], "a click is the key");
    screen.press(&["Esc"]);
    assert!(screen.press(&["2"]).is_empty(), "set aside, digits are for the prompt");
}

#[test]
fn a_finished_step_goes_on_with_enter() {
    let mut screen = english(120, 36, demo::done(false));
    insta::assert_snapshot!("step_done", screen.draw());
    assert_eq!(screen.press(&["Enter"]), [Ask::Next]);
    screen.press(&["ls"]);
    assert_eq!(screen.press(&["Enter"]), [Ask::Line { terminal: 1, text: "ls".into() }]);
}

#[test]
fn help_story_and_completion_lie_over_the_panes() {
    let mut screen = english(120, 36, demo::view(demo::scaling(), false));
    screen.press(&["F1"]);
    insta::assert_snapshot!("help", screen.draw());
    screen.press(&["Esc", "F10"]);
    insta::assert_snapshot!("story", screen.draw());
    screen.press(&["Esc", "kubectl s", "Tab"]);
    insta::assert_snapshot!("completion", screen.draw());
}

#[test]
fn editors_take_the_terminals_place() {
    let mut screen = english(100, 30, demo::view(demo::scaling(), false));
    screen.draw();
    screen.ui.edit(1, "vi", "/home/me/server.js", b"var http = require('http');\n");
    screen.press(&["ofoo", "Esc"]);
    insta::assert_snapshot!("vi", screen.draw());
    let asks = screen.press(&[":wq", "Enter"]);
    let bytes = Some(b"var http = require('http');\nfoo\n".to_vec());
    assert_eq!(asks, [Ask::Edited { terminal: 1, path: "/home/me/server.js".into(), bytes }]);
    screen.ui.edit(1, "nano", "/home/me/Dockerfile", b"FROM node:6.9.2\n");
    insta::assert_snapshot!("nano", screen.draw());
}

#[test]
fn quest_complete() {
    let mut screen = english(100, 34, demo::finished());
    assert!(screen.press(&["F8"]).is_empty());
    screen.now_ms += 20_000;
    insta::assert_snapshot!("complete", screen.draw());
    assert_eq!(screen.press(&["Enter"]), [Ask::Home]);
}

#[test]
fn home_screen() {
    let card = |id: &str, title: &str, done, total, current: Option<&str>, built| Card {
        id: id.into(),
        title: title.into(),
        about: if built {
            "From server.js to a service that scales and rolls while users keep being served."
        } else {
            ""
        }
        .into(),
        minutes: 75,
        done,
        total,
        current: current.map(Into::into),
        built,
    };
    let cards = vec![
        card("docker", "Introduction to Docker", 0, 0, None, false),
        card("hello-node", "Hello Node Kubernetes", 5, 11, Some("Scale up your service"), true),
        card("orchestrating", "Orchestrating the Cloud with Kubernetes", 0, 0, None, false),
    ];
    let theme = Theme::new(Ground::Dark, Depth::True, false);
    let texts = Texts::new(Language::English);
    for (width, height) in [(80, 24), (120, 36)] {
        let mut home = Home::new(cards.clone());
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test backend");
        terminal
            .draw(|frame| {
                home.draw(frame.buffer_mut(), &theme, &texts);
            })
            .expect("drawn");
        insta::assert_snapshot!(format!("home_{width}x{height}"), terminal.backend().to_string());
        let enter = Event::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE));
        assert_eq!(home.handle(&enter), Some(Choice::Start("hello-node".into())));
        let one = Event::Key(KeyEvent::new(KeyCode::Char('1'), KeyModifiers::NONE));
        assert_eq!(home.handle(&one), None, "what is not built does not start");
    }
}

#[test]
fn pods_are_cards_and_the_way_of_requests_leads_to_each_that_serves() {
    let mut screen = english(120, 36, demo::view(demo::rolling(), false));
    insta::assert_snapshot!("cards", picture(&mut screen));
    let failed = |buffer: &ratatui::buffer::Buffer, text: &str| {
        let width = usize::from(buffer.area.width);
        let cells = buffer.content.chunks(width);
        let row: Option<&[ratatui::buffer::Cell]> =
            cells.into_iter().find(|row| row.iter().map(|c| c.symbol()).collect::<String>().contains(text));
        let row = row.expect("the pod's row");
        let at = row.iter().position(|c| c.symbol() == "✖").expect("its mark");
        row[at + 1].bg
    };
    let buffer = screen.terminal.backend().buffer().clone();
    let theme = Theme::new(Ground::Dark, Depth::True, false);
    assert_eq!(
        Some(failed(&buffer, "q8xzt")),
        theme.surface(Role::Bad, 0.20).bg,
        "a failed pod's card is red"
    );
}

#[test]
fn the_outcome_of_a_request_covers_no_word() {
    let mut screen = english(100, 22, demo::network_view(false));
    picture(&mut screen);
    let way = vec![Station::You, Station::Service("monolith".into())];
    screen.view.scene.trips.push(Trip { id: 1, way, end: End::Refused });
    let view = screen.view.clone();
    screen.ui.take_in(&view, screen.now_ms);
    screen.now_ms += 1200;
    let shown = picture(&mut screen);
    let row = shown.lines().find(|l| l.contains("refused")).expect("the outcome");
    assert!(row.contains("monolith") && row.contains("NodePort") && row.contains("secure=enabled"), "{row}");
}

#[test]
fn a_frame_brings_its_own_ground_and_ascii_means_ascii() {
    let mut screen = english(120, 36, demo::done(false));
    screen.draw();
    let ground = Theme::new(Ground::Dark, Depth::True, false).ground_style();
    let buffer = screen.terminal.backend().buffer().clone();
    assert!(buffer.content.iter().all(|c| c.bg != ratatui::style::Color::Reset), "no cell is the terminal's");
    assert_eq!(Some(buffer[(119, 20)].bg), ground.bg);
    let mut screen = Screen::new(120, 36, Language::English, true, demo::network_view(false));
    for key in ["F6", "F1", "Esc", "F10", "Esc"] {
        screen.press(&[key]);
        let shown = screen.draw();
        let odd: Vec<char> = shown.chars().filter(|c| !c.is_ascii()).collect();
        assert!(odd.is_empty(), "{odd:?} after {key}");
    }
}

#[test]
fn a_request_travels_and_everything_comes_to_rest() {
    let mut screen = english(120, 36, demo::view(demo::scaling(), false));
    let still = screen.draw();
    assert_eq!(screen.ui.next_frame_ms, Some(screen.now_ms + 100), "only the pull's bar moves");
    demo::trip(&mut screen.view, 1, "b77qd");
    let view = screen.view.clone();
    screen.ui.take_in(&view, screen.now_ms);
    screen.now_ms += 300;
    assert_ne!(screen.draw(), still, "a dot is on its way");
    screen.now_ms += 5000;
    screen.ui.take_in(&view, screen.now_ms);
    assert_eq!(screen.draw(), still);
}

/// The rows of the picture pane alone.
fn picture(screen: &mut Screen) -> String {
    screen.ui.zoom = Some(kubejam::ui::layout::Focus::Picture);
    screen.draw()
}

#[test]
fn dockers_world_has_doors_and_stacks() {
    let mut screen = english(100, 24, demo::machine_view(demo::docker(), false));
    insta::assert_snapshot!("docker_world", picture(&mut screen));
    let mut screen = korean(78, 13, demo::machine_view(demo::docker(), true));
    insta::assert_snapshot!("docker_world_small", picture(&mut screen));
}

#[test]
fn a_request_to_a_port_without_a_door_bumps_and_says_why() {
    let mut screen = english(100, 24, demo::machine_view(demo::docker(), false));
    screen.draw();
    let way = vec![Station::You, Station::Door(80)];
    screen.view.scene.trips.push(Trip { id: 1, way, end: End::Refused });
    let view = screen.view.clone();
    screen.ui.take_in(&view, screen.now_ms);
    screen.now_ms += 1200;
    let shown = picture(&mut screen);
    assert!(shown.contains("80 is inside my-app: its door is 4000"), "{shown}");
    screen.now_ms += 9000;
    screen.ui.take_in(&view, screen.now_ms);
    assert!(!picture(&mut screen).contains("is inside my-app"));
    assert_eq!(screen.ui.next_frame_ms, None, "everything is at rest");
}

#[test]
fn several_services_say_who_is_behind_them_or_why_nobody_is() {
    let mut screen = english(100, 22, demo::network_view(false));
    insta::assert_snapshot!("network", picture(&mut screen));
    let lit = Lit { selector: "app=monolith".into(), pods: vec!["uid-secure-monolith".into()] };
    screen.view.scene.cluster.as_mut().expect("a cluster").lit = Some(lit);
    assert!(picture(&mut screen).contains("-l app=monolith: 1 pod"));
    let mut screen = korean(80, 24, demo::network_view(true));
    screen.ui.lesson_in_front = false;
    insta::assert_snapshot!("network_small", screen.draw());
}

#[test]
fn a_request_walks_through_three_services_one_after_the_other() {
    let mut screen = english(120, 36, demo::network_view(false));
    let still = screen.draw();
    let service = |name: &str| Station::Service(name.into());
    let pod = |name: &str| Station::Pod(format!("uid-{name}"));
    let (front, hello) = ("frontend-5d8b9c7f6-t7w2m", "hello-6c9d5b7f84-zq4vn");
    let ways = [
        vec![Station::You, Station::Gate("frontend".into()), service("frontend"), pod(front)],
        vec![pod(front), service("hello"), pod(hello)],
    ];
    for (id, way) in (1..).zip(ways) {
        screen.view.scene.trips.push(Trip { id, way, end: End::Status(200) });
    }
    let view = screen.view.clone();
    screen.ui.take_in(&view, screen.now_ms);
    let mut frames = std::collections::BTreeSet::new();
    for _ in 0..20 {
        screen.now_ms += 100;
        frames.insert(screen.draw());
    }
    assert!(frames.len() > 14, "the dot moves for two legs, {} frames differ", frames.len());
    screen.now_ms += 3000;
    screen.ui.take_in(&view, screen.now_ms);
    assert_eq!(screen.draw(), still);
}

#[test]
fn every_size_draws() {
    let docker = demo::machine_view(demo::docker(), true);
    for view in [
        demo::view(demo::crowd(30), false),
        demo::predicting(true),
        demo::done(true),
        docker,
        demo::network_view(true),
    ] {
        for (width, height) in
            [(1, 1), (20, 5), (40, 10), (41, 11), (60, 15), (99, 19), (100, 20), (300, 100)]
        {
            let mut screen = korean(width, height, view.clone());
            screen.draw();
            for key in
                ["F6", "F6", "S-Tab", "F6", "S-Tab", "F6", "F1", "PgDn", "Esc", "F10", "Esc", "C-r", "Esc"]
            {
                screen.press(&[key]);
                screen.draw();
            }
        }
    }
}
