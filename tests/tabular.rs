//! Learning from tables: slopes, bits, seals and ranges.

mod support;

use burn::tensor::{Tensor, TensorData};
use burnish::domain::features::network::{Combiner, NetworkOptions};
use burnish::domain::features::{
    FeatureOptions, FeaturePlan, FeatureSource, TableExamples, TablePlan,
};
use burnish::domain::recipe::{DataProfile, Recipe};
use burnish::domain::report::Judged;
use burnish::domain::table::{Column, ColumnBuilder, RowId, Table};
use burnish::engine::device::cpu;
use burnish::engine::tabular::fit::groups;
use burnish::engine::tabular::input::TableInput;
use burnish::engine::tabular::net::TableNet;
use burnish::engine::tabular::objective::{Classes, LabelSets, Number, Objective, Ordered};
use burnish::engine::tabular::run::{TableOutcome, tune_table};
use burnish::engine::train::{learning, rng_for};
use burnish::engine::tuning::freeze_others;
use rand::Rng;
use support::{Silent, slopes};

/// Numbers, categories, a yes and no, and gaps; `y` follows from them, with noise, and `kind` says
/// whether it is large.
fn table(rows: usize) -> Table {
    let mut rng = rng_for(7, 0);
    let mut columns = ["size", "age", "colour", "sold", "y", "kind"].map(ColumnBuilder::new);
    for _ in 0..rows {
        let size: f64 = rng.random_range(-2.0..2.0);
        let age: f64 = rng.random_range(0.0..50.0);
        let colour = rng.random_range(0..3_usize);
        let is_sold = rng.random::<bool>();
        let noise: f64 = rng.random_range(-1.0..1.0);
        let y = 3.0 * size.abs() + [0.0, 2.0, 5.0][colour] + f64::from(is_sold) + noise;
        let cells = [
            if rng.random_range(0..20) == 0 {
                String::new()
            } else {
                format!("{size:.4}")
            },
            format!("{age:.1}"),
            ["red", "green", "blue"][colour].to_owned(),
            if is_sold { "yes" } else { "no" }.to_owned(),
            format!("{y:.4}"),
            if y > 5.0 { "large" } else { "small" }.to_owned(),
        ];
        for (column, cell) in columns.iter_mut().zip(&cells) {
            column.push(cell);
        }
    }
    Table::new("t.csv", columns.map(ColumnBuilder::finish).into())
}

fn sources() -> Vec<FeatureSource> {
    ["size", "age", "colour", "sold"]
        .map(|column| FeatureSource {
            column: column.to_owned(),
            kind: None,
        })
        .into()
}

fn recipe(task: &str, target: &str, rows: u32) -> Recipe {
    let nothing = DataProfile {
        rows: 0,
        parts: [0; 3],
        classes: Vec::new(),
        tokens: [0; 4],
    };
    let mut recipe = Recipe::suggest(Vec::new(), target.to_owned(), &nothing);
    recipe.task = task.to_owned();
    let mut plan = TablePlan::suggest(sources(), Combiner::TabM, rows);
    plan.network = NetworkOptions {
        members: 8,
        width: 32,
        folds: 2,
        epochs: 25,
        ..plan.network
    };
    recipe.table = Some(Box::new(plan));
    recipe
}

fn run(table: &Table, recipe: &Recipe) -> TableOutcome {
    let mut examples = TableExamples::read(table, recipe).unwrap();
    let (device, mut watcher) = (cpu(), Silent);
    let tuned = tune_table(&mut examples, recipe, None, &device, &mut watcher);
    let outcome = futures::executor::block_on(tuned).unwrap();
    assert_eq!(examples.split.test.looks(), 1, "the seal was opened once");
    outcome
}

/// What a model says of the first rows of a table.
fn answers(outcome: &TableOutcome, table: &Table) -> Vec<f32> {
    let rows: Vec<RowId> = (0..40).map(RowId).collect();
    let plan = outcome.tuned.plan();
    let input = TableInput::new(&plan.encode(table, &rows), plan, &cpu());
    futures::executor::block_on(outcome.tuned.predict(&input, &mut Silent)).unwrap()
}

