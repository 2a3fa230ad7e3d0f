//! One request over the network, within limits.
//!
//! In: an address and what is known of the page. Out: the whole answer, or why there is none. Only `http` and
//! `https`, TLS verified, no cookies, no proxy; private addresses refused by what a name resolves to, so that
//! neither a redirect nor a changed name leads there. Redirects are not followed here.

use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use ureq::http::{Uri, Version};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use url::Url;

use super::Limits;
use crate::source::http::{self, Head};

/// Types of content that are read; anything else ends with its headers.
const ACCEPT: &str = "text/html, application/xhtml+xml, application/xml;q=0.9, application/rss+xml;q=0.9, \
                      application/atom+xml;q=0.9, application/json;q=0.9, */*;q=0.1";

/// How often a request that goes on looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(40);

/// What is known of a page that was asked for before.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub etag: Option<String>,
    pub modified: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    /// `HTTP/1.1`.
    pub version: &'static str,
    pub reason: String,
    /// As they came, but for those that told of the transfer.
    pub headers: Vec<(String, String)>,
    /// The request's, for the archive.
    pub sent: Vec<(String, String)>,
    /// As it came, transfer encoding undone.
    pub raw: Vec<u8>,
    /// Content encoding undone.
    pub body: Vec<u8>,
    /// False where the type is none that is read: then there is no body.
    pub read: bool,
    pub took: Duration,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(k, _)| k.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn head(&self) -> Head {
        Head::new(self.status, self.headers.clone())
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("{0} is a private address")]
    Private(IpAddr),
    #[error("it took longer than {0} s")]
    Slow(u64),
    #[error("larger than {0} MiB")]
    Large(u64),
    #[error("{0}")]
    Unreachable(String),
    #[error("its certificate is not to be trusted: {0}")]
    Untrusted(String),
    #[error("its answer is broken: {0}")]
    Broken(String),
    #[error("interrupted")]
    Cancelled,
}

impl Fault {
    /// True where another try may do better.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Slow(_) | Self::Unreachable(_) | Self::Broken(_))
    }
}

/// Sends requests.
pub(super) struct Client {
    agent: ureq::Agent,
    user_agent: String,
    limits: Limits,
}

impl Client {
    pub fn new(user_agent: &str, limits: Limits, allow_private: bool) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(user_agent)
            .timeout_global(Some(limits.time))
            .timeout_connect(Some(limits.time.min(Duration::from_secs(20))))
            .max_idle_connections(2)
            .max_idle_connections_per_host(1)
            .build();
        let resolver = Guarded {
            allow_private,
            inner: DefaultResolver::default(),
        };
        Self {
            agent: ureq::Agent::with_parts(config, DefaultConnector::default(), resolver),
            user_agent: user_agent.to_owned(),
            limits,
        }
    }

    /// Asks for a page. Returns at once where `cancel` is set.
    pub fn get(&self, url: &Url, known: &Known, cancel: &AtomicBool) -> Result<Answer, Fault> {
        let mut sent = vec![
            ("User-Agent".to_owned(), self.user_agent.clone()),
            ("Accept".to_owned(), ACCEPT.to_owned()),
            ("Accept-Encoding".to_owned(), "gzip".to_owned()),
        ];
        if let Some(etag) = &known.etag {
            sent.push(("If-None-Match".to_owned(), etag.clone()));
        }
        if let Some(modified) = &known.modified {
            sent.push(("If-Modified-Since".to_owned(), modified.clone()));
        }
        let (agent, limits, url) = (self.agent.clone(), self.limits, url.clone());
        let (to, from) = mpsc::sync_channel(1);
        // A request cannot be broken off: one that nobody waits for ends with the process, or in its time.
        std::thread::Builder::new()
            .name("request".into())
            .spawn(move || {
                let _ = to.send(ask(&agent, &url, sent, limits));
            })
            .map_err(|e| Fault::Unreachable(e.to_string()))?;
        loop {
            match from.recv_timeout(LOOK) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Timeout) if !cancel.load(Ordering::SeqCst) => {}
                Err(RecvTimeoutError::Timeout) => return Err(Fault::Cancelled),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Fault::Broken("the request ended without an answer".into()));
                }
            }
        }
    }
}

fn ask(
    agent: &ureq::Agent,
    url: &Url,
    sent: Vec<(String, String)>,
    limits: Limits,
) -> Result<Answer, Fault> {
    let begun = Instant::now();
    let mut request = agent.get(url.as_str());
    for (name, value) in &sent {
        request = request.header(name, value);
    }
    let response = request.call().map_err(|e| fault(e, limits))?;
    let (parts, body) = response.into_parts();
    let headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            // Bytes beyond ASCII have no charset in headers: each is the character of its number.
            let value: String = value.as_bytes().iter().map(|b| char::from(*b)).collect();
            (name.as_str().to_owned(), value)
        })
        .filter(|(name, _)| {
            !matches!(
                name.as_str(),
                "transfer-encoding" | "connection" | "keep-alive"
            )
        })
        .collect();
    let mut answer = Answer {
        status: parts.status.as_u16(),
        version: match parts.version {
            Version::HTTP_10 => "HTTP/1.0",
            _ => "HTTP/1.1",
        },
        reason: parts
            .status
            .canonical_reason()
            .unwrap_or_default()
            .to_owned(),
        headers,
        sent,
        raw: Vec::new(),
        body: Vec::new(),
        read: false,
        took: begun.elapsed(),
    };
    answer.read = is_text(answer.header("content-type").unwrap_or_default());
    if !answer.read {
        return Ok(answer);
    }
    let mut reader = body
        .into_with_config()
        .limit(u64::MAX)
        .reader()
        .take(limits.bytes + 1);
    let mut raw = Vec::new();
    reader
        .read_to_end(&mut raw)
        .map_err(|e| fault(ureq::Error::from(e), limits))?;
    let mebibytes = limits.bytes >> 20;
    if raw.len() as u64 > limits.bytes {
        return Err(Fault::Large(mebibytes));
    }
    let large = |reason: String| match reason.starts_with("larger") {
        true => Fault::Large(mebibytes),
        false => Fault::Broken(reason),
    };
    let decoded = http::body_within(&answer.head(), raw.clone(), limits.bytes).map_err(large)?;
    // Sitemaps are files that are compressed themselves.
    answer.body = match decoded.starts_with(&[0x1f, 0x8b]) {
        true => {
            let gzip = Head::new(200, vec![("content-encoding".into(), "gzip".into())]);
            http::body_within(&gzip, decoded, limits.bytes).map_err(large)?
        }
        false => decoded,
    };
    answer.raw = raw;
    answer.took = begun.elapsed();
    Ok(answer)
}

