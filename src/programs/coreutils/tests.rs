//! Stories about the small commands: what people type, and what GNU's answer. The expectations are recorded from the
//! real tools.

use crate::programs::testing::{check, check_with, run};

const FRUIT: &[(&str, &str)] =
    &[("fruit", "pear 3\napple 10\nfig 2\nApple 7\n"), ("d/a.txt", "one\ntwo\n"), ("d/b.js", "x\n")];

#[test]
fn lines_and_fields() {
    check_with(FRUIT, "cat fruit | sort", "apple 10\nApple 7\nfig 2\npear 3\n");
    check_with(FRUIT, "sort -k2 -n fruit", "fig 2\npear 3\nApple 7\napple 10\n");
    check_with(FRUIT, "sort -k2,2nr fruit | head -2", "apple 10\nApple 7\n");
    check_with(FRUIT, "cut -d' ' -f2 fruit | tr '\\n' ,", "3,10,2,7,");
    check_with(
        FRUIT,
        "wc fruit; wc -l < fruit; wc -l fruit d/a.txt",
        " 4  8 30 fruit\n4\n 4 fruit\n 2 d/a.txt\n 6 total\n",
    );
    check("printf 'b\\nb\\na\\n' | uniq -c | sort -rn", "      2 b\n      1 a\n");
    check(
        "seq 5 | tail -n +4; seq 3 -1 1 | tr '\\n' ' '; seq -w 8 10 | head -1; seq -s, 3",
        "4\n5\n3 2 1 08\n1,2,3\n",
    );
    check(
        "echo hello | tr a-z A-Z; echo aabbb | tr -s b; echo abc | tr -d b; echo hi | rev",
        "HELLO\naab\nac\nih\n",
    );
    check("printf 'a:b\\nlong:c\\n' | column -t -s:", "a     b\nlong  c\n");
    check("printf '1\\n2\\n3\\n4\\n' | paste - -; printf 'a\\nb\\n' | paste -sd,", "1\t2\n3\t4\na,b\n");
    check(
        "printf 'a\\n\\nb\\n' | cat -A; printf 'a\\n\\nb\\n' | nl; printf 'x\\ty\\n' | cat -nT",
        "a$\n$\nb$\n     1\ta\n       \n     2\tb\n     1\tx^Iy\n",
    );
    check(
        "printf 'x10\\nx9\\nx1\\n' | sort -V; printf '2K\\n1M\\n3\\n' | sort -h",
        "x1\nx9\nx10\n3\n2K\n1M\n",
    );
    check("echo abcdefgh | fold -w 3; printf 'a\\tb\\n' | expand -t 4", "abc\ndef\ngh\na   b\n");
}

#[test]
fn grep_finds() {
    check_with(
        FRUIT,
        "grep -in apple fruit; grep -c . fruit; grep -v e fruit",
        "2:apple 10\n4:Apple 7\n4\nfig 2\n",
    );
    check_with(
        FRUIT,
        "grep -r two d; grep -rl x d; grep -q nope fruit || echo none",
        "d/a.txt:two\nd/b.js\nnone\n",
    );
    check("seq 10 | grep -A1 -B1 5; seq 30 | grep -c 1", "4\n5\n6\n12\n");
    check(
        "echo 'a1b22' | grep -oE '[0-9]+'; echo abc | grep -w ab; echo 'x.y' | grep -F '.'",
        "1\n22\nx.y\n",
    );
    check("echo x | grep '['", "grep: Unmatched [, [^, [:, [., or [=\n[2]");
    check("grep x nofile", "grep: nofile: No such file or directory\n[2]");
    check("echo 13 | grep 3 --color=always", "1\u{1b}[01;31m\u{1b}[K3\u{1b}[m\u{1b}[K\n");
}

