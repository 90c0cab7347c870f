//! A tree back to text, in the layout of bash's `declare -f`; job names use the one-line form of the same.
//! It prints words as they were written and never evaluates them.

use super::ast::{
    AndOr, Arg, Assignment, CaseArm, CaseEnd, Command, CommandKind, Cond, Connector, HereDoc, List, Pipeline,
    Redirect, RedirectKind, Simple, Value, Word,
};

/// `name () ` and its body, as `declare -f name` prints it (no newline at the end).
pub fn function_text(name: &str, body: &Command) -> String {
    let mut printer = Printer::default();
    printer.out.push_str(name);
    printer.out.push_str(" () \n");
    printer.body(body);
    printer.out
}

pub fn command_text(command: &Command) -> String {
    let mut printer = Printer::default();
    printer.command(command);
    printer.out
}

pub fn pipeline_text(pipeline: &Pipeline) -> String {
    let mut printer = Printer::default();
    printer.pipeline(pipeline);
    printer.out
}

/// A list on one line, as `jobs` shows it.
pub fn list_text(chain: &AndOr) -> String {
    let mut printer = Printer::default();
    printer.and_or(chain);
    printer.out
}

#[derive(Default)]
struct Printer {
    out: String,
    indent: usize,
    heredocs: Vec<std::rc::Rc<HereDoc>>,
}

impl Printer {
    fn newline(&mut self) {
        self.out.push('\n');
        for doc in std::mem::take(&mut self.heredocs) {
            if let Some(body) = doc.body.get() {
                self.out.push_str(&body.raw);
            }
            self.out.push_str(&doc.delimiter);
            self.out.push('\n');
            self.out.push('\n');
        }
        self.out.push_str(&" ".repeat(self.indent));
    }

    fn body(&mut self, body: &Command) {
        match &body.kind {
            CommandKind::Group(list) => {
                self.group(list);
                self.redirects(&body.redirects);
            }
            _ => {
                self.out.push_str("{ \n    ");
                self.indent = 4;
                self.command(body);
                self.indent = 0;
                self.out.push_str("\n}");
            }
        }
    }

    fn group(&mut self, list: &List) {
        self.out.push_str("{ ");
        self.block(list, false);
        self.newline();
        self.out.push('}');
    }

    /// An indented list; `closed` adds the `;` that precedes a closing reserved word.
    fn block(&mut self, list: &List, closed: bool) {
        self.indent += 4;
        self.newline();
        self.list(list);
        if closed && !self.out.ends_with(['&', '\n']) {
            self.out.push(';');
        }
        self.indent -= 4;
    }

    fn list(&mut self, list: &List) {
        for (i, item) in list.items.iter().enumerate() {
            if i > 0 {
                if self.out.ends_with('&') {
                    self.out.push(' ');
                } else {
                    if self.heredocs.is_empty() {
                        self.out.push(';');
                    }
                    self.newline();
                }
            }
            self.and_or(&item.chain);
            if item.background {
                self.out.push_str(" &");
            }
        }
    }

    fn and_or(&mut self, chain: &AndOr) {
        self.pipeline(&chain.first);
        for (connector, pipeline) in &chain.rest {
            self.out.push_str(match connector {
                Connector::And => " && ",
                Connector::Or => " || ",
            });
            self.pipeline(pipeline);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        match pipeline.timed {
            Some(true) => self.out.push_str("time -p "),
            Some(false) => self.out.push_str("time "),
            None => {}
        }
        if pipeline.negated {
            self.out.push_str("! ");
        }
        for (i, command) in pipeline.commands.iter().enumerate() {
            if i > 0 {
                self.out.push_str(" | ");
            }
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        self.kind(&command.kind);
        self.redirects(&command.redirects);
    }

    fn kind(&mut self, kind: &CommandKind) {
        match kind {
            CommandKind::Simple(simple) => self.simple(simple),
            CommandKind::Group(list) => self.group(list),
            CommandKind::Subshell(list) => {
                self.out.push_str("( ");
                self.list(list);
                self.out.push_str(" )");
            }
            CommandKind::If { arms, otherwise } => self.if_command(arms, otherwise.as_ref()),
            CommandKind::For { name, words, body, select } => {
                self.for_command(name, words.as_deref(), body, *select);
            }
            CommandKind::ForArith { parts, body } => {
                let [first, condition, step] = parts.each_ref().map(|word| word.raw.trim());
                self.out.push_str(&format!("for (({first}; {condition}; {step}))"));
                self.do_block(body);
            }
            CommandKind::Case { word, arms } => self.case(word, arms),
            CommandKind::While { until, condition, body } => {
                self.out.push_str(if *until { "until " } else { "while " });
                self.list(condition);
                self.out.push_str("; do");
                self.block(body, true);
                self.newline();
                self.out.push_str("done");
            }
            CommandKind::Arith(word) => self.out.push_str(&format!("(({}))", word.raw)),
            CommandKind::Cond(cond) => {
                self.out.push_str("[[ ");
                self.cond(cond);
                self.out.push_str(" ]]");
            }
            CommandKind::Function { name, body } => {
                self.out.push_str(&format!("function {name} () "));
                self.newline();
                self.body(body);
            }
        }
    }

    fn if_command(&mut self, arms: &[(List, List)], otherwise: Option<&List>) {
        let Some(((condition, body), rest)) = arms.split_first() else { return };
        self.out.push_str("if ");
        self.list(condition);
        self.out.push_str("; then");
        self.block(body, true);
        self.newline();
        if !rest.is_empty() {
            self.out.push_str("else");
            self.indent += 4;
            self.newline();
            self.if_command(rest, otherwise);
            self.out.push(';');
            self.indent -= 4;
            self.newline();
        } else if let Some(list) = otherwise {
            self.out.push_str("else");
            self.block(list, true);
            self.newline();
        }
        self.out.push_str("fi");
    }

    fn for_command(&mut self, name: &str, words: Option<&[Word]>, body: &List, select: bool) {
        let keyword = if select { "select" } else { "for" };
        let words = words.map_or("\"$@\"".to_string(), joined);
        self.out.push_str(&format!("{keyword} {name} in {words};"));
        self.do_block(body);
    }

    fn do_block(&mut self, body: &List) {
        self.newline();
        self.out.push_str("do");
        self.block(body, true);
        self.newline();
        self.out.push_str("done");
    }

    fn case(&mut self, word: &Word, arms: &[CaseArm]) {
        self.out.push_str(&format!("case {} in ", word.raw));
        self.indent += 4;
        for arm in arms {
            self.newline();
            let patterns: Vec<&str> = arm.patterns.iter().map(|word| &*word.raw).collect();
            self.out.push_str(&format!("{})", patterns.join(" | ")));
            if !arm.body.items.is_empty() {
                self.block(&arm.body, false);
            }
            self.newline();
            self.out.push_str(match arm.end {
                CaseEnd::Break => ";;",
                CaseEnd::FallThrough => ";&",
                CaseEnd::TestNext => ";;&",
            });
        }
        self.indent -= 4;
        self.newline();
        self.out.push_str("esac");
    }

    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::And(left, right) => self.cond_pair(left, "&&", right),
            Cond::Or(left, right) => self.cond_pair(left, "||", right),
            Cond::Not(inner) => {
                self.out.push_str("! ");
                self.cond(inner);
            }
            Cond::Unary(op, word) => self.out.push_str(&format!("{op} {}", word.raw)),
            Cond::Binary(op, left, right) => {
                self.out.push_str(&format!("{} {op} {}", left.raw, right.raw));
            }
            Cond::Word(word) => self.out.push_str(&format!("-n {}", word.raw)),
        }
    }

