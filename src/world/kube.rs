//! A program's way to an API server: which cluster answers at an address, and asking it. Must never look into a
//! cluster otherwise.

use std::time::Duration;

use crate::base::net::Refusal;
use crate::cluster::api::{Request, Response};

use super::sys::Sys;

/// How long a request to an API server and back takes.
const ROUND_TRIP: Duration = Duration::from_millis(12);

/// How long a client waits for a server that does not answer at all, as kubectl's dialer does.
const DIAL_TIMEOUT: Duration = Duration::from_secs(30);

impl Sys {
    /// The key of the cluster whose API server answers at `host:port`, as seen from this host.
    ///
    /// # Errors
    /// Why none answers.
    pub async fn find_cluster(&self, host: &str, port: u16) -> Result<String, Refusal> {
        let netns = self.netns();
        let found = self.view(|w| {
            let address = w.resolve(&netns, host)?;
            let own = w.networks.get(&netns).and_then(|n| n.cluster.clone());
            if let Some(key) = own.filter(|key| w.cloud.is_api_service(key, &address)) {
                return Ok(Some(key));
            }
            let outside = w.cloud.cluster_at(&address).filter(|_| port == 443).map(str::to_owned);
            match outside {
                Some(key) => Ok(Some(key)),
                None => w.route(&netns, host, port).map(|_| None).map_err(|end| end.refusal),
            }
        });
        match found {
            Ok(Some(key)) => Ok(key),
            Ok(None) => Err(Refusal::EmptyReply),
            Err(Refusal::TimedOut) => {
                self.sleep(DIAL_TIMEOUT).await;
                Err(Refusal::TimedOut)
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Asks a cluster's API server. `None` when the cluster is gone.
    pub async fn kube(&self, cluster: &str, request: Request) -> Option<Response> {
        self.sleep(ROUND_TRIP).await;
        self.with(|w| {
            let now = w.now;
            w.cloud.kubernetes_mut(cluster).map(|c| c.handle(now, request))
        })
    }
}