#[test]
fn sed_edits() {
    let check_sed = |script: &str, expect: &str| check(&format!("seq 5 | sed {script}"), expect);
    check_sed("2d", "1\n3\n4\n5\n");
    check_sed("-n '2,3p'", "2\n3\n");
    check_sed("'s/[24]/<&>/; $d'", "1\n<2>\n3\n<4>\n");
    check_sed("-n '$='", "5\n");
    check_sed("'1~2d'", "2\n4\n");
    check_sed("'3q'", "1\n2\n3\n");
    check_sed("'2a\\\\after' | head -3", "1\n2\nafter\n");
    check_sed("'2i before' | head -2", "1\nbefore\n");
    check_sed("'2,4c\\\\x'", "1\nx\n5\n");
    check_sed("-n 'H;${x;s/\\n/,/g;p}'", ",1,2,3,4,5\n");
    check_sed("'N;P;D' | tail -1", "5\n");
    check_sed("':a;N;$!ba;s/\\n/+/g'", "1+2+3+4+5\n");
    check_sed("'y/123/abc/' | head -3", "a\nb\nc\n");
    check_sed("'/2/,/4/!d'", "2\n3\n4\n");
    check(
        "echo aXbXc | sed 's/X/-/2'; echo hello | sed -E 's/(h)(.*)/\\2\\1/'; echo foo | sed 's/o/O/g;s/^/>/'",
        "aXb-c\nelloh\n>fOO\n",
    );
    check("echo hello world | sed -E 's/\\b(.)/\\u\\1/g'; echo a/b | sed 's#/#|#'", "Hello World\na|b\n");
    check_with(
        FRUIT,
        "sed -i 's/apple/APPLE/' fruit; grep APPLE fruit; sed -i.bak 1d fruit; ls",
        "APPLE 10\nd\nfruit\nfruit.bak\n",
    );
    check("echo x | sed s/x", "sed: -e expression #1, char 3: unterminated `s' command\n[1]");
    check("echo x | sed k", "sed: -e expression #1, char 1: unknown command: `k'\n[1]");
    check("sed p nofile", "sed: can't read nofile: No such file or directory\n[2]");
    check("echo x | sed 's/x/y/k'", "sed: -e expression #1, char 7: unknown option to `s'\n[1]");
}

#[test]
fn files_come_and_go() {
    check(
        "mkdir a; mkdir a; mkdir -p a/b/c && ls a; rmdir a",
        "mkdir: cannot create directory ‘a’: File exists\nb\nrmdir: failed to remove 'a': Directory not empty\n[1]",
    );
    check("touch x y; ls; rm x; ls; rm x", "x\ny\ny\nrm: cannot remove 'x': No such file or directory\n[1]");
    check_with(FRUIT, "rm d", "rm: cannot remove 'd': Is a directory\n[1]");
    check_with(FRUIT, "rm -rf d nothere; ls", "fruit\n");
    check_with(
        FRUIT,
        "cp fruit f2; cp d e; cp -r d e; ls e; mv f2 e; ls e; mv nope x",
        "cp: -r not specified; omitting directory 'd'\na.txt\nb.js\na.txt\nb.js\nf2\nmv: cannot stat 'nope': No such file or directory\n[1]",
    );
    check_with(
        FRUIT,
        "ln -s fruit link; readlink link; cat link | head -1; ls -F",
        "fruit\npear 3\nd/\nfruit\nlink@\n",
    );
    check_with(
        FRUIT,
        "chmod 600 fruit; stat -c '%a %A %s %U' fruit; chmod u+x,g+r fruit; stat -c %a fruit",
        "600 -rw------- 30 ada\n740\n",
    );
    check_with(
        FRUIT,
        "ls -l fruit; ls -la d",
        "-rw-r--r-- 1 ada ada 30 Nov 22 12:45 fruit\ntotal 16\ndrwxr-xr-x 2 ada ada 4096 Nov 22 12:45 .\ndrwxr-xr-x 3 ada ada 4096 Nov 22 12:45 ..\n-rw-r--r-- 1 ada ada    8 Nov 22 12:45 a.txt\n-rw-r--r-- 1 ada ada    2 Nov 22 12:45 b.js\n",
    );
    check("ls nope", "ls: cannot access 'nope': No such file or directory\n[2]");
    check_with(
        FRUIT,
        "find . -name '*.js'; find . -type d | sort; find d -type f -exec echo {} +; find . -name a.txt -delete; ls d",
        "./d/b.js\n.\n./d\nd/a.txt d/b.js\nb.js\n",
    );
    check("find . -foo", "find: unknown predicate `-foo'\n[1]");
    check_with(
        FRUIT,
        "basename /a/b.js .js; dirname /a/b.js; realpath d; du -s d | cut -f2",
        "b\n/a\n/home/ada/d\nd\n",
    );
    check("cp", "cp: missing file operand\nTry 'cp --help' for more information.\n[1]");
    check("mkdir", "mkdir: missing operand\nTry 'mkdir --help' for more information.\n[1]");
    check("ls --zz", "ls: unrecognized option '--zz'\nTry 'ls --help' for more information.\n[2]");
    check("cat -Q", "cat: invalid option -- 'Q'\nTry 'cat --help' for more information.\n[1]");
}

