//! Colours and marks by role. Panes ask for a role ("a ready pod", "a routing line") and never name a colour.
//!
//! A role's colour comes from `assets/themes/*.toml`; without colour every role still differs by mark, word
//! or weight. The ASCII set serves terminals without box drawing.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use std::collections::BTreeMap;

/// How much colour the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    None,
    /// 256 colours: the palette is mapped to the nearest of the colour cube.
    Indexed,
    True,
}

/// Which palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    Dark,
    Light,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Text,
    Faint,
    Strong,
    Accent,
    Border,
    BorderFocus,
    Bar,
    BarKey,
    Good,
    Busy,
    Bad,
    Gone,
    Route,
    Own,
    Dot,
    Version1,
    Version2,
    Version3,
    Version4,
    Code,
    CodeKeyword,
    CodeString,
    CodeNumber,
    CodeComment,
    CodeKey,
    Selection,
    Coach,
}

/// Marks that have an ASCII form.
#[derive(Clone, Debug)]
pub struct Marks {
    pub ready: &'static str,
    pub half: &'static str,
    pub waiting: &'static str,
    pub failed: &'static str,
    pub leaving: &'static str,
    pub done: &'static str,
    pub check: &'static str,
    pub bullet: &'static str,
    pub arrow: &'static str,
    pub right: &'static str,
    pub play: &'static str,
    pub pause: &'static str,
    pub balancer: &'static str,
    pub full: &'static str,
    pub empty: &'static str,
    pub dot: &'static str,
    pub more: &'static str,
    /// top left, top right, bottom left, bottom right, horizontal, vertical
    pub frame: [&'static str; 6],
    /// tee down, tee right, tee up, vertical, corner down right, corner down left, corner up right, arrow down
    pub route: [&'static str; 8],
    pub rule: &'static str,
    /// left and right edge of a door or slab, the wall
    pub block: [&'static str; 2],
    pub wall: &'static str,
    /// taken from a cache
    pub reused: &'static str,
    /// a firewall that lets nothing through
    pub shut: &'static str,
    /// the left edge of a card
    pub edge: &'static str,
    /// restarted so often
    pub again: &'static str,
    /// looking at the past
    pub back: &'static str,
    pub up: &'static str,
    pub down: &'static str,
}

const UNICODE: Marks = Marks {
    ready: "●",
    half: "◐",
    waiting: "○",
    failed: "✖",
    leaving: "◌",
    done: "✔",
    check: "✔",
    bullet: "•",
    arrow: "→",
    right: "▶",
    play: "▶",
    pause: "‖",
    balancer: "◈",
    full: "▓",
    empty: "░",
    dot: "◆",
    more: "…",
    frame: ["╭", "╮", "╰", "╯", "─", "│"],
    route: ["┬", "├", "┴", "│", "╭", "╮", "╰", "▼"],
    rule: "┄",
    block: ["▐", "▌"],
    wall: "║",
    reused: "↺",
    shut: "▒",
    edge: "▌",
    again: "↻",
    back: "◀",
    up: "▲",
    down: "▼",
};

const ASCII: Marks = Marks {
    ready: "*",
    half: "o",
    waiting: ".",
    failed: "x",
    leaving: "-",
    done: "v",
    check: "v",
    bullet: "-",
    arrow: ">",
    right: ">",
    play: ">",
    pause: "=",
    balancer: "#",
    full: "#",
    empty: ".",
    dot: "@",
    more: "~",
    frame: ["+", "+", "+", "+", "-", "|"],
    route: ["+", "+", "+", "|", "+", "+", "+", "v"],
    rule: "-",
    block: ["[", "]"],
    wall: "|",
    reused: "=",
    shut: "X",
    edge: "|",
    again: "r",
    back: "<",
    up: "^",
    down: "v",
};

#[derive(Clone, Debug)]
pub struct Theme {
    pub depth: Depth,
    pub ground: Ground,
    pub ascii: bool,
    pub marks: Marks,
    colors: BTreeMap<Role, Color>,
    /// The palette before it was fitted to the terminal.
    palette: BTreeMap<Role, (u8, u8, u8)>,
    /// What fades go to and come from.
    background: (u8, u8, u8),
}

#[derive(Deserialize)]
struct File {
    background: String,
    roles: BTreeMap<Role, String>,
}

const DARK: &str = include_str!("../../assets/themes/dark.toml");
const LIGHT: &str = include_str!("../../assets/themes/light.toml");

impl Theme {
    pub fn new(ground: Ground, depth: Depth, ascii: bool) -> Self {
        let text = if ground == Ground::Dark { DARK } else { LIGHT };
        // A theme is part of the program and covered by a test, so a damaged one only loses its colours.
        let file =
            toml::from_str(text).unwrap_or(File { background: "#000000".into(), roles: BTreeMap::new() });
        let palette: BTreeMap<Role, (u8, u8, u8)> =
            file.roles.iter().filter_map(|(role, hex)| Some((*role, rgb(hex)?))).collect();
        let colors = palette.iter().filter_map(|(role, rgb)| Some((*role, to_color(*rgb, depth)?)));
        Self {
            depth,
            ground,
            ascii,
            marks: if ascii { ASCII } else { UNICODE },
            colors: colors.collect(),
            palette,
            background: rgb(&file.background).unwrap_or((0, 0, 0)),
        }
    }

    pub fn style(&self, role: Role) -> Style {
        let style = match self.colors.get(&role) {
            Some(color) if role == Role::Selection => Style::new().bg(*color),
            Some(color) => Style::new().fg(*color),
            None => Style::new(),
        };
        style.add_modifier(self.weight(role))
    }

    /// What a frame lies on. Without colour it is the terminal's own.
    pub fn ground_style(&self) -> Style {
        let ground = Style { bg: to_color(self.background, self.depth), ..Style::new() };
        Style { fg: self.colors.get(&Role::Text).copied(), ..ground }
    }

    fn weight(&self, role: Role) -> Modifier {
        let plain = self.depth == Depth::None;
        match role {
            Role::Strong | Role::BorderFocus | Role::BarKey => Modifier::BOLD,
            Role::Accent | Role::Bad | Role::Dot | Role::CodeKeyword if plain => Modifier::BOLD,
            Role::Faint | Role::Border | Role::Gone | Role::CodeComment if plain => Modifier::DIM,
            Role::Selection if plain => Modifier::REVERSED,
            Role::Version2 | Role::Version4 if plain => Modifier::UNDERLINED,
            _ => Modifier::empty(),
        }
    }

    /// Versions share four colours in turn; the word beside them tells them apart.
    pub fn version(&self, index: usize) -> Style {
        self.style(Self::version_role(index))
    }

    pub fn version_role(index: usize) -> Role {
        [Role::Version1, Role::Version2, Role::Version3, Role::Version4][index % 4]
    }

    /// A surface in the colour of a role, `strength` of it over the background. Without colour there is none.
    pub fn surface(&self, role: Role, strength: f32) -> Style {
        let Some(color) = self.palette.get(&role) else { return Style::new() };
        let mixed = mix(*color, self.background, strength);
        match to_color(mixed, self.depth) {
            Some(color) => Style::new().bg(color),
            None => Style::new(),
        }
    }

    /// `style` at `visible` of its strength (0.0 gone, 1.0 there): what appears fades in, what dies fades out.
    pub fn faded(&self, style: Style, visible: f32) -> Style {
        if visible >= 1.0 {
            return style;
        }
        match (self.depth, style.fg) {
            (Depth::True, Some(Color::Rgb(r, g, b))) => {
                let (r, g, b) = mix((r, g, b), self.background, visible);
                style.fg(Color::Rgb(r, g, b))
            }
            _ if visible < 0.6 => style.add_modifier(Modifier::DIM),
            _ => style,
        }
    }
}

/// `part` of one colour over another.
fn mix(color: (u8, u8, u8), ground: (u8, u8, u8), part: f32) -> (u8, u8, u8) {
    let mix = |a: u8, b: u8| (f32::from(b) + (f32::from(a) - f32::from(b)) * part).round() as u8;
    (mix(color.0, ground.0), mix(color.1, ground.1), mix(color.2, ground.2))
}

fn rgb(hex: &str) -> Option<(u8, u8, u8)> {
    let digits = hex.strip_prefix('#')?;
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some((part(0)?, part(2)?, part(4)?))
}

fn to_color((r, g, b): (u8, u8, u8), depth: Depth) -> Option<Color> {
    match depth {
        Depth::None => None,
        Depth::True => Some(Color::Rgb(r, g, b)),
        Depth::Indexed => Some(Color::Indexed(nearest(r, g, b))),
    }
}

/// The index among 256 colours that is least far off: of the cube, or of the greys.
fn nearest(r: u8, g: u8, b: u8) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let level = |v: u8| (0..6).min_by_key(|at| LEVELS[*at].abs_diff(v)).unwrap_or(0);
    let far = |(x, y, z): (u8, u8, u8)| {
        [x.abs_diff(r), y.abs_diff(g), z.abs_diff(b)].map(|d| u32::from(d) * u32::from(d)).iter().sum::<u32>()
    };
    let [x, y, z] = [r, g, b].map(level);
    let cube = (far((LEVELS[x], LEVELS[y], LEVELS[z])), 16 + (36 * x + 6 * y + z) as u8);
    let middle = (u16::from(r) + u16::from(g) + u16::from(b)) / 3;
    let step = (middle.saturating_sub(3) / 10).min(23) as u8;
    let grey = 8 + 10 * step;
    cube.min((far((grey, grey, grey)), 232 + step)).1
}

#[cfg(test)]
mod tests {
    use super::{DARK, Depth, File, Ground, LIGHT, Role, Theme, nearest};
    use ratatui::style::Color;

    #[test]
    fn both_themes_name_every_role() {
        for text in [DARK, LIGHT] {
            let file: File = toml::from_str(text).expect("a theme is TOML");
            assert_eq!(file.roles.len(), Role::Coach as usize + 1);
        }
    }

    #[test]
    fn a_quiet_surface_stays_quiet_with_256_colours() {
        assert_eq!(nearest(0xff, 0x00, 0x00), 196);
        assert_eq!(nearest(0x12, 0x12, 0x12), 233);
        assert_eq!(nearest(45, 57, 72), 237, "a grey, not the cube's teal");
        assert_eq!(nearest(0xff, 0xff, 0xff), 231);
    }

    #[test]
    fn without_colour_no_role_has_one() {
        let theme = Theme::new(Ground::Dark, Depth::None, false);
        assert_eq!(theme.style(Role::Good).fg, None);
        let theme = Theme::new(Ground::Dark, Depth::Indexed, false);
        assert!(matches!(theme.style(Role::Good).fg, Some(Color::Indexed(_))));
    }
}
