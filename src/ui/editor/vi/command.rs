//! Keys of normal and visual mode gathered into commands: `2d3w`, `ci"`, `gg`, `fx`, `ZZ`. Pure.

/// Esc among the gathered characters.
pub const ESCAPE: char = '\x1b';
/// Counts beyond this are taken as this.
pub const MAX_COUNT: usize = 99_999;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Find {
    pub target: char,
    pub forward: bool,
    /// t and T stop before the character.
    pub before: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    Left,
    Right,
    Up,
    Down,
    LineStart,
    FirstNonBlank,
    LineEnd,
    Word {
        big: bool,
    },
    WordBack {
        big: bool,
    },
    WordEnd {
        big: bool,
    },
    WordEndBack {
        big: bool,
    },
    /// With a count, that line.
    FirstLine,
    LastLine,
    Find(Find),
    FindAgain {
        reversed: bool,
    },
    SearchAgain {
        reversed: bool,
    },
    WordUnder {
        forward: bool,
    },
    ParagraphForward,
    ParagraphBack,
    Match,
    ScreenTop,
    ScreenMiddle,
    ScreenBottom,
    Column,
    NextLine,
    PreviousLine,
    /// `_`: first non-blank of the line count-1 below.
    ThisLine,
    Mark {
        name: char,
        lines: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Delete,
    Change,
    Yank,
    Indent,
    Outdent,
    Lower,
    Upper,
    Toggle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Motion(Motion),
    /// The operator's letter again: whole lines.
    Lines,
    Object {
        around: bool,
        kind: char,
    },
    /// What is selected in visual mode.
    Selection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Move(Motion),
    Operate(Operator, Target),
    /// Up to where a search, typed on the bottom line, leads.
    OperateSearch {
        operator: Operator,
        forward: bool,
    },
    Insert,
    InsertAtIndent,
    Append,
    AppendAtEnd,
    OpenBelow,
    OpenAbove,
    ReplaceMode,
    ReplaceChar(char),
    ToggleCase,
    Join {
        blanks: bool,
    },
    Put {
        before: bool,
    },
    Undo,
    Redo,
    Repeat,
    Visual {
        lines: bool,
    },
    SwapEnds,
    SelectObject {
        around: bool,
        kind: char,
    },
    Ex,
    Search {
        forward: bool,
    },
    SaveAndQuit,
    QuitWithoutSaving,
    HalfPage {
        down: bool,
    },
    Page {
        down: bool,
    },
    ScrollLine {
        down: bool,
    },
    /// zt, zz, zb
    Scroll(char),
    SetMark(char),
    FileInfo,
    Add {
        down: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    pub count: Option<usize>,
    pub action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gathered {
    More,
    Wrong,
    Done(Command),
}

/// What the keys so far mean.
pub fn gather(keys: &[char], visual: bool) -> Gathered {
    let mut keys = Keys { keys, at: 0 };
    let result = keys.register().and_then(|()| keys.command(visual));
    match result {
        Ok(command) => Gathered::Done(command),
        Err(Stop::More) => Gathered::More,
        Err(Stop::Wrong) => Gathered::Wrong,
    }
}

enum Stop {
    More,
    Wrong,
}

struct Keys<'a> {
    keys: &'a [char],
    at: usize,
}

impl Keys<'_> {
    fn next(&mut self) -> Result<char, Stop> {
        let c = self.keys.get(self.at).copied().ok_or(Stop::More)?;
        self.at += 1;
        Ok(c)
    }

    /// `"x` names a register; there is one, so the name has no effect.
    fn register(&mut self) -> Result<(), Stop> {
        if self.keys.first() == Some(&'"') {
            self.at = 1;
            self.next()?;
        }
        Ok(())
    }

    fn count(&mut self) -> Option<usize> {
        let mut count: Option<usize> = None;
        while let Some(c) = self.keys.get(self.at) {
            let Some(digit) = c.to_digit(10).filter(|d| *d > 0 || count.is_some()) else { break };
            count = Some((count.unwrap_or(0) * 10 + digit as usize).min(MAX_COUNT));
            self.at += 1;
        }
        count
    }

    fn command(&mut self, visual: bool) -> Result<Command, Stop> {
        let count = self.count();
        let c = self.next()?;
        let whole = |action| Ok(Command { count, action });
        if visual && let Some(action) = visual_action(c) {
            return whole(action);
        }
        if visual && matches!(c, 'i' | 'a') {
            let kind = self.next()?;
            return Ok(Command { count, action: Action::SelectObject { around: c == 'a', kind } });
        }
        if let Some(action) = simple(c) {
            return whole(action);
        }
        match c {
            'd' | 'c' | 'y' | '>' | '<' if !visual => self.operate(count, operator(c), c),
            'g' => self.g(count, visual),
            'r' => {
                let c = self.next()?;
                Ok(Command { count, action: Action::ReplaceChar(c) })
            }
            'Z' => match self.next()? {
                'Z' => Ok(Command { count, action: Action::SaveAndQuit }),
                'Q' => Ok(Command { count, action: Action::QuitWithoutSaving }),
                _ => Err(Stop::Wrong),
            },
            'z' => match self.next()? {
                c @ ('t' | 'z' | 'b' | '.' | '-' | '+') => Ok(Command { count, action: Action::Scroll(c) }),
                _ => Err(Stop::Wrong),
            },
            'm' => {
                let name = self.next()?;
                Ok(Command { count, action: Action::SetMark(name) })
            }
            _ => {
                let motion = self.motion_from(c)?;
                Ok(Command { count, action: Action::Move(motion) })
            }
        }
    }

    fn operate(&mut self, before: Option<usize>, operator: Operator, letter: char) -> Result<Command, Stop> {
        let after = self.count();
        let count = match (before, after) {
            (None, None) => None,
            (a, b) => Some((a.unwrap_or(1) * b.unwrap_or(1)).min(MAX_COUNT)),
        };
        let c = self.next()?;
        let target = match c {
            _ if c == letter => Target::Lines,
            'i' | 'a' => {
                let kind = self.next()?;
                Target::Object { around: c == 'a', kind }
            }
            '/' | '?' => {
                let forward = c == '/';
                return Ok(Command { count, action: Action::OperateSearch { operator, forward } });
            }
            ESCAPE => return Err(Stop::Wrong),
            _ => Target::Motion(self.motion_from(c)?),
        };
        Ok(Command { count, action: Action::Operate(operator, target) })
    }

    fn g(&mut self, count: Option<usize>, visual: bool) -> Result<Command, Stop> {
        let c = self.next()?;
        let action = match c {
            'J' => Action::Join { blanks: false },
            'u' | 'U' | '~' if visual => Action::Operate(case(c), Target::Selection),
            'u' | 'U' | '~' => return self.operate(count, case(c), c),
            _ => Action::Move(g_motion(c).ok_or(Stop::Wrong)?),
        };
        Ok(Command { count, action })
    }

    fn motion_from(&mut self, c: char) -> Result<Motion, Stop> {
        Ok(match c {
            'f' | 'F' | 't' | 'T' => {
                let target = self.next()?;
                Motion::Find(Find { target, forward: matches!(c, 'f' | 't'), before: matches!(c, 't' | 'T') })
            }
            'g' => g_motion(self.next()?).ok_or(Stop::Wrong)?,
            '\'' | '`' => Motion::Mark { name: self.next()?, lines: c == '\'' },
            _ => motion(c).ok_or(Stop::Wrong)?,
        })
    }
}

fn operator(c: char) -> Operator {
    match c {
        'c' => Operator::Change,
        'y' => Operator::Yank,
        '>' => Operator::Indent,
        '<' => Operator::Outdent,
        _ => Operator::Delete,
    }
}

fn case(c: char) -> Operator {
    match c {
        'u' => Operator::Lower,
        'U' => Operator::Upper,
        _ => Operator::Toggle,
    }
}

fn g_motion(c: char) -> Option<Motion> {
    match c {
        'g' => Some(Motion::FirstLine),
        'e' => Some(Motion::WordEndBack { big: false }),
        'E' => Some(Motion::WordEndBack { big: true }),
        'j' => Some(Motion::Down),
        'k' => Some(Motion::Up),
        _ => None,
    }
}

fn motion(c: char) -> Option<Motion> {
    Some(match c {
        'h' | '\x08' => Motion::Left,
        'l' | ' ' => Motion::Right,
        'j' | '\x0e' => Motion::Down,
        'k' | '\x10' => Motion::Up,
        '0' => Motion::LineStart,
        '^' => Motion::FirstNonBlank,
        '$' => Motion::LineEnd,
        'w' | 'W' => Motion::Word { big: c == 'W' },
        'b' | 'B' => Motion::WordBack { big: c == 'B' },
        'e' | 'E' => Motion::WordEnd { big: c == 'E' },
        'G' => Motion::LastLine,
        ';' => Motion::FindAgain { reversed: false },
        ',' => Motion::FindAgain { reversed: true },
        'n' => Motion::SearchAgain { reversed: false },
        'N' => Motion::SearchAgain { reversed: true },
        '*' => Motion::WordUnder { forward: true },
        '#' => Motion::WordUnder { forward: false },
        '}' => Motion::ParagraphForward,
        '{' => Motion::ParagraphBack,
        '%' => Motion::Match,
        'H' => Motion::ScreenTop,
        'M' => Motion::ScreenMiddle,
        'L' => Motion::ScreenBottom,
        '|' => Motion::Column,
        '+' => Motion::NextLine,
        '-' => Motion::PreviousLine,
        '_' => Motion::ThisLine,
        _ => return None,
    })
}

fn simple(c: char) -> Option<Action> {
    let operate = |operator, motion| Action::Operate(operator, Target::Motion(motion));
    Some(match c {
        'i' => Action::Insert,
        'I' => Action::InsertAtIndent,
        'a' => Action::Append,
        'A' => Action::AppendAtEnd,
        'o' => Action::OpenBelow,
        'O' => Action::OpenAbove,
        'R' => Action::ReplaceMode,
        'x' => operate(Operator::Delete, Motion::Right),
        'X' => operate(Operator::Delete, Motion::Left),
        'D' => operate(Operator::Delete, Motion::LineEnd),
        'C' => operate(Operator::Change, Motion::LineEnd),
        's' => operate(Operator::Change, Motion::Right),
        'S' => Action::Operate(Operator::Change, Target::Lines),
        'Y' => Action::Operate(Operator::Yank, Target::Lines),
        '~' => Action::ToggleCase,
        'J' => Action::Join { blanks: true },
        'p' => Action::Put { before: false },
        'P' => Action::Put { before: true },
        'u' => Action::Undo,
        '\x12' => Action::Redo,
        '.' => Action::Repeat,
        'v' => Action::Visual { lines: false },
        'V' => Action::Visual { lines: true },
        ':' => Action::Ex,
        '/' => Action::Search { forward: true },
        '?' => Action::Search { forward: false },
        '\x04' => Action::HalfPage { down: true },
        '\x15' => Action::HalfPage { down: false },
        '\x06' => Action::Page { down: true },
        '\x02' => Action::Page { down: false },
        '\x05' => Action::ScrollLine { down: true },
        '\x19' => Action::ScrollLine { down: false },
        '\x07' => Action::FileInfo,
        '\x01' => Action::Add { down: false },
        '\x18' => Action::Add { down: true },
        _ => return None,
    })
}

fn visual_action(c: char) -> Option<Action> {
    let operate = |operator| Action::Operate(operator, Target::Selection);
    Some(match c {
        'd' | 'x' | 'X' | 'D' => operate(Operator::Delete),
        'c' | 's' | 'S' | 'C' | 'R' => operate(Operator::Change),
        'y' | 'Y' => operate(Operator::Yank),
        '>' => operate(Operator::Indent),
        '<' => operate(Operator::Outdent),
        'u' => operate(Operator::Lower),
        'U' => operate(Operator::Upper),
        '~' => operate(Operator::Toggle),
        'o' | 'O' => Action::SwapEnds,
        _ => return None,
    })
}
