//! The page.
//!
//! [`state`] knows, [`words`] speaks, [`scale`] and [`window`] measure, [`device`] chooses,
//! plain functions, tested natively. Everything below the line draws with Leptos and compiles for
//! the browser only. A screen reads fields of the one store and passes wishes on through
//! `client::Page::act`; nothing else changes the state.
//!
//! # Test ids
//!
//! End-to-end tests find elements by `data-testid`. These are promises:
//!
//! | where | ids |
//! |---|---|
//! | everywhere | `step-data` `step-tune` `step-evaluate` `step-explain` `step-use`, `run-<id>` `forget-<id>`, `table-menu` `table-<id>` `new-table`, `device-badge` `device-panel` `device-reason` `use-cpu` `use-gpu`, `privacy-badge` `privacy-panel` `request` (one a request), `theme-toggle`, `toast` `toast-close`, `worker-down` `worker-retry`, `drop-overlay`, `live` (what a screen reader hears) |
//! | first visit | `drop-zone` `file-input` `paste-toggle` `paste-area` `paste-open`, `sample-<file name without .csv>`, `kept` `kept-table` `kept-open` `kept-forget` |
//! | Data | `preview` (the rows; cells have ids `cell-<row>-<column>`, headings `head-<column>`, from 0), `column-<name>` (heading), `rows-search` `rows-said` `rows-filter` `rows-as-read` `rows-as-prepared`, `whole-cell` `cell-filter`, `cancel-opening`, `column-target` (select), `column-in-<name>` (checkbox), `column-task`, `guess-reason`, `issue` (one an issue; `data-issue` holds its id, `data-severity` its severity), `class-count-<label>`, `part-train` `part-valid` `part-test`, `why-not`, `failure`, `retry`, `to-tune` |
//! | Data, one column | `column-detail` `column-close` `detail-kind`, `bar-filter`, `missing-spellings` |
//! | Data, panels | `fold-reading` `fold-columns` `fold-prepare` `fold-split` `fold-leaks` (they open the panel); `read-format` `read-encoding` `read-delimiter` `read-header` `read-quote` `read-escape` `read-comment` `read-skip` `read-decimal` `read-sample` `read-rows` `read-seed` `read-entry`, `reading-preview` `reading-use` `reading-keep`; `columns-search` `about-<name>` `kind-<name>`; `offer` `do-<place>`, `done-step` `undo-<place>`, `manual-step` `step-kind` `step-column` `step-add`; `split-kind` `split-column` `split-test` `split-valid` `split-seed` `split-together` `test-file` `test-drop`, `label-parts`; `suspect` `fix-<place>` `suspect-keep` |
//! | Tune | `method-head` `method-lora` `method-full` `method-contrastive` `method-tabm` `method-mlp` `method-linear` (radio buttons; those that the columns allow), `encoder` (select) `encoder-about` `encoder-folder` `encoder-files`, `every-setting`, `option-<pointer>` with `/` as `-`, e.g. `option-training-epochs`, `option-error`, `reset-options`, `parameters`, `start`, `pause` `resume` `stop`, `phase` (what it is doing, in words), `progress-epoch` `progress-step` `progress-speed` `progress-left`, `baseline-majority` `baseline-label_names` `baseline-probe`, `chart-loss` `chart-accuracy`, `run-ending`, `failure`, `retry`, `to-evaluate` |
//! | Evaluate | `verdict`, `verdict-detail`, `standing`, `looks`, `metric-<id>` `interval-<id>`, `baseline-<id>` `compared-<id>`, a field of a part `<part>-<knob>` such as `threshold-goal`, what a part says `calibration` `threshold` `abstain` `slices` `fit` `learning`, `turns` (what is to be turned) `turn-<pointer>` (as `option-`), `slice`, `calibration-ece`, `fold-<metric>`, `learning-start`, `class-row-<label>`, `sort-<column>`, `confusion-cell-<true label>-<predicted label>`, `mistake` (one a frequent mistake), `cell-rows` `cell-row`, `cell-more` `cell-close`, `seconds-<phase>`, `save-report` `save-recipe` `save-predictions` `save-figures`, `to-use`; drawn by the worker, see `study.rs` |
//! | Explain | `explain-before` `explain-next`, `explain-text` or `explain-cell-<column>`, `explain-method` `explain-label`, `explained-answer` `explained-text` `shares` `completeness`, `explain-edited` `explain-back`, `ask-<view>` and what it brings: `faithfulness` `counterfactual` `put-change` `neighbours` `importance` `explain-metric` `dependence` `explain-column` `explain-of` `interactions` `telling` `map` `map-region`, `explain-to-use`; drawn by the worker |
//! | Use | `use-text` (the first text column; further ones `use-text-<name>`), `use-<column>` (a field of another kind), `trial` (one an example), `prob-<label>` (`data-value` holds the probability), `use-top`, `use-tokens`, `use-cut`, `tune-again` |

pub mod device;
pub mod scale;
pub mod state;
pub mod window;
pub mod words;

#[cfg(target_family = "wasm")]
mod app;
#[cfg(target_family = "wasm")]
mod browser;
#[cfg(target_family = "wasm")]
mod chart;
#[cfg(target_family = "wasm")]
mod client;
#[cfg(target_family = "wasm")]
mod data;
#[cfg(target_family = "wasm")]
mod form;
#[cfg(target_family = "wasm")]
mod header;
#[cfg(target_family = "wasm")]
mod icon;
#[cfg(target_family = "wasm")]
mod kept;
#[cfg(target_family = "wasm")]
mod lean;
#[cfg(target_family = "wasm")]
mod part;
#[cfg(target_family = "wasm")]
mod rail;
#[cfg(target_family = "wasm")]
mod run_steps;
#[cfg(target_family = "wasm")]
mod study;
#[cfg(target_family = "wasm")]
mod tag;
#[cfg(target_family = "wasm")]
mod try_out;
#[cfg(target_family = "wasm")]
mod tune;
#[cfg(target_family = "wasm")]
mod welcome;

#[cfg(target_family = "wasm")]
pub use app::start;
