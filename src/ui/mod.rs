//! Panes, keymap, theme, animation. Draws from state, owns no truth.
