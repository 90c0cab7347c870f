//! The terminal pane: output on an emulated screen, a line editor on the prompt, history, completion, tabs.
//!
//! Only whole lines leave here; what is being typed is the interface's own and never reaches the simulation.

pub mod line_editor;
pub mod history;
pub mod output;
pub mod pane;
pub mod popup;
pub mod tab;
