//! `docker save`, `load`, `export` and `import`: images and the files of containers in archives. Archives are not real
//! tar files: they name what the engine keeps, and say so to whoever looks into them.

use std::rc::Rc;

use crate::image::config::{History, ImageConfig, ImageParts};
use crate::image::files::{FileTree, split_parent};
use crate::image::{Image, ImageRef, Layer};
use crate::machine::docker::EngineError;

use super::Docker;
use super::build::Built;
use super::copy::files_of;
use super::flags::Parsed;

/// What a saved archive begins with; a line per image follows: its id, and the name it was saved by.
const IMAGES: &str = "KubeJam docker archive (not a tar file)\n";
/// What an exported archive begins with; the name of its tree follows.
const FILES: &str = "KubeJam archive of files (not a tar file)\n";
const FULL: &str = "no space left on device";

/// Where `-o` leads: the path, or nothing for standard output. The error is the whole line that docker says.
fn target(docker: &Docker, parsed: &Parsed, what: &str) -> Result<Option<String>, String> {
    let Some(path) = parsed.get("output").filter(|path| !path.is_empty()) else {
        if docker.on_terminal() {
            return Err("cowardly refusing to save to a terminal. Use the -o flag or redirect".to_owned());
        }
        return Ok(None);
    };
    let whole = docker.call.path(path);
    let directory = split_parent(&whole).0;
    if !docker.call.sys.is_dir(directory) {
        let why = format!("invalid output path: stat {directory}: no such file or directory");
        return Err(format!("failed to {what}: {why}"));
    }
    Ok(Some(whole))
}

async fn write(docker: &Docker, path: Option<String>, archive: String) -> i32 {
    let Some(path) = path else {
        docker.out(archive).await;
        return 0;
    };
    match docker.call.sys.write(&path, archive.into_bytes()) {
        Ok(()) => 0,
        Err(error) => {
            docker.err(format!("open {path}: {}\n", error.to_string().to_lowercase())).await;
            1
        }
    }
}

pub async fn save(docker: Docker, parsed: Parsed) -> i32 {
    let path = match target(&docker, &parsed, "save image") {
        Ok(path) => path,
        Err(why) => {
            docker.err(format!("{why}\n")).await;
            return 1;
        }
    };
    let several = parsed.args.len() > 1;
    let mut archive = IMAGES.to_owned();
    for name in &parsed.args {
        let kept = docker.engine(|engine, _| {
            let image = engine.images.find(name).map(|stored| stored.image.clone());
            // What is not there is named as it was typed.
            let image = image.map_err(|_| match several {
                true => EngineError::not_found("reference does not exist"),
                false => EngineError::not_found(format!("No such image: {name}")),
            })?;
            match engine.archives.keep_image(&image) {
                true => Ok(image.id.to_string()),
                false => Err(EngineError::server(FULL)),
            }
        });
        match kept {
            Ok(id) => archive.push_str(&format!("{id} {name}\n")),
            Err(error) => return docker.fail(&error).await,
        }
    }
    write(&docker, path, archive).await
}

/// The text of an archive, from a file or standard input; what went wrong was said.
async fn text_of(docker: &Docker, path: Option<&str>) -> Result<String, i32> {
    match path {
        Some(path) => match docker.call.sys.read_text(&docker.call.path(path)) {
            Ok(text) => Ok(text),
            Err(error) => {
                docker.err(format!("open {path}: {}\n", error.to_string().to_lowercase())).await;
                Err(1)
            }
        },
        None if docker.call.io.stdin.is_terminal() => {
            docker.err("requested load from stdin, but stdin is empty\n").await;
            Err(1)
        }
        None => Ok(String::from_utf8_lossy(&docker.call.io.stdin.read_to_end().await.0).into_owned()),
    }
}

