//! Which sample of a batch a step worked on and which try it was, where the events tell which errors were tried again.

use std::collections::{HashMap, HashSet};

use super::types::Share;
use crate::model::run::Step;

/// Of each step of a phase its sample and its try.
///
/// `samples` is how many parameters the phase has; `retried` are the failed steps behind whose error event the step was
/// tried again, `None` in a file without events: there a failed step that follows at once is a try.
pub fn shares(
    steps: &[Step],
    samples: usize,
    retried: Option<&HashSet<i64>>,
) -> Vec<(Option<Share>, Option<Share>)> {
    let goes_on = |group: &[usize], n: usize, step: &Step, next: usize| {
        step.run_error == Some(true)
            && match retried {
                Some(retried) => retried.contains(&step.id),
                // Of a batch the next row is the next sample, unless there are more rows than samples.
                None => next == n + 1 && (samples < 2 || group.len() > samples),
            }
    };
    let mut groups: HashMap<Option<i64>, Vec<usize>> = HashMap::new();
    for (n, step) in steps.iter().enumerate() {
        groups.entry(step.step_index).or_default().push(n);
    }
    let mut all = vec![(None, None); steps.len()];
    for group in groups.values() {
        // Runs of the same step that were tries of each other.
        let mut chains: Vec<Vec<usize>> = vec![Vec::new()];
        for (place, n) in group.iter().enumerate() {
            if let Some(chain) = chains.last_mut() {
                chain.push(*n);
            }
            let next = group.get(place + 1);
            let tried_again =
                steps.get(*n).zip(next).is_some_and(|(step, next)| goes_on(group, *n, step, *next));
            if next.is_some() && !tried_again {
                chains.push(Vec::new());
            }
        }
        for (turn, chain) in chains.iter().enumerate() {
            let sample = (samples > 1).then(|| share(turn % samples, samples));
            for (n, place) in chain.iter().enumerate() {
                if let Some(slot) = all.get_mut(*place) {
                    *slot = (sample, (chain.len() > 1).then(|| share(n, chain.len())));
                }
            }
        }
    }
    all
}

fn share(n: usize, of: usize) -> Share {
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Share { n: small(n + 1), of: small(of) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(said: &[(i64, bool)]) -> Vec<Step> {
        let step = |(id, (index, failed)): (i64, &(i64, bool))| Step {
            id,
            step_index: Some(*index),
            run_error: Some(*failed),
            ..Step::default()
        };
        (1..).zip(said).map(step).collect()
    }

    fn tries(steps: &[Step], samples: usize, retried: Option<&[i64]>) -> String {
        let retried = retried.map(|ids| ids.iter().copied().collect());
        let word = |(sample, attempt): (Option<Share>, Option<Share>)| {
            let said = |share: Option<Share>| share.map_or("-".to_owned(), |s| format!("{}/{}", s.n, s.of));
            format!("{} {}", said(sample), said(attempt))
        };
        shares(steps, samples, retried.as_ref()).into_iter().map(word).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_failure_in_a_loop_that_was_resumed_is_no_try() {
        let steps = steps(&[(1, true), (1, false), (1, false)]);
        assert_eq!(tries(&steps, 0, Some(&[])), "- -, - -, - -");
        assert_eq!(tries(&steps, 1, Some(&[1])), "- 1/2, - 2/2, - -");
        assert_eq!(tries(&steps, 0, None), "- 1/2, - 2/2, - -");
    }

    #[test]
    fn the_tries_of_a_sample_count_once() {
        let steps =
            steps(&[(1, false), (1, true), (1, false), (1, false), (2, false), (2, false), (2, false)]);
        assert_eq!(tries(&steps, 3, Some(&[2])), "1/3 -, 2/3 1/2, 2/3 2/2, 3/3 -, 1/3 -, 2/3 -, 3/3 -");
        // Resumed: the next one is the next sample.
        assert_eq!(tries(&steps, 4, Some(&[])), "1/4 -, 2/4 -, 3/4 -, 4/4 -, 1/4 -, 2/4 -, 3/4 -");
    }

    #[test]
    fn without_events_the_next_row_is_the_try() {
        let steps = steps(&[(1, true), (2, false), (1, true), (1, true)]);
        assert_eq!(tries(&steps, 0, None), "- -, - -, - 1/2, - 2/2");
    }
}
