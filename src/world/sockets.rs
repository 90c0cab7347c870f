//! Listening and asking: what programs do with the network. Must never decide where a connection goes; `routing`
//! does.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use super::http::{BODY_LIMIT_BYTES, Certificate, Exchange, HttpRequest, HttpResponse};
use super::network::{BACKLOG_LIMIT, Bind, NetNsId, Refusal, Route, Socket};
use super::sys::Sys;

/// How long a request takes on its way, one direction: inside a machine, and over the Internet.
const LOCAL_TRIP: Duration = Duration::from_millis(1);
const INTERNET_TRIP: Duration = Duration::from_millis(18);

/// How long a client waits for an answer to its first packet before it gives up, as Linux does by default
/// (`tcp_syn_retries` = 6).
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(131);

/// The port is taken: EADDRINUSE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// Somebody listens there already.
    #[error("Address already in use")]
    InUse,
    /// Ports below 1024 are for root.
    #[error("Permission denied")]
    Permission,
}

/// A listening socket of this process; it closes when dropped.
pub struct Listener {
    sys: Sys,
    netns: NetNsId,
    /// The port.
    pub port: u16,
}

impl Sys {
    /// The network namespace of this host.
    pub fn netns(&self) -> NetNsId {
        self.view(|w| w.hosts.get(&self.host).map_or_else(|| NetNsId(String::new()), |h| h.netns.clone()))
    }

    /// This host's address as others see it.
    pub fn own_address(&self) -> String {
        let netns = self.netns();
        self.view(|w| w.networks.get(&netns).map(|n| n.address.clone())).unwrap_or_default()
    }

    /// Listens on a port.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn listen(&self, port: u16, bind: Bind) -> Result<Listener, ListenError> {
        let netns = self.netns();
        let owner = self.me;
        self.with(|w| {
            let published = self.host == super::HostId::MACHINE && w.machine.published(port).is_some();
            let network = w.networks.entry(netns.clone()).or_default();
            let port = if port == 0 { free_port(&network.sockets) } else { port };
            if published || network.sockets.contains_key(&port) {
                return Err(ListenError::InUse);
            }
            let socket = Socket { owner, bind, certificate: None, backlog: Default::default(), waker: None };
            network.sockets.insert(port, socket);
            Ok(port)
        })
        .map(|port| Listener { sys: self.clone(), netns, port })
    }

    /// Whether somebody accepts connections there.
    ///
    /// # Errors
    /// Why not.
    pub fn can_connect(&self, host: &str, port: u16) -> Result<Route, Refusal> {
        let netns = self.netns();
        self.view(|w| w.route(&netns, host, port)).map_err(|end| end.refusal)
    }

    /// What the listener at the end of a way shows; `None`: it does not speak TLS.
    pub fn certificate_at(&self, route: &Route) -> Option<Certificate> {
        self.view(|w| w.networks.get(&route.netns)?.sockets.get(&route.port)?.certificate.clone())
    }

    /// Remembers a request that ended in its handshake, for the picture and the coach.
    pub fn note_broken_handshake(&self, request: &HttpRequest, route: &Route) {
        self.with(|w| {
            let trace = w.note_trace(request, route.hops.clone());
            w.settle_trace(trace, &Err(Refusal::Reset));
        });
    }

    /// Asks over HTTP and waits for the answer. A dead end that swallows packets takes [`CONNECT_TIMEOUT`]; clients
    /// with less patience use [`Sys::timeout`].
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn http(&self, request: HttpRequest) -> Result<HttpResponse, Refusal> {
        self.ask(self.netns(), request, true).await
    }

    /// As [`Sys::http`], but not shown in the picture (probes).
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn http_untraced(&self, request: HttpRequest) -> Result<HttpResponse, Refusal> {
        self.ask(self.netns(), request, false).await
    }

    /// As [`Sys::http`], but from inside another network namespace (`kubectl port-forward`, the API server's proxy).
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn http_from(&self, netns: NetNsId, request: HttpRequest) -> Result<HttpResponse, Refusal> {
        self.ask(netns, request, true).await
    }

    async fn ask(&self, from: NetNsId, request: HttpRequest, traced: bool) -> Result<HttpResponse, Refusal> {
        if request.body.len() > BODY_LIMIT_BYTES {
            return Err(Refusal::Reset);
        }
        let route = self.view(|w| w.route(&from, &request.host, request.port));
        let hops = match &route {
            Ok(route) => route.hops.clone(),
            Err(end) => end.hops.clone(),
        };
        let trip = if hops.len() > 2 { INTERNET_TRIP } else { LOCAL_TRIP };
        let trace = traced.then(|| self.with(|w| w.note_trace(&request, hops)));
        let under_way = trace.map(|trace| UnderWay { sys: self.clone(), trace: Some(trace) });
        let result = self.deliver(route.map_err(|end| end.refusal), request, trip).await;
        if let Some(under_way) = under_way {
            under_way.settle(&result);
        }
        result
    }

    async fn deliver(
        &self,
        route: Result<Route, Refusal>,
        request: HttpRequest,
        trip: Duration,
    ) -> Result<HttpResponse, Refusal> {
        let route = match route {
            Ok(route) => route,
            Err(refusal @ (Refusal::TimedOut | Refusal::NoRoute)) => {
                self.sleep(CONNECT_TIMEOUT).await;
                return Err(refusal);
            }
            Err(refusal) => {
                self.sleep(trip).await;
                return Err(refusal);
            }
        };
        self.sleep(trip).await;
        let pending = self.with(|w| {
            let bound = w.networks.get_mut(&route.netns).and_then(|n| n.sockets.get_mut(&route.port));
            let open = bound.filter(|s| route.loopback || s.bind == Bind::Any);
            let Some(socket) = open.filter(|s| s.backlog.len() < BACKLOG_LIMIT) else {
                return Err(if route.proxied { Refusal::Reset } else { Refusal::Refused });
            };
            let owner = socket.owner;
            let (exchange, pending) = Exchange::new(request, route.remote.clone(), route.port);
            socket.backlog.push_back(exchange);
            if let Some(waker) = socket.waker.take() {
                waker.wake();
            }
            Ok((pending, owner))
        })?;
        let (pending, owner) = pending;
        let answered_by = self.view(|w| {
            let host = w.processes.get(&owner).and_then(|p| w.hosts.get(&p.host));
            host.map(|h| h.hostname.clone()).unwrap_or_default()
        });
        let reply = pending.reply().await;
        self.sleep(trip).await;
        reply.map(|reply| HttpResponse { answered_by, ..reply })
    }
}

