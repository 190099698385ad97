//! One colour for a label wherever it is shown.

/// Colours that most people can tell apart (Okabe and Ito's), by the classes `hue-0` to `hue-7`.
const COLOURS: usize = 8;

/// A class for each label, the same everywhere for the same set of labels: by the place among their
/// sorted names. With more labels than colours there is none, and the words have to do.
pub fn palette(labels: &[String]) -> Vec<String> {
    if labels.len() > COLOURS {
        return vec!["hue-none".to_owned(); labels.len()];
    }
    labels
        .iter()
        .map(|label| {
            format!(
                "hue-{}",
                labels.iter().filter(|other| *other < label).count()
            )
        })
        .collect()
}
