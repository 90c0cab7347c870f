//! Panes, keymap, theme, animation. Draws from state, owns no truth.

pub mod app;
pub mod bars;
pub mod cluster_pane;
pub mod complete_screen;
pub mod derive;
pub mod editor;
pub mod help;
pub mod highlight;
pub mod home;
pub mod keymap;
pub mod layout;
pub mod lesson_pane;
pub mod machine_pane;
pub mod markdown;
pub mod measure;
pub mod node_boxes;
pub mod paint;
mod pointer;
pub mod scene;
mod screen;
pub mod stage;
pub mod story;
pub mod terminal;
pub mod texts;
pub mod theme;
pub mod trips;
pub mod view;
