//! Which of two kinds of networks predict: those of the one, those of the other, or all.
//!
//! Texts that tell little still cost: hundreds of numbers more, in which a network finds what is not
//! there. So networks that never see them stand beside those that do. And what was learned from another
//! table may mislead: so networks that begin from nothing stand beside those that go on. The rows that
//! each stopped by, which it did not learn from, say who is asked.
//!
//! Source: Caruana et al. 2004, "Ensemble Selection from Libraries of Models", section 2, with two kinds
//! to select from.

use super::fit::{by_row, is_surely_less};
use super::net::TableNet;
use super::objective::Objective;

/// Networks of one kind, each stopped by other rows.
#[derive(Default)]
pub(super) struct Kind {
    nets: Vec<TableNet>,
    held: Vec<f32>,
    losses: Vec<f64>,
}

impl Kind {
    /// Adds a network that is done, with what it says of the rows that it stopped by, and its loss there.
    pub fn add(&mut self, net: TableNet, held: Vec<f32>, loss: f64) {
        self.nets.push(net);
        self.held.extend(held);
        self.losses.push(loss);
    }

    /// How many networks there are.
    pub fn len(&self) -> usize {
        self.nets.len()
    }
}

/// The networks that predict together.
pub(super) struct Voters {
    /// All of one shape. Where both kinds are asked they take turns, so that those that stopped by the
    /// same rows stand together.
    pub nets: Vec<TableNet>,
    /// What they say of the rows that they stopped by, row-major.
    pub held: Vec<f32>,
    /// Of each network the loss where it was best, of the first kind if that is asked.
    pub losses: Vec<f64>,
    /// How many of them are of the second kind.
    pub of_second: usize,
}

/// Chooses by the loss on the rows that networks stopped by, whose places in `objective` are `held`. Where
/// these are few (`is_wary`), both kinds are asked unless one alone is better by more than one standard error.
/// The second kind is left out where it is not complete.
pub(super) fn vote(
    [first, second]: [Kind; 2],
    objective: &dyn Objective,
    held: &[usize],
    is_wary: bool,
) -> Voters {
    let of_first = |first: Kind| Voters {
        nets: first.nets,
        held: first.held,
        losses: first.losses,
        of_second: 0,
    };
    if second.len() < first.len() {
        return of_first(first);
    }
    let pairs = first.held.iter().zip(&second.held);
    let mean: Vec<f32> = pairs.map(|(one, other)| (one + other) / 2.0).collect();
    let told = [&first.held, &mean, &second.held];
    let [alone, together, without] = told.map(|found| objective.judge(found, held)[0]);
    let [is_first_better, is_second_better] = match is_wary {
        true => {
            let [first, all, second] = told.map(|found| by_row(objective, found, held));
            [first, second].map(|own| is_surely_less(&own, &all))
        }
        false => [alone <= together, without < together],
    };
    let of_second = second.len();
    if alone <= without && is_first_better {
        of_first(first)
    } else if without >= alone || !is_second_better {
        let pairs = first.nets.into_iter().zip(second.nets);
        Voters {
            nets: pairs.flat_map(|(one, other)| [one, other]).collect(),
            held: mean,
            losses: first.losses,
            of_second,
        }
    } else {
        Voters {
            nets: second.nets,
            held: second.held,
            losses: second.losses,
            of_second,
        }
    }
}

