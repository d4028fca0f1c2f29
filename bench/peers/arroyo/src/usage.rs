//! What this process has used so far, by the operating system's account.

/// User and system time.
pub fn cpu_seconds() -> f64 {
    // SAFETY: getrusage fills the struct that it is given, and zeros are a valid one.
    let used = unsafe {
        let mut used: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut used);
        used
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    seconds(used.ru_utime) + seconds(used.ru_stime)
}

/// A field of /proc/self/status in bytes: VmRSS, VmHWM (its highest).
pub fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with(field))
        .unwrap_or("");
    line.split_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse::<u64>().ok())
        .unwrap_or(0)
        * 1024
}

/// From now on VmHWM is the highest since now.
pub fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
