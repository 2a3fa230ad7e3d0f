//! Links the program so that it starts quickly: on Linux, where the C library is glibc.
//!
//! - A program that can be loaded anywhere has 970 kB of addresses to be put right before it starts, which was a tenth of
//!   a search. What is loaded at one place has none.
//! - What unwinds after a panic comes from a library of the compiler, which took as long to load as all the rest of
//!   the loading: the program has it within.
//! - What a search runs lies side by side (`link/order.py`).
//!
//! The last two ask something of the linker, or of what is installed beside it. Where it cannot do that, the
//! program is linked without.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=link/search.ld");
    let is = |key: &str, value: &str| env::var(key).is_ok_and(|found| found == value);
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if !is("PROFILE", "release") {
        return;
    }
    // Of this crate, so that it is looked through before the system's libraries are, where the standard library asks.
    if links(&["-l", UNWINDER]) {
        println!("cargo::rustc-link-lib={UNWINDER}");
    }
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let order = format!("-Wl,-T,{}", root.join("link/search.ld").display());
    if links(&["-C", &format!("link-arg={order}")]) {
        println!("cargo::rustc-link-arg-bins={order}");
    }
}

const UNWINDER: &str = "static:-bundle=gcc_eh";

/// Whether a program of nothing is linked with these arguments, by the compiler and linker that link this one.
fn links(arguments: &[&str]) -> bool {
    let Some(out) = env::var_os("OUT_DIR") else {
        return false;
    };
    let empty = Path::new(&out).join("empty.rs");
    if std::fs::write(&empty, "fn main() {}\n").is_err() {
        return false;
    }
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--crate-type", "bin", "--out-dir"]).arg(&out);
    if let Ok(target) = env::var("TARGET") {
        rustc.args(["--target", &target]);
    }
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut is = std::ffi::OsString::from("linker=");
        is.push(linker);
        rustc.arg("-C").arg(is);
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    rustc.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
    rustc.args(arguments).arg(&empty);
    rustc.stdout(Stdio::null()).stderr(Stdio::null());
    rustc.status().is_ok_and(|status| status.success())
}
