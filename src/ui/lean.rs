//! Closures behind a pointer.
//!
//! Leptos writes its machinery once for every *type* of a reactive value, and every closure is a
//! type of its own: a page with two hundred of them would carry two hundred copies of the code
//! that draws a changing text. Behind a pointer there is one copy for each kind of value.

use std::sync::{Arc, Mutex};

use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;

/// A value that is drawn again when what it reads has changed.
pub fn now<T: 'static>(read: impl FnMut() -> T + Send + 'static) -> SharedReactiveFunction<T> {
    Arc::new(Mutex::new(read))
}

/// A part of the page that is drawn again when what it reads has changed.
pub fn live<V: IntoAny + 'static>(mut draw: impl FnMut() -> V + Send + 'static) -> AnyView {
    let draw: SharedReactiveFunction<AnyView> = Arc::new(Mutex::new(move || draw().into_any()));
    draw.into_any()
}

/// A value that is kept until it differs.
pub fn memo<T: PartialEq + Send + Sync + 'static>(
    read: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    boxed_memo(Box::new(read))
}

fn boxed_memo<T: PartialEq + Send + Sync + 'static>(
    read: Box<dyn Fn() -> T + Send + Sync>,
) -> Memo<T> {
    Memo::new(move |_| read())
}

/// A part of the page that is there as long as a condition holds.
pub fn show(
    when: impl Fn() -> bool + Send + Sync + 'static,
    mut draw: impl FnMut() -> AnyView + Send + 'static,
) -> AnyView {
    let holds = memo(when);
    live(move || if holds.get() { Some(draw()) } else { None })
}
