//! The native functions under node's library: output, clock, files, hashing, compilation. Must never do what
//! JavaScript can do as well.

use std::rc::Rc;

use base64::Engine as _;
use rquickjs::function::{Func, Opt, This};
use rquickjs::{Ctx, Function, IntoJs, Object, TypedArray, Value};
use sha2::{Digest, Sha256, Sha512};

use super::asks::Ask;
use super::engine::{Shared, Stop, evaluate};
use super::{esm, library, syntax, versions};

/// The object handed to the library's boot function.
pub(super) fn host_object<'js>(ctx: &Ctx<'js>, shared: &Rc<Shared>) -> rquickjs::Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    output(&host, shared)?;
    files(&host, shared)?;
    texts(&host)?;
    code(&host)?;
    Ok(host)
}

fn output<'js>(host: &Object<'js>, shared: &Rc<Shared>) -> rquickjs::Result<()> {
    let s = shared.clone();
    host.set("write", Func::from(move |fd: u8, text: String| s.write(fd, text.into_bytes())))?;
    let s = shared.clone();
    host.set("writeBytes", Func::from(move |fd: u8, bytes: TypedArray<'js, u8>| s.write(fd, copy(&bytes))))?;
    let s = shared.clone();
    host.set(
        "ask",
        Func::from(move |json: String, body: Opt<TypedArray<'js, u8>>| {
            // An ask that does not parse is a bug of ours; the tests of the library would see it missing.
            if let Ok(ask) = serde_json::from_str::<Ask>(&json) {
                let body = body.0.map(|b| copy(&b)).unwrap_or_default();
                s.asks.borrow_mut().push(ask.with_body(body));
            }
        }),
    )?;
    let s = shared.clone();
    host.set("now", Func::from(move || s.look_at_clock()))?;
    let s = shared.clone();
    host.set(
        "random",
        Func::from(move || (s.rng.borrow_mut().next_u64() >> 11) as f64 / (1u64 << 53) as f64),
    )?;
    let s = shared.clone();
    host.set(
        "exit",
        Func::from(move |code: i32| {
            s.stop.borrow_mut().get_or_insert(Stop::Exit(code & 0xff));
        }),
    )?;
    let s = shared.clone();
    host.set(
        "full",
        Func::from(move || {
            s.stop.borrow_mut().get_or_insert(Stop::OutOfMemory);
        }),
    )?;
    let s = shared.clone();
    host.set(
        "die",
        Func::from(move |signal: String| {
            s.stop.borrow_mut().get_or_insert(Stop::Killed(signal));
        }),
    )
}

/// The bytes of an array. They travel as base64 because direct access to the VM's memory is unsafe.
fn copy(bytes: &TypedArray<'_, u8>) -> Vec<u8> {
    let array = bytes.as_object();
    let text = || array.get::<_, Function>("toBase64")?.call::<_, String>((This(array.clone()),));
    let text = text().unwrap_or_default();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_default()
}

/// A file system call answers with its value, or with the errno's name as a string.
fn files<'js>(host: &Object<'js>, shared: &Rc<Shared>) -> rquickjs::Result<()> {
    let s = shared.clone();
    host.set(
        "readFile",
        Func::from(move |ctx: Ctx<'js>, path: String| match s.files.read(&path) {
            Ok(bytes) => TypedArray::<u8>::new_copy(ctx.clone(), &bytes).map(TypedArray::into_value),
            Err(errno) => errno.into_js(&ctx),
        }),
    )?;
    let s = shared.clone();
    host.set(
        "writeFile",
        Func::from(move |path: String, bytes: TypedArray<'js, u8>, append: bool| {
            s.files.write(&path, &copy(&bytes), append).err()
        }),
    )?;
    let s = shared.clone();
    host.set(
        "stat",
        Func::from(move |ctx: Ctx<'js>, path: String, follow: bool| -> rquickjs::Result<Value<'js>> {
            match s.files.stat(&path, follow) {
                Ok(stat) => {
                    let object = Object::new(ctx.clone())?;
                    object.set("directory", stat.directory)?;
                    object.set("symlink", stat.symlink)?;
                    object.set("mode", stat.mode)?;
                    object.set("size", stat.size as f64)?;
                    object.set("mtimeMs", stat.mtime_ms as f64)?;
                    Ok(object.into_value())
                }
                Err(errno) => errno.into_js(&ctx),
            }
        }),
    )?;
    changes(host, shared)
}

