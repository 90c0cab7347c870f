//! The real terminal: taken over, written to only where a frame differs, and always given back, also after a
//! panic or a signal. Must never decide what is drawn.
#![allow(
    clippy::disallowed_methods,
    reason = "a thread waits for the signals that would leave the terminal raw"
)]

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    self, BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use crossterm::{execute, queue};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use crate::ui::measure;

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The screen, and what was written to it last.
pub struct Display {
    shown: Buffer,
    cursor: Option<Position>,
    /// Everything must be written anew.
    fresh: bool,
    out: Vec<u8>,
}

impl Display {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When standard output is no terminal.
    pub fn take() -> Result<Self> {
        watch_for_the_end();
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableMouseCapture, Hide)?;
        let (width, height) = terminal::size()?;
        let shown = Buffer::empty(Rect::new(0, 0, width, height));
        Ok(Display { shown, cursor: None, fresh: true, out: Vec::with_capacity(64 * 1024) })
    }

    /// An empty frame of the terminal's size.
    pub fn frame(&self) -> Buffer {
        Buffer::empty(self.shown.area)
    }

    /// The terminal has another size.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.shown = Buffer::empty(Rect::new(0, 0, width, height));
        self.fresh = true;
    }

    /// Writes what differs from the last frame, in one go; nothing when nothing does.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn show(&mut self, frame: Buffer, cursor: Option<Position>) -> io::Result<()> {
        let updates = whole_wide_rows(&self.shown, &frame);
        if updates.is_empty() && cursor == self.cursor && !self.fresh {
            return Ok(());
        }
        self.out.clear();
        queue!(self.out, BeginSynchronizedUpdate)?;
        if self.fresh {
            queue!(self.out, terminal::Clear(terminal::ClearType::All))?;
        }
        if !updates.is_empty() {
            queue!(self.out, Hide)?;
            CrosstermBackend::new(&mut self.out).draw(updates.into_iter())?;
        }
        match cursor {
            Some(at) => queue!(self.out, MoveTo(at.x, at.y), Show)?,
            None => queue!(self.out, Hide)?,
        }
        queue!(self.out, EndSynchronizedUpdate)?;
        let mut stdout = io::stdout().lock();
        stdout.write_all(&self.out)?;
        stdout.flush()?;
        self.shown = frame;
        self.cursor = cursor;
        self.fresh = false;
        Ok(())
    }

    /// Rings.
    pub fn bell(&self) {
        let mut stdout = io::stdout().lock();
        stdout.write_all(b"\x07").and_then(|()| stdout.flush()).ok();
    }

    /// Puts text on the clipboard of the terminal (OSC 52), where it allows that.
    pub fn copy(&self, text: &str) {
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        let mut stdout = io::stdout().lock();
        write!(stdout, "\x1b]52;c;{encoded}\x07").and_then(|()| stdout.flush()).ok();
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        give_back();
    }
}

/// What differs, cell by cell; a row with characters of two columns is written whole. Half of such a character that
/// is written over leaves a cell that the terminal blanks in its own colours, and the frame's are not always those.
fn whole_wide_rows<'a>(old: &Buffer, new: &'a Buffer) -> Vec<(u16, u16, &'a Cell)> {
    let width = usize::from(new.area.width).max(1);
    let is_wide = |cell: &Cell| measure::width(cell.symbol()) > 1;
    let has_wide = |buffer: &Buffer, y: u16| {
        buffer.content.chunks(width).nth(usize::from(y)).is_some_and(|row| row.iter().any(is_wide))
    };
    let updates = old.diff(new);
    let mut rows: Vec<u16> = updates.iter().map(|(_, y, _)| *y).collect();
    rows.dedup();
    rows.retain(|y| has_wide(old, *y) || has_wide(new, *y));
    let mut all: Vec<(u16, u16, &Cell)> = updates.into_iter().filter(|(_, y, _)| !rows.contains(y)).collect();
    for y in rows {
        let mut x = 0;
        while x < new.area.width {
            let cell = &new[(x, y)];
            all.push((x, y, cell));
            x += if is_wide(cell) { 2 } else { 1 };
        }
    }
    all
}

/// Gives the terminal back, once.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut stdout = io::stdout();
        execute!(
            stdout,
            EndSynchronizedUpdate,
            DisableMouseCapture,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        )
        .ok();
        terminal::disable_raw_mode().ok();
    }
}

/// A panic's message belongs on the ordinary screen, and a signal must not leave a raw terminal behind.
fn watch_for_the_end() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
        if let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT]) {
            std::thread::spawn(move || {
                if let Some(signal) = signals.forever().next() {
                    give_back();
                    std::process::exit(128 + signal);
                }
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::whole_wide_rows;
    use ratatui::buffer::Buffer;

    #[test]
    fn a_row_with_wide_characters_is_written_whole_and_others_only_where_they_differ() {
        let old = Buffer::with_lines(["ab가나다", "abcdefgh"]);
        let new = Buffer::with_lines(["abc가나 ", "abcdXfgh"]);
        let updates = whole_wide_rows(&old, &new);
        let row = |y| {
            let cells = updates.iter().filter(|(_, at, _)| *at == y);
            cells.map(|(x, _, cell)| format!("{x}{}", cell.symbol())).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(row(0), "0a 1b 2c 3가 5나 7 ");
        assert_eq!(row(1), "4X");
        assert!(whole_wide_rows(&new, &new).is_empty());
    }
}
