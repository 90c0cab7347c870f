//! The older way to print an explanation, `--output=plaintext-openapiv2`.

use super::wrap::fill;
use super::{Question, Shape, Type, fields, follow, inner, named, words};

/// Width of what is printed, its indentation included.
const WIDTH: usize = 80;
const WORDS_INDENT: usize = 5;
const FIELDS_INDENT: usize = 3;

/// The text, and what was wrong.
pub fn explain(question: &Question) -> (String, Option<String>) {
    let resource = question.resource;
    let Some(root) = fields::find(&fields::type_of(resource)) else {
        return (String::new(), Some(format!("couldn't find resource for {:?}", resource.kind)));
    };
    let mut out = format!("KIND:     {}\nVERSION:  {}\n\n", resource.kind, resource.api_version());
    if question.path.is_empty() {
        describe(&mut out, &[&root.text]);
        list(&mut out, &root, question.recursive);
        return (out, None);
    }
    let field = match follow(&root, &question.path) {
        Ok(field) => field,
        Err(depth) => {
            return (String::new(), Some(format!("field {:?} does not exist", question.path[depth])));
        }
    };
    let below = inner(field.shape).filter(|of| !of.fields.is_empty());
    let mark = if below.is_some() { "RESOURCE:" } else { "FIELD:   " };
    out.push_str(&format!("{mark} {} <{}>\n\n", field.name, type_name(field.shape)));
    let own = words(&field);
    match below {
        Some(of) => {
            describe(&mut out, &[&own, &of.text]);
            list(&mut out, &of, question.recursive);
        }
        None => describe(&mut out, &[&own]),
    }
    (out, None)
}

fn describe(out: &mut String, texts: &[&str]) {
    out.push_str("DESCRIPTION:\n");
    let mut empty = true;
    for (at, text) in texts.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        empty = false;
        if at > 0 {
            out.push('\n');
        }
        write_filled(out, WORDS_INDENT, text);
    }
    if empty {
        write_filled(out, WORDS_INDENT, "<empty>");
    }
}

fn write_filled(out: &mut String, pad: usize, text: &str) {
    for line in fill(text, WIDTH - pad) {
        let pad = if line.is_empty() { 0 } else { pad };
        out.push_str(&format!("{:pad$}{line}\n", ""));
    }
}

fn list(out: &mut String, of: &Type, recursive: bool) {
    out.push_str("\nFIELDS:\n");
    if recursive {
        return tree(out, of, FIELDS_INDENT, &mut Vec::new());
    }
    for field in &of.fields {
        let required = if field.required { " -required-" } else { "" };
        out.push_str(&format!(
            "{:FIELDS_INDENT$}{}\t<{}>{required}\n",
            "",
            field.name,
            type_name(field.shape)
        ));
        write_filled(out, WORDS_INDENT, &words(field));
        out.push('\n');
    }
}

fn tree(out: &mut String, of: &Type, pad: usize, above: &mut Vec<&'static str>) {
    for field in &of.fields {
        out.push_str(&format!("{:pad$}{}\t<{}>\n", "", field.name, type_name(field.shape)));
        let Some(name) = named(field.shape).filter(|name| !above.contains(name)) else { continue };
        let Some(below) = fields::find(name) else { continue };
        above.push(name);
        tree(out, &below, pad + FIELDS_INDENT, above);
        above.pop();
    }
}

/// Types with fields have no names here.
fn type_name(shape: Shape) -> String {
    super::type_name(shape, |_, base| match base {
        "object" => "Object".to_owned(),
        "" => "string".to_owned(),
        base => base.to_owned(),
    })
}