    fn cond_pair(&mut self, left: &Cond, op: &str, right: &Cond) {
        self.cond(left);
        self.out.push_str(&format!(" {op} "));
        self.cond(right);
    }

    fn simple(&mut self, simple: &Simple) {
        let assignments = simple.assignments.iter().map(assignment_text);
        let args = simple.args.iter().map(|arg| match arg {
            Arg::Word(word) => word.raw.to_string(),
            Arg::Assignment(assignment) => assignment_text(assignment),
        });
        self.out.push_str(&assignments.chain(args).collect::<Vec<_>>().join(" "));
    }

    fn redirects(&mut self, redirects: &[Redirect]) {
        for redirect in redirects {
            if !self.out.ends_with(' ') && !self.out.is_empty() {
                self.out.push(' ');
            }
            let fd = redirect.fd.map_or(String::new(), |fd| fd.to_string());
            let text = match &redirect.kind {
                RedirectKind::Read(word) => format!("{fd}< {}", word.raw),
                RedirectKind::Write { target, clobber: false } => format!("{fd}> {}", target.raw),
                RedirectKind::Write { target, clobber: true } => format!("{fd}>| {}", target.raw),
                RedirectKind::Append(word) => format!("{fd}>> {}", word.raw),
                RedirectKind::ReadWrite(word) => format!("{fd}<> {}", word.raw),
                RedirectKind::Both { target, append: false } => format!("&> {}", target.raw),
                RedirectKind::Both { target, append: true } => format!("&>> {}", target.raw),
                RedirectKind::Duplicate { target, input: true } => {
                    format!("{}<&{}", redirect.fd.unwrap_or(0), target.raw)
                }
                RedirectKind::Duplicate { target, input: false } => {
                    format!("{}>&{}", redirect.fd.unwrap_or(1), target.raw)
                }
                RedirectKind::HereString(word) => format!("{fd}<<< {}", word.raw),
                RedirectKind::HereDoc(doc) => {
                    self.heredocs.push(doc.clone());
                    let dash = if doc.strip_tabs { "-" } else { "" };
                    let quote = if doc.quoted { "'" } else { "" };
                    format!("{fd}<<{dash}{quote}{}{quote}", doc.delimiter)
                }
            };
            self.out.push_str(&text);
        }
    }
}

fn joined(words: &[Word]) -> String {
    words.iter().map(|word| &*word.raw).collect::<Vec<_>>().join(" ")
}

fn assignment_text(assignment: &Assignment) -> String {
    let index = assignment.index.as_ref().map_or(String::new(), |index| format!("[{}]", index.raw));
    let op = if assignment.append { "+=" } else { "=" };
    let value = match &assignment.value {
        Value::Scalar(word) => word.raw.to_string(),
        Value::Array(elements) => {
            let elements: Vec<String> = elements
                .iter()
                .map(|element| match &element.index {
                    Some(index) => format!("[{}]={}", index.raw, element.word.raw),
                    None => element.word.raw.to_string(),
                })
                .collect();
            format!("({})", elements.join(" "))
        }
    };
    format!("{}{index}{op}{value}", assignment.name)
}
