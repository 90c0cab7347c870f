//! `kubejam serve` as a client sees it: HTTP on loopback, one connection per call. Waits for what must come, never for
//! time.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "a client of a real socket")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// Longest wait for a line.
const PATIENCE: Duration = Duration::from_secs(30);

struct Served {
    child: Child,
    address: String,
    home: tempdir::Dir,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A directory that goes with its test.
mod tempdir {
    pub struct Dir(pub std::path::PathBuf);

    impl Dir {
        pub fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("kubejam-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).expect("a directory");
            Dir(path)
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).ok();
        }
    }
}

impl Served {
    fn start(name: &str) -> Self {
        let home = tempdir::Dir::new(name);
        let mut child = Command::new(env!("CARGO_BIN_EXE_kubejam"))
            .args(["serve", "--port", "0", "--seed", "7", "--speed", "8"])
            .env("KUBEJAM_HOME", &home.0)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("kubejam starts");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let server =
            lines.map_while(Result::ok).find_map(|l| l.trim().strip_prefix("server: ").map(str::to_owned));
        let address = server.expect("a server").strip_prefix("http://").expect("plain HTTP").to_owned();
        Served { child, address, home }
    }

    fn open(&self, line: &str, headers: &str, body: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(&self.address).expect("somebody listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let length = body.len();
        write!(
            stream,
            "{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}",
            self.address
        )
        .expect("sent");
        BufReader::new(stream)
    }

    /// Status code and body of a call that is answered at once.
    fn call(&self, line: &str, headers: &str, body: &str) -> (u16, String) {
        let mut text = String::new();
        self.open(line, headers, body).read_to_string(&mut text).expect("an answer");
        let (head, body) = text.split_once("\r\n\r\n").expect("headers and a body");
        let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a code");
        (code, body.to_owned())
    }

    fn json(&self, line: &str, body: &str) -> (u16, Value) {
        let (code, body) = self.call(line, "Content-Type: application/json\r\n", body);
        (code, serde_json::from_str(&body).expect("JSON"))
    }
}

const WEB: &str = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2,
    "selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
    "spec":{"containers":[{"name":"web","image":"nginx"}]}}}}"#;

#[test]
fn a_client_makes_a_deployment_and_watches_its_pods_become_ready() {
    let served = Served::start("serve");
    let kubeconfig = std::fs::read_to_string(served.home.0.join("kubeconfig")).expect("a kubeconfig");
    assert!(kubeconfig.contains(&served.address), "{kubeconfig}");
    let (code, nodes) = served.json("GET /api/v1/nodes", "");
    assert_eq!((code, nodes["items"].as_array().map(Vec::len)), (200, Some(3)));

    let watch = served.open("GET /api/v1/namespaces/default/pods?watch=1", "", "");
    let (code, made) = served.json("POST /apis/apps/v1/namespaces/default/deployments", WEB);
    assert_eq!((code, &made["metadata"]["name"]), (201, &"web".into()));
    let ready = |pod: &Value| {
        let all = pod["status"]["conditions"].as_array();
        all.is_some_and(|all| all.iter().any(|c| c["type"] == "Ready" && c["status"] == "True"))
    };
    let events = watch.lines().map_while(Result::ok).filter_map(|l| serde_json::from_str::<Value>(&l).ok());
    let mut served_pods: Vec<String> = Vec::new();
    for event in events {
        let name = event["object"]["metadata"]["name"].to_string();
        if ready(&event["object"]) && !served_pods.contains(&name) {
            served_pods.push(name);
        }
        if served_pods.len() == 2 {
            break;
        }
    }
    assert_eq!(served_pods.len(), 2, "both pods become Ready");

    let (code, deleted) = served.json("DELETE /apis/apps/v1/namespaces/default/deployments/web", "");
    assert_eq!((code, &deleted["status"]), (200, &"Success".into()));
}

#[test]
fn what_makes_no_sense_is_refused_and_a_page_of_the_web_is_not_let_in() {
    let served = Served::start("serve-refusals");
    assert_eq!(served.json("GET /api/v1/nothing", "").0, 404);
    assert_eq!(served.json("POST /api/v1/namespaces/default/pods", "{").0, 400);
    assert_eq!(served.json("BREW /api/v1/namespaces/default/pods", "").0, 405);
    assert_eq!(served.call("GET /api/v1/pods", "Origin: http://example.com\r\n", "").0, 403);
}
