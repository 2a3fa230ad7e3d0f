//! The `deepcut` command: parse, run, exit code.

fn main() {}
