//! Clients of the network: curl, wget, ping, nc and the commands that look at names and sockets.

pub mod certificate;
pub mod curl;
mod curl_options;
mod curl_texts;
pub mod lookup;
pub mod probe;
pub mod sockets;
mod tls;
pub mod url;
pub mod wget;