#[test]
fn differences() {
    let two = &[("a", "1\n2\n3\n"), ("b", "1\nx\n3\n4\n")];
    check_with(two, "diff a b", "2c2\n< 2\n---\n> x\n3a4\n> 4\n[1]");
    check_with(two, "diff -u a b | tail -n +3", "@@ -1,3 +1,4 @@\n 1\n-2\n+x\n 3\n+4\n");
    check_with(
        two,
        "diff -q a b; diff a a && cmp a b",
        "Files a and b differ\na b differ: byte 3, line 2\n[1]",
    );
    check_with(two, "comm -12 a a; diff a nope", "1\n2\n3\ndiff: nope: No such file or directory\n[2]");
}

#[test]
fn time_passes_only_virtually() {
    check(
        "date -u '+%Y-%m-%d %H:%M:%S'; sleep 90; date +%T; date -d @0 +%F; date -d 'yesterday' +%d",
        "2026-11-22 12:45:39\n12:47:09\n1970-01-01\n21\n",
    );
    check("date", "Sun Nov 22 12:45:39 PM UTC 2026\n");
    check("timeout 2 sleep 10; echo $?; timeout 5 echo ok", "124\nok\n");
    check("sleep x", "sleep: invalid time interval ‘x’\nTry 'sleep --help' for more information.\n[1]");
    check("date -d nonsense", "date: invalid date ‘nonsense’\n[1]");
    check("LC_ALL=C date -d nonsense", "date: invalid date 'nonsense'\n[1]");
}

#[test]
fn commands_that_run_others() {
    check(
        "echo a b c | xargs -n1 echo x; printf '1\\n2\\n' | xargs -I{} echo n={}",
        "x a\nx b\nx c\nn=1\nn=2\n",
    );
    check(
        "env -i A=1 env; env B=2 printenv B; env nosuch",
        "A=1\n2\nenv: ‘nosuch’: No such file or directory\n[127]",
    );
    check("sudo whoami; which ls node; which nosuch", "ada\n/usr/bin/ls\n/usr/bin/node\n[1]");
    check("id -un; hostname; uname; nproc; echo $(whoami)", "ada\nbox\nLinux\n2\nada\n");
}

#[test]
fn bytes() {
    check(
        "echo hello | base64; echo aGVsbG8K | base64 -d; printf abc | md5sum; printf abc | sha256sum | cut -c1-8",
        "aGVsbG8K\nhello\n900150983cd24fb0d6963f7d28e17f72  -\nba7816bf\n",
    );
    check(
        "printf 'AB\\n' | od -c; printf 'AB\\n' | xxd; printf AB | od -An -tx1",
        "0000000   A   B  \\n\n0000003\n00000000: 4142 0a                                  AB.\n 41 42\n",
    );
    check(
        "printf 'hi\\n' | hexdump -C",
        "00000000  68 69 0a                                          |hi.|\n00000003\n",
    );
}

