//! The page.

#[cfg(target_family = "wasm")]
fn main() {
    burnish::ui::start();
}

#[cfg(not(target_family = "wasm"))]
fn main() {}
