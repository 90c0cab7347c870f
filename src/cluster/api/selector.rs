//! Label and field selectors: parsing with the server's errors, and matching without JSON.

mod fields;
mod parse;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

pub use fields::FieldSelector;

pub type Labels = BTreeMap<String, String>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    Exists,
    DoesNotExist,
    In,
    NotIn,
    GreaterThan,
    LessThan,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    pub key: String,
    pub operator: Operator,
    pub values: Vec<String>,
}

impl Requirement {
    fn matches(&self, value: Option<&String>) -> bool {
        let number = |text: Option<&String>| text.and_then(|t| t.parse::<i64>().ok());
        match self.operator {
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::In => value.is_some_and(|v| self.values.contains(v)),
            Operator::NotIn => value.is_none_or(|v| !self.values.contains(v)),
            Operator::GreaterThan => {
                number(value).zip(number(self.values.first())).is_some_and(|(a, b)| a > b)
            }
            Operator::LessThan => number(value).zip(number(self.values.first())).is_some_and(|(a, b)| a < b),
        }
    }
}

/// All requirements must hold; none is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    pub requirements: Vec<Requirement>,
}

impl Selector {
    /// From the text form: `app=web,tier in (a,b),!canary`. The error is the server's sentence.
    pub fn parse(text: &str) -> Result<Selector, String> {
        parse::parse(text)
    }

    pub fn matches(&self, labels: Option<&Labels>) -> bool {
        self.requirements.iter().all(|r| r.matches(labels.and_then(|l| l.get(&r.key))))
    }

    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// From a map of equalities, such as a service's selector.
    pub fn of_map(labels: &Labels) -> Selector {
        let equals = |(key, value): (&String, &String)| Requirement {
            key: key.clone(),
            operator: Operator::In,
            values: vec![value.clone()],
        };
        Selector { requirements: labels.iter().map(equals).collect() }
    }

    /// From an object's `spec.selector`; unknown operators match nothing.
    pub fn of_label_selector(selector: &LabelSelector) -> Selector {
        let mut all = Selector::of_map(selector.match_labels.as_ref().unwrap_or(&BTreeMap::new()));
        for expression in selector.match_expressions.iter().flatten() {
            let operator = match expression.operator.as_str() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                _ => Operator::In,
            };
            let values = expression.values.clone().unwrap_or_default();
            all.requirements.push(Requirement { key: expression.key.clone(), operator, values });
        }
        all
    }
}