#[test]
fn slopes_are_the_measured_ones_for_every_objective() {
    let table = table(30);
    let train: Vec<RowId> = (0..30).map(RowId).collect();
    let options = FeatureOptions {
        bins: 4,
        ..FeatureOptions::default()
    };
    let plan = FeaturePlan::fit(&table, &sources(), &train, &options);
    let input = TableInput::new(&plan.encode(&table, &train), &plan, &cpu());
    let rows = [0, 7, 13, 20, 28];
    let labels: Vec<u32> = (0..30).map(|row| row * 7 % 3).collect();
    let objectives: [(&str, Box<dyn Objective>); 4] = [
        (
            "classes",
            Box::new(Classes {
                truth: labels.clone(),
                weights: vec![1.0, 0.5, 2.0],
                smoothing: 0.1,
            }),
        ),
        (
            "number",
            Box::new(Number {
                truth: (0..30).map(|row| (row as f32).sin()).collect(),
            }),
        ),
        (
            "label sets",
            Box::new(LabelSets {
                truth: (0..90).map(|at| at * 5 % 3 == 0).collect(),
                labels: 3,
                smoothing: 0.1,
            }),
        ),
        (
            "ordered",
            Box::new(Ordered {
                truth: labels,
                classes: 3,
                smoothing: 0.1,
            }),
        ),
    ];
    for (name, objective) in objectives {
        let network = NetworkOptions {
            members: 3,
            blocks: 2,
            width: 6,
            dropout: 0.0,
            ..NetworkOptions::suggest(Combiner::TabM, 30)
        };
        let device = learning(&cpu());
        let outputs = objective.outputs();
        let net = TableNet::draw(
            &plan,
            [0, 0],
            outputs,
            &network,
            &mut rng_for(1, 0),
            &device,
        );
        let groups = groups(&net, &network);
        let net = slopes::filled(freeze_others(net, &groups), rng_for(5, 1));
        let (targets, width) = objective.targets();
        let targets = Tensor::<2>::from_data(TensorData::new(targets, [30, width]), &cpu());
        let loss = |net: &TableNet| {
            let at = Tensor::from_ints(rows.map(|row| row as i32), &cpu());
            let wanted = Tensor::from_inner(targets.clone().select(0, at));
            objective.loss(net.forward(input.batch(&rows).learning()), wanted)
        };
        // Numbers: line, bias, curve. Categories: a table. Two blocks of four, a head of two.
        let compared = slopes::check(&net, loss, 3 + 1 + 2 * 4 + 2, 2e-2);
        println!("{name}: {compared} slopes agree with central differences");
    }
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let table = table(120);
    let recipe = recipe("classify", "kind", 84);
    let (first, second) = (run(&table, &recipe), run(&table, &recipe));
    assert_eq!(first.report.evaluation, second.report.evaluation);
    assert_eq!(first.test_outputs, second.test_outputs);
    assert_eq!(first.scores, second.scores);
    assert_eq!(answers(&first, &table), answers(&second, &table));
    let other = Recipe { seed: 2, ..recipe };
    assert_ne!(
        answers(&run(&table, &other), &table),
        answers(&first, &table)
    );
}

#[test]
fn smoothed_labels_teach_a_network_to_be_less_sure() {
    let table = table(200);
    let sureness = |smoothing| {
        let mut recipe = recipe("classify", "kind", 140);
        recipe.table.as_mut().unwrap().network.label_smoothing = smoothing;
        let outputs = run(&table, &recipe).test_outputs;
        let surest = outputs.chunks_exact(2).map(|row| row[0].max(row[1]));
        surest.sum::<f32>() * 2.0 / outputs.len() as f32
    };
    let (plain, smoothed) = (sureness(0.0), sureness(0.6));
    println!("sure by {plain} on average, with smoothed labels by {smoothed}");
    // Half of 0.6 goes to the wrong one of two labels: nobody is to be surer than 0.7.
    assert!(smoothed < 0.75 && plain > smoothed + 0.1);
}

#[test]
fn sealed_rows_do_not_reach_the_model() {
    let honest = table(120);
    let recipe = recipe("regress", "y", 84);
    let outcome = run(&honest, &recipe);
    let rows = outcome.report.evaluation.rows();
    let mut columns: Vec<Column> = Vec::new();
    for column in honest.columns() {
        let mut copy = ColumnBuilder::new(column.name());
        for (row, cell) in column.cells().enumerate() {
            let is_test = rows.contains(&RowId(row as u32));
            // The target stays: its size decides which part a row belongs to.
            let is_target = column.name() == "y";
            copy.push(if is_test && !is_target {
                "12345.6"
            } else {
                cell
            });
        }
        columns.push(copy.finish());
    }
    let forged = run(&Table::new("t.csv", columns), &recipe);
    assert_eq!(forged.report.evaluation.rows(), rows);
    assert_eq!(forged.scores.valid, outcome.scores.valid);
    assert_ne!(forged.report.evaluation, outcome.report.evaluation);
    assert_eq!(answers(&forged, &honest), answers(&outcome, &honest));
}

