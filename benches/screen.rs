//! Key to frame: a key is handled, the whole window drawn and compared with the last frame.
//! DESIGN's budget: 1 ms at 120x36 with 50 pods, 4 ms at 300x100.

#[path = "../tests/screens/demo.rs"]
#[allow(dead_code, reason = "the benches use a part of it")]
mod demo;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use kubejam::ui::app::Ui;
use kubejam::ui::terminal::popup::Completions;
use kubejam::ui::texts::{Language, Texts};
use kubejam::ui::theme::{Depth, Ground, Theme};
use kubejam::ui::view::{Pace, View};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

fn main() {
    divan::main();
}

#[divan::bench(args = [(120, 36, 50), (300, 100, 50), (80, 24, 4)])]
fn key_to_frame(bencher: divan::Bencher<'_, '_>, (width, height, pods): (u16, u16, usize)) {
    let view: View = demo::view(demo::crowd(pods), false);
    let theme = Theme::new(Ground::Dark, Depth::True, false);
    let mut ui = Ui::new(theme, Texts::new(Language::English), false);
    ui.open_tab(1);
    if let Some(tab) = ui.tab(1) {
        tab.write("line of output\n".repeat(100).as_bytes());
        tab.prompt("$ ", false);
    }
    ui.take_in(&view, 0);
    let area = Rect::new(0, 0, width, height);
    let mut shown = Buffer::empty(area);
    let mut letter = 0_u8;
    bencher.bench_local(|| {
        letter = (letter + 1) % 26;
        let code = if letter == 0 { KeyCode::Home } else { KeyCode::Char(char::from(b'a' + letter)) };
        let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
        ui.handle(&event, &view, &|_, _, _| Completions::default(), 5000);
        if letter == 0 {
            let kill = Event::Key(KeyEvent::new(KeyCode::Char('k'), KeyModifiers::CONTROL));
            ui.handle(&kill, &view, &|_, _, _| Completions::default(), 5000);
        }
        let mut frame = Buffer::empty(area);
        ui.draw(&mut frame, &view, Pace::default(), 5000);
        let updates = shown.diff(&frame).len();
        shown = frame;
        updates
    });
}
