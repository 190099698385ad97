//! The page's end of the worker: starts it, speaks to it, replaces it.
//!
//! Messages that are posted before the worker's wasm listens are lost, so commands wait until it
//! says [`Event::Ready`]. A worker that panicked or went silent is terminated and never used
//! again; the next one is told which tables were open.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Array, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, File, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::browser::{drop_fragment, files, gpu, memory, now};
use super::device::{self, Start};
use super::state::{
    self, Action, AppState, AppStateStoreFields, ReadAction, RunStatus, Store, TableRole,
    WorkerView, act, apply, failure,
};
use crate::domain::read::ReadOptions;
use crate::protocol::{
    About, Attachment, Command, DeviceKind, Event, Failure, FailureKind, RequestId, RunAnswer,
    RunId, RunQuestion, TableId, TableSource,
};

/// Where the page says which script starts the CPU worker, and what it is called otherwise. The
/// address is relative to the page, so that the app works below any path.
const CPU_PROGRAM: (&str, &str) = ("burnish:worker", "worker_loader.js");
/// The same for the worker that trains on WebGPU.
const GPU_PROGRAM: (&str, &str) = ("burnish:worker-gpu", "worker-gpu_loader.js");

/// A worker that fails so often within [`CRASH_WINDOW`] is not started again by itself.
const CRASHES_ALLOWED: usize = 3;
/// Seconds.
const CRASH_WINDOW: f64 = 60.0;

/// The page's end of the worker.
#[derive(Clone)]
pub struct Client {
    state: Store<AppState>,
    /// Name of the graphics adapter, as the browser tells it.
    adapter: RwSignal<String>,
    /// Name of the model's file that is shown; empty when none is.
    model: RwSignal<String>,
    /// Whether a link's demo is shown, in place of everything else.
    demo: RwSignal<bool>,
    inner: Rc<RefCell<Inner>>,
}

#[derive(Default)]
struct Inner {
    running: Option<Running>,
    /// Commands for a worker that does not listen yet.
    outbox: VecDeque<Command>,
    /// The files behind tables, to open them again in another worker.
    files: BTreeMap<TableId, File>,
    /// The model's file that is shown.
    model: Option<File>,
    /// When workers failed, in seconds since the page began.
    crashes: Vec<f64>,
    /// The device that was chosen on this page.
    wish: Option<DeviceKind>,
}

struct Running {
    worker: Worker,
    start: Start,
    is_ready: bool,
    /// When it was last heard, in seconds since the page began.
    heard: f64,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

/// What names of models' files end with.
const MODEL_ENDING: &str = ".burnish";

/// Files of an encoder at the most; a model's folder holds a dozen.
const MOST_FILES: u32 = 100;

fn post(running: &Running, command: &Command, files: &Array) {
    let body = command
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .expect("commands are plain data");
    // Plain objects and files can always be cloned to a worker.
    let _ = running.worker.post_message(&Array::of2(&body, files));
}

impl Client {
    /// A client whose worker is on its way.
    pub fn new(state: Store<AppState>) -> Self {
        let client = Self {
            state,
            adapter: RwSignal::new(String::new()),
            model: RwSignal::new(String::new()),
            demo: RwSignal::new(false),
            inner: Rc::default(),
        };
        client.choose_and_start();
        client
    }

    /// Name of the graphics adapter, as the browser tells it.
    pub fn adapter(&self) -> RwSignal<String> {
        self.adapter
    }

    /// Name of the model's file that is shown; empty when none is.
    pub fn model(&self) -> RwSignal<String> {
        self.model
    }

    /// Whether a link's demo is shown, in place of everything else.
    pub fn demo(&self) -> RwSignal<bool> {
        self.demo
    }

    /// Shows the work in place of a demo, whose link is in the address no longer.
    fn leave_demo(&self) {
        if self.demo.get_untracked() {
            drop_fragment();
            self.demo.set(false);
        }
    }

    /// Shows what was open before the model again.
    pub fn close_model(&self) {
        if !self.model.with_untracked(String::is_empty) {
            self.model.set(String::new());
        }
    }

    /// Does what the person wants.
    pub fn act(&self, action: Action) {
        if matches!(
            action,
            Action::Open { .. } | Action::ShowTable(_) | Action::Leave
        ) {
            self.close_model();
        }
        let commands = act(self.state, action);
        self.send_all(commands);
    }

