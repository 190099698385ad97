//! What the worker keeps between messages, and how it answers each.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::Device;

use super::ask::LastLook;
use super::assets::{AssetError, Assets, Requested};
use super::clock;
use super::earlier::EarlierRun;
use super::keeper::{Keeper, RunKey, fingerprint};
use super::open::{Beside, Opening, Reading};
use super::port::{Message, Sender};
use super::run::{Made, Model, Run};
use super::serve::Disk;
use super::study::demo::OpenDemo;
use super::watcher::{RunWatcher, Wishes};
use crate::domain::base_model::BaseModel;
use crate::domain::encoder::OwnEncoder;
use crate::domain::examples::Examples;
use crate::domain::issue::Issue;
use crate::domain::recipe::{Method, Recipe};
use crate::domain::report::Phase;
use crate::domain::suggest;
use crate::domain::table::{RowId, Table};
use crate::domain::text::{Tokenizer, bucketed};
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::run::{Base, tune_from};
use crate::engine::self_check::compare;
use crate::protocol::{
    About, Command, DeviceCheck, Event, Failure, FailureKind, RequestId, RunEvent, RunId, TableId,
};
use crate::view::share::Loss;

/// Texts that are embedded at once on the page's request: few, as they may be long, and the page
/// waits.
const EMBED_BATCH: usize = 8;

/// Seconds between two reports of bytes.
pub(super) const BYTES_INTERVAL: f64 = 0.1;

/// What the worker keeps between messages.
pub(super) struct Session {
    pub(super) sender: Sender,
    pub(super) device: Device,
    pub(super) assets: Assets,
    pub(super) tables: RefCell<BTreeMap<TableId, Rc<Table>>>,
    pub(super) readings: RefCell<BTreeMap<TableId, Reading>>,
    pub(super) openings: RefCell<BTreeMap<TableId, Opening>>,
    /// The file whose rows a model is to predict.
    pub(super) beside: RefCell<Option<Beside>>,
    bases: RefCell<BTreeMap<&'static str, Rc<Base>>>,
    /// Encoders that a person brought, by what recipes call them.
    pub(super) own_bases: RefCell<BTreeMap<String, Rc<Base>>>,
    /// Those of which the disk did not take the files, with them, one after the other.
    pub(super) unkept_encoders: RefCell<BTreeMap<String, (OwnEncoder, Vec<u8>)>>,
    tokenizers: RefCell<BTreeMap<&'static str, Rc<Tokenizer>>>,
    pub(super) features: RefCell<BTreeMap<String, FeatureStore>>,
    pub(super) runs: RefCell<BTreeMap<RunId, Rc<Run>>>,
    wishes: RefCell<BTreeMap<RunId, Rc<Wishes>>>,
    /// Questions about runs that are being answered, and whether the answer is no longer wanted.
    pub(super) asking: RefCell<BTreeMap<RequestId, bool>>,
    /// What packing a run into a link costs, by its packing: measuring takes a while.
    pub(super) losses: RefCell<BTreeMap<(RunId, usize), Loss>>,
    /// The demo that was opened by a link.
    pub(super) demo: RefCell<Option<Rc<OpenDemo>>>,
    pub(super) is_training: Cell<bool>,
    pub(super) keeper: Rc<Keeper>,
    pub(super) last_look: RefCell<LastLook>,
}

impl Session {
    pub(super) fn new(sender: Sender, device: Device, assets: Assets, disk: Disk) -> Self {
        Self {
            sender,
            device,
            assets,
            tables: RefCell::default(),
            readings: RefCell::default(),
            openings: RefCell::default(),
            beside: RefCell::default(),
            bases: RefCell::default(),
            own_bases: RefCell::default(),
            unkept_encoders: RefCell::default(),
            tokenizers: RefCell::default(),
            features: RefCell::default(),
            runs: RefCell::default(),
            wishes: RefCell::default(),
            asking: RefCell::default(),
            losses: RefCell::default(),
            demo: RefCell::default(),
            is_training: Cell::new(false),
            keeper: Rc::new(Keeper::new(disk.files, disk.interval)),
            last_look: RefCell::default(),
        }
    }

