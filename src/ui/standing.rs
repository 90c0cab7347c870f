//! Things in a row that come and go: what is new fades in, what left stays for a moment as a ghost where it stood.
//!
//! The time is a parameter. Nothing here may draw or know what stands in the row.

/// How long something takes to appear and to leave.
pub const APPEAR_MS: u64 = 450;
pub const LEAVE_MS: u64 = 700;

#[derive(Clone, Debug)]
pub struct Place<T> {
    pub item: T,
    born_ms: u64,
    left_ms: Option<u64>,
}

impl<T> Place<T> {
    /// 0.0 gone, 1.0 there.
    pub fn visible(&self, now_ms: u64) -> f32 {
        let part = |age: u64, whole: u64| (age as f32 / whole as f32).min(1.0);
        match self.left_ms {
            Some(left) => 1.0 - part(now_ms.saturating_sub(left), LEAVE_MS),
            None => 0.25 + 0.75 * part(now_ms.saturating_sub(self.born_ms), APPEAR_MS),
        }
    }

    pub fn is_ghost(&self) -> bool {
        self.left_ms.is_some()
    }
}

#[derive(Clone, Debug)]
pub struct Standing<T> {
    places: Vec<Place<T>>,
}

impl<T> Default for Standing<T> {
    fn default() -> Self {
        Self { places: Vec::new() }
    }
}

impl<T: Clone> Standing<T> {
    /// Takes in what stands there from `now_ms` on; `born_ms` is when the new ones came. `haunts`: which of those
    /// that left stay as ghosts.
    pub fn take_in(
        &mut self,
        items: &[T],
        key: impl Fn(&T) -> &str,
        haunts: impl Fn(&T) -> bool,
        now_ms: u64,
        born_ms: u64,
    ) {
        let before = std::mem::take(&mut self.places);
        for item in items {
            let known = before.iter().find(|p| p.left_ms.is_none() && key(&p.item) == key(item));
            let born_ms = known.map_or(born_ms, |p| p.born_ms);
            self.places.push(Place { item: item.clone(), born_ms, left_ms: None });
        }
        for (at, mut place) in before.into_iter().enumerate() {
            let gone = items.iter().all(|item| key(item) != key(&place.item)) || place.is_ghost();
            let left_ms = place.left_ms.unwrap_or(now_ms);
            if gone && haunts(&place.item) && now_ms < left_ms + LEAVE_MS {
                place.left_ms = Some(left_ms);
                self.places.insert(at.min(self.places.len()), place);
            }
        }
    }

    pub fn places(&self) -> &[Place<T>] {
        &self.places
    }

    /// Whether anything still appears or leaves.
    pub fn moves(&self, now_ms: u64) -> bool {
        self.places.iter().any(|p| p.is_ghost() || now_ms < p.born_ms + APPEAR_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::{LEAVE_MS, Standing};

    fn check(standing: &Standing<&'static str>, now_ms: u64, expect: &[(&str, bool)]) {
        let shown: Vec<(&str, bool)> = standing.places().iter().map(|p| (p.item, p.is_ghost())).collect();
        assert_eq!(shown, expect, "at {now_ms}");
    }

    #[test]
    fn a_ghost_keeps_its_place_for_a_moment() {
        let mut standing = Standing::default();
        let mut take_in = |items: &[&'static str], now_ms, expect: &[(&str, bool)]| {
            standing.take_in(items, |s| s, |s| *s != "work", now_ms, now_ms);
            check(&standing, now_ms, expect);
        };
        take_in(&["a", "work", "b"], 0, &[("a", false), ("work", false), ("b", false)]);
        take_in(&["b", "c"], 1000, &[("a", true), ("b", false), ("c", false)]);
        take_in(&["a", "b", "c"], 1100, &[("a", true), ("a", false), ("b", false), ("c", false)]);
        take_in(&["a", "b", "c"], 1000 + LEAVE_MS, &[("a", false), ("b", false), ("c", false)]);
        assert!(!standing.moves(9000));
    }
}
