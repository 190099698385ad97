//! Small parts that several screens share.

use leptos::prelude::*;

use super::icon::{self, icon};
pub use crate::domain::hue::palette;
use crate::protocol::Failure;

/// What happened and what to do, in the place where it matters.
#[component]
pub fn Notice(
    /// What to say.
    failure: Failure,
    /// What can be done about it.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="notice" role="alert" data-testid="failure">
            {icon(icon::OCTAGON_X)}
            <div class="notice-text">
                <p class="notice-what">{failure.what}</p>
                <p>{failure.fix}</p>
            </div>
            <div class="notice-actions">{children()}</div>
        </div>
    }
    .into_any()
}

/// The heading of a step, which takes the focus when the step is shown.
pub fn heading(title: impl IntoView + 'static, below: impl IntoView + 'static) -> AnyView {
    view! {
        <header class="step-head">
            <h1 id="step-title" tabindex="-1">{title}</h1>
            <p class="step-below">{below}</p>
        </header>
    }
    .into_any()
}

/// A bar from 0 to `share`, in the colour of a class.
pub fn bar(share: f64, class: String) -> AnyView {
    let width = format!("{:.2}%", share.clamp(0.0, 1.0) * 100.0);
    view! {
        <span class="bar" aria-hidden="true">
            {(share > 0.0).then(|| view! { <span class=format!("bar-fill {class}") style:width=width></span> })}
        </span>
    }
    .into_any()
}
