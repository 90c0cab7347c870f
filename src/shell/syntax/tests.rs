//! What the parser makes of a text: its layout when printed back, or bash's complaint.

use super::{Dialect, Parser, list_text};

fn read(input: &str, partial: bool) -> String {
    let mut parser = Parser::new(input, 1, Dialect { partial, ..Dialect::default() });
    let mut shown = Vec::new();
    loop {
        match parser.next_line() {
            Ok(None) => return shown.join("\n"),
            Ok(Some(list)) => {
                shown.extend(list.items.iter().map(|item| list_text(&item.chain)));
            }
            Err(error) if partial && error.is_incomplete() => return "more".into(),
            Err(error) => return format!("line {}: {}", error.line, error.message()),
        }
    }
}

fn check(input: &str, expect: &str) {
    assert_eq!(read(input, false), expect, "for: {input}");
}

#[test]
fn errors_in_bash_words() {
    let token = |token: &str| format!("line 1: syntax error near unexpected token `{token}'");
    check("echo )", &token(")"));
    check("echo (", &token("newline"));
    check("echo a (", &token("("));
    check("if true; fi", &token("fi"));
    check("| foo", &token("|"));
    check("&& x", &token("&&"));
    check(";; ", &token(";;"));
    check("}", &token("}"));
    check("a & & b", &token("&"));
    check("echo a > ", &token("newline"));
    check("echo > | b", &token("|"));
    check("for", &token("newline"));
    check("f() echo hi", &token("echo"));
    check("echo a;;", &token(";;"));
    check("x=(a ; b)", &token(";"));
    check("if", "line 2: syntax error: unexpected end of file");
    check("foo |", "line 2: syntax error: unexpected end of file");
    check("{ echo a }", "line 2: syntax error: unexpected end of file");
    check("echo \"abc", "line 1: unexpected EOF while looking for matching `\"'");
    check("echo 'abc", "line 1: unexpected EOF while looking for matching `''");
    check("echo $(foo", "line 2: unexpected EOF while looking for matching `)'");
    check("echo ${foo", "line 1: unexpected EOF while looking for matching `}'");
    check("echo $((1+", "line 1: unexpected EOF while looking for matching `)'");
    check("[[ a b ]]", "line 1: conditional binary operator expected");
    check("[[ a == ]]", "line 1: unexpected argument `]]' to conditional binary operator");
    check("[[ -f ]]", "line 1: unexpected argument `]]' to conditional unary operator");
}

#[test]
fn incomplete_is_not_wrong() {
    for input in
        ["if true", "echo 'a", "cat <<EOF\nx", "a |", "a &&", "f() {", "echo \\", "x=(1", "case a in", "for"]
    {
        let expect = if input == "for" { "more" } else { "more" };
        assert_eq!(read(input, true), expect, "for: {input}");
    }
    assert_eq!(read("echo )", true), "line 1: syntax error near unexpected token `)'");
    assert_eq!(read("echo a", true), "echo a");
}

#[test]
fn programs_print_back() {
    check("a|b&&c||d", "a | b && c || d");
    check("x=1 y+=2 cmd 'q r' >f 2>&1", "x=1 y+=2 cmd 'q r' > f 2>&1");
    check(
        "if a; then b; elif c; then d; else e; fi",
        "if a; then\n    b;\nelse\n    if c; then\n        d;\n    else\n        e;\n    fi;\nfi",
    );
    check("for i in 1 2; do echo $i; done", "for i in 1 2;\ndo\n    echo $i;\ndone");
    check("((a)); ( (b) )", "((a))\n( ( b ) )");
    check("echo ${x:-a b} \"${y%%*}\" $(date; ls) `w`", "echo ${x:-a b} \"${y%%*}\" $(date; ls) `w`");
    check("a=(1 [3]=x 'y z')", "a=(1 [3]=x 'y z')");
    check(
        "case $x in a|b) echo 1;; *) ;; esac",
        "case $x in \n    a | b)\n        echo 1\n    ;;\n    *)\n    ;;\nesac",
    );
    check("while read x; do :; done < f # comment", "while read x; do\n    :;\ndone < f");
    check("echo a#b #c", "echo a#b");
    check("[[ $a =~ ^(x|y)+$ && ! -f b ]]", "[[ $a =~ ^(x|y)+$ && ! -f b ]]");
}

#[test]
fn depth_has_a_limit() {
    let deep = format!("{}:{}", "( ".repeat(3000), ")".repeat(3000));
    check(&deep, "line 1: maximum nesting depth exceeded (120)");
    let quotes = format!("echo {}", "\"$(echo ".repeat(3000));
    check(&quotes, "line 1: maximum nesting depth exceeded (120)");
}
