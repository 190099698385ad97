//! What a model loses when a column no longer tells it anything: permutation importance.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::EvaluationError;
use super::bootstrap::{Bootstrap, Resampled, interval};
use crate::domain::metric::{Classes, LabelSets, Metric, Numbers, Scored, ScoresError};

/// What a model answers, for rows that are judged.
#[derive(Debug, Clone, PartialEq)]
pub enum Predictions {
    /// Probabilities, row-major, shape `[rows, labels]`.
    Probabilities(Vec<f32>),
    /// Numbers, shape `[rows]`.
    Numbers(Vec<f64>),
}

impl Predictions {
    /// The same rows with these answers.
    ///
    /// # Errors
    /// When they do not fit the rows, or one is no number to judge by.
    ///
    /// # Panics
    /// When numbers stand for labels, or the other way round.
    pub fn judged<'a>(&'a self, rows: &Scored<'a>) -> Result<Scored<'a>, ScoresError> {
        Ok(match (rows, self) {
            (Scored::Classes(rows), Self::Probabilities(answers)) => {
                let scores = Classes::new(rows.classes(), rows.truth(), answers)?;
                match rows.weights() {
                    Some(weights) => scores.weighted(weights)?.into(),
                    None => scores.into(),
                }
            }
            (Scored::LabelSets(rows), Self::Probabilities(answers)) => {
                let scores = LabelSets::new(rows.labels(), rows.truth(), answers)?;
                let scores = scores.at(rows.threshold());
                match rows.weights() {
                    Some(weights) => scores.weighted(weights)?.into(),
                    None => scores.into(),
                }
            }
            (Scored::Numbers(rows), Self::Numbers(answers)) => {
                let scores = Numbers::new(rows.truth(), answers)?;
                match rows.weights() {
                    Some(weights) => scores.weighted(weights)?.into(),
                    None => scores.into(),
                }
            }
            _ => panic!("the answers are not of the kind of the truth"),
        })
    }
}

/// What a column is worth to a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnImportance {
    /// Name of the column.
    pub column: String,
    /// How much worse the figure is without it, in the metric's unit: the mean over the shuffles.
    pub loss: f64,
    /// 95 % interval of that, by resampling rows. It holds 0 for a column that is worth nothing.
    pub interval: Option<[f64; 2]>,
}

/// The orders in which a column's cells are shuffled over the rows: `order[row]` is the row whose
/// cell it gets. Each column and repeat has its own.
pub fn shuffles(rows: usize, column: usize, repeats: u32, seed: u64) -> Vec<Vec<u32>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(column as u64);
    (0..repeats)
        .map(|_| {
            let mut order: Vec<u32> = (0..rows as u32).collect();
            order.shuffle(&mut rng);
            order
        })
        .collect()
}

/// The worth of a column, from the answers with its cells shuffled: one entry a shuffle.
///
/// Source: Breiman 2001, "Random forests", section 10; for any model Fisher, Rudin and Dominici 2019,
/// "All models are wrong, but many are useful", section 3. Of columns that tell the same each looks
/// worth little.
///
/// # Errors
/// When there are no shuffles, answers do not fit the rows, or the metric has no value on them.
pub fn column_importance(
    column: &str,
    metric: &dyn Metric,
    model: &Scored,
    shuffled: &[Predictions],
    plan: &Bootstrap,
) -> Result<ColumnImportance, EvaluationError> {
    EvaluationError::check_least("shuffles", shuffled.len(), 1)?;
    let judged: Vec<Scored> = shuffled
        .iter()
        .map(|answers| answers.judged(model))
        .collect::<Result<_, _>>()?;
    let sign = if metric.is_higher_better() { 1.0 } else { -1.0 };
    let count = judged.len() as f64;
    let mut loss = 0.0;
    for answers in &judged {
        loss += sign * (metric.of(model)? - metric.of(answers)?) / count;
    }
    let mut ours = Resampled::new(&[metric], model);
    let theirs = judged
        .iter()
        .map(|answers| Resampled::new(&[metric], answers));
    let mut theirs: Vec<Resampled> = theirs.collect();
    let interval = interval(model.len(), loss, plan, |rows| {
        let whole = ours.figures(rows)[0]?;
        let mut sum = 0.0;
        for answers in &mut theirs {
            sum += sign * (whole - answers.figures(rows)[0]?);
        }
        Some(sum / count)
    });
    Ok(ColumnImportance {
        column: column.to_owned(),
        loss,
        interval,
    })
}

