//! `jq`: its command line, printing and messages around jaq's interpreter. Filters that could run without end are
//! refused, because an interpreter that was entered cannot be interrupted.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, native};
use jaq_json::{Val, read};

use super::jq_syntax::complaint;
use super::options::{self, Options, Spec, Stop};
use super::tool::{Outcome, Quit, Tool};
use crate::world::Call;

const MORE: &str = "Use jq --help for help with command-line options,
or see the jq manpage, or online docs  at https://stedolan.github.io/jq\n";

/// Values that one filter may give for one input.
const MAX_OUTPUTS: usize = 100_000;
/// The largest number a filter with `range` may name.
const MAX_RANGE: f64 = 1_000_000.0;

static SPEC: Spec = Spec::new(
    &[
        "c,compact-output", "r,raw-output", "j,join-output", "n,null-input", "s,slurp", "R,raw-input", "e,exit-status", "S,sort-keys", "C,color-output", "M,monochrome-output",
        "a,ascii-output", "tab", "indent=", "f,from-file", "arg=", "argjson=", "slurpfile=", "rawfile=", "args", "jsonargs", "h", "V", "unbuffered", "seq", "stream", "arg-value=",
    ],
    "Usage:\tjq [OPTIONS] FILTER [FILES...]\n\tjq [OPTIONS] -n FILTER\n
Runs FILTER over JSON values and prints what comes out.

  -r  strings without quotes   -c  one line each   -n  no input   -s  all inputs as one array   -R  lines as strings
  -e  status 1 when the last output is false or null   -S  sorted keys   -j  like -r without newlines
  --arg NAME VALUE, --argjson NAME JSON   variables   --tab, --indent N   -f FILE  the filter from a file
",
)
.misuse(2);

type Data = data::JustLut<Val>;

/// Definitions of jaq's library that need what we leave out: the clock, the environment, the log, its regular
/// expressions.
const LEFT_OUT: &[&str] = &[
    "stderr",
    "debug",
    "halt",
    "halt_error",
    "logb",
    "significand",
    "pow10",
    "drem",
    "nexttoward",
    "scalb",
    "gamma",
    "test",
    "match",
    "capture",
    "capture_of_match",
    "scan_",
    "split",
    "splits",
    "sub",
    "gsub",
    "scan",
    "todate",
    "fromdate",
    "@html",
    "@htmld",
    "@uri",
    "@urid",
    "@base64",
    "@base64d",
    "@sh",
];

