//! Who listens, and which addresses there are: `ss`, `netstat`, `ip`, `ifconfig`. Must never open a socket.

use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Tool};
use crate::world::Call;
use crate::world::network::Bind;

static SS: Spec = Spec::new(
    &[
        "t,tcp",
        "l,listening",
        "n,numeric",
        "p,processes",
        "a,all",
        "u,udp",
        "4",
        "6",
        "s",
        "H",
        "e",
        "o",
        "r",
    ],
    "Usage: ss [OPTIONS]\n\nLists sockets.\n\n  -l  listening ones   -t  TCP   -n  numbers   -p  with processes\n",
);
static IP: Spec = Spec::new(
    &["4", "6", "br,brief", "c"],
    "Usage: ip [OPTIONS] { addr | route | link }\n\nShows addresses and routes.\n",
);

/// `ss` and `netstat`.
pub async fn ss(call: Call) -> Outcome {
    let tool = Tool::new(call, &SS).await?;
    let sys = &tool.call.sys;
    let netns = sys.netns();
    let rows: Vec<(u16, Bind, String, u32)> = sys.view(|w| {
        let Some(network) = w.networks.get(&netns) else { return Vec::new() };
        let row = |(port, socket): (&u16, &crate::world::network::Socket)| {
            let process = w.processes.get(&socket.owner);
            let name = process.and_then(|p| p.argv.first()).map_or("", |a| a.rsplit('/').next().unwrap_or(a));
            (*port, socket.bind, name.to_owned(), process.map_or(0, |p| p.pid))
        };
        network.sockets.iter().map(row).collect()
    });
    let listening = tool.options.has("l") || tool.options.has("a");
    let with_process = tool.options.has("p");
    let mut out = String::new();
    if tool.name == "netstat" {
        let tail = if with_process { "PID/Program name    " } else { "" };
        out += &format!(
            "Active Internet connections ({})\nProto Recv-Q Send-Q Local Address           Foreign Address         State       {tail}\n",
            if tool.options.has("l") { "only servers" } else { "w/o servers" }
        );
        for (port, bind, name, pid) in rows.iter().filter(|_| listening) {
            let local =
                if *bind == Bind::Any { format!("0.0.0.0:{port}") } else { format!("127.0.0.1:{port}") };
            let process = if with_process { format!("{pid}/{name}") } else { String::new() };
            out += &format!(
                "tcp        0      0 {local:<23} 0.0.0.0:*               LISTEN      {process:<20}\n"
            );
        }
    } else {
        out += &format!(
            "State  Recv-Q Send-Q Local Address:Port  Peer Address:Port{}\n",
            if with_process { "Process" } else { "" }
        );
        for (port, bind, name, pid) in rows.iter().filter(|_| listening) {
            let local =
                if *bind == Bind::Any { format!("0.0.0.0:{port}") } else { format!("127.0.0.1:{port}") };
            let process =
                if with_process { format!("users:((\"{name}\",pid={pid},fd=18))") } else { String::new() };
            out += &format!("LISTEN 0      511    {local:>18}       0.0.0.0:*    {process}\n");
        }
    }
    tool.out(out).await?;
    Ok(0)
}

/// `ip` and `ifconfig`.
pub async fn ip(call: Call) -> Outcome {
    let tool = Tool::new(call, &IP).await?;
    let address = tool.call.sys.own_address();
    let gateway =
        address.rsplit_once('.').map_or_else(|| "10.0.0.1".to_owned(), |(net, _)| format!("{net}.1"));
    if tool.name == "ifconfig" {
        let text = format!(
            "eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1460\n        inet {address}  netmask 255.255.0.0  broadcast 0.0.0.0\n        ether 02:42:ac:11:00:02  txqueuelen 0  (Ethernet)\n\nlo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536\n        inet 127.0.0.1  netmask 255.0.0.0\n        loop  txqueuelen 1000  (Local Loopback)\n\n"
        );
        tool.out(text).await?;
        return Ok(0);
    }
    let object = tool.options.operands.first().map_or("", String::as_str).to_owned();
    let text = match object.as_str() {
        o if !o.is_empty() && "address".starts_with(o) && tool.options.has("br") => {
            format!("lo               UNKNOWN        127.0.0.1/8 \neth0@if2         UP             {address}/16 \n")
        }
        o if !o.is_empty() && "address".starts_with(o) => format!(
            "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n2: eth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1460 qdisc noqueue state UP group default \n    link/ether 02:42:ac:11:00:02 brd ff:ff:ff:ff:ff:ff link-netnsid 0\n    inet {address}/16 brd 172.17.255.255 scope global eth0\n       valid_lft forever preferred_lft forever\n"
        ),
        o if !o.is_empty() && "route".starts_with(o) => {
            let net = address.rsplit_once('.').map_or("10.0.0", |(n, _)| n).rsplit_once('.').map_or("10.0", |(n, _)| n).to_owned();
            format!("default via {gateway} dev eth0 \n{net}.0.0/16 dev eth0 proto kernel scope link src {address} \n")
        }
        o if !o.is_empty() && "link".starts_with(o) => "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n2: eth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1460 qdisc noqueue state UP mode DEFAULT group default \n    link/ether 02:42:ac:11:00:02 brd ff:ff:ff:ff:ff:ff link-netnsid 0\n".to_owned(),
        "" => {
            tool.note(IP.help).await;
            return Ok(255);
        }
        other => {
            tool.note(format!("Object \"{other}\" is unknown, try \"ip help\".\n")).await;
            return Ok(1);
        }
    };
    tool.out(text).await?;
    Ok(0)
}
