//! gcloud as Cloud Shell has it, and the files it keeps in the learner's home directory.

pub mod kubeconfig;
pub mod properties;
