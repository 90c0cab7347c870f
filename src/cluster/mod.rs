//! The simulated Kubernetes. Must never know that it is being watched, nor which lesson is played.