#[test]
fn ranks_and_sets_of_labels_are_learned() {
    let numbers = table(400);
    let y: Vec<f64> = numbers
        .column("y")
        .unwrap()
        .cells()
        .map(|cell| cell.parse().unwrap())
        .collect();
    let colour = numbers.column("colour").unwrap();
    let ranks = y
        .iter()
        .map(|y| ((y / 3.0).clamp(0.0, 3.0) as u32).to_string());
    let sets = y.iter().zip(colour.cells()).map(|(y, colour)| {
        let size = if *y > 5.0 { "large" } else { "small" };
        format!("{colour};{size}")
    });
    let mut columns = numbers.columns().to_vec();
    columns.push(Column::of("rank", ranks));
    columns.push(Column::of("set", sets));
    let table = Table::new("t.csv", columns);

    let outcome = run(&table, &recipe("rank", "rank", 280));
    let Judged::Labels(evaluation) = &outcome.report.evaluation else {
        panic!("labels were asked for")
    };
    let mut off = 0;
    for (row, shares) in evaluation
        .rows
        .iter()
        .zip(outcome.test_outputs.chunks_exact(4))
    {
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        off += row.predicted.abs_diff(row.truth);
    }
    let off = f64::from(off) / evaluation.rows.len() as f64;
    assert!(off < 0.4, "{off} ranks on average");
    let told = outcome.report.evaluation.metric("rank_error").unwrap();
    assert!((told - off).abs() < 1e-9);
    floor(&outcome, "accuracy");

    let outcome = run(&table, &recipe("label_sets", "set", 280));
    let Judged::LabelSets(evaluation) = &outcome.report.evaluation else {
        panic!("sets were asked for")
    };
    let headline = &evaluation.metrics[0];
    assert_eq!(headline.id, "label_micro_f1");
    assert!(headline.value > 0.85, "{}", headline.value);
    assert!(headline.value > evaluation.baselines[0].metrics[0].value);
    floor(&outcome, "label_micro_f1");
}

/// What a linear model of the same columns reaches by a metric where more is better: above knowing
/// nothing of a row, below the networks, as it cannot know that small and large sizes both cost more.
fn floor(outcome: &TableOutcome, metric: &str) -> f64 {
    let evaluation = &outcome.report.evaluation;
    let figures = match evaluation {
        Judged::Labels(found) => &found.baselines,
        Judged::LabelSets(found) => &found.baselines,
        Judged::Numbers(found) => &found.baselines,
    };
    let ids: Vec<&str> = figures.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids[1..], ["linear"]);
    let [nothing, linear] = [0, 1].map(|at| figures[at].figure(metric).unwrap());
    let own = evaluation.metric(metric).unwrap();
    assert!(
        nothing < linear && linear < own,
        "{nothing}, {linear}, {own}"
    );
    let said = &outcome.scores.baselines[1];
    assert_eq!(said.id, "linear");
    assert_eq!(said.outputs.len(), outcome.scores.test.outputs.len());
    linear
}

#[test]
fn labels_and_numbers_are_learned_and_ranges_hold() {
    let table = table(700);
    let outcome = run(&table, &recipe("regress", "y", 490));
    let Judged::Numbers(evaluation) = &outcome.report.evaluation else {
        panic!("numbers were asked for")
    };
    let metric = |id| outcome.report.evaluation.metric(id).unwrap();
    // The noise alone leaves 1/3 of a variance of about 7.
    assert!(metric("r2") > 0.85, "{}", metric("r2"));
    assert!(metric("rmse") < evaluation.baselines[0].metrics[0].value);
    // Colour and sold are some 60 % of the variance, and a straight line through |size| is flat.
    let linear = floor(&outcome, "r2");
    assert!((0.45..0.7).contains(&linear), "{linear}");
    let held = evaluation.ranges.unwrap().held;
    assert!((0.84..=0.97).contains(&held), "{held}");

    let outcome = run(&table, &recipe("classify", "kind", 490));
    let accuracy = outcome.report.evaluation.metrics()[0].value;
    assert!(accuracy > 0.85, "{accuracy}");
    floor(&outcome, "accuracy");
}