/// A remembered request that has no answer yet. A client that gives up drops it, and then there was none.
struct UnderWay {
    sys: Sys,
    trace: Option<u64>,
}

impl UnderWay {
    fn settle(mut self, result: &Result<HttpResponse, Refusal>) {
        if let Some(trace) = self.trace.take() {
            self.sys.with(|w| w.settle_trace(trace, result));
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(trace) = self.trace.take() {
            self.sys.with(|w| w.settle_trace(trace, &Err(Refusal::TimedOut)));
        }
    }
}

fn free_port(sockets: &std::collections::BTreeMap<u16, Socket>) -> u16 {
    (32768..60999).find(|port| !sockets.contains_key(port)).unwrap_or(0)
}

impl Listener {
    /// Speaks TLS from now on, with this certificate.
    pub fn show(&self, certificate: Certificate) {
        self.sys.with(|w| {
            let socket = w.networks.get_mut(&self.netns).and_then(|n| n.sockets.get_mut(&self.port));
            if let Some(socket) = socket {
                socket.certificate = Some(certificate);
            }
        });
    }

    /// Waits for the next request.
    pub async fn accept(&self) -> Exchange {
        poll_fn(|cx| {
            self.sys.with(|w| {
                let socket = w.networks.get_mut(&self.netns).and_then(|n| n.sockets.get_mut(&self.port));
                let Some(socket) = socket else { return Poll::Pending };
                match socket.backlog.pop_front() {
                    Some(exchange) => Poll::Ready(exchange),
                    None => {
                        socket.waker = Some(cx.waker().clone());
                        Poll::Pending
                    }
                }
            })
        })
        .await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let me = self.sys.me;
        let socket = self.sys.with(|w| {
            let network = w.networks.get_mut(&self.netns)?;
            let own = network.sockets.get(&self.port).is_some_and(|s| s.owner == me);
            if own { network.sockets.remove(&self.port) } else { None }
        });
        drop(socket);
    }
}
