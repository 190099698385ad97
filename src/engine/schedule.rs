//! How learning rates rise and fall.

use crate::domain::recipe::Schedule;

/// Share of the highest learning rate in a step, 0 to 1.
///
/// Rises linearly over the first `warmup` share of all steps, then falls as the schedule says.
/// `step` counts from 0.
pub fn rate_share(schedule: Schedule, warmup: f64, step: u32, steps: u32) -> f64 {
    let rising = (warmup * f64::from(steps)).round();
    let step = f64::from(step);
    if step < rising {
        return (step + 1.0) / rising;
    }
    let falling = (f64::from(steps) - rising).max(1.0);
    let done = ((step - rising) / falling).clamp(0.0, 1.0);
    match schedule {
        Schedule::Constant => 1.0,
        Schedule::Linear => 1.0 - done,
        Schedule::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * done).cos()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schedule: Schedule, warmup: f64, expected: [f64; 5]) {
        let shares: Vec<f64> = [0, 1, 2, 6, 9]
            .into_iter()
            .map(|step| rate_share(schedule, warmup, step, 10))
            .collect();
        for (share, expected) in shares.iter().zip(expected) {
            assert!((share - expected).abs() < 1e-9, "{schedule:?}: {shares:?}");
        }
    }

    #[test]
    fn rises_then_falls() {
        check(Schedule::Linear, 0.2, [0.5, 1.0, 1.0, 0.5, 0.125]);
        check(Schedule::Linear, 0.0, [1.0, 0.9, 0.8, 0.4, 0.1]);
        check(Schedule::Constant, 0.2, [0.5, 1.0, 1.0, 1.0, 1.0]);
        let late = 0.5 * (1.0 + (std::f64::consts::PI * 7.0 / 8.0).cos());
        check(Schedule::Cosine, 0.2, [0.5, 1.0, 1.0, 0.5, late]);
    }
}
