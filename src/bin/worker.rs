//! The worker that trains on the CPU.

#[cfg(target_family = "wasm")]
fn main() {
    burnish::worker::start_cpu();
}

#[cfg(not(target_family = "wasm"))]
fn main() {}
