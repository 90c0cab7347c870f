//! What can be copied out of a text: whole commands and fenced blocks, in their order, and Ctrl-C where it is said. What
//! is visibly left out (`...`, a word in capitals) is not a command yet. Must never complete anything.

use std::sync::LazyLock;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use regex::Regex;

/// Something to do that a text shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    /// Type this.
    Command(String),
    /// Press Ctrl-C.
    Interrupt,
}

/// A word that stands for one's own: `NAME`, `FULL-NAME`, `EXTERNAL_IP`; not `$TOKEN`, `TOKEN=`, `{.NAME}`.
static STANDS_FOR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(^|[\s=/@'"\[<])[A-Z]{2,}([-_][A-Z]+)*($|[\s:/,'"\]>])"#).ok());
/// `NAME=value`, alone or before a command.
static ASSIGNS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[A-Z_]+=\S").ok());

/// Words that a shell knows without a program.
const BUILTINS: [&str; 4] = ["cd", "exit", "export", "for"];

/// Everything that can be copied out of a Markdown text.
pub fn copied(markdown: &str) -> Vec<Copied> {
    let mut found = Vec::new();
    let mut block: Option<String> = None;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let typed = match kind {
                    CodeBlockKind::Fenced(info) => matches!(&*info, "" | "sh" | "bash"),
                    CodeBlockKind::Indented => false,
                };
                block = typed.then(String::new);
            }
            Event::End(TagEnd::CodeBlock) => {
                let text = block.take().map(|text| text.trim_end().to_owned());
                found.extend(text.filter(|t| is_command(t)).map(Copied::Command));
            }
            Event::Text(text) => match &mut block {
                Some(block) => block.push_str(&text),
                None => found.extend(text.matches("Ctrl-C").map(|_| Copied::Interrupt)),
            },
            Event::Code(code) if is_whole(&code) => found.push(Copied::Command(code.into_string())),
            _ => {}
        }
    }
    found
}

fn is_command(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    crate::programs::names().any(|name| name == first)
        || BUILTINS.contains(&first)
        || ASSIGNS.as_ref().is_some_and(|assigns| assigns.is_match(text))
}

fn is_whole(code: &str) -> bool {
    let left_out = code.contains("...") || code.contains('…') || !code.is_ascii();
    let stands_for = STANDS_FOR.as_ref().is_none_or(|word| word.is_match(code));
    is_command(code) && !left_out && !stands_for
}

#[cfg(test)]
mod tests {
    use super::{Copied, copied};

    #[test]
    fn whole_commands_are_copied_and_nothing_else() {
        let check = |text: &str, expect: &[&str]| {
            let found: Vec<String> = copied(text)
                .into_iter()
                .map(|thing| match thing {
                    Copied::Command(line) => line,
                    Copied::Interrupt => "^C".to_owned(),
                })
                .collect();
            assert_eq!(found, expect, "{text}");
        };
        check("`ls`, then Ctrl-C, then `docker ps -a`.", &["ls", "^C", "docker ps -a"]);
        check("`docker run ...`, `-d`, `node-app:0.1`, `docker push FULL-NAME`", &[]);
        check("`curl http://EXTERNAL-IP:80`, `kubectl exec POD -- ls`, `curl --cacert FILE x`", &[]);
        check(
            "`T=$(curl -s x | jq -r .t)` and `curl -H \"a: $T\" x`",
            &["T=$(curl -s x | jq -r .t)", "curl -H \"a: $T\" x"],
        );
        check(
            "Write:\n\n```\ncat > f <<'EOF'\nFROM x\nEOF\n```\n\nThen `cd ~/x`",
            &["cat > f <<'EOF'\nFROM x\nEOF", "cd ~/x"],
        );
        check("```yaml\nkind: Pod\n```\n\n```text\nls\n```", &[]);
    }
}
