//! Dark or light: as the system says, until the person chooses.

use leptos::prelude::*;

use super::memory::{recall, remember};

/// Dark or light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark.
    Dark,
    /// Light.
    Light,
}

impl Theme {
    fn id(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }

    /// What was chosen before, else what the system says.
    pub fn current() -> Self {
        match recall("theme").as_deref() {
            Some("dark") => Self::Dark,
            Some("light") => Self::Light,
            _ => {
                let query = window()
                    .match_media("(prefers-color-scheme: dark)")
                    .ok()
                    .flatten();
                if query.is_some_and(|query| query.matches()) {
                    Self::Dark
                } else {
                    Self::Light
                }
            }
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
        }
    }

    /// Takes effect, now and in later visits.
    pub fn choose(self) {
        remember("theme", self.id());
        self.show();
    }

    fn show(self) {
        if let Some(root) = document().document_element() {
            // Fails only for names that are no attribute names.
            let _ = root.set_attribute("data-theme", self.id());
        }
    }
}

/// Shows what was chosen in an earlier visit; without a choice the style sheet follows the system.
pub fn restore() {
    if recall("theme").is_some() {
        Theme::current().show();
    }
}
