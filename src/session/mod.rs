//! The reducer over virtual time, the journal, proofs.
