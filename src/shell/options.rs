//! `set -o` and `shopt`: the switches, their names and letters. It only remembers; what a switch does is decided
//! where it matters.

/// The switches that change what we do. Others are remembered by `shopt` for politeness only.
#[derive(Debug, Clone)]
pub struct Options {
    pub allexport: bool,
    pub braceexpand: bool,
    pub errexit: bool,
    pub noglob: bool,
    pub hashall: bool,
    pub noclobber: bool,
    pub noexec: bool,
    pub nounset: bool,
    pub pipefail: bool,
    pub verbose: bool,
    pub xtrace: bool,
    pub monitor: bool,
    pub history: bool,
    pub histexpand: bool,
    pub errtrace: bool,
    pub functrace: bool,
    pub posix: bool,
    pub ignoreeof: bool,
    pub notify: bool,
    pub physical: bool,
    pub emacs: bool,
    pub vi: bool,
    pub privileged: bool,
    pub nolog: bool,
    pub onecmd: bool,
    pub keyword: bool,
    pub interactive_comments: bool,
    pub extglob: bool,
    pub nullglob: bool,
    pub dotglob: bool,
    pub failglob: bool,
    pub nocaseglob: bool,
    pub nocasematch: bool,
    pub globstar: bool,
    pub expand_aliases: bool,
    pub sourcepath: bool,
    pub lastpipe: bool,
    pub inherit_errexit: bool,
    pub xpg_echo: bool,
    pub autocd: bool,
    pub checkwinsize: bool,
    pub cmdhist: bool,
    pub histappend: bool,
    pub promptvars: bool,
    pub login_shell: bool,
}

impl Default for Options {
    fn default() -> Self {
        let off = false;
        Options {
            allexport: off,
            braceexpand: true,
            errexit: off,
            noglob: off,
            hashall: true,
            noclobber: off,
            noexec: off,
            nounset: off,
            pipefail: off,
            verbose: off,
            xtrace: off,
            monitor: off,
            history: off,
            histexpand: off,
            errtrace: off,
            functrace: off,
            posix: off,
            ignoreeof: off,
            notify: off,
            physical: off,
            emacs: off,
            vi: off,
            privileged: off,
            nolog: off,
            onecmd: off,
            keyword: off,
            interactive_comments: true,
            extglob: off,
            nullglob: off,
            dotglob: off,
            failglob: off,
            nocaseglob: off,
            nocasematch: off,
            globstar: off,
            expand_aliases: off,
            sourcepath: true,
            lastpipe: off,
            inherit_errexit: off,
            xpg_echo: off,
            autocd: off,
            checkwinsize: true,
            cmdhist: true,
            histappend: off,
            promptvars: true,
            login_shell: off,
        }
    }
}

type Place = fn(&mut Options) -> &mut bool;

/// Name, letter (`-` for none), place; in the order of `set -o`.
const SET: [(&str, char, Place); 27] = [
    ("allexport", 'a', |o| &mut o.allexport),
    ("braceexpand", 'B', |o| &mut o.braceexpand),
    ("emacs", '-', |o| &mut o.emacs),
    ("errexit", 'e', |o| &mut o.errexit),
    ("errtrace", 'E', |o| &mut o.errtrace),
    ("functrace", 'T', |o| &mut o.functrace),
    ("hashall", 'h', |o| &mut o.hashall),
    ("histexpand", 'H', |o| &mut o.histexpand),
    ("history", '-', |o| &mut o.history),
    ("ignoreeof", '-', |o| &mut o.ignoreeof),
    ("interactive-comments", '-', |o| &mut o.interactive_comments),
    ("keyword", 'k', |o| &mut o.keyword),
    ("monitor", 'm', |o| &mut o.monitor),
    ("noclobber", 'C', |o| &mut o.noclobber),
    ("noexec", 'n', |o| &mut o.noexec),
    ("noglob", 'f', |o| &mut o.noglob),
    ("nolog", '-', |o| &mut o.nolog),
    ("notify", 'b', |o| &mut o.notify),
    ("nounset", 'u', |o| &mut o.nounset),
    ("onecmd", 't', |o| &mut o.onecmd),
    ("physical", 'P', |o| &mut o.physical),
    ("pipefail", '-', |o| &mut o.pipefail),
    ("posix", '-', |o| &mut o.posix),
    ("privileged", 'p', |o| &mut o.privileged),
    ("verbose", 'v', |o| &mut o.verbose),
    ("vi", '-', |o| &mut o.vi),
    ("xtrace", 'x', |o| &mut o.xtrace),
];

/// The names `shopt` knows, sorted.
const SHOPT: [(&str, Place); 18] = [
    ("autocd", |o| &mut o.autocd),
    ("checkwinsize", |o| &mut o.checkwinsize),
    ("cmdhist", |o| &mut o.cmdhist),
    ("dotglob", |o| &mut o.dotglob),
    ("expand_aliases", |o| &mut o.expand_aliases),
    ("extglob", |o| &mut o.extglob),
    ("failglob", |o| &mut o.failglob),
    ("globstar", |o| &mut o.globstar),
    ("histappend", |o| &mut o.histappend),
    ("inherit_errexit", |o| &mut o.inherit_errexit),
    ("lastpipe", |o| &mut o.lastpipe),
    ("login_shell", |o| &mut o.login_shell),
    ("nocaseglob", |o| &mut o.nocaseglob),
    ("nocasematch", |o| &mut o.nocasematch),
    ("nullglob", |o| &mut o.nullglob),
    ("promptvars", |o| &mut o.promptvars),
    ("sourcepath", |o| &mut o.sourcepath),
    ("xpg_echo", |o| &mut o.xpg_echo),
];

impl Options {
    /// The switch of a `set` letter.
    pub fn by_letter(&mut self, letter: char) -> Option<&mut bool> {
        let place = SET.iter().find(|(_, known, _)| *known == letter && letter != '-')?.2;
        Some(place(self))
    }

    /// The switch of a `set -o` name.
    pub fn by_name(&mut self, name: &str) -> Option<&mut bool> {
        let place = SET.iter().find(|(known, _, _)| *known == name)?.2;
        Some(place(self))
    }

    pub fn shopt(&mut self, name: &str) -> Option<&mut bool> {
        let place = SHOPT.iter().find(|(known, _)| *known == name)?.1;
        Some(place(self))
    }

    /// Name and state of every `set -o` switch.
    pub fn listed(&self) -> Vec<(&'static str, bool)> {
        let mut copy = self.clone();
        SET.iter().map(|(name, _, place)| (*name, *place(&mut copy))).collect()
    }

    pub fn shopt_listed(&self) -> Vec<(&'static str, bool)> {
        let mut copy = self.clone();
        SHOPT.iter().map(|(name, place)| (*name, *place(&mut copy))).collect()
    }

    /// `$-`
    pub fn letters(&self, interactive: bool, from_c: bool, from_stdin: bool) -> String {
        let mut copy = self.clone();
        let mut letters: Vec<char> = SET
            .iter()
            .filter(|(_, letter, place)| *letter != '-' && *place(&mut copy))
            .map(|(_, l, _)| *l)
            .collect();
        if interactive {
            letters.push('i');
        }
        letters.sort_by_key(|letter| (letter.is_uppercase(), *letter));
        if from_c {
            letters.push('c');
        }
        if from_stdin {
            letters.push('s');
        }
        letters.into_iter().collect()
    }
}
