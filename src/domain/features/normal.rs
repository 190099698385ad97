//! The normal distribution's quantile function.

/// Quantile of the standard normal distribution, for a share between 0 and 1, both excluded.
///
/// Source: Acklam 2003, "An algorithm for computing the inverse normal cumulative distribution
/// function"; relative error below 1.15e-9.
pub(super) fn quantile(share: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    /// Shares nearer to 0 or 1 are in a tail.
    const TAIL: f64 = 0.024_25;

    let polynomial = |coefficients: &[f64], x: f64| {
        coefficients
            .iter()
            .fold(0.0, |sum, coefficient| sum * x + coefficient)
    };
    if share < TAIL {
        let x = (-2.0 * share.ln()).sqrt();
        polynomial(&C, x) / polynomial(&D, x)
    } else if share > 1.0 - TAIL {
        -quantile(1.0 - share)
    } else {
        let x = share - 0.5;
        let square = x * x;
        x * polynomial(&A, square) / polynomial(&B, square)
    }
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn equals_the_table() {
        for (share, expected) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.025, -1.959_963_984_540_054),
            (0.9, 1.281_551_565_544_6),
            (0.001, -3.090_232_306_167_813_6),
            (0.999, 3.090_232_306_167_813_6),
        ] {
            assert!((quantile(share) - expected).abs() < 1e-8, "{share}");
        }
    }
}
