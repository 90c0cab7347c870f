//! How fast a node works. A parameter of the cluster: a lesson runs at a teaching pace, a recording's replay at the
//! pace of the recording. Durations only; never decides what happens.

use std::time::Duration;

use crate::base::seed::Rng;

/// A span drawn anew for every use, in milliseconds: from `.0` up to but not including `.1`.
pub type Span = (u64, u64);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// From a pod's binding to the kubelet's first look at it.
    pub notice_ms: Span,
    /// Making the pod's sandbox: namespaces and network.
    pub sandbox_ms: Span,
    /// Creating a container and starting its process.
    pub start_ms: Span,
    /// Between two looks at the container runtime (PLEG relist); every node looks at its own moments.
    pub relist_ms: u64,
    /// From the order to delete a pod until its containers are told to stop.
    pub stop_ms: Span,
    /// Cleaning up after a pod's last container has ended.
    pub unmount_ms: Span,
    /// Between a failed attempt and the next when nothing else calls for one (backOffPeriod and its jitter).
    pub retry_ms: Span,
    /// The least time from a container's start to its end, however fast its program is.
    pub least_run_ms: u64,
    /// A container that is kept back after a crash says so in the pod's status at the next look. The real kubelet
    /// (1.36) mostly does not before the wait is over, and the pod shows `Error` until then.
    pub tells_back_off: bool,
    /// Between two questions to the cloud whether a load balancer has its address.
    pub load_balancer_retry_ms: u64,
}

impl Pace {
    /// Seconds, so that a learner sees each stage.
    pub fn teaching() -> Pace {
        Pace {
            notice_ms: (60, 160),
            sandbox_ms: (500, 900),
            start_ms: (200, 400),
            relist_ms: 1000,
            stop_ms: (350, 800),
            unmount_ms: (500, 1000),
            retry_ms: (10_000, 15_000),
            least_run_ms: 60,
            tells_back_off: true,
            load_balancer_retry_ms: 250,
        }
    }

    /// As the recorded nodes behaved.
    pub fn recorded() -> Pace {
        Pace {
            notice_ms: (5, 20),
            sandbox_ms: (150, 500),
            start_ms: (50, 130),
            relist_ms: 1000,
            stop_ms: (180, 450),
            unmount_ms: (300, 700),
            retry_ms: (10_000, 15_000),
            least_run_ms: 60,
            tells_back_off: false,
            load_balancer_retry_ms: 100,
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Pace::teaching()
    }
}

/// One draw from a span.
pub fn draw(span: Span, rng: &mut Rng) -> Duration {
    Duration::from_millis(rng.range(span.0, span.1.max(span.0 + 1)))
}
