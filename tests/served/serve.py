"""Serves a folder on the loopback interface: serve.py FOLDER PORT-FILE LOG. The log has a line for each request:
path, status, whether it was conditional, bytes of the body."""

import functools
import http.server
import os
import sys

folder, port_file, log = sys.argv[1:]
out = open(log, "a", buffering=1)


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send_response(self, code, message=None):
        self.code = code
        super().send_response(code, message)

    def send_header(self, name, value):
        if name == "Content-Length":
            self.size = value
        super().send_header(name, value)

    def do_GET(self):
        self.code, self.size = 0, "0"
        super().do_GET()
        conditional = "If-Modified-Since" in self.headers or "If-None-Match" in self.headers
        size = self.size if self.code == 200 else 0
        out.write(f"{self.path} {self.code} {'if' if conditional else '-'} {size}\n")

    def log_message(self, *args):
        pass


Handler.extensions_map |= {".xml": "application/xml", ".rss": "application/rss+xml"}
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
with open(port_file + ".new", "w") as made:
    made.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
