//! Which worker program to start, and why it and not the other.

use crate::protocol::DeviceKind;

/// What the browser says about a graphics adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adapter {
    /// It does not know WebGPU.
    Unknown,
    /// It knows WebGPU and gives no adapter.
    Missing,
    /// It imitates one on the processor, which is slower than using the processor as such.
    Software,
    /// There is one.
    Present,
}

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Which program.
    pub kind: DeviceKind,
    /// Why, as the `why` in the worker's address: the worker makes a sentence of it.
    pub why: &'static str,
}

/// Chooses by what the person wishes and what the browser has.
pub fn choose(wish: Option<DeviceKind>, adapter: Adapter) -> Start {
    let cpu = |why| Start {
        kind: DeviceKind::Cpu,
        why,
    };
    let gpu = |why| Start {
        kind: DeviceKind::WebGpu,
        why,
    };
    match (wish, adapter) {
        (Some(DeviceKind::Cpu), _) => cpu("chosen"),
        (_, Adapter::Unknown) => cpu("no-webgpu"),
        (_, Adapter::Missing) => cpu("no-adapter"),
        (Some(DeviceKind::WebGpu), _) => gpu("chosen"),
        (None, Adapter::Software) => cpu("software-adapter"),
        (None, Adapter::Present) => gpu("adapter"),
    }
}

/// What to start after a crash: whatever crashed a graphics driver may do so again.
pub fn after_crash(crashed: Start) -> Start {
    match crashed.kind {
        DeviceKind::WebGpu => Start {
            kind: DeviceKind::Cpu,
            why: "gpu-failed",
        },
        DeviceKind::Cpu => crashed,
    }
}

/// A device by its id in an address or in memory.
pub fn find(id: &str) -> Option<DeviceKind> {
    match id {
        "cpu" => Some(DeviceKind::Cpu),
        "gpu" => Some(DeviceKind::WebGpu),
        _ => None,
    }
}

/// A device's id in an address and in memory.
pub fn id(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Cpu => "cpu",
        DeviceKind::WebGpu => "gpu",
    }
}

/// A value in the query part of an address.
pub fn query<'a>(search: &'a str, name: &str) -> Option<&'a str> {
    search.trim_start_matches('?').split('&').find_map(|pair| {
        pair.split_once('=')
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! chooses {
        ($name:ident, $wish:expr, $adapter:ident => $kind:ident, $why:literal) => {
            #[test]
            fn $name() {
                let start = Start {
                    kind: DeviceKind::$kind,
                    why: $why,
                };
                assert_eq!(choose($wish, Adapter::$adapter), start);
            }
        };
    }

    chooses!(an_adapter_is_used, None, Present => WebGpu, "adapter");
    chooses!(the_wish_for_the_cpu_wins, Some(DeviceKind::Cpu), Present => Cpu, "chosen");
    chooses!(a_wish_does_not_make_an_adapter, Some(DeviceKind::WebGpu), Missing => Cpu, "no-adapter");
    chooses!(software_only_when_asked_for, Some(DeviceKind::WebGpu), Software => WebGpu, "chosen");
    chooses!(software_is_slower_than_the_cpu, None, Software => Cpu, "software-adapter");
    chooses!(old_browsers_train_on_the_cpu, None, Unknown => Cpu, "no-webgpu");

    #[test]
    fn a_crashed_gpu_is_followed_by_the_cpu() {
        let gpu = choose(None, Adapter::Present);
        assert_eq!(
            after_crash(gpu),
            Start {
                kind: DeviceKind::Cpu,
                why: "gpu-failed"
            }
        );
        let cpu = choose(None, Adapter::Unknown);
        assert_eq!(after_crash(cpu), cpu);
    }

    #[test]
    fn queries_are_read() {
        assert_eq!(query("?a=1&device=cpu", "device"), Some("cpu"));
        assert_eq!(query("", "device"), None);
    }
}
