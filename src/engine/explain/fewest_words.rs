//! The fewest words without which a text would get another answer.

use super::Subject;
use super::text::WordSubject;
use crate::domain::explanation::Output;
use crate::engine::error::EngineError;

/// Sets that are followed further at a time. Wider finds no smaller ones on the samples, and costs
/// as many more predictions.
const BEAM: usize = 4;

/// Words that a set is extended by: those whose loss moves the answer most.
const CANDIDATES: usize = 12;

/// Words that are removed at the most: what needs more is no small change.
const MOST_WORDS: usize = 12;

/// Words without which the answer is another one.
#[derive(Debug, Clone, PartialEq)]
pub struct FewestWords {
    /// The words, by their place, ascending. Without any one fewer the answer stays.
    pub removed: Vec<usize>,
    /// The answer without them.
    pub answer: Vec<f32>,
}

/// The fewest words found whose removal flips the answer; `None` where none of up to 12 does.
///
/// One word is tried by trying all; sets grow from there by the words that move the answer most, and
/// words that turn out not to be needed come back.
///
/// # Errors
/// When the device fails, when it was stopped, or when there is no word.
pub async fn fewest_words(subject: &WordSubject<'_>) -> Result<Option<FewestWords>, EngineError> {
    let parts = super::check_parts(subject)?;
    let output = Output::Label(subject.label());
    let without =
        |gone: &[usize]| -> Vec<bool> { (0..parts).map(|part| !gone.contains(&part)).collect() };
    let is_flipped = |answer: &[f32]| output.is_flipped(answer, &subject.answer, 0.0);
    let mut beam: Vec<Vec<usize>> = vec![Vec::new()];
    let mut candidates: Vec<usize> = (0..parts).collect();
    for size in 1..=MOST_WORDS.min(parts) {
        let mut sets: Vec<Vec<usize>> = beam
            .iter()
            .flat_map(|set| {
                let fresh = candidates.iter().filter(|word| !set.contains(word));
                fresh.map(|&word| {
                    let mut larger = set.clone();
                    larger.push(word);
                    larger.sort_unstable();
                    larger
                })
            })
            .collect();
        sets.sort_unstable();
        sets.dedup();
        let masks: Vec<Vec<bool>> = sets.iter().map(|set| without(set)).collect();
        let answers = subject.answers(&masks).await?;
        // What speaks least for the answer comes first.
        let mut ranked: Vec<(f64, Vec<usize>, Vec<f32>)> = sets
            .into_iter()
            .zip(answers)
            .map(|(set, answer)| (output.of(&answer), set, answer))
            .collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, removed, answer)) = ranked.iter().find(|one| is_flipped(&one.2)) {
            return needed(subject, removed.clone(), answer.clone())
                .await
                .map(Some);
        }
        if size == 1 {
            candidates = ranked.iter().take(CANDIDATES).map(|one| one.1[0]).collect();
        }
        beam = ranked.into_iter().take(BEAM).map(|one| one.1).collect();
    }
    Ok(None)
}

/// Puts back words that the flip does not need.
async fn needed(
    subject: &WordSubject<'_>,
    mut removed: Vec<usize>,
    mut answer: Vec<f32>,
) -> Result<FewestWords, EngineError> {
    let output = Output::Label(subject.label());
    'smaller: while removed.len() > 1 {
        let sets: Vec<Vec<usize>> = (0..removed.len())
            .map(|back| {
                let kept = removed.iter().enumerate().filter(|(at, _)| *at != back);
                kept.map(|(_, &word)| word).collect()
            })
            .collect();
        let mask = |set: &Vec<usize>| {
            (0..subject.parts())
                .map(|part| !set.contains(&part))
                .collect()
        };
        let masks: Vec<Vec<bool>> = sets.iter().map(mask).collect();
        let answers = subject.answers(&masks).await?;
        for (set, other) in sets.into_iter().zip(answers) {
            if output.is_flipped(&other, &subject.answer, 0.0) {
                (removed, answer) = (set, other);
                continue 'smaller;
            }
        }
        break;
    }
    Ok(FewestWords { removed, answer })
}