/// Definitions of our own instead.
const PRELUDE: &str = "
def @base64: tostring | encode_base64; def @base64d: tostring | decode_base64; def @uri: tostring | encode_uri;
def test($re): matches_(.; $re; \"\"); def test($re; $flags): matches_(.; $re; $flags);
def sub($re; $text): replace_(.; $re; $text; \"\"); def gsub($re; $text): replace_(.; $re; $text; \"g\");
def @csv: [.[] | if type == \"string\" then \"\\\"\" + . + \"\\\"\" else tostring end] | join(\",\");
def @tsv: [.[] | tostring] | join(\"\\t\");
";

type Run = jaq_core::RunPtr<Data>;

/// Functions of our own: name, number of arguments.
static NATIVES: &[(&str, usize, Run)] = &[
    ("encode_base64", 0, |cv| native::bome(Ok(Val::from(STANDARD.encode(text(&cv.1)))))),
    ("decode_base64", 0, |cv| {
        let bytes = STANDARD_NO_PAD.decode(text(&cv.1).trim_end_matches('='));
        native::bome(match bytes {
            Ok(bytes) => Ok(Val::from(String::from_utf8_lossy(&bytes).into_owned())),
            Err(_) => {
                Err(jaq_core::Error::new(Val::from(format!("string ({}) is not valid base64 data", cv.1))))
            }
        })
    }),
    ("encode_uri", 0, |cv| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
        let encode = |b: u8| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") };
        native::bome(Ok(Val::from(text(&cv.1).bytes().map(encode).collect::<String>())))
    }),
    ("matches_", 3, |mut cv| {
        let (flags, re, input) = (cv.0.pop_var(), cv.0.pop_var(), cv.0.pop_var());
        native::bome(expression(&re, &flags).map(|regex| Val::Bool(regex.is_match(&text(&input)))))
    }),
    ("replace_", 4, |mut cv| {
        let (flags, with, re, input) = (cv.0.pop_var(), cv.0.pop_var(), cv.0.pop_var(), cv.0.pop_var());
        native::bome(expression(&re, &flags).map(|regex| {
            let (input, with) = (text(&input), text(&with));
            let with = regex::NoExpand(&with);
            let out = if text(&flags).contains('g') {
                regex.replace_all(&input, with)
            } else {
                regex.replace(&input, with)
            };
            Val::from(out.into_owned())
        }))
    }),
];

fn text(value: &Val) -> String {
    match value {
        Val::TStr(bytes) | Val::BStr(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => other.to_string(),
    }
}

fn expression(pattern: &Val, flags: &Val) -> Result<regex::Regex, jaq_core::Error<Val>> {
    let start = if text(flags).contains('i') { "(?i)" } else { "" };
    let pattern = text(pattern);
    regex::Regex::new(&format!("{start}{pattern}"))
        .map_err(|_| jaq_core::Error::new(Val::from(format!("{pattern} (at offset 0) is not a valid regex"))))
}

struct Printing {
    raw: bool,
    join: bool,
    sort: bool,
    /// `None`: all on one line.
    indent: Option<String>,
}

/// `jq`.
pub async fn jq(call: Call) -> Outcome {
    let (call, variables) = take_variables(call).await?;
    if let Err(Stop::Misuse(what)) = options::parse(&SPEC, call.args())
        && let Some(unknown) = unknown_option(&what, call.args())
    {
        call.io.stderr.write(format!("jq: Unknown option {unknown}\n{MORE}")).await.ok();
        return Ok(2);
    }
    let mut tool = Tool::new(call, &SPEC).await?;
    tool.name = "jq".to_owned();
    let mut operands = std::mem::take(&mut tool.options.operands);
    if tool.options.has("h") {
        tool.out(SPEC.help).await?;
        return Ok(0);
    }
    // In a pipe, no filter is the filter that changes nothing.
    if operands.is_empty() && tool.on_terminal() && tool.call.io.stdin.is_terminal() {
        tool.note(SPEC.help).await;
        return Ok(2);
    }
    let mut filter = if operands.is_empty() { ".".to_owned() } else { operands.remove(0) };
    if tool.options.has("f") {
        filter = match tool.call.sys.read_text(&tool.path(&filter)) {
            Ok(text) => text,
            Err(error) => {
                return Err(tool.die_with(2, format!("error: Could not open {filter}: {error}")).await);
            }
        };
    }
    let inputs = inputs(&tool, &operands).await?;
    if let Some(why) = refused(&filter) {
        return Err(tool.die_with(3, format!("error: {why}")).await);
    }
    let printing = printing(&tool.options);
    let (results, refusal) = match run(&filter, &variables, inputs.values) {
        Ok(results) => (results, None),
        Err(text) => (Vec::new(), Some(text)),
    };
    if let Some(text) = refusal {
        tool.note(format!("jq: error: {text}\njq: 1 compile error\n")).await;
        return Ok(3);
    }
    let place = operands.last().map_or("<stdin>", String::as_str);
    print(&tool, results, &printing, place, inputs.trouble).await
}

/// The word that holds an option jq does not know.
fn unknown_option(complaint: &str, args: &[String]) -> Option<String> {
    let (what, option) = complaint.trim_end_matches('\'').split_once(" '")?;
    let letter = what.starts_with("invalid option");
    let holds = |arg: &&String| match letter {
        true => arg.starts_with('-') && !arg.starts_with("--") && arg.contains(option),
        false => arg.as_str() == option,
    };
    args.iter().find(holds).cloned()
}

/// `--arg NAME VALUE` and `--argjson NAME JSON` take two words each.
async fn take_variables(call: Call) -> Result<(Call, Vec<(String, Val)>), Quit> {
    let mut variables = Vec::new();
    let mut argv = Vec::new();
    let mut words = call.argv.iter().cloned();
    while let Some(word) = words.next() {
        if word != "--arg" && word != "--argjson" {
            argv.push(word);
            continue;
        }
        let (Some(name), Some(text)) = (words.next(), words.next()) else {
            let example = if word == "--arg" { "--arg varname value" } else { "--argjson varname text" };
            call.io.stderr.write(format!("jq: {word} takes two parameters (e.g. {example})\n")).await.ok();
            return Err(Quit(2));
        };
        let value = if word == "--arg" {
            Ok(Val::from(text.clone()))
        } else {
            read::parse_single(text.as_bytes()).map_err(|_| ())
        };
        match value {
            Ok(value) => variables.push((format!("${name}"), value)),
            Err(()) => {
                call.io.stderr.write(format!("jq: Invalid JSON text passed to --argjson\n{MORE}")).await.ok();
                return Err(Quit(2));
            }
        }
    }
    Ok((Call { argv, ..call }, variables))
}

struct Inputs {
    values: Vec<Val>,
    /// The complaint about text that is no JSON, after the values before it.
    trouble: Option<String>,
}

async fn inputs(tool: &Tool, files: &[String]) -> Result<Inputs, Quit> {
    if tool.options.has("n") {
        return Ok(Inputs { values: vec![Val::Null], trouble: None });
    }
    let mut bytes = Vec::new();
    if files.is_empty() {
        bytes = tool.slurp(&tool.call.io.stdin).await?;
    }
    for file in files {
        match tool.open(file) {
            Ok(input) => bytes.extend(tool.slurp(&input).await?),
            Err(error) => tool.fail_with(2, format!("error: Could not open file {file}: {error}")).await,
        }
    }
    if tool.options.has("R") {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let values = match tool.options.has("s") {
            true => vec![Val::from(text)],
            false => text.lines().map(|l| Val::from(l.to_owned())).collect(),
        };
        return Ok(Inputs { values, trouble: None });
    }
    let (mut values, mut trouble) = (Vec::new(), None);
    for value in read::parse_many(&bytes) {
        match value {
            Ok(value) => values.push(value),
            Err(_) => {
                trouble = Some(place_of_error(&bytes));
                break;
            }
        }
    }
    if tool.options.has("s") {
        values = vec![values.into_iter().collect()];
    }
    Ok(Inputs { values, trouble })
}

/// jq's words for text that is no JSON: where the first impossible word ends.
fn place_of_error(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut stream = serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>();
    let error = loop {
        match stream.next() {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error,
            None => return "parse error: Invalid numeric literal at EOF at line 1, column 0".into(),
        }
    };
    let lines = text.lines().count();
    if error.is_eof() {
        let column = if text.ends_with('\n') { 0 } else { text.lines().last().map_or(0, str::len) };
        return format!(
            "parse error: Unfinished JSON term at EOF at line {}, column {column}",
            lines + usize::from(text.ends_with('\n'))
        );
    }
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let from = error.column().saturating_sub(1).min(line.len());
    let tail = line.get(from..).unwrap_or_default();
    let word = tail
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-' || c == '_'))
        .unwrap_or(tail.len());
    let literal = tail.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '<');
    let kind = if literal { "Invalid numeric literal" } else { "Expected separator between values" };
    let column = from + word + 1;
    format!("parse error: {kind} at line {}, column {column}", error.line())
}

/// Why a filter is not run: it could go on for ever.
fn refused(filter: &str) -> Option<String> {
    let words: Vec<&str> =
        filter.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()).collect();
    for (index, word) in words.iter().enumerate() {
        if *word == "def"
            && let Some(name) = words.get(index + 1)
            && words.iter().filter(|w| *w == name).count() > 2
        {
            return Some(format!(
                "KubeJam does not run {name}/0 more than once per program, as it may call itself"
            ));
        }
    }
    let endless =
        ["repeat", "until", "while", "recurse_down", "infinite", "input", "debug", "input_line_number"];
    if let Some(word) = words.iter().find(|w| endless.contains(w)) {
        return Some(format!("KubeJam does not imitate {word}"));
    }
    let huge =
        words.contains(&"range") && words.iter().any(|w| w.parse::<f64>().is_ok_and(|n| n > MAX_RANGE));
    huge.then(|| "KubeJam does not run ranges of more than a million".to_owned())
}

/// Runs the filter over every input; each result or jq's complaint.
fn run(
    filter: &str,
    variables: &[(String, Val)],
    inputs: Vec<Val>,
) -> Result<Vec<Result<Val, String>>, String> {
    let ours = load::parse(PRELUDE, |p| p.defs()).unwrap_or_default();
    let standard =
        jaq_std::defs().filter(|d| !LEFT_OUT.contains(&d.name) || (d.name == "split" && d.args.len() == 1));
    let defs = jaq_core::defs().chain(standard).chain(jaq_json::defs()).chain(ours);
    let natives =
        NATIVES.iter().map(|(name, arity, run)| native::run::<Data>((*name, native::v(*arity), *run)));
    let funs = jaq_core::funs::<Data>().chain(jaq_std::base_funs()).chain(jaq_json::funs()).chain(natives);
    let arena = Arena::default();
    let modules =
        Loader::new(defs).load(&arena, File { code: filter, path: () }).map_err(|_| complaint(filter))?;
    let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
    let compiled =
        Compiler::default().with_funs(funs).with_global_vars(names).compile(modules).map_err(|errors| {
            let undefined = errors.iter().flat_map(|(_, list)| list).next();
            match undefined {
                Some((name, kind)) if kind.as_str() == "variable" => {
                    format!("{name} is not defined at <top-level>, line 1:\n{filter}").replacen('$', "$", 1)
                }
                Some((name, _)) => format!("{name}/0 is not defined at <top-level>, line 1:\n{filter}"),
                None => complaint(filter),
            }
        })?;
    let mut out = Vec::new();
    for input in inputs {
        let vars = Vars::new(variables.iter().map(|(_, v)| v.clone()));
        let ctx = Ctx::<Data>::new(&compiled.lut, vars);
        for (count, result) in compiled.id.run((ctx, input)).enumerate() {
            if count >= MAX_OUTPUTS {
                out.push(Err("too many results; stopped".to_owned()));
                break;
            }
            match result {
                Ok(value) => out.push(Ok(value)),
                Err(exception) => {
                    let text = match exception.get_err() {
                        Ok(error) => words(&error.to_string()),
                        Err(_) => "break".to_owned(),
                    };
                    out.push(Err(text));
                    break;
                }
            }
        }
    }
    Ok(out)
}

/// The kind of a value by the JSON text of it.
fn kind(text: &str) -> &'static str {
    match text.trim_start().chars().next() {
        Some('"') => "string",
        Some('[') => "array",
        Some('{') => "object",
        Some('t' | 'f') => "boolean",
        Some('n') => "null",
        _ => "number",
    }
}

/// jq's words for jaq's errors.
fn words(text: &str) -> String {
    if let Some((value, index)) = text.strip_prefix("cannot index ").and_then(|r| r.rsplit_once(" with ")) {
        return match index.starts_with('"') {
            true => format!("Cannot index {} with string {index}", kind(value)),
            false => format!("Cannot index {} with {}", kind(value), kind(index)),
        };
    }
    if let Some((value, what)) = text.strip_prefix("cannot use ").and_then(|r| r.rsplit_once(" as ")) {
        if what.contains("iterable") {
            return format!("Cannot iterate over {} ({value})", kind(value));
        }
        return format!("{} ({value}) cannot be used as {what}", kind(value));
    }
    if let Some(rest) = text.strip_prefix("cannot calculate ") {
        for (operator, verb) in
            [(" + ", "added"), (" - ", "subtracted"), (" * ", "multiplied"), (" / ", "divided")]
        {
            if let Some((a, b)) = rest.split_once(operator) {
                return format!("{} ({a}) and {} ({b}) cannot be {verb}", kind(a), kind(b));
            }
        }
    }
    text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text).to_owned()
}