/// The networks with those of the second kind, which read no texts, in the shape of the others: they
/// take in so many numbers of a text more, and hear none of them.
pub(super) fn deafened(nets: Vec<TableNet>, of_second: usize, text_inputs: usize) -> Vec<TableNet> {
    let takes_turns = of_second < nets.len();
    let with_place = nets.into_iter().enumerate();
    with_place
        .map(|(at, net)| match takes_turns {
            _ if of_second == 0 => net,
            true if at % 2 == 0 => net,
            _ => net.deaf_to(text_inputs),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::super::fit::predict;
    use super::super::input::TableInput;
    use super::super::model::Heedless;
    use super::super::objective::Number;
    use super::*;
    use crate::domain::features::network::{Combiner, NetworkOptions};
    use crate::domain::features::{FeatureOptions, FeaturePlan, FeatureSource};
    use crate::domain::table::{Column, RowId, Table};
    use crate::engine::device::cpu;
    use crate::engine::train::rng_for;

    /// Four rows of which one network holds the first two and the other the rest.
    #[test]
    fn held_rows_say_who_is_asked() {
        let sizes = Column::of("size", ["1", "2", "4", "8"]);
        let table = Table::new("t.csv", vec![sizes]);
        let all: Vec<RowId> = (0..4).map(RowId).collect();
        let size = FeatureSource {
            column: "size".to_owned(),
            kind: None,
        };
        let plan = FeaturePlan::fit(&table, &[size], &all, &FeatureOptions::default());
        let encoded = plan.encode(&table, &all);
        let device = cpu();
        let objective = Number {
            truth: vec![1.0, 2.0, 3.0, 4.0],
        };
        let says = |net: &TableNet, input: &TableInput| {
            let rows = [0, 1, 2, 3];
            block_on(predict(net, &objective, input, &rows, &mut Heedless)).unwrap()
        };
        let narrow = TableInput::new(&encoded, &plan, &device);
        let texts: Vec<f32> = (0..4 * 3).map(|at| at as f32 - 5.0).collect();
        let wide = narrow.clone().with_flags(texts, 3);
        for combiner in [Combiner::TabM, Combiner::Mlp, Combiner::Linear] {
            let options = NetworkOptions::suggest(combiner, 60);
            let kind = |text: usize, held: [f32; 4]| {
                let mut kind = Kind::default();
                for (at, held) in held.chunks(2).enumerate() {
                    let mut rng = rng_for(at as u32, text as u64);
                    let net = TableNet::draw(&plan, [text, 0], 1, &options, &mut rng, &device);
                    kind.add(net, held.to_vec(), text as f64);
                }
                kind
            };
            let right = [1.0, 2.0, 3.0, 4.0];
            let [high, low] = [0.5, -0.5].map(|off| right.map(|x| x + off));
            let far = right.map(|x| x + 9.0);
            let of_columns = kind(0, right).nets;
            for (held, expected) in [
                ([right, far], (2, 0)),
                ([high, low], (4, 2)),
                ([far, right], (2, 2)),
            ] {
                let kinds = [kind(3, held[0]), kind(0, held[1])];
                let mut voters = vote(kinds, &objective, &[0, 1, 2, 3], false);
                assert_eq!((voters.nets.len(), voters.of_second), expected);
                voters.nets = deafened(voters.nets, voters.of_second, 3);
                assert_eq!(voters.held, right, "what is told of the held rows");
                let deaf = voters.nets.iter().skip(usize::from(expected.0 == 4));
                let deaf = deaf.step_by(expected.0 / 2).take(expected.1);
                for (net, own) in deaf.zip(&of_columns) {
                    for (one, other) in says(net, &wide).into_iter().zip(says(own, &narrow)) {
                        assert!((one - other).abs() < 1e-5, "{combiner:?}: {one}, {other}");
                    }
                }
            }
            // Where rows are few, one alone has to be better by more than chance.
            let asked = |held: [[f32; 4]; 2]| {
                let kinds = [kind(0, held[0]), kind(0, held[1])];
                let voters = vote(kinds, &objective, &[0, 1, 2, 3], true);
                (voters.nets.len(), voters.of_second)
            };
            let [one, other] = [[1.2, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.6]];
            assert_eq!(asked([one, other]), (4, 2));
            assert_eq!(asked([other, one]), (4, 2));
            assert_eq!(asked([right, far]), (2, 0));
            assert_eq!(asked([far, right]), (2, 2));
            // Who was stopped on the way is not asked.
            let mut cut = kind(0, right);
            cut.nets.truncate(1);
            let voters = vote([kind(3, far), cut], &objective, &[0, 1, 2, 3], false);
            assert_eq!((voters.nets.len(), voters.of_second), (2, 0));
        }
    }
}
