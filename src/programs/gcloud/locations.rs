//! Where a cluster command works, and what the Kubernetes API of Google answers when it cannot. Must never change
//! anything.

use super::args::Parsed;
use super::{Failure, Gcloud};
use crate::cloud::gke::GkeCluster;

/// The flags that name a location.
const FLAGS: [&str; 3] = ["--location", "--zone", "--region"];

/// The location that the command line names.
pub fn named(parsed: &Parsed) -> Option<&str> {
    FLAGS.iter().find_map(|flag| parsed.flag(flag))
}

/// The location that the command line names, or the configuration.
///
/// # Errors
/// When neither does.
pub fn required(gcloud: &Gcloud, parsed: &Parsed) -> Result<String, Failure> {
    named(parsed)
        .map(str::to_owned)
        .or_else(|| gcloud.property("compute/zone"))
        .or_else(|| gcloud.property("compute/region"))
        .map_or_else(|| Failure::error("One of [--location, --zone, --region] must be supplied."), Ok)
}

impl Gcloud {
    /// The API's refusal; some codes say who asked.
    pub fn response_error(&self, code: u16, message: &str) -> String {
        let who =
            if matches!(code, 403 | 404) { format!(" {}", self.authenticated_as()) } else { String::new() };
        format!("ResponseError: code={code}, message={message}{who}")
    }

    /// The project of a cluster command, if the account may use it and the location exists.
    ///
    /// # Errors
    /// The API's refusal.
    pub fn cluster_project(&self, location: Option<&str>) -> Result<String, Failure> {
        let project = self.project()?;
        self.credentials()?;
        match self.refusal(&project, location) {
            Some(message) => Failure::error(self.response_error(403, &message)),
            None => Ok(project),
        }
    }

    /// Why the API does not let the account into a project or location.
    pub fn refusal(&self, project: &str, location: Option<&str>) -> Option<String> {
        if !self.is_own(project) {
            return Some(format!("Permission denied on resource project {project}."));
        }
        let known = |location: &str| {
            location == "-"
                || self
                    .call
                    .sys
                    .view(|w| w.cloud.project.is_zone(location) || w.cloud.project.is_region(location))
        };
        location
            .filter(|location| !known(location))
            .map(|location| format!("Permission denied on 'locations/{location}' (or it may not exist)."))
    }

    /// A cluster by its name and location: its key.
    ///
    /// # Errors
    /// The API's refusal, with where else a cluster of that name is.
    pub fn find_cluster(&self, name: &str, location: &str) -> Result<String, Failure> {
        match self.named_cluster(name, location) {
            Err(Failure::Error(refusal)) if refusal.contains("code=404") => {
                let project = self.project()?;
                Failure::error(format!("{refusal}\n{}", self.elsewhere(&project, name, location)))
            }
            found => found,
        }
    }

    /// As [`Gcloud::find_cluster`], without looking elsewhere.
    ///
    /// # Errors
    /// The API's refusal.
    pub fn named_cluster(&self, name: &str, location: &str) -> Result<String, Failure> {
        let project = self.cluster_project(Some(location))?;
        let key = format!("{location}/{name}");
        match self.call.sys.view(|w| w.cloud.clusters.contains_key(&key)) {
            true => Ok(key),
            false => Failure::error(self.response_error(404, &not_found(&project, name, location))),
        }
    }

    /// Where a cluster of that name is, if not here.
    fn elsewhere(&self, project: &str, name: &str, location: &str) -> String {
        let of_name = |c: &&GkeCluster| c.spec.name == name;
        let place =
            self.call.sys.view(|w| w.cloud.clusters.values().find(of_name).map(|c| c.spec.location.clone()));
        match place {
            Some(other) => {
                format!("Could not find [{name}] in [{location}].\nDid you mean [{name}] in [{other}]?")
            }
            None => format!("No cluster named '{name}' in {project}."),
        }
    }
}

/// What is said of a cluster that is not there.
pub fn not_found(project: &str, name: &str, location: &str) -> String {
    format!("Not found: projects/{project}/zones/{location}/clusters/{name}.")
}

/// A cluster's link as the client writes it.
pub fn link(project: &str, location: &str, name: &str) -> String {
    format!("https://container.googleapis.com/v1/projects/{project}/zones/{location}/clusters/{name}")
}

/// Where a browser shows a cluster.
pub fn console(project: &str, location: &str, name: &str) -> String {
    format!(
        "https://console.cloud.google.com/kubernetes/workload_/gcloud/{location}/{name}?project={project}"
    )
}