fn printing(options: &Options) -> Printing {
    let indent = match options.value("indent").and_then(|n| n.parse::<usize>().ok()) {
        _ if options.has("c") => None,
        _ if options.has("tab") => Some("\t".to_owned()),
        Some(0) => None,
        Some(n) => Some(" ".repeat(n.min(7))),
        None => Some("  ".to_owned()),
    };
    Printing {
        raw: options.has("r") || options.has("j"),
        join: options.has("j"),
        sort: options.has("S"),
        indent,
    }
}

async fn print(
    tool: &Tool,
    results: Vec<Result<Val, String>>,
    printing: &Printing,
    place: &str,
    trouble: Option<String>,
) -> Outcome {
    let mut last = None;
    for result in results {
        match result {
            Ok(value) => {
                let mut out = Vec::new();
                match &value {
                    Val::TStr(text) if printing.raw => out.extend_from_slice(text),
                    value => write(&mut out, value, printing, 0),
                }
                if !printing.join {
                    out.push(b'\n');
                }
                tool.out(out).await?;
                last = Some(!matches!(value, Val::Null | Val::Bool(false)));
            }
            Err(text) => {
                tool.note(format!("jq: error (at {place}:1): {text}\n")).await;
                tool.set_status(5);
            }
        }
    }
    if let Some(text) = trouble {
        tool.note(format!("{text}\n")).await;
        tool.set_status(2);
    }
    if tool.status() == 0 && tool.options.has("e") {
        return Ok(match last {
            Some(true) => 0,
            Some(false) => 1,
            None => 4,
        });
    }
    tool.done()
}