/// True for types of pages, feeds, sitemaps, and where there is none.
fn is_text(kind: &str) -> bool {
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind.is_empty()
        || kind.starts_with("text/")
            && !matches!(
                kind.as_str(),
                "text/css" | "text/javascript" | "text/calendar"
            )
        || kind.ends_with("xml")
        || kind.ends_with("json")
        || matches!(kind.as_str(), "application/gzip" | "application/x-gzip")
}

fn fault(error: ureq::Error, limits: Limits) -> Fault {
    use ureq::Error as E;
    match error {
        E::Timeout(_) => Fault::Slow(limits.time.as_secs()),
        E::HostNotFound => Fault::Unreachable("no such host".into()),
        E::ConnectionFailed => Fault::Unreachable("nothing answers there".into()),
        E::Rustls(e) => Fault::Untrusted(e.to_string()),
        E::Tls(e) => Fault::Untrusted(e.to_owned()),
        E::Io(e) => of_io(e, limits),
        E::Other(e) => match e.downcast::<Private>() {
            Ok(private) => Fault::Private(private.0),
            Err(e) => Fault::Unreachable(e.to_string()),
        },
        E::BadUri(e) => Fault::Unreachable(e),
        other => Fault::Broken(other.to_string()),
    }
}

fn of_io(error: io::Error, limits: Limits) -> Fault {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Fault::Slow(limits.time.as_secs()),
        io::ErrorKind::UnexpectedEof => Fault::Broken("it ended too early".into()),
        io::ErrorKind::ConnectionRefused => Fault::Unreachable("nothing answers there".into()),
        // What rustls refuses comes as this kind.
        io::ErrorKind::InvalidData if error.to_string().contains("certificate") => {
            Fault::Untrusted(error.to_string())
        }
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Fault::Broken(error.to_string())
        }
        // How systems say it differs; where it comes from does not.
        _ if error.to_string().contains("lookup address") => {
            Fault::Unreachable("no such host".into())
        }
        _ => Fault::Unreachable(error.to_string()),
    }
}

/// Resolves names, and refuses those of private addresses.
#[derive(Debug)]
struct Guarded {
    allow_private: bool,
    inner: DefaultResolver,
}

#[derive(Debug, thiserror::Error)]
#[error("{0} is a private address")]
struct Private(IpAddr);

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        if self.allow_private {
            return Ok(found);
        }
        // A name that has one private address is not trusted with its others.
        match found.iter().map(|a| a.ip()).find(|ip| is_private(*ip)) {
            Some(ip) => Err(ureq::Error::Other(Box::new(Private(ip)))),
            None => Ok(found),
        }
    }
}

/// True for addresses that are not of the public internet.
pub(super) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_private_v4(ip),
        IpAddr::V6(ip) => is_private_v6(ip),
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let v4 = |high: u16, low: u16| {
        let [w, x] = high.to_be_bytes();
        let [y, z] = low.to_be_bytes();
        is_private_v4(Ipv4Addr::new(w, x, y, z))
    };
    ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_multicast()
        || (a & 0xfe00) == 0xfc00
        || (a & 0xffc0) == 0xfe80
        || (a & 0xffc0) == 0xfec0
        || (a == 0x2001 && b == 0x0db8)
        // Teredo hides an address, and nobody's blog is behind it.
        || (a == 0x2001 && b == 0)
        || (a == 0x64 && b == 0xff9b && c == 1)
        || ([a, b, c, d, e] == [0; 5] && (f == 0xffff || f == 0) && v4(g, h))
        || ([a, b, c, d, e, f] == [0x64, 0xff9b, 0, 0, 0, 0] && v4(g, h))
        || (a == 0x2002 && v4(b, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_in_all_their_forms() {
        for (ip, private) in [
            ("127.0.0.1", true),
            ("127.8.8.8", true),
            ("10.1.2.3", true),
            ("172.16.0.1", true),
            ("172.32.0.1", false),
            ("192.168.1.1", true),
            ("169.254.169.254", true),
            ("100.64.0.1", true),
            ("0.0.0.0", true),
            ("224.0.0.1", true),
            ("255.255.255.255", true),
            ("93.184.216.34", false),
            ("::1", true),
            ("::", true),
            ("::ffff:10.0.0.1", true),
            ("::ffff:93.184.216.34", false),
            ("::127.0.0.1", true),
            ("64:ff9b::7f00:1", true),
            ("2002:7f00:1::", true),
            ("2002:5db8:d822::", false),
            ("fd00::1", true),
            ("fe80::1", true),
            ("2001:db8::1", true),
            ("2606:2800:220:1::", false),
        ] {
            assert_eq!(is_private(ip.parse().unwrap()), private, "{ip}");
        }
    }
}
