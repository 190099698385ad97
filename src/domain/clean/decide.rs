//! Decisions about single rows gather in one step each, however many rows they are about.

use super::{Pin, StepPlan};

/// What a person decided about one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It has this label, be it the one that it had.
    Relabel(String),
    /// It is left out.
    Drop,
}

/// What was decided about a row so far.
pub fn decision(steps: &[StepPlan], target: &str, pin: &Pin) -> Option<Decision> {
    for step in steps {
        match step {
            StepPlan::Relabel { column, rows } if column == target => {
                if let Some((_, label)) = rows.iter().find(|(known, _)| known == pin) {
                    return Some(Decision::Relabel(label.clone()));
                }
            }
            StepPlan::DropRows { rows } if rows.contains(pin) => return Some(Decision::Drop),
            _ => {}
        }
    }
    None
}

/// Adds a step to others. Steps about single rows join the one of their kind, and the last word
/// about a row counts; any other step comes last.
pub fn add_step(steps: &mut Vec<StepPlan>, step: StepPlan) {
    match step {
        StepPlan::Relabel { column, rows } => {
            let pins: Vec<Pin> = rows.iter().map(|(pin, _)| pin.clone()).collect();
            forget(steps, &column, &pins);
            let known = steps.iter_mut().find_map(|step| match step {
                StepPlan::Relabel { column: of, rows } if *of == column => Some(rows),
                _ => None,
            });
            match known {
                Some(known) => known.extend(rows),
                None => steps.push(StepPlan::Relabel { column, rows }),
            }
        }
        StepPlan::DropRows { rows } => {
            forget(steps, "", &rows);
            let known = steps.iter_mut().find_map(|step| match step {
                StepPlan::DropRows { rows } => Some(rows),
                _ => None,
            });
            match known {
                Some(known) => known.extend(rows),
                None => steps.push(StepPlan::DropRows { rows }),
            }
        }
        other => steps.push(other),
    }
    steps.retain(|step| match step {
        StepPlan::Relabel { rows, .. } => !rows.is_empty(),
        StepPlan::DropRows { rows } => !rows.is_empty(),
        _ => true,
    });
}

/// Leaves rows out of what was decided: labels of one column, or of any where none is named.
fn forget(steps: &mut [StepPlan], target: &str, pins: &[Pin]) {
    for step in steps {
        match step {
            StepPlan::Relabel { column, rows } if target.is_empty() || column == target => {
                rows.retain(|(pin, _)| !pins.contains(pin));
            }
            StepPlan::DropRows { rows } => rows.retain(|pin| !pins.contains(pin)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::table::RowId;

    fn pin(row: u32) -> Pin {
        Pin {
            row: RowId(row),
            print: format!("{row:016x}"),
        }
    }

    fn relabel(row: u32, label: &str) -> StepPlan {
        StepPlan::Relabel {
            column: "label".to_owned(),
            rows: vec![(pin(row), label.to_owned())],
        }
    }

    #[test]
    fn the_last_word_about_a_row_counts() {
        let mut steps = vec![StepPlan::DropMissingTarget];
        add_step(&mut steps, relabel(3, "a"));
        add_step(&mut steps, relabel(5, "b"));
        add_step(&mut steps, StepPlan::DropRows { rows: vec![pin(3)] });
        add_step(&mut steps, relabel(5, "c"));
        let of = |steps: &[StepPlan], row| decision(steps, "label", &pin(row));
        assert_eq!(steps.len(), 3);
        assert_eq!(of(&steps, 3), Some(Decision::Drop));
        assert_eq!(of(&steps, 5), Some(Decision::Relabel("c".to_owned())));
        assert_eq!(of(&steps, 4), None);
        let expected = [
            StepPlan::DropMissingTarget,
            relabel(5, "c"),
            StepPlan::DropRows { rows: vec![pin(3)] },
        ];
        assert_eq!(steps, expected);
        add_step(&mut steps, relabel(3, "a"));
        assert_eq!(steps.len(), 2, "a step about no row is none");
    }
}
