//! The interface's sentences in the learner's language, through fluent; English stands in for what is missing.
//!
//! Only the interface speaks here: Kubernetes' own words (Running, ImagePullBackOff) stay as kubectl prints them.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use std::borrow::Cow;

pub use crate::lesson::course::Language;

const ENGLISH: &str = include_str!("../../assets/text/en.ftl");
const KOREAN: &str = include_str!("../../assets/text/ko.ftl");

pub struct Texts {
    pub language: Language,
    /// The language chosen, then English.
    bundles: Vec<FluentBundle<FluentResource>>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Texts").field("language", &self.language).finish_non_exhaustive()
    }
}

impl Texts {
    pub fn new(language: Language) -> Self {
        let bundles = match language {
            Language::English => vec![bundle("en", ENGLISH)],
            Language::Korean => vec![bundle("ko", KOREAN), bundle("en", ENGLISH)],
        };
        Self { language, bundles }
    }

    /// The sentence under `key`; the key itself when there is none, so that a gap shows and nothing fails.
    pub fn say(&self, key: &str) -> String {
        self.say_with(key, &[])
    }

    /// The sentence under `key` with its variables filled in. Values that are whole numbers take part in plurals.
    pub fn say_with(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            let value = match value.parse::<i64>() {
                Ok(number) if *name == "n" => FluentValue::from(number),
                _ => FluentValue::String(Cow::Borrowed(*value)),
            };
            args.set(*name, value);
        }
        for bundle in &self.bundles {
            if let Some(pattern) = bundle.get_message(key).and_then(|m| m.value()) {
                let mut problems = Vec::new();
                return bundle.format_pattern(pattern, Some(&args), &mut problems).into_owned();
            }
        }
        key.to_owned()
    }
}

fn bundle(tag: &str, text: &str) -> FluentBundle<FluentResource> {
    let language = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new(vec![language]);
    bundle.set_use_isolating(false);
    // A resource with mistakes still gives the messages that parse; the test below finds the mistakes.
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(partial, _)| partial);
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::{ENGLISH, KOREAN, Language, Texts};
    use fluent_bundle::FluentResource;

    fn keys(text: &str) -> Vec<&str> {
        text.lines()
            .filter_map(|l| l.split_once(" ="))
            .map(|(k, _)| k)
            .filter(|k| !k.starts_with(' '))
            .collect()
    }

    #[test]
    fn both_languages_parse_and_hold_the_same_messages() {
        for text in [ENGLISH, KOREAN] {
            assert!(FluentResource::try_new(text.to_owned()).is_ok(), "a mistake in an .ftl file");
        }
        let (mut english, mut korean) = (keys(ENGLISH), keys(KOREAN));
        english.sort_unstable();
        korean.sort_unstable();
        assert_eq!(english, korean);
        let total = english.len();
        english.dedup();
        assert_eq!(english.len(), total, "a key stands twice");
    }

    #[test]
    fn plurals_and_gaps() {
        let texts = Texts::new(Language::English);
        assert_eq!(texts.say_with("story-created-pods", &[("actor", "x"), ("n", "1")]), "x created 1 pod");
        assert_eq!(texts.say_with("story-created-pods", &[("actor", "x"), ("n", "3")]), "x created 3 pods");
        assert_eq!(texts.say("no-such-key"), "no-such-key");
    }
}