    /// Opens a file: a table, or a model to be shown in place of what is open.
    pub fn open_file(&self, file: File) {
        self.leave_demo();
        let name = file.name();
        if name.to_ascii_lowercase().ends_with(MODEL_ENDING) {
            self.inner.borrow_mut().model = Some(file);
            return self.model.set(name);
        }
        self.close_model();
        let source = TableSource::File {
            attachment: Attachment(0),
        };
        let commands = act(self.state, Action::Open { name, source });
        for command in &commands {
            if let Command::OpenTable { table, .. } = command {
                self.inner.borrow_mut().files.insert(*table, file.clone());
            }
        }
        self.send_all(commands);
    }

    /// Hands an encoder's files on, those that matter.
    pub fn add_encoder(&self, picked: &web_sys::FileList) {
        let (mut paths, files) = (Vec::new(), Array::new());
        for file in (0..picked.length()).filter_map(|at| picked.get(at)) {
            // The browser gives a path where a folder was picked, and else nothing.
            let path = Reflect::get(&file, &"webkitRelativePath".into()).ok();
            let path = path.and_then(|path| path.as_string()).unwrap_or_default();
            let path = if path.is_empty() { file.name() } else { path };
            if path.ends_with(".json") || path.ends_with("model.safetensors") {
                paths.push((path, Attachment(files.length() as u8)));
                files.push(&file);
            }
            if files.length() > MOST_FILES {
                break;
            }
        }
        let command = Command::AddEncoder {
            request: RequestId(0),
            files: paths,
        };
        if let Some(running) = &self.inner.borrow().running {
            post(running, &command, &files);
        }
    }

    /// Opens a file whose rows are the shown table's test.
    pub fn open_test_file(&self, file: File) {
        let source = TableSource::File {
            attachment: Attachment(0),
        };
        let name = file.name();
        let add = ReadAction::AddTest { name, source };
        let commands = act(self.state, Action::Read(add));
        for command in &commands {
            if let Command::OpenTable { table, .. } = command {
                self.inner.borrow_mut().files.insert(*table, file.clone());
            }
        }
        self.send_all(commands);
    }

    /// Opens a file that the page does not show: a model is to predict its rows.
    pub fn open_beside(&self, file: File) {
        let table = TableId::BESIDE;
        let name = file.name();
        self.inner.borrow_mut().files.insert(table, file);
        self.send(Command::OpenTable {
            table,
            name,
            source: TableSource::File {
                attachment: Attachment(0),
            },
            options: ReadOptions::default(),
        });
    }

    /// Starts another worker: as the person chose, or again after it was given up.
    pub fn restart(&self, wish: Option<DeviceKind>) {
        if let Some(kind) = wish {
            memory::remember("device", device::id(kind));
            self.inner.borrow_mut().wish = Some(kind);
        }
        let why = failure(
            FailureKind::Device,
            "The part of this page that trains was started again.",
            "Tables are open as before; runs keep their results, and their models have to be tuned again to be used.",
        );
        let had_work = self.end() && !self.state.runs().read_untracked().is_empty();
        self.inner.borrow_mut().crashes.clear();
        let commands = state::lose(self.state, &why);
        if !had_work {
            self.state
                .toasts()
                .update(|toasts| toasts.retain(|toast| toast.failure != why));
        }
        self.inner.borrow_mut().outbox = commands.into();
        self.choose_and_start();
    }

    fn choose_and_start(&self) {
        let client = self.clone();
        spawn_local(async move {
            let (adapter, name) = gpu::adapter().await;
            client.adapter.set(name);
            let search = window().location().search().unwrap_or_default();
            let chosen = client.inner.borrow().wish;
            let asked = || device::query(&search, "device").and_then(device::find);
            let remembered = || memory::recall("device").and_then(|id| device::find(&id));
            client.start(device::choose(
                chosen.or_else(asked).or_else(remembered),
                adapter,
            ));
        });
    }

    fn start(&self, start: Start) {
        match self.spawn(start) {
            Ok(running) => self.inner.borrow_mut().running = Some(running),
            Err(error) => self.give_up(format!("The browser does not start workers: {error:?}.")),
        }
    }

