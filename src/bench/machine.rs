//! What the figures were measured on.
//!
//! In: the system. Out: words to tell two machines apart.

use serde::{Deserialize, Serialize};

/// The machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Threads that run at once.
    pub cpus: usize,
    /// The processor's name, where the system tells.
    pub model: Option<String>,
    /// `linux x86_64`.
    pub system: String,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
            .map(|(_, name)| name.trim().to_owned());
        Self {
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            model,
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}
