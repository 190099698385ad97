//! Words after numbers that change how much they are: magnitudes, and units of one quantity that
//! people mix in a column (`60 kg`, `2 lbs`).

/// The factor of a magnitude, `k` or `Mio.`. A lower `m` alone is metres or minutes as well, so it
/// is left to [`factor_between`].
pub(super) fn magnitude(word: &str) -> Option<f64> {
    Some(match word.trim_end_matches('.') {
        "k" | "K" | "tsd" | "Tsd" | "thousand" => 1e3,
        "M" | "mn" | "mln" | "mio" | "Mio" | "million" | "Million" | "mil" => 1e6,
        "B" | "bn" | "Bn" | "mrd" | "Mrd" | "billion" | "Billion" => 1e9,
        "T" | "trillion" => 1e12,
        _ => return None,
    })
}

/// Quantities whose units are multiples of each other. Factors are to the first unit of each.
const FAMILIES: [&[(&str, f64)]; 5] = [
    // Mass; the international pound is 0.45359237 kg exactly.
    &[
        ("kg", 1.0),
        ("kilo", 1.0),
        ("kilogram", 1.0),
        ("g", 1e-3),
        ("gram", 1e-3),
        ("mg", 1e-6),
        ("t", 1e3),
        ("lb", 0.453_592_37),
        ("pound", 0.453_592_37),
        ("oz", 0.028_349_523_125),
        ("ounce", 0.028_349_523_125),
    ],
    // Length; the international inch is 25.4 mm exactly.
    &[
        ("m", 1.0),
        ("meter", 1.0),
        ("metre", 1.0),
        ("km", 1e3),
        ("cm", 1e-2),
        ("mm", 1e-3),
        ("in", 0.0254),
        ("inch", 0.0254),
        ("inche", 0.0254),
        ("ft", 0.3048),
        ("feet", 0.3048),
        ("foot", 0.3048),
        ("yd", 0.9144),
        ("mi", 1_609.344),
        ("mile", 1_609.344),
    ],
    // Time; months and years have no fixed length and stay apart.
    &[
        ("s", 1.0),
        ("sec", 1.0),
        ("second", 1.0),
        ("ms", 1e-3),
        ("min", 60.0),
        ("minute", 60.0),
        ("h", 3_600.0),
        ("hr", 3_600.0),
        ("hour", 3_600.0),
        ("day", 86_400.0),
        ("week", 604_800.0),
    ],
    &[("month", 1.0), ("mo", 1.0), ("year", 12.0), ("yr", 12.0)],
    // Computer memory, decimal prefixes.
    &[
        ("byte", 1.0),
        ("kb", 1e3),
        ("mb", 1e6),
        ("gb", 1e9),
        ("tb", 1e12),
    ],
];

/// One spelling of a unit: lower case, without a full stop or a plural's `s`.
pub(super) fn base(unit: &str) -> String {
    let unit = unit.trim().trim_end_matches('.').to_lowercase();
    match unit.strip_suffix('s') {
        Some(singular) if singular.chars().count() > 1 && !singular.ends_with('m') => {
            singular.to_owned()
        }
        _ => unit,
    }
}

/// What a number in `unit` is multiplied by to be in `standard`; `None` when these measure
/// different things. The same unit in another spelling has factor 1.
pub(super) fn factor_between(unit: &str, standard: &str) -> Option<f64> {
    let (unit, standard) = (base(unit), base(standard));
    if unit == standard {
        return Some(1.0);
    }
    FAMILIES.iter().find_map(|family| {
        let factor = |of: &str| family.iter().find(|(name, _)| *name == of).map(|(_, f)| *f);
        Some(factor(&unit)? / factor(&standard)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_one_quantity_are_brought_together() {
        for (unit, standard, factor) in [
            ("lbs", "kg", 0.453_592_37),
            ("kg", "Kg.", 1.0),
            ("hours", "min", 60.0),
            ("Season", "Seasons", 1.0),
            ("GB", "MB", 1e3),
            ("ft", "in", 12.0),
            ("years", "months", 12.0),
        ] {
            let found = factor_between(unit, standard).unwrap();
            assert!((found - factor).abs() < 1e-12 * factor, "{unit} {found}");
        }
        for (unit, standard) in [("kg", "m"), ("min", "Seasons"), ("", "kg")] {
            assert_eq!(factor_between(unit, standard), None);
        }
    }

    #[test]
    fn magnitudes() {
        assert_eq!(magnitude("k"), Some(1e3));
        assert_eq!(magnitude("Mio."), Some(1e6));
        assert_eq!(magnitude("m"), None);
        assert_eq!(magnitude(""), None);
    }
}
