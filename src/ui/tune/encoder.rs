//! What the next run starts from: the bundled encoder, or one that the person has.

use crate::ui::lean::{live, memo, now};
use leptos::prelude::*;
use reactive_stores::Field;

use crate::ui::client::Page;
use crate::ui::state::{Action, AppStateStoreFields, TableView, TableViewStoreFields, WorkerView};

/// The choice of a base model, and the way to bring one.
pub fn encoder(page: Page, table: Field<TableView>) -> AnyView {
    let chosen = memo(move || {
        let drafts = table.drafts().read();
        drafts
            .first()
            .map(|draft| draft.base_model.clone())
            .unwrap_or_default()
    });
    let known = memo(move || match &*page.state.worker().read() {
        WorkerView::Ready(capabilities) => capabilities.base_models.clone(),
        WorkerView::Starting | WorkerView::Down(_) => Vec::new(),
    });
    let about = move || {
        let known = known.read();
        let model = known.iter().find(|model| model.id == *chosen.read());
        model.map(|model| model.about.clone())
    };
    let pick = move |input: NodeRef<leptos::html::Input>| {
        if let Some(input) = input.get_untracked() {
            if let Some(files) = input.files() {
                page.client().add_encoder(&files);
            }
            // The same folder can be chosen again.
            input.set_value("");
        }
    };
    let (folder, files) = (NodeRef::new(), NodeRef::new());
    view! {
        <section class="encoder" aria-label="Base model">
            <label class="setting-label" for="encoder">"Base model"</label>
            <select
                id="encoder"
                data-testid="encoder"
                on:change=move |event| page.act(Action::ChooseEncoder(event_target_value(&event)))
            >
                {live(move || {
                    known
                        .get()
                        .into_iter()
                        .map(|model| {
                            let is_chosen = model.id == chosen.get();
                            view! { <option value=model.id selected=is_chosen>{model.name}</option> }
                        })
                        .map(IntoAny::into_any)
                        .collect_view()
                })}
            </select>
            <p class="method-about" data-testid="encoder-about">{now(about)}</p>
            <div class="row">
                <label class="button quiet file-button">
                    "Use a model\u{2019}s folder"
                    <input
                        type="file"
                        class="sr-only"
                        data-testid="encoder-folder"
                        attr:webkitdirectory=""
                        node_ref=folder
                        on:change=move |_| pick(folder)
                    />
                </label>
                <label class="button quiet file-button">
                    "or its files"
                    <input
                        type="file"
                        class="sr-only"
                        data-testid="encoder-files"
                        multiple=true
                        accept=".json,.safetensors"
                        node_ref=files
                        on:change=move |_| pick(files)
                    />
                </label>
            </div>
        </section>
    }
    .into_any()
}