    /// Where tensors are.
    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    /// Takes in what needs no answer of its own. False when [`Session::answer`] has to.
    pub(super) fn hear(&self, command: &Command) -> bool {
        let with_wishes = |run: &RunId, act: &dyn Fn(&Wishes)| {
            if let Some(wishes) = self.wishes.borrow().get(run) {
                act(wishes);
            }
        };
        match command {
            Command::Pause { run } => with_wishes(run, &|wishes| wishes.pause(true)),
            Command::Resume { run } => with_wishes(run, &|wishes| wishes.pause(false)),
            Command::Stop { run } => with_wishes(run, &Wishes::stop),
            Command::CloseTable { table } => {
                self.cancel_opening(*table);
                self.tables.borrow_mut().remove(table);
                self.readings.borrow_mut().remove(table);
                // What is remembered of it would keep the table in memory.
                self.last_look.take();
            }
            Command::CancelOpening { table } => self.cancel_opening(*table),
            Command::Cancel { request } => {
                if let Some(is_cancelled) = self.asking.borrow_mut().get_mut(request) {
                    *is_cancelled = true;
                }
            }
            Command::ForgetRun { run } => {
                with_wishes(run, &Wishes::stop);
                self.runs.borrow_mut().remove(run);
            }
            Command::OpenTable { .. }
            | Command::Preview { .. }
            | Command::AppendTest { .. }
            | Command::Ask { .. }
            | Command::ReadRows { .. }
            | Command::Suggest { .. }
            | Command::Train { .. }
            | Command::AskRun { .. }
            | Command::Embed { .. }
            | Command::AddEncoder { .. }
            | Command::Recall
            | Command::Restore { .. }
            | Command::ForgetKept { .. }
            | Command::CheckDevice { .. } => return false,
        }
        true
    }

    /// Answers a message. `opening` is what [`Session::expect`] gave for it.
    pub(super) async fn answer(self: Rc<Self>, message: Message, opening: Opening) {
        let Message { command, attached } = message;
        self.tell_requests();
        match command {
            Command::OpenTable {
                table,
                name,
                source,
                options,
            } => {
                self.open(table, name, source, options, &attached, &opening)
                    .await;
            }
            Command::Preview {
                table,
                request,
                name,
                source,
                options,
            } => {
                let previewed = self
                    .preview(request, name, source, options, &attached)
                    .await;
                self.report(About::Table(table), previewed);
            }
            Command::AppendTest { table, from } => {
                let appended = self.append_test(table, from).await;
                self.report(About::Table(table), appended);
            }
            Command::Ask {
                table,
                request,
                question,
            } => self.ask(table, request, question).await,
            Command::ReadRows {
                table,
                request,
                rows,
            } => {
                let read = self.read_rows(table, request, &rows);
                self.report(About::Table(table), read);
            }
            Command::Suggest {
                table,
                text,
                columns,
                target,
                decided,
                task,
            } => {
                let decided = decided.or_else(|| task.map(suggest::of_task));
                let draft = suggest::draft(text, columns, target, decided.as_deref());
                let suggested = self.suggest(table, &draft).await;
                self.report(About::Table(table), suggested);
            }
            Command::Train { run, table, recipe } => {
                let trained = self.train(run, table, &recipe).await;
                self.report(About::Run(run), trained);
            }
            Command::AskRun {
                run,
                request,
                question,
            } => {
                self.ask_run(run, request, question, &attached).await;
                self.tell_requests();
            }
            Command::Embed {
                request,
                base_model,
                texts,
                max_tokens,
            } => {
                let embedded = self.embed(request, &base_model, &texts, max_tokens).await;
                self.report(About::Worker, embedded);
            }
            Command::AddEncoder { request, files } => {
                self.add_encoder(request, &files, &attached).await;
            }
            Command::Recall => {
                self.tell_encoders().await;
                self.tell_kept().await;
            }
            Command::ForgetKept { kept } => {
                self.keeper.forget(kept.as_deref()).await;
                self.tell_kept().await;
            }
            Command::Restore { kept, table, runs } => {
                let restored = self.restore(kept, table, runs).await;
                self.report(About::Worker, restored);
            }
            Command::CheckDevice { request, steps } => {
                let checked = self.check_device(request, steps).await;
                self.report(About::Worker, checked);
            }
            Command::Pause { .. }
            | Command::Resume { .. }
            | Command::Stop { .. }
            | Command::CloseTable { .. }
            | Command::CancelOpening { .. }
            | Command::Cancel { .. }
            | Command::ForgetRun { .. } => {}
        }
    }

    /// Tells the page what this worker has asked the network for.
    fn tell_requests(&self) {
        for Requested {
            url,
            received,
            body,
        } in self.assets.requests()
        {
            self.sender.send(&Event::Fetched {
                url,
                received,
                body,
            });
        }
    }

    pub(super) fn report(&self, about: About, done: Result<(), Failure>) {
        self.tell_requests();
        if let Err(failure) = done {
            self.sender.send(&Event::Failed { about, failure });
        }
    }

    pub(super) fn table(&self, id: TableId) -> Result<Rc<Table>, Failure> {
        self.tables
            .borrow()
            .get(&id)
            .cloned()
            .ok_or_else(|| Failure {
                kind: FailureKind::Protocol,
                what: "This table is no longer open.".to_owned(),
                fix: "Open the file again.".to_owned(),
            })
    }

