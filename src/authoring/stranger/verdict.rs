//! What the coach must not do to a stranger, and whether the way was found.

use crate::authoring::solve::open_goals;
use crate::authoring::stranger::wrong::filled;
use crate::authoring::stranger::{Lost, Stranger};
use crate::lesson::coach::Message;
use crate::lesson::course::Language;
use crate::lesson::format::Action;

/// A line is the stranger's own when it differs by no more than this.
const NEARLY: usize = 4;
/// Lines of the log in a report.
const LOG_SHOWN: usize = 60;

impl Stranger<'_> {
    pub(super) fn one_at_a_time(&mut self) {
        let crowd = self.heard.windows(2).find(|pair| pair[0].0 == pair[1].0);
        if let Some([(_, one), (_, other)]) = crowd {
            self.faults.push(format!("the coach says `{}` and `{}` at once", one.id, other.id));
        }
    }

    /// The first words of the coach must not hold a line of the solution, unless it is the stranger's own, corrected. To
    /// be shown the way back to a folder is not the answer.
    pub(super) fn answer_is_not_given(&mut self, wrong: &[Action]) {
        let Some((_, message)) = self.heard.first().cloned() else { return };
        let Some(run) = self.player.run() else { return };
        let names = run.names();
        let typed = filled(wrong, names);
        let solution = filled(&self.step.solution, names);
        let own = |line: &String| typed.iter().any(|t| strsim::damerau_levenshtein(t, line) <= NEARLY);
        for language in Language::ALL {
            let words = run.say(&message, language).unwrap_or_default();
            let answers = |l: &&String| l.contains(' ') && !l.starts_with("cd ") && !own(l);
            let given = solution.iter().filter(answers).find(|l| words.contains(l.as_str()));
            if let Some(line) = given {
                self.faults.push(format!("the coach gives the answer first: `{line}`"));
                return;
            }
        }
    }

    /// After something that has nothing to do with it and succeeds, the same is not said again.
    pub(super) fn does_not_nag(&mut self, said: &Message) {
        if self.passed() {
            return;
        }
        self.heard.clear();
        self.act(&Action::Line("pwd".to_owned()));
        if self.heard.iter().any(|(_, message)| message.id == said.id) {
            self.faults.push(format!("the coach says `{}` again after an innocent `pwd`", said.id));
        }
    }

    pub(super) fn judged(self) -> Result<(), Lost> {
        let why = match (self.faults.first(), self.passed()) {
            (Some(_), _) => self.faults.join("; "),
            (None, true) => return Ok(()),
            (None, false) => format!("the hints do not lead on\n{}", open_goals(&self.player)),
        };
        let from = self.log.len().saturating_sub(LOG_SHOWN);
        let last = self.log[from..].to_vec();
        Err(Lost { step: self.step.id.clone(), language: self.language, why, last })
    }
}
