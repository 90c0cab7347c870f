//! Variables: scopes, attributes, arrays. It holds values and refuses to change read-only ones; what a value
//! expands to, and the variables that compute themselves (RANDOM, SECONDS), are the shell's business.

use std::collections::BTreeMap;

use indexmap::IndexMap;

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Data {
    /// Declared without a value.
    #[default]
    Unset,
    Scalar(String),
    Indexed(BTreeMap<i64, String>),
    Assoc(IndexMap<String, String>),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Variable {
    pub data: Data,
    pub exported: bool,
    pub readonly: bool,
    pub integer: bool,
    pub lower: bool,
    pub upper: bool,
    pub nameref: bool,
}

/// Global variables, and above them those of every running function.
#[derive(Debug, Clone)]
pub struct Variables {
    scopes: Vec<BTreeMap<String, Variable>>,
}

/// References that refer to references.
const MAX_NAMEREFS: usize = 10;

impl Default for Variables {
    fn default() -> Self {
        Variables { scopes: vec![BTreeMap::new()] }
    }
}

impl Variable {
    /// What `$name` gives: the scalar, or an array's element 0.
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Unset => None,
            Data::Scalar(text) => Some(text),
            Data::Indexed(map) => map.get(&0).map(String::as_str),
            Data::Assoc(map) => map.get("0").map(String::as_str),
        }
    }

    /// All values in the order `${name[@]}` gives them.
    pub fn values(&self) -> Vec<String> {
        match &self.data {
            Data::Unset => Vec::new(),
            Data::Scalar(text) => vec![text.clone()],
            Data::Indexed(map) => map.values().cloned().collect(),
            Data::Assoc(map) => {
                hashed_order(map).into_iter().filter_map(|key| map.get(&key).cloned()).collect()
            }
        }
    }

    pub fn keys(&self) -> Vec<String> {
        match &self.data {
            Data::Unset => Vec::new(),
            Data::Scalar(_) => vec!["0".into()],
            Data::Indexed(map) => map.keys().map(i64::to_string).collect(),
            Data::Assoc(map) => hashed_order(map),
        }
    }

    /// The letters `declare -p` shows.
    pub fn flags(&self) -> String {
        let array = match self.data {
            Data::Indexed(_) => "a",
            Data::Assoc(_) => "A",
            _ => "",
        };
        let mut flags = String::from(array);
        for (on, letter) in [
            (self.integer, 'i'),
            (self.lower, 'l'),
            (self.nameref, 'n'),
            (self.readonly, 'r'),
            (self.upper, 'u'),
            (self.exported, 'x'),
        ] {
            if on {
                flags.push(letter);
            }
        }
        flags
    }

    /// The value after the variable's attributes have had their say.
    pub fn adjusted(&self, text: String) -> String {
        match (self.lower, self.upper) {
            (true, _) => text.to_lowercase(),
            (_, true) => text.to_uppercase(),
            _ => text,
        }
    }
}

/// bash keeps associative arrays in a hash table of 1024 buckets (FNV-1, 32 bits) and lists them in its order,
/// newest first within a bucket.
fn hashed_order(map: &IndexMap<String, String>) -> Vec<String> {
    let bucket = |key: &str| {
        key.bytes().fold(2_166_136_261u32, |hash, byte| hash.wrapping_mul(16_777_619) ^ u32::from(byte))
            & 1023
    };
    let mut keys: Vec<(u32, usize, &String)> =
        map.keys().enumerate().map(|(i, key)| (bucket(key), usize::MAX - i, key)).collect();
    keys.sort();
    keys.into_iter().map(|(_, _, key)| key.clone()).collect()
}

impl Variables {
    /// Follows references to the name they stand for, with the subscript a reference may carry.
    pub fn resolve(&self, name: &str) -> String {
        let mut name = name.to_string();
        for _ in 0..MAX_NAMEREFS {
            match self.find(&name) {
                Some(Variable { nameref: true, data: Data::Scalar(target), .. }) if !target.is_empty() => {
                    name = target.clone();
                }
                _ => break,
            }
        }
        name
    }

