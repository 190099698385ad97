//! What the next run starts from: the bundled encoder, or one that the person has.

use crate::ui::lean::{live, memo};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::ui::client::Page;
use crate::ui::state::{
    Action, AppStateStoreFields, Field, TableView, TableViewStoreFields, WorkerView,
};
use crate::ui::tag::{block, select, tag, words};

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
        let id = chosen.get();
        let known = known.get();
        let model = known.into_iter().find(|model| model.id == id);
        model.map(|model| model.about).unwrap_or_default()
    };
    let choice = live(move || {
        let known = known.get().into_iter();
        select(
            "encoder",
            "Base model",
            known.map(|model| (model.id, model.name)).collect(),
            move || chosen.get(),
            move |id| page.act(Action::ChooseEncoder(id)),
        )
    });
    let folder = "Use a model\u{2019}s folder";
    tag("section", "encoder")
        .attr("aria-label", "Base model")
        .attr_now("hidden", move || {
            table.text().read().is_empty().then(String::new)
        })
        .child(words("setting-label", "Base model"))
        .child(choice)
        .child(
            tag("p", "method-about")
                .id("encoder-about")
                .text_now(about)
                .view(),
        )
        .child(
            block("row")
                .child(picker(page, "encoder-folder", folder, "webkitdirectory"))
                .child(picker(page, "encoder-files", "or its files", "multiple"))
                .view(),
        )
        .view()
}

/// A way to choose files, several at once by this attribute.
fn picker(page: Page, id: &'static str, text: &'static str, several: &'static str) -> AnyView {
    let pick = move |event: web_sys::Event| {
        let target = event.target();
        let Some(input) = target.and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        else {
            return;
        };
        if let Some(files) = input.files() {
            page.client().add_encoder(&files);
        }
        // The same folder can be chosen again.
        input.set_value("");
    };
    tag("label", "button button-small file-button")
        .text(text)
        .child(
            tag("input", "sr-only")
                .id(id)
                .attr("type", "file")
                .attr(several, "")
                .on("change", pick)
                .view(),
        )
        .view()
}
