//! Environment variables in the order in which they were set, as `environ` has them: `docker exec C env` prints them in
//! that order. Must never sort.

/// The environment of a process. A name is there once; setting it again keeps its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Env {
    vars: Vec<(String, String)>,
}

impl Env {
    /// An empty environment.
    #[must_use]
    pub fn new() -> Self {
        Env::default()
    }

    /// A variable's value.
    pub fn get(&self, name: &str) -> Option<&String> {
        self.vars.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// Whether a variable is set.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a variable.
    pub fn insert(&mut self, name: String, value: String) {
        match self.vars.iter_mut().find(|(n, _)| *n == name) {
            Some((_, old)) => *old = value,
            None => self.vars.push((name, value)),
        }
    }

    /// Unsets a variable.
    pub fn remove(&mut self, name: &str) {
        self.vars.retain(|(n, _)| n != name);
    }

    /// Unsets every variable.
    pub fn clear(&mut self) {
        self.vars.clear();
    }

    /// Every variable, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.vars.iter().map(|(name, value)| (name, value))
    }
}

impl FromIterator<(String, String)> for Env {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(items: I) -> Self {
        let mut env = Env::new();
        env.extend(items);
        env
    }
}

impl Extend<(String, String)> for Env {
    fn extend<I: IntoIterator<Item = (String, String)>>(&mut self, items: I) {
        for (name, value) in items {
            self.insert(name, value);
        }
    }
}

impl<const N: usize> From<[(String, String); N]> for Env {
    fn from(items: [(String, String); N]) -> Self {
        items.into_iter().collect()
    }
}

impl IntoIterator for Env {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    fn into_iter(self) -> Self::IntoIter {
        self.vars.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_of_setting() {
        let mut env: Env =
            [("PATH", "/bin"), ("A", "1"), ("HOME", "/")].map(|(n, v)| (n.to_owned(), v.to_owned())).into();
        env.insert("A".to_owned(), "2".to_owned());
        env.insert("B".to_owned(), "3".to_owned());
        env.remove("HOME");
        let shown: Vec<String> = env.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(shown, ["PATH=/bin", "A=2", "B=3"]);
    }
}
