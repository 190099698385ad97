//! The state's fields, watched one by one: what is drawn from one field is drawn again when that
//! field changes, and not when its neighbours do.
//!
//! The crate `reactive_stores` does the same with a type for every path to a field, and the
//! compiler writes its locks, keys and triggers once for each of those types and each thing done to
//! them. Here a path is three numbers and that code exists once, which is a good part of the page's
//! download. A field is read and written by the traits of `reactive_graph`, as any signal is.

use std::iter::successors;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use reactive_graph::signal::ArcTrigger;
use reactive_graph::traits::{
    DefinedAt, IsDisposed, Notify, ReadUntracked, Track, UntrackableGuard, Write,
};

use super::{AppState, RunView, TableView};
use crate::protocol::{RunId, TableId};

/// Where a part of the state is: a field of all of it, the id of something in that field's list, a
/// field of that. Each counts from 1; 0 means that the part is no smaller than what was said so far.
type Path = [u32; 3];

/// What a part lies in.
fn around(path: Path) -> Option<Path> {
    match path {
        [0, ..] => None,
        [_, 0, _] => Some([0; 3]),
        [field, _, 0] => Some([field, 0, 0]),
        [field, id, _] => Some([field, id, 0]),
    }
}

fn all_around(path: Path) -> impl Iterator<Item = Path> {
    successors(around(path), |path| around(*path))
}

/// Who watches a part.
#[derive(Clone, Default)]
struct Watchers {
    /// Told when the part is written as a whole.
    itself: ArcTrigger,
    /// Told when something inside it is written.
    inside: ArcTrigger,
}

struct Root {
    state: RwLock<AppState>,
    /// In the order of the paths.
    watched: Mutex<Vec<(Path, Watchers)>>,
}

impl Root {
    fn watchers(&self, path: Path) -> Watchers {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let at = match watched.binary_search_by_key(&path, |(path, _)| *path) {
            Ok(at) => at,
            Err(at) => {
                watched.insert(at, (path, Watchers::default()));
                at
            }
        };
        watched[at].1.clone()
    }

    /// Whoever reads now is told when the part, something in it, or all of what it lies in is
    /// written.
    fn track(&self, path: Path) {
        let own = self.watchers(path);
        own.itself.track();
        own.inside.track();
        for outer in all_around(path) {
            self.watchers(outer).itself.track();
        }
    }

    fn notify(&self, path: Path) {
        let own = self.watchers(path);
        own.itself.notify();
        own.inside.notify();
        for outer in all_around(path) {
            self.watchers(outer).inside.notify();
        }
    }
}

/// What has fields that are watched: all of the state, a table, a run.
pub trait Whole: Sized + 'static {
    /// The one of an id; all of the state has none.
    fn of(state: &AppState, id: u32) -> Option<&Self>;
    /// The same, to change it.
    fn of_mut(state: &mut AppState, id: u32) -> Option<&mut Self>;
}

impl Whole for AppState {
    fn of(state: &AppState, _id: u32) -> Option<&Self> {
        Some(state)
    }

    fn of_mut(state: &mut AppState, _id: u32) -> Option<&mut Self> {
        Some(state)
    }
}

/// What stands in a list of the state and is found by its id.
pub trait Listed: Whole {
    /// Its id.
    type Id;
    /// The number that the id is.
    fn number(id: Self::Id) -> u32;
}

macro_rules! listed {
    ($whole:ident, $list:ident, $id:ident) => {
        impl Whole for $whole {
            fn of(state: &AppState, id: u32) -> Option<&Self> {
                state.$list.iter().find(|listed| listed.id.0 == id)
            }

            fn of_mut(state: &mut AppState, id: u32) -> Option<&mut Self> {
                state.$list.iter_mut().find(|listed| listed.id.0 == id)
            }
        }

        impl Listed for $whole {
            type Id = $id;

            fn number(id: $id) -> u32 {
                id.0
            }
        }
    };
}

listed!(TableView, tables, TableId);
listed!(RunView, runs, RunId);

/// A part of the state: `T`, in `W`.
pub struct Part<W: 'static, T: 'static> {
    root: &'static Root,
    path: Path,
    read: fn(&W) -> &T,
    write: fn(&mut W) -> &mut T,
}

/// All of something that has fields.
pub type Field<W> = Part<W, W>;

/// All of the state.
pub type Store<W> = Field<W>;

