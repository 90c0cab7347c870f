//! What catalogue images run: web servers, the sample apps of the labs, databases that only start. Their names are
//! carried by executables of image file trees; the learner's machine has none of them.

mod agnhost;
mod apache;
mod databases;
mod entrypoints;
mod go_apps;
mod hello;
mod nginx;
mod serve;
mod token;
#[cfg(test)]
mod tests;

use crate::programs::absent;
use crate::programs::tool::ended;
use crate::world::Program;

/// By name, in the order of bytes.
#[rustfmt::skip]
pub static PROGRAMS: &[(&str, Program)] = &[
    ("agnhost", |call| Box::pin(agnhost::agnhost(call))),
    ("apk", |call| ended(absent::absent(call))),
    ("apt-cache", |call| ended(absent::absent(call))),
    ("auth", |call| Box::pin(go_apps::auth(call))),
    ("curl-entrypoint", |call| Box::pin(entrypoints::curl(call))),
    ("docker-entrypoint", |call| Box::pin(entrypoints::docker(call))),
    ("echoserver", |call| Box::pin(hello::echoserver(call))),
    ("hello", |call| Box::pin(go_apps::hello(call))),
    ("hello-app", |call| Box::pin(hello::hello_app(call))),
    ("hello-world", |call| Box::pin(hello::hello_world(call))),
    ("hpa-example", |call| Box::pin(apache::hpa_example(call))),
    ("httpd", |call| Box::pin(apache::httpd(call))),
    ("monolith", |call| Box::pin(go_apps::monolith(call))),
    ("mysql", |call| ended(absent::absent(call))),
    ("mysql-entrypoint", |call| Box::pin(databases::mysql_entrypoint(call))),
    ("mysqld", |call| Box::pin(databases::mysqld(call))),
    ("nginx", |call| Box::pin(nginx::nginx(call))),
    ("nginx-entrypoint", |call| Box::pin(entrypoints::nginx(call))),
    ("npx", |call| ended(absent::npm(call))),
    ("pause", |call| Box::pin(hello::pause(call))),
    ("perl", |call| ended(absent::absent(call))),
    ("postgres", |call| Box::pin(databases::postgres(call))),
    ("postgres-entrypoint", |call| Box::pin(databases::postgres_entrypoint(call))),
    ("psql", |call| ended(absent::absent(call))),
    ("python", |call| ended(absent::absent(call))),
    ("redis-cli", |call| ended(absent::absent(call))),
    ("redis-server", |call| Box::pin(databases::redis_server(call))),
    ("yarn", |call| ended(absent::absent(call))),
];
