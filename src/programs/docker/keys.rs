//! How the keys are named that leave a container running. Pure.

/// Reads `ctrl-p,ctrl-q` or `a,b` into bytes; `None` when it names no keys.
pub fn read(text: &str) -> Option<Vec<u8>> {
    text.split(',').map(key).collect()
}

fn key(text: &str) -> Option<u8> {
    if let [byte] = text.as_bytes() {
        return Some(*byte);
    }
    match text.strip_prefix("ctrl-")?.as_bytes() {
        [letter @ b'a'..=b'z'] => Some(letter - b'a' + 1),
        [b'@'] => Some(0),
        [b'['] => Some(27),
        [b'\\'] => Some(28),
        [b']'] => Some(29),
        [b'^'] => Some(30),
        [b'_'] => Some(31),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_moby_reads_them() {
        let check = |text: &str, expect: Option<&[u8]>| assert_eq!(read(text).as_deref(), expect, "{text}");
        check("ctrl-p,ctrl-q", Some(&[16, 17]));
        check("a", Some(b"a"));
        check("ctrl-[,x", Some(&[27, b'x']));
        check("foo", None);
        check("ctrl-1", None);
    }
}
