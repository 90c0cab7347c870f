//! lint, new, solve, record: tools for lesson authors.