/// The worth of every column, in their order; `predict` answers for all rows with the cells of a
/// column, by its index, in another order.
///
/// # Errors
/// As [`column_importance`], and those of `predict`.
pub fn permutation_importance<E: From<EvaluationError>>(
    columns: &[&str],
    metric: &dyn Metric,
    model: &Scored,
    repeats: u32,
    plan: &Bootstrap,
    mut predict: impl FnMut(usize, &[u32]) -> Result<Predictions, E>,
) -> Result<Vec<ColumnImportance>, E> {
    let mut found = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let shuffled: Vec<Predictions> = shuffles(model.len(), at, repeats, plan.seed)
            .iter()
            .map(|order| predict(at, order))
            .collect::<Result<_, E>>()?;
        found.push(column_importance(column, metric, model, &shuffled, plan)?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;
    use crate::domain::metric::{Accuracy, Rmse};

    /// Rows of five columns, of which the first tells most of the target and the second some.
    fn table(rows: usize) -> (Vec<[f64; 5]>, Vec<f64>) {
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let table: Vec<[f64; 5]> = (0..rows)
            .map(|_| std::array::from_fn(|_| rng.random_range(-1.0..1.0)))
            .collect();
        let noise = (0..rows).map(|_| rng.random_range(-0.3..0.3));
        let truth = table.iter().zip(noise);
        let truth = truth.map(|(row, noise)| 2.0 * row[0] + 0.5 * row[1] + noise);
        (table.clone(), truth.collect())
    }

    /// A model that gives a little weight to columns that tell nothing, as trained ones do.
    fn predicted(row: &[f64; 5]) -> f64 {
        2.0 * row[0] + 0.5 * row[1] + 0.02 * row[2] - 0.02 * row[3]
    }

    fn with_shuffled(table: &[[f64; 5]], column: usize, order: &[u32]) -> Vec<[f64; 5]> {
        let mut shuffled = table.to_vec();
        for (row, &from) in shuffled.iter_mut().zip(order) {
            row[column] = table[from as usize][column];
        }
        shuffled
    }

    #[test]
    fn planted_columns_are_found_and_noise_is_worth_nothing() {
        let (table, truth) = table(300);
        let names = ["planted", "weak", "noise a", "noise b", "unused"];
        let answers: Vec<f64> = table.iter().map(predicted).collect();
        let model = Scored::from(Numbers::new(&truth, &answers).unwrap());
        let plan = Bootstrap {
            draws: 300,
            seed: 1,
        };
        let found = permutation_importance(&names, &Rmse, &model, 5, &plan, |column, order| {
            let rows = with_shuffled(&table, column, order);
            let answers = rows.iter().map(predicted).collect();
            Ok::<_, EvaluationError>(Predictions::Numbers(answers))
        })
        .unwrap();
        let intervals: Vec<[f64; 2]> = found.iter().map(|one| one.interval.unwrap()).collect();
        assert!(found[0].loss > found[1].loss && found[1].loss > 0.05);
        assert!(intervals[0][0] > 0.5 && intervals[1][0] > 0.0, "{found:?}");
        for (noise, [low, high]) in found[2..].iter().zip(&intervals[2..]) {
            assert!(*low <= 0.0 && 0.0 <= *high, "{noise:?}");
        }
        assert_eq!(intervals[4], [0.0, 0.0]);
    }

    #[test]
    fn intervals_of_noise_hold_zero_as_often_as_they_say() {
        const WORLDS: u64 = 400;
        const ROWS: usize = 150;
        let mut held = 0;
        for world in 0..WORLDS {
            let mut rng = ChaCha8Rng::seed_from_u64(world);
            let mut draw = |spread: f64| -> Vec<f64> {
                (0..ROWS)
                    .map(|_| rng.random_range(-spread..spread))
                    .collect()
            };
            let (told, noise, error) = (draw(1.0), draw(1.0), draw(0.5));
            let truth: Vec<f64> = told.iter().zip(&error).map(|(x, e)| 2.0 * x + e).collect();
            // It learned the noise of its training rows by heart.
            let answers_with = |noise: &dyn Fn(usize) -> f64| -> Vec<f64> {
                let rows = told.iter().enumerate();
                rows.map(|(row, x)| 2.0 * x + 0.2 * noise(row)).collect()
            };
            let answers = answers_with(&|row| noise[row]);
            let model = Scored::from(Numbers::new(&truth, &answers).unwrap());
            let shuffled: Vec<Predictions> = shuffles(ROWS, 1, 3, world)
                .iter()
                .map(|order| Predictions::Numbers(answers_with(&|row| noise[order[row] as usize])))
                .collect();
            let plan = Bootstrap {
                draws: 200,
                seed: world,
            };
            let found = column_importance("noise", &Rmse, &model, &shuffled, &plan).unwrap();
            let [low, high] = found.interval.unwrap();
            held += u32::from(low <= 0.0 && 0.0 <= high);
        }
        let share = f64::from(held) / WORLDS as f64;
        println!("{:.1} % of {WORLDS} intervals hold 0", 100.0 * share);
        assert!((0.92..=0.98).contains(&share), "{share}");
    }

    #[test]
    fn labels_are_judged_as_well() {
        let (table, truth) = table(200);
        let truth: Vec<u32> = truth.iter().map(|&value| u32::from(value > 0.0)).collect();
        let answer = |row: &[f64; 5]| {
            let second = (0.5 + 0.2 * predicted(row)) as f32;
            [1.0 - second.clamp(0.0, 1.0), second.clamp(0.0, 1.0)]
        };
        let answers: Vec<f32> = table.iter().flat_map(answer).collect();
        let model = Scored::from(Classes::new(2, &truth, &answers).unwrap());
        let shuffled: Vec<Predictions> = shuffles(200, 0, 3, 4)
            .iter()
            .map(|order| {
                let rows = with_shuffled(&table, 0, order);
                Predictions::Probabilities(rows.iter().flat_map(answer).collect())
            })
            .collect();
        let plan = Bootstrap {
            draws: 200,
            seed: 1,
        };
        let found = column_importance("planted", &Accuracy, &model, &shuffled, &plan).unwrap();
        assert!(
            found.loss > 0.3 && found.interval.unwrap()[0] > 0.2,
            "{found:?}"
        );
        let none = column_importance("planted", &Accuracy, &model, &[], &plan);
        assert!(none.is_err());
        let few = [Predictions::Probabilities(vec![0.5])];
        assert!(column_importance("planted", &Accuracy, &model, &few, &plan).is_err());
    }

    #[test]
    fn every_column_and_repeat_is_shuffled_otherwise() {
        let (first, second) = (shuffles(50, 0, 2, 8), shuffles(50, 1, 2, 8));
        assert_eq!(first, shuffles(50, 0, 2, 8));
        assert!(first[0] != first[1] && first[0] != second[0]);
        let mut sorted = first[0].clone();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..50));
    }
}
