//! Which line of a text a byte stands on.

/// Where the lines of a text begin, for whoever asks often.
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Looks the text through once.
    pub fn of(text: &str) -> Lines {
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Lines { starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    /// The line (from 1) of a byte offset.
    pub fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn a_line_begins_behind_the_break_before_it() {
        let text = "one\n\nthree";
        let lines = Lines::of(text);
        let found: Vec<usize> = (0..=text.len() + 1).map(|at| lines.line(at)).collect();
        assert_eq!(found, [1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3, 3]);
    }
}
