//! Who asks: what a kubeconfig's user and the flags about users come to.

use super::context::Context;
use super::fail::{Failure, Outcome};
use crate::cluster::api::{Reason, Status, UserInfo};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// How the server takes the credentials.
pub enum Login {
    Known(UserInfo),
    /// There are none: kubectl asks for a name and a password.
    Missing,
    /// A token that nobody has issued, or that is too old.
    Refused,
}

impl Login {
    /// Whom requests come from.
    pub fn user(&self) -> UserInfo {
        match self {
            Login::Known(user) => user.clone(),
            Login::Missing | Login::Refused => UserInfo::anonymous(),
        }
    }

    /// Asks for what is missing. No server takes a password any more, so that whoever answers is nobody in particular.
    pub async fn ask(&self, cx: &Context) -> Outcome {
        if !matches!(self, Login::Missing) {
            return Ok(());
        }
        cx.out("Please enter Username: ").await;
        if cx.io.stdin.read_line().await.is_none() {
            return Err(Failure::message("EOF"));
        }
        cx.out("Please enter Password: ").await;
        let answered = cx.io.stdin.read_line().await.is_some();
        cx.outln("").await;
        if answered { Ok(()) } else { Err(Failure::Plain("error reading input for Password".to_owned())) }
    }

    /// The server's answer to credentials that it does not take.
    pub fn check(&self, says: &str) -> Outcome {
        match self {
            Login::Refused => Err(Status::new(Reason::Unauthorized, says).into()),
            Login::Known(_) | Login::Missing => Ok(()),
        }
    }
}

/// Reads the credentials of the user `name`, and whom the flags want to be taken for.
pub fn login(cx: &Context, name: &str, user: Option<&Value>, secure: bool) -> Outcome<Login> {
    let posing = ["as-uid", "as-group", "as-user-extra"];
    let posing = posing.iter().any(|flag| !cx.flags.list(flag).is_empty());
    let posed_as = cx.flags.text("as");
    if posing && posed_as.is_empty() {
        return Err(Failure::Message(format!(
            "requesting uid, groups or user-extra for {name} without impersonating a user"
        )));
    }
    let own = own(cx, user, secure);
    Ok(match own {
        Login::Known(_) if !posed_as.is_empty() => Login::Known(impersonated(cx, posed_as)),
        own => own,
    })
}

fn own(cx: &Context, user: Option<&Value>, secure: bool) -> Login {
    let empty = Value::Null;
    let user = user.unwrap_or(&empty);
    let given = |flag: &str, key: &str| match cx.flags.command.flag(flag).map(|_| cx.flags.text(flag)) {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => user[key].as_str().unwrap_or_default().to_owned(),
    };
    if let Some(subject) = certified(user) {
        return Login::Known(subject);
    }
    let token = given("token", "token");
    if !token.is_empty() {
        return bearer(&token, cx.sys.now().secs()).map_or(Login::Refused, Login::Known);
    }
    if !given("username", "username").is_empty() {
        return Login::Known(UserInfo::anonymous());
    }
    match user.as_object().is_none_or(|user| user.is_empty()) {
        true if secure => Login::Missing,
        true => Login::Known(UserInfo::anonymous()),
        // A plug-in asks for the account that is signed in.
        false => Login::Known(UserInfo::admin(&cx.sys.view(|w| w.cloud.project.account.clone()))),
    }
}

/// The subject of a client certificate. Certificates are their subject in words here (`O=system:masters, CN=admin`).
fn certified(user: &Value) -> Option<UserInfo> {
    let subject = BASE64_STANDARD.decode(user["client-certificate-data"].as_str()?).ok()?;
    let subject = String::from_utf8(subject).ok()?;
    let parts = |key: &str| -> Vec<&str> {
        subject.split(',').filter_map(|part| part.trim().strip_prefix(key)).collect()
    };
    let name = parts("CN=").first().copied()?;
    let groups = parts("O=").into_iter().chain(["system:authenticated"]).map(str::to_owned).collect();
    let digest: String = Sha256::digest(&subject).iter().map(|byte| format!("{byte:02x}")).collect();
    let extra =
        vec![("authentication.kubernetes.io/credential-id".to_owned(), vec![format!("X509SHA256={digest}")])];
    Some(UserInfo { name: name.to_owned(), groups, extra, ..UserInfo::default() })
}

/// The service account that a token was issued for.
fn bearer(token: &str, now: u64) -> Option<UserInfo> {
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let name = claims["sub"].as_str().filter(|name| name.starts_with("system:serviceaccount:"))?;
    if claims["exp"].as_u64()? < now {
        return None;
    }
    let uid = claims["kubernetes.io"]["serviceaccount"]["uid"].as_str()?.to_owned();
    let id = format!("JTI={}", claims["jti"].as_str().unwrap_or_default());
    let extra = vec![("authentication.kubernetes.io/credential-id".to_owned(), vec![id])];
    Some(UserInfo { name: name.to_owned(), uid, groups: groups_of(name), extra })
}

/// The groups that everybody of this name is in.
fn groups_of(name: &str) -> Vec<String> {
    let mut groups = Vec::new();
    if let Some(rest) = name.strip_prefix("system:serviceaccount:") {
        groups.push("system:serviceaccounts".into());
        groups.push(format!("system:serviceaccounts:{}", rest.split(':').next().unwrap_or_default()));
    }
    groups.push("system:authenticated".into());
    groups
}

/// `--as` and what goes with it.
fn impersonated(cx: &Context, name: &str) -> UserInfo {
    let mut groups = cx.flags.list("as-group");
    groups.extend(groups_of(name));
    let mut extra: Vec<(String, Vec<String>)> = Vec::new();
    for (key, value) in cx.flags.list("as-user-extra").iter().filter_map(|pair| pair.split_once('=')) {
        match extra.iter_mut().find(|(known, _)| known == key) {
            Some((_, values)) => values.push(value.to_owned()),
            None => extra.push((key.to_owned(), vec![value.to_owned()])),
        }
    }
    UserInfo { name: name.to_owned(), uid: cx.flags.text("as-uid").to_owned(), groups, extra }
}