fn string(out: &mut Vec<u8>, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    // serde_json escapes exactly as jq does, but for DEL.
    out.extend(serde_json::to_string(&text).unwrap_or_default().replace('\u{7f}', "\\u007f").bytes());
}

fn write(out: &mut Vec<u8>, value: &Val, printing: &Printing, depth: usize) {
    let line = |out: &mut Vec<u8>, depth: usize| {
        if let Some(indent) = &printing.indent {
            out.push(b'\n');
            out.extend(indent.repeat(depth).bytes());
        }
    };
    match value {
        Val::Null => out.extend(b"null"),
        Val::Bool(value) => out.extend(value.to_string().bytes()),
        Val::TStr(text) | Val::BStr(text) => string(out, text),
        Val::Arr(items) if items.is_empty() => out.extend(b"[]"),
        Val::Arr(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                line(out, depth + 1);
                write(out, item, printing, depth + 1);
            }
            line(out, depth);
            out.push(b']');
        }
        Val::Obj(fields) if fields.is_empty() => out.extend(b"{}"),
        Val::Obj(fields) => {
            let mut pairs: Vec<(&Val, &Val)> = fields.iter().collect();
            if printing.sort {
                pairs.sort_by(|a, b| a.0.cmp(b.0));
            }
            out.push(b'{');
            for (index, (key, item)) in pairs.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                line(out, depth + 1);
                write(out, key, printing, depth + 1);
                out.push(b':');
                if printing.indent.is_some() {
                    out.push(b' ');
                }
                write(out, item, printing, depth + 1);
            }
            line(out, depth);
            out.push(b'}');
        }
        number => {
            let text = number.to_string();
            out.extend(text.strip_suffix(".0").unwrap_or(&text).bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::programs::testing::check;

    #[test]
    fn filters_and_printing() {
        check(r#"echo '{"token":"abc","n":[1,2.5]}' | jq -r .token"#, "abc\n");
        check(
            r#"echo '{"a":{"b":[]},"c":"x"}' | jq ."#,
            "{\n  \"a\": {\n    \"b\": []\n  },\n  \"c\": \"x\"\n}\n",
        );
        check(
            r#"echo '{"a":"aGk=","b":"hello"}' | jq -r '(.a|@base64d), (.b|@base64)' ; jq -n '"abc"|test("b.")'"#,
            "hi\naGVsbG8=\ntrue\n",
        );
        check(r#"echo '[{"n":1},{"n":2}]' | jq -c 'map(.n) , .[0]'"#, "[1,2]\n{\"n\":1}\n");
        check(r#"jq -n --arg x hi --argjson y 2 '{$x, z: ($y + 1)}' -c"#, "{\"x\":\"hi\",\"z\":3}\n");
        check(
            r#"echo '{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}' | jq -r '.items[].metadata.name'"#,
            "a\nb\n",
        );
        check("echo null | jq -e .a; echo $?", "null\n1\n");
    }

    #[test]
    fn complaints() {
        check(
            "echo 'authorization failed' | jq -r .token",
            "parse error: Invalid numeric literal at line 1, column 14\n[2]",
        );
        check(
            r#"echo '"x"' | jq .a"#,
            "jq: error (at <stdin>:1): Cannot index string with string \"a\"\n[5]",
        );
        check(
            r#"echo '{}' | jq; echo '{"a":1}' > f; jq .a.b f"#,
            "{}\njq: error (at f:1): Cannot index number with string \"b\"\n[5]",
        );
        check(
            "echo null | jq -rx .",
            "jq: Unknown option -rx\nUse jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://stedolan.github.io/jq\n[2]",
        );
        check("echo null | jq '.[]'", "jq: error (at <stdin>:1): Cannot iterate over null (null)\n[5]");
        check(
            "echo '{}' | jq foo",
            "jq: error: foo/0 is not defined at <top-level>, line 1:\nfoo\njq: 1 compile error\n[3]",
        );
        check(
            "jq -n 'def f: f; f'",
            "jq: error: KubeJam does not run f/0 more than once per program, as it may call itself\n[3]",
        );
    }
}