#[test]
fn nothing_runs_forever() {
    check("yes | head -2; yes no | head -1", "y\ny\nno\n");
    let text = run(&[], "cat /dev/zero > /dev/null; echo $?; yes > /dev/null; echo $?");
    assert_eq!(
        text,
        "kubejam: cat was stopped after 16 MiB of output\n1\nkubejam: yes was stopped after 16 MiB of output\n1\n"
    );
    check("head -c 5 /dev/zero | wc -c; sort /dev/zero", "5\nsort: memory exhausted\n[1]");
}

#[test]
fn printf_and_expr() {
    check(
        "env printf '%05d|%-4s|%x|%.2f|%%\\n' 42 ab 255 3.14159; env printf '%s,' a b; env printf '%d\\n' x",
        "00042|ab  |ff|3.14|%\na,b,printf: ‘x’: expected a numeric value\n0\n[1]",
    );
    check(
        "expr 2 + 3 '*' 4; expr length hello; expr abc : 'a\\(.*\\)'; expr 1 / 0",
        "14\n5\nbc\nexpr: division by zero\n[2]",
    );
}

#[test]
fn awk_programs() {
    check_with(FRUIT, "awk '{print $2, $1}' fruit | head -2", "3 pear\n10 apple\n");
    check_with(
        FRUIT,
        "awk '$2 > 5 {n += $2; print NR\": \"$1} END {print n, NR}' fruit",
        "2: apple\n4: Apple\n17 4\n",
    );
    check_with(
        FRUIT,
        "awk 'BEGIN {FS=\"a\"} /p/ {print NF}' fruit; awk -F: '{print $1}' /etc/passwd",
        "2\n2\n1\nroot\nada\n",
    );
    check("printf 'a 1\\nb 2\\na 3\\n' | awk '{s[$1] += $2} END {for (k in s) print k, s[k]}'", "a 4\nb 2\n");
    check(
        "echo 'hello world' | awk '{print length($0), substr($1, 2, 3), toupper($2), index($0, \"wor\")}'",
        "11 ell WORLD 7\n",
    );
    check(
        "awk 'BEGIN {printf \"%5.2f|%-5s|%03d\\n\", 3.14159, \"ab\", 7; print 7/2, 2^10, 10%3, 1e6, 0.1+0.2}'",
        " 3.14|ab   |007\n3.5 1024 1 1000000 0.3\n",
    );
    check(
        "echo a-b-c | awk '{gsub(/-/, \"+\"); print; n = split($0, p, \"+\"); print n, p[3]}'",
        "a+b+c\n3 c\n",
    );
    check(
        "awk 'function f(n) { return n <= 1 ? 1 : n * f(n - 1) } BEGIN { print f(5); i = 0; while (i < 3) i++; print i; do i--; while (i > 0); print i; for (;;) if (++i > 4) break; print i }'",
        "120\n3\n0\n5\n",
    );
    check(
        "seq 5 | awk 'NR==2,NR==4' | awk '!/3/'; echo 'x y' | awk '{$2 = \"z\"; print; print NF; NF = 1; print}'",
        "2\n4\nx z\n2\nx\n",
    );
    check("awk 'BEGIN { print 1 '", "awk: line 1: syntax error at or near end of file\n[2]");
    check("awk 'BEGIN { while (1) ; }'", "awk: the program does not come to an end; stopped\n[2]");
    check("awk 'BEGIN { print \"b\\na\" | \"sort\"; print 1/0 }'", "awk: division by zero\n[2]");
    check(
        "echo '5 apples' | awk '{ if ($1 == 5 && $2 ~ /^a/) print \"yes\"; else print \"no\" }'; awk -v n=3 'BEGIN { print n + 1; exit 3 }'",
        "yes\n4\n[3]",
    );
}
