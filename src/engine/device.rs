//! The only file that names backends: WebGPU where it is sound, else the CPU, with the reason.

use burn::tensor::Device;

/// The CPU, with SIMD.
pub fn cpu() -> Device {
    Device::flex()
}

/// The graphics processor through WebGPU.
///
/// Called once: an initialised runtime cannot be initialised again.
///
/// # Errors
/// A sentence when the browser gives no adapter or no device.
#[cfg(feature = "gpu")]
pub async fn webgpu() -> Result<Device, super::error::EngineError> {
    Device::wgpu_options().init_async().await.map_err(|error| {
        super::error::EngineError::NoDevice(format!("WebGPU gave no device: {error}."))
    })
}
