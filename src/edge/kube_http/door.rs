//! The socket before the API server: HTTP on loopback, in a thread of its own. It takes calls in and carries answers
//! out; what they mean is decided by whoever owns the session.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Response, StatusCode, header};
use futures_util::stream;
use tokio::sync::{mpsc as channel, oneshot};

use crate::cluster::api::Status;
use crate::cluster::api::http::{Answer, Call, Outcome, Stream};

/// The largest body that is read, as the API server has it.
const BODY_LIMIT_BYTES: usize = 3 * 1024 * 1024;

/// Somebody who waits for an answer.
pub struct Visit {
    pub call: Call,
    reply: oneshot::Sender<Reply>,
}

enum Reply {
    Whole(Answer),
    Streams(channel::UnboundedReceiver<String>),
}

/// An open door.
pub struct Door {
    address: SocketAddr,
    visits: mpsc::Receiver<Visit>,
    open: Vec<(Stream, channel::UnboundedSender<String>)>,
}

impl Door {
    /// Listens on a port of 127.0.0.1; 0 takes any that is free.
    ///
    /// # Errors
    /// When the port is taken, or no thread can be started.
    pub fn open(port: u16) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (sender, visits) = mpsc::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("kube-http".to_owned()).spawn(move || {
            runtime.block_on(async {
                let router = Router::new().fallback(visit).with_state(sender);
                let listener = tokio::net::TcpListener::from_std(listener)?;
                axum::serve(listener, router).await
            })
        })?;
        Ok(Door { address, visits, open: Vec::new() })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whoever waits already.
    pub fn next(&self) -> Option<Visit> {
        self.visits.try_recv().ok()
    }

    /// The next visit; none when nobody came for so long.
    pub fn wait(&self, at_most: Option<Duration>) -> Option<Visit> {
        match at_most {
            Some(wait) => self.visits.recv_timeout(wait).ok(),
            None => self.visits.recv().ok(),
        }
    }

    /// Whether somebody still listens to a stream.
    pub fn has_listeners(&self) -> bool {
        !self.open.is_empty()
    }

    /// Answers a visit.
    pub fn answer(&mut self, visit: Visit, outcome: Outcome) {
        let reply = match outcome {
            Outcome::Whole(answer) => Reply::Whole(answer),
            Outcome::Streams(stream) => {
                let (sender, receiver) = channel::unbounded_channel();
                self.open.push((stream, sender));
                Reply::Streams(receiver)
            }
        };
        // Who has gone meanwhile wants no answer.
        drop(visit.reply.send(reply));
    }

    /// Sends what is new to those who listen; `more` tells it and whether anything may follow.
    pub fn pump(&mut self, more: &dyn Fn(&mut Stream) -> (String, bool)) {
        self.open.retain_mut(|(stream, listener)| {
            if listener.is_closed() {
                return false;
            }
            let (text, goes_on) = more(stream);
            (text.is_empty() || listener.send(text).is_ok()) && goes_on
        });
    }
}

/// An answer as what comes of a call.
pub fn whole(answer: Answer) -> Outcome {
    Outcome::Whole(answer)
}

/// What a call is answered when there is nothing to call.
pub fn no_cluster() -> Outcome {
    Outcome::Whole(Answer::refusal(&Status::internal("there is no cluster")))
}

/// A request of the wire as a call, and its answer as a response.
async fn visit(State(door): State<mpsc::Sender<Visit>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    if !is_for_here(&parts.headers) {
        return plain(StatusCode::FORBIDDEN, "this server answers on loopback only\n");
    }
    let Ok(body) = to_bytes(body, BODY_LIMIT_BYTES).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "Request entity too large: limit is 3145728\n");
    };
    let text = |name: HeaderName| {
        parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let call = Call {
        method: parts.method.to_string(),
        target: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        accept: text(header::ACCEPT),
        content_type: text(header::CONTENT_TYPE),
        agent: text(header::USER_AGENT),
        body: String::new(),
    };
    let call = match call.with_body(&body) {
        Ok(call) => call,
        Err(status) => return response(Answer::refusal(&status)),
    };
    let (reply, answer) = oneshot::channel();
    let gone = || plain(StatusCode::SERVICE_UNAVAILABLE, "the cluster has gone\n");
    if door.send(Visit { call, reply }).is_err() {
        return gone();
    }
    match answer.await {
        Ok(Reply::Whole(answer)) => response(answer),
        Ok(Reply::Streams(lines)) => streaming(lines),
        Err(_) => gone(),
    }
}

/// A page of the web that guesses the port, or a name that was made to lead here, is not answered.
fn is_for_here(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]") && !headers.contains_key(header::ORIGIN)
}

fn plain(code: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = code;
    response
}

fn response(answer: Answer) -> Response<Body> {
    let mut builder =
        Response::builder().status(answer.code).header(header::CONTENT_TYPE, answer.content_type);
    for warning in &answer.warnings {
        let quoted = warning.replace('\\', "\\\\").replace('"', "\\\"");
        builder = builder.header(header::WARNING, format!("299 - \"{quoted}\""));
    }
    let failed = |_| plain(StatusCode::INTERNAL_SERVER_ERROR, "an answer that cannot be written\n");
    builder.body(Body::from(answer.body)).unwrap_or_else(failed)
}

fn streaming(lines: channel::UnboundedReceiver<String>) -> Response<Body> {
    let chunks = stream::unfold(lines, |mut lines| async move {
        let text = lines.recv().await?;
        Some((Ok::<_, io::Error>(Bytes::from(text)), lines))
    });
    let mut response = Response::new(Body::from_stream(chunks));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}
