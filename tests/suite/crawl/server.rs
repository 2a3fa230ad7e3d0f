//! A web server of our own on the loopback interface: what it serves can change between runs, and everything it
//! was asked for is in its log.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What stands under an address.
#[derive(Clone)]
pub enum Served {
    /// A body of a type, with an `ETag` where the site has them.
    Body(&'static str, Vec<u8>),
    /// A status with headers and no body.
    Status(u16, Vec<(&'static str, String)>),
    /// Whatever it likes.
    Wild(fn(&mut TcpStream)),
}

/// One request, and what was answered.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub status: u16,
}

impl Asked {
    pub fn is_conditional(&self) -> bool {
        self.headers.contains_key("if-none-match") || self.headers.contains_key("if-modified-since")
    }
}

#[derive(Default)]
struct Inner {
    pages: Mutex<HashMap<String, Served>>,
    log: Mutex<Vec<Asked>>,
    etags: AtomicBool,
    slow: AtomicBool,
    ended: AtomicBool,
}

/// A running server.
pub struct Server {
    inner: Arc<Inner>,
    pub port: u16,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Arc::new(Inner::default());
        inner.etags.store(true, Ordering::SeqCst);
        let shared = inner.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.ended.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let shared = shared.clone();
                std::thread::spawn(move || answer(&shared, stream));
            }
        });
        Self { inner, port }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn set(&self, path: &str, served: Served) {
        self.inner
            .pages
            .lock()
            .unwrap()
            .insert(path.to_owned(), served);
    }

    pub fn html(&self, path: &str, html: &str) {
        self.set(
            path,
            Served::Body("text/html; charset=utf-8", html.as_bytes().to_vec()),
        );
    }

    pub fn body(&self, path: &str, kind: &'static str, body: impl AsRef<[u8]>) {
        self.set(path, Served::Body(kind, body.as_ref().to_vec()));
    }

    pub fn moved(&self, path: &str, to: &str) {
        self.set(path, Served::Status(301, vec![("Location", to.to_owned())]));
    }

    /// Whether answers carry an `ETag` that requests can name.
    pub fn etags(&self, on: bool) {
        self.inner.etags.store(on, Ordering::SeqCst);
    }

    /// Whether every answer takes a while.
    pub fn slow(&self, on: bool) {
        self.inner.slow.store(on, Ordering::SeqCst);
    }

    /// What was asked for since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.inner.log.lock().unwrap())
    }

    /// The same, as paths.
    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|a| a.path).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.inner.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn answer(inner: &Inner, mut stream: TcpStream) {
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap();
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    if inner.slow.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(40));
    }
    let served = inner.pages.lock().unwrap().get(&path).cloned();
    let mut asked = Asked {
        path,
        headers,
        status: 0,
    };
    let log = |asked: Asked| inner.log.lock().unwrap().push(asked);
    let mut head = String::new();
    let mut bytes = Vec::new();
    match served {
        None => {
            asked.status = 404;
            head.push_str("Content-Type: text/html\r\n");
            bytes = b"<h1>Not here</h1>".to_vec();
        }
        Some(Served::Wild(wild)) => {
            log(asked);
            wild(&mut stream);
            return;
        }
        Some(Served::Status(status, more)) => {
            asked.status = status;
            for (name, value) in more {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        Some(Served::Body(kind, body)) => {
            asked.status = 200;
            head.push_str(&format!("Content-Type: {kind}\r\n"));
            if kind.contains("json") {
                head.push_str("X-WP-TotalPages: 1\r\n");
            }
            if inner.etags.load(Ordering::SeqCst) || kind.contains("rss") {
                let etag = format!("\"{:016x}\"", xxhash_rust::xxh3::xxh3_64(&body));
                head.push_str(&format!("ETag: {etag}\r\n"));
                if asked.headers.get("if-none-match") == Some(&etag) {
                    asked.status = 304;
                }
            }
            if asked.status == 200 {
                bytes = body;
            }
        }
    }
    head.push_str(&format!("Content-Length: {}\r\n", bytes.len()));
    let text = format!(
        "HTTP/1.1 {} X\r\n{head}Connection: close\r\n\r\n",
        asked.status
    );
    log(asked);
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.write_all(&bytes);
    let _ = stream.flush();
    // What the client still sends must not make the system throw the answer away.
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = reader.read(&mut [0; 64]);
}
