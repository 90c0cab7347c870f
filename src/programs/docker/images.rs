//! `docker images`, `history`, `tag` and `rmi`. Never pulls or pushes.

use crate::base::SimTime;
use crate::image::ImageRef;
use crate::image::reference::ReferenceError;
use crate::machine::Engine;
use crate::machine::docker::images::{Removal, Stored};
use crate::machine::docker::inspect::Json;

use super::flags::Parsed;
use super::rows::Listing;
use super::{Docker, filters, format};

/// Filters that exist.
const FILTERS: &[&str] = &["before", "since", "reference", "dangling", "label", "until"];
const NONE: &str = "<none>";
/// What `--format raw` means.
const RAW: &str = "repository: {{ .Repository }}\ntag: {{.Tag}}\nimage_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n";
const RAW_WITH_DIGEST: &str = "repository: {{ .Repository }}\ntag: {{.Tag}}\ndigest: {{.Digest}}\nimage_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n";

pub async fn list(docker: Docker, parsed: Parsed) -> i32 {
    for filter in parsed.all("filter") {
        let name = filter.split('=').next().unwrap_or_default();
        if !FILTERS.contains(&name) {
            docker.err(format!("Error response from daemon: invalid filter '{name}'\n")).await;
            return 1;
        }
    }
    let bad = docker.view(|engine, now| {
        let others = ["before", "since"].into_iter().flat_map(|name| filters::values(&parsed, name));
        filters::truth(&parsed, "dangling")
            .err()
            .or_else(|| {
                others.into_iter().find_map(|name| engine.images.find(name).err()).map(|e| e.to_string())
            })
            .or_else(|| filters::until(&parsed, now).err())
    });
    if let Some(error) = bad {
        docker.err(format!("Error response from daemon: {error}\n")).await;
        return 1;
    }
    let listing = docker.view(|engine, now| listing(engine, now, &parsed));
    listing.print(&docker, parsed.get("format"), parsed.is("quiet")).await
}

fn listing(engine: &Engine, now: SimTime, parsed: &Parsed) -> Listing {
    let format = parsed.get("format").unwrap_or_default();
    let digests = parsed.is("digests");
    let wanted = digests || format.contains("{{.Digest}}");
    let mut columns = vec![("Repository", "REPOSITORY"), ("Tag", "TAG")];
    if digests {
        columns.push(("Digest", "DIGEST"));
    }
    columns.extend([("ID", "IMAGE ID"), ("CreatedSince", "CREATED"), ("Size", "SIZE")]);
    let mut rows = Vec::new();
    for stored in engine.images.list() {
        let id = &stored.image.id;
        let dangling = engine.images.is_dangling(id);
        let intermediate = dangling && engine.images.has_children(id);
        if intermediate && !parsed.is("all") || !passes(engine, stored, parsed.all("filter"), now) {
            continue;
        }
        for (repository, tag, digest) in names(engine, stored) {
            if matches(&repository, &tag, parsed.arg(0))
                && reference_filter(&repository, &tag, parsed.all("filter"))
            {
                let digest = if wanted { digest } else { NONE.to_owned() };
                rows.push(row(stored, now, parsed.is("no-trunc"), repository, tag, digest));
            }
        }
    }
    Listing {
        columns,
        more: &[("CreatedAt", "CREATED AT"), ("Digest", "DIGEST")],
        type_name: "*formatter.imageContext",
        quiet: "ID",
        raw: if digests { RAW_WITH_DIGEST } else { RAW },
        rows,
    }
}

/// Repository, tag and digest of each line that an image gets.
fn names(engine: &Engine, stored: &Stored) -> Vec<(String, String, String)> {
    let id = &stored.image.id;
    let digests = engine.images.digests_of(id);
    let digest_of = |name: &str| {
        digests
            .iter()
            .find(|(n, _)| n == name)
            .map_or_else(|| NONE.to_owned(), |(_, digest)| digest.to_string())
    };
    let mut lines: Vec<(String, String, String)> = engine
        .images
        .tags_of(id)
        .iter()
        .filter_map(|name| name.rsplit_once(':'))
        .map(|(name, tag)| (name.to_owned(), tag.to_owned(), digest_of(name)))
        .collect();
    for (name, digest) in &digests {
        if !lines.iter().any(|(n, ..)| n == name) {
            lines.push((name.clone(), NONE.to_owned(), digest.to_string()));
        }
    }
    if lines.is_empty() {
        lines.push((NONE.to_owned(), NONE.to_owned(), NONE.to_owned()));
    }
    lines
}

