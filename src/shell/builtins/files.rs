//! Builtins about directories: cd, pwd, pushd, popd, dirs; and umask.

use super::super::interp::{LocalFuture, Outcome};
use super::super::state::{Flavor, Shell};
use super::letters;
use crate::image::FsError;

type Args = Vec<String>;

/// Directories the stack holds.
const MAX_STACK: usize = 1000;

pub(super) fn cd<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let (flags, from) = match letters(&args, "LPe@") {
            Ok(found) => found,
            Err(flag) => return shell.usage("cd", &format!("-{flag}: invalid option")).await,
        };
        let rest = &args[from..];
        if rest.len() > 1 && shell.is_bash() {
            return shell.builtin_error("cd", "too many arguments").await;
        }
        let physical =
            flags.iter().rev().find(|flag| "LP".contains(**flag)) == Some(&'P') || shell.options.physical;
        let (target, show) = match rest.first().map(String::as_str) {
            None => match shell.vars.text("HOME") {
                Some(home) => (home.to_string(), false),
                None => return shell.builtin_error("cd", "HOME not set").await,
            },
            Some("-") => match shell.vars.text("OLDPWD") {
                Some(old) => (old.to_string(), true),
                None => return shell.builtin_error("cd", "OLDPWD not set").await,
            },
            Some(target) => (target.to_string(), false),
        };
        if target.is_empty() {
            return Ok(0);
        }
        let (path, show) = match search_cdpath(shell, &target) {
            Some(path) => (path, true),
            None => (target.clone(), show),
        };
        match go(shell, &path, physical) {
            Ok(()) => {
                if show {
                    shell.out_text(&format!("{}\n", shell.cwd)).await?;
                }
                Ok(0)
            }
            Err(error) => cd_error(shell, &target, error).await,
        }
    })
}

async fn cd_error(shell: &mut Shell, target: &str, error: FsError) -> Outcome {
    let message = match shell.flavor {
        Flavor::Bash => format!("{target}: {error}"),
        Flavor::Dash => format!("can't cd to {target}"),
        Flavor::Ash => format!("can't cd to {target}: {error}"),
    };
    shell.builtin_error("cd", &message).await?;
    Ok(if shell.flavor == Flavor::Dash { 2 } else { 1 })
}

/// `cd DIR` on behalf of someone else.
pub async fn change_directory(shell: &mut Shell, target: &str) -> Outcome {
    match go(shell, target, false) {
        Ok(()) => Ok(0),
        Err(error) => cd_error(shell, target, error).await,
    }
}

fn search_cdpath(shell: &Shell, target: &str) -> Option<String> {
    let plain = !target.starts_with('/') && !target.starts_with("./") && !target.starts_with("../");
    let search = shell.vars.text("CDPATH").filter(|_| plain && target != "." && target != "..")?;
    search.split(':').filter(|directory| !directory.is_empty()).find_map(|directory| {
        let path = shell.absolute(&format!("{directory}/{target}"));
        shell.sys.is_dir(&path).then_some(path)
    })
}

/// Makes a directory the current one.
fn go(shell: &mut Shell, target: &str, physical: bool) -> Result<(), FsError> {
    let mut path = shell.absolute(target);
    let entry = shell.sys.stat(&path)?;
    if !entry.is_dir() {
        return Err(FsError::NotADirectory);
    }
    let user = shell.sys.view(|w| w.user_of(shell.sys.me).to_owned());
    let root = user.is_empty() || user == "root" || user == "0";
    let enters = if *entry.owner == *user { entry.mode & 0o100 } else { entry.mode & 0o001 };
    if !root && enters == 0 {
        return Err(FsError::Permission);
    }
    if physical {
        path = resolved(shell, &path);
    }
    let old = std::mem::replace(&mut shell.cwd, path);
    shell.vars.set("OLDPWD", &old);
    let cwd = shell.cwd.clone();
    shell.vars.set("PWD", &cwd);
    shell.vars.entry("OLDPWD").exported = true;
    shell.vars.entry("PWD").exported = true;
    let me = shell.sys.me;
    if shell.owns_signals || shell.interactive {
        shell.sys.with(|w| {
            if let Some(process) = w.processes.get_mut(&me) {
                process.cwd = cwd;
            }
        });
    }
    Ok(())
}

