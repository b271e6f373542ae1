//! The facts of a machine and of a build that decide a runtime.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use crate::spec::Runtime;

/// What the choice depends on, beside the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "facts of one machine, each with an answer of its own")]
pub struct MachineFacts {
    /// As Rust names it: `macos`, `linux`, `windows`.
    pub os: &'static str,
    /// What this process is made for, which under Rosetta is not what the machine has: `x86_64`, `aarch64`.
    pub arch: &'static str,
    /// This is an x86-64 process that Rosetta translates on Apple Silicon.
    pub rosetta: bool,
    /// Bytes of physical memory, or of what the container may take of it. `None`: the system does not tell.
    pub memory: Option<u64>,
    /// Bytes that the GPU may hold, where the owner of a Mac has set it (`iogpu.wired_limit_mb`).
    pub gpu_limit: Option<u64>,
    /// Linux with the driver of an NVIDIA GPU.
    pub nvidia: bool,
    /// This build has the MLX engine.
    pub mlx_built: bool,
    /// This build has the ONNX engine.
    pub onnx_built: bool,
}

impl MachineFacts {
    /// The facts of the machine and the build this code runs in; looked at once a process.
    #[must_use]
    pub fn current() -> Self {
        static FACTS: OnceLock<MachineFacts> = OnceLock::new();
        *FACTS.get_or_init(|| {
            let macos = cfg!(target_os = "macos");
            Self {
                os: std::env::consts::OS,
                arch: std::env::consts::ARCH,
                rosetta: macos && cfg!(target_arch = "x86_64") && sysctl("sysctl.proc_translated") == Some(1),
                memory: memory(),
                // 0 is the system's own limit.
                gpu_limit: sysctl_limit(macos),
                nvidia: cfg!(target_os = "linux") && Path::new("/proc/driver/nvidia/version").exists(),
                mlx_built: cfg!(feature = "mlx"),
                onnx_built: cfg!(feature = "onnx"),
            }
        })
    }

    /// A process of its own kind on Apple Silicon.
    #[must_use]
    pub fn apple_silicon(&self) -> bool {
        self.os == "macos" && self.arch == "aarch64"
    }

    /// Why this machine and build do not run a runtime, or do not take it by themselves; with the way out.
    pub(super) fn why_not(&self, runtime: Runtime, automatic: bool) -> Option<String> {
        let reason = match runtime {
            Runtime::Onnx if !self.onnx_built => "this build has no ONNX engine",
            Runtime::Onnx => return None,
            Runtime::Mlx if self.rosetta => {
                "this is an x86-64 process that Rosetta translates, and a native arm64 Bun or Node would get MLX"
            }
            Runtime::Mlx if automatic && !self.apple_silicon() && self.mlx_built => {
                "automatic choice takes it on Apple Silicon only; `runtime: mlx` or `--runtime mlx` computes on the CPU here"
            }
            Runtime::Mlx if automatic && !self.apple_silicon() => "automatic choice takes it on Apple Silicon only",
            Runtime::Mlx if self.mlx_built => return None,
            Runtime::Mlx if self.apple_silicon() => "this build has no MLX engine; one with the feature mlx has",
            Runtime::Mlx if self.os == "linux" => {
                "this build has no MLX engine; one with the feature mlx has, and computes on the CPU here"
            }
            Runtime::Mlx => "this build has no MLX engine, and there is none for this machine: it needs Apple Silicon",
        };
        Some(reason.to_owned())
    }
}

/// Bytes of physical memory, or the limit of the container this process is in.
fn memory() -> Option<u64> {
    let kind = MemoryRefreshKind::nothing().with_ram();
    let system = System::new_with_specifics(RefreshKind::nothing().with_memory(kind)).ok()?;
    let machine = system.total_memory();
    let limited = system.cgroup_limits().map_or(machine, |limits| limits.total_memory.min(machine));
    (limited > 0).then_some(limited)
}

fn sysctl_limit(macos: bool) -> Option<u64> {
    let megabytes = macos.then(|| sysctl("iogpu.wired_limit_mb")).flatten().filter(|&limit| limit > 0)?;
    megabytes.checked_mul(1 << 20)
}

/// A number of macOS's kernel. Through its tool and not through C, so that these lines compile everywhere; a key that a
/// release of macOS does not have is a fact that is not known.
fn sysctl(name: &str) -> Option<u64> {
    let output = Command::new("/usr/sbin/sysctl").args(["-n", name]).output().ok()?;
    std::str::from_utf8(&output.stdout).ok()?.trim().parse().ok()
}