    fn find(&self, name: &str) -> Option<&Variable> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    pub fn get(&self, name: &str) -> Option<&Variable> {
        match self.find(name) {
            Some(variable) if variable.nameref => self.find(&self.resolve(name)),
            found => found,
        }
    }

    /// The variable itself, not what it refers to.
    pub fn get_raw(&self, name: &str) -> Option<&Variable> {
        self.find(name)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Variable::text)
    }

    /// The variable to change, made in the global scope when there is none.
    pub fn entry(&mut self, name: &str) -> &mut Variable {
        let at = self.scopes.iter().rposition(|scope| scope.contains_key(name)).unwrap_or(0);
        self.scopes[at].entry(name.to_string()).or_default()
    }

    pub fn entry_global(&mut self, name: &str) -> &mut Variable {
        self.scopes[0].entry(name.to_string()).or_default()
    }

    /// The variable of the running function. `Err` outside of one.
    pub fn entry_local(&mut self, name: &str) -> Result<&mut Variable, ()> {
        if self.scopes.len() < 2 {
            return Err(());
        }
        let exported = self.find(name).is_some_and(|variable| variable.exported);
        let top = self.scopes.len() - 1;
        let fresh = Variable { exported, ..Variable::default() };
        Ok(self.scopes[top].entry(name.to_string()).or_insert(fresh))
    }

    pub fn is_local(&self, name: &str) -> bool {
        self.scopes.len() > 1 && self.scopes.last().is_some_and(|scope| scope.contains_key(name))
    }

    pub fn set(&mut self, name: &str, text: &str) {
        self.entry(name).data = Data::Scalar(text.to_string());
    }

    pub fn set_exported(&mut self, name: &str, text: &str) {
        let entry = self.entry(name);
        entry.data = Data::Scalar(text.to_string());
        entry.exported = true;
    }

    pub fn set_array(&mut self, name: &str, values: impl IntoIterator<Item = String>) {
        self.entry(name).data = Data::Indexed((0..).zip(values).collect());
    }

    /// Removes the innermost variable of that name. False when it is read-only.
    pub fn unset(&mut self, name: &str) -> bool {
        if self.find(name).is_some_and(|variable| variable.readonly) {
            return false;
        }
        let top = self.scopes.len() - 1;
        if let Some(at) = self.scopes.iter().rposition(|scope| scope.contains_key(name)) {
            if at == top && top > 0 {
                // bash keeps an unset local hiding the outer one.
                self.scopes[at].insert(name.to_string(), Variable::default());
            } else {
                self.scopes[at].remove(name);
            }
        }
        true
    }

    pub fn push_scope(&mut self) {
        self.scopes.push(BTreeMap::new());
    }

    pub fn pop_scope(&mut self) {
        if self.scopes.len() > 1 {
            self.scopes.pop();
        }
    }

    pub fn depth(&self) -> usize {
        self.scopes.len()
    }

    /// Puts back what a temporary assignment hid.
    pub fn restore(&mut self, name: &str, saved: Option<Variable>) {
        match saved {
            Some(variable) => *self.entry(name) = variable,
            None => {
                if let Some(at) = self.scopes.iter().rposition(|scope| scope.contains_key(name)) {
                    self.scopes[at].remove(name);
                }
            }
        }
    }

    /// Every visible variable, sorted by name.
    pub fn visible(&self) -> BTreeMap<&str, &Variable> {
        let mut all = BTreeMap::new();
        for scope in &self.scopes {
            for (name, variable) in scope {
                all.insert(name.as_str(), variable);
            }
        }
        all
    }

    pub fn local_names(&self) -> Vec<String> {
        match self.scopes.len() {
            0 | 1 => Vec::new(),
            len => self.scopes[len - 1].keys().cloned().collect(),
        }
    }

    /// The environment of a program.
    pub fn environment(&self) -> crate::world::Env {
        let visible = self.visible().into_iter();
        visible
            .filter(|(_, variable)| variable.exported)
            .filter_map(|(name, variable)| Some((name.to_string(), variable.text()?.to_string())))
            .collect()
    }
}
