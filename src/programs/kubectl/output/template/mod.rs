//! The part of Go's text/template that `-o go-template` users write: actions, pipelines, variables, if/with/
//! range, the comparison functions, printf, templates by name, and kubectl's own `exists` and `base64decode`.

mod exec;
mod functions;
mod lex;
mod parse;

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

/// Steps of one execution, so that a template over a huge object ends.
const STEP_LIMIT: usize = 1_000_000;
/// Nesting of blocks and parentheses.
const DEPTH_LIMIT: usize = 100;

/// A parsed template.
pub struct Template {
    nodes: Vec<Node>,
    /// What was parsed: errors name lines and columns of it.
    text: String,
    /// What `define` and `block` name.
    named: Named,
    pub allow_missing_keys: bool,
    dialect: Option<Rc<dyn Dialect>>,
}

/// What another program than kubectl adds to templates: functions of its own, and how it prints values.
pub trait Dialect {
    /// Whether it has a function of that name.
    fn has(&self, name: &str) -> bool;
    /// Calls one of its functions.
    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, String>;
    /// `%v` of a value, where it differs.
    fn print(&self, value: &Value) -> Option<String>;
}

type Named = BTreeMap<String, Vec<Node>>;

#[derive(Debug, Clone)]
pub(super) enum Node {
    Text(String),
    Action(Pipeline),
    If(Pipeline, Vec<Node>, Vec<Node>),
    With(Pipeline, Vec<Node>, Vec<Node>),
    Range(Pipeline, Vec<Node>, Vec<Node>),
    Break,
    Continue,
    /// Another template by its name, with what is its dot.
    Call(String, Option<Pipeline>),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Pipeline {
    pub variables: Vec<String>,
    /// `:=` declares, `=` assigns.
    pub declare: bool,
    pub commands: Vec<Vec<Placed>>,
}

/// An operand and its byte in the template.
pub(super) type Placed = (Operand, usize);

#[derive(Debug, Clone)]
pub(super) enum Operand {
    Dot,
    Nil,
    Field(Vec<String>),
    Variable(String, Vec<String>),
    Function(String),
    Literal(Go),
    Group(Box<Pipeline>, Vec<String>),
}

impl Operand {
    /// As Go writes it into a message.
    fn shown(&self) -> String {
        let chain = |fields: &[String]| fields.iter().map(|field| format!(".{field}")).collect::<String>();
        match self {
            Operand::Dot => ".".to_owned(),
            Operand::Nil => "nil".to_owned(),
            Operand::Field(fields) => chain(fields),
            Operand::Variable(name, fields) => format!("{name}{}", chain(fields)),
            Operand::Function(name) => name.clone(),
            Operand::Literal(Go::Json(Value::String(text))) => format!("{text:?}"),
            Operand::Literal(value) => functions::print(value),
            Operand::Group(pipeline, fields) => format!("({}){}", pipeline.shown(), chain(fields)),
        }
    }
}

impl Pipeline {
    fn shown(&self) -> String {
        self.commands.iter().map(|command| shown(command)).collect::<Vec<_>>().join(" | ")
    }
}

fn shown(command: &[Placed]) -> String {
    command.iter().map(|(operand, _)| operand.shown()).collect::<Vec<_>>().join(" ")
}

/// A value as a Go template sees it: numbers out of JSON are floats, literals may be integers.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Go {
    Json(Value),
    Int(i64),
    NoValue,
}

impl Template {
    /// The error is Go's, beginning `template: output:LINE:`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (nodes, named) = parse::parse(text, None)?;
        Ok(Template { nodes, text: text.to_owned(), named, allow_missing_keys: true, dialect: None })
    }

    /// The same with another program's functions; a missing key is an error.
    pub fn parse_in(text: &str, dialect: Rc<dyn Dialect>) -> Result<Self, String> {
        let (nodes, named) = parse::parse(text, Some(dialect.as_ref()))?;
        Ok(Template {
            nodes,
            text: text.to_owned(),
            named,
            allow_missing_keys: false,
            dialect: Some(dialect),
        })
    }

    pub fn render(&self, data: &Value) -> Result<String, String> {
        let (text, ended) = self.write(data);
        ended.map(|()| text)
    }

    /// As [`Template::render`], with what was written before an error.
    pub fn write(&self, data: &Value) -> (String, Result<(), String>) {
        exec::run(self, data)
    }
}

/// `%v` of a JSON value inside other values.
pub fn print_inner(value: &Value) -> String {
    functions::print_json(value, false)
}