impl<W, T> Clone for Part<W, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W, T> Copy for Part<W, T> {}

fn all<W>(whole: &W) -> &W {
    whole
}

fn all_mut<W>(whole: &mut W) -> &mut W {
    whole
}

impl Store<AppState> {
    /// A state that is kept for as long as the page is there.
    pub fn new(state: AppState) -> Self {
        let root = Box::leak(Box::new(Root {
            state: RwLock::new(state),
            watched: Mutex::default(),
        }));
        Self {
            root,
            path: [0; 3],
            read: all,
            write: all_mut,
        }
    }
}

impl<W: Whole> Field<W> {
    /// One of its fields, `at` so many bytes from its start, which tells fields apart.
    pub(super) fn field<T>(
        self,
        at: usize,
        read: fn(&W) -> &T,
        write: fn(&mut W) -> &mut T,
    ) -> Part<W, T> {
        let at = at as u32 + 1;
        let path = match self.path {
            [0, ..] => [at, 0, 0],
            [list, id, _] => [list, id, at],
        };
        Part {
            root: self.root,
            path,
            read,
            write,
        }
    }
}

impl<V: Listed> Part<AppState, Vec<V>> {
    /// The one of an id. There need not be one: it then reads as something that is gone does, and
    /// writing changes nothing.
    pub fn at_key(self, id: V::Id) -> Field<V> {
        Part {
            root: self.root,
            path: [self.path[0], V::number(id) + 1, 0],
            read: all,
            write: all_mut,
        }
    }
}

impl<W, T> Part<W, T> {
    /// The number of the id of what it lies in.
    fn number(&self) -> u32 {
        self.path[1].wrapping_sub(1)
    }
}

const IS_THERE: &str = "nothing leaves the state while it is read or written";

/// A part that is being read. Nothing is written meanwhile.
pub struct Reading<W: 'static, T: 'static> {
    state: RwLockReadGuard<'static, AppState>,
    part: Part<W, T>,
}

impl<W: Whole, T> Deref for Reading<W, T> {
    type Target = T;

    fn deref(&self) -> &T {
        (self.part.read)(W::of(&self.state, self.part.number()).expect(IS_THERE))
    }
}

/// The state while a part of it is written; who watches is told once that is over.
struct Held {
    state: Option<RwLockWriteGuard<'static, AppState>>,
    root: &'static Root,
    path: Path,
    is_told: bool,
}

impl Drop for Held {
    fn drop(&mut self) {
        // Whoever is told may read at once.
        self.state = None;
        if self.is_told {
            self.root.notify(self.path);
        }
    }
}

/// A part that is being written.
pub struct Writing<W: 'static, T: 'static> {
    held: Held,
    part: Part<W, T>,
}

impl<W: Whole, T> Deref for Writing<W, T> {
    type Target = T;

    fn deref(&self) -> &T {
        let state = self.held.state.as_ref().expect(IS_THERE);
        (self.part.read)(W::of(state, self.part.number()).expect(IS_THERE))
    }
}

impl<W: Whole, T> DerefMut for Writing<W, T> {
    fn deref_mut(&mut self) -> &mut T {
        let id = self.part.number();
        let state = self.held.state.as_mut().expect(IS_THERE);
        (self.part.write)(W::of_mut(state, id).expect(IS_THERE))
    }
}

impl<W: Whole, T> UntrackableGuard for Writing<W, T> {
    fn untrack(&mut self) {
        self.held.is_told = false;
    }
}

impl<W: Whole, T> Part<W, T> {
    fn writing(&self, is_told: bool) -> Option<Writing<W, T>> {
        let state = self.root.state.try_write().ok()?;
        W::of(&state, self.number())?;
        Some(Writing {
            held: Held {
                state: Some(state),
                root: self.root,
                path: self.path,
                is_told,
            },
            part: *self,
        })
    }
}

impl<W, T> DefinedAt for Part<W, T> {
    fn defined_at(&self) -> Option<&'static Location<'static>> {
        None
    }
}

impl<W, T> IsDisposed for Part<W, T> {
    fn is_disposed(&self) -> bool {
        false
    }
}

impl<W, T> Track for Part<W, T> {
    fn track(&self) {
        self.root.track(self.path);
    }
}

impl<W, T> Notify for Part<W, T> {
    fn notify(&self) {
        self.root.notify(self.path);
    }
}

