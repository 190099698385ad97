//! The worker that trains on WebGPU, or says why it does not and trains on the CPU.

#[cfg(target_family = "wasm")]
fn main() {
    burnish::worker::start_gpu();
}

#[cfg(not(target_family = "wasm"))]
fn main() {}
