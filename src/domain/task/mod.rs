//! What a model is asked to do: one file a task, listed in [`ALL`].

/// A task.
pub trait Task: Sync {
    /// Stable id, as in recipes.
    fn id(&self) -> &'static str;
}

/// Every task. The first one is the default.
pub const ALL: &[&dyn Task] = &[];

/// A task by its id.
pub fn find(id: &str) -> Option<&'static dyn Task> {
    ALL.iter().copied().find(|task| task.id() == id)
}