    fn read_rows(&self, table: TableId, request: RequestId, rows: &[RowId]) -> Result<(), Failure> {
        let data = self.table(table)?;
        let rows = rows
            .iter()
            .filter(|row| row.index() < data.rows())
            .map(|&row| (row, data.row(row)))
            .collect();
        self.sender.send(&Event::Rows {
            table,
            request,
            rows,
        });
        Ok(())
    }

    pub(super) async fn tokenizer(
        &self,
        model: &'static BaseModel,
    ) -> Result<Rc<Tokenizer>, Failure> {
        if let Some(tokenizer) = self.tokenizers.borrow().get(model.id) {
            return Ok(Rc::clone(tokenizer));
        }
        let bytes = self
            .assets
            .model_file(model.id, &model.tokenizer, |_, _| {})
            .await
            .map_err(|error| asset_failure(&error))?;
        let tokenizer =
            Rc::new(Tokenizer::from_bytes(&bytes).map_err(|error| engine_failure(&error.into()))?);
        self.tokenizers
            .borrow_mut()
            .insert(model.id, Rc::clone(&tokenizer));
        Ok(tokenizer)
    }

    /// A base model, fetched, checked and built; kept for all later runs.
    pub(super) async fn base(
        &self,
        model: &'static BaseModel,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Rc<Base>, Failure> {
        if let Some(base) = self.bases.borrow().get(model.id) {
            return Ok(Rc::clone(base));
        }
        let tokenizer = self.tokenizer(model).await?;
        let mut last = f64::NEG_INFINITY;
        let coalesced = |received, total| {
            if clock::now() - last >= BYTES_INTERVAL || received == total {
                last = clock::now();
                progress(received, total);
            }
        };
        let weights = self
            .assets
            .model_file(model.id, &model.weights, coalesced)
            .await
            .map_err(|error| asset_failure(&error))?;
        self.tell_requests();
        clock::yield_now().await;
        let base = Base::load(model.config(), &weights, (*tokenizer).clone(), &self.device)
            .map_err(|error| engine_failure(&error))?;
        let base = Rc::new(base);
        self.bases.borrow_mut().insert(model.id, Rc::clone(&base));
        Ok(base)
    }

    async fn train(&self, run: RunId, table: TableId, recipe: &Recipe) -> Result<(), Failure> {
        let data = self.table(table)?;
        if self.is_training.replace(true) {
            return Err(Failure {
                kind: FailureKind::Protocol,
                what: "Another run is under way.".to_owned(),
                fix: "Wait for it, or stop it first.".to_owned(),
            });
        }
        let wishes = Rc::<Wishes>::default();
        self.wishes.borrow_mut().insert(run, Rc::clone(&wishes));
        let watcher = RunWatcher::new(run, wishes, self.sender.clone());
        let trained = self.train_alone(run, table, &data, recipe, watcher).await;
        self.wishes.borrow_mut().remove(&run);
        self.is_training.set(false);
        trained
    }

    async fn train_alone(
        &self,
        run: RunId,
        table: TableId,
        data: &Rc<Table>,
        recipe: &Recipe,
        mut watcher: RunWatcher,
    ) -> Result<(), Failure> {
        let input = |issues: Vec<Issue>| engine_failure(&EngineError::Input(issues));
        let blocking = recipe.check();
        if !blocking.is_empty() {
            return Err(input(blocking));
        }
        if recipe.table.is_some() {
            return self.train_table(run, table, data, recipe, watcher).await;
        }
        let mut examples = Examples::read(data, recipe).map_err(input)?;
        let began = clock::now();
        let base = self
            .base_by_id(&recipe.base_model, |received, total| {
                watcher.tell(RunEvent::Phase {
                    phase: Phase::Load { received, total },
                });
            })
            .await?;
        let load = clock::now() - began;

        let mut earlier = match &recipe.start {
            Some(start) => Some(self.earlier(start, recipe, Some(&base)).await?),
            None => None,
        };

        // Taken out while the run has it: a prediction may come in between.
        let mut features = self
            .features
            .borrow_mut()
            .remove(&recipe.base_model)
            .unwrap_or_default();
        let classes = examples.labels.len() as u32;
        let key = RunKey::new(&fingerprint(data), recipe);
        let store = Some(&mut features);
        self.begin_keeping(&key, table, data, recipe, classes, store, &mut watcher)
            .await;
        let earlier = earlier.as_mut().map(EarlierRun::as_earlier);
        let outcome = tune_from(
            &base,
            earlier,
            &mut examples,
            recipe,
            &mut features,
            &mut watcher,
        )
        .await;
        self.features
            .borrow_mut()
            .insert(recipe.base_model.clone(), features);
        let made = outcome.map(|outcome| Made {
            model: Model::Text(outcome.tuned),
            base: Some(base),
            fitted: examples.fitted,
            report: outcome.report,
            scores: outcome.scores,
        });
        self.finish_run(run, key, (table, data), recipe, (load, made), watcher)
            .await
    }
}