fn row(
    stored: &Stored,
    now: SimTime,
    full: bool,
    repository: String,
    tag: String,
    digest: String,
) -> Vec<(&'static str, Json)> {
    let image = &stored.image;
    let id = if full { image.id.as_str() } else { image.id.short() };
    let absent = || Json::from("N/A");
    vec![
        ("Containers", absent()),
        ("Repository", Json::from(repository)),
        ("Tag", Json::from(tag)),
        ("Digest", Json::from(digest)),
        ("ID", Json::from(id)),
        ("CreatedSince", Json::from(format::ago(image.created, now))),
        ("CreatedAt", Json::from(format::go_time(image.created))),
        ("Size", Json::from(format::size(image.size_bytes(), 3))),
        ("SharedSize", absent()),
        ("UniqueSize", absent()),
        ("VirtualSize", Json::from(format::size(image.size_bytes(), 4))),
    ]
}

/// Whether a name fits the argument: a repository, optionally with a tag, `*` and `?` allowed.
fn matches(repository: &str, tag: &str, pattern: &str) -> bool {
    if pattern.is_empty() {
        return true;
    }
    let (name, wanted) = match pattern.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (pattern, None),
    };
    let name = ImageRef::parse(name).map_or_else(|_| name.to_owned(), |r| r.familiar_name());
    glob(&name, repository) && wanted.is_none_or(|wanted| glob(wanted, tag))
}

fn reference_filter(repository: &str, tag: &str, filters: &[String]) -> bool {
    let mut patterns = filters.iter().filter_map(|f| f.strip_prefix("reference=")).peekable();
    patterns.peek().is_none() || patterns.any(|p| matches(repository, tag, p))
}

/// `path.Match`: `*` does not cross a slash.
fn glob(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            let rest = &pattern[1..];
            glob(rest, text)
                || text.chars().next().is_some_and(|c| c != '/' && glob(pattern, &text[c.len_utf8()..]))
        }
        (Some('?'), Some(c)) if c != '/' => glob(&pattern[1..], &text[c.len_utf8()..]),
        (Some(p), Some(c)) if p == c => glob(&pattern[p.len_utf8()..], &text[c.len_utf8()..]),
        _ => false,
    }
}

fn passes(engine: &Engine, stored: &Stored, filters: &[String], now: SimTime) -> bool {
    filters.iter().filter_map(|f| f.split_once('=')).all(|(name, value)| {
        let other = || engine.images.find(value).ok().map(|s| s.image.created);
        match name {
            "before" => other().is_some_and(|at| stored.image.created < at),
            "since" => other().is_some_and(|at| stored.image.created > at),
            "dangling" => {
                let id = &stored.image.id;
                let dangling = engine.images.is_dangling(id) && !engine.images.has_children(id);
                dangling == matches!(value, "true" | "1")
            }
            "until" => super::logs::moment(value, now).is_some_and(|at| stored.image.created < at),
            "label" => match value.split_once('=') {
                Some((key, wanted)) => stored.image.config.labels.get(key).is_some_and(|v| v == wanted),
                None => stored.image.config.labels.contains_key(value),
            },
            _ => true,
        }
    })
}

