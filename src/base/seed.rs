//! Seeds: every draw comes from a stream named for its purpose, so that a new draw somewhere shifts no other
//! name, address or identifier. Never draws from the host's randomness.

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Kubernetes' alphabet of generated names: no vowels, no look-alikes
/// (apimachinery `util/rand/rand.go`).
pub const KUBE_ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

const HEX_DIGITS: &[u8] = b"0123456789abcdef";

/// The seed of a whole session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// A seed from any text, such as a learner's id.
    pub fn from_text(text: &str) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        let mut first = [0u8; 8];
        first.copy_from_slice(&digest[..8]);
        Seed(u64::from_le_bytes(first))
    }

    /// The stream of draws for one purpose, e.g. `"uid/default/hello-node"`. The same seed and purpose always
    /// give the same stream, whatever else was drawn.
    pub fn stream(self, purpose: &str) -> Rng {
        let mut hash = Sha256::new();
        hash.update(self.0.to_le_bytes());
        hash.update(purpose.as_bytes());
        Rng(ChaCha8Rng::from_seed(hash.finalize().into()))
    }
}

/// A stream of deterministic draws.
#[derive(Debug, Clone)]
pub struct Rng(ChaCha8Rng);

impl Rng {
    /// Sixty-four random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `0..n`; 0 when `n` is 0. The bias of the modulo is irrelevant for names and delays.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 { 0 } else { self.0.next_u64() % n }
    }

    /// A number in `low..high`; `low` when the range is empty.
    pub fn range(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low))
    }

    /// One of `items`; `None` when there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = self.below(items.len() as u64) as usize;
        items.get(index)
    }

    /// `n` characters of `alphabet`.
    pub fn letters(&mut self, alphabet: &[u8], n: usize) -> String {
        let mut text = String::with_capacity(n);
        self.push_letters(&mut text, alphabet, n);
        text
    }

    fn push_letters(&mut self, text: &mut String, alphabet: &[u8], n: usize) {
        for _ in 0..n {
            text.extend(self.pick(alphabet).map(|&b| b as char));
        }
    }

    /// `n` lower-case hexadecimal digits.
    pub fn hex(&mut self, n: usize) -> String {
        self.letters(HEX_DIGITS, n)
    }

    /// `n` characters of Kubernetes' alphabet of generated names.
    pub fn kube_suffix(&mut self, n: usize) -> String {
        self.letters(KUBE_ALPHABET, n)
    }

    /// A version 4 UUID.
    pub fn uuid(&mut self) -> String {
        let variant = format!("-{}", self.letters(b"89ab", 1));
        let mut uuid = String::with_capacity(36);
        for (before, digits) in [("", 8), ("-", 4), ("-4", 3), (&variant, 3), ("-", 12)] {
            uuid.push_str(before);
            self.push_letters(&mut uuid, HEX_DIGITS, digits);
        }
        uuid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_and_purpose_only() {
        let seed = Seed::from_text("student-7f3a");
        assert_eq!(seed.stream("pods").kube_suffix(5), seed.stream("pods").kube_suffix(5));
        assert_ne!(seed.stream("pods").uuid(), seed.stream("nodes").uuid());
        assert_ne!(seed.stream("pods").uuid(), Seed(seed.0 + 1).stream("pods").uuid());
    }

    #[test]
    fn a_uuid_has_its_shape() {
        let uuid = Seed(1).stream("u").uuid();
        let groups: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert!(uuid.as_bytes()[14] == b'4' && b"89ab".contains(&uuid.as_bytes()[19]));
    }
}
