//! What travels between programs: HTTP requests and replies as whole messages, and the exchange that joins the
//! two ends. Streaming bodies and raw bytes are deliberately absent: nothing in the lessons needs them.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use super::network::Refusal;

/// Largest body that is carried; larger ones end with a reset connection.
pub const BODY_LIMIT_BYTES: usize = 16 * 1024 * 1024;

/// A request as it leaves the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, `POST`, ...
    pub method: String,
    /// Whether the client speaks TLS.
    pub tls: bool,
    /// Host name or address, as the client wrote it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Path and query, beginning with `/`.
    pub target: String,
    /// Headers in the order in which they are sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// A plain `GET`.
    pub fn get(host: &str, port: u16, target: &str) -> Self {
        HttpRequest {
            method: "GET".into(),
            tls: false,
            host: host.into(),
            port,
            target: target.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A header's value, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// A reply as it arrives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Who answered, for the picture: host name of the answering machine or pod.
    pub answered_by: String,
}

impl HttpResponse {
    /// A reply with a text body and its length.
    pub fn text(status: u16, reason: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let headers = vec![
            ("Content-Type".to_owned(), content_type.to_owned()),
            ("Content-Length".to_owned(), body.len().to_string()),
        ];
        HttpResponse { status, reason: reason.to_owned(), headers, body, ..HttpResponse::default() }
    }

    /// A header's value, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// What a TLS server shows, as far as clients check it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Subject, e.g. `O=Kubernetes, CN=*.example.com`.
    pub subject: String,
    /// Issuer.
    pub issuer: String,
    /// Names it is valid for.
    pub names: Vec<String>,
    /// Seconds since the epoch when it begins.
    pub not_before_secs: u64,
    /// Seconds since the epoch when it ends.
    pub not_after_secs: u64,
}

#[derive(Default)]
struct Slot {
    reply: Option<Result<HttpResponse, Refusal>>,
    abandoned: bool,
    waker: Option<Waker>,
}

/// A request on its way through a server. Dropping it unanswered resets the connection, as a dying process does.
pub struct Exchange {
    /// What was asked.
    pub request: HttpRequest,
    /// The client's address as the server sees it.
    pub remote: String,
    /// The port that it was accepted on.
    pub local_port: u16,
    slot: Rc<RefCell<Slot>>,
}

/// The client's end of an [`Exchange`].
pub struct Pending(Rc<RefCell<Slot>>);

impl Exchange {
    /// Both ends of a new exchange.
    pub fn new(request: HttpRequest, remote: String, local_port: u16) -> (Self, Pending) {
        let slot = Rc::new(RefCell::new(Slot::default()));
        (Exchange { request, remote, local_port, slot: Rc::clone(&slot) }, Pending(slot))
    }

    /// Answers.
    pub fn respond(self, response: HttpResponse) {
        self.settle(Ok(response));
    }

    /// Ends without an answer, for a given reason.
    pub fn fail(self, refusal: Refusal) {
        self.settle(Err(refusal));
    }

    /// Whether the client still waits.
    pub fn is_wanted(&self) -> bool {
        !self.slot.borrow().abandoned
    }

    fn settle(&self, result: Result<HttpResponse, Refusal>) {
        let mut slot = self.slot.borrow_mut();
        if slot.reply.is_none() {
            slot.reply = Some(result);
        }
        if let Some(waker) = slot.waker.take() {
            waker.wake();
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.slot.borrow().reply.is_none() {
            self.settle(Err(Refusal::EmptyReply));
        }
    }
}

impl Pending {
    /// Waits for the answer.
    ///
    /// # Errors
    /// What went wrong on the way.
    pub async fn reply(self) -> Result<HttpResponse, Refusal> {
        poll_fn(|cx| {
            let mut slot = self.0.borrow_mut();
            match slot.reply.take() {
                Some(reply) => Poll::Ready(reply),
                None => {
                    slot.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.borrow_mut().abandoned = true;
    }
}