impl Session {
    /// Vectors of texts that were read before, for whoever reads more. A run or another question may
    /// have them: then there are none.
    pub(super) fn take_features(&self, base_model: &str) -> FeatureStore {
        let mut features = self.features.borrow_mut();
        features.remove(base_model).unwrap_or_default()
    }

    /// Gives them back. Another question may have read some meanwhile.
    pub(super) fn return_features(&self, base_model: &str, store: FeatureStore) {
        let mut features = self.features.borrow_mut();
        features
            .entry(base_model.to_owned())
            .or_default()
            .join(store);
    }

    async fn embed(
        &self,
        request: RequestId,
        base_model: &str,
        texts: &[String],
        max_tokens: u32,
    ) -> Result<(), Failure> {
        let base = self.base_by_id(base_model, |_, _| {}).await?;
        let ids: Vec<Vec<u32>> = texts
            .iter()
            .map(|text| base.tokenizer().encode(text, max_tokens as usize).ids)
            .collect();
        let lengths: Vec<u32> = ids.iter().map(|ids| ids.len() as u32).collect();
        let mut vectors = vec![Vec::new(); texts.len()];
        for batch in bucketed(&lengths, EMBED_BATCH, None) {
            let chosen: Vec<&[u32]> = batch.iter().map(|&at| ids[at].as_slice()).collect();
            let features = base
                .embed(&chosen)
                .await
                .map_err(|error| engine_failure(&error))?;
            let length = (features.hidden as f32).sqrt();
            for (&at, row) in batch
                .iter()
                .zip(features.values.chunks_exact(features.hidden))
            {
                vectors[at] = row.iter().map(|x| x / length).collect();
            }
            clock::yield_now().await;
        }
        self.sender.send(&Event::Embedded { request, vectors });
        Ok(())
    }

    async fn check_device(&self, request: RequestId, steps: u32) -> Result<(), Failure> {
        let mut checks = Vec::new();
        for method in Method::ALL {
            let (here, difference) = compare(method, steps, &self.device)
                .await
                .map_err(|error| engine_failure(&error))?;
            let difference = difference.is_finite().then_some(difference);
            checks.push(DeviceCheck {
                method,
                losses: here.losses,
                difference,
            });
        }
        self.sender.send(&Event::DeviceChecked { request, checks });
        Ok(())
    }
}

pub(super) fn asset_failure(error: &AssetError) -> Failure {
    let fix = match error {
        AssetError::Unreachable { .. } => {
            "Connect to the network and try again; once fetched, it stays in this browser."
        }
        AssetError::Refused { .. } => {
            "Whoever hosts this page has to put the file there: see the README."
        }
        AssetError::TooLarge { .. } => "Ask for a smaller file.",
        AssetError::WrongHash { .. } => {
            "Reload the page and try again; if it happens again, the host serves another file than this app was made with."
        }
    };
    let what = error.to_string();
    Failure {
        kind: FailureKind::Model,
        what: format!("{}.", capitalized(&what)),
        fix: fix.to_owned(),
    }
}

pub(super) fn engine_failure(error: &EngineError) -> Failure {
    let (kind, fix) = match error {
        EngineError::Input(issues) => {
            let fix = issues
                .first()
                .map_or("Change the data or the settings.", |issue| &issue.fix);
            return Failure {
                kind: FailureKind::Input,
                what: error.to_string(),
                fix: fix.to_owned(),
            };
        }
        EngineError::Evaluation(_) => (FailureKind::Input, "Use more rows, or other columns."),
        EngineError::NothingToExplain => (
            FailureKind::Input,
            "Type at least one word, or fill in a cell.",
        ),
        EngineError::Diverged { .. } | EngineError::Scores(_) => (
            FailureKind::Input,
            "Choose a lower learning rate, or switch gradient clipping on.",
        ),
        EngineError::Weights(_) | EngineError::Tokenizer(_) => {
            (FailureKind::Model, "Reload the page and try again.")
        }
        EngineError::Misfit(misfit) => (FailureKind::Input, misfit.fix()),
        EngineError::Stopped => (FailureKind::Protocol, "Start it again."),
        EngineError::Device(_) | EngineError::NoDevice(_) => (
            FailureKind::Device,
            "Try again; if it happens again, choose the CPU.",
        ),
    };
    Failure {
        kind,
        what: format!("{}.", capitalized(&error.to_string())),
        fix: fix.to_owned(),
    }
}

fn capitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
