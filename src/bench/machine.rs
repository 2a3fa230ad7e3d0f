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

/// How long this thread has run and has waited to run, in nanoseconds; `None` where the system does not tell.
pub(super) fn scheduled() -> Option<(u64, u64)> {
    let account = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let mut figures = account.split_whitespace().map(str::parse);
    Some((figures.next()?.ok()?, figures.next()?.ok()?))
}

/// The share of the time between two moments in which the thread ran, where it could have.
pub(super) fn undisturbed(before: Option<(u64, u64)>, after: Option<(u64, u64)>) -> Option<f64> {
    let ((ran, waited), (ran_then, waited_then)) = (after?, before?);
    let (ran, waited) = (ran.checked_sub(ran_then)?, waited.checked_sub(waited_then)?);
    (ran > 0).then(|| ran as f64 / (ran + waited) as f64)
}