pub async fn history(docker: Docker, parsed: Parsed) -> i32 {
    let found = docker.view(|engine, _| {
        let stored = engine.images.find(parsed.arg(0))?;
        // Images that the legacy builder made know those they were made from, one a line.
        let mut ids = vec![stored.image.id.to_string()];
        let mut parent = stored.parent.clone();
        while let Some(stored) = parent.as_ref().and_then(|id| engine.images.get(id)) {
            ids.push(stored.image.id.to_string());
            parent.clone_from(&stored.parent);
        }
        Ok((stored.image.clone(), ids))
    });
    let (image, ids) = match found {
        Ok(found) => found,
        Err(error) => return docker.fail(&error).await,
    };
    let now = docker.call.sys.now();
    let full = parsed.is("no-trunc");
    let human = parsed.get("human") != Some("false");
    let mut sizes: Vec<u64> = image.layers.iter().map(|l| l.size_bytes).collect();
    let mut rows = Vec::new();
    for (index, line) in image.history.iter().rev().enumerate() {
        let bytes = if line.empty_layer { 0 } else { sizes.pop().unwrap_or(0) };
        let id = match ids.get(index) {
            Some(id) if full => id.clone(),
            Some(id) => id.get(7..19).unwrap_or(id).to_owned(),
            None => "<missing>".to_owned(),
        };
        let by = line.created_by.replace('\t', " ");
        let by = if full { by } else { format::ellipsis(&by, 45) };
        let since = if human { format::ago(line.created, now) } else { line.created.rfc3339() };
        let size = if human { format::size(bytes, 3) } else { bytes.to_string() };
        rows.push(vec![
            ("ID", Json::from(id)),
            ("CreatedSince", Json::from(since)),
            ("CreatedAt", Json::from(line.created.rfc3339())),
            ("CreatedBy", Json::from(by)),
            ("Size", Json::from(size)),
            ("Comment", Json::from(line.comment.as_str())),
        ]);
    }
    let listing = Listing {
        columns: vec![
            ("ID", "IMAGE"),
            ("CreatedSince", if human { "CREATED" } else { "CREATED AT" }),
            ("CreatedBy", "CREATED BY"),
            ("Size", "SIZE"),
            ("Comment", "COMMENT"),
        ],
        more: &[("CreatedAt", "CREATED AT")],
        type_name: "*image.historyContext",
        quiet: "ID",
        raw: "",
        rows,
    };
    listing.print(&docker, parsed.get("format"), parsed.is("quiet")).await
}

pub async fn tag(docker: Docker, parsed: Parsed) -> i32 {
    let mut names = Vec::new();
    for text in &parsed.args {
        match ImageRef::parse(text) {
            Ok(name) => names.push(name),
            // An id is no reference, but names an image all the same.
            Err(_)
                if text == parsed.arg(0)
                    && text.len() == 64
                    && text.bytes().all(|b| b.is_ascii_hexdigit()) => {}
            Err(error) => {
                let shown = format::quote(text);
                docker
                    .err(format!("Error parsing reference: {shown} is not a valid repository/tag: {error}\n"))
                    .await;
                return 1;
            }
        }
    }
    let Some(target) = names.pop() else { return 1 };
    if target.familiar_name() == "sha256" {
        let why = "refusing to create an ambiguous tag using digest algorithm as name";
        return docker.fail(&crate::machine::docker::EngineError::invalid(why)).await;
    }
    match docker.engine(|engine, now| engine.tag(parsed.arg(0), &target, now)) {
        Ok(()) => 0,
        Err(error) => docker.fail(&error).await,
    }
}

pub async fn rmi(docker: Docker, parsed: Parsed) -> i32 {
    let (force, prune) = (parsed.is("force"), !parsed.is("no-prune"));
    let mut fatal = false;
    let mut errors = Vec::new();
    for name in &parsed.args {
        if let Err(error @ ReferenceError::Uppercase(_)) = ImageRef::parse(name) {
            fatal = true;
            errors.push(format!("Error response from daemon: {error}\n"));
            continue;
        }
        match docker.engine(|engine, now| engine.remove_image(name, force, prune, now)) {
            Ok(done) => docker.out(removals(&done, true)).await,
            Err(error) => {
                fatal |= !(force && error.kind == crate::machine::docker::ErrorKind::NotFound);
                errors.push(format!("Error response from daemon: {error}\n"));
            }
        }
    }
    docker.err(errors.concat()).await;
    i32::from(fatal)
}

/// What was untagged and deleted, a line each; prune writes the words small.
pub fn removals(done: &[Removal], capital: bool) -> String {
    let line = |removal: &Removal| match (removal, capital) {
        (Removal::Untagged(name), true) => format!("Untagged: {name}\n"),
        (Removal::Untagged(name), false) => format!("untagged: {name}\n"),
        (Removal::Deleted(id), true) => format!("Deleted: {id}\n"),
        (Removal::Deleted(id), false) => format!("deleted: {id}\n"),
    };
    done.iter().map(line).collect()
}