fn resolved(shell: &Shell, path: &str) -> String {
    let found =
        shell.sys.view(|w| w.look(shell.sys.host, path, |tree, inner| tree.resolve(inner, true).ok()));
    found.flatten().unwrap_or_else(|| path.to_string())
}

pub(super) fn pwd<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        match letters(&args, "LP") {
            Ok((flags, _)) => {
                let path =
                    if flags.last() == Some(&'P') { resolved(shell, &shell.cwd) } else { shell.cwd.clone() };
                shell.out_text(&format!("{path}\n")).await?;
                Ok(0)
            }
            Err(flag) => shell.usage("pwd", &format!("-{flag}: invalid option")).await,
        }
    })
}

fn with_tilde(shell: &Shell, path: &str) -> String {
    match shell.vars.text("HOME").filter(|home| *home != "/") {
        Some(home) => match path.strip_prefix(home) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
            _ => path.to_string(),
        },
        None => path.to_string(),
    }
}

fn stack_line(shell: &Shell, long: bool) -> String {
    let stack = shell.directory_stack();
    let shown: Vec<String> =
        stack.iter().map(|path| if long { path.clone() } else { with_tilde(shell, path) }).collect();
    format!("{}\n", shown.join(" "))
}

pub(super) fn dirs<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let (mut long, mut lines, mut numbered, mut chosen) = (false, false, false, None);
        for arg in &args {
            match arg.as_str() {
                "-c" => {
                    shell.directories.clear();
                    return Ok(0);
                }
                "-l" => long = true,
                "-p" => lines = true,
                "-v" => numbered = true,
                other => match stack_index(shell, other) {
                    Some(at) => chosen = Some((at, other.to_string())),
                    None => {
                        shell.complain(&format!("dirs: {other}: invalid number")).await;
                        return shell.usage("dirs", "").await;
                    }
                },
            }
        }
        let stack = shell.directory_stack();
        let show = |path: &String| if long { path.clone() } else { with_tilde(shell, path) };
        let text = match chosen {
            Some((at, spec)) => match stack.get(at) {
                Some(path) => format!("{}\n", show(path)),
                None => {
                    let message = format!(
                        "{}: directory stack index out of range",
                        spec.trim_start_matches(['+', '-'])
                    );
                    return shell.builtin_error("dirs", &message).await;
                }
            },
            None if numbered => {
                stack.iter().enumerate().map(|(i, path)| format!("{i:2}  {}\n", show(path))).collect()
            }
            None if lines => stack.iter().map(|path| format!("{}\n", show(path))).collect(),
            None => stack_line(shell, long),
        };
        shell.out_text(&text).await?;
        Ok(0)
    })
}

/// `+N` from the left, `-N` from the right; may lie outside of the stack.
fn stack_index(shell: &Shell, spec: &str) -> Option<usize> {
    let len = shell.directories.len() + 1;
    if let Some(digits) = spec.strip_prefix('+') {
        return digits.parse().ok();
    }
    let back: usize = spec.strip_prefix('-')?.parse().ok()?;
    Some(len.checked_sub(back + 1).unwrap_or(usize::MAX))
}

fn set_stack(shell: &mut Shell, stack: &[String]) {
    shell.directories = stack.iter().skip(1).rev().cloned().collect();
}

pub(super) fn pushd<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let mut stack = shell.directory_stack();
        match args.first().map(String::as_str) {
            None if stack.len() < 2 => return shell.builtin_error("pushd", "no other directory").await,
            None => stack.swap(0, 1),
            Some(spec) if stack_index(shell, spec).is_some() => {
                let at = stack_index(shell, spec).unwrap_or(0);
                if at >= stack.len() {
                    let message = match stack.len() {
                        1 => "no other directory".to_string(),
                        _ => format!("{}: directory stack index out of range", spec),
                    };
                    return shell.builtin_error("pushd", &message).await;
                }
                stack.rotate_left(at);
            }
            Some(target) => {
                if stack.len() >= MAX_STACK {
                    return shell.builtin_error("pushd", "directory stack is full").await;
                }
                if let Err(error) = go(shell, target, false) {
                    return shell.builtin_error("pushd", &format!("{target}: {error}")).await;
                }
                stack.insert(0, shell.cwd.clone());
                set_stack(shell, &stack);
                let line = stack_line(shell, false);
                shell.out_text(&line).await?;
                return Ok(0);
            }
        }
        let target = stack[0].clone();
        if let Err(error) = go(shell, &target, false) {
            return shell.builtin_error("pushd", &format!("{target}: {error}")).await;
        }
        set_stack(shell, &stack);
        let line = stack_line(shell, false);
        shell.out_text(&line).await?;
        Ok(0)
    })
}

