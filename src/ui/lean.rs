//! Closures behind a pointer.
//!
//! Leptos writes its machinery once for every *type* of a reactive value, and every closure is a
//! type of its own: a page with two hundred of them would carry two hundred copies of the code
//! that draws a changing text. Behind a pointer there is one copy for each kind of value.

use std::any::Any;
use std::marker::PhantomData;
use std::ops::Deref;
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

/// A value that is worked out when what it reads has changed, and tells of it when it differs.
///
/// The values lie behind a pointer too, so that all memos of the page are one type to Leptos.
pub struct Memo<T> {
    held: leptos::prelude::Memo<Held>,
    value: PhantomData<fn() -> T>,
}

#[derive(Clone)]
struct Held {
    value: Arc<dyn Any + Send + Sync>,
    is_same: fn(&dyn Any, &dyn Any) -> bool,
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        (self.is_same)(&*self.value, &*other.value)
    }
}

fn is_same<T: PartialEq + 'static>(one: &dyn Any, other: &dyn Any) -> bool {
    one.downcast_ref::<T>() == other.downcast_ref::<T>()
}

/// A value that is kept until it differs.
pub fn memo<T: PartialEq + Send + Sync + 'static>(
    read: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    Memo {
        held: held(Box::new(move || Held {
            value: Arc::new(read()),
            is_same: is_same::<T>,
        })),
        value: PhantomData,
    }
}

fn held(read: Box<dyn Fn() -> Held + Send + Sync>) -> leptos::prelude::Memo<Held> {
    leptos::prelude::Memo::new(move |_| read())
}

impl<T: Send + Sync + 'static> Memo<T> {
    /// The value; whoever reads it now is told when it differs.
    pub fn read(&self) -> Read<T> {
        Self::of(self.held.get())
    }

    /// The value, which is not followed.
    pub fn read_untracked(&self) -> Read<T> {
        Self::of(self.held.get_untracked())
    }

    fn of(held: Held) -> Read<T> {
        // Only `memo` makes one, of its own type.
        let Ok(value) = held.value.downcast() else {
            unreachable!("a memo holds values of its type")
        };
        Read(value)
    }
}

impl<T: Clone + Send + Sync + 'static> Memo<T> {
    /// A copy of the value; whoever reads it now is told when it differs.
    pub fn get(&self) -> T {
        T::clone(&self.read())
    }

    /// A copy of the value, which is not followed.
    pub fn get_untracked(&self) -> T {
        T::clone(&self.read_untracked())
    }
}

/// A memo's value while it is read.
pub struct Read<T>(Arc<T>);

impl<T> Deref for Read<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

/// A part of the page that is there as long as a condition holds.
pub fn show(
    when: impl Fn() -> bool + Send + Sync + 'static,
    mut draw: impl FnMut() -> AnyView + Send + 'static,
) -> AnyView {
    let holds = memo(when);
    live(move || if holds.get() { Some(draw()) } else { None })
}

/// A line of a list that changes.
pub struct Line {
    key: String,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

/// A line of a list, known by its key.
pub fn line(key: impl Into<String>, draw: impl FnOnce() -> AnyView + Send + 'static) -> Line {
    Line {
        key: key.into(),
        draw: Box::new(draw),
    }
}

/// A list that changes. A line whose key stays is neither drawn anew nor loses the focus.
pub fn list(lines: impl Fn() -> Vec<Line> + Send + 'static) -> AnyView {
    let lines: Box<dyn Fn() -> Vec<Line> + Send> = Box::new(lines);
    view! {
        <For each=lines key=|line| line.key.clone() let:line>
            {(line.draw)()}
        </For>
    }
    .into_any()
}