fn changes<'js>(host: &Object<'js>, shared: &Rc<Shared>) -> rquickjs::Result<()> {
    let s = shared.clone();
    host.set(
        "list",
        Func::from(move |ctx: Ctx<'js>, path: String| match s.files.list(&path) {
            Ok(names) => names.into_js(&ctx),
            Err(errno) => errno.into_js(&ctx),
        }),
    )?;
    let s = shared.clone();
    host.set("mkdir", Func::from(move |path: String, parents: bool| s.files.mkdir(&path, parents).err()))?;
    let s = shared.clone();
    host.set("remove", Func::from(move |path: String, dir: bool| s.files.remove(&path, dir).err()))?;
    let s = shared.clone();
    host.set("rename", Func::from(move |from: String, to: String| s.files.rename(&from, &to).err()))?;
    let s = shared.clone();
    host.set("realPath", Func::from(move |path: String| s.files.real_path(&path).unwrap_or(path)))
}

fn texts<'js>(host: &Object<'js>) -> rquickjs::Result<()> {
    host.set("encode", Func::from(|ctx: Ctx<'js>, text: String| bytes_out(&ctx, text.as_bytes())))?;
    host.set(
        "decode",
        Func::from(|bytes: TypedArray<'js, u8>| String::from_utf8_lossy(&copy(&bytes)).into_owned()),
    )?;
    host.set(
        "toBase64",
        Func::from(|bytes: TypedArray<'js, u8>| {
            base64::engine::general_purpose::STANDARD.encode(copy(&bytes))
        }),
    )?;
    host.set(
        "fromBase64",
        Func::from(|ctx: Ctx<'js>, text: String| {
            let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '=').collect();
            let text = text.replace('-', "+").replace('_', "/");
            let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(text).unwrap_or_default();
            bytes_out(&ctx, &bytes)
        }),
    )?;
    host.set(
        "hash",
        Func::from(|ctx: Ctx<'js>, name: String, bytes: TypedArray<'js, u8>| {
            let bytes = &copy(&bytes)[..];
            match name.to_ascii_lowercase().as_str() {
                "sha256" => bytes_out(&ctx, &Sha256::digest(bytes)).map(Some),
                "sha512" => bytes_out(&ctx, &Sha512::digest(bytes)).map(Some),
                "md5" => bytes_out(&ctx, &crate::programs::hashes::md5(bytes)).map(Some),
                "sha1" => bytes_out(&ctx, &crate::programs::hashes::sha1(bytes)).map(Some),
                _ => Ok(None),
            }
        }),
    )
}

fn bytes_out<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> rquickjs::Result<TypedArray<'js, u8>> {
    TypedArray::<u8>::new_copy(ctx.clone(), bytes)
}

fn code<'js>(host: &Object<'js>) -> rquickjs::Result<()> {
    host.set(
        "compile",
        Func::from(|ctx: Ctx<'js>, text: String, file: String| -> rquickjs::Result<Value<'js>> {
            evaluate(&ctx, &text, &file)
        }),
    )?;
    host.set(
        "diagnose",
        Func::from(|text: String, line: usize, column: usize, message: String| {
            serde_json::to_string(&syntax::diagnose(&text, line, column, &message)).unwrap_or_default()
        }),
    )?;
    host.set("esm", Func::from(|text: String| esm::to_commonjs(&text)))?;
    host.set("looksLikeModule", Func::from(|text: String| esm::looks_like_module(&text)))?;
    host.set("exists", Func::from(|name: String| library::find(&name).is_some()))?;
    host.set(
        "frames",
        Func::from(|ctx: Ctx<'js>, version: String| -> rquickjs::Result<Value<'js>> {
            let frames = versions::frames(&version);
            let out = Object::new(ctx.clone())?;
            out.set("main", frames.main.to_vec())?;
            out.set("required", frames.required.to_vec())?;
            out.set("syntax", frames.syntax.to_vec())?;
            out.set("missingAt", frames.missing_at)?;
            out.set("missing", frames.missing.to_vec())?;
            out.set("eval", frames.eval.to_vec())?;
            out.set("unhandledAt", frames.unhandled_at)?;
            out.set("listen", frames.listen.to_vec())?;
            out.set("emitted", frames.emitted.to_vec())?;
            out.set("request", frames.request.to_vec())?;
            out.set("timer", frames.timer.to_vec())?;
            out.set("signs", frames.signs)?;
            Ok(out.into_value())
        }),
    )
}