pub(super) fn popd<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let mut stack = shell.directory_stack();
        if stack.len() < 2 {
            return shell.builtin_error("popd", "directory stack empty").await;
        }
        let at = match args.first() {
            None => 0,
            Some(spec) => match stack_index(shell, spec) {
                Some(at) if at < stack.len() => at,
                Some(_) => {
                    let message = format!("{spec}: directory stack index out of range");
                    return shell.builtin_error("popd", &message).await;
                }
                None => {
                    shell.complain(&format!("popd: {spec}: invalid argument")).await;
                    return shell.usage("popd", "").await;
                }
            },
        };
        stack.remove(at);
        if at == 0 {
            let target = stack[0].clone();
            if let Err(error) = go(shell, &target, false) {
                return shell.builtin_error("popd", &format!("{target}: {error}")).await;
            }
        }
        set_stack(shell, &stack);
        let line = stack_line(shell, false);
        shell.out_text(&line).await?;
        Ok(0)
    })
}

pub(super) fn umask<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let (flags, from) = match letters(&args, "pS") {
            Ok(found) => found,
            Err(flag) => return shell.usage("umask", &format!("-{flag}: invalid option")).await,
        };
        if let Some(mode) = args.get(from) {
            return match u32::from_str_radix(mode, 8) {
                Ok(mode) if mode <= 0o777 => {
                    shell.umask = mode;
                    Ok(0)
                }
                _ if mode.starts_with(|c: char| c.is_ascii_digit()) => {
                    shell.builtin_error("umask", &format!("{mode}: octal number out of range")).await
                }
                _ => symbolic_mask(shell, mode).await,
            };
        }
        let mask = shell.umask;
        let symbolic = format!("u={},g={},o={}", bits(!mask >> 6), bits(!mask >> 3), bits(!mask));
        let text = match (flags.contains(&'p'), flags.contains(&'S')) {
            (false, false) => format!("{mask:04o}\n"),
            (true, false) => format!("umask {mask:04o}\n"),
            (false, true) => format!("{symbolic}\n"),
            (true, true) => format!("umask -S {symbolic}\n"),
        };
        shell.out_text(&text).await?;
        Ok(0)
    })
}

fn bits(value: u32) -> String {
    [(4, 'r'), (2, 'w'), (1, 'x')].iter().filter(|(bit, _)| value & bit != 0).map(|(_, c)| *c).collect()
}

async fn symbolic_mask(shell: &mut Shell, mode: &str) -> Outcome {
    let mut allowed = !shell.umask & 0o777;
    for clause in mode.split(',') {
        let Some(at) = clause.find(['=', '+', '-']) else {
            let bad = clause.chars().find(|c| !"ugoa".contains(*c)).unwrap_or(' ');
            return shell.builtin_error("umask", &format!("`{bad}': invalid symbolic mode operator")).await;
        };
        let (who, rest) = clause.split_at(at);
        let who = if who.is_empty() || who.contains('a') { "ugo" } else { who };
        let bits = rest[1..].chars().fold(0, |bits, c| {
            bits | match c {
                'r' => 4,
                'w' => 2,
                'x' => 1,
                _ => 0,
            }
        });
        for class in who.chars() {
            let shift = match class {
                'u' => 6,
                'g' => 3,
                _ => 0,
            };
            allowed = match rest.as_bytes()[0] {
                b'=' => allowed & !(7 << shift) | bits << shift,
                b'+' => allowed | bits << shift,
                _ => allowed & !(bits << shift),
            };
        }
    }
    shell.umask = !allowed & 0o777;
    Ok(0)
}
