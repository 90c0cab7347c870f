//! The learner's own computer: virtual files, ports, the Docker engine's state.
