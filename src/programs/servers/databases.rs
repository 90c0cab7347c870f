//! Databases that only start, log what one looks for, and stop: redis, PostgreSQL, MySQL. They answer no queries and
//! must never pretend to.

use std::time::Duration;

use super::entrypoints::become_program;
use super::serve::{log, wait_for};
use crate::image::process::Signal;
use crate::world::network::Bind;
use crate::world::{Call, ExitStatus};

/// `redis-server`.
pub async fn redis_server(call: Call) -> ExitStatus {
    let version = call.var("REDIS_VERSION").unwrap_or("8.2.1").to_owned();
    let stamp = |mark: &str, text: &str| {
        let at = call.sys.now().timestamp().strftime("%d %b %Y %H:%M:%S.%3f").to_string();
        format!("1:{mark} {at} {text}")
    };
    let out = &call.io.stdout;
    log(out, stamp("C", "* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo")).await;
    log(
        out,
        stamp(
            "C",
            &format!("* Redis version={version}, bits=64, commit=00000000, modified=0, pid=1, just started"),
        ),
    )
    .await;
    log(out, stamp("C", "# Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf")).await;
    log(out, stamp("M", "* monotonic clock: POSIX clock_gettime")).await;
    let Ok(_listener) = call.sys.listen(6379, Bind::Any) else {
        log(out, stamp("M", "# Warning: Could not create server TCP listening socket *:6379: bind: Address already in use")).await;
        log(out, stamp("M", "# Failed listening on port 6379 (tcp), aborting.")).await;
        return 1;
    };
    log(out, stamp("M", "* Running mode=standalone, port=6379.")).await;
    log(out, stamp("M", "* Server initialized")).await;
    log(out, stamp("M", "* Ready to accept connections tcp")).await;
    wait_for(&call, &[Signal::Term, Signal::Int]).await;
    log(out, stamp("signal-handler", "Received SIGTERM scheduling shutdown...")).await;
    log(out, stamp("M", "* User requested shutdown...")).await;
    log(out, stamp("M", "* Saving the final RDB snapshot before exiting.")).await;
    log(out, stamp("M", "* DB saved on disk")).await;
    log(out, stamp("M", "# Redis is now ready to exit, bye bye...")).await;
    0
}

/// `docker-entrypoint.sh` of postgres: refuses to start without a password.
pub async fn postgres_entrypoint(call: Call) -> ExitStatus {
    let argv = call.args().to_vec();
    let is_server = argv.first().is_some_and(|a| a == "postgres" || a.starts_with('-'));
    let trusted = call.var("POSTGRES_HOST_AUTH_METHOD") == Some("trust");
    if is_server && !trusted && call.var("POSTGRES_PASSWORD").is_none_or(str::is_empty) {
        let text = "Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD \
                    to a non-empty value for the\n       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".\n\n       \
                    You may also use \"POSTGRES_HOST_AUTH_METHOD=trust\" to allow all\n       connections without a password. This is *not* \
                    recommended.\n\n       See PostgreSQL documentation about \"trust\":\n       \
                    https://www.postgresql.org/docs/current/auth-trust.html";
        log(&call.io.stderr, text).await;
        return 1;
    }
    if !is_server {
        return become_program(call, argv).await;
    }
    log(&call.io.stdout, "The files belonging to this database system will be owned by user \"postgres\".\nThis user must also own the server process.\n").await;
    call.sys.sleep(Duration::from_millis(1200)).await;
    log(&call.io.stdout, "PostgreSQL init process complete; ready for start up.\n").await;
    postgres(call).await
}

/// `postgres`.
pub async fn postgres(call: Call) -> ExitStatus {
    let version = call.var("PG_MAJOR").unwrap_or("17").to_owned();
    let stamp = |text: &str| {
        let at = call.sys.now().timestamp().strftime("%Y-%m-%d %H:%M:%S.%3f UTC").to_string();
        format!("{at} [1] LOG:  {text}")
    };
    let out = &call.io.stderr;
    log(out, stamp(&format!("starting PostgreSQL {version} on x86_64-pc-linux-gnu, 64-bit"))).await;
    let Ok(_listener) = call.sys.listen(5432, Bind::Any) else {
        log(out, stamp("could not bind IPv4 address \"0.0.0.0\": Address already in use")).await;
        return 1;
    };
    log(out, stamp("listening on IPv4 address \"0.0.0.0\", port 5432")).await;
    log(out, stamp("listening on IPv6 address \"::\", port 5432")).await;
    log(out, stamp("listening on Unix socket \"/var/run/postgresql/.s.PGSQL.5432\"")).await;
    log(out, stamp("database system is ready to accept connections")).await;
    wait_for(&call, &[Signal::Term, Signal::Int]).await;
    log(out, stamp("received fast shutdown request")).await;
    log(out, stamp("database system is shut down")).await;
    0
}

/// `docker-entrypoint.sh` of mysql and mariadb: refuses to start without a root password.
pub async fn mysql_entrypoint(call: Call) -> ExitStatus {
    let argv = call.args().to_vec();
    let is_server = argv.first().is_some_and(|a| a == "mysqld" || a.starts_with('-'));
    let known = ["MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"];
    let stamp = |level: &str, text: &str| {
        let at = call.sys.now().timestamp().strftime("%Y-%m-%d %H:%M:%S+00:00").to_string();
        format!("{at} [{level}] [Entrypoint]: {text}")
    };
    if !is_server {
        return become_program(call, argv).await;
    }
    log(&call.io.stdout, stamp("Note", "Entrypoint script for MySQL Server 9.4.0-1.el9 started.")).await;
    if !known.iter().any(|name| call.var(name).is_some_and(|v| !v.is_empty())) {
        let text = "Database is uninitialized and password option is not specified\n    You need to specify one of the following as an \
                    environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD";
        log(&call.io.stderr, stamp("ERROR", text)).await;
        return 1;
    }
    log(&call.io.stdout, stamp("Note", "Initializing database files")).await;
    call.sys.sleep(Duration::from_secs(4)).await;
    log(&call.io.stdout, stamp("Note", "MySQL init process done. Ready for start up.")).await;
    mysqld(call).await
}

/// `mysqld`.
pub async fn mysqld(call: Call) -> ExitStatus {
    let version =
        call.var("MYSQL_VERSION").unwrap_or("9.4.0").split('-').next().unwrap_or("9.4.0").to_owned();
    let stamp = |text: &str| {
        let at = call.sys.now().timestamp().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string();
        format!("{at} 0 [System] {text}")
    };
    let out = &call.io.stderr;
    log(
        out,
        stamp(&format!("[MY-010116] [Server] /usr/sbin/mysqld (mysqld {version}) starting as process 1")),
    )
    .await;
    call.sys.sleep(Duration::from_millis(900)).await;
    let Ok(_listener) = call.sys.listen(3306, Bind::Any) else { return 1 };
    log(out, stamp(&format!("[MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '{version}'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL."))).await;
    wait_for(&call, &[Signal::Term, Signal::Int]).await;
    log(
        out,
        stamp("[MY-013172] [Server] Received SHUTDOWN from user <via user signal>. Shutting down mysqld."),
    )
    .await;
    call.sys.sleep(Duration::from_millis(800)).await;
    log(out, stamp(&format!("[MY-010910] [Server] /usr/sbin/mysqld: Shutdown complete (mysqld {version})  MySQL Community Server - GPL."))).await;
    0
}
