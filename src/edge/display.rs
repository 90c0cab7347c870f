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
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

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
        let updates = self.shown.diff(&frame);
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