    fn spawn(&self, start: Start) -> Result<Running, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let address = format!("{}?why={}", program(start.kind), start.why);
        let worker = Worker::new_with_options(&address, &options)?;

        let client = self.clone();
        let on_message = Closure::new(move |event: MessageEvent| client.hear(&event.data()));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));

        let client = self.clone();
        let on_error = Closure::new(move |event: web_sys::Event| {
            event.prevent_default();
            // A script that cannot be fetched fails with a plain event.
            let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message);
            client.crashed(message.as_deref());
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Running {
            worker,
            start,
            is_ready: false,
            heard: now(),
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    fn hear(&self, message: &JsValue) {
        // A file travels beside its event.
        let (body, parts) = match message.dyn_ref::<Array>() {
            Some(message) => (message.get(0), message.get(1).dyn_into::<Array>().ok()),
            None => (message.clone(), None),
        };
        let event: Event = match serde_wasm_bindgen::from_value(body) {
            Ok(event) => event,
            Err(error) => {
                leptos::logging::error!("An event could not be read: {error}");
                let what = "The part of this page that trains says something that this page does not understand.";
                state::toast(
                    self.state,
                    failure(FailureKind::Protocol, what, "Reload the page."),
                );
                return;
            }
        };
        if let Some(running) = &mut self.inner.borrow_mut().running {
            running.heard = now();
        }
        if let Some(parts) = parts
            && let Event::RunAnswered {
                request,
                answer: Ok(RunAnswer::File { name, kind, .. }),
                ..
            } = &event
            && self.state.awaited().read_untracked().contains(request)
        {
            files::save(name, kind, &parts);
        }
        // A device that failed takes its instance along.
        if let Event::Failed {
            about: About::Worker,
            failure,
        } = &event
            && failure.kind == FailureKind::Device
        {
            return self.crashed(Some(&failure.what));
        }
        let is_ready = matches!(event, Event::Ready { .. });
        let commands = apply(self.state, event);
        if is_ready && matches!(*self.state.worker().read_untracked(), WorkerView::Ready(_)) {
            self.flush();
        }
        self.send_all(commands);
    }

    fn flush(&self) {
        let waiting = {
            let mut inner = self.inner.borrow_mut();
            if let Some(running) = &mut inner.running {
                running.is_ready = true;
            }
            std::mem::take(&mut inner.outbox)
        };
        self.send_all(waiting);
    }

    fn send_all(&self, commands: impl IntoIterator<Item = Command>) {
        for command in commands {
            self.send(command);
        }
    }

    fn send(&self, command: Command) {
        let mut inner = self.inner.borrow_mut();
        // A table that is read again comes from the same file.
        if let Command::OpenTable { table, .. } = &command
            && !inner.files.contains_key(table)
        {
            let tables = self.state.tables().read_untracked();
            let role = tables
                .iter()
                .find(|view| view.id == *table)
                .map(|view| view.role);
            if let Some(TableRole::InsteadOf(old)) = role
                && let Some(file) = inner.files.get(&old).cloned()
            {
                inner.files.insert(*table, file);
            }
        }
        if let Command::CloseTable { table } = &command {
            inner.files.remove(table);
        }
        match &inner.running {
            Some(running) if running.is_ready => {
                let files = Array::new();
                if let Command::OpenTable {
                    table,
                    source: TableSource::File { .. },
                    ..
                }
                | Command::Preview {
                    table,
                    source: TableSource::File { .. },
                    ..
                } = &command
                    && let Some(file) = inner.files.get(table)
                {
                    files.push(file);
                }
                if let Command::AskRun {
                    question: RunQuestion::Open { .. },
                    ..
                } = &command
                    && let Some(file) = &inner.model
                {
                    files.push(file);
                }
                post(running, &command, &files);
            }
            _ => inner.outbox.push_back(command.clone()),
        }
        drop(inner);
        if let Command::Stop { run } = command {
            self.watch_stop(run);
        }
    }

    /// Ends a worker that goes silent after a stop.
    fn watch_stop(&self, run: RunId) {
        self.watch_silence(run, now());
    }

    fn watch_silence(&self, run: RunId, asked: f64) {
        let Some(allowed) = self.stopping(run) else {
            return;
        };
        let heard = self
            .inner
            .borrow()
            .running
            .as_ref()
            .map_or(asked, |running| running.heard.max(asked));
        let left = allowed - (now() - heard);
        if left <= 0.0 {
            return self.replace(failure(
                FailureKind::Device,
                "The part of this page that trains did not answer, so it was ended and started again.",
                "Tables are open as before; the run that was stopped is lost.",
            ));
        }
        let client = self.clone();
        // Looks again a moment after the time could be up.
        set_timeout(
            move || client.watch_silence(run, asked),
            Duration::from_secs_f64(left + 0.05),
        );
    }

    /// Seconds of silence that a run which is being stopped may keep.
    fn stopping(&self, run: RunId) -> Option<f64> {
        let runs = self.state.runs().read_untracked();
        let view = runs.iter().find(|view| view.id == run)?;
        (view.status == RunStatus::Stopping).then(|| state::silence_allowed(view))
    }

    fn crashed(&self, message: Option<&str>) {
        let Some((start, was_ready)) = self
            .inner
            .borrow()
            .running
            .as_ref()
            .map(|running| (running.start, running.is_ready))
        else {
            return;
        };
        if message.is_none() && !was_ready {
            self.end();
            return self
                .give_up("The part of this page that trains could not be fetched.".to_owned());
        }
        let message = message.unwrap_or_default();
        let next = device::after_crash(start);
        let what = if next == start {
            "The part of this page that trains has crashed and was started again."
        } else {
            "Training on the graphics processor has crashed; the processor takes over."
        };
        leptos::logging::error!("{what} {message}");
        self.replace(failure(
            FailureKind::Device,
            what,
            "Tables are open as before; runs keep their results, and a run that was under way can be started again.",
        ));
    }

    /// Ends the worker and starts the next one.
    fn replace(&self, why: Failure) {
        let Some(start) = self
            .inner
            .borrow()
            .running
            .as_ref()
            .map(|running| running.start)
        else {
            return;
        };
        self.end();
        let crashes = {
            let mut inner = self.inner.borrow_mut();
            inner.crashes.push(now());
            inner.crashes.retain(|&at| now() - at < CRASH_WINDOW);
            inner.crashes.len()
        };
        if crashes > CRASHES_ALLOWED {
            return self.give_up("The part of this page that trains keeps crashing.".to_owned());
        }
        let commands = state::lose(self.state, &why);
        self.inner.borrow_mut().outbox = commands.into();
        self.start(device::after_crash(start));
    }

    /// Terminates the worker, if there is one.
    fn end(&self) -> bool {
        match self.inner.borrow_mut().running.take() {
            Some(running) => {
                running.worker.set_onmessage(None);
                running.worker.set_onerror(None);
                running.worker.terminate();
                true
            }
            None => false,
        }
    }

    fn give_up(&self, what: String) {
        let fix = "Check the connection and try again; a reload may help too.";
        state::refuse(self.state, failure(FailureKind::Device, what, fix));
    }
}

/// The address of a worker's program, as the page names it.
fn program(kind: DeviceKind) -> String {
    let (name, fallback) = match kind {
        DeviceKind::Cpu => CPU_PROGRAM,
        DeviceKind::WebGpu => GPU_PROGRAM,
    };
    document()
        .query_selector(&format!("meta[name=\"{name}\"]"))
        .ok()
        .flatten()
        .and_then(|meta| meta.get_attribute("content"))
        .filter(|content| !content.is_empty())
        .unwrap_or_else(|| fallback.to_owned())
}

/// What every part of the page needs: the state to show, and somebody to pass wishes to.
#[derive(Clone, Copy)]
pub struct Page {
    /// What the page knows.
    pub state: Store<AppState>,
    client: StoredValue<Client, LocalStorage>,
}

impl Page {
    /// Starts a worker and offers the page to all components below.
    pub fn provide() -> Self {
        let state = Store::new(AppState::default());
        let page = Self {
            state,
            client: StoredValue::new_local(Client::new(state)),
        };
        provide_context(page);
        page
    }

    /// The page that this component is on.
    pub fn here() -> Self {
        expect_context()
    }

    /// Does what the person wants.
    pub fn act(self, action: Action) {
        self.client.with_value(|client| client.act(action));
    }

    /// The client.
    pub fn client(self) -> Client {
        self.client.get_value()
    }
}