/// A JSON value as Go's `%v` prints it (whole numbers as integers), for custom columns.
pub fn print_value(value: &Value) -> String {
    match value {
        Value::Number(number) if !number.is_f64() => number.to_string(),
        Value::Null => "<nil>".into(),
        other => functions::print(&Go::Json(other.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::Template;
    use serde_json::json;

    fn check(text: &str, expect: &str) {
        let data = json!({
            "metadata": {"name": "web", "labels": {"app": "web", "tier": "x"}},
            "status": {"readyReplicas": 2, "big": 1_000_000, "share": 0.5},
            "items": [{"name": "a", "ready": true}, {"name": "b", "ready": false}],
            "data": {"password": "aHVudGVyMg=="},
            "empty": [],
        });
        let found = Template::parse(text).and_then(|template| template.render(&data));
        assert_eq!(found.unwrap_or_else(|error| format!("error: {error}")), expect, "{text}");
    }

    #[test]
    fn fields_pipelines_and_functions() {
        check("{{.metadata.name}} has {{.status.readyReplicas}} ready{{\"\\n\"}}", "web has 2 ready\n");
        check(
            "{{.status.big}} {{.status.share}} {{.nope}} {{.metadata}}",
            "1000000 0.5 <no value> map[labels:map[app:web tier:x] name:web]",
        );
        check(
            "{{len .items}} {{index .items 1 \"name\"}} {{index .metadata.labels \"app\" | printf \"%s!\"}}",
            "2 b web!",
        );
        check("{{.data.password | base64decode}}", "hunter2");
        check(
            "{{printf \"%-5s|%5.1f|%q|%v\" .metadata.name .status.share \"x\" true}}",
            "web  |  0.5|\"x\"|true",
        );
        check(
            "{{printf \"%d %T\" .status.readyReplicas .status.readyReplicas}} {{eq .status.readyReplicas 2}}",
            "2 int64 true",
        );
        check("{{and true .metadata.name}} {{or false \"y\"}} {{not true}}", "web y false");
        check("{{exists . \"metadata\" \"name\"}} {{exists . \"nope\"}}", "true false");
    }

    #[test]
    fn blocks_and_variables() {
        check("{{range .items}}{{.name}}{{if .ready}}+{{else}}-{{end}} {{end}}", "a+ b- ");
        check("{{range $i, $e := .items}}{{$i}}={{$e.name}};{{end}}", "0=a;1=b;");
        check("{{range $k, $v := .metadata.labels}}{{$k}}={{$v}},{{end}}", "app=web,tier=x,");
        check("{{range .empty}}x{{else}}none{{end}}", "none");
        check("{{with .metadata}}{{.name}}{{$.status.share}}{{end}}", "web0.5");
        check("{{$n := \"a\"}}{{if eq $n \"a\" \"b\"}}{{$n = \"z\"}}{{end}}{{$n}}", "z");
        check("a {{- /* note */ -}} b", "ab");
        check("{{range .items}}{{if eq .name \"b\"}}{{break}}{{end}}{{.name}}{{end}}", "a");
        check(
            "{{if and (eq .metadata.name \"web\") (gt (len .items) 1)}}yes{{else if true}}no{{end}}",
            "yes",
        );
    }

    #[test]
    fn templates_have_names() {
        check(r#"{{define "T"}}<{{.name}}>{{end}}{{range .items}}{{template "T" .}}{{end}}"#, "<a><b>");
        check(r#"{{block "B" .metadata}}[{{.name}}]{{end}}{{template "B"}}"#, "[web][<no value>]");
        check(r#"{{$x := 1}}{{define "T"}}{{$.name}}{{end}}{{template "T" .metadata}}{{$x}}"#, "web1");
        check(
            r#"{{template "nope"}}"#,
            r#"error: template: output:1:11: executing "output" at <{{template "nope"}}>: template "nope" not defined"#,
        );
        check(
            r#"{{define "R"}}{{template "R"}}{{end}}{{template "R"}}"#,
            r#"error: template: output:1:25: executing "R" at <{{template "R"}}>: exceeded maximum template depth (100000)"#,
        );
        check(
            r#"{{if true}}{{define "T"}}{{end}}{{end}}"#,
            "error: template: output:1: unexpected {{define}}",
        );
        check("{{template .x}}", "error: template: output:1: unexpected \".x\" in template clause");
    }

    #[test]
    fn mistakes_have_the_words_of_go() {
        check("{{.foo", "error: template: output:1: unclosed action");
        check("{{nope}}", "error: template: output:1: function \"nope\" not defined");
        check("{{if .x}}", "error: template: output:1: unexpected EOF");
        check("{{end}}", "error: template: output:1: unexpected {{end}}");
        check("\n{{}}", "error: template: output:2: missing value for command");
        check("{{$x}}", "error: template: output:1: undefined variable \"$x\"");
        let run = |place: &str, at: &str, why: &str| {
            format!("error: template: output:{place}: executing \"output\" at <{at}>: {why}")
        };
        for (text, place, at, why) in [
            (
                "{{.metadata.name.x}}",
                "1:11",
                ".metadata.name.x",
                "can't evaluate field x in type interface {}",
            ),
            ("a\n {{.status.big.x}}", "2:10", ".status.big.x", "can't evaluate field x in type interface {}"),
            ("{{index .items 9}}", "1:2", "index .items 9", "error calling index: index out of range: 9"),
            ("{{len 3}}", "1:2", "len 3", "error calling len: len of type int"),
            ("{{len}}", "1:2", "len", "wrong number of args for len: want 1 got 0"),
            ("{{range .metadata.name}}{{end}}", "1:17", ".metadata.name", "range can't iterate over web"),
            ("{{.metadata.name 1}}", "1:11", ".metadata.name", "name is not a method but has arguments"),
        ] {
            check(text, &run(place, at, why));
        }
    }
}
