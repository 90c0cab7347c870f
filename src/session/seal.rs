//! The seal of a journal: every line ends with a sum over itself and all lines before it. So a line that was torn,
//! flipped, edited, moved or left out is found, and its number is known. A seal is no secret: who computes it anew
//! has only written down other inputs, and what those lead to is for the replay to say. Must never look at what a
//! line means.

use sha2::{Digest, Sha256};

/// Hexadecimal digits of a line's sum.
const SUM_DIGITS: usize = 8;
/// Hexadecimal digits of a record's digest, in groups of four.
const DIGEST_DIGITS: usize = 20;
/// What stands before the sum.
const BEFORE: &[u8] = b",\"sum\":\"";
/// What stands after it.
const AFTER: &[u8] = b"\"}";

/// The seal after some lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seal([u8; 32]);

impl Seal {
    /// Seals a JSON object: the line with its sum, newline included. The seal moves on.
    pub fn close(&mut self, object: &str) -> String {
        let body = object.strip_suffix('}').unwrap_or(object);
        self.take_in(body.as_bytes());
        let sum = self.digits(SUM_DIGITS);
        format!("{body},\"sum\":\"{sum}\"}}\n")
    }

    /// The JSON object of a sealed line (without its newline), when the sum is right. Only then the seal moves on.
    pub fn open(&mut self, line: &[u8]) -> Option<Vec<u8>> {
        let rest = line.strip_suffix(AFTER)?;
        let (rest, sum) = rest.split_at_checked(rest.len().checked_sub(SUM_DIGITS)?)?;
        let body = rest.strip_suffix(BEFORE)?;
        let mut next = self.clone();
        next.take_in(body);
        if next.digits(SUM_DIGITS).as_bytes() != sum {
            return None;
        }
        *self = next;
        let mut object = body.to_vec();
        object.push(b'}');
        Some(object)
    }

    /// What stands for a whole record on certificates and in lists: over all inputs and the end they led to, and not
    /// over the words a person may still choose, such as the name.
    pub fn digest(&self, end: &str, at: u64) -> String {
        let mut last = self.clone();
        last.take_in(format!("{at} {end}").as_bytes());
        let digits = last.digits(DIGEST_DIGITS);
        let groups: Vec<&str> = (0..DIGEST_DIGITS / 4).map(|n| &digits[n * 4..n * 4 + 4]).collect();
        groups.join("-")
    }

    fn take_in(&mut self, bytes: &[u8]) {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(bytes);
        self.0 = hash.finalize().into();
    }

    fn digits(&self, count: usize) -> String {
        let all: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        all[..count].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::Seal;

    fn sealed(objects: &[&str]) -> Vec<String> {
        let mut seal = Seal::default();
        objects.iter().map(|object| seal.close(object).trim_end().to_owned()).collect()
    }

    /// How many lines open, and what the last one says.
    fn check(lines: &[String], expect: usize) {
        let mut seal = Seal::default();
        let opened = lines.iter().take_while(|line| seal.open(line.as_bytes()).is_some()).count();
        assert_eq!(opened, expect, "{lines:#?}");
    }

    #[test]
    fn a_line_opens_only_where_it_was_closed() {
        let lines = sealed(&["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"]);
        check(&lines, 3);
        check(&[lines[0].clone(), lines[2].clone()], 1);
        check(&[lines[1].clone(), lines[0].clone()], 0);
        check(&[lines[0].clone(), lines[1].replace('2', "3"), lines[2].clone()], 1);
        check(&["{\"b\":2}".to_owned(), String::new()], 0);
        let mut seal = Seal::default();
        assert_eq!(seal.open(lines[0].as_bytes()).as_deref(), Some(&b"{\"a\":1}"[..]));
    }
}
