//! Apache: the httpd image, and the hpa-example that burns a little processor time. Must never grow a configuration.

use std::time::Duration;

use super::serve::{answered_by, http_date, listen, log, log_date, remote_ip};
use crate::image::process::Signal;
use crate::world::http::{Exchange, HttpResponse};
use crate::world::{Call, ExitStatus, Sys};

const NAME_WARNING: &str = "AH00558: NAME: Could not reliably determine the server's fully qualified domain name, using ADDRESS. Set the \
                            'ServerName' directive globally to suppress this message";

const ROOT: &str = "/usr/local/apache2/htdocs";

/// How long the example computes for one request.
const COMPUTATION: Duration = Duration::from_millis(120);

/// `httpd-foreground`.
pub async fn httpd(call: Call) -> ExitStatus {
    run(call, "httpd", "Apache/2.4.65 (Unix)", |sys, path| {
        let file =
            if path.ends_with('/') { format!("{ROOT}{path}index.html") } else { format!("{ROOT}{path}") };
        sys.read(&file).ok().map(|bytes| bytes.to_vec())
    })
    .await
}

/// `apache2-foreground` of hpa-example.
pub async fn hpa_example(call: Call) -> ExitStatus {
    run(call, "apache2", "Apache/2.4.10 (Debian)", |_, _| Some(b"OK!".to_vec())).await
}

async fn run(call: Call, name: &str, software: &str, page: fn(&Sys, &str) -> Option<Vec<u8>>) -> ExitStatus {
    let stamp = |text: &str| {
        let at = call.sys.now().timestamp().strftime("%a %b %d %H:%M:%S.%6f %Y").to_string();
        format!("[{at}] {text}")
    };
    let warning = NAME_WARNING.replace("NAME", name).replace("ADDRESS", &call.sys.own_address());
    for _ in 0..2 {
        log(&call.io.stderr, &warning).await;
    }
    let listener = match listen(&call.sys, 80) {
        Ok(listener) => listener,
        Err(_) => {
            log(
                &call.io.stderr,
                "(98)Address already in use: AH00072: make_sock: could not bind to address [::]:80",
            )
            .await;
            return 1;
        }
    };
    let configured = format!(
        "[mpm_event:notice] [pid 1:tid 1] AH00489: {software} configured -- resuming normal operations"
    );
    log(&call.io.stderr, stamp(&configured)).await;
    log(&call.io.stderr, stamp("[core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'"))
        .await;
    for signal in [Signal::Term, Signal::Int, Signal::Winch] {
        call.sys.handle(signal);
    }
    let host = answered_by(&call.sys);
    loop {
        let exchange = match call.sys.interruptible(listener.accept()).await {
            Ok(exchange) => exchange,
            Err(signal) => {
                let text = match signal {
                    Signal::Winch => {
                        "[mpm_event:notice] [pid 1:tid 1] AH00492: caught SIGWINCH, shutting down gracefully"
                    }
                    _ => "[mpm_event:notice] [pid 1:tid 1] AH00491: caught SIGTERM, shutting down",
                };
                log(&call.io.stderr, stamp(text)).await;
                return 0;
            }
        };
        if name == "apache2" {
            call.sys.sleep(COMPUTATION).await;
        }
        let (mut response, line) = answer(&call.sys, &exchange, software, page);
        log(&call.io.stdout, line).await;
        response.answered_by.clone_from(&host);
        exchange.respond(response);
    }
}

fn answer(
    sys: &Sys,
    exchange: &Exchange,
    software: &str,
    page: fn(&Sys, &str) -> Option<Vec<u8>>,
) -> (HttpResponse, String) {
    let request = &exchange.request;
    let path = request.target.split('?').next().unwrap_or("/");
    let mut response = match page(sys, path) {
        Some(body) => HttpResponse::text(200, "OK", "text/html", body),
        None => {
            let body = "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n\
                        </head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n";
            HttpResponse::text(404, "Not Found", "text/html; charset=iso-8859-1", body)
        }
    };
    response.headers.insert(0, ("Server".to_owned(), software.to_owned()));
    response.headers.insert(0, ("Date".to_owned(), http_date(sys.now(), "GMT")));
    let line = format!(
        "{} - - [{}] \"{} {} HTTP/1.1\" {} {}",
        remote_ip(exchange),
        log_date(sys.now()),
        request.method,
        request.target,
        response.status,
        response.body.len()
    );
    (response, line)
}
