//! nginx: reads its configuration as nginx does, serves files, answers `return`, passes on to upstreams, speaks TLS.
//! Must never answer what its configuration does not say.

mod config;
mod pages;
mod serving;
mod syntax;

use std::collections::BTreeMap;

use config::Config;
use serving::Nginx;
use syntax::Trouble;

use super::serve::{log, slash_date};
use crate::image::process::Signal;
use crate::world::{Call, ExitStatus, Sys};

const MAIN_CONF: &str = "/etc/nginx/nginx.conf";

const HELP: &str = "\
nginx version: nginx/VERSION
Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this page
  -v            : print the version
  -t            : check the configuration and leave
  -T            : the same, and print it
  -s signal     : send a signal to the running nginx: stop, quit, reopen, reload
  -c filename   : read the configuration from there
  -g directives : add directives to the configuration
";

/// `nginx`.
pub async fn nginx(call: Call) -> ExitStatus {
    let version = version(&call);
    let mut args = call.args().to_vec().into_iter();
    let mut conf = MAIN_CONF.to_owned();
    let (mut test, mut dump) = (false, false);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-v" | "-V" => {
                log(&call.io.stderr, format!("nginx version: nginx/{version}")).await;
                return 0;
            }
            "-h" | "-?" => {
                call.io.stderr.write(HELP.replace("VERSION", &version)).await.ok();
                return 0;
            }
            "-t" => test = true,
            "-T" => (test, dump) = (true, true),
            "-q" => {}
            "-c" => conf = args.next().unwrap_or(conf),
            "-g" | "-p" | "-e" => drop(args.next()),
            "-s" => {
                let signal = args.next().unwrap_or_default();
                return send(&call, &signal).await;
            }
            other => {
                log(&call.io.stderr, format!("nginx: invalid option: \"{}\"", other.trim_start_matches('-')))
                    .await;
                return 1;
            }
        }
    }
    let config = match Config::read(&call.sys, &conf, &version) {
        Ok(config) => config,
        Err(trouble) => return emerg(&call, &trouble, test, &conf).await,
    };
    let addresses = match check(&call.sys, &config) {
        Ok(addresses) => addresses,
        Err(trouble) => return emerg(&call, &trouble, test, &conf).await,
    };
    if test {
        let text = format!(
            "nginx: the configuration file {conf} syntax is ok\nnginx: configuration file {conf} test is successful"
        );
        log(&call.io.stderr, text).await;
        if dump {
            log(
                &call.io.stdout,
                format!("# configuration file {conf}:\n{}", call.sys.read_text(&conf).unwrap_or_default()),
            )
            .await;
        }
        return 0;
    }
    Nginx::new(call, config, addresses, version, conf).run().await
}

fn version(call: &Call) -> String {
    let text = call.var("NGINX_VERSION").unwrap_or("1.29.1");
    text.split('-').next().unwrap_or(text).to_owned()
}

/// Addresses of upstream hosts, as they were when nginx started: it does not ask again.
type Addresses = BTreeMap<String, String>;

/// What nginx looks at before it starts: upstream names and certificates.
fn check(sys: &Sys, config: &Config) -> Result<Addresses, Trouble> {
    let mut addresses = Addresses::new();
    for upstream in config.upstream_hosts() {
        match sys.view(|w| w.resolve(&sys.netns(), &upstream.host)) {
            Ok(address) => addresses.insert(upstream.host, address),
            Err(_) => {
                let text = format!("host not found in upstream \"{}\"", upstream.written);
                return Err(Trouble::new(text, &upstream.place.0, upstream.place.1));
            }
        };
    }
    for server in &config.servers {
        if let Some(file) = server.certificate.as_ref().filter(|f| !sys.exists(f)) {
            let text = format!(
                "cannot load certificate \"{file}\": BIO_new_file() failed (SSL: error:80000002:system library::No such file or \
                 directory:calling fopen({file}, r) error:10000080:BIO routines::no such file)"
            );
            return Err(Trouble { text, place: None });
        }
        if server.tls && server.certificate.is_none() {
            let text = "no \"ssl_certificate\" is defined for the \"listen ... ssl\" directive".to_owned();
            return Err(Trouble { text, place: Some(server.place.clone()) });
        }
    }
    Ok(addresses)
}

async fn emerg(call: &Call, trouble: &Trouble, test: bool, conf: &str) -> ExitStatus {
    if !test {
        let line =
            format!("{} [emerg] {pid}#{pid}: {trouble}", slash_date(call.sys.now()), pid = call.sys.pid());
        log(&call.io.stderr, line).await;
    }
    log(&call.io.stderr, format!("nginx: [emerg] {trouble}")).await;
    if test {
        log(&call.io.stderr, format!("nginx: configuration file {conf} test failed")).await;
    }
    1
}

/// `nginx -s`: a signal to the master process of this host.
async fn send(call: &Call, name: &str) -> ExitStatus {
    let signal = match name {
        "stop" => Signal::Term,
        "quit" => Signal::Quit,
        "reload" => Signal::Hup,
        "reopen" => Signal::Usr1,
        other => {
            log(&call.io.stderr, format!("nginx: invalid option: \"-s {other}\"")).await;
            return 1;
        }
    };
    let (host, me) = (call.sys.host, call.sys.me);
    let master = call.sys.view(|w| {
        let mut all = w.processes.values().filter(|p| p.host == host && p.is_alive() && p.id != me);
        all.find(|p| p.argv.first().is_some_and(|a| a.ends_with("nginx"))).map(|p| p.id)
    });
    match master {
        Some(id) => {
            call.sys.kill(id, signal);
            0
        }
        None => {
            let line = format!(
                "{} [error] {pid}#{pid}: invalid PID number \"\" in \"/run/nginx.pid\"",
                slash_date(call.sys.now()),
                pid = call.sys.pid()
            );
            log(&call.io.stderr, line).await;
            log(&call.io.stderr, "nginx: [error] invalid PID number \"\" in \"/run/nginx.pid\"").await;
            1
        }
    }
}
