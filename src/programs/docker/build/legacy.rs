//! The builder of `DOCKER_BUILDKIT=0`.

use crate::programs::docker::Docker;
use crate::programs::docker::flags::Parsed;

const DEPRECATED: &str = "DEPRECATED: The legacy builder is deprecated and will be removed in a future release.\n            BuildKit is currently disabled; enable it by removing the DOCKER_BUILDKIT=0\n            environment-variable.\n\n";

pub async fn run(docker: &Docker, _parsed: &Parsed) -> i32 {
    docker.err(DEPRECATED).await;
    docker.err("docker build: KubeJam builds with BuildKit only so far.\n").await;
    1
}
