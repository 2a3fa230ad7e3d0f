#!/usr/bin/env bash
# Holds that certificates are verified: a site on the loopback interface with a certificate that nobody signed, and
# one that sends its visitors there, are not crawled. Needs openssl and python3; exits 77 where they are not there.
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in openssl python3; do
  command -v "$tool" >/dev/null || { echo "$tool is not here"; exit 77; }
done
# As the tests build it: examples bring the same features.
cargo build --locked --quiet --bin deepcut --example generate
bin=$PWD/target/debug/deepcut
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -keyout key.pem -out cert.pem 2>/dev/null
python3 - <<'PY' &
import http.server, os, ssl, threading
asked = open("asked", "w", buffering=1)
class Secure(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.write(self.path + "\n")
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass
class Plain(Secure):
    def do_GET(self):
        self.send_response(404 if self.path == "/robots.txt" else 302)
        self.send_header("Location", f"https://localhost:{secure.server_address[1]}/")
        self.send_header("Content-Length", "0")
        self.end_headers()
secure = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Secure)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", "key.pem")
secure.socket = context.wrap_socket(secure.socket, server_side=True)
plain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Plain)
with open("ports.new", "w") as out:
    out.write(f"{secure.server_address[1]} {plain.server_address[1]}\n")
os.rename("ports.new", "ports")
threading.Thread(target=plain.serve_forever, daemon=True).start()
secure.serve_forever()
PY
server=$!
for _ in $(seq 100); do [ -e ports ] && break; sleep 0.1; done
read -r secure plain < ports
for url in "https://localhost:$secure/" "https://127.0.0.1:$secure/" "http://localhost:$plain/"; do
  status=0
  "$bin" --index index crawl "$url" --into posts --allow-private --delay 0 >out 2>err || status=$?
  if [ "$status" -ne 2 ] || ! grep -q "its certificate is not to be trusted" err; then
    echo "$url: exit code $status"
    cat out err
    exit 1
  fi
done
if [ -s asked ]; then echo "a request went out to a server that is not to be trusted"; exit 1; fi
if [ -e posts ]; then echo "something was written:"; ls -AR posts; exit 1; fi
echo "refused: certificates that nobody signed"
