//! The certificate of a completed quest: what stands on it, and how it looks on the screen. Every figure is the
//! replay's. Must never claim more than the record proves.

mod svg;

use crate::lesson::course::{Language, Quest};
use crate::session::proof::{Report, Verdict};
use crate::ui::measure;
use crate::ui::paint::Brush;
use crate::ui::story::clock;
use crate::ui::texts::Texts;
use crate::ui::theme::Role;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::text::{Line, Span};

pub use svg::svg;

/// Longest name that can be typed.
const NAME_LIMIT_CHARS: usize = 40;

/// What stands on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The learner's name; may be empty.
    pub name: String,
    /// The learner's id.
    pub learner: String,
    /// The quest's title.
    pub quest: String,
    /// The day: `2026-11-28`.
    pub on: String,
    pub steps: usize,
    /// Steps that the program had played.
    pub given: usize,
    pub commands: u64,
    pub hints: u64,
    pub undos: u64,
    pub took_ms: u64,
    /// The record's digest, as `kubejam check` prints it.
    pub digest: String,
    /// Where the page was written.
    pub file: String,
}

impl Certificate {
    /// The certificate of a record; none when it is not complete.
    pub fn of(report: &Report, quest: &Quest, language: Language) -> Option<Self> {
        if report.verdict != Verdict::Complete {
            return None;
        }
        let header = report.header.as_ref()?;
        let day: String = header.start.rfc3339().chars().take(10).collect();
        Some(Certificate {
            name: report.name.clone(),
            learner: header.learner.clone(),
            quest: quest.prose(language).title.clone(),
            on: if report.on.is_empty() { day } else { report.on.clone() },
            steps: report.steps.len(),
            given: report.steps.iter().filter(|s| s.given).count(),
            commands: report.sum(|s| s.commands as u64),
            hints: report.sum(|s| s.hints as u64),
            undos: report.sum(|s| s.undos as u64),
            took_ms: report.sum(|s| s.took_ms),
            digest: report.digest.clone()?,
            file: String::new(),
        })
    }

    /// The figures with their words, in the order they stand.
    fn figures(&self, texts: &Texts) -> Vec<(String, String)> {
        let counted = |key: &str, n: u64| (n.to_string(), texts.say_with(key, &[("n", &n.to_string())]));
        vec![
            counted("certificate-steps", self.steps as u64),
            counted("certificate-commands", self.commands),
            counted("certificate-hints", self.hints),
            counted("certificate-undos", self.undos),
            (clock(self.took_ms), texts.say("certificate-time")),
        ]
    }

    /// The name, or the id in its place.
    fn holder(&self) -> &str {
        if self.name.is_empty() { &self.learner } else { &self.name }
    }
}

/// What a key does on the completion screen. `naming` is the name being typed.
#[derive(Debug, PartialEq, Eq)]
pub enum Act {
    Nothing,
    Name(String),
    Stay,
    Home,
}

/// Takes a key of the completion screen.
pub fn key(naming: &mut Option<String>, key: KeyEvent) -> Act {
    let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match (naming.as_mut(), key.code) {
        (Some(name), KeyCode::Enter) => {
            let name = std::mem::take(name);
            *naming = None;
            if name.trim().is_empty() { Act::Nothing } else { Act::Name(name) }
        }
        (Some(_), KeyCode::Esc) => {
            *naming = None;
            Act::Nothing
        }
        (Some(name), KeyCode::Backspace) => {
            name.pop();
            Act::Nothing
        }
        (Some(name), KeyCode::Char(c)) if plain && name.chars().count() < NAME_LIMIT_CHARS => {
            name.push(c);
            Act::Nothing
        }
        (Some(_), _) => Act::Nothing,
        (None, KeyCode::Char('n' | 'N' | 'ㅜ')) if plain => {
            *naming = Some(String::new());
            Act::Nothing
        }
        (None, KeyCode::Enter) => Act::Home,
        (None, KeyCode::Esc) => Act::Stay,
        _ => Act::Nothing,
    }
}

/// The certificate as lines of the completion screen, to be centred.
pub fn lines(
    brush: &Brush<'_>,
    certificate: &Certificate,
    naming: Option<&str>,
    columns: usize,
) -> Vec<Line<'static>> {
    let texts = brush.texts;
    let mut lines = Vec::new();
    let name = match naming {
        Some(name) => format!("{} {name}_", texts.say("certificate-your-name")),
        None => certificate.holder().to_owned(),
    };
    let role = if naming.is_some() { Role::Accent } else { Role::Strong };
    lines.push(Line::styled(measure::ellipsis(&name, columns), brush.style(role)));
    let line =
        texts.say_with("certificate-line", &[("quest", &certificate.quest), ("date", &certificate.on)]);
    lines.extend(measure::wrap(&[Span::styled(line, brush.style(Role::Text))], columns, 0));
    lines.push(Line::default());
    let words = certificate.figures(texts).into_iter().map(|(figure, word)| format!("{figure} {word}"));
    let figures = words.collect::<Vec<_>>().join("  ·  ");
    lines.extend(measure::wrap(&[Span::styled(figures, brush.style(Role::Accent))], columns, 0));
    if certificate.given > 0 {
        let text = texts.say_with("certificate-given", &[("n", &certificate.given.to_string())]);
        lines.extend(measure::wrap(&[Span::styled(text, brush.style(Role::Busy))], columns, 0));
    }
    lines.push(Line::from(vec![
        Span::styled(format!("{} ", texts.say("certificate-digest")), brush.style(Role::Faint)),
        Span::styled(certificate.digest.clone(), brush.style(Role::Text)),
    ]));
    lines
}

#[cfg(test)]
mod tests {
    use super::{Act, Certificate, key, svg};
    use crate::ui::texts::{Language, Texts};
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn press(naming: &mut Option<String>, code: KeyCode) -> Act {
        key(naming, KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn a_name_is_typed_and_signed() {
        let mut naming = None;
        for code in ['n', '김', 'x'].map(KeyCode::Char) {
            assert_eq!(press(&mut naming, code), Act::Nothing);
        }
        assert_eq!(press(&mut naming, KeyCode::Backspace), Act::Nothing);
        assert_eq!(press(&mut naming, KeyCode::Enter), Act::Name("김".to_owned()));
        assert_eq!(press(&mut naming, KeyCode::Esc), Act::Stay);
        assert_eq!(press(&mut naming, KeyCode::Enter), Act::Home);
    }

    #[test]
    fn the_page_says_all_of_it_and_nothing_gets_out_of_its_place() {
        let certificate = Certificate {
            name: "<Kim> & \"Lee\"".into(),
            learner: "student-7f3a".into(),
            quest: "Hello Node".into(),
            on: "2026-11-28".into(),
            steps: 14,
            digest: "0123-4567-89ab-cdef-0123".into(),
            ..Certificate::default()
        };
        for language in Language::ALL {
            let page = svg(&certificate, &Texts::new(language));
            for text in [
                "&lt;Kim&gt; &amp; &quot;Lee&quot;",
                "student-7f3a",
                "2026-11-28",
                "0123-4567-89ab-cdef-0123",
            ] {
                assert!(page.contains(text), "{text} in\n{page}");
            }
            assert!(!page.contains("<Kim>") && !page.contains("certificate-"), "{page}");
            assert!(
                !page.contains("http://") || page.matches("http").count() == 1,
                "nothing from outside:\n{page}"
            );
        }
    }
}
