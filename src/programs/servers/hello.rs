//! The smallest images: hello-world, Google's hello-app, echoserver, pause. Must never grow options.

use super::serve::{http_date, listen, log, slash_date, until_signal, wait_for};
use crate::image::process::Signal;
use crate::world::http::HttpResponse;
use crate::world::{Call, ExitStatus};

/// What `docker run hello-world` prints: the interface message of the image.
const HELLO_WORLD: &str = "
Hello from Docker!
This message shows that your installation appears to be working correctly.

To generate this message, Docker took the following steps:
 1. The Docker client contacted the Docker daemon.
 2. The Docker daemon pulled the \"hello-world\" image from the Docker Hub.
    (amd64)
 3. The Docker daemon created a new container from that image which runs the
    executable that produces the output you are currently reading.
 4. The Docker daemon streamed that output to the Docker client, which sent it
    to your terminal.

To try something more ambitious, you can run an Ubuntu container with:
 $ docker run -it ubuntu bash

Share images, automate workflows, and more with a free Docker ID:
 https://hub.docker.com/

For more examples and ideas, visit:
 https://docs.docker.com/get-started/

";

/// `/hello` of hello-world.
pub async fn hello_world(call: Call) -> ExitStatus {
    call.io.stdout.write(HELLO_WORLD).await.ok();
    0
}

/// `/hello-app`.
pub async fn hello_app(call: Call) -> ExitStatus {
    let port: u16 = call.var("PORT").and_then(|p| p.parse().ok()).unwrap_or(8080);
    let version = call.sys.read_text("/etc/app-version").unwrap_or_else(|_| "1.0.0".into()).trim().to_owned();
    log(&call.io.stderr, format!("{} Server listening on port {port}", slash_date(call.sys.now()))).await;
    let listener = match listen(&call.sys, port) {
        Ok(listener) => listener,
        Err(error) => {
            log(&call.io.stderr, format!("{} listen tcp :{port}: bind: {error}", slash_date(call.sys.now())))
                .await;
            return 1;
        }
    };
    let host = super::serve::answered_by(&call.sys);
    let sys = call.sys.clone();
    let signal = until_signal(&call, &listener, &[Signal::Term, Signal::Int], |exchange, _| {
        let path = exchange.request.target.split('?').next().unwrap_or("/");
        let body = format!("Hello, world!\nVersion: {version}\nHostname: {host}\n");
        let mut response = HttpResponse::text(200, "OK", "text/plain; charset=utf-8", body);
        response.headers.insert(0, ("Date".to_owned(), http_date(sys.now(), "GMT")));
        (response, Some(format!("{} Serving request: {path}", slash_date(sys.now()))))
    })
    .await;
    // Go programs without a handler end with 2 and say nothing on SIGTERM; the shell's number is what shows.
    signal.exit_code()
}

/// `echoserver`: answers with what it was asked.
pub async fn echoserver(call: Call) -> ExitStatus {
    let listener = match listen(&call.sys, 8080) {
        Ok(listener) => listener,
        Err(_) => return 1,
    };
    let host = super::serve::answered_by(&call.sys);
    let signal = until_signal(&call, &listener, &[Signal::Term, Signal::Int, Signal::Quit], |exchange, _| {
        let request = &exchange.request;
        let headers: String =
            request.headers.iter().map(|(n, v)| format!("\t{}={v}\n", n.to_lowercase())).collect();
        let body = match request.body.is_empty() {
            true => "\t-no body in request-\n".to_owned(),
            false => String::from_utf8_lossy(&request.body).into_owned(),
        };
        let text = format!(
            "\n\nHostname: {host}\n\nPod Information:\n\t-no pod information available-\n\nServer values:\n\tserver_version=nginx: \
             1.13.3 - lua: 10008\n\nRequest Information:\n\tclient_address={}\n\tmethod={}\n\treal path={}\n\tquery={}\n\t\
             request_version=1.1\n\trequest_scheme=http\n\trequest_uri=http://{}:8080{}\n\nRequest Headers:\n{headers}\nRequest \
             Body:\n{body}\n",
            super::serve::remote_ip(exchange),
            request.method,
            request.target,
            request.target.split_once('?').map_or("", |(_, q)| q),
            request.host,
            request.target,
        );
        (HttpResponse::text(200, "OK", "text/plain", text), None)
    })
    .await;
    signal.exit_code()
}

/// `pause`: waits for the end.
pub async fn pause(call: Call) -> ExitStatus {
    let signal = wait_for(&call, &[Signal::Term, Signal::Int]).await;
    log(
        &call.io.stderr,
        format!(
            "Shutting down, got signal: {}",
            if signal == Signal::Int { "Interrupt" } else { "Terminated" }
        ),
    )
    .await;
    0
}
