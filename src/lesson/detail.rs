//! The small print of the checklist in the learner's language: expected against actual.

use crate::lesson::check::Detail;
use crate::lesson::course::Language;

impl Detail {
    /// As it stands after the goal's own words.
    pub fn say(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Korean => self.korean(),
        }
    }

    fn english(&self) -> String {
        match self {
            Detail::Count { have, want, ready: true } => format!("{have} of {want} Ready"),
            Detail::Count { have, want, ready: false } => format!("{have} of {want}"),
            Detail::Value { name, want, have } => format!("{name}: wants {want}, has {have}"),
            Detail::Missing { what } => format!("{what} is not there yet"),
            Detail::Waiting { reason } => reason.clone(),
            Detail::Same { other } => format!("same content as {other}"),
            Detail::Left { have } => format!("{have} left"),
            Detail::Reply { have, by } => format!("{by} answered: {have}"),
        }
    }

    fn korean(&self) -> String {
        match self {
            Detail::Count { have, want, ready: true } => format!("{want}개 중 {have}개 Ready"),
            Detail::Count { have, want, ready: false } => format!("{want}개 중 {have}개"),
            Detail::Value { name, want, have } => format!("{name}: 목표 {want}, 현재 {have}"),
            Detail::Missing { what } => format!("아직 없음: {what}"),
            Detail::Waiting { reason } => reason.clone(),
            Detail::Same { other } => format!("{other}과(와) 내용이 같음"),
            Detail::Left { have } => format!("{have}개 남음"),
            Detail::Reply { have, by } => format!("{by}의 응답: {have}"),
        }
    }
}
