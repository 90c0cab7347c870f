//! Stories about the small commands: what people type, and what GNU answers.