pub async fn load(docker: Docker, parsed: Parsed) -> i32 {
    let text = match text_of(&docker, parsed.get("input")).await {
        Ok(text) => text,
        Err(code) => return code,
    };
    let Some(lines) = text.strip_prefix(IMAGES) else {
        docker.err("unexpected EOF\n").await;
        return 1;
    };
    for (id, name) in lines.lines().filter_map(|line| line.split_once(' ')) {
        let reference = ImageRef::parse(name).ok().filter(|_| !name.starts_with("sha256:"));
        let loaded = docker.engine(|engine, now| {
            let image = engine.archives.image(id).ok_or_else(|| EngineError::server("unexpected EOF"))?;
            engine.images.add(&image, None);
            // A name that is an id names nothing new.
            let by_id = image.id.hex().starts_with(name);
            let tag = reference.filter(|_| !by_id).map(ImageRef::with_default_tag);
            let before = tag.as_ref().and_then(|tag| engine.images.tagged(tag).cloned());
            if let Some(tag) = &tag {
                engine.images.tag(tag, &image.id, now);
            }
            engine.events.add(now, "image", "load", image.id.as_str(), [("name", image.id.to_string())]);
            engine.touch();
            Ok::<_, EngineError>((tag, before.filter(|before| *before != image.id)))
        });
        match loaded {
            Ok((Some(tag), before)) => {
                if let Some(before) = before {
                    docker
                        .out(format!(
                            "The image {} already exists, renaming the old one with ID {before} to empty string\n",
                            tag.familiar()
                        ))
                        .await;
                }
                docker.out(format!("Loaded image: {}\n", tag.familiar())).await;
            }
            Ok((None, _)) => docker.out(format!("Loaded image ID: {id}\n")).await,
            Err(error) => {
                docker.err(format!("{error}\n")).await;
                return 1;
            }
        }
    }
    0
}

pub async fn export(docker: Docker, parsed: Parsed) -> i32 {
    let path = match target(&docker, &parsed, "export container") {
        Ok(path) => path,
        Err(why) => {
            docker.err(format!("{why}\n")).await;
            return 1;
        }
    };
    let kept = docker.call.sys.with(|w| {
        let id = w.machine.docker.find_id(parsed.arg(0))?;
        let tree = files_of(w, &id).unwrap_or_default();
        let name = w.machine.docker.draw("archive").hex(32);
        let now = w.now;
        w.machine.docker.note(now, &id, "export", []);
        match w.machine.docker.archives.keep_tree(&name, tree) {
            true => Ok(name),
            false => Err(EngineError::server(FULL)),
        }
    });
    match kept {
        Ok(name) => write(&docker, path, format!("{FILES}{name}\n")).await,
        Err(error) => docker.fail(&error).await,
    }
}

pub async fn import(docker: Docker, parsed: Parsed) -> i32 {
    let source = parsed.arg(0);
    if source != "-" && !docker.call.sys.exists(&docker.call.path(source)) {
        docker.err(format!("open {source}: no such file or directory\n")).await;
        return 1;
    }
    let reference = match parsed.args.get(1).map(|name| ImageRef::parse(name)).transpose() {
        Ok(reference) => reference.map(ImageRef::with_default_tag),
        Err(error) => {
            docker.err(format!("{error}\n")).await;
            return 1;
        }
    };
    let config = match Built::changed(&ImageConfig::default(), parsed.all("change")) {
        Ok(config) => config,
        Err(why) => return docker.fail(&EngineError::invalid(why)).await,
    };
    let text = match text_of(&docker, Some(source).filter(|source| *source != "-")).await {
        Ok(text) => text,
        Err(code) => return code,
    };
    let name = text.strip_prefix(FILES).map(str::trim);
    let tree = name.and_then(|name| docker.view(|engine, _| engine.archives.tree(name)));
    let Some(tree) = tree else {
        return docker
            .fail(&EngineError::server("Error processing tar file(exit status 1): unexpected EOF"))
            .await;
    };
    let message = parsed.get("message").filter(|m| !m.is_empty()).unwrap_or("Imported from -").to_owned();
    let layer = Rc::new(Layer::between(&FileTree::new(), &tree));
    let id = docker.engine(|engine, now| {
        let line =
            History { created: now, created_by: String::new(), comment: message.clone(), empty_layer: false };
        let image = Rc::new(Image::new(ImageParts {
            config,
            layers: vec![layer],
            history: vec![line],
            created: now,
            author: String::new(),
            comment: message,
        }));
        engine.images.add(&image, None);
        if let Some(reference) = &reference {
            engine.images.tag(reference, &image.id, now);
        }
        let shown = reference.as_ref().map_or_else(|| image.id.to_string(), ImageRef::familiar);
        engine.events.add(now, "image", "import", &shown, [("name", shown.clone())]);
        engine.touch();
        image.id.to_string()
    });
    docker.out(format!("{id}\n")).await;
    0
}