impl<W: Whole, T> ReadUntracked for Part<W, T> {
    type Value = Reading<W, T>;

    fn try_read_untracked(&self) -> Option<Reading<W, T>> {
        let state = self.root.state.try_read().ok()?;
        W::of(&state, self.number())?;
        Some(Reading { state, part: *self })
    }
}

impl<W: Whole, T> Write for Part<W, T> {
    type Value = T;

    fn try_write(&self) -> Option<impl UntrackableGuard<Target = T>> {
        self.writing(true)
    }

    fn try_write_untracked(&self) -> Option<impl DerefMut<Target = T>> {
        self.writing(false)
    }
}

/// A struct whose fields are watched one by one, by the methods of a trait that is named first.
macro_rules! fields {
    (
        $fields:ident:
        $(#[$about:meta])*
        pub struct $whole:ident {
            $($(#[$doc:meta])* pub $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$about])*
        pub struct $whole {
            $($(#[$doc])* pub $field: $type,)+
        }

        #[doc = concat!("The fields of a [`", stringify!($whole), "`], each watched by itself.")]
        pub trait $fields {
            $(
                $(#[$doc])*
                fn $field(&self) -> Part<$whole, $type>;
            )+
        }

        impl $fields for Field<$whole> {
            $(
                fn $field(&self) -> Part<$whole, $type> {
                    self.field(
                        std::mem::offset_of!($whole, $field),
                        |whole| &whole.$field,
                        |whole| &mut whole.$field,
                    )
                }
            )+
        }
    };
}

pub(super) use fields;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use reactive_graph::computed::ArcMemo;
    use reactive_graph::traits::{Get, GetUntracked, Set, Update, With};

    use super::super::fixture::{fresh_state, suggested_table};
    use super::super::{AppStateStoreFields, Step, TableViewStoreFields};
    use super::*;

    /// A value that follows the state, and how often it was worked out.
    fn counted<T: PartialEq + Send + Sync + 'static>(
        read: impl Fn() -> T + Send + Sync + 'static,
    ) -> (ArcMemo<T>, Arc<AtomicU32>) {
        let times = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&times);
        let memo = ArcMemo::new(move |_: Option<&T>| {
            count.fetch_add(1, Ordering::Relaxed);
            read()
        });
        (memo, times)
    }

    #[test]
    fn a_field_is_worked_out_again_when_it_or_all_around_it_is_written_and_not_for_a_neighbour() {
        let state = fresh_state();
        let id = suggested_table(state);
        let table = state.tables().at_key(id);
        let (name, times) = counted(move || table.name().get());
        let worked_out = |expected: &str| {
            assert_eq!(name.get_untracked(), expected);
            times.load(Ordering::Relaxed)
        };
        assert_eq!(worked_out("sms.csv"), 1);
        table.text().set(vec!["other".into()]);
        state.step().set(Step::Tune);
        assert_eq!(worked_out("sms.csv"), 1, "neighbours");
        table.name().set("a.csv".into());
        assert_eq!(worked_out("a.csv"), 2, "itself");
        table.update(|table| table.name = "b.csv".into());
        assert_eq!(worked_out("b.csv"), 3, "the table");
        state
            .tables()
            .update(|tables| tables[0].name = "c.csv".into());
        assert_eq!(worked_out("c.csv"), 4, "all tables");
        state.update(|state| state.tables[0].name = "d.csv".into());
        assert_eq!(worked_out("d.csv"), 5, "all of the state");
    }

    #[test]
    fn all_of_the_state_is_worked_out_again_for_a_field_of_a_table() {
        let state = fresh_state();
        let id = suggested_table(state);
        let (names, _) = counted(move || {
            state.with(|state| {
                let names = state.tables.iter().map(|table| table.name.clone());
                names.collect::<Vec<_>>()
            })
        });
        assert_eq!(names.get_untracked(), ["sms.csv"]);
        state.tables().at_key(id).name().set("a.csv".into());
        assert_eq!(names.get_untracked(), ["a.csv"]);
    }

    #[test]
    fn a_table_that_is_not_there_reads_as_none_and_is_not_written() {
        let state = fresh_state();
        let gone = state.tables().at_key(TableId(99));
        assert!(gone.name().try_read_untracked().is_none());
        gone.name().set("a.csv".into());
        assert!(state.tables().get_untracked().is_empty());
    }
}
